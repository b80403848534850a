"""The front desk: who is let in, how far, and what is written down at the door."""

from datetime import date, timedelta

from clauses.base import Finding, Rulebook, Terms, late_by, rule
from clauses.params import many, ranks, severity, whole, yes
from clauses.visits import AT_THE_DOOR, VisitFacts
from clauses.words import Area, Offer, Refusal, Severity
from core.text import N_, say


@rule(
    "stated_reason",
    VisitFacts,
    "register",
    "check_in",
    title=N_("Reason and host stated"),
    says=N_("Every visitor states reason and host and is registered before being let in."),
)
def stated_reason(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Every visitor states the reason and the host and is registered."""
    if visit.purpose.strip() and visit.host and visit.named_guests:
        return None
    return terms.finding(
        say(N_("Reason, host and the visitor's name are not all registered.")),
        say(N_("Ask for them and enter them on the visit.")),
        Severity.BLOCK,
    )


@rule(
    "appointment_required",
    VisitFacts,
    "check_in",
    title=N_("Appointment required"),
    says=N_("Without an appointment visitors enter only: {free_areas}."),
    free_areas=many(N_("Areas free to all"), Area, 0),
)
def appointment_required(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Without an appointment nobody enters beyond the areas that are free to all."""
    if not visit.walk_in or visit.area in terms["free_areas"]:
        return None
    return terms.finding(
        say(N_("Without an appointment there is no entry to the office area.")),
        say(N_("Agree a next appointment, or have the host receive them in the reception area.")),
        Severity.BLOCK,
    )


@rule(
    "host_confirms",
    VisitFacts,
    "check_in",
    title=N_("Host confirms"),
    says=N_("Visitors are let in only after the host has confirmed."),
    cured_by=("confirm_host",),
    applicant_host_counts=yes(N_("A host who filed the visit has confirmed by that")),
)
def host_confirms(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Only after the host confirms is the visitor told the way and let in.

    `applicant_host_counts`: a host who filed the appointment themself has confirmed by that.
    """
    if visit.host_confirmed or (terms["applicant_host_counts"] and visit.host_is_applicant and not visit.walk_in):
        return None
    return terms.finding(
        say(N_("The host has not confirmed.")),
        say(
            N_(
                "Call the host and record the confirmation; "
                "if they cannot receive, offer a message or a next appointment."
            )
        ),
        Severity.BLOCK,
    )


@rule(
    "host_told",
    VisitFacts,
    "check_in",
    title=N_("Host told promptly"),
    says=N_("The host is told of a visitor at the desk within {minutes} minutes."),
    deadline=True,
    unreplayable=AT_THE_DOOR,
    minutes=whole(N_("Minutes"), 1440, 1),
)
def host_told(terms: Terms, visit: VisitFacts) -> Finding | None:
    """A visitor without an appointment does not wait longer than `minutes` for the host's answer."""
    late = late_by(
        visit.arrived_at and visit.arrived_at + timedelta(minutes=terms["minutes"]),
        visit.host_confirmed_at or visit.moment,
    )
    if not late:
        return None
    return terms.finding(
        say(
            N_("The visitor waited {late} minutes longer than {minutes} for the host."),
            late=late,
            minutes=terms["minutes"],
        ),
        say(N_("Call the host at once, and apologise to the visitor.")),
        Severity.NOTE,
        late,
    )


@rule(
    "unrelated_sales",
    VisitFacts,
    "check_in",
    title=N_("No unrelated salespeople"),
    says=N_("Salespeople without relation to the company's projects are not let in."),
)
def unrelated_sales(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Salespeople unrelated to the company's projects do not enter."""
    if not visit.unrelated_sales:
        return None
    return terms.finding(
        say(N_("A salesperson without relation to the company's projects.")),
        say(N_("Decline politely; take a card for the department if they wish.")),
        Severity.BLOCK,
    )


@rule(
    "blacklist",
    VisitFacts,
    "register",
    "check_in",
    title=N_("Barred visitors"),
    says=N_("Visitors who were barred are not let in."),
    unreplayable=N_("Who was barred at the time is not kept."),
)
def blacklist(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Who broke the house rules before and was barred is not let in."""
    if not visit.blacklisted:
        return None
    return terms.finding(
        say(N_("{count} of the guests are barred from entry."), count=visit.blacklisted),
        say(N_("Do not let them in; tell the admin office, which alone can lift it.")),
        Severity.BLOCK,
    )


@rule(
    "leader_visitor",
    VisitFacts,
    "notice",
    "check_in",
    title=N_("Leaders' visitors"),
    says=N_("The general office is told of a leader's visitor; guests of {vip_ranks} are escorted to the office."),
    vip_ranks=ranks(),
)
def leader_visitor(terms: Terms, visit: VisitFacts) -> Finding | None:
    """A company leader's visitor: the general office is told; a VIP is escorted to the office."""
    if not visit.host_is_leader:
        return None
    if visit.rank in terms["vip_ranks"]:
        return terms.finding(
            say(N_("A leader's VIP guest: tell the general office and escort them.")),
            say(N_("Call the general office before letting them in, and walk with them.")),
            Severity.NOTE,
            1,
        )
    return terms.finding(
        say(N_("A leader's guest: the general office arranges the meeting.")),
        say(N_("Call the general office before letting them in.")),
        Severity.NOTE,
    )


@rule(
    "identity_checked",
    VisitFacts,
    "check_in",
    title=N_("Identity document"),
    says=N_("Before they enter {areas}, visitors show a valid identity document."),
    cured_by=("identity",),
    areas=many(N_("Areas"), Area),
    severity=severity(Severity.BLOCK),
)
def identity_checked(terms: Terms, visit: VisitFacts) -> Finding | None:
    """A valid identity document is shown before the areas named are entered."""
    if visit.area not in terms["areas"] or visit.identity:
        return None
    return terms.finding(
        say(N_("The identity documents have not been checked.")),
        say(N_("Look at each guest's document and tick “Identity documents checked”.")),
    )


@rule(
    "badge_issued",
    VisitFacts,
    "check_in",
    title=N_("Visitor badge"),
    says=N_("Visitors to {areas} wear a visitor badge."),
    cured_by=("badges",),
    areas=many(N_("Areas"), Area),
    severity=severity(Severity.EXPLAIN),
)
def badge_issued(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Every guest gets a visitor badge."""
    if visit.area not in terms["areas"] or not visit.badges_missing:
        return None
    return terms.finding(
        say(N_("{count} guests have no visitor badge yet."), count=visit.badges_missing),
        say(N_("Hand out a badge and enter its number.")),
        measure=visit.badges_missing,
    )


@rule(
    "security_check",
    VisitFacts,
    "check_in",
    title=N_("Security check"),
    says=N_("Before they enter {areas}, visitors pass the security check."),
    cured_by=("security",),
    areas=many(N_("Areas"), Area),
    severity=severity(Severity.BLOCK),
)
def security_check(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The security check is passed before the areas named are entered."""
    if visit.area not in terms["areas"] or visit.security:
        return None
    return terms.finding(
        say(N_("The security check has not been made.")), say(N_("Make it and tick “Security check passed”."))
    )


@rule(
    "nda_signed",
    VisitFacts,
    "check_in",
    title=N_("Confidentiality agreement"),
    says=N_("Sensitive topics need a signed confidentiality agreement first."),
    severity=severity(Severity.BLOCK),
)
def nda_signed(terms: Terms, visit: VisitFacts) -> Finding | None:
    """A signed confidentiality agreement before sensitive topics."""
    if not visit.sensitive or visit.nda:
        return None
    return terms.finding(
        say(N_("Sensitive topics: no valid confidentiality agreement is signed.")),
        say(N_("Print the agreement, have it signed and enter it under Confidentiality agreements.")),
    )


@rule(
    "overstay",
    VisitFacts,
    "check_in",
    "check_out",
    title=N_("No overstaying"),
    says=N_("Nobody stays longer than {minutes} minutes past the planned end."),
    unreplayable=AT_THE_DOOR,
    minutes=whole(N_("Minutes"), 1440),
)
def overstay(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Nobody stays in the house long past the planned end."""
    late = late_by(visit.planned_end and visit.planned_end + timedelta(minutes=terms["minutes"]), visit.moment)
    if not visit.inside or not late:
        return None
    return terms.finding(
        say(
            N_("{count} guests are in the house longer than {minutes} minutes past the planned end."),
            count=visit.inside,
            minutes=terms["minutes"],
        ),
        say(N_("Call the host and see them out.")),
        Severity.NOTE,
        late,
    )


@rule(
    "departure_recorded",
    VisitFacts,
    "close",
    title=N_("Departure recorded"),
    says=N_("The departure of every guest is recorded before the visit is closed."),
    unreplayable=AT_THE_DOOR,
)
def departure_recorded(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Every guest's departure time is recorded."""
    if not visit.inside:
        return None
    return terms.finding(
        say(N_("{count} guests are still checked in."), count=visit.inside),
        say(N_("Check them out at the front desk first.")),
        Severity.BLOCK,
    )


@rule(
    "goods_release",
    VisitFacts,
    "check_out",
    title=N_("Goods release slip"),
    says=N_("Goods leave with a visitor only on a goods release slip."),
    unreplayable=N_("Whether guests took goods along is not kept."),
    severity=severity(Severity.BLOCK),
)
def goods_release(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Goods leaving with a visitor need a release slip."""
    if not visit.goods or visit.goods_slip:
        return None
    return terms.finding(
        say(N_("The guests take goods along, and there is no release slip.")),
        say(N_("Have the owning department write the slip, or keep the goods at the desk.")),
    )


@rule(
    "host_unavailable",
    VisitFacts,
    "refuse",
    title=N_("Host cannot receive"),
    says=N_("A visitor whose host cannot receive is offered: {offers}."),
    cured_by=("offer",),
    offers=many(N_("Offers"), Offer),
)
def host_unavailable(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Who cannot be received is offered to leave a message or a next appointment."""
    if visit.refusal not in (Refusal.HOST_UNAVAILABLE, Refusal.NO_APPOINTMENT) or visit.offer in terms["offers"]:
        return None
    return terms.finding(
        say(N_("The visitor has been offered nothing.")),
        say(N_("Explain, and offer one of these: {offers}."), offers=[Offer(o).label for o in terms["offers"]]),
        Severity.EXPLAIN,
    )


@rule(
    "forced_entry",
    VisitFacts,
    "refuse",
    title=N_("Forced entry"),
    says=N_("For {reasons} the measures are written down and an incident is recorded."),
    cured_by=("measures",),
    unreplayable=N_("What was said and done at the door is not kept."),
    reasons=many(N_("Reasons"), Refusal),
)
def forced_entry(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Who refuses to register or forces entry is stopped; what was done is written down."""
    if visit.refusal not in terms["reasons"] or visit.measures.strip():
        return None
    return terms.finding(
        say(N_("What was done against it is not written down.")),
        say(N_("Write the measures: who stopped them, whether the police (110) was called.")),
        Severity.BLOCK,
    )


def kept_as_incident(book: Rulebook, refusal: str | None, day: date) -> list[str]:
    """The clauses by which a caller who is not let in for this reason is recorded as an incident too."""
    return [terms.clause for terms in book.of("forced_entry", day) if refusal in terms["reasons"]]
