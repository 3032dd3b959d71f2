"""Random numbers drawn from a generator of `random`: one outside, an argument, or made inside.

What is drawn depends on no number that varies; it is drawn once, in the order of the function.

>>> import random
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def f(x):
...     rng = random.Random(7)
...     return x * rng.gauss(0.0, 1.0)
>>> print(lower_function(f, {"x": REAL}))
f(x: Real):
    rng = call 7 [random.Random]
    %1 = call rng 0.0 1.0 [.gauss]
    %2 = mul x %1
    yield %2
"""

from __future__ import annotations

import ast
import random

from sourcediff import types
from sourcediff.frontend.calls.array_draws import call_array_draw, method_of_numpy_generator
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.operators import operate
from sourcediff.frontend.primitives import CALL, CallSpec
from sourcediff.frontend.values import Binding, Bound, Ref, Static
from sourcediff.ir import Atom, Const, Value
from sourcediff.types import Type

__all__ = ["call_draw", "is_generator", "make_generator", "method_of_generator"]

#: What is drawn by each method.
_DRAWN: dict[str, Type] = {
    **dict.fromkeys(
        [
            "betavariate",
            "expovariate",
            "gammavariate",
            "gauss",
            "lognormvariate",
            "normalvariate",
            "paretovariate",
            "random",
            "triangular",
            "uniform",
            "vonmisesvariate",
            "weibullvariate",
        ],
        types.REAL,
    ),
    **dict.fromkeys(["getrandbits", "randint", "randrange"], types.INT),
    "seed": types.NONE,
}

#: The parameters of what Python computes from a standard number; this, and what they are for it.
_STANDARD: dict[str, tuple[tuple[str, str], str, tuple[float, ...]]] = {
    "gauss": (("mu", "sigma"), "gauss", (0.0, 1.0)),
    "normalvariate": (("mu", "sigma"), "normalvariate", (0.0, 1.0)),
    "uniform": (("a", "b"), "random", ()),
}


def is_generator(found: object) -> bool:
    """Whether an object is a generator of random numbers of Python's own kind."""
    return type(found) is random.Random


def make_generator(lowering: Lowering, function: Static, args: list[Binding]) -> Value:
    """``random.Random(seed)``."""
    atoms = [lowering.atom(a) for a in args]
    spec = CallSpec(function.object, lowering.reference_to(function))
    return lowering.emit(CALL, atoms, types.DRAWS, attribute=spec)


def method_of_generator(lowering: Lowering, whole: Binding, name: str) -> Binding | None:
    """``rng.gauss``; None where this is none, or what it gives is not supported."""
    of_numpy = method_of_numpy_generator(lowering, whole, name)
    if of_numpy is not None:
        return of_numpy
    if isinstance(whole, Static) and is_generator(whole.object):
        whole = lowering.load(lowering.reference_to(whole), types.DRAWS)
    if not isinstance(whole, Value) or whole.type is not types.DRAWS:
        return None
    if name not in _DRAWN:
        lowering.error(
            f"{name}() of a generator of random numbers is not supported",
            help="draw numbers (random, uniform, gauss, randint, …), or do it outside",
        )
    return Bound(Static(getattr(random.Random, name)), [whole])


def call_draw(
    lowering: Lowering, function: Binding, args: list[Binding], kwargs: dict[str, Binding]
) -> Binding | None:
    """A call of such a method on a generator; None for any other."""
    drawn = call_array_draw(lowering, function, args, kwargs)
    if drawn is not None:
        return drawn
    if isinstance(function, Static):
        return _of_module(lowering, function, args, kwargs)
    if not isinstance(function, Bound) or len(function.args) != 1 or function.kwargs:
        return None
    (subject,), method = function.args, function.function
    if not isinstance(subject, Value) or subject.type is not types.DRAWS:
        return None
    assert isinstance(method, Static)
    name = method.object.__name__
    if name in _STANDARD and any(isinstance(a, Value) for a in (*args, *kwargs.values())):
        standard, constants = _STANDARD[name][1:]
        spec = CallSpec(getattr(random.Random, standard), None)
        drawn_from: list[Atom] = [subject, *(Const(n, types.REAL) for n in constants)]
        return _standard(lowering, spec, drawn_from, name, args, kwargs)
    kind = _DRAWN[name]
    numbers = [*args, *kwargs.values()]
    if name == "seed":
        atoms: list[Atom] = [lowering.printable(a) for a in numbers]
    else:
        atoms = [lowering.number(a, name) for a in numbers]
    # It is written as a method of its first argument.
    spec = CallSpec(method.object, None, tuple(kwargs))
    if kind is types.NONE:
        lowering.effect(CALL, (subject, *atoms), attribute=spec)
        return Const(None, types.NONE)
    return lowering.emit(CALL, (subject, *atoms), kind, attribute=spec)


def _of_module(
    lowering: Lowering, function: Static, args: list[Binding], kwargs: dict[str, Binding]
) -> Binding | None:
    """``random.gauss(mu, sigma)`` with parameters that may vary; None of any other call."""
    found = function.object
    name = getattr(found, "__name__", None)
    if name not in _STANDARD or getattr(random, name) != found:
        return None
    if not any(isinstance(a, Value) for a in (*args, *kwargs.values())):
        return None
    standard, numbers = _STANDARD[name][1:]
    path, ref = lowering.reference_to(function), Ref("module", random, (standard,))
    if len(path.names) > 1:
        ref = Ref(path.root, path.where, (*path.names[:-1], standard))
    spec = CallSpec(getattr(random, standard), ref)
    return _standard(lowering, spec, [Const(n, types.REAL) for n in numbers], name, args, kwargs)


def _standard(
    lowering: Lowering,
    spec: CallSpec,
    atoms: list[Atom],
    name: str,
    args: list[Binding],
    kwargs: dict[str, Binding],
) -> Binding:
    """``rng.gauss(mu, sigma)`` as Python computes it: ``mu + rng.gauss(0.0, 1.0) * sigma``.

    So what the parameters are made of has derivatives.

    Args:
        spec: the call that draws the standard number.
        atoms: its arguments.
    """
    parameters = _STANDARD[name][0]
    given = {**dict(zip(parameters, args, strict=False)), **kwargs}
    first, second = (
        lowering.number(given.get(p, Const(d, types.REAL)), name)
        for p, d in zip(parameters, (0.0, 1.0), strict=True)
    )
    drawn = lowering.emit(CALL, atoms, types.REAL, attribute=spec)
    if name == "uniform":
        product = operate(lowering, ast.Mult(), operate(lowering, ast.Sub(), second, first), drawn)
    else:
        product = operate(lowering, ast.Mult(), drawn, second)
    return operate(lowering, ast.Add(), first, product)
