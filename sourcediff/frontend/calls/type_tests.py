"""Lowering of what asks for the type of a value: isinstance(), callable(), getattr().

What is so for all values of a type is decided while compiling, and what is not is left to the run.
"""

from __future__ import annotations

import builtins
import collections
import sys
import types as python_types
from typing import Any

from sourcediff import types
from sourcediff.frontend.calls.builtin_calls import HANDLERS, Kwargs, handles, only
from sourcediff.frontend.complexes.values import asks_for_class
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects import attributes
from sourcediff.frontend.primitives import ISINSTANCE
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Choice,
    Closure,
    Columns,
    Dissolved,
    Grouped,
    Heap,
    Rec,
    Static,
    Tup,
)
from sourcediff.ir import Const, Value
from sourcediff.rules.container_definitions import STANDS_FOR

__all__ = ["HANDLERS"]


@handles(builtins.isinstance)
def _isinstance(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "isinstance", args, kwargs, 2, 2)
    subject, wanted = args
    if isinstance(wanted, Tup):
        statics = [w for w in wanted.items if isinstance(w, Static)]
    else:
        statics = [wanted] if isinstance(wanted, Static) else []
    if len(statics) == 1 and isinstance(statics[0].object, python_types.UnionType | tuple):
        whole = statics[0].object
        members = whole if isinstance(whole, tuple) else whole.__args__
        statics = [Static(member) for member in members]
    classes = [s.object for s in statics]
    if not classes or not all(isinstance(c, type) for c in classes):
        lowering.error("isinstance() with a class that is not known is not supported")
    asks_for_class(lowering, subject)
    if collections.OrderedDict in classes and getattr(subject, "cls", None) is dict:
        if lowering.has_ordered:
            lowering.error("whether a dict is ordered is not known here")
    if isinstance(subject, Tup | Dissolved):
        cls = STANDS_FOR.get(subject.cls, subject.cls)
        return Const(any(issubclass(cls, c) for c in classes), types.BOOL)
    if isinstance(subject, Columns | Heap):
        return Const(any(issubclass(list, c) for c in classes), types.BOOL)
    if isinstance(subject, Grouped):
        made = dict if subject.makes is None else collections.defaultdict
        return Const(any(issubclass(made, c) for c in classes), types.BOOL)
    if isinstance(subject, Rec):
        return Const(any(issubclass(dict, c) for c in classes), types.BOOL)
    if isinstance(subject, Static):
        return Const(isinstance(subject.object, tuple(classes)), types.BOOL)
    if isinstance(subject, Closure | Bound | Choice):
        return Const(any(issubclass(python_types.FunctionType, c) for c in classes), types.BOOL)
    if isinstance(subject, Const):
        return Const(isinstance(subject.value, tuple(classes)), types.BOOL)
    assert isinstance(subject, Value)
    if subject.type.kind in ("Instance", "Object"):
        assert subject.type.cls is not None
        return Const(any(issubclass(subject.type.cls, c) for c in classes), types.BOOL)
    known = _is_one_of(lowering, subject.type, classes)
    if known is not None:
        return Const(known, types.BOOL)
    refs = tuple(map(lowering.reference_to, statics))
    return lowering.emit(ISINSTANCE, (subject,), types.BOOL, attribute=(tuple(classes), refs))


def _is_one_of(lowering: Lowering, kind: types.Type, classes: list[Any]) -> bool | None:
    """What isinstance() gives for all values of a type; None where only the run knows."""
    if kind.kind == "Optional" and lowering.faithful:
        inner = _is_one_of(lowering, kind.items[0], classes)
        none = any(issubclass(type(None), c) for c in classes)
        return none if inner is none else None
    if kind is types.STR:
        return any(issubclass(str, c) for c in classes)
    if types.is_number(kind):
        if not any(_numeric_class(c) for c in classes):
            return False
        whole = all(any(issubclass(n, c) for c in classes) for n in (int, float))
        if kind is types.REAL:
            lowering.asks_for_kind("asking for the class of a number")
        # An item of an array of integers is no int, and one of single precision is no float.
        return True if lowering.faithful and whole and not lowering.memo.arrays else None
    if kind.kind == "Array":
        return any(issubclass(sys.modules["numpy"].ndarray, c) for c in classes)
    owners = (kind.cls,) if kind.cls is not None else _CONTAINERS.get(kind.kind)
    if owners is None:
        return None  # an exception, a function, an iterator
    if all(any(issubclass(own, c) for c in classes) for own in owners):
        return True
    # What is known of a list is that it is one, or an object of a class derived from list.
    related = any(issubclass(own, c) or issubclass(c, own) for own in owners for c in classes)
    return None if related else False


_CONTAINERS: dict[str, tuple[type, ...]] = {
    "List": (list,),
    "Deque": (collections.deque,),
    "Set": (set, frozenset),
    "Dict": (dict,),
    "Record": (dict,),
    "Tuple": (tuple,),
    "Sequence": (tuple,),
    "Range": (range,),
}


def _numeric_class(cls: type) -> bool:
    """Whether a number could be an instance of the class."""
    import numbers

    return (
        cls is object
        or issubclass(cls, int | float | complex | numbers.Number)
        or cls in (numbers.Number, numbers.Complex, numbers.Real, numbers.Integral)
        or (cls.__module__ == "numpy" and cls.__name__ != "ndarray")
    )


@handles(builtins.callable)
def _callable(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "callable", args, kwargs, 1, 1)
    subject = args[0]
    known = (
        isinstance(subject, Closure | Bound | Choice)
        or _is_function_value(subject)
        or (isinstance(subject, Static) and callable(subject.object))
    )
    return Const(known, types.BOOL)


def _is_function_value(subject: Binding) -> bool:
    return isinstance(subject, Value) and subject.type.kind == "Function"


@handles(builtins.getattr)
def _getattr(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "getattr", args, kwargs, 2, 2)
    name = args[1]
    if not isinstance(name, Const) or name.type is not types.STR:
        lowering.error("getattr() with a computed name is not supported")
    return attributes.attribute_of(lowering, args[0], name.value)
