"""Lowering of calls: the user's functions are entered, the rest is looked up.

A call of a function written in Python is lowered in place, under the names that the function
itself uses. A call of a built-in or of a function of `math` becomes the operation that the
table of rules knows. Anything else is refused by name: no unknown call is ever given the
derivative zero.
"""

from __future__ import annotations

import ast
import builtins
import collections
import copy
import dataclasses
import functools
import sys
import sysconfig
import types as python_types
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from sourcediff import types
from sourcediff.frontend import attributes
from sourcediff.frontend.array_calls import call_numpy, numpy_name
from sourcediff.frontend.attributes import attribute_of
from sourcediff.frontend.builtin_calls import HANDLERS
from sourcediff.frontend.container_calls import call_on_containers
from sourcediff.frontend.containers import make_dict
from sourcediff.frontend.describe import describe
from sourcediff.frontend.frames import Frame, parameter_names
from sourcediff.frontend.functions import dynamic
from sourcediff.frontend.joins import Diverged
from sourcediff.frontend.kept_calls import (
    call_closure,
    call_function,
    call_method,
    call_operator,
    call_super,
    construct,
)
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.methods import call_method as call_container_method
from sourcediff.frontend.methods import has_method
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.source import no_plain_function, source_of
from sourcediff.frontend.statements import lower_body, single_return
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Choice,
    Closure,
    Conflict,
    Method,
    Picked,
    Rec,
    Ref,
    Spread,
    Static,
    Super,
    Tup,
)
from sourcediff.ir import Const, Value
from sourcediff.rules.mathematics import INTEGER_ONLY
from sourcediff.rules.table import primitive_of
from sourcediff.types import Type

__all__ = ["call", "entry_bindings", "seen_through"]


def call(
    lowering: Lowering,
    function: Binding,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST | None,
) -> Binding:
    """What ``function(*args, **kwargs)`` gives."""
    if lowering.faithful:
        function = one_of_several(lowering, function)
        found = _kept_call(lowering, function, args, kwargs, node)
        if found is not None:
            return found
    if isinstance(function, Bound):
        return call(
            lowering,
            function.function,
            [*function.args, *args],
            {**function.kwargs, **kwargs},
            node,
        )
    if isinstance(function, Choice):
        return lowering.choose(
            function.test,
            lambda: call(lowering, function.then, args, kwargs, node),
            lambda: call(lowering, function.orelse, args, kwargs, node),
        )
    if isinstance(function, Closure):
        return _enter_closure(lowering, function, args, kwargs)
    if isinstance(function, Conflict):
        lowering.error(function.message, node)
    if isinstance(function, Value) and function.type.kind == "Instance":
        method = attribute_of(lowering, function, "__call__")
        return call(lowering, method, args, kwargs, node)
    if not isinstance(function, Static):
        lowering.error(f"{describe(function)} cannot be called", node)
    return _call_object(lowering, function, args, kwargs, node)


def _kept_call(
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
    of_numpy = numpy_name(found)
    if of_numpy is not None:
        return call_numpy(lowering, function, of_numpy, args, kwargs, node)
    if found is super and not args:
        return _super(lowering)
    if found is type and len(args) == 1:
        return _type_of(lowering, function, args[0])
    if found in (copy.copy, copy.deepcopy) and len(args) == 1:
        return _copied(lowering, function, args[0])
    if found is dataclasses.replace and args and isinstance(args[0], Value):
        return _replaced_fields(lowering, args[0], kwargs)
    if found is len and len(args) == 1 and isinstance(args[0], Value):
        if args[0].type.kind == "Object":
            return call_operator(lowering, "__len__", args[0], [])
    if found is abs and len(args) == 1 and isinstance(args[0], Value):
        if args[0].type.kind == "Object":
            return call_operator(lowering, "__abs__", args[0], [])
    if isinstance(found, python_types.FunctionType):
        if getattr(found, "__sourcediff__", None) is not None or _is_not_the_users(found):
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

    def with_(one: Binding) -> Binding:
        given = [one if a is chosen else a for a in args]
        named = {key: one if a is chosen else a for key, a in kwargs.items()}
        return call(lowering, function, given, named, node)

    return lowering.choose(chosen.test, lambda: with_(chosen.then), lambda: with_(chosen.orelse))


def _replace(lowering: Lowering, whole: Binding, kwargs: dict[str, Binding]) -> Binding:
    """``point._replace(x=…)``: a named tuple with other fields."""
    assert isinstance(whole, Value) and whole.type.cls is not None
    cls: Any = whole.type.cls
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


def _plain_values(whole: Tup) -> bool:
    return all(
        _plain_values(item) if isinstance(item, Tup) else isinstance(item, Value | Const)
        for item in whole.items
    )


def _super(lowering: Lowering) -> Binding:
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


def seen_through(found: Any) -> Any:
    """The function that a wrapper made by a known decorator stands for."""
    while True:
        if isinstance(found, functools._lru_cache_wrapper):
            found = found.__wrapped__
        elif hasattr(found, "py_func") and type(found).__module__.startswith("numba"):
            found = found.py_func
        else:
            return found


def _call_object(
    lowering: Lowering,
    function: Static,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST | None,
) -> Binding:
    found = seen_through(function.object)
    handler = HANDLERS.get(found) if found.__hash__ is not None else None
    if handler is not None:
        result: Binding = handler(lowering, function, args, kwargs)
        return result
    operation = primitive_of(found, len(args))
    if operation is not None:
        return _operation(lowering, operation, found, args, kwargs)
    if isinstance(found, python_types.FunctionType):
        derivative = getattr(found, "__sourcediff__", None)
        if derivative is not None and derivative.entry is found:
            inlined: Binding = derivative.lower_call(lowering, args, kwargs)
            return inlined
        if _is_not_the_users(found):
            _refuse_call(lowering, function, node)
        return _enter_function(lowering, found, args, kwargs)
    if isinstance(found, python_types.MethodType):
        owner = Static(found.__self__, None)
        return call(lowering, Static(found.__func__), [owner, *args], kwargs, node)
    if isinstance(found, functools.partial):
        given: list[Binding] = [lowering.from_object(a, None) for a in found.args]
        named = {k: lowering.from_object(v, None) for k, v in found.keywords.items()}
        return call(lowering, Static(found.func), [*given, *args], {**named, **kwargs}, node)
    if isinstance(found, type):
        return _construct(lowering, function, found, args, kwargs)
    if not isinstance(found, python_types.BuiltinFunctionType) and callable(found):
        method = vars(type(found)).get("__call__")
        if isinstance(method, python_types.FunctionType):
            return call(lowering, Static(method), [function, *args], kwargs, node)
    module = getattr(found, "__module__", None) or ""
    if module.partition(".")[0] in ("numpy", "scipy"):
        lowering.error(
            f"{module.partition('.')[0]} functions are not supported yet: "
            f"{getattr(found, '__name__', found)!r}",
            node,
            "use the function of the same name in math",
        )
    _refuse_call(lowering, function, node)


def _is_not_the_users(found: python_types.FunctionType) -> bool:
    """Whether a function is one of Python's own library, or of this one."""
    package = (found.__module__ or "").partition(".")[0]
    if package == "sourcediff":
        return True
    filename = found.__code__.co_filename
    standard = filename.startswith(sysconfig.get_path("stdlib")) and "site-packages" not in filename
    return standard and package in sys.stdlib_module_names


def _refuse_call(lowering: Lowering, function: Static, node: ast.AST | None) -> NoReturn:
    module = getattr(function.object, "__module__", None) or ""
    if module.partition(".")[0] == "sourcediff":
        lowering.error(
            "making a derivative inside of a differentiated function is not supported yet",
            node,
            "make it outside, and call it inside",
        )
    lowering.error(
        f"no derivative is known for {describe(function)}",
        node,
        "write it in Python, or give its derivative with sourcediff.rule",
    )


def _operation(
    lowering: Lowering,
    operation: Any,
    found: Any,
    args: list[Binding],
    kwargs: dict[str, Binding],
) -> Binding:
    name = operation.name
    if kwargs:
        lowering.error(f"{name} takes no keyword arguments here")
    rule = operation.rule
    if rule is not None and not rule.variadic and len(args) != len(rule.parameters):
        lowering.error(f"{name} takes {len(rule.parameters)} arguments, not {len(args)}")
    if name.partition(".")[2] in INTEGER_ONLY:
        pass  # what is differentiated must not get here: activity refuses it by name
    atoms = [lowering.number(a, name) for a in args]
    if all(isinstance(a, Const) for a in atoms):
        return lowering.apply(operation, atoms)
    return lowering.emit(operation, atoms)


# Functions written in Python -------------------------------------------------------------


def _enter_closure(
    lowering: Lowering, function: Closure, args: list[Binding], kwargs: dict[str, Binding]
) -> Binding:
    outer = function.frame
    frame = Frame(
        function.name,
        function.node,
        outer.source,
        outer.globals,
        parent=outer,
        call_site=lowering.site if single_return(function.node) else None,
    )
    bindings = bind_arguments(
        lowering,
        function.node.args,
        function.name,
        args,
        kwargs,
        function.defaults,
        function.kw_defaults,
    )
    return _run(lowering, frame, bindings, function.node)


def _enter_function(
    lowering: Lowering,
    function: python_types.FunctionType,
    args: list[Binding],
    kwargs: dict[str, Binding],
) -> Binding:
    source = source_of(function)
    node = source.node
    kind = no_plain_function(function.__code__)
    if kind is not None or isinstance(node, ast.AsyncFunctionDef):
        lowering.error(
            f"{function.__name__!r} is {kind}, which cannot be called here",
            help="return the value instead",
        )
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    frame = Frame(
        function.__name__,
        node,
        source,
        function.__globals__,
        cells=cells,
        call_site=lowering.site if single_return(node) else None,
    )
    defaults = [lowering.from_object(d, None) for d in function.__defaults__ or ()]
    kw_defaults = {
        k: lowering.from_object(v, None) for k, v in (function.__kwdefaults__ or {}).items()
    }
    bindings = bind_arguments(
        lowering, node.args, function.__name__, args, kwargs, defaults, kw_defaults
    )
    return _run(lowering, frame, bindings, node)


def _run(
    lowering: Lowering,
    frame: Frame,
    bindings: dict[str, Binding],
    node: ast.FunctionDef | ast.Lambda,
) -> Binding:
    with lowering.entered(frame, node):
        for name, binding in bindings.items():
            lowering.refuse_iterator(binding)
            if isinstance(binding, Value) and binding.name is None:
                binding.name = name
            lowering.variables.set((frame, name), binding)
        result = lower_body(lowering, node)
    if result is None:
        raise Diverged
    return result


def bind_arguments(
    lowering: Lowering,
    signature: ast.arguments,
    name: str,
    args: Sequence[Binding],
    kwargs: Mapping[str, Binding],
    defaults: Sequence[Binding],
    kw_defaults: Mapping[str, Binding],
) -> dict[str, Binding]:
    """The binding of each parameter in a call, as Python matches them."""
    positional = [a.arg for a in (*signature.posonlyargs, *signature.args)]
    only_positional = {a.arg for a in signature.posonlyargs}
    bound: dict[str, Binding] = dict(zip(positional, args, strict=False))
    surplus = list(args[len(positional) :])
    if surplus and signature.vararg is None:
        lowering.error(f"{name}() takes {len(positional)} positional arguments, {len(args)} given")
    keyword_names = {*positional} - only_positional | {a.arg for a in signature.kwonlyargs}
    extra: dict[Any, Binding] = {}
    for key, value in kwargs.items():
        if key in keyword_names:
            if key in bound:
                lowering.error(f"{name}() got two values for {key!r}")
            bound[key] = value
        elif signature.kwarg is not None:
            extra[key] = value
        else:
            lowering.error(f"{name}() has no parameter {key!r}")
    for parameter, default in zip(positional[::-1], defaults[::-1], strict=False):
        bound.setdefault(parameter, default)
    for parameter, default in kw_defaults.items():
        bound.setdefault(parameter, default)
    missing = [p for p in (*positional, *(a.arg for a in signature.kwonlyargs)) if p not in bound]
    if missing:
        lowering.error(f"{name}() is called without {', '.join(map(repr, missing))}")
    if signature.vararg is not None:
        bound[signature.vararg.arg] = _star(lowering, surplus)
    if signature.kwarg is not None:
        bound[signature.kwarg.arg] = Rec(extra)
        if lowering.faithful and all(map(dynamic, extra.values())):
            assert lowering.node is not None
            pairs: list[tuple[Binding, Binding]] = [
                (Const(key, types.STR), value) for key, value in extra.items()
            ]
            bound[signature.kwarg.arg] = make_dict(lowering, lowering.node, pairs)
    return {parameter: bound[parameter] for parameter in parameter_names(signature)}


def _star(lowering: Lowering, surplus: list[Binding]) -> Binding:
    """What ``*args`` is bound to."""
    if len(surplus) == 1 and isinstance(surplus[0], Spread):
        function = Static(tuple, Ref("module", builtins, ("tuple",)))
        return call(lowering, function, [surplus[0].value], {}, lowering.node)
    return Tup(surplus)


def entry_bindings(
    lowering: Lowering, arguments: Mapping[str, Type | Binding]
) -> tuple[list[Value], dict[str, Binding]]:
    """The parameters of the IR function, and what the user's parameters are bound to."""
    node = lowering.frame.node
    parameters: list[Value] = []
    bindings: dict[str, Binding] = {}
    for name in parameter_names(node.args):
        given = arguments[name]
        if not isinstance(given, Type):
            bindings[name] = given
            continue
        value = Value(given, name)
        parameters.append(value)
        bindings[name] = lowering.unpack(value) if given.kind == "Tuple" else value
    return parameters, bindings


# Classes ---------------------------------------------------------------------------------


def _construct(
    lowering: Lowering,
    function: Static,
    cls: type,
    args: list[Binding],
    kwargs: dict[str, Binding],
) -> Binding:
    if issubclass(cls, BaseException):
        atoms = [lowering.atom(a) for a in (*args, *kwargs.values())]
        spec = CallSpec(cls, lowering.reference_to(function), tuple(kwargs))
        return lowering.emit(PURE_CALL, atoms, types.OBJECT, attribute=spec)
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        fields: tuple[str, ...] = cls._fields
        signature = ast.parse(f"lambda {', '.join(fields)}: 0", mode="eval").body
        assert isinstance(signature, ast.Lambda)
        given = getattr(cls, "_field_defaults", {})
        defaults = [lowering.from_object(given[f], None) for f in fields if f in given]
        bound = bind_arguments(lowering, signature.args, cls.__name__, args, kwargs, defaults, {})
        whole = Tup([bound[f] for f in fields], cls, function.ref)
        return lowering.atom(whole) if lowering.faithful and _plain_values(whole) else whole
    lowering.error(
        f"making a {cls.__name__} inside of a differentiated function is not supported yet",
        help="pass its numbers as arguments or in a tuple",
    )
