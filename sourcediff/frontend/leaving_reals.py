"""Powers that leave the real numbers, and what then sees a number of another kind.

``(-8.0) ** (1 / 3)`` is a complex number, where the types say that it is a real one. What is made
of it is refused when it arrives (`Derivative.checked`); but what asks a number for its imaginary
part, or for its class, would be answered wrongly before. So the two do not go together.

>>> from sourcediff.ir import Const, Op, Value
>>> from sourcediff.types import INT, REAL
>>> x, y = Value(REAL, "x"), Value(REAL, "y")
>>> power = primitive_of(operator.pow)
>>> may_leave(Op(power, (x, Const(0.5, REAL)), (y,)))
True
>>> may_leave(Op(power, (x, Const(2, INT)), (y,)))
False
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.flow import functions_reached
from sourcediff.frontend.primitives import LOAD
from sourcediff.ir import Atom, Const, Function, Op, Value, walk
from sourcediff.rules.table import primitive_of

__all__ = ["leaves_the_reals", "may_leave", "refuse_answers"]

_POWER = primitive_of(operator.pow)

#: Functions that give no negative number.
_SIZES = ("abs", "math.exp", "math.exp2", "math.sqrt", "math.hypot", "math.fabs", "math.cosh")


def leaves_the_reals(functions: Iterable[Function]) -> bool:
    """Whether an operation on real numbers may give a complex one, in functions or those called."""
    for function in functions:
        for reached in functions_reached(function)[0]:
            ops = list(walk(reached.body))
            made = {result: op for op in ops for result in op.results}
            if any(may_leave(op, made) for op in ops):
                return True
    return False


def refuse_answers(asked: list[DifferentiationError], function: Function) -> None:
    """Refuse what a number was asked for that only a complex one answers, if there may be one.

    Args:
        asked: the refusals, as `State.asks_for_kind` has noted them.
    """
    if asked and leaves_the_reals([function]):
        raise asked[0]


def may_leave(op: Op, made: Mapping[Value, Op] | None = None) -> bool:
    """Whether it is a power of what may be negative, to what may be no whole number.

    Args:
        made: the operations that values are the results of.
    """
    if _POWER is None or op.primitive.evaluate is not _POWER.evaluate:
        return False
    base, exponent = op.args
    if any(t.type.kind == "Array" for t in op.args):
        return False  # NumPy gives nan
    if types.COMPLEX in (base.type, exponent.type):
        return False  # it is no real number before
    if exponent.type in (types.INT, types.BOOL):
        return False
    if isinstance(exponent, Const) and float(exponent.value).is_integer():
        return False
    return not _never_negative(base, made or {}, 12)


def _never_negative(atom: Atom, made: Mapping[Value, Op], depth: int) -> bool:
    """Whether a number is no negative one, as far as what it is made of tells."""
    if isinstance(atom, Const):
        return types.is_number(atom.type) and not atom.value < 0
    op = made.get(atom)
    if op is None or op.regions or not depth:
        return False
    if op.primitive is LOAD:
        return op.attribute.where is math and op.attribute.read() >= 0
    name, args = op.primitive.name, op.args
    if name in _SIZES:
        return True
    if name == "mul" and args[0] is args[1]:
        return True
    if name == "pow" and isinstance(args[1], Const) and args[1].type is types.INT:
        if args[1].value % 2 == 0:
            return True
    if name in ("add", "mul", "truediv", "pow"):
        return all(_never_negative(arg, made, depth - 1) for arg in args[: 1 + (name != "pow")])
    return False
