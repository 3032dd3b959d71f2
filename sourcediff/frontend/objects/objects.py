"""Lowering of objects in memory: their attributes, read and written, and their methods."""

from __future__ import annotations

import dataclasses
import types as python_types
from typing import Any

from sourcediff import types
from sourcediff.frontend.containers.containers import held, kept
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import GETATTR
from sourcediff.frontend.reflect import reflect
from sourcediff.frontend.values import Binding, Bound, Ref, Static, declared
from sourcediff.ir import Atom, Value
from sourcediff.memory import DELETE_ATTRIBUTE, SET_ATTRIBUTE
from sourcediff.types import Slot, Type

__all__ = [
    "attribute_of_object",
    "class_attribute",
    "delete_attribute",
    "holds_plainly",
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
        from sourcediff.frontend.calls.kept_calls import read_property

        return read_property(lowering, whole, name, found.fget)
    usual = isinstance(
        found,
        python_types.FunctionType | staticmethod | classmethod | python_types.MemberDescriptorType,
    )
    if hasattr(type(found), "__get__") and not usual:
        lowering.error(f"the attribute {name!r} of {describe(whole)} is not supported")
    slot = whole.type.slots.get(name)
    if not _shows(cls, name) or (slot is not None and _is_field(cls, name)):
        slot = whole.type.slots.setdefault(name, Slot())
        return held(lowering, lowering.emit(GETATTR, (whole,), slot.read(), attribute=name))
    changed = [base for base in cls.__mro__ if ("attribute", base, name) in lowering.memo.written]
    replaced = _hidden(cls, name) in lowering.memo.written or (
        slot is not None and slot.type is not types.NEVER
    )
    constant = lowering.constant(found)
    if not replaced and not changed and (constant is None or constant.type is types.STR):
        return _of_the_class(lowering, whole, name, found)
    slot = whole.type.slots.setdefault(name, Slot())
    seen = [slot.read(), _class_type(lowering, cls, name)]
    for base in changed:
        of_class = lowering.attributes_of(("class", base)).setdefault(name, Slot())
        seen.append(of_class.read())
        slot.unite(of_class)  # what is written to the class is read here
    kind: Type | None = types.NEVER
    for one in seen:
        kind = kind and types.join(kind, one)
    if kind is None:
        lowering.error(f"the attribute {name!r} of {cls.__name__} is of several types")
    return held(lowering, lowering.emit(GETATTR, (whole,), kind, attribute=name))


def _of_the_class(lowering: Lowering, whole: Value, name: str, found: Any) -> Binding:
    """What a class declares, where no object of it has something of its own under the name."""
    cls = whole.type.cls
    assert cls is not None
    if isinstance(found, python_types.FunctionType):
        return Bound(Static(found), [whole])
    if isinstance(found, staticmethod):
        return Static(found.__func__, Ref("class", cls, (name,)))
    if isinstance(found, classmethod):
        return Bound(Static(found.__func__), [Static(cls)])
    return lowering.from_object(found, Ref("class", cls, (name,)))


def _class_type(lowering: Lowering, cls: type, name: str) -> Type:
    """The type of what a class declares, where objects of it may have something else there."""
    found = declared(cls, name)
    kind = types.OBJECT
    if not isinstance(found, staticmethod | classmethod | python_types.FunctionType):
        kind = reflect(found, lowering.attributes_of)
    if types.is_memory(kind) or kind is types.OBJECT:
        lowering.error(
            f"{name!r} is one thing for {cls.__name__} and another for an object of it: "
            "not supported",
            help="give the attribute of the object another name",
        )
    return kind


def _shows(cls: type, name: str) -> bool:
    """Whether an object that has no such attribute of its own shows one of its class."""
    return any(
        name in vars(base) and not isinstance(vars(base)[name], python_types.MemberDescriptorType)
        for base in cls.__mro__
    )


def _is_field(cls: Any, name: str) -> bool:
    """Whether every object has it, as the initialiser of a dataclass sets it."""
    return dataclasses.is_dataclass(cls) and any(f.name == name for f in dataclasses.fields(cls))


def _hidden(cls: type, name: str) -> tuple[Any, ...]:
    """The mark of an attribute of a class that an object of it replaces by one of its own."""
    return ("hidden", cls, name)


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
    hidden = _hidden(cls, name)
    if _shows(cls, name) and not _is_field(cls, name) and hidden not in lowering.memo.written:
        lowering.memo.written.add(hidden)
        raise types.Widened
    atom = kept(lowering, value)
    lowering.put(whole.type.slots.setdefault(name, Slot()), atom.type, f"the attribute {name!r}")
    lowering.effect(SET_ATTRIBUTE, (whole, atom), attribute=name)


def holds_plainly(whole: Atom, name: str) -> bool:
    """Whether putting an attribute's own value back into an object changes nothing."""
    cls = whole.type.cls
    if whole.type.kind != "Object" or cls is None:
        return False
    if cls is type or cls is python_types.SimpleNamespace:
        return True
    name = _mangled(cls, name)
    usual = declared(cls, "__setattr__") is object.__setattr__
    return usual and (not _shows(cls, name) or _is_field(cls, name))


def _is_frozen(cls: Any) -> bool:
    if not dataclasses.is_dataclass(cls):
        return False
    return bool(getattr(cls, "__dataclass_params__").frozen)  # noqa: B009


def delete_attribute(lowering: Lowering, whole: Atom, name: str) -> None:
    """``del whole.name``."""
    if whole.type.kind != "Object":
        lowering.error(f"del of the attribute {name!r} is not supported")
    cls = whole.type.cls
    if cls is not None and _is_field(cls, name) and _shows(cls, name):
        lowering.error(f"del of {name!r}, which has a default, is not supported")
    lowering.effect(DELETE_ATTRIBUTE, (whole,), attribute=name)
