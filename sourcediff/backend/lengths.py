"""Which lengths stay: those of lists that only have items replaced.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, list_of
>>> def f(xs):
...     n = len(xs)
...     xs[0] = 2.0
...     return xs[n - 1]
>>> lasting_lengths(lower_function(f, {"xs": list_of(Slot(REAL))}))
{<n: Int>}
>>> def g(xs):
...     n = len(xs)
...     return xs.pop() * xs[n - 2]
>>> lasting_lengths(lower_function(g, {"xs": list_of(Slot(REAL))}))
set()
"""

from __future__ import annotations

from sourcediff import ir
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import Function, Op, Value
from sourcediff.memory import SET_ITEM
from sourcediff.transform.lists.contents import slots_in
from sourcediff.types import SLICE, Slot

__all__ = ["lasting_lengths"]


def lasting_lengths(function: Function) -> set[Value]:
    """The results of ``len`` of lists to which nothing is added and of which nothing is taken."""
    lengths: list[Op] = []
    changed: set[Slot] = set()
    for op in ir.walk(function.body):
        if op.primitive is PURE_CALL and op.attribute.function is len:
            lengths += [op] if op.args[0].type.kind in ("List", "Array") else []
        elif op.primitive.writes and not _replaces(op):
            changed.update(slot.root for arg in op.args for slot in slots_in(arg.type))
    return {op.result for op in lengths if changed.isdisjoint(slots_in(op.args[0].type))}


def _replaces(op: Op) -> bool:
    """Whether it is ``xs[i] = v``."""
    return op.primitive is SET_ITEM and op.args[1].type is not SLICE
