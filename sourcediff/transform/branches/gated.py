"""Contributions that are zero on all ways but one are made on that way only.

What the extrema of a dynamic program give to places of lists is chosen by expressions,

    D_bar[i - 1][j] += 0.0 if below else y_bar
    D_bar[i][j - 1] += y_bar if below else 0.0

and a person would write

    if below:
        D_bar[i][j - 1] += y_bar
    else:
        D_bar[i - 1][j] += y_bar

Here each such addition becomes a branch of its own; `fuse` joins those on one test. Only choices
that derivatives brought in, where nothing else reads what is chosen, and where several additions
depend on one test.
"""

from __future__ import annotations

from collections.abc import Iterable

from sourcediff.frontend.primitives import YIELDED
from sourcediff.ir import IF, Atom, Function, Op, Region, Value, free_values, walk
from sourcediff.memory import ADD_AT, SUBSCRIPT
from sourcediff.transform.adjoint.scaled import ADD, MUL, NEG
from sourcediff.transform.branches.chosen import is_choice, is_zero
from sourcediff.transform.smaller.dependence import Memory
from sourcediff.transform.smaller.optimise import substituted
from sourcediff.types import REAL

__all__ = ["with_gates"]

#: A test, and on which side of it there is something.
Gate = tuple[Atom, int]
Atoms = tuple[Atom, ...]


def with_gates(function: Function) -> Function:
    """Let branches make the additions that are zero otherwise.

    Returns:
        The very same function where there are none.
    """
    if not any(op.primitive is ADD_AT for op in walk(function.body)):
        return function
    body = _region(function.body)
    return function if body is function.body else function.with_body(body)


def _region(region: Region) -> Region:
    ops = [_inside(op) if op.regions else op for op in region.ops]
    results = region.results
    met = _met(ops)
    if met:
        ops = substituted([op for op in ops if not set(op.results) & met.keys()], met)
        if results is not None:
            results = tuple(met.get(a, a) if isinstance(a, Value) else a for a in results)
    run = _Gates(ops, results or ())
    if run.gated:
        ops = run.rewritten()
    if len(ops) == len(region.ops) and all(map(_same, ops, region.ops)):
        return region
    return region.replace(ops, results)


def _met(ops: Iterable[Op]) -> dict[Value, Atom]:
    """What sums of ``y if test else 0.0`` and ``0.0 if test else y`` are: `y`."""
    choices: dict[Value, Op] = {}
    found: dict[Value, Atom] = {}
    for op in ops:
        if is_choice(op) and not any(part.ops for part in op.regions):
            choices[op.result] = op
        if op.primitive is not ADD or op.order == 0:
            continue
        one, other = (choices.get(a) if isinstance(a, Value) else None for a in op.args)
        if one is None or other is None or one.args != other.args:
            continue
        if _chosen(one) is _chosen(other) and _side(one) != _side(other):
            found[op.result] = _chosen(one)
    return found


def _same(one: Op, other: Op) -> bool:
    return one is other


def _inside(op: Op) -> Op:
    regions = tuple(map(_region, op.regions))
    same = all(one is other for one, other in zip(regions, op.regions, strict=True))
    return op if same else op.replace(regions=regions)


class _Gates:
    """The choices of one region that only additions read, by way of each other or not."""

    def __init__(self, ops: list[Op], results: Iterable[Atom]) -> None:
        self.ops = ops
        self.definitions = {r: op for op in ops for r in op.results}
        self.readers: dict[Value, list[Op]] = {}
        for op in ops:
            inner = (v for part in op.regions for v in free_values(part))
            for value in {*(a for a in op.args if isinstance(a, Value)), *inner}:
                self.readers.setdefault(value, []).append(op)
        self.yielded = set(results)
        #: The additions that may become branches, each with the tests that it depends on.
        self.gated: dict[Op, frozenset[Atom]] = {}
        for op in ops:
            term = _term(op)
            if term is not None:
                tests = self.tests(term)
                if tests:
                    self.gated[op] = tests
        self._only_where_needed()
        #: What reads the row that an addition is made to, and nothing else needs.
        self.rows = {
            op: row
            for op in self.gated
            if op.primitive is ADD_AT and (row := self.row_of(op)) is not None
        }

    def _only_where_needed(self) -> None:
        """Keep the additions whose choices nothing else reads, and that share tests."""
        while True:
            kept = {op: tests for op, tests in self.gated.items() if self._is_closed(op)}
            if len(kept) == len(self.gated):
                break
            self.gated = kept
        to_lists = [tests for op, tests in self.gated.items() if op.primitive is ADD_AT]
        several = {
            test for tests in to_lists for test in tests if sum(test in t for t in to_lists) > 1
        }
        self.gated = {op: tests for op, tests in self.gated.items() if tests & several}

    def tests(self, term: Atom) -> frozenset[Atom]:
        """The tests that decide whether a term is zero; none if that is not known."""
        made = self.definitions.get(term) if isinstance(term, Value) else None
        if made is None:
            return frozenset()
        if is_choice(made):
            return frozenset((made.args[0], *self.tests(_chosen(made))))
        factor = self._factor(made)
        return frozenset() if factor is None else self.tests(factor)

    def _factor(self, op: Op) -> Value | None:
        """The operand of a product that is a choice."""
        if op.primitive not in (MUL, NEG) or op.order == 0 or op.result.type is not REAL:
            return None
        return next((a for a in op.args if isinstance(a, Value) and self.tests(a)), None)

    def _is_closed(self, addition: Op) -> bool:
        """Whether all that reads the choices of an addition becomes a branch as well."""
        term = _term(addition)
        assert isinstance(term, Value)
        return self._is_read_here(term)

    def _is_read_here(self, value: Value, once: bool = True) -> bool:
        """Whether all that reads a choice becomes a branch; `once`: only one addition reads it."""
        made = self.definitions[value]
        readers = self.readers.get(value, [])
        if value in self.yielded or not all(self._goes_on(reader, value) for reader in readers):
            return False
        once = once and len(readers) == 1
        if not once and not (is_choice(made) and all(map(_only_names, made.regions))):
            return False  # it would be computed more than once
        inner = _chosen(made) if is_choice(made) else self._factor(made)
        if isinstance(inner, Value) and self.tests(inner):
            return self._is_read_here(inner, once)
        return True

    def _goes_on(self, reader: Op, value: Value) -> bool:
        """Whether what reads a choice is an addition that becomes a branch, or leads to one."""
        if reader in self.gated:
            return _term(reader) is value and sum(a is value for a in reader.args) == 1
        if not reader.results:
            return False
        if is_choice(reader):
            if _chosen(reader) is not value or reader.args[0] is value:
                return False
            if any(value in op.args for part in reader.regions for op in walk(part)):
                return False
        elif self._factor(reader) is not value or sum(a is value for a in reader.args) != 1:
            return False
        readers = self.readers.get(reader.result, [])
        if reader.result in self.yielded or not readers:
            return False
        return all(self._goes_on(further, reader.result) for further in readers)

    def rewritten(self) -> list[Op]:
        """The operations of the region, with branches for the additions."""
        moved = set(self.rows.values())
        return [new for op in self.ops if op not in moved for new in self.branched(op)]

    def row_of(self, addition: Op) -> Op | None:
        """What reads the row that an addition is made to, if that can be read in the branch."""
        (whole, *_) = addition.args
        read = self.definitions.get(whole) if isinstance(whole, Value) else None
        if read is None or read.primitive is not SUBSCRIPT or read.order == 0:
            return None
        if read.result in self.yielded or self.readers[read.result] != [addition]:
            return None
        between = self.ops[self.ops.index(read) + 1 : self.ops.index(addition)]
        changes = Memory(op for op in between if op.regions or op.primitive.writes)
        return None if changes.conflicts(Memory([read])) else read

    def branched(self, op: Op) -> list[Op]:
        """An addition as a branch; what is none as it is."""
        if op not in self.gated:
            return [op]
        term = _term(op)
        assert isinstance(term, Value)
        if op.primitive is ADD_AT:
            gates, ops, found = self._path(term)
            row = self.rows.get(op)
            ops = [*ops, *((row,) if row else ()), op.replace((*op.args[:2], found))]
            return [self.nested(op, gates, ops, (), ())]
        total = next(a for a in op.args if a is not term)
        gates, ops, found = self._path(term)
        result = _like(op.result)
        ops.append(op.replace((total, found), (result,)))
        return [self.nested(op, gates, ops, (result,), (total,))]

    def _path(self, term: Atom) -> tuple[list[Gate], list[Op], Atom]:
        """The tests on the way to a term, what computes it behind them, and what it is there."""
        if not self.tests(term):
            return [], [], term
        assert isinstance(term, Value)
        made = self.definitions[term]
        if is_choice(made):
            gates, ops, found = self._path(_chosen(made))
            side = _side(made)
            inner = made.regions[side]
            inner_ops = list(inner.ops)
            if _only_names(inner):  # it may stand on several ways: each has its own
                renamed: dict[Value, Atom] = {}
                for k, op in enumerate(inner.ops):
                    another = _like(op.result)
                    (source,) = op.args
                    read = renamed.get(source, source) if isinstance(source, Value) else source
                    inner_ops[k] = op.replace((read,), (another,))
                    renamed[op.result] = another
                found = renamed.get(found, found) if isinstance(found, Value) else found
            return [*gates, (made.args[0], side)], [*ops, *inner_ops], found
        factor = self._factor(made)
        assert factor is not None
        gates, ops, found = self._path(factor)
        args = tuple(found if a is factor else a for a in made.args)
        product = made.replace(args, (Value(made.result.type),))
        return gates, [*ops, product], product.result

    def nested(
        self, op: Op, gates: list[Gate], ops: list[Op], found: Atoms, otherwise: Atoms
    ) -> Op:
        """Branches, each in the one before, that lead to operations."""
        for place in range(len(gates) - 1, -1, -1):
            test, side = gates[place]
            results = tuple(_like(r) for r in op.results) if place else op.results
            sides = [Region(ops, found), Region([], otherwise)]
            again = self._test_again(test) if place else []
            args = again[0].results if again else (test,)
            regions = tuple(sides if side == 0 else sides[::-1])
            branch = Op(IF, args, results, regions, "statement", op.site, op.order)
            ops, found = [*again, branch], results
        return ops[0]

    def _test_again(self, test: Atom) -> list[Op]:
        """A comparison that only these choices read, which is made where it is needed."""
        made = self.definitions.get(test) if isinstance(test, Value) else None
        if made is None or made.order == 0 or not made.primitive.pattern or made.regions:
            return []
        readers = self.readers[made.result]
        if made.result in self.yielded or not all(is_choice(r) for r in readers):
            return []
        if not all(r.args == (test,) and self._is_read_here(r.result) for r in readers):
            return []
        return [made.replace(made.args, (Value(made.result.type),))]


def _only_names(region: Region) -> bool:
    """Whether a region does no more than to hand something on under a name."""
    return all(op.primitive is YIELDED for op in region.ops)


def _term(op: Op) -> Atom | None:
    """What an operation of a derivative adds to a place of a list, or to a sum."""
    if op.order == 0:
        return None
    if op.primitive is ADD_AT:
        return op.args[2]
    if op.primitive is ADD and op.result.type is REAL:
        return op.args[1]
    return None


def _chosen(choice: Op) -> Atom:
    """What is not zero of a choice."""
    results = choice.regions[_side(choice)].results
    assert results is not None
    return results[0]


def _side(choice: Op) -> int:
    """The side of a choice on which it is not zero."""
    return next(n for n, part in enumerate(choice.regions) if not is_zero((part.results or ())[0]))


def _like(value: Value) -> Value:
    """Another value of the same variable."""
    return Value(value.type, value.name, adjoint_of=value.adjoint_of)
