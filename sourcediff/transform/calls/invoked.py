"""The last step of calls that stay calls: functions beside the derivative, which its text calls.

>>> from sourcediff.called import ENTER, Activation, Callee
>>> from sourcediff.types import REAL
>>> swap, a, b = Callee("swap"), Value(REAL, "a"), Value(REAL, "b")
>>> swap.function.parameters, swap.function.body = [a, b], Region([], (b, a))
>>> x, one, other = Value(REAL, "x"), Value(REAL), Value(REAL)
>>> call = Op(ENTER, (x, 1.0), (one, other), (), Activation(swap))
>>> made = with_functions(Function("f", [x], Region([call], (one,))), {swap: swap.function})
>>> print(made)
f(x: Real):
    %1 = invoke x 1.0 [swap]
    %2, %3 = unpack %1
    yield %2
>>> print(made.body.ops[0].attribute.function)
swap(a: Real, b: Real):
    %1 = tuple b a
    yield %1
"""

from __future__ import annotations

from collections.abc import Mapping

from sourcediff import types
from sourcediff.called import ENTERS, Callee
from sourcediff.frontend.primitives import TUPLE, UNPACK
from sourcediff.ir import INVOKE, Const, Function, Invocation, Op, Region, Value

__all__ = ["with_functions"]


def with_functions(function: Function, bodies: Mapping[Callee, Function]) -> Function:
    """A function whose calls are of functions that return one value.

    Args:
        function: what calls.
        bodies: by what is called, the function that is to be called.
    """
    if not bodies:
        return function
    made = {callee: body.with_body(body.body) for callee, body in bodies.items()}
    for each in made.values():
        each.body = _returning_one(_invoking(each.body, made))
    return function.with_body(_invoking(function.body, made))


def _returning_one(body: Region) -> Region:
    if body.results is None or len(body.results) == 1:
        return body
    if not body.results:
        return body.replace(body.ops, (Const(None, types.NONE),))
    whole = Value(types.tuple_of(atom.type for atom in body.results))
    return body.replace([*body.ops, Op(TUPLE, body.results, (whole,))], (whole,))


def _invoking(region: Region, made: Mapping[Callee, Function]) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.primitive not in ENTERS:
            inner = tuple(_invoking(r, made) for r in op.regions)
            ops.append(op.replace(regions=inner) if inner else op)
            continue
        invocation = Invocation(made[op.attribute.callee])
        results = op.results
        if len(results) > 1:
            results = (Value(types.tuple_of(r.type for r in results)),)
        ops.append(Op(INVOKE, op.args, results, (), invocation, op.site, op.order))
        if len(op.results) > 1:
            ops.append(Op(UNPACK, results, op.results, (), None, op.site, op.order))
    return region.replace(ops, region.results)
