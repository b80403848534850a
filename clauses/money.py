"""Money: hospitality that is asked for, and expenses that are paid."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import floor
from typing import Any

from clauses.base import ChainFacts, Finding, Rulebook, Terms, rule
from clauses.params import Param, derived, many, rows, severity, whole, yes
from clauses.visits import VisitFacts
from clauses.words import Severity, SpendingCategory, StepCondition
from core.text import N_, say


@dataclass(frozen=True)
class SpendingFacts(ChainFacts):
    """Hospitality planned or paid, in CNY. `total` counts company wine at cost; `application` is
    the state of its hospitality request: none, approved or late (filed after the fact)."""

    category: str = "meal"
    rank: int | None = None
    guests: int = 1
    escorts: int = 0
    total: Decimal = Decimal(0)
    application: str = "none"
    late: bool = False
    needs_application: bool = True
    charged_elsewhere: bool = False
    walk_in: bool = False


# ── Money ────────────────────────────────────────────────────────────────────────────────────────
@rule(
    "banquet_application",
    SpendingFacts,
    "submit",
    title=N_("Application for hospitality"),
    says=N_("Spending on {categories} needs an approved hospitality request."),
    categories=many(N_("Categories"), SpendingCategory),
    severity=severity(Severity.EXPLAIN),
)
def banquet_application(terms: Terms, spending: SpendingFacts) -> Finding | None:
    """A banquet or a gift needs a hospitality request, approved."""
    if not spending.needs_application or spending.category not in terms["categories"] or spending.application != "none":
        return None
    return terms.finding(
        say(N_("There is no approved hospitality request for it.")),
        say(N_("Name the approved hospitality request, or give the reason why there is none.")),
    )


@rule(
    "application_in_advance",
    SpendingFacts,
    "submit",
    title=N_("Application beforehand"),
    says=N_("The hospitality request is filed before the hospitality."),
    deadline=True,
    severity=severity(Severity.EXPLAIN),
)
def application_in_advance(terms: Terms, spending: SpendingFacts) -> Finding | None:
    """The hospitality request is dated before the hospitality itself."""
    if not spending.late:
        return None
    return terms.finding(
        say(N_("The hospitality request was filed after the fact.")),
        say(N_("Give the reason why it was not filed in advance.")),
    )


def cap_for(book: Rulebook, category: str, rank: int | None, day: date | None) -> tuple[Decimal, str] | None:
    """The lowest cap per guest in CNY that binds, and the clause it comes from; None where none does."""
    caps = [
        (limit, terms.clause)
        for terms in book.of("spending_cap", day)
        for (of, at), limit in terms["per_guest"].items()
        if of in (category, "all") and at == rank
    ]
    return min(caps) if caps else None


@rule(
    "spending_cap",
    SpendingFacts,
    "submit",
    title=N_("Cap per guest"),
    says=N_("Cost per guest stays within the caps of the clause; above them a reason is needed."),
    condition=StepCondition.OVER_CAP,
    reason_in="over_cap_reason",
    overlap=N_("The lowest cap binds."),
    per_guest=derived(N_("Caps"), "cap"),
)
def spending_cap(terms: Terms, spending: SpendingFacts) -> Finding | None:
    """Cost per guest at most the cap of the rank and category; above it a reason is needed.

    `per_guest` maps (category, rank) to CNY; the category "all" covers every one.
    """
    caps = [
        limit
        for (category, rank), limit in terms["per_guest"].items()
        if rank == spending.rank and category in (spending.category, "all")
    ]
    if not caps or spending.guests < 1:
        return None
    cap = min(caps)
    excess = spending.total - cap * spending.guests
    if excess <= 0:
        return None
    return terms.finding(
        say(
            N_("{total} for {guests} guests is {excess} above the cap of {cap} per guest."),
            total=spending.total,
            guests=spending.guests,
            excess=excess,
            cap=cap,
        ),
        say(N_("Give the reason; an executive then approves it too.")),
        Severity.EXPLAIN,
        excess,
    )


@rule(
    "cost_bearer",
    SpendingFacts,
    "submit",
    title=N_("Who bears the cost"),
    says=N_("A customer's cost is charged to the department that owns the customer."),
    severity=severity(Severity.EXPLAIN),
)
def cost_bearer(terms: Terms, spending: SpendingFacts) -> Finding | None:
    """A customer's cost is charged to the department that owns the customer."""
    if not spending.charged_elsewhere:
        return None
    return terms.finding(
        say(N_("The customer belongs to another department, which bears the cost.")),
        say(N_("Have that department file it, or give the reason.")),
    )


# ── Own people ───────────────────────────────────────────────────────────────────────────────────
Band = Mapping[str, Any]
"""How many own people a number of guests calls for: {guests_from, escorts, or_more}."""


def band_of(bands: Iterable[Band], guests: int) -> Band | None:
    """The row of `bands` whose `guests_from` is the last one reached by `guests`."""
    reached = [band for band in bands if band["guests_from"] <= guests]
    return max(reached, key=lambda b: b["guests_from"]) if reached else None


def largest_party(share: str | Decimal, guests: int) -> int:
    """How many of the company's own people a share of the guests allows, rounded down."""
    return floor(Decimal(share) * guests)


_BAND = {
    "guests_from": whole(N_("Guests from"), 10_000, 1),
    "escorts": whole(N_("Escorts"), 1000),
    "or_more": yes(N_("or more")),
}


@rule(
    "escort_quota",
    SpendingFacts,
    "submit",
    title=N_("Escorts by number of guests"),
    says=N_("At {categories} the number of own people follows the number of guests."),
    overlap=N_("The larger escort duty binds, within the limit of the host party."),
    categories=many(N_("Categories"), SpendingCategory),
    bands=rows(N_("Bands"), **_BAND),
)
def escort_quota(terms: Terms, spending: SpendingFacts) -> Finding | None:
    """Own people at the table by number of guests.

    `bands` are rows {guests_from, escorts, or_more}: the last whose `guests_from` is reached binds. Where the
    company let a share of the guests prevail (`yields_to_share`), no more are wanted than it allows.
    """
    band = band_of(terms["bands"], spending.guests) if spending.category in terms["categories"] else None
    if band is None:
        return None
    wanted, more = band["escorts"], band.get("or_more", False)
    if "yields_to_share" in terms.params:
        limit = largest_party(terms["yields_to_share"], spending.guests)
        if wanted > limit:
            wanted, more = limit, False
    if spending.escorts == wanted or (more and spending.escorts > wanted):
        return None
    text = (
        N_("{guests} guests call for {wanted} or more escorts, not {escorts}.")
        if more
        else N_("{guests} guests call for {wanted} escorts, not {escorts}.")
    )
    return terms.finding(
        say(text, guests=spending.guests, wanted=wanted, escorts=spending.escorts),
        say(N_("Change the number of escorts, or give the reason.")),
        Severity.EXPLAIN,
        abs(spending.escorts - wanted),
    )


@rule(
    "host_party_share",
    (VisitFacts, SpendingFacts),
    "submit",
    title=N_("Own party by share of the guests"),
    says=N_("The own party is at most {share} of the number of guests."),
    share=Param("share", N_("Share (0.2: two tenths)")),
)
def host_party_share(terms: Terms, facts: VisitFacts | SpendingFacts) -> Finding | None:
    """The own party is at most a share of the guests; where the company let a clause on escorts
    prevail (`yields_to_bands`, at spending of `yields_at`), as many as that clause wants."""
    limit = largest_party(terms["share"], facts.guests)
    if "yields_to_bands" in terms.params and (isinstance(facts, VisitFacts) or facts.category in terms["yields_at"]):
        band = band_of(terms["yields_to_bands"], facts.guests)
        limit = max(limit, band["escorts"]) if band else limit
    if facts.walk_in or facts.escorts <= limit:
        return None
    return terms.finding(
        say(
            N_("{escorts} own people for {guests} guests: at most {limit}."),
            escorts=facts.escorts,
            guests=facts.guests,
            limit=limit,
        ),
        say(N_("Send fewer, or give the reason.")),
        Severity.EXPLAIN,
        facts.escorts - limit,
    )


__all__ = ["SpendingFacts", "band_of", "cap_for", "largest_party"]
