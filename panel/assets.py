"""Static files under addresses that hold a hash of their content, so that browsers keep them and never ask again.

The addresses are the same in every process, and change exactly when the file does.
"""

import hashlib
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.security import safe_join

FOREVER = "public, max-age=31536000, immutable"
STATIC = ("static", "admin.static")
"""The endpoints of the panel's own files and of Flask-Admin's."""

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


def folder(app: Flask, endpoint: str) -> str | None:
    """Where the files of a static endpoint lie."""
    owner = app if endpoint == "static" else app.blueprints.get(endpoint.rpartition(".")[0])
    return owner.static_folder if owner is not None else None


def register(app: Flask) -> None:
    """Give `url_for` the tags of files, and answers with files their caching."""

    def wanted(endpoint: str | None, filename: str | None) -> str:
        place = folder(app, endpoint) if endpoint in STATIC and filename else None
        path = safe_join(place, filename) if place else None
        return tag(Path(path)) if path else ""

    @app.url_defaults
    def address(endpoint: str, values: dict) -> None:
        if endpoint in STATIC:
            values["v"] = wanted(endpoint, values.get("filename")) or None

    @app.after_request
    def keep(response: Response) -> Response:
        if request.endpoint in STATIC:
            current = wanted(request.endpoint, (request.view_args or {}).get("filename"))
            response.headers["Cache-Control"] = FOREVER if current and request.args.get("v") == current else "no-cache"
        return response
