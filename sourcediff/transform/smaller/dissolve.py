"""Tuples that a loop carries, as the values that are in them.

``state = (x, y)`` before a loop and ``state = step(state)`` in it are two variables that the loop
carries: each has an adjoint of its own, and nothing is put together only to be taken apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sourcediff.frontend.primitives import GETITEM, TUPLE
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    FOR,
    LOOPS,
    WHILE,
    Atom,
    Const,
    Function,
    Op,
    Region,
    Value,
    walk,
)

__all__ = ["dissolve_tuples"]


def dissolve_tuples(function: Function) -> Function:
    """Every loop with the items of the tuples that it carries; to any depth."""
    while any(op.primitive in LOOPS and _tuples(op) for op in walk(function.body)):
        function = function.with_body(_region(function.body))
    return function


def _tuples(op: Op) -> list[int]:
    """The places of carried values that are tuples."""
    return [k for k, result in enumerate(op.results) if result.type.kind == "Tuple"]


def _region(region: Region) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.regions:
            op = op.replace(regions=tuple(map(_region, op.regions)))
        if op.primitive in LOOPS and _tuples(op):
            ops.extend(_dissolved(op))
        else:
            ops.append(op)
    return region.replace(ops, region.results)


def _dissolved(op: Op) -> list[Op]:
    places = set(_tuples(op))
    kinds = [result.type for result in op.results]
    head = 1 if op.primitive is FOR else 0
    before: list[Op] = []
    after: list[Op] = []

    def items(atom: Atom, place: int, ops: list[Op]) -> list[Atom]:
        """The items of a carried tuple, read where it is known."""
        kind = kinds[place]
        if isinstance(atom, Const):
            return [Const(atom.value, atom.type) for _ in kind.items]
        found: list[Atom] = []
        for number, item in enumerate(kind.items):
            value = Value(item, None)
            ops.append(Op(GETITEM, (atom,), (value,), (), number, op.site))
            found.append(value)
        return found

    def spread(atoms: Sequence[Atom], ops: list[Op]) -> tuple[Atom, ...]:
        found: list[Atom] = []
        for place, atom in enumerate(atoms):
            found += items(atom, place, ops) if place in places else [atom]
        return tuple(found)

    def fresh(values: Sequence[Value], ops: list[Op]) -> tuple[Value, ...]:
        """New values for the items, which the tuple is put together of."""
        found: list[Value] = []
        for place, value in enumerate(values):
            if place not in places:
                found.append(value)
                continue
            cls, name = kinds[place].cls, value.name
            names = [name] * len(kinds[place].items)
            if cls is complex and name is not None:
                names = [f"{name}_re", f"{name}_im"]
            parts = tuple(map(Value, kinds[place].items, names))
            cls = None if cls is complex else cls  # it is not put together, only called that
            ops.append(Op(TUPLE, parts, (value,), (), cls, op.site))
            found += parts
        return tuple(found)

    regions = []
    for number, part in enumerate(op.regions):
        first = head if number == 0 else 0
        tested = 1 if op.primitive is WHILE and number == 0 else 0
        start: list[Op] = []
        taken = (*part.parameters[:first], *fresh(part.parameters[first:], start))
        is_body = number == (1 if op.primitive is WHILE else 0)
        ops = [*start, *(_leaving(part.ops, spread) if is_body else part.ops)]
        results = part.results
        if results is not None:
            results = (*results[:tested], *spread(results[tested:], ops))
        regions.append(Region(ops, results, part.site, taken))
    args = (*op.args[:head], *spread(op.args[head:], before))
    results_ = fresh(op.results, after)
    return [*before, op.replace(args, results_, tuple(regions)), *after]


def _leaving(
    ops: Sequence[Op], spread: Callable[[Sequence[Atom], list[Op]], tuple[Atom, ...]]
) -> list[Op]:
    """The operations of a turn, whose exits hand on the items."""
    found: list[Op] = []
    for op in ops:
        if op.primitive in (BREAK, CONTINUE):
            args = spread(op.args, found)
            op = op.replace(args)
        elif op.primitive not in LOOPS and op.regions:
            inner = tuple(r.replace(_leaving(r.ops, spread), r.results) for r in op.regions)
            op = op.replace(regions=inner)
        found.append(op)
    return found
