"""Zeros in the shape of an argument: where the adjoints of its items are added up."""

from __future__ import annotations

from sourcediff import types
from sourcediff.ir import FOR, Const, Op, Region, Value
from sourcediff.memory import LIST, METHOD_OF, OPERATE, MethodSpec
from sourcediff.transform.adjoint.scaled import AdjointBuilder
from sourcediff.transform.loops.sequences import call

__all__ = ["zeros_like"]

ZERO = Const(0.0, types.REAL)


def zeros_like(builder: AdjointBuilder, whole: Value) -> Value:
    """``[0.0] * len(whole)``, or a list of such lists."""
    element = whole.type.slots["element"].type
    if element.kind != "List":
        one = builder.emit(LIST, (ZERO,), types.list_of(types.Slot(types.REAL)))
        length = call(len, (whole,), types.INT, builder.site)
        builder.append(length)
        return builder.emit(OPERATE, (one, length.result), one.type, "*")
    kind = types.list_of(types.Slot(types.list_of(element.slots["element"])))
    made = builder.emit(LIST, (), kind)
    item = Value(element, "row")
    with builder.block() as code:
        inner = zeros_like(builder, item)
        spec = MethodSpec("append", writes=True)
        builder.append(Op(METHOD_OF, (made, inner), (), (), spec, builder.site, builder.order))
    region = Region(code, (), None, (item,))
    builder.append(Op(FOR, (whole,), (), (region,), "list", builder.site, builder.order))
    return made
