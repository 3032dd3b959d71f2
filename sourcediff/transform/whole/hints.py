"""What a value is called that the user gave no name: after what it is an item or an attribute of.

>>> from sourcediff.types import REAL, Slot, list_of
>>> rows, i = Value(list_of(Slot(REAL)), "rows_bar"), Value(INT, "i")
>>> row = Value(REAL)
>>> hint_of(row, Op(memory.SUBSCRIPT, (rows, i), (row,)), {})
'rows_bar_i'
"""

from __future__ import annotations

from collections.abc import Mapping

from sourcediff import memory
from sourcediff.frontend.primitives import GETATTR, GETITEM
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.types import INT

__all__ = ["hint_of"]

_PLACES = {0: "first", 1: "second", -1: "last"}
#: Names of objects longer than this are not put together with a place.
_LONGEST = 12


def hint_of(value: Value, made: Op | None, known: Mapping[Value, str]) -> str:
    """A name for a value that an operation has made; others are known."""
    if value.name is not None:
        return value.name
    if made is None:
        return "value"
    if made.primitive is GETATTR:
        return _item(made.args[0], known, str(made.attribute))
    if made.primitive is GETITEM:
        return _item(made.args[0], known, _PLACES.get(made.attribute, "item"))
    if made.primitive is memory.SUBSCRIPT:
        return _item(made.args[0], known, _place(made.args[1]))
    return made.primitive.hint or "value"


def _item(whole: Atom, known: Mapping[Value, str], place: str) -> str:
    name = whole.name or known.get(whole) if isinstance(whole, Value) else None
    return place if name is None or len(name) > _LONGEST else f"{name}_{place}"


def _place(index: Atom) -> str:
    if isinstance(index, Const):
        return _PLACES.get(index.value, "item") if index.type is INT else "item"
    return index.name if index.name is not None and len(index.name) <= 2 else "item"
