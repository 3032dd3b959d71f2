"""What the segments of a marked loop compute is computed again where they are turned round.

The reverse of such a loop refers to the values of the segment of the same turn. Before it is
decided what loops keep, each of its turns gets a copy of the operations that it reads; of the
segment itself then only what it starts with is referred to, and that is all that is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import NoReturn

from sourcediff.called import ENTER_IN_ORDER
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import ASSERT, CALL
from sourcediff.ir import (
    AGAIN,
    IF,
    WHILE,
    Atom,
    Family,
    Function,
    Op,
    Region,
    Value,
    walk,
)
from sourcediff.transform.lists.contents import is_list, slot_of, slots_in, stable_reads
from sourcediff.transform.smaller.optimise import eliminate_dead, substituted

__all__ = ["compute_again"]


def compute_again(function: Function) -> Function:
    """Copy what the reverse of marked loops reads into it, outer loops first."""
    while any(op.primitive is AGAIN and _is_marked(op) for op in walk(function.body)):
        run = _Copying(function)
        changed = function.with_body(run.region(function.body))
        if not run.copied:
            break
        function = eliminate_dead(changed)
    return function


def _is_marked(loop: Op) -> bool:
    return loop.family is not None and loop.family.again


def _body(loop: Op) -> Region:
    return loop.regions[1 if loop.primitive is WHILE else 0]


def _defined(ops: Sequence[Op]) -> Iterator[Value]:
    """What operations define, and what is defined in them."""
    for op in walk(Region(ops, None)):
        yield from op.results
        for region in op.regions:
            yield from region.parameters


def _read(ops: Sequence[Op]) -> Iterator[Value]:
    """What operations read, and what is read in them."""
    for op in walk(Region(ops, None)):
        yield from (a for a in op.args if isinstance(a, Value))
        for region in op.regions:
            yield from (a for a in region.results or () if isinstance(a, Value))


def _families(ops: Sequence[Op]) -> set[Family]:
    return {op.family for op in walk(Region(ops, None)) if op.family is not None}


class _Copying:
    """One pass over a function: loops that are in others wait for the next."""

    def __init__(self, function: Function) -> None:
        self.function = function
        self.stable = stable_reads(function)
        self.copied = False
        self.families: dict[Family, list[Op]] = {}
        for op in walk(function.body):
            if op.family is not None and op.family.again:
                self.families.setdefault(op.family, []).append(op)

    def region(self, region: Region) -> Region:
        ops = []
        for op in region.ops:
            copied = self.loop(op) if op.primitive is AGAIN and _is_marked(op) else None
            if copied is None and op.regions:
                copied = op.replace(regions=tuple(map(self.region, op.regions)))
            ops.append(op if copied is None else copied)
        return region.replace(ops, region.results)

    def loop(self, again: Op) -> Op | None:
        """A loop with copies of what it reads of the turns of earlier ones; None if it has them."""
        assert again.family is not None
        family = self.families[again.family]
        earlier = [op for loop in family[: family.index(again)] for op in _body(loop).ops]
        (body,) = again.regions
        there = set(_defined(earlier))
        wanted = {v for v in _read([Op(IF, (), (), (body,))]) if v in there}
        turned_round = _families(body.ops) & _families(earlier)
        if not wanted and not turned_round:
            return None
        self.copied = True
        chosen = _chosen(earlier, wanted, turned_round)
        self.require_pure(chosen, again, there)
        families: dict[Family, Family] = {}
        renamed: dict[Value, Atom] = {}
        copies = [made for op in chosen if (made := _copy(op, renamed, families)) is not None]
        (turned,) = substituted([Op(IF, (), (), (body,))], renamed)
        for op in walk(Region([turned], None)):
            if op.family in families:
                op.family = families[op.family]
        (inner,) = turned.regions
        return again.replace(regions=(inner.replace([*copies, *inner.ops], inner.results),))

    def require_pure(self, ops: Sequence[Op], again: Op, there: Set[Value]) -> None:
        """Refuse what would not be the same if it were done again."""
        others = {v for v in _defined([Op(IF, (), (), (self.function.body,))]) if v not in there}
        outside = {s for v in (*others, *self.function.parameters) for s in slots_in(v.type)}
        for op in walk(Region(ops, None)):
            if op.primitive in (CALL, ENTER_IN_ORDER) and op.results:
                _refuse(op, again, "calls what may give something else each time")
            slot = slot_of(op.args[0]) if op.args else None
            if op.primitive.writes and (slot is None or slot in outside):
                _refuse(op, again, "changes what is made outside of it")
            reads = not op.regions and any(is_list(a) and slot_of(a) in outside for a in op.args)
            if reads and not self.stable >= set(op.results):
                _refuse(op, again, "reads a list that changes later")


def _refuse(op: Op, loop: Op, what: str) -> NoReturn:
    site = op.site or loop.site
    raise DifferentiationError(
        f"a loop that is marked with checkpoint() {what}: its turns cannot be computed again",
        site.span if site else None,
        "leave out checkpoint(), or move this out of the loop",
    )


def _chosen(ops: Sequence[Op], wanted: Set[Value], turned_round: Set[Family]) -> list[Op]:
    """The operations that compute what is wanted, and loops whose turns are, in order."""
    needed = set(wanted)
    chosen: list[Op] = []
    for op in reversed(ops):
        if needed.isdisjoint(_defined([op])) and turned_round.isdisjoint(_families([op])):
            continue
        chosen.append(op)
        needed.update(_read([op]))
    return chosen[::-1]


def _copy(op: Op, renamed: dict[Value, Atom], families: dict[Family, Family]) -> Op | None:
    """An operation under new values, without what it does beside computing."""

    def fresh(value: Value) -> Value:
        after = value.adjoint_of
        found = renamed.get(after, after) if after is not None else None
        new = Value(value.type, value.name, found if isinstance(found, Value) else after)
        renamed[value] = new
        return new

    def read(atom: Atom) -> Atom:
        return renamed.get(atom, atom) if isinstance(atom, Value) else atom

    def region(part: Region) -> Region:
        parameters = tuple(map(fresh, part.parameters))
        ops = [made for inner in part.ops if (made := operation(inner)) is not None]
        results = None if part.results is None else tuple(map(read, part.results))
        return Region(ops, results, part.site, parameters)

    def operation(op: Op) -> Op | None:
        primitive = op.primitive
        if primitive is ASSERT or (primitive in (CALL, ENTER_IN_ORDER) and not op.results):
            return None  # it has been done
        args = tuple(map(read, op.args))
        regions = tuple(map(region, op.regions))
        made = op.replace(args, tuple(map(fresh, op.results)), regions)
        if op.family is not None:
            made.family = families.setdefault(op.family, Family(op.family.again))
        return made

    return operation(op)
