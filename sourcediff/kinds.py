"""What kind of argument a Python object is: the one place where run-time objects become types.

>>> kind_of(2.5)[0], kind_of(3)[0], kind_of((1.0, (2, 3)))[0]
(Real, Real, Tuple[Real, Tuple[Real, Real]])
>>> kind_of("fast")[0]
'fast'
>>> kind_of({"w": 1.0, "layers": [2.0, 3.0], "mode": "fast"})[0].items
(Real, List[Real], Str)
"""

from __future__ import annotations

import enum
import numbers
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from sourcediff import types
from sourcediff.errors import InternalError
from sourcediff.frontend.arrays.numpy_call import ELEMENTS
from sourcediff.frontend.calls.draws import is_generator
from sourcediff.frontend.complexes.values import is_complex
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved import fields_of
from sourcediff.frontend.own_methods import refuse_overridden
from sourcediff.frontend.reflect import (
    attributes_in,
    is_numpy_array,
    is_numpy_generator,
    is_typed_array,
)
from sourcediff.frontend.values import Binding, Columns, Dissolved, Rec, Static, Tup
from sourcediff.ir import Const, Value
from sourcediff.joined_kinds import joined
from sourcediff.transform.adjoint.structures import differentiated
from sourcediff.types import Slot, Type

__all__ = [
    "NoRealNumber",
    "Same",
    "differentiable",
    "holds_objects",
    "kind_of",
    "kind_of_known",
    "kind_with_lie",
    "restored",
]

Kind = Type | Binding

#: A complex number, which is read as an object with two attributes.
COMPLEX = types.instance_of(complex, {"real": types.REAL, "imag": types.REAL})

#: A dict with more keys is a table, not a record.
MAX_KEYS = 16
MAX_DEPTH = 12


class NoRealNumber(TypeError):
    """A number of a kind that no derivative can have."""


def kind_of(value: Any, within: tuple[int, ...] = ()) -> tuple[Kind, Any]:
    """The kind of an argument: a type, or a constant of the code; and its part of the cache key.

    Args:
        within: the identities of the objects that it was found in.

    Raises:
        TypeError: objects of this class are not supported, with the reason.
    """
    cls = value.__class__
    if cls is float:
        return types.REAL, "Real"
    refuse_overridden(cls)
    if isinstance(value, int | float):
        return types.REAL, "Real"
    if value is None:
        return Const(None, types.NONE), None
    if isinstance(value, enum.Enum):
        return Static(value), ("object", Same(value))
    if is_generator(value):
        return types.DRAWS, "Draws"
    if is_numpy_generator(value):
        return types.draws_of(cls), ("Draws", cls)
    if isinstance(value, str):
        return Const(value, types.STR), ("text", cls, value)
    if isinstance(value, tuple):
        return _tuple(value, (*within, id(value)))
    if cls is list:
        if _is_layers(value) or _is_layer(value):
            return _known_list(value, (*within, id(value)))
        try:
            return _list(value, (*within, id(value)))
        except TypeError:
            if not _is_of_several(value):
                raise
            return _known_list(value, (*within, id(value)))
    if is_typed_array(value):
        return types.list_of(Slot(types.REAL), cls=cls), ("List", "Real", cls)
    if isinstance(value, dict):
        return _dict(value, (*within, id(value)))
    if isinstance(value, complex):
        return COMPLEX, "Complex"
    if is_numpy_array(value) and value.ndim and value.dtype.kind in ELEMENTS:
        return _array_of_numbers(value)
    if cls.__module__ == "numpy" or hasattr(value, "dtype"):
        return _array(value)
    if isinstance(value, set | frozenset | bytes | bytearray | range):
        raise TypeError(f"a {cls.__name__} is not supported yet; pass numbers or a tuple of them")
    if cls.__module__ in ("builtins", "functools") or isinstance(value, type):
        return Static(value), ("object", Same(value))
    return _instance(value, (*within, id(value)))


#: Lists of so many structures are taken apart while compiling.
MAX_LAYERS = 8
#: And lists of so many objects, if these are of several classes.
MAX_KINDS = 32


class Same:
    """A key that is equal only for the very same object, which it keeps alive."""

    __slots__ = ("object",)

    def __init__(self, object: Any) -> None:
        self.object = object

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.object is other.object

    def __hash__(self) -> int:
        return id(self.object)


def _tuple(value: tuple[Any, ...], within: tuple[int, ...]) -> tuple[Kind, Any]:
    kinds, parts = [], []
    for item in value:
        kind, part = kind_of(item, within) if isinstance(item, bool) else _part(item, within)
        assert isinstance(kind, Type)
        if kind is types.OBJECT:
            raise TypeError(
                f"a tuple that holds a {type(item).__name__} is not supported yet; "
                "pass its items as arguments"
            )
        kinds.append(kind)
        parts.append(part)
    cls = type(value)
    return types.tuple_of(kinds, None if cls is tuple else cls), ("tuple", cls, *parts)


def _is_layers(value: list[Any]) -> bool:
    """Whether a list is short and holds structures of arrays, as the layers of a network are."""
    if not 0 < len(value) <= MAX_LAYERS or not all(isinstance(v, tuple | list) for v in value):
        return False
    return all(item and all(is_numpy_array(a) and a.ndim for a in item) for item in value)


def _is_layer(value: list[Any]) -> bool:
    """Whether a list is short and holds arrays of several numbers of axes: ``[W, b]``."""
    if not 0 < len(value) <= MAX_LAYERS or not all(map(is_numpy_array, value)):
        return False
    return len({array.ndim for array in value}) > 1 and all(array.ndim for array in value)


def _is_of_several(value: list[Any]) -> bool:
    """Whether a list is short and holds objects, as the layers of a network of several kinds."""
    return len(value) <= MAX_KINDS and all(hasattr(item, "__dict__") for item in value)


def _known_list(value: list[Any], within: tuple[int, ...]) -> tuple[Kind, Any]:
    """A list of which the items are known one by one, as those of a tuple."""
    kind, (_, _, *parts) = _tuple(tuple(value), within)
    assert isinstance(kind, Type)
    return types.tuple_of(kind.items, list), ("tuple", list, *parts)


def _list(value: list[Any], within: tuple[int, ...] = ()) -> tuple[Kind, Any]:
    """A list of numbers, or of lists of such."""
    classes = set(map(type, value))
    if len(classes) > 1 and not all(issubclass(c, int | float) for c in classes):
        raise TypeError(
            "a list of several types is not supported yet; pass numbers, or lists of them"
        )
    if not value:
        return types.list_of(Slot(types.REAL)), ("List", "Real")
    if complex in classes:
        raise TypeError(
            "a list of complex numbers is not supported yet; pass an array of them: np.array(zs)"
        )
    if classes == {str}:
        return types.list_of(Slot(types.STR)), ("List", "Str")
    if all(is_numpy_array(item) and item.ndim for item in value):
        return _list_of_arrays(value)
    kind, part = kind_of(value[0], within)
    if isinstance(kind, Type) and kind is not COMPLEX and _is_known(kind):
        return _list_of_objects(value, kind, part, within)
    if isinstance(kind, Type) and kind.kind == "Tuple" and kind.cls is None:
        kind, part = _rows(value, kind)
    if not isinstance(kind, Type) or not _is_numbers(kind):
        raise TypeError(
            f"a list of {type(value[0]).__name__} is not supported yet; pass numbers, or lists or "
            "tuples of them"
        )
    if kind.kind == "List" and kind.cls is None and any(_list(row)[1] != part for row in value[1:]):
        raise TypeError("a list of lists of several types is not supported yet")
    return types.list_of(Slot(kind)), ("List", part)


def _is_known(kind: Type) -> bool:
    """Whether a type is that of an object, or of a tuple which is no row of numbers."""
    if kind.kind == "Instance":
        return True
    numbers = all(item is types.REAL for item in kind.items)
    return kind.kind == "Tuple" and bool(kind.items) and not (numbers and kind.cls is None)


def _holds_complex(kind: Type) -> bool:
    return kind is COMPLEX or any(map(_holds_complex, kind.items))


def _list_of_objects(
    value: list[Any], kind: Type, part: Any, within: tuple[int, ...]
) -> tuple[Kind, Any]:
    """Objects of one class, all of which hold the same."""
    if _holds_complex(kind):
        raise TypeError("a list of objects that hold complex numbers is not supported yet")
    for item in value[1:]:
        found, its_part = kind_of(item, within)
        both = joined((kind, part), (found, its_part)) if isinstance(found, Type) else None
        if both is None:
            raise TypeError(
                "a list of objects that hold things of several types is not supported yet; let "
                "all hold the same"
            )
        kind, part = both
    return types.objects_of(kind), ("Objects", part)


def _list_of_arrays(value: list[Any]) -> tuple[Kind, Any]:
    """Arrays of numbers of one kind and with as many axes, each of any length."""
    elements = {ELEMENTS.get(item.dtype.kind) for item in value}
    if len(elements) > 1 or None in elements or len({item.ndim for item in value}) > 1:
        raise TypeError(
            "a list of arrays with different numbers of axes, or of different kinds of numbers, is "
            "not supported yet"
        )
    kinds, parts = zip(*map(_array_of_numbers, value), strict=True)
    kind = kinds[0]
    units = [set(lengths) for lengths in zip(*(one.of for one in kinds), strict=True)]
    kind.of = tuple([min(found) if len(found) == 1 else None for found in units])
    kind.cls = kind.cls if len({one.cls for one in kinds}) == 1 else None
    return types.list_of(Slot(kind)), ("List", *parts[0][:2], kind.of, kind.cls)


def _rows(value: list[Any], first: Type) -> tuple[Type, Any]:
    """The tuples of numbers that a list holds: as lists that nobody changes."""
    if any(kind_of(row)[0] is not first for row in value):
        raise TypeError(
            "a list of tuples of several lengths or types is not supported yet; pass lists of "
            "numbers"
        )
    if not first.items or not all(item is types.REAL for item in first.items):
        return first, first
    return types.list_of(Slot(types.REAL), cls=tuple), ("Row", len(first.items))


def _is_numbers(kind: Type) -> bool:
    """Whether a type is that of a number, or of a list of lists of numbers to any depth."""
    if kind.kind == "List":
        return _is_numbers(kind.slots["element"].type)
    return kind is types.REAL


def _array_of_numbers(value: Any) -> tuple[Kind, Any]:
    """An array: what its numbers are, how many axes it has, and which of these have length one.

    The latter decide how it is broadcast. The class of its numbers, where they are Python's own,
    says that sums with it are of that type too.
    """
    element = ELEMENTS[value.dtype.kind]
    kind = types.array_of(Slot(element), value.ndim)
    kind.of = tuple([length == 1 for length in value.shape])
    numbers = complex if element is types.COMPLEX else float
    kind.cls = numbers if value.dtype == numbers and value.dtype.isnative else None
    return kind, ("Array", element.kind, kind.of, kind.cls)


def kind_with_lie(kind: Kind, part: Any, value: Any) -> tuple[Kind, Any]:
    """The kind of an argument, and for an array the order in which it lies in one piece."""
    if not isinstance(kind, Type) or kind.kind != "Array":
        return kind, part
    flags = value.flags
    kind.lies = "C" if flags.c_contiguous else "F" if flags.f_contiguous else None
    return kind, (*part, kind.lies)


def _array(value: Any) -> tuple[Kind, Any]:
    shape = getattr(value, "shape", None)
    kind = getattr(getattr(value, "dtype", None), "kind", "?")
    if shape == () and not hasattr(value, "__array_finalize__") and kind in "fiub":
        return types.REAL, "Real"
    if shape == () and kind in "fiub" and hasattr(value, "item") and not _is_array(value):
        return types.REAL, "Real"
    if kind == "c" and not shape:
        raise TypeError(f"a {value.dtype} is not supported yet; pass complex(…) of it")
    if is_numpy_array(value) and value.ndim:
        raise TypeError(f"an array of {value.dtype} is not supported yet; pass one of numbers")
    raise TypeError(
        f"a {type(value).__module__}.{type(value).__name__} is not supported yet; "
        "pass numbers or arrays of NumPy"
    )


def _is_array(value: Any) -> bool:
    return hasattr(value, "__setitem__")


def _dict(value: dict[Any, Any], within: tuple[int, ...]) -> tuple[Kind, Any]:
    """A dict with few keys that are constants."""
    cls = type(value)
    if not value:
        return Rec({}), "no keywords"
    if cls is not dict:
        raise TypeError(f"a {cls.__name__} is not supported yet; pass a dict")
    if len(value) > MAX_KEYS or not all(isinstance(key, str | int) for key in value):
        found = _mapping(value)
        if found is not None:
            return found
        raise TypeError("a dict with many keys, or other keys than texts, is not supported yet")
    return _held(cls, value, within)


def _mapping(value: dict[Any, Any]) -> tuple[Kind, Any] | None:
    """A dict of numbers, under any number of keys of one kind; None for any other."""
    keys = {_key_kind(key) for key in value}
    if len(keys) > 1 or None in keys or not all(isinstance(v, int | float) for v in value.values()):
        return None
    (key,) = keys
    return types.dict_of(Slot(key), Slot(types.REAL)), ("Dict", key)


def _key_kind(key: Any) -> Type | None:
    """The type of a text, a whole number, or a tuple of such."""
    if isinstance(key, tuple) and type(key) is tuple:
        items = [_key_kind(item) for item in key]
        return None if None in items else types.tuple_of(i for i in items if i is not None)
    return {str: types.STR, int: types.INT}.get(type(key))


def _instance(value: Any, within: tuple[int, ...]) -> tuple[Kind, Any]:
    """An object with attributes, as its class and the kinds of those."""
    cls = type(value)
    if isinstance(value, numbers.Number):
        raise NoRealNumber(f"a {cls.__name__} is not supported; pass float(…) of it")
    attributes = attributes_in(value)
    if not attributes and not hasattr(value, "__dict__"):
        raise TypeError(f"a {cls.__name__} is not supported; pass numbers")
    return _held(cls, attributes, within)


def _held(cls: type, found: dict[Any, Any], within: tuple[int, ...]) -> tuple[Kind, Any]:
    fields: dict[Any, Type] = {}
    parts: list[Any] = []
    for name, item in found.items():
        fields[name], part = _part(item, within)
        parts.append((name, part))
    if cls is dict and all(type(item) is list for item in found.values()):
        # An empty list is of the kind of those beside it, where these are of one kind.
        beside = {repr(part): name for name, part in parts if found[name]}
        if len(beside) == 1 and len(beside) < len(parts):
            (name,) = beside.values()
            kind, part = fields[name], dict(parts)[name]
            return (
                types.instance_of(cls, {n: fields[n] if found[n] else kind for n in fields}),
                ("object", cls, *((n, part) for n in fields)),
            )
    return types.instance_of(cls, fields), ("object", cls, *parts)


def _part(found: Any, within: tuple[int, ...]) -> tuple[Type, Any]:
    """The type of what an object holds; opaque where it is not supported, unless it is read."""
    if id(found) in within or len(within) > MAX_DEPTH:
        return types.OBJECT, "opaque"  # it leads back to the object itself
    if isinstance(found, bool):
        return types.BOOL, "Bool"
    if isinstance(found, str):
        return types.STR, "Str"
    if found is None:
        return types.NONE, "None"
    try:
        kind, part = kind_of(found, within)
    except TypeError:
        return types.OBJECT, "opaque"
    if isinstance(kind, Type):
        return kind, part
    if isinstance(kind, Static):
        return types.function_of(part, kind), part
    return types.instance_of(dict, {}), part


def kind_of_known(lowering: Lowering, binding: Binding) -> Type:
    """The kind of an argument in a call of a derivative inside of a function that is lowered."""
    if isinstance(binding, Dissolved):
        held = fields_of(lowering, binding)
        fields = {name: kind_of_known(lowering, item) for name, item in held.items()}
        return types.instance_of(binding.cls, fields)
    if is_complex(binding):
        return COMPLEX
    if isinstance(binding, Tup):
        items = [kind_of_known(lowering, item) for item in binding.items]
        return types.tuple_of(items, None if binding.cls is tuple else binding.cls)
    if isinstance(binding, Columns):
        held_in_lists = iter(binding.lists)
        return types.objects_of(_kind_of_item(lowering, binding.shape, held_in_lists))
    if isinstance(binding, Static):
        return types.function_of(Same(binding.object), binding)
    if isinstance(binding, Value | Const):
        return types.REAL if binding.type is types.INT else binding.type
    return types.OBJECT


def _kind_of_item(lowering: Lowering, shape: Any, lists: Iterator[Value]) -> Type:
    """The kind of an object in a list that is known as one list for each of its attributes."""
    if shape[0] == "object":
        fields = {name: _kind_of_item(lowering, part, lists) for name, part in shape[2]}
        return types.instance_of(shape[1], fields)
    if shape[0] == "tuple":
        items = [_kind_of_item(lowering, part, lists) for part in shape[2]]
        return types.tuple_of(items, None if shape[1] is tuple else shape[1])
    if shape[0] == "known":
        return kind_of_known(lowering, shape[2])
    kind: Type = next(lists).type.slots["element"].read()
    return types.REAL if kind is types.INT else kind


def differentiable(binding: Binding) -> bool:
    """Whether one can differentiate with respect to an argument bound like this."""
    return any(True for _ in differentiated(binding))


def holds_objects(binding: Binding) -> bool:
    """Whether an argument is made up of an object or a dict, or holds one."""
    if isinstance(binding, Tup):
        return any(map(holds_objects, binding.items))
    return isinstance(binding, Rec)


def restored(argument: Any, derivative: Any) -> Any:
    """A derivative as a real number of the kind of its argument.

    >>> restored(3, 6)
    6.0
    """
    if derivative is None:
        return None
    if isinstance(argument, tuple):
        _require_as_many(argument, derivative)
        items = map(restored, argument, derivative)
        cls = type(argument)
        return cls(*items) if hasattr(cls, "_fields") else tuple(items)
    cls = argument.__class__
    if cls is dict:
        _require_as_many(argument, derivative)
        return {key: restored(item, derivative[key]) for key, item in argument.items()}
    if cls is list:
        _require_as_many(argument, derivative)
        if set(map(type, argument)) == set(map(type, derivative)) == {float}:
            return list(derivative)
        return list(map(restored, argument, derivative))
    if is_typed_array(argument):
        return cls(argument.typecode if argument.typecode in "fd" else "d", derivative)
    if is_numpy_array(argument):
        return _as_array(argument, derivative)
    if cls is float:
        return derivative if derivative.__class__ is float else float(derivative)
    if isinstance(argument, complex):
        return cls(derivative)
    if hasattr(argument, "dtype") and argument.dtype.kind == "f":
        return cls(derivative)
    if isinstance(argument, int | float) or hasattr(argument, "dtype"):
        return float(derivative)
    return _object(argument, derivative)


def _require_as_many(argument: Any, derivative: Any) -> None:
    """Refuse a derivative that has not an item for each of its argument: ours is wrong."""
    if len(argument) != len(derivative):
        raise _of_another_shape(f"{len(argument)} items", len(derivative))


def _of_another_shape(expected: object, found: object) -> InternalError:
    return InternalError(
        f"the derivative of an argument of {expected} has {found}",
        help="this is a defect of sourcediff, not of your code; please report the function",
    )


def _as_array(argument: Any, derivative: Any) -> Any:
    """An array of the dtype of an array. Of one without axes NumPy makes scalars, of an old one."""
    if argument.ndim:
        if not argument.size:
            return argument.copy()  # of no numbers there is one derivative only
        if argument.shape != derivative.shape:
            raise _of_another_shape(f"shape {argument.shape}", derivative.shape)
        return derivative.astype(argument.dtype, copy=False)
    made = argument.copy()
    made[...] = derivative
    return made


def _object(argument: Any, derivative: Any) -> Any:
    """An object of the class of an argument, made without any code of the class."""
    held = derivative if isinstance(derivative, dict) else attributes_in(derivative)
    cls = type(argument)
    made = cls() if cls is SimpleNamespace else object.__new__(cls)
    for name, item in attributes_in(argument).items():
        object.__setattr__(made, name, restored(item, held[name]))
    return made
