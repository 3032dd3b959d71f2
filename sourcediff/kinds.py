"""What kind of argument a Python object is: the one place where run-time objects become types.

>>> kind_of(2.5)[0], kind_of(3)[0], kind_of((1.0, (2, 3)))[0]
(Real, Real, Tuple[Real, Tuple[Real, Real]])
>>> kind_of("fast")[0]
'fast'
"""

from __future__ import annotations

from typing import Any

from sourcediff import types
from sourcediff.frontend.reflect import is_numpy_array
from sourcediff.frontend.values import Binding, Rec, Static, Tup
from sourcediff.ir import Const, Value
from sourcediff.types import Slot, Type

__all__ = ["differentiable", "kind_of", "restored"]

Kind = Type | Binding


def kind_of(value: Any) -> tuple[Kind, Any]:
    """The kind of an argument: a type, or a constant of the code; and its part of the cache key.

    Raises:
        TypeError: objects of this class are not supported, with the reason.
    """
    cls = value.__class__
    if cls is float or isinstance(value, int | float):
        return types.REAL, "Real"
    if value is None:
        return Const(None, types.NONE), None
    if isinstance(value, str):
        return Const(value, types.STR), ("text", cls, value)
    if isinstance(value, tuple):
        return _tuple(value)
    if cls is list:
        return _list(value)
    if isinstance(value, dict):
        if value:
            raise TypeError("dicts are not supported yet; pass the numbers as arguments")
        return Rec({}), "no keywords"
    if isinstance(value, complex):
        raise TypeError("complex numbers are not supported yet; pass real and imaginary part")
    if is_numpy_array(value) and value.ndim and value.dtype.kind in _ELEMENTS:
        return _array_of_numbers(value)
    if cls.__module__ == "numpy" or hasattr(value, "dtype"):
        return _array(value)
    if isinstance(value, set | frozenset | bytes | bytearray | range):
        raise TypeError(f"a {cls.__name__} is not supported yet; pass numbers or a tuple of them")
    if cls.__module__ in ("builtins", "functools") or isinstance(value, type):
        return Static(value), ("object", _Same(value))
    return _instance(value)


class _Same:
    """A key that is equal only for the very same object, which it keeps alive."""

    __slots__ = ("object",)

    def __init__(self, object: Any) -> None:
        self.object = object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.object is other.object

    def __hash__(self) -> int:
        return id(self.object)


def _tuple(value: tuple[Any, ...]) -> tuple[Kind, Any]:
    kinds = []
    for item in value:
        kind, _ = kind_of(item)
        if not isinstance(kind, Type):
            raise TypeError(
                f"a tuple that holds a {type(item).__name__} is not supported yet; "
                "pass its items as arguments"
            )
        kinds.append(kind)
    cls = type(value)
    whole = types.tuple_of(kinds, None if cls is tuple else cls)
    return whole, whole


def _list(value: list[Any]) -> tuple[Kind, Any]:
    """A list of numbers, or of lists of such."""
    classes = set(map(type, value))
    if len(classes) > 1 and not all(issubclass(c, int | float) for c in classes):
        raise TypeError(
            "a list of several types is not supported yet; pass numbers, or lists of them"
        )
    if not value:
        return types.list_of(Slot(types.REAL)), ("List", "Real")
    kind, part = kind_of(value[0])
    if not isinstance(kind, Type) or not _is_numbers(kind):
        raise TypeError(
            f"a list of {type(value[0]).__name__} is not supported yet; pass numbers, or lists or "
            "tuples of them"
        )
    if kind.kind == "List" and any(_list(row)[1] != part for row in value[1:]):
        raise TypeError("a list of lists of several types is not supported yet")
    return types.list_of(Slot(kind)), ("List", part)


def _is_numbers(kind: Type) -> bool:
    """Whether a type is that of a number, or of a list of lists of numbers to any depth."""
    if kind.kind == "List":
        return _is_numbers(kind.slots["element"].type)
    return kind is types.REAL


_ELEMENTS = {"f": types.REAL, "i": types.INT, "u": types.INT, "b": types.BOOL}


def _array_of_numbers(value: Any) -> tuple[Kind, Any]:
    """An array: what its numbers are, how many axes it has, and which of these have length one.

    The latter decide how it is broadcast.
    """
    element = _ELEMENTS[value.dtype.kind]
    kind = types.array_of(Slot(element), value.ndim)
    kind.of = tuple([length == 1 for length in value.shape])
    return kind, ("Array", element.kind, kind.of)


def _array(value: Any) -> tuple[Kind, Any]:
    shape = getattr(value, "shape", None)
    kind = getattr(getattr(value, "dtype", None), "kind", "?")
    if shape == () and not hasattr(value, "__array_finalize__") and kind in "fiub":
        return types.REAL, "Real"
    if shape == () and kind in "fiub" and hasattr(value, "item") and not _is_array(value):
        return types.REAL, "Real"
    if kind == "c":
        raise TypeError("complex numbers are not supported yet; pass real and imaginary part")
    if is_numpy_array(value) and value.ndim:
        raise TypeError(f"an array of {value.dtype} is not supported yet; pass one of numbers")
    raise TypeError(
        f"a {type(value).__module__}.{type(value).__name__} is not supported yet; "
        "pass numbers or arrays of NumPy"
    )


def _is_array(value: Any) -> bool:
    return hasattr(value, "__setitem__")


def _instance(value: Any) -> tuple[Kind, Any]:
    """An object with attributes, as its class and the kinds of those."""
    cls = type(value)
    attributes = dict(getattr(value, "__dict__", {}))
    for base in cls.__mro__:
        for slot in getattr(base, "__slots__", ()):
            if isinstance(slot, str) and hasattr(value, slot):
                attributes[slot] = getattr(value, slot)
    if not attributes and not hasattr(value, "__dict__"):
        raise TypeError(f"a {cls.__name__} is not supported; pass numbers")
    fields = {name: _field(found) for name, found in attributes.items()}
    whole = types.instance_of(cls, fields)
    return whole, whole


def _field(found: Any) -> Type:
    if isinstance(found, bool):
        return types.BOOL
    if isinstance(found, int):
        return types.INT
    if isinstance(found, str):
        return types.STR
    if found is None:
        return types.NONE
    try:
        kind, _ = kind_of(found)
    except TypeError:
        return types.OBJECT
    if isinstance(kind, Type) and kind.kind in ("Real", "Tuple"):
        return kind
    return types.OBJECT


def differentiable(binding: Binding) -> bool:
    """Whether one can differentiate with respect to an argument bound like this."""
    if isinstance(binding, Tup):
        return bool(binding.items) and all(map(differentiable, binding.items))
    if isinstance(binding, Value) and binding.type.kind == "Array":
        return binding.type.slots["element"].type is types.REAL
    return isinstance(binding, Value) and _is_numbers(binding.type)


def restored(argument: Any, derivative: Any) -> Any:
    """A derivative as a real number of the kind of its argument.

    >>> restored(3, 6)
    6.0
    """
    if isinstance(argument, tuple):
        items = map(restored, argument, derivative)
        cls = type(argument)
        return cls(*items) if hasattr(cls, "_fields") else tuple(items)
    cls = argument.__class__
    if cls is list:
        return list(map(restored, argument, derivative))
    if is_numpy_array(argument) and argument.ndim:
        return derivative.astype(argument.dtype, copy=False)
    if cls is float:
        return derivative if derivative.__class__ is float else float(derivative)
    if hasattr(argument, "dtype") and argument.dtype.kind == "f":
        return cls(derivative)
    return float(derivative)
