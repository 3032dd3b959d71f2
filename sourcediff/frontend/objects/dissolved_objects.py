"""Attributes and methods of objects that are known while compiling.

What Python looks up when it runs is looked up now: what the class declares (a property, a method,
a constant), and before or behind that what the object itself holds.
"""

from __future__ import annotations

import ast
import builtins
import dataclasses
import functools
import sys
import types as python_types
from typing import Any, NoReturn

from sourcediff import types
from sourcediff.frontend.control.joins import Diverged
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects import dissolved
from sourcediff.frontend.objects.dissolved import describe_whole, known_key, put, take
from sourcediff.frontend.own_methods import says_by_itself
from sourcediff.frontend.primitives import RAISE
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Dissolved,
    Ref,
    Static,
    Super,
    Tup,
    declared,
)
from sourcediff.ir import Const, Value

__all__ = [
    "DICT_METHODS",
    "attribute_of_known",
    "call_special",
    "delete_item_of_known",
    "delete_known_attribute",
    "is_frozen",
    "is_generated",
    "item_of_known",
    "mangled",
    "method_behind",
    "relied_on",
    "require_special",
    "set_item_of_known",
    "set_known_attribute",
    "set_plainly",
    "shown",
    "special_method",
    "truth_of_known",
]

#: What one may ask a dict whose keys are known.
DICT_METHODS = ("clear", "copy", "get", "items", "keys", "pop", "setdefault", "update", "values")

#: The file that the methods have which the module `dataclasses` writes.
_WRITTEN = "<string>"
_CODE = (type, python_types.FunctionType, python_types.ModuleType)
_SLOT = python_types.MemberDescriptorType


def mangled(lowering: Lowering, name: str) -> str:
    """A private name as it is meant in the class that the function is defined in."""
    inside = lowering.frame.inside
    if inside is None or not name.startswith("__") or name.endswith("__"):
        return name
    return f"_{inside.lstrip('_')}{name}"


def relied_on(lowering: Lowering, cls: type, name: str) -> Any:
    """What a class declares under a name; the code is right only while it does."""
    found = declared(cls, name)
    if cls.__module__.partition(".")[0] not in sys.stdlib_module_names:
        lowering.rely_on(Ref("declared", cls, (name,)), found)
    return found


def attribute_of_known(lowering: Lowering, whole: Dissolved, name: str) -> Binding:
    """``whole.name``."""
    cls = whole.cls
    name = mangled(lowering, name)
    if name == "__class__":
        if cls is dict and lowering.has_ordered:
            lowering.error("whether a dict is ordered is not known here")
        return Static(cls)
    found = relied_on(lowering, cls, name)
    _require_usual(lowering, cls, "__getattribute__")
    if isinstance(found, property):
        return _property(lowering, whole, name, found)
    own = take(lowering, whole, name)
    if own is not None:
        return own
    if isinstance(found, functools.cached_property):
        value = _called(lowering, Static(found.func), [whole])
        if whole.settled is None:
            put(lowering, whole, name, value)
        return value
    if found is None or isinstance(found, _SLOT):
        _require_usual(lowering, cls, "__getattr__")
        lowering.error(f"{describe_whole(whole)}, has no attribute {name!r} here")
    return shown(lowering, found, whole, cls, name)


def shown(lowering: Lowering, found: Any, whole: Binding, cls: type, name: str) -> Binding:
    """What a class declares, as an object shows it."""
    if isinstance(found, python_types.FunctionType):
        return Bound(Static(found), [whole])
    if isinstance(found, staticmethod):
        return Static(found.__func__)
    if isinstance(found, classmethod):
        return Bound(Static(found.__func__), [Static(cls)])
    if isinstance(found, property):
        return _property(lowering, whole, name, found)
    if hasattr(type(found), "__get__"):
        lowering.error(f"the attribute {name!r} of a {cls.__name__} is not supported")
    return lowering.from_object(found, Ref("class", cls, (name,)))


def _property(lowering: Lowering, whole: Binding, name: str, found: property) -> Binding:
    if found.fget is None:
        lowering.error(f"the property {name!r} cannot be read")
    return _called(lowering, Static(found.fget), [whole])


def _called(lowering: Lowering, function: Binding, args: list[Binding]) -> Binding:
    from sourcediff.frontend.calls.calls import call

    return call(lowering, function, args, {}, lowering.node)


def _require_usual(lowering: Lowering, cls: type, hook: str) -> None:
    """Refuse a class whose code runs at every attribute that is read."""
    if isinstance(declared(cls, hook), python_types.FunctionType):
        lowering.error(f"reading attributes of a {cls.__name__} runs {hook}(): not supported")


# Writing ---------------------------------------------------------------------------------


def set_known_attribute(lowering: Lowering, whole: Dissolved, name: str, value: Binding) -> None:
    """``whole.name = value``."""
    cls = whole.cls
    name = mangled(lowering, name)
    if cls is dict or (name.startswith("__") and name.endswith("__")):
        lowering.error(f"assignment to the attribute {name!r} is not supported")
    found = relied_on(lowering, cls, name)
    setter = relied_on(lowering, cls, "__setattr__")
    if isinstance(setter, python_types.FunctionType):
        if is_frozen(cls):
            lowering.error(
                f"{describe_whole(whole)}, is frozen: assignment to {name!r} always raises",
                help="make a new one with dataclasses.replace()",
            )
        lowering.error(f"setting {name!r} runs code of {cls.__name__}: not supported")
    if isinstance(found, property):
        if found.fset is None:
            lowering.error(f"the property {name!r} of {describe_whole(whole)}, cannot be set")
        _called(lowering, Static(found.fset), [whole, value])
        return
    set_plainly(lowering, whole, name, value)


def set_plainly(lowering: Lowering, whole: Dissolved, name: str, value: Binding) -> None:
    """``object.__setattr__(whole, name, value)``."""
    cls = whole.cls
    found = declared(cls, name)
    if hasattr(type(found), "__set__") and not isinstance(found, _SLOT):
        lowering.error(f"setting {name!r} runs code of {cls.__name__}: not supported")
    if not isinstance(found, _SLOT) and cls.__dictoffset__ == 0:
        lowering.error(f"{describe_whole(whole)}, can have no attribute {name!r}")
    put(lowering, whole, name, value)


def is_frozen(cls: Any) -> bool:
    """Whether a class is a dataclass whose objects never change."""
    if not dataclasses.is_dataclass(cls):
        return False
    return bool(getattr(cls, "__dataclass_params__").frozen)  # noqa: B009


def is_generated(function: Any) -> bool:
    """Whether the module `dataclasses` wrote a function."""
    return (
        isinstance(function, python_types.FunctionType)
        and function.__code__.co_filename == _WRITTEN
    )


def delete_known_attribute(lowering: Lowering, whole: Dissolved, name: str) -> None:
    """``del whole.name``."""
    name = mangled(lowering, name)
    found = declared(whole.cls, name)
    special = isinstance(found, property) or is_frozen(whole.cls)
    if special or isinstance(declared(whole.cls, "__delattr__"), python_types.FunctionType):
        lowering.error(f"del of the attribute {name!r} is not supported")
    if take(lowering, whole, name) is None:
        lowering.error(f"{describe_whole(whole)}, has no attribute {name!r} here")
    dissolved.drop(lowering, whole, name)


# Methods by which a class says what operators do ----------------------------------------


def special_method(lowering: Lowering, whole: Binding, name: str) -> Binding | None:
    """``__add__`` and the like of an object, or None where its class has no such method."""
    cls: Any
    if isinstance(whole, Static) and not isinstance(whole.object, _CODE):
        cls = type(whole.object)
    elif isinstance(whole, Dissolved) or (isinstance(whole, Tup) and says_by_itself(whole.cls)):
        cls = whole.cls
    elif isinstance(whole, Value) and says_by_itself(whole.type.cls):
        cls = whole.type.cls
    else:
        return None
    found = relied_on(lowering, cls, name)
    if not isinstance(found, python_types.FunctionType):
        return None
    return Bound(Static(found), [whole])


def call_special(
    lowering: Lowering, whole: Binding, name: str, args: list[Binding]
) -> Binding | None:
    """What ``__add__`` or the like gives; None where there is none, or it does not take these."""
    method = special_method(lowering, whole, name)
    if method is None:
        return None
    result = _called(lowering, method, args)
    if isinstance(result, Static) and result.object is NotImplemented:
        return None
    return result


def item_of_known(
    lowering: Lowering, whole: Dissolved, index: Binding, node: ast.AST | None = None
) -> Binding:
    """``whole[index]``."""
    if whole.cls is not dict:
        return require_special(lowering, whole, "__getitem__", [index])
    key = known_key(lowering, index, node, whole)
    found = take(lowering, whole, key)
    if found is None:
        _raise_key_error(lowering, key)
    return found


def _raise_key_error(lowering: Lowering, key: Any) -> NoReturn:
    """A key that is not there: in an arm that perhaps no run enters, it is the run's to say so.

    In a loop an earlier turn may have put something under it.
    """
    from sourcediff.frontend.calls.calls import call

    if lowering.loops or not lowering.branch_depth or not isinstance(key, str | int):
        lowering.error(f"there is no key {key!r} here")
    error = Static(KeyError, Ref("module", builtins, ("KeyError",)))
    kind = types.STR if isinstance(key, str) else types.INT
    made = call(lowering, error, [Const(key, kind)], {}, None)
    lowering.effect(RAISE, [lowering.exception(made)])
    raise Diverged


def set_item_of_known(lowering: Lowering, whole: Dissolved, index: Binding, value: Binding) -> None:
    """``whole[index] = value``."""
    if whole.cls is dict:
        put(lowering, whole, known_key(lowering, index, whole=whole), value)
    else:
        require_special(lowering, whole, "__setitem__", [index, value])


def delete_item_of_known(lowering: Lowering, whole: Dissolved, index: Binding) -> None:
    """``del whole[index]``."""
    if whole.cls is not dict:
        require_special(lowering, whole, "__delitem__", [index])
        return
    item_of_known(lowering, whole, index)
    dissolved.drop(lowering, whole, known_key(lowering, index, whole=whole))


def require_special(
    lowering: Lowering, whole: Dissolved, name: str, args: list[Binding]
) -> Binding:
    """What ``__getitem__`` or the like gives."""
    found = call_special(lowering, whole, name, args)
    if found is None:
        lowering.error(f"a {whole.cls.__name__} has no {name}() that is supported")
    return found


# super() ---------------------------------------------------------------------------------


def method_behind(lowering: Lowering, above: Super, name: str) -> Binding:
    """``super().name``: what the classes behind the one of the method declare."""
    subject = above.subject
    if isinstance(subject, Static) and isinstance(subject.object, type):
        cls = subject.object
    elif isinstance(subject, Dissolved):
        cls = subject.cls
    else:
        lowering.error("super() of this is not supported")
    order = cls.__mro__
    for base in order[order.index(above.cls) + 1 :]:
        if name not in base.__dict__:
            continue
        found = base.__dict__[name]
        lowering.rely_on(Ref("declared", base, (name,)), found)
        if base is object and name in ("__init__", "__setattr__", "__init_subclass__"):
            return Bound(Static(found), [subject])
        if isinstance(subject, Dissolved):
            return shown(lowering, found, subject, cls, name)
        if isinstance(found, classmethod):
            return Bound(Static(found.__func__), [subject])
        if isinstance(found, staticmethod):
            return Static(found.__func__)
        break
    lowering.error(f"super() has nothing called {name!r} that is supported")


def truth_of_known(lowering: Lowering, whole: Dissolved) -> Binding | None:
    """The truth of an object: what its class says; None where every one is true."""
    for name in ("__bool__", "__len__"):
        found = call_special(lowering, whole, name, [])
        if found is not None:
            return found
    if whole.cls is dict:
        return Const(bool(dissolved.keys_of(lowering, whole)), types.BOOL)
    return None
