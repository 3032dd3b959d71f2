"""Lists that are made empty and filled by one loop, an item in every turn.

The item of turn `i` is at place `i`, so that the reverse of the loop finds its adjoint there, and
the list is as long as the loop has turns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import FOR, Atom, Op, Region, Value, walk
from sourcediff.memory import LIST, METHOD_OF
from sourcediff.transform.lists.contents import changes_length, slot_of
from sourcediff.transform.loops.turning import first_leaving

if TYPE_CHECKING:
    from sourcediff.transform.lists.shadows import Shadows

__all__ = ["Filled", "find_filled"]


class Filled:
    """A list that a loop over ``range(count)`` fills, one item a turn, at that place."""

    __slots__ = ("count", "item", "loop", "place")

    def __init__(self, loop: Op, count: Atom, item: Atom) -> None:
        self.loop = loop
        self.count = count
        self.place: Value = loop.regions[0].parameters[0]
        self.item = item


def find_filled(region: Region, lists: Shadows) -> None:
    """Note the lists that are made empty and filled by one loop, an item in every turn."""
    empty = {op.result for op in region.ops if op.primitive is LIST and not op.args}
    definitions = lists.run.builder.definitions
    for op in region.ops:
        for inner in op.regions:
            find_filled(inner, lists)
        if op.primitive is not FOR or len(op.regions) != 1:
            continue
        body = op.regions[0]
        made = definitions.get(op.args[0])  # type: ignore[arg-type]
        counted = made is not None and made.primitive is PURE_CALL and len(made.args) == 1
        if not counted or made.attribute.function is not range:  # type: ignore[union-attr]
            continue
        if first_leaving(body.ops) is not None or body.results is None:
            continue
        for one in body.ops:
            if one.primitive is not METHOD_OF or one.attribute.name != "append":
                continue
            whole, item = one.args
            slot = slot_of(whole)
            if slot is None or whole not in empty:
                continue
            others = (write for write in lists.writes[slot] if write is not one)
            if any(changes_length(o) and not _is_of_another(o, whole, lists) for o in others):
                continue
            if _uses(op, whole) != 1:
                continue  # what is in it so far is read meanwhile
            if sum(_uses(before, whole) for before in region.ops[: region.ops.index(op)]):
                continue  # it is somewhere else already, where it may be read
            assert isinstance(whole, Value) and made is not None
            lists.filled[whole] = Filled(op, made.args[0], item)


def _is_of_another(write: Op, whole: Atom, lists: Shadows) -> bool:
    """Whether an operation changes a list that was made elsewhere, and is not this one."""
    changed = write.args[0]
    made = lists.run.builder.definitions.get(changed)  # type: ignore[arg-type]
    return changed is not whole and made is not None and made.primitive is LIST


def _uses(op: Op, whole: Atom) -> int:
    """How often an operation, or one in it, is given a list: only so does it get another name."""
    given: list[Atom] = []
    for inner in walk(Region([op], None)):
        given.extend(inner.args)
        for part in inner.regions:
            given.extend(part.results or ())
    return given.count(whole)
