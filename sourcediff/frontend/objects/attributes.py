"""Lowering of attribute access: modules, classes, objects known or handed in, numbers."""

from __future__ import annotations

import enum
import operator
import sys
import types as python_types
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.numpy_numbers import attribute_of_number
from sourcediff.frontend.calls.draws import method_of_generator
from sourcediff.frontend.complexes.arrays import attribute_of_complex_array
from sourcediff.frontend.complexes.operations import attribute_of_complex
from sourcediff.frontend.complexes.values import is_complex_array
from sourcediff.frontend.containers.mappings import METHODS as MAPPING_METHODS
from sourcediff.frontend.control.joins import Diverged
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved_objects import DICT_METHODS, attribute_of_known, shown
from sourcediff.frontend.objects.members import attribute_of_member
from sourcediff.frontend.objects.places import class_of, object_required
from sourcediff.frontend.primitives import GETATTR, REQUIRED
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Columns,
    Dissolved,
    Grouped,
    Heap,
    Method,
    Rec,
    Ref,
    Static,
    Super,
    Tup,
    declared,
)
from sourcediff.ir import Const, Value

__all__ = ["attribute_of"]


def attribute_of(lowering: Lowering, whole: Binding, name: str) -> Binding:
    """``whole.name``."""
    if is_complex_array(whole):
        found = attribute_of_complex_array(lowering, whole, name)
        if found is not None:
            return found
    if isinstance(whole, Value) and class_of(whole) is not None:
        maybe, whole = whole, object_required(lowering, whole)
        if isinstance(whole, Dissolved) and name not in whole.fields:
            lowering.effect(REQUIRED, (maybe,))  # a method reads nothing by itself
    if isinstance(whole, Dissolved):
        if whole.cls is dict and name in DICT_METHODS:
            return Bound(Static(getattr(dict, name)), [whole])
        return attribute_of_known(lowering, whole, name)
    if isinstance(whole, Columns | Heap | Grouped):
        from sourcediff.frontend.objects.column_calls import attribute_of_columns

        return attribute_of_columns(lowering, whole, name)
    if isinstance(whole, Super):
        return Bound(whole, [Const(name, types.STR)])
    draw = method_of_generator(lowering, whole, name)
    if draw is not None:
        return draw
    if isinstance(whole, Value) and types.is_member(whole.type):
        if whole.type.kind == "Optional":
            whole = lowering.required(whole)
        assert isinstance(whole, Value)
        return attribute_of_member(lowering, whole, name)
    if lowering.faithful and isinstance(whole, Value | Const):
        found = _of_value(lowering, whole, name)
        if found is not None:
            return found
    if lowering.faithful and isinstance(whole, Static) and isinstance(whole.object, type):
        from sourcediff.frontend.objects.objects import class_attribute

        found = class_attribute(lowering, whole, name)
        if found is not None:
            return found
    if isinstance(whole, Static):
        return _of_object(lowering, whole, name)
    if isinstance(whole, Tup) and whole.cls is complex:
        return attribute_of_complex(lowering, whole, name)
    if isinstance(whole, Tup):
        fields = getattr(whole.cls, "_fields", ())
        if name in fields:
            return whole.items[fields.index(name)]
        found = _found_on(lowering, whole.cls, name) if fields else None
        if found is not None:
            return shown(lowering, found, whole, whole.cls, name)
        if name in _LIST_METHODS and whole.cls is list:
            from sourcediff.frontend.containers.known_lists import known_append

            grows = known_append(lowering, whole, name)
            if grows is not None:
                return grows
            lowering.in_memory(whole)
    if isinstance(whole, Rec) and name in ("get", "keys", "values", "items"):
        return Bound(Static(_REC_METHODS[name]), [whole])
    if isinstance(whole, Value | Const):
        changeable = whole.type.cls is not tuple or name in ("count", "index")
        if whole.type.kind == "List" and name in _LIST_METHODS and changeable:
            return Method(whole, name)
        is_array = whole.type.kind == "Array" and not lowering.faithful
        if is_array and isinstance(whole, Value):
            from sourcediff.frontend.arrays.array_values import attribute_of_array_value

            return attribute_of_array_value(lowering, whole, name)
        if name == "copy" and isinstance(whole, Value) and lowering.keys_outside(whole):
            return Bound(Static(dict), [whole])
        if whole.type.kind == "Dict" and name in MAPPING_METHODS:
            return Method(whole, name)
        if whole.type.kind in ("Dict", "Record") and name in _REC_METHODS:
            return Method(whole, name)
        if whole.type.kind == "List" and name == "__getitem__":
            return Bound(Static(operator.getitem), [whole])
        if whole.type.kind == "Instance":
            return _of_instance(lowering, whole, name)
        if whole.type is types.SLICE and name in ("start", "stop", "step"):
            bounds = lowering.bounds.get(whole) if isinstance(whole, Value) else None
            if bounds is not None:
                return bounds[("start", "stop", "step").index(name)]
        if whole.type is types.OBJECT and name in _OF_DTYPES and not lowering.faithful:
            return lowering.emit(GETATTR, (whole,), _OF_DTYPES[name], attribute=name)
        if types.is_number(whole.type) and not lowering.faithful:
            told = attribute_of_number(whole, name)
            if told is not None:
                return told
        if types.is_number(whole.type) and name == "real":
            return whole
        if types.is_number(whole.type) and name == "conjugate":
            return Bound(Static(float.conjugate), [whole])
        if types.is_number(whole.type) and name == "imag":
            if whole.type is types.REAL:
                lowering.asks_for_kind("the imaginary part of a number")
            return Const(0, types.INT) if whole.type is not types.REAL else Const(0.0, types.REAL)
        if whole.type is types.STR and (name in _TEXT_METHODS or name in TEXT_PARTS):
            return Bound(Static(getattr(str, name)), [whole])
    lowering.error(f"the attribute {name!r} of {describe(whole)} is not supported")


def _of_value(lowering: Lowering, whole: Value | Const, name: str) -> Binding | None:
    """An attribute or a method of an object in memory, a tuple or a text."""
    from sourcediff.frontend.arrays.arrays import attribute_of_array
    from sourcediff.frontend.containers import methods
    from sourcediff.frontend.objects.objects import attribute_of_object

    if whole.type.kind == "Optional" and not types.is_number(whole.type):
        whole_ = lowering.required(whole)
        assert isinstance(whole_, Value | Const)
        whole = whole_
    if whole.type is types.NONE:
        lowering.emit(GETATTR, (whole,), types.NEVER, attribute=name)
        raise Diverged
    if whole.type.kind == "Object" and isinstance(whole, Value):
        return attribute_of_object(lowering, whole, name)
    fields = getattr(whole.type.cls, "_fields", ()) if whole.type.kind == "Tuple" else ()
    if name in fields:
        kind = whole.type.items[fields.index(name)]
        return lowering.emit(GETATTR, (whole,), kind, attribute=name)
    if fields and name == "_replace":
        return Bound(Static(_replaced), [whole])
    if whole.type is types.OBJECT and name in ("args", "__name__"):
        kind = types.STR if name == "__name__" else types.OBJECT
        return lowering.emit(GETATTR, (whole,), kind, attribute=name)
    if whole.type.kind == "Array":
        found = attribute_of_array(lowering, whole, name)
        if found is not None:
            return found
    if methods.has_method(whole.type, name):
        return Method(whole, name)
    if whole.type.kind == "Tuple" and whole.type.cls is not None:
        found = getattr(whole.type.cls, name, None)
        if isinstance(found, python_types.FunctionType):
            return Bound(Static(found), [whole])
        if isinstance(found, property) and found.fget is not None:
            from sourcediff.frontend.calls.kept_calls import read_property

            assert isinstance(whole, Value)
            return read_property(lowering, whole, name, found.fget)
    return None


#: What is asked of ``x.dtype`` and ``np.finfo(x.dtype)``.
_OF_DTYPES = {
    **dict.fromkeys(("kind", "char", "name"), types.STR),
    "itemsize": types.INT,
    **dict.fromkeys(("eps", "max", "min", "tiny", "resolution"), types.REAL),
}
_LIST_METHODS = (
    "append",
    "clear",
    "copy",
    "count",
    "extend",
    "index",
    "insert",
    "pop",
    "remove",
    "reverse",
    "sort",
)
_TEXT_METHODS = ("format", "upper", "lower", "strip", "title", "replace", "startswith")
#: What gives several texts, where the text is known.
TEXT_PARTS = ("split", "rsplit", "splitlines", "partition", "rpartition")


def _replaced(whole: Any, **fields: Any) -> Any:
    raise AssertionError("lowered by the front end")


def _get(record: dict[str, Any], key: str, default: Any = None) -> Any:
    raise AssertionError("lowered by the front end")


def _keys(record: dict[str, Any]) -> Any:
    raise AssertionError("lowered by the front end")


def _values(record: dict[str, Any]) -> Any:
    raise AssertionError("lowered by the front end")


def _items(record: dict[str, Any]) -> Any:
    raise AssertionError("lowered by the front end")


_REC_METHODS = {"get": _get, "keys": _keys, "values": _values, "items": _items}


def _of_object(lowering: Lowering, whole: Static, name: str) -> Binding:
    """An attribute of a module, a class, or an object that the function found outside."""
    found = whole.object
    if isinstance(found, python_types.ModuleType):
        if not hasattr(found, name):
            lowering.error(f"module {found.__name__!r} has no attribute {name!r}")
        return lowering.from_object(getattr(found, name), Ref("module", found, (name,)))
    if isinstance(found, python_types.FunctionType | python_types.BuiltinFunctionType):
        lowering.error(f"the attribute {name!r} of a function is not supported")
    cls = found if isinstance(found, type) else type(found)
    raw = _found_on(lowering, cls, name)
    if isinstance(raw, staticmethod):
        return Static(raw.__func__)
    if isinstance(raw, classmethod):
        return Bound(Static(raw.__func__), [Static(cls)])
    if not isinstance(found, type):
        if isinstance(raw, property) and raw.fget is not None:
            from sourcediff.frontend.calls.calls import call

            return call(lowering, Static(raw.fget), [whole], {}, lowering.node)
        own = getattr(found, "__dict__", {})
        if isinstance(raw, python_types.FunctionType) and name not in own:
            lowering.rely_on(Ref("absent", own, (name,)), True)
            return Bound(Static(raw), [whole])
    if not hasattr(found, name):
        lowering.error(f"{describe(whole)} has no attribute {name!r}")
    if isinstance(found, type):
        ref: Ref | None = Ref("class", found, (name,))
    else:
        ref = None if whole.ref is None else whole.ref.attribute(name)
    value = getattr(found, name)
    if isinstance(found, enum.Enum) and name in ("name", "value"):
        return lowering.from_object(value, None)  # which never changes
    if ref is None and isinstance(value, int | float) and not isinstance(found, type):
        lowering.error(
            f"the attribute {name!r} of an object that was made outside is not supported here",
            help="pass the object as an argument",
        )
    return lowering.from_object(value, ref)


def _found_on(lowering: Lowering, cls: type, name: str) -> Any:
    """What a class declares under a name; the code is right only while it does."""
    raw = declared(cls, name)
    if raw is not None and cls.__module__ not in sys.stdlib_module_names:
        lowering.rely_on(Ref("declared", cls, (name,)), raw)
    return raw


def _of_instance(lowering: Lowering, whole: Value | Const, name: str) -> Binding:
    """An attribute of an object that each call brings."""
    cls = whole.type.cls
    assert cls is not None
    raw = _found_on(lowering, cls, name)
    if isinstance(raw, property) and raw.fget is not None:
        from sourcediff.frontend.calls.calls import call

        return call(lowering, Static(raw.fget), [whole], {}, lowering.node)
    if isinstance(raw, staticmethod):
        return Static(raw.__func__)
    if isinstance(raw, classmethod):
        return Bound(Static(raw.__func__), [Static(cls)])
    field = whole.type.field(name)
    if field is None and name.startswith("__") and not name.endswith("__"):
        private = [f"_{base.__name__.lstrip('_')}{name}" for base in cls.__mro__]
        name = next((p for p in private if whole.type.field(p) is not None), name)
        field = whole.type.field(name)
    if field is None:
        if isinstance(raw, python_types.FunctionType):
            return Bound(Static(raw), [whole])
        if raw is not None and isinstance(raw, int | float | str | tuple):
            return lowering.from_object(raw, Ref("class", cls, (name,)))
        lowering.error(f"a {cls.__name__} has no attribute {name!r} that is supported")
    if field is types.OBJECT:
        lowering.error(
            f"the attribute {name!r} of {cls.__name__} is of a kind that is not supported yet",
            help="numbers, texts, truth values and tuples of them are",
        )
    if field is types.NONE:
        return Const(None, types.NONE)
    value = lowering.emit(GETATTR, (whole,), field, attribute=name)
    return lowering.dissolve(value) if field.kind == "Tuple" else value
