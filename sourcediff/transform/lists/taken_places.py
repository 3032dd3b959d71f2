"""Putting a zero in a place and adding to it is putting there what is added.

The adjoint of a write takes the adjoint of the place, and leaves zero there; what the statement
read of the same place is added right after that:

    new_bar = u_bar[i]                    new_bar = u_bar[i]
    u_bar[i] = 0.0                →       u_bar[i + 1] += bracket_bar
    u_bar[i + 1] += bracket_bar           u_bar[i] = here_bar + new_bar
    u_bar[i] += here_bar + new_bar

What is added elsewhere in between is no matter: sums may come in any order.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from sourcediff.frontend.primitives import TUPLE
from sourcediff.ir import Atom, Const, Function, Op, Region, Value, walk
from sourcediff.memory import ADD_AT, SET_ITEM, SUBSCRIPT
from sourcediff.transform.lists.contents import slot_of, touched
from sourcediff.transform.lists.counted_places import Places
from sourcediff.types import SLICE, Slot

__all__ = ["put_at_once"]


def put_at_once(function: Function) -> Function:
    """Let adjoints that are taken from a place be replaced by what is added there next."""
    if not any(op.primitive is ADD_AT for op in walk(function.body)):
        return function
    definitions = {r: op for op in walk(function.body) for r in op.results}
    run = _Puts(definitions)
    body = run.region(function.body)
    uses = {arg for op in walk(body) for arg in op.args}
    for op in walk(body):
        uses.update(*(region.results or () for region in op.regions))
    idle = run.put_back.difference(uses, body.results or ())
    return function.with_body(_without(body, idle) if idle else body)


def _without(region: Region, idle: Set[Atom]) -> Region:
    """A region that does not read what nobody uses."""
    ops = []
    for op in region.ops:
        if op.primitive is SUBSCRIPT and op.result in idle:
            continue
        if op.regions:
            op = op.replace(regions=tuple(_without(part, idle) for part in op.regions))
        ops.append(op)
    return region.replace(ops, region.results)


class _Puts:
    def __init__(self, definitions: dict[Value, Op]) -> None:
        self.definitions = definitions
        self.places = Places(definitions)
        #: What was taken from a place, and put back there.
        self.put_back: set[Atom] = set()

    def region(self, region: Region) -> Region:
        ops = list(region.ops)
        for zero in [op for op in ops if _is_zero(op)]:
            self.put(ops, zero)
        for k, op in enumerate(ops):
            if op.regions:
                self.places.count(op)
                ops[k] = op.replace(regions=tuple(map(self.region, op.regions)))
        return region.replace(ops, region.results)

    def put(self, ops: list[Op], zero: Op) -> None:
        """Put what is added to a place where a zero is put."""
        whole, place, _ = zero.args
        slot = slot_of(whole)
        if slot is None:
            return
        start = ops.index(zero)
        others: list[Op] = []
        for k in range(start + 1, len(ops)):
            op = ops[k]
            if op.primitive is ADD_AT and op.args[0] is whole and self.same(op.args[1], place):
                if not others and self.is_there(ops[:start], op):
                    self.put_back.add(op.args[2])
                    del ops[k], ops[start]
                    return
                if op.site is not zero.site and not self.apart(place, others, whole):
                    return
                put = Op(SET_ITEM, op.args, (), site=op.site, order=op.order)
                between = [each for each in ops[start + 1 : k] if each not in others]
                if self.apart(place, others, whole):
                    ops[start : k + 1] = [*ops[start + 1 : k], put]
                elif all(other.site is op.site for other in others):
                    ops[start : k + 1] = [*between, put, *others]
                return
            if op.primitive is ADD_AT and slot_of(op.args[0]) is slot:
                others.append(op)
            elif _looks(op, slot):
                return

    def same(self, one: Atom, other: Atom) -> bool:
        """Whether two places are written in the same way, of the same values."""
        if one is other or (isinstance(one, Const) and one.same_as(other)):
            return True
        if not isinstance(one, Value) or not isinstance(other, Value):
            return False
        made, again = self.definitions.get(one), self.definitions.get(other)
        if made is None or again is None or made.primitive is not TUPLE:
            return False
        if again.primitive is not TUPLE or len(made.args) != len(again.args):
            return False
        return made.attribute is again.attribute and all(map(self.same, made.args, again.args))

    def is_there(self, before: Sequence[Op], put: Op) -> bool:
        """Whether what is to be put somewhere is what has been read there."""
        whole, place, value = put.args
        slot = slot_of(whole)
        for op in reversed(before):
            if value in op.results:
                read = op.primitive is SUBSCRIPT and op.args[0] is whole
                return read and slot_of(value) is not slot and self.same(op.args[1], place)
            if slot is None or slot in touched(op)[1]:
                return False
        return False

    def apart(self, place: Atom, others: Sequence[Op], whole: Atom) -> bool:
        """Whether what is added in between is added to other places of the same list."""
        return all(op.args[0] is whole and self.differ(place, op.args[1]) for op in others)

    def differ(self, one: Atom, other: Atom) -> bool:
        """Whether two places of a list are never the same, counted from the start."""
        (base, shift), (beside, step) = self.places.parts(one), self.places.parts(other)
        if base is not beside or shift == step:
            return False
        least = 0 if base is None else self.places.least.get(base)
        return least is not None and least + min(shift, step) >= 0


def _is_zero(op: Op) -> bool:
    """Whether an operation empties a place of an adjoint."""
    if op.primitive is not SET_ITEM or op.order == 0 or op.args[1].type is SLICE:
        return False
    value = op.args[2]
    return isinstance(value, Const) and value.value.__class__ is float and value.value == 0.0


def _looks(op: Op, slot: Slot) -> bool:
    """Whether an operation looks at what lists of a slot hold, or changes it."""
    if op.primitive is SUBSCRIPT and op.args[1].type is not SLICE:
        return slot_of(op.args[0]) is slot  # a row, and not what is in it
    reads, writes = touched(op)
    return slot in reads or slot in writes
