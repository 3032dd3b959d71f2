"""What values of a turn cost: computed again, or kept.

Prices are rough nanoseconds of CPython; only how they compare matters. What cannot be had again by
computing has no price but an obstacle.

>>> from sourcediff.rules.table import primitive_of
>>> from sourcediff.types import REAL
>>> import ast
>>> x, y = Value(REAL, "x"), Value(REAL, "y")
>>> product = Op(primitive_of(ast.Mult()), (x, x), (y,))
>>> time_of(product) < KEEPING, obstacle_to(product, set())
(True, None)
>>> obstacle_to(None, set())
<Obstacle.CARRIED: 'it comes from the turn before'>
"""

from __future__ import annotations

from collections.abc import Set
from enum import Enum

from sourcediff.called import ENTERS
from sourcediff.frontend.primitives import GETATTR, PURE_CALL
from sourcediff.ir import IF, LOOPS, Op, Region, Value, walk
from sourcediff.memory import OPERATE, QUERY, SUBSCRIPT
from sourcediff.transform.lists.contents import SHAPES, slot_of, takes_list_apart
from sourcediff.types import SLICE

__all__ = ["KEEPING", "Obstacle", "obstacle_to", "time_of"]

#: What it costs to keep a value of one turn and to have it back: some 50 nanoseconds, and memory,
#: for which computing some operations again is a fair price.
KEEPING = 150
#: What looking at a part of an array costs, and what a new one, roughly.
VIEW, ARRAYS = 100, 600
#: How many items a list is taken to have.
ITEMS = 10


class Obstacle(Enum):
    """Why a value cannot be computed again where it is needed."""

    CARRIED = "it comes from the turn before"
    LOOP = "a loop computes it"
    CALL = "a function that is called computes it"
    EFFECT = "computing it has an effect, or another result each time"
    CHANGED = "it is read from a list that changes later"
    FILLED = "it is filled after it has been made"
    ITERATOR = "an iterator gives it once only"


def time_of(op: Op) -> int:
    """How long an operation takes, with all that is in it."""
    return max(1, sum(map(_time, walk(Region([op], None)))))


def _time(op: Op) -> int:
    if _goes_through_list(op):
        return op.primitive.cost * ITEMS
    counts = op.primitive is PURE_CALL and op.attribute.function in (len, min, max, range)
    if counts or (op.primitive is GETATTR and op.attribute in SHAPES):
        return 25
    if any(value.type.kind == "Array" for value in (*op.args, *op.results)):
        return VIEW if op.primitive in (SUBSCRIPT, GETATTR) else ARRAYS
    return op.primitive.cost


def _goes_through_list(op: Op) -> bool:
    """Whether an operation looks at all items of a list: a sum, a search, a part, a copy."""
    if op.primitive is PURE_CALL and op.attribute.function is len:
        return False
    looks = op.primitive in (PURE_CALL, QUERY, OPERATE)
    looks = looks or (op.primitive is SUBSCRIPT and op.args[1].type is SLICE)
    return looks and any(atom.type.kind == "List" for atom in op.args)


def obstacle_to(op: Op | None, stable: Set[Value]) -> Obstacle | None:
    """Why what an operation computes cannot be computed again; None if it can.

    Args:
        op: the operation; None for what a turn starts with.
        stable: what is read from lists that no longer change.
    """
    if op is None:
        return Obstacle.CARRIED
    for part in walk(Region([op], None)):
        primitive = part.primitive
        if primitive in LOOPS:
            return Obstacle.LOOP
        if primitive in ENTERS:
            return Obstacle.CALL
        if primitive.effect and primitive is not IF and not takes_list_apart(part):
            return Obstacle.EFFECT
        looks = any(slot_of(atom) is not None for atom in (*part.args, *part.results))
        if looks and not stable >= set(part.results):
            reads = any(slot_of(atom) is not None for atom in part.args)
            return Obstacle.CHANGED if reads else Obstacle.FILLED
        if primitive is PURE_CALL and part.result.type.kind == "Iterator":
            return Obstacle.ITERATOR
    return None
