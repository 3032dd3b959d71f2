"""Lists of tuples that hold texts or counts beside real numbers: a list for each place.

A tuple of real numbers alone may be an item of a list (see `rows`). One that holds anything else
beside them has no adjoint of one kind, so that a list of such is what a list of objects is (see
`columns`): a list for each place in the tuples.

    events.append((kind, i, x * x))             events_kind.append(kind)
    for kind, i, amount in events: …      →     events_i.append(i)
                                                events_amount.append(x * x)

So is a list of tuples of real numbers alone, where more is done to it than to append and to read.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def f(x):
...     events = []
...     events.append(("in", x * x))
...     kind, amount = events.pop()
...     return amount
>>> print(lower_function(f, {"x": REAL}))
f(x: Real):
    events_kind = list
    events_amount = list
    %1 = mul x x
    method_of events_kind 'in' [append]
    method_of events_amount %1 [append]
    kind = method_of events_kind [pop]
    amount = method_of events_amount [pop]
    yield amount
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sourcediff import types
from sourcediff.frontend.containers.rows import is_row
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.columns import LEAF, register
from sourcediff.frontend.objects.places import as_place
from sourcediff.frontend.values import Binding, Columns, Grouped, Heap, Static, Tup
from sourcediff.ir import Const, Value
from sourcediff.types import Slot, Type

__all__ = ["is_mixed", "register_rows", "register_tuple", "shape_of_tuple", "tuple_parts"]


def register_tuple(lowering: Lowering, slot: Slot, items: Iterable[Binding]) -> None:
    """Note that tuples which a derivative cannot take as values are put into a list.

    Raises:
        Widened: such a tuple is among the items.
    """
    memo = lowering.memo
    if lowering.faithful or memo.keeps_tuples or slot.root in memo.columns:
        return
    for item in items:
        if is_mixed(item) or (slot.root in memo.rows and is_row(item)):
            assert isinstance(item, Tup)
            register(lowering, slot, item)


def register_rows(lowering: Lowering, whole: Value) -> None:
    """Note that something is done to a list of tuples of numbers that is done to no list of lists.

    Raises:
        Widened: that was not known yet.
    """
    memo, slot = lowering.memo, whole.type.slots["element"].root
    inner = slot.type
    if inner.kind != "List" or inner.cls is not tuple or memo.keeps_tuples or slot in memo.rows:
        return
    memo.rows.add(slot)
    raise types.Widened


def tuple_parts(made: Iterable[Columns | Heap | Grouped]) -> frozenset[Value]:
    """The lists that lists of tuples are which are made inside."""
    parts = (
        c.lists for c in made if isinstance(c, Columns) and not c.given and c.shape[0] == "tuple"
    )
    return frozenset(whole for lists in parts for whole in lists)


def shape_of_tuple(kind: Type) -> Any:
    """What tuples of a type are made of (see `columns`), if they hold numbers and texts.

    None for any other type, and where no number in them may vary.
    """
    if kind.kind != "Tuple" or kind.cls is not None or not types.holds("Real", [kind]):
        return None
    parts = [LEAF if _is_leaf(part) else shape_of_tuple(part) for part in kind.items]
    return None if None in parts else ("tuple", tuple, tuple(parts))


def _is_leaf(kind: Type) -> bool:
    return types.is_number(kind) or kind in (types.STR, types.BOOL)


def is_mixed(binding: Binding) -> bool:
    """Whether a binding is a tuple of a real number that may vary, and of something else."""
    if not isinstance(binding, Tup) or binding.cls in (list, complex) or is_row(binding):
        return False
    return _holds_variable(binding) and _is_plain(binding)


def _holds_variable(binding: Binding) -> bool:
    if isinstance(binding, Tup):
        return any(map(_holds_variable, binding.items))
    if not isinstance(binding, Value):
        return False
    kind = types.bare(binding.type)
    return types.varies(kind.slots["element"].type if kind.kind == "Array" else kind)


def _is_plain(binding: Binding) -> bool:
    """Whether a tuple holds numbers, arrays, texts, members of enumerations, tuples of these."""
    if isinstance(binding, Tup):
        return binding.cls not in (list, complex) and all(map(_is_plain, binding.items))
    if isinstance(binding, Static):
        return binding.is_member
    binding = as_place(binding)
    if isinstance(binding, Value) and binding.type.kind == "Array":
        return True
    return isinstance(binding, Value | Const) and not types.is_memory(binding.type)
