"""Searching by words: every strategy finds the same rows, for every role; nothing reads a whole table."""

import random
import re
import sqlite3
from datetime import timedelta
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from core.search import Words, create_search_ddl, grams
from panel import lists, searching
from tests.conftest import ROLES

QUERIES = ("新能源", "参观 能源", "源", "müller", "gmb", "不存在", "LF-2")


@pytest.fixture
def stocked(office):
    """Visits of two departments, past, near and far, drafts and closed ones, some received by others."""
    from core.clock import now
    from engine.audit import file
    from models import Delegation, Department, User, Visit, db

    with office.app.app_context():
        people = {u.username: u for u in db.session.scalars(sa.select(User))}
        moment = now().replace(microsecond=0)
        for n in range(60):
            owner = people[("sales", "tech", "office")[n % 3]]
            start = moment + timedelta(days=(-300, -3, 0, 2, 40)[n % 5], minutes=n)
            visit = Visit(
                organisation=("华东新能源", "Müller Energie GmbH", "华东 GmbH", "上海光电")[n % 4],
                purpose=("参观生产线", "商务洽谈")[n % 2],
                guest_count=1,
                planned_start=start,
                planned_end=start + timedelta(hours=1),
                host_id=people[("sales", "tech", "exec", "sales_head")[n // 2 % 4]].id,
                department_id=owner.department_id,
                walk_in=n % 7 == 0,
            )
            file(visit, owner.actor(moment, moment.date()))
            visit.status = ("draft", "closed", "notified", "cancelled", "in_progress")[n // 4 % 5]
        head = people["tech_head"]
        db.session.add(
            Delegation(
                delegator_id=people["office_head"].id,
                delegate_id=head.id,
                since=moment.date() - timedelta(days=1),
                until=moment.date() + timedelta(days=1),
            )
        )
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Department)) > 1
        db.session.commit()
    return office


def numbers(page: str) -> list[str]:
    return re.findall(r'col-number"[^>]*><a[^>]*>(LF-[\d-]+)', page)


def visible(office, username, query, *filters) -> set[str]:
    """The numbers of the visits that `username` may see and whose own text holds the words, row by row."""
    from core.clock import now
    from models import User, Visit, db

    with office.app.app_context():
        user = db.session.scalar(sa.select(User).where(User.username == username))
        who = user.actor(now(), now().date())
        words = Words(Visit, query, db.engine.dialect.name)
        statement = sa.select(Visit.number).where(Visit.visible_to(who), words.tested(), *filters)
        return set(db.session.scalars(statement))


def listed(office, username, address) -> list[str]:
    """The numbers on all pages of a list, following its links."""
    seen, path = [], address
    while path:
        answer = office.get(username, path)
        assert answer.status_code == 200
        page = answer.get_data(as_text=True)
        seen += numbers(page)
        more = re.search(r'<a href="([^"]+)" rel="next"', page)
        path = more and more[1].replace("&amp;", "&")
    return seen


def plans(office, username, paths):
    """SQLite's plan of each select of these pages: pairs of statement and steps."""
    from models import db

    statements: list = []
    with office.app.app_context():
        engine = db.engine

    def note(connection, cursor, statement, parameters, context, many):
        statements.append((statement, parameters))

    sa.event.listen(engine, "before_cursor_execute", note)
    for path in paths:
        office.get(username, path)
    sa.event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        for statement, parameters in statements:
            if statement.lstrip().upper().startswith("SELECT"):
                steps = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters).all()
                yield statement, [step[3] for step in steps]


@pytest.mark.parametrize("few", [0, 5, 2_000])
@pytest.mark.parametrize("username", ["office", "sales", "tech_head", "exec", "front"])
def test_every_way_of_searching_finds_what_the_rows_themselves_say(stocked, monkeypatch, username, few):
    from models import Visit

    monkeypatch.setattr(searching, "FEW", few)
    screen = stocked.app.extensions["screens"]["visit"]
    status = next(
        f"flt{i}_{screen.get_filter_arg(i, f)}" for i, f in enumerate(screen._filters) if f.column.key == "status"
    )
    start = screen.column_list.index("planned_start")
    for query in QUERIES:
        expected = visible(stocked, username, query)
        found = listed(stocked, username, f"/admin/visit/?search={quote(query)}")
        assert len(found) == len(set(found)) and set(found) == expected, query
        by_start = listed(stocked, username, f"/admin/visit/?search={quote(query)}&sort={start}&page_size=100")
        assert len(by_start) == len(set(by_start)) and set(by_start) == expected, query
        narrowed = listed(stocked, username, f"/admin/visit/?search={quote(query)}&{status}=closed&page_size=100")
        assert set(narrowed) == visible(stocked, username, query, Visit.status == "closed"), query


@pytest.mark.parametrize("cap", [5, 10_000])
@pytest.mark.parametrize("username", ["office", "sales", "tech_head", "exec", "front"])
def test_a_list_holds_what_the_scope_says_however_wide_its_parts_are(stocked, monkeypatch, username, cap):
    from core.clock import now
    from models import User, Visit, db

    monkeypatch.setattr(lists, "CAP", cap)
    screen = stocked.app.extensions["screens"]["visit"]
    status = next(
        f"flt{i}_{screen.get_filter_arg(i, f)}" for i, f in enumerate(screen._filters) if f.column.key == "status"
    )
    with stocked.app.app_context():
        who = db.session.scalar(sa.select(User).where(User.username == username)).actor(now(), now().date())
        rows = set(db.session.execute(sa.select(Visit.number, Visit.status).where(Visit.visible_to(who))))
    found = listed(stocked, username, "/admin/visit/")
    assert len(found) == len(set(found)) and set(found) == {number for number, _ in rows}
    closed = listed(stocked, username, f"/admin/visit/?{status}=closed")
    assert set(closed) == {number for number, state in rows if state == "closed"}


@pytest.mark.parametrize("cap", [5, 10_000])
@pytest.mark.parametrize("username", ["office", "sales", "tech_head", "front"])
def test_the_rows_of_visits_are_those_of_the_visits_that_are_seen(stocked, monkeypatch, username, cap):
    from core.clock import now
    from models import Checkin, User, Visit, VisitGuest, Visitor, db

    monkeypatch.setattr(lists, "CAP", cap)
    with stocked.app.app_context():
        who = db.session.scalar(sa.select(User).where(User.username == username)).actor(now(), now().date())
        seen = set(db.session.scalars(sa.select(Visit.id).where(Visit.visible_to(who))))
        visitor = Visitor(name="张三", organisation="华东", department_id=who.department_id)
        guests = [VisitGuest(visit_id=key, visitor=visitor) for key in db.session.scalars(sa.select(Visit.id))]
        stays = [Checkin(guest=guest, arrived_at=now(), left_at=now(), received_by_id=who.id) for guest in guests]
        db.session.add_all(stays)
        db.session.commit()
        shown = {
            "visitguest": {guest.id for guest in guests if guest.visit_id in seen},
            "checkin": {stay.id for stay in stays if stay.guest.visit_id in seen},
        }
        theirs = {s.guest_id: s.id for s in stays}
        other = next((guest.id for guest in guests if guest.visit_id not in seen), None)
    for name, expected in shown.items():
        links, path = [], f"/admin/{name}/?page_size=100"
        page = stocked.get(username, path).get_data(as_text=True)
        links += re.findall(rf'<td class="key[^>]*><a href="/admin/{name}/details/\?id=(\d+)"', page)
        assert set(map(int, links)) == expected and len(links) == len(expected), name
    if other is not None:
        assert stocked.get(username, f"/admin/visitguest/details/?id={other}").status_code == 404
        assert stocked.get(username, f"/admin/checkin/details/?id={theirs[other]}").status_code == 404


@pytest.mark.parametrize("cap", [0, 10_000])
@pytest.mark.parametrize("username", ["office", "sales", "front"])
def test_for_the_rows_of_visits_no_visits_are_collected_beyond_few(stocked, monkeypatch, username, cap):
    """By SQLite's own plans: only where few visits are seen is a list made of them."""
    if stocked.app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        pytest.skip("PostgreSQL plans by what is in the table")
    monkeypatch.setattr(lists, "CAP", cap)
    for statement, steps in plans(stocked, username, ["/admin/visitguest/", "/admin/checkin/", "/admin/nda/"]):
        collected = [step for step in steps if re.match(r"SCAN visit\b|LIST SUBQUERY", step)]
        assert not collected or (cap and username != "office"), (statement, steps)


@pytest.mark.parametrize("username", ["sales", "tech", "tech_head"])
def test_a_narrow_scope_is_looked_up_and_not_walked(stocked, username):
    """Whoever sees few of a million visits waits no longer than whoever sees them all."""
    if stocked.app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        pytest.skip("PostgreSQL plans by what is in the table")
    for statement, steps in plans(stocked, username, ["/admin/visit/"]):
        assert not any(re.match(r"SCAN visit\b", step) for step in steps), (statement, steps)


def test_the_index_follows_a_row_whoever_changes_it(stocked):
    """The database keeps the marks: a row given to another department or receptionist is found by them alone."""
    from models import User, Visit, db

    with stocked.app.app_context():
        people = {u.username: u for u in db.session.scalars(sa.select(User))}
        dialect = db.engine.dialect.name
        key = db.session.scalar(
            sa.select(Visit.id).where(Visit.department_id == people["sales"].department_id).limit(1)
        )

        def change(**values):
            db.session.execute(sa.update(Visit).where(Visit.id == key).values(**values))
            db.session.flush()

        def found(mark) -> bool:
            words = Words(Visit, "南京", dialect)
            return key in db.session.scalars(words.indexed((mark,))).all()

        change(
            search_grams="南京", department_id=people["tech"].department_id, host_id=people["exec"].id, status="closed"
        )
        tech, sales = (f"δ{people[name].department_id}" for name in ("tech", "sales"))
        assert found(tech) and not found(sales) and found(f"θ{people['exec'].id}")
        change(status="draft")
        assert found(tech) and not found(f"θ{people['exec'].id}")
        db.session.execute(sa.delete(Visit).where(Visit.id == key))
        assert not found(tech)


def test_after_any_changes_a_search_shows_what_the_scope_says(stocked, monkeypatch):
    """Rows change departments, receptionists, states and words by any way; who finds them is said by plain Python."""
    from core.clock import now
    from models import Department, User, Visit, db

    pick = random.Random(8)
    words = ("新能源", "Müller", "3×4", "δ1", "GmbH", "李", "İzmir", "12")
    with stocked.app.app_context():
        users = list(db.session.scalars(sa.select(User)))
        departments, visits = (list(db.session.scalars(sa.select(kind.id))) for kind in (Department, Visit))
        for n in range(400):
            change = pick.choice(
                (
                    {"department_id": pick.choice(departments)},
                    {"host_id": pick.choice(users).id},
                    {"status": pick.choice(("draft", "submitted", "closed"))},
                    {"search_grams": grams("".join(pick.choices((*words, " "), k=4)))},
                    {"organisation": "".join(pick.choices(words, k=2)), "status": "draft"},
                )
            )
            undone = db.session.begin_nested() if n % 5 == 0 else None
            if "organisation" in change:
                visit = db.session.get(Visit, pick.choice(visits))
                visit.organisation, visit.status = change.values()
                db.session.flush()
            else:
                some = pick.sample(visits, pick.choice((1, 1, 8)))
                db.session.execute(sa.update(Visit).where(Visit.id.in_(some)).values(**change))
            if undone:
                undone.rollback()
        db.session.execute(sa.delete(Visit).where(Visit.id.in_(visits[:5])))
        texts = {key: f" {text} " for key, text in db.session.execute(sa.select(Visit.id, Visit.search_grams))}
        for user in users:
            who = user.actor(now(), now().date())
            scope = set(db.session.scalars(sa.select(Visit.id).where(Visit.visible_to(who))))
            for query, tokens in ((q, grams(q).split()) for q in (*words, f"δ{user.department_id}", f"θ{user.id}")):
                begins = len(tokens[-1]) == 1 or tokens[-1].isascii()
                phrase = " " + " ".join(tokens) + ("" if begins else " ")
                expected = sorted(key for key in scope if phrase in texts[key])
                for few, by_id in ((0, True), (2_000, True), (2_000, False)):
                    monkeypatch.setattr(searching, "FEW", few)
                    rows = searching.by_words(Visit, query, searching.parts_of(Visit, who), [], by_id)
                    keys = [key for (key,) in rows.keys([Visit.id], False, None, 0, 100)]
                    assert keys == expected and rows.count(101) == len(expected), (user.username, query, few, by_id)
        db.session.rollback()


def test_sqlites_index_parts_words_where_the_text_of_a_row_does():
    """Else a word would be found or not by how many rows bear it."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(words, content='', tokenize='unicode61')")
        texts = {code: grams(f"3{chr(code)}4") for code in range(0x20, 0x250)}
        connection.executemany("INSERT INTO t(rowid, words) VALUES (?, ?)", texts.items())
        for word in ("3", "4"):
            found = {row[0] for row in connection.execute("SELECT rowid FROM t WHERE t MATCH ?", (f'"{word}"',))}
            assert found == {code for code, text in texts.items() if word in text.split()}
    connection.close()


def test_the_migrations_make_the_index_of_the_code(app):
    from models import db

    with app.app_context(), db.engine.connect() as connection:
        dialect = connection.dialect.name
        for mapper in db.Model.registry.mappers:
            if "search_grams" not in mapper.columns:
                continue
            table, marks = mapper.local_table.name, mapper.class_.search_marks
            wanted = create_search_ddl(table, dialect, marks)
            if dialect == "sqlite":
                there = connection.execute(
                    sa.text("SELECT sql FROM sqlite_master WHERE name = :n OR name LIKE :m"),
                    {"n": f"{table}_search", "m": f"{table}_search_a_"},
                ).scalars()
                assert sorted(there) == sorted(s for s in wanted if s.startswith("CREATE"))
            else:
                connection.execute(sa.text("DROP INDEX IF EXISTS again"))
                definition = sa.text("SELECT indexdef FROM pg_indexes WHERE indexname = :n")
                made = connection.execute(definition, {"n": f"ix_{table}_search"}).scalar()
                connection.execute(sa.text(wanted[0].replace(f"ix_{table}_search", "again")))
                again = connection.execute(definition, {"n": "again"}).scalar()
                connection.execute(sa.text("DROP INDEX again"))
                assert made == again.replace("again", f"ix_{table}_search")


@pytest.mark.parametrize("username", [name for name in ROLES if name not in ("finance", "sysadmin")])
def test_no_search_reads_a_whole_table(stocked, monkeypatch, username):
    """By SQLite's own plans, which without statistics are those of a million rows."""
    if stocked.app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
        pytest.skip("PostgreSQL plans by what is in the table")
    for few in (0, 2_000):
        monkeypatch.setattr(searching, "FEW", few)
        searches = [f"/admin/visit/?search={quote(query)}" for query in ("新能源", "能源", "不存在", "LF-2026")]
        for statement, steps in plans(stocked, username, searches):
            assert not any(re.match(r"SCAN visit\b(?! USING)", step) for step in steps), (statement, steps)
