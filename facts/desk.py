"""Incidents as the rules see them."""

from datetime import date
from typing import Any

from facts.base import Beside, Reader, columns_of
from models import Incident
from rules import IncidentFacts

INCIDENTS = Reader(Incident, IncidentFacts, columns_of(Incident, "occurred_at", "handled_at", "measures"))


@INCIDENTS.tells("day")
def occurred_on(incident: Any, beside: Beside) -> date | None:
    return beside.local_day(incident.occurred_at) if incident.occurred_at else None


__all__ = ["INCIDENTS"]
