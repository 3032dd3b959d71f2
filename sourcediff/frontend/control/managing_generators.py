"""``with`` on what a function gives that `contextlib.contextmanager` decorates.

    @contextmanager                         with swapped(state, 2.0) as old:
    def swapped(state, value):                  body
        old = state.value
        state.value = value                 old = state.value
        try:                                state.value = 2.0
            yield old                       body
        finally:                            state.value = old
            state.value = old

The function is entered, and its ``yield`` is the body of the statement. An exception goes on to
whoever called, unless the ``yield`` stands in a ``try`` that catches it; what the objects of the
function hold is then no one's concern, so that what only computes stands behind the body, and not
in a ``finally`` clause.
"""

from __future__ import annotations

import ast
import contextlib
import types as python_types
from collections.abc import Callable

from sourcediff.frontend.assignments import assign_to
from sourcediff.frontend.control.joins import DIVERGES, FALLS, Diverged, Outcome
from sourcediff.frontend.control.managed import only_computes
from sourcediff.frontend.expressions import Known, lower_expression
from sourcediff.frontend.iteration.generator_functions import ends_of
from sourcediff.frontend.iteration.streams import Turns
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.source import own_nodes
from sourcediff.frontend.values import Binding, Bound, Static, Stream

__all__ = ["lower_around", "straightened", "wrapped_generator"]

_HELPER = contextlib.contextmanager(lambda: iter(())).__code__


def wrapped_generator(lowering: Lowering, node: ast.expr) -> ast.Call | None:
    """The call of the generator function that a with statement is about; None of any other."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
        return None
    function = lower_expression(lowering, node.func)
    inner = _undecorated(function)
    if inner is None:
        return None
    return ast.copy_location(ast.Call(Known(inner), node.args, node.keywords), node)


def _undecorated(function: Binding) -> Binding | None:
    if isinstance(function, Bound) and not function.is_partial:
        inner = _undecorated(function.function)
        return None if inner is None else Bound(inner, function.args, function.kwargs)
    if not isinstance(function, Static):
        return None
    found = function.object
    if not isinstance(found, python_types.FunctionType) or found.__code__ is not _HELPER:
        return None
    ref = None if function.ref is None else function.ref.attribute("__wrapped__")
    return Static(found.__wrapped__, ref)  # type: ignore[attr-defined]


def lower_around(
    lowering: Lowering, node: ast.With, call: ast.Call, rest: Callable[[], Outcome]
) -> Outcome:
    """Such a with statement, and what follows it."""
    from sourcediff.frontend.control.statements import lower_block

    (first, *others) = node.items
    body: list[ast.stmt] = node.body
    if others:
        body = [ast.copy_location(ast.With(others, node.body), node)]
    left: list[Outcome] = []

    def turn(item: Binding) -> Outcome:
        try:
            if first.optional_vars is not None:
                assign_to(lowering, first.optional_vars, item)
            outcome = lower_block(lowering, body)
        except Diverged:
            return DIVERGES
        if outcome is FALLS or outcome is DIVERGES:
            return outcome
        left.append(outcome)  # once the generator has come to its end
        return FALLS

    stream = lower_expression(lowering, call)
    assert isinstance(stream, Stream)
    outcome = stream.run(Turns(node, turn, form="with"))
    if outcome is DIVERGES:
        return outcome
    return lowering.proceed(left[0] if left else FALLS, rest)


def straightened(lowering: Lowering, node: ast.FunctionDef, around: ast.AST) -> ast.FunctionDef:
    """The generator function, with its one ``yield`` where the body of `around` can stand."""
    yields = [part for part in own_nodes(node) if isinstance(part, ast.Yield | ast.YieldFrom)]
    caught = bool(lowering.attempts or lowering.guarded_by)
    statements, behind, guarded = _straight(node.body, caught)
    if len(yields) != 1 or statements is None or not isinstance(yields[0], ast.Yield):
        lowering.error(
            f"{node.name!r} is not supported in a with statement, as it yields elsewhere than once "
            "in its own statements",
            around,
            "yield at one place, not in an if or a loop",
        )
    ends = ends_of(around)
    if (ends & {"break", "continue"} or ("return" in ends and lowering.loops)) and behind:
        lowering.error(
            "leaving a loop from a with statement, behind which its manager does more, is not "
            "supported",
            around,
        )
    if "return" in ends and guarded:
        lowering.error(
            "a return in a with statement whose manager catches exceptions is not supported",
            around,
            "bind the value to a name, and return it behind the statement",
        )
    made = ast.FunctionDef(node.name, node.args, statements, [])
    return ast.copy_location(made, node)


def _straight(statements: list[ast.stmt], caught: bool) -> tuple[list[ast.stmt] | None, bool, bool]:
    """The statements around a yield, without a ``finally`` that can stand behind it.

    Returns:
        The statements, whether any are behind the yield, and whether it is in a try statement.
    """
    for place, statement in enumerate(statements):
        before, after = statements[:place], statements[place + 1 :]
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield):
            return statements, any(not isinstance(s, ast.Pass) for s in after), False
        if not any(isinstance(part, ast.Yield) for part in own_nodes(statement)):
            continue
        if not isinstance(statement, ast.Try | ast.With):
            return None, False, False
        inner, behind, guarded = _straight(statement.body, caught)
        if inner is None:
            return None, False, False
        if isinstance(statement, ast.With):
            made = ast.copy_location(ast.With(statement.items, inner), statement)
            return [*before, made, *after], True, guarded
        last = statement.finalbody
        if not statement.handlers and not caught and only_computes(last):
            return [*before, *inner, *last, *after], behind or bool(last or after), guarded
        copy = ast.Try(inner, statement.handlers, statement.orelse, last)
        return [*before, ast.copy_location(copy, statement), *after], True, True
    return None, False, False
