"""Adding to a zero is assigning: loops that add once to each place of a new list of zeros.

``xs_bar[i] += y`` is ``xs_bar[i] = y`` where nothing else looks at the list before the loop has
ended, and no two turns have the same place: `i` is what the loop counts, or a constant more, or
counts from the other end.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping

from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import FOR, IF, Atom, Const, Op, Region, Value
from sourcediff.memory import ADD_AT, SET_ITEM
from sourcediff.transform.adjoint.scaled import ADD, SUB

__all__ = ["assigning"]

Definitions = Mapping[Value, Op]


def assigning(loop: Op, add: Op, whole: Value, definitions: Definitions) -> Op | None:
    """A loop that assigns where it added; None where it may add twice to one place.

    Args:
        loop: the loop that is the first to look at the list.
        add: all that it does with the list.
    """
    if add.primitive is not ADD_AT or add.args[0] is not whole or loop.primitive is not FOR:
        return None
    counted = _range_of(loop, definitions)
    if counted is None or not _distinct(add.args[1], loop, counted, definitions):
        return None
    (body,) = loop.regions
    changed = _replaced(body, add)
    return None if changed is None else loop.replace(regions=(changed,))


def _range_of(loop: Op, definitions: Definitions) -> Op | None:
    """The range that a loop counts through, in either direction."""
    made = definitions.get(loop.args[0]) if isinstance(loop.args[0], Value) else None
    if made is not None and made.primitive is PURE_CALL and made.attribute.function is reversed:
        (inner,) = made.args
        made = definitions.get(inner) if isinstance(inner, Value) else None
    if made is None or made.primitive is not PURE_CALL:
        return None
    return made if made.attribute.function is builtins.range else None


def _distinct(index: Atom, loop: Op, counted: Op, definitions: Definitions) -> bool:
    """Whether a place is another one in each turn, counted from the start of the list."""
    item = loop.regions[0].parameters[0]
    start = counted.args[0] if len(counted.args) > 1 else Const(0, item.type)
    if len(counted.args) > 2 or not isinstance(start, Const) or start.value < 0:
        return False
    if index is item:
        return True
    made = definitions.get(index) if isinstance(index, Value) else None
    if made is None or item not in made.args:
        return False
    if made.primitive is ADD:
        other = made.args[0] if made.args[1] is item else made.args[1]
        return isinstance(other, Const) and other.value >= 0
    if made.primitive is SUB and made.args[1] is item and len(counted.args) == 1:
        last = made.args[0]
        behind = definitions.get(last) if isinstance(last, Value) else None
        if behind is not None and behind.primitive is SUB and behind.args[0] is counted.args[0]:
            return isinstance(behind.args[1], Const) and behind.args[1].value == 1
    return False


def _replaced(region: Region, add: Op) -> Region | None:
    """A turn with the addition as an assignment, in a branch of it too; None in an inner loop."""
    ops = []
    found = False
    for op in region.ops:
        if op is add:
            op = Op(SET_ITEM, add.args, (), site=add.site, order=add.order)
            found = True
        elif op.primitive is IF:
            parts = [_replaced(part, add) for part in op.regions]
            if any(parts):
                found = True
                regions = tuple(p or r for p, r in zip(parts, op.regions, strict=True))
                op = op.replace(regions=regions)
        ops.append(op)
    return region.replace(ops, region.results) if found else None
