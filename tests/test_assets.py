"""Static files are kept by browsers for good; answers are compressed, streams are not."""

import gzip
import re

import pytest

from panel.assets import FOREVER


def references(page):
    """The addresses of the styles and scripts that a page asks for."""
    return re.findall(r'(?:href|src)="(/[^"]+\.(?:css|js|svg)[^"]*)"', page)


def without_tokens(page):
    return re.sub(rb'(csrf_token" value)="[^"]*"', rb"\1", page)


@pytest.mark.parametrize("path", ["/admin/visit/", "/admin/trial/new/", "/login"])
def test_every_file_of_a_page_is_kept_for_good(sqlite_office, path):
    page = sqlite_office.get("office", path) if path != "/login" else sqlite_office.app.test_client().get(path)
    files = references(page.get_data(as_text=True))
    assert files
    for address in files:
        answer = sqlite_office.client("office").get(address)
        assert answer.status_code == 200 and answer.headers["Cache-Control"] == FOREVER, address
        assert answer.headers["X-Content-Type-Options"] == "nosniff" and "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.vary, "the session's cookie changes with each page"


def test_the_address_changes_with_the_content_alone(sqlite_app, tmp_path, monkeypatch):
    from flask import url_for

    monkeypatch.setattr(sqlite_app, "static_folder", str(tmp_path))
    file = tmp_path / "a.css"

    def address():
        with sqlite_app.test_request_context():
            return url_for("static", filename="a.css")

    file.write_text("one")
    first = address()
    file.write_text("two, and longer")
    second = address()
    file.write_text("one")
    assert first == address() != second
    file.unlink()
    assert address() == "/static/a.css"


def test_an_address_of_other_content_is_asked_for_again(sqlite_app):
    client = sqlite_app.test_client()
    for query in ("", "?v=", "?v=0123456789ab"):
        assert client.get(f"/static/yingke.css{query}").headers["Cache-Control"] == "no-cache"


def test_an_error_in_place_of_a_file_is_kept_by_nobody(sqlite_office):
    """Its page says who is signed in."""
    answer = sqlite_office.client("sales").get("/static/nothing.css?v=")
    assert answer.status_code == 404 and answer.headers["Cache-Control"] == "no-store"


def test_pages_and_files_are_compressed_for_browsers_that_take_it(sqlite_office):
    client = sqlite_office.client("office")
    plain = client.get("/admin/clause/")
    assert "Content-Encoding" not in plain.headers and "Accept-Encoding" in plain.headers["Vary"]
    packed = client.get("/admin/clause/", headers={"Accept-Encoding": "gzip, br"})
    assert packed.headers["Content-Encoding"] == "gzip" and {"Cookie", "Accept-Encoding"} <= set(packed.vary)
    assert len(packed.data) == packed.content_length < len(plain.data) / 3
    assert without_tokens(gzip.decompress(packed.data)) == without_tokens(plain.data)
    assert "Content-Encoding" not in client.get("/admin/clause/", headers={"Accept-Encoding": "br, gzip;q=0"}).headers
    style = next(a for a in references(plain.get_data(as_text=True)) if ".css" in a)
    file = client.get(style, headers={"Accept-Encoding": "gzip"})
    assert file.headers["Content-Encoding"] == "gzip" and file.headers["Cache-Control"] == FOREVER
    assert gzip.decompress(file.data) == client.get(style).data


def test_the_length_of_a_page_says_little(sqlite_office):
    client = sqlite_office.client("office")
    packed = [client.get("/healthz/nothing" + "x" * 99, headers={"Accept-Encoding": "gzip"}) for _ in range(40)]
    assert len({len(answer.data) for answer in packed}) > 10
    assert len({without_tokens(gzip.decompress(answer.data)) for answer in packed}) == 1


@pytest.mark.parametrize(
    "path", ["/admin/visit/export/csv/", "/admin/visit/export/xlsx/", "/admin/expense/finance.csv"]
)
def test_streamed_files_are_sent_as_they_come(sqlite_office, path):
    client = sqlite_office.client("finance" if "expense" in path else "office")
    answer = client.get(path, headers={"Accept-Encoding": "gzip"}, buffered=False)
    assert answer.status_code == 200 and answer.is_streamed and "Content-Encoding" not in answer.headers
    answer.close()
