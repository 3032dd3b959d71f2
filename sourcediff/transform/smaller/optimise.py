"""Make the IR small: nothing dead, nothing computed twice, no branch whose test is known.

`simplify` walks forwards and shares common subexpressions; `eliminate_dead` walks backwards
and keeps what a result or an effect needs. Neither changes the value of anything, and the
user's own operations are dropped or shared but never rearranged.
"""

from __future__ import annotations

import operator
from collections.abc import Hashable, Sequence
from typing import Any

from sourcediff.flow import exits
from sourcediff.frontend.primitives import (
    COPY,
    GETITEM,
    LOAD,
    PURE_CALL,
    TUPLE,
    UNPACK,
    YIELDED,
    CallSpec,
)
from sourcediff.frontend.values import Ref
from sourcediff.guards import COMPLETED, comes_through, raising_in_bodies
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    DEAD,
    FOR,
    IF,
    LOOPS,
    WHILE,
    Atom,
    Const,
    Function,
    Op,
    Region,
    Value,
    walk,
)
from sourcediff.memory import SUBSCRIPT
from sourcediff.rules.table import primitive_of
from sourcediff.transform.lists.contents import (
    rebuilt,
    slot_of,
    stable_reads,
    takes_list_apart,
    touched,
)
from sourcediff.transform.smaller.constants import known_result
from sourcediff.transform.smaller.live import live_values
from sourcediff.transform.smaller.same_arrays import SameArrays
from sourcediff.types import BOOL, INT, is_memory

__all__ = ["eliminate_dead", "key_of", "simplify", "substituted"]

#: A computation of the user's that occurs twice is shared from this cost on (nanoseconds).
WORTH_SHARING = 30


def simplify(function: Function, share: bool = True) -> Function:
    """Share common subexpressions, resolve known branches, see through copies of constants.

    Args:
        function: what to simplify.
        share: False to leave repeated computations alone, as before differentiation.
    """
    run = _Simplify(function.order if share else -1)
    run.stable = stable_reads(function)
    if share and function.order == 1:
        # Of what is differentiated again copies have been dropped: other names may write to it.
        run.arrays = SameArrays(function)
    return function.with_body(run.region(function.body, _Scope()))


class _Scope:
    """The operations available at a point: those of this region and of the regions around."""

    __slots__ = ("here", "outer")

    def __init__(self, outer: _Scope | None = None) -> None:
        self.outer = outer
        self.here: dict[Hashable, Op] = {}

    def forget(self, op: Op) -> None:
        """Items of a list that an operation changes are no longer what they were."""
        _, writes = touched(op)
        if writes:
            kept = {k: o for k, o in self.here.items() if slot_of(o.args[0]) not in writes}
            self.here = kept

    def find(self, key: Hashable) -> Op | None:
        scope: _Scope | None = self
        while scope is not None:
            found = scope.here.get(key)
            if found is not None:
                return found
            scope = scope.outer
        return None


class _Simplify:
    def __init__(self, newest: int) -> None:
        self.newest = newest
        self.renamed: dict[Value, Atom] = {}
        self.definitions: dict[Value, Op] = {}
        #: What is read of lists that nothing changes afterwards.
        self.stable: set[Value] = set()
        self.arrays: SameArrays | None = None

    def read(self, atom: Atom) -> Atom:
        return self.renamed.get(atom, atom) if isinstance(atom, Value) else atom

    def region(self, region: Region, scope: _Scope) -> Region:
        ops: list[Op] = []
        for op in region.ops:
            self.op(op, ops, scope)
        results = region.results
        return region.replace(ops, None if results is None else tuple(map(self.read, results)))

    def op(self, op: Op, ops: list[Op], scope: _Scope) -> None:
        args = tuple(map(self.read, op.args))
        if self.newest < 0:
            scope.forget(op)
        if op.primitive is IF:
            self.branch(op, args, ops, scope)
            return
        if any(a is not b for a, b in zip(args, op.args, strict=True)):
            op = op.replace(args=args)
        if op.primitive in LOOPS:
            self.invariants(op, args)
        if op.regions:
            inner = tuple(self.region(r, _Scope(scope)) for r in op.regions)
            op = op.replace(regions=inner)
        if op.primitive is COPY and isinstance(args[0], Const):
            self.renamed[op.result] = args[0]
            return
        known = known_result(op, self.definitions)
        if known is not None:
            named = op.result.adjoint_of is not None and isinstance(known, Value)
            if not named or known.name or known.adjoint_of:  # type: ignore[union-attr]
                self.renamed[op.result] = known
                return
            op = Op(COPY, (known,), op.results, site=op.site, order=op.order)
        if op.primitive is UNPACK:
            whole = self.definitions.get(args[0]) if isinstance(args[0], Value) else None
            if whole is not None and whole.primitive is TUPLE:
                self.renamed.update(zip(op.results, whole.args, strict=True))
                return
        if op.primitive is GETITEM:
            whole = self.definitions.get(args[0]) if isinstance(args[0], Value) else None
            if whole is not None and whole.primitive is TUPLE:
                self.renamed[op.result] = whole.args[op.attribute]
                return
        if op.primitive is SUBSCRIPT and self.newest < 0:
            # The same item, read again in the same region: its adjoint is one sum.
            same = scope.here.get(key_of(op))
            if same is not None:
                self.renamed[op.result] = same.result
                return
            scope.here[key_of(op)] = op
        if self.newest >= 0 and op.results and not op.primitive.effect and not op.regions:
            key = key_of(op)
            same = scope.find(key)
            if same is not None and self._shared(op, same):
                self.renamed[op.result] = same.result
                return
            scope.here.setdefault(key, op)
        for result in op.results:
            self.definitions[result] = op
        ops.append(op)

    def invariants(self, op: Op, args: tuple[Atom, ...]) -> None:
        """See through what a loop carries that no turn changes."""
        head = 1 if op.primitive is FOR else 0
        tested = 1 if op.primitive is WHILE else 0
        body = op.regions[tested]
        leaving = list(exits(op))
        for place, result in enumerate(op.results):
            before = args[head + place]
            taken = [r.parameters[place + (head if r is body else 0)] for r in op.regions]
            handed_on = [e.args[place] for e in leaving if e.primitive is CONTINUE]
            if tested and op.regions[0].results is not None:
                handed_on.append(op.regions[0].results[tested + place])
            if body.results is not None:
                handed_on.append(body.results[place])
            if not all(a in taken or a is before or _equal(a, before) for a in handed_on):
                continue
            self.renamed.update(dict.fromkeys(taken, before))
            left = [e.args[place] for e in leaving if e.primitive is BREAK]
            if len(op.regions) > 1 + tested and op.regions[-1].results is not None:
                left.append(op.regions[-1].results[place])
            if all(a in taken or a is before or _equal(a, before) for a in left):
                self.renamed[result] = before

    def _shared(self, op: Op, earlier: Op) -> bool:
        if op.primitive in (COPY, YIELDED):
            return False
        if op.result.type.kind in ("Range", "Iterator", "Slice"):
            return False  # one is gone through once, and for the other nobody has a name
        if any(map(_is_array, (*op.args, op.result))) and self.arrays is not None:
            if self.arrays.are_one(op, earlier):
                if earlier.result.name is None and earlier.result.adjoint_of is None:
                    earlier.result.name = op.result.name
                return True
        if is_memory(op.result.type) and op.primitive is not SUBSCRIPT:
            return False  # each is an object of its own
        if op.primitive is PURE_CALL and op.attribute.function is len:
            return False
        if op.result in self.stable and earlier.result in self.stable:
            return True
        if any(slot_of(arg) is not None for arg in op.args):
            return False  # it may have been written to in between
        if op.result.type is INT and any(isinstance(arg, Const) for arg in op.args):
            return False  # an index: nobody gives it a name
        return op.order == self.newest > 0 or op.primitive.cost >= WORTH_SHARING or not op.args

    def yielded(self, atom: Atom) -> Atom:
        """What is behind the name that an arm leaves an adjoint under."""
        definition = self.definitions.get(atom) if isinstance(atom, Value) else None
        if definition is not None and definition.primitive is YIELDED:
            return definition.args[0]
        return atom

    def branch(self, op: Op, args: tuple[Atom, ...], ops: list[Op], scope: _Scope) -> None:
        test = args[0]
        through = comes_through(op)
        if through or (isinstance(test, Const) and test is not DEAD):
            chosen = op.regions[1 if through or not test.value else 0]  # type: ignore[union-attr]
            for inner in chosen.ops:
                if not through or inner.primitive is not COMPLETED:
                    self.op(inner, ops, scope)
            for result, given in zip(op.results, chosen.results or (), strict=False):
                self.renamed[result] = self.read(given)
            return
        regions = tuple(self.region(r, _Scope(scope)) for r in op.regions)
        kept = []
        truth = [Const(True, BOOL), Const(False, BOOL)]
        for place, result in enumerate(op.results):
            sides = [r.results[place] for r in regions if r.results is not None]
            sides = [self.yielded(side) for side in sides]
            same = all(s is sides[0] or _equal(s, sides[0]) for s in sides[1:])
            inside = {v for r in regions for o in r.ops for v in o.results}
            if test.type is BOOL and len(sides) == 2 and all(map(_equal, sides, truth)):
                self.renamed[result] = test  # the test itself, by another name
                continue
            if same and (isinstance(sides[0], Const) or sides[0] not in inside):
                self.renamed[result] = sides[0]
            else:
                kept.append(place)
        if len(kept) < len(op.results):
            regions = tuple(
                r.replace(r.ops, None if r.results is None else tuple(r.results[k] for k in kept))
                for r in regions
            )
        results = tuple(op.results[k] for k in kept)
        ops.append(op.replace(args=args, results=results, regions=regions))


def _is_array(atom: Atom) -> bool:
    return atom.type.kind == "Array"


def _equal(a: Atom, b: Atom) -> bool:
    return isinstance(a, Const) and a.same_as(b)


_COMMUTES = ("add", "mul")


def key_of(op: Op) -> Hashable:
    """What makes two operations the same computation."""
    args: Sequence[Any] = [
        (a.type, repr(a.value), a.value.__class__) if isinstance(a, Const) else id(a)
        for a in op.args
    ]
    if op.primitive.name in _COMMUTES:
        args = sorted(args, key=repr)
    attribute = op.attribute.key if isinstance(op.attribute, Ref) else op.attribute
    if isinstance(attribute, CallSpec):
        attribute = (id(attribute.function), attribute.keywords, attribute.stars)
    if op.primitive is not LOAD and not isinstance(attribute, Hashable):
        attribute = id(attribute)
    return (op.primitive, attribute, *args)


def eliminate_dead(function: Function, *, keep_writes: bool = False) -> Function:
    """Drop what neither the result nor an effect needs.

    Args:
        function: a function.
        keep_writes: whether all writes to arrays stay. They must where copies of arrays have been
            dropped: what is written by one name is read by another, which no slot tells any more.
    """
    run = _Eliminate(function.order, keep_writes)
    run.deciding = raising_in_bodies(function.body)
    run.apart = _taken_apart_once(function.body)
    if any(op.primitive in LOOPS or op.primitive.writes for op in walk(function.body)):
        run.live, run.reached = live_values(
            function.body, run.may_check, function.parameters, run.acts
        )
    return function.with_body(run.region(function.body))


def _taken_apart_once(region: Region) -> set[Op]:
    """Where the function takes a list apart once, which raises where the number is another."""
    found = {op for op in region.ops if op.order == 0 and takes_list_apart(op)}
    for op in region.ops:
        if op.primitive not in LOOPS:
            found.update(*map(_taken_apart_once, op.regions))
    return found


DIVISIONS = tuple(primitive_of(f) for f in (operator.truediv, operator.floordiv, operator.mod))


class _Eliminate:
    def __init__(self, newest: int, keep_writes: bool) -> None:
        self.newest = newest
        self.keep_writes = keep_writes
        #: What decides whether the body of a try statement raises.
        self.deciding: set[Op] = set()
        #: Where the function itself takes lists apart, outside of loops.
        self.apart: set[Op] = set()
        self.uses: dict[Value, int] = {}
        self.definitions: dict[Value, Op] = {}
        #: What the operations that are kept anyway divide by.
        self.divisors: set[Atom] = set()
        #: Where there are loops: what is needed, also by way of another turn.
        self.live: set[Value] = set()
        self.reached: set[Op] = set()
        #: The carried values that are left of the loop that control is in.
        self.carried: tuple[int, ...] = ()

    def may_check(self, op: Op) -> bool:
        """Whether an operation may be kept for the errors that it raises."""
        primitive = op.primitive
        if op in self.deciding:
            return True
        if self.keep_writes and primitive.writes and op.args and op.args[0].type.kind == "Array":
            return True
        if self.newest == 0:
            return primitive.bounded
        return op.kept or (primitive.checks and op.order < self.newest)

    def acts(self, op: Op) -> bool:
        """Whether an operation is there for what it does, not for what it gives."""
        again = self.newest > 0 and takes_list_apart(op) and op not in self.apart
        return op.primitive.effect and not again

    def use(self, atoms: Sequence[Atom]) -> None:
        for atom in atoms:
            if isinstance(atom, Value):
                self.uses[atom] = self.uses.get(atom, 0) + 1

    def region(self, region: Region) -> Region:
        self.use(region.results or ())
        for op in region.ops:
            for result in op.results:
                self.definitions[result] = op
        divisors = set(self.divisors)
        kept: list[Op] = []
        for op in reversed(region.ops):
            needed = [r for r in op.results if r in self.uses]
            if op.primitive in LOOPS:
                slim = self.loop(op)
                if slim is not None:
                    kept.append(slim)
                    self.use(slim.args)
                continue
            if op.primitive in (BREAK, CONTINUE):
                op = op.replace(args=tuple(op.args[p] for p in self.carried))
            if op.primitive is IF:
                slim = self.branch(op, needed)
                if slim is not None:
                    kept.append(slim)
                    self.use(slim.args)
                continue
            if rebuilt(op) and op not in self.reached:
                continue
            if needed or self.acts(op) or self._checks(op):
                if op.primitive in DIVISIONS:
                    self.divisors.add(op.args[1])
                if op.regions:
                    op = op.replace(regions=tuple(self.region(r) for r in op.regions))
                kept.append(op)
                self.use(op.args)
        kept.reverse()
        self.divisors = divisors
        return region.replace(kept, region.results)

    def _checks(self, op: Op) -> bool:
        """Whether an operation is kept for the errors that it raises."""
        if op in self.deciding:
            return self._known(op) is None
        return self.may_check(op) and not self._is_safe(op)

    def loop(self, op: Op) -> Op | None:
        """A loop without what it carries in vain; None if it does nothing."""
        shift = 1 if op.primitive is FOR else 0
        inside = [r.parameters[shift if r is op.regions[0] else 0 :] for r in op.regions]
        places = [
            place
            for place, result in enumerate(op.results)
            if result in self.live or any(p[place] in self.live for p in inside)
        ]
        outer, self.carried = self.carried, tuple(places)
        regions = []
        for number, region in enumerate(op.regions):
            first = shift if number == 0 else 0
            head = 1 if op.primitive is WHILE and number == 0 else 0
            taken = region.parameters
            results = region.results
            if results is not None:
                results = (*results[:head], *(results[head + p] for p in places))
            if number > (1 if op.primitive is WHILE else 0):
                self.carried = outer  # what leaves the ``else`` leaves the loop around
            parameters = (*taken[:first], *(taken[first + p] for p in places))
            inner = self.region(region.replace(region.ops, results))
            regions.append(Region(inner.ops, inner.results, region.site, parameters))
        self.carried = outer
        if not places and op not in self.reached:
            return None
        args = (*op.args[:shift], *(op.args[shift + p] for p in places))
        results = tuple(op.results[p] for p in places)
        return op.replace(args=args, results=results, regions=tuple(regions))

    def _is_safe(self, op: Op) -> bool:
        """Whether an operation cannot leave its domain, or another tells if it does."""
        if op.primitive in DIVISIONS:
            divisor = op.args[1]
            if isinstance(divisor, Const):
                return bool(divisor.value != 0)
            return divisor in self.divisors
        if op.primitive.name == "pow" and isinstance(op.args[1], Const):
            exponent = op.args[1].value
            if exponent >= 0 and exponent == int(exponent):
                return True
        return self._known(op) is not None

    def _known(self, op: Op) -> Any:
        """The value of an operation on constants; None if it has other operands, or raises."""
        values = []
        for arg in op.args:
            definition = self.definitions.get(arg) if isinstance(arg, Value) else None
            if isinstance(arg, Const):
                values.append(arg.value)
            elif definition is not None and len(definition.results) == 1:
                inner = self._known(definition)
                if inner is None:
                    return None
                values.append(inner)
            else:
                return None
        try:
            if op.primitive is LOAD:
                ref = op.attribute
                standard = ref.root == "module" and ref.where.__name__ == "math"
                return ref.read() if standard else None
            if op.attribute is not None or op.regions or op.primitive.effect:
                return None
            if op.primitive.opaque or op.primitive.reads:
                return None
            return op.primitive.evaluate(*values)
        except (ArithmeticError, ValueError):
            return None

    def branch(self, op: Op, needed: list[Value]) -> Op | None:
        places = [p for p, r in enumerate(op.results) if r in self.uses]
        regions = []
        for region in op.regions:
            results = region.results
            if results is not None:
                results = tuple(results[p] for p in places)
            regions.append(self.region(region.replace(region.ops, results)))
        if not needed and all(not r.ops and r.results is not None for r in regions):
            return None
        return op.replace(results=tuple(needed), regions=tuple(regions))


def substituted(ops: Sequence[Op], renamed: dict[Value, Atom]) -> list[Op]:
    """Operations that read other values, in all their regions."""

    def read(atom: Atom) -> Atom:
        while isinstance(atom, Value) and atom in renamed:
            atom = renamed[atom]
        return atom

    def region(r: Region) -> Region:
        results = None if r.results is None else tuple(map(read, r.results))
        return r.replace(substituted(r.ops, renamed), results)

    return [
        op.replace(args=tuple(map(read, op.args)), regions=tuple(map(region, op.regions)))
        for op in ops
    ]
