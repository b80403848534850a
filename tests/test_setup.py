"""Set-up: migrations, first start, a real installation, the shape of the code, the catalogue."""

import ast
import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tests.conftest import build

ROOT = Path(__file__).parent.parent


def test_migrations_make_exactly_the_tables_of_the_code(app):
    from models import db

    with app.app_context(), db.engine.connect() as connection:

        def compared(item, name, kind, reflected, compare_to):
            return not (kind in ("table", "index") and name and "_search" in name)

        context = MigrationContext.configure(connection, opts={"include_object": compared, "compare_type": False})
        assert compare_metadata(context, db.metadata) == []


def test_one_grading_regulation_per_company_and_department_is_held_by_the_database(app):
    from models import Department, Regulation, db

    with app.app_context():
        departments = db.session.scalars(sa.select(Department.id).order_by(Department.id).limit(2)).all()
        for n, department in enumerate(departments):
            db.session.add(
                Regulation(code=f"R9{n}", title="甲", grades=True, status="adopted", department_id=department)
            )
        db.session.commit()
        for department in (None, *departments):
            db.session.add(Regulation(code="R98", title="乙", grades=True, status="adopted", department_id=department))
            with pytest.raises(sa.exc.IntegrityError):
                db.session.commit()
            db.session.rollback()


def test_a_real_installation_has_an_administrator_and_no_demo(tmp_path):
    app = build({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/new.db", "SQLALCHEMY_ENGINE_OPTIONS": {}})
    args = [
        "init",
        "--username",
        "admin",
        "--name",
        "管理员",
        "--department",
        "行政人事部",
        "--password",
        "a-long-password",
    ]
    runner = app.test_cli_runner()
    assert "at least 10" in runner.invoke(args=[*args[:-1], "short"]).output
    run = runner.invoke(args=args)
    assert run.exit_code == 0, run.output
    assert runner.invoke(args=args).exit_code == 1, "a second init changes nothing"
    assert "real installation" in runner.invoke(args=["demo"]).output
    client = app.test_client()
    assert "demo-yingke" not in client.get("/login").get_data(as_text=True)
    assert client.post("/login", data={"username": "admin", "password": "a-long-password"}).status_code == 302
    assert client.get("/admin/user/").status_code == 200
    from models import Regulation, User, db

    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 1
        assert len(set(db.session.scalars(sa.select(Regulation.code)))) == 18, "the whole shelf"
        assert set(db.session.scalars(sa.select(Regulation.code).where(Regulation.status == "adopted"))) == {
            "R01",
            "R08",
            "R10",
        }
        db.engine.dispose()


def test_the_demo_company_shows_every_state_that_people_meet(tmp_path):
    """The demo is lived through the workflow itself: what the application would refuse cannot be in it."""
    app = build({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/demo.db", "SQLALCHEMY_ENGINE_OPTIONS": {}})
    import commands
    from models import Expense, Visit, db

    with app.app_context():
        assert len(commands.set_up()) == 10
        assert len(commands.set_up()) == 10, "a second start loses nothing and adds nothing"
        visits = dict(db.session.execute(sa.select(Visit.status, sa.func.count()).group_by(Visit.status)).all())
        assert {str(s) for s in visits} >= {
            "draft",
            "submitted",
            "approved",
            "notified",
            "closed",
            "returned",
            "rejected",
            "withdrawn",
            "rescheduled",
            "cancelled",
            "no_show",
            "refused",
        }
        assert {str(s) for s in db.session.scalars(sa.select(Expense.status).distinct())} == {
            "draft",
            "submitted",
            "approved",
            "verified",
            "settled",
            "returned",
        }
        ranks = set(
            db.session.scalars(
                sa.text("SELECT DISTINCT l.rank FROM visit v JOIN reception_level l ON l.id = v.level_id")
            )
        )
        assert ranks == {1, 2, 3, 4}
        db.session.remove()
        db.engine.dispose()


def test_bulk_data_fits_the_tables_on_both_databases(office):
    from demo.bulk import scale
    from models import Expense, Visit

    with office.app.app_context():
        scale(300, lambda text: None)
    assert (
        office.ask(sa.select(sa.func.count()).select_from(Visit)) == 300
        and office.ask(sa.select(sa.func.count()).select_from(Expense)) == 600
    )
    assert office.get("office", "/admin/visit/?search=参观").status_code == 200
    text = office.get("finance", "/admin/expense/finance.csv").get_data().decode("utf-8-sig")
    assert text.count("\r\n") == 601
    visit = office.create_visit()
    assert visit > 300


def imports_of(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    return names | {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}


def sources():
    return [
        p
        for p in ROOT.rglob("*.py")
        if not any(part.startswith(".") or part in ("tests", "migrations") for part in p.relative_to(ROOT).parts)
    ]


def test_rules_and_processes_know_no_database_no_web_and_no_clock():
    for name in (
        "rules.py",
        "workflow.py",
        "core/text.py",
        *(f"clauses/{p.name}" for p in (ROOT / "clauses").glob("*.py")),
    ):
        assert not {m.split(".")[0] for m in imports_of(ROOT / name)} & {
            "flask",
            "sqlalchemy",
            "models",
            "tables",
            "flask_babel",
            "time",
        }, name
        assert "now()" not in (ROOT / name).read_text("utf-8")


def test_a_state_changes_in_one_place_only():
    places = [
        p.name
        for p in sources()
        if any(
            isinstance(n, ast.Assign) and any(isinstance(t, ast.Attribute) and t.attr == "status" for t in n.targets)
            for n in ast.walk(ast.parse(p.read_text("utf-8")))
        )
    ]
    assert places == ["advance.py"]


def test_every_text_is_in_the_chinese_catalogue():
    from babel.messages.pofile import read_po

    from tools.translations import texts

    wanted = {m.id for m in texts() if m.id}
    with (ROOT / "translations/zh_Hans_CN/LC_MESSAGES/messages.po").open("rb") as file:
        have = {m.id: m for m in read_po(file) if m.id}
    assert not [m for m in wanted if m not in have or not have[m].string], "texts without Chinese"
    assert not set(have) - wanted, "texts nobody says any more"
    for text, message in have.items():
        assert set(re.findall(r"\{\w+\}|%\(\w+\)s", text)) == set(re.findall(r"\{\w+\}|%\(\w+\)s", message.string)), (
            text
        )


def test_a_changed_cap_makes_a_new_version_and_the_old_one_can_be_read_again(app):
    from models import SpendingCap, db
    from rulebook import versions
    from rules import cap_for

    with app.app_context():
        before = versions.current_version()
        cap = db.session.scalar(sa.select(SpendingCap).where(SpendingCap.rank == 2, SpendingCap.to_version.is_(None)))
        cap.per_guest = 260
        db.session.commit()
        after = versions.current_version()
        assert after > before
        assert (
            cap_for(versions.load(after), "meal", 2, None)[0] == 260
            and cap_for(versions.load(before), "meal", 2, None)[0] == 300
        )
        db.session.delete(
            db.session.scalar(sa.select(SpendingCap).where(SpendingCap.rank == 2, SpendingCap.to_version.is_(None)))
        )
        db.session.commit()
        assert (
            cap_for(versions.load(), "meal", 2, None) is None
            and cap_for(versions.load(after), "meal", 2, None)[0] == 260
        )


def test_an_older_installation_gets_the_shelf_and_the_grants_of_new_tables_once(tmp_path):
    """What its people revoked or retired afterwards stays so."""
    app = build({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/old.db", "SQLALCHEMY_ENGINE_OPTIONS": {}})
    import commands
    from demo.company import load
    from models import Clause, Grant, Regulation, Setting, db

    with app.app_context():
        commands.migrate()
        load("bank")
        db.session.flush()
        old = db.session.scalar(sa.select(Regulation.id).where(Regulation.code == "R15"))
        for table in ("tour_route", "checklist_template", "approval_rule", "reception_level", "spending_cap"):
            db.session.execute(
                sa.text(f"DELETE FROM {table} WHERE clause_id IN (SELECT id FROM clause WHERE regulation_id = {old})")
            )
        db.session.execute(sa.delete(Clause).where(Clause.regulation_id == old))
        db.session.execute(sa.delete(Regulation).where(Regulation.id == old))
        db.session.execute(
            sa.delete(Grant).where(
                sa.or_(
                    Grant.permission.like("complaint:%"),
                    Grant.permission == "visit:ready",
                    Grant.permission == "visit:cancel",
                )
            )
        )
        db.session.execute(sa.delete(Setting).where(Setting.key == "seeded"))
        db.session.commit()
        commands.set_up()
        held = set(db.session.scalars(sa.select(Grant.permission)))
        assert {"complaint:answer", "visit:ready"} <= held and "visit:cancel" not in held, (
            "what was there before and taken away stays away"
        )
        assert db.session.scalar(sa.select(Regulation.status).where(Regulation.code == "R15")) == "draft"
        db.session.execute(sa.delete(Grant).where(Grant.permission.like("complaint:%")))
        db.session.commit()
        commands.set_up()
        assert not {p for p in db.session.scalars(sa.select(Grant.permission)) if p.startswith("complaint:")}, (
            "given once"
        )
        db.session.remove()
        db.engine.dispose()
