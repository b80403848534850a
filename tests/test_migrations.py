"""Migrations: each stands alone, so that tomorrow's code can't change what yesterday's did; each carries data over."""

import ast
import sys
import uuid
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.conftest import build
from tools.postgres import create_database, drop_database

MIGRATIONS = sorted((Path(__file__).parent.parent / "migrations" / "versions").glob("*.py"))
BESIDE_THE_LIBRARY = {"alembic": None, "sqlalchemy": None, "flask": {"current_app"}}
"""What a migration may import: all of a package, or these names of it (`current_app` knows the data key)."""


def imported(path: Path) -> list[tuple[str, set[str]]]:
    """What a file imports, inside functions too: modules, each with the names taken from it."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, set()) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(("." * node.level + (node.module or ""), {alias.name for alias in node.names}))
    return found


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.stem)
def test_a_migration_stands_alone(path):
    for module, names in imported(path):
        package = module.split(".")[0]
        if package in sys.stdlib_module_names:
            assert package not in ("importlib", "runpy"), f"{path.name} imports by a way around this test"
            continue
        assert package in BESIDE_THE_LIBRARY, f"{path.name} imports {module}: copy what it needs into the migration"
        allowed = BESIDE_THE_LIBRARY[package]
        assert allowed is None or (names and names <= allowed), f"{path.name} imports {names or module} of {package}"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """The URL of a database without a table, on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    server = request.getfixturevalue("postgres")
    url = create_database(server, f"old_{uuid.uuid4().hex[:12]}")
    yield url
    drop_database(server, url)


def put(connection, table_name: str, /, **values) -> int:
    """A row of the table as it is in the database now, what it must have filled in; its id."""
    table = sa.Table(table_name, sa.MetaData(), autoload_with=connection, resolve_fks=False)
    blank = {str: "", int: 1, bool: False, date: date(2026, 10, 1), datetime: datetime(2026, 10, 1, 9)}
    for column in table.columns:
        if column.name not in values and not column.nullable and not column.primary_key and not column.server_default:
            kind = list if isinstance(column.type, sa.JSON) else column.type.python_type
            values[column.name] = [] if kind is list else blank.get(kind, 0)
    return connection.execute(table.insert().values(**values)).inserted_primary_key[0]


def test_rows_from_before_the_marks_are_found_by_words_and_by_whose_they_are(empty):
    from flask_migrate import upgrade

    import commands
    from core.search import Words
    from models import BusinessCard, Customer, Visit, db

    app = build({"SQLALCHEMY_DATABASE_URI": empty, "SQLALCHEMY_ENGINE_OPTIONS": {}})
    commands.migrations(app)
    with app.app_context():
        upgrade(revision="20261126")
        with db.engine.begin() as connection:
            here, there = (put(connection, "department", code=c, name=c, active=True) for c in ("甲", "乙"))
            host, other = (
                put(connection, "user", username=c, name=c, department_id=there, token=c, active=True) for c in "ab"
            )
            grams = {"search_grams": "新能 能源 müller"}
            customers = [
                put(connection, "customer", name=f"新能源 {d}", department_id=d, **grams) for d in (here, there)
            ]
            visits = [
                put(
                    connection,
                    "visit",
                    number=s,
                    department_id=here,
                    host_id=host,
                    applicant_id=other,
                    status=s,
                    **grams,
                )
                for s in ("draft", "submitted")
            ]
            card = put(connection, "business_card", visit_id=visits[0], **grams)
        upgrade()
        dialect = db.engine.dialect.name

        def found(model, words, *marks):
            return sorted(db.session.scalars(Words(model, words, dialect).indexed(marks)))

        for word in ("新能", "新能源", "Müller", "muller"):
            assert found(Customer, word) == customers, word
            assert found(Visit, word) == visits, word
            assert found(BusinessCard, word) == [card], word
        assert found(Customer, "新能", f"δ{here}") == customers[:1]
        assert found(Visit, "新能", f"δ{here}") == visits and not found(Visit, "新能", f"δ{there}")
        assert found(Visit, "新能", f"θ{host}") == visits[1:], "a draft is its department's alone"
        db.session.execute(sa.update(Visit).where(Visit.id == visits[0]).values(status="submitted", version=2))
        assert found(Visit, "新能", f"θ{host}") == visits, "the database itself keeps the marks"
        db.session.execute(sa.delete(BusinessCard).where(BusinessCard.id == card))
        assert not found(BusinessCard, "新能")
        db.session.rollback()
        db.engine.dispose()
