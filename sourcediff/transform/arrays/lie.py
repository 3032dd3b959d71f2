"""How one array lies in memory, and a part of it.

The axes of an array have an order, from that whose neighbours are farthest apart to that whose
numbers follow each other. Two of them that follow in this order are *joined* where no numbers lie
between the end of the one and the start of the next, and the array is *tight* where none lie
between its neighbours. An array that lies in the order of C has its axes in order, all joined, and
is tight. Of ``x[:, 1:]`` the axes are not joined, of ``x.T`` they are in the other order. Axes of
length one say nothing and are left out.

>>> whole = packed((0, 1))
>>> part_of(whole, [(False, True), (True, True)])     # x[1:, :]
Lie(order=(0, 1), joined=(True,), tight=True)
>>> part_of(whole, [(True, True), (False, True)])     # x[:, 1:]
Lie(order=(0, 1), joined=(False,), tight=True)
>>> part_of(whole, ["new", "gone", (False, False)])   # x[None, 0, ::2]
Lie(order=(1,), joined=(), tight=False)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Lie", "Taken", "packed", "part_of"]

#: What an index does with an axis: it is "gone" or "new"; of a slice, whether it takes all of it,
#: and whether it leaves out nothing between.
Taken = str | tuple[bool, bool]


class Lie(NamedTuple):
    """How an array lies: its axes by their order, which of them are joined, whether it is tight."""

    order: tuple[int, ...]
    joined: tuple[bool, ...]
    tight: bool

    @property
    def is_chain(self) -> bool:
        """Whether the numbers are equally far apart, row by row: all reshapes are views."""
        return all(self.joined) and self.order == tuple(sorted(self.order))

    @property
    def is_in_rows(self) -> bool:
        """Whether the array is in one piece, row by row, in the order of C."""
        return self.is_chain and self.tight

    @property
    def is_in_one_piece(self) -> bool:
        """Whether there is nothing between the numbers."""
        return self.tight and all(self.joined)


def packed(order: tuple[int, ...]) -> Lie:
    """That of an array in one piece, with its axes in an order."""
    return Lie(order, (True,) * max(len(order) - 1, 0), True)


def part_of(lie: Lie, taken: Sequence[Taken]) -> Lie:
    """That of a part of an array, by what is taken of its axes."""
    order, joined, tight = list(lie.order), list(lie.joined), lie.tight
    to: dict[int, int] = {}
    axis = place = 0
    for what in taken:
        if what == "new":
            place += 1
            continue
        if isinstance(what, str) and axis in order:
            at = order.index(axis)
            if at == len(order) - 1:
                tight = False
                del joined[at - 1 :]
            elif at == 0:
                del joined[0]
            else:
                del joined[at]
                joined[at - 1] = False
            del order[at]
        elif not isinstance(what, str) and axis in order:
            tight = _cut(order.index(axis), joined, tight, what)
        if what != "gone":
            to[axis] = place
            place += 1
        axis += 1
    return Lie(tuple(to[k] for k in order), tuple(joined), tight)


def _cut(at: int, joined: list[bool], tight: bool, taken: tuple[bool, bool]) -> bool:
    """Note a slice of an axis; whether the array is still tight."""
    whole, near = taken
    if whole:
        return tight
    if at:
        joined[at - 1] = False
    if near:
        return tight
    if at < len(joined):
        joined[at] = False
        return tight
    return False
