"""Tuples of numbers of which only the run knows the place: they are lists that nobody changes.

A tuple dissolves into its items while compiling. Where one is gone through, indexed by what the
run computes, or put into a list, it stays one value: a list in all but its class. So does an
argument that is a tuple, where the function does that to it.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, tuple_of
>>> def f(t):
...     total = 0.0
...     for v in t:
...         total += v
...     return total
>>> print(lower_function(f, {"t": tuple_of((REAL, REAL))}))
f(t: List[Real]):
    total, v = for t 0.0 unbound:
        take v.1: Real, total.1: Real, v.2: MaybeUnbound[Real]
        total.2 = add total.1 v.1
        yield total.2, v.1
    yield total
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TypeGuard

from sourcediff import types
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Tup
from sourcediff.ir import Const, Value
from sourcediff.memory import LIST
from sourcediff.types import Type

__all__ = ["are_rows", "as_row", "gone_through", "is_row", "of_numbers"]


def is_row(whole: Binding) -> bool:
    """Whether a binding is a tuple of real numbers, not all of them constants."""
    return _holds_numbers(whole) and any(isinstance(item, Value) for item in whole.items)


def are_rows(items: Sequence[Binding]) -> bool:
    """Whether bindings are tuples of real numbers: all vary, or they are as long as each other."""
    if not all(map(_holds_numbers, items)) or not any(map(is_row, items)):
        return False
    known = [item for item in items if isinstance(item, Tup)]
    if any(item.cls is list for item in known):
        return all(map(is_row, items))
    return all(map(is_row, items)) or len({len(item.items) for item in known}) == 1


def _holds_numbers(whole: Binding) -> TypeGuard[Tup]:
    """Whether a binding is a tuple of real numbers and constants."""
    if not isinstance(whole, Tup) or hasattr(whole.cls, "_fields") or whole.cls is complex:
        return False
    for item in whole.items:
        if not isinstance(item, Value | Const) or not types.is_number(item.type):
            return False
        if isinstance(item, Value) and item.type is not types.REAL:
            return False
    return True


def as_row(lowering: Lowering, whole: Tup, node: ast.AST | None = None) -> Value:
    """A tuple of numbers as a value.

    Raises:
        Widened: it is an argument, or a list that is written as such: to be lowered again.
    """
    if whole.cls is complex:
        lowering.error("a complex number is no sequence", node)
    if whole.parameter is not None:
        lowering.memo.written.add(gone_through(whole.parameter))
        raise types.Widened
    if whole.cls is list:
        lowering.in_memory(whole)
    slot = lowering.slot(node or lowering.node or lowering.frame.node, "Tuple")
    lowering.put(slot, types.REAL, "this tuple")
    kind = types.list_of(slot, cls=tuple)
    return lowering.emit(LIST, [lowering.atom(i) for i in whole.items], kind)


def gone_through(parameter: str) -> tuple[str, str]:
    """What is noted of a parameter that has to stay one value."""
    return ("gone through", parameter)


def of_numbers(kind: Type) -> bool:
    """Whether a type is that of a plain tuple of real numbers."""
    return (
        kind.kind == "Tuple"
        and kind.cls is None
        and bool(kind.items)
        and all(item is types.REAL for item in kind.items)
    )
