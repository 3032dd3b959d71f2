"""Loops that have the form of a comprehension: one last statement within another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sourcediff import memory
from sourcediff.backend.shapes import targets_of
from sourcediff.ir import BREAK, FOR, IF, Atom, Const, Op, Value
from sourcediff.memory import METHOD_OF, SET_ITEM

__all__ = ["STARTS", "Comprehension", "innermost"]


class Comprehension:
    """A loop that is written as an expression.

    kind      "list", "set", "dict", "generator", "any" or "all"
    clauses   each loop with the filters that follow it, outermost first
    leaf      what is done for each item: the last append, or the branch that ends the loop
    """

    __slots__ = ("clauses", "kind", "leaf")

    def __init__(self, kind: str, clauses: list[tuple[Op, list[Atom]]], leaf: Op) -> None:
        self.kind = kind
        self.clauses = clauses
        self.leaf = leaf

    @property
    def whole(self) -> Value | None:
        """The list, set or dict that is made."""
        if self.kind in ("any", "all"):
            return None
        found = self.leaf.args[0]
        assert isinstance(found, Value)
        return found

    def element(self) -> Sequence[Atom]:
        """What is computed for each item; of a dict the key and the value."""
        return self.leaf.args[:1] if self.kind in ("any", "all") else self.leaf.args[1:]

    def bound(self, targets: dict[Value, Op]) -> Iterator[Value]:
        """The values that its loops bind."""
        for loop, _ in self.clauses:
            yield from targets_of(loop.regions[0].parameters[0], targets)

    @property
    def binds(self) -> bool:
        """Whether expressions in it bind variables."""
        return self.kind not in ("any", "all") and any(loop.results for loop, _ in self.clauses)

    def inner(self) -> Iterator[Atom]:
        """The atoms that are evaluated for each item, in order."""
        for place, (loop, filters) in enumerate(self.clauses):
            if place:
                yield loop.args[0]
            yield from filters
        yield from self.element()


def innermost(loop: Op, binds: bool = False) -> Comprehension | None:
    """A loop taken for a comprehension by its form: one last statement within another.

    Args:
        binds: whether it may hand on what expressions in it bind.
    """
    kind = loop.attribute
    carried = 1 if kind in ("any", "all") else 0
    if loop.primitive is not FOR or kind is None or kind == "clause" or len(loop.regions) != 1:
        return None
    if len(loop.results) != carried and (carried or not binds):
        return None
    filters: list[Atom] = []
    clauses: list[tuple[Op, list[Atom]]] = [(loop, filters)]
    region = loop.regions[0]
    while region.ops:
        op = region.ops[-1]
        if carried and _leaves(op, kind):
            return Comprehension(kind, clauses, op)
        if op.primitive is IF:
            if op.results and (carried or not binds):
                return None
            if op.regions[1].ops or op.regions[1].results is None:
                return None
            if op.regions[0].results is None:
                return None
            filters.append(op.args[0])
            region = op.regions[0]
        elif op.primitive is FOR and op.attribute == "clause" and not carried:
            if (op.results and not binds) or len(op.regions) != 1:
                return None
            filters = []
            clauses.append((op, filters))
            region = op.regions[0]
        else:
            return Comprehension(kind, clauses, op) if not carried and _adds(op, kind) else None
    return None


def _leaves(op: Op, kind: str) -> bool:
    """Whether an operation is what ends ``any`` (or ``all``)."""
    if op.primitive is not IF or op.results:
        return False
    ends, goes_on = op.regions if kind == "any" else reversed(op.regions)
    if len(ends.ops) != 1 or ends.ops[0].primitive is not BREAK or goes_on.ops:
        return False
    (found,) = ends.ops[0].args
    return isinstance(found, Const) and found.value is (kind == "any")


def _adds(op: Op, kind: str) -> bool:
    if not op.args or not isinstance(op.args[0], Value):
        return False
    if kind == "dict":
        return op.primitive is SET_ITEM
    if op.primitive is not METHOD_OF or op.attribute.keywords or len(op.args) != 2:
        return False
    wanted = "add" if kind == "set" else "append"
    return bool(op.attribute.name == wanted)


#: What a comprehension of each kind starts from.
STARTS = {
    "list": memory.LIST,
    "generator": memory.LIST,
    "set": memory.SET,
    "dict": memory.DICT,
}
