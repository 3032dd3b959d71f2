"""Members of enumerations: known ones are part of the code, others are values of the run.

A variable that is one member on one path and another on the other holds a value, of which the
run can tell which member it is. What a member has (its value, its name, what its class declares)
never varies.

>>> import enum
>>> class Mode(enum.Enum):
...     IDLE = 0
...     HEATING = 1
>>> type_of_attribute(Mode, "value"), type_of_attribute(Mode, "name")
(Int, Str)
"""

from __future__ import annotations

import enum
import types as python_types
from typing import Any

from sourcediff import types
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import GETATTR, PURE_CALL, CallSpec
from sourcediff.frontend.reflect import reflect
from sourcediff.frontend.values import Binding, Bound, Ref, Static, Tup, declared
from sourcediff.ir import Const, Value
from sourcediff.types import Type

__all__ = [
    "attribute_of_member",
    "is_mixed",
    "member_by_name",
    "member_by_value",
    "members_of",
    "with_members",
]


def attribute_of_member(lowering: Lowering, whole: Value, name: str) -> Binding:
    """``member.name`` of a member that only the run knows."""
    cls = whole.type.cls
    assert cls is not None
    raw = declared(cls, name)
    if isinstance(raw, property | python_types.FunctionType) and not isinstance(raw, enum.property):
        lowering.rely_on(Ref("declared", cls, (name,)), raw)
        if isinstance(raw, python_types.FunctionType):
            return Bound(Static(raw), [whole])
        return _property(lowering, whole, name, raw)
    kind = type_of_attribute(cls, name)
    if kind is None:
        lowering.error(
            f"the attribute {name!r} of {describe(whole)} is not supported",
            help="numbers and texts are, where each member has one",
        )
    return lowering.emit(GETATTR, (whole,), kind, attribute=name)


def _property(lowering: Lowering, whole: Value, name: str, found: Any) -> Binding:
    if lowering.faithful:
        from sourcediff.frontend.calls.kept_calls import read_property

        return read_property(lowering, whole, name, found.fget)
    from sourcediff.frontend.calls.calls import call

    return call(lowering, Static(found.fget), [whole], {}, lowering.node)


def is_mixed(kind: Type) -> bool:
    """Whether the members of a type may be equal to something else, as those of StrEnum are."""
    kind = kind.items[0] if kind.kind == "Optional" else kind
    return kind.kind == "Member" and getattr(kind.cls, "__eq__", None) is not object.__eq__


def type_of_attribute(cls: Any, name: str) -> Type | None:
    """The type of an attribute that all members have; None where one is no number and no text."""
    found: Type | None = types.NEVER
    for member in cls:
        if not hasattr(member, name):
            return None
        kind = reflect(getattr(member, name), lambda _: {})
        if not types.is_number(kind) and kind is not types.STR:
            return None
        found = found and types.join(found, kind)
    return found


def members_of(static: Static) -> Tup | None:
    """What going through an enumeration gives; None where this is none."""
    if not isinstance(static.object, enum.EnumType):
        return None
    found: Any = static.object
    return Tup([_member(one, static) for one in found])


def _member(found: Any, of: Static) -> Static:
    return Static(found, Ref("class", of.object, (found.name,)))


def with_members(lowering: Lowering, binding: Binding) -> Binding:
    """A member that is known, as a value; anything else as it is."""
    if isinstance(binding, Static) and binding.is_member:
        return lowering.atom(binding)
    return binding


def member_by_name(static: Static, key: Binding) -> Static | None:
    """``Mode["IDLE"]``; None where this is no enumeration, or the key is not known."""
    cls: Any = static.object
    if not isinstance(cls, enum.EnumType):
        return None
    if isinstance(key, Const) and key.value in cls.__members__:
        return _member(cls[key.value], static)
    return None


def member_by_value(lowering: Lowering, static: Static, args: list[Binding]) -> Binding:
    """``Mode(0)``: known where the value is."""
    cls = static.object
    if len(args) == 1 and isinstance(args[0], Const):
        try:
            return _member(cls(args[0].value), static)
        except ValueError:
            pass  # it raises at run time, as it does in the user's function
    spec = CallSpec(cls, lowering.reference_to(static))
    atoms = [lowering.atom(arg) for arg in args]
    return lowering.emit(PURE_CALL, atoms, types.member_of(cls), attribute=spec)
