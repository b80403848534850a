"""Gifts and wine: what is asked for."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clauses.base import ChainFacts, Finding, Terms, rule
from clauses.params import many, severity, whole
from clauses.words import Benefit, Severity
from core.text import N_, say


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
    deadline=True,
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
