"""Places that loops count: ``i``, ``i - 1``, and which of them come later.

>>> from sourcediff.transform.adjoint.scaled import SUB
>>> i, before = Value(INT, "i"), Value(INT)
>>> places = Places({before: Op(SUB, (i, Const(1, INT)), (before,))})
>>> places.parts(before) == (i, -1), places.parts(Const(2, INT))
(True, (None, 2))
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping

from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import FOR, Atom, Const, Op, Value
from sourcediff.transform.adjoint.scaled import ADD, SUB
from sourcediff.types import INT

__all__ = ["Places"]


class Places:
    """The places of lists and arrays in one function."""

    def __init__(self, definitions: Mapping[Value, Op]) -> None:
        self.definitions = definitions
        #: The least that what loops count is, where that is known.
        self.least: dict[Value, int] = {}
        #: What counts down.
        self.descending: set[Value] = set()

    def parts(self, place: Atom) -> tuple[Value | None, int]:
        """A place as a value and a whole number that is added to it."""
        if isinstance(place, Const):
            return None, int(place.value) if place.type is INT else -1
        made = self.definitions.get(place)
        if made is not None and made.primitive in (ADD, SUB) and place not in self.least:
            one, other = made.args
            if isinstance(one, Value) and isinstance(other, Const) and other.type is INT:
                return one, other.value if made.primitive is ADD else -other.value
        return place, 0

    def count(self, loop: Op) -> Value | None:
        """Note from where a loop counts, and give what it counts; None where it counts nothing."""
        counter = loop.regions[0].parameters[0] if loop.primitive is FOR else None
        if counter is None or counter.type is not INT:
            return None
        made = self._call(loop.args[0])
        turned = made is not None and made.attribute.function is reversed
        if made is not None and turned:
            made = self._call(made.args[0])
        if made is None or made.attribute.function is not builtins.range:
            return None
        first, last, step = [*([Const(0, INT)] if len(made.args) == 1 else []), *made.args][:3] + (
            [Const(1, INT)] if len(made.args) < 3 else []
        )
        if not isinstance(step, Const) or step.value == 0:
            return None
        end = first if step.value > 0 else last
        if not isinstance(end, Const):
            return None
        self.least[counter] = end.value if step.value > 0 else end.value + 1
        if (step.value < 0) is not turned:
            self.descending.add(counter)
        return counter

    def _call(self, atom: Atom) -> Op | None:
        """The call that gives what a loop goes through."""
        op = self.definitions.get(atom) if isinstance(atom, Value) else None
        return op if op is not None and op.primitive is PURE_CALL else None
