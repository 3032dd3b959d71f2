"""``try``, and ``with contextlib.suppress(…)``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sourcediff.ir import Handler, Op, Region, TrySpec

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
    orelse = finalbody = []
    if spec.has_else:
        orelse = _block(emitter, rest[place])
        place += 1
    if spec.has_finally:
        finalbody = _block(emitter, rest[place])
    emitter.last_comment = None
    return [ast.Try(statements, handlers, orelse, finalbody)]


def _block(emitter: Emitter, region: Region) -> list[ast.stmt]:
    emitter.last_comment = None
    return emitter.block(region) or [ast.Pass()]


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
