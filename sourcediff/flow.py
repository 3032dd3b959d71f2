"""Where control goes: which functions a function leads to, which operations it does not pass.

>>> from sourcediff.ir import RETURN, Const
>>> from sourcediff.types import REAL
>>> stops(Op(RETURN, (Const(1.5, REAL),), ()))
True
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sourcediff import ir, memory
from sourcediff.ir import Const, Function, Invocation, Op, Region, TrySpec, Variable
from sourcediff.types import NEVER

__all__ = ["exits", "functions_reached", "stops", "variables_seen"]

Makers = dict[Function, list[Function]]

#: Operations that may raise for operands known while compiling, and so be the last of a region.
_RAISING = ("raise", "read", "bound", "required", "assert", "unpack", "unpack_iterable")


def functions_reached(function: Function) -> tuple[dict[Function, None], Makers]:
    """All functions that one leads to, and for those made as values the functions that do that."""
    reached: dict[Function, None] = {function: None}
    makers: Makers = {}
    pending = [function]
    while pending:
        one = pending.pop()
        for op in ir.walk(one.body):
            other = op.attribute
            if isinstance(other, Invocation):
                other = other.function
            elif op.primitive is memory.MAKE_FUNCTION and isinstance(other, Function):
                makers.setdefault(other, []).append(one)
            if isinstance(other, Function) and other not in reached:
                reached[other] = None
                pending.append(other)
    return reached, makers


def variables_seen(
    function: Function, makers: Makers, within: frozenset[Function] = frozenset()
) -> set[Variable]:
    """The variables that a function may read: its own, and those of where it is made."""
    within |= {function}
    around = [
        variables_seen(maker, makers, within)
        for maker in makers.get(function, ())
        if maker not in within
    ]
    return set(function.variables).union(*around)


def stops(op: Op) -> bool:
    """Whether control does not go on after an operation."""
    regions = op.regions
    if op.primitive in ir.EXITS or op.primitive.name in _RAISING:
        return True
    if op.primitive is ir.IF:
        return all(region.results is None for region in regions)
    if op.primitive is ir.TRY:
        spec: TrySpec = op.attribute
        handlers = regions[1 : 1 + len(spec.handlers)]
        body = [regions[0], *regions[1 + len(handlers) :][: spec.has_else]]
        return (spec.has_finally and regions[-1].results is None) or (
            any(region.results is None for region in body)
            and all(region.results is None for region in handlers)
        )
    if op.primitive is ir.FOR:
        return regions[-1].results is None and len(regions) == 2 and not _breaks(regions[0])
    if op.primitive is ir.WHILE:
        test = (regions[0].results or (None,))[0]
        endless = isinstance(test, Const) and bool(test.value)
        endless = endless or (len(regions) == 3 and regions[2].results is None)
        return endless and not _breaks(regions[1])
    if op.primitive is ir.INVOKE and not op.results:
        return True  # a function that always raises
    return any(result.type is NEVER for result in op.results)


def exits(loop: Op) -> Iterator[Op]:
    """The breaks and continues by which turns of a loop end."""
    pending = [loop.regions[1 if loop.primitive is ir.WHILE else 0]]
    while pending:
        for op in pending.pop().ops:
            if op.primitive in (ir.BREAK, ir.CONTINUE):
                yield op
            pending.extend(_outside_of_loops(op))


def _breaks(region: Region) -> bool:
    """Whether control may leave the loop of which this is the body, or a part of it."""
    return any(
        op.primitive is ir.BREAK or any(_breaks(inner) for inner in _outside_of_loops(op))
        for op in region.ops
    )


def _outside_of_loops(op: Op) -> Sequence[Region]:
    """The regions of an operation in which a break belongs to the loop around it."""
    if op.primitive in (ir.FOR, ir.AGAIN):
        return op.regions[1:]
    return op.regions[2:] if op.primitive is ir.WHILE else op.regions
