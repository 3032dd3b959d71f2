"""Zeros in places of adjoints that nobody reads any more are not written.

``out[i] = v`` turns round into ``v_bar += out_bar[i]; out_bar[i] = 0.0``, in case that the place
held something before, of which the reverse asks later. Where loops come to each place once, the
reverse of the rest of them looks at places that are still to come, and nothing looks at the list or
array behind them, the adjoint may stay where it is:

    for i in reversed(range(1, n)):            for i in reversed(range(1, n)):
        out_bar_i = out_bar[i]            →        out_bar[i - 1] += out_bar[i] * w
        out_bar[i] = 0.0
        out_bar[i - 1] += out_bar_i * w
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sourcediff.called import ENTERS
from sourcediff.frontend.primitives import GETATTR, PURE_CALL, TUPLE
from sourcediff.guards import GUARD
from sourcediff.ir import FOR, IF, Atom, Const, Function, Op, Region, Value, walk
from sourcediff.memory import (
    ADD_AT,
    LIST,
    MAKE_FUNCTION,
    METHOD_OF,
    OPERATE,
    QUERY,
    SET_ITEM,
    SNAPSHOT,
    SUBSCRIPT,
)
from sourcediff.transform.arrays.copies import makes_an_array
from sourcediff.transform.lists.contents import SHAPES
from sourcediff.transform.lists.counted_places import Places
from sourcediff.types import INT, SLICE

__all__ = ["without_spent_zeros"]

#: A place of a list, or of an array of several axes: each a value, and a number added to it.
Place = tuple[tuple[Value | None, int], ...]
Path = tuple[tuple[Op, int], ...]


def without_spent_zeros(function: Function) -> Function:
    """Drop the zeros that are put into places of adjoints behind their last reader."""
    stores = [op for op in walk(function.body) if _puts_zero(op)]
    if not stores:
        return function
    run = _Lists(function)
    if run.is_beyond_us:
        return function
    spent = set(filter(run.is_spent, stores))
    return function.with_body(_without(function.body, spent)) if spent else function


def _puts_zero(op: Op) -> bool:
    if op.primitive is not SET_ITEM or op.order == 0:
        return False
    return isinstance(op.args[2], Const) and op.args[2].value == 0.0


def _without(region: Region, spent: set[Op]) -> Region:
    ops = [
        op.replace(regions=tuple(_without(part, spent) for part in op.regions))
        if op.regions
        else op
        for op in region.ops
        if op not in spent
    ]
    return region.replace(ops, region.results)


class _Unknown(Exception):
    """Where a list goes cannot be said."""


class _Lists:
    """The lists and arrays of one function: where they are made, and where they are used."""

    def __init__(self, function: Function) -> None:
        self.definitions: dict[Value, Op] = {}
        self.uses: dict[Value, list[Op]] = {}
        self.number: dict[Op, int] = {}
        self.paths: dict[Op, Path] = {}
        #: What branches, loops and the function itself hand on.
        self.handed_on: set[Atom] = set()
        self.is_beyond_us = False
        self.places = Places(self.definitions)
        self._note(function.body, ())

    def _note(self, region: Region, path: Path) -> None:
        self.handed_on.update(region.results or ())
        for op in region.ops:
            self.number[op] = len(self.number)
            self.paths[op] = path
            self.is_beyond_us |= op.primitive in (GUARD, MAKE_FUNCTION, *ENTERS)
            self.definitions.update(dict.fromkeys(op.results, op))
            for atom in op.args:
                if isinstance(atom, Value):
                    self.uses.setdefault(atom, []).append(op)
            if op.primitive is FOR:
                self.handed_on.update(op.args[1:])
                self.places.count(op)
            elif op.regions and op.primitive is not IF:
                self.handed_on.update(op.args)
            for place, part in enumerate(op.regions):
                self._note(part, (*path, (op, place)))

    # What is asked ------------------------------------------------------------------------

    def is_spent(self, store: Op) -> bool:
        """Whether nobody looks at a place behind a store."""
        whole, index, _ = store.args
        indices = [index]
        made = self.definitions.get(whole)  # type: ignore[arg-type]
        while made is not None and made.primitive is SUBSCRIPT:
            whole, index = made.args
            indices.append(index)
            made = self.definitions.get(whole)  # type: ignore[arg-type]
        place: Place | None = ()
        for index in reversed(indices):
            place = self.inner(place, index)
        if made is None or place is None or not isinstance(whole, Value):
            return False
        if len(made.results) != 1:
            return False
        home = self.paths[made]
        path = self.paths[store]
        if path[: len(home)] != home:
            return False
        if any(op.primitive not in (FOR, IF) for op, _ in path[len(home) :]):
            return False
        loops = [op for op, _ in path[len(home) :] if op.primitive is FOR]
        axes = [self.axis_of(loop, place) for loop in loops]
        known = [axis for axis in axes if axis is not None]
        if len(known) < len(axes) or not self.is_new(made):
            return False
        try:
            found = [*self.accesses(whole, ())]
        except _Unknown:
            return False
        return all(self.is_harmless(op, at, store, place, known) for op, at in found)

    def axis_of(self, loop: Op, place: Place) -> int | None:
        """Which part of a place a loop counts; None if it counts none, or from the end."""
        counter = loop.regions[0].parameters[0]
        axes = [axis for axis, (base, _) in enumerate(place) if base is counter]
        if counter not in self.places.least or len(axes) != 1:
            return None
        return axes[0] if self.least(loop, place, axes[0]) >= 0 else None

    def least(self, loop: Op, place: Place, axis: int) -> int:
        """The least that a part of a place is, which a loop counts."""
        return self.places.least[loop.regions[0].parameters[0]] + place[axis][1]

    def is_new(self, made: Op) -> bool:
        """Whether a list or an array is new, and so are the lists in it."""
        if made.result.type.kind == "Array":
            copies = made.primitive is QUERY and made.attribute.name == "copy"
            return copies or makes_an_array(made)
        if made.result.type.kind != "List":
            return False
        if _holds_numbers(made.result):
            return made.primitive in (LIST, OPERATE)
        return made.primitive is LIST and not made.args and self.has_new_rows(made.result)

    def has_new_rows(self, whole: Value) -> bool:
        """Whether a loop fills a list with lists of numbers that are new in every turn."""
        for op in self.uses.get(whole, ()):
            if op.primitive in (SUBSCRIPT, FOR) or _counts(op):
                continue
            if op.primitive is not METHOD_OF:
                return False
            row = self.definitions.get(op.args[-1])  # type: ignore[arg-type]
            if op.attribute.name != "append" or row is None or self.paths[row] != self.paths[op]:
                return False
            if (
                len(row.results) != 1
                or self.uses[row.result] != [op]
                or row.primitive not in (LIST, OPERATE)
            ):
                return False
            if not _holds_numbers(row.result):
                return False
        return True

    # Places -------------------------------------------------------------------------------

    def inner(self, at: Place | None, index: Atom) -> Place | None:
        """The place of an item of what is at a place; None where that cannot be said.

        What a slice gives counts its items anew.
        """
        made = self.definitions.get(index) if isinstance(index, Value) else None
        parts = made.args if made is not None and made.primitive is TUPLE else (index,)
        if at is None or any(base is not None and base.type is SLICE for base, _ in at):
            return None
        if any(part.type not in (INT, SLICE) for part in parts):
            return None
        return at + tuple(map(self.places.parts, parts))

    def accesses(self, whole: Value, at: Place | None) -> Iterator[tuple[Op, Place | None]]:
        """What looks at the items of a list or an array, and where; None where anywhere.

        Raises:
            _Unknown: it is handed on, or gets another name.
        """
        if whole in self.handed_on:
            raise _Unknown
        for op in self.uses.get(whole, ()):
            if op.primitive in (SET_ITEM, ADD_AT):
                if whole in op.args[1:]:
                    raise _Unknown
                if op.primitive is ADD_AT:
                    yield op, self.inner(at, op.args[1])
                elif op.args[1].type is SLICE and whole.type.kind == "List":
                    yield op, None  # what is behind it may be elsewhere then
            elif op.primitive is SUBSCRIPT:
                if whole is not op.args[0]:
                    raise _Unknown
                inner = self.inner(at, op.args[1])
                if op.result.type.kind in ("List", "Array"):
                    yield from self.accesses(op.result, inner)
                else:
                    yield op, inner
            elif op.primitive is FOR:
                (item, *_) = op.regions[0].parameters
                if item.type.kind in ("List", "Array"):
                    yield from self.accesses(item, None)
                yield op, None
            elif op.primitive is METHOD_OF:
                if whole is not op.args[0]:
                    raise _Unknown
                yield op, None
            elif _counts(op):
                continue
            elif any(r.type.kind not in ("Real", "Int", "Bool") for r in op.results):
                if op.primitive is not SNAPSHOT and not (op.results and makes_an_array(op)):
                    raise _Unknown
                yield op, at
            else:
                yield op, at

    def is_harmless(
        self, op: Op, at: Place | None, store: Op, place: Place, axes: Sequence[int]
    ) -> bool:
        """Whether an operation does not look at a place that a store may have been made to."""
        if not axes:
            return self.number[op] < self.number[store] or _are_two(at, place)
        path = self.paths[store]
        around = [loop for loop, _ in path if loop.primitive is FOR][-len(axes) :]
        outermost = around[0]
        if all(loop is not outermost for loop, _ in self.paths[op]):
            if self.number[op] < self.number[outermost]:
                return True
            below = self.least(outermost, place, axes[0])
            return at is not None and _is_below(at, axes[0], below)
        if at is None or len(at) < len(place):
            if at is None or at != place[: len(at)] or max(axes) >= len(at):
                return False
            return self.number[op] < self.number[store]
        for loop, axis in zip(around, axes, strict=True):
            counter, own = place[axis]
            base, shift = at[axis]
            if base is not counter:
                return _is_below(at, axis, self.least(loop, place, axis))
            if shift != own:
                to_come = (shift < own) is (counter in self.places.descending)
                return to_come and self.least(loop, at, axis) >= 0
        return self.number[op] < self.number[store] or _are_two(at, place)


def _are_two(one: Place | None, other: Place) -> bool:
    """Whether two places are told apart by numbers, counted from the start."""
    return one is not None and any(
        base is None and beside is None and number != second and min(number, second) >= 0
        for (base, number), (beside, second) in zip(one, other, strict=False)
    )


def _is_below(place: Place, axis: int, least: int) -> bool:
    """Whether a place is a number that is less than another."""
    if axis >= len(place):
        return False
    base, number = place[axis]
    return base is None and 0 <= number < least


def _holds_numbers(whole: Value) -> bool:
    """Whether a list holds numbers, and nothing that could be in another one too."""
    return whole.type.kind == "List" and whole.type.slots["element"].type.kind in ("Real", "Int")


def _counts(op: Op) -> bool:
    """Whether an operation asks for a length or a shape only."""
    if op.primitive is GETATTR:
        return op.attribute in SHAPES
    return op.primitive is PURE_CALL and op.attribute.function is len
