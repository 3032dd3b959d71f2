"""Calls that concern objects and dicts which are known while compiling."""

from __future__ import annotations

import array
import ast
import builtins
import collections
import copy
import dataclasses
import types as python_types
from collections.abc import Callable
from typing import Any

from sourcediff import types
from sourcediff.frontend.calls.callables import is_hashable
from sourcediff.frontend.containers.mappings import (
    make_mapping,
    mapping_of_class,
    method_of_mapping,
)
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.construct import (
    construct_known,
    copied,
    initialise,
    is_plain_class,
    with_fields,
)
from sourcediff.frontend.objects.copies import deep_copy
from sourcediff.frontend.objects.dissolved import (
    drop,
    fields_of,
    item_outside,
    keys_of,
    known_key,
    make_record,
    put,
    take,
    view_of,
)
from sourcediff.frontend.objects.dissolved_objects import (
    attribute_of_known,
    call_special,
    is_generated,
    method_behind,
    require_special,
    set_known_attribute,
    set_plainly,
    special_method,
)
from sourcediff.frontend.objects.named_tuples import call_on_named_tuple, is_of_named_tuple
from sourcediff.frontend.values import Binding, Bound, Dissolved, Static, Super, Tup, declared
from sourcediff.ir import Const, Value
from sourcediff.rules.container_definitions import (
    STANDS_FOR,
    BoundedQueue,
    Queue,
    TypedArray,
)

__all__ = ["call_on_known"]

_NOTHING = Const(None, types.NONE)

Kwargs = dict[str, Binding]
Handler = Callable[[Lowering, list[Binding], Kwargs], Binding]

NONE = Const(None, types.NONE)


def call_on_known(
    lowering: Lowering,
    function: Binding,
    args: list[Binding],
    kwargs: Kwargs,
    node: ast.AST | None,
) -> Binding | None:
    """A call that makes a known object, or looks at one; None where it is neither."""
    from sourcediff.frontend.calls.calls import call

    if isinstance(function, Dissolved):
        method = special_method(lowering, function, "__call__")
        if method is None:
            lowering.error(f"{describe(function)} cannot be called", node)
        return call(lowering, method, args, kwargs, node)
    if isinstance(function, Tup) and declared(function.cls, "__call__") is not None:
        from sourcediff.frontend.objects.attributes import attribute_of

        method = attribute_of(lowering, function, "__call__")
        return call(lowering, method, args, kwargs, node)
    if isinstance(function, Bound) and isinstance(function.function, Super):
        (name,) = function.args
        assert isinstance(name, Const)
        method = method_behind(lowering, function.function, name.value)
        return call(lowering, method, args, kwargs, node)
    if not isinstance(function, Static):
        return None
    found = function.object
    if found is super and not args:
        from sourcediff.frontend.calls.dispatch import super_of

        return super_of(lowering)
    if found is collections.OrderedDict:
        lowering.has_ordered = True
    if found is dict or found is collections.OrderedDict:
        return _dict(lowering, args, kwargs, node, found)
    mapping = None if node is None or kwargs else mapping_of_class(lowering, found, args, node)
    if mapping is not None:
        return mapping
    stands_in = _stands_in(found, args, kwargs)
    if stands_in is not None:
        return construct_known(lowering, stands_in, args, kwargs)
    if isinstance(found, type) and is_plain_class(found):
        return construct_known(lowering, found, args, kwargs)
    if args and is_of_named_tuple(found):
        return call_on_named_tuple(lowering, found.__name__, args, kwargs)
    if found is abs and len(args) == 1 and not isinstance(args[0], Dissolved):
        size = call_special(lowering, args[0], "__abs__", [])
        if size is not None:
            return size
    if not args or not isinstance(args[0], Dissolved):
        return _keys_among(lowering, function, args, kwargs, node)
    whole = args[0]
    if found is object.__init__ or (is_generated(found) and found.__name__ == "__init__"):
        initialise(lowering, found, whole, args[1:], kwargs)
        return NONE
    if is_generated(found) and found.__name__ in ("__eq__", "__repr__", "__hash__"):
        lowering.error(f"{found.__name__}() of a dataclass is not supported here")
    handler = _ON_KNOWN.get(found) if is_hashable(found) else None
    if handler is None:
        handler = _OF_DICTS.get(found.__name__) if _is_of_dict(found) else None
    if handler is not None:
        return handler(lowering, args, kwargs)
    return _keys_among(lowering, function, args, kwargs, node)


def _stands_in(found: Any, args: list[Binding], kwargs: dict[str, Binding]) -> type | None:
    """The class of ours whose objects stand for those of a class of Python's library."""
    if found is collections.deque:
        room = args[1] if len(args) > 1 else kwargs.get("maxlen", _NOTHING)
        return Queue if isinstance(room, Const) and room.value is None else BoundedQueue
    if found is array.array and args and isinstance(args[0], Const) and args[0].value == "d":
        return TypedArray
    return None


def _is_of_dict(found: Any) -> bool:
    return isinstance(found, python_types.MethodDescriptorType) and found.__objclass__ is dict


def _keys_among(
    lowering: Lowering,
    function: Static,
    args: list[Binding],
    kwargs: Kwargs,
    node: ast.AST | None,
) -> Binding | None:
    """``sorted(d)``, ``zip(d, xs)``: a built-in function sees the keys of a dict."""
    from sourcediff.frontend.calls.calls import call

    if isinstance(function.object, python_types.FunctionType):
        return None
    dicts = [a for a in args if isinstance(a, Dissolved) and a.cls is dict]
    if not dicts or function.object in (isinstance, bool, print, str, repr):
        return None
    given = [
        view_of(lowering, a, "keys") if isinstance(a, Dissolved) and a.cls is dict else a
        for a in args
    ]
    return call(lowering, function, given, kwargs, node)


# Built-in functions ----------------------------------------------------------------------


def _subject(args: list[Binding]) -> Dissolved:
    whole = args[0]
    assert isinstance(whole, Dissolved)
    return whole


def _len(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    whole = _subject(args)
    if whole.cls is dict:
        return Const(len(keys_of(lowering, whole)), types.INT)
    return _by_method(lowering, whole, "__len__", [])


def _abs(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    return _by_method(lowering, _subject(args), "__abs__", [])


def _float(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    return _by_method(lowering, _subject(args), "__float__", [])


def _by_method(lowering: Lowering, whole: Dissolved, name: str, args: list[Binding]) -> Binding:
    return require_special(lowering, whole, name, args)


def _name_of(lowering: Lowering, binding: Binding, what: str) -> str:
    if not isinstance(binding, Const) or binding.type is not types.STR:
        lowering.error(f"{what}() with a computed name is not supported")
    name: str = binding.value
    return name


def _getattr(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    name = _name_of(lowering, args[1], "getattr")
    if len(args) == 3 and not _has(lowering, _subject(args), name):
        return args[2]
    return attribute_of_known(lowering, _subject(args), name)


def _has(lowering: Lowering, whole: Dissolved, name: str) -> bool:
    found = declared(whole.cls, name)
    inherited = found is not None and not isinstance(found, python_types.MemberDescriptorType)
    return inherited or take(lowering, whole, name) is not None


def _hasattr(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    name = _name_of(lowering, args[1], "hasattr")
    return Const(_has(lowering, _subject(args), name), types.BOOL)


def _setattr(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    set_known_attribute(lowering, _subject(args), _name_of(lowering, args[1], "setattr"), args[2])
    return NONE


def _set_plainly(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    set_plainly(lowering, _subject(args), _name_of(lowering, args[1], "setattr"), args[2])
    return NONE


def _type(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    if len(args) != 1:
        lowering.error("a class that is made in a differentiated function is not supported")
    cls = _subject(args).cls
    if cls is dict and lowering.has_ordered:
        lowering.error("whether a dict is ordered is not known here")
    return Static(STANDS_FOR.get(cls, cls))


def _copy(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    whole = _subject(args)
    if declared(whole.cls, "__copy__") is not None:
        return _by_method(lowering, whole, "__copy__", [])
    return copied(lowering, whole)


def _deepcopy(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    whole = _subject(args)
    if hasattr(whole.cls, "__deepcopy__"):
        return _by_method(lowering, whole, "__deepcopy__", [make_record(lowering, ())])
    return deep_copy(lowering, whole, {})


def _replace(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    return with_fields(lowering, _subject(args), kwargs)


def _vars(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    lowering.error("vars() is not supported", help="read the attributes by their names")


_ON_KNOWN: dict[Any, Handler] = {
    builtins.len: _len,
    builtins.abs: _abs,
    builtins.float: _float,
    builtins.getattr: _getattr,
    builtins.hasattr: _hasattr,
    builtins.setattr: _setattr,
    builtins.type: _type,
    builtins.vars: _vars,
    object.__setattr__: _set_plainly,
    copy.copy: _copy,
    copy.deepcopy: _deepcopy,
    dataclasses.replace: _replace,
}


# Dicts -----------------------------------------------------------------------------------


def _dict(
    lowering: Lowering,
    args: list[Binding],
    kwargs: Kwargs,
    node: ast.AST | None = None,
    cls: type = dict,
) -> Binding | None:
    """``dict(whole, a=x)`` and ``dict(pairs)``; an ``OrderedDict`` of known keys is such a dict."""
    of_dict = len(args) == 1 and isinstance(args[0], Value) and args[0].type.kind == "Dict"
    if of_dict and isinstance(args[0], Value) and lowering.keys_outside(args[0]) is None:
        if kwargs or node is None:
            lowering.error("dict() of a dict and more is not supported here")
        return method_of_mapping(lowering, args[0], "copy", [], {}, node)
    site = None if node is None or args else (*lowering.path, node)
    if node is not None and site in lowering.memo.written:
        if cls is not dict:
            lowering.error("an OrderedDict whose keys only the run knows is not supported", node)
        pairs = [(Const(key, types.STR), value) for key, value in kwargs.items()]
        return make_mapping(lowering, node, pairs)
    items: dict[Any, Binding] = {}
    if len(args) == 1 and isinstance(args[0], Dissolved) and args[0].cls is dict:
        items = dict(fields_of(lowering, args[0]))
    elif len(args) == 1 and isinstance(args[0], Tup):
        for pair in args[0].items:
            if not isinstance(pair, Tup) or len(pair.items) != 2:
                return None
            items[known_key(lowering, pair.items[0])] = pair.items[1]
    elif len(args) == 1 and isinstance(args[0], Value):
        keys = lowering.keys_outside(args[0])
        if keys is None:
            return None
        items = {key: item_outside(lowering, args[0], key) for key in keys}
    elif args:
        return None
    return make_record(lowering, {**items, **kwargs}.items(), site)


def _get(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    found = take(lowering, _subject(args), known_key(lowering, args[1], whole=_subject(args)))
    return found if found is not None else args[2] if len(args) > 2 else NONE


def _setdefault(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    whole = _subject(args)
    key = known_key(lowering, args[1], whole=whole)
    found = take(lowering, whole, key)
    if found is None:
        found = args[2] if len(args) > 2 else NONE
        put(lowering, whole, key, found)
    return found


def _pop(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    whole = _subject(args)
    key = known_key(lowering, args[1], whole=whole)
    found = take(lowering, whole, key)
    if found is not None:
        drop(lowering, whole, key)
        return found
    if len(args) < 3:
        lowering.error(f"there is no key {key!r} here")
    return args[2]


def _view(what: str) -> Handler:
    def handler(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
        return view_of(lowering, _subject(args), what)

    return handler


def _update(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    whole = _subject(args)
    items: dict[Any, Binding] = {}
    if len(args) > 1:
        made = _dict(lowering, args[1:], {})
        if not isinstance(made, Dissolved):
            lowering.error("update() by this is not supported here")
        items = fields_of(lowering, made)
    for key, value in {**items, **kwargs}.items():
        put(lowering, whole, key, value)
    return NONE


def _clear(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Binding:
    for key in keys_of(lowering, _subject(args)):
        drop(lowering, _subject(args), key)
    return NONE


#: The methods of a dict whose keys are known.
_OF_DICTS: dict[str, Handler] = {
    "clear": _clear,
    "copy": _copy,
    "get": _get,
    "items": _view("items"),
    "keys": _view("keys"),
    "pop": _pop,
    "setdefault": _setdefault,
    "update": _update,
    "values": _view("values"),
}
