"""What an arm of a branch defines and other arms read, as results of the branch.

The forward code of a branch makes a list, and its reverse reads it: between them it is a result of
the first branch, which the other arm has no value for.
"""

from __future__ import annotations

from collections.abc import Iterator

from sourcediff.ir import DEAD, IF, LOOPS, Atom, Function, Op, Region, Value, walk

__all__ = ["export_from_arms", "export_in_turn", "yielded_as"]


def export_from_arms(function: Function) -> Function:
    """Bring what is read outside of the arm that defines it out of the arm."""
    if not any(op.primitive is IF for op in walk(function.body)):
        return function
    run = _Export(function.body)
    return function.with_body(run.region(function.body))


def export_in_turn(turn: Region) -> Region:
    """The same within one turn of a loop, where loops inside keep what they keep by turns."""
    if not any(op.primitive is IF for op in turn.ops):
        return turn
    return _Export(turn, loops=False).region(turn)


def yielded_as(branch: Op, arm: int, value: Value) -> Value | None:
    """The result of a branch that is a value of one of its arms where that arm is taken."""
    yields = branch.regions[arm].results or ()
    for result, atom in zip(branch.results, yields, strict=bool(yields)):
        if atom is value and result.type is value.type:
            return result
    return None


class _Export:
    def __init__(self, body: Region, loops: bool = True) -> None:
        #: Whether to look at the branches in loops.
        self.loops = loops
        #: How often each value is read, in all.
        self.reads: dict[Value, int] = {}
        for value in _read(body):
            self.reads[value] = self.reads.get(value, 0) + 1
        #: The value that stands for another where that is out of sight.
        self.now: dict[Value, Value] = {}

    def read(self, atom: Atom) -> Atom:
        return self.now.get(atom, atom) if isinstance(atom, Value) else atom

    def region(self, region: Region) -> Region:
        ops = []
        for op in region.ops:
            args = tuple(map(self.read, op.args))
            again = _Export.region if self.loops or op.primitive not in LOOPS else _Export.renamed
            regions = tuple(again(self, part) for part in op.regions)
            made = op.replace(args, regions=regions)
            ops.append(self.branch(op, made) if op.primitive is IF else made)
        results = None if region.results is None else tuple(map(self.read, region.results))
        return region.replace(ops, results)

    def renamed(self, region: Region) -> Region:
        """The region, with what it reads under the names that this has now."""
        ops = [
            op.replace(tuple(map(self.read, op.args)), regions=tuple(map(self.renamed, op.regions)))
            for op in region.ops
        ]
        results = None if region.results is None else tuple(map(self.read, region.results))
        return region.replace(ops, results)

    def branch(self, before: Op, op: Op) -> Op:
        inside: dict[Value, int] = {}
        for part in before.regions:
            for value in _read(part):
                inside[value] = inside.get(value, 0) + 1
        results = list(op.results)
        yields = [list(part.results or ()) for part in op.regions]
        for arm, part in enumerate(before.regions):
            if part.results is None:
                continue
            for value in _defined(part):
                if self.reads.get(value, 0) == inside.get(value, 0):
                    continue
                known = yielded_as(before, arm, value)
                if known is not None:
                    self.now[value] = known
                    continue
                out = value.another()
                results.append(out)
                for other, found in enumerate(yields):
                    found.append(self.read(value) if other == arm else DEAD)
                self.now[value] = out
        if len(results) == len(op.results):
            return op
        regions = tuple(
            part.replace(part.ops, None if part.results is None else tuple(found))
            for part, found in zip(op.regions, yields, strict=True)
        )
        made = op.replace(results=tuple(results), regions=regions)
        if made.attribute == "expression":
            made.attribute = "statement"
        return made


def _defined(region: Region) -> Iterator[Value]:
    """The values that an arm defines, but in loops."""
    for op in region.ops:
        yield from op.results
        if op.primitive is IF:
            for part in op.regions:
                yield from _defined(part)


def _read(region: Region) -> Iterator[Value]:
    for op in walk(region):
        yield from (atom for atom in op.args if isinstance(atom, Value))
        for part in op.regions:
            yield from (atom for atom in part.results or () if isinstance(atom, Value))
    yield from (atom for atom in region.results or () if isinstance(atom, Value))
