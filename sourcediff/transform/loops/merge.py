"""Loops whose reverse only adds up are turned round in one pass.

Where what a turn contributes does not depend on what other turns contribute, the turns may come
in any order: the reverse of each stands at the end of the turn itself, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sourcediff.flow import exits
from sourcediff.frontend.primitives import COPY, YIELDED
from sourcediff.ir import (
    AGAIN,
    FOR,
    IF,
    LOOPS,
    WHILE,
    Family,
    Function,
    Op,
    Region,
    Value,
    walk,
)
from sourcediff.memory import ADD_AT
from sourcediff.transform.adjoint.scaled import ADD, SUB
from sourcediff.transform.branches.exports import export_in_turn
from sourcediff.transform.lists.contents import slot_of
from sourcediff.transform.smaller.dependence import Memory, depending, given, used

__all__ = ["adds_up", "merge_loops"]


def merge_loops(function: Function) -> Function:
    """Put the reverse of loops that only add up into the loops themselves."""
    if not any(op.primitive is AGAIN for op in walk(function.body)):
        return function
    families: dict[Family, int] = {}
    for op in walk(function.body):
        if op.family is not None:
            families[op.family] = families.get(op.family, 0) + 1
    pairs = {family for family, count in families.items() if count == 2}
    return function.with_body(_region(function.body, pairs))


def _region(region: Region, pairs: set[Family]) -> Region:
    ops = list(region.ops)
    for op in list(ops):
        if op.primitive is AGAIN and op.family in pairs:
            _merge(ops, op)
    ops = [
        op.replace(regions=tuple(_region(r, pairs) for r in op.regions)) if op.regions else op
        for op in ops
    ]
    return region.replace(ops, region.results)


def _merge(ops: list[Op], again: Op) -> None:
    """Put one loop into the loop that it turns round, if that is in the same region."""
    first = next((op for op in ops if op.family is again.family and op is not again), None)
    if first is None or first.primitive not in (FOR, WHILE) or any(True for _ in exits(first)):
        return
    if len(first.regions) > (2 if first.primitive is WHILE else 1) or not adds_up(again):
        return
    start, end = ops.index(first), ops.index(again)
    between = ops[start + 1 : end]
    if any(op.primitive.effect and op.order == 0 for op in _all(between)):
        return
    late = depending(between, first)
    there = {*first.results, *given(late)}
    if not there.isdisjoint(used(again)) or Memory([*late, first]).conflicts(Memory([again])):
        return  # what it needs is known only after the loop
    early = [op for op in between if op not in late]
    ops[start : end + 1] = [*early, _merged(first, again), *late]


def _all(ops: Sequence[Op]) -> Iterator[Op]:
    return walk(Region(ops, None))


def _merged(first: Op, again: Op) -> Op:
    number = 1 if first.primitive is WHILE else 0
    (turned,) = again.regions
    regions = list(first.regions)
    body = regions[number]
    assert body.results is not None and turned.results is not None
    parameters = (*body.parameters, *turned.parameters)
    results = (*body.results, *turned.results)
    turn = Region([*body.ops, *turned.ops], results, body.site, parameters)
    regions[number] = export_in_turn(turn)
    if number:
        test = regions[0]
        assert test.results is not None
        handed = tuple(p.another() for p in turned.parameters)
        regions[0] = Region(
            test.ops, (*test.results, *handed), test.site, (*test.parameters, *handed)
        )
    args = (*first.args, *again.args)
    merged = first.replace(args, (*first.results, *again.results), tuple(regions))
    merged.family = None
    merged.order = max(first.order, again.order)
    return merged


# Sums ----------------------------------------------------------------------------------------


def adds_up(again: Op) -> bool:
    """Whether all that the turns of a loop do is to add to what it carries."""
    (body,) = again.regions
    sums = {parameter: place for place, parameter in enumerate(body.parameters)}
    added = {slot_of(op.args[0]) for op in walk(body) if op.primitive is ADD_AT}
    if any(
        op.primitive is not ADD_AT and slot_of(a) in added
        for op in walk(body)
        for a in op.args
        if slot_of(a) is not None
    ):
        return False  # what some turns have added is read by others
    return _only_adds(body, sums) and all(
        sums.get(result) == place  # type: ignore[arg-type]
        for place, result in enumerate(body.results or ())
    )


def _only_adds(region: Region, sums: dict[Value, int]) -> bool:
    """Whether a region only adds to sums, each of them to itself.

    Args:
        sums: the values that are sums so far, by which of them they are; grows.
    """
    for op in region.ops:
        if op.primitive.effect and op.primitive is not ADD_AT:
            return False
        if op.primitive in (IF, *LOOPS):
            if not _nested(op, sums):
                return False
            continue
        read = [arg for arg in op.args if arg in sums]
        if not read:
            continue
        (found, *more) = read
        adds = op.primitive is ADD or (op.primitive is SUB and op.args[0] is found)
        if more or not (adds or op.primitive in (COPY, YIELDED)):
            return False
        assert isinstance(found, Value)
        sums[op.result] = sums[found]
    return True


def _nested(op: Op, sums: dict[Value, int]) -> bool:
    """The same for what happens in a branch or an inner loop."""
    inner = dict(sums)
    if op.primitive is not AGAIN and any(arg in sums for arg in op.args):
        return False
    if op.primitive is AGAIN:
        for parameter, before in zip(op.regions[0].parameters, op.args, strict=True):
            if before in sums:
                assert isinstance(before, Value)
                inner[parameter] = sums[before]
    for region in op.regions:
        if not _only_adds(region, inner):
            return False
    for place, result in enumerate(op.results):
        yielded = [r.results[place] for r in op.regions if r.results is not None]
        kinds = {inner.get(atom) if isinstance(atom, Value) else None for atom in yielded}
        if kinds == {None}:
            continue
        if len(kinds) > 1:
            return False
        (kind,) = kinds
        if op.primitive is AGAIN and inner.get(op.regions[0].parameters[place]) != kind:
            return False
        assert kind is not None
        sums[result] = kind
    return True
