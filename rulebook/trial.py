"""Trial before adoption: a past period held against a rulebook that is not in force, beside the one that is.

Both rulebooks are held against the same facts (`facts.past`), in one pass (`replay`). A trial writes nothing but its
own row.
"""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
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
from facts.past import REPLAYED
from models import Regulation, Trial, TrialState, db, writing
from rulebook import versions
from rulebook.replay import SECTIONS, Listed, Replay
from rules import Rulebook, Severity

KEPT = 500
"""Rows per section that the result keeps; the CSV is computed anew and holds them all."""
BEAT, SILENT = 0.4, 60
"""How often a running trial says how far it is, and after how many seconds of silence it counts as interrupted."""


# ── The two rulebooks ────────────────────────────────────────────────────────────────────────────
def undated(book: Rulebook, today: date, tried: tuple[str, ...] = ()) -> Rulebook:
    """`book` as it stands today, for any day: what is not in force today is out, except the regulations under trial."""

    def stands(row: Any) -> bool:
        return row.clause.startswith(tried) or rules.Terms(row.clause, {}, row.effective).in_force(today)

    free = (None, None)
    terms = {kind: tuple(replace(t, effective=free) for t in rows if stands(t)) for kind, rows in book.terms.items()}
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

    def __getattr__(self, name: str) -> Any:
        return getattr(self.regulation, name)


def books_of(trial: Trial, today: date) -> dict[int | None, tuple[Rulebook, Rulebook]]:
    """Today's rulebook and the tried one, for the company (None) and each department with regulations of its own."""
    tried = db.session.scalars(sa.select(Regulation).where(Regulation.id.in_(trial.regulation_ids or [0]))).all()
    version = versions.current_version()
    own = {
        d
        for d in db.session.scalars(sa.select(Regulation.department_id).where(Regulation.to_version.is_(None)))
        if d is not None
    }
    books = {}
    for department in (None, *sorted(own)):
        binding: list[Any] = [_Tried(r) for r in tried if r.department_id in (None, department)]
        after = versions.with_drafts(binding, department, trial.retired_ids or ())
        books[department] = (
            undated(versions.load(version, department), today),
            undated(after, today, tuple(f"{r.code}-" for r in binding)),
        )
    return books


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
def outcome(replay: Replay, kept: Listed, seconds: float) -> Any:
    """What the row of a trial keeps: the totals whole, of each section the first rows. Amounts are text."""
    sums = replay.sums
    by_person: dict[tuple[str, int | None], list[float]] = defaultdict(lambda: [0.0, 0.0])
    months = replay.approvals()
    for role, person, _, before, after in months:
        pair = by_person[role, person]
        pair[0] += before
        pair[1] += after
    everybody = replay.people
    people = [
        [role, everybody.name(person), everybody.department_name(person), round(today, 2), round(tried, 2)]
        for (role, person), (today, tried) in by_person.items()
    ]
    return _plain(
        {
            "days": (replay.archive.until - replay.archive.since).days + 1,
            "replayed": {kind: sums.replayed.get(kind, 0) for kind in REPLAYED},
            "rows": {section: sums.rows.get(section, 0) for section in SECTIONS},
            "rechained": {kind: sums.rechained.get(kind, 0) for kind in REPLAYED},
            "severities": {str(s): sums.severities.get(str(s), [0, 0]) for s in Severity},
            "over": sums.over,
            "excess": sums.excess,
            "chains": kept["chains"],
            "caps": kept["caps"],
            "deadlines": kept["deadlines"],
            "missed": [[kind, clause, *pair] for (kind, clause), pair in sorted(sums.missed.items())],
            "people": sorted(people, key=lambda p: (-abs(p[4] - p[3]), -p[4], p[0], p[1])),
            "months": [[role, everybody.name(person), month, a, b] for role, person, month, a, b in months][:KEPT],
            "month_rows": len(months),
            "findings": [[clause, kind, *pair] for (clause, kind), pair in sorted(sums.clauses.items())],
            "left_out": [[kind, clauses[:20], why] for kind, clauses, why in replay.left_out()],
            "seconds": round(seconds, 2),
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return f"{value:.2f}" if isinstance(value, Decimal) else value


def note(trial_id: int, **values: Any) -> None:
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
    kept: Listed = {section: [] for section in SECTIONS}
    last, done = time.perf_counter(), 0
    for done, listed in replay.batches():
        heed_stop()
        for section, rows in listed.items():
            kept[section] += rows
        if time.perf_counter() - last > BEAT:
            beat(done=done)
            last = time.perf_counter()
    took = time.perf_counter() - began
    note(trial_id, state=TrialState.DONE, done=done, took_ms=int(took * 1000), result=outcome(replay, kept, took))


__all__ = ["KEPT", "alive", "books_of", "outcome", "replay_of", "run"]
