"""The length of a list of what objects hold is that of the list of the objects.

A list of an attribute that is made for its length alone is not made: ``[0.0] * len(ps_m)``, with
``ps_m = [p.m for p in ps]``, is ``[0.0] * len(ps)``.
"""

from __future__ import annotations

from sourcediff.frontend.primitives import COLUMN, PURE_CALL
from sourcediff.ir import Atom, Function, Op, Region, Value, walk
from sourcediff.memory import SET_ITEM, SUBSCRIPT
from sourcediff.transform.adjoint.cotangent import SEED
from sourcediff.types import SLICE

__all__ = ["with_lengths_of_objects"]


def with_lengths_of_objects(function: Function) -> Function:
    """The function with lengths of such lists read off the objects, where nothing changes them."""
    columns = {op.result: op.args[0] for op in walk(function.body) if op.primitive is COLUMN}
    if not columns or any(op.primitive is SEED for op in walk(function.body)):
        return function  # the caller may have changed the objects' list before the pullback runs
    for op in walk(function.body):
        for arg in _read(op):
            if arg in columns and not _keeps_length(op, arg):
                del columns[arg]
    if not columns:
        return function
    return function.with_body(_in_region(function.body, columns))


def _read(op: Op) -> list[Value]:
    results = [a for region in op.regions for a in region.results or ()]
    return [a for a in (*op.args, *results) if isinstance(a, Value)]


def _is_length(op: Op) -> bool:
    return op.primitive is PURE_CALL and op.attribute.function is len


def _keeps_length(op: Op, whole: Value) -> bool:
    """Whether an operation only reads a list, or items of it, or puts numbers at its places."""
    if _is_length(op) or op.primitive is SUBSCRIPT:
        return True
    puts = op.primitive is SET_ITEM and op.args[1].type is not SLICE
    return puts and op.args[0] is whole and op.args[2] is not whole


def _in_region(region: Region, columns: dict[Value, Atom]) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.regions:
            op = op.replace(regions=tuple(_in_region(inner, columns) for inner in op.regions))
        elif _is_length(op):
            (whole,) = op.args
            op = op.replace(args=(columns.get(whole, whole),))  # type: ignore[arg-type]
        ops.append(op)
    return region.replace(ops, region.results)
