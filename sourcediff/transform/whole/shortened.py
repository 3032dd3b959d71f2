"""What a derivative computes and nobody needs, and what says the same in fewer words.

The sweeps are made of pieces that do not know of each other. Put together, some of what they
compute is used by nothing, a product has the factor one, and a value is looked at before it is
taken off a list.

>>> from sourcediff.ir import Const, Function, Region, Value
>>> from sourcediff.types import REAL
>>> from sourcediff.transform.adjoint.scaled import MUL
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
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import Atom, Const, Function, Op, Region, Value
from sourcediff.rules.table import primitive_of
from sourcediff.transform.adjoint.scaled import ADD, MUL, NEG, SUB
from sourcediff.transform.whole.forwarded import forwarded
from sourcediff.transform.whole.needed import needed
from sourcediff.transform.whole.prune import uses_in
from sourcediff.types import BOOL, REAL

__all__ = ["lists_of_kept", "shorten", "unread_items"]

NOT = primitive_of(operator.not_)


def shorten(function: Function) -> None:
    """Leave out of a function what it does not need."""
    body = _Simple().region(needed(function.body))
    body = needed(forwarded(body, lists_of_kept(body)))
    function.body = needed(_without_unread(body))
    _take_at_once(function.body, lists_of_kept(function.body))


def unread_items(body: Region) -> None:
    """Call what a loop goes through and does not look at ``_``."""
    used = uses_in(body)
    for op in ir.walk(body):
        if op.primitive is ir.FOR and op.order > 0 and not used.get(op.regions[0].parameters[0]):
            op.regions[0].parameters[0].name = "_"


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
        if op.order > 0 and op.primitive is SUB and op.result.type is REAL:
            one, other = args
            if isinstance(one, Const) and one.value == 0.0 and _is_float(one):
                made = Op(NEG, (other,), op.results, (), None, op.site, op.order)
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


def _without_unread(body: Region) -> Region:
    """Leave out lists of what is kept where nobody looks at what was kept."""
    used = uses_in(body)
    unread = lists_of_kept(body)
    for op in ir.walk(body):
        if op.args and op.args[0] in unread and any(map(used.get, op.results)):
            unread.discard(op.args[0])

    def without(region: Region) -> Region:
        ops = [
            op.replace(regions=tuple(map(without, op.regions)))
            for op in region.ops
            if not (op.args and op.args[0] in unread)
        ]
        return Region(ops, region.results, region.site, region.parameters)

    return without(body) if unread else body


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
