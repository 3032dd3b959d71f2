"""What is read from an array at places contributes at these places of its adjoint.

The reverse of ``y = x[1:]`` is ``x_bar[1:] += y_bar``. What is added into is made once: an array of
zeros, of which the first contribution is assigned; what the whole array has contributed already; or
a view of another adjoint, for the item of an item: ``row_bar = m_bar[i]`` for ``row = m[i]``. An
array that was read as a whole before that has its items wait for what the whole contributes, so
that ``h_bar = e @ W.T; h_bar[0] += …`` needs no zeros.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sourcediff.frontend.arrays.numpy_signatures import name_of
from sourcediff.frontend.primitives import GETATTR, PURE_CALL, TUPLE, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import Atom, Const, Op, Primitive, Site, Value, walk
from sourcediff.memory import ADD_AT, ADD_INTO, SET_ITEM, SLICED, SUBSCRIPT
from sourcediff.transform.adjoint.adjoints import Adjoints, named
from sourcediff.transform.adjoint.scaled import NEG, ZERO, Scaled
from sourcediff.transform.arrays.code import is_array
from sourcediff.transform.lists.contents import slot_of
from sourcediff.types import array_of, rank_of

if TYPE_CHECKING:
    from sourcediff.transform.arrays.arrays import Arrays

__all__ = ["Items", "Waiting"]

_LOOKS_AT_SHAPE = ("shape", "size", "ndim", "zeros_like", "ones_like", "empty_like", "full_like")


class Waiting:
    """What an item contributes, where it waits for what the whole array contributes."""

    __slots__ = ("index", "site", "value")

    def __init__(self, index: Atom, value: Scaled, site: Site | None) -> None:
        self.index = index
        self.value = value
        self.site = site


class Items:
    """The items of the arrays of one function, and where their adjoints are added up."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        #: By array, the place of the first operation that reads it as a whole.
        self.whole_read: dict[Value, int] = {}
        #: What was put somewhere, while it is not yet one value.
        self.put: dict[Op, Scaled] = {}
        for op in walk(arrays.run.function.body):
            if op.primitive is SUBSCRIPT or not _contributes(op):
                continue
            for atom in op.args:
                if is_array(atom) and isinstance(atom, Value):
                    self.whole_read.setdefault(atom, arrays.run.lists.places[op])

    # Contributions ------------------------------------------------------------------------

    def contribute(self, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
        """What the adjoint of an item contributes to that of the array."""
        lists, builder = self.arrays.run.lists, self.arrays.run.builder
        whole, index = op.args
        assert isinstance(whole, Value)
        adjoint = builder.settled(adjoint)
        home = lists.homes.get(whole)
        fresh = lists.known(whole, adjoints) is None and not lists.is_memory(whole)
        here = fresh and home is not None and home[1] is adjoints
        if here and self.whole_read.get(whole, lists.places[op]) < lists.places[op]:
            adjoints.items.setdefault(whole, []).append(Waiting(index, adjoint, builder.site))
            return
        # What it is made of comes before what is made for it.
        builder.real_atom(-adjoint if adjoint.coefficient < 0 else adjoint)
        untouched = here and whole not in adjoints.items
        shadow = lists.shadow(whole, adjoints)
        self._put(shadow, index, adjoint, first=untouched and self._is_zeros(shadow))

    def _put(self, shadow: Value, index: Atom, value: Scaled, first: bool = False) -> None:
        """Add to some places; `first` says that zeros are there."""
        arrays, builder = self.arrays, self.arrays.run.builder
        if arrays.may_repeat(index):
            numpy_add_at(arrays, shadow, index, builder.real_atom(value))
            return
        joined = None if first else self._joined(shadow, index)
        primitive = SET_ITEM if first else ADD_AT
        if joined is not None:
            primitive, before = joined
            value = builder.add(before, value)
        if value.coefficient < 0 and is_array(value.core):
            atom: Atom = builder.emit(NEG, (builder.real_atom(-value),))  # the same with ``-=``
        else:
            atom = builder.real_atom(value)
        if primitive is ADD_AT:
            arrays.run.lists.add_at(shadow, arrays.again(index), atom)
        else:
            args = (shadow, arrays.again(index), atom)
            builder.append(Op(SET_ITEM, args, (), site=builder.site, order=builder.order))
        self.put[builder.ops[-1]] = value

    def _joined(self, shadow: Value, index: Atom) -> tuple[Primitive, Scaled] | None:
        """What the same statement put at the same places just before, which is not put there."""
        builder = self.arrays.run.builder
        slot = slot_of(shadow)
        for place in range(len(builder.ops) - 1, -1, -1):
            op = builder.ops[place]
            if op.regions or op.site is not builder.site:
                return None
            if not any(slot_of(atom) is slot for atom in (*op.args, *op.results)):
                continue
            if op.primitive not in (ADD_AT, SET_ITEM) or op.args[0] is not shadow:
                return None
            if slot_of(op.args[2]) is slot or not self._same(op.args[1], index):
                return None
            if op not in self.put:
                return None
            del builder.ops[place]
            return op.primitive, self.put[op]
        return None

    def _same(self, one: Atom, other: Atom) -> bool:
        """Whether two indices are the same text of the same values."""
        if isinstance(one, Const):
            return one.same_as(other)
        if one is other or isinstance(other, Const):
            return one is other
        definitions = self.arrays.run.builder.definitions
        made, again = definitions.get(one), definitions.get(other)
        if made is None or again is None or made.primitive is not again.primitive:
            return False
        if made.primitive not in (SLICED, TUPLE) or len(made.args) != len(again.args):
            return False
        return all(map(self._same, made.args, again.args))

    def _is_zeros(self, shadow: Value) -> bool:
        made = self.arrays.run.builder.definitions.get(shadow)
        return made is not None and name_of(made) == "zeros_like"

    # What is added into -------------------------------------------------------------------

    def first(self, whole: Value, home: Adjoints, adjoints: Adjoints) -> Value | None:
        """What items are added into, where it is no array of zeros.

        Args:
            home: the adjoints of the region that the array is defined in.
            adjoints: those of the region that is being turned round.
        """
        view = self._view(whole, home)
        if view is not None:
            return view
        dense = self._moved(whole, home, adjoints)
        waiting = home.items.pop(whole, [])
        if dense.is_zero and not waiting:
            return None
        return self._started(whole, dense, waiting)

    def _view(self, whole: Value, home: Adjoints) -> Value | None:
        """The same part of another adjoint, for what is part of another array."""
        run = self.arrays.run
        made = run.builder.definitions.get(whole)
        if made is None or made.primitive is not SUBSCRIPT or self.arrays.chooses(made.args[1]):
            return None
        base, index = made.args
        if not isinstance(base, Value) or base not in run.active or run.lists.is_memory(base):
            return None
        if base not in run.lists.homes or run.lists.homes[base][1] is home:
            return None
        shadow = run.lists.shadow(base, home)
        kind = array_of(shadow.type.slots["element"], rank_of(whole.type))
        found = run.builder.emit(SUBSCRIPT, (shadow, self.arrays.again(index)), kind)
        self.arrays.shapes.known[found] = self.arrays.shapes.of(whole)
        home.views.add(whole)
        return found

    def _moved(self, whole: Value, home: Adjoints, adjoints: Adjoints) -> Scaled:
        """What the array has contributed as a whole; from here on it is where the items are.

        Not where a branch, or what a turn adds up, has taken it over already.
        """
        scope: Adjoints | None = adjoints
        while scope is not home:
            if scope is None or scope.inside is None or self.arrays.run.lists.is_memory(whole):
                return ZERO
            if whole in scope.here or whole in scope.accumulators:
                return ZERO
            scope = scope.outer
        entry = home.here.pop(whole, None)
        return ZERO if entry is None else self.arrays.run.builder.add(entry.before, entry.now)

    def _started(self, whole: Value, dense: Scaled, waiting: list[Waiting]) -> Value:
        """An array of one's own with what is known, and what waited added to it."""
        arrays, run, builder = self.arrays, self.arrays.run, self.arrays.run.builder
        site = builder.site
        if dense.is_zero:
            builder.site = None
            made = arrays.zero(whole)
            builder.site = site
        else:
            made = arrays.owned(arrays.full(whole, dense))
        assert isinstance(made, Value)
        made.type = run.lists.kind(whole.type)
        made.adjoint_of = whole if named(whole) else None
        arrays.shapes.known[made] = arrays.shapes.of(whole)
        first = dense.is_zero
        for item in waiting:
            builder.site = item.site
            self._put(made, item.index, item.value, first)
            first = False
        builder.site = site
        return made

    def settled(self, value: Value, dense: Scaled, adjoints: Adjoints) -> Scaled | None:
        """The adjoint of an array whose items waited for this; None where none did."""
        waiting = adjoints.items.pop(value, None)
        return None if waiting is None else Scaled(1.0, self._started(value, dense, waiting))


def _contributes(op: Op) -> bool:
    """Whether an operation may contribute to the adjoints of the whole of its operands."""
    if op.primitive is GETATTR and op.attribute in _LOOKS_AT_SHAPE:
        return False
    if op.primitive is PURE_CALL and op.attribute.function is len:
        return False
    return name_of(op) not in _LOOKS_AT_SHAPE


def numpy_add_at(arrays: Arrays, shadow: Value, index: Atom, value: Atom) -> None:
    """``numpy.add.at(shadow, index, value)``."""
    numpy = sys.modules["numpy"]
    spec = CallSpec(numpy.add.at, Ref("module", numpy, ("add", "at")))
    builder = arrays.run.builder
    builder.append(Op(ADD_INTO, (shadow, index, value), (), (), spec, builder.site, builder.order))
