"""Lowering of statements: assignment, branches, early returns, effects.

A block is lowered statement by statement; at a branch that may return, the rest of the
block is handed to the branch as a continuation, so that every path ends in the value that
the function returns.
"""

from __future__ import annotations

import ast
import builtins
import importlib
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from sourcediff import types
from sourcediff.frontend.describe import describe
from sourcediff.frontend.expressions import lower_expression, operate
from sourcediff.frontend.frames import Arm
from sourcediff.frontend.joins import DIVERGES, FALLS, Diverged, Outcome
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.patterns import lower_match
from sourcediff.frontend.primitives import ASSERT, RAISE
from sourcediff.frontend.source import own_nodes
from sourcediff.frontend.values import Binding, Closure, Ref, Static, Tup
from sourcediff.ir import Const, Region, Site, Value

__all__ = ["lower_block", "lower_body", "make_closure", "single_return"]


def lower_body(lowering: Lowering, node: ast.FunctionDef | ast.Lambda) -> Binding | None:
    """The value that a function returns, or None if it always raises."""
    if isinstance(node, ast.Lambda):
        lowering.node = node.body
        lowering.site = lowering.frame.call_site or _site(lowering, node.body)
        try:
            return lower_expression(lowering, node.body)
        except Diverged:
            return None
    outcome = lower_block(lowering, node.body)
    try:
        outcome = lowering.proceed(outcome, lambda: _returned(lowering, Const(None, types.NONE)))
    except Diverged:
        outcome = DIVERGES
    return None if outcome is DIVERGES else outcome.value


def lower_block(lowering: Lowering, statements: Sequence[ast.stmt], start: int = 0) -> Outcome:
    """Lower statements until control leaves."""
    for place in range(start, len(statements)):
        statement = statements[place]
        lowering.node = statement
        lowering.site = lowering.frame.call_site or _site(lowering, statement)
        handler = _STATEMENTS.get(type(statement))
        if handler is None:
            _refuse(lowering, statement)
        if isinstance(statement, ast.If | ast.Match):
            if _may_return(statement):

                def rest(place: int = place) -> Outcome:
                    return lower_block(lowering, statements, place + 1)

                try:
                    branched: Outcome = handler(lowering, statement, rest)
                    return branched
                except Diverged:
                    return DIVERGES
        try:
            outcome: Outcome | None = handler(lowering, statement)
        except Diverged:
            return DIVERGES
        if outcome is not None and outcome is not FALLS:
            return outcome
    return FALLS


def single_return(node: ast.FunctionDef | ast.Lambda) -> bool:
    """Whether a function is no more than one returned expression."""
    if isinstance(node, ast.Lambda):
        return True
    body = node.body
    if len(body) == 2 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return len(body) == 1 and isinstance(body[0], ast.Return)


def _site(lowering: Lowering, statement: ast.stmt | ast.expr) -> Site:
    source = lowering.frame.source
    return Site(source.span(statement), source.statement_text(statement))


_returning: dict[int, tuple[ast.stmt, bool]] = {}


def _may_return(statement: ast.stmt) -> bool:
    """Whether a return statement of the same function is in it."""
    found = _returning.get(id(statement))
    if found is None or found[0] is not statement:
        holder = ast.Module(body=[statement], type_ignores=[])
        inside = any(isinstance(n, ast.Return) for n in own_nodes(holder))
        found = _returning[id(statement)] = (statement, inside)
    return found[1]


def _refuse(lowering: Lowering, statement: ast.stmt) -> NoReturn:
    what, help = _REFUSED.get(type(statement), (f"a {type(statement).__name__} statement", None))
    lowering.error(f"{what} is not supported", statement, help, certain=True)


_LOOP_HELP = "write out the steps, or call the derivative inside of your own loop"
_REFUSED: dict[type, tuple[str, str | None]] = {
    ast.For: ("a for loop", _LOOP_HELP),
    ast.While: ("a while loop", _LOOP_HELP),
    ast.AsyncFor: ("an async for loop", "differentiate a plain function"),
    ast.AsyncWith: ("an async with statement", "differentiate a plain function"),
    ast.AsyncFunctionDef: ("an async function", "define a plain function"),
    ast.With: ("a with statement", "enter the context around the call of the derivative"),
    ast.Try: ("a try statement", "test for the condition with if instead"),
    ast.ClassDef: ("a class defined inside of a differentiated function", "define it outside"),
}
if hasattr(ast, "TryStar"):
    _REFUSED[ast.TryStar] = _REFUSED[ast.Try]


# Assignment ------------------------------------------------------------------------------


def _assign(lowering: Lowering, node: ast.Assign) -> None:
    value = lower_expression(lowering, node.value)
    for target in node.targets:
        assign_to(lowering, target, value)


def assign_to(lowering: Lowering, target: ast.expr, value: Binding) -> None:
    """Bind a target: a name, or a tuple of targets."""
    if isinstance(target, ast.Name):
        lowering.bind(target.id, value, target)
        return
    if isinstance(target, ast.Tuple | ast.List):
        _unpack(lowering, target, value)
        return
    if isinstance(target, ast.Attribute):
        lowering.error(
            f"assignment to the attribute {target.attr!r} is not supported",
            target,
            "keep the value in a variable and return it",
        )
    if isinstance(target, ast.Subscript):
        lowering.error(
            "assignment to an item is not supported",
            target,
            "build a new tuple, or keep the value in a variable",
        )
    lowering.error("this assignment target is not supported", target)


def _unpack(lowering: Lowering, target: ast.Tuple | ast.List, value: Binding) -> None:
    if not isinstance(value, Tup):
        lowering.error(f"cannot unpack {describe(value)}", target)
    wanted, items = target.elts, value.items
    starred = [i for i, t in enumerate(wanted) if isinstance(t, ast.Starred)]
    if not starred:
        if len(wanted) != len(items):
            lowering.error(
                f"{len(wanted)} names for a {value.cls.__name__} of {len(items)}", target
            )
        for t, item in zip(wanted, items, strict=True):
            assign_to(lowering, t, item)
        return
    (middle,) = starred
    after = len(wanted) - middle - 1
    if len(items) < middle + after:
        lowering.error(f"at least {middle + after} items are needed, not {len(items)}", target)
    stop = len(items) - after
    star = wanted[middle]
    assert isinstance(star, ast.Starred)
    for t, item in zip(wanted[:middle], items[:middle], strict=True):
        assign_to(lowering, t, item)
    assign_to(lowering, star.value, Tup(items[middle:stop], list))
    for t, item in zip(wanted[middle + 1 :], items[stop:], strict=True):
        assign_to(lowering, t, item)


def _augmented(lowering: Lowering, node: ast.AugAssign) -> None:
    if not isinstance(node.target, ast.Name):
        assign_to(lowering, node.target, Tup([]))  # refuses, naming the target
        return
    left = lowering.lookup(node.target.id, node.target)
    right = lower_expression(lowering, node.value)
    if isinstance(left, Tup) and left.cls is list:
        lowering.error("a list changed in place is not supported", node, "build a new list")
    lowering.bind(node.target.id, operate(lowering, node.op, left, right), node.target)


def _annotated(lowering: Lowering, node: ast.AnnAssign) -> None:
    if node.value is not None:
        assign_to(lowering, node.target, lower_expression(lowering, node.value))


def _delete(lowering: Lowering, node: ast.Delete) -> None:
    for target in node.targets:
        if not isinstance(target, ast.Name):
            lowering.error("del of anything but a variable is not supported", target)
        if lowering.branch_depth:
            lowering.error("del in a branch is not supported", target, "bind the name to None")
        lowering.lookup(target.id, target)
        owner = lowering.frame.owner(target.id)
        if owner is None:
            lowering.error(f"del of {target.id!r}, which is not a local variable", target)
        lowering.variables.set((owner, target.id), None)


def _import(lowering: Lowering, node: ast.Import | ast.ImportFrom) -> None:
    package = lowering.frame.globals.get("__package__") or ""
    for alias in node.names:
        if isinstance(node, ast.Import):
            module = _imported(lowering, alias.name)
            name = alias.asname or alias.name.partition(".")[0]
            if alias.asname is None:
                module = _imported(lowering, name)
            lowering.spelled(module.__name__, name)
            lowering.bind(name, Static(module, Ref("module", module, ())), node)
            continue
        module = _imported(lowering, "." * node.level + (node.module or ""), package or None)
        if alias.name == "*":
            lowering.error("import * inside of a function is not Python", node)
        found = getattr(module, alias.name, None)
        if found is None:
            _raises(lowering, ImportError, f"cannot import name {alias.name!r}")
        lowering.spelled(module.__name__, None)
        binding = lowering.from_object(found, Ref("module", module, (alias.name,)))
        lowering.variables.set((lowering.frame, alias.asname or alias.name), binding)


def _imported(lowering: Lowering, name: str, package: str | None = None) -> Any:
    try:
        return importlib.import_module(name, package)
    except ImportError as reason:
        _raises(lowering, type(reason), str(reason))


def _raises(lowering: Lowering, error: type[Exception], message: str) -> NoReturn:
    """The statement raises whenever it is reached."""
    from sourcediff.frontend.calls import call

    static = Static(error, Ref("module", builtins, (error.__name__,)))
    made = call(lowering, static, [Const(message, types.STR)], {}, None)
    lowering.effect(RAISE, [lowering.exception(made)])
    raise Diverged


def _function_definition(lowering: Lowering, node: ast.FunctionDef) -> None:
    function: Binding = make_closure(lowering, node)
    for decorator in reversed(node.decorator_list):
        from sourcediff.frontend.calls import call

        made = lower_expression(lowering, decorator)
        lowering.node = decorator
        function = call(lowering, made, [function], {}, decorator)
    lowering.bind(node.name, function, node)


def make_closure(lowering: Lowering, node: ast.FunctionDef | ast.Lambda) -> Closure:
    """A function defined here; its defaults are evaluated now."""
    if any(isinstance(n, ast.Yield | ast.YieldFrom | ast.Await) for n in own_nodes(node)):
        lowering.error("a generator is not supported", node, "return the value instead")
    defaults = [lower_expression(lowering, d) for d in node.args.defaults]
    kw_defaults = {
        a.arg: lower_expression(lowering, d)
        for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if d is not None
    }
    return Closure(node, lowering.frame, defaults, kw_defaults)


# Control ---------------------------------------------------------------------------------

Rest = Callable[[], Outcome]


def _falls() -> Outcome:
    return FALLS


def _if(lowering: Lowering, node: ast.If, rest: Rest = _falls) -> Outcome:
    test = lower_expression(lowering, node.test)
    return lowering.branch(
        test,
        lambda: lower_block(lowering, node.body),
        lambda: lower_block(lowering, node.orelse),
        rest,
    )


def _match(lowering: Lowering, node: ast.Match, rest: Rest = _falls) -> Outcome:
    return lower_match(lowering, node, lambda body: lower_block(lowering, body), rest)


def _return(lowering: Lowering, node: ast.Return) -> Outcome:
    if node.value is None:
        return _returned(lowering, Const(None, types.NONE))
    return _returned(lowering, lower_expression(lowering, node.value))


def _returned(lowering: Lowering, value: Binding) -> Outcome:
    """The end of a function; None instead of the number that is differentiated is an error."""
    frame = lowering.frame
    if frame is lowering.outermost and isinstance(value, Const) and value.type is types.NONE:
        lowering.returns_none = True
        _raises(lowering, TypeError, f"{frame.name}() returned None, which has no derivative")
    if frame is lowering.outermost and not isinstance(value, Value | Const):
        lowering.error(
            f"{frame.name!r} returns {describe(value)}, not one real number",
            help="a gradient is that of a number; return one on every path",
        )
    lowering.refuse_iterator(value)
    return Outcome(value, site=lowering.site)


# Effects ---------------------------------------------------------------------------------


def _expression(lowering: Lowering, node: ast.Expr) -> None:
    if isinstance(node.value, ast.Constant):
        return  # a docstring, or a bare constant
    lowering.refuse_iterator(lower_expression(lowering, node.value), node)


def _raise(lowering: Lowering, node: ast.Raise) -> Outcome:
    if node.exc is None:
        lowering.error("a bare raise is not supported", node, "name the exception")
    args = [lowering.exception(lower_expression(lowering, node.exc))]
    if node.cause is not None:
        args.append(lowering.exception(lower_expression(lowering, node.cause)))
    lowering.effect(RAISE, args)
    return DIVERGES


def _assert(lowering: Lowering, node: ast.Assert) -> None:
    test = lowering.truth(lower_expression(lowering, node.test))
    if test is True:
        return
    regions: tuple[Region, ...] = ()
    if node.msg is not None:
        arm = Arm()
        with lowering.inside(arm):
            message = lowering.atom(lower_expression(lowering, node.msg))
        regions = (Region(tuple(arm.ops), (message,)),)
    atom = lowering.constant(False) if isinstance(test, bool) else test
    assert atom is not None
    lowering.effect(ASSERT, (atom,), regions=regions)


def _nothing(lowering: Lowering, node: ast.stmt) -> None:
    """pass, nonlocal, global: nothing to execute."""


_STATEMENTS: dict[type, Callable[..., Any]] = {
    ast.Assign: _assign,
    ast.AugAssign: _augmented,
    ast.AnnAssign: _annotated,
    ast.Delete: _delete,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.FunctionDef: _function_definition,
    ast.If: _if,
    ast.Match: _match,
    ast.Return: _return,
    ast.Expr: _expression,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.Pass: _nothing,
    ast.Nonlocal: _nothing,
    ast.Global: _nothing,
}
