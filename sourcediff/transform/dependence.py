"""Which operations need what others give."""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff.ir import AGAIN, LOOPS, Atom, Family, Op, Region, Value, walk

__all__ = ["depending", "used"]


def used(op: Op) -> set[Atom]:
    """What an operation reads, and what is in it."""
    found: set[Atom] = set()
    for inner in walk(Region([op], None)):
        found.update(inner.args)
        for region in inner.regions:
            found.update(region.results or ())
    return found


def depending(ops: Sequence[Op], values: set[Value]) -> list[Op]:
    """The operations that need any of `values`, directly or not.

    What turns a loop round needs the loop, if only for the number of its turns.
    """
    found = []
    reached: set[Atom] = set(values)
    families: set[Family] = set()
    for op in ops:
        inner = list(walk(Region([op], None)))
        again = {each.family for each in inner if each.primitive is AGAIN and each.family}
        if reached.isdisjoint(used(op)) and families.isdisjoint(again):
            continue
        found.append(op)
        reached.update(op.results)
        for each in inner:
            if each.primitive in LOOPS:
                if each.family is not None:
                    families.add(each.family)
                for region in each.regions:
                    reached.update(region.parameters)
                    reached.update(r for o in walk(region) for r in o.results)
    return found
