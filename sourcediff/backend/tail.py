"""The branches at the end of a derivative whose arms return on their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sourcediff.frontend.primitives import BOUND, TUPLE
from sourcediff.ir import IF, LOOPS, Atom, Op, Region, Value, walk

if TYPE_CHECKING:
    from sourcediff.backend.plan import Plan

__all__ = ["mark_returning"]


def mark_returning(plan: Plan) -> None:
    """Mark the branches at the end of the function whose arms can return on their own."""
    body = plan.function.body
    if not body.ops or body.results is None:
        return
    last = _last_statement(plan, body)
    if last is None or last.primitive is not IF or last in plan.ternary or not last.results:
        return
    answer = set(_answer_parts(plan, body.results[0]))
    if not answer or not answer <= {*last.results, *_outside(plan, body, last)}:
        return
    if not set(last.results) <= answer or any(plan.uses[r] != 1 for r in last.results):
        return
    nested = any(_nested(plan, r) for r in last.regions)
    own = getattr(plan.function.origin, "function", None) is not None
    if len(last.results) > 1 and not nested and own:
        return
    _mark(plan, last)


def _outside(plan: Plan, body: Region, last: Op) -> set[Value]:
    """The values that are there before the last statement."""
    values = set(plan.function.parameters)
    for op in body.ops:
        if op is last:
            break
        values.update(op.results)
    return values


def _answer_parts(plan: Plan, atom: Atom) -> Iterator[Value]:
    """The values that a result is made of: itself, or the items of a folded tuple."""
    if isinstance(atom, Value):
        definition = plan.definitions.get(atom)
        if definition is not None and definition.primitive is TUPLE and atom in plan.folded:
            for item in definition.args:
                yield from _answer_parts(plan, item)
        else:
            yield atom


def _last_statement(plan: Plan, region: Region) -> Op | None:
    for op in reversed(region.ops):
        if not op.results or any(r not in plan.folded for r in op.results):
            return op
    return None


def _nested(plan: Plan, region: Region) -> bool:
    return any(op.primitive is IF and op not in plan.ternary for op in region.ops)


def _mark(plan: Plan, op: Op) -> None:
    plan.returning.add(op)
    for region in op.regions:
        if region.results is None:
            continue
        for atom in region.results:
            definition = plan.definitions.get(atom) if isinstance(atom, Value) else None
            if (
                definition is not None
                and len(definition.results) == 1
                and definition in region.ops
                and definition.primitive not in (IF, BOUND, *LOOPS)
                and not definition.primitive.effect
                and plan.uses[definition.result] == 1
                and definition.result.name is None
                and definition.result not in plan.folded
                and len(op.results) == 1
                and _nothing_after(region, definition)
            ):
                plan.folded.add(definition.result)
        last = _last_statement(plan, region)
        if last is not None and last.primitive is IF and last not in plan.ternary:
            parts = {a for a in region.results if isinstance(a, Value)}
            if set(last.results) <= parts and all(plan.uses[r] == 1 for r in last.results):
                _mark(plan, last)


def _nothing_after(region: Region, definition: Op) -> bool:
    place = list(region.ops).index(definition)
    return not any(_has_effect(op) for op in region.ops[place + 1 :])


def _has_effect(op: Op) -> bool:
    return op.primitive.effect or any(
        inner.primitive.effect for r in op.regions for inner in walk(r)
    )
