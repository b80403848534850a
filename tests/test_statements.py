"""How many statements a page takes does not depend on how many rows it shows: every screen, every role."""

import contextlib
import re

import pytest
import sqlalchemy as sa

from panel import lists
from tests.conftest import ROLES, Office, build, people_only
from tests.pools import Pools, target_of
from tests.test_scope import granted

FEW, MANY = 15, 45
"""Every state of a process stands among so few rows already."""
BY_HAND = ("/admin/", "/admin/due/", "/admin/compliance/")
"""The pages that no table stands behind: the first one (the front desk's arrivals), what falls due, the report."""


def alike(model) -> int:
    """The place of the next row in the same state as the first."""
    return len(model.process.states) if hasattr(model, "process") else 1


def company(folder, size: int):
    """An office with `size` rows in every table, each referring to others than its neighbours; the first row of each
    table has many rows that belong to it, another one in the same state a few. With the ids of all rows by table."""
    from models import Department, Grant, User, db

    path = folder / "company.db"
    app = build({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}", "SQLALCHEMY_ENGINE_OPTIONS": {}})
    people_only(app)
    with app.app_context():
        screens = [s.model for s in app.extensions["screens"].values() if s.model is not None]
        models = {mapper.class_ for mapper in db.Model.registry.mappers if "id" in mapper.columns} - {Grant}
        models = sorted(models, key=lambda m: m.__tablename__)
        department = db.session.scalar(sa.select(User.department_id).join(Department).where(User.username == "sales"))
        pools = Pools(db.session, department, size)
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


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """An office with more than a page of rows in every table."""
    return company(tmp_path_factory.mktemp("filled"), MANY)


@contextlib.contextmanager
def asking(office):
    """A function that gives a page and the statements it took; "" and none for one that this user may not see."""
    from models import db

    seen: list = []
    with office.app.app_context():
        engine = db.engine

    def note(connection, cursor, statement, parameters, context, many):
        seen.append(statement)

    def ask(username, path):
        if office.get(username, path).status_code != 200:  # what is made once per process is made now
            return "", []
        seen.clear()
        return office.get(username, path).get_data(as_text=True), list(seen)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield ask
    sa.event.remove(engine, "before_cursor_execute", note)


def fixed(office, username, first) -> list[str]:
    """The addresses of the pages that show the same however many rows there are: those made by hand, and the forms of a
    new row and of the `first` row of each table."""
    may = granted(office, username)
    paths = [*BY_HAND]
    for name, screen in office.app.extensions["screens"].items():
        if screen.model is not None and screen.form_columns:
            paths += [f"/admin/{name}/new/"] * (f"{name}:create" in may)
            paths += [f"/admin/{name}/edit/?id={first.get(screen.model.__tablename__, 0)}"] * (f"{name}:edit" in may)
    return paths


@pytest.fixture(scope="module")
def smaller(tmp_path_factory):
    """By user and address, the statements of those pages in an office with few rows."""
    office, ids = company(tmp_path_factory.mktemp("smaller"), FEW)
    first = {name: keys[0] for name, keys in ids.items()}
    with asking(office) as ask:
        return {(u, path): ask(u, path)[1] for u in ROLES for path in fixed(office, u, first)}


@pytest.fixture
def statements(filled, monkeypatch):
    """A function that gives a page and how many statements it took."""
    monkeypatch.setattr(lists, "SIZES", (FEW, MANY))
    with asking(filled[0]) as ask:
        yield ask


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
        assert page, name
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
        (_, few), (_, many) = (statements(username, path) for path in paths)
        if few and len(many) > len(few):
            grown.append(f"{name} {repeated(few, many)}")
    assert not grown, "\n".join(grown)


@pytest.mark.parametrize("username", ROLES)
def test_forms_and_pages_made_by_hand_take_as_many_statements_when_the_tables_grow(smaller, statements, username):
    few = {path: asked for (name, path), asked in smaller.items() if name == username and asked}
    grown = []
    for path, asked in few.items():
        _, many = statements(username, path)
        if len(many) > len(asked):
            grown.append(f"{path} {repeated(asked, many)}")
    assert not grown, "\n".join(grown)
    assert "/admin/" in few
