"""What the reverse sweep looks at again, as nothing has changed it, and so need not be kept.

A row of an argument that the program does not change is there in the reverse sweep as well; it is
found by the place at which the forward sweep has found it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcediff import memory
from sourcediff.frontend.primitives import GETATTR
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.transform.adjoint.scaled import ADD, SUB
from sourcediff.transform.whole.activity import slots_of
from sourcediff.types import INT, is_memory

if TYPE_CHECKING:
    from sourcediff.transform.whole.sweep import Sweep

__all__ = ["is_there_again"]


def is_there_again(self: Sweep, op: Op) -> bool:
    """Whether the reverse sweep can do an operation again, and have the same of it."""
    if self.program.kept or not self.program.apart or self.labels is not None:
        return False
    if op.primitive in (ADD, SUB):
        return op.result.type is INT and all(_is_kept(self, arg) for arg in op.args)
    if op.primitive not in (memory.SUBSCRIPT, GETATTR):
        return False
    whole = op.args[0]
    place: object = op.attribute
    if op.primitive is memory.SUBSCRIPT:
        index = op.args[1]
        if whole.type.kind != "List" or index.type is not INT or not _is_kept(self, index):
            return False
        place = None
    elif whole.type.kind != "Object":
        return False
    if not isinstance(whole, Value) or not _is_at_hand(self, whole):
        return False
    source: Value | None = whole
    if op.order == self.program.order:
        # Of a shadow only what it refers to stays what it is; it is that of an object.
        source = next((one for one, beside in self.shadow.items() if beside is whole), None)
        if source is None or not is_memory(op.result.type):
            return False
    assert source is not None
    slots = slots_of(source.type, place)
    return bool(slots) and not any(slot.root in self.program.written for slot in slots)


def _is_kept(self: Sweep, atom: Atom) -> bool:
    return isinstance(atom, Const) or atom in self.stores.values


def _is_at_hand(self: Sweep, whole: Value) -> bool:
    """Whether the reverse sweep has it in a variable, or finds it again."""
    store = self.stores.values.get(whole)
    return whole in self.stores.again or (store is not None and not store.several)
