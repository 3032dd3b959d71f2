"""Statements by which control leaves: return, break, continue, raise, and checks that may raise."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sourcediff.backend.copies import copies
from sourcediff.backend.signature import annotation
from sourcediff.frontend.primitives import BOUND
from sourcediff.ir import UNDEFINED, Const, Op, Region, Value, Variable

if TYPE_CHECKING:
    from sourcediff.backend.emit import Emitter

__all__ = [
    "assertion",
    "bound",
    "break_statement",
    "continue_statement",
    "declarations",
    "declared",
    "raise_statement",
    "read",
    "required",
    "return_statement",
    "returned",
]


def returned(emitter: Emitter, body: Region) -> list[ast.stmt]:
    """The return at the end of a function; nothing where control falls off the end."""
    assert body.results is not None
    (atom,) = body.results
    if isinstance(atom, Const) and atom.value is None:
        if body.site is None or not emitter.plan.faithful:
            return []
        if body.site.text == "return":
            return [ast.Return(None)]
    return [*emitter.comment_of(emitter.site_of(atom)), ast.Return(emitter.expression(atom))]


def return_statement(emitter: Emitter, op: Op) -> list[ast.stmt]:
    (atom,) = op.args
    if isinstance(atom, Const) and atom.value is None:
        if op.site is not None and op.site.text.strip() == "return":
            return [ast.Return(None)]
    return [ast.Return(emitter.expression(atom))]


def break_statement(emitter: Emitter, op: Op) -> list[ast.stmt]:
    return [*copies(emitter, emitter.namer.flow.jumps[op]), ast.Break()]


def continue_statement(emitter: Emitter, op: Op) -> list[ast.stmt]:
    return [*copies(emitter, emitter.namer.flow.jumps[op]), ast.Continue()]


def raise_statement(emitter: Emitter, op: Op) -> list[ast.stmt]:
    if not op.args:
        return [ast.Raise(None, None)]
    exception, *cause = map(emitter.expression, op.args)
    return [ast.Raise(exception, cause[0] if cause else None)]


def assertion(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """``assert test, message``, whose message is evaluated only where the test fails."""
    test = emitter.expression(op.args[0])
    if not op.regions:
        return [ast.Assert(test, None)]
    (region,) = op.regions
    assert region.results is not None
    above = emitter.block(region)
    message = emitter.expression(region.results[0])
    if not above:
        return [ast.Assert(test, message)]
    failure = ast.Call(ast.Name("AssertionError", ast.Load()), [message], [])
    return [ast.If(ast.UnaryOp(ast.Not(), test), [*above, ast.Raise(failure, None)], [])]


def bound(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """The check that a name is bound: reading it is one, where nothing else may have bound it."""
    (source,) = op.args
    name = op.attribute
    text = _NOT_BOUND.format(name)
    if source is UNDEFINED:
        own = any(v.name == name for v in emitter.namer.names)
        if emitter.plan.faithful and own and name not in emitter.bound:
            return [ast.Expr(ast.Name(name, ast.Load()))]
        call = ast.Call(ast.Name("UnboundLocalError", ast.Load()), [ast.Constant(text)], [])
        return [ast.Raise(call, None)]
    target = emitter.namer.names.get(op.result) if op.results else None
    wanted = target is not None and emitter.plan.uses.get(op.result, 0) > 0
    renamed = wanted and emitter.variable(source) != target
    statements: list[ast.stmt] = []
    if source in emitter.namer.initialised:
        statements = [raise_if_none(emitter.expression(source), "UnboundLocalError", text)]
    if renamed and not (op.results and op.result in emitter.plan.folded):
        statements.append(emitter.assign(op.result, emitter.expression(source)))
    return statements or [ast.Expr(emitter.expression(source))]


def read(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """A variable that is read to see whether it is bound; where nothing binds it, it is not."""
    variable: Variable = op.attribute
    if variable in emitter.scope.bound:
        return [ast.Expr(emitter.operation(op))]
    if variable in emitter.function.variables:
        text = _NOT_BOUND.format(variable.name)
        error = "UnboundLocalError"
    else:
        text = (
            f"cannot access free variable {variable.name!r} where it is not associated with "
            "a value in enclosing scope"
        )
        error = "NameError"
    call = ast.Call(ast.Name(error, ast.Load()), [ast.Constant(text)], [])
    return [ast.Raise(call, None)]


_NOT_BOUND = "cannot access local variable {!r} where it is not associated with a value"


def declarations(emitter: Emitter, statements: list[ast.stmt]) -> list[ast.stmt]:
    """Names that are read to see whether they are bound and that nothing binds: they are local."""
    read = {
        emitter.namer.names.get(op.args[0], ""): None
        for op in emitter.plan.definitions.values()
        if op.primitive is BOUND and isinstance(op.args[0], Value)
    }
    if not read:
        return []
    bound = {p.name for p in emitter.function.parameters}
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                bound.add(node.id)
            elif isinstance(node, ast.FunctionDef):
                bound.add(node.name)
    return [
        ast.AnnAssign(ast.Name(name, ast.Store()), ast.Name("float", ast.Load()), None, 1)
        for name in read
        if name and name not in bound
    ]


def declared(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """``x: float``, unless that would hide something outside that the text refers to."""
    assert op.site is not None and op.site.annotated is not None
    name, node = op.site.annotated
    if name in emitter.namer.reserved:
        return []
    written = annotation(node, emitter.function, emitter.header)
    if written is None:
        return []
    return [ast.AnnAssign(ast.Name(name, ast.Store()), written, None, 1)]


def required(emitter: Emitter, op: Op) -> list[ast.stmt]:
    value = emitter.expression(op.args[0])
    what = value.id if isinstance(value, ast.Name) else "it"
    return [raise_if_none(value, "TypeError", f"{what} is None")]


def raise_if_none(value: ast.expr, error: str, message: str) -> ast.stmt:
    """``if value is None: raise error(message)``"""
    call = ast.Call(ast.Name(error, ast.Load()), [ast.Constant(message)], [])
    missing = ast.Compare(value, [ast.Is()], [ast.Constant(None)])
    return ast.If(missing, [ast.Raise(call, None)], [])
