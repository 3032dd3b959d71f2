"""Values that are the same whichever way control came: what a loop hands on unchanged, for one.

The reverse sweep gives each value an adjoint of its own and puts it back to zero where it is taken.
Of the many that a loop hands on, most are zero whenever it gets there. So it is assumed of each
that it is what it was before the loop, until a turn is found that hands on something else.

>>> from sourcediff.ir import Function
>>> from sourcediff.transform.whole.needed import needed
>>> from sourcediff.types import INT
>>> n, seed, total, rest, sum_ = (Value(REAL, name) for name in ("n", "seed", "t", "r", "sum"))
>>> added = Op(ADD, (rest, seed), (sum_,), order=1)
>>> zero = Const(0.0, REAL)
>>> turn = Region([added], (sum_, zero), None, (Value(INT), total, rest))
>>> loop = Op(ir.FOR, (n, zero, zero), (Value(REAL, "t"), Value(REAL, "r")), (turn,))
>>> body = settled(Region([loop], loop.results))
>>> print(Function("f", [n, seed], needed(body)))
f(n: Real, seed: Real):
    t = for n 0.0:
        take %1: Int, t.1: Real
        yield seed
    yield t, 0.0
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sourcediff import ir
from sourcediff.ir import Atom, Const, Op, Region, Value
from sourcediff.transform.adjoint.scaled import ADD, MUL, SUB
from sourcediff.transform.whole.renamed import renamed
from sourcediff.types import REAL

__all__ = ["settled"]

_PLAIN = (int, float, bool, str, type(None))


def settled(body: Region) -> Region:
    """The same body of a function, where each such value is what it is known to be."""
    found = _Settling(body)
    while found.changed:
        found.changed = False
        found.region(body)
    return renamed(_straight(body, found), found.known)


class _Settling:
    """What each value is known to be; one that was not met yet may be anything."""

    def __init__(self, body: Region) -> None:
        self.changed = True
        self.known: dict[Value, Atom] = {}
        self.scope: set[Value] = set()
        made = {result for op in ir.walk(body) for result in op.results}
        made |= {p for op in ir.walk(body) for region in op.regions for p in region.parameters}
        used = [body.results or (), *(op.args for op in ir.walk(body))]
        used += [region.results or () for op in ir.walk(body) for region in op.regions]
        self.is_itself(a for atoms in used for a in atoms if isinstance(a, Value) and a not in made)
        #: Of the loops around, with what their breaks leave, with what their turns go on.
        self.breaks: list[list[Sequence[Atom]]] = []
        self.continues: list[list[Sequence[Atom]]] = []

    def resolve(self, atom: Atom) -> Atom | None:
        """What an atom is; None for one that was not met."""
        return self.known.get(atom) if isinstance(atom, Value) else atom

    def is_itself(self, values: Iterable[Value]) -> None:
        """Nothing else is known of these."""
        for value in values:
            self.scope.add(value)
            if self.known.get(value) is not value:
                self.known[value] = value
                self.changed = True

    def meet(self, value: Value, incoming: Iterable[Atom]) -> None:
        """A value that is one of several."""
        found: dict[object, Atom] = {}
        for atom in incoming:
            known = self.resolve(atom)
            if known is not None:
                found[_key(known)] = known
        before = self.known.get(value)
        if not found and before is None:
            return
        (one,) = found.values() if len(found) == 1 else (value,)
        if isinstance(one, Const):
            fits = one.value.__class__ in _PLAIN
        else:
            fits = one in self.scope and one.type == value.type
        if not fits or (before is not None and _key(before) != _key(one)):
            one = value
        self.scope.add(value)
        if before is not one:
            self.changed = self.changed or before is None or _key(before) != _key(one)
            self.known[value] = one

    def region(self, region: Region) -> None:
        """The operations of a region; what they give is seen no further than it goes."""
        before = set(region.parameters)
        for op in region.ops:
            before.update(op.results)
            self.op(op)
        self.scope -= before

    def op(self, op: Op) -> None:
        if op.primitive is ir.BREAK:
            self.breaks[-1].append(op.args)
        elif op.primitive is ir.CONTINUE:
            self.continues[-1].append(op.args)
        elif op.primitive is ir.IF:
            for region in op.regions:
                self.region(region)
            arms = [r.results for r in op.regions if r.results is not None]
            for place, result in enumerate(op.results):
                self.meet(result, [arm[place] for arm in arms])
        elif op.primitive in (ir.WHILE, ir.FOR):
            self.loop(op)
        elif op.regions:
            for region in op.regions:
                self.is_itself(region.parameters)
                self.region(region)
            self.is_itself(op.results)
        else:
            self.plain(op)

    def plain(self, op: Op) -> None:
        if op.order > 0 and op.primitive in (ADD, SUB, MUL) and op.result.type is REAL:
            known = [self.resolve(arg) for arg in op.args]
            if None in known:
                return
            one = _simple(op, known[0], known[1])  # type: ignore[arg-type]
            if one is not None and (isinstance(one, Const) or one in self.scope):
                self.scope.add(op.result)
                before = self.known.get(op.result)
                if before is None or _key(before) != _key(one):
                    self.known[op.result] = one
                    self.changed = True
                return
        self.is_itself(op.results)

    def loop(self, op: Op) -> None:
        first = 1 if op.primitive is ir.FOR else 0
        start = op.args[first:]
        body = op.regions[0] if first else op.regions[1]
        carried = (body if first else op.regions[0]).parameters[first:]
        self.is_itself(body.parameters[:first])
        self.breaks.append([])
        self.continues.append([])
        passed: Sequence[Atom] = carried
        leaves = True
        self._begin(carried, start, body)
        if not first:
            test = op.regions[0]
            for one in test.ops:
                self.op(one)
            assert test.results is not None
            passed = test.results[1:]
            leaves = not (isinstance(test.results[0], Const) and test.results[0].value is True)
            # The loop sees of it what is handed on, and nothing else.
            self.scope -= {*carried, *(result for one in test.ops for result in one.results)}
            for parameter, atom in zip(body.parameters, passed, strict=True):
                self.meet(parameter, [atom])
        self.region(body)
        breaks, again = self.breaks.pop(), self.continues.pop()
        for place, parameter in enumerate(carried):
            ends = [turn[place] for turn in (body.results, *again) if turn is not None]
            self.meet(parameter, [start[place], *ends])
        self.scope -= {*carried, *body.parameters}
        orelse = op.regions[1 + (not first) :]
        for region in orelse:
            self.is_itself(region.parameters)
            self.region(region)
        if orelse:
            self.is_itself(op.results)
            return
        for place, result in enumerate(op.results):
            ends = [turn[place] for turn in breaks]
            self.meet(result, [*ends, passed[place]] if leaves else ends)

    def _begin(self, carried: Sequence[Value], start: Sequence[Atom], body: Region) -> None:
        for place, parameter in enumerate(carried):
            again = () if body.results is None else (body.results[place],)
            self.meet(parameter, [start[place], *again])


def _simple(op: Op, one: Atom, other: Atom) -> Atom | None:
    """A sum with zero or a product with zero or one, of what derivatives bring in."""
    if op.primitive is SUB:
        return one if _is(other, 0.0) else None
    for here, there in ((one, other), (other, one)):
        if op.primitive is ADD and _is(here, 0.0):
            return there
        if op.primitive is MUL and (_is(here, 0.0) or _is(there, 1.0)):
            return here
    return None


def _is(atom: Atom, number: float) -> bool:
    return isinstance(atom, Const) and atom.value.__class__ is float and atom.value == number


def _key(atom: Atom) -> object:
    """What tells atoms apart."""
    if isinstance(atom, Const) and atom.value.__class__ in _PLAIN:
        return (atom.value.__class__, repr(atom.value))
    return id(atom)


def _straight(region: Region, found: _Settling) -> Region:
    """The same with the arms that are taken in any case in the place of branches."""
    ops: list[Op] = []
    for op in region.ops:
        made = op.replace(regions=tuple(_straight(inner, found) for inner in op.regions))
        taken = _taken(made, found)
        if taken is None or taken.results is None:
            ops.append(made)
        else:
            ops += taken.ops
            found.known.update(zip(op.results, taken.results, strict=True))
    return Region(ops, region.results, region.site, region.parameters)


def _taken(op: Op, found: _Settling) -> Region | None:
    """The arm of a branch that is taken in any case."""
    test = found.resolve(op.args[0]) if op.primitive is ir.IF else None
    if not isinstance(test, Const) or test.value.__class__ is not bool:
        return None
    return op.regions[0 if test.value else 1]
