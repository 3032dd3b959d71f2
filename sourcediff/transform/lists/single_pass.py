"""What ``zip``, ``map`` and the like give is good for one pass: the second time it is empty.

    pairs = zip(xs, ys)
    for x, y in pairs: …
    for x, y in pairs: …        # finds nothing, and is refused

Loops are turned round by what they go through, which does not tell a second pass from the first.
"""

from __future__ import annotations

from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import TUPLE
from sourcediff.ir import LOOPS, Atom, Function, Op, Region
from sourcediff.memory import ASSIGN, DICT, LIST, MAKE_FUNCTION, SET_ATTRIBUTE, SET_ITEM, WRITE
from sourcediff.types import Type

__all__ = ["require_single_pass"]

#: What holds its operands, by a name or in memory, so that others get at them.
_KEEPING = (ASSIGN, DICT, LIST, MAKE_FUNCTION, SET_ATTRIBUTE, SET_ITEM, TUPLE, WRITE)


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
        gone: those that have been gone through, or handed on; grows.
    """
    for op in region.ops:
        for arg in filter(made.__contains__, op.args):
            _once(arg, op, loop, made, gone)
        inner = op if op.primitive in LOOPS else loop
        for part in op.regions:
            _look(part, inner, made, gone)
            for result in filter(made.__contains__, part.results or ()):
                _once(result, op, inner, made, gone)
        for kind in {result.type for result in op.results}:
            if _holds_iterator(kind) and (kind.kind != "Iterator" or op.primitive in LOOPS):
                raise _refused(op, "an iterator that is kept is not supported")
        made.update((r, loop) for r in op.results if r.type.kind == "Iterator")


def _once(
    atom: Atom, op: Op, loop: Op | None, made: dict[Atom, Op | None], gone: set[Atom]
) -> None:
    """Note that an operation takes an iterator, or hands it on."""
    if atom in gone or made[atom] is not loop:
        raise _refused(op, "an iterator that is gone through twice is not supported")
    if op.primitive in _KEEPING:
        raise _refused(op, "an iterator that is kept is not supported")
    gone.add(atom)


def _refused(op: Op, message: str) -> DifferentiationError:
    return DifferentiationError(message, op.site.span if op.site else None, "make a list of it")


def _holds_iterator(kind: Type, seen: frozenset[int] = frozenset()) -> bool:
    """Whether what is of a type is an iterator, or holds one."""
    if kind.kind == "Iterator":
        return True
    if id(kind) in seen or not (kind.items or kind.slots):
        return False
    parts = [*kind.items, *(slot.type for slot in kind.slots.values())]
    return any(_holds_iterator(part, seen | {id(kind)}) for part in parts)
