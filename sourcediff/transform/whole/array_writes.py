"""The reverse of writes to arrays: what a write replaced is kept, and put back.

So an array that the reverse sweep looks at holds what it held then, whoever reads it.
"""

from __future__ import annotations

from sourcediff import memory
from sourcediff.ir import Atom, Op, Value
from sourcediff.rules.array_helpers import check_stored, kept_apart
from sourcediff.transform.whole.array_adjoints import contribute
from sourcediff.transform.whole.array_code import ELLIPSIS, Arrays, is_array_type
from sourcediff.transform.whole.array_rules import give_operands
from sourcediff.transform.whole.build import ZERO, Code
from sourcediff.transform.whole.shapes import inner, rank_of
from sourcediff.transform.whole.sweep import Back, Sweep, plain
from sourcediff.types import NONE, OBJECT, array_of

__all__: list[str] = []


def note(self: Sweep, whole: Atom) -> None:
    """The reverse puts back what an array held."""
    for kept in self.kept():
        self.code.push(kept, whole)


def inplace(self: Sweep, op: Op) -> Back | None:
    """``a += b``: it changes the array, or gives another number."""
    whole, other = op.args
    if not is_array_type(whole.type):
        return plain(self, op)
    if op.results:
        return _maybe_in_place(self, op)
    before = Arrays(self.code)
    old = before.copy(whole)
    note(self, whole)
    self.code.append(op)

    def back() -> None:
        arrays = Arrays(self.back)
        if not self.refers(whole):
            self.back.put(whole, ELLIPSIS, old)
            return
        shadow = self.shadow_of(whole, whole.type)
        g = arrays.copy(shadow)
        arrays.clear(shadow)
        self.back.put(whole, ELLIPSIS, old)
        give_operands(self, op.attribute, whole, other, g)

    return back


def _maybe_in_place(self: Sweep, op: Op) -> Back | None:
    """The same where only the run knows whether it is an array that changes."""
    whole, other = op.args
    code, result = self.code, op.result
    arrays = Arrays(code)
    changes = arrays.is_array(whole)
    old = arrays.copy(whole)
    code.branch(changes, lambda: note(self, whole))
    code.append(op)
    shadow: Atom | None = None
    if self.refers(result):
        kind = self.program.shadows.of(result.type)
        held = code.variable("shadow", kind)
        own = self.shadow_of(whole, whole.type)
        code.branch(
            changes,
            lambda: code.write(held, own),
            lambda: code.write(held, arrays.zeros(result, kind)),
        )
        shadow = self.shadow[result] = code.read(held)

    def back() -> None:
        def restore() -> None:
            self.back.put(whole, ELLIPSIS, old)

        after = Arrays(self.back)
        if shadow is None:
            self.back.branch(changes, restore)
            return
        g = after.copy(shadow)
        after.clear(shadow)
        self.back.branch(changes, restore)
        give_operands(self, op.attribute, whole, other, g)

    return back


def set_item(self: Sweep, op: Op) -> Back | None:
    """``a[i] = b``."""
    whole, index, value = op.args
    if not is_array_type(whole.type):
        return _other(self, op)
    number = rank_of(value.type) == 0
    old = _taken(self.code, whole, index)
    note(self, whole)
    if number:
        self.code.append(op)
    else:
        apart = self.code.call(kept_apart, whole, value, type=OBJECT)
        self.code.append(op)
        self.code.call(check_stored, whole, index, apart, type=NONE)

    def back() -> None:
        arrays, code = Arrays(self.back), self.back
        if not self.refers(whole):
            code.put(whole, index, old)
            return
        shadow = self.shadow_of(whole, whole.type)
        g: Atom = _taken(code, shadow, index)
        code.put(shadow, index, ZERO)
        code.put(whole, index, old)
        contribute(self, value, lambda _: arrays.total(g) if number else g)

    return back


def _taken(code: Code, whole: Atom, index: Atom) -> Value:
    """A copy of what is at a place: always an array."""
    part = code.at(whole, index, array_of(inner(whole.type).slots["element"], None))
    return Arrays(code).copy(part)


_other = Sweep.handlers[memory.SET_ITEM]
Sweep.handlers.update({memory.INPLACE: inplace, memory.SET_ITEM: set_item})
