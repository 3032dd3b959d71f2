"""The arguments of a call, matched with the parameters as Python does it."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping, Sequence
from typing import Any

from sourcediff import types
from sourcediff.frontend.calls.functions import dynamic
from sourcediff.frontend.containers.containers import make_dict
from sourcediff.frontend.containers.rows import gone_through, of_numbers
from sourcediff.frontend.describe import describe
from sourcediff.frontend.frames import parameter_names
from sourcediff.frontend.iteration.iteration import item_type
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved import make_record
from sourcediff.frontend.values import (
    Binding,
    Rec,
    Ref,
    Spread,
    Static,
    Tup,
)
from sourcediff.ir import Const, Op, Value
from sourcediff.memory import UNPACK_ITERABLE
from sourcediff.types import Slot, Type

__all__ = ["bind_arguments", "entry_bindings"]


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
    spread = [place for place, a in enumerate(args) if isinstance(a, Spread)]
    # ``*args`` takes all of a list that is spread out behind the other parameters.
    gathered = signature.vararg is not None and spread == [len(positional)] == [len(args) - 1]
    if not lowering.faithful and spread and not gathered:
        args = _unspread(lowering, signature, name, args, kwargs, len(defaults))
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
        if not lowering.faithful:
            bound[signature.kwarg.arg] = make_record(lowering, extra.items())
        else:
            bound[signature.kwarg.arg] = Rec(extra)
        if lowering.faithful and all(map(dynamic, extra.values())):
            assert lowering.node is not None
            pairs: list[tuple[Binding, Binding]] = [
                (Const(key, types.STR), value) for key, value in extra.items()
            ]
            bound[signature.kwarg.arg] = make_dict(lowering, lowering.node, pairs)
    return {parameter: bound[parameter] for parameter in parameter_names(signature)}


def _unspread(
    lowering: Lowering,
    signature: ast.arguments,
    name: str,
    args: Sequence[Binding],
    kwargs: Mapping[str, Binding],
    defaults: int,
) -> list[Binding]:
    """Arguments of which a list is spread out, where the parameters tell how many it holds."""
    positional = [a.arg for a in (*signature.posonlyargs, *signature.args)]
    spread = [a for a in args if isinstance(a, Spread)]
    missing = [p for p in positional if p not in kwargs]
    count = len(missing) - len(args) + 1
    if len(spread) != 1 or signature.vararg is not None or defaults or count < 0:
        lowering.error(
            f"{name}() of a list that is spread out is not supported here",
            help="take the items by their places",
        )
    (whole,) = spread
    kind = item_type(whole.value.type)
    if kind is None:
        lowering.error(f"cannot spread {describe(whole.value)}")
    results = tuple(Value(kind) for _ in range(count))
    lowering.ops.append(Op(UNPACK_ITERABLE, (whole.value,), results, site=lowering.site))
    place = list(args).index(whole)
    return [*args[:place], *results, *args[place + 1 :]]


def _star(lowering: Lowering, surplus: list[Binding]) -> Binding:
    """What ``*args`` is bound to."""
    if len(surplus) == 1 and isinstance(surplus[0], Spread):
        function = Static(tuple, Ref("module", builtins, ("tuple",)))
        from sourcediff.frontend.calls.calls import call

        return call(lowering, function, [surplus[0].value], {}, lowering.node)
    return Tup(surplus)


def entry_bindings(
    lowering: Lowering, arguments: Mapping[str, Type | Binding]
) -> tuple[list[Value], dict[str, Binding], dict[str, Binding]]:
    """The parameters of the IR function; what the user's are bound to, and how they are made up."""
    from sourcediff.frontend.objects.given import Given, names_of_fields

    node = lowering.frame.node
    parameters: list[Value] = []
    bindings: dict[str, Binding] = {}
    structures: dict[str, Binding] = {}
    kinds = [kind for kind in arguments.values() if isinstance(kind, Type)]
    entry = Given(lowering, names_of_fields(kinds, lowering.frame.scope.locals))
    for name in parameter_names(node.args):
        given = arguments[name]
        if not isinstance(given, Type):
            bindings[name] = structures[name] = given
            continue
        if gone_through(name) in lowering.memo.written:
            given = types.list_of(Slot(types.REAL), cls=tuple)
        value = Value(given, name)
        parameters.append(value)
        bindings[name], structures[name] = entry.bound(value, name)
        found = bindings[name]
        own = node.args.vararg is None or name != node.args.vararg.arg
        if isinstance(found, Tup) and own and of_numbers(given):
            found.parameter = name
    return parameters, bindings, structures
