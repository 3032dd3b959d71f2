"""What stood at a place is used before zero is put there, and need not be copied.

``old = x_bar[1:].copy(); x_bar[1:] = 0.0; y_bar += old`` becomes
``old = x_bar[1:].copy(); y_bar += old; x_bar[1:] = 0.0``, where nothing between looks at `x_bar`.
The copy is dropped by `array_reads` then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sourcediff.ir import EXITS, Const, Function, Op, Region, Value, walk
from sourcediff.memory import SET_ITEM, SNAPSHOT
from sourcediff.transform.arrays.copies import makes_an_array
from sourcediff.transform.lists.contents import slot_of, touched
from sourcediff.types import Slot

__all__ = ["put_off_writes"]


def put_off_writes(function: Function) -> Function:
    """Put zeros into arrays of adjoints behind the last use of what was copied from there."""
    if function.order == 0 or not any(op.primitive is SNAPSHOT for op in walk(function.body)):
        return function
    return function.with_body(_region(function.body))


def _region(region: Region) -> Region:
    ops = [
        op.replace(regions=tuple(map(_region, op.regions))) if op.regions else op
        for op in region.ops
    ]
    for write in [op for op in ops if _clears(op)]:
        place = ops.index(write)
        last = _last_use(ops, place, region)
        if last is not None:
            ops[place : last + 1] = [*ops[place + 1 : last + 1], write]
    return region.replace(ops, region.results)


def _clears(op: Op) -> bool:
    """Whether an operation puts a constant into an array of adjoints."""
    if op.primitive is not SET_ITEM or op.order == 0 or op.args[0].type.kind != "Array":
        return False
    return isinstance(op.args[2], Const)


def _last_use(ops: Sequence[Op], place: int, region: Region) -> int | None:
    """Where what was copied of the array is used for the last time; None if it cannot wait."""
    slot = slot_of(ops[place].args[0])
    copied: set[Value] = set()
    for op in ops[:place]:
        if op.primitive is SNAPSHOT and slot_of(op.args[0]) is slot:
            copied.update(op.results)
        elif not copied.isdisjoint(_read(op)):
            copied.update(_looking(op))
    last = None
    for number in range(place + 1, len(ops)):
        op = ops[number]
        if not copied.isdisjoint(_read(op)):
            copied.update(_looking(op))
            last = number
    if last is None or not copied.isdisjoint(region.results or ()):
        return None
    if not all(_is_apart(op, slot) for op in ops[place + 1 : last + 1]):
        return None
    return _end_of_expression(ops, place, last, slot)


def _is_apart(op: Op, slot: Slot | None) -> bool:
    """Whether an operation leaves an array alone, and control goes on behind it."""
    reads, writes = touched(op)
    if slot in reads or slot in writes or any(slot_of(result) is slot for result in op.results):
        return False
    return not any(inner.primitive in EXITS for inner in walk(Region([op], None)))


def _end_of_expression(ops: Sequence[Op], place: int, last: int, slot: Slot | None) -> int:
    """Where an expression ends that the last use is part of; a write would cut it in two."""
    parts = {r for op in ops[place + 1 : last + 1] for r in op.results if _is_nameless(r)}
    for number in range(last + 1, len(ops)):
        op = ops[number]
        if not _is_apart(op, slot):
            break
        if not parts.isdisjoint(_read(op)):
            last = number
            parts.update(filter(_is_nameless, op.results))
    return last


def _is_nameless(value: Value) -> bool:
    return value.name is None and value.adjoint_of is None


def _looking(op: Op) -> Iterator[Value]:
    """The arrays that may be views of what an operation reads."""
    if not makes_an_array(op):
        yield from (r for r in op.results if r.type.kind not in ("Real", "Int", "Bool"))


def _read(op: Op) -> Iterator[Value]:
    """The values that an operation reads, or what is in it."""
    for inner in walk(Region([op], None)):
        yield from (a for a in inner.args if isinstance(a, Value))
        for part in inner.regions:
            yield from (a for a in part.results or () if isinstance(a, Value))
