"""Steps of what is in memory: each is done to the shadow as well, and undone backwards.

The shadow of a container of numbers holds zeros during the forward sweep and has the length that
the container has. The reverse sweep undoes each change of the length, so that what it finds at a
place of the shadow is the adjoint of what was there at that time.
"""

from __future__ import annotations

from sourcediff import memory, types
from sourcediff.frontend.primitives import GETATTR, GETITEM
from sourcediff.ir import UNDEFINED, Atom, Const, Op, Value
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.whole.activity import slots_of
from sourcediff.transform.whole.build import ZERO, Code, integer
from sourcediff.transform.whole.shapes import holds_numbers, inner
from sourcediff.transform.whole.sweep import Back, Sweep, plain
from sourcediff.types import REAL, Type

__all__ = ["check_key", "get_at", "has_number", "held_at", "own_shadow", "put_at", "slots_wanted"]


def own_shadow(self: Sweep, whole: Atom) -> Atom:
    """The shadow of an operand."""
    return self.shadow_of(whole, whole.type)


def has_number(self: Sweep, whole: Atom, place: object = None, item: Atom = UNDEFINED) -> bool:
    """Whether what is at a place is a number that varies, and not a reference.

    Where the place may hold either, `item` tells, which is put there or comes from there.
    """
    kind = inner(whole.type)
    if kind.kind in ("Tuple", "Sequence"):
        return True
    if item is not UNDEFINED and any(s.type is types.OBJECT for s in slots_of(kind, place)):
        return not self.refers(item)
    return any(
        slot in self.program.activity.slots and not self.program.shadows.has(slot.type)
        for slot in slots_of(kind, place)
    )


# Places ---------------------------------------------------------------------------------------


def load(self: Sweep, op: Op) -> Back | None:
    """An item or an attribute is read: its adjoint grows by that of what was read."""
    whole = op.args[0]
    if inner(whole.type) is types.OBJECT and holds_numbers(op.result.type):
        raise self.error(op, "a number in an object of an unknown kind has no derivative")
    if not self.refers(whole):
        if self.active(op.result) or self.refers(op.result):
            return plain(self, op)
        self.code.append(op)  # an index that is a number must be a whole one
        return None
    self.code.append(op)
    place = _place(op)
    shadow = own_shadow(self, whole)
    if self.refers(op.result):
        kind = self.program.shadows.of(op.result.type)
        self.shadow[op.result] = get_at(self.code, shadow, place, kind)
    if not self.active(op.result):
        return None

    def back() -> None:
        now = Scaled(1.0, get_at(self.back, shadow, place, REAL))
        total = self.back.add(now, self.take(op.result))
        put_at(self.back, shadow, place, self.back.real_atom(total))

    return back


def _place(op: Op) -> Atom | str:
    """Where an operation looks: an index or a key, or the name of an attribute."""
    if op.primitive is GETITEM:
        return integer(op.attribute)
    if op.primitive in (GETATTR, memory.SET_ATTRIBUTE):
        name: str = op.attribute
        return name
    return op.args[1]


def get_at(code: Code, whole: Atom, place: Atom | str, kind: Type) -> Value:
    """What is at a place, or in an attribute."""
    if isinstance(place, str):
        return code.op(GETATTR, (whole,), kind, place)
    return code.at(whole, place, kind)


def put_at(code: Code, whole: Atom, place: Atom | str, item: Atom) -> None:
    """Put something at a place, or into an attribute."""
    if isinstance(place, str):
        code.op(memory.SET_ATTRIBUTE, (whole, item), None, place)
    else:
        code.put(whole, place, item)


def check_key(self: Sweep, op: Op, key: Atom) -> None:
    """Refuse a key that varies: what is read of a dict's keys has no place for an adjoint."""
    if self.program.activity.may_vary(key):
        raise self.error(
            op,
            "a number that varies as the key of a dict has no derivative",
            "take a whole number or a text as the key, or keep a list of pairs",
        )


def store(self: Sweep, op: Op) -> Back | None:
    """An item or an attribute is bound: the adjoint that is there goes to what was stored."""
    whole, value = op.args[0], op.args[-1]
    if inner(whole.type).kind == "Dict":
        check_key(self, op, op.args[1])
    if not self.refers(whole):
        return _inert_store(self, op, value)
    self.code.append(op)
    place = _place(op)
    shadow = own_shadow(self, whole)
    at = place if isinstance(place, str) else place.value if isinstance(place, Const) else None
    if not has_number(self, whole, at, value):
        if isinstance(place, str) and not slots_wanted(self, whole.type, place):
            return None
        put_at(self.code, shadow, place, self.shadow_of(value, held_at(whole.type, at)))
        return None
    if inner(whole.type).kind in ("Dict", "Record"):
        put_at(self.code, shadow, place, ZERO)

    def back() -> None:
        now = get_at(self.back, shadow, place, REAL)
        put_at(self.back, shadow, place, ZERO)
        self.add(value, Scaled(1.0, now))

    return back


def slots_wanted(self: Sweep, t: Type, name: str) -> bool:
    """Whether the shadow of an object has an attribute of this name."""
    slot = inner(t).slots.get(name)
    return slot is not None and self.program.shadows.wants(slot)


def held_at(t: Type, place: object) -> Type:
    """The type of what is at a place."""
    found = slots_of(t, place)
    return found[0].type if found else types.OBJECT


def _inert_store(self: Sweep, op: Op, value: Atom) -> Back | None:
    if self.active(value) and types.is_memory(op.args[0].type):
        slots = slots_of(op.args[0].type)
        if any(slot in self.program.activity.slots for slot in slots):
            raise self.error(op, "this store has no derivative here")
    self.code.append(op)
    return None


Sweep.handlers.update(
    {
        memory.SUBSCRIPT: load,
        GETITEM: load,
        GETATTR: load,
        memory.SET_ITEM: store,
        memory.SET_ATTRIBUTE: store,
    }
)
