"""Printed forms: one model of a form, from which its HTML page and its PDF both derive.

A form is declared in `panel.printing.forms` as the blocks it consists of. A block holds finished texts only, so
that drawing one asks nothing of the database. Forms are official Chinese documents: their titles and labels
are data, and values are shown in Chinese whatever the reader's language.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import segno
import sqlalchemy as sa
from flask_babel import force_locale
from markupsafe import Markup

from engine.findings import Judgement, judge, planned
from models import RecordedFinding, db
from panel.access import actor
from panel.i18n import company_name, show, tr
from rules import Severity
from workflow import Role

OFFICIAL = "zh_Hans_CN"
UNITS = 6
"""A line of fields is divided into six: a field takes two, three, four or all of them."""
WIDTHS = 24
"""The widths of a table's columns add up to this."""


# ── Blocks ───────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Field:
    """A label with its value; `tall` keeps room for that many lines of handwriting."""

    label: str
    value: str
    span: int = 3
    tall: int = 1


class Fields:
    """Labels and values in lines; given as (label, value[, span[, tall]])."""

    kind = "fields"

    def __init__(self, *items: tuple, heading: str = ""):
        self.heading = heading
        self.lines: list[list[Field]] = []
        for label, value, *rest in items:
            self._place(Field(label, filled_in(value), *rest))

    def _place(self, new: Field):
        if not self.lines or sum(f.span for f in self.lines[-1]) + new.span > UNITS:
            self.lines.append([])
        self.lines[-1].append(new)

    def filled(self) -> list[list[Field]]:
        """The lines, the last field of each stretched to its end."""
        out = []
        for line in self.lines:
            last, rest = line[-1], sum(f.span for f in line[:-1])
            out.append([*line[:-1], Field(last.label, last.value, UNITS - rest, last.tall)])
        return out


class Rows:
    """A table. `blank` adds empty rows to be filled in by hand, `tall` is the least height of a row in lines."""

    kind = "rows"

    def __init__(
        self,
        headers: Sequence[str],
        rows: Iterable[Sequence],
        widths: Sequence[int],
        heading: str = "",
        blank: int = 0,
        right: Iterable[int] = (),
        left: Iterable[int] = (),
        tall: int = 1,
    ):
        if sum(widths) != WIDTHS or len(widths) != len(headers):
            raise ValueError(f"{headers}: the widths of the columns add up to {WIDTHS}")
        self.headers, self.widths, self.heading, self.tall = headers, widths, heading, tall
        self.rows = [[filled_in(value) for value in row] for row in rows] + [[""] * len(headers) for _ in range(blank)]
        self.aligns = ["right" if i in right else "left" if i in left else "center" for i in range(len(headers))]


@dataclass(frozen=True)
class Step:
    """One box of the approval chain: the decision as it is in the database, or an empty box to sign in."""

    label: str
    clause: str = ""
    decision: str = ""
    comment: str = ""
    signer: str = ""
    at: str = ""
    signed: bool = False

    @property
    def opinion(self) -> str:
        return "　".join(part for part in (self.decision, self.comment) if part)

    @property
    def signature(self) -> str:
        if self.signed and not self.signer:
            return self.at
        return f"签字：{self.signer or '＿＿＿＿＿＿＿'}　　日期：{self.at or '＿＿＿＿年＿＿月＿＿日'}"


class Steps:
    """The approval chain."""

    kind = "steps"

    def __init__(self, steps: Iterable[Step], heading: str = ""):
        self.steps, self.heading = list(steps), heading


class Prose:
    """Paragraphs of running text, such as the articles of an agreement."""

    kind = "prose"

    def __init__(self, *paragraphs: str, heading: str = ""):
        self.paragraphs, self.heading = paragraphs, heading


class Badges:
    """Visitor's badges of 86 × 54 mm; each is a name and a few labelled lines."""

    kind = "badges"
    heading = ""

    def __init__(self, badges: Iterable[tuple[str, list[tuple[str, str]]]]):
        self.badges = [(name, [(label, filled_in(value)) for label, value in lines]) for name, lines in badges]


@dataclass
class Sheet:
    """A form filled in for one row."""

    title: str
    number: str
    blocks: list = field(default_factory=list)
    company: str = ""
    note: str = ""
    printed: str = ""
    landscape: bool = False

    @property
    def badges(self) -> Badges | None:
        return next((b for b in self.blocks if b.kind == "badges"), None)

    @property
    def qr(self):
        """The number as a QR code; its matrix is drawn as it is."""
        return segno.make(self.number, micro=False, error="m")

    @property
    def qr_svg(self) -> Markup:
        return Markup(self.qr.svg_inline(border=0, omitsize=True, svgclass="qr", lineclass=None))


# ── Forms ────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Form:
    """A printed form: whose rows it is for, what it consists of, who may print it and when it makes sense."""

    name: str
    title: str
    subject: str
    build: Callable
    permission: str = ""
    when: Callable = field(default=lambda row: True)
    landscape: bool = False

    def sheet(self, row) -> Sheet:
        with force_locale(OFFICIAL):
            note, blocks = self.build(row)
            who = actor()
            return Sheet(
                self.title,
                str(row),
                blocks,
                company_name(),
                note,
                f"打印人：{who.name}　打印时间：{show(who.now)}",
                self.landscape,
            )


FORMS: dict[str, Form] = {}
"""Every form by its name; filled by `panel.printing.forms`."""


def form(name: str, title: str, subject: str, **more):
    """Declare the function below as the form `name`: it gives the note under the title and the blocks."""

    def declare(build):
        FORMS[name] = Form(name, title, subject, build, **more)
        return build

    return declare


# ── What many forms say ──────────────────────────────────────────────────────────────────────────
def filled_in(value) -> str:
    """A value as the form shows it; nothing for nothing, so that it can be filled in by hand."""
    return show(value) if value is not None else ""


OPINIONS = {
    Role.DEPT_HEAD: "部门负责人意见",
    Role.ADMIN_OFFICE: "行政人事部意见",
    Role.ADMIN_HEAD: "行政人事部负责人意见",
    Role.EXECUTIVE: "公司领导批示",
    Role.FINANCE: "财务部意见",
}


def opinion_of(role: str) -> str:
    return OPINIONS.get(role) or f"{tr(Role(role).label)}意见"


def decided(row) -> list[Steps | Rows]:
    """How a request is decided, and what the regulations find about it: the steps, then the findings."""
    judgement = judge(row, actor())
    steps = chain(row, judgement)
    return [*([Steps(steps, "审批")] if steps else []), compliance(row, judgement)]


def chain(row, judgement: Judgement) -> list[Step]:
    """The steps of the latest round as they are in the database; before the first, the boxes it would need."""
    steps = [s for s in row.chain if s.round == row.round] if row.round else []
    if not steps:
        plan = planned(row, actor(), judgement)
        return [Step(opinion_of(s.role), s.clause) for s in plan.walked] if plan else []
    return [
        Step(
            opinion_of(s.role),
            s.clause,
            tr(s.decision) if s.decision else "",
            s.comment,
            s.signers,
            show(s.decided_at),
            s.decision is not None,
        )
        for s in steps
    ]


def boxes(*labels: str, heading: str = "签字") -> Steps:
    """Boxes that are signed by hand."""
    return Steps([Step(label) for label in labels], heading)


def compliance(row, judgement: Judgement | None = None) -> Rows:
    """What the regulations find about the row now (`judgement`, where it is known), and what was explained before."""
    explained, findings = explained_before(row), (judgement or judge(row, actor())).findings
    lines = [
        (f.clause, f.severity, f.text, f"已说明：{explained[f.rule].explanation}" if f.rule in explained else f.way_out)
        for f in findings
    ]
    present = {f.rule for f in findings}
    lines += [
        (" ".join(kept.clauses), Severity(kept.severity), kept.sentence, f"已说明：{kept.explanation}")
        for rule, kept in explained.items()
        if rule not in present
    ]
    return Rows(
        ("条款", "性质", "情况", "处理与说明"),
        lines or [("—", "—", "打印时没有待处理的制度事项。", "—")],
        (4, 3, 9, 8),
        "制度依据与合规情况",
        left=(2, 3),
    )


def explained_before(row) -> dict[str, RecordedFinding]:
    """The findings that were explained when something relied on them, the latest of each rule."""
    recorded = (
        sa.select(RecordedFinding)
        .where(
            RecordedFinding.subject == row.process.name,
            RecordedFinding.subject_id == row.id,
            RecordedFinding.explanation != "",
        )
        .order_by(RecordedFinding.id)
    )
    return {finding.rule: finding for finding in db.session.scalars(recorded)}
