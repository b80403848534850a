"""Trials over the oldest visits, with their expenses and other requests."""

import time

VISITS = 100_000
REGULATIONS = (("R15",), ("R17", "R02", "R13"))


def measure() -> list[tuple[str, int, float]]:
    """The regulations on trial, how many rows were judged, the seconds it took."""
    import sqlalchemy as sa

    from app import create_app
    from core.clock import local, zone
    from models import Trial, Visit, db
    from rulebook import files, trial

    measured = []
    with create_app().app_context():
        count = db.session.scalar(sa.select(sa.func.count()).select_from(Visit))
        days = [local(db.session.scalar(_start_of(sa, Visit, place))).date() for place in (0, min(VISITS, count - 1))]
        for codes in REGULATIONS:
            row = Trial(
                title=" ".join(codes),
                regulation_ids=[files.find(code).id for code in codes],
                since=days[0],
                until=days[1],
            )
            db.session.add(row)
            db.session.commit()
            key, began = row.id, time.perf_counter()
            trial.run(key, zone())
            took = time.perf_counter() - began
            measured.append((" ".join(codes), db.session.get(Trial, key).total, took))
    return measured


def _start_of(sa, Visit, place: int):
    """The moment at which the visit at that place begins, counted from the oldest."""
    return sa.select(Visit.planned_start).order_by(Visit.planned_start, Visit.id).offset(place).limit(1)
