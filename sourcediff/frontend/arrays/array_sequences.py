"""Arrays that Python's own functions go through: they get a list of the elements.

``list(x)``, ``sorted(x)`` and ``math.hypot(*x)`` of an array are those of ``[v for v in x]``. What
takes an array as it is (``sum``, ``zip``, ``enumerate``) is left as it is.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, array_of
>>> def f(x):
...     return list(x)[0]
>>> print(lower_function(f, {"x": array_of(Slot(REAL), 1)}))
f(x: Array[Real, 1]):
    %1 = list
    for x [list]:
        take %2: Real
        method_of %1 %2 [append]
        yield
    %3 = subscript %1 0
    yield %3
"""

from __future__ import annotations

import ast
import collections
import math
import statistics
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.arrays import is_array
from sourcediff.frontend.iteration.streams import listed, mapped
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Spread
from sourcediff.ir import Value
from sourcediff.rules.table import primitive_of

__all__ = ["list_of_numbers", "listed_array", "with_lists"]

#: What makes a list of what it is given, or measures a list.
_OF_LISTS: tuple[Any, ...] = (
    list,
    tuple,
    sorted,
    collections.deque,
    math.dist,
    math.fsum,
    math.hypot,
    math.prod,
    *(getattr(math, name) for name in ("sumprod",) if hasattr(math, name)),
    statistics.mean,
    statistics.fmean,
    statistics.median,
    statistics.variance,
    statistics.pvariance,
    statistics.stdev,
    statistics.pstdev,
    statistics.geometric_mean,
    statistics.harmonic_mean,
)


def with_lists(
    lowering: Lowering, function: Any, args: list[Binding], node: ast.AST
) -> list[Binding] | None:
    """The arguments of a call with lists for the arrays among them; None if there are none."""
    if not any(function is one for one in _OF_LISTS):
        return None
    found = [_with_list(lowering, arg, node) for arg in args]
    return None if found == args else found


def _with_list(lowering: Lowering, arg: Binding, node: ast.AST) -> Binding:
    if isinstance(arg, Spread):
        made = listed_array(lowering, arg.value, node)
        return arg if made is None else Spread(made)
    return listed_array(lowering, arg, node) or arg


def listed_array(lowering: Lowering, whole: Binding, node: ast.AST) -> Value | None:
    """The list of what an array gives when it is gone through; None of anything else."""
    if not isinstance(whole, Value) or not is_array(whole):
        return None
    return listed(lowering, node, mapped(lowering, [whole], lambda items: items[0]), "list")


def list_of_numbers(lowering: Lowering, whole: Value, node: ast.AST) -> Value:
    """``whole.tolist()``: ``[float(item) for item in whole]``, of several axes in lists."""
    element = whole.type.slots["element"].type
    convert = primitive_of(float, 1) if element is types.REAL else None

    def item(items: list[Binding]) -> Binding:
        row = items[0]
        if isinstance(row, Value) and is_array(row):
            return list_of_numbers(lowering, row, node)
        return items[0] if convert is None else lowering.emit(convert, (lowering.atom(items[0]),))

    return listed(lowering, node, mapped(lowering, [whole], item), "list")
