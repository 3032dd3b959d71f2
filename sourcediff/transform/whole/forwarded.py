"""What is read of a place where it was just put, and what is put where it is already.

The reverse of a store takes the adjoint from its place and leaves zero there; what comes next may
add to the same place. Between the two nothing else is there, so the sum is what is added.

>>> from sourcediff.ir import Function
>>> from sourcediff.transform.whole.needed import needed
>>> from sourcediff.types import REAL, Slot, list_of
>>> xs, now, then, total = Value(list_of(Slot(REAL)), "xs"), *(Value(REAL) for _ in range(3))
>>> i, zero = Value(types.INT, "i"), Const(0.0, REAL)
>>> body = Region([Op(memory.SUBSCRIPT, (xs, i), (now,), order=1),
...                Op(memory.SET_ITEM, (xs, i, zero), (), order=1),
...                Op(memory.SUBSCRIPT, (xs, i), (then,), order=1),
...                Op(memory.SET_ITEM, (xs, i, now), (), order=1)], (then,))
>>> print(Function("f", [xs, i], needed(forwarded(body, set()))))
f(xs: List[Real], i: Int):
    yield 0.0
"""

from __future__ import annotations

import collections

from sourcediff import ir, memory, types
from sourcediff.frontend.primitives import CALL, GETATTR, PURE_CALL, TUPLE
from sourcediff.ir import Atom, Const, Op, Region, Value
from sourcediff.transform.whole.renamed import renamed

__all__ = ["forwarded"]

#: An object, whether the place is an attribute of it, and its name, its index or its key.
_Place = tuple[Value, bool, object]

_KINDS = ("List", "Dict", "Record", "Object")
_LOADS = (memory.SUBSCRIPT, GETATTR)
_STORES = (memory.SET_ITEM, memory.SET_ATTRIBUTE)
#: What has nothing to do with what is at places of objects.
_ELSEWHERE = (memory.READ, memory.WRITE, memory.LIST, memory.DICT, TUPLE, memory.MAKE_FUNCTION)


def forwarded(body: Region, own: set[Value]) -> Region:
    """The same body of a function, without such reads and stores.

    Args:
        own: lists that nothing else refers to.
    """
    found = _Forward(own)
    return renamed(found.region(body, {}), found.names)


class _Forward:
    """One walk through a function.

    names    what is read, where it is known what that is
    """

    def __init__(self, own: set[Value]) -> None:
        self.own = own
        self.names: dict[Value, Atom] = {}
        #: What is at places.
        self.held: dict[_Place, Atom] = {}
        #: Stores to places that were not read since then, and what was there before.
        self.pending: dict[_Place, tuple[Op, Atom | None]] = {}

    def atom(self, atom: Atom) -> Atom:
        while isinstance(atom, Value) and atom in self.names:
            atom = self.names[atom]
        return atom

    def region(self, region: Region, held: dict[_Place, Atom]) -> Region:
        """A region, at whose beginning this is known to be at places."""
        around = self.held, self.pending
        self.held, self.pending = dict(held), {}
        gone: set[Op] = set()
        ops: list[Op] = []
        for op in region.ops:
            made = op.replace(args=tuple(map(self.atom, op.args)))
            if self.op(made, gone):
                if op.regions:
                    made = made.replace(regions=self.regions(made))
                ops.append(made)
        self.held, self.pending = around
        return Region(
            [op for op in ops if op not in gone], region.results, region.site, region.parameters
        )

    def regions(self, op: Op) -> tuple[Region, ...]:
        """The regions of an operation; after those that change nothing more is known."""
        if op.primitive is ir.TRY:
            self.forget()
            return op.regions
        changes = any(self.changes(one) for region in op.regions for one in ir.walk(region))
        known = self.held if op.primitive is ir.IF or not changes else {}
        regions = tuple(self.region(region, known) for region in op.regions)
        self.pending.clear()
        if changes:
            self.held.clear()
        return regions

    def changes(self, op: Op) -> bool:
        """Whether an operation may change what is at a place."""
        if op.primitive in _ELSEWHERE or self.is_kept(op):
            return False
        return bool(op.primitive.writes or op.primitive.effect) or op.primitive in (
            CALL,
            ir.INVOKE,
            ir.TRY,
        )

    def is_kept(self, op: Op) -> bool:
        """Whether it puts on a list of what is kept, or takes off it."""
        return op.primitive is memory.METHOD_OF and op.args[0] in self.own

    def forget(self) -> None:
        self.held.clear()
        self.pending.clear()

    def op(self, op: Op, gone: set[Op]) -> bool:
        """What is known after an operation; whether it stays."""
        if op.regions or op.primitive in _ELSEWHERE:
            return True
        if op.primitive in (*_LOADS, *_STORES):
            place = _place(op)
            if place is None:
                if op.primitive in _STORES or _grows(op):
                    self.forget()
                else:
                    self.pending.clear()
                return True
            return self.load(op, place) if op.primitive in _LOADS else self.store(op, place, gone)
        if op.primitive is memory.METHOD_OF and isinstance(op.args[0], Value):
            for place in list(self.held):
                whole = place[0]
                if whole is op.args[0] or (op.args[0] not in self.own and _meet(whole, op.args[0])):
                    del self.held[place]
            if not self.is_kept(op):
                self.pending.clear()
        elif self.changes(op):
            self.forget()
        elif any(types.is_memory(arg.type) for arg in op.args):
            self.pending.clear()
            if op.primitive is PURE_CALL and op.attribute.function in (next, iter):
                self.forget()
        return True

    def load(self, op: Op, place: _Place) -> bool:
        known = self.held.get(place)
        if known is not None and known.type == op.result.type:
            self.names[op.result] = known
            if isinstance(known, Value) and known.name is None:
                known.name = op.result.name
            return False
        self.held[place] = op.result
        for other in list(self.pending):
            if _may_be(place, other):
                del self.pending[other]
        return True

    def store(self, op: Op, place: _Place, gone: set[Op]) -> bool:
        item = op.args[-1]
        before: tuple[Op, Atom | None] | None = None
        if op.order > 0:
            if _same(self.held.get(place), item):
                return False
            before = self.pending.pop(place, None)
            if before is not None:
                gone.add(before[0])
                if _same(before[1], item):
                    self.held[place] = item
                    return False
        earlier = self.held.get(place) if before is None else before[1]
        for other in list(self.held):
            if _may_be(place, other):
                del self.held[other]
        self.held[place] = item
        if op.order > 0:
            self.pending[place] = op, earlier
        else:
            self.pending.pop(place, None)
        return True


def _same(one: Atom | None, other: Atom) -> bool:
    if isinstance(one, Const) and isinstance(other, Const):
        same = one.value.__class__ is other.value.__class__ is float
        return same and repr(one.value) == repr(other.value)
    return one is other


def _grows(op: Op) -> bool:
    """Whether looking into a dict may put something into it."""
    kind = op.args[0].type
    return issubclass(kind.cls or dict, collections.defaultdict)


def _place(op: Op) -> _Place | None:
    """The place that an operation looks at, where it is one place of an object."""
    whole = op.args[0]
    if not isinstance(whole, Value) or whole.type.kind not in _KINDS or _grows(op):
        return None
    if op.primitive in (GETATTR, memory.SET_ATTRIBUTE):
        return (whole, True, op.attribute)
    index = op.args[1]
    if whole.type.kind == "List" and index.type is not types.INT:
        return None
    if isinstance(index, Const):
        return (whole, False, (index.value.__class__, index.value))
    return (whole, False, index)


def _may_be(one: _Place, other: _Place) -> bool:
    """Whether two places may be one."""
    if one[1] is not other[1]:
        return False
    if one[0] is other[0]:
        return one[2] == other[2] or not _apart(one[2], other[2])
    if one[1] and one[2] != other[2]:
        return False
    return _meet(one[0], other[0])


def _apart(one: object, other: object) -> bool:
    """Whether two places of one object are known to be different ones."""
    if isinstance(one, str) and isinstance(other, str):
        return one != other
    if not (isinstance(one, tuple) and isinstance(other, tuple)):
        return False
    numbers = one[0] is other[0] is int and (one[1] < 0) is (other[1] < 0)
    return one[1] != other[1] and (numbers or one[0] is other[0] is str)


def _meet(one: Atom, other: Atom) -> bool:
    """Whether two objects may be one, as far as their types tell.

    The slots of types do not: one object may come in by two arguments, which have their own.
    """
    found = one.type, other.type
    if any(kind.kind == "List" for kind in found) and any(kind.kind != "List" for kind in found):
        return False
    if all(kind.kind == "List" for kind in found):
        held = [kind.slots["element"].type for kind in found]
        numbers = any(map(types.is_number, held))
        return not (numbers and any(map(types.is_memory, held)))
    return ("Object" in {kind.kind for kind in found}) == all(k.kind == "Object" for k in found)
