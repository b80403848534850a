"""A real browser on the served application, for every test that looks at pages as people do."""

import os
import shutil
import threading

import pytest

from tests.conftest import Office, build

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api")
    path = (
        os.environ.get("CHROMIUM")
        or next(filter(None, map(shutil.which, NAMES)), None)
        or (MAC if os.path.exists(MAC) else None)
    )
    if path is None:
        message = "no Chromium on this machine: install it (Debian: apt-get install chromium) or name it in CHROMIUM"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path,
            args=ARGUMENTS + (["--no-sandbox"] if hasattr(os, "getuid") and os.getuid() == 0 else []),
        )
        yield browser
        browser.close()


@pytest.fixture
def served(database):
    """The application behind a server of this process, CSRF and all; gives its address and the office to ask."""
    from werkzeug.serving import make_server

    app = build(
        {
            "SQLALCHEMY_DATABASE_URI": database,
            "SQLALCHEMY_ENGINE_OPTIONS": {},
            "WTF_CSRF_ENABLED": True,
            "TESTING": False,
        }
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", Office(app)
    server.shutdown()
    thread.join(5)
    with app.app_context():
        from models import db

        db.engine.dispose()


class Person:
    """Somebody at a screen. What the page asks of other machines, and what the CSP stops, is kept as a complaint."""

    def __init__(self, browser, url, username, width=1280):
        self.url = url
        self.context = browser.new_context(
            viewport={"width": width, "height": 844}, locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True
        )
        self.page, self.complaints = self.context.new_page(), []
        self.page.on(
            "console",
            lambda m: self.complaints.append(m.text) if m.type == "error" and "status of 4" not in m.text else None,
        )
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on(
            "request", lambda r: None if r.url.startswith((url, "data:", "blob:")) else self.complaints.append(r.url)
        )
        self.go("/login")
        self.page.fill("#username", username)
        self.page.fill("#password", "demo-yingke")
        self.page.click("button.btn-block")
        self.page.wait_for_url("**/admin/**")

    def go(self, path):
        self.page.goto(self.url + path)
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.page.viewport_size["width"], (
            f"{path} is wider than the screen"
        )

    def look_up(self, field, text):
        self.page.click(f"#{field}-text")
        self.page.fill(f"#{field}-text", text)
        self.page.click(f".lookup-list li:has-text('{text}')")

    def press(self, selector):
        """Click what leads to another page, and be there."""
        with self.page.expect_navigation():
            self.page.click(selector)

    def save(self):
        self.press("main .save .btn-primary")

    def done(self):
        assert not self.complaints, self.complaints
        self.context.close()
