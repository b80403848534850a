"""Visits: from the application to the closed record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from clauses.base import EARLIEST, ChainFacts, Finding, Rulebook, Terms, late_by, rule
from clauses.params import derived, many, one, ranks, rows, severity, whole, words, yes
from clauses.words import CustomerClass, GuestField, Moment, Role, Severity, VisitCategory, VisitField, VisitKind
from core.text import N_, say


@dataclass(frozen=True)
class VisitFacts(ChainFacts):
    """A visit. Times are aware; `area` is where the guests would be let in: lobby, office or site.

    `filled` names the fields of VisitField that hold something, `guest_gaps` counts by GuestField the
    guests who lack it, `attending` the roles of host and escorts, `open_checks` the checklist items
    not ticked as (clause, phase, item), `changed` the fields of NoticeField in which the visit differs
    from the notice that went out. Counts of people are guests of this visit.
    """

    rank: int | None = None
    category: str = ""
    visit_kind: str = ""
    customer_class: str = ""
    lead_title: str = ""
    purpose: str = ""
    host: bool = True
    moment: datetime | None = None
    planned_start: datetime | None = None
    planned_end: datetime | None = None
    filed_at: datetime | None = None
    requested_at: datetime | None = None
    answered_at: datetime | None = None
    guest_confirmed_at: datetime | None = None
    filled: frozenset[str] = frozenset(VisitField)
    guest_gaps: Mapping[str, int] = field(default_factory=dict)
    guests: int = 1
    named_guests: int = 1
    escorts: int = 0
    attending: frozenset[str] = frozenset()
    heads: int = 0
    lead_named: bool = False
    sealed_evidence: int = 0
    needs: frozenset[str] = frozenset()
    arranged: frozenset[str] = frozenset()
    route: bool = False
    diets: int = 0
    diets_heeded: bool = False
    unsigned: int = 0
    changed: frozenset[str] = frozenset()
    open_checks: tuple[tuple[str, str, str], ...] = ()
    sensitive: bool = False
    nda: bool = False
    walk_in: bool = False
    unrelated_sales: bool = False
    area: str = "office"
    host_confirmed: bool = False
    host_confirmed_at: datetime | None = None
    host_is_applicant: bool = False
    host_is_leader: bool = False
    arrived_at: datetime | None = None
    identity: bool = False
    security: bool = False
    badges_missing: int = 0
    blacklisted: int = 0
    inside: int = 0
    goods: bool = False
    goods_slip: bool = False
    refusal: str = ""
    offer: str = ""
    measures: str = ""
    recorded: bool = False
    recorded_at: datetime | None = None
    questions: int = 0
    open_questions: int = 0
    overdue_questions: Mapping[int, int] = field(default_factory=dict)
    feedback: int = 0
    outcome: str = ""
    gifts: int = 0
    cards: int = 0
    follow_up_days: int | None = None
    stages: frozenset[str] = frozenset()
    issuer: str = ""
    actor_roles: frozenset[str] = frozenset()


AT_THE_DOOR = N_("It is judged at the door, for the moment the guests come.")
NEVER_TICKED = N_("What would have stood on the checklists of these visits was never ticked.")
"""Why the past can't tell of a rule."""


# ── Levels ───────────────────────────────────────────────────────────────────────────────────────
def suggest_level(book: Rulebook, visit: VisitFacts) -> tuple[int, tuple[str, ...]] | None:
    """The rank the adopted clauses suggest for the guests of `visit` and the clauses that say so.

    From customer class, category and the main guest's position; the highest that fits counts. None
    where no clause speaks of such guests: the lowest level is theirs.
    """
    fits = [(t["rank"], t.clause) for t in book.of("level_suggested", visit.day) if _qualifies(t, visit)]
    if not fits:
        return None
    highest = min(rank for rank, _ in fits)
    return highest, tuple(dict.fromkeys(clause for rank, clause in fits if rank == highest))


def _qualifies(terms: Terms, visit: VisitFacts) -> bool:
    return (
        visit.customer_class in terms["classes"]
        or visit.category in terms["categories"]
        or any(title and title in visit.lead_title for title in terms["titles"])
    )


@rule(
    "level_suggested",
    VisitFacts,
    "submit",
    title=N_("Level by guest"),
    says=N_("Guests of these classes, categories or positions are suggested this level; a lower one needs a reason."),
    made_from="level",
    rank=whole(N_("Rank"), 99, 1),
    code=derived(N_("Level"), "level"),
    classes=many(N_("Customer classes"), CustomerClass, 0),
    categories=many(N_("Categories"), VisitCategory, 0),
    titles=words(N_("Words in the position")),
)
def level_suggested(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The level that the guests suggest; a person decides, and a lower one needs a reason."""
    if visit.walk_in or visit.rank is None or visit.rank <= terms["rank"] or not _qualifies(terms, visit):
        return None
    return terms.finding(
        say(
            N_("Guests like these call for level {level} (rank {rank}); a lower one is chosen."),
            level=terms["code"],
            rank=terms["rank"],
        ),
        say(N_("Choose the suggested level, or give the reason for the lower one.")),
        Severity.EXPLAIN,
        visit.rank - terms["rank"],
    )


# ── Application ──────────────────────────────────────────────────────────────────────────────────
@rule(
    "stamped_evidence",
    VisitFacts,
    "submit",
    "approve",
    title=N_("Letter with an official seal"),
    says=N_(
        "Visits of {ranks} need the guest's letter, notice or proof with an official seal before they can be submitted."
    ),
    ranks=ranks(),
)
def stamped_evidence(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The guest's letter, notice or proof bearing an official seal, for the ranks named."""
    if visit.walk_in or visit.sealed_evidence:
        return None
    return terms.finding(
        say(N_("This level needs the guest's letter or notice with an official seal.")),
        say(N_("Attach it (original, scan or fax) under Evidence and mark it as sealed.")),
        Severity.BLOCK,
    )


@rule(
    "advance_notice",
    VisitFacts,
    "submit",
    title=N_("Filed in advance"),
    says=N_("Visits of {ranks} are filed at least {hours} hours before they begin; later needs a reason."),
    deadline=True,
    overlap=EARLIEST,
    ranks=ranks(),
    hours=whole(N_("Hours"), 8760),
)
def advance_notice(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Filed at least `hours` before the visit begins, for the ranks named."""
    if visit.walk_in or visit.planned_start is None or visit.filed_at is None:
        return None
    late = late_by(visit.planned_start - timedelta(hours=terms["hours"]), visit.filed_at)
    if not late:
        return None
    return terms.finding(
        say(N_("Filed less than {hours} hours before the visit begins."), hours=terms["hours"]),
        say(N_("Give the reason for the short notice, or agree a later time with the guest.")),
        Severity.EXPLAIN,
        late,
    )


@rule(
    "required_fields",
    VisitFacts,
    "submit",
    "check_in",
    "close",
    title=N_("Particulars of the visit"),
    says=N_("{at}: {fields} must be filled in."),
    cured_by=("record", "outcome"),
    fields=many(N_("Fields"), VisitField),
    at=one(N_("Checked"), Moment),
    severity=severity(Severity.BLOCK),
)
def required_fields(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The fields a clause names are filled in."""
    missing = [VisitField(name) for name in terms["fields"] if name not in visit.filled]
    if not missing or (visit.walk_in and terms["at"] == Moment.SUBMIT):
        return None
    return terms.finding(
        say(N_("Not filled in: {fields}."), fields=[f.label for f in missing]),
        say(N_("Fill them in on the visit; ask the guest where you do not know.")),
        measure=len(missing),
        cured_by=missing if set(missing) <= {VisitField.RECORD, VisitField.OUTCOME} else (),
    )


@rule(
    "guest_particulars",
    VisitFacts,
    "submit",
    "check_in",
    title=N_("Particulars of each guest"),
    says=N_("{at}: {fields} of every guest must be on file."),
    cured_by=("signed",),
    fields=many(N_("Fields"), GuestField),
    at=one(N_("Checked"), Moment),
    severity=severity(Severity.BLOCK),
)
def guest_particulars(terms: Terms, visit: VisitFacts) -> Finding | None:
    """What a clause wants to know of every guest is on file."""
    gaps = {GuestField(name): visit.guest_gaps[name] for name in terms["fields"] if visit.guest_gaps.get(name)}
    if not gaps:
        return None
    return terms.finding(
        say(
            N_("Missing for {count} of the guests: {fields}."),
            count=max(gaps.values()),
            fields=[f.label for f in gaps],
        ),
        say(N_("Open each guest and fill it in; at the door ask the guest.")),
        measure=sum(gaps.values()),
        cured_by=None if set(gaps) == {GuestField.SIGNATURE} else (),
    )


@rule(
    "answer_within",
    VisitFacts,
    "submit",
    "notice",
    title=N_("Answer to the customer"),
    says=N_("A customer who asks for a visit hears within {hours} hours whether the time works."),
    cured_by=("answer",),
    deadline=True,
    overlap=EARLIEST,
    hours=whole(N_("Hours"), 8760, 1),
)
def answer_within(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The customer's request is answered within `hours`."""
    if visit.requested_at is None:
        return None
    late = late_by(visit.requested_at + timedelta(hours=terms["hours"]), visit.answered_at or visit.moment)
    if not late:
        return None
    text = (
        N_("The customer was answered {late} minutes after the {hours} hours were over.")
        if visit.answered_at
        else N_("The customer has waited {late} minutes longer than {hours} hours for an answer.")
    )
    return terms.finding(
        say(text, late=late, hours=terms["hours"]),
        say(N_("Answer now, record when, and give the reason for the delay.")),
        Severity.EXPLAIN,
        late,
    )


@rule(
    "customer_classified",
    VisitFacts,
    "submit",
    title=N_("Customer with a class"),
    says=N_("A visit names a customer of one of these classes: {classes}."),
    classes=many(N_("Customer classes"), CustomerClass),
    severity=severity(Severity.NOTE),
)
def customer_classified(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The visit names a customer, and the customer has one of the classes."""
    if visit.walk_in or visit.customer_class in terms["classes"]:
        return None
    return terms.finding(
        say(
            N_("No customer with one of these classes is named: {classes}."),
            classes=[CustomerClass(c).label for c in terms["classes"]],
        ),
        say(N_("Choose the customer, or give the customer one of these classes.")),
    )


@rule(
    "purpose_listed",
    VisitFacts,
    "submit",
    title=N_("Kind of visit"),
    says=N_("The kind of visit is one of: {kinds}."),
    kinds=many(N_("Kinds of visit"), VisitKind),
    severity=severity(Severity.EXPLAIN),
)
def purpose_listed(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The kind of visit is one that the regulation lists."""
    if visit.walk_in or visit.visit_kind in terms["kinds"]:
        return None
    return terms.finding(
        say(
            N_("The regulation knows these kinds of visit: {kinds}."),
            kinds=[VisitKind(k).label for k in terms["kinds"]],
        ),
        say(N_("Choose one of them, or say why this visit is of another kind.")),
    )


def demanded(book: Rulebook, day: date | None) -> frozenset[str]:
    """The fields of a visit that the adopted clauses want filled in, at whatever moment; with the day on which the
    customer asked, where a clause counts from it (`requested_at`)."""
    fields = {name for terms in book.of("required_fields", day) for name in terms["fields"]}
    return frozenset(fields | ({"requested_at"} if book.of("answer_within") else set()))


# ── Who receives ─────────────────────────────────────────────────────────────────────────────────
@rule(
    "received_by",
    VisitFacts,
    "submit",
    "notice",
    title=N_("Who receives"),
    says=N_("Visits of {ranks} are received or accompanied by: {roles}."),
    ranks=ranks(),
    roles=many(N_("Roles"), Role),
    severity=severity(Severity.EXPLAIN),
)
def received_by(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The host or an escort holds one of the roles that receive guests of this rank."""
    if visit.walk_in or not visit.attending.isdisjoint(terms["roles"]):
        return None
    return terms.finding(
        say(
            N_("At this level one of these receives: {roles}; none of them is host or escort."),
            roles=[Role(r).label for r in terms["roles"]],
        ),
        say(N_("Name one of them as host or escort, or give the reason.")),
    )


_TITLES = {
    "standing": whole(N_("Standing (1 highest)"), 20, 1),
    "titles": words(N_("Words in the guest's position")),
    "roles": many(N_("Own roles"), Role, 0),
}


@rule(
    "equal_standing",
    VisitFacts,
    "submit",
    title=N_("Host of equal rank"),
    says=N_("The host's rank equals the main guest's; higher only in special cases."),
    standings=rows(N_("Standings"), **_TITLES),
    severity=severity(Severity.EXPLAIN),
)
def equal_standing(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The host is of the main guest's standing; above it only in special cases."""
    guest = [row["standing"] for row in terms["standings"] if any(title in visit.lead_title for title in row["titles"])]
    own = [row["standing"] for row in terms["standings"] if not visit.attending.isdisjoint(row["roles"])]
    if visit.walk_in or not guest or not own or min(guest) == min(own):
        return None
    text = (
        N_("Nobody of the main guest's rank receives.")
        if min(own) > min(guest)
        else N_("The host ranks higher than the main guest.")
    )
    return terms.finding(
        say(text),
        say(N_("Name a host or escort of equal rank, or give the reason.")),
        measure=abs(min(own) - min(guest)),
    )


@rule(
    "escorts_named",
    VisitFacts,
    "notice",
    "check_in",
    title=N_("Escorts named"),
    says=N_("{at}: escorts are named for visits of {ranks}, with {heads} department heads among them."),
    ranks=ranks(),
    lead=yes(N_("One leads the reception")),
    heads=whole(N_("Department heads"), 20),
    at=one(N_("Checked"), Moment),
    severity=severity(Severity.EXPLAIN),
)
def escorts_named(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Escorts are named, with a reception lead and department heads where the clause wants them."""
    if visit.walk_in and visit.host_confirmed:
        return None
    if not visit.escorts:
        return terms.finding(
            say(N_("Nobody is named who accompanies the guests.")), say(N_("Add the escorts on the visit.")), measure=3
        )
    if terms["lead"] and not visit.lead_named:
        return terms.finding(
            say(N_("No escort is marked as reception lead.")),
            say(N_("Write the duty of the one who leads the reception.")),
            measure=2,
        )
    if visit.heads < terms["heads"]:
        return terms.finding(
            say(N_("{wanted} department heads accompany, not {heads}."), wanted=terms["heads"], heads=visit.heads),
            say(N_("Name the heads of the departments concerned as escorts.")),
            measure=1,
        )
    return None


@rule(
    "leader_agreed",
    VisitFacts,
    "notice",
    title=N_("Leader has agreed"),
    says=N_("A leader who receives has agreed time and place beforehand."),
    cured_by=("confirm_host",),
    severity=severity(Severity.BLOCK),
)
def leader_agreed(terms: Terms, visit: VisitFacts) -> Finding | None:
    """A leader who is the host has agreed time and place."""
    if not visit.host_is_leader or visit.host_confirmed:
        return None
    return terms.finding(
        say(N_("The leader who receives has not agreed time and place.")),
        say(N_("Agree both with the leader and record the host's confirmation.")),
    )


@rule(
    "receptionist_unchanged",
    VisitFacts,
    "hand_over",
    title=N_("Receptionist stays"),
    says=N_("The appointed receptionist stays until the guests leave; only {roles} may change it."),
    unreplayable=N_("Who handed a visit over is not among the facts of the visit."),
    of_actor=True,
    roles=many(N_("Roles"), Role),
)
def receptionist_unchanged(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Only the roles named may put another receptionist in charge once the visit is approved."""
    if not visit.actor_roles.isdisjoint(terms["roles"]):
        return None
    return terms.finding(
        say(N_("The appointed receptionist stays in charge until the guests leave.")),
        say(
            N_("File it with “Ask for another receptionist”; one of these approves it: {roles}."),
            roles=[Role(r).label for r in terms["roles"]],
        ),
        Severity.BLOCK,
    )


__all__ = ["VisitFacts", "demanded", "suggest_level"]
