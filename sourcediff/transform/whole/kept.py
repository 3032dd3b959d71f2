"""A pullback that is called more than once: what a reverse sweep changes is put back before it.

A reverse sweep uses up what the forward sweep kept. It takes values off lists, adds to shadows,
which shrink as it goes, and gives arrays that were written their old numbers. For a pullback the
forward sweep notes all of these on a list when it makes them, and what they hold when it has ended.

>>> from sourcediff.ir import Function, Value
>>> from sourcediff.types import REAL, Slot, list_of
>>> ops = [Op(memory.LIST, (), (Value(list_of(Slot(REAL)), "xs"),), order=1)]
>>> kept = Value(list_of(Slot(REAL)), "kept")
>>> print(Function("f", [kept], note_made(Region(ops, ()), kept, 1)))
f(kept: List[Real]):
    xs = list
    method_of kept xs [append]
    yield
"""

from __future__ import annotations

from sourcediff import memory
from sourcediff.frontend.primitives import CALL, PURE_CALL, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import Op, Region, Value
from sourcediff.memory import MethodSpec
from sourcediff.rules.array_helpers import put_back, what_they_hold
from sourcediff.transform.whole.build import Code
from sourcediff.transform.whole.shapes import inner
from sourcediff.types import NONE, OBJECT

__all__ = ["note_made", "restore", "state_of"]

_HOLDERS = ("List", "Dict", "Record", "Object")
_ZEROS = ("zeros", "zeros_like", "reshaped_alike")


def note_made(region: Region, kept: Value, order: int) -> Region:
    """The same, where all that is made for the reverse is put on a list as well."""
    ops: list[Op] = []
    for op in region.ops:
        regions = tuple(note_made(one, kept, order) for one in op.regions)
        ops.append(op.replace(regions=regions) if regions else op)
        if op.order == order and op.results and _is_made(op):
            append = MethodSpec("append", (), True)
            args = (kept, op.result)
            ops.append(Op(memory.METHOD_OF, args, (), (), append, op.site, order))
    return Region(ops, region.results, region.site, region.parameters)


def _is_made(op: Op) -> bool:
    """Whether an operation makes something new that the reverse may change."""
    kind = inner(op.result.type).kind
    if op.primitive in (memory.LIST, memory.DICT):
        return True
    if op.primitive is not PURE_CALL:
        return False
    name = getattr(op.attribute.function, "__name__", "")
    return kind in _HOLDERS or (kind == "Array" and name in _ZEROS)


def state_of(code: Code, kept: Value) -> Value:
    """What all that was noted holds now."""
    return code.call(what_they_hold, kept, type=OBJECT)


def restore(code: Code, state: Value) -> None:
    """Put that back."""
    ref = Ref("object", put_back, ("put_back",))
    code.op(CALL, (state,), NONE, CallSpec(put_back, ref))
