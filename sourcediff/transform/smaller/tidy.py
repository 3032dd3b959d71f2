"""Tidy sums and products of derivative code: like terms meet, parentheses go.

Only operations that differentiation brought in, and operations of the user that nothing but
such code still needs, are rearranged here: ``(s - 0.5 * d) - 0.5 * d`` becomes ``s - d``, and
``a * (b * c)`` becomes ``a * b * c``. Products that are grouped for accuracy stay as they are.
"""

from __future__ import annotations

from typing import TypeGuard

from sourcediff.frontend.primitives import COPY
from sourcediff.guards import values_in_bodies
from sourcediff.ir import Atom, Const, Function, Op, Primitive, Region, Value, walk
from sourcediff.transform.adjoint.scaled import (
    ADD,
    DIV,
    GROUPED,
    MUL,
    NEG,
    SUB,
    ZERO,
    AdjointBuilder,
    Scaled,
    times,
)
from sourcediff.transform.arrays.code import is_array
from sourcediff.transform.lists.contents import slot_of
from sourcediff.transform.smaller.optimise import eliminate_dead
from sourcediff.types import COMPLEX, REAL, varies

__all__ = ["tidy"]

#: Sums are flattened this deep at most.
MAX_TERMS = 16


def tidy(function: Function) -> Function:
    """Combine like terms and flatten products; drop copies that are read once."""
    if function.order == 0:
        return function
    ops = list(walk(function.body))
    run = _Tidy({r: op for op in ops for r in op.results}, function.order)
    for op in ops:
        for arg in op.args:
            run.count(arg)
        for region in op.regions:
            for atom in region.results or ():
                run.count(atom)
    for atom in function.body.results or ():
        run.count(atom)
    run.half_done = values_in_bodies(function.body)
    tidied = function.with_body(run.region(function.body))
    if run.combined:  # what has met may now stand alone, and be folded into what reads it
        return tidy(eliminate_dead(tidied))
    return tidied


class _Tidy:
    def __init__(self, definitions: dict[Value, Op], order: int) -> None:
        self.definitions = definitions
        self.order = order
        self.uses: dict[Value, int] = {}
        self.renamed: dict[Value, Atom] = {}
        self.local: set[Value] = set()
        self.combined = False
        #: What the bodies of try statements make (see `_saves`).
        self.half_done: set[Value] = set()

    def _saves(self, op: Op) -> bool:
        """Whether a copy is of what a try body reads in a list: it cannot be kept elsewhere."""
        pending, met = list(op.args), set(op.args)
        while pending:
            atom = pending.pop()
            made = self.definitions.get(atom) if atom in self.half_done else None
            if made is None:
                continue
            if any(slot_of(arg) is not None for arg in made.args):
                return True
            pending += [arg for arg in made.args if arg not in met]
            met.update(made.args)
        return False

    def count(self, atom: Atom) -> None:
        if isinstance(atom, Value):
            self.uses[atom] = self.uses.get(atom, 0) + 1

    def read(self, atom: Atom) -> Atom:
        while isinstance(atom, Value) and atom in self.renamed:
            atom = self.renamed[atom]
        return atom

    def region(self, region: Region) -> Region:
        outer, self.local = self.local, set()
        ops: list[Op] = []
        for op in region.ops:
            args = tuple(map(self.read, op.args))
            regions = tuple(map(self.region, op.regions))
            if regions or any(a is not b for a, b in zip(args, op.args, strict=True)):
                op = op.replace(args=args, regions=regions)
            self.op(op, ops)
        self.local = outer
        results = region.results
        return region.replace(ops, None if results is None else tuple(map(self.read, results)))

    def op(self, op: Op, ops: list[Op]) -> None:
        self.local.update(op.results)
        for result in op.results:
            self.definitions[result] = op
        if op.order == self.order:
            if op.primitive is COPY and self.uses.get(op.result, 0) < 2 and not self._saves(op):
                self.renamed[op.result] = op.args[0]
                return
            if op.primitive in (ADD, SUB) and self._like_terms(op, ops):
                return
            turned = self._turned(op, ops)
            if not isinstance(turned, Op):
                self.renamed[op.result] = turned
                return
            op = turned
            for result in op.results:
                self.definitions[result] = op
        ops.append(op)

    def _free(self, atom: Atom) -> Op | None:
        """The operation behind an operand that only this operand reads, if it may be moved."""
        if not isinstance(atom, Value) or self.uses.get(atom, 0) != 1 or atom not in self.local:
            return None
        return None if atom.adjoint_of is not None else self.definitions.get(atom)

    # Like terms ---------------------------------------------------------------------------

    def _like_terms(self, op: Op, ops: list[Op]) -> bool:
        terms: list[tuple[float, Value]] = []
        signs = (1.0, -1.0 if op.primitive is SUB else 1.0)
        if not all(
            self._flatten(arg, sign, terms) for arg, sign in zip(op.args, signs, strict=True)
        ):
            return False
        distinct: dict[Value, float] = {}
        products: dict[frozenset[Atom], Value] = {}
        for coefficient, core in terms:
            made = self.definitions.get(core)
            if made is not None and made.primitive is MUL and core in self.local:
                core = products.setdefault(frozenset(made.args), core)  # a * b is b * a
            distinct[core] = distinct.get(core, 0.0) + coefficient
        if len(distinct) == len(terms):
            return False
        if is_array(op.result) and not all(distinct.values()):
            return False  # the shape of the sum may be that of a term which is gone
        self.combined = True
        builder = AdjointBuilder(self.definitions, self.order)
        builder.site = op.site
        total = ZERO
        for core, coefficient in distinct.items():
            total = builder.add(total, Scaled(coefficient, core))
        atom = builder.atom(total)
        for new in builder.ops:
            for arg in new.args:
                self.count(arg)
        if isinstance(atom, Value) and builder.is_here(atom):
            atom.adjoint_of = op.result.adjoint_of
            atom.is_tangent = op.result.is_tangent
        if isinstance(atom, Value):
            self.uses[atom] = self.uses.get(atom, 0) + self.uses.get(op.result, 0)
        for new in builder.ops:
            self.op(new.replace(args=tuple(map(self.read, new.args))), ops)
        self.renamed[op.result] = atom
        return True

    def _flatten(self, atom: Atom, sign: float, terms: list[tuple[float, Value]]) -> bool:
        """Append the terms of a sum; False where it has a number for a term, or too many."""
        if not isinstance(atom, Value) or len(terms) > MAX_TERMS:
            return False
        definition = self._free(atom)
        if definition is not None and atom.name is None:
            args = definition.args
            if definition.primitive in (ADD, SUB):
                other = -sign if definition.primitive is SUB else sign
                start = len(terms)
                if self._flatten(args[0], sign, terms) and self._flatten(args[1], other, terms):
                    return True
                del terms[start:]
            elif definition.primitive is NEG:
                return self._flatten(args[0], -sign, terms)
        factor, core = self._factored(atom)
        terms.append((times(sign, factor), core))
        return True

    def _factored(self, atom: Value) -> tuple[float, Value]:
        definition = self.definitions.get(atom)
        if definition is not None and definition.primitive is MUL and atom in self.local:
            for number, other in (definition.args, definition.args[::-1]):
                if _is_factor(number) and isinstance(other, Value):
                    return float(number.value), other
        return 1.0, atom

    # Shape --------------------------------------------------------------------------------

    def _turned(self, op: Op, ops: list[Op]) -> Op | Atom:
        """The same operation with one pair of parentheses less, or what it comes down to."""
        if op.primitive is NEG:
            inner = self._movable(op.args[0])
            if inner is not None and inner.primitive in (MUL, DIV, GROUPED):
                first, second = inner.args
                if not isinstance(first, Const):
                    return self._like(
                        op, inner.primitive, self._new(NEG, (first,), op, ops), second
                    )
            return op
        if op.primitive not in (MUL, ADD):
            return op
        left, right = op.args
        if op.primitive is MUL and _is_factor(left):
            return self._scaled(op, float(left.value), ops)
        inner = self._movable(right)
        if inner is None:
            return op
        if isinstance(left, Value) and left.adjoint_of is not None:
            if left.adjoint_of is op.result.adjoint_of or _same_tangent(left, op.result):
                return op  # x_bar += a + b
        if inner.primitive is op.primitive or (op.primitive is ADD and inner.primitive is SUB):
            first = self._new(op.primitive, (left, inner.args[0]), op, ops)
            return self._like(op, inner.primitive, first, inner.args[1])
        return op

    def _scaled(self, op: Op, factor: float, ops: list[Op]) -> Op | Atom:
        """``factor * (a * b)`` with the factor in front, where it may meet another."""
        if factor == 1:  # of whole numbers it makes floats
            return op if _is_whole(op.args[1]) else op.args[1]
        inner = self._free(op.args[1])
        if inner is None or inner.primitive not in (MUL, DIV):
            return op
        first, second = inner.args
        if _is_factor(first):
            front: Atom = Const(times(factor, float(first.value)), REAL)
        else:
            front = self._new(MUL, (Const(factor, REAL), first), op, ops)
        if inner.primitive is MUL and isinstance(front, Const) and front.value == 1:
            if not _is_whole(second):
                return second
        return self._like(op, inner.primitive, front, second)

    @staticmethod
    def _like(op: Op, primitive: Primitive, left: Atom, right: Atom) -> Op:
        return Op(primitive, (left, right), op.results, site=op.site, order=op.order)

    def _movable(self, atom: Atom) -> Op | None:
        definition = self._free(atom)
        if definition is None or definition.order != self.order:
            return None
        return definition

    def _new(self, primitive: Primitive, args: tuple[Atom, ...], like: Op, ops: list[Op]) -> Atom:
        """An operation that stands before `like`; in its own best shape."""
        assert primitive.typing is not None
        result = Value(primitive.typing(*(arg.type for arg in args)) or REAL)
        made = self._turned(Op(primitive, args, (result,), site=like.site, order=like.order), ops)
        if not isinstance(made, Op):
            return made
        self.definitions[result] = made
        self.uses[result] = 1
        self.local.add(result)
        ops.append(made)
        return result


def _is_factor(atom: Atom) -> TypeGuard[Const]:
    """Whether an atom is a real number that is known."""
    return isinstance(atom, Const) and atom.type is not COMPLEX


def _same_tangent(one: Value, other: Value) -> bool:
    """Whether two values are the tangents of versions of one variable."""
    first, second = one.adjoint_of, other.adjoint_of
    if first is None or second is None or not (one.is_tangent and other.is_tangent):
        return False
    return first.name is not None and first.name == second.name


def _is_whole(atom: Atom) -> bool:
    """Whether an atom is an array of whole numbers or of truth values."""
    return atom.type.kind == "Array" and not varies(atom.type.slots["element"].type)
