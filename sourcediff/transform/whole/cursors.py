"""What a loop goes through, read by index: whether there is more, and the next item.

Lists, tuples, ranges and texts are read at a place that moves on; `zip`, `enumerate`, `reversed`,
`map`, the items and values of a dict are read from what they go through. So a loop over them is
a loop that reads elements of memory at the moment at which Python would read them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff import memory, types
from sourcediff.frontend.primitives import TUPLE
from sourcediff.ir import Atom, Op, Value
from sourcediff.transform.whole.build import (
    ZERO_INT,
    Code,
    integer,
    refuse,
)
from sourcediff.transform.whole.normal import Normal
from sourcediff.transform.whole.shapes import element, inner
from sourcediff.types import INT, Slot, Type, list_of

__all__ = ["Cursor", "Places", "cursor_of", "keys_of", "listed", "make_tuple"]


class Cursor:
    """A place in what is gone through. Its methods append code."""

    def __init__(self, code: Code) -> None:
        self.code = code

    def more(self) -> Atom:
        """Whether there is another item; changes nothing."""
        raise NotImplementedError

    def item(self) -> Atom:
        """The next item, of which `more` has said that there is one."""
        raise NotImplementedError

    def finish(self) -> None:
        """Behind the last item."""


class Places(Cursor):
    """The items of a sequence, from its first place on or backwards from its last."""

    def __init__(self, code: Code, whole: Atom, type: Type, backwards: bool = False) -> None:
        super().__init__(code)
        self.whole = whole
        self.type = type
        self.backwards = backwards
        self.place = code.variable("place", INT)
        first: Atom = ZERO_INT
        if backwards:
            first = code.minus(code.length(whole), integer(1))
        code.write(self.place, first)

    def more(self) -> Atom:
        now = self.code.read(self.place)
        if self.backwards:
            return self.code.less(integer(-1), now)
        return self.code.less(now, self.code.length(self.whole))

    def item(self) -> Atom:
        code = self.code
        now = code.read(self.place)
        found = code.at(self.whole, now, self.type)
        step = integer(1)
        code.write(self.place, (code.minus if self.backwards else code.plus)(now, step))
        return found


class Snapshot(Places):
    """The items that a dict or a set had at first; it must not grow or shrink meanwhile."""

    def __init__(self, code: Code, whole: Atom, type: Type) -> None:
        super().__init__(code, code.call(list, whole, type=list_of(Slot(type))), type)
        self.source = whole
        self.size = code.variable("size", INT)
        code.write(self.size, code.length(whole))

    def more(self) -> Atom:
        code = self.code
        same = code.equal(code.length(self.source), code.read(self.size))
        kind = "Set" if inner(self.source.type).kind == "Set" else "dictionary"
        text = f"{kind} changed size during iteration"
        code.branch(same, lambda: None, lambda: code.fail(RuntimeError, text))
        return super().more()


def keys_of(code: Code, whole: Atom) -> Cursor:
    """The keys that a dict has now."""
    kind = inner(whole.type)
    key = kind.slots["key"].type if kind.kind == "Dict" else types.STR
    return Snapshot(code, whole, key)


def make_tuple(normal: Normal, items: Sequence[Atom]) -> Value:
    """A tuple whose parts stay known."""
    kind = types.tuple_of(item.type for item in items)
    made = normal.code.op(TUPLE, items, kind)
    normal.parts[made] = tuple(items)
    return made


def cursor_of(normal: Normal, atom: Atom, op: Op) -> Cursor:
    """The cursor that goes through an operand of an operation."""
    atom = normal.atom(atom)
    kind = inner(atom.type)
    if kind.kind == "Iterator":
        inside: Cursor = normal.iterators[0](normal, atom, op)
        return inside
    if kind.kind in ("Dict", "Record"):
        return keys_of(normal.code, atom)
    if kind.kind == "Set":
        held = kind.slots["element"].type
        return Snapshot(normal.code, atom, held)
    if kind.kind not in ("List", "Deque", "Range", "Str", "Tuple", "Sequence", "Array"):
        raise refuse(op.site, f"going through a value of type {kind} is not supported")
    return Places(normal.code, atom, element(kind))


def listed(normal: Normal, atom: Atom, op: Op, kind: Type | None = None) -> Value:
    """A new list of the items of what an operand goes through."""
    code = normal.code
    cursor = cursor_of(normal, atom, op)
    if kind is None:
        kind = list_of(Slot(element(normal.atom(atom).type)))
    made = code.op(memory.LIST, (), kind)

    def turn() -> None:
        code.branch(cursor.more(), lambda: None, over)
        code.push(made, cursor.item())

    def over() -> None:
        cursor.finish()
        code.leave()

    code.loop(turn)
    return made
