"""Lowering of what goes through items and keeps a running value: ``reduce``, ``accumulate``.

``reduce(f, xs)`` is ``total = xs[0]`` and ``for x in xs[1:]: total = f(total, x)``; of
``accumulate(xs, f)``, the last item of the list so far is the running value.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable

from sourcediff import types
from sourcediff.frontend.containers.containers import item, kept, make_list, slice_of
from sourcediff.frontend.control.joins import FALLS, Outcome
from sourcediff.frontend.frames import named_after
from sourcediff.frontend.iteration.streams import Turns, go_through, listed, singular
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Closure, Static, Stream
from sourcediff.ir import Const, Value
from sourcediff.memory import METHOD_OF, MethodSpec

__all__ = ["accumulated", "reduced"]

Combine = Callable[[Binding, Binding], Binding]

_WORDS = {operator.mul: "product", operator.add: "total"}
_NONE, _FIRST, _LAST = Const(None, types.NONE), Const(1, types.INT), Const(-1, types.INT)


def reduced(
    lowering: Lowering,
    node: ast.AST,
    source: Binding,
    first: Binding | None,
    function: Binding,
    combine: Combine,
) -> Binding:
    """``functools.reduce(function, source, first)``."""
    key = (lowering.frame, named_after(_running(function)))
    named = source
    if first is None:
        whole = _whole(lowering, node, source)
        first = item(lowering, whole, Const(0, types.INT), node)
        source = _rest(lowering, node, whole)
    lowering.variables.set(key, first)

    def turn(found: Binding) -> Outcome:
        total = lowering.variables.get(*key)
        assert total is not None
        lowering.node = node
        lowering.variables.set(key, combine(total, found))
        _call_item(found, named)
        return FALLS

    go_through(lowering, source, Turns(node, turn))
    result = lowering.variables.get(*key)
    lowering.variables.set(key, None)
    assert result is not None
    return result


def _call_item(item: Binding, source: Binding) -> None:
    """Give an item a name that nothing else has given it."""
    if isinstance(item, Value) and item.name is None:
        item.name = singular(source)


def _running(function: Binding) -> str:
    """What the running value is called: as the first parameter of what makes the next one."""
    if isinstance(function, Closure) and function.node.args.args:
        return function.node.args.args[0].arg
    if isinstance(function, Static):
        code = getattr(function.object, "__code__", None)
        if code is not None and code.co_argcount:
            return str(code.co_varnames[0])
        return _WORDS.get(function.object, "result")
    return "result"


def _whole(lowering: Lowering, node: ast.AST, source: Binding) -> Value:
    if isinstance(source, Stream):
        return listed(lowering, _part(node), source, "list")
    atom = lowering.atom(source)
    if not isinstance(atom, Value) or atom.type.kind not in ("List", "Range"):
        lowering.error("this without a first value is not supported", node, "give a first value")
    return atom


def _rest(lowering: Lowering, node: ast.AST, whole: Value) -> Binding:
    return item(lowering, whole, slice_of(lowering, [_FIRST, _NONE, _NONE]), _part(node))


def _part(node: ast.AST) -> ast.AST:
    """Another place than that of the call: lists that are made there are others."""
    return node.func if isinstance(node, ast.Call) else node


def accumulated(
    lowering: Lowering, node: ast.AST, source: Binding, initial: Binding | None, combine: Combine
) -> Value:
    """``itertools.accumulate(source, …)``, as the list of all that it gives."""
    named = source
    if initial is None:
        whole = _whole(lowering, node, source)
        part = slice_of(lowering, [_NONE, _FIRST, _NONE])
        totals = item(lowering, whole, part, node)
        source = _rest(lowering, node, whole)
    else:
        totals = make_list(lowering, node, [initial])
    assert isinstance(totals, Value)

    def turn(found: Binding) -> Outcome:
        lowering.node = node
        last = item(lowering, totals, _LAST, node)
        atom = kept(lowering, combine(last, found))
        lowering.put(totals.type.slots["element"], atom.type, "this list")
        lowering.effect(METHOD_OF, (totals, atom), attribute=MethodSpec("append", writes=True))
        _call_item(found, named)
        return FALLS

    go_through(lowering, source, Turns(node, turn))
    return totals
