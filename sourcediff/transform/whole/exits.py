"""The ways out of the regions of a function, by number, and what does not cross them.

>>> from sourcediff.ir import BREAK, Function, Op, Region
>>> leave = Op(BREAK, (), ())
>>> Exits(Function("f", [], Region([leave], None))).of(leave)
frozenset({1})
"""

from __future__ import annotations

from sourcediff import ir
from sourcediff.errors import DifferentiationError
from sourcediff.ir import Function, Op, Region, Value
from sourcediff.transform.whole.activity import Activity
from sourcediff.transform.whole.build import refuse

__all__ = ["Exits"]

#: Operations that may stand before the test of a loop, as they are written twice.
FEW = 10


class Exits:
    """The exits of one function."""

    def __init__(self, function: Function) -> None:
        self.function = function
        #: Each exit's code; 0 is for what ends without one.
        self.number: dict[Op, int] = {}
        for op in ir.walk(function.body):
            if op.primitive in ir.EXITS:
                self.number[op] = len(self.number) + 1
        self._of: dict[Op, frozenset[int]] = {}

    def of(self, op: Op) -> frozenset[int]:
        """The codes with which an operation leaves the region that it stands in."""
        found = self._of.get(op)
        if found is None:
            found = self._of[op] = self._leaving(op)
        return found

    def _leaving(self, op: Op) -> frozenset[int]:
        if op.primitive in ir.EXITS:
            return frozenset({self.number[op]})
        inside = [self.of(one) for region in op.regions for one in region.ops]
        found = frozenset().union(*inside)
        if op.primitive is ir.WHILE:
            returns = {n for one, n in self.number.items() if one.primitive is ir.RETURN}
            found &= returns
        return found

    def guard(self, loop: Op) -> Op | None:
        """The test that ends a loop, where that is how all of its turns begin and the one way out.

        Then each turn but the last comes to its end, and it is enough to know how many there were.
        """
        body = loop.regions[1]
        leaving = [one for one in body.ops if self.of(one)]
        if len(leaving) != 1 or leaving[0].primitive is not ir.IF or len(self.of(leaving[0])) != 1:
            return None
        (test,) = leaving
        before = body.ops[: body.ops.index(test)]
        inside = [one for region in test.regions for one in region.ops]
        count = sum(1 for _ in ir.walk(Region(before, ())))
        if count > FEW or any(one.regions for one in inside):
            return None
        return test if sum(region.results is None for region in test.regions) == 1 else None

    def check(self, op: Op) -> DifferentiationError | None:
        """Refuse a ``finally`` that leaves by itself."""
        if op.attribute.has_finally and any(self.of(one) for one in op.regions[-1].ops):
            raise refuse(op.site, "leaving by a return or a break in 'finally' is not supported")
        return None

    def local_values(self, activity: Activity, careful: bool) -> set[Value]:
        """Values whose adjoints stay within one straight line of the reverse sweep."""
        home: dict[Value, int] = {}
        away: set[Value] = set()
        count = 0

        def scan(region: Region, careful: bool) -> None:
            nonlocal count
            count += 1
            here = count
            for op in region.ops:
                if careful:
                    count += 1
                    here = count
                for arg in op.args:
                    if isinstance(arg, Value) and home.get(arg) != here:
                        away.add(arg)
                for result in op.results:
                    home[result] = here
                for inner in op.regions:
                    scan(inner, careful or op.primitive is ir.TRY)
                if self.of(op) and op.regions:
                    count += 1
                    here = count

        scan(self.function.body, careful)
        return {value for value in home if value not in away}
