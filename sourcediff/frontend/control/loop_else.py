"""The ``else`` of a loop that returns: an ``if`` behind the loop, since no region of one returns.

A variable says whether the loop was left by break, if it has a break at all:

    for …:              left = False
        …               for …:
        break               …
    else:                   left = True; break
        return x        if not left:
                            return x
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from sourcediff.frontend.control.joins import FALLS, Outcome
from sourcediff.frontend.control.leaving import Body
from sourcediff.frontend.frames import Key, named_after
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.source import own_nodes

__all__ = ["left_by_break", "returns_from_else", "then_else"]


def returns_from_else(lowering: Lowering, node: ast.For | ast.While) -> bool:
    """Whether the ``else`` of a loop returns, and does not thereby leave a loop further out."""
    if not node.orelse or lowering.flat:
        return False
    if lowering.loops and lowering.loops[-1].frame is lowering.frame:
        return False
    holder = ast.Module(body=node.orelse, type_ignores=[])
    return any(isinstance(n, ast.Return) for n in own_nodes(holder))


def left_by_break(lowering: Lowering, node: ast.For | ast.While) -> Key | None:
    """The variable that says whether a loop was left by break; None if it has no break."""
    if not any(isinstance(n, ast.Break) for n in _own_jumps(node.body)):
        return None
    return lowering.frame, named_after("left")


def _own_jumps(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that break and continue may be of, for the loop around these."""
    for statement in statements:
        yield statement
        if isinstance(statement, ast.For | ast.While):
            yield from _own_jumps(statement.orelse)
        elif not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for child in ast.iter_child_nodes(statement):
                if isinstance(child, ast.stmt):
                    yield from _own_jumps([child])
                elif isinstance(child, ast.match_case | ast.ExceptHandler):
                    yield from _own_jumps(child.body)


def then_else(
    lowering: Lowering, node: ast.For | ast.While, outcome: Outcome, left: Key | None, rest: Body
) -> Outcome:
    """What comes after the turns of a loop: its ``else``, unless it was left by break."""
    from sourcediff.frontend.control.statements import lower_block

    def otherwise() -> Outcome:
        return lower_block(lowering, node.orelse)

    def after() -> Outcome:
        if left is None:
            return lowering.proceed(otherwise(), rest)
        broke = lowering.variables.get(*left)
        assert broke is not None
        lowering.variables.set(left, None)
        return lowering.branch(broke, lambda: FALLS, otherwise, rest)

    return lowering.proceed(outcome, after)
