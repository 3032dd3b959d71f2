"""What lists hold, by where they are made: which operations look at it, and which change it.

What a list holds belongs to a `Slot`, which all lists share that may be the same. A read is
*stable* where nothing changes what it looks at afterwards: done again later, it gives the same.
"""

from __future__ import annotations

import builtins
from collections.abc import Collection, Iterable, Iterator
from typing import TypeGuard

from sourcediff.called import ENTERS
from sourcediff.frontend.primitives import GETATTR, PURE_CALL
from sourcediff.ir import FOR, LOOPS, Atom, Const, Function, Op, Region, Value, walk
from sourcediff.memory import (
    ADD_AT,
    LIST,
    METHOD_OF,
    OPERATE,
    SET_ITEM,
    SUBSCRIPT,
    SWAP_ITEMS,
    UNPACK_ITERABLE,
)
from sourcediff.transform.lists.in_the_making import InTheMaking
from sourcediff.types import INT, SLICE, Slot, Type

__all__ = [
    "SHAPES",
    "change_after",
    "changed_lists",
    "changes_length",
    "element_of",
    "filling_loop",
    "is_dict",
    "is_list",
    "rebuilt",
    "slot_of",
    "slots_in",
    "stable_reads",
    "takes_list_apart",
    "touched",
]

#: What an array says of its axes, which no write to it changes.
SHAPES = ("shape", "size", "ndim")
#: Methods that only put something into a list or order it: without them the list is another, but
#: nothing raises.
_HARMLESS = ("append", "extend", "insert", "clear", "reverse", "sort")


def is_list(atom: object) -> TypeGuard[Value]:
    """Whether an atom refers to a list, or to a dict, which is one whose places are keys."""
    return isinstance(atom, Value) and atom.type.kind in ("List", "Dict")


def is_dict(atom: object) -> TypeGuard[Value]:
    """Whether an atom refers to a dict in memory."""
    return isinstance(atom, Value) and atom.type.kind == "Dict"


def element_of(kind: Type) -> Slot:
    """The slot of what a list, an array or a dict holds."""
    return kind.slots["value" if kind.kind == "Dict" else "element"]


def slot_of(atom: Atom) -> Slot | None:
    """The slot of what a list, a dict or an array holds; None for anything else."""
    if isinstance(atom, Value) and atom.type.kind in ("List", "Dict", "Array"):
        return element_of(atom.type).root
    return None


def slots_in(kind: Type) -> Iterator[Slot]:
    """The slots of a list, a dict or an array, of the lists in it, and so on."""
    met: set[Slot] = set()
    while kind.kind in ("List", "Dict", "Array"):
        slot = element_of(kind).root
        if slot in met:
            return  # lists of lists to any depth
        met.add(slot)
        yield slot
        kind = slot.type


def changed_lists(op: Op) -> tuple[Atom, ...]:
    """What an operation itself may write to."""
    if op.primitive in ENTERS:
        return op.args if op.primitive.writes else ()
    return op.args[:1] if op.primitive.writes else ()


def touched(op: Op) -> tuple[set[Slot], set[Slot]]:
    """The slots that an operation, or what is in it, looks at; and those that it changes."""
    reads: set[Slot] = set()
    writes: set[Slot] = set()
    for inner in walk(Region([op], None)):
        changed = map(slot_of, changed_lists(inner))
        writes.update(slot for slot in changed if slot is not None)
        if not inner.primitive.opaque:
            for atom in inner.args:
                if isinstance(atom, Value):
                    reads.update(slots_in(atom.type))
    return reads, writes


def takes_list_apart(op: Op) -> bool:
    """Whether an operation is ``a, b = pair`` of a list: done again, it gives the same items."""
    return op.primitive is UNPACK_ITERABLE and op.attribute is None and is_list(op.args[0])


def changes_length(op: Op) -> bool:
    """Whether an operation may change the length of the list that it writes to."""
    if op.primitive in ENTERS:
        return False
    if isinstance(op.args[0], Value) and op.args[0].type.kind == "Array":
        return False
    if op.primitive is SET_ITEM:
        return op.args[1].type is SLICE or is_dict(op.args[0])
    if op.primitive is METHOD_OF and op.attribute.name in ("sort", "reverse"):
        return False
    return op.primitive not in (ADD_AT, SWAP_ITEMS)


def rebuilt(op: Op) -> bool:
    """Whether an operation changes a list, and may be dropped where nobody looks at that list."""
    if not op.primitive.writes or not op.args or slot_of(op.args[0]) is None:
        return False
    if op.primitive in ENTERS:
        return False
    if op.args[0].type.kind == "Array":
        return True
    if op.order > 0:
        return True
    return op.primitive is METHOD_OF and (op.attribute.alike or op.attribute.name in _HARMLESS)


class Changes:
    """The writes of one function to lists, and whether they come behind something."""

    def __init__(self, function: Function) -> None:
        self.places: dict[Op, tuple[int, tuple[Op, ...]]] = {}
        _number(function.body, (), self.places)
        self.writes: dict[Slot, list[Op]] = {}
        for op in self.places:
            for atom in changed_lists(op):
                slot = slot_of(atom)
                if slot is not None:
                    self.writes.setdefault(slot, []).append(op)
        self._making = InTheMaking(function) if self.writes else None
        self._counted = _counted(self.places) if self.writes else set()

    def come_behind(self, op: Op, whole: Atom, at: Op | None = None, but: Op | None = None) -> bool:
        """Whether a write may change what an operation has looked at in a list.

        Args:
            at: where the operation would stand, if it is not there yet.
            but: a write that does not count.
        """
        slot = slot_of(whole)
        if slot is None:
            return False
        at = at or op
        place, loops = self.places[at]
        counts = op.primitive is PURE_CALL and op.attribute.function is builtins.len
        counts = counts or (op.primitive is GETATTR and op.attribute in SHAPES)
        return any(
            write is not but
            and (changes_length(write) or not counts)
            and _may_follow(self.places[write], place, loops)
            and not (self._making is not None and self._making.is_over(write, whole, at))
            and not _grows_behind(write, op, self._counted)
            for write in self.writes.get(slot, ())
        )


def stable_reads(function: Function) -> set[Value]:
    """The results of all reads of lists that nothing written later can change."""
    changes = Changes(function)
    found: set[Value] = set()
    for op in changes.places:
        apart = takes_list_apart(op)
        if not apart and (len(op.results) != 1 or op.primitive.effect or op.regions):
            continue
        looked_at = [atom for atom in op.args if slot_of(atom) is not None]
        made = None if apart else slot_of(op.result)
        refers = op.primitive is SUBSCRIPT and op.args[1].type is not SLICE
        if made is not None and not refers and made in changes.writes:
            continue  # made again, it is not what it has become
        if made is not None and not looked_at:
            found.add(op.result)
            continue
        if looked_at and not any(changes.come_behind(op, atom) for atom in looked_at):
            found.update(op.results)
    return found


def known_lengths(function: Function) -> dict[Value, Const]:
    """The lengths that are asked for of displays, ``[a, b]``, that stay as long as they are."""
    ops = list(walk(function.body))
    made = {op.result: op for op in ops if op.primitive is LIST and not op.attribute}
    changed = {
        slot_of(atom)
        for op in ops
        if op.primitive.writes and op.args and changes_length(op)
        for atom in changed_lists(op)
    }
    changed |= {slot_of(a) for op in ops if op.primitive in ENTERS for a in changed_lists(op)}
    found: dict[Value, Const] = {}
    for op in ops:
        if op.primitive is not PURE_CALL or op.attribute.function is not builtins.len:
            continue
        display = made.get(op.args[0])  # type: ignore[arg-type]
        if display is not None and slot_of(display.result) not in changed:
            found[op.result] = Const(len(display.args), INT)
    return found


def _counted(ops: Iterable[Op]) -> set[Value]:
    """What loops count from zero."""
    definitions = {r: op for op in ops for r in op.results}
    found: set[Value] = set()
    for loop in ops:
        made = definitions.get(loop.args[0]) if loop.primitive is FOR else None  # type: ignore[arg-type]
        if made is not None and made.primitive is PURE_CALL and len(made.args) == 1:
            if made.attribute.function is range:
                found.add(loop.regions[0].parameters[0])
    return found


def _grows_behind(write: Op, read: Op, counted: Collection[Value]) -> bool:
    """Whether a list gets longer at its end, and what is read is an item counted from the start."""
    if read.primitive is not SUBSCRIPT or write.primitive is not METHOD_OF:
        return False
    return write.attribute.name in ("append", "extend") and read.args[1] in counted


def change_after(function: Function, op: Op) -> Op | None:
    """An operation that may change a list, or one in it, after `op` has been handed it."""
    places: dict[Op, tuple[int, tuple[Op, ...]]] = {}
    _number(function.body, (), places)
    slots = {slot for atom in op.args for slot in slots_in(atom.type)}
    made = {r: o for o in places if o.primitive in (LIST, OPERATE) for r in o.results}
    for write in places:
        own = made.get(write.args[0]) if write.args else None  # type: ignore[arg-type]
        if own is not None and _is_younger(places[own], places[write], *places[op]):
            continue
        changed = slot_of(write.args[0]) if write.primitive.writes and write.args else None
        if changed in slots and _may_follow(places[write], *places[op]):
            return write
    return None


def _is_younger(
    made: tuple[int, tuple[Op, ...]],
    write: tuple[int, tuple[Op, ...]],
    place: int,
    loops: tuple[Op, ...],
) -> bool:
    """Whether a list that is written to after something at a place has been made after it, too."""
    around = [loop for loop in write[1] if loop in loops]
    anew = all(loop in made[1] for loop in around)  # in every turn in which it is written to
    return anew and (made[0] > place or write[0] < place)


def _may_follow(write: tuple[int, tuple[Op, ...]], place: int, loops: tuple[Op, ...]) -> bool:
    """Whether a write may happen after something at a place, within some loops."""
    return write[0] > place or any(loop in loops for loop in write[1])


def _number(
    region: Region, loops: tuple[Op, ...], found: dict[Op, tuple[int, tuple[Op, ...]]]
) -> None:
    for op in region.ops:
        found[op] = (len(found), loops)
        inner = (*loops, op) if op.primitive in LOOPS else loops
        for part in op.regions:
            _number(part, inner, found)


def filling_loop(made: Op, following: Iterable[Op]) -> Op | None:
    """The loop that fills a new list, if nothing comes between that uses the list."""
    if made.primitive is not LIST or made.args:
        return None
    for op in following:
        if op.primitive is FOR and op.regions[0].ops:
            last = op.regions[0].ops[-1]
            return op if last.primitive is METHOD_OF and last.args[0] is made.result else None
        if op.regions or made.result in op.args:
            return None
    return None
