"""── Visits: from the application to the closed record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clauses.base import (
    ChainFacts,
    Finding,
    Rulebook,
    Severity,
    Terms,
    derived,
    late_by,
    many,
    one,
    ranks,
    rows,
    rule,
    severity,
    whole,
    words,
    yes,
)
from clauses.words import (
    CustomerClass,
    GuestField,
    Issuer,
    Moment,
    Need,
    NoticeField,
    Role,
    Stage,
    VisitCategory,
    VisitField,
    VisitKind,
    When,
)
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
    rank=whole(N_("Rank"), 99, 1),
    code=derived(N_("Level")),
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
    fields=many(N_("Fields"), VisitField),
    at=one(N_("Checked"), Moment),
    severity=severity(Severity.BLOCK),
)
def required_fields(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The fields a clause names are filled in."""
    missing = [VisitField(name).label for name in terms["fields"] if name not in visit.filled]
    if not missing or (visit.walk_in and terms["at"] == "submit"):
        return None
    return terms.finding(
        say(N_("Not filled in: {fields}."), fields=missing),
        say(N_("Fill them in on the visit; ask the guest where you do not know.")),
        measure=len(missing),
    )


@rule(
    "guest_particulars",
    VisitFacts,
    "submit",
    "check_in",
    title=N_("Particulars of each guest"),
    says=N_("{at}: {fields} of every guest must be on file."),
    fields=many(N_("Fields"), GuestField),
    at=one(N_("Checked"), Moment),
    severity=severity(Severity.BLOCK),
)
def guest_particulars(terms: Terms, visit: VisitFacts) -> Finding | None:
    """What a clause wants to know of every guest is on file."""
    gaps = {GuestField(name).label: visit.guest_gaps[name] for name in terms["fields"] if visit.guest_gaps.get(name)}
    if not gaps:
        return None
    return terms.finding(
        say(N_("Missing for {count} of the guests: {fields}."), count=max(gaps.values()), fields=list(gaps)),
        say(N_("Open each guest and fill it in; at the door ask the guest.")),
        measure=sum(gaps.values()),
    )


@rule(
    "answer_within",
    VisitFacts,
    "submit",
    "notice",
    title=N_("Answer to the customer"),
    says=N_("A customer who asks for a visit hears within {hours} hours whether the time works."),
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


# ── Preparation ──────────────────────────────────────────────────────────────────────────────────
@rule(
    "notice_issuer",
    VisitFacts,
    "notice",
    "amend",
    title=N_("Who issues the notice"),
    says=N_("For visits of {ranks} the reception notice is issued by: {by}."),
    ranks=ranks(),
    by=one(N_("Issued by"), Issuer),
)
def notice_issuer(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The notice is issued by the admin office (`by = "office"`) or the receiving department."""
    if visit.issuer in ("", "any", terms["by"]):
        return None
    if terms["by"] == "office":
        return terms.finding(
            say(N_("For this level the admin office issues the notice.")),
            say(N_("Ask the admin office to issue it.")),
            Severity.BLOCK,
        )
    return terms.finding(
        say(N_("For this level the receiving department issues the notice.")),
        say(N_("Ask the receiving department to issue it.")),
        Severity.BLOCK,
    )


@rule(
    "arranged",
    VisitFacts,
    "notice",
    "ready",
    title=N_("Arranged"),
    says=N_("Arranged before the guests come: {what} ({when})."),
    what=one(N_("What"), Need),
    when=one(N_("When"), When),
    severity=severity(Severity.EXPLAIN),
)
def arranged(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Room, car, lodging, meal and the like stand before the guests come."""
    if (
        visit.walk_in
        or terms["what"] in visit.arranged
        or (terms["when"] == When.NEEDED and terms["what"] not in visit.needs)
    ):
        return None
    return terms.finding(
        say(N_("Not arranged yet: {what}."), what=Need(terms["what"]).label),
        say(N_("Book it or enter it in the itinerary; or take it off the visit's needs.")),
    )


@rule(
    "tour_route",
    VisitFacts,
    "notice",
    title=N_("Tour route"),
    says=N_("Visits of these kinds, or that want a tour, name their route: {kinds}."),
    kinds=many(N_("Kinds of visit"), VisitKind),
    severity=severity(Severity.EXPLAIN),
)
def tour_route(terms: Terms, visit: VisitFacts) -> Finding | None:
    """A visit that walks the site names its route, stop by stop."""
    if visit.walk_in or visit.route or (visit.visit_kind not in terms["kinds"] and Need.TOUR not in visit.needs):
        return None
    return terms.finding(say(N_("The tour has no route yet.")), say(N_("Choose the route on the visit.")))


@rule(
    "guest_confirmed",
    VisitFacts,
    "notice",
    "ready",
    title=N_("Confirmed with the guest"),
    says=N_("Time, number of guests and needs are confirmed with the guest at least {hours} hours before."),
    hours=whole(N_("Hours"), 8760),
    severity=severity(Severity.EXPLAIN),
)
def guest_confirmed(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Time, number and needs are confirmed with the guest in time."""
    if visit.walk_in or visit.planned_start is None:
        return None
    limit = visit.planned_start - timedelta(hours=terms["hours"])
    if visit.guest_confirmed_at is not None and visit.guest_confirmed_at <= limit:
        return None
    if visit.guest_confirmed_at is None:
        return terms.finding(
            say(N_("Time, number of guests and needs are not confirmed with the guest.")),
            say(N_("Call or write to the guest, then record it with “Confirmed with guest”.")),
            measure=10**9,
        )
    return terms.finding(
        say(N_("The guest confirmed later than {hours} hours before the visit."), hours=terms["hours"]),
        say(N_("Give the reason.")),
        measure=late_by(limit, visit.guest_confirmed_at),
    )


@rule(
    "diet_heeded",
    VisitFacts,
    "notice",
    "ready",
    title=N_("Diets heeded"),
    says=N_("A meal for guests with dietary needs says how it heeds them."),
    severity=severity(Severity.NOTE),
)
def diet_heeded(terms: Terms, visit: VisitFacts) -> Finding | None:
    """A planned meal says how it heeds the guests' dietary needs."""
    if not visit.diets or Need.MEAL not in visit.arranged | visit.needs or visit.diets_heeded:
        return None
    return terms.finding(
        say(N_("{count} of the guests have dietary needs that no meal mentions."), count=visit.diets),
        say(N_("Write it in the meal's note in the itinerary.")),
    )


@rule(
    "notice_signed",
    VisitFacts,
    "ready",
    "check_in",
    title=N_("Notice signed for"),
    says=N_("Every department has signed for its task before guests of {ranks} come."),
    ranks=ranks(),
    severity=severity(Severity.NOTE),
)
def notice_signed(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Every department has signed for its task of the reception notice."""
    if not visit.unsigned:
        return None
    return terms.finding(
        say(N_("{count} departments have not signed for their task."), count=visit.unsigned),
        say(N_("Call them; they find the notice on their first page.")),
        measure=visit.unsigned,
    )


@rule(
    "notice_current",
    VisitFacts,
    "ready",
    title=N_("Changes sent"),
    says=N_(
        "What changes on visits of {ranks} after the notice went out is sent to the departments, and signed for again."
    ),
    ranks=ranks(),
    severity=severity(Severity.EXPLAIN),
)
def notice_current(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The departments know of everything that changed since the notice."""
    if not visit.changed:
        return None
    return terms.finding(
        say(
            N_("Changed since the notice went out: {what}."), what=[f.label for f in NoticeField if f in visit.changed]
        ),
        say(N_("Send a change notice; the departments get what changed and sign for it.")),
        measure=len(visit.changed),
    )


def _open(terms: Terms, visit: VisitFacts, phase: str) -> list[str]:
    return [item for clause, of, item in visit.open_checks if of == phase and terms.clause in clause.split()]


@rule(
    "checklist_before",
    VisitFacts,
    "ready",
    title=N_("Checklist before the visit"),
    says=N_("Every item is ticked before the visit is ready."),
    items=derived(N_("Items")),
)
def checklist_before(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The preparation is complete before the visit is called ready."""
    missing = _open(terms, visit, "before")
    if not missing:
        return None
    return terms.finding(
        say(N_("Not done yet: {items}."), items=missing),
        say(N_("Do it and tick it on the visit's checklist.")),
        Severity.BLOCK,
        len(missing),
    )


@rule(
    "checklist_skipped",
    VisitFacts,
    "check_in",
    title=N_("Checklist left open"),
    says=N_("Guests come in before every item is ticked only with a reason."),
    items=derived(N_("Items")),
)
def checklist_skipped(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Guests who come before the preparation is complete are let in with a reason."""
    missing = _open(terms, visit, "before")
    if not missing or visit.walk_in or visit.inside:
        return None
    return terms.finding(
        say(N_("The guests are here and this is not done: {items}."), items=missing),
        say(N_("Do it now and tick it, or give the reason.")),
        Severity.EXPLAIN,
        len(missing),
    )


@rule(
    "checklist_after",
    VisitFacts,
    "close",
    title=N_("Checklist after the visit"),
    says=N_("Every item is ticked before the visit is closed."),
    items=derived(N_("Items")),
)
def checklist_after(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Venue and equipment are restored before the visit is closed."""
    missing = _open(terms, visit, "after")
    if not missing or visit.walk_in:
        return None
    return terms.finding(
        say(N_("Not done yet: {items}."), items=missing),
        say(N_("Do it and tick it on the visit's checklist.")),
        Severity.BLOCK,
        len(missing),
    )


# ── Afterwards ───────────────────────────────────────────────────────────────────────────────────
@rule(
    "reception_record",
    VisitFacts,
    "close",
    title=N_("Reception record"),
    says=N_("Visits of {ranks} are recorded before they are closed."),
    ranks=ranks(),
)
def reception_record(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The reception is recorded before the visit is closed."""
    if visit.walk_in or visit.recorded:
        return None
    return terms.finding(
        say(N_("The reception has not been recorded.")),
        say(N_("Write the reception record: who came, what was discussed, what was agreed.")),
        Severity.BLOCK,
    )


@rule(
    "recorded_within",
    VisitFacts,
    "close",
    title=N_("Recorded in time"),
    says=N_("The record is written within {hours} hours after the visit."),
    hours=whole(N_("Hours"), 8760, 1),
)
def recorded_within(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The record is written soon after the visit ended."""
    late = late_by(
        visit.planned_end and visit.planned_end + timedelta(hours=terms["hours"]), visit.recorded_at or visit.moment
    )
    if visit.walk_in or not late:
        return None
    return terms.finding(
        say(N_("The record comes later than {hours} hours after the visit."), hours=terms["hours"]),
        say(N_("Write it now and give the reason for the delay.")),
        Severity.EXPLAIN,
        late,
    )


@rule(
    "questions_recorded",
    VisitFacts,
    "close",
    title=N_("Questions recorded"),
    says=N_("Needs and questions of guests of {ranks} are written down."),
    ranks=ranks(),
    severity=severity(Severity.EXPLAIN),
)
def questions_recorded(terms: Terms, visit: VisitFacts) -> Finding | None:
    """What the guests need and ask is written down during the reception."""
    if visit.walk_in or visit.questions:
        return None
    return terms.finding(
        say(N_("No need or question of the guests is recorded.")),
        say(N_("Enter them under Questions, or say that none was raised.")),
    )


@rule(
    "questions_answered",
    VisitFacts,
    "close",
    title=N_("Questions answered"),
    says=N_("Every question is answered before the visit is closed, at the latest after {days} days."),
    days=whole(N_("Days"), 365),
)
def questions_answered(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Each question gets an answer or a solution; those open longer than `days` are overdue."""
    if not visit.open_questions:
        return None
    overdue = sum(count for age, count in visit.overdue_questions.items() if age > terms["days"])
    if overdue:
        return terms.finding(
            say(N_("{count} questions have been open for more than {days} days."), count=overdue, days=terms["days"]),
            say(N_("Answer them or have the owner answer.")),
            Severity.BLOCK,
            1000 + overdue,
        )
    return terms.finding(
        say(N_("{count} questions have no answer yet."), count=visit.open_questions),
        say(N_("Answer them or have the owner answer.")),
        Severity.BLOCK,
        visit.open_questions,
    )


@rule(
    "stages_complete",
    VisitFacts,
    "close",
    title=N_("Every stage gone through"),
    says=N_("Before it is closed a visit has gone through: {stages}."),
    stages=many(N_("Stages"), Stage),
)
def stages_complete(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Appointment, registration, preparation, reception and feedback all took place."""
    missing = [Stage(s).label for s in terms["stages"] if s not in visit.stages]
    if visit.walk_in or not missing:
        return None
    return terms.finding(
        say(N_("These stages are missing: {stages}."), stages=missing),
        say(N_("Make up for them, or give the reason.")),
        Severity.EXPLAIN,
        len(missing),
    )


@rule(
    "feedback_collected",
    VisitFacts,
    "close",
    title=N_("Feedback collected"),
    says=N_("Guests of {ranks} are asked for their opinion."),
    ranks=ranks(),
    severity=severity(Severity.EXPLAIN),
)
def feedback_collected(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The guests' opinion is asked for and kept."""
    if visit.walk_in or visit.feedback:
        return None
    return terms.finding(
        say(N_("There is no feedback of the guests.")), say(N_("Ask them and enter the feedback form."))
    )


@rule(
    "outcome_recorded",
    VisitFacts,
    "close",
    title=N_("Outcome recorded"),
    says=N_("The outcome of visits of {ranks} is recorded."),
    ranks=ranks(),
    severity=severity(Severity.EXPLAIN),
)
def outcome_recorded(terms: Terms, visit: VisitFacts) -> Finding | None:
    """What the visit led to is recorded."""
    if visit.walk_in or visit.outcome:
        return None
    return terms.finding(
        say(N_("The outcome of the visit is not recorded.")), say(N_("Choose the outcome when you close the visit."))
    )


@rule(
    "farewell_gift",
    VisitFacts,
    "close",
    title=N_("Farewell gift"),
    says=N_("Guests of {ranks} are thanked with a gift."),
    ranks=ranks(),
    severity=severity(Severity.NOTE),
)
def farewell_gift(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Guests are seen off with thanks and a gift."""
    if visit.walk_in or visit.gifts:
        return None
    return terms.finding(
        say(N_("No gift was issued for this visit.")),
        say(N_("Request one next time, or leave it where it does not fit.")),
    )


@rule(
    "follow_up_named",
    VisitFacts,
    "close",
    title=N_("Follow-up with an owner"),
    says=N_("Where there is further demand, a named person follows up within {days} days."),
    days=whole(N_("Days"), 365, 1),
    severity=severity(Severity.BLOCK),
)
def follow_up_named(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Further demand or doubts have a follow-up with an owner, soon enough."""
    if visit.walk_in or visit.outcome not in ("demand", "doubts", "agreed"):
        return None
    if visit.follow_up_days is None:
        return terms.finding(
            say(N_("There is further demand, but nobody is named to follow it up.")),
            say(N_("Enter a follow-up with its owner and date.")),
            measure=10**6,
        )
    if visit.follow_up_days > terms["days"]:
        return terms.finding(
            say(
                N_("The follow-up comes after {planned} days; {days} are allowed."),
                planned=visit.follow_up_days,
                days=terms["days"],
            ),
            say(N_("Bring it forward.")),
            measure=visit.follow_up_days,
        )
    return None


@rule(
    "cards_collected",
    VisitFacts,
    "close",
    title=N_("Business cards kept"),
    says=N_("A business card of the guests is kept and can be found again."),
    severity=severity(Severity.NOTE),
)
def cards_collected(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Business cards received are kept and can be found again."""
    if visit.walk_in or visit.cards:
        return None
    return terms.finding(say(N_("No business card of the guests is kept.")), say(N_("Ask for a card and enter it.")))


__all__ = ["VisitFacts", "suggest_level"]
