"""Reverse mode of ``xs + ys``: each part takes its share of the adjoints of the whole.

Of ``row = [x] + xs[:] + [y]`` nothing is made for the displays and the copy: there is
``x_bar += row_bar[0]`` and ``y_bar += row_bar[-1]``. A part without adjoints so far takes what is
there: ``xs_bar = row_bar[1:-1]``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.memory import LIST, OPERATE, QUERY, SLICED, SUBSCRIPT
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.lists.contents import is_list, slot_of
from sourcediff.transform.lists.lengths import length_taken
from sourcediff.transform.lists.moving import NONE, integer, plus

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.lists.listing import Lists

__all__ = ["turn_sum"]

#: A list that is a part of a sum, or a display that is there for nothing else.
Part = Value | Op


def turn_sum(lists: Lists, op: Op, adjoints: Adjoints) -> None:
    """``xs + ys``, of as many lists as there are."""
    known = lists.known(op.result, adjoints)
    parts = _parts(lists, op, op)
    if isinstance(known, Scaled) and not lists.holds_lists(op.result):
        for part in reversed(parts):
            _give_all(lists, part, known, adjoints)
        return
    whole = lists.shadow(op.result, adjoints)
    places = _Places(lists, parts)
    for k, part in reversed([*enumerate(parts)]):
        if isinstance(part, Op):
            for j, item in enumerate(part.args):
                if item in lists.run.active:
                    _give(lists, item, lists.share(whole, places.item(k, j), item), adjoints)
        elif part in lists.run.active:
            _give_part(lists, part, whole, places, k, adjoints)


# Parts -------------------------------------------------------------------------------------


def _parts(lists: Lists, made: Op, whole: Op) -> list[Part]:
    """What the sum `whole` takes from `made`, which is it or a part of it."""
    found: list[Part] = []
    for arg in made.args[: 2 if made.primitive is OPERATE else 1]:
        assert isinstance(arg, Value)
        inner = lists.run.builder.definitions.get(arg)
        beside = inner is not None and lists.around.get(inner) == lists.around[whole]
        if inner is None or not beside or arg not in lists.used_once:
            found.append(arg)
        elif inner.primitive is LIST and not inner.attribute:
            found.append(inner)
        elif _is_sum(inner) or (_is_copy(lists, inner) and not lists.holds_lists(arg)):
            parts = _parts(lists, inner, whole)
            same = all(_stays(lists, part, inner, whole) for part in parts)
            found.extend(parts if same else [arg])
        else:
            found.append(arg)
    return found


def _is_sum(made: Op) -> bool:
    return made.primitive is OPERATE and made.attribute == "+"


def _is_copy(lists: Lists, made: Op) -> bool:
    """Whether an operation is ``list(xs)``, ``xs.copy()`` or ``xs[:]``."""
    if not made.args or not is_list(made.args[0]):
        return False
    if made.primitive is SUBSCRIPT:
        bounds = lists.run.builder.definitions.get(made.args[1])  # type: ignore[arg-type]
        if bounds is None or bounds.primitive is not SLICED:
            return False
        return all(isinstance(bound, Const) and bound.value is None for bound in bounds.args)
    if made.primitive is QUERY:
        return bool(made.attribute.name == "copy")
    return made.primitive is PURE_CALL and made.attribute.function is list


def _stays(lists: Lists, part: Part, start: Op, end: Op) -> bool:
    """Whether nothing is written to a list such as a part from one operation to another."""
    slot = slot_of(part) if isinstance(part, Value) else None
    writes = [] if slot is None else lists.writes.get(slot, [])
    return not any(lists.places[start] < lists.places[w] < lists.places[end] for w in writes)


# Places ------------------------------------------------------------------------------------


class _Places:
    """Where the parts of a sum start and end."""

    def __init__(self, lists: Lists, parts: Sequence[Part]) -> None:
        self.lists = lists
        self.parts = parts
        self._starts: dict[int, Atom] = {0: integer(0)}

    def item(self, k: int, j: int) -> Atom:
        """The place of an item of a display."""
        behind = self._count(self.parts[k:])
        if behind is not None and self._count(self.parts[:k]) is None:
            return integer(j - behind)
        return plus(self.lists, self.start(k), integer(j))

    def start(self, k: int) -> Atom:
        """Where a part starts."""
        if k not in self._starts:
            size = self._size(self.parts[k - 1])
            self._starts[k] = plus(self.lists, self.start(k - 1), size)
        return self._starts[k]

    def stop(self, k: int) -> Const | Atom:
        """Where a part ends; None at the end of the whole."""
        behind = self._count(self.parts[k + 1 :])
        if behind is not None:
            return integer(-behind) if behind else NONE
        return self.start(k + 1)

    @staticmethod
    def _count(parts: Sequence[Part]) -> int | None:
        """How many items there are in parts that are all displays."""
        displays = [part for part in parts if isinstance(part, Op)]
        return sum(len(d.args) for d in displays) if len(displays) == len(parts) else None

    def _size(self, part: Part) -> Atom:
        if isinstance(part, Op):
            return integer(len(part.args))
        slot = slot_of(part)
        assert slot is not None
        if part in self.lists.homes and self.lists.is_fixed(slot):
            return self.lists.lengths.of(part)
        taken = length_taken(part)
        self.lists.before.append(taken)
        return taken.result


# Shares ------------------------------------------------------------------------------------


def _give(lists: Lists, item: Atom, share: Value, adjoints: Adjoints) -> None:
    """The adjoint of one item."""
    if is_list(item):
        lists.link(item, share, adjoints)
    else:
        lists.contribute(item, adjoints, Scaled(1.0, share))


def _give_all(lists: Lists, part: Part, known: Scaled, adjoints: Adjoints) -> None:
    """One adjoint for all items of a part."""
    if isinstance(part, Op):
        for item in part.args:
            if item in lists.run.active:
                lists.contribute(item, adjoints, known)
    elif part in lists.run.active:
        if _takes(lists, part, adjoints):
            lists.take(part, known, adjoints)
        else:
            lists.add_whole(part, known, adjoints)


def _give_part(
    lists: Lists, part: Value, whole: Value, places: _Places, k: int, adjoints: Adjoints
) -> None:
    """The adjoints of the items of a list."""
    if lists.holds_lists(part):
        lists.link(part, _slice(lists, whole, places, k), adjoints)
        return
    if _takes(lists, part, adjoints):
        lists.take(part, _slice(lists, whole, places, k), adjoints)
        return
    target = lists.shadow(part, adjoints)
    start = places.start(k)

    def turn(place: Value) -> None:
        lists.add_at(target, place, lists.share(whole, plus(lists, start, place)))

    lists.each(lists.call(len, target), turn)


def _takes(lists: Lists, part: Value, adjoints: Adjoints) -> bool:
    """Whether a list has no adjoints so far, and is at home here."""
    home = lists.homes.get(part)
    here = home is not None and home[1] is adjoints and not lists.is_row(part)
    return here and lists.known(part, adjoints) is None


def _slice(lists: Lists, whole: Value, places: _Places, k: int) -> Value:
    """The adjoints of a part, as a list of their own."""
    builder = lists.run.builder
    start = places.start(k)
    if isinstance(start, Const) and start.value == 0:
        start = NONE
    part = builder.emit(SLICED, (start, places.stop(k), NONE), types.SLICE)
    return builder.emit(SUBSCRIPT, (whole, part), whole.type)
