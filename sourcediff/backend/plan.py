"""Decide which values get a variable, and which fold back into the expression that uses them.

A value that the user named keeps its own statement. A temporary that is read once is written
where it is read, unless an effect stands in between that it could be seen to cross.
"""

from __future__ import annotations

from collections.abc import Iterator

from sourcediff.frontend.primitives import (
    BOUND,
    FORMAT,
    GETATTR,
    GETITEM,
    LOAD,
    NARROWED,
    PURE_CALL,
    TUPLE,
    YIELDED,
)
from sourcediff.ir import IF, Atom, Function, Op, Region, Value, walk

__all__ = ["Plan"]

#: An expression is nested at most this deep, and derivative code at most this long.
MAX_DEPTH = 24
MAX_WEIGHT = 14

_INLINE = (LOAD, GETITEM, GETATTR, NARROWED)
_FREE_SIZE = (TUPLE, FORMAT, PURE_CALL)


class Plan:
    """What is folded, and which branches are conditional expressions or end in a return.

    folded     values written where they are read
    ternary    branches printed as an expression
    returning  branches whose arms end in a return statement
    """

    def __init__(self, function: Function) -> None:
        self.function = function
        self.definitions: dict[Value, Op] = {}
        self.uses: dict[Value, int] = {}
        self.folded: set[Value] = set()
        self.ternary: set[Op] = set()
        self.returning: set[Op] = set()
        self._depth: dict[Value, int] = {}
        self._weight: dict[Value, int] = {}
        for op in walk(function.body):
            for result in op.results:
                self.definitions[result] = op
            for arg in op.args:
                self._use(arg)
            for region in op.regions:
                for atom in region.results or ():
                    self._use(atom)
        for atom in function.body.results or ():
            self._use(atom)
        self._region(function.body, is_body=True)

    def _use(self, atom: Atom) -> None:
        if isinstance(atom, Value):
            self.uses[atom] = self.uses.get(atom, 0) + 1

    # Folding ------------------------------------------------------------------------------

    def _region(self, region: Region, is_body: bool = False) -> None:
        """Decide for the operations of a region, innermost regions first."""
        consumer: dict[Value, int] = {}
        effects = [0]
        for place, op in enumerate(region.ops):
            for inner in op.regions:
                self._region(inner)
            effects.append(effects[-1] + self._has_effect(op))
            for arg in op.args:
                if isinstance(arg, Value):
                    consumer[arg] = place
        end = len(region.ops)
        for atom in region.results or ():
            if isinstance(atom, Value):
                consumer[atom] = end
        answer = region.results[0] if is_body and region.results else None
        for place, op in enumerate(region.ops):
            if op.primitive is IF:
                if self._as_expression(op):
                    self.ternary.add(op)
                else:
                    continue
            if len(op.results) != 1:
                continue
            value = op.result
            if op.primitive in _INLINE and not _is_named(value):
                self._fold(op, value)
                continue
            if op.primitive in (LOAD, NARROWED):
                self._fold(op, value)
                continue
            if op.primitive.effect or self.uses.get(value, 0) != 1 or value not in consumer:
                continue
            if _is_named(value) and value is not answer:
                continue
            if not self._may_move(op, effects[consumer[value]] - effects[place + 1]):
                continue
            if self._fits(op):
                self._fold(op, value)
        if is_body:
            self._tail(region)

    def _fold(self, op: Op, value: Value) -> None:
        self.folded.add(value)
        inner = [a for a in op.args if a in self.folded and isinstance(a, Value)]
        for region in op.regions:
            inner.extend(a for a in region.results or () if a in self.folded)
        self._depth[value] = 1 + max((self._depth[a] for a in inner), default=0)
        self._weight[value] = 1 + sum(self._weight[a] for a in inner)

    def _fits(self, op: Op) -> bool:
        inner = [a for a in op.args if a in self.folded and isinstance(a, Value)]
        if max((self._depth[a] for a in inner), default=0) >= MAX_DEPTH:
            return False
        weight = sum(self._weight[a] for a in inner)
        return op.order == 0 or op.primitive in _FREE_SIZE or weight < MAX_WEIGHT

    def _has_effect(self, op: Op) -> bool:
        return op.primitive.effect or any(
            inner.primitive.effect for r in op.regions for inner in walk(r)
        )

    def _may_move(self, op: Op, effects_between: int) -> bool:
        return effects_between == 0 or not self.may_raise(op)

    def may_raise(self, op: Op) -> bool:
        """Whether evaluating an operation, with all that is folded into it, may raise."""
        if op.primitive.raises or any(o.primitive.raises for r in op.regions for o in walk(r)):
            return True
        return any(
            self.may_raise(self.definitions[a])
            for a in op.args
            if isinstance(a, Value) and a in self.folded
        )

    # Branches -----------------------------------------------------------------------------

    def _as_expression(self, op: Op) -> bool:
        """Whether a branch can be written as one expression."""
        if op.attribute == "statement" or len(op.results) != 1:
            return False
        for region in op.regions:
            if region.results is None:
                return False
            for inner in region.ops:
                if inner.primitive is IF:
                    if inner not in self.ternary:
                        return False
                elif inner.primitive.effect or len(inner.results) != 1:
                    return False
                if inner.result in self.folded:
                    continue
                transparent = inner.primitive is YIELDED or inner.order > 0
                if not transparent or self.uses.get(inner.result, 0) != 1:
                    return False
                self._fold(inner, inner.result)
            (result,) = region.results
            if isinstance(result, Value) and self._depth.get(result, 0) >= MAX_DEPTH:
                return False
        return True

    def _tail(self, body: Region) -> None:
        """Mark the branches at the end of the function whose arms can return on their own."""
        if not body.ops or body.results is None:
            return
        last = self._last_statement(body)
        if last is None or last.primitive is not IF or last in self.ternary:
            return
        answer = set(self.answer_parts(body.results[0]))
        if not answer or not answer <= {*last.results, *self._outside(body, last)}:
            return
        if not set(last.results) <= answer or any(self.uses[r] != 1 for r in last.results):
            return
        nested = any(self._nested(r) for r in last.regions)
        if len(last.results) > 1 and not nested:
            return
        self._mark(last)

    def _outside(self, body: Region, last: Op) -> set[Value]:
        """The values that are there before the last statement."""
        values = set(self.function.parameters)
        for op in body.ops:
            if op is last:
                break
            values.update(op.results)
        return values

    def answer_parts(self, atom: Atom) -> Iterator[Value]:
        """The values that a result is made of: itself, or the items of a folded tuple."""
        if isinstance(atom, Value):
            definition = self.definitions.get(atom)
            if definition is not None and definition.primitive is TUPLE and atom in self.folded:
                for item in definition.args:
                    yield from self.answer_parts(item)
            else:
                yield atom

    def _last_statement(self, region: Region) -> Op | None:
        for op in reversed(region.ops):
            if not op.results or any(r not in self.folded for r in op.results):
                return op
        return None

    def _nested(self, region: Region) -> bool:
        return any(op.primitive is IF and op not in self.ternary for op in region.ops)

    def _mark(self, op: Op) -> None:
        self.returning.add(op)
        for region in op.regions:
            if region.results is None:
                continue
            for atom in region.results:
                definition = self.definitions.get(atom) if isinstance(atom, Value) else None
                if (
                    definition is not None
                    and definition in region.ops
                    and definition.primitive not in (IF, BOUND)
                    and not definition.primitive.effect
                    and self.uses[definition.result] == 1
                    and definition.result.name is None
                    and definition.result not in self.folded
                    and len(op.results) == 1
                    and self._nothing_after(region, definition)
                ):
                    self._fold(definition, definition.result)
            last = self._last_statement(region)
            if last is not None and last.primitive is IF and last not in self.ternary:
                parts = {a for a in region.results if isinstance(a, Value)}
                if set(last.results) <= parts and all(self.uses[r] == 1 for r in last.results):
                    self._mark(last)

    def _nothing_after(self, region: Region, definition: Op) -> bool:
        place = list(region.ops).index(definition)
        return not any(self._has_effect(op) for op in region.ops[place + 1 :])

    def returned(self) -> Value | None:
        """What the user's function returns, where the derivative still computes it."""
        returned: Value | None = self.function.origin.returned
        return returned

    # Reading ------------------------------------------------------------------------------

    def leaves(self, atom: Atom) -> Iterator[Value]:
        """The variables that evaluating an atom reads."""
        if not isinstance(atom, Value):
            return
        if atom not in self.folded:
            yield atom
            return
        yield from self.operands(self.definitions[atom])

    def operands(self, op: Op) -> Iterator[Value]:
        """The variables that evaluating an operation reads, where it is no statement branch."""
        for arg in op.args:
            yield from self.leaves(arg)
        for region in op.regions:
            for inner in region.results or ():
                yield from self.leaves(inner)

    def statements(self, region: Region) -> Iterator[Op]:
        """The operations of a region that are statements of their own."""
        for op in region.ops:
            if op.results and all(r in self.folded for r in op.results):
                continue
            yield op


def _is_named(value: Value) -> bool:
    return value.name is not None or value.adjoint_of is not None
