"""Lists that are made empty and filled by one loop, an item in every turn.

The item of turn `i` is at place `i`, so that the reverse of the loop finds its adjoint there, and
the list is as long as the loop has turns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import FOR, Atom, Op, Region, Value, walk
from sourcediff.memory import LIST, METHOD_OF
from sourcediff.transform.adjoint.adjoints import defined_in
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
            if any(changes_length(write) for write in lists.writes[slot] if write is not one):
                continue
            inside = list(walk(Region([op], None)))
            defined = {*defined_in(op), whole}
            reads = [i for i in inside for a in i.args if a in defined and slot_of(a) is slot]
            if len(reads) != 1:
                continue  # what is in it so far is read meanwhile
            if any(_uses(before, whole) for before in region.ops[: region.ops.index(op)]):
                continue  # it is somewhere else already, where it may be read
            assert isinstance(whole, Value) and made is not None
            lists.filled[whole] = Filled(op, made.args[0], item)


def _uses(op: Op, whole: Atom) -> bool:
    """Whether an operation, or one in it, is given a list."""
    return any(
        whole in inner.args or any(whole in (part.results or ()) for part in inner.regions)
        for inner in walk(Region([op], None))
    )
