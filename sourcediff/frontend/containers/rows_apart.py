"""A list of lists that is taken apart with a star: its first or last rows, and a part of it.

    first, *rest = rows        →     first = rows[0]
                                     rest = rows[1:]

The rows stay where they are, so that their adjoints are found there.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, list_of
>>> def f(rows):
...     first, *rest = rows
...     return sum(first) * len(rest)
>>> print(lower_function(f, {"rows": list_of(Slot(list_of(Slot(REAL))))}))
f(rows: List[List[Real]]):
    %1 = slice 1 None None
    first = subscript rows 0
    rest = subscript rows %1
    %2 = pure_call first [builtins.sum]
    %3 = pure_call rest [builtins.len]
    %4 = mul %2 %3
    yield %4
"""

from __future__ import annotations

import ast
import builtins

from sourcediff import types
from sourcediff.frontend.containers.containers import item, slice_of
from sourcediff.frontend.control.joins import DIVERGES, FALLS, Outcome
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.operators import operate_comparison
from sourcediff.frontend.primitives import RAISE
from sourcediff.frontend.values import Binding, Columns, Ref, Static
from sourcediff.ir import Const, Value

__all__ = ["columns_taken_apart", "raise_unless", "rows_apart"]


def rows_apart(
    lowering: Lowering, whole: Value, star: int, names: int, node: ast.expr
) -> list[Binding]:
    """What each of so many names is bound to, of which one is starred."""
    after = names - star - 1
    if star and after:  # else the items are found in their order, or are not there
        size = _built_in(lowering, len, whole)
        enough = operate_comparison(lowering, ast.GtE(), size, _number(names - 1))
        raise_unless(lowering, enough, "not enough values to unpack")
    places = _places(lowering, star, names)
    return [item(lowering, whole, place, node) for place in places]


def columns_taken_apart(
    lowering: Lowering, whole: Columns, star: int | None, names: int, node: ast.expr
) -> list[Binding]:
    """The same of a list of tuples or objects that is a list for each of their parts."""
    from sourcediff.frontend.objects.column_calls import subscript_of_columns

    size = _built_in(lowering, len, whole.lists[0])
    least = _number(names if star is None else names - 1)
    test = ast.Eq() if star is None else ast.GtE()
    fits = operate_comparison(lowering, test, size, least)
    raise_unless(lowering, fits, "not as many values as there are names to unpack them")
    return [
        subscript_of_columns(lowering, whole, place, node)
        for place in _places(lowering, star, names)
    ]


def _places(lowering: Lowering, star: int | None, names: int) -> list[Binding]:
    """Where each name finds what it is bound to: a number, or a slice for the starred one."""
    if star is None:
        return [*map(_number, range(names))]
    after = names - star - 1
    none = Const(None, types.NONE)
    bounds: list[Binding] = [
        _number(star) if star else none,
        _number(-after) if after else none,
        none,
    ]
    return [
        *map(_number, range(star)),
        slice_of(lowering, bounds),
        *map(_number, range(-after, 0)),
    ]


def raise_unless(lowering: Lowering, test: Binding, message: str) -> None:
    """``if not test: raise ValueError(message)``."""

    def fail() -> Outcome:
        error = _built_in(lowering, ValueError, Const(message, types.STR))
        lowering.effect(RAISE, [lowering.exception(error)])
        return DIVERGES

    lowering.branch(test, lambda: FALLS, fail, lambda: FALLS, False)


def _built_in(lowering: Lowering, found: type | object, argument: Binding) -> Binding:
    from sourcediff.frontend.calls.calls import call

    name: str = found.__name__  # type: ignore[union-attr]
    static = Static(found, Ref("module", builtins, (name,)))
    return call(lowering, static, [argument], {}, lowering.node or lowering.frame.node)


def _number(value: int) -> Const:
    return Const(value, types.INT)
