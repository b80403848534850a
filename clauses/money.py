"""── Gifts, money, cars: what is asked for, paid and driven."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import floor

from clauses.base import (
    ChainFacts,
    Finding,
    Param,
    Rulebook,
    Severity,
    Terms,
    derived,
    many,
    rows,
    rule,
    severity,
    whole,
    yes,
)
from clauses.visits import VisitFacts
from clauses.words import Benefit, DispatchField, SpendingCategory
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


@dataclass(frozen=True)
class GiftFacts(ChainFacts):
    """Gifts or wine asked for; `application` as in SpendingFacts, `value` in CNY altogether."""

    application: str = "none"
    important: bool = False
    benefit: str = ""
    value: Decimal = Decimal(0)
    guests: int = 1
    requested_on: date | None = None
    needed_on: date | None = None


@dataclass(frozen=True)
class DispatchFacts:
    """A dispatch order; `filled` names the fields of DispatchField that hold something."""

    day: date | None = None
    filed_on: date | None = None
    filled: frozenset[str] = frozenset(DispatchField)


# ── Gifts ────────────────────────────────────────────────────────────────────────────────────────
@rule(
    "gift_application",
    GiftFacts,
    "submit",
    "approve",
    title=N_("Gift on an application"),
    says=N_("A gift is requested on an approved hospitality request."),
    severity=severity(Severity.BLOCK),
)
def gift_application(terms: Terms, gift: GiftFacts) -> Finding | None:
    """A gift needs a hospitality request, approved."""
    if gift.application != "none":
        return None
    return terms.finding(
        say(N_("A gift needs an approved hospitality request.")),
        say(N_("File the hospitality request, have it approved and name it here.")),
    )


@rule(
    "gift_in_advance",
    GiftFacts,
    "submit",
    title=N_("Gift asked for in advance"),
    says=N_("Gifts are requested before the day they are given."),
    severity=severity(Severity.EXPLAIN),
)
def gift_in_advance(terms: Terms, gift: GiftFacts) -> Finding | None:
    """Gifts and entertainment are requested before the day of the visit."""
    if gift.needed_on is None or gift.requested_on is None or gift.requested_on < gift.needed_on:
        return None
    return terms.finding(
        say(N_("The gift is asked for on the day of the visit or later.")),
        say(N_("Give the reason why it was not asked for in advance.")),
        measure=(gift.requested_on - gift.needed_on).days,
    )


@rule(
    "small_gift",
    GiftFacts,
    "submit",
    title=N_("Small gifts only"),
    says=N_("A gift is worth at most {value} CNY per guest."),
    value=whole(N_("CNY per guest")),
    severity=severity(Severity.EXPLAIN),
)
def small_gift(terms: Terms, gift: GiftFacts) -> Finding | None:
    """A gift is small: at most `value` CNY per guest."""
    excess = gift.value - terms["value"] * max(1, gift.guests)
    if excess <= 0:
        return None
    return terms.finding(
        say(
            N_("{value} for {guests} guests is more than the {limit} CNY per guest of a small gift."),
            value=gift.value,
            guests=gift.guests,
            limit=terms["value"],
        ),
        say(N_("Choose a smaller gift, or give the reason.")),
        measure=excess,
    )


@rule(
    "forbidden_benefit",
    GiftFacts,
    "submit",
    "approve",
    title=N_("Forbidden benefits"),
    says=N_("Never given: {kinds}."),
    kinds=many(N_("Benefits"), Benefit),
)
def forbidden_benefit(terms: Terms, gift: GiftFacts) -> Finding | None:
    """Benefits that break the law or internal rules are forbidden."""
    if gift.benefit not in terms["kinds"]:
        return None
    return terms.finding(
        say(N_("This benefit may not be given: {kind}."), kind=Benefit(gift.benefit).label),
        say(N_("Choose something else; report it if somebody asked for it.")),
        Severity.BLOCK,
    )


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
    per_guest=derived(N_("Caps")),
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
def band_of(bands: list[dict], guests: int) -> dict | None:
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
def host_party_share(terms: Terms, facts) -> Finding | None:
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


# ── Cars ─────────────────────────────────────────────────────────────────────────────────────────
@rule(
    "dispatch_ahead",
    DispatchFacts,
    "file",
    title=N_("Car asked for in advance"),
    says=N_("A dispatch order is filed at least {days} days before."),
    days=whole(N_("Days"), 365),
)
def dispatch_ahead(terms: Terms, dispatch: DispatchFacts) -> Finding | None:
    """A dispatch order is filed at least `days` calendar days before the car leaves."""
    if (
        dispatch.filed_on is None
        or dispatch.day is None
        or dispatch.filed_on <= dispatch.day - timedelta(days=terms["days"])
    ):
        return None
    return terms.finding(
        say(N_("The car is asked for less than {days} days ahead."), days=terms["days"]),
        say(N_("Give the reason for the short notice.")),
        Severity.EXPLAIN,
        (dispatch.filed_on - dispatch.day).days + terms["days"],
    )


@rule(
    "dispatch_complete",
    DispatchFacts,
    "file",
    title=N_("Dispatch order complete"),
    says=N_("A dispatch order names: {fields}."),
    fields=many(N_("Fields"), DispatchField),
    severity=severity(Severity.EXPLAIN),
)
def dispatch_complete(terms: Terms, dispatch: DispatchFacts) -> Finding | None:
    """The dispatch order says whom to fetch where and how to know them."""
    missing = [DispatchField(f).label for f in terms["fields"] if f not in dispatch.filled]
    if not missing:
        return None
    return terms.finding(
        say(N_("Not filled in: {fields}."), fields=missing),
        say(N_("Fill them in, so that the driver finds the guests.")),
        measure=len(missing),
    )


__all__ = ["DispatchFacts", "GiftFacts", "SpendingFacts", "band_of", "cap_for", "largest_party"]
