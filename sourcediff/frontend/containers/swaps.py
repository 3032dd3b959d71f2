"""Lowering of what swaps two rows: ``m[i], m[j] = m[j], m[i]``, where derivatives are made.

One operation, as no row is in two places at any time: what it was read as, and stored as, would be.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, list_of
>>> def f(m):
...     m[0], m[1] = m[1], m[0]
...     return m[0][0]
>>> print(lower_function(f, {"m": list_of(Slot(list_of(Slot(REAL))))}))
f(m: List[List[Real]]):
    swap_items m 0 1
    %1 = subscript m 0
    %2 = subscript %1 0
    yield %2
"""

from __future__ import annotations

import ast

from sourcediff import types
from sourcediff.frontend.expressions import lower_expression
from sourcediff.frontend.lowering import Lowering
from sourcediff.ir import Value
from sourcediff.memory import SWAP_ITEMS

__all__ = ["swap_rows"]

#: What an expression is made of that gives the same each time, and changes nothing.
_PLAIN = (
    ast.Name,
    ast.Constant,
    ast.Attribute,
    ast.BinOp,
    ast.UnaryOp,
    ast.operator,
    ast.unaryop,
    ast.expr_context,
)


def swap_rows(lowering: Lowering, node: ast.Assign) -> bool:
    """Lower an assignment that swaps two rows of a list of lists; False for any other."""
    places = _swapped(node)
    if places is None or lowering.faithful:
        return False
    base, one, other = places
    whole = lower_expression(lowering, base)
    if not isinstance(whole, Value) or whole.type.kind != "List":
        return False
    if whole.type.slots["element"].read().kind != "List":
        return False
    indices = [lowering.atom(lower_expression(lowering, index)) for index in (one, other)]
    if not all(types.is_number(index.type) for index in indices):
        return False
    lowering.effect(SWAP_ITEMS, (whole, *indices))
    return True


def _swapped(node: ast.Assign) -> tuple[ast.expr, ast.expr, ast.expr] | None:
    """The list and the two places, as they are written."""
    target, *others = node.targets
    if others or not isinstance(target, ast.Tuple) or not isinstance(node.value, ast.Tuple):
        return None
    parts = [*target.elts, *reversed(node.value.elts)]
    items = [part for part in parts if isinstance(part, ast.Subscript)]
    if len(parts) != 4 or len(items) != 4 or not all(map(_is_plain, items)):
        return None
    texts = [ast.unparse(item) for item in items]
    bases = {ast.unparse(item.value) for item in items}
    if texts[:2] != texts[2:] or len(bases) > 1:
        return None
    return items[2].value, items[2].slice, items[3].slice


def _is_plain(item: ast.Subscript) -> bool:
    return all(isinstance(n, _PLAIN) for part in (item.value, item.slice) for n in ast.walk(part))
