"""The reverse of a region: its steps backwards, as far as the forward sweep came.

What follows an operation by which control may leave the region belongs to the case that it stayed.
Each way out has a code; ``A; if c: B; leave with 7; C`` turns round into::

    if code != 7:
        reverse of C
    if c:
        reverse of B
    reverse of A

Where the code is known, so is what of this happens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sourcediff.ir import Atom, Const
from sourcediff.transform.whole.build import Code, integer
from sourcediff.types import BOOL

__all__ = ["Step", "turn_back"]


class Step:
    """The reverse of one operation: what appends it, given the code of how control left.

    `leaves` are the codes with which the operation leaves the region.
    """

    __slots__ = ("back", "leaves")

    def __init__(self, back: Callable[[Atom], None], leaves: frozenset[int] = frozenset()) -> None:
        self.back = back
        self.leaves = leaves


def turn_back(code: Code, steps: Sequence[Step], left: Atom) -> None:
    """Append the reverse of steps; `left` is the code of how control left them."""
    place = next((n for n, step in enumerate(steps) if step.leaves), len(steps))
    if place < len(steps):
        leaving, rest = steps[place], steps[place + 1 :]
        if rest and isinstance(left, Const):
            if left.value not in leaving.leaves:
                turn_back(code, rest, left)
        elif rest:
            stayed = _stayed(code, left, leaving.leaves)
            code.branch(stayed, lambda: turn_back(code, rest, left))
        leaving.back(left)
    for step in reversed(steps[:place]):
        step.back(left)


def _stayed(code: Code, left: Atom, leaves: frozenset[int]) -> Atom:
    found: Atom | None = None
    for number in sorted(leaves):
        other = code.negated(code.equal(left, integer(number)))
        found = other if found is None else code.both(found, other)
    assert found is not None
    assert found.type is BOOL
    return found
