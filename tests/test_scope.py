"""Who sees what: the application's own URL map × every role × own and foreign department, for every screen there is."""

import re
import tomllib

import pytest
import sqlalchemy as sa

import config
from panel.access import CLOSED, PUBLIC, SCREEN, SIGNED_IN
from tests.conftest import ROLES
from tests.factories import FACTORIES, Rows
from workflow import PROCESSES

OFFICES, DEPARTMENTS = {"office", "office_head"}, {"sales", "sales_head", "tech", "tech_head"}
OF_A_VISIT = (
    *("visit", "visitguest", "visitescort", "evidence", "checklistitem", "itineraryitem", "visitquestion"),
    *("businesscard", "nda", "feedback", "checkin", "incident"),
)
ALL_ROWS = {  # who sees every department's rows of a table, besides the department itself
    **dict.fromkeys(OF_A_VISIT, OFFICES | {"exec", "front"}),
    **dict.fromkeys(("customer", "visitor"), OFFICES | {"exec", "front"}),
    **dict.fromkeys(("noticereceipt", "roombooking", "dispatch"), OFFICES),
    **dict.fromkeys(
        ("giftrequest", "followup", "complaint", "outboundplan", "outboundvisit", "commitment"), OFFICES | {"exec"}
    ),
    **dict.fromkeys(("hospitalityrequest", "expense", "approval"), OFFICES | {"exec", "finance"}),
    "goodsrelease": OFFICES | {"front"},
}
"""Tables whose rows belong to a department."""
ONLY = {  # who sees a row of a table that belongs to nobody's department, or only to some of it
    **dict.fromkeys(("stockmovement", "trial"), OFFICES),
    "account": OFFICES | {"finance"},
    "grant": {"sysadmin"},
    "event": {"sysadmin", "office_head"},
    "assessment": OFFICES | {"{}", "{}_head"},
    "violation": OFFICES | {"{}_head"},
    "delegation": OFFICES | {"sysadmin", "{}", "{}_head"},
}
"""`{}` stands for the row's own user: they, and their head."""
EVERYBODY = {
    *("department", "user", "meetingroom", "vehicle", "driver", "gift", "training", "trainingattendance", "inspection"),
    *(
        "regulation",
        "clause",
        "receptionlevel",
        "approvalrule",
        "spendingcap",
        "checklisttemplate",
        "tourroute",
        "clausechoice",
    ),
}
"""Tables whose rows the company shares; the grants say who has the screen."""


def sees(username, table, department) -> bool:
    """Whether `username` sees a row of `table` that `department`'s user filed: written by hand, from domain.md."""
    if table in EVERYBODY:
        return True
    if table in ONLY:
        return username in {name.format(department) for name in ONLY[table]}
    return username in ALL_ROWS[table] or (username in DEPARTMENTS and username.removesuffix("_head") == department)


def tables(app) -> dict:
    """The screens that show a table, by name."""
    return {name: screen for name, screen in app.extensions["screens"].items() if screen.model is not None}


def test_every_screen_has_a_factory_and_a_written_scope(sqlite_app):
    for name, screen in tables(sqlite_app).items():
        assert screen.model in FACTORIES, f"{name}: tests/factories.py makes no row of it"
        assert (name in ALL_ROWS) + (name in ONLY) + (name in EVERYBODY) == 1, (
            f"{name}: say in test_scope who sees its rows"
        )


def test_every_screen_stands_in_the_menu_and_is_granted_to_somebody(sqlite_app):
    import admin_views
    from panel.views import PanelView

    declared = {view for view in vars(admin_views).values() if isinstance(view, type) and issubclass(view, PanelView)}
    missing = [view.__name__ for view in declared - set(admin_views.MENU) if view.__module__ == "admin_views"]
    assert not missing, f"declared in admin_views.py, but not in its MENU: {', '.join(missing)}"
    roles = tomllib.loads((config.ROOT / "seed" / "roles.toml").read_text("utf-8"))
    for name in sqlite_app.extensions["screens"]:
        assert any("read" in tables.get(name, ()) for tables in roles.values()), f"seed/roles.toml: nobody reads {name}"


def test_every_route_is_declared(sqlite_app):
    screens = sqlite_app.extensions["screens"]
    for rule in sqlite_app.url_map.iter_rules():
        screen, _, method = rule.endpoint.partition(".")
        declared = rule.endpoint in PUBLIC | SIGNED_IN or (screen in screens and (method in SCREEN or method in CLOSED))
        assert declared, f"{rule.endpoint} stands nowhere in panel/access.py"


def test_nothing_but_the_sign_in_is_public(sqlite_app):
    client = sqlite_app.test_client()
    for rule in sqlite_app.url_map.iter_rules():
        if rule.endpoint in PUBLIC or rule.endpoint == "root":
            continue
        path = rule.rule.replace("<export_type>", "csv").replace("<transition>", "submit")
        method = "GET" if "GET" in rule.methods else "POST"
        answer = client.open(path + "?id=1", method=method)
        assert answer.status_code in (302, 403), (rule.endpoint, answer.status_code)
        if answer.status_code == 302:
            assert "/login" in answer.location


@pytest.fixture
def two(sqlite_office):
    """A row of every table for sales and one for tech: {department: {table: id}}."""
    from models import db

    office, out = sqlite_office, {}
    with office.app.app_context():
        for username in ("sales", "tech"):
            rows = Rows(username)
            out[username] = {name: rows.of(screen.model).id for name, screen in tables(office.app).items()}
        db.session.commit()
    return office, out


def granted(office, username):
    from models import Grant, UserRole

    return {
        p
        for (p,) in office.rows(
            sa.select(Grant.permission)
            .join(UserRole, UserRole.role == Grant.role)
            .where(UserRole.user_id == office.user_id(username))
        )
    }


OF_NO_ROW = {
    "index_view",
    "create_view",
    "export",
    "ajax_lookup",
    "finance_csv",
    "action_view",
    "bulk_view",
    "ajax_update",
}
"""Methods of screens that speak of no single row; the next test is about them."""


def addresses(office, table):
    """Every address of the table's screen that speaks of one row, with its method, as the application maps them."""
    from panel.printing.blocks import FORMS

    process = PROCESSES.get(table)
    choices = {
        "transition": [t.name for t in process.transitions] if process else [],
        "form": [form.name for form in FORMS.values() if form.subject == table],
        "section": ["chains"],
    }
    for rule in office.app.url_map.iter_rules():
        screen, _, name = rule.endpoint.partition(".")
        if screen != table or name in OF_NO_ROW or name == "details_view":
            continue
        for method in sorted(rule.methods & {"GET", "POST"}):
            argument = next(iter(rule.arguments), None)
            if argument is None:
                yield rule.rule, method
            else:
                yield from ((rule.rule.replace(f"<{argument}>", choice), method) for choice in choices[argument])


@pytest.mark.parametrize("username", ROLES)
def test_a_row_out_of_scope_does_not_exist(two, username):
    office, rows = two
    may, led_to = granted(office, username), set()
    client = office.client(username)
    for table, screen in tables(office.app).items():
        for department in ("sales",) if table in EVERYBODY else ("sales", "tech"):
            row = rows[department][table]
            seen = sees(username, table, department)
            expected = 200 if seen and f"{table}:read" in may else 404
            place = (table, department)
            answer = office.get(username, f"/admin/{table}/details/?id={row}")
            assert answer.status_code == expected, (place, "details")
            led_to |= set(re.findall(r'href="(/admin/\w+/details/\?id=\d+)"', answer.get_data(as_text=True)))
            edit = office.get(username, f"/admin/{table}/edit/?id={row}").status_code
            may_edit = expected == 200 and f"{table}:edit" in may and screen.form_columns
            assert edit in ((200, 302) if may_edit else (404,)), (place, "edit", edit)
            process = PROCESSES.get(table)
            if expected == 200:
                for transition in process.transitions if process else ():
                    answer = office.get(username, f"/admin/{table}/transition/{transition.name}/?id={row}")
                    assert answer.status_code == 200, (place, transition.name)
            else:
                for path, method in addresses(office, table):
                    answer = client.open(
                        path, method=method, query_string={"id": row}, data={"id": row} if method == "POST" else None
                    )
                    assert answer.status_code == 404, (place, path, method, answer.status_code)
            if process and any(t.bulk for t in process.transitions):
                name = next(t.name for t in process.transitions if t.bulk)
                assert office.get(username, f"/admin/{table}/bulk/{name}/?rowid={row}").status_code == expected, (
                    place,
                    "bulk",
                )
            if table == "evidence":
                assert office.get(username, f"/admin/evidence/file/?id={row}").status_code == expected
    for path in sorted(led_to):
        assert office.get(username, path).status_code == 200, f"a page leads {username} to {path}"


@pytest.mark.parametrize("username", ROLES)
def test_lists_exports_and_look_ups_hold_only_what_is_seen(two, username):
    office, rows = two
    may = granted(office, username)
    from models import REQUESTS

    names = {"visitor": "来宾{}", "customer": "客户 {}", "visit": "单位{}"}
    for table in rows["sales"]:
        answer = office.get(username, f"/admin/{table}/")
        assert answer.status_code == (200 if f"{table}:read" in may else 404), table
        for kind in ("csv", "xlsx"):
            export = office.get(username, f"/admin/{table}/export/{kind}/")
            assert export.status_code == (200 if f"{table}:export" in may else 404), (table, kind)
        for department, ids in rows.items():
            if table in names:
                word = names[table].format(department)
            elif table in REQUESTS:
                word = office.ask(sa.select(REQUESTS[table].number).where(REQUESTS[table].id == ids[table]))
            else:
                continue
            expected = sees(username, table, department)
            if f"{table}:read" in may:
                assert (word in answer.get_data(as_text=True)) == expected, (table, department)
            if f"{table}:export" in may:
                assert (
                    word in office.get(username, f"/admin/{table}/export/csv/").get_data(as_text=True)
                ) == expected, (table, department, "csv")
    if "visitguest:read" in may:
        for department in rows:
            for name, word in (("visitor", f"来宾{department}"), ("visit", f"单位{department}")):
                found = office.get(username, f"/admin/visitguest/ajax/lookup/?name={name}&query={word}&limit=-1")
                assert (word in found.get_json(force=True).__str__()) == sees(username, name, department), (
                    name,
                    department,
                )


@pytest.mark.parametrize(("username", "foreign"), [("tech", "sales"), ("sales", "tech")])
def test_a_foreign_row_cannot_be_slipped_into_a_form(two, username, foreign):
    from models import Expense

    office, rows = two
    before = office.ask(sa.select(sa.func.count()).select_from(Expense))
    answer = office.post(
        username,
        "/admin/expense/new/",
        {
            "visit": rows[foreign]["visit"],
            "organisation": "甲",
            "category": "meal",
            "incurred_on": "2026-11-01",
            "guests": "1",
            "escort_count": "1",
            "amount": "10",
            "tax": "0",
            "attachments": "1",
        },
    )
    assert answer.status_code == 200 and "请从列表中选择" in answer.get_data(as_text=True)
    assert office.ask(sa.select(sa.func.count()).select_from(Expense)) == before
    # Guests of a foreign visit neither.
    answer = office.post(
        username, "/admin/visitguest/new/", {"visit": rows[foreign]["visit"], "visitor": rows[username]["visitor"]}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("username", ROLES)
def test_the_menu_holds_only_what_the_role_may_use(sqlite_office, username):
    may = granted(sqlite_office, username)
    page = sqlite_office.get(username, "/admin/").get_data(as_text=True)
    side = page[page.index('<nav class="side"') : page.index("</nav>")]
    for table in re.findall(r'href="/admin/(\w+)/"', side):
        assert f"{table}:read" in may, table
        assert sqlite_office.get(username, f"/admin/{table}/").status_code == 200
    for table in sqlite_office.app.extensions["screens"]:
        assert (f'href="/admin/{table}/"' in side) == (f"{table}:read" in may), table


NONSENSE = (
    "details/?id=abc",
    "details/?id=99999999999999999999",
    "details/?id=1,2",
    "details/?id=",
    "edit/?id=-1",
    "?page=-5",
    "?page=999999999",
    "?search=%00",
    "?search=%22*%27%3B--",
    "?flt0_0=%00",
    "?flt3_3=kaputt",
    "?after=kaputt",
    "?before=W10",
    "?last=1",
    "?sort=99",
    "?page_size=-1",
    "?endpoint=x",
    "?self=1",
    "transition/submit/?id=abc",
    "transition/nothing/?id=1",
    "?url=http:evil.example/x",
    "export/pdf/",
    "export/csv/?flt0_0=x",
)


def test_nonsense_in_an_address_is_never_a_server_error(office):
    for table in ("visit", "expense", "visitor", "meetingroom", "regulation", "event"):
        for path in NONSENSE:
            answer = office.get("office_head", f"/admin/{table}/{path}")
            assert answer.status_code in (200, 302, 404), (table, path, answer.status_code)
            if answer.status_code == 302:
                assert answer.location.startswith("/"), (table, path)


def test_no_screen_shows_a_column_without_a_label(two):
    """Password hashes, session tokens, keyed hashes, search grams and file bodies bear none."""
    office, rows = two
    for name, screen in office.app.extensions["screens"].items():
        if screen.model is None:
            continue
        mapper = sa.inspect(screen.model)
        for column in (*(screen.column_list or ()), *screen.column_details_list, *(screen.column_export_list or ())):
            prop = mapper.attrs.get(column)
            if prop is not None:
                info = prop.columns[0].info if hasattr(prop, "columns") else prop.info
                assert "label" in info, (name, column)
    page = office.get("sysadmin", "/admin/user/details/?id=1").get_data(as_text=True)
    assert "argon2" not in page and "token" not in page.replace("csrf_token", "")
    assert "search_grams" not in office.get(
        "office", f"/admin/visitor/details/?id={rows['sales']['visitor']}"
    ).get_data(as_text=True)


def test_finance_alone_settles_and_sysadmin_approves_nothing(sqlite_office):
    for username in ROLES:
        may = granted(sqlite_office, username)
        assert ("expense:settle" in may) == (username == "finance")
        assert ("expense:finance_csv" in may) == (username == "finance")
        if username == "sysadmin":
            assert not any(p.split(":")[0] in PROCESSES for p in may)
