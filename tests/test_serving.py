"""Several processes on one port: slow clients hold nobody up, what is under way is finished, nobody is left behind."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager

import pytest
import sqlalchemy as sa

from core import locks, rate_limits, serving
from tests.conftest import SETTINGS, Office, build
from tests.test_crash import ROOT, Browser, free_port

PIECE = 1 << 16
SERVED = f"""
import os, sys, time
from core import serving

serving.SENT = 3  # The clients here read at once.

def load():
    print("made", file=open("loads", "a"))
    return app

def app(environ, start_response):
    kind, _, rest = environ["PATH_INFO"].strip("/").partition("/")
    start_response("200 OK", [("Content-Type", "text/plain")])
    if kind == "post":
        return [environ["wsgi.input"].read()]
    return stream(kind, rest) if kind in ("wait", "endless", "broken") else [str(os.getpid()).encode()]

def stream(kind, name):
    try:
        yield b"x" * {PIECE}
        if kind == "broken":
            raise ValueError(name)
        while kind == "endless" or not os.path.exists(name):
            yield b"x" * {PIECE}
            time.sleep(0 if kind == "endless" else 0.02)
        yield b"the end"
    finally:
        open("closed", "w").close()

if __name__ == "__main__":
    claimed = serving.claim("127.0.0.1", int(sys.argv[1]))
    serving.run(load, "127.0.0.1", int(sys.argv[1]), 2, 4, int(sys.argv[2]))
"""
"""A small application: a page with its process's number, streams that end once a file is there, or never."""


def ask(port, path="/", method="GET", body=None):
    """The body of the answer; OSError where nobody answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body, {"Connection": "close"})
    return connection.getresponse().read()


def sent(port, text):
    """A client that sent `text` and reads nothing."""
    client = socket.create_connection(("127.0.0.1", port), timeout=20)
    client.sendall(text.replace("\n", "\r\n").encode())
    return client


def until(condition, seconds=20):
    """Wait for `condition`; an error within it counts as no."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError("it did not come about")


def gone(process):
    """Whether no process of the server's group is left."""
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return True
    return False


@contextmanager
def running(command, port, path="/", **more):
    """A server of its own process group, ended whatever happens."""
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL, **more)
    try:
        until(lambda: ask(port, path), 60)
        yield process
    finally:
        if not gone(process):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def small(tmp_path):
    """Serve the small application; gives its port and the process."""

    @contextmanager
    def start(grace=serving.GRACE):
        port, script = free_port(), tmp_path / "served.py"
        script.write_text(SERVED)
        command = [sys.executable, str(script), str(port), str(grace)]
        with running(command, port, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
            yield port, process

    return start


# ── Clients ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "text",
    [
        "GET /endless HTTP/1.1\nHost: panel\n\n",
        "GET / HTTP/1.1\nHo",
        "POST /post HTTP/1.1\nHost: panel\nContent-Length: 1000\n\nslow",
    ],
    ids=["readers", "headers", "bodies"],
)
def test_slow_clients_hold_nobody_up(small, text):
    with small() as (port, _), ExitStack() as clients:
        for _ in range(3):
            clients.enter_context(sent(port, text))
        time.sleep(0.3)
        assert all(ask(port) for _ in range(20))


@pytest.mark.parametrize("body", ["Content-Length: 1000\n\nslow", "Transfer-Encoding: chunked\n\n4\nslow\n"])
def test_any_number_of_slow_bodies_keeps_nobody_from_reading(small, body):
    with small() as (port, _), ExitStack() as clients:
        for _ in range(2 * (serving.BODIES + 4) + 20):
            clients.enter_context(sent(port, f"POST /post HTTP/1.1\nHost: panel\n{body}"))
        time.sleep(0.5)
        assert all(ask(port) for _ in range(20))


def test_a_stream_ends_when_its_reader_leaves(small, tmp_path):
    with small() as (port, _):
        with sent(port, "GET /endless HTTP/1.1\nHost: panel\n\n") as client:
            assert client.recv(PIECE)
        until((tmp_path / "closed").exists)


def test_a_broken_stream_does_not_look_whole_and_breaks_no_other(small, tmp_path):
    with small() as (port, process), ExitStack() as clients:
        streams = []
        for _ in range(2):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", f"/wait/{tmp_path / 'go'}")
            clients.callback(connection.close)
            streams.append(clients.enter_context(connection.getresponse()))
            assert len(streams[-1].read(PIECE)) == PIECE
        broken = [http.client.HTTPConnection("127.0.0.1", port, timeout=20) for _ in range(2)]
        for connection in broken:
            clients.callback(connection.close)
            connection.request("GET", "/broken/")
        answers = [clients.enter_context(connection.getresponse()) for connection in broken]
        (tmp_path / "go").touch()
        assert all(stream.read().endswith(b"the end") for stream in streams)
        for answer in answers:
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                answer.read()
        until(lambda: len({ask(port) for _ in range(20)}) == 2)
        assert process.poll() is None


def test_the_body_of_a_request_arrives_whole(small):
    with small() as (port, _):
        body = os.urandom(3 << 20)
        assert ask(port, "/post", "POST", body) == body


def test_several_processes_answer(small):
    with small() as (port, _process):
        until(lambda: len({ask(port) for _ in range(20)}) == 2)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each process begins anew")
def test_processes_share_one_application_also_one_that_replaces_another(small, tmp_path):
    with small() as (port, _process):
        killed = ask(port)
        os.kill(int(killed), signal.SIGKILL)
        until(lambda: killed not in (pids := {ask(port) for _ in range(20)}) and len(pids) == 2)
    assert (tmp_path / "loads").read_text() == "made\n"


def test_what_only_the_start_needs_leaves_no_trace_in_the_processes_that_serve(sqlite_app, tmp_path):
    code = (
        "import os, sys, app\nfrom core import serving\n"
        "demo, served = serving.apart(app.prepare), app.complete_app()\n"
        "print(len(demo), bool(served.jinja_env.cache), sorted({'alembic', 'demo', 'mako'} & sys.modules.keys()))"
    )
    environment = {
        **os.environ,
        "DATABASE_URL": sqlite_app.config["SQLALCHEMY_DATABASE_URI"],
        "INSTANCE_DIR": str(tmp_path),
        "DATA_KEY": SETTINGS["DATA_KEY"],
    }
    output = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, check=True)
    assert output.stdout.splitlines()[-1] == b"10 True []"


def test_work_apart_that_fails_ends_the_start():
    code = "from core import serving\nserving.apart(lambda: 1 / 0)\nprint('goes on')"
    output = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True)
    assert output.returncode == 1 and output.stdout == b"" and b"ZeroDivisionError" in output.stderr


# ── The end ──────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_what_is_under_way_is_finished_and_nothing_new_begun(small, tmp_path, sign):
    with small() as (port, process):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", f"/wait/{tmp_path / 'go'}")
        answer = connection.getresponse()
        assert len(answer.read(PIECE)) == PIECE
        process.send_signal(sign)
        until(lambda: refused(port))
        (tmp_path / "go").touch()
        assert answer.read().endswith(b"the end")
        connection.close()
        until(lambda: gone(process))
        assert process.returncode == 0


def refused(port):
    try:
        ask(port)
    except ConnectionRefusedError:
        return True
    return False


def test_an_idle_server_ends_at_once_whoever_keeps_a_connection(small):
    with small() as (port, process), sent(port, "GET / HTTP/1.1\nHost: panel\n\n") as client:
        assert client.recv(1000)
        process.terminate()
        until(lambda: gone(process), serving.IDLE - 2)


def test_a_stream_that_does_not_end_is_cut(small):
    with small(grace=1) as (port, process), sent(port, "GET /endless HTTP/1.1\nHost: panel\n\n") as client:
        assert client.recv(PIECE)
        process.terminate()
        until(lambda: gone(process))


def test_a_killed_process_is_replaced(small):
    with small() as (port, _process):
        killed = ask(port)
        os.kill(int(killed), signal.SIGKILL)
        until(lambda: killed not in {ask(port) for _ in range(20)})
        until(lambda: len({ask(port) for _ in range(20)}) == 2)


def test_no_process_outlives_the_master(small):
    with small() as (port, process), sent(port, "GET /endless HTTP/1.1\nHost: panel\n\n") as client:
        assert client.recv(PIECE)
        process.kill()
        until(lambda: gone(process), 5)


def test_a_port_is_not_shared_with_another_server(small):
    with small() as (port, _), pytest.raises(serving.PortTaken):
        serving.claim("127.0.0.1", port, patience=0)
    with serving.claim("127.0.0.1", port), pytest.raises(serving.PortTaken):
        serving.claim("127.0.0.1", port, patience=0)  # Nobody listens yet, but somebody is about to.


def test_a_server_that_has_just_started_ends_as_well(tmp_path):
    port, script = free_port(), tmp_path / "served.py"
    script.write_text(SERVED)
    for pause in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6):
        process = subprocess.Popen(
            [sys.executable, str(script), str(port), "60"],
            start_new_session=True,
            stderr=subprocess.DEVNULL,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        time.sleep(pause)
        process.terminate()
        try:
            until(lambda process=process: gone(process))
        finally:
            if not gone(process):
                os.killpg(process.pid, signal.SIGKILL)


# ── Turns ────────────────────────────────────────────────────────────────────────────────────────
def test_pages_are_computed_one_by_one_in_the_order_of_arrival():
    turns, order, inside = serving.Turns(patience=60), [], []

    def page(number):
        with turns.turn():
            inside.append(number)
            assert len(inside) == 1
            order.append(number)
            inside.remove(number)

    with turns.turn():
        pages = [threading.Thread(target=page, args=(n,)) for n in range(5)]
        for number, thread in enumerate(pages):
            thread.start()
            until(lambda number=number: len(turns._waiting) == number + 1)
    for thread in pages:
        thread.join(10)
    assert order == list(range(5))


def test_a_page_that_has_waited_long_enough_goes_ahead():
    turns, ahead = serving.Turns(patience=0.05), threading.Event()

    def page():
        with turns.turn():
            ahead.set()

    with turns.turn():
        threading.Thread(target=page).start()
        assert ahead.wait(10)
    with turns.turn():
        pass
    assert not turns._taken and not turns._waiting


# ── What is shared ───────────────────────────────────────────────────────────────────────────────
def at_once(code, count=4):
    """Run `code` in so many processes that begin together; what each printed."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", f"import sys\nsys.stdin.readline()\n{code}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    outputs = [process.communicate(timeout=60)[0].strip() for process in processes]
    assert not any(process.returncode for process in processes)
    return outputs


def test_attempts_are_counted_in_all_processes_together(tmp_path):
    address = rate_limits.address(tmp_path / "limits.db")
    counts = at_once(
        f"from core.rate_limits import FileStorage\nstore = FileStorage({address!r})\n"
        "print([store.incr('key', 300) for _ in range(50)])"
    )
    assert sorted(n for text in counts for n in eval(text)) == list(range(1, 201))
    store = rate_limits.FileStorage(address)
    assert store.get("key") == 200 and store.get("another") == 0
    assert 290 < store.get_expiry("key") - time.time() <= 300
    assert store.incr("short", -1) == 1 and store.get("short") == 0 and store.incr("short", 300) == 1


@pytest.mark.parametrize("at", [0, 100, 4096])
def test_a_damaged_file_of_attempts_is_begun_anew(tmp_path, at):
    """Else nobody could sign in after the power failed."""
    path = tmp_path / "limits.db"
    storage = rate_limits.FileStorage(rate_limits.address(path))
    for n in range(500):
        storage.incr(f"account:{n}", 300)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xff" * 8000)
    assert [storage.incr("account:1", 300) for _ in range(3)] == [1, 2, 3]
    assert storage.get("account:1") == 3


def test_ten_wrong_passwords_close_an_account_in_every_process(sqlite_app, tmp_path):
    settings = {
        "SQLALCHEMY_DATABASE_URI": sqlite_app.config["SQLALCHEMY_DATABASE_URI"],
        "SQLALCHEMY_ENGINE_OPTIONS": {},
        "RATELIMIT_ENABLED": True,
        "RATELIMIT_STORAGE_URI": rate_limits.address(tmp_path / "limits.db"),
    }
    statuses = []
    for attempt in range(12):
        client = build(settings).test_client()
        password = "wrong-password" if attempt < 10 else "demo-yingke"
        statuses.append(client.post("/login", data={"username": "sales", "password": password}).status_code)
    assert statuses == [401] * 10 + [429] * 2
    assert client.post("/login", data={"username": "tech", "password": "demo-yingke"}).status_code == 302


def test_an_adoption_binds_a_process_that_has_read_the_rulebook_before(sqlite_office, tmp_path):
    from models import Regulation

    code = (
        "import sys, app\nfrom rulebook import versions\npanel = app.create_app()\n"
        "for _ in range(3):\n"
        "    with panel.app_context():\n"
        "        print(any(clause.startswith('R03-') for clause in versions.load().texts), flush=True)\n"
        "    sys.stdin.readline()"
    )
    environment = {
        **os.environ,
        "DATABASE_URL": sqlite_office.app.config["SQLALCHEMY_DATABASE_URI"],
        "INSTANCE_DIR": str(tmp_path),
        "DATA_KEY": SETTINGS["DATA_KEY"],
    }
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, **pipes) as process:

        def known():
            process.stdin.write("\n")
            process.stdin.flush()
            return process.stdout.readline()

        assert process.stdout.readline() == known() == "False\n"
        key = sqlite_office.ask(sa.select(Regulation.id).where(Regulation.code == "R03"))
        assert sqlite_office.step("office_head", "regulation", key, "adopt").status_code == 302
        assert known() == "True\n"
        process.communicate("\n")


def test_processes_that_start_at_once_share_the_first_ones_secrets(tmp_path):
    code = f"import config\nsettings = config.read({{'INSTANCE_DIR': {str(tmp_path)!r}}})\n"
    secrets = at_once(code + "print(settings['SECRET_KEY'], settings['DATA_KEY'])", 6)
    assert len(set(secrets)) == 1 and len(secrets[0].split()) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"secret_key", "data_key"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())


def test_one_process_at_a_time_holds_a_lock(tmp_path):
    code = (
        "from core import locks\nfrom pathlib import Path\n"
        f"lock, shared = Path({str(tmp_path / 'lock')!r}), Path({str(tmp_path / 'count')!r})\n"
        "for _ in range(20):\n"
        "    with locks.held(lock, lambda: None, 0.001):\n"
        "        shared.write_text(str(int(shared.read_text() or 0) + 1))"
    )
    (tmp_path / "count").touch()
    at_once(code, 3)
    assert (tmp_path / "count").read_text() == "60"


def test_a_trial_whose_process_is_to_stop_says_so(sqlite_office, monkeypatch):
    from models import Regulation, Trial, TrialState, db
    from rulebook import trial

    office, stop = sqlite_office, threading.Event()
    monkeypatch.setattr(serving, "stopping", stop)
    with office.app.app_context():
        regulation = db.session.scalar(sa.select(Regulation.id).where(Regulation.code == "R10"))
        row = Trial(
            title="R10", regulation_ids=[regulation], since=sa.func.current_date(), until=sa.func.current_date()
        )
        db.session.add(row)
        db.session.commit()
        key = row.id
    with locks.held(_trial_lock(office), lambda: None):
        stop.set()
        with office.app.app_context():
            trial.run(key, None)
    assert office.ask(sa.select(Trial.state).where(Trial.id == key)) == TrialState.INTERRUPTED
    assert office.get("office_head", f"/admin/trial/progress/?id={key}").json["state"] == "interrupted"
    assert "已中断" in office.get("office_head", f"/admin/trial/details/?id={key}").get_data(as_text=True)


def _trial_lock(office):
    from pathlib import Path

    return Path(office.app.config["INSTANCE_DIR"]) / "trial.lock"


# ── The panel ────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def panel(database, tmp_path, app):
    """The panel as `make run` serves it, with two processes; gives its address, its process and the office to ask."""
    port = free_port()
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "INSTANCE_DIR": str(tmp_path / "instance"),
        "PORT": str(port),
        "WORKERS": "2",
        "DATA_KEY": SETTINGS["DATA_KEY"],
    }
    with running(
        [sys.executable, "app.py"], port, "/healthz", cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    ) as process:
        yield f"http://127.0.0.1:{port}", process, Office(app)


def test_two_hundred_writes_at_once_through_two_processes(panel):
    url, process, _office = panel
    users, statuses = ("front", "sales", "tech", "office", "exec", "finance", "sales_head", "tech_head"), []

    def write(username):
        browser = Browser(url)
        browser.post("/login", {"username": username, "password": "demo-yingke"})
        _, page = browser.get("/password")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1)
        for n in range(25):
            data = f"locale={('en', 'zh_Hans_CN')[n % 2]}&next=/healthz&csrf_token={token}".encode()
            with browser.opener.open(url + "/language", data, timeout=20) as answer:
                statuses.append(answer.status)

    writers = [threading.Thread(target=write, args=(u,)) for u in users]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert statuses == [200] * 200
    process.terminate()
    until(lambda: gone(process))
    assert process.returncode == 0
