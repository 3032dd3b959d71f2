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
        take i: Int, total.1: Real, x.1: MaybeUnbound[Real]
        x.2 = subscript xs i
        total.2 = add total.1 x.2
        yield total.2, x.2
    yield total
"""

from __future__ import annotations

import builtins
import itertools
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import GETITEM, PURE_CALL, UNPACK, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import FOR, Atom, Const, Function, Op, Region, Site, Value, walk
from sourcediff.memory import LIST, OPERATE, QUERY, SLICED, SUBSCRIPT
from sourcediff.transform.adjoint.scaled import ADD, SUB
from sourcediff.transform.lists.contents import changes_length, slot_of, stable_reads, touched
from sourcediff.transform.lists.single_pass import require_single_pass
from sourcediff.transform.loops.unpacking import taken_apart
from sourcediff.transform.smaller.optimise import substituted
from sourcediff.types import Slot

__all__ = ["Through", "as_written", "by_place"]


class Through:
    """What a loop goes through: a sequence, or what ``zip``, ``enumerate``, ``reversed`` make.

    kind    "list", "range", "zip", "enumerate" or "reversed"; also a text or a tuple is a "list"
    parts   what it is made of; the sequence itself for a list
    start   where an enumeration starts; the length of a range from zero
    behind  how many items of the list come before the first, and after the last one
    form    what the loop is a part of, where it is written as an expression
    """

    __slots__ = ("behind", "form", "kind", "parts", "start", "whole")

    def __init__(
        self,
        kind: str,
        parts: tuple[Through, ...] = (),
        whole: Value | None = None,
        start: Atom | None = None,
        behind: tuple[int, int] = (0, 0),
    ) -> None:
        self.behind = behind
        self.form: str | None = None
        self.kind = kind
        self.parts = parts
        self.whole = whole
        self.start = start

    def as_part(self, form: str | None) -> Through:
        """The same for a loop that is written as part of an expression, or as a statement."""
        made = Through(self.kind, self.parts, self.whole, self.start, self.behind)
        made.form = form
        return made

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
    if function.order == 0:
        require_single_pass(function)
    run = _ByPlace(function)
    return function.with_body(run.region(function.body))


class _ByPlace:
    def __init__(self, function: Function) -> None:
        self.definitions = {r: op for op in walk(function.body) for r in op.results}
        self.written = {
            slot_of(op.args[0]) for op in walk(function.body) if op.primitive.writes and op.args
        }
        used = {r.name for op in walk(function.body) for r in op.results}
        used |= {p.name for op in walk(function.body) for r in op.regions for p in r.parameters}
        used |= {p.name for p in function.parameters}
        #: What places are called, outermost first.
        self.names = [letter for letter in "ijklmn" if letter not in used]
        self.depth = 0
        self.parameters = set(function.parameters)
        #: The order in which values are defined: what is made later is another list.
        self.order: dict[Atom, int] = {}
        for op in walk(function.body):
            for value in (*op.results, *(p for region in op.regions for p in region.parameters)):
                self.order[value] = len(self.order)

    def region(self, region: Region) -> Region:
        ops: list[Op] = []
        for op in region.ops:
            if op.regions:
                through = self.through(op.args[0]) if op.primitive is FOR else None
                self.depth += through is not None
                op = op.replace(regions=tuple(map(self.region, op.regions)))
                if through is not None:
                    self.refuse_growing(op, through)
                    self.depth -= 1
                    name = self.names[self.depth] if self.depth < len(self.names) else None
                    op = _counted(op, through, ops, name, self.definitions)
            ops.append(op)
        return region.replace(ops, region.results)

    def refuse_growing(self, op: Op, through: Through) -> None:
        """Refuse a loop over a list that gets longer or shorter meanwhile."""
        parts = [part.whole for part in _lists(through)]
        wholes = [whole for whole in parts if whole is not None and slot_of(whole) is not None]
        for inner in walk(Region([op], None)):
            if not inner.primitive.writes or not inner.args or not changes_length(inner):
                continue
            if any(self.may_be(inner.args[0], whole) for whole in wholes):
                raise DifferentiationError(
                    "a list that gets longer or shorter while a loop goes through it is not "
                    "supported",
                    inner.site.span if inner.site else None,
                    "go through a copy of it, or use while with an index",
                )

    def may_be(self, one: Atom, other: Value) -> bool:
        """Whether two values may refer to one list."""
        if one is other:
            return True
        if slot_of(one) is not slot_of(other):
            return False
        first, last = sorted((one, other), key=lambda v: self.order.get(v, -1))
        return not self.is_made(last) and not (first in self.parameters and last in self.parameters)

    def is_made(self, whole: Atom) -> bool:
        """Whether an operation has just made a list."""
        made = self.definitions.get(whole) if isinstance(whole, Value) else None
        return made is not None and made.primitive in (LIST, PURE_CALL, OPERATE, QUERY)

    def through(self, source: Atom) -> Through | None:
        return _through(source, self.definitions, self.written)


def _through(
    source: Atom,
    definitions: dict[Value, Op],
    written: set[Slot | None],
    is_part: bool = False,
) -> Through | None:
    if is_part and source.type.kind in ("Str", "Tuple", "Sequence", "Range"):
        return _beside(source, definitions)
    if not isinstance(source, Value):
        return None
    if source.type.kind in ("List", "Array"):
        return _part(source, definitions, written) or Through("list", whole=source)
    made = definitions.get(source)
    if made is not None and made.primitive is SUBSCRIPT and source.type.kind == "Range":
        return Through("list", whole=source)  # some of the places of a list
    if made is None or made.primitive is not PURE_CALL:
        return None
    name = getattr(made.attribute.function, "__name__", "")
    args: tuple[Atom, ...] = tuple(made.args)
    if made.attribute.function is itertools.pairwise and args[0].type.kind == "List":
        whole = _through(args[0], definitions, written)
        assert whole is not None
        later = Through("list", whole=whole.whole, behind=(whole.behind[0] + 1, whole.behind[1]))
        return Through("zip", (whole, later))
    if made.attribute.function not in (zip, enumerate, reversed) or made.attribute.stars:
        return None
    start: Atom | None = None
    if name == "enumerate" and len(args) > 1:
        args, start = args[:1], args[-1]
    if name == "zip" and made.attribute.keywords:
        if not isinstance(args[-1], Const) or args[-1].value:
            return None  # strict=True tells lists of unequal length apart
        args = args[:-1]
    parts = [_through(arg, definitions, written, name == "zip") for arg in args]
    if name == "zip" and not any(p is not None and slot_of(_first_of(p)) for p in parts):
        return None
    if None in parts or not parts or (name == "reversed" and parts[0].kind != "list"):  # type: ignore[union-attr]
        return None
    return Through(name, tuple(p for p in parts if p is not None), start=start)


def _beside(source: Atom, definitions: dict[Value, Op]) -> Through:
    """What goes through something beside a list that is no list itself."""
    made = definitions.get(source) if isinstance(source, Value) else None
    if made is not None and made.primitive is PURE_CALL and made.attribute.function is range:
        if len(made.args) == 1:
            return Through("range", whole=made.result, start=made.args[0])
    return Through("list", whole=source)  # type: ignore[arg-type]


def _first_of(through: Through) -> Value:
    """The first sequence of those that are gone through side by side."""
    whole = _lists(through)[0].whole
    assert whole is not None
    return whole


def _part(source: Value, definitions: dict[Value, Op], written: set[Slot | None]) -> Through | None:
    """What a slice goes through, of a list that nothing changes: ``xs[1:]``, ``xs[:-1]``."""
    made = definitions.get(source)
    if made is None or made.primitive is not SUBSCRIPT or made.args[1].type is not types.SLICE:
        return None
    whole = made.args[0]
    assert isinstance(whole, Value) and isinstance(made.args[1], Value)
    if whole.type.kind not in ("List", "Array") or not written.isdisjoint(
        (slot_of(whole), slot_of(source))
    ):
        return None
    cut = definitions.get(made.args[1])
    bounds = cut.args if cut is not None and cut.primitive is SLICED else ()
    if len(bounds) != 3 or not all(
        isinstance(b, Const) and isinstance(b.value, int | None) for b in bounds
    ):
        return None
    first, last, step = (b.value for b in bounds)  # type: ignore[union-attr]
    if step is not None or (first or 0) < 0 or (last is not None and last >= 0):
        return None
    before, after = _part(whole, definitions, written), (first or 0, -(last or 0))
    if before is not None:
        assert before.whole is not None
        whole, after = before.whole, (before.behind[0] + after[0], before.behind[1] + after[1])
    return Through("list", whole=whole, behind=after)


def _counted(
    op: Op, through: Through, ops: list[Op], name: str | None, definitions: dict[Value, Op]
) -> Op:
    """The loop over the places, and before it what tells how many there are."""
    site = op.site
    lengths: dict[Value, Op] = {}
    missing: dict[Value, int] = {}
    counts: list[Atom] = []
    for part in _lists(through):
        assert part.whole is not None
        if part.kind == "range":
            assert part.start is not None
            if not _counts_one_of(part.start, through, definitions):
                counts.append(part.start)
            continue
        if part.whole not in lengths:
            lengths[part.whole] = call(len, (part.whole,), types.INT, site)
        missing[part.whole] = max(missing.get(part.whole, 0), sum(part.behind))
    ops.extend(lengths.values())
    counts += [_less(lengths[whole], missing[whole], ops).result for whole in lengths]
    if len(counts) > 1:
        shortest = call(min, tuple(counts), types.INT, site)
        ops.append(shortest)
        counts = [shortest.result]
    places = call(range, (counts[0],), types.RANGE, site)
    ops.append(places)
    body = op.regions[0]
    item, *carried = body.parameters
    place = Value(types.INT, name)
    renamed: dict[Value, Atom] = {}
    start: list[Op] = []
    _item(through, item, place, lengths, body.ops, start, renamed, site)
    inner = substituted(body.ops, renamed)
    kept = [o for o in inner if not (o.results and o.results[0] in renamed)]
    results = body.results
    if results is not None:
        results = tuple(renamed.get(a, a) if isinstance(a, Value) else a for a in results)
    body = Region([*start, *kept], results, body.site, (place, *carried))
    made = op.replace((places.result, *op.args[1:]), regions=(body, *op.regions[1:]))
    through.form = op.attribute
    made.attribute = through
    return made


def _counts_one_of(count: Atom, through: Through, definitions: dict[Value, Op]) -> bool:
    """Whether a number is the length of a sequence that a loop goes through, too."""
    made = definitions.get(count) if isinstance(count, Value) else None
    if made is None or made.primitive is not PURE_CALL or made.attribute.function is not len:
        return False
    return any(part.whole is made.args[0] and part.behind == (0, 0) for part in _lists(through))


def _less(length: Op, count: int, ops: list[Op]) -> Op:
    """A length less the items that are left out."""
    if not count:
        return length
    args = (length.result, Const(count, types.INT))
    made = Op(SUB, args, (Value(types.INT),), site=length.site)
    ops.append(made)
    return made


def _lists(through: Through) -> list[Through]:
    if through.whole is not None:
        return [through]
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
    if through.kind == "range":
        renamed[item] = place
        if isinstance(place, Value):
            place.name = item.name or place.name
        return
    if through.kind == "list":
        assert through.whole is not None
        leaf = Value(item.type, item.name)
        if through.behind[0]:
            there = Value(types.INT)
            args = (place, Const(through.behind[0], types.INT))
            ops.append(Op(ADD, args, (there,), site=site))
            place = there
        ops.append(Op(SUBSCRIPT, (through.whole, place), (leaf,), site=site))
        renamed[item] = leaf
        return
    if through.kind == "reversed":
        (part,) = through.parts
        assert part.whole is not None
        last = Value(types.INT)
        turned = Value(types.INT)
        end = Const(1 + sum(part.behind), types.INT)
        ops.append(Op(SUB, (lengths[part.whole].result, end), (last,), site=site))
        ops.append(Op(SUB, (last, place), (turned,), site=site))
        _item(part, item, turned, lengths, body, ops, renamed, site)
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
            elif isinstance(place, Value):
                place.name = value.name
            continue
        part = through.parts[0 if through.kind == "enumerate" else number]
        _item(part, value, place, lengths, body, ops, renamed, site)


# And back ------------------------------------------------------------------------------------


def as_written(function: Function) -> Function:
    """Loops over places whose places only find the items, and over pairs, as they were written."""
    if not any(op.primitive is FOR for op in walk(function.body)):
        return function
    return function.with_body(_AsWritten(function).region(function.body))


class _AsWritten:
    def __init__(self, function: Function) -> None:
        self.function = function
        self.definitions = {r: op for op in walk(function.body) for r in op.results}

    @cached_property
    def stable(self) -> set[Value]:
        """What is read of lists and does not change any more."""
        return stable_reads(self.function)

    def region(self, region: Region) -> Region:
        ops: list[Op] = []
        for op in region.ops:
            if op.regions:
                op = op.replace(regions=tuple(map(self.region, op.regions)))
                if isinstance(op.attribute, Through):
                    wholes = _counted_through(op.args[0], self.definitions)
                    if not all(self.is_as_long(length, op) for length in wholes.values()):
                        wholes = {}
                    op = _over_items(op, op.attribute, ops, list(wholes))
                op = taken_apart(op)
            ops.append(op)
        return region.replace(ops, region.results)

    def is_as_long(self, length: Op, loop: Op) -> bool:
        """Whether a list is as long where a loop begins as where its length was asked for."""
        return length.order == loop.order or length.result in self.stable


def _over_items(op: Op, through: Through, ops: list[Op], wholes: list[Value]) -> Op:
    op = op.replace()
    op.attribute = through.form
    whole_parts = all(part.behind == (0, 0) for part in _lists(through))
    (body, *others) = op.regions
    place, *carried = body.parameters
    read: dict[Value, Op] = {}
    written: set[Slot] = set()
    for one in body.ops:
        whole = one.args[0] if one.primitive is SUBSCRIPT else None
        if isinstance(whole, Value) and whole in wholes and one.args[1] is place:
            if slot_of(whole) not in written:  # the turn starts with what is there before
                read.setdefault(whole, one)
        written |= touched(one)[1]
    if not wholes or len(read) < len(wholes) or not whole_parts:
        return op
    reads = [
        one for whole in wholes for one in (read[whole], *_tangent_beside(whole, place, body.ops))
    ]
    leaves = tuple(one.result for one in reads)
    rest = [o for o in body.ops if o not in reads]
    item = leaves[0]
    head: list[Op] = []
    source: Atom = wholes[0]
    if len(reads) > 1:
        item = Value(types.tuple_of(leaf.type for leaf in leaves))
        head = [Op(UNPACK, (item,), leaves, site=op.site, order=op.order)]
        through_all = tuple(one.args[0] for one in reads)
        pairs = call(zip, through_all, types.iterator_of(types.Slot(item.type)), op.site)
        ops.append(pairs)
        source = pairs.result
    reads_place = place in (body.results or ()) or any(
        place in o.args or any(place in (r.results or ()) for r in o.regions)
        for o in walk(Region(rest, None))
    )
    if reads_place:
        if place.name is None:
            place.name = "i"
        both = Value(types.tuple_of([types.INT, item.type]))
        head = [Op(UNPACK, (both,), (place, item), site=op.site, order=op.order), *head]
        counted = call(enumerate, (source,), types.iterator_of(types.Slot(both.type)), op.site)
        ops.append(counted)
        item, source = both, counted.result
    body = Region([*head, *rest], body.results, body.site, (item, *carried))
    return op.replace((source, *op.args[1:]), regions=(body, *others))


def _tangent_beside(whole: Value, place: Atom, ops: Sequence[Op]) -> list[Op]:
    """The read of the tangent of an item, where it is among the reads that a turn starts with."""
    for op in ops:
        if op.primitive is not SUBSCRIPT:
            return []
        beside = op.args[0]
        if isinstance(beside, Value) and beside.is_tangent and beside.adjoint_of is whole:
            return [op] if op.args[1] is place else []
    return []


def _counted_through(places: Atom, definitions: dict[Value, Op]) -> dict[Value, Op]:
    """The lists that a range goes through from end to end, ``range(len(whole))``: their lengths."""
    made = definitions.get(places) if isinstance(places, Value) else None
    if made is None or made.primitive is not PURE_CALL or len(made.args) != 1:
        return {}
    if made.attribute.function is not range:
        return {}
    count = definitions.get(made.args[0])  # type: ignore[arg-type]
    if count is None or count.primitive is not PURE_CALL:
        return {}
    counts: list[Op | None] = [count]
    if count.attribute.function is min:
        counts = [definitions.get(arg) for arg in count.args]  # type: ignore[arg-type]
    found: dict[Value, Op] = {}
    for one in counts:
        if one is None or one.primitive is not PURE_CALL or one.attribute.function is not len:
            return {}
        if not isinstance(one.args[0], Value):
            return {}
        found[one.args[0]] = one
    return found
