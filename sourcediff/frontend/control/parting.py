"""Branches that leave unlike arrays behind: what follows is lowered in each arm again.

An assignment of a conditional expression is one of them, as a statement:

    w = 1.0 if k is None else k * x     →     if k is None:
                                                  w = 1.0
                                              else:
                                                  w = k * x
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sourcediff.frontend.lowering import Lowering

__all__ = ["as_branch", "is_parted", "parting"]


def as_branch(node: ast.Assign) -> ast.If:
    """The statement that an assignment of a conditional expression is; the tree keeps it."""
    found: ast.If | None = getattr(node, "as_branch", None)
    if found is None:
        value: Any = node.value
        arms: list[list[ast.stmt]] = [
            [ast.copy_location(ast.Assign(node.targets, one), node)]
            for one in (value.body, value.orelse)
        ]
        found = ast.copy_location(ast.If(value.test, arms[0], arms[1]), node)
        found.of_expression = True  # type: ignore[attr-defined]
        node.as_branch = found  # type: ignore[attr-defined]
    return found


def is_parted(lowering: Lowering, node: ast.stmt) -> bool:
    """Whether what follows a branch is lowered in each of its arms."""
    return (*lowering.path, node) in lowering.memo.parted


@contextmanager
def parting(lowering: Lowering, node: ast.If) -> Iterator[None]:
    """Lower a branch which is to be lowered again with what follows if its arms are unlike."""
    may_part = not (lowering.faithful or lowering.flat or lowering.loops)
    lowering.branches.append((*lowering.path, node) if may_part else None)
    try:
        yield
    finally:
        lowering.branches.pop()
