"""The commands of an installation: `flask --app app init|demo|export …`, and what a start does by itself."""

import csv  # noqa: F401
import re
import sys
from datetime import date
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

import config
from installation import BadSeed, load_basics
from models import Department, Event, Expense, Role, Setting, User, UserRole, db, writing


def migrate():
    """Bring the database to the newest schema; an up-to-date one costs a look-up."""
    import logging
    logging.getLogger("alembic").setLevel(logging.WARNING)
    upgrade(directory=str(config.ROOT / "migrations"))


def set_up() -> list[tuple[str, str]] | None:
    """What every start does: migrate, and fill an empty database with regulations and demo data.

    Gives the demo logins, or None in a real installation.
    """
    migrate()
    if not db.session.scalar(sa.select(sa.func.count()).select_from(User)):
        from demo.company import make
        print("First start: loading the regulations and a demo company …", flush=True)
        make()
    demo = db.session.scalar(sa.select(Setting.value).where(Setting.key == "demo")) == "true"
    users = db.session.scalars(sa.select(User).where(User.active).order_by(User.id).limit(10)).all()
    logins = [(u.username, "、".join(r.role.label for r in u.roles)) for u in users]
    db.session.rollback()
    db.session.remove()
    return logins if demo else None


@click.command()
@click.option("--username", prompt="User name of the first administrator")
@click.option("--name", prompt="Name")
@click.option("--department", prompt="Department", default="行政人事部")
@click.password_option()
@with_appcontext
def init(username, name, department, password):
    """Start a real installation: the first administrator, grants and regulations, no demo data."""
    from panel.session import SHORTEST, hash_password
    migrate()
    if db.session.scalar(sa.select(sa.func.count()).select_from(User)):
        raise click.ClickException("The database already has users; nothing was changed.")
    if not re.fullmatch(r"[a-z0-9_.\-]{2,40}", username):
        raise click.ClickException("A user name has small letters, digits, dot, dash and underscore.")
    if len(password) < SHORTEST:
        raise click.ClickException(f"The password needs at least {SHORTEST} characters.")
    try:
        load_basics()
    except BadSeed as error:
        raise click.ClickException(str(error)) from None
    home = Department(code="ADMIN", name=department)
    user = User(username=username, name=name, department=home, password_hash=hash_password(password), roles=[UserRole(role=Role.SYSADMIN)],
                locale=current_app.config["BABEL_DEFAULT_LOCALE"])
    db.session.add_all([home, user, Event(action="init", subject="user", note=username)])
    db.session.commit()
    click.echo(f"Done. Start the panel and sign in as {username}; create departments and users there.")


@click.command()
@click.option("--visits", type=click.IntRange(0, 5_000_000), default=0, help="Add this many visits in bulk, and twice as many expenses, to measure with.")
@with_appcontext
def demo(visits):
    """Load the demo company into an empty database; with --visits, scale it for measurement."""
    migrate()
    has_users = db.session.scalar(sa.select(sa.func.count()).select_from(User))
    if has_users and db.session.scalar(sa.select(Setting.value).where(Setting.key == "demo")) != "true":
        raise click.ClickException("This is a real installation; demo data would mix with it. Nothing was changed.")
    if not has_users:
        from demo.company import make
        make()
    if visits:
        from demo.bulk import scale
        scale(visits, click.echo)


@click.group()
def export():
    """Files for other programs."""


@export.command("expenses")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), required=True, help="First day.")
@click.option("--to", "until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Last day.")
@click.option("--status", multiple=True, help="Only these states (repeatable): settled, verified, …")
@click.option("--encoding", type=click.Choice(["utf-8", "gbk"]), default="utf-8")
@click.option("--out", type=click.Path(dir_okay=False, writable=True, allow_dash=True), required=True, help="File to write; - for standard output.")
@with_appcontext
def export_expenses(since, until, status, encoding, out):
    """Finance's expense CSV of a period, for the monthly job."""
    from panel.exports import stream_csv
    from panel.finance import HEADER, expense_rows
    first, last = since.date(), until.date()
    if last < first:
        raise click.ClickException("--to lies before --from.")
    conditions = [Expense.incurred_on >= first, Expense.incurred_on <= last]
    if status:
        try:
            conditions.append(Expense.status.in_([Expense.status.type.choices(s) for s in status]))
        except ValueError as error:
            raise click.ClickException(str(error)) from None
    writing.set(False)
    pieces = stream_csv(HEADER, expense_rows(conditions), "gbk" if encoding == "gbk" else "utf-8-sig", safe=True)
    if out == "-":
        for piece in pieces:
            sys.stdout.buffer.write(piece)
    else:
        part = Path(out + ".part")
        with part.open("wb") as file:
            for piece in pieces:
                file.write(piece)
        # Nobody picks up half a file: it bears its name only when it is whole.
        part.replace(out)
    writing.set(True)
    db.session.rollback()
    db.session.add(Event(action="export", subject="expense", note=f"command {first} – {last} {' '.join(status)}".strip()))
    db.session.commit()


def register(app):
    app.cli.add_command(init)
    app.cli.add_command(demo)
    app.cli.add_command(export)


__all__ = ["date", "register", "set_up"]
