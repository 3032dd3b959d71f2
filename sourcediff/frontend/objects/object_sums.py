"""Sums of objects that say by ``__add__`` what that is.

``sum(vectors, start)`` is ``total = start`` and ``for v in vectors: total = total + v``. Without a
start it begins with ``0 + vectors[0]``, which asks ``__radd__``.
"""

from __future__ import annotations

import ast
import operator

from sourcediff import types
from sourcediff.frontend.containers.containers import item, slice_of
from sourcediff.frontend.iteration.folds import reduced
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.column_calls import subscript_of_columns
from sourcediff.frontend.objects.own_order import class_of_items
from sourcediff.frontend.operators import operate
from sourcediff.frontend.values import Binding, Columns, Static
from sourcediff.ir import Const, Value

__all__ = ["sum_of_objects"]

_NONE = Const(None, types.NONE)
_ZERO, _ONE = Const(0, types.INT), Const(1, types.INT)


def sum_of_objects(
    lowering: Lowering,
    function: Static,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST,
) -> Binding | None:
    """``sum(whole, start)`` of a list of objects; None for any other call."""
    if function.object is not sum or not args or kwargs.keys() - {"start"}:
        return None
    whole = args[0]
    if class_of_items(whole) is None:
        return None

    def add(total: Binding, found: Binding) -> Binding:
        return operate(lowering, ast.Add(), total, found)

    start = args[1] if len(args) > 1 else kwargs.get("start")
    if start is None:
        start = add(_ZERO, _part(lowering, whole, _ZERO, node))
        whole = _part(lowering, whole, slice_of(lowering, [_ONE, _NONE, _NONE]), node)
    return reduced(lowering, node, whole, start, Static(operator.add), add)


def _part(lowering: Lowering, whole: Binding, index: Binding, node: ast.AST) -> Binding:
    if isinstance(whole, Columns):
        return subscript_of_columns(lowering, whole, index, node)
    assert isinstance(whole, Value)
    return item(lowering, whole, index, node)
