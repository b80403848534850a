"""What a transition does beyond its state: each effect is bound to its transition by name, here and nowhere else."""

from collections.abc import Callable
from typing import TypeVar

from engine.moves import Move
from workflow import PROCESSES, Process

Effect = Callable[[Move], None]
EffectT = TypeVar("EffectT", bound=Effect)
Table = dict[tuple[str, str], Effect]

EFFECTS: Table = {}
"""By process and transition, what happens when it is taken."""
PREPARED: Table = {}
"""By process and transition, what is fixed in the row before the rules are asked."""
CHAINED = [process for process in PROCESSES.values() if process.chained]


def effect(*names: str) -> Callable[[EffectT], EffectT]:
    """Bind the function below to transitions: `visit.check_in`, or `approve` for every process with a chain.

    What is bound to one process stands before what is bound to all. Raises LookupError for a name that no process and
    transition bear, ValueError for one that is bound already.
    """
    return _binding(EFFECTS, names)


def prepares(*names: str) -> Callable[[EffectT], EffectT]:
    """Bind the function below to what comes before the rules are asked, by the same names and with the same errors."""
    return _binding(PREPARED, names)


def effect_of(process: Process, transition: str) -> Effect | None:
    """What the transition does beyond the state; None where that is all."""
    return EFFECTS.get((process.name, transition)) or EFFECTS.get(("", transition))


def _binding(table: Table, names: tuple[str, ...]) -> Callable[[EffectT], EffectT]:
    def bind(function: EffectT) -> EffectT:
        for name in names:
            process, _, transition = name.rpartition(".")
            concerned = [PROCESSES[process]] if process in PROCESSES else CHAINED if not process else []
            if not concerned or any(transition not in p.by_name for p in concerned):
                raise LookupError(f"there is no transition {name}")
            if (process, transition) in table:
                raise ValueError(f"{name} has an effect already")
            table[process, transition] = function
        return function

    return bind
