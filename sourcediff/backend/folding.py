"""Decide which values get a variable, and which fold back into the expression that uses them.

Region by region, the innermost first, and in each in the order of its operations. What may be
folded waits (`order`) for the operation that reads it.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

from sourcediff.backend import shapes
from sourcediff.backend.census import Census
from sourcediff.backend.idioms import Idioms
from sourcediff.backend.lasting import Lasting, counts
from sourcediff.backend.lengths import lasting_lengths
from sourcediff.backend.operands import EFFECT, RAISES, READS, itself
from sourcediff.backend.order import Pending
from sourcediff.backend.tail import mark_returning
from sourcediff.frontend.primitives import (
    BOUND,
    FORMAT,
    GETATTR,
    GETITEM,
    LOAD,
    NARROWED,
    PULLBACK,
    PURE_CALL,
    REQUIRED,
    TUPLE,
    YIELDED,
)
from sourcediff.guards import GUARD, is_guarded
from sourcediff.ir import FOR, IF, INVOKE, LOOPS, TRY, WHILE, Atom, Const, Op, Region, Value, walk
from sourcediff.memory import ASSIGN, INPLACE, MAKE_FUNCTION, METHOD_OF, SUBSCRIPT, WRITE
from sourcediff.types import INT, REAL, SLICE

if TYPE_CHECKING:
    from sourcediff.backend.plan import Plan

__all__ = ["Folding", "is_named"]

#: An expression is nested at most this deep, and derivative code at most this long.
MAX_DEPTH = 24
MAX_DEPTH_AS_WRITTEN = 400
MAX_WEIGHT = 14

_INLINE = (LOAD, GETITEM, GETATTR, NARROWED)
_FREE_SIZE = (TUPLE, FORMAT, PURE_CALL)
_STATEMENTS = (*shapes.UNPACKS, ASSIGN, WHILE, TRY)
_ALIASES = (NARROWED, BOUND)


def is_named(value: Value) -> bool:
    """Whether the value has a name, or is the adjoint of one that has."""
    return value.name is not None or value.adjoint_of is not None


def _is_index(op: Op, value: Value) -> bool:
    """Whether a value is a place and a constant more or less: nobody gives it a name."""
    return (
        value.type is INT
        and op.primitive.name in ("add", "sub", "mul")
        and not is_named(value)
        and any(isinstance(arg, Const) for arg in op.args)
    )


def _is_slice(value: Value) -> bool:
    """Whether a value has no text of its own outside of brackets: ``a:b`` or ``i, a:b``."""
    return value.type is SLICE or (value.type.kind == "Tuple" and SLICE in value.type.items)


def _is_constant(op: Op, value: Value) -> bool:
    """Whether a value is a short tuple of constants, such as some axes."""
    return (
        op.primitive is TUPLE
        and op.attribute in (None, tuple)
        and not is_named(value)
        and 0 < len(op.args) <= 4
        and all(isinstance(arg, Const) for arg in op.args)
    )


def _looks_at(op: Op, pending: Pending, lasting: Set[Value]) -> bool:
    """Whether it is of an expression that reads what may be written to in between.

    That is ``x.T``, or ``len(xs) - 1``, which is another number behind ``xs.pop()``. What is taken
    out of a tuple that is computed there, ``np.modf(x)[0]``, would be computed wherever it is read.

    Args:
        lasting: the lengths that stay.
    """
    if op.primitive is GETATTR and op.args[0].type.kind != "Array":
        return False
    if op.primitive is GETITEM:
        return op.args[0] in pending.bits
    if op.primitive is not GETATTR and not _is_index(op, op.result):
        return False
    read = [a for a in op.args if isinstance(a, Value) and pending.bits.get(a, 0) & READS]
    return any(a not in lasting for a in read)


class Folding:
    """The decisions for one function, which are noted in its plan."""

    def __init__(self, plan: Plan, census: Census) -> None:
        self.plan = plan
        self.census = census
        self.idioms = Idioms(plan, self.unfold)
        self.lengths = lasting_lengths(plan.function)
        self.lasting = None if plan.faithful else Lasting(plan.function)
        self.depth: dict[Value, int] = {}
        self.weight: dict[Value, int] = {}
        #: What reading a value does that is folded wherever it is read.
        self._inlined: dict[Value, int] = {}
        #: Values that are no different from their operands: what reads them may find them wrong.
        self._checked: set[Value] = set()
        #: Variables that an expression binds: reading one comes after that.
        self._bound = {op.results[0] for op in plan.named}
        #: What a pullback sees of the function around it, under a name.
        self._seen = {
            atom for op in walk(plan.function.body) if op.primitive is PULLBACK for atom in op.args
        }

    def run(self) -> None:
        """Decide for the whole function."""
        self._region(self.plan.function.body, is_body=True)
        if not self.plan.faithful:
            mark_returning(self.plan)

    def _region(self, region: Region, is_body: bool = False, is_test: bool = False) -> int:
        """Decide for the operations of a region, innermost regions first; what it does."""
        pending = Pending(self.plan.strict, self._give_way)
        self.idioms.find_groups(region)
        answer = region.results[0] if is_body and region.results else None
        bits = 0
        for op in region.ops:
            bits |= self._op(op, region, pending, answer)
        if region.results:
            # What a test leaves beside its truth is there whether the loop goes on or not.
            results = region.results[:1] if is_test else region.results
            for atom in region.results[1:] if is_test else ():
                pending.spill(atom)
            self._keep_definitions(None, results, pending)
            self.plan.folded.update(pending.consume(results).values)
            if not self._bound.isdisjoint(region.results):
                bits |= READS
        pending.close()
        return bits

    def _op(self, op: Op, around: Region, pending: Pending, answer: Atom | None) -> int:
        if op.primitive is FOR:
            self.idioms.begin_loop(op, around)
        bits = EFFECT if op in self.plan.named else self._itself(op)
        for place, region in enumerate(op.regions):
            bits |= self._region(region, is_test=op.primitive is WHILE and place == 0)
        if op in self.plan.absorbed:
            return RAISES if op.primitive is REQUIRED else bits
        if op.primitive is IF:
            self._branch(op, pending)
        elif op.primitive is FOR:
            bits = self.idioms.end_loop(op, bits)
        elif op.primitive is WHILE and self.idioms.only_expressions(op.regions[0]):
            self.plan.expressions.add(op)
        value = self.plan.result(op)
        if value is not None and (
            (self._is_inline(op, value) and not _looks_at(op, pending, self.lengths))
            or self._is_place(op, value, pending)
        ):
            self._inline(op, value, pending)
            return bits
        reads = self.plan.reads(op)
        self._keep_definitions(op, reads, pending)
        if op.primitive is PULLBACK:
            for atom in reads:
                pending.spill(atom)
        for atom in reads:
            if atom in self._inlined:
                bits |= self._inlined[atom]
            elif atom in self._checked:
                bits |= RAISES
            elif atom in self._bound:
                bits |= READS
        may_fold = value is not None and self._may_fold(op, value, answer)
        consumed = pending.consume(reads, bits if may_fold else EFFECT)
        self.plan.folded.update(consumed.values)
        bits |= consumed.bits
        self.idioms.bits[op] = bits
        if may_fold and not self._fits(op):
            pending.part(consumed)
            may_fold = False
        if may_fold and value is not None:
            self._measure(op, value)
            if op in self.plan.named:
                self.plan.folded.add(value)
            if op.primitive is BOUND:
                bits |= RAISES
            elif op.primitive is NARROWED:
                self._checked.add(value)
            pending.push(value, bits, consumed)
        else:
            pending.flush(bits)
            if value is not None and op.primitive is GUARD:
                self.plan.folded.add(value)  # its branch is a try statement
            elif value is not None:
                if op in self.plan.named:  # it is read under the name
                    self.plan.folded.add(value)
                    self.depth[value] = self.weight[value] = 0
                self._give_way(value)
            self.idioms.end_group(op)
        return bits

    def _itself(self, op: Op) -> int:
        """What an operation does; what stays as it is may be read at any time.

        What a derivative reads, the function has read before: there it raises, if it does.
        """
        bits = itself(op)
        if bits & READS and self.lasting is not None and self.lasting.reads(op):
            bits &= ~READS
            if op.order > 0 or counts(op):
                bits &= ~RAISES
        return bits

    def _may_fold(self, op: Op, value: Value, answer: Atom | None) -> bool:
        """Whether a value can be written where it is read."""
        if self.plan.uses.get(value, 0) != 1:
            return False
        if op in self.plan.named:
            return op not in self.plan.refused
        if op.primitive in _STATEMENTS:
            return False
        if is_named(value) and (
            op.primitive not in _ALIASES if self.plan.faithful else value is not answer
        ):
            return False
        if op.primitive is IF:
            if op not in self.plan.ternary:
                return False
        elif op.primitive is FOR:
            if op not in self.plan.comprehensions:
                return False
        elif op.primitive is INPLACE:
            if value not in self.census.members:
                return False
        elif op.primitive is BOUND:
            return self.plan.faithful and not self.plan.checks and isinstance(op.args[0], Value)
        elif not self.plan.faithful and op.primitive.effect:
            return op.primitive in (INVOKE, MAKE_FUNCTION, METHOD_OF)
        return True

    def _fits(self, op: Op) -> bool:
        inner = [a for a in self.plan.reads(op) if a in self.plan.folded and isinstance(a, Value)]
        limit = MAX_DEPTH_AS_WRITTEN if self.plan.faithful else MAX_DEPTH
        if max((self.depth[a] for a in inner), default=0) >= limit:
            return False
        if self.plan.faithful or op.order == 0 or op.primitive in _FREE_SIZE:
            return True
        return sum(self.weight[a] for a in inner) < MAX_WEIGHT

    def _measure(self, op: Op, value: Value) -> None:
        """Note how deep and how long an expression is."""
        inner = [a for a in self.plan.reads(op) if a in self.plan.folded and isinstance(a, Value)]
        if op in self.plan.comprehensions:
            inner.extend(a for a in self.plan.comprehensions[op].inner() if a in self.plan.folded)
        for region in op.regions:
            inner.extend(a for a in region.results or () if a in self.plan.folded)
        self.depth[value] = 1 + max((self.depth.get(a, 0) for a in inner), default=0)
        self.weight[value] = 1 + sum(self.weight.get(a, 0) for a in inner)
        if op.primitive is SUBSCRIPT and value in self.census.members:
            self.weight[value] = 0  # ``xs[i] += e`` has the place once, to the left

    def _fold(self, op: Op, value: Value) -> None:
        """Write a value wherever it is read."""
        self.plan.folded.add(value)
        self._measure(op, value)

    # Values that are folded wherever they are read ----------------------------------------

    def _is_inline(self, op: Op, value: Value) -> bool:
        if op.primitive is BOUND:
            if self.plan.checks or not self.plan.faithful or not isinstance(op.args[0], Value):
                return False
            return self.plan.uses.get(value, 0) != 1
        plain = (_is_index(op, value) or _is_constant(op, value)) and value not in self._seen
        if not self.plan.faithful and (plain or _is_slice(value)):
            return True
        if op.primitive not in _INLINE:
            return False
        if not self.plan.faithful:
            return (
                not is_named(value)
                or op.primitive in (LOAD, NARROWED)
                or self._is_read_once(op, value)
            )
        if op.primitive is NARROWED:
            return self.plan.uses.get(value, 0) != 1
        if op.primitive is GETATTR or is_named(value):
            return False
        return op.primitive is LOAD or self.plan.uses.get(value, 0) != 1

    def _is_place(self, op: Op, value: Value, pending: Pending) -> bool:
        """Whether a value is a place that variables tell: ``i, j - 1``, or ``i + k`` in a slice."""
        if self.plan.faithful or is_named(value) or value in self._seen:
            return False
        if value not in self.census.places:
            return False
        if op.primitive is TUPLE and len(op.args) > 4:
            return False
        return all(
            isinstance(arg, Const)
            or (
                arg.type in (INT, REAL)
                and arg not in pending.bits
                and (self._is_length(arg) or not self._inlined.get(arg, 0) & READS)
            )
            for arg in op.args
        )

    def _is_length(self, arg: Atom) -> bool:
        """Whether a value is a length that stays: of an axis of an array it does."""
        made = self.plan.definitions.get(arg) if isinstance(arg, Value) else None
        if made is not None and made.primitive is GETITEM:
            made = self.plan.definitions.get(made.args[0])  # type: ignore[arg-type]
            return made is not None and made.primitive is GETATTR and made.attribute == "shape"
        return arg in self.lengths

    def _is_read_once(self, op: Op, value: Value) -> bool:
        """Whether what an argument holds is as good where it is read as in a variable."""
        of_argument = isinstance(op.args[0], Value) and op.args[0].type.kind == "Instance"
        few = self.plan.uses.get(value, 0) <= 2
        return of_argument and few and value not in self.census.in_loops

    def _inline(self, op: Op, value: Value, pending: Pending) -> None:
        bits = self._itself(op)
        for atom in op.args:
            if not isinstance(atom, Value):
                continue
            if atom in pending.bits:
                if self.plan.faithful:
                    pending.spill(atom)
                else:
                    bits |= pending.bits[atom]
                    self.plan.folded.update(pending.consume([atom]).values)
            bits |= self._inlined.get(atom, 0)
            if atom in self._bound:
                bits |= READS
        self._fold(op, value)
        if op.primitive is BOUND:
            # The first to read it makes Python's own check.
            pending.push(value, RAISES)
            bits = 0
        elif op.primitive is NARROWED:
            bits |= RAISES
        self._inlined[value] = bits

    def _give_way(self, value: Value) -> None:
        """A value is not folded after all."""
        op = self.plan.definitions.get(value)
        if op is None:
            return
        if value in self._inlined:
            if op.primitive is BOUND:
                self.plan.standing.add(op)
        else:
            self.plan.unfold(value)
        store = self.census.members.pop(value, None)
        if store is not None:
            self._give_up_store(store)

    def _give_up_store(self, store: Op) -> None:
        """``xs[i] += e`` is not to be: `xs` and `i` are read twice."""
        if self.plan.augmented.pop(store, None) is None:
            return
        for atom in store.args[:-1]:
            if isinstance(atom, Value):
                self.plan.uses[atom] += 1
                self.unfold(atom)

    def unfold(self, atom: Atom) -> None:
        """A value gets a variable after all."""
        if isinstance(atom, Value) and atom not in self._inlined:
            self.plan.unfold(atom)

    def _keep_definitions(self, op: Op | None, reads: Sequence[Atom], pending: Pending) -> None:
        """A function with a ``def`` of its own is no part of an expression."""
        if not self.plan.nested:
            return
        for atom in reads:
            made = self.plan.definitions.get(atom) if isinstance(atom, Value) else None
            if made is None or made.primitive is not MAKE_FUNCTION or atom not in pending.bits:
                continue
            if self.plan.nested[made].as_lambda() is not None:
                continue
            written = op is not None and op.primitive is WRITE
            if op is not None and written and op.attribute.name == made.attribute.name:
                continue
            pending.spill(atom)

    # Branches -----------------------------------------------------------------------------

    def _branch(self, op: Op, pending: Pending) -> None:
        if self._as_expression(op):
            self.plan.ternary.add(op)
            return
        if not self.plan.faithful:
            return
        test, operands = self.census.restore(op)
        if test is not None:
            pending.spill(test)
        for operand in operands:
            self.unfold(operand)

    def _binds_inside(self, op: Op) -> bool:
        """Whether all that a branch binds beside its value is bound within expressions."""
        if not self.plan.faithful or self.plan.function.name == "<lambda>":
            return False
        for place in range(1, len(op.results)):
            for region in op.regions:
                found = region.results[place] if region.results is not None else None
                made = self.plan.definitions.get(found) if isinstance(found, Value) else None
                if made not in region.ops:
                    continue
                inside = made in self.plan.named and made not in self.plan.refused
                if not inside and made not in self.plan.ternary:
                    return False
        return True

    def _as_expression(self, op: Op) -> bool:
        """Whether a branch can be written as one expression."""
        if op.attribute == "statement" or not op.results or is_guarded(op):
            return False
        if len(op.results) > 1 and not self._binds_inside(op):
            return False
        if op.results[0].type.kind in ("MaybeUnbound", "Function"):
            return False  # one arm may have nothing to give, or a function of several lines
        tried: list[Value] = []
        if all(self._is_expression(region, tried) for region in op.regions):
            return True
        for value in tried:
            self.unfold(value)
        return False

    def _is_expression(self, region: Region, tried: list[Value]) -> bool:
        """Whether an arm can be written as one expression.

        Args:
            tried: takes the values that are folded for it.
        """
        if region.results is None:
            return False
        if self.plan.faithful:
            return self.idioms.only_expressions(region)
        for inner in region.ops:
            if inner.primitive in LOOPS:
                return False
            if inner.primitive is IF:
                if inner not in self.plan.ternary:
                    return False
            elif inner.primitive.effect or len(inner.results) != 1:
                return False
            if inner.result in self.plan.folded:
                continue
            transparent = inner.primitive is YIELDED or inner.order > 0
            if not transparent or self.plan.uses.get(inner.result, 0) != 1:
                return False
            self._fold(inner, inner.result)
            tried.append(inner.result)
        (result,) = region.results
        return not isinstance(result, Value) or self.depth.get(result, 0) < MAX_DEPTH
