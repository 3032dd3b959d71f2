"""The values that are computed and not yet written, in the order of their evaluation.

A value that is read once can be written where it is read, in the midst of an expression, if what
it does may be put off till then. `Pending` holds the values of one region for which that is not
decided. Its order is that in which they have to be evaluated; those that do nothing at all but
compute are in no order.

A value gives way (it becomes a statement at its own place, with a variable) where a statement
comes that it must not be put behind, or where an expression would evaluate it too late.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

from sourcediff.backend.operands import EFFECT, RAISES, READS
from sourcediff.ir import Atom, Value

__all__ = ["Consumed", "Pending"]

_KINDS = (EFFECT, READS, RAISES)


class Consumed:
    """Operands that are folded: all, those that are in order, what they do, their place."""

    __slots__ = ("bits", "ordered", "place", "values")

    def __init__(
        self, values: list[Value], ordered: list[Value], bits: int, place: int | None
    ) -> None:
        self.values = values
        self.ordered = ordered
        self.bits = bits
        self.place = place


NOTHING = Consumed([], [], 0, None)


class Pending:
    """The values of a region that wait for the expression that reads them.

    Args:
        strict: whether it counts which of two exceptions comes first.
        give_way: told of each value that becomes a statement.
    """

    __slots__ = ("at", "bits", "give_way", "parts", "place", "stacks", "strict")

    def __init__(self, strict: bool, give_way: Callable[[Value], None]) -> None:
        self.strict = strict
        self.give_way = give_way
        #: What evaluating each value does, with all that is folded into it.
        self.bits: dict[Value, int] = {}
        self.place: dict[Value, int] = {}
        self.at: list[Value | None] = []
        #: What was folded into a value that took its place.
        self.parts: dict[Value, list[Value]] = {}
        #: The places of those that have an effect, read, may raise.
        self.stacks: dict[int, list[int]] = {kind: [] for kind in _KINDS}

    def push(self, value: Value, bits: int, consumed: Consumed | None = None) -> None:
        """A value has been computed.

        Args:
            value: what waits from now on.
            bits: what evaluating it does.
            consumed: its operands; where it takes their place, those that have one.
        """
        self.bits[value] = bits
        if not bits:
            return
        if consumed is None or consumed.place is None:
            here = len(self.at)
            self.at.append(value)
        else:
            here = consumed.place
            self.at[here] = value
            self.parts[value] = consumed.ordered
        self.place[value] = here
        for kind in _KINDS:
            if bits & kind:
                stack = self.stacks[kind]
                if not stack or stack[-1] < here:
                    stack.append(here)
                else:
                    at = bisect_left(stack, here)
                    if stack[at] != here:
                        stack.insert(at, here)

    def consume(self, operands: Sequence[Atom], bits: int = EFFECT) -> Consumed:
        """Fold what can be folded of operands that are evaluated in this order.

        Args:
            operands: what an operation evaluates.
            bits: what it does itself; one that does nothing need not wait for what comes after
                its operands.
        """
        mine = [a for a in dict.fromkeys(operands) if a.__class__ is Value and a in self.bits]
        if not mine:
            return NOTHING
        ordered: list[Value] = [a for a in mine if self.bits[a]]
        if ordered:
            end = len(self.at) if bits else 1 + max(self.place[value] for value in ordered)
            late = self._late(ordered, end)
            for value in late:
                self.spill(value)
            if late:
                mine = [a for a in mine if a in self.bits]
                ordered = [a for a in ordered if a in self.bits]
        here = max((self.place[value] for value in ordered), default=None)
        together = 0
        for value in mine:
            together |= self._remove(value)
        return Consumed(mine, ordered, together, None if bits else here)

    def _remove(self, value: Value) -> int:
        here = self.place.pop(value, None)
        if here is not None:
            self.at[here] = None
        return self.bits.pop(value)

    def _late(self, ordered: list[Value], end: int) -> list[Value]:
        """The values that would be evaluated behind something that has to come after them."""
        own = set(ordered)
        last = {kind: self._last(kind, own, end) for kind in _KINDS}
        found = []
        for value in ordered:
            bits, here = self.bits[value], self.place[value]
            if any(last[kind] > here for kind in _conflicting(bits, self.strict)):
                found.append(value)
                continue
            for kind in _KINDS:
                if bits & kind and last[kind] < here:
                    last[kind] = here
        return found

    def _last(self, kind: int, but: set[Value], end: int) -> int:
        """The place of the last value of a kind, before an end."""
        stack = self.stacks[kind]
        while stack and self.at[stack[-1]] is None:
            stack.pop()
        for here in reversed(stack):
            value = self.at[here]
            if here < end and value is not None and value not in but:
                return here
        return -1

    def spill(self, atom: Atom) -> None:
        """Make a value a statement, and what has to be evaluated before it."""
        waiting = [atom]
        while waiting:
            value = waiting.pop()
            if not isinstance(value, Value) or value not in self.bits:
                continue
            here = self.place.get(value)
            bits = self._remove(value)
            self.give_way(value)
            self._apart(value)
            if here is None:
                continue
            for kind in _conflicting(bits, self.strict):
                waiting += self._before(kind, here)

    def part(self, consumed: Consumed) -> None:
        """What consumed them in their place is a statement after all: they are as well."""
        if consumed.place is not None:
            for value in consumed.ordered:
                self.give_way(value)
                self._apart(value)

    def _apart(self, value: Value) -> None:
        """What took the place of its operands is a statement behind it: they stay in theirs."""
        for part in self.parts.pop(value, ()):
            self.give_way(part)
            self._apart(part)

    def _before(self, kind: int, here: int) -> Iterable[Value]:
        stack = self.stacks[kind]
        found = [self.at[place] for place in stack[: bisect_left(stack, here)]]
        return [value for value in found if value is not None]

    def flush(self, bits: int) -> None:
        """A statement comes that does this: what must not be put behind it gives way."""
        for kind in _conflicting(bits, self.strict):
            stack = self.stacks[kind]
            for here in stack:
                value = self.at[here]
                if value is not None:
                    self.spill(value)
            stack.clear()

    def close(self) -> None:
        """The region ends: what nobody has read in it gives way."""
        for value in list(self.bits):
            self._remove(value)
            self.give_way(value)
            self._apart(value)


_TABLE = {
    (bits, strict): tuple(
        kind
        for kind in _KINDS
        if (bits and kind == EFFECT)
        or bits & EFFECT
        or (strict and kind == RAISES and bits & RAISES)
    )
    for bits in range(8)
    for strict in (False, True)
}


def _conflicting(bits: int, strict: bool) -> tuple[int, ...]:
    """The kinds of evaluation that must not change places with one that does this."""
    return _TABLE[bits, strict]
