"""Reverse mode of operations on lists: what is put into one, read from it, made of its items.

``xs[i] = v`` turns round into ``v_bar += xs_bar[i]; xs_bar[i] = 0.0``, and ``xs.append(v)`` into
``v_bar += xs_bar.pop()``; where `xs_bar` comes from is said in `shadows`.
"""

from __future__ import annotations

import math
import operator
import statistics
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sourcediff import types
from sourcediff.frontend.primitives import GETITEM, PURE_CALL
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.memory import (
    ADD_AT,
    DELETE_ITEM,
    INPLACE,
    LIST,
    METHOD_OF,
    OPERATE,
    QUERY,
    SET_ITEM,
    SLICED,
    SUBSCRIPT,
    SWAP_ITEMS,
    UNPACK_ITERABLE,
    MethodSpec,
)
from sourcediff.rules.table import primitive_of
from sourcediff.transform.adjoint.scaled import ADD, DIV, SUB, Scaled
from sourcediff.transform.lists.array_of_list import array_of_list
from sourcediff.transform.lists.concatenation import turn_sum
from sourcediff.transform.lists.contents import is_list
from sourcediff.transform.lists.keyed import turn_round_dict
from sourcediff.transform.lists.lengths import length_taken
from sourcediff.transform.lists.moments import MOMENTS
from sourcediff.transform.lists.moving import (
    clear,
    delete,
    display_with_parts,
    inserted_at,
    removed_from,
    store_row,
    swap,
    unpack_rest,
)
from sourcediff.transform.lists.ordering import CALLS_IN_ORDER, assign_all, sort_in_place
from sourcediff.transform.lists.shadows import ZERO, Shadows, taken_from
from sourcediff.types import Slot

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints

__all__ = ["Lists"]

MOD = primitive_of(operator.mod)


class Lists(Shadows):
    """The lists of one function that is turned round, and what turns operations on them round."""

    # Operations ---------------------------------------------------------------------------

    def turn_round(self, op: Op, adjoints: Adjoints, after: list[Op]) -> bool:
        """Append the reverse of an operation on lists; False if it is none.

        Args:
            after: takes operations that are to follow this one in the forward code.
        """
        run = self.run
        self.now = op
        if op.primitive is SUBSCRIPT and op.result in run.active and not is_list(op.result):
            return False
        involved = any(is_list(a) and a in run.active for a in (*op.args, *op.results))
        if not involved or op.regions:
            return False
        if op.args and op.args[0] in self.passive:
            return True
        run.enter(op.site)
        self.looked_up.clear()
        if not turn_round_dict(self, op, adjoints):
            self._turn_round(op, adjoints, after)
        self._require_looked_up(op, adjoints)
        return True

    def _require_looked_up(self, op: Op, adjoints: Adjoints) -> None:
        """Refuse an operation on lists that gives another one, whose adjoints would be lost."""
        if not any(is_list(arg) and arg in self.run.active for arg in op.args):
            return
        for result in op.results:
            if is_list(result) and result not in self.looked_up and not self.is_row(result):
                if self.known(result, adjoints) is not None:
                    self.refuse(op, "a list that is made like this")

    def _turn_round(self, op: Op, adjoints: Adjoints, after: list[Op]) -> None:
        reverse = _REVERSES.get(op.primitive)
        if reverse is not None:
            reverse(self, op, adjoints)
        elif op.primitive is PURE_CALL and op.attribute.numpy is not None:
            array_of_list(self, op, adjoints)
        elif op.primitive is PURE_CALL:
            called = _CALLS.get(op.attribute.function)
            if called is not None:
                called(self, op, adjoints, after)
        elif op.primitive.writes:
            self.refuse(op, "this change of a list")

    def contribute(self, atom: Atom, adjoints: Adjoints, adjoint: Scaled) -> None:
        if isinstance(atom, Value) and atom in self.run.active:
            self.run.contribute(atom, adjoint, adjoints)

    def _from(self, shadow: Value, index: Atom, of: Atom) -> Scaled:
        """The adjoint at a place, as it is now."""
        return Scaled(1.0, self.share(shadow, index, of))

    def display(self, op: Op, adjoints: Adjoints) -> None:
        """``[a, b]``."""
        whole = op.result
        known = self.known(whole, adjoints)
        if known is None:
            return
        if op.attribute:
            display_with_parts(self, op, known, adjoints)
            return
        for place, item in enumerate(op.args):
            if isinstance(known, Scaled):
                self.contribute(item, adjoints, known)
            elif item in self.run.active and is_list(item):
                at = Const(place, types.INT)
                row = self.run.builder.emit(SUBSCRIPT, (known, at), self.kind(item.type))
                self.link(item, row, adjoints)
            elif item in self.run.active:
                self.contribute(item, adjoints, self._from(known, Const(place, types.INT), item))

    def store(self, op: Op, adjoints: Adjoints) -> None:
        """``whole[index] = value``."""
        whole, index, value = op.args
        if not isinstance(whole, Value) or whole not in self.run.active:
            return
        if index.type is types.SLICE:
            assign_all(self, op, adjoints)
            return
        if is_list(value):
            store_row(self, op, adjoints)
            return
        shadow = self.shadow(whole, adjoints)
        adjoint = self._from(shadow, index, value)
        builder = self.run.builder
        args = (shadow, index, self.zero_before(op))
        builder.append(Op(SET_ITEM, args, (), site=builder.site, order=builder.order))
        self.contribute(value, adjoints, adjoint)

    def addition(self, op: Op, adjoints: Adjoints) -> None:
        """``whole[index] += value``."""
        whole, index, value = op.args
        assert isinstance(whole, Value)
        if whole in self.run.active and value in self.run.active:
            adjoint = self._from(self.shadow(whole, adjoints), index, value)
            self.contribute(value, adjoints, adjoint)

    def method(self, op: Op, adjoints: Adjoints) -> None:
        """``whole.append(value)`` and the like."""
        whole, *others = op.args
        assert isinstance(whole, Value)
        if whole not in self.run.active:
            return
        name = op.attribute.name
        if name == "append":
            self._append(whole, others[0], adjoints)
        elif name == "extend" and is_list(others[0]):
            self._extend(whole, others[0], adjoints)
        elif name in ("pop", "insert") and not self.holds_lists(whole):
            self._pop_or_insert(op, whole, name, adjoints)
        elif name == "insert" and is_list(others[1]):
            shadow = self.shadow(whole, adjoints)
            place = inserted_at(self, shadow, op)
            row = self.change(shadow, "pop", (place,), self.kind(others[1].type))
            self.link(others[1], row, adjoints)
        elif name == "pop" and op.result in self.run.active:
            self._put_back(op, self.shadow(whole, adjoints), self.shadow(op.result, adjoints))
        elif name == "sort":
            sort_in_place(self, op, whole, adjoints)
        elif name == "clear" and not self.holds_lists(whole):
            clear(self, whole, adjoints)
        elif name == "reverse":
            shadow = self.shadow(whole, adjoints)
            self.change(shadow, "reverse")
        else:
            self.refuse(op, f"list.{name}()")

    def _append(self, whole: Value, value: Atom, adjoints: Adjoints) -> None:
        filled = self.filled.get(whole)
        known = self.known(whole, adjoints)
        if filled is not None and known is None:
            return
        if isinstance(known, Scaled) and (filled is not None or whole in self.summed):
            self.contribute(value, adjoints, known)
            if filled is None:
                self.grown.add(whole)
            return
        shadow = self.shadow(whole, adjoints)
        if is_list(value):
            assert isinstance(value, Value)
            kind = self.kind(value.type)
            if filled is not None:
                row = self.run.builder.emit(SUBSCRIPT, (shadow, filled.place), kind)
            else:
                row = self.change(shadow, "pop", (), kind)
            self.link(value, row, adjoints)
        elif filled is not None:
            if value in self.run.active:
                self.contribute(value, adjoints, self._from(shadow, filled.place, value))
        else:
            self.contribute(value, adjoints, Scaled(1.0, self.popped(shadow, of=value)))

    @staticmethod
    def holds_lists(whole: Value) -> bool:
        return whole.type.slots["element"].type.kind == "List"

    def _pop_or_insert(self, op: Op, whole: Value, name: str, adjoints: Adjoints) -> None:
        shadow = self.shadow(whole, adjoints)
        if name == "insert":
            value = op.args[2]
            popped = self.popped(shadow, (inserted_at(self, shadow, op),), value)
            self.contribute(value, adjoints, Scaled(1.0, popped))
            return
        adjoint: Atom = ZERO
        if op.result in self.run.active:
            adjoint = self.run.arrays.full(op.result, self.run.settle(op.result, adjoints))
        self._put_back(op, shadow, adjoint)

    def _put_back(self, op: Op, shadow: Value, adjoint: Atom) -> None:
        """Put the adjoint of what was popped where that was."""
        if len(op.args) == 1 or (isinstance(op.args[1], Const) and op.args[1].value == -1):
            self.change(shadow, "append", (adjoint,))
        elif isinstance(op.args[1], Const) and op.args[1].value >= 0:
            self.change(shadow, "insert", (op.args[1], adjoint))
        else:
            self.change(shadow, "insert", (removed_from(self, shadow, op.args[1]), adjoint))

    def _extend(self, whole: Value, other: Atom, adjoints: Adjoints) -> None:
        assert isinstance(other, Value)
        if other is whole:
            self.refuse(self.now, "a list that is extended by itself")
        shadow = self.shadow(whole, adjoints)
        if shadow.type.slots["element"].type.kind == "List":
            self.refuse(self.now, "a list of lists that is extended")
        active = other in self.run.active
        target = self.shadow(other, adjoints) if active else None
        count: Atom
        if target is not None:
            count = self.call(len, target)
        else:
            taken = length_taken(other)
            _, after = self.run.levels[-1]
            after.append(taken)
            count = taken.result

        def turn(place: Value) -> None:
            popped = self.popped(shadow)
            if target is not None:
                self.add_at(target, place, popped)

        self.each(count, turn, reversed)

    def update(self, op: Op, adjoints: Adjoints) -> None:
        """``whole += other``."""
        whole, other = op.args
        assert isinstance(whole, Value)
        if whole not in self.run.active:
            return
        if op.attribute != "+" or not is_list(other):
            self.refuse(op, f"{op.attribute}= on a list")
        self._extend(whole, other, adjoints)

    def operator(self, op: Op, adjoints: Adjoints) -> None:
        """``[x] * n``, ``xs + ys``."""
        if not is_list(op.result):
            return
        if self.known(op.result, adjoints) is None:
            return
        if op.attribute == "+":
            turn_sum(self, op, adjoints)
            return
        shadow = self.shadow(op.result, adjoints)
        if shadow.type.slots["element"].type.kind == "List":
            self.refuse(op, "an operator on lists of lists")
        whole = next(a for a in op.args if is_list(a))
        assert isinstance(whole, Value)
        if whole not in self.run.active:
            return
        target = self.shadow(whole, adjoints)

        def repeated(place: Value) -> None:
            size = self.call(len, target)
            assert MOD is not None
            at = self.run.builder.emit(MOD, (place, size), types.INT)
            self.add_at(target, at, self.share(shadow, place))

        self.each(self.call(len, shadow), repeated)

    def item(self, op: Op, adjoints: Adjoints) -> None:
        """``whole[a:b]``; a row of a list of lists is that of its adjoints already.

        So are some rows of it, as long as they stay together as they are.
        """
        whole, index = op.args
        if not is_list(op.result) or index.type is not types.SLICE:
            return
        if self.is_row(op.result):
            if op.result in self.run.active and self.is_written(op.result):
                self.refuse(op, "a slice of a list of lists that changes")
            return
        known = self.known(op.result, adjoints)
        if known is None or whole not in self.run.active:
            return
        assert isinstance(whole, Value)
        target = self.shadow(whole, adjoints)
        builder = self.run.builder
        bounds = self.bounds(index, op)
        simple = None if isinstance(known, Scaled) else _simple_part(bounds)
        places: Value | None = None
        if simple is None:
            everywhere = self.call(range, self.call(len, target), kind=types.RANGE)
            part = builder.emit(SLICED, bounds, types.SLICE)
            places = builder.emit(SUBSCRIPT, (everywhere, part), types.RANGE)

        if places is not None:
            self.each_of(places, target, known)
            return
        assert isinstance(known, Value)

        def turn(place: Value) -> None:
            at = place
            if simple == -1:
                at = builder.emit(SUB, (Const(-1, types.INT), place), types.INT)
            elif simple:
                at = builder.emit(ADD, (place, Const(simple, types.INT)), types.INT)
            self.add_at(target, at, self.share(known, place))

        self.each(self.call(len, known), turn)

    def each_of(self, places: Value, target: Value, known: Value | Scaled) -> None:
        """``for j in places: target[j] += known``; of several adjoints, in order, each one."""
        builder = self.run.builder
        at = Value(types.INT, self._index())
        if isinstance(known, Scaled):
            with builder.block() as code:
                self.add_at(target, at, builder.real_atom(known))
            self.loop(places, at, code)
            return
        place = Value(types.INT, at.name)
        at.name = self._index(place.name)
        both = Value(types.tuple_of([types.INT, types.INT]))
        numbered = self.call(enumerate, places, kind=types.iterator_of(Slot(both.type)))
        with builder.block() as code:
            self.add_at(target, at, self.share(known, place))
        code[:0] = [
            Op(GETITEM, (both,), (part,), (), number, builder.site, builder.order)
            for number, part in enumerate((place, at))
        ]
        self.loop(numbered, both, code)

    def copy(self, op: Op, adjoints: Adjoints, *_: Any) -> None:
        """``list(xs)``, ``xs.copy()``."""
        if op.primitive is QUERY and op.attribute.name != "copy":
            return
        (whole,) = op.args
        known = self.known(op.result, adjoints)
        if known is None or whole not in self.run.active:
            return
        assert isinstance(whole, Value)
        if self.holds_lists(op.result) and self.changes_rows(op.result):
            self.refuse(op, "a copy of a list of lists that change")
        here = self.homes[whole][1] is adjoints and not self.is_row(whole)
        if self.known(whole, adjoints) is None and here:
            self.take(whole, known, adjoints)  # nothing has a use for those of the copy any more
            return
        self.add_whole(whole, known, adjoints)

    def unpack(self, op: Op, adjoints: Adjoints) -> None:
        """``a, b, *c = whole``."""
        (whole,) = op.args
        assert isinstance(whole, Value)
        if whole not in self.run.active:
            return
        run, star = self.run, op.attribute
        found = []
        for place, result in enumerate(op.results):
            if place == star:
                unpack_rest(self, op, place, adjoints)
                continue
            if is_list(result):
                continue  # it is a row: its adjoints are those at its place
            adjoint = run.settle(result, adjoints)
            if not adjoint.is_zero:
                found.append((taken_from(op, place), run.arrays.full(result, adjoint)))
        for index, atom in found:
            self.add_at(self.shadow(whole, adjoints), Const(index, types.INT), atom)

    # Calls --------------------------------------------------------------------------------

    def total(self, op: Op, adjoints: Adjoints, after: list[Op]) -> None:
        """``sum(xs)``, ``math.fsum(xs)``."""
        whole, *start = op.args
        if op.result not in self.run.active:
            return
        adjoint = self.run.settle(op.result, adjoints)
        if adjoint.is_zero:
            return
        for atom in start:
            self.contribute(atom, adjoints, adjoint)
        if whole in self.run.active:
            assert isinstance(whole, Value)
            self.add_to_all(whole, adjoint, adjoints)

    def add_to_all(self, whole: Value, adjoint: Scaled, adjoints: Adjoints) -> None:
        """Add the same to the adjoints of all items."""
        known = self.known(whole, adjoints)
        here = self.homes[whole][1] is adjoints and not self.is_row(whole)
        if here and not isinstance(known, Value):
            adjoints.lists[whole] = (
                adjoint if known is None else self.run.builder.add(known, adjoint)
            )
            return
        self.add_whole(whole, adjoint, adjoints)

    def mean(self, op: Op, adjoints: Adjoints, after: list[Op]) -> None:
        """``statistics.mean(xs)``."""
        (whole,) = op.args
        adjoint = self.run.settle(op.result, adjoints)
        if adjoint.is_zero or not isinstance(whole, Value):
            return
        taken = length_taken(whole)
        after.append(taken)
        share = self.run.builder.emit(
            DIV, (self.run.builder.real_atom(adjoint), taken.result), types.REAL
        )
        self.add_to_all(whole, Scaled(1.0, share), adjoints)

    def extremum(self, op: Op, adjoints: Adjoints, after: list[Op]) -> None:
        """``max(xs)``: the first item that is the largest has the derivative."""
        (whole,) = op.args
        adjoint = self.run.settle(op.result, adjoints)
        if adjoint.is_zero or not isinstance(whole, Value) or whole not in self.run.active:
            return
        spec = MethodSpec("index")
        place = Op(QUERY, (whole, op.result), (Value(types.INT),), (), spec, op.site, op.order)
        after.append(place)
        shadow = self.shadow(whole, adjoints)
        self.add_at(shadow, place.result, self.run.builder.real_atom(adjoint))


def _simple_part(bounds: Sequence[Atom]) -> int | None:
    """Where ``xs[a:b]`` starts, or -1 of ``xs[::-1]``; None where only the run knows."""
    known = [b.value if isinstance(b, Const) else b for b in bounds]
    lower, upper, step = known
    if (lower, upper, step) == (None, None, -1):
        return -1
    start = 0 if lower is None else lower
    return start if step is None and isinstance(start, int) and start >= 0 else None


_REVERSES: dict[Any, Callable[..., None]] = {
    LIST: Lists.display,
    DELETE_ITEM: delete,
    SET_ITEM: Lists.store,
    SWAP_ITEMS: swap,
    ADD_AT: Lists.addition,
    METHOD_OF: Lists.method,
    INPLACE: Lists.update,
    OPERATE: Lists.operator,
    SUBSCRIPT: Lists.item,
    QUERY: Lists.copy,
    UNPACK_ITERABLE: Lists.unpack,
}
_CALLS: dict[Any, Callable[..., None]] = {
    sum: Lists.total,
    math.fsum: Lists.total,
    max: Lists.extremum,
    min: Lists.extremum,
    list: Lists.copy,
    tuple: Lists.copy,
    statistics.mean: Lists.mean,
    statistics.fmean: Lists.mean,
    **CALLS_IN_ORDER,
    **MOMENTS,
}
