"""The table of what functions of NumPy contribute to the adjoints of their arguments.

Modules beside this one fill it: `array_reductions`, `array_products`, `array_pullbacks`, and
`array_templates` with the rules that are written in Python.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from sourcediff.errors import DifferentiationError
from sourcediff.frontend.arrays.numpy_signatures import Given, arguments_of
from sourcediff.ir import Atom, Op, Value
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.types import rank_of

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.arrays.arrays import Arrays

__all__ = ["PULLBACKS", "Pullback", "give_scaled", "operand", "pair", "pullback", "rank", "refuse"]

Pullback = Callable[["Arrays", Op, Scaled, "Adjoints"], None]
PULLBACKS: dict[str, Pullback] = {}


def pullback(*names: str) -> Callable[[Pullback], Pullback]:
    def register(found: Pullback) -> Pullback:
        PULLBACKS.update(dict.fromkeys(names, found))
        return found

    return register


def refuse(op: Op, message: str, help: str | None = None) -> NoReturn:
    """Refuse an operation, with its line."""
    raise DifferentiationError(message, op.site.span if op.site else None, help)


def operand(given: dict[str, Given], name: str = "a") -> Atom:
    found = given[name]
    assert not isinstance(found, tuple)
    return found


def pair(op: Op) -> tuple[Atom, Atom]:
    """The two operands of a call."""
    given = arguments_of(op)
    return operand(given, "a"), operand(given, "b")


def rank(atom: Atom) -> int:
    return rank_of(atom.type) or 0


def give_scaled(arrays: Arrays, arg: Value, factor: float, made: Value, adjoints: Adjoints) -> None:
    """Contribute a multiple of something that has the shape of the operand."""
    arrays.shapes.known[made] = arrays.shapes.of(arg)
    arrays.give(arg, Scaled(factor, made), adjoints)
