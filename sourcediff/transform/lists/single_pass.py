"""What ``zip``, ``map`` and the like give is good for one pass: the second time it is empty.

    pairs = zip(xs, ys)
    for x, y in pairs: …
    for x, y in pairs: …        # finds nothing, and is refused

Loops are turned round by what they go through, which does not tell a second pass from the first.
"""

from __future__ import annotations

from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import LOOPS, Atom, Function, Op, Region

__all__ = ["require_single_pass"]


def require_single_pass(function: Function) -> None:
    """Refuse to go twice through an iterator, or in each turn of a loop through the same.

    Raises:
        DifferentiationError: the function does.
    """
    _look(function.body, None, {}, set())


def _look(region: Region, loop: Op | None, made: dict[Atom, Op | None], gone: set[Atom]) -> None:
    """Go through a region.

    Args:
        loop: the loop around the region.
        made: of the iterators that have been made, the loop around; grows.
        gone: those that have been gone through; grows.
    """
    for op in region.ops:
        for arg in filter(made.__contains__, op.args):
            if arg in gone or made[arg] is not loop:
                raise DifferentiationError(
                    "an iterator that is gone through twice is not supported",
                    op.site.span if op.site else None,
                    "make a list of it",
                )
            gone.add(arg)
        inner = op if op.primitive in LOOPS else loop
        for part in op.regions:
            _look(part, inner, made, gone)
        if op.primitive is PURE_CALL:
            made.update((r, loop) for r in op.results if r.type.kind == "Iterator")
