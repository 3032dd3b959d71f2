"""Lowering of calls that stay calls: functions, methods, operators, and the making of objects."""

from __future__ import annotations

import ast
import dataclasses
import types as python_types
from typing import Any

from sourcediff import types
from sourcediff.frontend.calls.functions import kept_function, of_function
from sourcediff.frontend.calls.invocation import invoke, signature_of
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.origin import Origin
from sourcediff.frontend.reflect import is_plain_object, reflect
from sourcediff.frontend.source import ADVICE, no_plain_function, source_of
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Closure,
    Kept,
    Ref,
    Spread,
    Static,
    Super,
    declared,
)
from sourcediff.ir import INVOKE, LEFT_OUT, Const, Function, Invocation, Op, Region, Value
from sourcediff.memory import LIST, SET_ATTRIBUTE
from sourcediff.types import Type

__all__ = [
    "call_closure",
    "call_function",
    "call_method",
    "call_operator",
    "construct",
    "read_property",
]

Kwargs = dict[str, Binding]
Written = list[tuple[str | None, Binding]]


def as_written(lowering: Lowering, args: list[Binding], kwargs: Kwargs) -> Written:
    """The arguments of a call, in order, with their keywords."""
    positions: Written = []
    rest = list(args)
    while rest:
        first = rest[0]
        whole, items = None, [first]
        if isinstance(first, Spread):
            whole = first.value
        elif isinstance(first, Value) and first in lowering.spread_out:
            whole, items = lowering.spread_out[first]
            if len(rest) < len(items) or any(a is not b for a, b in zip(rest, items, strict=False)):
                whole, items = None, [first]
        positions.append((None, first) if whole is None else ("*", whole))
        del rest[: len(items)]
    return [*positions, *((k, v) for k, v in kwargs.items())]


def call_closure(
    lowering: Lowering, function: Closure, args: list[Binding], kwargs: Kwargs
) -> Binding:
    """A call of a function that was made inside."""
    from sourcediff.frontend.calls.arguments import bind_arguments

    outer, kept = function.frame, function.kept
    assert kept is not None and function.value is not None
    frame = Frame(
        function.name, function.node, outer.source, outer.globals, parent=outer, cells=outer.cells
    )
    frame.scopes = function.scopes
    bound = bind_arguments(
        lowering,
        function.node.args,
        function.name,
        _collected(lowering, function.node.args, args),
        kwargs,
        [_left_out(d) for d in function.defaults],
        {name: _left_out(d) for name, d in function.kw_defaults.items()},
    )
    return invoke(
        lowering,
        kept,
        frame,
        bound,
        as_written(lowering, args, kwargs),
        "closure",
        first=function.value,
    )


def _left_out(default: Binding) -> Binding:
    """A default as a call sees it that need not know which function value it is of."""
    return Const(LEFT_OUT, default.type) if isinstance(default, Value) else default


def call_function(
    lowering: Lowering,
    function: Static,
    found: python_types.FunctionType,
    args: list[Binding],
    kwargs: Kwargs,
) -> Binding:
    """A call of a function of the user's module."""
    return _call(lowering, found, args, kwargs, "function", ref=lowering.reference_to(function))


def call_method(
    lowering: Lowering, bound: Bound, found: Any, args: list[Binding], kwargs: Kwargs
) -> Binding:
    """A call of a method of an object that the program holds."""
    subject = bound.args[0]
    if isinstance(subject, Value):
        name = _name_in(subject.type.cls, found)
        return _call(lowering, found, [subject, *args], kwargs, "method", name=name, skip=1)
    return _call(lowering, found, [*bound.args, *args], kwargs, "function")


def _name_in(cls: type | None, method: Any) -> str:
    """The name under which a class has a method, which may not be its own."""
    name: str = method.__name__
    if cls is None or declared(cls, name) is method:
        return name
    names = (name for base in cls.__mro__ for name in vars(base))
    return next((n for n in names if declared(cls, n) is method), name)


def call_super(
    lowering: Lowering, whole: Super, name: str, args: list[Binding], kwargs: Kwargs
) -> Binding:
    """``super().name(…)``."""
    subject = whole.subject
    assert isinstance(subject, Value) and subject.type.cls is not None
    order = subject.type.cls.__mro__
    for base in order[order.index(whole.cls) + 1 :]:
        found = base.__dict__.get(name)
        if isinstance(found, python_types.FunctionType):
            return _call(lowering, found, [subject, *args], kwargs, "super", name=name, skip=1)
        if base is object and name == "__init__":
            return Const(None, types.NONE)
    lowering.error(f"super() has no method {name!r} that is supported")


def call_operator(
    lowering: Lowering, name: str, subject: Value, args: list[Binding]
) -> Binding | None:
    """A special method of an object, such as ``__add__``; None if its class has none."""
    cls = subject.type.cls
    found = declared(cls, name) if cls is not None else None
    if not isinstance(found, python_types.FunctionType):
        return None
    if dataclasses.is_dataclass(cls) and name in ("__eq__", "__lt__", "__le__", "__gt__", "__ge__"):
        return None
    return _call(lowering, found, [subject, *args], {}, "operator", name=name, skip=1)


def read_property(lowering: Lowering, subject: Value, name: str, found: Any) -> Binding:
    """A property of an object."""
    return _call(lowering, found, [subject], {}, "property", name=name, skip=1)


def _call(
    lowering: Lowering,
    found: Any,
    args: list[Binding],
    kwargs: Kwargs,
    how: str,
    *,
    ref: Any = None,
    name: str | None = None,
    skip: int = 0,
    cls: type | None = None,
) -> Binding:
    from sourcediff.frontend.calls.arguments import bind_arguments

    kind = no_plain_function(found.__code__)
    if kind is not None:
        lowering.error(
            f"{found.__name__!r} is {kind}, which cannot be called here",
            help=ADVICE[kind or "a coroutine"],
        )
    node = source_of(found).node
    defaults = [default_of(lowering, d) for d in found.__defaults__ or ()]
    kw_defaults = {k: default_of(lowering, v) for k, v in (found.__kwdefaults__ or {}).items()}
    bound = bind_arguments(
        lowering,
        node.args,
        found.__name__,
        _collected(lowering, node.args, args),
        kwargs,
        defaults,
        kw_defaults,
    )
    statics, kinds = signature_of(bound)
    kept = kept_function(lowering, found, statics, kinds)
    written = as_written(lowering, args[skip:], kwargs)
    return invoke(
        lowering, kept, of_function(lowering, found), bound, written, how, ref=ref, name=name,
        cls=cls,
    )  # fmt: skip


def _collected(lowering: Lowering, signature: ast.arguments, args: list[Binding]) -> list[Binding]:
    """The arguments of a call, where one is spread out whose number of items the run knows."""
    if not any(isinstance(a, Spread) for a in args):
        return args
    places = [i for i, a in enumerate(args) if isinstance(a, Spread)]
    positional = len(signature.posonlyargs) + len(signature.args)
    if signature.vararg is None or places != [positional] or len(args) != positional + 1:
        lowering.error(
            "spreading out a sequence whose length only the run knows is not supported here",
            help="pass the sequence itself",
        )
    return args


def default_of(lowering: Lowering, found: Any) -> Binding:
    """The default of a parameter: the same object at every call."""
    if isinstance(found, list | dict | set) or is_plain_object(found):
        ref = Ref("object", found, ("default",))
        return lowering.load(ref, reflect(found, lowering.attributes_of))
    return lowering.from_object(found, None)


# Making objects --------------------------------------------------------------------------


def construct(
    lowering: Lowering, function: Static, cls: Any, args: list[Binding], kwargs: Kwargs
) -> Binding | None:
    """An object of a class of the user's; None if the class is of no kind that is supported."""
    if cls is python_types.SimpleNamespace:
        if args:
            lowering.error("SimpleNamespace() takes keywords only")
        return _namespace(lowering, function, kwargs)
    if not _has_plain_objects(cls):
        return None
    initialiser = declared(cls, "__init__")
    slots = lowering.attributes_of(cls)
    kind = types.object_of(cls, slots)
    ref = lowering.reference_to(function)
    if dataclasses.is_dataclass(cls) and not _is_written(initialiser):
        return _dataclass(lowering, cls, kind, ref, args, kwargs)
    if not isinstance(initialiser, python_types.FunctionType):
        if args or kwargs:
            lowering.error(f"{cls.__name__}() takes no arguments")
        return lowering.emit(
            INVOKE, (), kind, attribute=Invocation(None, "class", ref=ref, cls=cls)
        )
    subject = Value(kind)
    return _call(lowering, initialiser, [subject, *args], kwargs, "class", ref=ref, skip=1, cls=cls)


def _has_plain_objects(cls: type) -> bool:
    if issubclass(cls, tuple | list | dict | set | str | int | float | BaseException):
        return False
    if declared(cls, "__new__") is not object.__new__ or type(cls) is not type:
        return False
    return any(_is_written(found) for found in vars(cls).values()) or cls.__flags__ & (1 << 9) != 0


def _is_written(found: Any) -> bool:
    return (
        isinstance(found, python_types.FunctionType) and "<" not in found.__code__.co_filename[:1]
    )


def _namespace(lowering: Lowering, function: Static, kwargs: Kwargs) -> Binding:
    key = (python_types.SimpleNamespace, *sorted(kwargs))
    slots = lowering.attributes_of(key)
    kind = types.object_of(python_types.SimpleNamespace, slots)
    return _by_fields(
        lowering, python_types.SimpleNamespace, kind, lowering.reference_to(function),
        dict(kwargs), [(k, v) for k, v in kwargs.items()],
    )  # fmt: skip


def _dataclass(
    lowering: Lowering, cls: Any, kind: Type, ref: Ref, args: list[Binding], kwargs: Kwargs
) -> Binding:
    """An object of a dataclass: what its generated initialiser does."""
    fields = dataclasses.fields(cls)
    given = dict(kwargs)
    taken = [f for f in fields if f.init and not f.kw_only]
    if len(args) > len(taken):
        lowering.error(f"{cls.__name__}() takes {len(taken)} arguments, {len(args)} given")
    for field, value in zip(taken, args, strict=False):
        given[field.name] = value
    values: Kwargs = {}
    for field in fields:
        if field.name in given:
            values[field.name] = given.pop(field.name)
        elif field.default is not dataclasses.MISSING:
            values[field.name] = default_of(lowering, field.default)
        elif field.default_factory is not dataclasses.MISSING:
            values[field.name] = _made_by(lowering, field.default_factory, cls, field.name)
        elif field.init:
            lowering.error(f"{cls.__name__}() is called without {field.name!r}")
    if given:
        lowering.error(f"{cls.__name__}() has no field {next(iter(given))!r}")
    return _by_fields(lowering, cls, kind, ref, values, as_written(lowering, args, kwargs))


def _made_by(lowering: Lowering, factory: Any, cls: Any, name: str) -> Binding:
    if factory is list:
        slot = lowering.memo.slots.setdefault((cls, name, "List"), types.Slot())
        return lowering.emit(LIST, (), types.list_of(slot))
    from sourcediff.frontend.calls.calls import call

    return call(lowering, Static(factory, Ref("object", factory, (name,))), [], {}, lowering.node)


def _by_fields(
    lowering: Lowering, cls: Any, kind: Type, ref: Any, values: Kwargs, written: Written
) -> Binding:
    """An object whose attributes are set to values, by a function that does just that."""
    atoms = {name: lowering.atom(lowering.in_memory(value)) for name, value in values.items()}
    key = (cls, "fields", *atoms)
    kept = lowering.kept.get(key)
    for name, atom in atoms.items():
        lowering.put(
            kind.slots.setdefault(name, types.Slot()), atom.type, f"the attribute {name!r}"
        )
    if kept is None:
        function = Function("__init__", (), Region([], None))
        kept = lowering.kept[key] = Kept(key, function, types.Slot())
        subject = Value(kind, "self")
        parameters = [Value(kind.slots[name].read(), name) for name in atoms]
        ops = [
            Op(SET_ATTRIBUTE, (subject, parameter), (), (), parameter.name)
            for parameter in parameters
        ]
        function.parameters = [subject, *parameters]
        function.body = Region(ops, (Const(None, types.NONE),))
        function.returns = types.NONE
        function.origin = Origin(None, lowering.frame.source, {}, lowering.spelling)
        after = declared(cls, "__post_init__")
        if isinstance(after, python_types.FunctionType):
            lowering.rely_on(Ref("declared", cls, ("__post_init__",)), after)
            _after_fields(lowering, kept, subject, after)
    by_binding: dict[int, Any] = {id(values[name]): atom for name, atom in atoms.items()}
    texts: list[tuple[str | None, Any]] = []
    for keyword, binding in written:
        texts.append((keyword, by_binding.get(id(binding), binding)))
    invocation = Invocation(kept.function, "class", ref=ref, cls=cls, written=tuple(texts))
    return lowering.emit(INVOKE, list(atoms.values()), kind, attribute=invocation)


def _after_fields(lowering: Lowering, kept: Kept, subject: Value, after: Any) -> None:
    """Append the call of ``__post_init__``."""
    outer, lowering.ops = lowering.ops, list(kept.function.body.ops)
    try:
        _call(lowering, after, [subject], {}, "method", name="__post_init__", skip=1)
        kept.function.body = Region(lowering.ops, (Const(None, types.NONE),))
    finally:
        lowering.ops = outer
