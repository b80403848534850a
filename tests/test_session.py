"""Signing in: who gets in, who is thrown out, what a stranger learns."""

import re

import pytest
import sqlalchemy as sa

from models import User
from tests.conftest import Office, build


@pytest.fixture
def strict(sqlite_app):
    """The application as it is served: CSRF and limits on."""
    return build(
        {
            "SQLALCHEMY_DATABASE_URI": sqlite_app.config["SQLALCHEMY_DATABASE_URI"],
            "SQLALCHEMY_ENGINE_OPTIONS": {},
            "WTF_CSRF_ENABLED": True,
            "RATELIMIT_ENABLED": True,
        }
    )


def token(client, path="/login"):
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).get_data(as_text=True)).group(1)


def sign_in(client, username, password="demo-yingke", **more):
    return client.post("/login", data={"username": username, "password": password, "csrf_token": token(client), **more})


def test_the_cookie_is_closed_to_scripts_and_other_sites_and_secure_behind_https(strict):
    answer = sign_in(strict.test_client(), "sales")
    cookie = answer.headers["Set-Cookie"]
    assert answer.status_code == 302 and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Secure" not in cookie
    client = strict.test_client()
    page = client.get("/login", base_url="https://localhost").get_data(as_text=True)
    data = {
        "username": "sales",
        "password": "demo-yingke",
        "csrf_token": re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page).group(1),
    }
    answer = client.post(
        "/login", base_url="https://localhost", data=data, headers={"Referer": "https://localhost/login"}
    )
    assert answer.status_code == 302 and "Secure" in answer.headers["Set-Cookie"]


def test_nothing_is_posted_without_a_csrf_token(strict):
    client = strict.test_client()
    assert client.post("/login", data={"username": "sales", "password": "demo-yingke"}).status_code == 400
    sign_in(client, "sales")
    for path in (
        "/logout",
        "/admin/visit/new/",
        "/admin/visit/transition/submit/?id=1",
        "/admin/visitor/delete/",
        "/language",
    ):
        assert client.post(path).status_code == 400, path


def test_a_wrong_password_an_unknown_and_a_deactivated_account_look_the_same(strict):
    with strict.app_context():
        from models import db

        db.session.execute(sa.update(User).where(User.username == "tech2").values(active=False))
        db.session.commit()
    pages = []
    for username, password in (("sales", "wrong-password"), ("nobody", "wrong-password"), ("tech2", "demo-yingke")):
        answer = sign_in(strict.test_client(), username, password)
        assert answer.status_code == 401
        pages.append(re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True)))
    assert len(set(pages)) == 1


def test_ten_wrong_passwords_close_the_account_for_a_while_and_no_other(strict):
    for _ in range(10):
        assert sign_in(strict.test_client(), "sales", "wrong-password").status_code == 401
    client = strict.test_client()
    assert (
        client.post(
            "/login", data={"username": "SALES ", "password": "demo-yingke", "csrf_token": token(client)}
        ).status_code
        == 429
    )
    assert sign_in(strict.test_client(), "tech").status_code == 302


@pytest.mark.parametrize(
    "where",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "/admin/\nX",
    ],
)
def test_next_never_leads_out_of_the_house(strict, where):
    assert sign_in(strict.test_client(), "sales", next=where).location == "/admin/"


def test_next_leads_where_one_wanted_to_go(strict):
    client = strict.test_client()
    wanted = client.get("/admin/visit/?search=x").location
    assert wanted.startswith("/login?next=")
    assert sign_in(client, "sales", next="/admin/visit/?search=x").location == "/admin/visit/?search=x"


def test_a_deactivated_user_is_out_at_once(sqlite_office):
    office = sqlite_office
    assert office.get("sales", "/admin/").status_code == 200
    answer = office.post(
        "sysadmin",
        f"/admin/user/edit/?id={office.user_id('sales')}",
        {"username": "sales", "name": "陈志远", "department": "2", "locale": "zh_Hans_CN", "role_codes": "staff"},
    )
    assert answer.status_code == 302
    assert "/login" in office.get("sales", "/admin/").location


def test_a_new_password_ends_every_other_session(sqlite_office):
    office, other = sqlite_office, Office(sqlite_office.app)
    assert other.get("sales", "/admin/").status_code == 200
    wrong = office.post("sales", "/password", {"current": "nope", "new": "a-better-one", "again": "a-better-one"})
    assert wrong.status_code == 422
    assert (
        office.post("sales", "/password", {"current": "demo-yingke", "new": "short", "again": "short"}).status_code
        == 422
    )
    assert (
        office.post(
            "sales", "/password", {"current": "demo-yingke", "new": "a-better-one", "again": "a-better-one"}
        ).status_code
        == 302
    )
    assert office.get("sales", "/admin/").status_code == 200
    assert "/login" in other.get("sales", "/admin/").location


def test_a_role_taken_away_is_gone_with_the_next_click(sqlite_office):
    office = sqlite_office
    assert office.get("sales", "/admin/expense/").status_code == 200
    office.post(
        "sysadmin",
        f"/admin/user/edit/?id={office.user_id('sales')}",
        {
            "username": "sales",
            "name": "陈志远",
            "department": "2",
            "locale": "zh_Hans_CN",
            "active": "y",
            "role_codes": "front_desk",
        },
    )
    assert office.get("sales", "/admin/expense/").status_code == 404


def test_passwords_are_argon2_and_appear_nowhere(sqlite_office):
    from models import Event

    sqlite_office.post(
        "sysadmin",
        f"/admin/user/edit/?id={sqlite_office.user_id('sales')}",
        {
            "username": "sales",
            "name": "陈志远",
            "department": "2",
            "locale": "zh_Hans_CN",
            "active": "y",
            "role_codes": "staff",
            "new_password": "given-by-admin",
        },
    )
    assert sqlite_office.ask(sa.select(User.password_hash).where(User.username == "sales")).startswith("$argon2id$")
    for before, after in sqlite_office.rows(sa.select(Event.before, Event.after)):
        assert "argon2" not in f"{before}{after}" and "given-by-admin" not in f"{before}{after}"
    client = sqlite_office.app.test_client()
    client.post("/login", data={"username": "sales", "password": "given-by-admin"})
    assert client.get("/admin/visit/").location == "/password", "it is changed at the first sign-in"


def test_strict_headers_on_every_answer(strict):
    for path in ("/login", "/healthz", "/nothing"):
        headers = strict.test_client().get(path).headers
        assert (
            "unsafe" not in headers["Content-Security-Policy"]
            and "default-src 'self'" in headers["Content-Security-Policy"]
        )
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
    assert strict.test_client().get("/healthz").status_code == 200
