"""The server killed with -9 under eight writers: what was acknowledged is there, and nothing is half done."""

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

import sqlalchemy as sa

ROOT = Path(__file__).parent.parent


class Browser:
    """The least of a browser: cookies and forms, over real sockets."""

    def __init__(self, url):
        self.url, self.opener = (
            url,
            urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())),
        )

    def get(self, path):
        with self.opener.open(self.url + path, timeout=20) as answer:
            return answer.geturl(), answer.read().decode()

    def post(self, path, data):
        _, page = self.get(path)
        data = {**data, "csrf_token": re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)}
        with self.opener.open(self.url + path, urllib.parse.urlencode(data).encode(), timeout=20) as answer:
            return answer.geturl(), answer.read().decode()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(environment, port):
    process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(150):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2)
            return process
        except OSError:
            time.sleep(0.2)
    process.kill()
    raise AssertionError("the server did not start")


def test_kill_minus_nine_under_eight_writers(database, tmp_path, app):
    from tests.conftest import SETTINGS, Office

    office, port = Office(app), free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "INSTANCE_DIR": str(tmp_path / "instance"),
        "PORT": str(port),
        "DATA_KEY": SETTINGS["DATA_KEY"],
        "SECRET_KEY": "test",
    }
    level, users = office.level("C"), {u: office.user_id(u) for u in ("sales", "sales2", "tech", "tech2")}
    process = start(environment, port)
    filed, submitted, stop = [], [], threading.Event()

    def write(username):
        browser = Browser(f"http://127.0.0.1:{port}")
        try:
            browser.post("/login", {"username": username, "password": "demo-yingke"})
            while not stop.is_set():
                where, page = browser.post(
                    "/admin/visit/new/",
                    {
                        "organisation": "甲公司",
                        "purpose": "参观",
                        "level": level,
                        "planned_start": "2027-01-05T10:00",
                        "planned_end": "2027-01-05T11:00",
                        "guest_count": "1",
                        "host": users[username],
                        "category": "business",
                        "area": "office",
                        "visit_kind": "tour",
                        "nights": "0",
                        "guest_names": "来宾",
                    },
                )
                row = int(re.search(r"id=(\d+)", where).group(1))
                filed.append(row)
                where, page = browser.post(f"/admin/visit/transition/submit/?id={row}", {})
                assert "审批中" in page
                submitted.append(row)
        except (OSError, AttributeError, http.client.HTTPException):
            return  # the server is gone

    writers = [threading.Thread(target=write, args=(u,)) for u in list(users) * 2]
    for writer in writers:
        writer.start()
    deadline = time.monotonic() + 40
    while len(submitted) < 25 and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    stop.set()
    for writer in writers:
        writer.join(30)
    assert len(submitted) >= 25, "the writers hardly wrote"
    again = start(environment, port)
    try:
        states = dict(office.rows(sa.text("SELECT id, status FROM visit")))
        assert set(filed) <= set(states), "an acknowledged visit is lost"
        assert all(states[row] == "submitted" for row in submitted), "an acknowledged submission is lost"
        # Between two states: a submitted visit has its whole chain and its event, a draft has neither.
        chains = dict(
            office.rows(
                sa.text("SELECT subject_id, count(*) FROM approval WHERE subject = 'visit' GROUP BY subject_id")
            )
        )
        opened = dict(
            office.rows(
                sa.text(
                    "SELECT subject_id, count(*) FROM approval WHERE subject = 'visit' AND opened_at IS NOT "
                    "NULL GROUP BY subject_id"
                )
            )
        )
        events = dict(
            office.rows(
                sa.text(
                    "SELECT subject_id, count(*) FROM event WHERE subject = 'visit' AND action = 'submit' GROUP "
                    "BY subject_id"
                )
            )
        )
        guests = dict(office.rows(sa.text("SELECT visit_id, count(*) FROM visit_guest GROUP BY visit_id")))
        for row, state in states.items():
            whole = state == "submitted"
            assert (chains.get(row, 0), opened.get(row, 0), events.get(row, 0)) == (
                (2, 1, 1) if whole else (0, 0, 0)
            ), (row, state)
            assert guests.get(row) == 1, "a visit without its guest"
        numbers = sorted(n for (n,) in office.rows(sa.text("SELECT number FROM visit")))
        assert [int(n[-4:]) for n in numbers] == list(range(1, len(numbers) + 1)), "a gap in the numbers"
        if database.startswith("sqlite"):
            assert office.ask(sa.text("PRAGMA integrity_check")) == "ok"
        Browser(f"http://127.0.0.1:{port}").post("/login", {"username": "sales", "password": "demo-yingke"})
    finally:
        again.kill()
        again.wait()
