"""Beside a list, one of the adjoints of its items: where it is made.

It is made where the list is at home, when the first adjoint of an item is known, and is as long as
the list is at that point of the program (`lengths`). Where all items have one adjoint, as those of
a sum have, there is no list yet: only that number.
"""

from __future__ import annotations

import builtins
import math
import statistics
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

from sourcediff import types
from sourcediff.called import ENTERS
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.arrays.numpy_signatures import name_of
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import FOR, Atom, Const, Op, Region, Value, walk
from sourcediff.memory import (
    ADD_AT,
    LIST,
    METHOD_OF,
    OPERATE,
    SET_ITEM,
    SLICED,
    SUBSCRIPT,
    UNPACK_ITERABLE,
    MethodSpec,
)
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.arrays.code import is_array, numbers_of, real_array
from sourcediff.transform.lists.contents import (
    changes_length,
    element_of,
    is_dict,
    is_list,
    slot_of,
    slots_in,
)
from sourcediff.transform.lists.filled import Filled, find_filled
from sourcediff.transform.lists.in_the_making import InTheMaking
from sourcediff.transform.lists.keyed import zeros_by_key
from sourcediff.transform.lists.lengths import Lengths
from sourcediff.transform.lists.nested import add_lists, require_depth, zeros_beside
from sourcediff.transform.lists.turn_zeros import zeros_of_turn
from sourcediff.types import Slot, Type

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.adjoint.reverse import Reverse

__all__ = ["ZERO", "Shadows", "taken_from"]

ZERO = Const(0.0, types.REAL)
SUMS = (sum, math.fsum, statistics.mean, statistics.fmean)


class Shadows:
    """The lists of one function that is turned round, and the lists of their adjoints."""

    def __init__(self, run: Reverse) -> None:
        self.run = run
        self.writes: dict[Slot, list[Op]] = {}
        self.places: dict[Op, int] = {}
        #: The loops and branches that an operation stands in, outermost first.
        self.around: dict[Op, tuple[Op, ...]] = {}
        _note_around(run.function.body, (), self.around)
        uses: dict[Value, list[Op]] = {}
        handed_on: set[Atom] = set(run.function.body.results or ())
        for op in walk(run.function.body):
            self.places[op] = len(self.places)
            for atom in op.args:
                if is_list(atom):
                    uses.setdefault(atom, []).append(op)
            for region in op.regions:
                handed_on.update(region.results or ())
            slot = slot_of(op.args[0]) if op.primitive.writes and op.args else None
            if slot is not None:
                self.writes.setdefault(slot, []).append(op)
        #: The lists that one operation uses, once.
        self.used_once = {w for w, ops in uses.items() if w not in handed_on and len(ops) == 1}
        #: The lists whose items have one adjoint, which needs no list: no more is asked than sums.
        self.summed = {
            whole
            for whole, ops in uses.items()
            if whole not in handed_on and all(map(_sums, ops)) and self._sums_alike(whole, ops)
        }
        #: The lists that are only filled, and looked at for what has no derivative: no adjoints.
        self.passive = {
            whole
            for whole, ops in uses.items()
            if self._is_made(whole)
            and whole not in handed_on
            and all(self._is_passive(op, whole) for op in ops)
        }
        #: By list, the loop that fills it.
        self.filled: dict[Value, Filled] = {}
        find_filled(run.function.body, self)
        #: The lists that have grown behind here, without a list of adjoints that has.
        self.grown: set[Value] = set()
        #: Where a list is at home: the operations of its region, turned round, and its adjoints.
        self.homes: dict[Value, tuple[list[Op], Adjoints]] = {}
        self.lengths = Lengths(self)
        self._slots: dict[Slot, Slot] = {}
        #: The lists whose adjoints the operation that is being turned round has looked up.
        self.looked_up: set[Value] = set()
        #: The lists of adjoints of arrays, each of the shape of what it belongs to.
        self.of_arrays: set[Value] = set()
        #: What is to come before the operation that is being turned round, in the forward code.
        self.before: list[Op] = []
        #: The operation that is being turned round.
        self.now: Op | None = None

    @cached_property
    def making(self) -> InTheMaking:
        """The writes that belong to the making of a list."""
        return InTheMaking(self.run.function)

    def _sums_alike(self, whole: Value, ops: Sequence[Op]) -> bool:
        """Whether the items of a list need no adjoints of their own while it is turned round.

        A loop or branch adds to a list of adjoints, or hands one on, and ``[x] * n`` and
        ``[x, *xs]`` read one. It has to be as long as the list was there: none may have been put
        behind that since, as what is put behind it would be turned round without a list.
        """
        grows = max((self.places[op] for op in ops if op.primitive is METHOD_OF), default=-1)
        made = self.run.builder.definitions.get(whole)
        if grows < 0:
            return True
        if made is None or made.regions or made.primitive is OPERATE:
            return False
        if made.primitive is LIST and made.attribute:
            return False
        home = self.around[made]
        return all(self.around[op] == home or self.places[op] > grows for op in ops)

    def _is_made(self, whole: Value) -> bool:
        """Whether a list is new, with no other name."""
        made = self.run.builder.definitions.get(whole)
        return made is not None and made.primitive is LIST

    def _is_passive(self, op: Op, whole: Value) -> bool:
        """Whether an operation appends to a list, or gives nothing that is differentiated."""
        if op.primitive is METHOD_OF:
            return _sums(op) and op.args[0] is whole and not is_list(op.args[1])
        if op.regions or op.primitive.effect or op.primitive in ENTERS:
            return False
        return not any(result in self.run.active for result in op.results)

    # Types and homes ----------------------------------------------------------------------

    def kind(self, whole: Type) -> Type:
        """The type of the adjoints of the items of a list."""
        root = element_of(whole).root
        found = self._slots.get(root)
        if found is None:
            inner = root.type
            held = self.kind(inner) if inner.kind == "List" else _adjoint_kind(inner)
            found = self._slots[root] = Slot(held)
        if whole.kind == "Array":
            return types.array_of(found, types.rank_of(whole))
        if whole.kind == "Dict":
            return types.dict_of(whole.slots["key"], found)
        return types.list_of(found)

    def is_memory(self, value: object) -> bool:
        """Whether a value refers to a list, or to an array that is written to."""
        if is_list(value):
            return True
        slot = slot_of(value) if isinstance(value, Value) and is_array(value) else None
        return slot is not None and slot in self.writes

    def settle_in(self, values: Sequence[Value], adjoints: Adjoints) -> None:
        """Note that lists are at home in the region that is being turned round."""
        for value in values:
            if (is_list(value) or is_array(value)) and value in self.run.active:
                self.homes[value] = (self.run.builder.ops, adjoints)

    def is_written(self, whole: Value) -> bool:
        """Whether lists such as this one are changed after they have been made."""
        slot = slot_of(whole)
        assert slot is not None
        return any(not self._fills(op) for op in self.writes.get(slot, ()))

    def _is_changed(self, whole: Value) -> bool:
        """Whether a list that gets another name now, or one in it, changes while it has two."""
        return any(
            not self._fills(op) and not self._is_before_names(op, whole)
            for slot in slots_in(whole.type)
            for op in self.writes.get(slot, ())
        )

    def changes_rows(self, whole: Value) -> bool:
        """Whether a list in a list of lists is changed after it has been made."""
        return any(
            not self._fills(op)
            for slot in slots_in(element_of(whole.type).type)
            for op in self.writes.get(slot, ())
        )

    def _is_before_names(self, write: Op, whole: Value) -> bool:
        """Whether a write belongs to the making of a list, and comes before that has two names.

        `whole` gets its second one now: ``table = [row]`` and then ``row[0] = x`` writes to both.
        """
        if not self.making.belongs(write):
            return False
        earlier = self.now is None or self.places[write] < self.places[self.now]
        return earlier or self.making.cannot_reach(write, whole)

    def is_fixed(self, slot: Slot) -> bool:
        """Whether lists such as this one stay as long as they were made, or filled by a loop."""
        changes = filter(changes_length, self.writes.get(slot, ()))
        return all(map(self._fills, changes))

    def _fills(self, op: Op) -> bool:
        """Whether an operation is what a loop fills a list by; nothing else changes its length."""
        return op.args[0] in self.filled and changes_length(op)

    def writes_inside(self, op: Op) -> bool:
        """Whether a loop or branch changes a list that is differentiated."""
        return any(
            inner.primitive.writes and inner.args and inner.args[0] in self.run.active
            for inner in walk(Region([op], None))
        )

    # Adjoints -----------------------------------------------------------------------------

    def known(self, whole: Value, adjoints: Adjoints) -> Value | Scaled | None:
        """What there is of the adjoints of the items of a list."""
        self.looked_up.add(whole)
        scope: Adjoints | None = adjoints
        while scope is not None:
            if whole in scope.lists:
                return scope.lists[whole]
            scope = scope.outer
        return None

    def shadow(self, whole: Value, adjoints: Adjoints) -> Value:
        """The list of the adjoints of the items of a list."""
        found = self.known(whole, adjoints)
        if isinstance(found, Value):
            return found
        if whole not in self.homes:
            row = self._place_of(whole)
            if row is not None:
                return self._row(whole, *row, adjoints)
            self.refuse(self.now, "a list of one turn of a loop, that a second one reads,")
        block, home = self.homes[whole]
        builder = self.run.builder
        with builder.again(block):
            if found is None:
                site, builder.site = builder.site, None
                made = self._first(whole, home, adjoints)
                builder.site = site
            elif whole in self.grown:
                self.refuse(self.now, "a list that is made like this, and that grows,")
            else:
                one = builder.emit(LIST, (builder.real_atom(found),), self.kind(whole.type))
                made = builder.emit(OPERATE, (one, self.lengths.of(whole)), one.type, "*")
        self.begin(whole, made, home)
        return made

    def begin(self, whole: Value, made: Value, home: Adjoints) -> None:
        """Let a new list be that of the adjoints of a list, which is called after it."""
        if whole.name is not None or whole.adjoint_of is not None:
            made.adjoint_of = whole
        home.lists[whole] = made

    def handed_out(self, argument: Value, adjoints: Adjoints) -> Value:
        """The list of the adjoints of an argument, as what the argument is: lists or tuples."""
        shadow = self.shadow(argument, adjoints)
        self.run.builder.site = None
        if is_dict(argument):
            return shadow
        if argument.type.cls is tuple:
            return self._as_tuple(shadow)
        element = argument.type.slots["element"].type
        if element.kind == "Array" and shadow not in self.of_arrays:
            return self._as_arrays(argument, shadow)
        if element.kind != "List" or element.cls is not tuple:
            return shadow
        builder = self.run.builder
        made = builder.emit(LIST, (), types.list_of(Slot(element)))
        row = Value(shadow.type.slots["element"].type, "row")
        with builder.block() as code:
            inner = self._as_tuple(row)
            spec = MethodSpec("append", writes=True)
            builder.append(Op(METHOD_OF, (made, inner), (), (), spec, builder.site, builder.order))
        region = Region(code, (), None, (row,))
        builder.append(Op(FOR, (shadow,), (), (region,), "list", builder.site, builder.order))
        return made

    def _as_arrays(self, argument: Value, shadow: Value) -> Value:
        """The adjoints of arrays, where zero may stand for an array of zeros."""
        builder = self.run.builder
        made = builder.emit(LIST, (), shadow.type)
        item = Value(argument.type.slots["element"].type)

        def turn(place: Value) -> None:
            builder.append(Op(SUBSCRIPT, (argument, place), (item,), (), None, None, builder.order))
            whole = self.run.arrays.owned(self.share(shadow, place, item))
            spec = MethodSpec("append", writes=True)
            builder.append(Op(METHOD_OF, (made, whole), (), (), spec, builder.site, builder.order))

        self.each(self.call(len, argument), turn)
        return made

    def _as_tuple(self, shadow: Value) -> Value:
        return self.call(tuple, shadow, kind=types.list_of(Slot(types.REAL), cls=tuple))

    def _first(self, whole: Value, home: Adjoints, adjoints: Adjoints) -> Value:
        if is_array(whole):
            return self.run.arrays.first(whole, home, adjoints)
        if is_dict(whole):
            return zeros_by_key(self, whole)
        row = self._place_of(whole)
        return self._zeros(whole) if row is None else self._row(whole, *row, home)

    def _row(self, whole: Value, outer: Value, index: Atom, adjoints: Adjoints) -> Value:
        """The adjoints of what was read from a list of lists: they are found at the same place."""
        builder = self.run.builder
        self._require_same(outer, builder.definitions[whole])
        if index.type is types.SLICE:  # which has no text of its own to be kept
            bounds = self.bounds(index, builder.definitions[whole])
            index = builder.emit(SLICED, bounds, types.SLICE)
        row = (self.shadow(outer, adjoints), index)
        return builder.emit(SUBSCRIPT, row, self.kind(whole.type))

    def bounds(self, index: Atom, op: Op) -> tuple[Atom, ...]:
        """The bounds of a slice that an operation is about."""
        made = self.run.builder.definitions.get(index) if isinstance(index, Value) else None
        if made is None or made.primitive is not SLICED:
            self.refuse(op, "a slice that may be None or unbound")
        return made.args

    def _place_of(self, whole: Value) -> tuple[Value, Atom] | None:
        """From which list of lists another was read, and where; None if from none."""
        made = self.run.builder.definitions.get(whole)
        if made is None or not is_list(made.args[0] if made.args else None):
            return None
        outer = made.args[0]
        assert isinstance(outer, Value)
        if made.primitive is SUBSCRIPT:
            copied = made.args[1].type is types.SLICE and element_of(whole.type).type.kind != "List"
            return None if copied else (outer, made.args[1])
        if made.primitive is UNPACK_ITERABLE and made.results.index(whole) != made.attribute:
            return outer, Const(taken_from(made, made.results.index(whole)), types.INT)
        return None

    def _require_same(self, outer: Value, read: Op) -> None:
        """Refuse a row that is used after the list that it was read from has changed."""
        slot = slot_of(outer)
        assert slot is not None
        if self.now is None:
            return
        # The adjoints of the row are found where the loop or branch that uses it is left.
        inside = (*self.around[self.now], self.now)
        last = next((op for op in inside if op not in self.around[read]), self.now)
        start, end = self.places[read], self.places[self.now]
        if last.regions:
            end = 1 + max(self.places[op] for op in walk(Region([last], None)))
        for write in self.writes.get(slot, ()):
            if start < self.places[write] < end and not self.making.cannot_reach(write, outer):
                self.refuse(write, "a list of lists that changes while one of them is in use")

    def _zeros(self, whole: Value) -> Value:
        builder = self.run.builder
        kind = self.kind(whole.type)
        element = kind.slots["element"].type
        if element.kind != "List" and (types.varies(element) or self.starts_with_numbers(whole)):
            one = builder.emit(LIST, (ZERO,), kind)
            return builder.emit(OPERATE, (one, self.lengths.of(whole)), kind, "*")
        if self.lengths.made_in_turn(whole):
            return zeros_of_turn(self, whole, kind)
        require_depth(self, kind)
        return zeros_beside(self, whole, kind)

    def starts_with_numbers(self, whole: Value) -> bool:
        """Whether zero stands for an array of zeros at first: the arrays are not at hand."""
        return self.lengths.made_in_turn(whole)

    def zero_before(self, op: Op) -> Atom:
        """The adjoint of what was at a place of a list that an operation puts something else in."""
        whole, index, *_ = op.args
        kind = element_of(whole.type).type
        if kind.kind != "Array":
            return ZERO
        known = self._read_just_before(op)
        if known is not None:
            return self.run.arrays.zero(known)
        old = Value(kind)
        self.before.append(Op(SUBSCRIPT, (whole, index), (old,), site=op.site, order=op.order))
        return self.run.arrays.zero(old)

    def _read_just_before(self, op: Op) -> Value | None:
        """What has been read at a place that an operation writes to, if that is there still."""
        whole, index, *_ = op.args
        slot = slot_of(whole)
        assert slot is not None
        writes = [self.places[write] for write in self.writes.get(slot, ())]
        for read in self.beside[op]:
            if read.primitive is SUBSCRIPT and read.args[0] is whole and _same(read.args[1], index):
                between = range(self.places[read], self.places[op])
                if between and not any(place in between for place in writes):
                    return read.result
        return None

    @cached_property
    def beside(self) -> dict[Op, Sequence[Op]]:
        """By operation, those of its region."""
        body = self.run.function.body
        regions = [body, *(region for op in walk(body) for region in op.regions)]
        return {op: region.ops for region in regions for op in region.ops}

    def share(self, shadow: Value, index: Atom, of: Atom | None = None) -> Value:
        """The adjoint at a place of a list of adjoints, as it is now.

        Args:
            of: what it is the adjoint of, if that is at hand.
        """
        found = self.run.builder.emit(SUBSCRIPT, (shadow, index), held(shadow))
        return self._fitted(shadow, found, of)

    def popped(self, shadow: Value, index: tuple[Atom, ...] = (), of: Atom | None = None) -> Value:
        """The same of one that is taken out of the list."""
        return self._fitted(shadow, self.change(shadow, "pop", index, held(shadow)), of)

    def _fitted(self, shadow: Value, adjoint: Value, of: Atom | None) -> Value:
        """An adjoint of the shape of what it belongs to, where that is at hand."""
        if not is_array(adjoint) or not isinstance(of, Value):
            return adjoint
        if shadow in self.of_arrays:
            self.run.arrays.shapes.known[adjoint] = self.run.arrays.shapes.of(of)
        full = self.run.arrays.full(of, Scaled(1.0, adjoint))
        assert isinstance(full, Value)
        return full

    @cached_property
    def maybe_zero(self) -> set[Value]:
        """The items of lists of adjoints of arrays that begin with numbers (`_zeros`).

        What such an item belongs to is told by the list that it is put into.
        """
        ops = list(walk(self.run.function.body))
        made = [op.result for op in ops if op.primitive is LIST and ZERO in op.args]
        begun = {slot_of(whole) for whole in made if element_of(whole.type).type.kind == "Array"}
        taken = [op for op in ops if op.primitive in (SUBSCRIPT, METHOD_OF) and op.args]
        return {r for op in taken if slot_of(op.args[0]) in begun for r in op.results}

    def call(self, function: Any, *args: Atom, kind: Type = types.INT) -> Value:
        spec = CallSpec(function, Ref("module", builtins, (function.__name__,)))
        return self.run.builder.emit(PURE_CALL, args, kind, spec)

    def link(self, whole: Value, shadow: Value | Scaled, adjoints: Adjoints) -> None:
        """Take `shadow` for the adjoints of a list, or add it to what there is."""
        made, slot = self.run.builder.definitions.get(whole), slot_of(whole)
        if made is not None and made.primitive is LIST and not made.args:
            if slot is not None and not self.writes.get(slot):
                return  # it has no items
        if whole not in self.run.active:
            return
        if is_array(whole):
            self.run.arrays.link(whole, shadow, adjoints)
            return
        home = self.homes[whole][1]
        scope: Adjoints | None = adjoints
        while scope is not None and scope is not home and scope.inside is None:
            scope = scope.outer
        if self.known(whole, adjoints) is None and scope is home:
            if not self.is_row(whole):
                self.take(whole, shadow, adjoints)
                return
        if is_dict(whole):
            self.refuse(self.now, "a dict that has two names")
        if self._is_changed(whole):
            self.refuse(self.now, "a list that is changed and has two names")
        self.add_whole(whole, shadow, adjoints)

    def take(self, whole: Value, shadow: Value | Scaled, adjoints: Adjoints) -> None:
        """Let a list of adjoints be those of another list from here on."""
        if isinstance(shadow, Value):
            element_of(shadow.type).unite(element_of(self.kind(whole.type)))
        adjoints.lists[whole] = shadow

    def is_row(self, whole: Value) -> bool:
        """Whether a list was read from a list of lists, or holds lists that another holds."""
        return self._place_of(whole) is not None

    def add_whole(self, whole: Value, other: Value | Scaled, adjoints: Adjoints) -> None:
        """Add the items of one list of adjoints to another."""
        target = self.shadow(whole, adjoints)
        if target.type.slots["element"].type.kind == "List":
            if isinstance(other, Scaled):
                self.refuse(self.now, "a list of lists that has two names")
            require_depth(self, target.type)
        add_lists(self, target, other)

    def change(
        self, shadow: Value, name: str, args: tuple[Atom, ...] = (), kind: Type | None = None
    ) -> Value:
        """Call a method of a list of adjoints that changes it."""
        builder = self.run.builder
        result = Value(types.NEVER if kind is None else kind)
        results = () if kind is None else (result,)
        spec = MethodSpec(name, writes=True)
        op = Op(METHOD_OF, (shadow, *args), results, (), spec, builder.site, builder.order)
        builder.append(op)
        return result

    def add_at(self, shadow: Value, index: Atom, value: Atom) -> None:
        """``shadow[index] += value``; together with ``shadow[index] = 0.0`` before it."""
        builder = self.run.builder
        place = self.cleared(shadow, index, value)
        if place is not None:
            cleared = builder.ops[place]
            loaded = builder.definitions.get(value) if isinstance(value, Value) else None
            if loaded is not None and loaded.primitive is SUBSCRIPT:
                if loaded.args[0] is shadow and _same(index, loaded.args[1]):
                    del builder.ops[place]
                    return
            if not is_array(value):
                builder.ops[place] = cleared.replace((shadow, index, value))
                return
        args = (shadow, index, value)
        builder.append(Op(ADD_AT, args, (), site=builder.site, order=builder.order))

    def cleared(self, shadow: Value, index: Atom, value: Atom) -> int | None:
        """The place of ``shadow[index] = 0.0``, where only additions stand between it and here."""
        ops = self.run.builder.ops
        defined = next((k for k, op in enumerate(ops) if value in op.results), -1)
        slot = slot_of(shadow)
        for place in range(len(ops) - 1, defined, -1):
            op = ops[place]
            if op.primitive is SET_ITEM and slot_of(op.args[0]) is slot:
                same = op.args[0] is shadow and _same(op.args[1], index)
                return place if same and self._is_zero(op.args[2]) else None
            if op.regions or (op.primitive.writes and op.primitive is not ADD_AT):
                return None
            if op.primitive is not ADD_AT and any(slot_of(a) is slot for a in op.args):
                return None
        return None

    def _is_zero(self, atom: Atom) -> bool:
        """Whether an atom is zero, or an array of zeros that the derivative makes."""
        made = self.run.builder.definitions.get(atom) if isinstance(atom, Value) else None
        zeros = made is not None and made.order > 0 and name_of(made) == "zeros_like"
        return zeros or _same(atom, ZERO)

    def each(
        self,
        count: Atom,
        turn: Callable[[Value], None],
        function: Any = None,
        index: str | None = None,
    ) -> None:
        """``for i in range(count):``; with `function` (``reversed``), from the end."""
        builder = self.run.builder
        places = self.call(range, count, kind=types.RANGE)
        if function is not None:
            places = self.call(function, places, kind=types.iterator_of(Slot(types.INT)))
        place = Value(types.INT, index or self._index())
        with builder.block() as code:
            turn(place)
        self.loop(places, place, code)

    def loop(self, through: Atom, item: Value, code: list[Op]) -> None:
        """``for item in through:``."""
        builder = self.run.builder
        region = Region(code, (), None, (item,))
        builder.append(Op(FOR, (through,), (), (region,), None, builder.site, builder.order))

    def _index(self, *others: str | None) -> str:
        """A name for a place, which no loop around has."""
        around = self.around.get(self.now, ()) if self.now is not None else ()
        taken = {p.name for loop in around for region in loop.regions for p in region.parameters}
        taken.update(others)
        return next((name for name in "ijklm" if name not in taken), "i")

    # Errors -------------------------------------------------------------------------------

    def refuse_chosen(self, op: Op) -> None:
        """Refuse a branch that gives a list where control may leave on some of its ways."""
        if any(is_list(result) and result in self.run.active for result in op.results):
            self.refuse(op, "a list that is bound in a branch by which a loop may be left")

    def refuse(self, op: Op | None, what: str) -> NoReturn:
        span = op.site.span if op is not None and op.site is not None else None
        raise DifferentiationError(
            f"the derivative of {what} is not supported yet",
            span,
            "work on the items one by one, or on a new list",
        )


def taken_from(op: Op, place: int) -> int:
    """Where ``a, *b, c = whole`` takes the item at a place from: from the end behind the star."""
    star: int | None = op.attribute
    return place - len(op.results) if star is not None and place > star else place


def held(shadow: Value) -> Type:
    """The type of an item of a list of adjoints, as a value."""
    return _adjoint_kind(element_of(shadow.type).type)


def _adjoint_kind(kind: Type) -> Type:
    return real_array(types.rank_of(kind) or 0, numbers_of(kind))


def _note_around(region: Region, around: tuple[Op, ...], found: dict[Op, tuple[Op, ...]]) -> None:
    for op in region.ops:
        found[op] = around
        for part in op.regions:
            _note_around(part, (*around, op), found)


def _sums(op: Op) -> bool:
    """Whether an operation appends to a list, or adds up its items."""
    if op.primitive is METHOD_OF:
        return bool(op.attribute.name == "append") and op.args[0] is not op.args[1]
    return op.primitive is PURE_CALL and op.attribute.function in (*SUMS, len)


def _same(one: Atom, other: Atom) -> bool:
    if isinstance(one, Const):
        return one.same_as(other)
    return one is other
