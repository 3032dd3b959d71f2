"""What is written to a list of adjoints behind its last reader is not written.

Where the reverse has come to items that do not vary, it still takes their adjoints out of the list
(``for _ in range(n): xs_bar.pop()``), in case that something before them is asked for. At the end
of a function there is nothing before them.

>>> from sourcediff.memory import METHOD_OF, LIST, MethodSpec
>>> from sourcediff.types import REAL, list_of
>>> x, xs, item = Value(REAL, "x"), Value(list_of(Slot(REAL)), "xs_bar"), Value(REAL)
>>> pop = Op(METHOD_OF, (xs,), (item,), (), MethodSpec("pop", writes=True), order=1)
>>> ops = [Op(LIST, (x,), (xs,), order=1), pop]
>>> print(without_last_writes(Function("f", [x], Region(ops, (x,)), order=1)))
f(x: Real):
    xs_bar = list x
    yield x
"""

from __future__ import annotations

from sourcediff.ir import Function, Op, Region, Value, walk
from sourcediff.memory import METHOD_OF, SET_ITEM, SET_PART
from sourcediff.transform.lists.contents import slot_of, slots_in
from sourcediff.types import Slot

__all__ = ["without_last_writes"]


def without_last_writes(function: Function) -> Function:
    """Drop the operations at the end of a function that only change lists nobody reads then."""
    results = function.body.results
    if results is None:
        return function
    needed = {atom for atom in results if isinstance(atom, Value)}
    read = {slot for value in (*needed, *function.parameters) for slot in slots_in(value.type)}
    kept: list[Op] = []
    for op in reversed(function.body.ops):
        if _only_writes(op, read) and needed.isdisjoint(op.results):
            continue
        kept.append(op)
        for inner in walk(Region([op], None)):
            atoms = (*inner.args, *(a for part in inner.regions for a in part.results or ()))
            values = [atom for atom in atoms if isinstance(atom, Value)]
            needed.update(values)
            read.update(slot for value in values for slot in slots_in(value.type))
    if len(kept) == len(function.body.ops):
        return function
    return function.with_body(function.body.replace(kept[::-1], results))


def _only_writes(op: Op, read: set[Slot]) -> bool:
    """Whether an operation of a derivative does nothing but change lists that are not read."""
    writes = False
    for inner in walk(Region([op], None)):
        if inner.order == 0:
            return False
        if inner.primitive.writes:
            slot = slot_of(inner.args[0])
            known = inner.primitive in (METHOD_OF, SET_ITEM, SET_PART)
            if not known or slot is None or slot in read:
                return False
            writes = True
        elif inner.primitive.effect:
            return False
    return writes
