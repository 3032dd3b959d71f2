"""Objects that are made: what ``Point(x, y)`` does, for classes whose objects dissolve.

A dataclass is not run but understood: its arguments become its attributes, and what
``__post_init__`` does follows. The ``__init__`` of any other class is entered as a function.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import types as python_types
from typing import Any, Generic, Protocol

from sourcediff.frontend.calls.arguments import bind_arguments
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved import fields_of, make_record, put
from sourcediff.frontend.objects.dissolved_objects import (
    is_frozen,
    is_generated,
    relied_on,
    set_plainly,
)
from sourcediff.frontend.objects.pools import pooled, under_way
from sourcediff.frontend.values import Binding, Bound, Dissolved, Ref, Static, declared

__all__ = ["construct_known", "copied", "initialise", "is_plain_class", "with_fields"]

_MADE_BY_CLASS_STATEMENT = 1 << 9  # Py_TPFLAGS_HEAPTYPE
#: Stands for an argument that was left out.
_NOTHING = Static(object())


def is_plain_class(cls: type) -> bool:
    """Whether objects of a class are made as usual, and hold what they hold in attributes."""
    if cls is python_types.SimpleNamespace:
        return True
    usual: tuple[Any, ...] = (object, Generic, Protocol)
    meta: Any = type(cls)
    own = [base for base in cls.__mro__ if base not in usual]
    if not own or not all(base.__flags__ & _MADE_BY_CLASS_STATEMENT for base in own):
        return False
    makes = any("__new__" in base.__dict__ for base in own)
    metas = [meta for meta in meta.__mro__ if meta not in (type, object)]
    return not makes and not any("__call__" in meta.__dict__ for meta in metas)


def construct_known(
    lowering: Lowering, cls: type, args: list[Binding], kwargs: dict[str, Binding]
) -> Dissolved:
    """A new object of a plain class."""
    whole = Dissolved(cls, lowering.name_of_made())
    if cls is python_types.SimpleNamespace:
        if args:
            lowering.error("SimpleNamespace() of this argument is not supported")
        for name, value in kwargs.items():
            put(lowering, whole, name, value)
        return whole
    with under_way(lowering, whole):
        initialise(lowering, relied_on(lowering, cls, "__init__"), whole, args, kwargs)
    return pooled(lowering, whole)


def initialise(
    lowering: Lowering,
    function: Any,
    whole: Dissolved,
    args: list[Binding],
    kwargs: dict[str, Binding],
) -> None:
    """``function(whole, *args, **kwargs)``, where `function` is an ``__init__``."""
    if function is object.__init__:
        if args or kwargs:
            lowering.error(f"{whole.cls.__name__}() takes no arguments")
        return
    if is_generated(function):
        _fill(lowering, function, whole, args, kwargs)
        return
    from sourcediff.frontend.calls.calls import call

    call(lowering, Static(function), [whole, *args], kwargs, lowering.node)


def _fill(
    lowering: Lowering,
    function: python_types.FunctionType,
    whole: Dissolved,
    args: list[Binding],
    kwargs: dict[str, Binding],
) -> None:
    """What the ``__init__`` of a dataclass does."""
    setter = relied_on(lowering, whole.cls, "__setattr__")
    if isinstance(setter, python_types.FunctionType) and not is_frozen(whole.cls):
        lowering.error(f"making a {whole.cls.__name__} runs its __setattr__(): not supported")
    owner: Any = next(b for b in whole.cls.__mro__ if b.__dict__.get("__init__") is function)
    signature = _signature(function)
    names = [a.arg for a in (*signature.args, *signature.kwonlyargs)][1:]
    bound = bind_arguments(
        lowering,
        signature,
        whole.cls.__name__,
        [whole, *args],
        kwargs,
        [_NOTHING] * len(function.__defaults__ or ()),
        dict.fromkeys(function.__kwdefaults__ or (), _NOTHING),
    )
    given = {name: bound[name] for name in names if bound[name] is not _NOTHING}
    extra: list[Binding] = []
    for name, field in owner.__dataclass_fields__.items():
        kind = field._field_type.name
        if kind == "_FIELD_CLASSVAR":
            continue
        value = given.get(name)
        if value is None:
            value = _default(lowering, owner, field)
        if kind == "_FIELD_INITVAR":
            assert value is not None
            extra.append(value)
        elif value is not None:
            set_plainly(lowering, whole, name, value)
    then = declared(whole.cls, "__post_init__")
    if then is not None:
        from sourcediff.frontend.calls.calls import call

        lowering.rely_on(Ref("declared", whole.cls, ("__post_init__",)), then)
        call(lowering, Bound(Static(then), [whole]), extra, {}, lowering.node)


def _default(lowering: Lowering, owner: type, field: Any) -> Binding | None:
    if field.default_factory is not dataclasses.MISSING:
        from sourcediff.frontend.calls.calls import call

        path, lowering.path = lowering.path, (*lowering.path, field.name)
        try:
            return call(lowering, Static(field.default_factory), [], {}, lowering.node)
        finally:
            lowering.path = path
    if field.default is dataclasses.MISSING:
        return None
    if not field.init and "__slots__" not in owner.__dict__:
        return None  # it stays an attribute of the class
    return lowering.from_object(field.default, None)


def _signature(function: python_types.FunctionType) -> ast.arguments:
    """The parameters of a function that has no source text; the defaults are left out."""
    parts: list[str] = []
    star = False
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            parts.append("*")
            star = True
        parts.append(name)
    tree = ast.parse(f"lambda {', '.join(parts)}: 0", mode="eval").body
    assert isinstance(tree, ast.Lambda)
    return tree.args


def with_fields(lowering: Lowering, whole: Dissolved, changed: dict[str, Binding]) -> Dissolved:
    """``dataclasses.replace(whole, **changed)``."""
    cls: Any = whole.cls
    if not dataclasses.is_dataclass(cls):
        lowering.error("dataclasses.replace() of this is not supported")
    held = fields_of(lowering, whole)
    given = dict(changed)
    for field in dataclasses.fields(cls):
        if field.init and field.name not in given:
            given[field.name] = held[field.name]
    return construct_known(lowering, whole.cls, [], given)


def copied(lowering: Lowering, whole: Dissolved) -> Dissolved:
    """``copy.copy(whole)``."""
    held = fields_of(lowering, whole)
    if whole.cls is dict:
        return make_record(lowering, held.items())
    made = Dissolved(whole.cls, lowering.name_of_made())
    for field, found in held.items():
        put(lowering, made, field, found)
    return pooled(lowering, made)


def called_with_fields(cls: Any, fields: tuple[Any, ...]) -> Ref | None:
    """The path to a class whose call with these keywords only puts them into an object."""
    if cls is python_types.SimpleNamespace:
        return Ref("module", python_types, ("SimpleNamespace",))
    known = getattr(cls, "__dataclass_fields__", None)
    if known is None or declared(cls, "__post_init__") is not None:
        return None
    initialised = [name for name, field in known.items() if field.init]
    if not is_generated(declared(cls, "__init__")) or {*initialised} != {*fields}:
        return None
    return Ref("object", cls, (cls.__name__,))
