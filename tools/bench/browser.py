"""A browser without a screen: cookies and forms over one kept connection."""

import http.client
import time
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode

PASSWORD = "demo-yingke"
KEPT = 3
"""Seconds after which a connection is not used again: the server may be closing it."""


class Refused(Exception):
    """A page that should have come did not."""


class Forms(HTMLParser):
    """The forms of a page: names and values as a browser would send them."""

    def __init__(self, page: str):
        super().__init__()
        self.forms: list[list[tuple[str, str]]] = [[]]
        self._select = self._area = ""
        self._options: list[tuple[str, bool]] = []
        self._written: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self.forms.append([])
        elif tag == "input" and name:
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio") and "checked" in given:
                self.forms[-1].append((name, given.get("value") or "on"))
            elif kind not in ("checkbox", "radio", "submit", "button", "file", "image"):
                self.forms[-1].append((name, value))
        elif tag == "select":
            self._select, self._options = name, []
        elif tag == "option" and self._select:
            self._options.append((value, "selected" in given))
        elif tag == "textarea":
            self._area, self._written = name, []

    def handle_data(self, data):
        if self._area:
            self._written.append(data)

    def handle_endtag(self, tag):
        if tag == "select" and self._select:
            chosen = [value for value, selected in self._options if selected] or [v for v, _ in self._options[:1]]
            self.forms[-1] += [(self._select, value) for value in chosen]
            self._select = ""
        elif tag == "textarea" and self._area:
            # A line feed right after the tag is not part of the text.
            self.forms[-1].append((self._area, "".join(self._written).removeprefix("\n").removeprefix("\r\n")))
            self._area = ""


class Browser:
    """Somebody at the server on `port`."""

    def __init__(self, port: int):
        self.port, self._cookies, self._asked = port, {}, 0.0
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    @property
    def cookie(self) -> str:
        """The header that says who asks."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def ask(self, path: str, form: list[tuple[str, str]] | None = None) -> http.client.HTTPResponse:
        """The answer, not read yet; POST with a `form`, else GET. Redirections are not followed."""
        headers = {"Cookie": self.cookie, "Accept-Encoding": "identity"}
        if time.monotonic() - self._asked > KEPT:
            self._connection.close()  # It opens a new one by itself.
        if form is None:
            self._connection.request("GET", path, headers=headers)
        else:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Referer": f"http://127.0.0.1:{self.port}{path}",
            }
            self._connection.request("POST", path, urlencode(form), headers)
        answer = self._connection.getresponse()
        self._asked = time.monotonic()
        for line in answer.headers.get_all("Set-Cookie") or ():
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer

    def page(self, path: str) -> str:
        answer = self.ask(path)
        text = answer.read().decode()
        if answer.status != 200:
            raise Refused(f"{path}: {answer.status} {text[:200]}")
        return text

    def form(self, path: str, field: str) -> list[tuple[str, str]]:
        """The form of the page that holds a field of that name."""
        for form in Forms(self.page(path)).forms:
            if any(name == field for name, _ in form):
                return form
        raise Refused(f"{path}: no form with {field}")

    def post(self, path: str, form: list[tuple[str, str]]) -> float:
        """Send the form; the seconds until the redirection came. Refused where the page complains."""
        began = time.perf_counter()
        answer = self.ask(path, form)
        text = answer.read().decode()
        took = time.perf_counter() - began
        if answer.status not in (302, 303):
            raise Refused(f"{path}: {answer.status} {text[:200]}")
        return took

    def sign_in(self, path: str, username: str) -> None:
        given = {"username": username, "password": PASSWORD}
        self.post(path, [(name, given.get(name, value)) for name, value in self.form(path, "password")])
