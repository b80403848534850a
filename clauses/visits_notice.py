"""Preparing a visit: the notice, what is arranged, the checklists."""

from datetime import timedelta

from clauses.base import Finding, Terms, late_by, rule
from clauses.params import derived, many, one, ranks, severity, whole
from clauses.visits import AT_THE_DOOR, NEVER_TICKED, VisitFacts
from clauses.words import Issuer, Need, NoticeField, Severity, VisitKind, When
from core.text import N_, say


@rule(
    "notice_issuer",
    VisitFacts,
    "notice",
    "amend",
    title=N_("Who issues the notice"),
    says=N_("For visits of {ranks} the reception notice is issued by: {by}."),
    of_actor=True,
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
    cured_by=("route",),
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
    cured_by=("confirm_guest",),
    deadline=True,
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
    unreplayable=AT_THE_DOOR,
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
    cured_by=("amend_notice",),
    unreplayable=N_("What a notice said at the time is not among the facts of a trial."),
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


ALL_ITEMS = N_("All items of both are done.")


def _open(terms: Terms, visit: VisitFacts, phase: str) -> list[str]:
    return [item for clause, of, item in visit.open_checks if of == phase and terms.clause in clause.split()]


@rule(
    "checklist_before",
    VisitFacts,
    "ready",
    title=N_("Checklist before the visit"),
    says=N_("Every item is ticked before the visit is ready."),
    unreplayable=NEVER_TICKED,
    overlap=ALL_ITEMS,
    made_from="before",
    items=derived(N_("Items"), "check"),
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
    unreplayable=NEVER_TICKED,
    made_from="before",
    items=derived(N_("Items"), "check"),
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
    unreplayable=NEVER_TICKED,
    overlap=ALL_ITEMS,
    made_from="after",
    items=derived(N_("Items"), "check"),
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
