"""Static files under addresses that hold a hash of their content, so that browsers keep them and never ask again.

The addresses are the same in every process, and change exactly when the file does.
"""

import hashlib
from pathlib import Path
from urllib.parse import quote

from flask import Flask, Response, request
from werkzeug.security import safe_join

FOREVER = "public, max-age=31536000, immutable"
STATIC = "static"
"""The endpoint of the files; Flask-Admin's own are not served."""

_known: dict[str, tuple[int, str]] = {}
"""By path: when the file was changed (ns), and the tag of its content then."""


def tag(path: Path) -> str:
    """The tag of a file's content; "" where there is no such file."""
    try:
        changed = path.stat().st_mtime_ns
        known = _known.get(str(path))
        if known is None or known[0] != changed:
            known = _known[str(path)] = changed, hashlib.blake2b(path.read_bytes(), digest_size=6).hexdigest()
    except OSError:
        return ""
    return known[1]


def register(app: Flask) -> None:
    """Give `url_for` the tags of files, answers with files their caching, and pages their icon.

    The icon stands in the page itself: browsers ask for it again with each page, whatever its caching says.
    """
    icon = (Path(app.static_folder) / "favicon.svg").read_text()
    app.jinja_env.globals["icon"] = f"data:image/svg+xml,{quote(icon.strip())}"

    def wanted(filename: str | None) -> str:
        path = safe_join(app.static_folder, filename) if filename else None
        return tag(Path(path)) if path else ""

    @app.url_defaults
    def address(endpoint: str, values: dict) -> None:
        if endpoint == STATIC:
            values["v"] = wanted(values.get("filename")) or None

    @app.after_request
    def keep(response: Response) -> Response:
        if request.endpoint == STATIC and response.status_code < 400:  # An error's page says who is signed in.
            current = wanted((request.view_args or {}).get("filename"))
            response.headers["Cache-Control"] = FOREVER if current and request.args.get("v") == current else "no-cache"
        return response
