"""Two rows of an array that change places: ``A[[i, j]] = A[[j, i]]``.

Their adjoints change places, too: ``A_bar[[j, i]] = A_bar[[i, j]]``. Where both are one row,
neither does anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.frontend.primitives import TUPLE
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.memory import SUBSCRIPT
from sourcediff.transform.lists.contents import slot_of

if TYPE_CHECKING:
    from sourcediff.transform.lists.shadows import Shadows

__all__ = ["swapped_with"]


def swapped_with(lists: Shadows, store: Op) -> Atom | None:
    """The places of the two rows in the order in which a store has read them; None of another.

    Args:
        store: ``whole[index] = value``.
    """
    whole, index, value = store.args
    read = lists.run.builder.definitions.get(value)  # type: ignore[arg-type]
    if read is None or read.primitive is not SUBSCRIPT or read.args[0] is not whole:
        return None
    mine, others = _pair(lists, index), _pair(lists, read.args[1])
    if mine is None or others is None or not all(map(_same, mine, others[::-1])):
        return None
    if lists.around[read] != lists.around[store]:
        return None
    slot = slot_of(whole)
    start, end = lists.places[read], lists.places[store]
    if slot is None or any(start < lists.places[w] < end for w in lists.writes.get(slot, ())):
        return None
    return read.args[1]


def _pair(lists: Shadows, index: Atom) -> tuple[Atom, Atom] | None:
    """The two places that a list names which is written there."""
    made = lists.run.builder.definitions.get(index) if isinstance(index, Value) else None
    if made is None or made.primitive is not TUPLE or made.attribute is not list:
        return None
    if len(made.args) != 2 or not all(types.is_number(place.type) for place in made.args):
        return None
    return made.args


def _same(one: Atom, other: Atom) -> bool:
    return one.same_as(other) if isinstance(one, Const) else one is other
