"""Types and bindings in words, for error messages."""

from __future__ import annotations

import types as python_types

from sourcediff.frontend.values import (
    Binding,
    Columns,
    Conflict,
    Dissolved,
    Grouped,
    Heap,
    Rec,
    Static,
    Stream,
    Tup,
)
from sourcediff.ir import Const, Value
from sourcediff.types import Type, held_by, rank_of

__all__ = ["ONE_NUMBER", "describe", "describe_two", "describe_type", "operator_in_words"]

#: The advice where a function that is differentiated does not return a number.
ONE_NUMBER = (
    "a gradient is that of a number; return one on every path (of an array its sum, say), or use "
    "jacobian() or vjp()"
)

_SYMBOLS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "floordiv": "//",
    "mod": "%",
    "pow": "**",
    "matmul": "@",
    "neg": "-",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
}


def operator_in_words(name: str) -> str:
    """An operation by what the user wrote.

    >>> operator_in_words("mul"), operator_in_words("abs")
    ("the operator '*'", 'abs()')
    """
    return f"the operator {_SYMBOLS[name]!r}" if name in _SYMBOLS else f"{name}()"


_CONTAINERS = {
    "List": "a list",
    "Deque": "a deque",
    "Set": "a set",
    "Dict": "a dict",
    "Record": "a dict",
    "Iterator": "an iterator",
    "Sequence": "a tuple",
    "Range": "a range",
    "Slice": "a slice",
    "Function": "a function",
}


def describe_type(t: Type) -> str:
    """A type in words for an error message."""
    if t.kind == "Array":
        return "an array or a number" if rank_of(t) is None else "an array"
    if t.kind == "List" and t.cls is tuple:
        return "a tuple"
    if t.kind == "Tuple" and t.cls is complex:
        return "a complex number"
    if t.kind == "Tuple":
        return f"a tuple of {len(t.items)}"
    if t.kind in _CONTAINERS:
        return _CONTAINERS[t.kind]
    if t.kind in ("Instance", "Member", "Object", "Place"):
        return f"a {t.cls.__name__}" if t.cls else "an object"
    if t.kind == "Optional":
        return f"{describe_type(t.items[0])} or None"
    return {
        "Draws": "a generator of random numbers",
        "Real": "a number",
        "Int": "an integer",
        "Bool": "a truth value",
        "Str": "a text",
        "None": "None",
        "Never": "no value",
        "Unbound": "no value",
    }.get(t.kind, "an object")


def describe_two(one: Type, other: Type) -> tuple[str, str]:
    """Two types that have no meeting, in words that tell them apart where words can."""
    words = describe_type(one), describe_type(other)
    if words[0] != words[1]:
        return words
    for slot, against in zip(held_by(one), held_by(other), strict=False):
        held = describe_two(slot.type, against.type)
        if held[0] != held[1]:
            return f"{words[0]} that holds {held[0]}", f"{words[1]} that holds {held[1]}"
    return words


def describe(binding: Binding) -> str:
    """A binding in words for an error message."""
    if isinstance(binding, Value | Const):
        return describe_type(binding.type)
    if isinstance(binding, Tup) and binding.cls is complex:
        return "a complex number"
    if isinstance(binding, Tup):
        return f"a {binding.cls.__name__} of {len(binding.items)}"
    if isinstance(binding, Dissolved):
        return f"a {binding.cls.__name__}"
    if isinstance(binding, Grouped):
        return "a dict of lists"
    if isinstance(binding, Heap):
        return "a heap"
    if isinstance(binding, Columns):
        return "a list of objects"
    if isinstance(binding, Rec):
        return f"a {binding.cls.__name__}"
    if isinstance(binding, Static):
        found = binding.object
        if isinstance(found, python_types.ModuleType):
            return f"the module {found.__name__!r}"
        if isinstance(found, type):
            return f"the class {found.__name__!r}"
        if callable(found):
            return f"the function {getattr(found, '__name__', found)!r}"
        return f"a {type(found).__name__}"
    if isinstance(binding, Conflict):
        return "a value that has no one type"
    if isinstance(binding, Stream):
        return "an iterator"
    return "a function"
