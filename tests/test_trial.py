"""Trial before adoption: the numbers are those a person would compute by hand, and nothing but the trial's own row
is written."""

import re
import time
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from tests.conftest import ROLES, company_day

SHANGHAI = ZoneInfo("Asia/Shanghai")


def in_office(office, work):
    """What `work` gives inside the application."""
    from models import db

    with office.app.app_context():
        try:
            return work()
        finally:
            db.session.remove()


def copy_of(office, code, change, new=None, replaces=True):
    """A draft copy of a regulation, its data changed by `change`; gives its id."""
    from models import db
    from rulebook import files

    def work():
        original = files.find(code)
        data = files.export(original)
        change(data)
        row = files.store(data, "copy", code=new or f"{code}X", replaces=original if replaces else None)
        db.session.commit()
        return row.id

    return in_office(office, work)


def regulation(office, code):
    from models import Regulation

    return office.ask(sa.select(Regulation.id).where(Regulation.code == code, Regulation.to_version.is_(None)))


def halve(data):
    for clause in data["clause"]:
        for cap in clause.get("cap", ()):
            cap["per_guest"] = Decimal(cap["per_guest"]) / 2


def tried(office, *regulations, left_out=(), since=None, until=None, **more):
    """File a trial through its page, wait for it, and give its id and result."""
    from models import Trial

    form = {
        "regulations": [str(i) for i in regulations],
        "left_out": [str(i) for i in left_out],
        "since": str(since or company_day() - timedelta(days=60)),
        "until": str(until or company_day() + timedelta(days=60)),
        "department": "__None",
    } | more
    answer = office.post("office_head", "/admin/trial/new/", form)
    assert answer.status_code == 302, answer.get_data(as_text=True)[:2000]
    row = office.ask(sa.select(sa.func.max(Trial.id)))
    for _ in range(400):
        far = office.get("office_head", f"/admin/trial/progress/?id={row}").json
        if far["state"] != "running":
            break
        time.sleep(0.02)
    assert far["state"] == "done", far
    assert far["done"] == far["total"]
    return row, office.ask(sa.select(Trial.result).where(Trial.id == row))


def expense(office, amount, guests="2", **more):
    visit = more.pop("visit", None) or office.create_visit()
    row = office.create_expense(visit=visit, amount=amount, guests=guests, **more)
    answer = office.step(
        "sales",
        "expense",
        row,
        "submit",
        reason_spending_cap="理由",
        reason_escort_quota="理由",
        reason_banquet_application="理由",
    )
    assert answer.status_code == 302
    return row


def csv_of(office, row, section):
    answer = office.get("office", f"/admin/trial/csv/{section}/?id={row}")
    assert answer.status_code == 200
    return answer.get_data().decode("utf-8-sig").strip().split("\r\n")


def test_lower_caps_show_the_expenses_above_them_and_by_how_much(office):
    """Level C is rank 4: 150 CNY per guest at meals today (R10-3.1), 75 in the tried copy."""
    from models import Expense

    under, over, far = expense(office, "140.00"), expense(office, "200.00"), expense(office, "330.50")
    numbers = {i: office.ask(sa.select(Expense.number).where(Expense.id == i)) for i in (under, over, far)}
    row, result = tried(office, copy_of(office, "R10", halve))
    assert {r[1]: (r[7], r[8], r[9], r[10]) for r in result["caps"]} == {
        numbers[over]: ("150.00", "75.00", "0.00", "50.00"),
        numbers[far]: ("150.00", "75.00", "30.50", "180.50"),
    }
    assert result["over"] == [1, 2] and result["excess"] == ["30.50", "230.50"]
    assert [r for r in result["findings"] if r[1] == "spending_cap"] == [
        ["R10-3.1", "spending_cap", 1, 0],
        ["R10X-3.1", "spending_cap", 0, 2],
    ]
    lines = csv_of(office, row, "caps")
    assert len(lines) == 3 and any(numbers[far] in line and "180.50" in line for line in lines)
    page = office.get("office", f"/admin/trial/details/?id={row}").get_data(as_text=True)
    assert "230.50" in page and "<svg" in page and numbers[over] in page
    assert office.get("office", "/admin/trial/").status_code == 200


def test_a_step_more_changes_chains_and_the_load_of_whoever_decides_it(office):
    from models import Visit

    visit = office.create_visit(start=None)
    assert office.step("sales", "visit", visit, "submit", reason_advance_notice="临时").status_code == 302

    def with_executive(data):
        data["clause"].append(
            {
                "number": "9",
                "kind": "chain",
                "zh": "一律报公司高层。",
                "en": "All to an executive.",
                "step": [{"subject": "visit", "step": 60, "role": "executive"}],
            }
        )

    row, result = tried(office, copy_of(office, "R08", with_executive))
    number = office.ask(sa.select(Visit.number).where(Visit.id == visit))
    assert result["rechained"]["visit"] == 1
    key, shown, _, _, level, before, after, clauses = result["chains"][0]
    assert (key, shown, level, after) == (visit, number, "C", [*before, "executive"]) and "R08X-9" in clauses.split()
    people = {(role, name): (today, tried) for role, name, _, today, tried in result["people"]}
    assert people["executive", "赵宏伟"] == (0, 1)
    assert people["dept_head", "周建国"] == (1, 1)
    assert number in csv_of(office, row, "chains")[1]
    assert any("赵宏伟" in line for line in csv_of(office, row, "approvals"))


def test_r17_in_place_of_r01(office):
    """R17 grades visits, so R01 gives way; what its clauses find carries its citations, and R01's are gone."""
    visit = office.create_visit()
    assert office.step("sales", "visit", visit, "submit", reason_advance_notice="临时").status_code == 302
    row, result = tried(office, regulation(office, "R17"))
    after = {clause for clause, _, _, count in result["findings"] if count}
    assert not any(clause.startswith("R01-") for clause in after)
    assert result["replayed"]["visit"] == 1
    page = office.get("office", f"/admin/trial/details/?id={row}").get_data(as_text=True)
    assert "R17" in page


def test_what_is_adopted_already_makes_no_difference(office):
    expense(office, "400.00")
    _, result = tried(office, *(regulation(office, code) for code in ("R01", "R08", "R10")))
    assert result["over"] == [1, 1] and result["excess"][0] == result["excess"][1] == "100.00"
    assert not any(result["rechained"].values()) and all(before == after for *_, before, after in result["findings"])
    assert all(before == after for *_, before, after in result["people"])


def test_what_is_left_out_no_longer_finds_anything(office):
    expense(office, "400.00")
    _, result = tried(office, left_out=[regulation(office, "R10")])
    assert result["over"] == [1, 0] and result["excess"] == ["100.00", "0.00"]


def test_it_writes_nothing_but_its_own_row(office):
    from models import Event, Expense, RulebookVersion, Trial, Visit

    expense(office, "400.00")
    draft = copy_of(office, "R10", halve)

    def state():
        return (
            office.rows(sa.select(Visit.id, Visit.version, Visit.compliance)),
            office.rows(sa.select(Expense.id, Expense.version, Expense.cap)),
            office.rows(sa.select(RulebookVersion.id)),
        )

    before = state()
    row, _ = tried(office, draft)
    assert state() == before
    assert office.rows(sa.select(Event.action).where(Event.subject == "trial")) == [("create",)]
    csv_of(office, row, "findings")
    assert (
        office.ask(sa.select(Event.action).where(Event.subject == "trial").order_by(Event.id.desc()).limit(1))
        == "export"
    )
    assert office.ask(sa.select(sa.func.count()).select_from(Trial)) == 1


def test_a_period_takes_in_its_days_only(office):
    expense(office, "400.00", incurred_on=str(company_day() - timedelta(days=10)))
    draft = copy_of(office, "R10", halve)
    day = company_day() - timedelta(days=10)
    assert tried(office, draft, since=day, until=day)[1]["over"] == [1, 1]
    assert tried(office, draft, since=day + timedelta(days=1))[1]["over"] == [0, 0]


def test_only_the_office_may(sqlite_office):
    office = sqlite_office
    row, _ = tried(office, regulation(office, "R10"))
    for username in ROLES:
        may = username in ("office", "office_head")
        for path in ("", f"details/?id={row}", f"progress/?id={row}", f"csv/caps/?id={row}", "new/"):
            assert office.get(username, f"/admin/trial/{path}").status_code == (200 if may else 404), (username, path)
    assert office.get("office", f"/admin/trial/csv/nothing/?id={row}").status_code == 404


def test_a_form_that_chooses_nothing_or_ends_before_it_begins_says_so(sqlite_office):
    from models import Trial

    office = sqlite_office
    day = company_day()
    for form in (
        {"since": str(day), "until": str(day)},
        {"since": str(day), "until": str(day - timedelta(days=1)), "regulations": str(regulation(office, "R10"))},
    ):
        answer = office.post("office", "/admin/trial/new/", form | {"department": "__None"})
        assert answer.status_code == 200 and 'class="error"' in answer.get_data(as_text=True)
    assert office.ask(sa.select(sa.func.count()).select_from(Trial)) == 0


def test_one_whose_process_died_is_shown_as_interrupted_and_can_be_run_again(sqlite_office):
    from core.clock import now
    from models import Trial, TrialState, db

    office = sqlite_office

    def dead():
        db.session.add(
            Trial(
                title="R10",
                regulation_ids=[regulation(office, "R10")],
                since=date(2026, 1, 1),
                until=date(2026, 12, 31),
                created_at=now() - timedelta(hours=1),
                took_ms=2000,
                done=5000,
                total=9000,
            )
        )
        db.session.commit()

    in_office(office, dead)
    assert office.get("office", "/admin/trial/progress/?id=1").json["state"] == "interrupted"
    page = office.get("office", "/admin/trial/details/?id=1").get_data(as_text=True)
    form = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    assert form["regulations"] == str(regulation(office, "R10")) and "<progress" not in page
    row, _ = tried(office, form["regulations"], since=form["since"], until=form["until"])
    assert row == 2 and office.ask(sa.select(Trial.state).where(Trial.id == 1)) == TrialState.FAILED


# ── The quick way says what the rules say ────────────────────────────────────────────────────────
@pytest.fixture
def lived(sqlite_office):
    """A company with visits of several levels, guests, evidence and expenses in several states."""
    office = sqlite_office
    for level in ("A", "B", "C"):
        visit = office.notified_visit(level)
        assert office.step("front", "visit", visit, "check_in", reason_host_told="x").status_code in (200, 302, 409)
        expense(office, "500.00", visit=visit)
    draft = office.create_visit()
    assert office.step("sales", "visit", draft, "submit", reason_advance_notice="临时").status_code == 302
    return office


def test_facts_read_in_bulk_are_those_of_the_rows(lived):
    """Every regulation of the shelf at once: each fact that a rule reads is the one the row itself gives."""
    import facts
    from core.clock import now
    from facts.past import Archive
    from models import REQUESTS, db
    from rules import RULES

    compared = set()

    def work():
        names = frozenset(name for rule in RULES.values() for name in rule.reads)
        for kind, rows in Archive(
            date(2026, 1, 1), company_day() + timedelta(days=99), SHANGHAI, now(), names
        ).batches():
            for past in rows:
                row, moment = db.session.get(REQUESTS[kind], past.id), past.moment or now()
                own = facts.of(row, moment, moment.astimezone(SHANGHAI).date())
                for name in vars(past.facts):
                    assert getattr(past.facts, name) == getattr(own, name), (kind, name)
                    compared.add(name)

    in_office(lived, work)
    assert {
        "rank",
        "attending",
        "heads",
        "escorts",
        "sealed_evidence",
        "named_guests",
        "guest_gaps",
        "lead_title",
        "total",
        "application",
        "guests",
    } <= compared


def test_a_comparison_finds_what_judge_finds(lived):
    """Rows that are alike are judged once; the findings are those of `rules.judge`, row by row."""
    import rules
    from core.clock import now
    from facts.past import Archive
    from rulebook import files, replay
    from rulebook.comparison import Comparison
    from workflow import PROCESSES

    shelf = sorted(p.stem for p in files.FOLDER.glob("*.toml"))

    def work():
        books = files.book_of("R01", "R08", "R10"), files.book_of(*shelf)
        comparisons = {kind: Comparison(books, facts, replay.unknown) for kind, facts in replay.FACTS.items()}
        names = frozenset(name for comparison in comparisons.values() for name in comparison.reads)
        seen = 0
        for _ in range(3):
            for subject, rows in Archive(
                date(2026, 1, 1), company_day() + timedelta(days=99), SHANGHAI, now(), names
            ).batches():
                for past in rows:
                    group = comparisons[subject].group(past.rank, past.reached)
                    compared = [*group.shared_by(past.facts).findings, *group.of_row(past.facts)]
                    for side, book in enumerate(books):
                        expected = {
                            f.rule: (f.severity, set(f.clauses), str(f.text))
                            for f in rules.judge(book, past.facts, past.reached)
                            if f.rule != rules.APPROVAL_CHAIN and not replay.unknown(f.rule)
                        }
                        verdicts = {
                            kind: (sides[side].severity, set(sides[side].clauses), str(sides[side].text))
                            for kind, _, *sides in compared
                            if sides[side] is not None
                        }
                        assert verdicts == expected, (subject, past.number)
                    seen += 1
        assert seen >= 20 and PROCESSES["visit"]

    in_office(lived, work)


def test_every_rule_can_be_replayed_or_says_why_not():
    from facts.past import FILED
    from rulebook import replay
    from rules import RULES
    from workflow import VISIT

    reasons = {kind: replay.unknown(kind) for kind in RULES}
    replayed = {kind for kind, why in reasons.items() if why is None}
    assert {"spending_cap", "advance_notice"} <= replayed
    assert reasons["complaint_answered"] == replay.ELSEWHERE and reasons["checklist_before"] != replay.ELSEWHERE
    for why in filter(None, reasons.values()):
        assert why.endswith(".") and len(why.split()) > 3, "a sentence for people"
    # A rule that is replayed is judged at a moment which some row of the past went through.
    reached = FILED.union({"file"}, *VISIT.reached.values())
    assert not [kind for kind in replayed if RULES[kind].moments.isdisjoint(reached)]
    assert replay.DEADLINES & replayed
