"""The regulations executed: facts in, findings out.

Pure: no database, no web framework, no clock, and no number that a company might change. Every number
comes from the clause in force (`Terms`), and every finding cites its clause. A rule is one function
registered under a rule kind; seed files and the panel's clause forms name the kind, and `check_terms`
refuses parameters that the kind does not know.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from text import Choice, N_, Text, say


class Severity(Choice):
    """What a finding does to the transition it is judged for."""

    BLOCK = "block", N_("Blocks")
    EXPLAIN = "explain", N_("Needs a reason")
    NOTE = "note", N_("Note")


_WEIGHT = {Severity.NOTE: 0, Severity.EXPLAIN: 1, Severity.BLOCK: 2}


@dataclass(frozen=True)
class Finding:
    """One clause not met: what is wrong and the way out. `measure` ranks findings of one rule."""

    rule: str
    severity: Severity
    text: Text
    way_out: Text
    clauses: tuple[str, ...] = ()
    measure: Decimal = Decimal(0)

    @property
    def clause(self) -> str:
        return " ".join(self.clauses)


@dataclass(frozen=True)
class Terms:
    """The parameters of one clause in force. `effective` is its first and last day (None: open)."""

    clause: str
    params: Mapping
    effective: tuple[date | None, date | None] = (None, None)

    def __getitem__(self, key: str):
        return self.params[key]

    def in_force(self, day: date | None) -> bool:
        first, last = self.effective
        return day is None or ((first is None or first <= day) and (last is None or day <= last))


@dataclass(frozen=True)
class Step:
    """One approval step a clause demands: who (`role`), for which subject, ranks, amount and condition."""

    clause: str
    subject: str
    step: int
    role: str
    rank_from: int = 1
    rank_to: int = 99
    amount_from: Decimal = Decimal(0)
    only_if: str = ""
    when_vacant: str = "refuse"
    effective: tuple[date | None, date | None] = (None, None)


@dataclass(frozen=True)
class Rulebook:
    """Everything adopted at one moment: the terms by rule kind, and the approval steps."""

    version: int
    terms: Mapping[str, tuple[Terms, ...]] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()


# ── The registry ─────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Rule:
    """A registered rule: its kind, the facts it reads, the stages it is judged at, its parameters."""

    kind: str
    facts: type
    stages: frozenset[str]
    params: Mapping[str, type]
    judge: Callable[[Terms, object], Finding | None]
    purpose: str


RULES: dict[str, Rule] = {}


def rule(kind: str, facts: type, *stages: str, **params: type):
    """Register a rule under `kind`; `params` names each parameter of its clause with its type."""

    def register(function):
        RULES[kind] = Rule(kind, facts, frozenset(stages), params, function, (function.__doc__ or "").strip())
        return function

    return register


def check_terms(kind: str, params: Mapping) -> list[Text]:
    """What is wrong with the parameters of a clause; empty when the rule can read them."""
    if kind not in RULES:
        return [say(N_("There is no rule “{kind}”."), kind=kind)]
    known, wrong = RULES[kind].params, []
    wrong += [say(N_("Rule “{kind}” knows no “{name}”."), kind=kind, name=name) for name in params if name not in known]
    for name, kind_of in known.items():
        if name not in params:
            wrong.append(say(N_("Rule “{kind}” needs “{name}”."), kind=kind, name=name))
        elif not isinstance(params[name], kind_of) or (isinstance(params[name], bool) and kind_of is not bool):
            wrong.append(say(N_("“{name}” must be of the kind {type}."), name=name, type=kind_of.__name__))
    return wrong


def judge(book: Rulebook, facts, stages: Iterable[str] | None = None) -> list[Finding]:
    """Every finding of the adopted clauses about `facts`, the gravest first.

    `stages` limits it to the rules judged at these moments; None judges all. Where several clauses
    speak of the same thing the strictest finding stands and cites every clause that found something.
    """
    wanted, found = None if stages is None else frozenset(stages), []
    for kind, registered in RULES.items():
        if not isinstance(facts, registered.facts) or (wanted is not None and registered.stages.isdisjoint(wanted)):
            continue
        mine = []
        for terms in book.terms.get(kind, ()):
            if terms.in_force(facts.day):
                finding = registered.judge(terms, facts)
                if finding is not None:
                    mine.append(replace(finding, rule=kind, clauses=finding.clauses or (terms.clause,)))
        if mine:
            mine.sort(key=lambda f: (_WEIGHT[f.severity], f.measure), reverse=True)
            cited = tuple(dict.fromkeys(clause for finding in mine for clause in finding.clauses))
            found.append(replace(mine[0], clauses=cited))
    if wanted is None or "submit" in wanted:
        found += _chain_findings(book, facts)
    found.sort(key=lambda f: _WEIGHT[f.severity], reverse=True)
    return found


def chain(book: Rulebook, subject: str, *, rank: int | None, amount: Decimal, conditions: frozenset[str], day: date | None) -> list[Step]:
    """The approval steps that the adopted clauses demand, in order.

    Several clauses may demand the same role: it decides once, at its latest place, citing each clause.
    """
    by_role: dict[str, Step] = {}
    for step in sorted((s for s in book.steps if s.subject == subject), key=lambda s: s.step):
        if rank is not None and not step.rank_from <= rank <= step.rank_to:
            continue
        if rank is None and step.rank_from > 1:
            continue
        if amount < step.amount_from or (step.only_if and step.only_if not in conditions):
            continue
        if not Terms(step.clause, {}, step.effective).in_force(day):
            continue
        if step.role in by_role:
            earlier = by_role.pop(step.role)
            clauses = dict.fromkeys(earlier.clause.split() + step.clause.split())
            vacant = "refuse" if "refuse" in (earlier.when_vacant, step.when_vacant) else "skip"
            step = replace(step, clause=" ".join(clauses), when_vacant=vacant)
        by_role[step.role] = step
    return sorted(by_role.values(), key=lambda s: s.step)


# ── Facts ────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class ChainFacts:
    """What every request with a chain tells: the steps to come, and those nobody can decide."""

    subject: str = ""
    has_chain: bool = True
    vacant: tuple[str, ...] = ()
    vacant_clauses: tuple[str, ...] = ()
    day: date | None = None


@dataclass(frozen=True)
class VisitFacts(ChainFacts):
    """A visit. Times are aware; `area` is where the guests would be let in: lobby, office or site."""

    rank: int | None = None
    purpose: str = ""
    host: bool = True
    planned_start: datetime | None = None
    filed_at: datetime | None = None
    guests: int = 1
    named_guests: int = 1
    escorts: int = 0
    sealed_evidence: int = 0
    walk_in: bool = False
    unrelated_sales: bool = False
    area: str = "office"
    host_confirmed: bool = False
    host_is_applicant: bool = False
    host_is_leader: bool = False
    blacklisted: int = 0
    inside: int = 0
    recorded: bool = False
    issuer: str = ""


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


@dataclass(frozen=True)
class GiftFacts(ChainFacts):
    """Gifts or wine asked for; `application` as in SpendingFacts."""

    application: str = "none"
    important: bool = False


def _chain_findings(book: Rulebook, facts: ChainFacts) -> list[Finding]:
    if not facts.subject:
        return []
    if not facts.has_chain:
        return [Finding("approval_chain", Severity.BLOCK, say(N_("No adopted clause says who approves this.")),
                        say(N_("Choose a reception level, or have the admin office adopt a regulation with approval steps for it.")))]
    if facts.vacant:
        return [Finding("approval_chain", Severity.BLOCK,
                        say(N_("Nobody but you or an earlier signer could decide the step: {roles}."), roles=", ".join(facts.vacant)),
                        say(N_("Let somebody else of your department file it, or have that right delegated to another person.")),
                        facts.vacant_clauses)]
    return []


# ── Visits ───────────────────────────────────────────────────────────────────────────────────────
@rule("stamped_evidence", VisitFacts, "submit", "approve", ranks=list)
def stamped_evidence(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The guest's letter, notice or proof bearing an official seal, for the ranks named."""
    if visit.walk_in or visit.rank not in terms["ranks"] or visit.sealed_evidence:
        return None
    return Finding("", Severity.BLOCK, say(N_("This level needs the guest's letter or notice with an official seal.")),
                   say(N_("Attach it (original, scan or fax) under Evidence and mark it as sealed.")))


@rule("advance_notice", VisitFacts, "submit", ranks=list, hours=int)
def advance_notice(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Filed at least `hours` before the visit begins, for the ranks named."""
    if visit.walk_in or visit.rank not in terms["ranks"] or visit.planned_start is None or visit.filed_at is None:
        return None
    if visit.filed_at <= visit.planned_start - timedelta(hours=terms["hours"]):
        return None
    return Finding("", Severity.EXPLAIN, say(N_("Filed less than {hours} hours before the visit begins."), hours=terms["hours"]),
                   say(N_("Give the reason for the short notice, or agree a later time with the guest.")))


@rule("reception_record", VisitFacts, "close", ranks=list)
def reception_record(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The reception is recorded before the visit is closed."""
    if visit.walk_in or visit.rank not in terms["ranks"] or visit.recorded:
        return None
    return Finding("", Severity.BLOCK, say(N_("The reception has not been recorded.")),
                   say(N_("Write the reception record: who came, what was discussed, what was agreed.")))


@rule("notice_issuer", VisitFacts, "notice", ranks=list, by=str)
def notice_issuer(terms: Terms, visit: VisitFacts) -> Finding | None:
    """The notice is issued by the admin office (`by = "office"`) or the receiving department."""
    if visit.rank not in terms["ranks"] or visit.issuer in ("", "any", terms["by"]):
        return None
    if terms["by"] == "office":
        return Finding("", Severity.BLOCK, say(N_("For this level the admin office issues the notice.")),
                       say(N_("Ask the admin office to issue it.")))
    return Finding("", Severity.BLOCK, say(N_("For this level the receiving department issues the notice.")),
                   say(N_("Ask the receiving department to issue it.")))


# ── Front desk ───────────────────────────────────────────────────────────────────────────────────
@rule("stated_reason", VisitFacts, "register", "check_in")
def stated_reason(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Every visitor states the reason and the host and is registered."""
    if visit.purpose.strip() and visit.host and visit.named_guests:
        return None
    return Finding("", Severity.BLOCK, say(N_("Reason, host and the visitor's name are not all registered.")),
                   say(N_("Ask for them and enter them on the visit.")))


@rule("appointment_required", VisitFacts, "check_in", free_areas=list)
def appointment_required(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Without an appointment nobody enters beyond the areas that are free to all."""
    if not visit.walk_in or visit.area in terms["free_areas"]:
        return None
    return Finding("", Severity.BLOCK, say(N_("Without an appointment there is no entry to the office area.")),
                   say(N_("Agree a next appointment, or have the host receive them in the reception area.")))


@rule("host_confirms", VisitFacts, "check_in", applicant_host_counts=bool)
def host_confirms(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Only after the host confirms is the visitor told the way and let in.

    `applicant_host_counts`: a host who filed the appointment themself has confirmed by that.
    """
    if visit.host_confirmed or (terms["applicant_host_counts"] and visit.host_is_applicant and not visit.walk_in):
        return None
    return Finding("", Severity.BLOCK, say(N_("The host has not confirmed.")),
                   say(N_("Call the host and record the confirmation; if they cannot receive, offer a message or a next appointment.")))


@rule("unrelated_sales", VisitFacts, "check_in")
def unrelated_sales(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Salespeople unrelated to the company's projects do not enter."""
    if not visit.unrelated_sales:
        return None
    return Finding("", Severity.BLOCK, say(N_("A salesperson without relation to the company's projects.")),
                   say(N_("Decline politely; take a card for the department if they wish.")))


@rule("blacklist", VisitFacts, "register", "check_in")
def blacklist(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Who broke the house rules before and was barred is not let in."""
    if not visit.blacklisted:
        return None
    return Finding("", Severity.BLOCK, say(N_("{count} of the guests are barred from entry."), count=visit.blacklisted),
                   say(N_("Do not let them in; tell the admin office, which alone can lift it.")))


@rule("leader_visitor", VisitFacts, "notice", "check_in", vip_ranks=list)
def leader_visitor(terms: Terms, visit: VisitFacts) -> Finding | None:
    """A company leader's visitor: the general office is told; a VIP is escorted to the office."""
    if not visit.host_is_leader:
        return None
    if visit.rank in terms["vip_ranks"]:
        return Finding("", Severity.NOTE, say(N_("A leader's VIP guest: tell the general office and escort them.")),
                       say(N_("Call the general office before letting them in, and walk with them.")))
    return Finding("", Severity.NOTE, say(N_("A leader's guest: the general office arranges the meeting.")),
                   say(N_("Call the general office before letting them in.")))


@rule("departure_recorded", VisitFacts, "close")
def departure_recorded(terms: Terms, visit: VisitFacts) -> Finding | None:
    """Every guest's departure time is recorded."""
    if not visit.inside:
        return None
    return Finding("", Severity.BLOCK, say(N_("{count} guests are still checked in."), count=visit.inside),
                   say(N_("Check them out at the front desk first.")))


# ── Gifts ────────────────────────────────────────────────────────────────────────────────────────
@rule("gift_application", GiftFacts, "submit", "approve", severity=str)
def gift_application(terms: Terms, gift: GiftFacts) -> Finding | None:
    """A gift needs a hospitality request, approved."""
    if gift.application != "none":
        return None
    return Finding("", Severity(terms["severity"]), say(N_("A gift needs an approved hospitality request.")),
                   say(N_("File the hospitality request, have it approved and name it here.")))


# ── Money ────────────────────────────────────────────────────────────────────────────────────────
@rule("banquet_application", SpendingFacts, "submit", categories=list, severity=str)
def banquet_application(terms: Terms, spending: SpendingFacts) -> Finding | None:
    """A banquet or a gift needs a hospitality request, approved."""
    if not spending.needs_application or spending.category not in terms["categories"] or spending.application != "none":
        return None
    return Finding("", Severity(terms["severity"]), say(N_("There is no approved hospitality request for it.")),
                   say(N_("Name the approved hospitality request, or give the reason why there is none.")))


@rule("application_in_advance", SpendingFacts, "submit", severity=str)
def application_in_advance(terms: Terms, spending: SpendingFacts) -> Finding | None:
    """The hospitality request is dated before the hospitality itself."""
    if not spending.late:
        return None
    return Finding("", Severity(terms["severity"]), say(N_("The hospitality request was filed after the fact.")),
                   say(N_("Give the reason why it was not filed in advance.")))


def cap_for(book: Rulebook, category: str, rank: int | None, day: date | None) -> tuple[Decimal, str] | None:
    """The lowest cap per guest in CNY that binds, and the clause it comes from; None where none does."""
    caps = [(limit, terms.clause) for terms in book.terms.get("spending_cap", ()) if terms.in_force(day)
            for (of, at), limit in terms["per_guest"].items() if of in (category, "all") and at == rank]
    return min(caps) if caps else None


@rule("spending_cap", SpendingFacts, "submit", per_guest=dict)
def spending_cap(terms: Terms, spending: SpendingFacts) -> Finding | None:
    """Cost per guest at most the cap of the rank and category; above it a reason is needed.

    `per_guest` maps (category, rank) to CNY; the category "all" covers every one.
    """
    caps = [limit for (category, rank), limit in terms["per_guest"].items()
            if rank == spending.rank and category in (spending.category, "all")]
    if not caps or spending.guests < 1:
        return None
    cap = min(caps)
    excess = spending.total - cap * spending.guests
    if excess <= 0:
        return None
    return Finding("", Severity.EXPLAIN,
                   say(N_("{total} for {guests} guests is {excess} above the cap of {cap} per guest."),
                       total=spending.total, guests=spending.guests, excess=excess, cap=cap),
                   say(N_("Give the reason; an executive then approves it too.")), measure=excess)


@rule("escort_quota", SpendingFacts, "submit", categories=list, bands=list)
def escort_quota(terms: Terms, spending: SpendingFacts) -> Finding | None:
    """Own people at the table by number of guests.

    `bands` are rows {guests_from, escorts, or_more}: the last whose `guests_from` is reached binds.
    """
    if spending.category not in terms["categories"]:
        return None
    reached = [band for band in terms["bands"] if band["guests_from"] <= spending.guests]
    if not reached:
        return None
    band = max(reached, key=lambda b: b["guests_from"])
    wanted, more = band["escorts"], band.get("or_more", False)
    if spending.escorts == wanted or (more and spending.escorts > wanted):
        return None
    text = N_("{guests} guests call for {wanted} or more escorts, not {escorts}.") if more else N_(
        "{guests} guests call for {wanted} escorts, not {escorts}.")
    return Finding("", Severity.EXPLAIN, say(text, guests=spending.guests, wanted=wanted, escorts=spending.escorts),
                   say(N_("Change the number of escorts, or give the reason.")), measure=Decimal(abs(spending.escorts - wanted)))
