"""The regulations executed: facts in, findings out. The front door of `clauses/`; everyone imports from here.

Pure: no database, no web framework, no clock, and no number that a company might change. Every number
comes from the clause in force (`Terms`), and every finding cites its clause. A rule is one function
registered under a rule kind, and all that is to be known of it stands in its decorator (`Rule`); seed
files and the panel's clause forms name the kind, and `check_terms` refuses parameters that the kind
does not know.
"""

from clauses import aftercare, desk, gifts, money, resources, supervision, visits, visits_notice, visits_record
from clauses.aftercare import ComplaintFacts, FeedbackFacts, IncidentFacts, OutboundFacts, PlanFacts
from clauses.base import (
    APPROVAL_CHAIN,
    RULES,
    WEIGHT,
    ChainFacts,
    Check,
    Finding,
    Rule,
    Rulebook,
    Step,
    Terms,
    blocking,
    chain,
    chain_findings,
    check_terms,
    checklist,
    cured_by,
    judge,
    of_request,
    reason_in,
    rule,
    strictest,
)
from clauses.building import build, made_from
from clauses.contradictions import Contradiction, contradictions, overlaps, settle
from clauses.desk import kept_as_incident
from clauses.gifts import GiftFacts
from clauses.money import SpendingFacts, band_of, cap_for, largest_party
from clauses.params import Param
from clauses.resources import DispatchFacts
from clauses.supervision import (
    AssessmentFacts,
    CycleFacts,
    DisclosureFacts,
    ViolationFacts,
    criteria,
    cycles,
    due_on,
)
from clauses.visits import VisitFacts, demanded, suggest_level
from clauses.words import Severity

FILES = (visits, visits_notice, visits_record, desk, resources, gifts, money, aftercare, supervision)
"""Where the rules stand: each file registers its own when it is imported."""

__all__ = [
    "APPROVAL_CHAIN",
    "FILES",
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
    "blocking",
    "build",
    "cap_for",
    "chain",
    "chain_findings",
    "check_terms",
    "checklist",
    "contradictions",
    "criteria",
    "cured_by",
    "cycles",
    "demanded",
    "due_on",
    "judge",
    "kept_as_incident",
    "largest_party",
    "made_from",
    "of_request",
    "overlaps",
    "reason_in",
    "rule",
    "settle",
    "strictest",
    "suggest_level",
]
