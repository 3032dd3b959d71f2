"""Loops that are written as expressions: ``[e for x in xs if t]``, ``any(t for x in xs)``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sourcediff.backend.assignments import target
from sourcediff.ir import Atom, Op, Value

if TYPE_CHECKING:
    from sourcediff.backend.emit import Emitter

__all__ = ["comprehension", "given"]


def comprehension(emitter: Emitter, op: Op, lazy: bool = False) -> ast.expr:
    """A loop as an expression.

    Args:
        lazy: whether what reads it takes its items one by one.
    """
    found = emitter.plan.comprehensions[op]
    clauses = []
    for loop, filters in found.clauses:
        iterable = emitter.expression(loop.args[0])
        bound = target(emitter, loop.regions[0].parameters[0])
        clauses.append(
            ast.comprehension(bound, iterable, [emitter.expression(f) for f in filters], 0)
        )
    element = [emitter.expression(atom) for atom in found.element()]
    if found.kind == "dict":
        key, value = element
        return ast.DictComp(key, value, clauses)
    (item,) = element
    if found.kind in ("any", "all"):
        generator = ast.GeneratorExp(item, clauses)
        return ast.Call(ast.Name(found.kind, ast.Load()), [generator], [])
    if found.kind == "set":
        return ast.SetComp(item, clauses)
    return ast.GeneratorExp(item, clauses) if lazy else ast.ListComp(item, clauses)


def given(emitter: Emitter, atom: Atom) -> ast.expr:
    """An argument of a call, which may be a generator."""
    if isinstance(atom, Value) and atom in emitter.plan.folded:
        op = emitter.plan.definitions[atom]
        found = emitter.plan.comprehensions.get(op)
        if found is not None and found.kind == "generator":
            return comprehension(emitter, op, lazy=True)
    return emitter.expression(atom)
