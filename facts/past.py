"""The past as the rules see it: the facts of many visits, expenses and bookings, read in bulk.

The bulk sibling of `tables.facts` and of each table's own `facts`: the same facts, for rows that are long over.
It reads columns instead of objects, a few thousand rows at a time, and what other tables say of them by one
query per table and batch; what no rule reads is not read here either. What a row's past no longer
tells (who stood at the desk, what a form said) stays at its default; `trial.py` does not judge rules that ask for it.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from clauses.words import DispatchField
from rules import DispatchFacts, GiftFacts, SpendingFacts, VisitFacts
from tables.aftercare import BusinessCard, Feedback, FollowUp, VisitQuestion
from tables.base import Role, UTCDateTime, date, datetime, db, sa, writing
from tables.customers import Customer, Visitor
from tables.desk import Checkin, Nda
from tables.gifts import Gift, GiftRequest
from tables.money import Expense, HospitalityRequest
from tables.people import Department, User, UserRole
from tables.regulations import ReceptionLevel
from tables.resources import Dispatch, RoomBooking
from tables.visits import Evidence, ItineraryItem, Notice, Visit, VisitEscort, VisitGuest
from workflow import BOOKING, DISPATCH, EXPENSE, GIFT_REQUEST, HOSPITALITY, VISIT

BATCH = 2000
NONE: frozenset = frozenset()
NO_LEVEL, NOTHING = (None, ""), Decimal(0)
FILED = frozenset({"submit", "approve"})
"""The moments that every filed request went through."""


class Past(NamedTuple):
    """One row of the past: what identifies it, what its chain goes by, how far it came, and its facts."""

    id: int
    number: str
    on: date
    department_id: int
    applicant_id: int
    rank: int | None
    amount: Decimal
    conditions: frozenset
    chained: bool
    reached: frozenset
    facts: object
    about: str


@dataclass
class People:
    """Who works here and holds which role, today."""

    names: dict[int, str] = field(default_factory=dict)
    departments: dict[int, str] = field(default_factory=dict)
    department_of: dict[int, int] = field(default_factory=dict)
    roles: dict[int, frozenset] = field(default_factory=dict)
    active: frozenset = NONE

    def holders(self, role: str, department_id: int) -> list[int]:
        """The active people who hold `role`; of department heads the department's own."""
        return [
            i
            for i in sorted(self.active)
            if role in self.roles.get(i, NONE) and (role != Role.DEPT_HEAD or self.department_of[i] == department_id)
        ]


@contextmanager
def reading():
    """A connection that only reads and gives back its snapshot at the end."""
    token = writing.set(False)
    try:
        with db.engine.connect() as connection:
            yield connection
            connection.rollback()
    finally:
        writing.reset(token)


class Archive:
    """The rows of a period. `facts` names what will be read of their facts; `moment` is now."""

    def __init__(
        self,
        since: date,
        until: date,
        zone: ZoneInfo,
        moment: datetime,
        facts: frozenset,
        department_id: int | None = None,
    ):
        self.since, self.until, self.zone, self.moment, self.facts, self.department_id = (
            since,
            until,
            zone,
            moment,
            facts,
            department_id,
        )
        self.plain, self.also = _columns(moment), [name for name, of in TYPED.items() if not facts.isdisjoint(of)]
        self.start = datetime(since.year, since.month, since.day, tzinfo=zone)
        self.needs: dict[str, frozenset] = {}
        self.receivers: dict[tuple, dict] = {}
        after = until + timedelta(days=1)
        self.end = datetime(after.year, after.month, after.day, tzinfo=zone)
        with reading() as connection:
            self.people = _people(connection)
            self.levels = {
                i: (rank, code)
                for i, rank, code in connection.execute(
                    sa.select(ReceptionLevel.id, ReceptionLevel.rank, ReceptionLevel.code)
                )
            }
            self.customers = {
                i: (kind, of)
                for i, kind, of in connection.execute(
                    sa.select(Customer.id, _plain(Customer.kind), Customer.department_id)
                )
            }

    def count(self) -> dict[str, int]:
        """How many rows of each kind there are to replay."""
        with reading() as connection:
            return {
                kind: connection.scalar(
                    sa.select(sa.func.count()).select_from(self._scoped(model, sa.select(model.id), on).subquery())
                )
                for kind, (model, on, _) in SOURCES.items()
            }

    def batches(self) -> Iterator[tuple[str, list[Past]]]:
        """Every row of the period, kind by kind, in the order of its day; no transaction outlives a batch."""
        for kind, (model, on, read) in SOURCES.items():
            last = None
            while True:
                with reading() as connection:
                    rows, last = read(self, connection, last)
                if rows:
                    yield kind, rows
                if last is None:
                    break

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────
    def _scoped(self, model, statement, on, last=None):
        first, end = (
            (self.start, self.end) if isinstance(on.type, UTCDateTime) else (self.since, self.until + timedelta(days=1))
        )
        statement = statement.where(
            on >= (first if last is None else last[0]),
            on < end,
            model.status.not_in(model.process.unfiled),
        )
        return statement if self.department_id is None else statement.where(model.department_id == self.department_id)

    def _page(self, connection, model, on, last, statement):
        """The next rows after the key `last`, and the key to go on from (None: that was all)."""
        statement = self._scoped(model, statement, on, last).add_columns(on.label("at_"), model.id.label("key_"))
        if last is not None:
            statement = statement.where(
                sa.tuple_(on, model.id) > sa.tuple_(sa.literal(last[0], on.type), sa.literal(last[1]))
            )
        rows = connection.execute(statement.order_by(on, model.id).limit(BATCH)).all()
        return rows, (rows[-1].at_, rows[-1].key_) if len(rows) == BATCH else None

    def _day(self, moment: datetime | None) -> date | None:
        return None if moment is None else moment.astimezone(self.zone).date()

    def wants(self, *names: str) -> bool:
        """Whether any of these facts will be read."""
        return not self.facts.isdisjoint(names)

    def visits(self, connection, last):
        v, told = Visit, [name for name in self.plain if name in self.facts or name in ALWAYS]
        rows, last = self._page(
            connection,
            v,
            v.planned_start,
            last,
            sa.select(
                v.id,
                v.number,
                _plain(v.status).label("status"),
                v.department_id,
                v.applicant_id,
                v.host_id,
                v.level_id,
                v.customer_id,
                v.organisation,
                v.budget,
                v.walk_in,
                *(self.plain[name].label(f"f_{name}") for name in told),
                *(_plain(v.needs).label("needs") if name == "needs" else getattr(v, name) for name in self.also),
            ),
        )
        if not rows:
            return [], last
        beside, places, out = _Beside(self, connection, rows), slice(11, 11 + len(told)), []
        for row in rows:
            key, number, state, department, applicant, host, level, customer, organisation, budget, walk_in = row[:11]
            rank, code = self.levels.get(level, NO_LEVEL)
            facts = dict(zip(told, row[places], strict=True))
            facts |= {
                "rank": rank,
                "walk_in": walk_in,
                "named_guests": 0,
                "identity": True,
                "security": True,
                "guest_gaps": {},
                "overdue_questions": {},
            }
            facts["customer_class"] = self.customers[customer][0] if customer else ""
            found = beside.found.pop(key, None)
            if self.wants("attending", "escorts", "heads", "host_is_leader"):
                facts.update(self._receiving(host, tuple(found.pop("escort_ids", ())) if found else ()))
            if found:
                facts.update(found)
            if self.also:
                self._typed(row, facts)
            out.append(
                Past(
                    key,
                    number,
                    self._day(row.at_),
                    department,
                    applicant,
                    rank,
                    budget or NOTHING,
                    NONE,
                    not walk_in,
                    VISIT.reached.get(state, FILED),
                    _made(VisitFacts, facts),
                    f"{organisation}\t{code}",
                )
            )
        return out, last

    def _receiving(self, host: int, escorts: tuple[int, ...]) -> dict:
        """Host and escorts by their roles; the same people receive again and again."""
        if (host, escorts) not in self.receivers:
            held = [self.people.roles.get(i, NONE) for i in (host, *escorts)]
            self.receivers[host, escorts] = {
                "escorts": len(escorts),
                "attending": NONE.union(*held),
                "heads": sum(1 for roles in held if Role.DEPT_HEAD in roles),
                "host_is_leader": Role.EXECUTIVE in held[0],
            }
        return self.receivers[host, escorts]

    def _typed(self, row, facts: dict):
        """The facts that come out of what was typed: needs, the main guest's position, which fields hold something."""
        lead = facts.pop("lead", "")
        if "needs" in self.also:
            if row.needs.__class__ is str and row.needs not in self.needs:
                self.needs[row.needs] = frozenset(json.loads(row.needs) or ())
            facts["needs"] = self.needs[row.needs] if row.needs.__class__ is str else frozenset(row.needs or ())
        if "lead_title" in self.also:
            facts["lead_title"] = f"{row.lead_title or ''} {lead} {row.lead_guest or ''}".strip()
        if "filled" in self.facts:
            facts["filled"] = _filled(row, facts)
        facts.pop("itinerary", None)

    def expenses(self, connection, last):
        e, asked, out = Expense, HospitalityRequest, []
        rows, last = self._page(
            connection,
            e,
            e.incurred_on,
            last,
            sa.select(
                e.id,
                e.number,
                e.department_id,
                e.applicant_id,
                _plain(e.category),
                e.incurred_on,
                e.guests,
                e.escort_count,
                e.amount,
                e.wine_amount,
                e.organisation,
                Visit.level_id,
                Visit.customer_id,
                _plain(asked.status),
                asked.submitted_at,
            )
            .outerjoin(Visit, Visit.id == e.visit_id)
            .outerjoin(asked, asked.id == e.hospitality_id),
        )
        for (
            key,
            number,
            department,
            applicant,
            category,
            on,
            guests,
            escorts,
            amount,
            wine,
            organisation,
            level,
            customer,
            state,
            asked_at,
            *_,
        ) in rows:
            rank = self.levels.get(level, NO_LEVEL)[0]
            out.append(
                Past(
                    key,
                    number,
                    on,
                    department,
                    applicant,
                    rank,
                    amount,
                    NONE,
                    True,
                    FILED,
                    _made(
                        SpendingFacts,
                        {
                            "category": category,
                            "rank": rank,
                            "guests": guests,
                            "escorts": escorts,
                            "total": amount + wine if wine else amount,
                            "application": "approved" if state in HOSPITALITY.granted else "none",
                            "charged_elsewhere": bool(customer) and self.customers[customer][1] != department,
                            "late": asked_at is not None and self._day(asked_at) > on,
                        },
                    ),
                    organisation,
                )
            )
        return out, last

    def hospitality(self, connection, last):
        h = HospitalityRequest
        rows, last = self._page(
            connection,
            h,
            h.planned_on,
            last,
            sa.select(
                h.id,
                h.number,
                h.department_id,
                h.applicant_id,
                _plain(h.category).label("category"),
                h.planned_on,
                h.guests,
                h.escort_count,
                h.amount,
                h.organisation,
                h.submitted_at,
                Visit.level_id,
                Visit.customer_id,
            ).outerjoin(Visit, Visit.id == h.visit_id),
        )
        out = []
        for row in rows:
            rank = self.levels.get(row.level_id, NO_LEVEL)[0]
            out.append(
                Past(
                    row.id,
                    row.number,
                    row.planned_on,
                    row.department_id,
                    row.applicant_id,
                    rank,
                    row.amount,
                    NONE,
                    True,
                    FILED,
                    _made(
                        SpendingFacts,
                        {
                            "category": row.category,
                            "rank": rank,
                            "guests": row.guests or 1,
                            "escorts": row.escort_count or 0,
                            "total": row.amount,
                            "application": "self",
                            "needs_application": False,
                            "charged_elsewhere": bool(row.customer_id)
                            and self.customers[row.customer_id][1] != row.department_id,
                            "late": row.submitted_at is not None and self._day(row.submitted_at) > row.planned_on,
                        },
                    ),
                    row.organisation,
                )
            )
        return out, last

    def gifts(self, connection, last):
        g, asked = GiftRequest, HospitalityRequest
        rows, last = self._page(
            connection,
            g,
            g.created_at,
            last,
            sa.select(
                g.id,
                g.number,
                g.department_id,
                g.applicant_id,
                g.quantity,
                g.purpose,
                g.submitted_at,
                g.created_at,
                Gift.unit_cost,
                Gift.important,
                _plain(Gift.benefit).label("benefit"),
                Visit.level_id,
                Visit.guest_count,
                Visit.planned_start,
                _plain(asked.status).label("asked"),
            )
            .join(Gift, Gift.id == g.gift_id)
            .outerjoin(Visit, Visit.id == g.visit_id)
            .outerjoin(asked, asked.id == g.hospitality_id),
        )
        out = []
        for row in rows:
            value = row.unit_cost * row.quantity
            out.append(
                Past(
                    row.id,
                    row.number,
                    self._day(row.created_at),
                    row.department_id,
                    row.applicant_id,
                    self.levels.get(row.level_id, NO_LEVEL)[0],
                    value,
                    frozenset({"important"}) if row.important else NONE,
                    True,
                    FILED,
                    _made(
                        GiftFacts,
                        {
                            "application": "approved" if row.asked in HOSPITALITY.granted else "none",
                            "important": bool(row.important),
                            "benefit": row.benefit or "",
                            "value": value,
                            "guests": row.guest_count or 1,
                            "requested_on": self._day(row.submitted_at or row.created_at),
                            "needed_on": self._day(row.planned_start),
                        },
                    ),
                    row.purpose,
                )
            )
        return out, last

    def dispatches(self, connection, last):
        d = Dispatch
        fields = [str(f) for f in DispatchField]
        rows, last = self._page(
            connection,
            d,
            d.out_planned,
            last,
            sa.select(
                d.id,
                d.number,
                d.department_id,
                d.applicant_id,
                d.out_planned,
                d.created_at,
                d.reason,
                *(getattr(d, name).label(f"f_{name}") for name in fields),
            ),
        )
        return [
            Past(
                row.id,
                row.number,
                self._day(row.out_planned),
                row.department_id,
                row.applicant_id,
                None,
                Decimal(0),
                NONE,
                False,
                frozenset({"file"}),
                _made(
                    DispatchFacts,
                    {
                        "day": self._day(row.out_planned),
                        "filed_on": self._day(row.created_at),
                        "filled": frozenset(name for name in fields if getattr(row, f"f_{name}")),
                    },
                ),
                row.reason,
            )
            for row in rows
        ], last


SOURCES = {
    VISIT.name: (Visit, Visit.planned_start, Archive.visits),
    EXPENSE.name: (Expense, Expense.incurred_on, Archive.expenses),
    HOSPITALITY.name: (HospitalityRequest, HospitalityRequest.planned_on, Archive.hospitality),
    GIFT_REQUEST.name: (GiftRequest, GiftRequest.created_at, Archive.gifts),
    DISPATCH.name: (Dispatch, Dispatch.out_planned, Archive.dispatches),
}
"""What is replayed: the table of each process, the column that says when, and how it is read."""


class _Beside:
    """What other tables say of a batch of visits: one query per table, for the span of days the batch covers."""

    def __init__(self, archive: Archive, connection, rows):
        self.archive, self.connection, self.found = archive, connection, defaultdict(dict)
        self.span = Visit.planned_start.between(rows[0].at_, rows[-1].at_)
        for facts, read in READERS:
            if archive.wants(*facts):
                read(self, rows)

    def _grouped(self, model, *columns) -> dict[int, list]:
        out = defaultdict(list)
        for key, *values in self.connection.execute(
            sa.select(model.visit_id, *columns)
            .join(Visit, Visit.id == model.visit_id)
            .where(self.span)
            .order_by(model.id)
        ):
            out[key].append(values)
        return out

    def _escorts(self, rows):
        for key, escorts in self._grouped(VisitEscort, VisitEscort.user_id, VisitEscort.duty).items():
            self.found[key] |= {
                "escort_ids": [i for i, _ in escorts],
                "lead_named": any(duty.strip() for _, duty in escorts),
            }

    def _evidence(self, rows):
        for key, sealed in self._grouped(Evidence, Evidence.sealed).items():
            self.found[key]["sealed_evidence"] = sum(1 for (s,) in sealed if s)

    def _guests(self, rows):
        stays = defaultdict(list)
        if self.archive.wants("guest_gaps", "badges_missing", "identity", "security"):
            for guest, *stay in self.connection.execute(
                sa.select(Checkin.guest_id, Checkin.badge_no, Checkin.identity_checked, Checkin.security_checked)
                .join(VisitGuest, VisitGuest.id == Checkin.guest_id)
                .join(Visit, Visit.id == VisitGuest.visit_id)
                .where(self.span)
            ):
                stays[guest].append(stay)
        p = Visitor
        people = defaultdict(list)
        for row in self.connection.execute(
            sa.select(
                VisitGuest.visit_id,
                VisitGuest.id,
                VisitGuest.is_lead,
                VisitGuest.signed,
                p.name,
                p.title,
                p.organisation,
                _plain(p.gender).label("gender"),
                p.diet,
                sa.type_coerce(p.phone, sa.Text).is_not(None).label("phone"),
                sa.type_coerce(p.identity_no, sa.Text).is_not(None).label("identity_no"),
            )
            .join(Visit, Visit.id == VisitGuest.visit_id)
            .join(p, p.id == VisitGuest.visitor_id)
            .where(self.span)
            .order_by(VisitGuest.id)
        ):
            people[row.visit_id].append(row)
        for key, guests in people.items():
            gaps = {
                name: sum(1 for g in guests if not getattr(g, name))
                for name in ("name", "title", "organisation", "phone", "identity_no")
            }
            gaps |= {
                "gender": sum(1 for g in guests if g.gender == "unknown"),
                "signature": sum(1 for g in guests if not g.signed),
            }
            came = [stay for g in guests for stay in stays.get(g.id, ())]
            self.found[key] |= {
                "named_guests": len(guests),
                "lead": next((g.title for g in guests if g.is_lead), guests[0].title) or "",
                "guest_gaps": gaps,
                "diets": sum(1 for g in guests if g.diet),
                "badges_missing": sum(1 for badge, _, _ in came if not badge),
                "identity": all(i for _, i, _ in came),
                "security": all(s for _, _, s in came),
            }

    def _arranged(self, rows):
        plans, routed = (
            self._grouped(ItineraryItem, _plain(ItineraryItem.kind), ItineraryItem.diet),
            {row.id for row in rows if row.f_route},
        )
        booked = self._grouped(RoomBooking, _plain(RoomBooking.status))
        cars = self._grouped(Dispatch, _plain(Dispatch.status), Dispatch.send_off)
        for key in plans.keys() | booked.keys() | cars.keys() | routed:
            items = plans.get(key, ())
            arranged = {kind for kind, _ in items} | {
                "send_off" if back else "car" for state, back in cars.get(key, ()) if state not in DISPATCH.gone
            }
            if any(state in BOOKING.granted for (state,) in booked.get(key, ())):
                arranged |= {"room", "meeting"}
            if key in routed:
                arranged.add("tour")
            self.found[key] |= {
                "arranged": frozenset(arranged),
                "diets_heeded": any(diet for kind, diet in items if kind == "meal"),
                "itinerary": bool(items),
            }

    def _ndas(self, rows):
        told = [row for row in rows if row.f_sensitive]
        if not told:
            return
        signed = self.connection.execute(
            sa.select(Nda.visit_id, Nda.organisation, Nda.signed_on, Nda.valid_until).where(
                sa.or_(
                    Nda.organisation.in_({row.organisation for row in told}), Nda.visit_id.in_([row.id for row in told])
                )
            )
        ).all()
        for row in told:
            day = self.archive._day(row.at_)
            self.found[row.id]["nda"] = any(
                (visit == row.id or (of == row.organisation and of)) and first <= day and (end is None or end >= day)
                for visit, of, first, end in signed
            )

    def _questions(self, rows):
        asked = self._grouped(VisitQuestion, VisitQuestion.created_at, VisitQuestion.answered_at)
        for row in rows:
            if row.id in asked:
                end = row.f_moment
                ages = [
                    (end - created).days for created, answered in asked[row.id] if answered is None or answered > end
                ]
                self.found[row.id] |= {
                    "questions": len(asked[row.id]),
                    "open_questions": len(ages),
                    "overdue_questions": {age: ages.count(age) for age in set(ages)},
                }

    def _counts(self, rows):
        for name, model in (("feedback", Feedback), ("cards", BusinessCard)):
            if self.archive.wants(name, *(["filled"] if name == "feedback" else [])):
                for key, found in self._grouped(model).items():
                    self.found[key][name] = len(found)
        if self.archive.wants("gifts"):
            for key, states in self._grouped(GiftRequest, _plain(GiftRequest.status)).items():
                self.found[key]["gifts"] = sum(1 for (state,) in states if state in GIFT_REQUEST.handed_out)

    def _follow_ups(self, rows):
        nexts = self._grouped(FollowUp, FollowUp.next_on)
        for row in rows:
            days = [n for (n,) in nexts.get(row.id, ()) if n]
            if days:
                self.found[row.id]["follow_up_days"] = (min(days) - self.archive._day(row.f_moment)).days

    def _issuers(self, rows):
        issued, people, of = (
            self._grouped(Notice, Notice.issued_by_id),
            self.archive.people,
            {row.id: row.department_id for row in rows},
        )
        for key, by in issued.items():
            person = by[-1][0]
            office, own = (
                not people.roles.get(person, NONE).isdisjoint((Role.ADMIN_OFFICE, Role.ADMIN_HEAD)),
                people.department_of.get(person) == of.get(key),
            )
            self.found[key]["issuer"] = ("any" if own else "office") if office else "department"


READERS = (
    (("escorts", "attending", "heads", "lead_named"), _Beside._escorts),
    (("sealed_evidence",), _Beside._evidence),
    (("lead_title", "guest_gaps", "named_guests", "diets", "identity", "security", "badges_missing"), _Beside._guests),
    (("arranged", "diets_heeded", "filled"), _Beside._arranged),
    (("nda",), _Beside._ndas),
    (("questions", "open_questions", "overdue_questions"), _Beside._questions),
    (("feedback", "filled", "gifts", "cards"), _Beside._counts),
    (("follow_up_days",), _Beside._follow_ups),
    (("issuer",), _Beside._issuers),
)
"""Who reads the other tables, for which facts."""

ALWAYS = ("moment", "route", "sensitive", "outcome", "recorded")
TYPED = {
    "needs": ("needs", "filled"),
    "lead_title": ("lead_title", "filled"),
    "lead_guest": ("lead_title", "filled"),
} | dict.fromkeys(
    ("purpose", "visit_kind", "planned_end", "contact", "channel", "nights", "transport", "letter_no", "guest_count"),
    ("filled",),
)
"""Columns that facts are made of, with the facts."""


def _columns(moment: datetime) -> dict:
    """The facts of a visit that one column tells."""
    v = Visit
    return {
        "category": _plain(v.category),
        "visit_kind": _plain(v.visit_kind),
        "purpose": v.purpose,
        "moment": sa.func.coalesce(v.closed_at, sa.literal(moment, UTCDateTime)),
        "planned_start": v.planned_start,
        "planned_end": v.planned_end,
        "filed_at": sa.func.coalesce(v.submitted_at, v.created_at),
        "requested_at": v.requested_at,
        "answered_at": v.answered_at,
        "guest_confirmed_at": v.guest_confirmed_at,
        "guests": v.guest_count,
        "route": v.route_id.is_not(None),
        "sensitive": v.sensitive,
        "unrelated_sales": v.unrelated_sales,
        "area": _plain(v.area),
        "host_confirmed": v.host_confirmed_at.is_not(None),
        "host_confirmed_at": v.host_confirmed_at,
        "host_is_applicant": v.host_id == v.applicant_id,
        "recorded": sa.func.trim(v.record) != "",
        "recorded_at": v.recorded_at,
        "outcome": _plain(v.outcome),
        "refusal": sa.func.coalesce(_plain(v.refusal), ""),
        "offer": _plain(v.offer),
    }


_PLAIN = (
    "organisation",
    "contact",
    "lead_guest",
    "purpose",
    "visit_kind",
    "channel",
    "planned_end",
    "transport",
    "letter_no",
    "guest_count",
)


def _filled(row, facts: dict) -> frozenset[str]:
    """The fields of clauses.words.VisitField that hold something (as `tables.facts` has it)."""
    holds = {"host", "planned_start"} | {name for name in _PLAIN if getattr(row, name)}
    for name, there in (
        ("customer", row.customer_id),
        ("needs", facts["needs"] or (row.nights == 0 and row.needs is not None)),
        ("nights", row.nights is not None),
        ("budget", row.budget is not None),
        ("itinerary", facts.get("itinerary")),
        ("record", facts["recorded"]),
        ("outcome", facts["outcome"]),
        ("satisfaction", facts.get("feedback")),
        ("lead_title", facts["lead_title"]),
    ):
        if there:
            holds.add(name)
    return frozenset(holds)


def _plain(column):
    """A column of words as the plain string it is stored as."""
    return sa.type_coerce(column, sa.String)


def _made(facts: type, values: dict):
    """Frozen facts in one step instead of one per field; what is not given has the default of its class."""
    made = object.__new__(facts)
    object.__setattr__(made, "__dict__", values)
    return made


def _people(connection) -> People:
    roles = defaultdict(set)
    for person, role in connection.execute(sa.select(UserRole.user_id, _plain(UserRole.role))):
        roles[person].add(role)
    users = connection.execute(sa.select(User.id, User.name, User.department_id, User.active)).all()
    return People(
        {i: name for i, name, _, _ in users},
        dict(connection.execute(sa.select(Department.id, Department.name)).all()),
        {i: of for i, _, of, _ in users},
        {i: frozenset(held) for i, held in roles.items()},
        frozenset(i for i, _, _, active in users if active),
    )


__all__ = ["SOURCES", "Archive", "Past", "People", "reading"]
