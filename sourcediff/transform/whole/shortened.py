"""What a derivative computes and nobody needs, and what says the same in fewer words.

The sweeps are made of pieces that do not know of each other. Put together, some of what they
compute is used by nothing, a product has the factor one, and a value is looked at before it is
taken off a list.

>>> from sourcediff.ir import Const, Function, Region, Value
>>> from sourcediff.types import REAL
>>> from sourcediff.transform.scaled import MUL
>>> x, y, z = (Value(REAL, name) for name in ("x", None, None))
>>> product = Op(MUL, (Const(1.0, REAL), x), (y,), order=1)
>>> unused = Op(MUL, (x, x), (z,), order=1)
>>> function = Function("f", [x], Region([product, unused], (y,)))
>>> shorten(function)
>>> print(function)
f(x: Real):
    yield x
"""

from __future__ import annotations

import operator

from sourcediff import ir, memory
from sourcediff.flow import stops
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import Atom, Const, Function, Op, Region, Value
from sourcediff.rules.table import primitive_of
from sourcediff.transform.scaled import ADD, MUL
from sourcediff.types import BOOL, INT, REAL

__all__ = ["lists_of_kept", "shorten"]

NOT = primitive_of(operator.not_)
DIVIDE = primitive_of(operator.truediv)


def shorten(function: Function) -> None:
    """Leave out of a function what it does not need."""
    function.body = _Simple().region(function.body)
    function.body = _Needed(function.body).region(function.body, ())
    _take_at_once(function.body, lists_of_kept(function.body))


# The same in fewer words ----------------------------------------------------------------------


class _Simple:
    """Products with one, sums with zero, and branches that have only an else."""

    def __init__(self) -> None:
        self.alias: dict[Value, Atom] = {}
        self.definitions: dict[Value, Op] = {}

    def atom(self, atom: Atom) -> Atom:
        while isinstance(atom, Value) and atom in self.alias:
            atom = self.alias[atom]
        return atom

    def region(self, region: Region) -> Region:
        ops: list[Op] = []
        for op in region.ops:
            self.op(op, ops)
        results = None if region.results is None else tuple(map(self.atom, region.results))
        return Region(ops, results, region.site, region.parameters)

    def op(self, op: Op, ops: list[Op]) -> None:
        args = tuple(map(self.atom, op.args))
        regions = tuple(map(self.region, op.regions))
        made = op.replace(args=args, regions=regions)
        if op.order > 0 and op.primitive in (MUL, ADD):
            neutral = 1.0 if op.primitive is MUL else 0.0
            for one, other in (args, args[::-1]):
                if isinstance(one, Const) and one.value == neutral and _is_float(one):
                    self.alias[op.result] = other
                    return
        if op.primitive is ir.IF and not regions[0].ops and regions[1].ops:
            made = self.turned(made, ops)
        elif op.primitive is ir.FOR:
            made = self.over_items(made)
        for result in made.results:
            self.definitions[result] = made
        ops.append(made)

    def turned(self, op: Op, ops: list[Op]) -> Op:
        """``if not test`` for a branch that does nothing where its test holds."""
        then, orelse = op.regions
        if then.results is None:
            return op
        test = op.args[0]
        known = self.definitions.get(test) if isinstance(test, Value) else None
        if known is not None and known.primitive is NOT:
            opposite = known.args[0]
        else:
            assert NOT is not None
            result = Value(BOOL)
            ops.append(Op(NOT, (test,), (result,), site=op.site, order=op.order))
            opposite = result
        return op.replace(args=(opposite,), regions=(orelse, then))

    def over_items(self, op: Op) -> Op:
        """``for item in whole`` for a loop that uses places only to look at the items there."""
        whole = self.counted(op.args[0])
        body = op.regions[0]
        if whole is None or not body.ops or whole.type.kind not in ("List", "Sequence"):
            return op
        first, *rest = body.ops
        place = body.parameters[0]
        if first.primitive is not memory.SUBSCRIPT or first.args != (whole, place):
            return op
        for inner in ir.walk(Region(rest, body.results)):
            if place in inner.args or (whole in inner.args and inner.primitive.writes):
                return op
            if any(place in (region.results or ()) for region in inner.regions):
                return op
        if place in (body.results or ()):
            return op
        parameters = (first.result, *body.parameters[1:])
        region = Region(rest, body.results, body.site, parameters)
        return op.replace(args=(whole, *op.args[1:]), regions=(region, *op.regions[1:]))

    def counted(self, atom: Atom) -> Value | None:
        """What ``range(len(whole))`` is of."""
        made = self.definitions.get(atom) if isinstance(atom, Value) else None
        if made is None or made.primitive is not PURE_CALL or len(made.args) != 1:
            return None
        (length,) = made.args
        of = self.definitions.get(length) if isinstance(length, Value) else None
        if made.attribute.function is not range or of is None or of.primitive is not PURE_CALL:
            return None
        found = of.args[0] if of.attribute.function is len else None
        return found if isinstance(found, Value) else None


def _is_float(const: Const) -> bool:
    return const.value.__class__ is float


def _only_looks(op: Op) -> bool:
    """Whether it is a call of a function of Python's that looks at a container and cannot fail."""
    if op.primitive is not PURE_CALL or op.attribute.function not in (len, list, tuple, sum):
        return False
    plain = all(arg.type.kind in _CONTAINERS for arg in op.args) and len(op.args) == 1
    return plain and (op.attribute.function is not sum or op.result.type in (REAL, INT))


_CONTAINERS = ("List", "Dict", "Record", "Deque", "Tuple", "Sequence", "Range")


# What is needed -------------------------------------------------------------------------------


class _Needed:
    """Which values something depends on that has to happen."""

    def __init__(self, body: Region) -> None:
        self.live: set[Value] = set()
        self.divided: set[Atom] = set()
        for op in ir.walk(body):
            if op.primitive is DIVIDE and op.order > 0:
                self.divided.add(op.args[1])
        while True:
            before = len(self.live)
            self.mark(body, ())
            if len(self.live) == before:
                break

    def need(self, atoms: tuple[Atom, ...] | list[Atom]) -> None:
        self.live.update(atom for atom in atoms if isinstance(atom, Value))

    def happens(self, op: Op) -> bool:
        """Whether an operation has to be there whatever its result is good for."""
        if op.regions:
            inside = any(self.happens(inner) for region in op.regions for inner in region.ops)
            return inside or op.primitive not in (ir.IF, ir.FOR)
        if op.primitive.effect or stops(op):
            return True
        if op.order > 0 or not op.primitive.raises or _only_looks(op):
            return op.primitive is DIVIDE and op.order == 0 and op.args[1] not in self.divided
        return True

    def mark(self, region: Region, carried: tuple[int, ...]) -> None:
        for op in reversed(region.ops):
            if op.primitive in (ir.BREAK, ir.CONTINUE):
                self.need([op.args[place] for place in carried])
            elif op.primitive in (ir.WHILE, ir.FOR):
                self.loop(op)
            elif op.primitive is ir.IF:
                self.branch(op, carried)
            elif self.happens(op) or any(result in self.live for result in op.results):
                self.need(op.args)
                for inner in op.regions:
                    self.need(inner.results or ())
                    self.mark(inner, carried)

    def branch(self, op: Op, carried: tuple[int, ...]) -> None:
        needed = [place for place, result in enumerate(op.results) if result in self.live]
        if not needed and not self.happens(op):
            return
        self.need(op.args)
        for region in op.regions:
            if region.results is not None:
                self.need([region.results[place] for place in needed])
            self.mark(region, carried)

    def places(self, op: Op) -> tuple[int, ...]:
        """The places of the carried values that are needed."""
        found = []
        for place, result in enumerate(op.results):
            inside = [_carried(op, number)[place] for number in range(len(op.regions))]
            if result in self.live or any(value in self.live for value in inside):
                found.append(place)
        return tuple(found)

    def loop(self, op: Op) -> None:
        places = self.places(op)
        if op.primitive is ir.FOR:
            if not places and not self.happens(op):
                return
            self.need(op.args[:1])
        first = 1 if op.primitive is ir.FOR else 0
        self.need([op.args[first + place] for place in places])
        for number, region in enumerate(op.regions):
            if region.results is not None:
                head = 1 if op.primitive is ir.WHILE and number == 0 else 0
                self.need(list(region.results[:head]))
                self.need([region.results[head + place] for place in places])
            self.mark(region, places)

    # Writing again ------------------------------------------------------------------------

    def region(self, region: Region, carried: tuple[int, ...]) -> Region:
        ops = []
        for op in region.ops:
            made = self.op(op, carried)
            if made is not None:
                ops.append(made)
        return Region(ops, region.results, region.site, region.parameters)

    def op(self, op: Op, carried: tuple[int, ...]) -> Op | None:
        if op.primitive in (ir.BREAK, ir.CONTINUE):
            return op.replace(args=tuple(op.args[place] for place in carried))
        needed = [place for place, result in enumerate(op.results) if result in self.live]
        if op.primitive is ir.IF:
            if not needed and not self.happens(op):
                return None
            regions = tuple(
                _yielding(self.region(inner, carried), 0, needed) for inner in op.regions
            )
            results = tuple(op.results[place] for place in needed)
            if not results and not any(inner.ops for inner in regions):
                return None
            return op.replace(results=results, regions=regions)
        if op.primitive in (ir.WHILE, ir.FOR):
            return self.slim(op)
        if not needed and not self.happens(op):
            return None
        regions = tuple(self.region(inner, carried) for inner in op.regions)
        return op.replace(regions=regions)

    def slim(self, op: Op) -> Op | None:
        places = self.places(op)
        first = 1 if op.primitive is ir.FOR else 0
        if first and not places and not self.happens(op):
            return None
        regions = []
        for number, region in enumerate(op.regions):
            head = 1 if op.primitive is ir.WHILE and number == 0 else 0
            made = _yielding(self.region(region, places), head, list(places))
            start = 1 if op.primitive is ir.FOR and number == 0 else 0
            kept = [made.parameters[start + place] for place in places]
            made.parameters = (*made.parameters[:start], *kept)
            regions.append(made)
        args = (*op.args[:first], *(op.args[first + place] for place in places))
        results = tuple(op.results[place] for place in places)
        return op.replace(args=args, results=results, regions=tuple(regions))


def _carried(op: Op, number: int) -> tuple[Value, ...]:
    """The parameters of a region of a loop that are what it carries."""
    start = 1 if op.primitive is ir.FOR and number == 0 else 0
    return op.regions[number].parameters[start:]


def _yielding(region: Region, head: int, places: list[int]) -> Region:
    if region.results is None:
        return region
    kept = [region.results[head + place] for place in places]
    return Region(region.ops, (*region.results[:head], *kept), region.site, region.parameters)


# Lists ----------------------------------------------------------------------------------------


def lists_of_kept(body: Region) -> set[Value]:
    """Lists that are made empty here, filled and emptied at their end, and nothing else."""
    found = {
        op.result
        for op in ir.walk(body)
        if op.primitive is memory.LIST and not op.args and op.results
    }
    for op in ir.walk(body):
        for place, arg in enumerate(op.args):
            if arg in found and not (place == 0 and _at_end(op)):
                found.discard(arg)
        for region in op.regions:
            found.difference_update(region.results or ())
    found.difference_update(body.results or ())
    return found


def _at_end(op: Op) -> bool:
    if op.primitive is memory.METHOD_OF:
        return op.attribute.name == "append" or (op.attribute.name == "pop" and len(op.args) == 1)
    return _looks(op)


def _looks(op: Op) -> bool:
    if op.primitive is not memory.SUBSCRIPT:
        return False
    index = op.args[1]
    return isinstance(index, Const) and index.value == -1


def _take_at_once(region: Region, lists: set[Value]) -> None:
    """``xs[-1]`` and a ``xs.pop()`` after it are one: a value that is taken."""
    ops = list(region.ops)
    for op in ops:
        for inner in op.regions:
            _take_at_once(inner, lists)
    looked: dict[Atom, int] = {}
    gone: set[int] = set()
    for place, op in enumerate(ops):
        used = {a for one in (op, *(o for r in op.regions for o in ir.walk(r))) for a in one.args}
        if _looks(op) and op.args[0] in lists:
            looked[op.args[0]] = place
            continue
        for whole in list(looked):
            if whole not in used:
                continue
            before = looked.pop(whole)
            drops = op.primitive is memory.METHOD_OF and op.attribute.name == "pop"
            if drops and op.args[0] is whole and not op.results:
                taken = ops[before]
                ops[before] = Op(
                    op.primitive,
                    (whole,),
                    taken.results,
                    (),
                    op.attribute,
                    taken.site,
                    taken.order,
                )
                gone.add(place)
    region.ops = [op for place, op in enumerate(ops) if place not in gone]
