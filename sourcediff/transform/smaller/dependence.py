"""Which operations need what others give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sourcediff.ir import AGAIN, LOOPS, Atom, Family, Op, Region, walk
from sourcediff.transform.lists.contents import touched
from sourcediff.types import Slot

__all__ = ["Memory", "depending", "given", "used"]


def used(op: Op) -> set[Atom]:
    """What an operation reads, and what is in it."""
    found: set[Atom] = set()
    for inner in walk(Region([op], None)):
        found.update(inner.args)
        for region in inner.regions:
            found.update(region.results or ())
    return found


def given(ops: Iterable[Op]) -> set[Atom]:
    """What operations give, and what is computed in them.

    What turns a loop or a branch round reads what was computed in it, from where it stands.
    """
    found: set[Atom] = set()
    for inner in walk(Region(list(ops), None)):
        found.update(inner.results)
        for region in inner.regions:
            found.update(region.parameters)
    return found


class Memory:
    """The lists that operations look at and change, by the slots of what these hold."""

    def __init__(self, ops: Iterable[Op]) -> None:
        self.reads: set[Slot] = set()
        self.writes: set[Slot] = set()
        for op in ops:
            self.add(op)

    def add(self, op: Op) -> None:
        reads, writes = touched(op)
        self.reads |= reads
        self.writes |= writes

    def conflicts(self, other: Memory) -> bool:
        """Whether the order of the one and the other matters."""
        return not (
            self.writes.isdisjoint(other.reads | other.writes)
            and other.writes.isdisjoint(self.reads)
        )


def depending(ops: Sequence[Op], first: Op) -> list[Op]:
    """The operations behind `first` that have to stay behind it, directly or not.

    What turns a loop round needs the loop, if only for the number of its turns.
    """
    found = []
    reached = given([first])
    memory = Memory([first])
    families: set[Family] = set()
    for op in ops:
        inner = list(walk(Region([op], None)))
        again = {each.family for each in inner if each.primitive is AGAIN and each.family}
        needs = not reached.isdisjoint(used(op)) or not families.isdisjoint(again)
        if not needs and not memory.conflicts(Memory([op])):
            continue
        found.append(op)
        memory.add(op)
        reached |= given([op])
        families |= {e.family for e in inner if e.primitive in LOOPS and e.family is not None}
    return found
