"""Loops in the form that is turned round: no ``else``, and tests that change nothing.

``for … else`` becomes the loop and a branch on whether it was left by a break. A ``while`` whose
test binds a name (``while (y := f(x)) > 0``) becomes an endless one that breaks.
"""

from __future__ import annotations

from sourcediff import types
from sourcediff.flow import exits
from sourcediff.ir import BREAK, FOR, IF, WHILE, Atom, Const, Function, Op, Region, Value, walk
from sourcediff.transform.loops.count import carrying
from sourcediff.transform.smaller.optimise import substituted

__all__ = ["plain_loops"]

TRUE, FALSE = Const(True, types.BOOL), Const(False, types.BOOL)


def plain_loops(function: Function) -> Function:
    """Every loop in the form that is turned round."""
    if not any(op.primitive in (FOR, WHILE) for op in walk(function.body)):
        return function
    return function.with_body(_region(function.body))


def _region(region: Region) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.regions:
            op = op.replace(regions=tuple(map(_region, op.regions)))
        after: list[Op] = []
        if op.primitive in (FOR, WHILE) and len(op.regions) > (2 if op.primitive is WHILE else 1):
            op, *after = _without_else(op)
        ops += [_untested(op) if op.primitive is WHILE else op, *after]
    return region.replace(ops, region.results)


def _untested(op: Op) -> Op:
    """A loop whose test changes what is carried, or may raise for it, as one that breaks."""
    test, body = op.regions[:2]
    if test.results is None or (
        not any(inner.primitive.writes for inner in walk(test))
        and all(
            result is parameter
            for result, parameter in zip(test.results[1:], test.parameters, strict=True)
        )
    ):
        return op
    known, *carried = test.results
    handed: dict[Value, Atom] = dict(zip(body.parameters, carried, strict=True))
    rest = substituted([Op(IF, (), (), (body,))], handed)[0].regions[0]
    leaves = Region([Op(BREAK, tuple(carried), (), site=op.site)], None)
    branch = Op(IF, (known,), (), (Region([], ()), leaves), "statement", op.site)
    turn = Region([*test.ops, branch, *rest.ops], rest.results, body.site, test.parameters)
    taken = tuple(Value(p.type, p.name) for p in test.parameters)
    always = Region([], (TRUE, *taken), None, taken)
    return op.replace(regions=(always, turn))


def _without_else(op: Op) -> list[Op]:
    """The loop, and what followed its end, under a test of that."""
    *regions, other = op.regions
    plain = op.replace(regions=tuple(regions))
    if all(each.primitive is not BREAK for each in exits(plain)):
        handed: dict[Value, Atom] = dict(zip(other.parameters, plain.results, strict=True))
        results = tuple(Value(r.type, r.name) for r in op.results)
        after = substituted([Op(IF, (), (), (other,))], handed)[0].regions[0]
        plain = plain.replace(results=results)
        renamed: dict[Value, Atom] = dict(zip(op.results, results, strict=True))
        after = substituted([Op(IF, (), (), (after,))], renamed)[0].regions[0]
        last = Op(IF, (TRUE,), op.results, (after, Region([], None)), "statement", op.site)
        return [plain, last]
    ended = tuple(Value(r.type, r.name) for r in op.results)
    left, before = Value(types.BOOL, "left"), Value(types.BOOL, "left")
    plain = carrying(
        plain.replace(results=ended),
        FALSE,
        before,
        [],
        lambda op, _: TRUE if op is not None and op.primitive is BREAK else before,
        left,
    )
    handed = dict(zip(other.parameters, ended, strict=True))
    after = substituted([Op(IF, (), (), (other,))], handed)[0].regions[0]
    arms = (Region([], ended), Region(after.ops, after.results, other.site))
    return [plain, Op(IF, (left,), op.results, arms, "statement", op.site)]
