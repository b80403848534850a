"""Assessments and violations of the company's own people as the rules see them."""

from datetime import date
from typing import Any

from facts.base import Beside, Reader, columns_of
from models import Assessment, Violation
from rules import AssessmentFacts, ViolationFacts

ASSESSMENTS = Reader(Assessment, AssessmentFacts, columns_of(Assessment, "held_on", "scores"))
VIOLATIONS = Reader(Violation, ViolationFacts, columns_of(Violation, "happened_on", "serious", "measure"))


@ASSESSMENTS.tells("day")
def held_on(assessment: Any, beside: Beside) -> date:
    return assessment.held_on


@ASSESSMENTS.tells("scores")
def scores(assessment: Any, beside: Beside) -> dict[str, int]:
    return assessment.scores or {}


@VIOLATIONS.tells("day")
def happened_on(violation: Any, beside: Beside) -> date:
    return violation.happened_on


__all__ = ["ASSESSMENTS", "VIOLATIONS"]
