"""Rows as the rules see them: `of` one row, a `Batch` of many; `knows` whether rules speak of such rows at all."""

from facts import aftercare, desk, gifts, money, resources, supervision, visits
from facts.base import Batch, known_of, knows, of

__all__ = [
    "Batch",
    "aftercare",
    "desk",
    "gifts",
    "known_of",
    "knows",
    "money",
    "of",
    "resources",
    "supervision",
    "visits",
]
