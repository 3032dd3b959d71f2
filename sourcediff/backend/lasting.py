"""What nothing in a function writes to: what is read of it is the same wherever it is read.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, list_of
>>> def f(xs, ys):
...     ys[0] = xs[0]
...     return xs[1]
>>> def reads_last(one, other):
...     function = lower_function(f, {"xs": list_of(one), "ys": list_of(other)})
...     reads = (op for op in function.body.ops if op.primitive.name == "subscript")
...     return list(map(Lasting(function).reads, reads))
>>> reads_last(Slot(REAL), Slot(REAL))
[True, True]
>>> slot = Slot(REAL)  # of both: they may be one list
>>> reads_last(slot, slot)
[False, False]
"""

from __future__ import annotations

from itertools import islice

from sourcediff import ir
from sourcediff.called import ENTERS
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import Function, Op, Value
from sourcediff.memory import SUBSCRIPT
from sourcediff.transform.lists.contents import changed_lists, slots_in
from sourcediff.types import Slot, is_memory

__all__ = ["Lasting", "counts"]


class Lasting:
    """The lists and dicts of a function that stay as they are.

    An array is none of them, but for its length: it may change by another in the same memory.
    """

    def __init__(self, function: Function) -> None:
        self._written: set[Slot] = set()
        for op in ir.walk(function.body):
            changed = [atom for atom in changed_lists(op) if isinstance(atom, Value)]
            for atom in changed:
                slots = list(slots_in(atom.type))
                self._written.update(slots if op.primitive in ENTERS else slots[:1])

    def reads(self, op: Op) -> bool:
        """Whether an operation reads such only."""
        looks_once = op.primitive is SUBSCRIPT or counts(op)  # not into what it finds there
        if counts(op) and op.args[0].type.kind == "Array":
            return True
        read = [a for a in op.args if isinstance(a, Value) and is_memory(a.type)]
        return all(
            a.type.kind in ("List", "Dict")
            and self._written.isdisjoint(islice(slots_in(a.type), 1 if looks_once else None))
            for a in read
        )


def counts(op: Op) -> bool:
    """Whether an operation is ``len(xs)``."""
    return op.primitive is PURE_CALL and op.attribute.function is len
