"""Loops over pairs, with the names of the parts: ``for a, b in pairs``.

While compiling, a tuple is its items, each taken where it is used. Where all that a turn does with
its item is to take it apart, that is said in the head of the loop.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.ir import FOR
>>> from sourcediff.types import INT, REAL, Slot, list_of, tuple_of
>>> def f(x, pairs):
...     total = 0.0
...     for k, v in pairs:
...         total += k * v * x
...     return total
>>> pairs = list_of(Slot(tuple_of((INT, REAL))))
>>> function = lower_function(f, {"x": REAL, "pairs": pairs})
>>> (loop,) = (op for op in function.body.ops if op.primitive is FOR)
>>> [op.primitive for op in taken_apart(loop).regions[0].ops]
[unpack, mul, mul, add]
"""

from __future__ import annotations

from collections.abc import Container, Sequence

from sourcediff.frontend.primitives import GETITEM, UNPACK
from sourcediff.ir import FOR, Atom, Function, Op, Region, Value, walk
from sourcediff.transform.smaller.optimise import substituted

__all__ = ["taken_apart", "with_unread_parts"]


def taken_apart(op: Op) -> Op:
    """``for item in pairs`` with ``a = item[0]`` as ``for a, b in pairs``."""
    item = op.regions[0].parameters[0] if op.regions[0].parameters else None
    if op.primitive is not FOR or item is None or item.type.kind != "Tuple" or item.type.cls:
        return op
    results: list[Value | None] = [None] * len(item.type.items)
    renamed: dict[Value, Atom] = {}
    for inner in walk(op.regions[0]):
        if inner.primitive is GETITEM and inner.args[0] is item:
            found = results[inner.attribute]
            if found is None:
                found = results[inner.attribute] = inner.result
            renamed[inner.result] = found
        elif item in inner.args or any(item in (r.results or ()) for r in inner.regions):
            return op
    if not renamed or item in (op.regions[0].results or ()):
        return op
    kinds = zip(results, item.type.items, strict=True)
    parts = tuple(Value(part.type, part.name) if part else Value(kind, "_") for part, kind in kinds)
    firsts = zip(results, parts, strict=True)
    new = {one: other for one, other in firsts if one is not None}
    renamed = {value: new[one] for value, one in renamed.items()}  # type: ignore[index]
    body = op.regions[0]
    inner_ops = [
        Op(UNPACK, (item,), parts, site=op.site),
        *substituted(_without(body.ops, renamed), renamed),
    ]
    results_ = body.results
    if results_ is not None:
        results_ = tuple(renamed.get(a, a) if isinstance(a, Value) else a for a in results_)
    return op.replace(regions=(body.replace(inner_ops, results_), *op.regions[1:]))


def with_unread_parts(function: Function) -> Function:
    """``_, number = heapq.heappop(heap)``, where nothing reads the first."""
    read: set[Atom] = {*(function.body.results or ())}
    for op in walk(function.body):
        read.update(op.args)
        for region in op.regions:
            read.update(region.results or ())

    def in_region(region: Region) -> Region:
        return region.replace(list(map(named, region.ops)), region.results)

    def named(op: Op) -> Op:
        if op.primitive is UNPACK and op.order == 0:
            unread = [r.name is None and r not in read for r in op.results]
            pairs = zip(op.results, unread, strict=True)
            parts = tuple(Value(r.type, "_") if gone else r for r, gone in pairs)
            return op.replace(results=parts) if any(unread) else op
        if op.regions:
            return op.replace(regions=tuple(map(in_region, op.regions)))
        return op

    return function.with_body(in_region(function.body))


def _without(ops: Sequence[Op], values: Container[Value]) -> list[Op]:
    """Operations, and those in them, but those that give some values."""
    return [
        op.replace(regions=tuple(r.replace(_without(r.ops, values), r.results) for r in op.regions))
        for op in ops
        if not (op.results and op.results[0] in values)
    ]
