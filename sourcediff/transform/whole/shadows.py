"""The types of shadows: beside each object that holds numbers, one that holds their adjoints.

The shadow of a list is a list, of a dict a dict, of an object one with the same attributes. A tuple
cannot change, but the adjoints of its numbers grow: its shadow is a list too. Where the object
holds another, the shadow holds that one's shadow; in the place of what has no adjoint it holds 0.0.
"""

from __future__ import annotations

from types import SimpleNamespace

from sourcediff import types
from sourcediff.ir import DEAD, UNDEFINED, Atom, Value
from sourcediff.transform.whole.activity import Activity
from sourcediff.transform.whole.build import NOTHING, ZERO
from sourcediff.transform.whole.shapes import is_real
from sourcediff.types import NONE, OBJECT, REAL, Slot, Type

__all__ = ["Shadows", "is_none"]


def is_none(atom: Atom) -> bool:
    """Whether this is None, as far as the compiler knows."""
    return atom.type is NONE


class Shadows:
    """The type of the shadow for each type; objects that share slots have shadows that do."""

    def __init__(self, activity: Activity) -> None:
        self.activity = activity
        self._slots: dict[Slot, Slot] = {}
        self._tables: dict[int, dict[str, Slot]] = {}
        self._outside = Slot(REAL)
        self.of_tuples = types.list_of(Slot(OBJECT))

    def has(self, t: Type) -> bool:
        """Whether a value of this type has a shadow."""
        return t is not types.FUNCTION and self.activity.holds(t)

    def of(self, t: Type) -> Type:
        """The type of the shadow of a value of this type."""
        if t.kind == "Optional":
            return types.optional(self.of(t.items[0]))
        if t.kind == "MaybeUnbound":
            return types.maybe_unbound(self.of(t.items[0]))
        if not self.has(t):
            return REAL
        if t.kind in ("Tuple", "Sequence"):
            return self.of_tuples
        if t.kind in ("List", "Deque"):
            return types.list_of(self._slot(t.slots["element"]))
        if t.kind == "Array":
            return types.array_of(self._slot(t.slots["element"]), types.rank_of(t))
        if t.kind == "Dict":
            return types.dict_of(t.slots["key"], self._slot(t.slots["value"]))
        known = self._tables.get(id(t.slots))
        if known is None:
            known = self._tables[id(t.slots)] = {}
            for name, slot in t.slots.items():
                if self.wants(slot):
                    known[name] = self._slot(slot)
                elif t.kind == "Record":
                    known[name] = Slot(REAL)  # every key has something beside it
        if t.kind == "Record":
            return types.record_of(known)
        return types.object_of(SimpleNamespace, known)

    def wants(self, slot: Slot) -> bool:
        """Whether there is an adjoint, or a shadow, for what is in a slot."""
        return slot.root in self.activity.slots or self.has(slot.type)

    def _slot(self, slot: Slot) -> Slot:
        root = slot.root
        if root in self.activity.outside and is_real(root.type):
            return self._outside
        found = self._slots.get(root)
        if found is None:
            found = self._slots[root] = Slot(OBJECT if root.type is OBJECT else None)
            if root.type is not OBJECT:
                found.write(self.of(root.type) if self.has(root.type) else REAL)
        return found

    def placeholder(self, atom: Atom) -> Atom | None:
        """The shadow of what has none of its own; None where the value has one."""
        if atom is UNDEFINED or atom is DEAD:
            return atom
        if is_none(atom):
            return NOTHING
        if isinstance(atom, Value) and self.has(atom.type):
            return None
        return ZERO
