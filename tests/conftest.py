"""The cast that every test knows, and a clean database for each test on SQLite and on a real PostgreSQL.

One demo company is made per database kind and run; each test works on a copy of it, which costs
milliseconds. Assertions open a fresh session, or a forgotten commit would pass.
"""

import os
import re
import shutil
import threading
import uuid
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tools.postgres import create_database, drop_database, running_postgres

pytest_plugins = ("tests.browsing",)
ROLES = ("front", "sales", "sales_head", "tech", "tech_head", "office", "office_head", "exec", "finance", "sysadmin")
SETTINGS = {
    "TESTING": True,
    "WTF_CSRF_ENABLED": False,
    "RATELIMIT_ENABLED": False,
    "RATELIMIT_STORAGE_URI": "memory://",
    "SECRET_KEY": "test",
    "SERVER_NAME": None,
    "DATA_KEY": "0pX2Gm8QhQ0J0m3n2w5aYk1cZ7d9vB4eTtRrUuYyIiE=",
}


BUILT = []
"""The applications that were made since the last test ended."""


class Client(FlaskClient):
    """Reads each answer to its end and closes it, as a browser does, unless a test says `buffered=False`."""

    def open(self, *args, buffered=True, **kwargs):
        return super().open(*args, buffered=buffered, **kwargs)


def build(settings):
    from app import create_app

    app = create_app(SETTINGS | settings)
    app.test_client_class = Client
    BUILT.append(app)
    return app


@pytest.fixture(autouse=True)
def closed():
    """After each test the connections are closed that its applications no longer use."""
    yield
    from models import db

    while BUILT:
        with BUILT.pop().app_context():
            db.engine.dispose()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A PostgreSQL server of this test process's own; TEST_POSTGRES_URL names another."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
    else:
        with running_postgres() as url:
            yield url


@pytest.fixture(scope="session")
def templates(tmp_path_factory):
    """Demo companies by kind of database, made when first asked for."""
    return {}


def people_only(app):
    """The company without a history: what most tests want to start from."""
    from commands import migrate
    from demo.company import people
    from installation import load_basics
    from models import Setting, db

    with app.app_context():
        migrate()
        load_basics()
        people()
        db.session.add(Setting(key="demo", value="true"))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


def fresh(kind, request, folder, templates):
    """The URL of a fresh copy of the company on a `kind` of database, a file of it in `folder`; gone afterwards."""
    if kind == "sqlite":
        if "sqlite" not in templates:
            path = request.getfixturevalue("tmp_path_factory").mktemp("template") / "company.db"
            people_only(build({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}", "SQLALCHEMY_ENGINE_OPTIONS": {}}))
            templates["sqlite"] = path
        copy = folder / "company.db"
        shutil.copy(templates["sqlite"], copy)
        yield f"sqlite:///{copy}"
        return
    server = request.getfixturevalue("postgres")
    if "postgresql" not in templates:
        url = create_database(server, f"template_{uuid.uuid4().hex[:8]}")
        people_only(build({"SQLALCHEMY_DATABASE_URI": url, "SQLALCHEMY_ENGINE_OPTIONS": {}}))
        templates["postgresql"] = url
    url = create_database(server, f"test_{uuid.uuid4().hex[:12]}", template=templates["postgresql"])
    yield url
    drop_database(server, url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path, templates):
    """The URL of a fresh copy of the company, on each kind of database."""
    yield from fresh(request.param, request, tmp_path, templates)


@pytest.fixture
def app(database):
    app = build({"SQLALCHEMY_DATABASE_URI": database, "SQLALCHEMY_ENGINE_OPTIONS": {}})
    yield app
    with app.app_context():
        from models import db

        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def sqlite_app(tmp_path, templates, tmp_path_factory):
    """For what cannot differ between the databases: SQLite alone."""
    if "sqlite" not in templates:
        path = tmp_path_factory.mktemp("template") / "company.db"
        people_only(build({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}", "SQLALCHEMY_ENGINE_OPTIONS": {}}))
        templates["sqlite"] = path
    copy = tmp_path / "company.db"
    shutil.copy(templates["sqlite"], copy)
    app = build({"SQLALCHEMY_DATABASE_URI": f"sqlite:///{copy}", "SQLALCHEMY_ENGINE_OPTIONS": {}})
    yield app
    with app.app_context():
        from models import db

        db.session.remove()
        db.engine.dispose()


class Office:
    """The company as tests speak to it: who signs in, what is filed, what the database says afterwards."""

    def __init__(self, app):
        self.app, self.clients = app, {}

    def client(self, username):
        if username not in self.clients:
            client = self.app.test_client()
            answer = client.post("/login", data={"username": username, "password": "demo-yingke"})
            assert answer.status_code == 302, answer.get_data(as_text=True)[:500]
            self.clients[username] = client
        return self.clients[username]

    def get(self, username, path, **args):
        return self.client(username).get(path, **args)

    def post(self, username, path, data=None, **args):
        return self.client(username).post(path, data=data or {}, **args)

    def step(self, username, table, row_id, transition, **data):
        return self.post(username, f"/admin/{table}/transition/{transition}/?id={row_id}", data)

    def ask(self, statement):
        """One value straight from the database, in a session of its own."""
        from models import db

        with self.app.app_context():
            from models import writing

            writing.set(False)
            with sa.orm.Session(db.engine) as session:
                return session.execute(statement).scalar()

    def rows(self, statement):
        from models import db

        with self.app.app_context(), sa.orm.Session(db.engine) as session:
            return [tuple(r) for r in session.execute(statement)]

    def status(self, model, row_id):
        return self.ask(sa.select(model.status).where(model.id == row_id))

    def user_id(self, username):
        from models import User

        return self.ask(sa.select(User.id).where(User.username == username))

    # ── Factories: they go through the pages, as people do ───────────────────────────────────────
    def level(self, code):
        from models import ReceptionLevel

        return self.ask(
            sa.select(ReceptionLevel.id).where(ReceptionLevel.code == code, ReceptionLevel.to_version.is_(None))
        )

    def create_visit(
        self,
        username="sales",
        level="C",
        start=None,
        guests="吴国平，总经理，13912340001\n郑丽娟，秘书",
        sealed=None,
        **more,
    ):
        from models import Visit

        start = start or datetime.now(UTC) + timedelta(days=3)
        form = {
            "organisation": "苏州恒远新能源有限公司",
            "purpose": "参观生产线",
            "level": str(self.level(level)),
            "planned_start": local_time(start),
            "planned_end": local_time(start + timedelta(hours=2)),
            "guest_count": "2",
            "host": str(self.user_id(username)),
            "category": "business",
            "area": "office",
            "visit_kind": "tour",
            "nights": "0",
            "guest_names": guests,
            "letter_no": "",
            "budget": "",
        } | more
        if level in ("A+", "A", "B"):
            # Whom R01-3 and R10-3.1 want to receive such guests.
            form.setdefault(
                "escort_users", f"{self.user_id('exec')},{self.user_id('sales_head')},{self.user_id('tech_head')}"
            )
        if sealed if sealed is not None else level in ("A+", "A", "B"):
            form |= {"evidence_file": (pdf(), "公函.pdf"), "evidence_sealed": "y"}
        answer = self.client(username).post("/admin/visit/new/", data=form, content_type="multipart/form-data")
        assert answer.status_code == 302, errors(answer)
        return (
            int(re.search(r"id=(\d+)", answer.location).group(1))
            if "id=" in answer.location
            else self.ask(sa.select(sa.func.max(Visit.id)))
        )

    def approved_visit(self, level="C", **more):
        visit = self.create_visit(level=level, **more)
        assert self.step("sales", "visit", visit, "submit", reason_advance_notice="临时").status_code == 302
        for username in ("sales_head", "office_head", "exec") if level != "C" else ("sales_head", "office"):
            answer = self.step(username, "visit", visit, "approve")
            assert answer.status_code == 302, errors(answer)
        return visit

    def notified_visit(self, level="C", **more):
        visit = self.approved_visit(level, **more)
        answer = self.step("sales" if level == "C" else "office", "visit", visit, "issue_notice", **REASONS)
        assert answer.status_code == 302, errors(answer)
        self.tick(visit)
        return visit

    def tick(self, visit, username="office"):
        """Tick every item of the visit's checklist."""
        from models import ChecklistItem

        for (item,) in self.rows(
            sa.select(ChecklistItem.id).where(ChecklistItem.visit_id == visit, ChecklistItem.done_at.is_(None))
        ):
            assert self.post(username, "/admin/checklistitem/tick/", {"id": str(item), "done": "1"}).status_code == 302

    def create_hospitality(
        self, visit, username="sales", category="meal", amount="600.00", guests="2", escort_count="1", **more
    ):
        form = {
            "visit": str(visit),
            "organisation": "苏州恒远新能源有限公司",
            "category": category,
            "purpose": "晚宴",
            "planned_on": str(company_day()),
            "guests": guests,
            "escort_count": escort_count,
            "amount": amount,
        } | more
        answer = self.post(username, "/admin/hospitalityrequest/new/", form)
        assert answer.status_code == 302, errors(answer)
        return int(re.search(r"id=(\d+)", answer.location).group(1))

    def approved_hospitality(self, visit, **more):
        row = self.create_hospitality(visit, **more)
        answer = self.step(
            "sales", "hospitalityrequest", row, "submit", reason_spending_cap="理由", reason_escort_quota="理由"
        )
        assert answer.status_code == 302, errors(answer)
        for username in ("sales_head", "office_head", "exec"):
            if self.ask(sa.text(f"SELECT status FROM hospitality_request WHERE id = {row}")) == "submitted":
                assert self.step(username, "hospitalityrequest", row, "approve").status_code == 302
        return row

    def create_expense(
        self, username="sales", visit=None, hospitality=None, amount="300.00", guests="2", escort_count="1", **more
    ):
        form = {
            "visit": str(visit or ""),
            "hospitality": str(hospitality or ""),
            "organisation": "苏州恒远新能源有限公司",
            "category": "meal",
            "meal_period": "dinner",
            "incurred_on": str(company_day()),
            "place": "得月楼",
            "guests": guests,
            "escort_count": escort_count,
            "escort_names": "陈志远",
            "invoice_no": uuid.uuid4().hex[:20],
            "invoice_date": str(company_day()),
            "payee": "得月楼餐饮有限公司",
            "amount": amount,
            "tax": "10.00",
            "attachments": "2",
            "over_cap_reason": "",
            "remarks": "",
        } | more
        answer = self.post(username, "/admin/expense/new/", form)
        assert answer.status_code == 302, errors(answer)
        return int(re.search(r"id=(\d+)", answer.location).group(1))


@pytest.fixture
def office(app):
    return Office(app)


@pytest.fixture
def sqlite_office(sqlite_app):
    return Office(sqlite_app)


REASONS = {
    f"reason_{kind}": "已说明"
    for kind in (
        "arranged",
        "received_by",
        "escorts_named",
        "tour_route",
        "purpose_listed",
        "guest_confirmed",
        "checklist_skipped",
        "recorded_within",
    )
}
"""Reasons for what a bare test visit leaves undone."""


def pdf():
    import io

    return io.BytesIO(b"%PDF-1.4\n%%EOF\n")


def local_time(moment):
    from zoneinfo import ZoneInfo

    return f"{moment.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%dT%H:%M}"


def company_day():
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def errors(answer) -> str:
    """What a page complains of, for the failure message of a test."""
    text = answer.get_data(as_text=True)
    return f"{answer.status_code} " + " | ".join(re.findall(r'(?:class="error"[^>]*>|class="flash[^>]*>)([^<]*)', text))


def together(*calls):
    """Run the calls at the same moment in threads; their results in order."""
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(i, call):
        barrier.wait()
        try:
            results[i] = call()
        except Exception as error:  # a result too: the test looks at it
            results[i] = error

    threads = [threading.Thread(target=run, args=(i, call)) for i, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
