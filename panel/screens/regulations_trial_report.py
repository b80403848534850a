"""The result of a trial as its page shows it: numbers side by side, bars, tables."""

from decimal import Decimal

from flask_babel import gettext

from core.text import N_
from panel.i18n import tr
from rules import RULES, Severity
from workflow import PROCESSES, Role

WIDEST, MOST_BARS = 74, 14
FINDINGS = {"block": N_("Findings that block"), "explain": N_("Findings that need a reason"), "note": N_("Notes")}


def report(result: dict) -> dict:
    """Everything that the page of a finished trial shows."""
    months = Decimal(result["days"]) * 12 / Decimal("365.25")
    people, findings = people_of(result, months), findings_of(result)
    return {
        "replayed": [(tr(PROCESSES[kind].label), f"{n:,}") for kind, n in result["replayed"].items() if n],
        "summary": summary(result, months),
        "people": people,
        "findings": findings,
        "people_rows": [[p["name"], p["role"], p["department"], *p["numbers"]] for p in people],
        "finding_rows": [[f["clause"], f["rule"], *f["numbers"]] for f in findings],
        "missed_rows": [
            [rule_title(kind), clauses, *triple(before, after)] for kind, clauses, before, after in result["missed"]
        ],
        "people_bars": bars([bar(f"{p['name']} · {p['role']}", p) for p in people]),
        "finding_bars": bars([bar(f"{f['clause']} {f['rule']}", f) for f in sorted(findings, key=most_changed)]),
        "left_out": [
            {"rule": rule_title(kind), "clauses": " ".join(clauses), "why": gettext(why)}
            for kind, clauses, why in result["left_out"]
        ],
        "same": unchanged(result),
    }


def people_of(result: dict, months: Decimal) -> list[dict]:
    """Who decides how much, per month."""
    return [
        {
            "role": tr(Role(role).label),
            "name": name or gettext("Nobody"),
            "department": department,
            "numbers": triple(before, after, months),
            "raw": (before, after),
        }
        for role, name, department, before, after in result["people"]
    ]


def findings_of(result: dict) -> list[dict]:
    """How often each clause objects."""
    return [
        {"clause": clause, "rule": rule_title(kind), "numbers": triple(before, after), "raw": (before, after)}
        for clause, kind, before, after in result["findings"]
    ]


def rule_title(kind: str) -> str:
    """The name of a rule for people; as it is written where there is no such rule any more."""
    return tr(RULES[kind].title) if kind in RULES else kind


def most_changed(row: dict) -> tuple:
    """The order of a chart: what changes most first."""
    before, after = row["raw"]
    return -abs(after - before), -max(before, after)


def bar(label: str, row: dict) -> tuple:
    """A row of a chart: its label, the numbers, and the numbers as they are written."""
    return label, *row["raw"], *row["numbers"][:2]


def unchanged(result: dict) -> bool:
    """Whether what was tried makes no difference."""
    return (
        not any(result["rechained"].values())
        and all(before == after for *_, before, after in result["findings"])
        and result["over"][0] == result["over"][1]
    )


def summary(result: dict, months: Decimal) -> list[list[str]]:
    """Rows of label, today, tried, difference."""
    rechained = result["rechained"]
    rows = [
        [gettext("Visits with another chain"), "—", *[f"{rechained['visit']:,}"] * 2],
        [
            gettext("Other requests with another chain"),
            "—",
            *[f"{sum(n for kind, n in rechained.items() if kind != 'visit'):,}"] * 2,
        ],
        [
            gettext("Approvals per month"),
            *triple(sum(p[3] for p in result["people"]), sum(p[4] for p in result["people"]), months),
        ],
    ]
    rows += [[gettext(FINDINGS[str(s)]), *triple(*result["severities"][str(s)])] for s in Severity]
    return [
        *rows,
        [gettext("Expenses above a cap"), *triple(*result["over"])],
        [gettext("Above the caps altogether (CNY)"), *amounts(*result["excess"])],
        [
            gettext("Deadlines missed"),
            *triple(sum(m[2] for m in result["missed"]), sum(m[3] for m in result["missed"])),
        ],
    ]


def triple(before, after, months: Decimal | None = None) -> tuple[str, str, str]:
    """Today, tried, difference; with `months` per month."""
    if months is None:
        return f"{before:,}", f"{after:,}", signed(f"{after - before:+,}")
    today, tried = (round(Decimal(str(value)) / months, 1) for value in (before, after))
    return f"{today:,}", f"{tried:,}", signed(f"{tried - today:+,}")


def amounts(before: str, after: str) -> tuple[str, str, str]:
    today, tried = Decimal(before), Decimal(after)
    return f"{today:,.2f}", f"{tried:,.2f}", signed(f"{tried - today:+,.2f}")


def signed(text: str) -> str:
    """A difference with a real minus sign; none at all is a plain 0."""
    return "0" if not text.strip("+-0.,") else text.replace("-", "−")


def bars(rows: list[tuple]) -> dict:
    """The geometry of a bar chart: widths in per cent of the page, so that it reads the same on every screen."""
    rows = [row for row in rows if row[1] or row[2]]
    most = max((max(row[1], row[2]) for row in rows), default=0)
    return {
        "rest": max(0, len(rows) - MOST_BARS),
        "height": 46 * min(len(rows), MOST_BARS),
        "rows": [
            {
                "y": 46 * i,
                "label": label,
                "bars": [
                    {"kind": kind, "y": 46 * i + at, "width": f"{WIDEST * value / most:.2f}", "text": text}
                    for kind, at, value, text in (("today", 18, before, today), ("tried", 30, after, tried))
                ],
            }
            for i, (label, before, after, today, tried) in enumerate(rows[:MOST_BARS])
        ],
    }
