"""The commands of an installation: `flask --app app init|demo|export …`, and what a start does by itself."""

import logging
import re
import sys
from datetime import date
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

import config
from core.clock import local_day, now
from core.passwords import SHORTEST, hash_password
from installation import BadSeed, complete, load_basics
from models import Department, Event, Expense, Regulation, Role, Setting, User, UserRole, db, writing


def migrations(app) -> None:
    """Let `app` know its migrations. Only commands and the start do: Alembic and all that it imports would stay in the
    memory of the processes that serve."""
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True)


def migrate():
    """Bring the database to the newest schema; an up-to-date one costs a look-up."""
    from flask_migrate import upgrade

    migrations(current_app)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    upgrade()


def set_up() -> list[tuple[str, str]] | None:
    """What every start does: migrate, and fill an empty database with regulations and demo data.

    Gives the demo logins, or None in a real installation.
    """
    migrate()
    if db.session.scalar(sa.select(User.id).limit(1)):
        complete()
        db.session.commit()
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
    user = User(
        username=username,
        name=name,
        department=home,
        password_hash=hash_password(password),
        roles=[UserRole(role=Role.SYSADMIN)],
        locale=current_app.config["BABEL_DEFAULT_LOCALE"],
    )
    db.session.add_all([home, user, Event(action="init", subject="user", note=username)])
    db.session.commit()
    click.echo(f"Done. Start the panel and sign in as {username}; create departments and users there.")


@click.command()
@click.option(
    "--company",
    type=click.Choice(["factory", "bank", "sales"]),
    default=None,
    help="Which company: a factory (R01 R08 R09 R10; the default), a bank branch (R08 R12 R16) "
    "or a sales company (R02 R13 R14 R17).",
)
@click.option(
    "--visits",
    type=click.IntRange(0, 5_000_000),
    default=0,
    help="Add this many visits in bulk to the factory, and twice as many expenses, to measure with.",
)
@with_appcontext
def demo(company, visits):
    """Load a demo company into an empty database; with --visits, scale the factory for measurement."""
    from demo.company import loaded, make

    migrate()
    has_users = db.session.scalar(sa.select(sa.func.count()).select_from(User))
    there = loaded()
    if has_users and there is None:
        raise click.ClickException("This is a real installation; demo data would mix with it. Nothing was changed.")
    if there and company and company != there:
        raise click.ClickException(
            f"This database holds the demo company “{there}” already; load “{company}” into an empty one. "
            f"Nothing was changed."
        )
    company = company or there or "factory"
    if visits and company != "factory":
        raise click.ClickException("Only the factory is scaled. Nothing was changed.")
    if not has_users:
        make(company)
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
@click.option(
    "--out",
    type=click.Path(dir_okay=False, writable=True, allow_dash=True),
    required=True,
    help="File to write; - for standard output.",
)
@with_appcontext
def export_expenses(since, until, status, encoding, out):
    """Finance's expense CSV of a period, for the monthly job."""
    from panel.screens.money_csv import ENCODINGS, expense_csv

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
    pieces = expense_csv(conditions, ENCODINGS[encoding])
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
    db.session.add(
        Event(action="export", subject="expense", note=f"command {first} – {last} {' '.join(status)}".strip())
    )
    db.session.commit()


@click.group("regulations")
def regulation_files():
    """Regulations as TOML files, to hand from one installation to another."""


@regulation_files.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--code", multiple=True, help="Only these regulations (repeatable); without it the adopted ones.")
@click.option("--all", "everything", is_flag=True, help="The whole shelf, drafts and retired ones too.")
@with_appcontext
def export_regulations(folder, code, everything):
    """Write regulations to FOLDER, one TOML file each."""
    from rulebook import files

    writing.set(False)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = sa.select(Regulation).where(Regulation.to_version.is_(None)).order_by(Regulation.code)
    if code:
        wanted = wanted.where(Regulation.code.in_(code))
    elif not everything:
        wanted = wanted.where(Regulation.status == "adopted")
    rows = db.session.scalars(wanted).all()
    missing = set(code) - {r.code for r in rows}
    if missing or not rows:
        raise click.ClickException(
            f"There is no {', '.join(sorted(missing)) or 'adopted regulation'}; nothing was written."
        )
    for row in rows:
        path = folder / f"{row.code}.toml"
        path.write_text(files.write(files.export(row)), "utf-8")
        click.echo(path)
    db.session.rollback()


@regulation_files.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--as-copy",
    is_flag=True,
    help="Where the code is there already: take it in as a draft that replaces the other when it is adopted.",
)
@with_appcontext
def import_regulations(files, as_copy):
    """Take TOML FILES onto the shelf as drafts; the head of the admin office adopts them in the panel. All or none."""
    from rulebook.files import BadRegulation, find, read, store

    try:
        for path in files:
            data = read(path)
            there = find(data["code"])
            code = f"{data['code']}-{date.today():%m%d}" if there is not None and as_copy else None
            row = store(data, path.name, code=code, replaces=there if code else None)
            db.session.add(Event(action="create", subject="regulation", subject_id=row.id, note=f"command {path.name}"))
            click.echo(f"{row.code} {row.title}")
        db.session.commit()
    except BadRegulation as error:
        db.session.rollback()
        raise click.ClickException(f"{error}. Nothing was taken in.") from None


@click.command("compliance")
@with_appcontext
def judge_anew():
    """Judge every open request anew: for a daily job, since deadlines pass without anybody saving anything."""
    from engine.compliance import refresh_open

    moment = now()
    keeper = db.session.scalar(sa.select(User).order_by(User.id).limit(1))
    if keeper is None:
        raise click.ClickException("There is nobody yet: set the installation up first.")
    with current_app.test_request_context():
        click.echo(f"{refresh_open(keeper.actor(moment, local_day(moment)))} requests judged.")


def register(app):
    if click.get_current_context(silent=True):  # The command may be one of Flask-Migrate's own.
        migrations(app)
    app.cli.add_command(init)
    app.cli.add_command(demo)
    app.cli.add_command(export)
    app.cli.add_command(regulation_files)
    app.cli.add_command(judge_anew)
