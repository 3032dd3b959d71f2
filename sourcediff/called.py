"""Calls that stay calls in what is differentiated: of recursive functions, and of large ones.

A `Callee` is a function that calls go to. It has a name and parameters before its body is known,
as a recursion needs them. `ENTER` calls it: the arguments match its parameters, and the results
are what it yields, one for each number of a tuple. A callee changes nothing that its caller has.
Its *pullback* takes its arguments once more, then the adjoints of its results, and yields the
adjoints of the arguments that are differentiated. It computes again what the function computed:
that the two share that work is decided last (`transform.calls.split`), so a pullback is a function
like any other until then, and can be differentiated.

>>> from sourcediff.ir import Op
>>> from sourcediff.types import REAL
>>> half = Activation(Callee("half"))
>>> x, y = Value(REAL, "x"), Value(REAL)
>>> print(Function("f", [x], Region([Op(ENTER, (x,), (y,), (), half)], (y,))))
f(x: Real):
    %1 = enter x [half]
    yield %1
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sourcediff.ir import Function, Primitive, Region, Value, walk

__all__ = [
    "ENTER",
    "ENTERS",
    "ENTER_ADDING",
    "ENTER_IN_ORDER",
    "Activation",
    "Callee",
    "callees_in",
    "callees_of",
]


def _entered(*_: Any) -> Any:
    raise AssertionError("a call is entered by the text that is written of it")


#: A call of a `Callee`; its attribute is an `Activation`.
ENTER = Primitive("enter", _entered, raises=True, cost=10_000)
#: The same where the callee has an effect: ``print``, ``assert``.
ENTER_IN_ORDER = Primitive("enter", _entered, effect=True, raises=True, cost=10_000)
#: The same of a pullback that adds the adjoints of lists to lists that it is handed. It is made for
#: the text only, and is not differentiated again.
ENTER_ADDING = Primitive("enter", _entered, writes=True, raises=True, cost=10_000)
ENTERS = (ENTER, ENTER_IN_ORDER, ENTER_ADDING)


class Callee:
    """A function that calls go to.

    function    its parameters and its body, once that is known; what it yields are its results
    whole       of a pullback: the same, which yields the results of the primal first
    primal      of a pullback, what it is the pullback of, and `places` those of the arguments that
                it differentiates; `seeded` those of the results whose adjoints it takes
    adding      whether it adds the adjoints of lists to lists that it is handed last
    pullbacks   by those places, and whether they add
    pushforwards  by those places, the same of forward mode, which yield the results of the primal
    active      by those places, the results that depend on these arguments
    """

    __slots__ = (
        "active",
        "adding",
        "function",
        "places",
        "primal",
        "pullbacks",
        "pushforwards",
        "ready",
        "seeded",
        "whole",
    )

    def __init__(
        self, name: str, primal: Callee | None = None, places: tuple[int, ...] = ()
    ) -> None:
        self.function = Function(name, (), Region([], None))
        self.whole: Function | None = None
        self.primal = primal
        self.places = places
        self.seeded: tuple[int, ...] = ()
        self.adding = False
        self.pullbacks: dict[tuple[tuple[int, ...], bool], Callee] = {}
        self.pushforwards: dict[tuple[int, ...], Callee] = {}
        self.active: dict[tuple[int, ...], set[int]] = {}
        #: Whether the body is optimised.
        self.ready = False

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.function.name

    @property
    def parameters(self) -> list[Value]:
        """What its arguments are bound to."""
        return list(self.function.parameters)

    def __repr__(self) -> str:
        return self.name


class Activation:
    """One call of a callee; that of a pullback is `of` an earlier one, with the same arguments."""

    __slots__ = ("callee", "of")

    def __init__(self, callee: Callee, of: Activation | None = None) -> None:
        self.callee = callee
        self.of = of

    def __repr__(self) -> str:
        return self.callee.name


def callees_of(function: Function) -> Iterator[Callee]:
    """All that a function calls, and what those call, each once."""
    found: dict[Callee, None] = {}
    pending: list[Region] = [function.body]
    while pending:
        for callee in callees_in(pending.pop()):
            if callee not in found:
                found[callee] = None
                pending.append(callee.function.body)
                if callee.whole is not None:
                    pending.append(callee.whole.body)
    yield from found


def callees_in(region: Region) -> Iterator[Callee]:
    """What the operations of a region call."""
    for op in walk(region):
        if op.primitive in ENTERS:
            yield op.attribute.callee
