"""Numbers that the user computes twice, and the derivative reads twice, under one name.

The user's own operations stay as they are where nothing else reads what they give. What the
derivative reads needs a name, and one is enough for one number:

    return (1 - u) * a + (1 - u) * b * u    →    diff = 1 - u

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def f(u):
...     return (1 - u) * (1 - u)
>>> function = with_numbers_shared(lower_function(f, {"u": REAL}))  # there is no derivative yet
>>> [op.primitive for op in function.body.ops]
[sub, sub, mul]
"""

from __future__ import annotations

from collections.abc import Hashable

from sourcediff.ir import LOOPS, Atom, Function, Op, Region, Value, walk
from sourcediff.transform.lists.contents import slot_of
from sourcediff.transform.smaller.optimise import eliminate_dead, key_of, substituted
from sourcediff.types import REAL

__all__ = ["with_numbers_shared"]


def with_numbers_shared(function: Function) -> Function:
    """The same with one computation for numbers of the user's that the derivative reads twice."""
    reads = [op for op in walk(function.body) if op.order > 0]
    read = {arg for op in reads for arg in op.args}
    read.update(a for op in reads for region in op.regions for a in region.results or ())
    renamed: dict[Value, Atom] = {}
    _share(function.body, {}, read, renamed, None)
    if not renamed:
        return function
    ops = substituted(function.body.ops, renamed)
    results = function.body.results
    if results is not None:
        results = tuple(renamed.get(a, a) if isinstance(a, Value) else a for a in results)
    return eliminate_dead(function.with_body(function.body.replace(ops, results)))


def _share(
    region: Region,
    known: dict[Hashable, Value],
    read: set[Atom],
    renamed: dict[Value, Atom],
    turn: set[Value] | None,
) -> None:
    """Note what is computed twice.

    Args:
        known: what is computed around the region.
        read: what the derivative reads.
        renamed: takes the later computations, with what stands for them.
        turn: what each turn of the loop around has of its own, if there is a loop; what is the
            same in all of them is computed once for the derivative.
    """
    known = dict(known)
    for op in region.ops:
        own = set() if op.primitive in LOOPS else turn
        for inner in op.regions:
            if own is not None:
                own.update(inner.parameters)
            _share(inner, known, read, renamed, own)
        if turn is not None:
            turn.update(op.results)
        if not _is_number_of_the_user(op) or op.result not in read:
            continue
        if turn is not None and turn.isdisjoint(op.args):
            continue
        args = tuple(renamed.get(a, a) if isinstance(a, Value) else a for a in op.args)
        earlier = known.setdefault(key_of(op.replace(args=args)), op.result)
        if earlier is op.result or (earlier.name and op.result.name):
            continue
        earlier.name = earlier.name or op.result.name
        renamed[op.result] = earlier


def _is_number_of_the_user(op: Op) -> bool:
    """Whether an operation computes a real number from numbers, for the function itself."""
    if op.order > 0 or op.regions or op.primitive.effect or len(op.results) != 1:
        return False
    if op.primitive.rule is None and op.primitive.pattern is None:
        return False
    return op.result.type is REAL and not any(slot_of(arg) is not None for arg in op.args)
