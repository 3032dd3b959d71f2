"""``try``, and ``with contextlib.suppress(…)``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sourcediff.ir import Handler, Op, Region, TrySpec, Value, free_values, walk

if TYPE_CHECKING:
    from sourcediff.backend.emit import Emitter

__all__ = ["try_statement"]


def try_statement(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """A try statement."""
    spec: TrySpec = op.attribute
    body, *rest = op.regions
    statements = _block(emitter, body)
    if spec.suppress is not None:
        (handler,) = spec.handlers
        classes: list[ast.expr] = [emitter.header.reference(ref) for ref in handler.refs]
        context = ast.Call(emitter.header.reference(spec.suppress), classes, [])
        return [ast.With([ast.withitem(context, None)], statements)]
    handlers = []
    for handler, region in zip(spec.handlers, rest, strict=False):
        handlers.append(_handler(emitter, handler, region))
    place = len(spec.handlers)
    orelse: list[ast.stmt] = []
    finalbody: list[ast.stmt] = []
    if spec.has_else:
        orelse = _block(emitter, rest[place])
        place += 1
    held: list[ast.stmt] = []
    if spec.has_finally:
        held, finalbody = _finally(emitter, op, rest[place])
    emitter.last_comment = None
    return [*held, ast.Try(statements, handlers, orelse, finalbody)]


def _block(emitter: Emitter, region: Region) -> list[ast.stmt]:
    emitter.last_comment = None
    return emitter.block(region) or [ast.Pass()]


def _finally(emitter: Emitter, op: Op, region: Region) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The statements before the whole, and those of ``finally``.

    A continue in the body has given the variables of the loop their values for the next turn
    when ``finally`` reads those of this one: it reads them under another name.
    """
    flow, names = emitter.namer.flow, emitter.namer.names
    overwritten: dict[Value, None] = {}
    for inner in op.regions[:-1]:
        for jump in walk(inner):
            for target, source in flow.jumps.get(jump, ()):
                if target is not source and emitter.variable(source) != names.get(target):
                    overwritten[target] = None
    read = free_values(region) if overwritten else {}
    held: list[ast.stmt] = []
    saved = dict(emitter.renamed)
    for value in overwritten:
        if value in read:
            other = Value(value.type)
            names[other] = emitter.fresh(f"{names[value]}_before")
            held.append(emitter.assign(other, emitter.expression(value)))
            emitter.renamed[value] = other
    statements = _block(emitter, region)
    emitter.renamed = saved
    return held, statements


def _handler(emitter: Emitter, handler: Handler, region: Region) -> ast.ExceptHandler:
    caught: ast.expr | None = None
    if handler.classes is not None:
        classes = [emitter.header.reference(ref) for ref in handler.refs]
        caught = classes[0] if len(classes) == 1 else ast.Tuple(classes, ast.Load())
    name = None
    if handler.variable is not None:
        name = emitter.scope.names[handler.variable]
    elif region.parameters:
        name = emitter.namer.names.get(region.parameters[0])
    return ast.ExceptHandler(caught, name, _block(emitter, region))
