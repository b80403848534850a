"""The benchmark runs at a tiny scale, so that it is there when it is needed."""

import http.server
import os
import re
import subprocess
import sys
import threading

import pytest
import sqlalchemy as sa

from tests.conftest import SETTINGS, build, fresh
from tools.bench import __main__ as bench
from tools.bench import report, screens
from tools.bench.apart import apart
from tools.bench.browser import Forms
from tools.bench.databases import Database
from tools.bench.load import WARM, BadAnswer, Job, run
from tools.bench.rows import ROWS, SQLITE
from tools.bench.servers import ROOT

VISITS = 300


@pytest.fixture
def database(tmp_path, request, templates, monkeypatch):
    """A company with some hundred visits, in an instance folder of its own."""
    from demo.bulk import scale
    from models import db

    for url in fresh("sqlite", request, tmp_path, templates):
        app = build({"SQLALCHEMY_DATABASE_URI": url, "SQLALCHEMY_ENGINE_OPTIONS": {}})
        with app.app_context():
            scale(VISITS, lambda text: None)
            db.engine.dispose()
        (tmp_path / "company.db").rename(tmp_path / "yingke.db")
        monkeypatch.setenv("DATA_KEY", SETTINGS["DATA_KEY"])
        yield Database(SQLITE, tmp_path)


def test_a_tiny_run_writes_every_row_of_the_table(database, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n")
    with sa.create_engine(f"sqlite:///{database.file}").connect() as connection:
        customer = sa.text("SELECT name, short_name, kind, owner_id, contact_days, remarks FROM customer WHERE id = 1")
        before = connection.execute(customer).one()
        command = [sys.executable, "-m", "tools.bench", "--data", str(database.folder), "--readme", str(readme)]
        command += ["--rounds", "1", "--seconds", "0.05", "--only", "lists,forms,serving,csv"]
        done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert connection.execute(customer).one() == before, "the saved customer is as it was"
    text = readme.read_text("utf-8")
    assert text.startswith("before\n<!-- bench -->\nSQLite ") and text.endswith("<!-- /bench -->\nafter\n")
    values = [float(value.replace(",", "")) for value in re.findall(r"\*\*([\d.,]+)\*\*", text)]
    assert len(values) == len(ROWS) and all(values), text
    for row in ROWS:
        title = re.escape(row.title).replace(r"\{", "{").replace(r"\}", "}").replace(":,", "")
        assert re.search(re.sub(r"{\w+}", r"[1-9]\\d*", title) + f", {row.unit} ", text), row.title


def test_the_matrix_counts_statements_of_each_list(database):
    with database.chosen():
        cells = apart(screens.measure, str(database.file), 1, ("front",))
    assert cells["/admin/visit/"]["front"].statements >= 5
    assert cells["/admin/visit/"]["front"].ms > 0
    assert f"/admin/visitor/?search={screens.COMMON}" in cells and "/admin/visit/?last=1" in cells
    assert "/admin/expense/" not in cells, "the front desk sees no expenses"
    assert "/admin/visit/" in screens.printed(cells)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--visits many", "“many” is no number"),
        ("--visits 3", "does not lie between"),
        ("--rounds 0", "does not lie between"),
        ("--seconds nan", "does not lie between"),
        ("--only lists,speed", "“speed” is none of lists, forms, serving, csv, screens, trials"),
        ("--on mysql", "“mysql” is none of sqlite, postgresql"),
        ("--data . --visits 1000", "leave --visits out"),
        ("--data . --on postgresql", "add sqlite to --on"),
        ("--compare --on postgresql", "add sqlite to --on"),
        ("--readme nowhere.md", "there is no nowhere.md"),
    ],
)
def test_options_that_mean_nothing_are_refused(words, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        bench.options(words.split())
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_a_folder_without_a_demo_company_is_refused(tmp_path, monkeypatch):
    for make in (lambda: None, (tmp_path / "yingke.db").touch):
        make()
        monkeypatch.setattr(sys, "argv", ["bench", "--data", str(tmp_path)])
        with pytest.raises(SystemExit) as stopped:
            bench.main()
        assert str(tmp_path) in stopped.value.code


def test_clients_follow_a_server_that_closes_and_heed_what_it_answers():
    class Closing(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/" else 404)
            self.end_headers()
            self.wfile.write(b"page")

        def log_message(self, *words):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Closing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        answered = run(Job(server.server_port, "/", "", clients=4, seconds=0.1))
        assert answered.count > WARM and answered.p99 >= answered.p50 > 0
        with pytest.raises(BadAnswer, match="404"):
            run(Job(server.server_port, "/gone", ""))
        server.shutdown()


def test_times_worse_say_the_same_of_times_and_of_rates():
    by_key = {row.key: row for row in ROWS}
    assert by_key["first"].times(30, 10) == by_key["eight"].times(50, 150) == 3


def test_forms_are_read_as_a_browser_sends_them():
    page = (
        '<form><input name="q"></form><form><input name="a" value="1&amp;2"><input type="checkbox" name="off">'
        '<input type="checkbox" name="on" checked><select name="s"><option value="x"><option value="y" selected>'
        '</select><textarea name="t">\nline</textarea><input type="submit" name="go" value="go"></form>'
    )
    assert Forms(page).forms[2] == [("a", "1&2"), ("on", "on"), ("s", "y"), ("t", "line")]


def test_the_readme_has_the_marks():
    assert report.MARKS.search(report.README.read_text("utf-8"))
