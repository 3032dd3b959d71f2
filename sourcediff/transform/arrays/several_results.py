"""Calls that give several results, with names for them: ``w, v = np.linalg.eigh(a)``.

While compiling, a tuple is its items, each taken out where it is used. Where nothing looks at the
tuple itself, and more than one of its items is used, the call is written with a name for each.

>>> import numpy as np
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, array_of
>>> def f(a):
...     w, v = np.linalg.eigh(a)
...     return w @ v[0]
>>> function = lower_function(f, {"a": array_of(Slot(REAL), 2)})
>>> [op.primitive for op in with_results_named(function).body.ops]
[pure_call, unpack, subscript, operate]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sourcediff.frontend.arrays.numpy_several import RESULTS
from sourcediff.frontend.arrays.numpy_signatures import name_of
from sourcediff.frontend.primitives import GETITEM, PURE_CALL, TUPLE, UNPACK
from sourcediff.ir import Atom, Function, Op, Region, Value, walk
from sourcediff.transform.smaller.optimise import eliminate_dead, substituted

__all__ = ["with_results_named"]


def with_results_named(function: Function) -> Function:
    """``t = f(x)`` with ``a = t[0]`` and ``b = t[1]`` as ``a, b = f(x)``."""
    calls = {
        op.result: op
        for op in walk(function.body)
        if op.primitive is PURE_CALL and name_of(op) and op.result.type.kind == "Tuple"
    }
    if not calls:
        return function
    function = _with_wholes(function, calls)
    takes: dict[Value, list[Op]] = {whole: [] for whole in calls}
    for op in walk(function.body):
        for whole in _looked_at(op, takes):
            del takes[whole]
        if op.primitive is GETITEM and op.args[0] in takes:
            takes[op.args[0]].append(op)
    for atom in function.body.results or ():
        takes.pop(atom, None)  # type: ignore[arg-type]
    named = {whole: ops for whole, ops in takes.items() if len({o.attribute for o in ops}) > 1}
    return function.with_body(_Naming(calls, named).body(function.body)) if named else function


def _with_wholes(function: Function, calls: dict[Value, Op]) -> Function:
    """The tuple itself for one that is made of all its items: ``x[np.diag_indices(3)]``."""
    made = {r: op for op in walk(function.body) for r in op.results}
    renamed: dict[Value, Atom] = {}
    for op in walk(function.body):
        if op.primitive is not TUPLE or op.attribute is not None or not op.args:
            continue
        items = [made.get(arg) for arg in op.args if isinstance(arg, Value)]
        found = [item for item in items if item is not None and item.primitive is GETITEM]
        whole = found[0].args[0] if found else None
        if whole not in calls or len(whole.type.items) != len(op.args):
            continue
        if [(item.args[0], item.attribute) for item in found] == [
            (whole, place) for place in range(len(op.args))
        ] and all(item.result.name is None for item in found):
            renamed[op.result] = whole
    if not renamed:
        return function
    body = function.body.replace(substituted(function.body.ops, renamed), function.body.results)
    return eliminate_dead(function.with_body(body))


def _looked_at(op: Op, takes: dict[Value, list[Op]]) -> Iterable[Value]:
    """The tuples that an operation uses other than to take an item out."""
    found: list[Atom] = [] if op.primitive is GETITEM else list(op.args)
    for region in op.regions:
        found += region.results or ()
    return {atom for atom in found if isinstance(atom, Value) and atom in takes}


class _Naming:
    def __init__(self, calls: dict[Value, Op], named: dict[Value, list[Op]]) -> None:
        self.results: dict[Value, tuple[Value, ...]] = {}
        self.renamed: dict[Value, Atom] = {}
        for whole, ops in named.items():
            usual = RESULTS.get(name_of(calls[whole]) or "", ())
            parts = [Value(kind, "_") for kind in whole.type.items]
            for op in sorted(ops, key=lambda op: op.result.name is None):
                place, taken = op.attribute, op.result
                if parts[place].name == "_":
                    name = taken.name or (usual[place] if usual else None)
                    parts[place] = Value(taken.type, name, taken.adjoint_of)
                self.renamed[taken] = parts[place]
            self.results[whole] = tuple(parts)

    def body(self, region: Region) -> Region:
        ops = substituted(self._without(region.ops), self.renamed)
        results = region.results
        if results is not None:
            results = tuple(self.renamed.get(a, a) if isinstance(a, Value) else a for a in results)
        return region.replace(ops, results)

    def _without(self, ops: Sequence[Op]) -> list[Op]:
        found = []
        for op in ops:
            if op.primitive is GETITEM and op.result in self.renamed:
                continue
            if op.regions:
                regions = (r.replace(self._without(r.ops), r.results) for r in op.regions)
                op = op.replace(regions=tuple(regions))
            found.append(op)
            parts = self.results.get(op.result) if len(op.results) == 1 else None
            if parts is not None:
                found.append(Op(UNPACK, op.results, parts, (), None, op.site, op.order))
        return found
