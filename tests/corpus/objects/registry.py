"""What an entry of this corpus says: the same as one of the corpus of loops, in a table of its own.

The points hold any structure: what is handed to a program is a deep copy of it.
"""

from collections.abc import Callable
from typing import Any

from tests.corpus.loops.registry import Arguments, F, LoopProgram

REGISTERED: list[LoopProgram] = []


def program(points: list[Arguments], *, argnums: int | tuple[int, ...] = 0) -> Callable[[F], F]:
    """Registers the function below it."""
    positions = (argnums,) if isinstance(argnums, int) else argnums

    def register(function: F) -> F:
        REGISTERED.append(LoopProgram(function, tuple(points), positions, (), False))
        return function

    return register


def programs() -> tuple[Any, ...]:
    """All that are registered so far."""
    return tuple(REGISTERED)
