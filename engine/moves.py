"""One transition under way, and why one may not happen."""

from dataclasses import dataclass, field
from typing import Any

from core.text import N_, Choice, Text, say
from engine.chains import Plan
from engine.findings import Judgement
from rules import Finding, Rulebook
from workflow import Actor, Seat, Transition


class Refused(Exception):
    """A transition that may not happen: the reason in words, the findings that stopped it, and the whole judgement."""

    def __init__(self, reason: Text, findings: list[Finding] | None = None, judgement: Judgement | None = None):
        super().__init__(str(reason))
        self.reason, self.findings, self.judgement = reason, findings or [], judgement


class Conflict(Refused):
    """Somebody else was first."""

    def __init__(self, reason: Text | None = None):
        super().__init__(reason or say(N_("Somebody changed it in the meantime: look at it again before you decide.")))


@dataclass
class Move:
    """One transition under way: the row, who acts, what the form said, by which rulebook, where it leads."""

    row: Any
    transition: Transition
    actor: Actor
    data: dict[str, Any]
    book: Rulebook
    target: Choice
    """The state it leads to; an effect of a transition with several targets chooses."""
    judgement: Judgement | None = None
    """What the rules found before it happens; None before they were asked."""
    reasons: dict[str, str] = field(default_factory=dict)
    """The written reason for each finding that has one, by rule: those given before, and those of the form."""
    clauses: list[str] = field(default_factory=list)
    """The clauses relied on besides those of findings."""
    seat: Seat | None = None
    """The seat from which an approval step was decided."""
    entails: list[tuple[Any, str]] = field(default_factory=list)
    """Transitions of other rows that this one brings with it."""

    @property
    def comment(self) -> str:
        """What the form says in its field for a comment or reason."""
        return (self.data.get("comment") or "").strip()

    @property
    def plan(self) -> Plan:
        """The approval chain that was planned when the rules were asked: at a submission there is one."""
        assert self.judgement is not None and self.judgement.plan is not None
        return self.judgement.plan

    @property
    def on_behalf_of(self) -> int | None:
        """The person from whose seat the actor decides, where it is not their own."""
        return self.seat.user_id if self.seat and self.seat.user_id != self.actor.id else None

    def stay(self) -> None:
        """It leaves the row in its present state."""
        self.target = self.row.status
