"""`python -m tools.bench`: measure, print the tables, and with --readme write them into the README."""

import argparse
import contextlib
import signal
import sys
from pathlib import Path

from tools.bench import databases, exports, floors, lists, report, rivals, screens, servers, trials
from tools.bench.apart import apart
from tools.bench.browser import Refused
from tools.bench.load import BadAnswer
from tools.bench.rows import DATABASES, SQLITE, Figures

PARTS = ("lists", "forms", "serving", "csv", "screens", "trials")
KINDS = {kind.lower(): kind for kind in DATABASES}
RUNS = 5
"""How often each page of the matrix is asked for."""


def between(kind, least, most):
    """A reader of an option's number."""

    def read(text: str):
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"“{text}” is no number") from None
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} does not lie between {least:,} and {most:,}")
        return value

    return read


def among(names):
    """A reader of an option's list, separated by commas."""

    def read(text: str) -> list[str]:
        chosen = [part.strip() for part in text.split(",")]
        if unknown := [part for part in chosen if part not in names]:
            raise argparse.ArgumentTypeError(f"“{unknown[0]}” is none of {', '.join(names)}")
        return chosen

    return read


def options(words=None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--visits", type=between(int, 200, 5_000_000), help="of the database that is made (a million)")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="the instance folder of a ready-made SQLite database; signing in and saving leave their traces in it",
    )
    parser.add_argument("--on", type=among(KINDS), default=["sqlite"], help=f"databases: {','.join(KINDS)}")
    parser.add_argument("--only", type=among(PARTS), default=list(PARTS), help=f"parts: {','.join(PARTS)}")
    parser.add_argument("--rounds", type=between(int, 1, 99), default=3, help="whose median counts (3)")
    parser.add_argument("--seconds", type=between(float, 0.05, 600), default=2.0, help="for each page and round (2)")
    parser.add_argument("--compare", action="store_true", help="run stock Flask-Admin and Django admin beside it")
    parser.add_argument(
        "--readme", nargs="?", const=report.README, type=Path, metavar="FILE", help="write the tables between its marks"
    )
    given = parser.parse_args(words)
    if given.data and given.visits:
        parser.error("--data names a database that is made already; leave --visits out")
    if given.data and "sqlite" not in given.on:
        parser.error("--data names an SQLite database; add sqlite to --on")
    if given.compare and "sqlite" not in given.on:
        parser.error("--compare runs on SQLite; add sqlite to --on")
    if given.readme and not given.readme.is_file():
        parser.error(f"there is no {given.readme}")
    given.visits = given.visits or 1_000_000
    return given


def served(database: databases.Database, given: argparse.Namespace, figures: Figures) -> None:
    """The parts that ask the server, round by round."""
    facts = figures.facts[database.kind]
    with contextlib.ExitStack() as running:
        panel = running.enter_context(servers.panel())
        lists.settle(panel, facts)
        compare = given.compare and database.kind == SQLITE
        beside = running.enter_context(rivals.running(database, facts)) if compare else []
        subjects = [*beside, panel]
        lists.check(subjects)
        for turn in range(given.rounds):
            print(f"{database.kind}: round {turn + 1} of {given.rounds}", flush=True)
            if "lists" in given.only:
                floors.measure(database, facts, given.seconds, figures)
                lists.pages(database, subjects, given.seconds, figures)
            if "forms" in given.only:
                lists.saves(database, subjects, given.seconds, figures)
            if "serving" in given.only:
                with lists.floor_served() as floor:
                    lists.crowds(database, [floor, *subjects], given.seconds, figures)
            if "csv" in given.only:
                exports.finance(database, panel, figures)
                exports.visits(database, subjects, figures)
        if "lists" in given.only:
            lists.slowest(database, panel, given.rounds, given.seconds / 2, figures)


def measure(database: databases.Database, given: argparse.Namespace, figures: Figures) -> None:
    facts = figures.facts[database.kind]
    facts |= database.facts()
    facts["page"] = floors.depth(facts["visits"])
    if set(given.only) & {"lists", "forms", "serving", "csv"}:
        try:
            served(database, given, figures)
        finally:  # What was measured before something failed is worth reading.
            print(
                f"\n{report.table(figures, database.kind)}\n{report.notes(figures, database.kind)}", end="", flush=True
            )
    if "screens" in given.only:
        cells = apart(screens.measure, str(database.file) if database.kind == SQLITE else None, RUNS)
        print(
            f"\n{database.kind}, each list as each role: median ms / statements\n{screens.printed(cells)}", flush=True
        )
    if "trials" in given.only:
        facts["trials"] = apart(trials.measure)
        for codes, rows, seconds in facts["trials"]:
            print(f"trial of {codes}: {rows:,} rows in {seconds:.1f} s", flush=True)


def main() -> None:
    given, figures, start = options(), Figures(), report.measured()
    try:
        for kind in given.on:
            with databases.opened(KINDS[kind], given.visits, given.data) as database, database.chosen():
                measure(database, given, figures)
            if given.readme:
                report.write(report.section(figures, start, given.rounds), given.readme)
        print(f"\n{report.last(start, given.rounds)}")
    except (databases.Unfit, Refused, BadAnswer, exports.Short) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that the servers end with it
    main()
