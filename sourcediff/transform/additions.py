"""Adding to one place of an adjoint, written as what it is: a load, a sum, a store."""

from __future__ import annotations

from sourcediff import types
from sourcediff.ir import Function, Op, Region, Value, walk
from sourcediff.memory import ADD_AT, SET_ITEM, SUBSCRIPT
from sourcediff.transform.scaled import ADD

__all__ = ["write_additions"]


def write_additions(function: Function) -> Function:
    """``whole[index] += value`` for every addition; nothing may be shared after that."""
    if not any(op.primitive is ADD_AT for op in walk(function.body)):
        return function
    return function.with_body(_region(function.body))


def _region(region: Region) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.primitive is ADD_AT:
            whole, index, value = op.args
            before, after = Value(types.REAL), Value(types.REAL)
            made = (
                Op(SUBSCRIPT, (whole, index), (before,), site=op.site, order=op.order),
                Op(ADD, (before, value), (after,), site=op.site, order=op.order),
                Op(SET_ITEM, (whole, index, after), (), site=op.site, order=op.order),
            )
            ops.extend(made)
        else:
            regions = tuple(map(_region, op.regions))
            ops.append(op.replace(regions=regions) if regions else op)
    return region.replace(ops, region.results)
