"""Where several operations are one statement or expression: comprehensions, stores of a tuple.

`shapes` says what has the form of one. Here it is noted before the operations are looked at, as
they read less then, and given up afterwards where something stands in between.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sourcediff.backend import iterations, shapes
from sourcediff.backend.operands import RAISES, READS, itself
from sourcediff.ir import Atom, Op, Region, Value
from sourcediff.transform.smaller.dependence import used

if TYPE_CHECKING:
    from sourcediff.backend.plan import Plan

__all__ = ["Idioms"]


class Idioms:
    """The idioms of one function.

    Args:
        plan: where they are noted.
        unfold: told of values that get a variable after all.

    bits: what each operation does, with all that is folded into it.
    """

    def __init__(self, plan: Plan, unfold: Callable[[Atom], None]) -> None:
        self.plan = plan
        self.unfold = unfold
        self.bits: dict[Op, int] = {}
        #: Of ``x = xs[i] = v`` how often the value is stored.
        self._chained: dict[shapes.Group, int] = {}

    def only_expressions(self, region: Region) -> bool:
        """Whether a region has no statements."""
        return next(self.plan.statements(region), None) is None

    # Loops --------------------------------------------------------------------------------

    def begin_loop(self, op: Op, around: Region) -> None:
        """Before the body is looked at: what belongs to the head, what to a comprehension."""
        for value, target in shapes.header_targets(op.regions[0], self.plan.uses):
            self.plan.targets[value] = target
            self.plan.absorbed.add(target)
        found = iterations.innermost(op, bool(self.plan.named - self.plan.refused))
        if found is None:
            return
        whole = found.whole
        if whole is not None:
            start = self.plan.definitions.get(whole)
            if start is None or start.primitive is not iterations.STARTS[found.kind] or start.args:
                return
            if whole in found.element():
                return
            if start not in around.ops:  # what is made before a loop that goes on adding to it
                return
            between = around.ops[around.ops.index(start) + 1 : around.ops.index(op)]
            if any(whole in used(other) for other in between):
                return  # it is somewhere else already
            self.plan.uses[whole] -= 1
            self.plan.adding[found.leaf] = found
        self.plan.comprehensions[op] = found

    def end_loop(self, op: Op, bits: int) -> int:
        """After the body: whether it is a comprehension; what it does."""
        found = self.plan.comprehensions.get(op)
        if found is None:
            return bits
        whole = found.whole
        if self._folds(found):
            if whole is not None:
                self.plan.absorbed.add(self.plan.definitions[whole])
                self.plan.definitions[whole] = op
                self.plan.made[op] = whole
            return self._does(found)
        del self.plan.comprehensions[op]
        if whole is not None:
            self.plan.uses[whole] += 1
            del self.plan.adding[found.leaf]
            if found.kind == "dict":
                self.unfold(found.leaf.args[1])  # of ``d[k] = v``, `v` is evaluated first
        return bits

    def _folds(self, found: iterations.Comprehension) -> bool:
        """Whether all that is in a comprehension is folded."""
        for loop, filters in found.clauses:
            region = loop.regions[0]
            for place in range(len(filters) + 1):
                rest = list(self.plan.statements(region))
                if len(rest) != 1:
                    return False
                if place < len(filters):
                    region = rest[0].regions[0]
        return found.leaf in rest or rest[0] is found.leaf

    def _does(self, found: iterations.Comprehension) -> int:
        bits = READS if self.plan.named else 0
        for loop, filters in found.clauses:
            bits |= itself(loop) | RAISES
            region = loop.regions[0]
            for place in range(len(filters) + 1):
                last = region.ops[-1]
                for op in region.ops:
                    if op is not last and op not in self.plan.absorbed:
                        bits |= self.bits.get(op, itself(op))
                if place < len(filters):
                    region = last.regions[0]
        return bits

    # Stores of one statement --------------------------------------------------------------

    def find_groups(self, region: Region) -> None:
        for group in shapes.groups(region, self.plan.uses, self.plan.absorbed):
            if any(op in self.plan.augmented for op in group.members):
                continue
            self.plan.groups[group.members[0]] = group
            for op in group.members:
                self.plan.members[op] = group
            if group.unpacking:
                for op in group.members[1:]:
                    stored = op.args[-1]
                    assert isinstance(stored, Value)
                    self.plan.targets[stored] = op
            elif group.is_chain():
                (value,) = group.values()
                count = len(group.members)
                if isinstance(value, Value) and self.plan.uses[value] == count:
                    self._chained[group] = count
                    self.plan.uses[value] = 1

    def end_group(self, op: Op) -> None:
        """See whether nothing stands between the stores of one statement."""
        group = self.plan.members.get(op)
        if group is None or op is not group.members[-1]:
            return
        if all(between.result in self.plan.folded for between in group.between):
            self.plan.absorbed.update(group.members[1:])
            return
        del self.plan.groups[group.members[0]]
        for member in group.members:
            del self.plan.members[member]
            if group.unpacking:
                self.plan.targets.pop(member.args[-1], None)  # type: ignore[arg-type]
        if not group.unpacking:
            for atom in group.values():
                if group in self._chained and isinstance(atom, Value):
                    self.plan.uses[atom] = self._chained[group]
                self.unfold(atom)
