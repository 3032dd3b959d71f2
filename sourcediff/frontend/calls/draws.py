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

import random

from sourcediff import types
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import CALL, CallSpec
from sourcediff.frontend.values import Binding, Bound, Static
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
    if not isinstance(function, Bound) or len(function.args) != 1 or function.kwargs:
        return None
    (subject,), method = function.args, function.function
    if not isinstance(subject, Value) or subject.type is not types.DRAWS:
        return None
    assert isinstance(method, Static)
    name = method.object.__name__
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
