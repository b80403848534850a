"""Signing in and out, the own password, the language."""

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from core.clock import today
from core.passwords import SHORTEST, check, hash_password, outdated
from engine.audit import audit
from models import SessionUser, Setting, User, db, of_session, writing
from panel.access import actor, local_path
from panel.forms import tidy
from panel.i18n import LOCALES

bp = Blueprint("session", __name__)
login_manager = LoginManager()
limiter = Limiter(get_remote_address, default_limits=[])


def verify(user: User | None, password: str) -> bool:
    """Whether `password` opens the account; equally slow for one that does not exist or is deactivated."""
    return check(user.password_hash if user is not None else None, password) and user.active


@login_manager.user_loader
def load_user(token: str) -> SessionUser | None:
    """The user of a session; a deactivated one, or one whose password changed, is out at once."""
    return of_session(token, today())


class LoginForm(FlaskForm):
    username = StringField(_l("User name"), [InputRequired(), Length(max=40)], filters=[tidy])
    password = PasswordField(_l("Password"), [InputRequired(), Length(max=200)])
    next = HiddenField()


class PasswordForm(FlaskForm):
    current = PasswordField(_l("Present password"), [InputRequired(), Length(max=200)])
    new = PasswordField(
        _l("New password"), [InputRequired(), Length(min=SHORTEST, max=200)], description=_l("At least 10 characters.")
    )
    again = PasswordField(_l("New password again"), [InputRequired(), EqualTo("new", _l("The two do not match."))])


def _account() -> str:
    return "account:" + (request.form.get("username") or "").strip().lower()[:40]


def failed(response) -> bool:
    """Only attempts that failed count towards the limit."""
    return response.status_code != 302


@bp.route("/login", methods=["GET", "POST"])
@limiter.limit("10 per 5 minutes", key_func=_account, methods=["POST"], deduct_when=failed)
@limiter.limit("60 per 5 minutes", methods=["POST"], deduct_when=failed)
def login():
    if current_user.is_authenticated and request.method == "GET":
        return redirect(url_for("admin.index"))
    form, status = LoginForm(), 200
    if request.method == "GET":
        form.next.data = request.args.get("next", "")
    if form.validate_on_submit():
        user = db.session.scalar(sa.select(User).where(User.username == form.username.data))
        if verify(user, form.password.data):
            key = user.id
            db.session.rollback()
            writing.set(True)
            user = db.session.get(User, key)
            if outdated(user.password_hash):
                user.password_hash = hash_password(form.password.data)
            session.clear()
            session.permanent = True
            login_user(user)
            event = audit("sign_in", None, actor())
            event.subject, event.subject_id = "session", user.id
            db.session.commit()
            return redirect(local_path(form.next.data) or url_for("admin.index"))
        status = 401
        form.password.errors = [gettext("User name or password is wrong.")]
    elif request.method == "POST":
        status = 422
    return render_template("session/login.html", form=form, demo_logins=demo_logins()), status


def demo_logins():
    """The accounts of a demo database, with their roles; None in a real installation."""
    if db.session.scalar(sa.select(Setting.value).where(Setting.key == "demo")) != "true":
        return None
    users = db.session.scalars(sa.select(User).where(User.active).order_by(User.id).limit(10)).all()
    return [(user.username, user.role_labels) for user in users]


@bp.post("/logout")
def logout():
    event = audit("sign_out", None, actor())
    event.subject, event.subject_id = "session", actor().id
    db.session.commit()
    logout_user()
    session.clear()
    return redirect(url_for("session.login"))


@bp.route("/password", methods=["GET", "POST"])
@limiter.limit("20 per 5 minutes", methods=["POST"], deduct_when=failed)
def password():
    form, status = PasswordForm(), 200
    if form.validate_on_submit():
        user = db.session.get(User, current_user.id)
        if not verify(user, form.current.data):
            form.current.errors, status = [gettext("The present password is wrong.")], 422
        elif form.new.data == form.current.data:
            form.new.errors, status = [gettext("Choose one that differs from the present one.")], 422
        else:
            user.set_password(form.new.data)
            user.must_change = False
            audit("password", user, actor())
            db.session.commit()
            login_user(user)
            flash(gettext("Your password is changed; every other session of yours is signed out."), "success")
            return redirect(url_for("admin.index"))
    elif request.method == "POST":
        status = 422
    return render_template("session/password.html", form=form), status


@bp.post("/language")
def language():
    chosen = request.form.get("locale")
    if chosen not in LOCALES:
        abort(404)
    session["locale"] = chosen
    if current_user.is_authenticated:
        db.session.get(User, current_user.id).locale = chosen
        db.session.commit()
    back = local_path(request.form.get("next"))
    return redirect(back or url_for("root"))
