"""What adopted clauses say of the same thing: where the stricter binds by itself, and where a company has to choose.

A contradiction is a pair of clauses that no request can keep both of. The choice is stored beside the
regulations (`tables.regulations.Choice…`) and laid into the rulebook by `settle`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from clauses.base import Rulebook, Terms
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
    found = [*_party(book), *_bands(book), *_issuers(book), *_measures(book)]
    return sorted(found, key=lambda c: c.key)


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
    for one, other in combinations(book.terms.get("escort_quota", ()), 2):
        if set(one["categories"]).isdisjoint(other["categories"]):
            continue
        for guests in GUESTS:
            a, b = band_of(one["bands"], guests), band_of(other["bands"], guests)
            if not a or not b:
                continue
            low, high = sorted((a, b), key=lambda band: band["escorts"])
            if low["escorts"] < high["escorts"] and not low.get("or_more", False):
                yield Contradiction(
                    "bands",
                    ("escort_quota", one.clause),
                    ("escort_quota", other.clause),
                    say(
                        N_("For {guests} guests {first} wants {a} escorts, {second} wants {b}."),
                        guests=guests,
                        first=one.clause,
                        a=a["escorts"],
                        second=other.clause,
                        b=b["escorts"],
                    ),
                )
                break


def _issuers(book: Rulebook) -> Iterable[Contradiction]:
    """Two clauses name different issuers of the notice for the same level."""
    for one, other in combinations(book.terms.get("notice_issuer", ()), 2):
        shared = (
            set(one["ranks"]) & set(other["ranks"])
            if one["ranks"] and other["ranks"]
            else set(one["ranks"]) | set(other["ranks"]) or {1}
        )
        if one["by"] != other["by"] and shared:
            yield Contradiction(
                "issuer",
                ("notice_issuer", one.clause),
                ("notice_issuer", other.clause),
                say(
                    N_("For rank {rank} {first} and {second} name different issuers of the notice."),
                    rank=min(shared),
                    first=one.clause,
                    second=other.clause,
                ),
            )


def _measures(book: Rulebook) -> Iterable[Contradiction]:
    """Two clauses leave no measure in common for a violation of the same gravity."""
    for one, other in combinations(book.terms.get("violation_measure", ()), 2):
        for gravity in ("minor", "serious"):
            if set(one[gravity]).isdisjoint(other[gravity]):
                yield Contradiction(
                    "measures",
                    ("violation_measure", one.clause),
                    ("violation_measure", other.clause),
                    say(
                        N_("{first} and {second} provide no measure in common for the same violation."),
                        first=one.clause,
                        second=other.clause,
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
        winner, loser = (
            (contradiction.first, contradiction.second)
            if prevails == contradiction.first[1]
            else (contradiction.second, contradiction.first)
        )
        source, yielding = _of(terms, *winner), _of(terms, *loser)
        if source is None or yielding is None:  # It has yielded to a third clause already.
            continue
        if contradiction.topic == "party":
            extra = (
                {"yields_to_bands": source["bands"], "yields_at": source["categories"]}
                if winner[0] == "escort_quota"
                else {"yields_to_share": source["share"]}
            )
            terms[loser[0]] = [
                replace(t, params={**t.params, **extra}) if t.clause == loser[1] else t for t in terms[loser[0]]
            ]
        elif contradiction.topic == "measures":
            source = _of(terms, *winner)
            terms[loser[0]] = [
                replace(t, params={g: list(dict.fromkeys([*source[g], *t[g]])) for g in ("minor", "serious")})
                if t.clause == loser[1]
                else t
                for t in terms[loser[0]]
            ]
        else:
            rank_free = [t for t in terms[loser[0]] if t.clause != loser[1]]
            rest = _without(contradiction, source, yielding)
            terms[loser[0]] = rank_free + ([rest] if rest else [])
    return replace(book, terms={kind: tuple(rows) for kind, rows in terms.items()})


def _of(terms: dict, kind: str, clause: str) -> Terms | None:
    return next((t for t in terms[kind] if t.clause == clause), None)


def _without(contradiction: Contradiction, winner: Terms, loser: Terms) -> Terms | None:
    """What is left of the yielding clause where it meets no other: its ranks, or its categories."""
    name = "ranks" if contradiction.topic == "issuer" else "categories"
    rest = [v for v in loser[name] or range(1, 100) if v not in winner[name]] if winner[name] else []
    return replace(loser, params={**loser.params, name: rest}) if rest else None


SETTLED_BY_STRICTNESS = {
    "spending_cap": N_("The lowest cap binds."),
    "advance_notice": N_("The earliest deadline binds."),
    "answer_within": N_("The earliest deadline binds."),
    "complaint_answered": N_("The earliest deadline binds."),
    "report_within": N_("The earliest deadline binds."),
    "cycle": N_("The shorter cycle binds."),
    "escort_quota": N_("The larger escort duty binds, within the limit of the host party."),
    "checklist_before": N_("All items of both are done."),
    "checklist_after": N_("All items of both are done."),
}
ANY = N_("Both are judged; the graver finding stands and cites both.")


def overlaps(book: Rulebook, code: str) -> list[tuple[str, tuple[str, ...], str]]:
    """The rules on which regulation `code` and others speak of the same thing (the same `what`, where a rule
    has one): rule kind, the clauses, what binds."""
    found = []
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
            found.append(
                (
                    kind,
                    tuple(dict.fromkeys(c for clauses in shared for c in clauses)),
                    SETTLED_BY_STRICTNESS.get(kind, ANY),
                )
            )
    return found


__all__ = ["Contradiction", "contradictions", "overlaps", "settle"]
