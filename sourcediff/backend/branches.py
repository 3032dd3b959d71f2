"""Branches that are statements."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sourcediff.backend.attempts import attempt
from sourcediff.backend.conditions import as_test, negated
from sourcediff.backend.copies import copies
from sourcediff.backend.printer import Comment
from sourcediff.guards import is_guarded
from sourcediff.ir import Op, Region

if TYPE_CHECKING:
    from sourcediff.backend.emit import Emitter

__all__ = ["branch", "has_returned"]


def has_returned(emitter: Emitter, body: Region) -> bool:
    """Whether the last statement of a region returns in each of its arms."""
    last = list(emitter.plan.statements(body))[-1:]
    return bool(last) and last[0] in emitter.plan.returning


def branch(emitter: Emitter, op: Op) -> list[ast.stmt]:
    """An ``if``, with ``else`` where there is something in it."""
    if is_guarded(op):
        return attempt(emitter, op, arm)
    if emitter.plan.faithful:
        return _as_written(emitter, op)
    then, orelse = op.regions
    returning = op in emitter.plan.returning
    comment = emitter.last_comment
    bodies, at_ends = [], set()
    for region in (then, orelse):
        emitter.last_comment = comment
        bodies.append(arm(emitter, op, region))
        at_ends.add(emitter.last_comment)
    # What follows may go on with the statement that both arms are about.
    above = _drawn_out(bodies)
    same = len(at_ends) == 1 and (bool(above) or at_ends == {comment})
    emitter.last_comment = at_ends.pop() if same else None
    test = as_test(emitter.expression(op.args[0]))
    first, second = bodies
    ends_first = returning or then.results is None
    ends_second = returning or orelse.results is None
    if not first and not second:
        return []
    if not first or (ends_second and not ends_first):
        # The arm that ends goes first, as a guard clause.
        test = negated(test)
        first, second, ends_first = second, first, ends_second
    if ends_first:
        return [*above, ast.If(test, first, []), *second]
    return [*above, ast.If(test, first, second)]


def _drawn_out(bodies: list[list[ast.stmt]]) -> list[ast.stmt]:
    """The comment that both arms start with, which is said once, above them."""
    first, second = (body[0] if body else None for body in bodies)
    if not isinstance(first, Comment) or not isinstance(second, Comment):
        return []
    if first.text != second.text or min(map(len, bodies)) < 2:
        return []
    for body in bodies:
        del body[0]
    return [first]


def _as_written(emitter: Emitter, op: Op) -> list[ast.stmt]:
    test = emitter.expression(op.args[0])
    before = set(emitter.bound)
    first = arm(emitter, op, op.regions[0])
    after, emitter.bound = emitter.bound, before
    second = arm(emitter, op, op.regions[1])
    emitter.bound |= after
    return [ast.If(test, first or [ast.Pass()], second)]


def arm(emitter: Emitter, op: Op, region: Region) -> list[ast.stmt]:
    if op not in emitter.plan.returning or region.results is None:
        statements = emitter.block(region)
        if region.results is None:
            return statements
        return statements + copies(emitter, emitter.namer.flow.arms[region])
    saved = dict(emitter.renamed)
    # The results of this branch are read as what this arm yields.
    emitter.renamed.update(zip(op.results, region.results, strict=True))
    statements = emitter.block(region)
    if not has_returned(emitter, region):
        answer = emitter.function.body.results
        assert answer is not None
        sites = [s for atom in region.results if (s := emitter.site_of(atom)) is not None]
        statements += emitter.comment_of(sites[0] if sites else None)
        statements.append(ast.Return(emitter.expression(answer[0])))
    emitter.renamed = saved
    return statements
