"""A large export through the real server: whole, or seen to be broken; and nobody who worked at it stays behind."""

import http.client
import os
import shutil
from contextlib import contextmanager

import psutil
import pytest
import sqlalchemy as sa

from models import Expense, db
from panel import csv_parts
from tests.conftest import SETTINGS, build, fresh
from tests.test_crash import Browser, free_port, start
from tests.test_exports import Books
from tests.test_serving import until

ROWS = csv_parts.SMALL + 4 * csv_parts.PART
BOM = b"\xef\xbb\xbf"


class Served:
    """The server, finance signed in, and what works for it."""

    def __init__(self, port, environment):
        self.started = start(environment, port)
        self.process = psutil.Process(self.started.pid)
        self.browser = Browser(f"http://127.0.0.1:{port}")
        self.browser.post("/login", {"username": "finance", "password": "demo-yingke"})
        self.seen = [self.process, *self.process.children()]

    def csv(self):
        """The answer to a request for the file."""
        return self.browser.opener.open(self.browser.url + "/admin/expense/finance.csv", timeout=60)

    def begun(self):
        """A file of which a little is read; the rest of it is far more than fits between the server and its reader."""
        answer = self.csv()
        assert answer.read(len(BOM)) == BOM
        until(self.formatting)
        return answer

    def formatting(self):
        """The processes that format a file."""
        self.seen += [child for child in self.process.children(recursive=True) if child not in self.seen]
        return [process for process in self.seen if alive(process) and "panel.csv_worker" in process.cmdline()]


def alive(process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@pytest.fixture(scope="module")
def filled(request, tmp_path_factory, templates):
    """A database file of more expenses than one process formats alone."""
    folder = tmp_path_factory.mktemp("filled")
    (url,) = fresh("sqlite", request, folder, templates)
    app = build({"SQLALCHEMY_DATABASE_URI": url, "SQLALCHEMY_ENGINE_OPTIONS": {}})
    Books(app).fill([{"over_cap_reason": "理" * 300}])
    with app.app_context():
        columns = [column for column in Expense.__table__.columns if column.key not in ("id", "number", "invoice_no")]
        numbers = sa.select(sa.literal(2).label("n")).cte(recursive=True)
        numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < ROWS))
        copies = sa.select(*[numbers.c.n] * 3, *columns).select_from(Expense).join(numbers, sa.true())
        db.session.execute(sa.insert(Expense).from_select(["id", "number", "invoice_no", *columns], copies))
        db.session.commit()
        db.engine.dispose()
    return folder / "company.db"


@contextmanager
def serving(filled, folder):
    """The server over a copy of it."""
    shutil.copy(filled, folder / "company.db")
    port = free_port()
    given = {
        "DATABASE_URL": f"sqlite:///{folder / 'company.db'}",
        "INSTANCE_DIR": str(folder),
        "PORT": str(port),
        "WORKERS": "2",
        "DATA_KEY": SETTINGS["DATA_KEY"],
    }
    served = Served(port, os.environ | given)
    try:
        yield served
    finally:
        for process in filter(alive, served.seen):
            process.kill()
        served.started.wait()


@pytest.fixture(scope="module")
def served(filled, tmp_path_factory):
    with serving(filled, tmp_path_factory.mktemp("served")) as served:
        yield served


@pytest.fixture
def ending(filled, tmp_path):
    """A server for a test that ends it."""
    with serving(filled, tmp_path) as served:
        yield served


def whole(text: bytes) -> bool:
    return text.count(b"\r\n") == ROWS + 1 and text.endswith(b"\r\n")


def test_a_broken_file_is_never_taken_for_a_whole_one(served):
    answer = served.begun()
    served.formatting()[-1].kill()
    with pytest.raises(http.client.IncompleteRead):
        answer.read()
    until(lambda: not served.formatting())
    with served.csv() as answer:
        assert whole(answer.read()), "the next one is whole"


def test_a_reader_who_leaves_leaves_nobody_behind(served):
    served.begun().close()
    until(lambda: not served.formatting())
    assert alive(served.process), "the server goes on"


def test_a_killed_process_leaves_nobody_behind(served):
    answer = served.begun()
    psutil.Process(served.formatting()[0].ppid()).kill()
    until(lambda: not served.formatting())
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        answer.read()


def test_a_killed_server_leaves_nobody_behind(ending):
    answer = ending.begun()
    ending.process.kill()
    until(lambda: not any(map(alive, ending.seen)))
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        answer.read()


def test_a_server_that_is_stopped_ends_the_file_first(ending):
    answer = ending.begun()
    ending.process.terminate()
    assert whole(answer.read())
    until(lambda: not any(map(alive, ending.seen)), 30)
