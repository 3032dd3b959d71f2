"""Zeros for lists of lists that are made anew in every turn of a loop.

Where the turns are made again, the list of the earlier turn is gone: its shape has to be known from
what made it. ``ps = [(v, v * k) for v in xs]`` is as long as `xs`, and its items are two numbers.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import FOR, Atom, Const, Op, Region, Value
from sourcediff.memory import LIST, METHOD_OF, OPERATE, MethodSpec
from sourcediff.transform.lists.contents import changes_length, slot_of
from sourcediff.types import Type

if TYPE_CHECKING:
    from sourcediff.transform.lists.shadows import Shadows

__all__ = ["zeros_of_turn"]

ZERO = Const(0.0, types.REAL)


def zeros_of_turn(lists: Shadows, whole: Value, kind: Type) -> Value:
    """``[[0.0] * width for _ in range(count)]``.

    Raises:
        DifferentiationError: what made the list does not tell its shape.
    """
    builder = lists.run.builder
    filled = lists.filled.get(whole)
    item = None if filled is None else filled.item
    width = None if not isinstance(item, Value) else _width(lists, item)
    if filled is None or width is None:
        lists.refuse(lists.now, "a list of lists that is made in a loop")
    inner = kind.slots["element"].type
    made = builder.emit(LIST, (), kind)
    count = lists.count_again(filled.count)
    with builder.block() as code:
        one = builder.emit(LIST, (ZERO,), inner)
        zeros = builder.emit(OPERATE, (one, width), inner, "*")
        spec = MethodSpec("append", writes=True)
        builder.append(Op(METHOD_OF, (made, zeros), (), (), spec, builder.site, builder.order))
    region = Region(code, (), None, (Value(types.INT, "_"),))
    places = lists.call(range, count, kind=types.RANGE)
    builder.append(Op(FOR, (places,), (), (region,), "list", builder.site, builder.order))
    return made


def _width(lists: Shadows, row: Value) -> Atom | None:
    """How many numbers a row has, where that can be told outside of what made it."""
    made = lists.run.builder.definitions.get(row)
    slot = slot_of(row)
    filled = lists.filled.get(row)
    if made is None or slot is None or slot.type.kind == "List":
        return None
    writes = [op for op in lists.writes.get(slot, ()) if op.args[0] not in lists.filled]
    if any(map(changes_length, writes)):
        return None
    if filled is not None:
        return _seen_everywhere(lists, filled.count)
    if made.primitive is LIST and not made.attribute and made.args:
        return Const(len(made.args), types.INT)
    if made.primitive is OPERATE and made.attribute == "*":
        for one, count in (made.args, made.args[::-1]):
            display = lists.run.builder.definitions.get(one)  # type: ignore[arg-type]
            if display is not None and display.primitive is LIST and len(display.args) == 1:
                return None if display.attribute else _seen_everywhere(lists, count)
    return None


def _seen_everywhere(lists: Shadows, count: Atom) -> Atom | None:
    """A number that does not belong to one turn: a constant, an argument, the length of one."""
    parameters = lists.run.function.parameters
    if isinstance(count, Const) or count in parameters:
        return count
    made = lists.run.builder.definitions.get(count)
    if made is None or made.primitive is not PURE_CALL:
        return None
    if made.attribute.function is not builtins.len or made.args[0] not in parameters:
        return None
    again = lists.count_again(count)
    return None if again is count else again
