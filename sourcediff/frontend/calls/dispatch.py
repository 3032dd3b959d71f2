"""Calls that stay calls: which of the ways of calling one is.

What has no code of the user's is left to `calls`.
"""

from __future__ import annotations

import ast
import collections
import copy
import dataclasses
import types as python_types
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays import numpy_forms
from sourcediff.frontend.arrays.array_calls import OF_ARRAYS, call_numpy, numpy_name
from sourcediff.frontend.arrays.arrays import is_array
from sourcediff.frontend.arrays.numpy_calls import (
    call_array_method,
    call_builtin_on_array,
    call_numpy_function,
    is_of_numpy,
)
from sourcediff.frontend.calls.callables import is_not_the_users, seen_through
from sourcediff.frontend.calls.kept_calls import (
    call_closure,
    call_function,
    call_method,
    call_operator,
    call_super,
    construct,
)
from sourcediff.frontend.containers.container_calls import call_on_containers
from sourcediff.frontend.containers.containers import is_structure, make_dict
from sourcediff.frontend.containers.methods import call_method as call_container_method
from sourcediff.frontend.containers.methods import has_method
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects import attributes
from sourcediff.frontend.objects.attributes import attribute_of
from sourcediff.frontend.objects.dissolved_calls import call_on_known
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Choice,
    Closure,
    Method,
    Picked,
    Static,
    Super,
    Tup,
)
from sourcediff.ir import Const, Primitive, Value
from sourcediff.memory import QUERY, MethodSpec
from sourcediff.rules.table import primitive_of

__all__ = ["call_with_structures", "kept_call", "one_of_several", "super_of"]

_SIZE = primitive_of(abs)
assert _SIZE is not None
_ABS: Primitive = _SIZE


def call_with_structures(
    lowering: Lowering,
    function: Binding,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST | None,
) -> Binding | None:
    """A call that sees a list or the like; None where it is one of the user's code, or of numbers.

    Derivatives are made of such a call; where it is to be written again, `kept_call` takes it.
    """
    known = call_on_known(lowering, function, args, kwargs, node)
    if known is not None or node is None:
        return known
    if isinstance(function, Method):
        subject = function.subject
        if isinstance(subject, Value) and subject.type.kind == "Array":
            return call_array_method(lowering, subject, function.name, args, kwargs, node)
        return call_container_method(lowering, subject, function.name, args, kwargs, node)
    if not isinstance(function, Static):
        return None
    found = seen_through(function.object)
    if is_of_numpy(found):
        return call_numpy_function(lowering, function, args, kwargs, node)
    if isinstance(found, python_types.FunctionType) and not is_not_the_users(found):
        return None
    if found in (sum, max, min) and len(args) == 1 and is_array(args[0]) and not kwargs:
        return call_builtin_on_array(lowering, function, args[0])
    if found is abs and len(args) == 1 and is_array(args[0]) and not kwargs:
        return lowering.emit(_ABS, (lowering.atom(args[0]),))
    if found is range or any(map(is_structure, (*args, *kwargs.values()))):
        return call_on_containers(lowering, function, args, kwargs, node)
    return None


def kept_call(
    lowering: Lowering,
    function: Binding,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST | None,
) -> Binding | None:
    """A call that stays one; None where it is one of a function that has no code of the user's."""
    assert node is not None
    args = [one_of_several(lowering, a) for a in args]
    kwargs = {key: one_of_several(lowering, a) for key, a in kwargs.items()}
    if isinstance(function, Choice):
        return None
    chosen = next((a for a in (*args, *kwargs.values()) if isinstance(a, Choice)), None)
    if chosen is not None:
        return _call_with_one_of(lowering, chosen, function, args, kwargs, node)
    if isinstance(function, Method):
        return call_container_method(lowering, function.subject, function.name, args, kwargs, node)
    if isinstance(function, Value) and isinstance(function.type.of, Closure):
        function = function.type.of.seen_as(function)
    if isinstance(function, Closure) and function.kept is not None:
        return call_closure(lowering, function, args, kwargs)
    if isinstance(function, Value) and function.type.cls is not None:
        return call_operator(lowering, "__call__", function, args)
    if isinstance(function, Bound):
        if isinstance(function.function, Super):
            (name,) = function.args
            assert isinstance(name, Const)
            return call_super(lowering, function.function, name.value, args, kwargs)
        if isinstance(function.function, Static) and function.args and not function.is_partial:
            found = function.function.object
            if found is attributes._replaced:
                return _replace(lowering, function.args[0], kwargs)
            if isinstance(found, python_types.FunctionType):
                return call_method(lowering, function, found, args, kwargs)
        return None
    if not isinstance(function, Static):
        return None
    found = seen_through(function.object)
    if isinstance(found, python_types.FunctionType) and primitive_of(found, len(args)) is not None:
        return None  # there is a rule for it
    of_numpy = numpy_name(found)
    if of_numpy is not None and (of_numpy not in OF_ARRAYS or any(map(is_array, args))):
        lowering.meet_arrays()
        return call_numpy(lowering, function, of_numpy, args, kwargs, node)
    if found is super and not args:
        return super_of(lowering)
    if found is type and len(args) == 1:
        return _type_of(lowering, function, args[0])
    if found in (copy.copy, copy.deepcopy) and len(args) == 1:
        return _copied(lowering, function, args[0])
    if found in (dataclasses.asdict, dataclasses.astuple) and len(args) == 1 and not kwargs:
        return _fields_of(lowering, args[0], found is dataclasses.asdict, node)
    if found is dataclasses.replace and args and isinstance(args[0], Value):
        return _replaced_fields(lowering, args[0], kwargs)
    if found is len and len(args) == 1 and isinstance(args[0], Value):
        if args[0].type.kind == "Object":
            return call_operator(lowering, "__len__", args[0], [])
    if found is abs and len(args) == 1 and is_array(args[0]) and not kwargs:
        return call_numpy(lowering, numpy_forms.of_numpy("absolute"), "absolute", args, {}, node)
    if found is abs and len(args) == 1 and isinstance(args[0], Value):
        if args[0].type.kind == "Object":
            return call_operator(lowering, "__abs__", args[0], [])
    if isinstance(found, python_types.FunctionType):
        if getattr(found, "__sourcediff__", None) is not None or is_not_the_users(found):
            return call_on_containers(lowering, function, args, kwargs, node)
        return call_function(lowering, function, found, args, kwargs)
    if isinstance(found, type) and not issubclass(found, BaseException):
        if found is collections.defaultdict:
            return _default_dict(lowering, function, args, node)
        made = construct(lowering, function, found, args, kwargs)
        if made is not None:
            return made
    if isinstance(found, python_types.MethodDescriptorType) and args:
        subject = args[0]
        if isinstance(subject, Value | Const) and has_method(subject.type, found.__name__):
            return call_container_method(lowering, subject, found.__name__, args[1:], kwargs, node)
    return call_on_containers(lowering, function, args, kwargs, node)


def one_of_several(lowering: Lowering, binding: Binding) -> Binding:
    """The functions that a place among several may mean, to choose from."""
    if not isinstance(binding, Value) or not isinstance(binding.type.of, Picked):
        return binding
    picked = binding.type.of
    closures = any(isinstance(f, Closure) for f in picked.functions)
    if closures and picked.home is not lowering.current:
        lowering.error("one of several functions of another function is not supported here")
    chosen = picked.functions[-1]
    equal = primitive_of(ast.Eq())
    assert equal is not None
    for number in reversed(range(len(picked.functions) - 1)):
        test = lowering.emit(equal, (binding, Const(number, types.INT)))
        chosen = Choice(test, picked.functions[number], chosen)
    return chosen


def _call_with_one_of(
    lowering: Lowering,
    chosen: Choice,
    function: Binding,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST,
) -> Binding:
    """A call with one of two functions as an argument: a branch with a call in each arm."""

    from sourcediff.frontend.calls.calls import call

    def with_(one: Binding) -> Binding:
        given = [one if a is chosen else a for a in args]
        named = {key: one if a is chosen else a for key, a in kwargs.items()}
        return call(lowering, function, given, named, node)

    return lowering.choose(chosen.test, lambda: with_(chosen.then), lambda: with_(chosen.orelse))


def _replace(lowering: Lowering, whole: Binding, kwargs: dict[str, Binding]) -> Binding:
    """``point._replace(x=…)``: a named tuple with other fields."""
    assert isinstance(whole, Value) and whole.type.cls is not None
    cls: Any = whole.type.cls
    plain = all(isinstance(binding, Value | Const) for binding in kwargs.values())
    if plain and whole.type.kind == "Tuple" and kwargs.keys() <= set(cls._fields):
        atoms = {name: lowering.atom(binding) for name, binding in kwargs.items()}
        held = dict(zip(cls._fields, whole.type.items, strict=True))
        held |= {name: atom.type for name, atom in atoms.items()}
        spec = MethodSpec("_replace", tuple(atoms))
        kind = types.tuple_of(held.values(), cls)
        return lowering.emit(QUERY, (whole, *atoms.values()), kind, attribute=spec)
    items = [
        kwargs[field] if field in kwargs else attribute_of(lowering, whole, field)
        for field in cls._fields
    ]
    return Tup(items, cls)


def _replaced_fields(lowering: Lowering, whole: Value, kwargs: dict[str, Binding]) -> Binding:
    """``dataclasses.replace(whole, x=…)``: a new object made of the fields of another."""
    cls: Any = whole.type.cls
    if whole.type.kind != "Object" or not dataclasses.is_dataclass(cls):
        lowering.error("dataclasses.replace() of this is not supported")
    given = {
        f.name: kwargs[f.name] if f.name in kwargs else attribute_of(lowering, whole, f.name)
        for f in dataclasses.fields(cls)
        if f.init
    }
    made = construct(lowering, Static(cls), cls, [], given)
    assert made is not None
    return made


def _fields_of(lowering: Lowering, whole: Binding, named: bool, node: ast.AST) -> Binding:
    """``dataclasses.asdict(x)`` and ``astuple(x)`` of an object that holds no others."""
    kind = whole.type if isinstance(whole, Value) else types.NONE
    name = "asdict" if named else "astuple"
    if kind.kind != "Object" or not dataclasses.is_dataclass(kind.cls):
        lowering.error(f"dataclasses.{name}() of this is not supported", node)
    fields = [f.name for f in dataclasses.fields(kind.cls)]
    items = [lowering.atom(attribute_of(lowering, whole, field)) for field in fields]
    if any(types.is_memory(item.type) or item.type.kind in _NESTED for item in items):
        lowering.error(
            f"dataclasses.{name}() of an object that holds others is not supported",
            node,
            "write out what it is made of",
        )
    if not named:
        return Tup(list(items))
    pairs: list[tuple[Binding, Binding]] = [
        (Const(field, types.STR), item) for field, item in zip(fields, items, strict=True)
    ]
    return make_dict(lowering, node, pairs)


_NESTED = ("Optional", "Tuple", "Sequence", "Object")


def _copied(lowering: Lowering, function: Static, whole: Binding) -> Binding:
    """``copy.copy(x)`` and ``copy.deepcopy(x)``: a new object that holds what the old one may."""
    atom = lowering.atom(whole)
    spec = CallSpec(function.object, lowering.reference_to(function))
    return lowering.emit(PURE_CALL, (atom,), atom.type, attribute=spec)


def _type_of(lowering: Lowering, function: Static, whole: Binding) -> Binding:
    """``type(x)``: the class itself where it is known."""
    if isinstance(whole, Value) and whole.type.kind == "Object":
        return Static(whole.type.cls)
    atom = lowering.atom(whole)
    spec = CallSpec(type, lowering.reference_to(function))
    return lowering.emit(PURE_CALL, (atom,), types.OBJECT, attribute=spec)


def super_of(lowering: Lowering) -> Binding:
    """``super()`` in a method: its first parameter, and the class that it is defined in."""
    frame: Frame | None = lowering.frame
    while frame is not None and "__class__" not in frame.cells:
        frame = frame.parent
    if frame is None or not frame.node.args.args:
        lowering.error("super() outside of a method is not supported")
    subject = lowering.lookup(frame.node.args.args[0].arg)
    return Super(frame.cells["__class__"].cell_contents, subject)


def _default_dict(
    lowering: Lowering, function: Static, args: list[Binding], node: ast.AST
) -> Binding:
    """``defaultdict(float)``: the values start as what the factory makes."""
    key, value = lowering.slot(node, "key"), lowering.slot(node, "value")
    factory = args[0] if args else None
    known: Any = factory.object if isinstance(factory, Static) else None
    made = {float: types.REAL, int: types.INT, bool: types.BOOL, str: types.STR}.get(known)
    if known is list:
        made = types.list_of(lowering.slot(node, "default"))
    if made is None or len(args) > 2:
        lowering.error(
            "defaultdict() of this factory is not supported", node, "give float, int or list"
        )
    lowering.put(value, made, "this dict")
    given = [lowering.atom(a) for a in args[1:]]
    for other in given:
        if other.type.kind != "Dict":
            lowering.error("defaultdict() of these is not supported", node)
        lowering.put(key, other.type.slots["key"].read(), "the keys of this dict")
        lowering.put(value, other.type.slots["value"].read(), "this dict")
    kind = types.dict_of(key, value, collections.defaultdict)
    assert isinstance(factory, Static)
    atom = lowering.load(lowering.reference_to(factory), types.OBJECT)
    spec = CallSpec(collections.defaultdict, lowering.reference_to(function))
    return lowering.emit(PURE_CALL, (atom, *given), kind, attribute=spec)
