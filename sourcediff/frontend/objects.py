"""Lowering of objects in memory: their attributes, read and written, and their methods."""

from __future__ import annotations

import dataclasses
import types as python_types
from typing import Any

from sourcediff import types
from sourcediff.frontend.containers import held, kept
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import GETATTR
from sourcediff.frontend.values import Binding, Bound, Ref, Static, declared
from sourcediff.ir import Atom, Value
from sourcediff.memory import DELETE_ATTRIBUTE, SET_ATTRIBUTE
from sourcediff.types import Slot

__all__ = [
    "attribute_of_object",
    "class_attribute",
    "delete_attribute",
    "owner_of",
    "set_attribute",
]


def attribute_of_object(lowering: Lowering, whole: Value, name: str) -> Binding:
    """``whole.name``."""
    cls = whole.type.cls
    assert cls is not None
    if cls is type:
        return held(
            lowering,
            lowering.emit(GETATTR, (whole,), whole.type.slots[name].read(), attribute=name),
        )
    name = _mangled(cls, name)
    hooks = (declared(cls, "__getattribute__"), declared(cls, "__getattr__"))
    if any(isinstance(hook, python_types.FunctionType) for hook in hooks):
        lowering.error(f"reading {name!r} runs code of {cls.__name__}: not supported")
    found = declared(cls, name)
    if found is not None:
        lowering.rely_on(Ref("declared", cls, (name,)), found)
    if isinstance(found, property) and found.fget is not None:
        from sourcediff.frontend.kept_calls import read_property

        return read_property(lowering, whole, name, found.fget)
    slot = whole.type.slots.get(name)
    if slot is not None and slot.type is not types.NEVER:
        return held(lowering, lowering.emit(GETATTR, (whole,), slot.read(), attribute=name))
    if isinstance(found, python_types.FunctionType):
        return Bound(Static(found), [whole])
    if isinstance(found, staticmethod):
        return Static(found.__func__, Ref("class", cls, (name,)))
    if isinstance(found, classmethod):
        return Bound(Static(found.__func__), [Static(cls)])
    if isinstance(found, int | float) and found.__class__ in (int, float, bool):
        constant = lowering.constant(found)
        assert constant is not None
        slot = whole.type.slots.setdefault(name, Slot())
        kind = types.join(slot.read(), constant.type)
        if kind is None:
            lowering.error(f"the attribute {name!r} of {cls.__name__} is of several types")
        return lowering.emit(GETATTR, (whole,), kind, attribute=name)
    if found is not None and not isinstance(found, python_types.MemberDescriptorType):
        return lowering.from_object(found, Ref("class", cls, (name,)))
    if slot is None:
        slot = whole.type.slots[name] = Slot()
    slot.read()
    return held(lowering, lowering.emit(GETATTR, (whole,), types.NEVER, attribute=name))


def owner_of(lowering: Lowering, whole: Binding, name: str) -> Atom:
    """The object of which an attribute is written: a value, or a class."""
    if not isinstance(whole, Static) or not isinstance(whole.object, type):
        return lowering.atom(whole)
    cls = whole.object
    key = ("attribute", cls, name)
    if key not in lowering.memo.written:
        lowering.memo.written.add(key)
        raise types.Widened
    return _class_object(lowering, whole, name)


def _class_object(lowering: Lowering, whole: Static, name: str) -> Value:
    cls = whole.object
    slots = lowering.attributes_of(("class", cls))
    found = lowering.constant(getattr(cls, name, None))
    if found is None:
        lowering.error(f"the attribute {name!r} of {cls.__name__} cannot be changed here")
    lowering.put(slots.setdefault(name, Slot()), found.type, f"{cls.__name__}.{name}")
    return lowering.load(lowering.reference_to(whole), types.object_of(type, slots))


def class_attribute(lowering: Lowering, whole: Static, name: str) -> Binding | None:
    """An attribute of a class that the program changes; None where it does not."""
    if ("attribute", whole.object, name) not in lowering.memo.written:
        return None
    owner = _class_object(lowering, whole, name)
    return held(
        lowering, lowering.emit(GETATTR, (owner,), owner.type.slots[name].read(), attribute=name)
    )


def _mangled(cls: type, name: str) -> str:
    """The name of a private attribute; the class is that of the object or one of its bases."""
    if not name.startswith("__") or name.endswith("__"):
        return name
    return f"_{cls.__name__.lstrip('_')}{name}"


def set_attribute(lowering: Lowering, whole: Atom, name: str, value: Binding) -> None:
    """``whole.name = value``."""
    if whole.type.kind == "Optional":
        whole = lowering.required(whole)
    cls = whole.type.cls
    if whole.type.kind != "Object" or cls is None:
        lowering.error(
            f"assignment to the attribute {name!r} is not supported",
            help="keep the value in a variable and return it",
        )
    name = _mangled(cls, name)
    found: Any = declared(cls, name)
    if cls is type:
        found = None
    own = declared(cls, "__setattr__") is not object.__setattr__ and cls is not type
    if isinstance(found, property) or (own and cls is not python_types.SimpleNamespace):
        if not _is_frozen(cls):
            lowering.error(f"setting {name!r} runs code of {cls.__name__}: not supported")
        lowering.error(f"{cls.__name__} is frozen: assignment to {name!r} always raises")
    atom = kept(lowering, value)
    lowering.put(whole.type.slots.setdefault(name, Slot()), atom.type, f"the attribute {name!r}")
    lowering.effect(SET_ATTRIBUTE, (whole, atom), attribute=name)


def _is_frozen(cls: Any) -> bool:
    if not dataclasses.is_dataclass(cls):
        return False
    return bool(getattr(cls, "__dataclass_params__").frozen)  # noqa: B009


def delete_attribute(lowering: Lowering, whole: Atom, name: str) -> None:
    """``del whole.name``."""
    if whole.type.kind != "Object":
        lowering.error(f"del of the attribute {name!r} is not supported")
    lowering.effect(DELETE_ATTRIBUTE, (whole,), attribute=name)
