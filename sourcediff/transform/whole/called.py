"""Calls of functions that are values: of one made here, or of one that has a rule."""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff import ir, memory, types
from sourcediff.frontend.primitives import LOAD, PURE_CALL, CallSpec
from sourcediff.ir import Atom, Function, Invocation, Op, Value
from sourcediff.rules.table import primitive_of
from sourcediff.transform.whole.build import (
    NOTHING,
    refuse,
)
from sourcediff.transform.whole.normal import Normal
from sourcediff.transform.whole.shapes import element
from sourcediff.types import INT

__all__ = ["call_value"]


def call_value(normal: Normal, called: Atom, args: Sequence[Atom], op: Op) -> Atom:
    """A call of a function that is a value: one made here, or one that has a rule."""
    made = normal.definition(called)
    if made is not None and made.primitive is memory.MAKE_FUNCTION:
        function: Function = normal.program.function(made.attribute)
        returns = made.attribute.returns
        args = normal.arguments(made.attribute, args)
        if returns is None or returns in (types.NONE, types.NEVER):
            normal.code.op(
                ir.INVOKE,
                (normal.atom(called), *args),
                None,
                Invocation(function, "closure", name=function.name),
            )
            return NOTHING
        return normal.code.op(
            ir.INVOKE,
            (normal.atom(called), *args),
            returns,
            Invocation(function, "closure", name=function.name),
        )
    if made is not None and made.primitive is LOAD:
        found_function = made.attribute.read()
        primitive = primitive_of(found_function, len(args))
        if primitive is not None and primitive.typing is not None:
            found = primitive.typing(*(arg.type for arg in args))
            if found is not None:
                return normal.code.op(primitive, args, found)
        if found_function in (sum, max, min, len) and len(args) == 1:
            kind = INT if found_function is len else element(args[0].type)
            spec = CallSpec(found_function, made.attribute)
            call = Op(PURE_CALL, tuple(args), (Value(kind),), attribute=spec, site=op.site)
            normal.handlers[PURE_CALL](normal, call)
            return normal.atom(call.result)
    raise refuse(op.site, "a call of a function that only the run knows is not supported")
