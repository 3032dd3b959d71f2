"""The order of statements in a turn: what is still needed is not overwritten.

``a_bar += x_bar / x`` and then ``x_bar *= 0.5`` needs no second name for the adjoint of `x`; the
other way round it would.
"""

from __future__ import annotations

from collections.abc import Iterator

from sourcediff.ir import LOOPS, Function, Op, Region, Value, walk
from sourcediff.transform.arrays.code import is_array
from sourcediff.transform.loops.added_at_once import add_at_once

__all__ = ["schedule"]


def schedule(function: Function) -> Function:
    """Put what a region hands on behind the last use of what it takes the place of."""
    return function.with_body(_region(function.body, False))


def _region(region: Region, in_turn: bool) -> Region:
    ops = []
    for op in region.ops:
        inner = in_turn or op.primitive in LOOPS
        regions = tuple(_region(part, inner) for part in op.regions)
        ops.append(op.replace(regions=regions) if regions else op)
    for result in (region.results or ()) if in_turn else ():
        if isinstance(result, Value) and _variable(result) is not None:
            _put_off(ops, result)
    region = region.replace(ops, region.results)
    return add_at_once(region) if in_turn else region


def _variable(value: Value) -> str | None:
    """The variable whose adjoint a value is."""
    return None if value.adjoint_of is None else value.adjoint_of.name


def _put_off(ops: list[Op], new: Value) -> None:
    """Move the definition of `new` behind the last use of another value of its variable.

    It stays within the code of its statement, and before what changes arrays if it reads one. What
    has no name is read where it is written: with what reads it.
    """
    place = next((k for k, op in enumerate(ops) if new in op.results), None)
    if place is None or ops[place].primitive.effect or ops[place].primitive.reads:
        return
    if ops[place].regions or len(ops[place].results) != 1:
        return
    site, end = ops[place].site, place
    reads_arrays = any(map(is_array, ops[place].args))
    through: dict[Value, set[Value]] = {}
    for k, op in enumerate(ops):
        reads: set[Value] = set()
        for value in _read(op):
            reads |= through.get(value, {value})
        if k > place:
            if op.site is not site or new in reads:
                break
            if reads_arrays and any(map(_writes_an_array, walk(Region([op], None)))):
                break  # it may look at that one
            if any(_variable(value) == _variable(new) for value in reads):
                end = k
        through.update((r, reads) for r in op.results if _variable(r) is None and r.name is None)
    ops[place : end + 1] = [*ops[place + 1 : end + 1], ops[place]]


def _writes_an_array(op: Op) -> bool:
    return op.primitive.writes and any(map(is_array, op.args[:1]))


def _read(op: Op) -> Iterator[Value]:
    """The values that an operation reads."""
    yield from (atom for atom in op.args if isinstance(atom, Value))
    for region in op.regions:
        yield from (atom for atom in region.results or () if isinstance(atom, Value))
        for inner in region.ops:
            yield from _read(inner)
