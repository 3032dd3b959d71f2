"""Values that a turn puts into a list of the user's own: the reverse reads them there.

    for row in ws:                                       tanh = kept.pop()
        tanh = math.tanh(sum(…))        instead of       hs_bar[i] * (1 - tanh * tanh)
        hs.append(tanh)                 stands           hs_bar[i] * (1 - hs[i] * hs[i])

So it may where each turn of a loop puts one value at a place of its own, and nothing changes the
list behind that.
"""

from __future__ import annotations

from collections.abc import Iterator

from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import FOR, Const, Function, Op, Region, Value, walk
from sourcediff.memory import LIST, METHOD_OF, OPERATE, SET_ITEM, SUBSCRIPT
from sourcediff.transform.lists.contents import Changes
from sourcediff.transform.lists.shadows import SUMS
from sourcediff.transform.loops.turning import leaves
from sourcediff.types import INT, is_number

__all__ = ["stored_values"]


def stored_values(function: Function) -> dict[Value, tuple[Op, bool]]:
    """By value, the operation that reads it from a list; whether that is there for a sum only."""
    found: dict[Value, tuple[Op, bool]] = {}
    stores = list(_stores(function.body))
    if not stores:
        return found
    changes = Changes(function)
    for store, value, whole, place in stores:
        read = Op(SUBSCRIPT, (whole, place), (value,), site=store.site, order=store.order)
        if value not in found and not changes.come_behind(read, whole, at=store, but=store):
            found[value] = (read, _is_summed(function, whole, store))
    return found


def _stores(region: Region) -> Iterator[tuple[Op, Value, Value, Value]]:
    """What loops put into lists that are made beside them: how, what, where and at which place."""
    definitions = {r: op for op in region.ops for r in op.results}
    for number, loop in enumerate(region.ops):
        for inner in loop.regions:
            yield from _stores(inner)
        if loop.primitive is not FOR or len(loop.regions) != 1:
            continue
        (body,) = loop.regions
        first = _first_place(loop, definitions)
        if first is None or leaves(body) or body.results is None:
            continue
        place = body.parameters[0]
        inside = {r for op in body.ops for r in op.results}
        for op in body.ops:
            if op.primitive is METHOD_OF and op.attribute.name == "append":
                whole, value = op.args
                made = definitions.get(whole)  # type: ignore[arg-type]
                empty = made is not None and made.primitive is LIST and not made.args
                before = region.ops[:number]
                if first != 0 or not empty or any(_uses(each, whole) for each in before):
                    continue
                if _uses(loop, whole) != 1:
                    continue
            elif op.primitive is SET_ITEM and op.args[1] is place:
                whole, _, value = op.args
                made = definitions.get(whole)  # type: ignore[arg-type]
                if made is None or made.primitive not in (LIST, OPERATE):
                    continue
            else:
                continue
            if whole.type.kind != "List" or value not in inside or not is_number(value.type):
                continue
            assert isinstance(whole, Value) and isinstance(value, Value)
            yield op, value, whole, place


def _first_place(loop: Op, definitions: dict[Value, Op]) -> int | None:
    """From where a loop counts, one by one; None where that is not known, or below zero."""
    made = definitions.get(loop.args[0])  # type: ignore[arg-type]
    if made is None or made.primitive is not PURE_CALL or made.attribute.function is not range:
        return None
    if len(made.args) == 1:
        return 0
    start = made.args[0]
    known = isinstance(start, Const) and start.type is INT and start.value >= 0
    return int(start.value) if known and len(made.args) == 2 else None  # type: ignore[union-attr]


def _uses(op: Op, whole: object) -> int:
    """How many operations, of one and those in it, use a list."""
    return sum(1 for inner in walk(Region([op], None)) if whole in inner.args)


def _is_summed(function: Function, whole: Value, store: Op) -> bool:
    """Whether a list is filled only to be added up, so that it may be no list in the text."""
    users = [op for op in walk(function.body) if op is not store and whole in op.args]
    return all(op.primitive is PURE_CALL and op.attribute.function in SUMS for op in users)
