"""What is the same in every turn of a loop is computed before it.

Only what derivatives brought in: the user's own statements stay as they are.
"""

from __future__ import annotations

from sourcediff.ir import FOR, Function, Op, Region, Value
from sourcediff.transform.loops.sequences import Through

__all__ = ["hoist"]

#: Operations that cannot raise on numbers, and are worth a name.
_PURE = ("add", "sub", "mul", "neg")


def hoist(function: Function) -> Function:
    """Move invariant arithmetic of derivative code out of loops."""
    return function.with_body(_region(function.body))


def _region(region: Region) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.regions:
            op = op.replace(regions=tuple(map(_region, op.regions)))
        form = op.attribute.form if isinstance(op.attribute, Through) else op.attribute
        if op.primitive is FOR and form in (None, "list"):
            op = _lightened(op, ops)
        ops.append(op)
    return region.replace(ops, region.results)


def _lightened(op: Op, before: list[Op]) -> Op:
    """A loop without what is invariant in it, which goes before it."""
    (body, *others) = op.regions
    inside: set[Value] = {*body.parameters}
    for each in body.ops:
        inside.update(each.results)
    kept = []
    for each in body.ops:
        if _invariant(each, inside):
            inside.discard(each.result)
            before.append(each)
        else:
            kept.append(each)
    if len(kept) == len(body.ops):
        return op
    return op.replace(regions=(body.replace(kept, body.results), *others))


def _invariant(op: Op, inside: set[Value]) -> bool:
    return (
        op.order > 0
        and op.primitive.name in _PURE
        and op.result.adjoint_of is None
        and op.result.name is None
        and any(isinstance(arg, Value) for arg in op.args)
        and not any(arg in inside for arg in op.args)
    )
