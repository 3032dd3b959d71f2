"""Which values there are where a branch takes an arm.

A value of the forward code that only one arm of a branch makes has no adjoint in the reverse of
the other arm, not even zero: there is nothing to make an array of zeros like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sourcediff.guards import test_of
from sourcediff.ir import DEAD, IF, Atom, Op, Region, Value

__all__ = ["Arms"]


class Arms:
    """The branches of a function, and what is made in their arms.

    Args:
        body: the body of the function.
        definitions: what makes each value.
    """

    def __init__(self, body: Region, definitions: Mapping[Value, Op]) -> None:
        self.definitions = definitions
        #: The tests around what makes a value, each with the arm.
        self.around: dict[Value, tuple[tuple[Atom, int], ...]] = {}
        self._region(body, ())

    def _region(self, region: Region, around: tuple[tuple[Atom, int], ...]) -> None:
        for value in region.parameters:
            self.around[value] = around
        for op in region.ops:
            for value in op.results:
                self.around[value] = around
            for arm, part in enumerate(op.regions):
                self._region(part, (*around, (test_of(op), arm)) if op.primitive is IF else around)
            if op.primitive is IF:
                # What follows is there where an arm does not leave only.
                stays = [arm for arm, part in enumerate(op.regions) if part.results is not None]
                around = (*around, (test_of(op), stays[0])) if len(stays) == 1 else around

    def lacks(self, value: Atom, branch: Op, arm: int) -> bool:
        """Whether there is no such value where a branch takes an arm."""
        if not isinstance(value, Value):
            return value is DEAD
        test = self._inside(test_of(branch))
        for other, place in self.around.get(value, ()):
            if place != arm and self._inside(other) is test:
                return True
        made = self.definitions.get(value)
        if made is None or made.primitive is not IF:
            return False
        regions: Sequence[Region] = made.regions
        if self._inside(test_of(made)) is test:
            regions = (made.regions[arm],)
        place = made.results.index(value)
        found = [part.results[place] for part in regions if part.results is not None]
        return bool(found) and all(self.lacks(atom, branch, arm) for atom in found)

    def _inside(self, atom: Atom) -> Atom:
        """What only one arm makes, as it is called there."""
        made = self.definitions.get(atom) if isinstance(atom, Value) else None
        if made is None or made.primitive is not IF:
            return atom
        place = made.results.index(atom)
        found = [part.results[place] for part in made.regions if part.results is not None]
        alive = [one for one in found if one is not DEAD]
        return self._inside(alive[0]) if len(alive) == 1 else atom
