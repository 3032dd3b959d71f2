"""How long a list is where its adjoints are made.

A list that nothing makes longer or shorter is asked where it is needed. Of any other, and of one
that every turn of a loop makes anew, the forward code takes the length as soon as it is whole:

    part = xs[:n]
    length = len(part)        →  taken here, for ``part_bar = [0.0] * length``
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import FOR, Atom, Const, Op, Region, Value
from sourcediff.memory import LIST, OPERATE
from sourcediff.transform.adjoint.scaled import SUB
from sourcediff.transform.lists.contents import slot_of

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.lists.shadows import Shadows

__all__ = ["Lengths", "length_taken"]


class Lengths:
    """The lengths of the lists of one function that is turned round."""

    def __init__(self, lists: Shadows) -> None:
        self.lists = lists
        #: By list, what the forward code takes of it as soon as it is whole.
        self.taken: dict[Value, tuple[list[Op], Value]] = {}

    def of(self, whole: Value) -> Atom:
        """How many items a list has where its last use is turned round."""
        filled = self.lists.filled.get(whole)
        if filled is not None:
            return self.again(filled.count)
        slot = slot_of(whole)
        assert slot is not None
        fixed = self.lists.is_fixed(slot)
        made = self.lists.run.builder.definitions.get(whole)
        if fixed and made is not None and made.primitive is LIST and not made.attribute:
            return Const(len(made.args), types.INT)
        if fixed and made is not None and made.primitive is OPERATE and made.attribute == "*":
            for one, count in (made.args, made.args[::-1]):
                display = self.lists.run.builder.definitions.get(one)  # type: ignore[arg-type]
                if display is not None and display.primitive is LIST and len(display.args) == 1:
                    if not display.attribute:
                        return count
        if not self.made_in_turn(whole):
            return self.lists.call(len, self._as_long_as(whole) if fixed else whole)
        if not fixed:
            ops, length = _length_of(whole)
            self.behind_now(whole).extend(ops)
            return length
        return self.taken_where_made(whole, lambda: _length_of(whole))

    def _as_long_as(self, whole: Value) -> Value:
        """The list that another has been made of in order, and is as long as."""
        made = self.lists.run.builder.definitions.get(whole)
        while (
            made is not None and made.primitive is PURE_CALL and made.attribute.function is sorted
        ):
            source = made.args[0]
            slot = slot_of(source)
            if slot is None or not self.lists.is_fixed(slot):
                break
            assert isinstance(source, Value)
            whole = source
            made = self.lists.run.builder.definitions.get(whole)
        return whole

    def again(self, count: Atom) -> Atom:
        """The number of turns of a loop, computed once more where that is next to nothing."""
        made = self.lists.run.builder.definitions.get(count) if isinstance(count, Value) else None
        if made is None or not isinstance(count, Value) or count.name is not None:
            return count
        if made.order == self.lists.run.builder.order:
            return count
        cheap = made.primitive is PURE_CALL and made.attribute.function in (len, min)
        if not cheap and made.primitive is not SUB:
            return count
        for atom in made.args:
            slot = slot_of(atom)
            if slot is not None and not self.lists.is_fixed(slot):
                return count
        args = tuple(map(self.again, made.args))
        return self.lists.run.builder.emit(made.primitive, args, types.INT, made.attribute)

    def taken_where_made(self, whole: Value, take: Callable[[], tuple[list[Op], Value]]) -> Value:
        """What the forward code takes of a list as soon as that is whole: its length, say."""
        taken = self.taken.get(whole)
        if taken is None:
            taken = self.taken[whole] = take()
        return taken[1]

    def behind_now(self, whole: Value) -> list[Op]:
        """What is to follow the operation that is being turned round where a list is at home."""
        block, _ = self.lists.homes[whole]
        for ops, after in reversed(self.lists.run.levels):
            if ops is block:
                return after
        what = "a list that changes its length in a loop that may be left early"
        self.lists.refuse(self.lists.now, what)

    def with_taken(self, ops: list[Op]) -> list[Op]:
        """The forward code, with what is taken of lists as soon as they are whole."""
        if not self.taken:
            return ops
        #: Lists that a loop fills, by the place that it counts.
        filled: dict[Value, list[Value]] = {}
        for whole in self.taken:
            if whole in self.lists.filled:
                filled.setdefault(self.lists.filled[whole].place, []).append(whole)

        def taken(wholes: Iterable[Value]) -> list[Op]:
            return [op for whole in wholes if whole in self.taken for op in self.taken[whole][0]]

        def region(part: Region) -> Region:
            return part.replace([*taken(part.parameters), *inserted(part.ops)], part.results)

        def inserted(ops: Sequence[Op]) -> list[Op]:
            found: list[Op] = []
            for op in ops:
                place = op.regions[0].parameters[:1] if op.primitive is FOR else ()
                found.append(
                    op.replace(regions=tuple(map(region, op.regions))) if op.regions else op
                )
                found += taken(r for r in op.results if r not in self.lists.filled)
                found += taken(filled.get(place[0], ()) if place else ())
            return found

        return [*taken(self.lists.run.function.parameters), *inserted(ops)]

    def made_in_turn(self, whole: Value) -> bool:
        """Whether a list is made anew in every turn of some loop."""
        scope: Adjoints | None = self.lists.homes[whole][1]
        while scope is not None:
            if scope.inside is not None:
                return True
            scope = scope.outer
        return False


def length_taken(whole: Value) -> Op:
    """The operation that takes the length of a list."""
    spec = CallSpec(len, Ref("module", builtins, ("len",)))
    return Op(PURE_CALL, (whole,), (Value(types.INT),), (), spec)


def _length_of(whole: Value) -> tuple[list[Op], Value]:
    op = length_taken(whole)
    return [op], op.result
