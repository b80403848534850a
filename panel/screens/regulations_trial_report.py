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
    months = Decimal(result["days"]) * 12 / Decimal("365.25")
    people = [
        {
            "role": tr(Role(role).label),
            "name": name or gettext("Nobody"),
            "department": department,
            "numbers": triple(before, after, months),
            "raw": (before, after),
        }
        for role, name, department, before, after in result["people"]
    ]
    findings = [
        {
            "clause": clause,
            "rule": tr(RULES[kind].title) if kind in RULES else kind,
            "numbers": triple(before, after),
            "raw": (before, after),
        }
        for clause, kind, before, after in result["findings"]
    ]
    return {
        "replayed": [(tr(PROCESSES[kind].label), f"{n:,}") for kind, n in result["replayed"].items() if n],
        "summary": summary(result, months),
        "people": people,
        "findings": findings,
        "people_rows": [[p["name"], p["role"], p["department"], *p["numbers"]] for p in people],
        "finding_rows": [[f["clause"], f["rule"], *f["numbers"]] for f in findings],
        "missed_rows": [
            [tr(RULES[kind].title), clauses, *triple(before, after)]
            for kind, clauses, before, after in result["missed"]
        ],
        "people_bars": bars([(f"{p['name']} · {p['role']}", *p["raw"], *p["numbers"][:2]) for p in people]),
        "finding_bars": bars(
            [
                (f"{f['clause']} {f['rule']}", *f["raw"], *f["numbers"][:2])
                for f in sorted(findings, key=lambda f: (-abs(f["raw"][1] - f["raw"][0]), -max(f["raw"])))
            ]
        ),
        "left_out": [
            {
                "rule": tr(RULES[kind].title) if kind in RULES else kind,
                "clauses": " ".join(clauses),
                "why": gettext(why),
            }
            for kind, clauses, why in result["left_out"]
        ],
        "same": not any(result["rechained"].values())
        and all(before == after for *_, before, after in result["findings"])
        and result["over"][0] == result["over"][1],
    }


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
    one, other = (round(Decimal(str(v)) / months, 1) for v in (before, after))
    return f"{one:,}", f"{other:,}", signed(f"{other - one:+,}")


def amounts(before: str, after: str) -> tuple[str, str, str]:
    one, other = Decimal(before), Decimal(after)
    return f"{one:,.2f}", f"{other:,.2f}", signed(f"{other - one:+,.2f}")


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
                    for kind, at, value, text in (("today", 18, before, one), ("tried", 30, after, other))
                ],
            }
            for i, (label, before, after, one, other) in enumerate(rows[:MOST_BARS])
        ],
    }
