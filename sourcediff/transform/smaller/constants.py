"""Arithmetic of a derivative whose result is known, or is one of its operands.

``0.9 * 1.0`` is 0.9, ``0.0 + x`` is x, ``n + 1 - 1`` is n where n is whole. The user's own
operations stay as they are: what they give is not to change by a bit, or by the sign of a zero.

>>> x = Value(REAL, "x")
>>> one = Const(1.0, REAL)
>>> known_result(Op(MUL, (one, x), (Value(REAL),), order=1), {}) is x
True
>>> known_result(Op(SUB, (one, one), (Value(REAL),), order=1), {})
0.0
>>> known_result(Op(MUL, (one, x), (Value(REAL),), order=0), {})
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.transform.adjoint.scaled import ADD, DIV, MUL, NEG, SUB, times
from sourcediff.types import INT, REAL, Type

__all__ = ["known_result"]

#: By operation, which operand may be left out, and what it is then: the second one, or either.
_NEUTRAL = {ADD: 0, SUB: 0, MUL: 1, DIV: 1}


def known_result(op: Op, definitions: Mapping[Value, Op]) -> Atom | None:
    """What an operation of a derivative gives, where that is known; None where it is not."""
    if op.order == 0 or op.primitive not in (*_NEUTRAL, NEG) or len(op.results) != 1:
        return None
    numbers = [arg for arg in op.args if isinstance(arg, Const) and arg.type in (INT, REAL)]
    if len(numbers) == len(op.args):
        return _evaluated(op, numbers)
    if not numbers or op.primitive is NEG:
        return None
    (number,) = numbers
    left, right = op.args
    other = left if number is right else right
    neutral = _NEUTRAL[op.primitive]
    commutes = op.primitive in (ADD, MUL)
    if number.value == neutral and (commutes or number is right):
        return other if other.type is op.result.type else None
    if op.primitive is MUL and number.value == 0 and op.result.type is REAL:
        return Const(0.0, REAL)  # an adjoint that is zero, whatever it is multiplied with
    return _back(op, other, number, definitions) if number is right else None


def _evaluated(op: Op, numbers: list[Const]) -> Const | None:
    values = [number.value for number in numbers]
    try:
        found = times(*values) if op.primitive is MUL else op.primitive.evaluate(*values)
    except ArithmeticError:
        return None
    kind: Type = op.result.type
    if kind is INT and not isinstance(found, int):
        return None
    if kind is REAL and not math.isfinite(found):
        return None
    return Const(float(found) if kind is REAL else found, kind)


def _back(op: Op, other: Atom, number: Const, definitions: Mapping[Value, Op]) -> Atom | None:
    """``n`` for ``n + 1 - 1``, of whole numbers."""
    made = definitions.get(other) if isinstance(other, Value) else None
    if made is None or op.primitive is not SUB or made.primitive is not ADD:
        return None
    base, added = made.args
    if op.result.type is INT and base.type is INT and number.same_as(added):
        return base
    return None
