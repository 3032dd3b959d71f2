"""Lowering of statements: branches, early returns, definitions, effects.

A block is lowered statement by statement; at a branch that may return, the rest of the
block is handed to the branch as a continuation, so that every path ends in the value that
the function returns.
"""

from __future__ import annotations

import ast
import builtins
import importlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from sourcediff import types
from sourcediff.frontend.assignments import annotated, assign, augmented, delete
from sourcediff.frontend.calls.functions import make_kept_closure, returned_from
from sourcediff.frontend.complexes.values import REAL_OF_IT, is_complex
from sourcediff.frontend.control.attempts import lower_attempt, suppressing
from sourcediff.frontend.control.contexts import context_of, lower_in_context
from sourcediff.frontend.control.exceptions import enters_nothing, lower_try, lower_with
from sourcediff.frontend.control.joins import DIVERGES, FALLS, Diverged, Outcome
from sourcediff.frontend.control.leaving import leave, leave_with
from sourcediff.frontend.control.loop_else import returns_from_else
from sourcediff.frontend.control.loops import lower_for, lower_while
from sourcediff.frontend.control.managed import managed
from sourcediff.frontend.control.managing_generators import lower_around, wrapped_generator
from sourcediff.frontend.control.parting import as_branch, is_parted, parting
from sourcediff.frontend.control.patterns import lower_match
from sourcediff.frontend.describe import ONE_NUMBER, describe
from sourcediff.frontend.expressions import lower_expression, lower_test
from sourcediff.frontend.frames import Arm
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import ASSERT, RAISE
from sourcediff.frontend.source import ADVICE, own_nodes
from sourcediff.frontend.values import Binding, Closure, Once, Ref, Static, Stream
from sourcediff.ir import IF, Const, Op, Region, Site, Value

__all__ = ["lower_block", "lower_body", "make_closure", "raises", "single_return"]


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
        if isinstance(statement, ast.With):
            managed_by = managed(lowering, statement)
            if managed_by is not None:
                return lower_block(lowering, [*managed_by, *statements[place + 1 :]])
        if isinstance(statement, ast.With) and not lowering.faithful:
            if enters_nothing(lowering, statement):
                following = [*statement.body, *statements[place + 1 :]]
                return lower_block(lowering, following)
            around = wrapped_generator(lowering, statement.items[0].context_expr)
            if around is not None:
                rest = _following(lowering, statements, place + 1)
                try:
                    return lower_around(lowering, statement, around, rest)
                except Diverged:
                    return DIVERGES
            statement = suppressing(lowering, statement)
            context = context_of(lowering, statement)
            if context is not None and isinstance(statement, ast.With):
                rest = _following(lowering, statements, place + 1)
                try:
                    return lower_in_context(lowering, statement, context, rest)
                except Diverged:
                    return DIVERGES
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.IfExp):
            if is_parted(lowering, as_branch(statement)):
                statement = as_branch(statement)
        handler = _STATEMENTS.get(type(statement))
        if handler is None or (not lowering.faithful and type(statement) in _LATER):
            try:
                _refuse(lowering, statement)
            except Diverged:
                return DIVERGES
        if _takes_what_follows(lowering, statement):
            try:
                rest = _following(lowering, statements, place + 1)
                branched: Outcome = handler(lowering, statement, rest)
                return branched
            except Diverged:
                return DIVERGES
        try:
            outcome: Outcome | None = handler(lowering, statement)
        except Diverged:
            return DIVERGES
        if outcome is not None and outcome is not FALLS:
            if isinstance(statement, ast.For | ast.While):
                return lowering.proceed(outcome, _following(lowering, statements, place + 1))
            return outcome
    return FALLS


def _takes_what_follows(lowering: Lowering, statement: ast.stmt) -> bool:
    """Whether a statement may return on some ways only, so that the rest goes into the others."""
    if isinstance(statement, ast.If) and is_parted(lowering, statement):
        return True
    if isinstance(statement, ast.If | ast.Match | ast.Try):
        return not lowering.flat and _may_return(statement)
    return isinstance(statement, ast.For | ast.While) and returns_from_else(lowering, statement)


def _following(lowering: Lowering, statements: Sequence[ast.stmt], start: int) -> Rest:
    return lambda: lower_block(lowering, statements, start)


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
    augmented = isinstance(statement, ast.AugAssign)
    annotated = None
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        annotated = statement.target.id, statement.annotation
    text = source.statement_text(statement)
    return Site(source.span(statement), text, augmented=augmented, annotated=annotated)


def _may_return(statement: ast.stmt) -> bool:
    """Whether a return statement of the same function is in it; the tree keeps the answer."""
    found: bool | None = getattr(statement, "may_return", None)
    if found is None:
        holder = ast.Module(body=[statement], type_ignores=[])
        found = any(isinstance(n, ast.Return) for n in own_nodes(holder))
        statement.may_return = found  # type: ignore[attr-defined]
    return found


def _refuse(lowering: Lowering, statement: ast.stmt) -> NoReturn:
    unknown = (f"a {type(statement).__name__} statement", None)
    what, help = {**_REFUSED, **_LATER}.get(type(statement), unknown)
    lowering.error(f"{what} is not supported", statement, help, certain=True)


_REFUSED: dict[type, tuple[str, str | None]] = {
    ast.AsyncFor: ("an async for loop", "differentiate a plain function"),
    ast.AsyncWith: ("an async with statement", "differentiate a plain function"),
    ast.AsyncFunctionDef: ("an async function", "define a plain function"),
    ast.ClassDef: ("a class defined inside of a differentiated function", "define it outside"),
}

#: What only faithful lowering takes so far, with the words and the help of the refusal.
_LATER: dict[type, tuple[str, str | None]] = {
    ast.With: ("a with statement", "enter the context around the call of the derivative"),
}
if hasattr(ast, "TryStar"):
    _REFUSED[ast.TryStar] = ("except*", "catch the exceptions with except")


# Definitions and imports ------------------------------------------------------------------


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
            raises(lowering, ImportError, f"cannot import name {alias.name!r}")
        lowering.spelled(module.__name__, None)
        binding = lowering.from_object(found, Ref("module", module, (alias.name,)))
        lowering.variables.set((lowering.frame, alias.asname or alias.name), binding)


def _imported(lowering: Lowering, name: str, package: str | None = None) -> Any:
    try:
        return importlib.import_module(name, package)
    except ImportError as reason:
        raises(lowering, type(reason), str(reason))


def raises(lowering: Lowering, error: type[Exception], message: str) -> NoReturn:
    """The statement raises whenever it is reached."""
    from sourcediff.frontend.calls.calls import call

    static = Static(error, Ref("module", builtins, (error.__name__,)))
    made = call(lowering, static, [Const(message, types.STR)], {}, None)
    lowering.effect(RAISE, [lowering.exception(made)])
    raise Diverged


def _function_definition(lowering: Lowering, node: ast.FunctionDef) -> None:
    function: Binding = make_closure(lowering, node)
    for decorator in reversed(node.decorator_list):
        from sourcediff.frontend.calls.calls import call

        made = lower_expression(lowering, decorator)
        lowering.node = decorator
        function = call(lowering, made, [function], {}, decorator)
    lowering.bind(node.name, function, node)


def make_closure(lowering: Lowering, node: ast.FunctionDef | ast.Lambda) -> Closure:
    """A function defined here; its defaults are evaluated now."""
    plain = lowering.faithful or isinstance(node, ast.Lambda)
    refused = ast.Yield | ast.YieldFrom | ast.Await if plain else ast.Await
    if any(isinstance(n, refused) for n in own_nodes(node)):
        lowering.error("a generator is not supported", node, ADVICE["a generator"])
    defaults = [lower_expression(lowering, d) for d in node.args.defaults]
    kw_defaults = {
        a.arg: lower_expression(lowering, d)
        for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if d is not None
    }
    if lowering.faithful:
        return make_kept_closure(lowering, node, defaults, kw_defaults)
    return Closure(node, lowering.frame, defaults, kw_defaults)


# Control ---------------------------------------------------------------------------------

Rest = Callable[[], Outcome]


def _falls() -> Outcome:
    return FALLS


def _if(lowering: Lowering, node: ast.If, rest: Rest = _falls) -> Outcome:
    test = lower_test(lowering, node.test)
    if is_parted(lowering, node):

        def arm(body: list[ast.stmt]) -> Outcome:
            return lowering.proceed(lower_block(lowering, body), rest)

        return lowering.branch(test, lambda: arm(node.body), lambda: arm(node.orelse), _falls)
    with parting(lowering, node):
        return lowering.branch(
            test,
            lambda: lower_block(lowering, node.body),
            lambda: lower_block(lowering, node.orelse),
            rest,
            bool(node.orelse),
        )


def _assign(lowering: Lowering, node: ast.Assign) -> None:
    if not isinstance(node.value, ast.IfExp):
        assign(lowering, node)
        return
    with parting(lowering, as_branch(node)):
        assign(lowering, node)


def _match(lowering: Lowering, node: ast.Match, rest: Rest = _falls) -> Outcome:
    return lower_match(lowering, node, lambda body: lower_block(lowering, body), rest)


def _try(lowering: Lowering, node: ast.Try, rest: Rest = _falls) -> Outcome:
    return lower_try(lowering, node) if lowering.faithful else lower_attempt(lowering, node, rest)


def _return(lowering: Lowering, node: ast.Return) -> Outcome:
    if node.value is None:
        return _returned(lowering, Const(None, types.NONE))
    return _returned(lowering, lower_expression(lowering, node.value))


def _returned(lowering: Lowering, value: Binding) -> Outcome:
    """The end of a function; None instead of the number that is differentiated is an error."""
    frame = None if lowering.faithful else lowering.frame
    if frame is None:
        pass
    elif frame is lowering.outermost and isinstance(value, Const) and value.type is types.NONE:
        lowering.returns_none = True
        raises(lowering, TypeError, f"{frame.name}() returned None, which has no derivative")
    one = frame is not None and frame is lowering.outermost and not lowering.several
    if one and isinstance(value, Value) and value.type.kind == "Optional":
        value = lowering.required(value)
    if one and not isinstance(value, Value | Const):
        lowering.error(
            f"{lowering.frame.name!r} returns {describe(value)}, not one real number",
            help=REAL_OF_IT if is_complex(value) else ONE_NUMBER,
        )
    handed_on = isinstance(value, Stream) and frame is not lowering.outermost
    if not handed_on and not (lowering.frame.name == "__iter__" and isinstance(value, Once)):
        lowering.refuse_iterator(value)
    if lowering.flat:
        returned_from(lowering, value)
        return DIVERGES
    if lowering.loops and lowering.loops[-1].frame is lowering.frame:
        return leave_with(lowering, value)
    return Outcome(value, site=lowering.site)


# Effects ---------------------------------------------------------------------------------


def _expression(lowering: Lowering, node: ast.Expr) -> Outcome | None:
    if isinstance(node.value, ast.Constant):
        return None  # a docstring, or a bare constant
    if isinstance(node.value, ast.Yield | ast.YieldFrom) and lowering.frame.turns is not None:
        from sourcediff.frontend.iteration.generator_functions import lower_yield

        return lower_yield(lowering, node.value)
    lowering.refuse_iterator(lower_expression(lowering, node.value), node)
    return None


def _raise(lowering: Lowering, node: ast.Raise) -> Outcome:
    if node.exc is None and (lowering.faithful or lowering.handling):
        lowering.effect(RAISE, ())
        return DIVERGES
    if node.exc is None:
        lowering.error("a bare raise is not supported", node, "name the exception")
    args = [lowering.exception(lower_expression(lowering, node.exc))]
    if node.cause is not None:
        args.append(lowering.exception(lower_expression(lowering, node.cause)))
    lowering.effect(RAISE, args)
    return DIVERGES


def _assert(lowering: Lowering, node: ast.Assert) -> None:
    test = lowering.truth(lower_test(lowering, node.test))
    if test is True:
        return
    regions: tuple[Region, ...] = ()
    if node.msg is not None:
        arm = Arm()
        message = None
        with lowering.inside(arm), suppress(Diverged):
            message = lowering.atom(lower_expression(lowering, node.msg))
        if message is None:  # it raises instead, where the test is false
            arms = (Region([], ()), Region(arm.ops, None))
            known = lowering.constant(False) if isinstance(test, bool) else test
            assert known is not None
            lowering.ops.append(Op(IF, (known,), (), arms, "statement", lowering.site))
            return
        regions = (Region(tuple(arm.ops), (message,)),)
    atom = lowering.constant(False) if isinstance(test, bool) else test
    assert atom is not None
    lowering.effect(ASSERT, (atom,), regions=regions)


def _nothing(lowering: Lowering, node: ast.stmt) -> None:
    """pass, nonlocal, global: nothing to execute."""


_STATEMENTS: dict[type, Callable[..., Any]] = {
    ast.Assign: _assign,
    ast.AugAssign: augmented,
    ast.AnnAssign: annotated,
    ast.Delete: delete,
    ast.Import: _import,
    ast.ImportFrom: _import,
    ast.FunctionDef: _function_definition,
    ast.If: _if,
    ast.Match: _match,
    ast.Return: _return,
    ast.Expr: _expression,
    ast.Raise: _raise,
    ast.Assert: _assert,
    ast.For: lower_for,
    ast.While: lower_while,
    ast.Try: _try,
    ast.With: lower_with,
    ast.Break: leave,
    ast.Continue: leave,
    ast.Pass: _nothing,
    ast.Nonlocal: _nothing,
    ast.Global: _nothing,
}
