"""Reverse mode from any adjoint of the result.

The reverse code starts from an adjoint that is handed in (`SEED`), which stands between it and
the forward code. Where all passes have done their work, the function is cut there (see
`nested_pullback`).

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def f(x):
...     return x * x
>>> function = lower_function(f, {"x": REAL})
>>> print(reverse_from_seed(function, function.parameters))
f(x: Real):
    %1 = mul x x
    %2 = seed
    %3 = mul %2 x
    %4 = mul 2.0 %3
    %5 = tuple %4
    %6 = tuple %1 %5
    yield %6
"""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff import types
from sourcediff.frontend.primitives import TUPLE, UNPACK
from sourcediff.frontend.values import Binding
from sourcediff.ir import Atom, Const, Function, Op, Primitive, Region, Value
from sourcediff.transform.adjoint.adjoints import Adjoints, named
from sourcediff.transform.adjoint.reverse import Reverse
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.adjoint.structures import differentiated, with_reads
from sourcediff.transform.tangent.forward import require_numbers
from sourcediff.types import Type

__all__ = ["SEED", "reverse_from_seed"]


def _cut_out(*_: object) -> None:
    raise AssertionError("between differentiation and the cut only")


#: The adjoint of the result, which is handed in. It stands between forward and reverse code.
SEED = Primitive("seed", _cut_out, effect=True)
NOTHING = Const(None, types.NONE)


def reverse_from_seed(function: Function, arguments: Sequence[Binding | None]) -> Function:
    """The value of a function and the adjoints of its arguments, for an adjoint handed in.

    Args:
        function: a function that yields numbers: one, or tuples and lists of them.
        arguments: the bindings of its arguments, in order; None for what is no number, whose
            adjoint is None.

    Returns:
        A function that yields a pair: the value, and the tuple of the adjoints.

    Raises:
        DifferentiationError: the result holds something else than numbers, or an operation on the
            way has no derivative.
    """
    if function.body.results is None:
        return function  # it always raises, and so does its derivative
    (result,) = function.body.results
    require_numbers(function, result.type)
    inputs = [leaf for found in arguments if found is not None for leaf in differentiated(found)]
    function = with_reads(function, inputs)
    run = Reverse(function, inputs)
    adjoints = Adjoints()
    run.lists.settle_in([*function.parameters, *inputs], adjoints)
    ends: list[tuple[Atom, Scaled]] = []
    seed = _seed(run, result)
    order = run.builder.order
    run.builder.append(Op(SEED, (), (seed,)))
    _take_apart(run, result, seed, ends)
    forward = run.turn_round(function.body.ops, adjoints, ends)
    run.flush()
    found = tuple(
        NOTHING if argument is None else run.gradient(argument, adjoints) for argument in arguments
    )
    run.builder.site = None
    answer = run.builder.emit(TUPLE, found, types.tuple_of(g.type for g in found))
    pair = (result, answer)
    answer = run.builder.emit(TUPLE, pair, types.tuple_of(a.type for a in pair))
    forward = run.lists.lengths.with_taken(forward)
    code = run.rewritten(run.builder.ops)
    return function.with_body(Region([*forward, *code], (answer,)), order)


def _seed(run: Reverse, result: Atom) -> Value:
    """The parameter of the pullback."""
    kind = _structure(run, result.type)
    variable = result if isinstance(result, Value) and named(result) else Value(result.type, "y")
    return Value(kind, None, variable)


def _structure(run: Reverse, t: Type) -> Type:
    """The type of the adjoints of what a result holds."""
    if t.kind == "Tuple":
        return types.tuple_of(_structure(run, item) for item in t.items)
    return run.lists.kind(t) if t.kind == "List" else types.REAL


def _take_apart(run: Reverse, atom: Atom, seed: Value, ends: list[tuple[Atom, Scaled]]) -> None:
    """Note the adjoint of every number and list in a result."""
    if atom.type.kind != "Tuple":
        ends.append((atom, Scaled(1.0, seed)))
        return
    made = run.builder.definitions.get(atom)  # type: ignore[arg-type]
    if made is None or made.primitive is not TUPLE:
        return  # it does not vary
    items = tuple(
        Value(kind, None, arg if isinstance(arg, Value) and named(arg) else None)
        for arg, kind in zip(made.args, seed.type.items, strict=True)
    )
    run.builder.append(Op(UNPACK, (seed,), items, order=run.builder.order))
    for arg, item in zip(made.args, items, strict=True):
        _take_apart(run, arg, item, ends)
