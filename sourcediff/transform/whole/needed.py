"""What is needed of a function: operations that have to happen, and what these depend on.

A loop or a branch that hands on a value which nobody looks at hands on less.

>>> from sourcediff.ir import Const, Function, Value
>>> from sourcediff.types import BOOL
>>> test, x, unused = Value(BOOL, "test"), Value(REAL, "x"), Value(REAL, "unused")
>>> arms = (Region([], (x,)), Region([], (Const(0.0, REAL),)))
>>> branch = Op(ir.IF, (test,), (unused,), arms)
>>> print(Function("f", [test, x], needed(Region([branch], (x,)))))
f(test: Bool, x: Real):
    yield x
"""

from __future__ import annotations

import operator
from collections.abc import Iterable

from sourcediff import ir, memory
from sourcediff.flow import stops
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import Atom, Op, Region, Value
from sourcediff.rules.table import primitive_of
from sourcediff.types import INT, REAL

__all__ = ["needed"]

DIVIDE = primitive_of(operator.truediv)


def needed(body: Region) -> Region:
    """The body of a function without what it does not need."""
    return _Needed(body).region(body, ())


def _only_looks(op: Op) -> bool:
    """Whether it is a call of a function of Python's that looks at a container and cannot fail."""
    if op.primitive is not PURE_CALL or op.attribute.function not in (len, list, tuple, sum, range):
        return False
    if op.attribute.function is range:
        return len(op.args) < 3 and all(arg.type is INT for arg in op.args)
    plain = all(arg.type.kind in _CONTAINERS for arg in op.args) and len(op.args) == 1
    return plain and (op.attribute.function is not sum or op.result.type in (REAL, INT))


_CONTAINERS = ("List", "Dict", "Record", "Deque", "Tuple", "Sequence", "Range")


class _Needed:
    """Which values something depends on that has to happen."""

    def __init__(self, body: Region) -> None:
        self.live: set[Value] = set()
        self.divided: set[Atom] = set()
        self.need(body.results or ())
        for op in ir.walk(body):
            if op.primitive is DIVIDE and op.order > 0:
                self.divided.add(op.args[1])
        while True:
            before = len(self.live)
            self.mark(body, ())
            if len(self.live) == before:
                break

    def need(self, atoms: Iterable[Atom]) -> None:
        self.live.update(atom for atom in atoms if isinstance(atom, Value))

    def happens(self, op: Op) -> bool:
        """Whether an operation has to be there whatever its result is good for."""
        if op.regions:
            inside = any(self.happens(inner) for region in op.regions for inner in region.ops)
            return inside or op.primitive not in (ir.IF, ir.FOR)
        if op.primitive is memory.READ and op.order > 0 and op.results:
            return False  # derivatives read what is bound
        if op.primitive.effect or stops(op):
            return True
        if op.order > 0 or not op.primitive.raises or _only_looks(op):
            return op.primitive is DIVIDE and op.order == 0 and op.args[1] not in self.divided
        return True

    def mark(self, region: Region, carried: tuple[int, ...]) -> None:
        for op in reversed(region.ops):
            if op.primitive in (ir.BREAK, ir.CONTINUE):
                self.need([op.args[place] for place in carried])
            elif op.primitive in (ir.WHILE, ir.FOR):
                self.loop(op)
            elif op.primitive is ir.IF:
                self.branch(op, carried)
            elif self.happens(op) or any(result in self.live for result in op.results):
                self.need(op.args)
                for inner in op.regions:
                    self.need(inner.results or ())
                    self.mark(inner, carried)

    def branch(self, op: Op, carried: tuple[int, ...]) -> None:
        needed = [place for place, result in enumerate(op.results) if result in self.live]
        if not needed and not self.happens(op):
            return
        self.need(op.args)
        for region in op.regions:
            if region.results is not None:
                self.need([region.results[place] for place in needed])
            self.mark(region, carried)

    def places(self, op: Op) -> tuple[int, ...]:
        """The places of the carried values that are needed."""
        found = []
        for place, result in enumerate(op.results):
            inside = [_carried(op, number)[place] for number in range(len(op.regions))]
            if result in self.live or any(value in self.live for value in inside):
                found.append(place)
        return tuple(found)

    def loop(self, op: Op) -> None:
        places = self.places(op)
        if op.primitive is ir.FOR:
            if not places and not self.happens(op):
                return
            self.need(op.args[:1])
        first = 1 if op.primitive is ir.FOR else 0
        self.need([op.args[first + place] for place in places])
        for number, region in enumerate(op.regions):
            if region.results is not None:
                head = 1 if op.primitive is ir.WHILE and number == 0 else 0
                self.need(list(region.results[:head]))
                self.need([region.results[head + place] for place in places])
            self.mark(region, places)

    # Writing again ------------------------------------------------------------------------

    def region(self, region: Region, carried: tuple[int, ...]) -> Region:
        ops = []
        for op in region.ops:
            made = self.op(op, carried)
            if made is not None:
                ops.append(made)
        return Region(ops, region.results, region.site, region.parameters)

    def op(self, op: Op, carried: tuple[int, ...]) -> Op | None:
        if op.primitive in (ir.BREAK, ir.CONTINUE):
            return op.replace(args=tuple(op.args[place] for place in carried))
        needed = [place for place, result in enumerate(op.results) if result in self.live]
        if op.primitive is ir.IF:
            if not needed and not self.happens(op):
                return None
            regions = tuple(
                _yielding(self.region(inner, carried), 0, needed) for inner in op.regions
            )
            results = tuple(op.results[place] for place in needed)
            if not results and not any(inner.ops for inner in regions):
                return None
            return op.replace(results=results, regions=regions)
        if op.primitive in (ir.WHILE, ir.FOR):
            return self.slim(op)
        if not needed and not self.happens(op):
            return None
        regions = tuple(self.region(inner, carried) for inner in op.regions)
        return op.replace(regions=regions)

    def slim(self, op: Op) -> Op | None:
        places = self.places(op)
        first = 1 if op.primitive is ir.FOR else 0
        if first and not places and not self.happens(op):
            return None
        regions = []
        for number, region in enumerate(op.regions):
            head = 1 if op.primitive is ir.WHILE and number == 0 else 0
            made = _yielding(self.region(region, places), head, list(places))
            start = 1 if op.primitive is ir.FOR and number == 0 else 0
            kept = [made.parameters[start + place] for place in places]
            made.parameters = (*made.parameters[:start], *kept)
            regions.append(made)
        args = (*op.args[:first], *(op.args[first + place] for place in places))
        results = tuple(op.results[place] for place in places)
        return op.replace(args=args, results=results, regions=tuple(regions))


def _carried(op: Op, number: int) -> tuple[Value, ...]:
    """The parameters of a region of a loop that are what it carries."""
    start = 1 if op.primitive is ir.FOR and number == 0 else 0
    return op.regions[number].parameters[start:]


def _yielding(region: Region, head: int, places: list[int]) -> Region:
    if region.results is None:
        return region
    kept = [region.results[head + place] for place in places]
    return Region(region.ops, (*region.results[:head], *kept), region.site, region.parameters)
