"""Functions inside a function: ``def`` at its place, or ``lambda``."""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING

from sourcediff.backend.scope import touched
from sourcediff.backend.signature import docstring, returns, signature
from sourcediff.ir import Function, Op, Value

if TYPE_CHECKING:
    from sourcediff.backend.emit import Emitter

__all__ = ["define", "definition", "lambda_expression", "pullback"]


def definition(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """A function under a name of its own; a lambda that no name is bound to, under that."""
    value = op.result
    if emitter.plan.nested[op].as_lambda() is not None:
        expression = lambda_expression(emitter, op)
        if value.name is None and not emitter.plan.uses.get(value):
            return [ast.Expr(expression)]
        return [emitter.assign(value, expression)]
    name = emitter.namer.names[value]
    emitter.bound.add(name)
    return define(emitter, op, name)


def define(emitter: Emitter, op: Op, name: str) -> list[ast.stmt]:
    """``def name(…): …``"""
    function: Function = op.attribute
    node = getattr(function.origin, "node", None)
    if not function.body.ops and function.body.results is None:
        # Nobody calls it, so that it was never lowered.
        if isinstance(node, ast.FunctionDef):
            written = copy.deepcopy(node)
            written.name = name
            return [written]
        return []
    inner = _inner(emitter, op)
    defaults = [emitter.expression(arg) for arg in op.args]
    arguments = signature(function, emitter.header, defaults)
    body: list[ast.stmt] = [*docstring(function)]
    own = set(function.variables)
    outer = sorted({emitter.scope.names[v] for v in touched(function, binds=True) if v not in own})
    if outer:
        body.append(ast.Nonlocal(outer))
    body += inner.body()
    written_as = returns(function, emitter.header)
    return [ast.FunctionDef(name, arguments, body or [ast.Pass()], [], written_as)]


def lambda_expression(emitter: Emitter, op: Op) -> ast.expr:
    """``lambda …: value``"""
    answer = emitter.plan.nested[op].as_lambda()
    assert answer is not None
    defaults = [emitter.expression(arg) for arg in op.args]
    arguments = signature(op.attribute, emitter.header, defaults)
    return ast.Lambda(arguments, _inner(emitter, op).expression(answer))


def _inner(emitter: Emitter, op: Op) -> Emitter:
    return type(emitter)(op.attribute, emitter.header, emitter.plan.nested[op], emitter.scope)


def pullback(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """``def pullback(y_bar): …``, which sees the variables of the function around it."""
    function: Function = op.attribute
    given = {value: emitter.namer.names[value] for value in op.args if isinstance(value, Value)}
    inner = type(emitter)(function, emitter.header, given=given, numbers=emitter.numbers)
    taken = [ast.arg(inner.namer.names[p], None) for p in function.parameters]
    arguments = ast.arguments([], taken, None, [], [], None, [])
    name = emitter.namer.names[op.result]
    return [ast.FunctionDef(name, arguments, inner.body(), [], None)]
