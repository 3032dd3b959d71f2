"""Loops that tell how they went, where nothing else does: how often, and by which exit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set

from sourcediff import types
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    FOR,
    IF,
    LOOPS,
    WHILE,
    Atom,
    Const,
    Family,
    Op,
    Region,
    Value,
)
from sourcediff.transform.adjoint.scaled import ADD

__all__ = ["Exits", "carrying", "count_turns", "flag_exits"]

ONE, NONE_YET = Const(1, types.INT), Const(0, types.INT)
TRUE, FALSE = Const(True, types.BOOL), Const(False, types.BOOL)


def count_turns(body: Region, families: Set[Family]) -> tuple[Region, dict[Family, Value]]:
    """Count the turns of the first loop of some families.

    Returns:
        the body of the function with these loops, and the number of turns of each.
    """
    counts: dict[Family, Value] = {}

    def rewritten(op: Op) -> Op:
        if op.family not in families or op.family in counts:
            return op
        assert op.family is not None
        before, after = Value(types.INT, "turns"), Value(types.INT, "turns")
        first = Op(ADD, (before, ONE), (after,), site=op.site)
        total = counts[op.family] = Value(types.INT, "turns")
        return carrying(op, NONE_YET, before, [first], lambda *_: after, total)

    return _loops(body, rewritten), counts


#: What a turn hands on that ends by an exit (None: at its end), having come these ways.
HandedOn = Callable[[Op | None, "Ways"], Atom]
#: The tests that a turn has come through, and how they turned out.
Ways = tuple[tuple[Atom, bool], ...]


class Exits:
    """The exit that a test of the first loop of a family decides, and the flag that remembers it.

    leaves_if   the truth of the test by which control leaves the loop there
    """

    __slots__ = ("flag", "leaves_if")

    def __init__(self, flag: Value, leaves_if: bool) -> None:
        self.flag = flag
        self.leaves_if = leaves_if


def flag_exits(
    body: Region, wanted: dict[Family, dict[Value, bool]]
) -> tuple[Region, dict[Value, Exits]]:
    """Remember whether loops were left by some of their breaks.

    Args:
        wanted: by family, and by the test: the truth by which control gets to the break.

    Returns:
        the body of the function, and by test the flag that is set.
    """
    found: dict[Value, Exits] = {}

    def rewritten(op: Op) -> Op:
        if op.family is None or op.primitive not in (FOR, WHILE):
            return op
        for test, truth in wanted.get(op.family, {}).items():
            way = (test, truth)
            known = _known_flag(op, way)
            if known is None:
                before, known = Value(types.BOOL, "left"), Value(types.BOOL, "left")
                op = carrying(op, FALSE, before, [], _flag(way, before), known)
            found[test] = Exits(known, truth)
        return op

    return _loops(body, rewritten), found


def _flag(way: tuple[Atom, bool], before: Value) -> HandedOn:
    return lambda _, ways: TRUE if way in ways else before


def _known_flag(loop: Op, way: tuple[Atom, bool]) -> Value | None:
    """What a loop carries that is true only where it was left by a break."""
    head = 1 if loop.primitive is FOR else 0
    body = loop.regions[1 - head]
    exits = list(_exits(body, ()))
    for place, result in enumerate(loop.results):
        parameter = body.parameters[head + place]
        ends = [op.args[place] for op, ways in exits if way not in ways]
        ends += [] if body.results is None else [body.results[place]]
        leaving = [op.args[place] for op, ways in exits if way in ways]
        if (
            all(_is(end, True) for end in leaving)
            and _is(loop.args[head + place], False)
            and all(_is(end, False) or end is parameter for end in ends)
        ):
            return result
    return None


def _is(atom: Atom, truth: bool) -> bool:
    return isinstance(atom, Const) and atom.value is truth


def _exits(part: Region, ways: Ways) -> Iterator[tuple[Op, Ways]]:
    for op in part.ops:
        if op.primitive in (BREAK, CONTINUE):
            yield op, ways
        elif op.primitive is IF:
            for arm, region in enumerate(op.regions):
                yield from _exits(region, (*ways, (op.args[0], arm == 0)))


def _loops(part: Region, rewritten: Callable[[Op], Op]) -> Region:
    """A region with its loops rewritten, inner ones first."""
    ops = []
    for op in part.ops:
        if op.regions:
            op = op.replace(regions=tuple(_loops(r, rewritten) for r in op.regions))
            if op.primitive in LOOPS:
                op = rewritten(op)
        ops.append(op)
    return part.replace(ops, part.results)


def carrying(
    loop: Op,
    start: Atom,
    before: Value,
    first: Sequence[Op],
    handed_on: HandedOn,
    total: Value,
) -> Op:
    """A loop that carries one value more.

    Args:
        start: the value before the first turn.
        before: what each turn takes.
        first: operations at the start of a turn.
        handed_on: what a turn hands on that ends there.
        total: the value after the loop.
    """
    number = 1 if loop.primitive is WHILE else 0
    regions = []
    for place, part in enumerate(loop.regions):
        taken = before if place == number else Value(before.type, before.name)
        parameters = (*part.parameters, taken)
        if place == number:
            ops = [*first, *_handing_on(part, handed_on, ())]
            results = None if part.results is None else (*part.results, handed_on(None, ()))
        else:
            ops = list(part.ops)
            results = None if part.results is None else (*part.results, taken)
        regions.append(Region(ops, results, part.site, parameters))
    return loop.replace((*loop.args, start), (*loop.results, total), tuple(regions))


def _handing_on(part: Region, handed_on: HandedOn, ways: Ways) -> list[Op]:
    """The operations of a turn, whose exits hand on one value more."""
    ops = []
    for op in part.ops:
        if op.primitive in (BREAK, CONTINUE):
            op = op.replace((*op.args, handed_on(op, ways)))
        elif op.primitive is IF:
            inner = []
            for arm, region in enumerate(op.regions):
                way = (*ways, (op.args[0], arm == 0))
                inner.append(region.replace(_handing_on(region, handed_on, way), region.results))
            op = op.replace(regions=tuple(inner))
        ops.append(op)
    return ops
