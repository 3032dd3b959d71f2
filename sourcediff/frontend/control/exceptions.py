"""Lowering of ``try`` and ``with``.

A variable that such a statement binds lives in memory (`functions.share`), so what a handler
reads is what was bound when the exception was raised, wherever that happened.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable
from typing import Any

from sourcediff import types
from sourcediff.frontend.control.joins import DIVERGES, FALLS, Diverged, Outcome
from sourcediff.frontend.expressions import lower_expression
from sourcediff.frontend.frames import Arm
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Ref, Static, Tup
from sourcediff.ir import TRY, Const, Handler, Op, Region, TrySpec, Value
from sourcediff.memory import FORGET

__all__ = ["enters_nothing", "handler_of", "lower_try", "lower_with"]

Block = Callable[[list[ast.stmt]], Outcome]


def lower_try(lowering: Lowering, node: ast.Try) -> Outcome:
    """A try statement."""
    from sourcediff.frontend.control.statements import lower_block

    site = lowering.site
    regions, ends = [], []

    def region(statements: list[ast.stmt], handler: ast.ExceptHandler | None = None) -> None:
        arm = Arm()
        lowering.site = site
        with lowering.inside(arm):
            try:
                outcome = lower_block(lowering, statements)
                if outcome is FALLS and handler is not None and handler.name is not None:
                    variable = lowering.frame.shared[handler.name]
                    lowering.effect(FORGET, (), attribute=(variable, False))
            except Diverged:
                outcome = DIVERGES
        _keep(lowering, arm)
        falls = outcome is not DIVERGES
        regions.append(Region(arm.ops, () if falls else None))
        ends.append(falls)

    lowering.guarded_by.append(node)
    try:
        region(node.body)
    finally:
        lowering.guarded_by.pop()
    handlers = []
    for handler in node.handlers:
        lowering.node = handler
        caught = None if handler.type is None else lower_expression(lowering, handler.type)
        variable = None
        if handler.name is not None:
            variable = lowering.frame.shared[handler.name]
            lowering.put(variable.slot, types.OBJECT, repr(handler.name))
        handlers.append(handler_of(lowering, caught, variable))
        region(handler.body)
    if node.orelse:
        region(node.orelse)
    if node.finalbody:
        region(node.finalbody)
    spec = TrySpec(tuple(handlers), bool(node.orelse), bool(node.finalbody))
    lowering.site = site
    lowering.ops.append(Op(TRY, (), (), tuple(regions), spec, site))
    body = ends[0] and (not node.orelse or ends[1 + len(handlers)])
    if node.finalbody and not ends[-1]:
        return DIVERGES
    return FALLS if body or any(ends[1 : 1 + len(handlers)]) else DIVERGES


def _keep(lowering: Lowering, arm: Arm) -> None:
    """What a part of a try statement binds that is no value: it holds after the statement too."""
    for key, binding in arm.changes.items():
        if not isinstance(binding, Value | Const | Tup):
            lowering.variables.set(key, binding)


def handler_of(lowering: Lowering, caught: Binding | None, variable: Any) -> Handler:
    if caught is None:
        return Handler(None, (), variable)
    items = caught.items if isinstance(caught, Tup) else [caught]
    classes: list[type] = []
    refs: list[Ref] = []
    for item in items:
        known = item.object if isinstance(item, Static) else None
        if isinstance(known, tuple) and isinstance(item, Static):
            classes.extend(known)
            refs.append(lowering.reference_to(item))
            continue
        if not (isinstance(known, type) and issubclass(known, BaseException)):
            lowering.error("this is not a class of exceptions")
        assert isinstance(item, Static)
        classes.append(known)
        refs.append(lowering.reference_to(item))
    return Handler(tuple(classes), tuple(refs), variable)


def enters_nothing(lowering: Lowering, node: ast.With) -> bool:
    """Whether a with statement is ``with contextlib.nullcontext(x) as y``; if so, binds `y`."""
    from sourcediff.frontend.assignments import assign_to

    calls = [item.context_expr for item in node.items]
    for call in calls:
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name | ast.Attribute):
            return False
        function = lower_expression(lowering, call.func)
        if not isinstance(function, Static) or function.object is not contextlib.nullcontext:
            return False
    for item, call in zip(node.items, calls, strict=True):
        assert isinstance(call, ast.Call)
        given = [lower_expression(lowering, arg) for arg in call.args]
        if item.optional_vars is not None:
            value = given[0] if given else Const(None, types.NONE)
            assign_to(lowering, item.optional_vars, value)
    return True


def lower_with(lowering: Lowering, node: ast.With) -> Outcome:
    """A with statement whose context does nothing, or only keeps exceptions back."""
    from sourcediff.frontend.assignments import assign_to
    from sourcediff.frontend.control.statements import lower_block

    (first, *others) = node.items
    rest: list[ast.stmt] = node.body
    if others:
        inner = ast.copy_location(ast.With(items=others, body=node.body), node)
        rest = [ast.fix_missing_locations(inner)]
    call = first.context_expr
    function = lower_expression(lowering, call.func) if isinstance(call, ast.Call) else None
    known = function.object if isinstance(function, Static) else None
    passes_on = known is contextlib.nullcontext
    if known not in (contextlib.suppress, contextlib.nullcontext) or (
        first.optional_vars is not None and not passes_on
    ):
        lowering.error(
            "this context is not supported in a with statement",
            first.context_expr,
            "enter it around the call",
        )
    assert isinstance(call, ast.Call) and isinstance(function, Static)
    if passes_on:
        given = [lower_expression(lowering, arg) for arg in call.args]
        if first.optional_vars is not None:
            value = given[0] if given else Const(None, types.NONE)
            assign_to(lowering, first.optional_vars, value)
        return lower_block(lowering, rest)
    caught = Tup([lower_expression(lowering, arg) for arg in call.args])
    handler = handler_of(lowering, caught, None)
    site = lowering.site
    arm = Arm()
    lowering.guarded_by.append(node)
    with lowering.inside(arm):
        try:
            outcome = lower_block(lowering, rest)
        except Diverged:
            outcome = DIVERGES
        finally:
            lowering.guarded_by.pop()
    _keep(lowering, arm)
    body = Region(arm.ops, () if outcome is FALLS else None)
    path: Ref = lowering.reference_to(function)
    spec = TrySpec((handler,), suppress=path)
    lowering.site = site
    lowering.ops.append(Op(TRY, (), (), (body, Region([], ())), spec, site))
    return FALLS
