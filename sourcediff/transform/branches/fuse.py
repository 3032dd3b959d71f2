"""Fusing branches: two branches on the same test, one after the other, are one.

The reverse of a branch stands behind it when nothing in between needs its result; fused, each
arm holds its forward code and its reverse, and nothing has to be brought out of the first.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Sequence

from sourcediff.guards import flag_of, is_guarded
from sourcediff.ir import AGAIN, IF, Atom, Function, Op, Region, Value, free_values, walk
from sourcediff.transform.lists.contents import slots_in
from sourcediff.transform.loops.turning import leaves
from sourcediff.transform.smaller.dependence import Memory, depending, given, used
from sourcediff.transform.smaller.optimise import substituted
from sourcediff.types import Slot

__all__ = ["fuse"]

#: How far back a branch looks for its partner. Its reverse follows at once, or much later.
REACH = 64


def fuse(function: Function) -> Function:
    """Join branches on the same test where what stands between allows it.

    Returns:
        The very same function where there was nothing to join.
    """
    asked = {
        value: None
        for op in walk(function.body)
        if op.primitive is AGAIN
        for region in op.regions
        for value in free_values(region)
    }
    body = _region(function.body, asked)
    return function if body is function.body else function.with_body(body)


def _region(region: Region, asked: Collection[Value]) -> Region:
    """Join the branches of a region; `asked` are the values that reverses of turns read."""
    ops: list[Op] = []
    for op in region.ops:
        if op.primitive is IF:
            place = _partner(op, ops, asked)
            if place is not None:
                _join_into(ops, place, op)
                continue
        ops.append(op)
    ops = [_inside(op, asked) if op.regions else op for op in ops]
    if len(ops) == len(region.ops) and all(map(operator.is_, ops, region.ops)):
        return region
    return region.replace(ops, region.results)


def _inside(op: Op, asked: Collection[Value]) -> Op:
    regions = tuple(_region(region, asked) for region in op.regions)
    return op if all(map(operator.is_, regions, op.regions)) else op.replace(regions=regions)


def _partner(op: Op, ops: Sequence[Op], asked: Collection[Value]) -> int | None:
    """The place of the last earlier branch on the same test, if `op` can be joined with it."""
    for place in range(len(ops) - 1, max(len(ops) - REACH, -1), -1):
        earlier = ops[place]
        if earlier.primitive.effect:
            return None
        if earlier.primitive is IF:
            if _on_same_test(earlier, op):
                if _would_be_missed(earlier, op, asked):
                    return None
                return place if _joinable(earlier, op, ops[place + 1 :]) else None
            if any(inner.primitive.effect for inner in walk(Region([earlier], None))):
                return None
    return None


def _on_same_test(first: Op, second: Op) -> bool:
    (test,) = second.args
    if is_guarded(first):
        return flag_of(first) is test and not any(map(leaves, second.regions))
    return first.args[0] is test


def _would_be_missed(first: Op, second: Op, asked: Collection[Value]) -> bool:
    """Whether the reverse of a turn reads what the first gives, where the second ends the turn.

    An arm by which control leaves gives nothing: joined, it would take the first one's results
    with it, of which the reverse of that very turn has a use.
    """
    return any(map(leaves, second.regions)) and any(result in asked for result in first.results)


def _joinable(first: Op, second: Op, between: Sequence[Op]) -> bool:
    single = len(first.results) == len(second.results) == 1
    if single and first.attribute != "statement" and second.attribute != "statement":
        return False  # two conditional expressions stay two
    late = depending(between, first)
    changed = Memory(late)
    if changed.conflicts(Memory([second])) or not changed.writes.isdisjoint(_handed_on(second)):
        return False
    return given(late).isdisjoint(used(second))


def _handed_on(op: Op) -> set[Slot]:
    """The slots of the lists that the arms of a branch give."""
    return {slot for part in op.regions for a in part.results or () for slot in slots_in(a.type)}


def _join_into(ops: list[Op], place: int, second: Op) -> None:
    first, between = ops[place], ops[place + 1 :]
    late = depending(between, first)
    early = [op for op in between if op not in late]
    regions = []
    for one, two in zip(first.regions, second.regions, strict=True):
        if one.results is None:
            regions.append(one)
            continue
        inner: dict[Value, Atom] = dict(zip(first.results, one.results, strict=True))
        (moved,) = substituted([Op(IF, (), (), (two,))], inner)
        (two,) = moved.regions
        results = None if two.results is None else (*one.results, *two.results)
        regions.append(Region([*one.ops, *two.ops], results))
    joined = Op(
        IF,
        first.args,
        (*first.results, *second.results),
        tuple(regions),
        "statement",
        first.site,
        first.order,
    )
    ops[place:] = [*early, joined, *late]
