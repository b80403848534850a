"""Regulations: what adoption brings with it."""

import sqlalchemy as sa

from core.text import N_, say
from engine.effects.registry import effect
from engine.moves import Move, Refused
from models import ClauseChoice, Regulation, db
from rulebook import versions
from workflow import RegulationState


@effect("regulation.adopt")
def adopt(move: Move) -> None:
    """The regulation binds from now on.

    What it replaces retires, every contradiction it brings is decided, and only one regulation grades visits.
    """
    row = move.row
    if row.replaces is not None and row.replaces.status == RegulationState.ADOPTED:
        replace(move, row.replaces)
    decide_contradictions(move)
    if move.data.get("grading"):
        row.grades = move.data["grading"] == "grades"
    if row.grades:
        grade_alone(row)


def replace(move: Move, old: Regulation) -> None:
    """`old` retires under another code, so that the one that replaces it bears its own."""
    move.entails.append((old, "retire"))
    code = old.code
    old.code = f"{code}.{versions.current_version()}"[:20]
    db.session.flush()
    move.row.code = code


def decide_contradictions(move: Move) -> None:
    """Keep which clause prevails in each contradiction that is not decided yet. Refused where the form does not say."""
    data = move.data
    for n, contradiction in enumerate(versions.undecided(move.row)):
        prevails = data.get(f"choice_{n}")
        if prevails not in contradiction.clauses:
            first, second = contradiction.clauses
            text = N_("{first} and {second} contradict each other: choose which prevails.")
            raise Refused(say(text, first=first, second=second))
        db.session.add(ClauseChoice(key=contradiction.key, prevails=prevails, reason=data.get(f"why_{n}") or ""))
        move.clauses += list(contradiction.clauses)


def grade_alone(row: Regulation) -> None:
    """No other adopted regulation of the same department, or of the whole company, grades visits beside `row`."""
    same = Regulation.department_id == row.department_id if row.department_id else Regulation.department_id.is_(None)
    for grading in db.session.scalars(
        sa.select(Regulation).where(
            Regulation.to_version.is_(None),
            Regulation.grades,
            Regulation.status == RegulationState.ADOPTED,
            same,
            Regulation.id != row.id,
        )
    ):
        grading.grades = False
    db.session.flush()
