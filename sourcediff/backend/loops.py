"""Loops that are statements, and the copies of what they carry."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sourcediff.backend.assignments import target
from sourcediff.backend.conditions import as_test, negated
from sourcediff.backend.copies import copies
from sourcediff.backend.flow import body_of, otherwise
from sourcediff.ir import BREAK, CONTINUE, LOOPS, Op, Region

if TYPE_CHECKING:
    from sourcediff.backend.emit import Emitter

__all__ = ["for_loop", "while_loop"]


def for_loop(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """A ``for``, with the copies around it."""
    flow = emitter.namer.flow
    before = copies(emitter, flow.entry[op])
    iterable = emitter.expression(op.args[0])
    bound = target(emitter, op.regions[0].parameters[0])
    body = _turn(emitter, op)
    orelse, after = _leaving(emitter, op)
    emitter.last_comment = None
    loop = ast.For(bound, iterable, body or [ast.Pass()], orelse, None)
    return [*before, loop, *after]


def _turn(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """The statements of the body, and the copies for the next turn."""
    body = body_of(op)
    emitter.last_comment = None
    emitter.bound |= _bound_in(emitter, op)
    statements = emitter.block(body)
    if body.results is not None:
        statements += copies(emitter, emitter.namer.flow.turn[op])
    return statements


def _bound_in(emitter: Emitter, op: Op) -> set[str]:
    """The names that a loop may bind."""
    found: set[str] = set()
    pending = [*op.regions]
    names = emitter.namer.names
    while pending:
        region = pending.pop()
        found.update(names[p] for p in region.parameters if p in names)
        for inner in region.ops:
            found.update(names[r] for r in inner.results if r in names)
            pending += inner.regions
    return found


def _leaving(emitter: Emitter, op: Op) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """What is done where the loop ends on its own: under ``else``, or after it."""
    flow = emitter.namer.flow
    statements = copies(emitter, flow.exit[op])
    other = otherwise(op)
    if other is not None:
        emitter.last_comment = None
        statements += emitter.block(other)
        if other.results is not None:
            statements += copies(emitter, flow.last[op])
        return statements, []
    return (statements, []) if op in flow.broken else ([], statements)


def while_loop(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """A ``while``; what cannot stand in its test goes into the body, before a ``break``."""
    flow = emitter.namer.flow
    test_region = op.regions[0]
    before = copies(emitter, flow.entry[op])
    emitter.bound |= _bound_in(emitter, op)
    if op in emitter.plan.expressions:
        test = _test(emitter, op)
        body = [*copies(emitter, flow.entered[op]), *_turn(emitter, op)]
        orelse, after = _leaving(emitter, op)
        emitter.last_comment = None
        return [*before, ast.While(test, body or [ast.Pass()], orelse), *after]
    emitter.last_comment = None
    head = emitter.block(test_region)
    if test_region.results is None:
        return [*before, ast.While(ast.Constant(True), head, [])]
    test = _test(emitter, op)
    orelse, after = _leaving(emitter, op)
    ending: list[ast.stmt] = [*orelse]
    flag = None
    if op in flow.broken:
        other = otherwise(op)
        if other is not None and _jumps_out(other):
            flag = emitter.fresh("exhausted")
            ending = [ast.Assign([ast.Name(flag, ast.Store())], ast.Constant(True))]
            before.append(ast.Assign([ast.Name(flag, ast.Store())], ast.Constant(False)))
            after = [ast.If(ast.Name(flag, ast.Load()), orelse, [])]
    elif orelse:
        # Nothing breaks out of the loop, so that what is in the else arm follows it.
        ending, after = [], orelse
    elif after:
        pass
    if not ending or not isinstance(ending[-1], ast.Return | ast.Raise):
        ending.append(ast.Break())
    stop = ast.If(negated(test), ending, [])
    entered = copies(emitter, flow.entered[op])
    body = _turn(emitter, op)
    emitter.last_comment = None
    return [*before, ast.While(ast.Constant(True), [*head, stop, *entered, *body], []), *after]


def _test(emitter: Emitter, op: Op) -> ast.expr:
    results = op.regions[0].results
    return as_test(emitter.expression(results[0])) if results else ast.Constant(True)


def _jumps_out(region: Region) -> bool:
    """Whether a region has a break or continue of a loop around it."""
    for op in region.ops:
        if op.primitive in (BREAK, CONTINUE):
            return True
        inner = op.regions[1:] if op.primitive in LOOPS else op.regions
        if any(map(_jumps_out, inner)):
            return True
    return False
