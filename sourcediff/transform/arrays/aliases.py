"""Whether an array that a loop takes over is used by another of its names later.

A loop that carries arrays which are written to hands on what it was given, or others. The
adjoints of what it was given are those that the turns leave, but only if nobody looks at it, or
writes to it, behind the loop or in its turns by a name that it had before:

    c = a
    for _ in range(n):
        b[1:] = c[:-1]
        c, b = b, c
    a[0] = 5.0      # after two turns this is written to `c` as well
"""

from __future__ import annotations

from collections.abc import Iterator

from sourcediff.frontend.primitives import COPY, GETATTR, GETITEM, NARROWED, TUPLE, UNPACK, YIELDED
from sourcediff.ir import Atom, Function, Op, Region, Value
from sourcediff.memory import LIST, READ, SUBSCRIPT
from sourcediff.transform.arrays.code import is_array
from sourcediff.transform.arrays.reads import is_view

__all__ = ["Aliases", "is_of_others"]

#: What may give an operand under another name, or hold it.
_HOLD = (COPY, GETITEM, LIST, NARROWED, TUPLE, UNPACK, YIELDED)


class Aliases:
    """The uses of the values of one function, in the order of the program."""

    def __init__(self, function: Function) -> None:
        #: By value, what uses it and where; None where a region ends with it.
        self.uses: dict[Value, list[tuple[int, Op | None]]] = {}
        self.places: dict[Op, int] = {}
        self.ends: dict[Op, int] = {}
        self._count = 0
        self._number(function.body)

    def _number(self, region: Region) -> None:
        for op in region.ops:
            self._count += 1
            self.places[op] = self._count
            self._note(op.args, op)
            for part in op.regions:
                self._number(part)
            self.ends[op] = self._count
        self._count += 1
        self._note(region.results or (), None)

    def _note(self, atoms: tuple[Atom, ...], op: Op | None) -> None:
        for atom in atoms:
            if isinstance(atom, Value):
                self.uses.setdefault(atom, []).append((self._count, op))

    def names(self, whole: Value) -> Iterator[Value]:
        """An array, and what looks at it or holds it."""
        pending, seen = [whole], {whole}
        while pending:
            value = pending.pop()
            yield value
            for _, op in self.uses.get(value, ()):
                if op is None or not (op.primitive in _HOLD or is_view(op)):
                    continue
                fresh = [result for result in op.results if result not in seen]
                seen.update(fresh)
                pending += fresh

    def is_taken_over(self, whole: Value, loop: Op) -> bool:
        """Whether a loop alone uses an array from there on, and takes it once."""
        if loop.args.count(whole) != 1:
            return False
        start = self.places[loop]
        names = self.names(whole)
        return all(op is loop for n in names for at, op in self.uses.get(n, ()) if at >= start)


def is_of_others(made: Op) -> bool:
    """Whether an operation gives an array that a list, tuple or object holds as well."""
    if made.primitive is SUBSCRIPT:
        return not is_array(made.args[0])
    return made.primitive in (*_HOLD, GETATTR, READ) and not is_view(made)
