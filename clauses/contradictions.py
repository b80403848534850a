"""What adopted clauses say of the same thing: where the stricter binds by itself, and where a company has to choose.

A contradiction is a pair of clauses that no request can keep both of. The choice is stored beside the
regulations (`tables.regulations.Choice…`) and laid into the rulebook by `settle`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from clauses.base import GRAVEST, RULES, Rulebook, Terms
from clauses.money import band_of, largest_party
from core.text import N_, Text, say

GUESTS = (*range(2, 201), 1)
"""The parties a contradiction is looked for among; a lone guest last, as the poorest example."""


@dataclass(frozen=True)
class Contradiction:
    """Two clauses that cannot both be kept: each is a rule kind and a citation. `example` shows a case."""

    topic: str
    first: tuple[str, str]
    second: tuple[str, str]
    example: Text

    @property
    def key(self) -> str:
        return f"{self.first[1]}|{self.second[1]}"

    @property
    def clauses(self) -> tuple[str, str]:
        return self.first[1], self.second[1]


def contradictions(book: Rulebook) -> list[Contradiction]:
    """Every contradiction between clauses of `book` that strictness can't settle, in a stable order."""
    everywhere = [*_party(book), *_bands(book), *_issuers(book), *_measures(book)]
    return sorted(everywhere, key=lambda c: c.key)


def _party(book: Rulebook) -> Iterable[Contradiction]:
    """More escorts are a duty than a share of the guests allows."""
    for quota in book.terms.get("escort_quota", ()):
        for share in book.terms.get("host_party_share", ()):
            for guests in GUESTS:
                band = band_of(quota["bands"], guests)
                limit = largest_party(share["share"], guests)
                if band and band["escorts"] > limit:
                    yield Contradiction(
                        "party",
                        ("escort_quota", quota.clause),
                        ("host_party_share", share.clause),
                        say(
                            N_("For {guests} guests {first} wants {wanted} escorts, {second} allows {limit}."),
                            guests=guests,
                            first=quota.clause,
                            wanted=band["escorts"],
                            second=share.clause,
                            limit=limit,
                        ),
                    )
                    break


def _bands(book: Rulebook) -> Iterable[Contradiction]:
    """Two clauses want different exact numbers of escorts for the same guests."""
    for first, second in combinations(book.terms.get("escort_quota", ()), 2):
        if set(first["categories"]).isdisjoint(second["categories"]):
            continue
        for guests in GUESTS:
            a, b = band_of(first["bands"], guests), band_of(second["bands"], guests)
            if not a or not b:
                continue
            low, high = sorted((a, b), key=lambda band: band["escorts"])
            if low["escorts"] < high["escorts"] and not low.get("or_more", False):
                yield Contradiction(
                    "bands",
                    ("escort_quota", first.clause),
                    ("escort_quota", second.clause),
                    say(
                        N_("For {guests} guests {first} wants {a} escorts, {second} wants {b}."),
                        guests=guests,
                        first=first.clause,
                        a=a["escorts"],
                        second=second.clause,
                        b=b["escorts"],
                    ),
                )
                break


def _issuers(book: Rulebook) -> Iterable[Contradiction]:
    """Two clauses name different issuers of the notice for the same level."""
    for first, second in combinations(book.terms.get("notice_issuer", ()), 2):
        shared = (
            set(first["ranks"]) & set(second["ranks"])
            if first["ranks"] and second["ranks"]
            else set(first["ranks"]) | set(second["ranks"]) or {1}
        )
        if first["by"] != second["by"] and shared:
            yield Contradiction(
                "issuer",
                ("notice_issuer", first.clause),
                ("notice_issuer", second.clause),
                say(
                    N_("For rank {rank} {first} and {second} name different issuers of the notice."),
                    rank=min(shared),
                    first=first.clause,
                    second=second.clause,
                ),
            )


def _measures(book: Rulebook) -> Iterable[Contradiction]:
    """Two clauses leave no measure in common for a violation of the same gravity."""
    for first, second in combinations(book.terms.get("violation_measure", ()), 2):
        for gravity in ("minor", "serious"):
            if set(first[gravity]).isdisjoint(second[gravity]):
                yield Contradiction(
                    "measures",
                    ("violation_measure", first.clause),
                    ("violation_measure", second.clause),
                    say(
                        N_("{first} and {second} provide no measure in common for the same violation."),
                        first=first.clause,
                        second=second.clause,
                    ),
                )
                break


def settle(book: Rulebook, choices: Mapping[str, str]) -> Rulebook:
    """`book` with the company's choices laid in: `choices` maps a contradiction's key to the clause that prevails.

    The clause that yields still binds wherever both can be kept.
    """
    terms = {kind: list(rows) for kind, rows in book.terms.items()}
    for contradiction in contradictions(book):
        prevails = choices.get(contradiction.key)
        if prevails not in contradiction.clauses:
            continue
        first, second = contradiction.first, contradiction.second
        winner, loser = (first, second) if prevails == first[1] else (second, first)
        source = next((t for t in terms[winner[0]] if t.clause == winner[1]), None)
        if source is None:  # It has yielded to a third clause already.
            continue
        terms[loser[0]] = [
            rest
            for t in terms[loser[0]]
            if (rest := _yielded(contradiction.topic, source, t) if t.clause == loser[1] else t) is not None
        ]
    return replace(book, terms={kind: tuple(rows) for kind, rows in terms.items()})


def _yielded(topic: str, winner: Terms, loser: Terms) -> Terms | None:
    """What the yielding clause still asks for, so that both can be kept; None where nothing is left of it."""
    params = dict(loser.params)
    if topic == "party" and "bands" in winner.params:
        params |= {"yields_to_bands": winner["bands"], "yields_at": winner["categories"]}
    elif topic == "party":
        params |= {"yields_to_share": winner["share"]}
    elif topic == "measures":
        params = {g: list(dict.fromkeys([*winner[g], *loser[g]])) for g in ("minor", "serious")}
    else:
        # Its ranks, or its categories, of which the other does not speak.
        name = "ranks" if topic == "issuer" else "categories"
        params[name] = [v for v in loser[name] or range(1, 100) if v not in winner[name]] if winner[name] else []
        if not params[name]:
            return None
    return replace(loser, params=params)


def overlaps(book: Rulebook, code: str) -> list[tuple[str, tuple[str, ...], str]]:
    """The rules on which regulation `code` and others speak of the same thing (the same `what`, where a rule
    has one): rule kind, the clauses, what binds."""
    shared_rules = []
    for kind, rows in book.terms.items():
        topics: dict[str, dict[str, None]] = {}
        for terms in rows:
            what = terms.params.get("what", "")
            for topic in [what] if isinstance(what, str) else what:
                topics.setdefault(topic, {})[terms.clause] = None
        shared = [
            clauses for clauses in topics.values() if 0 < sum(c.startswith(f"{code}-") for c in clauses) < len(clauses)
        ]
        if shared:
            shared_rules.append(
                (
                    kind,
                    tuple(dict.fromkeys(c for clauses in shared for c in clauses)),
                    RULES[kind].overlap if kind in RULES else GRAVEST,
                )
            )
    return shared_rules


__all__ = ["Contradiction", "contradictions", "overlaps", "settle"]
