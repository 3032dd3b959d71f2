"""Lowering of the methods of lists, dicts, sets, deques, tuples and texts."""

from __future__ import annotations

import ast
import collections
from collections.abc import Callable
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.array_calls import ARRAY_METHODS
from sourcediff.frontend.calls.invocation import function_value
from sourcediff.frontend.containers.containers import fresh_list, held, kept
from sourcediff.frontend.describe import describe_type
from sourcediff.frontend.iteration.iteration import sequence_of
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding
from sourcediff.ir import Atom, Const, Value
from sourcediff.memory import METHOD_OF, QUERY, MethodSpec
from sourcediff.types import Type

__all__ = ["CLASSES", "call_method", "has_method"]


class _Call:
    """One call of a method: what is called, and on what."""

    __slots__ = ("args", "keywords", "lowering", "name", "node", "whole")

    def __init__(
        self,
        lowering: Lowering,
        whole: Value | Const,
        name: str,
        args: list[Binding],
        kwargs: dict[str, Binding],
        node: ast.AST,
    ) -> None:
        self.lowering = lowering
        self.whole = whole
        self.name = name
        self.node = node
        self.args: list[Atom] = [kept(lowering, a) for a in args]
        self.keywords: dict[str, Atom] = {k: kept(lowering, v) for k, v in kwargs.items()}

    def slot(self, name: str = "element") -> Any:
        return self.whole.type.slots[name]

    def put(self, kind: Type, name: str = "element") -> None:
        self.lowering.put(self.slot(name), kind, f"this {self.whole.type.kind.lower()}")

    def arity(self, low: int, high: int) -> None:
        if not low <= len(self.args) <= high:
            self.lowering.error(
                f"{self.name}() with {len(self.args)} arguments is not supported", self.node
            )

    def items(self, place: int = 0) -> Type:
        """The type of the items of an argument that is gone through."""
        return sequence_of(self.lowering, self.args[place], self.node, f"{self.name}()").item


#: What a method gives, and whether it changes the object.
Typing = Callable[[_Call], Type]


def _nothing(call: _Call) -> Type:
    return types.NONE


def _append(call: _Call) -> Type:
    call.arity(1, 1)
    call.put(call.args[0].type)
    return types.NONE


def _extend(call: _Call) -> Type:
    call.arity(1, 1)
    call.put(call.items())
    return types.NONE


def _insert(call: _Call) -> Type:
    call.arity(2, 2)
    call.put(call.args[1].type)
    return types.NONE


def _element(call: _Call) -> Type:
    found: Type = call.slot().read()
    return found


def _copy(call: _Call) -> Type:
    kind = call.whole.type
    if kind.kind in ("List", "Deque"):
        return fresh_list(call.lowering, call.node, kind.slots["element"].read(), kind.kind)
    if kind.kind == "Set":
        slot = call.lowering.slot(call.node, "Set")
        call.lowering.put(slot, kind.slots["element"].read(), "this set")
        return types.set_of(slot)
    if kind.kind == "Record":
        slots = {name: call.lowering.slot(call.node, f"key {name}") for name in kind.slots}
        for name, slot in slots.items():
            call.lowering.put(slot, kind.slots[name].read(), f"the key {name!r}")
        return types.record_of(slots)
    key, value = (call.lowering.slot(call.node, name) for name in ("key", "value"))
    call.lowering.put(key, kind.slots["key"].read(), "the keys of this dict")
    call.lowering.put(value, kind.slots["value"].read(), "this dict")
    return types.dict_of(key, value, kind.cls or dict)


def _integer(call: _Call) -> Type:
    return types.INT


def _truth(call: _Call) -> Type:
    return types.BOOL


def _text(call: _Call) -> Type:
    return types.STR


def _texts(call: _Call) -> Type:
    return fresh_list(call.lowering, call.node, types.STR)


def _three_texts(call: _Call) -> Type:
    return types.tuple_of((types.STR,) * 3)


def _at_key(call: _Call) -> Type:
    """The type of what is at the key that is the first argument."""
    kind, key = call.whole.type, call.args[0]
    if kind.kind == "Dict":
        found: Type = kind.slots["value"].read()
        return found
    if isinstance(key, Const):
        slot = kind.slots.get(key.value)
        return types.NEVER if slot is None else slot.read()
    call.lowering.error("a computed key of this dict is not supported", call.node)


def _or_default(call: _Call, found: Type) -> Type:
    default = call.args[1].type if len(call.args) > 1 else types.NONE
    joined = types.join(found, default)
    if joined is None:
        call.lowering.error(
            f"{call.name}() gives {describe_type(found)} or {describe_type(default)}", call.node
        )
    return joined


def _get(call: _Call) -> Type:
    call.arity(1, 2)
    return _or_default(call, _at_key(call))


def _pop_key(call: _Call) -> Type:
    call.arity(1, 2)
    found = _at_key(call)
    return found if len(call.args) == 1 else _or_default(call, found)


def _set_default(call: _Call) -> Type:
    call.arity(2, 2)
    if call.whole.type.kind == "Record":
        key = call.args[0]
        if not isinstance(key, Const):
            call.lowering.error("a computed key of this dict is not supported", call.node)
        slot = call.whole.type.slots.setdefault(key.value, types.Slot())
        call.lowering.put(slot, call.args[1].type, f"the key {key.value!r}")
        return slot.read()
    call.put(call.args[0].type, "key")
    call.put(call.args[1].type, "value")
    found: Type = call.slot("value").read()
    return found


def _update(call: _Call) -> Type:
    call.arity(0, 1)
    kind = call.whole.type
    if kind.kind == "Set":
        return _extend(call)
    if kind.kind == "Record":
        return _update_record(call)
    for other in call.args:
        if other.type.kind != "Dict":
            call.lowering.error(f"update() with {describe_type(other.type)} is not supported")
        call.put(other.type.slots["key"].read(), "key")
        call.put(other.type.slots["value"].read(), "value")
    for value in call.keywords.values():
        call.put(types.STR, "key")
        call.put(value.type, "value")
    return types.NONE


def _update_record(call: _Call) -> Type:
    given = {name: atom.type for name, atom in call.keywords.items()}
    for other in call.args:
        if other.type.kind != "Record":
            call.lowering.error(f"update() with {describe_type(other.type)} is not supported")
        given.update((name, slot.read()) for name, slot in other.type.slots.items())
    for name, found in given.items():
        slot = call.whole.type.slots.setdefault(name, types.Slot())
        call.lowering.put(slot, found, f"the key {name!r}")
    return types.NONE


def _keys(call: _Call) -> Type:
    slot = call.lowering.slot(call.node, "keys")
    key = types.STR if call.whole.type.kind == "Record" else call.slot("key").read()
    call.lowering.put(slot, key, "the keys")
    return types.iterator_of(slot)


def _all_values(call: _Call) -> Type:
    kind = call.whole.type
    joined: Type | None = types.NEVER
    for name, slot in kind.slots.items():
        if kind.kind == "Record" or name == "value":
            joined = types.join(joined, slot.read()) if joined is not None else None
    if joined is None:
        call.lowering.error(
            "going through a dict of values of several types is not supported", call.node
        )
    return joined


def _values(call: _Call) -> Type:
    slot = call.lowering.slot(call.node, "values")
    call.lowering.put(slot, _all_values(call), "the values")
    return types.iterator_of(slot)


def _pairs(call: _Call) -> Type:
    slot = call.lowering.slot(call.node, "items")
    key = types.STR if call.whole.type.kind == "Record" else call.slot("key").read()
    value = _all_values(call)
    if types.NEVER not in (key, value):
        call.lowering.put(slot, types.tuple_of((key, value)), "the items")
    return types.iterator_of(slot)


def _pop_item(call: _Call) -> Type:
    return types.tuple_of((call.slot("key").read(), call.slot("value").read()))


def _most_common(call: _Call) -> Type:
    return fresh_list(call.lowering, call.node, _pop_item(call))


def _sort(call: _Call) -> Type:
    if set(call.keywords) - {"key", "reverse"} or call.args:
        call.lowering.error("sort() with these arguments is not supported", call.node)
    return types.NONE


def _merged(call: _Call) -> Type:
    slot = call.lowering.slot(call.node, "Set")
    call.lowering.put(slot, call.slot().type, "this set")
    for place in range(len(call.args)):
        if call.name == "union":
            call.lowering.put(slot, call.items(place), "this set")
    return types.set_of(slot)


_LISTS: dict[str, tuple[Typing, bool]] = {
    "append": (_append, True),
    "extend": (_extend, True),
    "insert": (_insert, True),
    "pop": (_element, True),
    "remove": (_nothing, True),
    "reverse": (_nothing, True),
    "clear": (_nothing, True),
    "sort": (_sort, True),
    "copy": (_copy, False),
    "index": (_integer, False),
    "count": (_integer, False),
}
_DEQUES = {
    **_LISTS,
    "appendleft": (_append, True),
    "extendleft": (_extend, True),
    "popleft": (_element, True),
    "rotate": (_nothing, True),
}
_DICTS: dict[str, tuple[Typing, bool]] = {
    "get": (_get, False),
    "pop": (_pop_key, True),
    "setdefault": (_set_default, True),
    "update": (_update, True),
    "clear": (_nothing, True),
    "keys": (_keys, False),
    "values": (_values, False),
    "items": (_pairs, False),
    "popitem": (_pop_item, True),
    "copy": (_copy, False),
    "most_common": (_most_common, False),
}
_SETS: dict[str, tuple[Typing, bool]] = {
    "add": (_append, True),
    "discard": (_nothing, True),
    "remove": (_nothing, True),
    "pop": (_element, True),
    "clear": (_nothing, True),
    "update": (_update, True),
    "copy": (_copy, False),
    "union": (_merged, False),
    "intersection": (_merged, False),
    "difference": (_merged, False),
    "symmetric_difference": (_merged, False),
    "issubset": (_truth, False),
    "issuperset": (_truth, False),
    "isdisjoint": (_truth, False),
}
_SEQUENCES: dict[str, tuple[Typing, bool]] = {
    "index": (_integer, False),
    "count": (_integer, False),
}
_TEXT_METHODS = """
    format upper lower strip lstrip rstrip title replace capitalize swapcase center ljust rjust
    zfill join removeprefix removesuffix
"""
_TEXT_TESTS = """
    startswith endswith isdigit isalpha isalnum isspace isupper islower isnumeric
"""
_TEXTS: dict[str, tuple[Typing, bool]] = {
    **dict.fromkeys(_TEXT_METHODS.split(), (_text, False)),
    **dict.fromkeys(_TEXT_TESTS.split(), (_truth, False)),
    **dict.fromkeys(("find", "rfind", "index", "count"), (_integer, False)),
    "split": (_texts, False),
    "splitlines": (_texts, False),
    **dict.fromkeys(("partition", "rpartition"), (_three_texts, False)),
}

_METHODS: dict[str, dict[str, tuple[Typing, bool]]] = {
    "List": _LISTS,
    "Deque": _DEQUES,
    "Dict": _DICTS,
    "Record": {k: v for k, v in _DICTS.items() if k != "popitem"},
    "Set": _SETS,
    "Tuple": _SEQUENCES,
    "Sequence": _SEQUENCES,
    "Range": _SEQUENCES,
    "Str": _TEXTS,
    "Array": ARRAY_METHODS,
}

#: The classes whose methods these are: ``list.append(xs, x)`` is ``xs.append(x)``.
CLASSES: dict[str, type] = {
    "List": list,
    "Deque": collections.deque,
    "Dict": dict,
    "Record": dict,
    "Set": set,
    "Tuple": tuple,
    "Sequence": tuple,
    "Range": range,
    "Str": str,
}


def has_method(kind: Type, name: str) -> bool:
    """Whether a method of this name is supported."""
    return name in _METHODS.get(kind.kind, ())


def call_method(
    lowering: Lowering,
    whole: Value | Const,
    name: str,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST,
) -> Binding:
    """``whole.name(*args, **kwargs)``."""
    typing, writes = _METHODS[whole.type.kind][name]
    if "key" in kwargs and name == "sort":
        element = whole.type.slots["element"].read()
        key, _ = function_value(lowering, kwargs["key"], [element], node)
        kwargs = {**kwargs, "key": key}
    call = _Call(lowering, whole, name, args, kwargs, node)
    kind = typing(call)
    spec = MethodSpec(name, tuple(call.keywords), writes)
    primitive = METHOD_OF if writes else QUERY
    atoms = (whole, *call.args, *call.keywords.values())
    if kind is types.NONE:
        lowering.effect(primitive, atoms, attribute=spec)
        return Const(None, types.NONE)
    return held(lowering, lowering.emit(primitive, atoms, kind, attribute=spec))
