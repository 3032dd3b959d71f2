"""Which arrays are computed twice in vain: nobody writes to them, or could tell one from the other.

An array is an object: what is written to it is seen by whoever holds it. Two computations of one
array are one where nothing is written to what they read or give, and none of them is handed out,
handed on or put anywhere:

    above = x > 0                           above = x > 0
    y = np.where(above, x, 0.1 * x)         y = np.where(above, x, 0.1 * x)
    above_1 = x > 0                  →      z = np.where(above, y * g, y)
    z = np.where(above_1, y * g, y)
"""

from __future__ import annotations

from sourcediff.called import ENTERS
from sourcediff.frontend.primitives import COPY, TUPLE, YIELDED
from sourcediff.ir import LOOPS, Atom, Function, Op, Value, walk
from sourcediff.memory import DICT, LIST, MAKE_FUNCTION, METHOD_OF, SET_ITEM
from sourcediff.transform.lists.contents import changed_lists, slot_of, slots_in
from sourcediff.types import Slot

__all__ = ["SameArrays"]

#: What hands on what it is given, or keeps it.
_KEEPERS = (COPY, YIELDED, TUPLE, LIST, DICT, METHOD_OF, *ENTERS, *LOOPS)


class SameArrays:
    """The arrays of one function that are computed and read, and nothing else."""

    def __init__(self, function: Function) -> None:
        self.written: set[Slot | None] = set()
        self.handed: set[Atom] = set(function.body.results or ())
        self.is_beyond_us = False
        for op in walk(function.body):
            if op.primitive.writes:
                self.written.update(map(slot_of, changed_lists(op)))
                self.handed.update(op.args[2:] if op.primitive is SET_ITEM else ())
            if op.primitive in ENTERS or op.primitive is MAKE_FUNCTION:
                self.written.update(slot for arg in op.args for slot in slots_in(arg.type))
                self.is_beyond_us |= op.primitive is MAKE_FUNCTION
            if op.primitive in _KEEPERS:
                self.handed.update(op.args)
            for region in op.regions:
                self.handed.update(region.results or ())

    def are_one(self, op: Op, earlier: Op) -> bool:
        """Whether an operation need not be done again."""
        if self.is_beyond_us or len(op.results) != 1 or op.order + earlier.order > 0:
            return False  # adjoints are added to in place, each for itself
        if op.primitive.rule is None and op.primitive.pattern is None:
            return False
        both = (op.result, earlier.result)
        if any(value in self.handed for value in both) or all(value.name for value in both):
            return False
        return all(
            slot_of(atom) not in self.written
            for atom in (*op.args, *both)
            if isinstance(atom, Value) and slot_of(atom) is not None
        )
