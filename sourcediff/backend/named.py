"""Assignments within expressions: ``(n := e)``, written where the user wrote them.

Such an assignment has two results: the variable, and what the expression is. The second is always
folded: into the assignment, if that stands in the expression, or else into the name of the
variable, the assignment being a statement before.

>>> from sourcediff.types import REAL
>>> x, n, v = Value(REAL, "x"), Value(REAL, "n"), Value(REAL)
>>> is_named_expression(Op(ASSIGN, (x, x), (n, v), attribute="walrus"))
True
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sourcediff.backend.operands import JUMPS
from sourcediff.ir import FOR, IF, LOOPS, WHILE, Atom, Op, Region, Value
from sourcediff.memory import ASSIGN

if TYPE_CHECKING:
    from sourcediff.backend.plan import Plan

__all__ = ["is_named_expression", "misplaced", "side_results"]


def is_named_expression(op: Op) -> bool:
    """Whether an operation is ``(n := e)``."""
    return op.primitive is ASSIGN and op.attribute == "walrus"


def side_results(plan: Plan, op: Op) -> tuple[Value, ...]:
    """The variables that an expression with branches binds on some of its paths."""
    return op.results[1:] if op.primitive is IF and op in plan.ternary else ()


def misplaced(plan: Plan) -> set[Op]:
    """The assignments within expressions of a plan that have to be statements after all.

    Those in expressions whose place in the text is not the one that they have in the IR: what is
    handed on at the end of a region, or to a loop.
    """
    found = {op for op in plan.named if op not in plan.standing}
    if found:
        found -= set(_met(plan, plan.function.body))
        results = plan.function.body.results or ()
        found -= set(_inside(plan, results))
    return found


def _met(plan: Plan, region: Region) -> Iterator[Op]:
    for op in plan.statements(region):
        yield from _inside(plan, _evaluated(plan, op))
        if op in plan.comprehensions:
            yield from _in_comprehension(plan, op)
            continue
        if op in plan.ternary:
            yield from _in_arms(plan, op)
            continue
        for inner in op.regions:
            yield from _met(plan, inner)
        if op.primitive is WHILE:
            yield from _inside(plan, (op.regions[0].results or ())[:1])


def _evaluated(plan: Plan, op: Op) -> tuple[Atom, ...]:
    """What a statement evaluates where it stands."""
    if op.primitive in JUMPS or op.primitive is WHILE:
        return ()
    if op.primitive is FOR:
        return op.args[:1]
    return tuple(plan.reads(op))


def _inside(plan: Plan, atoms: tuple[Atom, ...]) -> Iterator[Op]:
    for atom in atoms:
        if not isinstance(atom, Value) or atom not in plan.folded:
            continue
        op = plan.definitions[atom]
        if is_named_expression(op):
            if op in plan.standing:
                continue
            yield op
        if op.primitive in LOOPS:
            yield from _inside(plan, op.args[:1])
            yield from _in_comprehension(plan, op)
            continue
        yield from _inside(plan, tuple(plan.reads(op)))
        if op in plan.ternary:
            yield from _in_arms(plan, op)


def _in_comprehension(plan: Plan, op: Op) -> Iterator[Op]:
    found = plan.comprehensions[op]
    if found.binds:
        yield from _inside(plan, tuple(found.inner()))


def _in_arms(plan: Plan, op: Op) -> Iterator[Op]:
    for region in op.regions:
        yield from _inside(plan, (region.results or ())[:1])
