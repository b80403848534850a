"""Who is asking, and whether this address is theirs: deny unless declared.

Every endpoint of the application stands in one of three places: `PUBLIC`, `SIGNED_IN`, or the generated
screens, whose methods need the permissions in `SCREEN`. An endpoint that stands nowhere answers 404
to everyone, and a test fails for it.
"""

from flask import abort, current_app, g, redirect, request, url_for
from flask_login import current_user

from core.clock import local_day, now
from models import writing

PUBLIC = {"static", "healthz", "session.login", "session.language", "favicon"}
SIGNED_IN = {"admin.index", "session.logout", "session.password", "root"}
SCREEN = {
    "index_view": "read",
    "details_view": "read",
    "create_view": "create",
    "edit_view": "edit",
    "delete_view": "delete",
    "export": "export",
    "ajax_lookup": "read",
    "action_view": "read",
    "transition_view": "read",
    "bulk_view": "read",
    "file_view": "read",
    "reveal_view": "reveal",
    "finance_csv": "finance_csv",
    "check_view": "read",
    "tick_view": "edit",
    "print_view": "read",
    "pdf_view": "read",
    "copy_view": "create",
    "toml_view": "export",
    "progress_view": "read",
    "trial_csv": "export",
    "again_view": "create",
    "csv_view": "export",
}

CLOSED = {"ajax_update"}
"""Methods of generated screens that this panel does not offer to anybody."""


def actor():
    """The signed-in user as the processes see them, once per request."""
    who = getattr(g, "actor", None)
    if who is None:
        moment = now()
        who = g.actor = current_user.actor(moment, local_day(moment), request.remote_addr or "")
    return who


def sees_money() -> bool:
    """Whether the user may know what receptions cost; the front desk may not (domain.md §1)."""
    return can("hospitalityrequest:read")


def can(permission: str) -> bool:
    """Whether the signed-in user holds `permission`; outside a request (start-up) every screen is complete."""
    if not request:
        return True
    who = getattr(g, "actor", None)
    if who is None:
        if not current_user.is_authenticated:
            return False
        who = actor()
    return permission in who.permissions


def needed(endpoint: str) -> str | None:
    """The permission a generated screen's endpoint needs; None for an endpoint nobody declared."""
    screen, _, method = endpoint.partition(".")
    if screen not in current_app.extensions["screens"] or method not in SCREEN:
        return None
    return f"{screen}:{SCREEN[method]}"


def guard():
    """Before every request: begin the right kind of transaction, and let nobody past who may not."""
    unsafe = request.method not in ("GET", "HEAD", "OPTIONS")
    # The sign-in checks a password slowly; it must not hold the only writer's lock meanwhile.
    endpoint = request.endpoint
    writing.set(unsafe and endpoint != "session.login" and not (endpoint or "").endswith(".check_view"))
    if endpoint is None or endpoint in PUBLIC:
        return None
    if not current_user.is_authenticated:
        if request.method != "GET":
            abort(403)
        return redirect(url_for("session.login", next=request.full_path.rstrip("?")))
    if current_user.must_change and endpoint not in ("session.password", "session.logout"):
        return redirect(url_for("session.password"))
    if endpoint in SIGNED_IN:
        return None
    permission = needed(endpoint)
    if permission is None or not actor().can(permission):
        abort(404)
    return None


def local_path(url: str | None) -> str | None:
    """`url` where it is a path of this site, else None: no redirect leaves the house."""
    if url and url.startswith("/") and not url.startswith("//") and "\\" not in url and url.isprintable():
        return url
    return None
