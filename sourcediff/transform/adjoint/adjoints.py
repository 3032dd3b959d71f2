"""What is known of the adjoints of the values of a region, while it is turned round."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sourcediff.ir import Op, Site, Value
from sourcediff.transform.adjoint.scaled import ZERO, Scaled
from sourcediff.transform.arrays.code import adjoint_type

if TYPE_CHECKING:
    from sourcediff.transform.arrays.items import Waiting

__all__ = ["Adjoints", "Entry", "defined_in", "named"]


class Entry:
    """The adjoint of a value so far: what earlier statements contributed, and what `site` has."""

    __slots__ = ("before", "now", "site")

    def __init__(self, before: Scaled, now: Scaled, site: Site | None) -> None:
        self.before = before
        self.now = now
        self.site = site


class Adjoints:
    """The adjoints of the values of a region, over those of the region outside."""

    def __init__(self, outer: Adjoints | None = None) -> None:
        self.outer = outer
        self.here: dict[Value, Entry] = {}
        #: By list, the list of the adjoints of its items, or the one adjoint that all of them have.
        self.lists: dict[Value, Value | Scaled] = {}
        #: By array, what items contribute that waits for what the whole array does.
        self.items: dict[Value, list[Waiting]] = {}
        #: The arrays whose adjoints are parts of others.
        self.views: set[Value] = set()
        #: Of the body of a loop: what is defined in it, and in loops that make the same turns.
        self.inside: set[Value] | None = None
        self.mates: set[Value] = set()
        #: The sums over the turns of what they contribute to values from outside.
        self.accumulators: dict[Value, Value] = {}

    def get(self, value: Value) -> Entry | None:
        """What is known of the adjoint of a value, or None while nothing has contributed."""
        adjoints: Adjoints | None = self
        while adjoints is not None:
            if value in adjoints.here:
                return adjoints.here[value]
            if adjoints.inside is not None:
                known = value in adjoints.inside or value in adjoints.mates
                return None if known else adjoints.accumulated(value)
            adjoints = adjoints.outer
        return None

    def accumulated(self, value: Value) -> Entry:
        """The sum that turns so far have contributed to the adjoint of a value from outside."""
        total = Value(adjoint_type(value), adjoint_of=value if named(value) else None)
        self.accumulators[value] = total
        entry = self.here[value] = Entry(Scaled(1.0, total), ZERO, None)
        return entry


def named(value: Value) -> bool:
    """Whether a value belongs to a variable of the user, or to the adjoint of one."""
    return value.name is not None or value.adjoint_of is not None


def defined_in(op: Op) -> Iterator[Value]:
    """The values that are defined within an operation."""
    for region in op.regions:
        yield from region.parameters
        for inner in region.ops:
            yield from inner.results
            yield from defined_in(inner)
