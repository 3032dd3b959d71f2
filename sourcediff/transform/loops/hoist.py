"""What is the same in every turn of a loop is computed before it.

Only what derivatives brought in: the user's own statements stay as they are.
"""

from __future__ import annotations

from sourcediff.ir import FOR, Const, Function, Op, Region, Value
from sourcediff.transform.adjoint.scaled import DIV, NEG
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
    moved: list[Op] = []
    for each in body.ops:
        if _invariant(each, inside):
            inside.discard(each.result)
            moved.append(each)
    used = {arg for each in moved for arg in each.args}
    # A sign alone is not worth a name: it makes a sum a difference where it is.
    moved = [each for each in moved if each.primitive is not NEG or each.result in used]
    if not moved:
        return op
    before.extend(moved)
    kept = [each for each in body.ops if each not in moved]
    return op.replace(regions=(body.replace(kept, body.results), *others))


def _is_safe(op: Op) -> bool:
    """Whether an operation on numbers cannot raise."""
    if op.primitive is DIV:
        return isinstance(op.args[1], Const) and op.args[1].value != 0
    return op.primitive.name in _PURE


def _invariant(op: Op, inside: set[Value]) -> bool:
    return (
        op.order > 0
        and _is_safe(op)
        and op.result.adjoint_of is None
        and op.result.name is None
        and any(isinstance(arg, Value) for arg in op.args)
        and not any(arg in inside for arg in op.args)
    )
