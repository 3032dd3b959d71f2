"""Adjoints of lists of lists, to any depth: zeros in their shape, and sums item by item.

Beside ``weights``, a list of matrices, the reverse code makes

    weights_bar = [[[0.0] * len(row) for row in matrix] for matrix in weights]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcediff.ir import FOR, Atom, Const, Op, Region, Value
from sourcediff.memory import LIST, METHOD_OF, OPERATE, SUBSCRIPT, MethodSpec
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.arrays.code import is_array
from sourcediff.types import REAL, Type

if TYPE_CHECKING:
    from sourcediff.transform.lists.shadows import Shadows

__all__ = ["add_lists", "item_name", "require_depth", "zeros_beside"]

ZERO = Const(0.0, REAL)
APPEND = MethodSpec("append", writes=True)
#: Deeper lists are taken for lists that hold themselves.
MAX_DEPTH = 12
#: What the text calls the places in a list, in a list of that, and so on.
INDICES = "ijkl"


def zeros_beside(lists: Shadows, whole: Value, kind: Type) -> Value:
    """Zeros for the items of a list that is at hand: numbers, arrays or lists."""
    builder = lists.run.builder
    if kind.slots["element"].type is REAL:
        one = builder.emit(LIST, (ZERO,), kind)
        return builder.emit(OPERATE, (one, lists.call(len, whole)), kind, "*")
    made = builder.emit(LIST, (), kind)
    item = Value(whole.type.slots["element"].type, item_name(kind))
    if is_array(item):
        lists.of_arrays.add(made)
    with builder.block() as code:
        inner: Atom
        if is_array(item):
            inner = lists.run.arrays.zero(item)
        else:
            inner = zeros_beside(lists, item, kind.slots["element"].type)
        builder.append(Op(METHOD_OF, (made, inner), (), (), APPEND, builder.site, builder.order))
    region = Region(code, (), None, (item,))
    builder.append(Op(FOR, (whole,), (), (region,), "list", builder.site, builder.order))
    return made


def item_name(kind: Type) -> str:
    """What the text calls an item: a row of numbers, or what is made up of rows."""
    inner = kind.slots["element"].type
    if inner.kind != "List" or inner.slots["element"].type.kind != "List":
        return "row"
    return "rows" if inner.slots["element"].type.slots["element"].type.kind != "List" else "block"


def add_lists(lists: Shadows, target: Value, other: Value | Scaled, depth: int = 0) -> None:
    """Add the items of one list of adjoints, or one adjoint of all items, to those of another."""
    builder = lists.run.builder
    element = target.type.slots["element"].type

    def turn(place: Value) -> None:
        if isinstance(other, Scaled):
            lists.add_at(target, place, builder.real_atom(other))
        elif element.kind == "List":
            row = builder.emit(SUBSCRIPT, (other, place), other.type.slots["element"].type)
            add_lists(lists, builder.emit(SUBSCRIPT, (target, place), element), row, depth + 1)
        else:
            lists.add_at(target, place, lists.share(other, place))

    lists.each(lists.call(len, target), turn, index=INDICES[depth % len(INDICES)])


def require_depth(lists: Shadows, kind: Type) -> None:
    """Refuse lists that may hold lists to any depth, of which no text can make another."""
    depth = 0
    while kind.kind == "List":
        kind = kind.slots["element"].type
        depth += 1
        if depth > MAX_DEPTH:
            lists.refuse(lists.now, "a list of lists to any depth")
