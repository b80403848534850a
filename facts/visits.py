"""A visit as the rules see it: how each fact is told from what it says itself and what other tables say of it."""

import json
from collections import Counter
from collections.abc import Mapping, Set
from datetime import date, datetime
from functools import lru_cache
from itertools import compress
from operator import attrgetter, not_
from typing import Any

import sqlalchemy as sa

from clauses.words import GuestField
from core.text import BLANK
from facts.base import REQUEST, Column, Reader, columns_of, plain
from facts.notices import changes_of
from facts.people import NONE, Receivers
from facts.visits_beside import BesideVisits, Stay
from models import Customer, ReceptionLevel, Visit
from rules import VisitFacts
from workflow import VISIT, Actor, Role

PLAIN = (
    *("organisation", "contact", "lead_guest", "purpose", "visit_kind", "channel", "planned_start", "planned_end"),
    *("transport", "letter_no", "guest_count"),
)
"""The fields of VisitField that hold something where the column of their name does."""

VISITS = Reader(
    Visit,
    VisitFacts,
    columns_of(
        Visit,
        *REQUEST,
        *PLAIN,
        *("walk_in", "area", "category", "sensitive", "unrelated_sales", "lead_title", "nights", "budget"),
        *("requested_at", "answered_at", "guest_confirmed_at", "host_confirmed_at", "ready_at", "recorded_at"),
        *("outcome", "offer"),
    )
    | {
        "rank": Column(ReceptionLevel.rank),
        "level": Column(ReceptionLevel.code, lambda visit: visit.level.code if visit.level else ""),
        "customer": Column(
            Visit.customer_id.is_not(None), lambda visit: visit.customer_id is not None or visit.customer is not None
        ),
        "customer_class": Column(
            sa.func.coalesce(plain(Customer.kind), ""), lambda visit: str(visit.customer.kind) if visit.customer else ""
        ),
        "host": Column(Visit.host_id.is_not(None), lambda visit: visit.host_id is not None or visit.host is not None),
        "host_id": Column(Visit.host_id, lambda visit: visit.host.id if visit.host is not None else visit.host_id),
        "route": Column(
            Visit.route_id.is_not(None), lambda visit: visit.route_id is not None or visit.route is not None
        ),
        "needs": Column(sa.type_coerce(Visit.needs, sa.String)),
        "refusal": Column(sa.func.coalesce(plain(Visit.refusal), "")),
        # Of very many records only the first letter is read: whether there is one is all that counts.
        "record": Column(sa.func.substr(sa.func.ltrim(Visit.record, BLANK), 1, 1)),
        # Whether all guests sign on the form that is being filled in.
        "signed": Column(sa.literal(False), lambda visit: False),
    },
    BesideVisits,
    joins=((ReceptionLevel, ReceptionLevel.id == Visit.level_id), (Customer, Customer.id == Visit.customer_id)),
)


# ── What it says itself ──────────────────────────────────────────────────────────────────────────
@VISITS.tells("day")
def day(visit: Any, beside: BesideVisits) -> date:
    return visit.today


@VISITS.tells("subject")
def subject(visit: Any, beside: BesideVisits) -> str:
    """Visitors without an appointment have no chain."""
    return "" if visit.walk_in else VISIT.name


@VISITS.tells("filed_at")
def filed_at(visit: Any, beside: BesideVisits) -> datetime:
    """While it can be edited, it is being filed now; one that never was counts from the day it was made."""
    return visit.moment if visit.status in VISIT.editable else visit.submitted_at or visit.created_at


@VISITS.tells("guests")
def guests(visit: Any, beside: BesideVisits) -> int:
    return visit.guest_count or 1


@VISITS.tells("host_confirmed")
def host_confirmed(visit: Any, beside: BesideVisits) -> bool:
    return visit.host_confirmed_at is not None


@VISITS.tells("host_is_applicant")
def host_is_applicant(visit: Any, beside: BesideVisits) -> bool:
    return visit.host_id == visit.applicant_id


@VISITS.tells("arrived_at")
def arrived_at(visit: Any, beside: BesideVisits) -> datetime | None:
    """Who comes without an appointment is registered on arrival."""
    return visit.submitted_at if visit.walk_in else None


@VISITS.tells("recorded")
def recorded(visit: Any, beside: BesideVisits) -> bool:
    return bool((visit.record or "").strip())


@VISITS.tells("needs")
def needs(visit: Any, beside: BesideVisits) -> frozenset[str]:
    return _listed(visit.needs) if visit.needs.__class__ is str else frozenset(visit.needs or ())


@lru_cache(1000)
def _listed(needs: str) -> frozenset[str]:
    """What a list reads as it is stored: few different ones, each parsed once."""
    return frozenset(json.loads(needs) or ())


# ── Who receives ─────────────────────────────────────────────────────────────────────────────────
@VISITS.tells(*Receivers._fields)
def receivers(visit: Any, beside: BesideVisits) -> Receivers:
    escorts = beside.escorts.get(visit.id, ())
    return beside.people.receivers(visit.host_id, tuple([person for person, _ in escorts]))


@VISITS.tells("lead_named")
def lead_named(visit: Any, beside: BesideVisits) -> bool:
    escorts = beside.escorts.get(visit.id)
    return any(duty.strip() for _, duty in escorts) if escorts else False


@VISITS.tells("sealed_evidence")
def sealed_evidence(visit: Any, beside: BesideVisits) -> int:
    evidence = beside.evidence.get(visit.id)
    return sum(1 for (sealed,) in evidence if sealed) if evidence else 0


# ── Who comes ────────────────────────────────────────────────────────────────────────────────────
@VISITS.tells("named_guests", "diets", "blacklisted")
def named(visit: Any, beside: BesideVisits) -> tuple[int, int, int]:
    come = beside.guests.get(visit.id)
    if not come:
        return 0, 0, 0
    return len(come), sum(1 for g in come if g.diet), sum(1 for g in come if g.blacklisted)


@VISITS.tells("lead_title")
def lead_title(visit: Any, beside: BesideVisits) -> str:
    """The position of the main guest, as stated and as on file; without a main guest the first one's."""
    come = beside.guests.get(visit.id, ())
    title = next((g.title for g in come if g.is_lead), come[0].title) if come else ""
    return f"{visit.lead_title or ''} {title} {visit.lead_guest or ''}".strip()


@VISITS.tells("guest_gaps")
def guest_gaps(visit: Any, beside: BesideVisits) -> Mapping[str, int]:
    """How many guests lack each GuestField; what nobody lacks is left out."""
    gaps: dict[str, int] = {}
    for guest in beside.guests.get(visit.id, ()):
        on_file = _particulars(guest)
        if not all(on_file):
            for name in compress(PARTICULARS, map(not_, on_file)):
                gaps[name] = gaps.get(name, 0) + 1
    if visit.signed:
        gaps.pop(GuestField.SIGNATURE, None)
    return gaps


PARTICULARS = tuple(str(name) for name in GuestField)
_particulars = attrgetter(*PARTICULARS)


# ── At the door ──────────────────────────────────────────────────────────────────────────────────
def stays(visit: Any, beside: BesideVisits) -> list[Stay]:
    """Every stay of every guest."""
    come = beside.guests.get(visit.id)
    return [stay for guest in come for stay in beside.stays.get(guest.id, ())] if come else []


@VISITS.tells("inside", "identity", "security", "badges_missing")
def at_the_door(visit: Any, beside: BesideVisits) -> tuple[int, bool, bool, int]:
    """Afterwards what was recorded of those who came; before, whoever is not in the house is still to be seen to."""
    held, left = stays(visit, beside), visit.status in VISIT.received
    if not held:
        return 0, left, left, 0 if left else len(beside.guests.get(visit.id, ()))
    inside = sum(stay.inside for stay in held)
    waiting = 0 if left else len(beside.guests[visit.id]) - inside
    return (
        inside,
        not waiting and all(stay.identity for stay in held),
        not waiting and all(stay.security for stay in held),
        len(held) - sum(stay.badge for stay in held) if left else waiting,
    )


@VISITS.tells("nda")
def nda(visit: Any, beside: BesideVisits) -> bool:
    """Whether an agreement with the visit or its organisation holds; once the guests have left, whether one did."""
    if not visit.sensitive:
        return False
    of_visit, of_organisation = beside.ndas
    on = beside.local_day(visit.planned_start) if visit.status in VISIT.received else visit.today
    return any(
        signed <= on and (until is None or until >= on)
        for signed, until in (*of_visit.get(visit.id, ()), *of_organisation.get(visit.organisation, ()))
    )


@VISITS.tells("goods_slip")
def goods_slip(visit: Any, beside: BesideVisits) -> bool:
    return visit.id in beside.slips


# ── Preparation ──────────────────────────────────────────────────────────────────────────────────
@VISITS.tells("arranged")
def arranged(visit: Any, beside: BesideVisits) -> frozenset[str]:
    """The needs that something stands for: the itinerary, a room granted, a car on order, the route."""
    planned, cars = beside.itinerary.get(visit.id), beside.cars.get(visit.id)
    stands = {kind for kind, _ in planned} if planned else set()
    if cars:
        stands |= {"send_off" if back else "car" for (back,) in cars}
    if visit.id in beside.rooms:
        stands |= {"room", "meeting"}
    if visit.route:
        stands.add("tour")
    return frozenset(stands) if stands else NONE


@VISITS.tells("diets_heeded")
def diets_heeded(visit: Any, beside: BesideVisits) -> bool:
    planned = beside.itinerary.get(visit.id)
    return any(diet for kind, diet in planned if kind == "meal") if planned else False


@VISITS.tells("unsigned")
def unsigned(visit: Any, beside: BesideVisits) -> int:
    return beside.unsigned.get(visit.id, 0)


@VISITS.tells("changed", of=("planned_start", "planned_end", "guest_count", "lead_guest", "host_id"))
def changed(visit: Any, beside: BesideVisits) -> frozenset[str]:
    return frozenset(changes_of(visit, beside))


@VISITS.tells("open_checks")
def open_checks(visit: Any, beside: BesideVisits) -> tuple[tuple[str, str, str], ...]:
    return tuple((clause, phase, item) for clause, phase, item in beside.checks.get(visit.id, ()))


@VISITS.tells("issuer")
def issuer(visit: Any, beside: BesideVisits) -> str:
    """Who issued the notice that went out last: the office, the receiving department, or somebody who is both."""
    issued = beside.issuers.get(visit.id)
    if not issued:
        return ""
    person = issued[-1][0]
    return issuer_of(beside.people.roles(person), beside.people.department(person) == visit.department_id)


# ── Afterwards ───────────────────────────────────────────────────────────────────────────────────
@VISITS.tells("questions", "open_questions", "overdue_questions")
def questions(visit: Any, beside: BesideVisits) -> tuple[int, int, Mapping[int, int]]:
    """Questions asked; those without an answer at the moment, in all and by the days they have been open."""
    asked = beside.questions.get(visit.id)
    if not asked:
        return 0, 0, {}
    ages = [(visit.moment - created).days for created, answered in asked if answered is None or answered > visit.moment]
    return len(asked), len(ages), dict(Counter(ages)) if ages else {}


@VISITS.tells("feedback")
def feedback(visit: Any, beside: BesideVisits) -> int:
    return beside.feedback.get(visit.id, 0)


@VISITS.tells("gifts")
def gifts(visit: Any, beside: BesideVisits) -> int:
    return beside.gifts.get(visit.id, 0)


@VISITS.tells("cards")
def cards(visit: Any, beside: BesideVisits) -> int:
    return beside.cards.get(visit.id, 0)


@VISITS.tells("follow_up_days")
def follow_up_days(visit: Any, beside: BesideVisits) -> int | None:
    on = beside.follow_ups.get(visit.id)
    return None if on is None else (on - visit.today).days


# ── All in all ───────────────────────────────────────────────────────────────────────────────────
@VISITS.tells("filled", of=PLAIN)
def filled(visit: Any, beside: BesideVisits) -> frozenset[str]:
    """The fields of VisitField that hold something."""
    holds = (
        *_plainly(visit),
        visit.customer,
        visit.host,
        visit.nights is not None,
        visit.budget is not None,
        # None of the needs may be ticked where it is known that nobody stays the night.
        needs(visit, beside) or (visit.nights == 0 and visit.needs is not None),
        lead_title(visit, beside),
        visit.id in beside.itinerary,
        recorded(visit, beside),
        visit.outcome,
        visit.id in beside.feedback,
    )
    return frozenset(compress(FILLED, holds))


FILLED = (
    *PLAIN,
    *("customer", "host", "nights", "budget", "needs", "lead_title", "itinerary", "record", "outcome", "satisfaction"),
)
"""The fields of VisitField in the order in which `filled` asks for them."""
_plainly = attrgetter(*PLAIN)


@VISITS.tells("stages")
def stages(visit: Any, beside: BesideVisits) -> frozenset[str]:
    """The stages it has gone through."""
    gone_through = (
        ("appointment", not visit.walk_in),
        ("registration", bool(stays(visit, beside))),
        ("preparation", visit.ready_at is not None or visit.id not in beside.checks),
        ("reception", recorded(visit, beside)),
        ("feedback", visit.id in beside.feedback),
    )
    return frozenset(name for name, there in gone_through if there)


# ── What is known better while a transition is under way ─────────────────────────────────────────
GIVEN = ("record", "identity", "security", "signed", "goods", "refusal", "offer", "measures", "outcome")
"""What the form of a transition says before it is in the row."""


@VISITS.known
def known_of_visit(visit: Visit, actor: Actor, data: Mapping[str, Any]) -> dict[str, Any]:
    """As what the actor issues a notice, and what the form says of guests, badges and record."""
    facts: dict[str, Any] = {
        "issuer": issuer_of(actor.roles, actor.department_id == visit.department_id),
        "actor_roles": actor.roles,
    }
    facts |= {name: data[name] for name in GIVEN if data.get(name)}
    facts |= {name: True for name in ("goods", "route") if data.get(name)}
    if "badges" in data:
        chosen = data.get("guests") or [g.id for g in visit.guests_outside]
        facts["badges_missing"] = sum(1 for i in chosen if not (data["badges"].get(i) or "").strip())
    return facts


def issuer_of(roles: Set[str], own: bool) -> str:
    """As what somebody with `roles` issues a notice: office, department, or any of both in the `own` department."""
    office = not roles.isdisjoint((Role.ADMIN_OFFICE, Role.ADMIN_HEAD))
    return ("any" if own else "office") if office else "department"


__all__ = ["VISITS", "issuer_of"]
