"""Regulations: what the company adopted, clause by clause, and every version of it.

A change to any of these rows makes a new rulebook version: the row keeps its identity and its new
values, a copy keeps the old ones with the versions they held for. So any version can be read again
years later (`rulebook.versions.load`), and a request is always judged by the version it was filed under.
"""

from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapped, Session, mapped_column

from clauses.words import CheckCondition, CheckPhase, CustomerClass, StepCondition, VisitCategory
from core.clock import now
from core.text import N_, Choice
from tables.base import JSON, OFFICE, ChoiceType, Created, Money, Table, UTCDateTime, any_of, col, db, link, ref
from tables.people import Department, User
from workflow import REGULATION, Actor, RegulationState, Role


class ClauseKind(Choice):
    LEVEL = "level", N_("Level")
    CHAIN = "chain", N_("Approval chain")
    FORM = "form", N_("Form or register")
    EVIDENCE = "evidence", N_("Evidence")
    DEADLINE = "deadline", N_("Deadline")
    CAP = "cap", N_("Spending cap")
    QUOTA = "quota", N_("Quota")
    CHECKLIST = "checklist", N_("Checklist")
    GATE = "gate", N_("Admission")
    RECORD = "record", N_("Record")
    STOCK = "stock", N_("Stock")
    BOOKING = "booking", N_("Booking")
    CONDUCT = "conduct", N_("Conduct")
    CONFIDENTIAL = "confidential", N_("Confidentiality")
    CYCLE = "cycle", N_("Cycle")
    DUTY = "duty", N_("Duty")


class Subject(Choice):
    VISIT = "visit", N_("Visit")
    HOSPITALITY = "hospitalityrequest", N_("Hospitality request")
    EXPENSE = "expense", N_("Expense")
    GIFT = "giftrequest", N_("Gift request")
    PLAN = "outboundplan", N_("Plan of visits")


class Vacancy(Choice):
    REFUSE = "refuse", N_("Refuse the request")
    SKIP = "skip", N_("Skip the step")


class RulebookVersion(Table):
    """One change to the regulations in force. Requests name the version they were filed under."""

    __tablename__ = "rulebook_version"
    at: Mapped[datetime] = col(UTCDateTime, _l("At"), default=now)


class Versioned:
    """A row of the rulebook: valid from `from_version` until before `to_version` (None: today)."""

    from_version: Mapped[int] = mapped_column(sa.Integer, default=0)
    to_version: Mapped[int | None] = mapped_column(sa.Integer, index=True)
    origin_id: Mapped[int | None] = mapped_column(sa.Integer, index=True)

    @classmethod
    def visible_to(cls, actor: Actor):
        return cls.to_version.is_(None)

    @property
    def identity(self) -> int:
        """The number under which other rows of any version refer to this one."""
        return self.origin_id or self.id


GRADES = "grades AND status = 'adopted' AND to_version IS NULL"


def _only_one(name: str, column: str, where: str) -> sa.Index:
    """A unique index over the rows that fulfil `where`."""
    return sa.Index(name, column, unique=True, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


class Regulation(Versioned, Table):
    """A written regulation of the company; its text lies in its clauses."""

    __tablename__ = "regulation"
    __table_args__ = (
        # One adopted regulation grades visits for a department, and one for the whole company.
        _only_one("uq_regulation_grading_department", "department_id", GRADES),
        _only_one("uq_regulation_grading", "grades", f"{GRADES} AND department_id IS NULL"),
        _only_one("uq_regulation_code", "code", "to_version IS NULL"),
    )
    code: Mapped[str] = col(sa.String(20), _l("Code"))
    title: Mapped[str] = col(sa.String(80), _l("Title"))
    title_en: Mapped[str] = col(sa.String(120), _l("English title"), default="")
    status: Mapped[RegulationState] = col(ChoiceType(RegulationState), _l("Status"), default=RegulationState.DRAFT)
    grades: Mapped[bool] = col(sa.Boolean, _l("Grades visits"), default=False)
    department_id: Mapped[int | None] = ref("department.id", _l("Only for department"), null=True)
    department: Mapped[Department | None] = link("Department", _l("Only for department"))
    effective_from: Mapped[date | None] = col(sa.Date, _l("In force from"), null=True)
    effective_until: Mapped[date | None] = col(sa.Date, _l("In force until"), null=True)
    replaces_id: Mapped[int | None] = ref("regulation.id", _l("Replaces when adopted"), null=True)
    replaces: Mapped["Regulation | None"] = link("Regulation", _l("Replaces when adopted"), remote_side="Regulation.id")
    version: Mapped[int] = mapped_column(sa.Integer, default=1, info={"label": _l("Version")})
    __mapper_args__ = {"version_id_col": version}
    process = REGULATION
    applicant_id = None
    open_step = None

    @property
    def effective(self):
        return (self.effective_from, self.effective_until)

    def __str__(self):
        return f"{self.code} {self.title}"


class Clause(Versioned, Table):
    """One numbered clause: its text, and the rule with the parameters that carries it out."""

    __tablename__ = "clause"
    __table_args__ = (sa.Index("ix_clause_regulation", "regulation_id", "number"),)
    regulation_id: Mapped[int] = ref("regulation.id", _l("Regulation"))
    regulation: Mapped[Regulation] = link("Regulation", _l("Regulation"))
    number: Mapped[str] = col(sa.String(20), _l("Clause"))
    kind: Mapped[ClauseKind] = col(ChoiceType(ClauseKind), _l("Kind"))
    text: Mapped[str] = col(sa.Text, _l("Text"))
    text_en: Mapped[str] = col(sa.Text, _l("English text"), default="")
    rule: Mapped[str | None] = col(sa.String(40), _l("Rule"), null=True)
    terms: Mapped[dict] = col(JSON, _l("Parameters"), default=dict)
    forms: Mapped[list] = col(JSON, _l("Printed forms"), default=list)
    applies: Mapped[bool] = col(sa.Boolean, _l("Applies"), default=True)

    @property
    def citation(self) -> str:
        return f"{self.regulation.code}-{self.number}"

    def __str__(self):
        return self.citation


class ReceptionLevel(Versioned, Table):
    """A level of reception; `rank` lines it up with the levels of other regulations (1 = highest)."""

    __tablename__ = "reception_level"
    clause_id: Mapped[int] = ref("clause.id", _l("Clause"), index=True)
    clause: Mapped[Clause] = link("Clause", _l("Clause"))
    rank: Mapped[int] = col(sa.Integer, _l("Rank"))
    code: Mapped[str] = col(sa.String(10), _l("Level"))
    name: Mapped[str] = col(sa.String(40), _l("Level name"))
    name_en: Mapped[str] = col(sa.String(60), _l("English name"), default="")
    qualifies: Mapped[str] = col(sa.String(200), _l("Who qualifies"), default="")
    hosts: Mapped[str] = col(sa.String(200), _l("Who hosts"), default="")
    classes: Mapped[list] = col(
        JSON, _l("Suggested for customer classes"), default=list, info={"choices": CustomerClass}
    )
    categories: Mapped[list] = col(JSON, _l("Suggested for categories"), default=list, info={"choices": VisitCategory})
    titles: Mapped[list] = col(JSON, _l("Suggested for positions with the words"), default=list, info={"words": True})

    def __str__(self):
        return f"{self.code} {self.name}" if self.code != self.name else self.code


class ApprovalRule(Versioned, Table):
    """One approval step that a clause demands, by subject, rank, amount and condition."""

    __tablename__ = "approval_rule"
    __table_args__ = (sa.CheckConstraint("rank_from <= rank_to", name="ranks"),)
    clause_id: Mapped[int] = ref("clause.id", _l("Clause"), index=True)
    clause: Mapped[Clause] = link("Clause", _l("Clause"))
    subject: Mapped[Subject] = col(ChoiceType(Subject), _l("For"))
    rank_from: Mapped[int] = col(sa.Integer, _l("From rank"), default=1)
    rank_to: Mapped[int] = col(sa.Integer, _l("To rank"), default=99)
    amount_from: Mapped[sa.Numeric] = col(Money, _l("From amount (CNY)"), default=0)
    only_if: Mapped[StepCondition] = col(ChoiceType(StepCondition), _l("Condition"), default=StepCondition.ALWAYS)
    step: Mapped[int] = col(sa.Integer, _l("Step"))
    role: Mapped[Role] = col(ChoiceType(Role), _l("Decided by"))
    when_vacant: Mapped[Vacancy] = col(ChoiceType(Vacancy), _l("When nobody can decide"), default=Vacancy.REFUSE)


class SpendingCap(Versioned, Table):
    """The cap in CNY per guest that a clause sets for a rank and a category (all: every category)."""

    __tablename__ = "spending_cap"
    __table_args__ = (sa.CheckConstraint("per_guest >= 0", name="amount"),)
    clause_id: Mapped[int] = ref("clause.id", _l("Clause"), index=True)
    clause: Mapped[Clause] = link("Clause", _l("Clause"))
    rank: Mapped[int] = col(sa.Integer, _l("Rank"))
    category: Mapped[str] = col(sa.String(20), _l("Category"), default="meal")
    per_guest: Mapped[sa.Numeric] = col(Money, _l("Cap per guest (CNY)"))


class ChecklistTemplate(Versioned, Table):
    """One item of a clause's checklist: done before the guests come, or after they left."""

    __tablename__ = "checklist_template"
    clause_id: Mapped[int] = ref("clause.id", _l("Clause"), index=True)
    clause: Mapped[Clause] = link("Clause", _l("Clause"))
    phase: Mapped[CheckPhase] = col(ChoiceType(CheckPhase), _l("When"), default=CheckPhase.BEFORE)
    item: Mapped[str] = col(sa.String(120), _l("Item"))
    item_en: Mapped[str] = col(sa.String(160), _l("English item"), default="")
    ranks: Mapped[list] = col(JSON, _l("For levels of rank (none: every level)"), default=list, info={"ranks": True})
    only_if: Mapped[CheckCondition] = col(ChoiceType(CheckCondition), _l("Condition"), default=CheckCondition.ALWAYS)

    def __str__(self):
        return self.item


class TourRoute(Versioned, Table):
    """A tour of the site, stop by stop."""

    __tablename__ = "tour_route"
    clause_id: Mapped[int] = ref("clause.id", _l("Clause"), index=True)
    clause: Mapped[Clause] = link("Clause", _l("Clause"))
    name: Mapped[str] = col(sa.String(60), _l("Route"))
    stops: Mapped[list] = col(JSON, _l("Stops"), default=list, info={"words": True})

    def __str__(self):
        return self.name


class ClauseChoice(Versioned, Table):
    """The company's choice between two clauses that no request can keep both of."""

    __tablename__ = "clause_choice"
    key: Mapped[str] = col(sa.String(80), _l("Clauses"))
    prevails: Mapped[str] = col(sa.String(40), _l("Prevails"))
    reason: Mapped[str] = col(sa.String(300), _l("Reason"), default="")

    def __str__(self):
        return self.key.replace("|", " / ")


# ── Trials: what a regulation would have meant for the visits of a past period (试算) ─────────────────
class TrialState(Choice):
    RUNNING = "running", N_("Running")
    DONE = "done", N_("Done")
    FAILED = "failed", N_("Failed")
    INTERRUPTED = "interrupted", N_("Interrupted")


class Trial(Created, Table):
    """One replay: the regulations tried (identities), the period, how far it has come, and what it found."""

    __tablename__ = "trial"
    title: Mapped[str] = col(sa.String(200), _l("Regulations tried"))
    regulation_ids: Mapped[list] = mapped_column(JSON, default=list)
    retired_ids: Mapped[list] = mapped_column(JSON, default=list)
    since: Mapped[date] = col(sa.Date, _l("From day"))
    until: Mapped[date] = col(sa.Date, _l("To day"))
    department_id: Mapped[int | None] = ref("department.id", _l("Only for department"), null=True)
    department: Mapped[Department | None] = link("Department", _l("Only for department"))
    state: Mapped[TrialState] = col(ChoiceType(TrialState), _l("State"), default=TrialState.RUNNING)
    done: Mapped[int] = col(sa.Integer, _l("Replayed"), default=0)
    total: Mapped[int] = col(sa.Integer, _l("To replay"), default=0)
    took_ms: Mapped[int | None] = col(sa.Integer, _l("Took (ms)"), null=True)
    rulebook_version: Mapped[int] = mapped_column(sa.Integer, default=0)
    result: Mapped[dict] = mapped_column(JSON, default=dict)
    by_id: Mapped[int | None] = ref("user.id", _l("By"), null=True)
    by: Mapped[User | None] = link("User", _l("By"))

    @classmethod
    def visible_to(cls, actor: Actor):
        return any_of(actor.has(*OFFICE))

    def __str__(self):
        return self.title


# ── Keeping every version ────────────────────────────────────────────────────────────────────────
_BOOKKEEPING = {"id", "from_version", "to_version", "origin_id", "version"}


def _new_version(session: Session) -> int:
    """The rulebook version of this transaction, made at its first change."""
    if "rulebook_version" not in session.info:
        session.info["rulebook_version"] = session.execute(
            sa.insert(RulebookVersion).values(at=now()).returning(RulebookVersion.id)
        ).scalar_one()
    return session.info["rulebook_version"]


@event.listens_for(db.session, "before_flush")
def keep_versions(session, context, instances):
    for row in list(session.new):
        if isinstance(row, Versioned) and row.to_version is None:
            row.from_version = _new_version(session)
    for row in list(session.dirty):
        if isinstance(row, Versioned) and row.to_version is None and session.is_modified(row):
            state = inspect(row)
            columns = [c.key for c in state.mapper.column_attrs]
            changed = [k for k in columns if k not in _BOOKKEEPING and state.attrs[k].history.has_changes()]
            if not changed:
                continue
            new = _new_version(session)
            if row.from_version == new:
                continue
            old = {
                k: (state.attrs[k].history.deleted or [getattr(row, k)])[0]
                for k in columns
                if k not in ("id", "to_version", "origin_id", "version")
            }
            session.add(type(row)(**old, to_version=new, origin_id=row.id))
            row.from_version = new
    for row in list(session.deleted):
        if isinstance(row, Versioned) and row.to_version is None:
            # The past needs it: it ends with this version instead of vanishing.
            session.add(row)
            row.to_version = _new_version(session)


@event.listens_for(db.session, "after_commit")
@event.listens_for(db.session, "after_rollback")
def forget_version(session):
    session.info.pop("rulebook_version", None)
