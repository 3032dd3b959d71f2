"""Indices of constants and loop variables, written out where they are used: ``x[i, j]``.

An index that is used twice is one value, which would be written as ``place = i, j`` and then
``x_bar[place] += x[place]``. What takes no longer to write than its name is made for each use.

>>> from sourcediff.ir import FOR, Region
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, array_of
>>> def f(x):
...     i = 0, 1
...     return x[i] * x[i]
>>> function = lower_function(f, {"x": array_of(Slot(REAL), 2)})
>>> [op.primitive for op in with_plain_indices(function).body.ops]
[tuple, subscript, tuple, subscript, mul]
"""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff.frontend.primitives import TUPLE
from sourcediff.ir import Atom, Const, Function, Op, Region, Value, walk
from sourcediff.memory import ADD_AT, ADD_INTO, SET_ITEM, SET_PART, SUBSCRIPT

__all__ = ["with_plain_indices"]

_INDEXED = (ADD_AT, ADD_INTO, SET_ITEM, SET_PART, SUBSCRIPT)


def with_plain_indices(function: Function) -> Function:
    """A tuple of constants and loop variables anew for each operation that takes it as an index."""
    run = _Plain(function)
    return function.with_body(run.region(function.body)) if run.indices else function


class _Plain:
    def __init__(self, function: Function) -> None:
        plain = set(function.parameters)
        made: dict[Value, Op] = {}
        for op in walk(function.body):
            plain.update(p for region in op.regions for p in region.parameters)
            if op.primitive is TUPLE and op.result.type.cls is None and op.args:
                made[op.result] = op
        #: The tuples that are made anew.
        self.indices = {
            value: op
            for value, op in made.items()
            if all(isinstance(a, Const) or a in plain for a in op.args)
        }
        for op in walk(function.body):
            for place, arg in enumerate(op.args):
                if place != 1 or op.primitive not in _INDEXED:
                    self._keep(arg)
            for region in op.regions:
                for atom in region.results or ():
                    self._keep(atom)
        for atom in function.body.results or ():
            self._keep(atom)

    def _keep(self, atom: Atom) -> None:
        if isinstance(atom, Value):
            self.indices.pop(atom, None)

    def region(self, region: Region) -> Region:
        return region.replace(self._ops(region.ops), region.results)

    def _ops(self, ops: Sequence[Op]) -> list[Op]:
        found: list[Op] = []
        reads: dict[tuple[Atom, Value], Value] = {}
        for op in ops:
            if len(op.results) == 1 and op.result in self.indices:
                continue
            if op.regions:
                op = op.replace(regions=tuple(map(self.region, op.regions)))
            index = op.args[1] if op.primitive in _INDEXED and len(op.args) > 1 else None
            if isinstance(index, Value) and index in self.indices:
                read = reads.pop((op.args[0], index), None)
                if read is None or not _updates(op, found, read):
                    new = self.indices[index].replace(results=(Value(index.type),))
                    new.site, new.order = op.site, op.order
                    found.append(new)
                    read = new.result
                if op.primitive is SUBSCRIPT:
                    reads[op.args[0], index] = read
                op = op.replace(args=(op.args[0], read, *op.args[2:]))
            found.append(op)
        return found


def _updates(op: Op, before: Sequence[Op], index: Value) -> bool:
    """Whether an operation stores what it makes of the item that is there: ``x[i, j] += …``."""
    if op.primitive is not SET_ITEM:
        return False
    made = next((o for o in reversed(before) if op.args[2] in o.results), None)
    items = {o.result for o in before if o.primitive is SUBSCRIPT and o.args[1] is index}
    return made is not None and not items.isdisjoint(made.args)
