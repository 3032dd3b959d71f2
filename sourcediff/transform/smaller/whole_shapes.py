"""The shape of an array as a whole: ``rng.random(x.shape)`` for ``rng.random((x.shape[0],))``.

The lengths of the axes are taken apart where the shape is read, and put together where it is used.

>>> from sourcediff.ir import Region
>>> from sourcediff.types import INT, REAL, Slot, array_of, tuple_of
>>> x, one = Value(array_of(Slot(REAL), 1), "x"), tuple_of([INT])
>>> shape, length, whole = Value(one), Value(INT), Value(one)
>>> ops = [
...     Op(GETATTR, (x,), (shape,), attribute="shape"),
...     Op(GETITEM, (shape,), (length,), attribute=0),
...     Op(TUPLE, (length,), (whole,)),
... ]
>>> function = with_whole_shapes(Function("f", (x,), Region(ops, (whole,))))
>>> function.body.results == (shape,)
True
"""

from __future__ import annotations

from sourcediff.frontend.primitives import GETATTR, GETITEM, TUPLE
from sourcediff.ir import Atom, Function, Op, Value, walk
from sourcediff.transform.smaller.optimise import substituted
from sourcediff.types import rank_of

__all__ = ["with_whole_shapes"]


def with_whole_shapes(function: Function) -> Function:
    """The function with shapes for tuples of all their items, in order, that have no names."""
    definitions = {r: op for op in walk(function.body) for r in op.results}
    whole: dict[Value, Atom] = {}
    for op in walk(function.body):
        if op.primitive is TUPLE and op.result.type.cls is None and op.result.name is None:
            shape = _shape_of(op, definitions)
            if shape is not None:
                whole[op.result] = shape
    if not whole:
        return function
    results = function.body.results
    if results is not None:
        results = tuple(whole.get(a, a) if isinstance(a, Value) else a for a in results)
    return function.with_body(
        function.body.replace(substituted(function.body.ops, dict(whole)), results)
    )


def _shape_of(op: Op, definitions: dict[Value, Op]) -> Value | None:
    """The shape that a tuple holds all items of."""
    found: set[Value] = set()
    for place, item in enumerate(op.args):
        made = definitions.get(item) if isinstance(item, Value) and item.name is None else None
        if made is None or made.primitive is not GETITEM or made.attribute != place:
            return None
        found.add(made.args[0])  # type: ignore[arg-type]
    if len(found) != 1:
        return None
    (shape,) = found
    read = definitions.get(shape)
    if read is None or read.primitive is not GETATTR or read.attribute != "shape":
        return None
    return shape if rank_of(read.args[0].type) == len(op.args) else None
