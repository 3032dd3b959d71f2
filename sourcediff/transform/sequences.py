"""Loops over sequences as loops over places, and back.

``for x in xs`` is ``for i in range(len(xs))`` with ``x = xs[i]``: what a turn contributes to the
adjoint of `x` belongs to that place of the adjoint of `xs`. What went through is remembered, so
that a loop whose places nothing else reads comes out as it was written.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, list_of
>>> def f(xs):
...     total = 0.0
...     for x in xs:
...         total += x
...     return total
>>> print(by_place(lower_function(f, {"xs": list_of(Slot(REAL))})))
f(xs: List[Real]):
    %1 = pure_call xs [builtins.len]
    %2 = pure_call %1 [builtins.range]
    total, x = for %2 0.0 unbound [xs]:
        take %3: Int, total.1: Real, x.1: MaybeUnbound[Real]
        x.2 = subscript xs %3
        total.2 = add total.1 x.2
        yield total.2, x.2
    yield total
"""

from __future__ import annotations

import builtins
from typing import Any

from sourcediff import types
from sourcediff.frontend.primitives import GETITEM, PURE_CALL, UNPACK, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import FOR, Atom, Const, Function, Op, Region, Site, Value, walk
from sourcediff.memory import SUBSCRIPT
from sourcediff.transform.optimise import substituted
from sourcediff.transform.scaled import ADD, SUB

__all__ = ["Through", "as_written", "by_place"]


class Through:
    """What a loop goes through: a sequence, or what ``zip``, ``enumerate``, ``reversed`` make.

    kind    "list", "zip", "enumerate" or "reversed"
    parts   what it is made of; the sequence itself for a list
    start   where an enumeration starts
    """

    __slots__ = ("kind", "parts", "start", "whole")

    def __init__(
        self,
        kind: str,
        parts: tuple[Through, ...] = (),
        whole: Value | None = None,
        start: Atom | None = None,
    ) -> None:
        self.kind = kind
        self.parts = parts
        self.whole = whole
        self.start = start

    def __repr__(self) -> str:
        if self.whole is not None:
            return self.whole.name or "list"
        return f"{self.kind}({', '.join(map(repr, self.parts))})"


def call(function: Any, args: tuple[Atom, ...], kind: types.Type, site: Site | None) -> Op:
    """A call of a built-in function that has no effect."""
    spec = CallSpec(function, Ref("module", builtins, (function.__name__,)))
    return Op(PURE_CALL, args, (Value(kind),), (), spec, site)


# To places -----------------------------------------------------------------------------------


def by_place(function: Function) -> Function:
    """Every loop over lists as a loop over places."""
    loops = [op for op in walk(function.body) if op.primitive is FOR]
    if not loops:
        return function
    definitions = {r: op for op in walk(function.body) for r in op.results}
    return function.with_body(_region(function.body, definitions))


def _region(region: Region, definitions: dict[Value, Op]) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.regions:
            op = op.replace(regions=tuple(_region(r, definitions) for r in op.regions))
            through = _through(op.args[0], definitions) if op.primitive is FOR else None
            if through is not None:
                op = _counted(op, through, ops)
        ops.append(op)
    return region.replace(ops, region.results)


def _through(source: Atom, definitions: dict[Value, Op]) -> Through | None:
    if not isinstance(source, Value):
        return None
    if source.type.kind == "List":
        return Through("list", whole=source)
    made = definitions.get(source)
    if made is None or made.primitive is not PURE_CALL:
        return None
    name = getattr(made.attribute.function, "__name__", "")
    if made.attribute.function not in (zip, enumerate, reversed) or made.attribute.stars:
        return None
    args: tuple[Atom, ...] = tuple(made.args)
    start: Atom | None = None
    if name == "enumerate" and len(args) > 1:
        args, start = args[:1], args[-1]
    if name == "zip" and made.attribute.keywords:
        return None  # strict=True tells lists of unequal length apart
    parts = [_through(arg, definitions) for arg in args]
    if None in parts or not parts or (name == "reversed" and parts[0].kind != "list"):  # type: ignore[union-attr]
        return None
    return Through(name, tuple(p for p in parts if p is not None), start=start)


def _counted(op: Op, through: Through, ops: list[Op]) -> Op:
    """The loop over the places, and before it what tells how many there are."""
    site = op.site
    lengths: dict[Value, Op] = {}
    for whole in _lists(through):
        if whole not in lengths:
            lengths[whole] = call(len, (whole,), types.INT, site)
    ops.extend(lengths.values())
    if len(lengths) > 1:
        shortest = call(min, tuple(o.result for o in lengths.values()), types.INT, site)
        ops.append(shortest)
    else:
        (shortest,) = lengths.values()
    places = call(range, (shortest.result,), types.RANGE, site)
    ops.append(places)
    body = op.regions[0]
    item, *carried = body.parameters
    place = Value(types.INT)
    renamed: dict[Value, Atom] = {}
    start: list[Op] = []
    taken = [o for o in body.ops if o.primitive in (GETITEM, UNPACK) and o.args[0] is item]
    _item(through, item, place, lengths, body.ops, start, renamed, site)
    inner = substituted(
        [o for o in body.ops if (o.results and o not in taken) or not o.results], renamed
    )
    kept = [o for o in inner if not (o.results and o.results[0] in renamed)]
    results = body.results
    if results is not None:
        results = tuple(renamed.get(a, a) if isinstance(a, Value) else a for a in results)
    body = Region([*start, *kept], results, body.site, (place, *carried))
    made = op.replace((places.result, *op.args[1:]), regions=(body, *op.regions[1:]))
    made.attribute = through
    return made


def _lists(through: Through) -> list[Value]:
    if through.whole is not None:
        return [through.whole]
    return [whole for part in through.parts for whole in _lists(part)]


def _item(
    through: Through,
    item: Value,
    place: Atom,
    lengths: dict[Value, Op],
    body: Any,
    ops: list[Op],
    renamed: dict[Value, Atom],
    site: Site | None,
) -> None:
    """Put the operations before a turn that give its item, in the terms of its place."""
    if through.kind == "list":
        assert through.whole is not None
        leaf = Value(item.type, item.name)
        ops.append(Op(SUBSCRIPT, (through.whole, place), (leaf,), site=site))
        renamed[item] = leaf
        return
    if through.kind == "reversed":
        (part,) = through.parts
        assert part.whole is not None
        last = Value(types.INT)
        there = Value(types.INT)
        ops.append(Op(SUB, (lengths[part.whole].result, Const(1, types.INT)), (last,), site=site))
        ops.append(Op(SUB, (last, place), (there,), site=site))
        _item(part, item, there, lengths, body, ops, renamed, site)
        return
    for op in body:
        if op.primitive is not GETITEM or op.args[0] is not item:
            continue
        (value,) = op.results
        number = op.attribute
        if through.kind == "enumerate" and number == 0:
            renamed[value] = place
            if through.start is not None:
                count = Value(types.INT, value.name)
                ops.append(Op(ADD, (place, through.start), (count,), site=site))
                renamed[value] = count
            elif isinstance(place, Value) and place.name is None:
                place.name = value.name
            continue
        part = through.parts[0 if through.kind == "enumerate" else number]
        _item(part, value, place, lengths, body, ops, renamed, site)


# And back ------------------------------------------------------------------------------------


def as_written(function: Function) -> Function:
    """Loops over places whose places only find the items, as they were written."""
    if not any(isinstance(op.attribute, Through) for op in walk(function.body)):
        return function
    definitions = {r: op for op in walk(function.body) for r in op.results}
    return function.with_body(_written(function.body, definitions))


def _written(region: Region, definitions: dict[Value, Op]) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.regions:
            op = op.replace(regions=tuple(_written(r, definitions) for r in op.regions))
            if isinstance(op.attribute, Through):
                op = _over_items(op, op.attribute, ops, definitions)
        ops.append(op)
    return region.replace(ops, region.results)


def _over_items(op: Op, through: Through, ops: list[Op], definitions: dict[Value, Op]) -> Op:
    op = op.replace()
    op.attribute = None
    whole = _counted_through(op.args[0], definitions) if through.kind == "list" else None
    (body, *others) = op.regions
    place, *carried = body.parameters
    first = next(
        (o for o in body.ops if o.primitive is SUBSCRIPT and o.args == (whole, place)), None
    )
    if whole is None or first is None:
        return op
    (leaf,) = first.results
    rest = [o for o in body.ops if o is not first]
    reads_place = place in (body.results or ()) or any(
        place in o.args or any(place in (r.results or ()) for r in o.regions)
        for o in walk(Region(rest, None))
    )
    if not reads_place:
        body = Region(rest, body.results, body.site, (leaf, *carried))
        return op.replace((whole, *op.args[1:]), regions=(body, *others))
    if place.name is None:
        place.name = "i"
    both = Value(types.tuple_of([types.INT, leaf.type]))
    head = Op(UNPACK, (both,), (place, leaf), site=op.site, order=op.order)
    pairs = call(enumerate, (whole,), types.iterator_of(types.Slot(both.type)), op.site)
    ops.append(pairs)
    body = Region([head, *rest], body.results, body.site, (both, *carried))
    return op.replace((pairs.result, *op.args[1:]), regions=(body, *others))


def _counted_through(places: Atom, definitions: dict[Value, Op]) -> Value | None:
    """The list that a range goes through from end to end: ``range(len(whole))``."""
    for function in (range, len):
        made = definitions.get(places) if isinstance(places, Value) else None
        if made is None or made.primitive is not PURE_CALL or len(made.args) != 1:
            return None
        if made.attribute.function is not function:
            return None
        (places,) = made.args
    return places if isinstance(places, Value) else None
