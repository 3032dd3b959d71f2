"""Targets of assignments and of loops, and the stores that are one statement of the user.

They are found by their form alone. Whether they can be written in one, nothing standing in
between, is decided by `idioms`.
"""

from __future__ import annotations

from collections.abc import Iterator

from sourcediff.backend.named import is_named_expression
from sourcediff.backend.operators import same_atom
from sourcediff.frontend.primitives import UNPACK
from sourcediff.ir import Atom, Op, Region, Value
from sourcediff.memory import ASSIGN, SET_ATTRIBUTE, SET_ITEM, UNPACK_ITERABLE, WRITE

__all__ = ["STORES", "UNPACKS", "Group", "groups", "header_targets", "targets_of"]

STORES = (SET_ITEM, SET_ATTRIBUTE, WRITE)
UNPACKS = (UNPACK, UNPACK_ITERABLE)


def header_targets(region: Region, uses: dict[Value, int]) -> Iterator[tuple[Value, Op]]:
    """The operations that begin a body and only say what ``for … in`` binds, with their operand."""
    if not region.parameters:
        return
    open_targets = {region.parameters[0]}
    for op in region.ops:
        if op.primitive is WRITE:
            named = True
        elif op.primitive in UNPACKS:
            named = False
        else:
            return
        whole = op.args[0]
        if whole not in open_targets or uses.get(whole) != 1 or (whole.name and not named):
            return
        yield whole, op
        open_targets.update(op.results)


def targets_of(value: Value, targets: dict[Value, Op]) -> Iterator[Value]:
    """The values that are bound where `value` is taken apart, or itself."""
    taken = targets.get(value)
    if taken is None:
        yield value
    elif taken.primitive in UNPACKS:
        for item in taken.results:
            yield from targets_of(item, targets)


class Group:
    """Stores of one statement: ``xs[i], self.a = u, v``; all but the first are absorbed by it.

    `unpacking` says that the first takes the items of its operand apart, for the others.
    """

    __slots__ = ("between", "members", "unpacking")

    def __init__(self, members: list[Op], between: list[Op], unpacking: bool) -> None:
        self.members = members
        self.between = between
        self.unpacking = unpacking

    def values(self) -> list[Atom]:
        """What is stored, in order; a value that is stored everywhere once."""
        found = [
            a for op in self.members for a in (op.args if op.primitive is ASSIGN else op.args[-1:])
        ]
        return found[:1] if self.is_chain() else found

    def is_chain(self) -> bool:
        """Whether it is ``x = xs[i] = v``."""
        first, *rest = [
            a for op in self.members for a in (op.args if op.primitive is ASSIGN else op.args[-1:])
        ]
        if self.unpacking or not all(same_atom(first, a) for a in rest):
            return False
        site = self.members[0].site
        if isinstance(first, Value) and first.name is None:
            return True
        return site is None or "," not in site.text.partition(" = ")[0]


def groups(region: Region, uses: dict[Value, int], taken: set[Op]) -> Iterator[Group]:
    """The stores of a region that stand in one statement of the user."""
    run: list[Op] = []
    for op in region.ops:
        if run and op.site is not run[0].site:
            if len(run) > 1:
                yield from _group(run, region, uses, taken)
            run = []
        if run or (_may_be_first(op) and op.site is not None and not op.site.augmented):
            run.append(op)
    if len(run) > 1:
        yield from _group(run, region, uses, taken)


_FIRST = (*STORES, *UNPACKS, ASSIGN)


def _may_be_first(op: Op) -> bool:
    """Whether a statement may begin here that stores several; each of a derivative stands alone."""
    stores_alone = op.primitive in STORES and op.order > 0
    return op.primitive in _FIRST and not stores_alone and not is_named_expression(op)


def _group(
    run: list[Op], region: Region, uses: dict[Value, int], taken: set[Op]
) -> Iterator[Group]:
    first = run[0]
    if first in taken:
        return
    unpacking = first.primitive in UNPACKS
    members, between, last = [first], [], 0
    items = set(first.results) if unpacking else set()
    for place, op in enumerate(run[1:], 1):
        stored = op.args[-1] if op.args else None
        if is_named_expression(op):
            break
        if op.primitive in STORES or (op.primitive is ASSIGN and not unpacking):
            if unpacking and (stored not in items or uses.get(stored) != 1):
                break
        elif unpacking and op.primitive in UNPACKS and stored in items:
            if uses.get(stored) != 1 or stored.name is not None:
                break
            items.update(op.results)
        elif (
            op.regions
            or len(op.results) != 1
            or op.result.name is not None
            or uses.get(op.result) != 1
        ):
            break
        else:
            continue
        if any(op in taken for op in run[last : place + 1]):
            break
        members.append(op)
        between += run[last + 1 : place]
        last = place
    if len(members) < 2:
        return
    if not unpacking:
        inside = {r for op in (*between, *members) for r in op.results}
        values = [
            a for op in members for a in (op.args if op.primitive is ASSIGN else op.args[-1:])
        ]
        if any(a in inside for a in values):
            return
    yield Group(members, between, unpacking)
