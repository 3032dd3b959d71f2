"""Values handed on under another name, where the names differ: one assignment, or one of tuples."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sourcediff.backend.flow import Pair
from sourcediff.backend.operators import AUGMENTED
from sourcediff.backend.signs import signed
from sourcediff.ir import DEAD, UNDEFINED, Atom, Const, Value

if TYPE_CHECKING:
    from sourcediff.backend.emit import Emitter

__all__ = ["copies"]


def copies(emitter: Emitter, pairs: Iterable[Pair]) -> list[ast.stmt]:
    """Assign to each value's variable what it is handed, all read before any is bound."""
    names, initialised = emitter.namer.names, emitter.namer.initialised
    needed: list[tuple[str, Atom]] = []
    for target, atom in pairs:
        if (atom is UNDEFINED or atom is DEAD) and target not in initialised:
            continue
        name = names[target]
        if emitter.variable(atom) != name:
            needed.append((name, atom))
    written: set[str] = set()
    for name, atom in needed:
        if any(names.get(leaf) in written for leaf in emitter.plan.leaves(atom)):
            targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name, _ in needed]
            values = [emitter.expression(atom) for _, atom in needed]
            left, right = ast.Tuple(targets, ast.Store()), ast.Tuple(values, ast.Load())
            return [ast.Assign([left], right)]
        written.add(name)
    statements: list[ast.stmt] = []
    for name, atom in needed:
        statements += _copy(emitter, name, atom, statements)
    return statements


def _copy(emitter: Emitter, name: str, atom: Atom, before: Sequence[ast.stmt]) -> list[ast.stmt]:
    target = ast.Name(name, ast.Store())
    last = before[-1] if before else None
    if (
        isinstance(atom, Const)
        and isinstance(last, ast.Assign)
        and isinstance(last.value, ast.Constant)
        and atom.same_as(Const(last.value.value, atom.type))
    ):
        last.targets.append(target)  # a_bar = b_bar = 0.0
        return []
    comment = emitter.comment_of(emitter.site_of(atom))
    if isinstance(atom, Value) and atom in emitter.plan.folded:
        update = _folded_update(emitter, name, atom)
        if update is not None:
            return [*comment, update]
    return [*comment, ast.Assign([target], emitter.expression(atom))]


def _folded_update(emitter: Emitter, name: str, atom: Value) -> ast.stmt | None:
    op = emitter.plan.definitions[atom]
    operator = AUGMENTED.get(op.primitive.name)
    if operator is None or len(op.args) != 2 or emitter.variable(op.args[0]) != name:
        return None
    if op.result.type.kind == "Array":
        if op.order == 0 or not emitter.owned.may_change(op, op.args[0]):
            return None  # it would change an array that others may see
    added = ast.AugAssign(ast.Name(name, ast.Store()), operator(), emitter.expression(op.args[1]))
    return signed(added) if op.order > 0 else added
