"""Values that only some ways through a branch have, where they are read on every way.

What the user's code reads under a test may be kept, or tested again, outside of it. On the other
ways it is never looked at, but its name must be bound: to zero.

>>> from sourcediff.ir import DEAD, IF, Function, Op, Primitive, Region, Value
>>> from sourcediff.types import BOOL, REAL
>>> keep = Primitive("keep", evaluate=print, effect=True)
>>> test, x, y = Value(BOOL, "test"), Value(REAL, "x"), Value(REAL, "y")
>>> arms = (Region([], (x,)), Region([], (DEAD,)))
>>> ops = [Op(IF, (test,), (y,), arms), Op(keep, (y,), ())]
>>> print(without_gaps(Function("f", [test, x], Region(ops, (x,)))))
f(test: Bool, x: Real):
    y = if test:
        yield x
    else:
        yield 0.0
    keep y
    yield x
"""

from __future__ import annotations

from collections.abc import Iterator

from sourcediff import types
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    DEAD,
    FOR,
    IF,
    LOOPS,
    Atom,
    Const,
    Function,
    Op,
    Region,
    Value,
    walk,
)

__all__ = ["NOTHING", "neutral", "without_gaps"]

NOTHING = Const(None, types.NONE)


def neutral(value: Value) -> Atom:
    """What stands for a value where there is none."""
    zeros = {types.REAL: 0.0, types.INT: 0, types.BOOL: False}
    return Const(zeros[value.type], value.type) if value.type in zeros else NOTHING


def without_gaps(function: Function) -> Function:
    """Give a value to what is read on every way and bound on some."""
    sources: dict[Value, list[Atom]] = {}
    for op in walk(function.body):
        if op.primitive is IF:
            for place, result in enumerate(op.results):
                parts = [part.results for part in op.regions if part.results is not None]
                sources[result] = [part[place] for part in parts]
    gaps = {result for result, atoms in sources.items() if DEAD in atoms}
    if not gaps:
        return function
    before = 0
    while len(gaps) > before:
        before = len(gaps)
        gaps |= {r for r, atoms in sources.items() if not gaps.isdisjoint(_values(atoms))}
    needed: set[Value] = set()
    pending = [value for value in _read_on_every_way(function.body) if value in gaps]
    while pending:
        value = pending.pop()
        if value not in needed:
            needed.add(value)
            pending += [source for source in _values(sources[value]) if source in gaps]
    return function.with_body(_filled(function.body, needed)) if needed else function


def _values(atoms: list[Atom]) -> list[Value]:
    return [atom for atom in atoms if isinstance(atom, Value)]


def _read_on_every_way(region: Region) -> Iterator[Value]:
    """What the operations of a region, and of the loops in it, read that it defines itself."""
    defined: set[Value] = set()
    for op in region.ops:
        yield from _read(op, defined)
        defined.update(op.results)
        for part in op.regions:
            yield from _read_on_every_way(part)


def _read(op: Op, defined: set[Value]) -> Iterator[Value]:
    if op.primitive in (BREAK, CONTINUE):
        return  # it is handed on
    for arg in op.args[:1] if op.primitive is FOR else () if op.primitive in LOOPS else op.args:
        if isinstance(arg, Value) and arg in defined:
            yield arg
    if op.primitive in LOOPS:
        for part in op.regions:
            for inner in part.ops:
                yield from _read(inner, defined)


def _filled(region: Region, needed: set[Value]) -> Region:
    return region.replace([_with_values(op, needed) for op in region.ops], region.results)


def _with_values(op: Op, needed: set[Value]) -> Op:
    if not op.regions:
        return op
    regions = tuple(_filled(part, needed) for part in op.regions)
    if op.primitive is IF and not needed.isdisjoint(op.results):
        regions = tuple(
            part
            if part.results is None
            else part.replace(
                part.ops,
                tuple(
                    neutral(result) if atom is DEAD and result in needed else atom
                    for result, atom in zip(op.results, part.results, strict=True)
                ),
            )
            for part in regions
        )
    return op.replace(regions=regions)
