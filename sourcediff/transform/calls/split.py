"""A pullback in two functions: one computes the results and keeps, one takes back and turns round.

What a pullback computes is what its primal computes, and then the reverse of that. Here the first
part becomes a function of its own, which returns beside the results what the second one needs. A
minimum cut decides what that is, as for loops (`residuals`): an argument is passed again, a cheap
operation done again, all else kept in a tuple. What is computed in an arm of a branch is kept in a
tuple of that arm, and taken back under the same test.

>>> from sourcediff.rules.table import primitive_of
>>> import math
>>> x, s, bar, c, g = (Value(types.REAL, name) for name in ("x", "s", "bar", "c", "g"))
>>> ops = [
...     Op(primitive_of(math.exp), (x,), (s,)),
...     Op(primitive_of(math.sin), (s,), (c,)),
...     Op(primitive_of(max, 2), (bar, s), (g,), order=1),
... ]
>>> whole = Function("f", [x, bar], Region(ops, (c, g)), order=1)
>>> for half in split(whole, 1, 1, Value(types.KEPT, "kept")):
...     print(half)
f(x: Real):
    s = math.exp x
    c = math.sin s
    yield c, s
f(x: Real, bar: Real, kept: Kept):
    s = narrowed kept
    g = max bar s
    yield g
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sourcediff import types
from sourcediff.frontend.primitives import LOAD, NARROWED, PURE_CALL, TUPLE, UNPACK
from sourcediff.ir import DEAD, IF, LOOPS, Atom, Function, Op, Region, Value, walk
from sourcediff.transform.branches.gaps import NOTHING, neutral
from sourcediff.transform.lists.contents import is_list
from sourcediff.transform.loops.cut import INFINITE, kept_values
from sourcediff.transform.loops.prices import obstacle_to, time_of
from sourcediff.transform.smaller.optimise import substituted

__all__ = ["split"]

#: What it costs to put a value into a tuple and to have it back. A test is better read once more.
KEEPING = 30

#: The arms that a place of the program is in, each as a branch and the number of its arm.
Path = tuple[tuple[Op, int], ...]
#: The tests that are known at a place of the reverse, with the arm that each leads to.
Context = frozenset[tuple[Atom, int]]


def split(whole: Function, arguments: int, count: int, kept: Value) -> tuple[Function, Function]:
    """The two functions that a pullback is made of.

    Args:
        whole: the pullback, which yields the results of its primal first.
        arguments: how many arguments the primal takes.
        count: how many results it has.
        kept: what stands for all that is kept: the last parameter of the second function.
    """
    run = _Split(whole, count)
    results = whole.body.results
    assert results is not None
    forward, packed = run.forward(whole.body.replace(run.first, results[:count]), ())
    ops = [*forward.ops]
    one = _packed(packed, ops)
    first = whole.with_body(Region(ops, (*results[:count], one)))
    first.parameters = whole.parameters[:arguments]
    second = whole.with_body(run.reverse(packed, kept, results[count:]))
    second.parameters = [*whole.parameters, kept]
    return first, second


def _packed(atoms: Sequence[Atom], ops: list[Op]) -> Atom:
    """What stands for several things that are kept at one place."""
    if len(atoms) < 2:
        return atoms[0] if atoms else NOTHING
    whole = Value(types.tuple_of(atom.type for atom in atoms))
    ops.append(Op(TUPLE, tuple(atoms), (whole,)))
    return whole


def _is_length(op: Op) -> bool:
    return op.primitive is PURE_CALL and op.attribute.function is len


class _Split:
    def __init__(self, whole: Function, count: int) -> None:
        self.whole = whole
        self.parameters = set(whole.parameters)
        results = whole.body.results
        assert results is not None
        self.first = self._forward_part(whole, results[:count])
        mine = set(self.first)
        self.second = [op for op in whole.body.ops if op not in mine]
        self._measure({a for a in results[:count] if isinstance(a, Value) and is_list(a)})
        #: Where the values of the first part are defined, and by what.
        self.paths: dict[Value, Path] = {}
        self.made: dict[Value, Op] = {}
        self._note(self.first, ())
        self.branch_paths: dict[Op, Path] = {}
        self._note_branches(self.first, ())
        self.kept = self._cut(results[count:])
        #: What has to be bound to something on every way: that, and what it may come from.
        self.bound = self._sources(self.kept)
        #: By branch, what stands for all that is kept in its arms; by arm, that.
        self.packs: dict[Op, Value] = {}
        self.arms: dict[tuple[Op, int], list[Value]] = {}

    @staticmethod
    def _forward_part(whole: Function, results: Iterable[Atom]) -> list[Op]:
        """What the results need, and what of the primal has an effect."""
        made = {r: op for op in whole.body.ops for r in op.results}
        wanted: set[Op] = set()
        pending: list[Atom] = list(results)
        for op in whole.body.ops:
            inside = list(walk(Region([op], None)))
            if op.order < whole.order and any(o.primitive.effect for o in inside):
                wanted.add(op)
                pending += _reads(op)
        while pending:
            atom = pending.pop()
            definition = made.get(atom) if isinstance(atom, Value) else None
            if definition is not None and definition not in wanted:
                wanted.add(definition)
                pending += _reads(definition)
        return [op for op in whole.body.ops if op in wanted]

    def _measure(self, returned: set[Value]) -> None:
        """Let how long a list is that is returned be found out before the caller can change it."""
        lengths: dict[Value, Value] = {}
        measured: dict[Value, Atom] = {}

        def rest(ops: Sequence[Op]) -> list[Op]:
            left: list[Op] = []
            for op in ops:
                if not _is_length(op) or op.args[0] not in returned:
                    left.append(op.replace(regions=tuple(r.replace(rest(r.ops), r.results)
                                                         for r in op.regions)))  # fmt: skip
                    continue
                (whole,) = op.args
                assert isinstance(whole, Value)
                if whole not in lengths:
                    lengths[whole] = Value(types.INT, op.result.name)
                    self.first.append(op.replace(results=(lengths[whole],)))
                measured[op.result] = lengths[whole]
            return left

        if any(_is_length(op) and op.args[0] in returned for op in walk(Region(self.second, None))):
            self.second = substituted(rest(self.second), measured)

    def _note(self, ops: Sequence[Op], path: Path) -> None:
        for op in ops:
            for result in op.results:
                self.paths[result], self.made[result] = path, op
            if op.primitive is IF:
                for arm, region in enumerate(op.regions):
                    self._note(region.ops, (*path, (op, arm)))

    def _note_branches(self, ops: Sequence[Op], path: Path) -> None:
        for op in ops:
            if op.primitive is IF:
                self.branch_paths[op] = path
                for arm, region in enumerate(op.regions):
                    self._note_branches(region.ops, (*path, (op, arm)))

    # What is needed -----------------------------------------------------------------------

    def resolved(self, atom: Atom, context: Context) -> Atom:
        """What a result of a branch is where it is known which way control took."""
        while isinstance(atom, Value) and atom in self.made:
            branch = self.made[atom]
            if branch.primitive is not IF:
                break
            (test,) = branch.args
            arm = next((k for k in (0, 1) if (test, k) in context), None)
            results = None if arm is None else branch.regions[arm].results
            if arm is None or results is None:
                break
            inner = results[branch.results.index(atom)]
            if inner is DEAD or not self._is_seen(inner, context):
                break
            atom = inner
        return atom

    def _is_seen(self, atom: Atom, context: Context) -> bool:
        path = self.paths.get(atom, ()) if isinstance(atom, Value) else ()
        return all((branch.args[0], arm) in context for branch, arm in path)

    def _needs(
        self, ops: Sequence[Op], results: Sequence[Atom], context: Context
    ) -> Iterator[Value]:
        """The values of the first part that a region of the second one reads."""
        for op in ops:
            yield from self._of_first(op.args, context)
            for arm, region in enumerate(op.regions):
                inner = self.inside(op, arm, context)
                yield from self._needs(region.ops, region.results or (), inner)
        yield from self._of_first(results, context)

    def _of_first(self, atoms: Iterable[Atom], context: Context) -> Iterator[Value]:
        for atom in atoms:
            found = self.resolved(atom, context)
            if isinstance(found, Value) and found in self.made:
                yield found

    def inside(self, op: Op, arm: int, context: Context) -> Context:
        """What is known in a region of an operation."""
        if op.primitive is not IF:
            return context
        return context | {(self.resolved(op.args[0], context), arm)}

    def price(self, value: Value) -> int:
        """What it costs to compute a value again."""
        made = self.made[value]
        if len(made.results) != 1 or is_list(value):
            return INFINITE
        read = {
            r
            for op in walk(Region([made], None))
            if all(a in self.parameters for a in op.args if is_list(a))
            for r in op.results
            if not is_list(r)
        }
        if obstacle_to(made, read) is not None:
            return INFINITE
        return 1 if made.primitive is LOAD else time_of(made)

    def _cut(self, results: Sequence[Atom]) -> set[Value]:
        needed = dict.fromkeys(self._needs(self.second, results, frozenset()))
        costs: dict[Value, tuple[int, int]] = {}
        operands: dict[Value, list[Value]] = {}
        pending = list(needed)
        while pending:
            value = pending.pop()
            if value in costs:
                continue
            again = self.price(value)
            costs[value] = (again, KEEPING * (2 if value.type is types.BOOL else 1))
            operands[value] = []
            if again < INFINITE:
                context = frozenset((b.args[0], arm) for b, arm in self.paths[value])
                operands[value] = list(self._of_first(_reads(self.made[value]), context))
            pending += operands[value]
        return kept_values(costs, operands, list(needed))

    def _sources(self, values: set[Value]) -> set[Value]:
        """Some values, and the results of branches that they are on some way."""
        found = set(values)
        pending = list(values)
        while pending:
            value = pending.pop()
            branch = self.made[value]
            if branch.primitive is not IF:
                continue
            place = branch.results.index(value)
            for region in branch.regions:
                atom = region.results[place] if region.results is not None else None
                if isinstance(atom, Value) and atom in self.made and atom not in found:
                    found.add(atom)
                    pending.append(atom)
        return found

    # The first function -------------------------------------------------------------------

    def forward(self, region: Region, path: Path) -> tuple[Region, list[Value]]:
        """A region of the first function, and what is kept of it."""
        ops: list[Op] = []
        kept: list[Value] = []
        for op in region.ops:
            if op.primitive is IF:
                op = self._branch(op, path)
            ops.append(op)
            kept += [r for r in op.results if r in self.kept or r in self.packs.values()]
        return region.replace(ops, region.results), kept

    def _branch(self, op: Op, path: Path) -> Op:
        regions = []
        found = []
        for arm, part in enumerate(op.regions):
            inner, kept = self.forward(part, (*path, (op, arm)))
            regions.append(inner)
            found.append(kept)
            self.arms[op, arm] = kept
        regions = [self._whole(op, r) for r in regions]
        if not any(found):
            return op.replace(regions=tuple(regions))
        pack = self.packs[op] = Value(types.KEPT, "kept")
        packed = []
        for inner, kept in zip(regions, found, strict=True):
            ops = [*inner.ops]
            results = inner.results
            if results is not None:
                results = (*results, _packed(kept, ops))
            packed.append(inner.replace(ops, results))
        return op.replace(results=(*op.results, pack), regions=tuple(packed))

    def _whole(self, op: Op, region: Region) -> Region:
        """An arm that has a value for each result that is kept as such."""
        if region.results is None or not any(r in self.bound for r in op.results):
            return region
        pairs = zip(op.results, region.results, strict=True)
        results = tuple(neutral(r) if a is DEAD and r in self.bound else a for r, a in pairs)
        return region.replace(region.ops, results)

    # The second function ------------------------------------------------------------------

    def reverse(self, packed: Sequence[Value], kept: Value, results: Sequence[Atom]) -> Region:
        """The body of the second function."""
        scope: dict[Value, Atom] = {}
        ops: list[Op] = []
        self._unpack(packed, kept, ops, scope)
        self._region(self.second, ops, scope, frozenset())
        answers = tuple(self._read(a, ops, scope, frozenset()) for a in results)
        return Region(ops, answers)

    def _unpack(
        self, packed: Sequence[Value], whole: Value, ops: list[Op], scope: dict[Value, Atom]
    ) -> None:
        if len(packed) == 1:
            (one,) = packed
            if one.type is types.KEPT:
                scope[one] = whole
                return
            found = Value(one.type, one.name, one.adjoint_of)
            ops.append(Op(NARROWED, (whole,), (found,), order=self.whole.order))
            scope[one] = found
        elif packed:
            items = tuple(Value(v.type, v.name, v.adjoint_of) for v in packed)
            ops.append(Op(UNPACK, (whole,), items, order=self.whole.order))
            scope.update(zip(packed, items, strict=True))

    def _region(
        self, source: Sequence[Op], ops: list[Op], scope: dict[Value, Atom], context: Context
    ) -> None:
        for op in source:
            if op.primitive in LOOPS:
                # What is computed again is computed once, before the loop.
                for value in self._needs([op], (), context):
                    self._read(value, ops, scope, context)
            args = tuple(self._read(a, ops, scope, context) for a in op.args)
            regions = []
            for arm, part in enumerate(op.regions):
                inner, known = dict(scope), context
                code: list[Op] = []
                if op.primitive is IF:
                    known = self.inside(op, arm, context)
                    test = self.resolved(op.args[0], context)
                    self._open(test, arm, part, code, inner, known)
                self._region(part.ops, code, inner, known)
                answers = part.results
                if answers is not None:
                    answers = tuple(self._read(a, code, inner, known) for a in answers)
                regions.append(part.replace(code, answers))
            ops.append(op.replace(args=args, regions=tuple(regions)))

    def _open(
        self,
        test: Atom,
        arm: int,
        part: Region,
        ops: list[Op],
        scope: dict[Value, Atom],
        context: Context,
    ) -> None:
        """Take back what was kept in the arms that this test led into."""
        needed = set(self._again(self._needs(part.ops, part.results or (), context), context))
        for branch, pack in self.packs.items():
            if branch.args[0] is not test:
                continue
            around = self.branch_paths[branch]
            if not all((b.args[0], k) in context for b, k in around):
                continue
            inside = self.arms[branch, arm]
            if pack in scope and self._holds(inside, needed):
                whole = scope[pack]
                assert isinstance(whole, Value)
                self._unpack(inside, whole, ops, scope)

    def _holds(self, values: Sequence[Value], needed: set[Value]) -> bool:
        """Whether something that is needed is among values, or in what is kept of an arm."""
        branches = {pack: branch for branch, pack in self.packs.items()}
        for value in values:
            if value in needed:
                return True
            branch = branches.get(value)
            if branch and any(self._holds(self.arms[branch, k], needed) for k in (0, 1)):
                return True
        return False

    def _again(self, values: Iterable[Value], context: Context) -> Iterator[Value]:
        """Some values, and what computing them again reads."""
        pending = list(values)
        while pending:
            value = pending.pop()
            yield value
            if value not in self.kept:
                pending += self._of_first(_reads(self.made[value]), context)

    def _read(self, atom: Atom, ops: list[Op], scope: dict[Value, Atom], context: Context) -> Atom:
        """What stands for an atom in the second function, computed again if need be."""
        if isinstance(atom, Value) and atom in scope:
            return scope[atom]
        atom = self.resolved(atom, context)
        if not isinstance(atom, Value) or atom not in self.made:
            return atom
        if atom in scope:
            return scope[atom]
        assert atom not in self.kept, atom
        self._copy(self.made[atom], ops, scope, context)
        return scope[atom]

    def _copy(self, op: Op, ops: list[Op], scope: dict[Value, Atom], context: Context) -> None:
        """Compute an operation again."""
        for atom in _reads(op):
            self._read(atom, ops, scope, context)

        def fresh(op: Op, scope: dict[Value, Atom]) -> Op:
            def read(atom: Atom) -> Atom:
                found = self.resolved(atom, context)
                return scope.get(found, found) if isinstance(found, Value) else found

            results = tuple(Value(r.type, r.name, r.adjoint_of) for r in op.results)
            args = tuple(map(read, op.args))
            regions = []
            for region in op.regions:
                inner = dict(scope)
                part = [fresh(o, inner) for o in region.ops]
                answers = region.results
                if answers is not None:
                    answers = tuple(inner.get(a, a) if isinstance(a, Value) else a for a in answers)
                regions.append(Region(part, answers))
            scope.update(zip(op.results, results, strict=True))
            made = op.replace(args=args, results=results, regions=tuple(regions))
            made.order = self.whole.order
            return made

        ops.append(fresh(op, scope))


def _reads(op: Op) -> list[Atom]:
    """What an operation, with all that is in it, reads from outside of it."""
    inside = set(op.results)
    for part in walk(Region([op], None)):
        inside.update(part.results)
        for region in part.regions:
            inside.update(region.parameters)
    atoms: list[Atom] = []
    for part in walk(Region([op], None)):
        atoms += part.args
        for region in part.regions:
            atoms += region.results or ()
    return [a for a in atoms if isinstance(a, Value) and a not in inside]
