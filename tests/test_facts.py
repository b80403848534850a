"""Facts are told alike of one row and of very many: every fact, on rows of every kind and in every state.

The rows are filled in by chance (always the same), so that what one reader would see and the other not has no place
to hide.
"""

import random
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

import facts
import models as m
from core.clock import local_day, now, zone
from facts.base import READERS
from facts.past import REPLAYED, UNTOLD, Archive
from models import db
from rules import RULES
from tests.conftest import build, company_day, fresh
from tests.factories import Rows
from workflow import VisitState


class Company:
    """Rows of every kind in every state, filled in by chance."""

    def __init__(self, number: int):
        self.by_chance = random.Random(number)
        self.rows = {name: Rows(name) for name in ("sales", "office")}
        self.moment = now().replace(microsecond=0)
        self.actor = self.rows["office"].user.actor(self.moment, local_day(self.moment))
        self.people = db.session.scalars(sa.select(m.User)).all()
        self.levels = db.session.scalars(sa.select(m.ReceptionLevel).where(m.ReceptionLevel.to_version.is_(None))).all()

    def maybe(self, value, nothing=None, share=0.5):
        return value if self.by_chance.random() < share else nothing

    def one(self, *values):
        return self.by_chance.choice(values)

    def some(self, most=2):
        return range(self.by_chance.randint(0, most))

    def when(self):
        """A moment within ten days."""
        return self.moment + timedelta(minutes=self.by_chance.randint(-14000, 14000))

    def day(self):
        return local_day(self.when())

    def make(self, rows, model, state=None, **values):
        """A row of `model`; a request is filed, and closed where its state says so."""
        if state is not None:
            filed = state not in model.process.unfiled and self.maybe(self.when(), share=0.9)
            closed = self.when() if state in model.process.over else None
            values |= {"status": state, "closed_at": closed}
            row = rows.make(model, **values)
            row.created_at, row.submitted_at = self.when(), filed or None
            return row
        return rows.make(model, **values)

    def file(self):
        for rows in self.rows.values():
            for kind, model in m.REQUESTS.items():
                for state in model.process.states:
                    for _ in range(1 if model is m.Visit else 2):
                        getattr(self, kind, self.request)(rows, model, state)
            for model in (m.Incident, m.Feedback, m.Assessment, m.Violation):
                for _ in range(6):
                    getattr(self, model.__tablename__)(rows, model)
        db.session.commit()

    def request(self, rows, model, state):
        return self.make(rows, model, state)

    # ── Visits ───────────────────────────────────────────────────────────────────────────────────
    def visit(self, rows, model, state):
        for walk_in in (False, True):
            visit = self.make(rows, m.Visit, state, walk_in=walk_in, **self.says())
            rows.made[m.Visit] = visit
            if self.by_chance.random() < 0.85:
                self.belongings(rows, visit)

    def says(self):
        start = self.when()
        customer = self.one(*self.rows.values()).make(m.Customer, kind=self.one(*m.CustomerClass))
        return {
            "planned_start": start,
            "planned_end": start + timedelta(hours=2),
            "organisation": self.one("甲公司", "乙公司", ""),
            "purpose": self.maybe("参观", ""),
            "guest_count": self.one(1, 2, 5),
            "customer_id": self.maybe(customer.id),
            "level_id": self.maybe(self.one(*self.levels).id),
            "host_id": self.one(*self.people).id,
            "category": self.one(*m.VisitCategory),
            "area": self.one(*m.Area),
            "visit_kind": self.one(*m.VisitKind),
            "channel": self.one(*m.Channel),
            "outcome": self.one(*m.Outcome),
            "offer": self.one(*m.Offer),
            "refusal": self.maybe(self.one(*m.Refusal)),
            "needs": self.by_chance.sample([str(n) for n in m.Need], self.by_chance.randint(0, 3)),
            "nights": self.one(0, 2),
            "budget": self.maybe(Decimal("12.50")),
            "record": self.one("", " \n\t　", "谈妥", "\n 谈"),
            "route_id": self.maybe(db.session.scalar(sa.select(m.TourRoute.id))),
            **{
                name: self.maybe("字", "") for name in ("contact", "lead_guest", "lead_title", "transport", "letter_no")
            },
            **{name: self.maybe(self.when()) for name in ("requested_at", "answered_at", "guest_confirmed_at")},
            **{name: self.maybe(self.when()) for name in ("host_confirmed_at", "ready_at", "recorded_at")},
            **{name: self.maybe(True, False, 0.3) for name in ("sensitive", "unrelated_sales")},
        }

    def belongings(self, rows, visit):
        for _ in self.some(3):
            self.guest(rows)
        for user in self.by_chance.sample(self.people, self.by_chance.randint(0, 3)):
            rows.make(m.VisitEscort, user_id=user.id, duty=self.one("", " ", "带队"))
        for _ in self.some():
            rows.make(m.Evidence, sealed=self.maybe(True, False))
            rows.make(m.ItineraryItem, kind=self.one(*m.ItineraryKind), diet=self.maybe("素", ""))
            rows.make(m.VisitQuestion, created_at=self.when(), answered_at=self.maybe(self.when()))
            rows.make(m.ChecklistItem, item=str(self.by_chance.random()), done_at=self.maybe(self.when()))
            rows.make(m.Feedback)
            rows.make(m.BusinessCard)
            rows.make(m.FollowUp, visit_id=visit.id, next_on=self.maybe(self.day()))
            rows.make(m.RoomBooking, visit_id=visit.id, status=self.one(*m.RoomBooking.process.states))
            rows.make(
                m.Dispatch,
                visit_id=visit.id,
                status=self.one(*m.Dispatch.process.states),
                send_off=self.maybe(True, False),
            )
            rows.make(m.GiftRequest, visit_id=visit.id, status=self.one(*m.GiftRequest.process.states))
            rows.make(m.GoodsRelease, status=self.one(*m.GoodsRelease.process.states))
            self.nda(rows)
        for _ in self.some():
            self.notice(rows)

    def guest(self, rows):
        visitor = rows.make(
            m.Visitor,
            gender=self.one(*m.Gender),
            phone=self.maybe("13900000000"),
            identity_no=self.maybe("110101199001011234"),
            blacklisted=self.maybe(True, False, 0.2),
            **{name: self.maybe("字", "") for name in ("title", "organisation", "diet")},
        )
        guest = rows.make(
            m.VisitGuest, visitor_id=visitor.id, is_lead=self.maybe(True, False), signed=self.maybe(True, False)
        )
        for n in self.some():
            rows.make(
                m.Checkin,
                guest_id=guest.id,
                left_at=self.when() if n else self.maybe(self.when()),
                badge_no=self.maybe(f"B{guest.id}{n}", ""),
                identity_checked=self.maybe(True, False, 0.8),
                security_checked=self.maybe(True, False, 0.8),
            )

    def nda(self, rows):
        rows.make(
            m.Nda,
            organisation=self.one("甲公司", "乙公司", ""),
            signed_on=self.day(),
            valid_until=self.maybe(self.day()),
        )

    def notice(self, rows):
        from facts import notices

        visit = rows.made[m.Visit]
        content = notices.content(visit) | self.maybe({"rooms": [["旧"]]}, {})
        notice = rows.make(
            m.Notice, issued_by_id=self.one(*self.people).id, content=self.maybe(content, {}), visit_id=visit.id
        )
        for department in self.by_chance.sample([u.department_id for u in self.people[:1]], 1):
            rows.make(
                m.NoticeReceipt,
                notice_id=notice.id,
                department_id=department,
                status=self.one(*m.NoticeReceipt.process.states),
            )

    # ── Money, gifts, cars ───────────────────────────────────────────────────────────────────────
    def spends(self, rows):
        visit = self.maybe(self.make(rows, m.Visit, VisitState.CLOSED, **self.says()), share=0.7)
        return {
            "visit_id": visit and visit.id,
            "guests": self.one(1, 4),
            "escort_count": self.one(0, 1, 3),
            "amount": Decimal(self.by_chance.randint(1, 99999)) / 100,
            "category": self.one(*m.Category),
        }

    def hospitalityrequest(self, rows, model, state):
        return self.make(rows, m.HospitalityRequest, state, planned_on=self.day(), **self.spends(rows))

    def expense(self, rows, model, state):
        asked = self.maybe(self.hospitalityrequest(rows, None, self.one(*m.HospitalityRequest.process.states)))
        return self.make(
            rows,
            m.Expense,
            state,
            incurred_on=self.day(),
            hospitality_id=asked and asked.id,
            wine_amount=self.one(Decimal(0), Decimal("33.30")),
            **self.spends(rows),
        )

    def giftrequest(self, rows, model, state):
        asked = self.maybe(self.hospitalityrequest(rows, None, self.one(*m.HospitalityRequest.process.states)))
        visit = self.maybe(self.make(rows, m.Visit, VisitState.CLOSED, **self.says()))
        gift = rows.make(
            m.Gift,
            benefit=self.one(*m.Benefit),
            important=self.maybe(True, False),
            unit_cost=self.one(Decimal(10), Decimal("99.50")),
        )
        return self.make(
            rows,
            m.GiftRequest,
            state,
            hospitality_id=asked and asked.id,
            visit_id=visit and visit.id,
            quantity=self.one(1, 3),
            gift_id=gift.id,
        )

    def dispatch(self, rows, model, state):
        start = self.when()
        filled = {name: self.maybe("字", "") for name in ("flight", "contact", "sign")}
        return self.make(rows, m.Dispatch, state, out_planned=start, back_planned=start + timedelta(hours=1), **filled)

    # ── Afterwards ───────────────────────────────────────────────────────────────────────────────
    def outboundplan(self, rows, model, state):
        plan = self.make(rows, m.OutboundPlan, state, month=(self.day() + timedelta(self.one(0, 31))).replace(day=1))
        for _ in self.some():
            self.outboundvisit(rows, None, self.one(*m.OutboundVisit.process.states), plan_id=plan.id)

    def outboundvisit(self, rows, model, state, **more):
        visit = self.make(
            rows,
            m.OutboundVisit,
            state,
            planned_on=self.day(),
            reported_on=self.maybe(self.day()),
            expected_cost=self.maybe(Decimal("5.00")),
            purpose=self.one(*m.OutboundPurpose),
            target=self.one(*m.OutboundTarget),
            **{name: self.maybe("字", "") for name in ("contact", "goal", "items")},
            **more,
        )
        for _ in self.some():
            rows.make(m.Commitment, outbound_id=visit.id, made_on=self.day(), settled_on=self.maybe(self.day()))

    def complaint(self, rows, model, state):
        filled = {name: self.one("", " \n", "字") for name in ("investigation", "solution")}
        return self.make(
            rows, m.Complaint, state, received_at=self.when(), answered_at=self.maybe(self.when()), **filled
        )

    def incident(self, rows, model):
        rows.make(model, occurred_at=self.when(), handled_at=self.maybe(self.when()), measures=self.maybe("字", ""))

    def feedback(self, rows, model):
        rows.make(model, given_on=self.day(), passed_on=self.maybe(self.day()))

    def assessment(self, rows, model):
        rows.make(model, held_on=self.day(), scores=self.maybe({"守时": 8}, {}))

    def violation(self, rows, model):
        rows.make(model, happened_on=self.day(), serious=self.maybe(True, False), measure=self.one(*m.Measure))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def company(request, tmp_path_factory, templates):
    """One company for all these tests, on each kind of database; what a test writes is taken back."""
    made = fresh(request.param, request, tmp_path_factory.mktemp("facts"), templates)
    app = build({"SQLALCHEMY_DATABASE_URI": next(made), "SQLALCHEMY_ENGINE_OPTIONS": {}})
    with app.app_context():
        company = Company(7)
        company.file()
        yield company
        db.session.remove()
        db.engine.dispose()
    next(made, None)


@pytest.fixture(autouse=True)
def taken_back(request):
    yield
    if "company" in request.fixturenames:
        db.session.rollback()


def values(row_facts) -> dict:
    """Every fact by name, whether it was told or has the value of its class."""
    return {f.name: getattr(row_facts, f.name) for f in fields(row_facts)}


def archive(names=None):
    return Archive(company_day() - timedelta(60), company_day() + timedelta(60), zone(), now(), names)


def test_the_facts_of_a_past_row_are_those_that_the_row_itself_tells(company):
    """Each fact, not only those that some rule reads: a trial and a page never differ."""
    seen = {}
    for kind, past_rows in archive().batches():
        for past in past_rows:
            row = db.session.get(m.REQUESTS[kind], past.id)
            moment = past.moment or company.moment
            assert values(past.facts) == values(facts.of(row, moment, local_day(moment))), (kind, row)
            seen.setdefault(kind, set()).add(row.status)
    for kind, replayed in REPLAYED.items():
        process = replayed.model.process
        assert seen[kind] == set(process.states) - process.unfiled, kind


@pytest.mark.parametrize("model", READERS, ids=lambda model: model.__tablename__)
def test_the_facts_of_a_batch_are_those_that_each_row_tells(company, model):
    rows = db.session.scalars(sa.select(model)).all()
    moment = company.moment
    batch = facts.Batch(model, [row.id for row in rows], moment, local_day(moment))
    assert rows
    for row in rows:
        assert values(batch.of(row.id)) == values(facts.of(row, moment, local_day(moment))), row


ALIKE = {"day", "today", "moment", "host"}
"""Facts that are the same of every stored row: when it is judged, and that somebody is to receive the guests."""


@pytest.mark.parametrize("model", READERS, ids=lambda model: model.__tablename__)
def test_every_fact_differs_among_the_rows(company, model):
    """A fact that is the same of all of them would be told alike by any two readers."""
    reader, moment = READERS[model], company.moment
    rows = [values(facts.of(row, moment, local_day(moment))) for row in db.session.scalars(sa.select(model))]
    alike = {name for name in reader.fields if all(row[name] == rows[0][name] for row in rows)}
    assert alike <= reader.constants.keys() | UNTOLD.keys() | ALIKE


def test_what_a_rule_reads_is_the_same_without_what_the_others_read(company):
    """A fact is told from all it is made of, also where no other rule has the rest read."""
    kinds = {reader.facts: [] for reader in READERS.values()}
    for kind, rule in RULES.items():
        for read in set(rule.facts) & kinds.keys():
            kinds[read].append(kind)
    moment, day = company.moment, local_day(company.moment)
    for model, reader in READERS.items():
        keys = db.session.scalars(sa.select(model.id)).all()
        whole = facts.Batch(model, keys, moment, day)
        for kind in kinds[reader.facts]:
            alone = facts.Batch(model, keys, moment, day, [kind])
            for name in RULES[kind].reads & reader.fields:
                assert [getattr(alone.of(key), name) for key in keys] == [
                    getattr(whole.of(key), name) for key in keys
                ], (kind, name)


def test_a_visit_being_typed_tells_what_it_will_tell_once_it_is_stored(company):
    """What a form lays into a visit counts: guests, escorts, the letter."""
    rows = company.rows["sales"]
    visitor = rows.make(m.Visitor, title="总经理", phone="13900000000")
    host, escort = company.people[:2]
    typed = m.Visit(
        status=VisitState.DRAFT,
        applicant_id=rows.user.id,
        department_id=rows.user.department_id,
        version=1,
        number="X",
        **company.says() | {"host_id": host.id},
    )
    with db.session.no_autoflush:
        typed.guests = [m.VisitGuest(visitor=visitor, is_lead=True)]
        typed.escorts = [m.VisitEscort(user=escort, duty="带队")]
        typed.evidence = [m.Evidence(sealed=True, filename="a", media_type="a", size=1, sha256="", content=b"1")]
        before = values(facts.of(typed, company.moment, local_day(company.moment)))
    db.session.add(typed)
    db.session.flush()
    db.session.expire_all()
    after = values(facts.of(typed, company.moment, local_day(company.moment)))
    assert before == after | {"rank": before["rank"], "customer_class": before["customer_class"]}


def test_every_fact_is_told_or_says_why_not():
    """A fact that is added to a kind of row and forgotten in its reader would keep its default in silence."""
    for reader in READERS.values():
        known = reader.tellers.keys() | reader.columns.keys() | reader.constants.keys() | {"moment", "today"}
        assert reader.fields - known <= UNTOLD.keys(), reader.facts
    for name, why in UNTOLD.items():
        assert why.endswith("."), name


# ── What it costs ────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def statements(company):
    """The statements that are executed while the test runs, newest last."""
    engine, seen = db.engine, []

    def note(connection, cursor, statement, *rest):
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    yield seen
    sa.event.remove(engine, "before_cursor_execute", note)


def test_twice_as_many_rows_cost_as_many_statements(company, statements):
    for model in READERS:
        keys = db.session.scalars(sa.select(model.id).order_by(model.id)).all()
        counts = []
        for some in (keys[: len(keys) // 2], keys):
            statements.clear()
            batch = facts.Batch(model, some, company.moment, company_day())
            for key in some:
                batch.of(key)
            counts.append(len(statements))
        assert counts[0] == counts[1], model


def test_what_no_rule_reads_costs_no_statement(company, statements):
    chosen = sa.select(m.Visit).join(m.VisitGuest).join(m.Notice).limit(1)
    visit = db.session.scalar(chosen.options(sa.orm.joinedload(m.Visit.level)))
    for kinds, most in ((("advance_notice", "outcome_recorded"), 0), (("feedback_collected",), 1), (("arranged",), 3)):
        statements.clear()
        facts.of(visit, company.moment, company_day(), kinds)
        assert len(statements) == most, kinds


def test_what_the_form_says_goes_before_what_is_stored(company):
    visit = db.session.scalar(sa.select(m.Visit).where(m.Visit.status == VisitState.FINISHED))
    visit.record, visit.outcome = "", m.Outcome.NONE
    typed = facts.of(
        visit, company.moment, company_day(), record="谈妥", outcome="agreed", route=True, badges_missing=7, signed=True
    )
    assert typed.recorded and typed.outcome == "agreed" and typed.badges_missing == 7 and typed.route
    assert {"record", "outcome"} <= typed.filled and "tour" in typed.arranged and "signature" not in typed.guest_gaps
    with pytest.raises(TypeError, match="colour"):
        facts.of(visit, company.moment, company_day(), colour="red")


def test_rows_of_which_no_rule_speaks_say_so():
    assert facts.knows(m.Visit) and facts.knows(m.Expense()) and not facts.knows(m.RoomBooking())


# ── Many rows judged together ────────────────────────────────────────────────────────────────────
REQUESTS = {kind: model for kind, model in m.REQUESTS.items() if facts.knows(model)}


def standing(model) -> dict:
    """How each request of a kind stands, and what is found about it."""
    kind = model.process.name
    columns = [c for c in m.CurrentFinding.__table__.c if c.name != "id"]
    findings = db.session.execute(sa.select(*columns).where(m.CurrentFinding.subject == kind))
    states = db.session.execute(sa.select(model.id, model.compliance)).all()
    return {"findings": sorted(map(str, findings)), "states": sorted(map(tuple, states))}


@pytest.mark.parametrize("model", REQUESTS.values(), ids=REQUESTS)
def test_rows_judged_together_stand_as_each_by_itself(company, model):
    """The daily job, and whoever saves one row, come to the same."""
    from engine.compliance import refresh, refresh_all

    rows = db.session.scalars(sa.select(model).order_by(model.id)).all()
    for row in rows:
        refresh(row, company.actor)
    one_by_one = standing(model)
    db.session.execute(sa.delete(m.CurrentFinding))
    db.session.execute(sa.update(model).values(compliance=m.Compliance.CLEAR))
    db.session.expire_all()
    refresh_all(rows, company.actor)
    assert standing(model) == one_by_one
    assert one_by_one["findings"] or model not in (m.Visit, m.Expense, m.HospitalityRequest, m.GiftRequest)


def test_the_daily_job_does_not_ask_more_for_twice_as_many_rows(company, statements):
    from engine.compliance import refresh_all, with_parents

    for model in REQUESTS.values():
        keys = db.session.scalars(sa.select(model.id).order_by(model.id)).all()
        counts = []
        for some in (keys[::2], keys):
            db.session.rollback()
            statements.clear()
            refresh_all(db.session.scalars(with_parents(model).where(model.id.in_(some))).all(), company.actor)
            counts.append(len(statements))
        # A state more to write, or a department more whose head could decide, may come with them.
        assert counts[1] <= counts[0] + 3, model
