"""Turns that end in several places, of loops that carry arrays which are written to.

The adjoint of such an array is at home where the array is made. Where a turn may hand it on from
within a branch, ``break`` and ``continue`` are taken out of the branch, which gives what is handed
on, and whether the loop is left:

    for …:                                  for …:
        v = u.copy()                            v = u.copy()
        v[1:] *= a                              v[1:] *= a
        if c:                                   if c:
            break                                   w = u, left = True
        u = v                                   else:
                                                    w = v, left = False
                                                u = w
                                                if left:
                                                    break
"""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff import types
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    IF,
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
from sourcediff.transform.arrays.code import is_array
from sourcediff.transform.arrays.reads import written_slots
from sourcediff.transform.lists.contents import slot_of
from sourcediff.transform.loops.turning import first_leaving, leaves
from sourcediff.transform.smaller.optimise import eliminate_dead, substituted
from sourcediff.types import Slot

__all__ = ["with_ends_joined"]

TRUE, FALSE = Const(True, types.BOOL), Const(False, types.BOOL)


def with_ends_joined(function: Function) -> Function:
    """The function with one end for the turns of loops that carry what is written to."""
    if not any(op.primitive in (BREAK, CONTINUE) for op in walk(function.body)):
        return function
    writes = written_slots(function)
    if not writes:
        return function
    function = eliminate_dead(function)  # what nobody reads is handed on nowhere
    return function.with_body(_region(function.body, writes))


def _region(region: Region, writes: dict[Slot, list[Op]]) -> Region:
    ops = []
    for op in region.ops:
        if op.regions:
            op = op.replace(regions=tuple(_region(inner, writes) for inner in op.regions))
        if op.primitive in LOOPS and any(
            is_array(result) and slot_of(result) in writes for result in op.results
        ):
            op = _with_one_end(op)
        ops.append(op)
    return region.replace(ops, region.results)


def _with_one_end(loop: Op) -> Op:
    place = 1 if loop.primitive is WHILE else 0
    body = loop.regions[place]
    if body.results is None or first_leaving(body.ops) is None:
        return loop
    carried = body.parameters[len(body.parameters) - len(loop.results) :]
    joined = _Joining(carried).of(body.ops, body.results, FALSE)
    if joined is None:
        return loop
    ops, ends, left = joined
    if left is not FALSE:
        jump = Region([Op(BREAK, ends, (), site=loop.site)], None)
        ops = [*ops, Op(IF, (left,), (), (jump, Region([], ())), "statement", loop.site)]
    regions = list(loop.regions)
    regions[place] = body.replace(ops, ends)
    return loop.replace(regions=tuple(regions))


#: Operations, what they hand on, and whether the loop is left then.
_Joined = tuple[list[Op], tuple[Atom, ...], Atom]


class _Joining:
    def __init__(self, carried: Sequence[Value]) -> None:
        self.carried = carried

    def of(self, ops: Sequence[Op], ends: tuple[Atom, ...], left: Atom) -> _Joined | None:
        """The same with one end; None where what follows a branch would be there twice.

        Args:
            ends: what the operations hand on, where they do not leave before.
            left: whether they leave the loop at their end.
        """
        if ops and ops[-1].primitive in (BREAK, CONTINUE):
            *ops, jump = ops
            ends, left = jump.args, TRUE if jump.primitive is BREAK else FALSE
        place = first_leaving(ops)
        if place is None:
            return list(ops), ends, left
        branch, rest = ops[place], ops[place + 1 :]
        if sum(region.results is not None for region in branch.regions) > 1:
            return None
        arms: list[tuple[Region, _Joined | None]] = []
        for region in branch.regions:
            inner, handed, last = list(region.ops), ends, left
            if region.results is not None:
                known = dict(zip(branch.results, region.results, strict=True))
                end = substituted([Op(BREAK, ends, ())], known)[0].args
                inner, handed = [*inner, *substituted(rest, known)], end
            elif not leaves(region):
                arms.append((region, None))  # it raises
                continue
            found = self.of(inner, handed, last)
            if found is None:
                return None
            arms.append((region, found))
        return self._joined(list(ops[:place]), branch, arms)

    def _joined(
        self, before: list[Op], branch: Op, arms: list[tuple[Region, _Joined | None]]
    ) -> _Joined:
        ways = [found for _, found in arms if found is not None]
        given = [(*ends, left) for _, ends, left in ways]
        inside = {v for ops, _, _ in ways for op in ops for v in op.results}
        results: list[Value] = []
        places: list[int] = []
        whole: list[Atom] = list(given[0])
        kinds = [(p.type, p.name) for p in self.carried] + [(types.BOOL, None)]
        for place, (kind, name) in enumerate(kinds):
            atoms = [atoms[place] for atoms in given]
            if all(a is atoms[0] for a in atoms) and atoms[0] not in inside:
                continue
            result = whole[place] = Value(kind, name)
            results.append(result)
            places.append(place)
        regions = []
        for region, found in arms:
            if found is None:
                regions.append(region)
                continue
            ops, ends, left = found
            handed = (*ends, left)
            regions.append(region.replace(ops, tuple(handed[k] for k in places)))
        made = Op(IF, branch.args, tuple(results), tuple(regions), branch.attribute, branch.site)
        return [*before, made], tuple(whole[:-1]), whole[-1]
