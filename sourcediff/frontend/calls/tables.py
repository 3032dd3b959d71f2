"""Tables of functions: ``OPS["add"](x, y)``, ``[math.sin, math.cos][k](x)``.

A table is known while compiling, so a call through it is one of a known function; where only the
run knows the place, one of several, chosen by tests. The items of a table outside of the function
are guarded, as any function outside is.

>>> import math
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def f(x, k):
...     return (math.sin, math.cos)[k](x)
>>> print(lower_function(f, {"x": REAL, "k": REAL}))
f(x: Real, k: Real):
    %1 = tuple 0 1
    %2 = subscript %1 k
    %3 = eq %2 0
    %4 = if %3:
        %5 = math.sin x
        yield %5
    else:
        %6 = math.cos x
        yield %6
    yield %4
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from sourcediff import types
from sourcediff.frontend.control.joins import TRUE
from sourcediff.frontend.objects.dissolved import fields_of
from sourcediff.frontend.objects.outside import FUNCTIONS
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Choice,
    Closure,
    Dissolved,
    Rec,
    Static,
    Tup,
)
from sourcediff.ir import Atom, Const, Value
from sourcediff.rules.table import primitive_of

if TYPE_CHECKING:
    from sourcediff.frontend.lowering import Lowering

__all__ = ["chosen", "is_table"]


def is_table(lowering: Lowering, whole: Binding) -> bool:
    """Whether something holds nothing but functions."""
    if isinstance(whole, Dissolved):
        held = list(fields_of(lowering, whole).values()) if whole.cls is dict else []
    elif isinstance(whole, Rec):
        held = list(whole.items.values())
    else:
        held = whole.items if isinstance(whole, Tup) else []
    return bool(held) and all(
        isinstance(item, Closure | Bound | Choice)
        or (isinstance(item, Static) and isinstance(item.object, FUNCTIONS))
        for item in held
    )


def chosen(lowering: Lowering, whole: Binding, index: Value, node: ast.expr) -> Binding:
    """The function at a place of a table that only the run knows."""
    if isinstance(whole, Tup):
        return _by_place(lowering, whole, index, node)
    items = whole.items if isinstance(whole, Rec) else fields_of(lowering, whole)  # type: ignore[arg-type]
    keys = {lowering.constant(key): item for key, item in items.items()}
    if None in keys:
        lowering.error("a computed key is not supported", node, "use a constant key")
    tests = [lowering.emit(_EQUAL, (index, key)) for key in keys if key is not None]
    _require_one(lowering, tests)
    return _one_of(tests, list(keys.values()))


_EQUAL: Any = primitive_of(ast.Eq())


def _by_place(lowering: Lowering, whole: Tup, index: Value, node: ast.expr) -> Binding:
    from sourcediff.frontend.containers.containers import item

    places: list[Binding] = [Const(k, types.INT) for k in range(len(whole.items))]
    # Python's own look-up raises where there is no such place, and knows negative ones.
    place = lowering.atom(item(lowering, lowering.atom(Tup(places)), index, node))
    tests = [lowering.emit(_EQUAL, (place, Const(k, types.INT))) for k in range(len(places) - 1)]
    return _one_of(tests, whole.items)


def _one_of(tests: list[Value], functions: list[Binding]) -> Binding:
    found = functions[-1]
    for test, function in reversed(list(zip(tests, functions[:-1], strict=False))):
        found = Choice(test, function, found)
    return found


def _require_one(lowering: Lowering, tests: list[Value]) -> None:
    """Raise KeyError, as Python does, where no test holds."""
    from sourcediff.frontend.control.statements import raises

    def any_of(tests: list[Value]) -> Atom:
        first, *others = tests
        if not others:
            return first
        return lowering.atom(lowering.choose(first, lambda: TRUE, lambda: any_of(others), "or"))

    known = any_of(tests)
    message = "the table of functions has no such key"
    lowering.choose(known, lambda: TRUE, lambda: raises(lowering, KeyError, message))
