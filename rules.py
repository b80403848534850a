"""The regulations executed: facts in, findings out. The front door of `clauses/`; everyone imports from here.

Pure: no database, no web framework, no clock, and no number that a company might change. Every number
comes from the clause in force (`Terms`), and every finding cites its clause. A rule is one function
registered under a rule kind; seed files and the panel's clause forms name the kind, and `check_terms`
refuses parameters that the kind does not know.
"""

from clauses import desk
from clauses.aftercare import (
    AssessmentFacts,
    ComplaintFacts,
    CycleFacts,
    DisclosureFacts,
    FeedbackFacts,
    IncidentFacts,
    OutboundFacts,
    PlanFacts,
    ViolationFacts,
    criteria,
    due_on,
)
from clauses.base import (
    DERIVED,
    RULES,
    WEIGHT,
    ChainFacts,
    Check,
    Finding,
    Param,
    Rule,
    Rulebook,
    Step,
    Terms,
    chain,
    check_terms,
    checklist,
    judge,
    rule,
)
from clauses.building import build
from clauses.contradictions import Contradiction, contradictions, overlaps, settle
from clauses.money import DispatchFacts, GiftFacts, SpendingFacts, band_of, cap_for, largest_party
from clauses.visits import VisitFacts, suggest_level
from clauses.words import Severity

__all__ = [
    "DERIVED",
    "RULES",
    "WEIGHT",
    "AssessmentFacts",
    "ChainFacts",
    "Check",
    "ComplaintFacts",
    "Contradiction",
    "CycleFacts",
    "DisclosureFacts",
    "DispatchFacts",
    "FeedbackFacts",
    "Finding",
    "GiftFacts",
    "IncidentFacts",
    "OutboundFacts",
    "Param",
    "PlanFacts",
    "Rule",
    "Rulebook",
    "Severity",
    "SpendingFacts",
    "Step",
    "Terms",
    "ViolationFacts",
    "VisitFacts",
    "band_of",
    "build",
    "cap_for",
    "chain",
    "check_terms",
    "checklist",
    "contradictions",
    "criteria",
    "desk",
    "due_on",
    "judge",
    "largest_party",
    "overlaps",
    "rule",
    "settle",
    "suggest_level",
]
