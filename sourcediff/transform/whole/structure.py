"""Types of arguments and of the gradients with respect to them."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from sourcediff import types
from sourcediff.ir import Atom, Const, Value
from sourcediff.transform.whole.build import Code
from sourcediff.transform.whole.shapes import inner
from sourcediff.types import BOOL, NONE, REAL, STR, Slot, Type, list_of

__all__ = ["bare_object", "gradient_type", "has_attribute", "is_structure", "is_tuple", "key_of"]


def bare_object(code: Code, kind: Type) -> Value:
    """An object of a class that has no attributes yet, as nothing of the class was run."""
    cls = kind.cls
    assert cls is not None
    if cls is SimpleNamespace:
        return code.call(SimpleNamespace, type=kind)
    return code.call(cls.__new__, Const(cls, types.OBJECT), type=kind)


def is_structure(t: Type) -> bool:
    """Whether a value of this type is gone through, and not just handed on."""
    return types.is_memory(t) or inner(t).kind in ("Tuple", "Sequence")


def is_tuple(t: Type) -> bool:
    """Whether a value of this type is a tuple, where it is anything: it has no identity."""
    return inner(t).kind in ("Tuple", "Sequence")


def has_attribute(code: Code, whole: Atom, name: str) -> Value:
    """Whether an object has an attribute."""
    return code.call(hasattr, whole, Const(name, STR), type=BOOL)


def key_of(t: Type) -> object:
    """What tells types apart: their slots, for objects that are written."""
    if t.kind == "Optional":
        return ("Optional", key_of(t.items[0]))
    if t.slots:
        table = id(t.slots) if t.kind == "Object" else 0
        return (t.kind, t.cls, t.fields, tuple(slot.root for slot in t.slots.values()), table)
    if t.kind in ("Tuple", "Sequence"):
        return (t.kind, t.cls, *map(key_of, t.items))
    return t


def gradient_type(
    t: Type, known: dict[object, Type], settled: Callable[[Type], Type | None] = lambda _: None
) -> Type:
    """The type of the gradient with respect to a value of some type.

    Args:
        known: such types by the key of that type.
        settled: gives the type where it is one that there is already.
    """
    if t.kind == "Optional":
        return types.optional(gradient_type(t.items[0], known, settled))
    if t.kind == "Sequence":
        return types.sequence_of(gradient_type(t.items[0], known, settled))
    if t.kind == "Tuple":
        return types.tuple_of([gradient_type(item, known, settled) for item in t.items], t.cls)
    if t.kind not in ("List", "Deque", "Dict", "Record", "Object", "Array"):
        return REAL if t is REAL else NONE
    key = key_of(t)
    found = known.get(key) or settled(t)
    if found is not None:
        return found
    if t.kind == "Array":
        found = known[key] = types.array_of(Slot(REAL), types.rank_of(t))
        return found
    slots = {name: Slot() for name in t.slots}
    if t.kind == "Dict":
        slots["key"] = t.slots["key"]
        found = types.dict_of(slots["key"], slots["value"])
    elif t.kind == "Record":
        found = types.record_of(slots)
    elif t.kind == "Object":
        assert t.cls is not None
        found = types.object_of(t.cls, slots)
    else:
        found = list_of(slots["element"])
    known[key] = found
    for name, slot in t.slots.items():
        if name != "key" or t.kind != "Dict":
            slots[name].write(gradient_type(slot.type, known, settled))
    return found
