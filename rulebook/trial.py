"""Trial before adoption: a past period held against a rulebook that is not in force, beside the one that is.

Both replays use the same facts (`tables.past`), and every verdict comes from the rule functions of `clauses/`
themselves; what makes a hundred thousand visits a matter of seconds is that a verdict is remembered by what its
rule read (`Verdict`), and a chain by what it goes by. A trial writes nothing but its own row.
"""

import time
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import current_app

import rules
from core import locks, serving
from core.clock import now
from core.text import N_
from facts.past import SOURCES, Archive, People
from models import Regulation, StepCondition, Trial, TrialState, db, writing
from rulebook import versions
from rulebook.comparison import Comparison
from rules import RULES, Rulebook, Severity

KEPT = 500
"""Rows per section that the result keeps; the CSV is computed anew and holds them all."""
BEAT, SILENT = 0.4, 60
"""How often a running trial says how far it is, and after how many seconds of silence it counts as interrupted."""
FACTS = {
    "visit": rules.VisitFacts,
    "expense": rules.SpendingFacts,
    "hospitalityrequest": rules.SpendingFacts,
    "giftrequest": rules.GiftFacts,
    "dispatch": rules.DispatchFacts,
}
DEADLINES = frozenset(kind for kind, rule in RULES.items() if rule.deadline)
CAPS = frozenset(kind for kind, rule in RULES.items() if rule.condition == StepCondition.OVER_CAP)
LISTED = DEADLINES | CAPS
"""The rules whose findings are listed row by row."""
SECTIONS = ("chains", "caps", "deadlines")
NOTHING = Decimal(0)
ELSEWHERE = N_("It speaks of something that a trial does not replay: visits, hospitality, gifts and cars are.")


def unknown(kind: str) -> str | None:
    """Why rule `kind` cannot be replayed; None where it can."""
    rule = RULES[kind]
    return rule.unreplayable or (None if set(rule.facts) & set(FACTS.values()) else ELSEWHERE)


# ── The two rulebooks ────────────────────────────────────────────────────────────────────────────
def undated(book: Rulebook, today: date, tried: tuple[str, ...] = ()) -> Rulebook:
    """`book` as it stands today, for any day: what is not in force today is out, except the regulations under trial."""

    def stands(row):
        return row.clause.startswith(tried) or rules.Terms(row.clause, {}, row.effective).in_force(today)

    free = (None, None)
    terms = {kind: tuple(replace(t, effective=free) for t in found if stands(t)) for kind, found in book.terms.items()}
    return Rulebook(
        book.version,
        {k: t for k, t in terms.items() if t},
        tuple(replace(s, effective=free) for s in book.steps if stands(s)),
    )


class _Tried:
    """A regulation under trial: what takes the place of one that does not grade visits does not grade them either."""

    def __init__(self, regulation: Regulation):
        self.regulation = regulation
        self.grades = regulation.grades and (regulation.replaces is None or regulation.replaces.grades)

    def __getattr__(self, name):
        return getattr(self.regulation, name)


def books_of(trial: Trial, today: date) -> dict[int | None, tuple[Rulebook, Rulebook]]:
    """Today's rulebook and the tried one: for the company (None), and for each department with regulations of its own."""
    tried = db.session.scalars(sa.select(Regulation).where(Regulation.id.in_(trial.regulation_ids or [0]))).all()
    version = versions.current_version()
    own = {
        d
        for d in db.session.scalars(sa.select(Regulation.department_id).where(Regulation.to_version.is_(None)))
        if d is not None
    }
    books = {}
    for department in (None, *sorted(own)):
        binding = [_Tried(r) for r in tried if r.department_id in (None, department)]
        after = versions.with_drafts(binding, department, trial.retired_ids or ())
        books[department] = (
            undated(versions.load(version, department), today),
            undated(after, today, tuple(f"{r.code}-" for r in binding)),
        )
    return books


# ── Chains ───────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True, eq=False)
class Chain:
    """The steps of a chain; one object per chain, so that two are quickly told apart."""

    steps: tuple[rules.Step, ...]
    roles: tuple[str, ...]
    clauses: str


class Chains:
    """The chains of one book, remembered by what they go by: kind, rank, conditions, and between which amounts."""

    def __init__(self, book: Rulebook):
        self.book, self.known = book, {}
        self.amounts = {
            subject: sorted({Decimal(s.amount_from) for s in book.steps if s.subject == subject}) for subject in FACTS
        }

    def of(self, subject: str, rank, amount: Decimal, conditions: frozenset) -> Chain:
        amounts = self.amounts[subject]
        key = (subject, rank, bisect_right(amounts, amount) if len(amounts) > 1 else 0, conditions)
        if key not in self.known:
            steps = tuple(rules.chain(self.book, subject, rank=rank, amount=amount, conditions=conditions, day=None))
            self.known[key] = Chain(steps, tuple(str(s.role) for s in steps), " ".join(s.clause for s in steps))
        return self.known[key]


# ── The replay ───────────────────────────────────────────────────────────────────────────────────
@dataclass
class Sums:
    """What a replay counted; pairs are today's and the tried rulebook's."""

    replayed: Counter = field(default_factory=Counter)
    rows: Counter = field(default_factory=Counter)
    rechained: Counter = field(default_factory=Counter)
    severities: dict = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    clauses: dict = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    missed: dict = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    over: list = field(default_factory=lambda: [0, 0])
    excess: list = field(default_factory=lambda: [NOTHING, NOTHING])
    load: Counter = field(default_factory=Counter)


class Replay:
    """One pass over a period with two rulebooks."""

    def __init__(
        self,
        books: dict,
        since: date,
        until: date,
        zone: ZoneInfo,
        moment: datetime,
        department_id: int | None = None,
        most: int | None = None,
    ):
        self.books, self.sums, self.caps, self.most = books, Sums(), {}, most
        self.comparisons = {
            (d, kind): Comparison(pair, facts, unknown) for d, pair in books.items() for kind, facts in FACTS.items()
        }
        self.chains = {d: (Chains(before), Chains(after)) for d, (before, after) in books.items()}
        read = frozenset(name for comparison in self.comparisons.values() for name in comparison.reads)
        self.archive = Archive(since, until, zone, moment, read, department_id)

    @property
    def people(self) -> People:
        return self.archive.people

    def left_out(self) -> list[tuple[str, list[str], str]]:
        """The rules that could not be replayed: kind, clauses, why."""
        found: dict[str, dict] = {}
        for pair in self.books.values():
            for book in pair:
                for kind, terms in book.terms.items():
                    if kind in RULES and unknown(kind):
                        found.setdefault(kind, {}).update(dict.fromkeys(t.clause for t in terms))
        return [(kind, list(clauses), unknown(kind)) for kind, clauses in sorted(found.items())]

    def batches(self) -> Iterator[tuple[int, dict[str, list]]]:
        """How many rows are done, and what the batch adds to each section."""
        done = 0
        for subject, rows in self.archive.batches():
            out = {section: [] for section in SECTIONS}
            for past in rows:
                self._replay(subject, past, out)
            done += len(rows)
            self.sums.replayed[subject] += len(rows)
            yield done, out
        for comparison in self.comparisons.values():
            for verdict in comparison.verdicts:
                for compared in verdict.findings:
                    self._count(compared, verdict.times)

    def _replay(self, subject, past, out):
        department = past.department_id if past.department_id in self.books else None
        group = self.comparisons[department, subject].group(past.rank, past.reached)
        verdict = group.shared_by(past.facts)
        here, there = verdict.today, verdict.tried
        for compared in verdict.findings:
            if compared.kind in LISTED:
                self._list(subject, department, past, compared, out)
        for compared in group.of_row(past.facts):
            self._count(compared, 1)
            today, tried = compared.conditions
            here, there = here | today, there | tried
            if compared.kind in LISTED:
                self._list(subject, department, past, compared, out)
        if past.chained:
            self._chain(subject, department, past, here, there, out)

    def _chain(self, subject, department, past, here, there, out):
        """Walk the chain of a row in both rulebooks, under the conditions that hold `here` (today) and `there`."""
        before, after = self.chains[department]
        today = before.of(subject, past.rank, past.amount, here | past.conditions)
        tried = after.of(subject, past.rank, past.amount, there | past.conditions)
        self.sums.load[past.on.year, past.on.month, today, tried, past.department_id, past.applicant_id] += 1
        if today.roles != tried.roles:
            self.sums.rechained[subject] += 1
            if subject == "visit" and self._shown("chains"):
                organisation, level = past.about.split("\t")
                clauses = " ".join(dict.fromkeys(f"{today.clauses} {tried.clauses}".split()))
                out["chains"].append(
                    (past.id, past.number, str(past.on), organisation, level, today.roles, tried.roles, clauses)
                )

    def _list(self, subject, department, past, compared, out):
        kind, before, after = compared.kind, compared.today, compared.tried
        if kind in DEADLINES:
            if self._shown("deadlines"):
                out["deadlines"].append(
                    (
                        subject,
                        past.id,
                        past.number,
                        str(past.on),
                        kind,
                        _cited(before, after),
                        before is not None,
                        after is not None,
                    )
                )
        elif subject == "expense":
            sums, excess = self.sums, [f.measure if f is not None else NOTHING for f in (before, after)]
            for side, finding in ((0, before), (1, after)):
                if finding is not None:
                    sums.over[side] += 1
                    sums.excess[side] += excess[side]
            if self._shown("caps"):
                facts, caps = past.facts, self._caps(department, past)
                out["caps"].append(
                    (
                        past.id,
                        past.number,
                        str(past.on),
                        past.about,
                        facts.category,
                        facts.guests,
                        facts.total,
                        *caps,
                        *excess,
                        _cited(before, after),
                    )
                )

    def _shown(self, section: str) -> bool:
        """Count one more row of a section; whether it is one of those to show."""
        self.sums.rows[section] += 1
        return self.most is None or self.sums.rows[section] <= self.most

    def _count(self, compared, times):
        kind, sums = compared.kind, self.sums
        for side, finding in enumerate((compared.today, compared.tried)):
            if finding is None:
                continue
            sums.severities[str(finding.severity)][side] += times
            for clause in finding.clauses:
                sums.clauses[clause, kind][side] += times
            if kind in DEADLINES:
                sums.missed[kind, finding.clause][side] += times

    def _caps(self, department, past) -> tuple:
        """The cap per guest today and in the tried book (None: none binds)."""
        key = department, past.facts.category, past.rank
        if key not in self.caps:
            found = (rules.cap_for(book, past.facts.category, past.rank, None) for book in self.books[department])
            self.caps[key] = tuple(cap and cap[0] for cap in found)
        return self.caps[key]

    # ── Approvals ────────────────────────────────────────────────────────────────────────────────
    def approvals(self) -> list[tuple[str, int | None, str, Decimal, Decimal]]:
        """(role, person or None, month, today, tried): how many steps fell to whom; several holders share evenly.

        Nobody decides on their own request: a step that only the applicant could decide is skipped where its clause says so.
        """
        share: dict = defaultdict(lambda: [0.0, 0.0])
        holders: dict = {}
        for (year, month, *sides, department, applicant), count in self.sums.load.items():
            for side, chain in enumerate(sides):
                for step in chain.steps:
                    role = str(step.role)
                    if (role, department) not in holders:
                        holders[role, department] = self.people.holders(role, department)
                    able = [i for i in holders[role, department] if i != applicant]
                    if not able and step.when_vacant != "skip":
                        able = [None]
                    for person in able:
                        share[role, person, f"{year}-{month:02d}"][side] += count / len(able)
        return [
            (role, person, month, round(a, 2), round(b, 2))
            for (role, person, month), (a, b) in sorted(
                share.items(), key=lambda item: (item[0][0], item[0][1] or 0, item[0][2])
            )
        ]


def _cited(*findings) -> str:
    return " ".join(dict.fromkeys(c for f in findings if f is not None for c in f.clauses))


def replay_of(trial: Trial, zone: ZoneInfo, most: int | None = None) -> Replay:
    """The replay that `trial` asks for; of each section it lists at most `most` rows."""
    moment = now()
    return Replay(
        books_of(trial, moment.astimezone(zone).date()),
        trial.since,
        trial.until,
        zone,
        moment,
        trial.department_id,
        most,
    )


# ── A trial as a row ─────────────────────────────────────────────────────────────────────────────
def outcome(replay: Replay, kept: dict[str, list], seconds: float) -> dict:
    """What the row of a trial keeps: the totals whole, of each section the first rows. Amounts are text."""
    sums, by_person = replay.sums, defaultdict(lambda: [0.0, 0.0])
    months = replay.approvals()
    for role, person, _, before, after in months:
        pair = by_person[role, person]
        pair[0] += before
        pair[1] += after
    names, of = replay.people.names, replay.people.department_of
    people = [
        [role, names.get(person, ""), replay.people.departments.get(of.get(person), ""), round(a, 2), round(b, 2)]
        for (role, person), (a, b) in by_person.items()
    ]
    return _plain(
        {
            "days": (replay.archive.until - replay.archive.since).days + 1,
            "replayed": {kind: sums.replayed.get(kind, 0) for kind in SOURCES},
            "rows": {section: sums.rows.get(section, 0) for section in SECTIONS},
            "rechained": {kind: sums.rechained.get(kind, 0) for kind in SOURCES},
            "severities": {str(s): sums.severities.get(str(s), [0, 0]) for s in Severity},
            "over": sums.over,
            "excess": sums.excess,
            "chains": kept["chains"],
            "caps": kept["caps"],
            "deadlines": kept["deadlines"],
            "missed": [[kind, clause, *pair] for (kind, clause), pair in sorted(sums.missed.items())],
            "people": sorted(people, key=lambda p: (-abs(p[4] - p[3]), -p[4], p[0], p[1])),
            "months": [[role, names.get(person, ""), month, a, b] for role, person, month, a, b in months][:KEPT],
            "month_rows": len(months),
            "findings": [[clause, kind, *pair] for (clause, kind), pair in sorted(sums.clauses.items())],
            "left_out": [[kind, clauses[:20], why] for kind, clauses, why in replay.left_out()],
            "seconds": round(seconds, 2),
        }
    )


def _plain(value):
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return f"{value:.2f}" if isinstance(value, Decimal) else value


def note(trial_id: int, **values):
    """Write a few columns of a trial in a short transaction; its row is all that a trial ever writes."""
    token = writing.set(True)
    try:
        with db.engine.begin() as connection:
            connection.execute(sa.update(Trial.__table__).where(Trial.__table__.c.id == trial_id).values(**values))
    finally:
        writing.reset(token)


def alive(trial: Trial, moment: datetime) -> bool:
    """Whether a running trial still says how far it is; one whose process died does not."""
    return trial.state == TrialState.RUNNING and moment < trial.created_at + timedelta(
        milliseconds=trial.took_ms or 0, seconds=SILENT
    )


class Interrupted(Exception):
    """The process that carries a trial out is told to stop."""


def heed_stop() -> None:
    """Raises Interrupted once the process is to stop; a trial asks now and then."""
    if serving.stopping.is_set():
        raise Interrupted


def run(trial_id: int, zone: ZoneInfo) -> None:
    """Carry the trial out; to be called in a thread with an application context of its own.

    Trials of one machine run one after the other: they are for its processors, not for the database. While it runs,
    `took_ms` is how long after its creation it last said how far it is.
    """
    writing.set(False)
    trial = db.session.get_one(Trial, trial_id)
    since = trial.created_at
    lock, last = Path(current_app.config["INSTANCE_DIR"]) / "trial.lock", time.monotonic()

    def beat(**values: Any) -> None:
        note(trial_id, took_ms=int((now() - since).total_seconds() * 1000), **values)

    def waiting() -> None:
        nonlocal last
        heed_stop()
        if time.monotonic() - last > SILENT / 6:
            beat()
            last = time.monotonic()

    try:
        with serving.beside(), locks.held(lock, waiting):
            _carry_out(trial, zone, beat)
    except Interrupted:
        db.session.rollback()
        note(trial_id, state=TrialState.INTERRUPTED)
    except Exception as error:
        db.session.rollback()
        note(trial_id, state=TrialState.FAILED, result={"error": type(error).__name__})
        raise
    finally:
        db.session.remove()


def _carry_out(trial: Trial, zone: ZoneInfo, beat: Callable[..., None]) -> None:
    """Replay, saying every `BEAT` seconds how far it is, and keep what came out."""
    trial_id, began = trial.id, time.perf_counter()
    replay = replay_of(trial, zone, KEPT)
    version = versions.current_version()
    db.session.rollback()
    beat(total=sum(replay.archive.count().values()), done=0, rulebook_version=version)
    kept: dict[str, list[Any]] = {section: [] for section in SECTIONS}
    last, done = time.perf_counter(), 0
    for done, found in replay.batches():
        heed_stop()
        for section, rows in found.items():
            kept[section] += rows
        if time.perf_counter() - last > BEAT:
            beat(done=done)
            last = time.perf_counter()
    took = time.perf_counter() - began
    note(trial_id, state=TrialState.DONE, done=done, took_ms=int(took * 1000), result=outcome(replay, kept, took))


__all__ = ["DEADLINES", "KEPT", "Replay", "alive", "books_of", "outcome", "replay_of", "run", "unknown"]
