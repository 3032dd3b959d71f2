"""Decide which values get a variable, and which fold back into the expression that uses them.

A value that the user named keeps its own statement. A temporary that is read once is written
where it is read, unless something stands in between that it must not cross: see `order`. Where
several operations are one statement or expression of Python, they are found here (`shapes`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sourcediff.backend import shapes
from sourcediff.backend.census import Census
from sourcediff.backend.operands import EFFECT, RAISES, itself, printed
from sourcediff.backend.order import Pending
from sourcediff.backend.tail import mark_returning
from sourcediff.frontend.primitives import (
    BOUND,
    FORMAT,
    GETATTR,
    GETITEM,
    LOAD,
    NARROWED,
    PURE_CALL,
    REQUIRED,
    TUPLE,
    YIELDED,
)
from sourcediff.ir import FOR, IF, RETURN, TRY, WHILE, Atom, Function, Op, Region, Value
from sourcediff.memory import ASSIGN, INPLACE, MAKE_FUNCTION, WRITE

__all__ = ["Plan"]

#: An expression is nested at most this deep, and derivative code at most this long.
MAX_DEPTH = 24
MAX_DEPTH_AS_WRITTEN = 400
MAX_WEIGHT = 14

_INLINE = (LOAD, GETITEM, GETATTR, NARROWED)
_FREE_SIZE = (TUPLE, FORMAT, PURE_CALL)
_STATEMENTS = (*shapes.UNPACKS, ASSIGN, WHILE, TRY)


class Plan:
    """What is folded, and what the operations of a function are written as.

    faithful        the function is the user's own, and is to look like it
    folded          values written where they are read
    ternary         branches printed as an expression
    returning       branches whose arms end in a return statement
    absorbed        operations that print nothing of their own
    expressions     loops whose test is an expression
    comprehensions  loops printed as an expression, with the value that it is
    augmented       stores printed as ``xs[i] += e``, with the operation that computes the value
    groups          stores that are one assignment, by their first
    targets         what takes a value that `UNPACK`, or the head of a loop, has no name for
    nested          the plan of each function inside

    Args:
        checks: write the check that a name is bound as a statement of its own.
    """

    def __init__(self, function: Function, checks: bool = False) -> None:
        self.function = function
        self._checks = checks
        self.faithful = function.order == 0
        self.folded: set[Value] = set()
        self.ternary: set[Op] = set()
        self.returning: set[Op] = set()
        self.expressions: set[Op] = set()
        self.comprehensions: dict[Op, shapes.Comprehension] = {}
        self.made: dict[Op, Value] = {}
        self.groups: dict[Op, shapes.Group] = {}
        self.standing: set[Op] = set()
        self.depth: dict[Value, int] = {}
        self.weight: dict[Value, int] = {}
        #: What reading a value does that is folded wherever it is read.
        self._inlined: dict[Value, int] = {}
        self._bits: dict[Op, int] = {}
        #: Values that are no different from their operands: what reads them may find them wrong.
        self._checked: set[Value] = set()
        self._grouped: dict[Op, shapes.Group] = {}
        self._leaves: dict[Op, shapes.Comprehension] = {}
        self._census = census = Census(function, self.faithful)
        self.definitions = census.definitions
        self.uses = census.uses
        self.absorbed = census.absorbed
        self.augmented = census.augmented
        self.links = census.links
        self.targets: dict[Value, Op] = {}
        self.nested: dict[Op, Plan] = {op: Plan(op.attribute) for op in census.made_functions}
        self._region(function.body, is_body=True)

    def reads(self, op: Op) -> Sequence[Atom]:
        """The atoms that the text of an operation evaluates, its regions apart, in order."""
        if op in self.augmented:
            return op.args[-1:]
        if op in self._leaves:
            return self._leaves[op].element()
        if op in self.links:
            return op.args[1:]
        group = self._grouped.get(op)
        if group is not None:
            return self._reads_of_member(op, group)
        if op.primitive is REQUIRED and self.faithful:
            return ()
        return printed(op)

    def _reads_of_member(self, op: Op, group: shapes.Group) -> Sequence[Atom]:
        target = op.args[:-1] if op.primitive in shapes.STORES else ()
        if op is not group.members[0]:
            return target
        return printed(op) if group.unpacking else [*group.values(), *target]

    def result(self, op: Op) -> Value | None:
        """The one value that an operation is, written as an expression."""
        made = self.made.get(op)
        if made is not None:
            return made
        return op.results[0] if len(op.results) == 1 else None

    # Regions ------------------------------------------------------------------------------

    def _region(self, region: Region, is_body: bool = False) -> int:
        """Decide for the operations of a region, innermost regions first; what it does."""
        pending = Pending(self.faithful, self._give_way)
        self._find_groups(region)
        answer = region.results[0] if is_body and region.results else None
        bits = 0
        for op in region.ops:
            bits |= self._op(op, pending, answer)
        if region.results:
            self.folded.update(pending.consume(region.results).values)
        pending.close()
        if is_body and not self.faithful:
            mark_returning(self, region)
        return bits

    def _op(self, op: Op, pending: Pending, answer: Atom | None) -> int:
        if op.primitive is FOR:
            self._begin_loop(op)
        bits = itself(op)
        for region in op.regions:
            bits |= self._region(region)
        if op in self.absorbed:
            return RAISES if op.primitive is REQUIRED else bits
        if op.primitive is IF:
            self._branch(op, pending)
        elif op.primitive is FOR:
            bits = self._loop(op, bits)
        elif op.primitive is WHILE and self._only_expressions(op.regions[0]):
            self.expressions.add(op)
        value = self.result(op)
        if value is not None and self._is_inline(op, value):
            self._inline(op, value, pending)
            return bits
        reads = self.reads(op)
        self._keep_definitions(op, reads, pending)
        for atom in reads:
            if atom in self._inlined:
                bits |= self._inlined[atom]  # type: ignore[index]
            elif atom in self._checked:
                bits |= RAISES
        may_fold = value is not None and self._may_fold(op, value, answer)
        consumed = pending.consume(reads, bits if may_fold else EFFECT)
        self.folded.update(consumed.values)
        bits |= consumed.bits
        self._bits[op] = bits
        if may_fold and not self._fits(op):
            pending.part(consumed)
            may_fold = False
        if may_fold and value is not None:
            self._measure(op, value)
            if op.primitive is BOUND:
                bits |= RAISES
            elif op.primitive is NARROWED:
                self._checked.add(value)
            pending.push(value, bits, consumed)
        else:
            pending.flush(bits)
            if value is not None:
                self._give_way(value)
            self._end_group(op)
        return bits

    def _may_fold(self, op: Op, value: Value, answer: Atom | None) -> bool:
        """Whether a value can be written where it is read."""
        if self.uses.get(value, 0) != 1 or op.primitive in _STATEMENTS:
            return False
        if is_named(value) and (
            op.primitive not in _ALIASES if self.faithful else value is not answer
        ):
            return False
        if op.primitive is IF:
            if op not in self.ternary:
                return False
        elif op.primitive is FOR:
            if op not in self.comprehensions:
                return False
        elif op.primitive is INPLACE:
            if value not in self._census.members:
                return False
        elif op.primitive is BOUND:
            return self.faithful and not self._checks and isinstance(op.args[0], Value)
        elif not self.faithful and (op.primitive.effect and op.primitive is not MAKE_FUNCTION):
            return False
        return True

    def _fits(self, op: Op) -> bool:
        inner = [a for a in self.reads(op) if a in self.folded and isinstance(a, Value)]
        limit = MAX_DEPTH_AS_WRITTEN if self.faithful else MAX_DEPTH
        if max((self.depth[a] for a in inner), default=0) >= limit:
            return False
        if self.faithful or op.order == 0 or op.primitive in _FREE_SIZE:
            return True
        return sum(self.weight[a] for a in inner) < MAX_WEIGHT

    def _measure(self, op: Op, value: Value) -> None:
        """Note how deep and how long an expression is."""
        inner = [a for a in self.reads(op) if a in self.folded and isinstance(a, Value)]
        if op in self.comprehensions:
            inner.extend(a for a in self.comprehensions[op].inner() if a in self.folded)
        for region in op.regions:
            inner.extend(a for a in region.results or () if a in self.folded)
        self.depth[value] = 1 + max((self.depth.get(a, 0) for a in inner), default=0)
        self.weight[value] = 1 + sum(self.weight.get(a, 0) for a in inner)

    def fold(self, op: Op, value: Value) -> None:
        """Write a value wherever it is read."""
        self.folded.add(value)
        self._measure(op, value)

    # Values that are folded wherever they are read ----------------------------------------

    def _is_inline(self, op: Op, value: Value) -> bool:
        if op.primitive is BOUND:
            if self._checks or not self.faithful or not isinstance(op.args[0], Value):
                return False
            return self.uses.get(value, 0) != 1
        if op.primitive not in _INLINE:
            return False
        if not self.faithful:
            return not is_named(value) or op.primitive in (LOAD, NARROWED)
        if op.primitive is NARROWED:
            return self.uses.get(value, 0) != 1
        if op.primitive is GETATTR or is_named(value):
            return False
        return op.primitive is LOAD or self.uses.get(value, 0) != 1

    def _inline(self, op: Op, value: Value, pending: Pending) -> None:
        bits = itself(op)
        for atom in op.args:
            if not isinstance(atom, Value):
                continue
            if atom in pending.bits:
                if self.faithful:
                    pending.spill(atom)
                else:
                    bits |= pending.bits[atom]
                    self.folded.update(pending.consume([atom]).values)
            bits |= self._inlined.get(atom, 0)
        self.fold(op, value)
        if op.primitive is BOUND:
            # The first to read it makes Python's own check.
            pending.push(value, RAISES)
            bits = 0
        elif op.primitive is NARROWED:
            bits |= RAISES
        self._inlined[value] = bits

    def _give_way(self, value: Value) -> None:
        """A value is not folded after all."""
        op = self.definitions.get(value)
        if op is None:
            return
        if value in self._inlined:
            if op.primitive is BOUND:
                self.standing.add(op)
        else:
            self.folded.discard(value)
        store = self._census.members.pop(value, None)
        if store is not None:
            self._give_up_store(store)

    def _give_up_store(self, store: Op) -> None:
        """``xs[i] += e`` is not to be: `xs` and `i` are read twice."""
        if self.augmented.pop(store, None) is None:
            return
        for atom in store.args[:-1]:
            if isinstance(atom, Value):
                self.uses[atom] += 1
                self._unfold(atom)

    def _unfold(self, atom: Atom) -> None:
        if isinstance(atom, Value) and atom not in self._inlined:
            self.folded.discard(atom)

    def _keep_definitions(self, op: Op, reads: Sequence[Atom], pending: Pending) -> None:
        """A function with a ``def`` of its own is no part of an expression."""
        if not self.nested:
            return
        for atom in reads:
            made = self.definitions.get(atom) if isinstance(atom, Value) else None
            if made is None or made.primitive is not MAKE_FUNCTION or atom not in pending.bits:
                continue
            if self.nested[made].as_lambda() is not None:
                continue
            if op.primitive is WRITE and op.attribute.name == made.attribute.name:
                continue
            pending.spill(atom)  # type: ignore[arg-type]

    def as_lambda(self) -> Atom | None:
        """What the function returns, if it is written ``lambda …: value``."""
        if self.function.name != "<lambda>":
            return None
        *rest, answer = [*self.statements(self.function.body), None]
        if rest and rest[-1] is not None and rest[-1].primitive is RETURN:
            answer = rest.pop()
        if rest:
            return None
        if answer is not None:
            return answer.args[0]
        results = self.function.body.results
        return results[0] if results else None

    # Branches -----------------------------------------------------------------------------

    def _branch(self, op: Op, pending: Pending) -> None:
        if self._as_expression(op):
            self.ternary.add(op)
            return
        if not self.faithful:
            return
        test, operands = self._census.restore(op)
        if test is not None:
            pending.spill(test)
        for operand in operands:
            self._unfold(operand)

    def _as_expression(self, op: Op) -> bool:
        """Whether a branch can be written as one expression."""
        if op.attribute == "statement" or len(op.results) != 1:
            return False
        for region in op.regions:
            if region.results is None:
                return False
            if self.faithful:
                if not self._only_expressions(region):
                    return False
                continue
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
                self.fold(inner, inner.result)
            (result,) = region.results
            if isinstance(result, Value) and self.depth.get(result, 0) >= MAX_DEPTH:
                return False
        return True

    def _only_expressions(self, region: Region) -> bool:
        return next(self.statements(region), None) is None

    # Loops --------------------------------------------------------------------------------

    def _begin_loop(self, op: Op) -> None:
        """Before the body is looked at: what belongs to the head, what to a comprehension."""
        for value, target in shapes.header_targets(op.regions[0], self.uses):
            self.targets[value] = target
            self.absorbed.add(target)
        found = shapes.innermost(op)
        if found is None:
            return
        whole = found.whole
        if whole is not None:
            start = self.definitions.get(whole)
            if start is None or start.primitive is not shapes.STARTS[found.kind] or start.args:
                return
            if whole in found.element():
                return
            self.uses[whole] -= 1
            self._leaves[found.leaf] = found
        self.comprehensions[op] = found

    def _loop(self, op: Op, bits: int) -> int:
        """After the body: whether it is a comprehension; what it does."""
        found = self.comprehensions.get(op)
        if found is None:
            return bits
        whole = found.whole
        if self._folds(found):
            if whole is not None:
                self.absorbed.add(self.definitions[whole])
                self.definitions[whole] = op
                self.made[op] = whole
            return self._does(found)
        del self.comprehensions[op]
        if whole is not None:
            self.uses[whole] += 1
            del self._leaves[found.leaf]
            if found.kind == "dict":
                self._unfold(found.leaf.args[1])  # of ``d[k] = v``, `v` is evaluated first
        return bits

    def _folds(self, found: shapes.Comprehension) -> bool:
        """Whether all that is in a comprehension is folded."""
        for loop, filters in found.clauses:
            region = loop.regions[0]
            for place in range(len(filters) + 1):
                rest = list(self.statements(region))
                if len(rest) != 1:
                    return False
                if place < len(filters):
                    region = rest[0].regions[0]
        return found.leaf in rest or rest[0] is found.leaf

    def _does(self, found: shapes.Comprehension) -> int:
        bits = 0
        for loop, filters in found.clauses:
            bits |= itself(loop) | RAISES
            region = loop.regions[0]
            for place in range(len(filters) + 1):
                last = region.ops[-1]
                for op in region.ops:
                    if op is not last and op not in self.absorbed:
                        bits |= self._bits.get(op, itself(op))
                if place < len(filters):
                    region = last.regions[0]
        return bits & ~EFFECT if found.kind in ("any", "all") and not bits & EFFECT else bits

    # Stores of one statement --------------------------------------------------------------

    def _find_groups(self, region: Region) -> None:
        for group in shapes.groups(region, self.uses, self.absorbed):
            if any(op in self.augmented for op in group.members):
                continue
            self.groups[group.members[0]] = group
            for op in group.members:
                self._grouped[op] = group
            if group.unpacking:
                for op in group.members[1:]:
                    stored = op.args[-1]
                    assert isinstance(stored, Value)
                    self.targets[stored] = op

    def _end_group(self, op: Op) -> None:
        """See whether nothing stands between the stores of one statement."""
        group = self._grouped.get(op)
        if group is None or op is not group.members[-1]:
            return
        if all(between.result in self.folded for between in group.between):
            self.absorbed.update(group.members[1:])
            return
        del self.groups[group.members[0]]
        for member in group.members:
            del self._grouped[member]
            if group.unpacking:
                self.targets.pop(member.args[-1], None)  # type: ignore[arg-type]
        if not group.unpacking:
            for atom in group.values():
                self._unfold(atom)

    # Reading ------------------------------------------------------------------------------

    def returned(self) -> Value | None:
        """What the user's function returns, where the derivative still computes it."""
        returned: Value | None = getattr(self.function.origin, "returned", None)
        return returned

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
        for arg in self.reads(op):
            yield from self.leaves(arg)
        found = self.comprehensions.get(op)
        if found is not None:
            bound = set(found.bound(self.targets))
            for atom in found.inner():
                for value in self.leaves(atom):
                    if value not in bound:
                        yield value
            return
        for region in op.regions:
            for inner in region.results or ():
                yield from self.leaves(inner)

    def statements(self, region: Region) -> Iterator[Op]:
        """The operations of a region that are statements of their own."""
        for op in region.ops:
            if op in self.absorbed:
                continue
            value = self.result(op)
            if value is not None and value in self.folded and op not in self.standing:
                continue
            yield op


_ALIASES = (NARROWED, BOUND)


def is_named(value: Value) -> bool:
    """Whether the value has a name, or is the adjoint of one that has."""
    return value.name is not None or value.adjoint_of is not None
