"""What the shadow of an argument had at its places before the program ran.

Lists, dicts and objects are known by their identity, and so are their shadows, wherever the program
puts them. A tuple has none: its gradient is that of the place in the argument where it was. A
program that changes what is at such places changes the shadow's places with them; so their contents
are written down on the way in, in a table by the identity of the caller's object.

>>> def swapped(pairs):
...     pairs[0], pairs[1] = pairs[1], pairs[0]
...     return pairs[0][0]
>>> from sourcediff import grad
>>> grad(swapped)([(1.0, 2.0), (3.0, 4.0)])
[(0.0, 0.0), (1.0, 0.0)]
"""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff import memory
from sourcediff.ir import Value
from sourcediff.transform.whole.array_code import is_either
from sourcediff.transform.whole.build import Code
from sourcediff.transform.whole.program import Program
from sourcediff.transform.whole.shapes import inner, slots_within
from sourcediff.transform.whole.structure import is_tuple
from sourcediff.types import INT, OBJECT, Slot, Type, dict_of, record_of

__all__ = ["Beginnings", "Tables"]

#: The tables of copies and of shadows, and that of beginnings where there is one.
Tables = tuple[Value, ...]


class Beginnings:
    """The places of arguments where the program may put something else, and their table."""

    def __init__(self, program: Program, parameters: Sequence[Value]) -> None:
        self.program = program
        self.table = dict_of(Slot(INT), Slot(OBJECT))
        slots = [slot for p in parameters for slot in [*_own(p.type), *slots_within(p.type)]]
        self.needed = any(map(self.at, slots))

    def at(self, slot: Slot) -> bool:
        """Whether a place is one where the shadow has to be written down."""
        kind = slot.type
        placed = is_tuple(kind) or is_either(kind)
        return placed and slot.root in self.program.written and self.program.shadows.has(kind)

    def has(self, kind: Type) -> bool:
        """Whether something of this type has such places."""
        return any(map(self.at, _own(kind)))

    def parameter(self) -> Tables:
        """The table as a parameter, where there is one."""
        return (Value(self.table, "beginnings"),) if self.needed else ()

    def make(self, code: Code) -> Tables:
        """The table, where there is one."""
        return (code.op(memory.DICT, (), self.table),) if self.needed else ()

    def begin(self, code: Code, kind: Type, name: Value, tables: Tables) -> Value | None:
        """What is written down of something, empty; None if there is nothing to write down."""
        if not self.has(kind):
            return None
        made = code.op(memory.LIST if _is_row(kind) else memory.DICT, (), self.type_of(kind))
        code.put(tables[-1], name, made)
        return made

    def found(self, code: Code, kind: Type, name: Value, tables: Tables) -> Value | None:
        """What was written down of something."""
        return code.at(tables[-1], name, self.type_of(kind)) if self.has(kind) else None

    def type_of(self, kind: Type) -> Type:
        """The type of what is written down of something of this type."""
        shadow = self.program.shadows.of(kind)
        if kind.kind != "Object":
            return shadow
        return record_of({n: slot for n, slot in shadow.slots.items() if self.at(kind.slots[n])})


def _is_row(kind: Type) -> bool:
    return kind.kind in ("List", "Deque")


def _own(kind: Type) -> list[Slot]:
    """The slots of what something holds itself."""
    return [
        slot for name, slot in inner(kind).slots.items() if (name, kind.kind) != ("key", "Dict")
    ]
