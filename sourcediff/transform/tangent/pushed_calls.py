"""Forward mode of calls that stay calls: a call becomes one of the push-forward.

The push-forward takes the arguments of the call and the tangents of those that vary, and yields the
results and the tangents of those that depend on them. It is made once for each choice of
arguments; a recursive function calls, in its push-forward, that same push-forward.

>>> from sourcediff.called import ENTER
>>> from sourcediff.ir import Function, Value
>>> from sourcediff.transform.adjoint.scaled import MUL
>>> from sourcediff.types import REAL
>>> square = Callee("square")
>>> v, y, x = Value(REAL, "v"), Value(REAL), Value(REAL, "x")
>>> square.function.parameters = [v]
>>> square.function.body = Region([Op(MUL, (v, v), (y,))], (y,))
>>> result = Value(REAL)
>>> call = Op(ENTER, (x,), (result,), (), Activation(square))
>>> from sourcediff.transform.tangent.forward import forward
>>> print(forward(Function("f", [x], Region([call], (result,))), {"x": x}))
f(x: Real, %1: Real):
    %2, %3 = enter x %1 [square_pushforward]
    %4 = tuple %2 %3
    yield %4
>>> print(square.pushforwards[0,].function)
square_pushforward(v: Real, %1: Real):
    %2 = mul v %1
    %3 = mul v v
    %4 = mul 2.0 %2
    yield %3, %4
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcediff.called import Activation, Callee
from sourcediff.ir import Op, Region
from sourcediff.transform.adjoint.expand import expand
from sourcediff.transform.smaller.activity import active_places

if TYPE_CHECKING:
    from sourcediff.transform.tangent.forward import Forward

__all__ = ["push_call", "pushforward_of"]


def push_call(run: Forward, op: Op) -> None:
    """Append the call of the push-forward of what is called, in place of the call."""
    places = active_places(op, run.active)
    callee = pushforward_of(op.attribute.callee, places)
    moves = tuple(run.atom(op.args[k]) for k in places)
    varying = sorted(op.attribute.callee.active[places])
    tangents = tuple(run.beside(op.results[k], lasting=False) for k in varying)
    made = op.replace((*op.args, *moves), (*op.results, *tangents))
    made.attribute = Activation(callee)
    run.builder.append(made)
    for k, tangent in zip(varying, tangents, strict=True):
        run.know(op.results[k], tangent)


def pushforward_of(callee: Callee, places: tuple[int, ...]) -> Callee:
    """The push-forward of a function in the arguments at some places; made when first asked for."""
    found = callee.pushforwards.get(places)
    if found is None:
        found = callee.pushforwards[places] = Callee(f"{callee.name}_pushforward", callee, places)
        _make(found, sorted(callee.active[places]))
    return found


def _make(callee: Callee, varying: list[int]) -> None:
    from sourcediff.transform.tangent.forward import Forward

    primal = callee.primal
    assert primal is not None
    inputs = [primal.function.parameters[k] for k in callee.places]
    function = expand(primal.function, inputs)
    run = Forward(function, inputs)
    tangents = [run.enter(value) for value in inputs]
    # What calls in the body need to know of it while it is being made.
    callee.function.parameters = [*function.parameters, *tangents]
    callee.function.origin = function.origin
    run.settle_in(function.parameters, inputs)
    run.region(function.body.ops)
    run.builder.site = None
    results = function.body.results
    if results is not None:
        results = (*results, *(run.atom(results[k]) for k in varying))
    callee.function.body = Region(run.builder.ops, results)
    callee.function.order = run.builder.order
