"""Lowering of ``with`` around ordinary code, where a derivative is made: see `guards`.

The context is entered around the body, and where it tells all by itself (``np.errstate``) again
around what turns the body round.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from typing import Any

from sourcediff import types
from sourcediff.frontend.control.joins import DIVERGES, Outcome
from sourcediff.frontend.expressions import lower_expression
from sourcediff.frontend.frames import Arm
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import RAISE
from sourcediff.frontend.values import Static
from sourcediff.guards import COMPLETED, GUARD, Context
from sourcediff.ir import BREAK, CONTINUE, Atom, Const, Op, Region, Value, walk

__all__ = ["context_of", "lower_in_context"]


def context_of(lowering: Lowering, node: ast.stmt) -> tuple[Context, tuple[Atom, ...]] | None:
    """The context of a with statement and its arguments, if it has nothing to do with numbers."""
    if not isinstance(node, ast.With) or node.items[0].optional_vars is not None:
        return None
    call = node.items[0].context_expr
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name | ast.Attribute):
        return None
    function = lower_expression(lowering, call.func)
    if not isinstance(function, Static) or not _is_quiet(function.object):
        return None
    given = [*call.args, *(k.value for k in call.keywords)]
    keywords = tuple(k.arg for k in call.keywords if k.arg is not None)
    atoms = tuple(lower_expression(lowering, arg) for arg in given)
    known = [atom for atom in atoms if isinstance(atom, Const)]
    if len(known) < len(atoms) or len(keywords) < len(call.keywords) or "record" in keywords:
        return None
    # What the body says of warnings is said once: a context for the reverse would not know it.
    again = function.object is not warnings.catch_warnings
    ref = lowering.reference_to(function)
    return Context(function.object, ref, keywords, again), tuple(known)


def _is_quiet(found: Any) -> bool:
    """Whether a context only says what becomes of warnings."""
    if found is warnings.catch_warnings:
        return True
    module = getattr(found, "__module__", "") or ""
    return getattr(found, "__name__", "") == "errstate" and module.partition(".")[0] == "numpy"


def lower_in_context(
    lowering: Lowering,
    node: ast.With,
    context: tuple[Context, tuple[Atom, ...]],
    rest: Callable[[], Outcome],
) -> Outcome:
    """A with statement, and what follows it."""
    from sourcediff.frontend.control.statements import lower_block

    site = lowering.site
    statements: list[ast.stmt] = node.body
    if node.items[1:]:
        statements = [ast.copy_location(ast.With(node.items[1:], node.body), node)]
    body, never = Arm(), Arm()
    held, atoms = context
    guard = Value(types.ENTERED)
    lowering.ops.append(Op(GUARD, atoms, (guard,), (), held, site))
    outcome = lowering.rebase(body, lambda: lower_block(lowering, statements))
    if any(op.primitive in (BREAK, CONTINUE) for op in walk(Region(body.ops, None))):
        if lowering.loops:
            lowering.error("leaving a loop from a with statement is not supported", node)
    body.ops.append(Op(COMPLETED, (), (), site=site))
    lowering.site = site
    never.ops.append(Op(RAISE, (), (), site=site))
    merged = lowering.merge(guard, (never, body), [DIVERGES, outcome], site, hoist=False)
    return lowering.proceed(merged, rest)
