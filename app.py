"""Yingke 迎客: the application factory. `python app.py` sets the database up on first use and serves."""

import contextlib
import sys
from pathlib import Path

import sqlalchemy as sa
from flask import Flask, Response, redirect, render_template, request, send_from_directory, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_admin import Admin
from flask_admin.theme import Theme
from flask_babel import gettext
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

import admin_views
import commands
import config
from core import locks, privacy, serving
from core.catalogues import compile_catalogues
from core.text import N_
from models import db, prepare_engine
from panel import access, assets, compression, i18n
from panel.menu import menu
from panel.pages import session
from panel.pages.home import HomeView

CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class Sessions(SecureCookieSessionInterface):
    """The session cookie is Secure whenever the request came over HTTPS; files that caches share bring none."""

    def get_cookie_secure(self, app):
        return request.is_secure

    def save_session(self, app, session, response):
        # The cookie is renewed with each page: a file that varied with it would never be taken from a cache.
        if request.endpoint != assets.STATIC:
            super().save_session(app, session, response)


def create_app(settings: dict | None = None) -> Flask:
    """The application, configured from the environment and `settings` (which win)."""
    app = Flask(
        "yingke",
        root_path=str(config.ROOT),
        static_folder="panel/static",
        template_folder="panel/templates",
        instance_path=None,
    )
    app.config.update(config.read() | (settings or {}))
    app.session_interface = Sessions()
    privacy.configure(app.config["DATA_KEY"])
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    compile_catalogues(config.ROOT / "translations")
    i18n.init_app(app)
    CSRFProtect(app)
    session.login_manager.init_app(app)
    session.limiter.init_app(app)
    app.register_blueprint(session.bp)
    home = HomeView(name=N_("To-do"), url="/admin")
    home.static_folder = None  # Flask-Admin's own style sheets and scripts are not served
    admin = Admin(
        app,
        name="Yingke",
        index_view=home,
        # No folder of that name is in Flask-Admin: a page has the panel's own templates or none.
        theme=Theme(folder="none", base_template="admin/base.html"),
    )
    app.extensions["screens"] = admin_views.register(admin)
    commands.register(app)
    compression.register(app)
    assets.register(app)
    _requests(app)
    _words(app)
    _errors(app)
    _pages(app)
    return app


def _requests(app):
    @app.before_request
    def guard():
        return access.guard()

    @app.after_request
    def headers(response: Response):
        response.headers.setdefault("Content-Security-Policy", CSP)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("X-Frame-Options", "DENY")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != assets.STATIC or response.status_code >= 400:
            response.headers.setdefault("Cache-Control", "no-store")
        return response


def _words(app):
    @app.context_processor
    def words():
        company = i18n.company_name()
        return {
            "tr": i18n.tr,
            "show": i18n.show,
            "badge": i18n.badge,
            "language_tag": i18n.language_tag(),
            "locales": i18n.LOCALES,
            "company": company,
            "can": access.can,
            "menu": menu,
        }


def _errors(app):
    def page(code, title, hint):
        return render_template("error.html", code=code, title=title, hint=hint), code

    @app.errorhandler(CSRFError)
    def forged(error):
        return page(
            400, gettext("This form has expired"), gettext("Go back, load the page again and repeat what you did.")
        )

    @app.errorhandler(HTTPException)
    def known(error):
        if 300 <= (error.code or 500) < 400:
            return error
        titles = {
            403: (gettext("Not allowed"), gettext("Sign in first.")),
            404: (gettext("Not found"), gettext("It does not exist, or not for you.")),
            405: (gettext("Not possible this way"), gettext("Use the buttons of the page.")),
            413: (gettext("Too large"), gettext("A file may have at most 10 MB.")),
            429: (gettext("Too many attempts"), gettext("Wait five minutes and try again.")),
        }
        title, hint = titles.get(error.code, (error.name, ""))
        return page(error.code, title, hint)

    @app.errorhandler(Exception)
    def broken(error):
        db.session.rollback()
        app.logger.exception("%s %s", request.method, request.path)
        if app.testing and not app.config.get("SHOW_ERRORS"):
            raise error
        return page(
            500,
            gettext("Something went wrong"),
            gettext("Nothing was saved. Try again; if it stays, tell the administrator."),
        )


def _pages(app):
    @app.get("/")
    def root():
        return redirect(url_for("admin.index"))

    @app.get("/favicon.ico")
    def favicon():
        return send_from_directory(app.static_folder, "favicon.svg", mimetype="image/svg+xml")

    @app.get("/healthz")
    def healthz():
        """200 once the database answers and holds the tables."""
        try:
            db.session.execute(sa.text("SELECT 1 FROM alembic_version")).first()
        except sa.exc.SQLAlchemyError:
            db.session.rollback()
            return {"status": "no database"}, 503
        return {"status": "ok"}


def prepare():
    """Set the database up, on its first use, by one process at a time; the demo logins, where there are some."""
    app = create_app()
    with app.app_context(), locks.held(Path(app.config["INSTANCE_DIR"]) / "start.lock", lambda: None):
        return commands.set_up()


def complete_app() -> Flask:
    """The application, with what the processes that serve it would each make at their first page: they share it."""
    app = create_app()
    for template in app.jinja_env.list_templates():
        app.jinja_env.get_template(template)
    app.test_client().get("/login")
    with app.app_context():
        db.engine.dispose()  # A connection must not be shared.
    return app


def serve():
    """Set up on first use, once for all workers; say where it listens; serve until stopped."""
    settings = config.read()
    host, port = settings["HOST"], settings["PORT"]
    try:
        claimed = serving.claim(host, port)
    except serving.PortTaken as error:
        sys.exit(f"Something is served there already: {error.strerror}. Choose another PORT.")
    demo = serving.apart(prepare)
    print(f"\n  Yingke 迎客  http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}\n", flush=True)
    if demo:
        print("  Demo logins, password demo-yingke:", flush=True)
        for username, roles in demo:
            print(f"    {username:<12} {roles}", flush=True)
    print(flush=True)
    with claimed or contextlib.nullcontext():
        serving.run(complete_app, host, port, settings["WORKERS"], settings["THREADS"])


if __name__ == "__main__":
    serve()
