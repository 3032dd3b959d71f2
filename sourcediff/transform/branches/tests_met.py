"""What stands under the same test twice stands under it once.

What a turn needs of a branch is taken from its list under the test of the branch, and the reverse
of the branch stands under the same one:

    if differs:                      if differs:
        x_j = kept.pop()                 x_j = kept.pop()
    if differs:             →            row_bar[j] += x_j * total_bar
        row_bar[j] += x_j * total_bar

Only branches that derivatives brought in are moved, behind what does not look at what they change.
"""

from __future__ import annotations

from sourcediff.ir import BREAK, CONTINUE, DEAD, IF, RETURN, Atom, Function, Op, Region, Value, walk
from sourcediff.transform.lists.contents import slot_of
from sourcediff.transform.smaller.dependence import Memory, given, used
from sourcediff.transform.smaller.optimise import simplify, substituted

__all__ = ["tests_met"]

#: What control does not come out of.
_LEAVES = (BREAK, CONTINUE, RETURN)


def tests_met(function: Function) -> Function:
    """Put what a branch computes for a later one under the same test into that.

    In an arm in which two of them meet, a test may stand twice that is the same one.
    """
    while any(op.primitive is IF and op.order > 0 for op in walk(function.body)):
        run = _Meeting()
        body = run.region(function.body)
        if not run.met:
            break
        function = simplify(function.with_body(body))
    return function


class _Meeting:
    """One walk over a function."""

    def __init__(self) -> None:
        self.met = False

    def region(self, region: Region) -> Region:
        ops = list(region.ops)
        place = 0
        while place < len(ops):
            if _may_move(ops[place]) and _meet(ops, place, region):
                self.met = True
            else:
                place += 1
        for k, op in enumerate(ops):
            if op.regions:
                ops[k] = op.replace(regions=tuple(map(self.region, op.regions)))
        return region.replace(ops, region.results)


def _meet(ops: list[Op], place: int, region: Region) -> bool:
    """Put a branch into the next one under the same test, if that is possible."""
    first = ops[place]
    behind = next((k for k in range(place + 1, len(ops)) if _same_test(first, ops[k])), None)
    if behind is None:
        return False
    between, second, after = ops[place + 1 : behind], ops[behind], ops[behind + 1 :]
    if not given([first]).isdisjoint(_used([*between, *after]) | set(region.results or ())):
        return False
    both = _both(first, second)
    if both is None or not _passes(first, between):
        return False
    ops[place : behind + 1] = [*between, both]
    return True


def _may_move(op: Op) -> bool:
    return op.primitive is IF and op.order > 0 and isinstance(op.args[0], Value)


def _same_test(first: Op, op: Op) -> bool:
    return op.primitive is IF and op.args == first.args


def _used(ops: list[Op]) -> set[Atom]:
    return {atom for op in ops for atom in used(op)}


def _passes(first: Op, between: list[Op]) -> bool:
    """Whether a branch may come behind some operations."""
    inside = walk(Region([first], None))
    others = list(walk(Region(between, None)))
    if any(map(_is_outward, inside)) and any(map(_is_outward, others)):
        return False
    if any(op.primitive in _LEAVES for op in others):
        return False
    return not Memory([first]).conflicts(Memory(between))


def _is_outward(op: Op) -> bool:
    """Whether an operation has an effect other than to change a list."""
    changes = op.primitive.writes and op.args and slot_of(op.args[0]) is not None
    return op.primitive.effect and not changes


def _both(first: Op, second: Op) -> Op | None:
    """One branch that does what two do."""
    regions = []
    for one, other in zip(first.regions, second.regions, strict=True):
        if one.results is None or other.results is None:
            return None
        if any(op.primitive in _LEAVES for op in walk(one)):
            return None
        known = dict(zip(first.results, one.results, strict=True))
        read = _used(list(other.ops)) | set(other.results)
        if any(atom is DEAD and result in read for result, atom in known.items()):
            return None
        results = tuple(known.get(a, a) if isinstance(a, Value) else a for a in other.results)
        regions.append(other.replace([*one.ops, *substituted(other.ops, known)], results))
    parts = tuple(regions)
    return Op(IF, second.args, second.results, parts, "statement", second.site, second.order)
