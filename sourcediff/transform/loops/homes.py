"""Where the values of loops are defined: in which loop, and under which tests.

A value that is defined behind a branch by which control may leave the turn is defined only where
control stayed: that is one more test.
"""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff.ir import IF, LOOPS, Function, Op, Region, Value
from sourcediff.transform.loops.turning import leaves

__all__ = ["Condition", "Home", "homes_of"]


class Condition:
    """That control took one way at a branch: into an arm of it, or (`arm` None) past it."""

    __slots__ = ("arm", "branch")

    def __init__(self, branch: Op, arm: int | None) -> None:
        self.branch = branch
        self.arm = arm

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Condition) and self.branch is other.branch and self.arm == other.arm
        )

    def __hash__(self) -> int:
        return hash((id(self.branch), self.arm))


class Home:
    """Where a value is defined.

    loop        the innermost loop, and `around` the loops around that, outermost first
    conditions  the ways that control takes in a turn of it to get there, outermost first
    op          the operation that defines it; None for what the turn starts with
    order       its place among all values
    """

    __slots__ = ("around", "conditions", "loop", "op", "order")

    def __init__(
        self,
        loop: Op,
        around: tuple[Op, ...],
        conditions: tuple[Condition, ...],
        op: Op | None,
        order: int,
    ) -> None:
        self.loop = loop
        self.around = around
        self.conditions = conditions
        self.op = op
        self.order = order

    @property
    def depth(self) -> int:
        """How many loops it is in."""
        return len(self.around) + 1


Ways = dict[Op, tuple[Condition, ...]]


def homes_of(function: Function, ways: Ways | None = None) -> dict[Value, Home]:
    """The home of every value that is defined in a loop.

    Args:
        ways: takes for every branch and loop the ways that control takes in a turn to get there.
    """
    found: dict[Value, Home] = {}
    _region(function.body, (), (), found, {} if ways is None else ways)
    return found


def _region(
    region: Region,
    loops: tuple[Op, ...],
    conditions: tuple[Condition, ...],
    found: dict[Value, Home],
    ways: Ways,
) -> None:
    def define(values: Sequence[Value], op: Op | None) -> None:
        for value in values:
            if loops:
                found[value] = Home(loops[-1], loops[:-1], conditions, op, len(found))

    define(region.parameters, None)
    for op in region.ops:
        if op.primitive is IF:
            ways[op] = conditions
            for arm, inner in enumerate(op.regions):
                _region(inner, loops, (*conditions, Condition(op, arm)), found, ways)
        elif op.primitive in LOOPS:
            ways[op] = conditions
            for inner in op.regions:
                _region(inner, (*loops, op), (), found, ways)
        if op.primitive is IF and loops and any(map(leaves, op.regions)):
            stays = [k for k, r in enumerate(op.regions) if not leaves(r)]
            gone = [k for k, r in enumerate(op.regions) if r.results is None]
            way = stays[0] if len(stays) == 1 == len(gone) else None
            conditions = (*conditions, Condition(op, way))
        define(op.results, op)
