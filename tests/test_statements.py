"""How many statements a page takes does not depend on how many rows it shows: every screen, every role."""

import re

import pytest
import sqlalchemy as sa

from panel import lists
from tests.conftest import ROLES, Office, build, people_only
from tests.pools import Pools, target_of
from tests.test_scope import granted

FEW, MANY = 15, 45
"""Every state of a process stands among so few rows already."""


def alike(model) -> int:
    """The place of the next row in the same state as the first."""
    return len(model.process.states) if hasattr(model, "process") else 1


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """An office with more than a page of rows in every table, each referring to others than its neighbours; the first
    row of each table has many rows that belong to it, another one in the same state a few."""
    from models import Department, Grant, User, db

    path = tmp_path_factory.mktemp("filled") / "company.db"
    app = build({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}", "SQLALCHEMY_ENGINE_OPTIONS": {}})
    people_only(app)
    with app.app_context():
        screens = [s.model for s in app.extensions["screens"].values() if s.model is not None]
        models = {mapper.class_ for mapper in db.Model.registry.mappers if "id" in mapper.columns} - {Grant}
        models = sorted(models, key=lambda m: m.__tablename__)
        department = db.session.scalar(sa.select(User.department_id).join(Department).where(User.username == "sales"))
        pools = Pools(db.session, department, MANY)
        pools.fill(models)
        for model in (m for m in screens if m.__tablename__ in pools.rows):
            for child in (m for m in models if m is not model):
                for column in child.__table__.columns:
                    if target_of(column) == model.__tablename__:
                        pools.more(child, 20, **{column.name: pools[model][0].id})
                        pools.more(child, 3, **{column.name: pools[model][alike(model)].id})
        db.session.commit()
        ids = {name: [row.id for row in rows] for name, rows in pools.rows.items()}
    return Office(app), ids


@pytest.fixture
def statements(filled, monkeypatch):
    """A function that gives a page and how many statements it took."""
    from models import db

    office, _ = filled
    monkeypatch.setattr(lists, "SIZES", (FEW, MANY))
    seen: list = []
    with office.app.app_context():
        engine = db.engine

    def note(connection, cursor, statement, parameters, context, many):
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)

    def ask(username, path):
        office.get(username, path)  # what is made once per process
        seen.clear()
        answer = office.get(username, path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.get_data(as_text=True), list(seen)

    yield ask
    sa.event.remove(engine, "before_cursor_execute", note)


def repeated(few: list, many: list) -> str:
    """The statements that came more often, for the failure message."""
    few, many = ([re.sub(r"\([?, ]+\)", "(…)", " ".join(s.split())) for s in page] for page in (few, many))
    extra = {s: many.count(s) - few.count(s) for s in many if many.count(s) > few.count(s)}
    return f"{len(few)} → {len(many)}: " + " | ".join(f"+{n} {s[:90]} … {s[-60:]}" for s, n in extra.items())


@pytest.mark.parametrize("username", ROLES)
def test_a_list_takes_as_many_statements_for_few_rows_as_for_many(filled, statements, username):
    office, _ = filled
    may, grown, shown = granted(office, username), [], 0
    for name, screen in office.app.extensions["screens"].items():
        if screen.model is None or f"{name}:read" not in may:
            continue
        _, few = statements(username, f"/admin/{name}/?page_size={FEW}")
        page, many = statements(username, f"/admin/{name}/?page_size={MANY}")
        shown += len(re.findall(r'<td class="key', page)) > FEW
        if len(many) > len(few):
            grown.append(f"{name} {repeated(few, many)}")
    assert not grown, "\n".join(grown)
    assert shown >= (2 if username == "sysadmin" else 3), "the lists hold too few rows to tell"


@pytest.mark.parametrize("username", ROLES)
def test_details_take_as_many_statements_for_few_rows_as_for_many(filled, statements, username):
    office, ids = filled
    may, grown = granted(office, username), []
    for name, screen in office.app.extensions["screens"].items():
        if screen.model is None or f"{name}:read" not in may:
            continue
        first, later = (ids.get(screen.model.__tablename__, (0,) * MANY)[n] for n in (0, alike(screen.model)))
        paths = [f"/admin/{name}/details/?id={key}" for key in (later, first)]
        if any(office.get(username, path).status_code != 200 for path in paths):
            continue
        (_, few), (_, many) = (statements(username, path) for path in paths)
        if len(many) > len(few):
            grown.append(f"{name} {repeated(few, many)}")
    assert not grown, "\n".join(grown)
