"""Lists of arrays of adjoints whose arrays are made by the loop that reaches their places.

Zeros as large as the weights of a network, and a sum with them, cost more than the rest of a turn.
Where a loop comes to each place once, what it adds there first is the adjoint:

    weights_bar = [np.zeros_like(row) for row in weights]
    for i in reversed(range(len(weights))):
        weights_bar[i] = weights_bar[i] + d @ kept[i].T

    weights_bar = [None] * len(weights)
    for i in reversed(range(len(weights))):
        weights_bar[i] = d @ kept[i].T

A loop through ``zip`` may end before the list does: the arrays behind its last turn stay zeros.
"""

from __future__ import annotations

from collections.abc import Mapping

from sourcediff import types
from sourcediff.frontend.arrays.numpy_signatures import name_of
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import FOR, Atom, Const, Op, Region, Value, walk
from sourcediff.memory import ADD_AT, LIST, METHOD_OF, OPERATE, SLICED, SUBSCRIPT
from sourcediff.transform.arrays.copies import makes_an_array
from sourcediff.transform.lists.contents import changes_length, element_of, slot_of
from sourcediff.types import rank_of

__all__ = ["Zeros", "gives_its_own", "zeros_beside_a_list"]

NONE = Const(None, types.NONE)
Definitions = Mapping[Value, Op]


class Zeros:
    """``[np.zeros_like(row) for row in whole]``: the list that is made, and the loop behind it."""

    __slots__ = ("loop", "made", "whole")

    def __init__(self, made: Op, loop: Op) -> None:
        self.made = made
        self.loop = loop
        self.whole: Atom = loop.args[0]

    def until(self, count: Atom, definitions: Definitions) -> list[Op] | None:
        """The list with places for so many arrays in place of zeros; None if it may be shorter."""
        if not isinstance(count, Value):
            return None
        made = definitions.get(count)
        if self.is_length(made):
            return self._empty(count, self.made.result)
        if made is None or made.primitive is not PURE_CALL or made.attribute.function is not min:
            return None
        lengths = [definitions.get(arg) for arg in made.args if isinstance(arg, Value)]
        if len(lengths) < len(made.args) or not any(map(self.is_length, lengths)):
            return None
        if not all(one is not None and _is_call_of(one, len) for one in lengths):
            return None
        return self._followed_by_zeros(count)

    def is_length(self, op: Op | None) -> bool:
        """Whether an operation gives the length of the list."""
        return op is not None and _is_call_of(op, len) and op.args == (self.whole,)

    def _empty(self, count: Atom, result: Value) -> list[Op]:
        site, order = self.made.site, self.made.order
        one = Value(result.type)
        return [
            Op(LIST, (NONE,), (one,), site=site, order=order),
            Op(OPERATE, (one, count), (result,), (), "*", site, order),
        ]

    def _followed_by_zeros(self, count: Atom) -> list[Op]:
        """``[None] * count + [np.zeros_like(row) for row in whole[count:]]``."""
        site, order = self.made.site, self.made.order
        kind = self.made.result.type
        assert isinstance(self.whole, Value)
        empty, behind, rest = Value(kind), Value(types.SLICE), Value(self.whole.type)
        zeros = Value(kind)
        (body,) = self.loop.regions
        renamed = [
            op.replace(tuple(zeros if a is self.made.result else a for a in op.args))
            for op in body.ops
        ]
        return [
            *self._empty(count, empty),
            Op(SLICED, (count, NONE, NONE), (behind,), site=site, order=order),
            Op(SUBSCRIPT, (self.whole, behind), (rest,), site=site, order=order),
            Op(LIST, (), (zeros,), site=site, order=order),
            self.loop.replace((rest,), regions=(body.replace(renamed, body.results),)),
            Op(OPERATE, (empty, zeros), (self.made.result,), (), "+", site, order),
        ]


def zeros_beside_a_list(ops: list[Op], place: int, body: Region) -> Zeros | None:
    """The zeros for the arrays of a list that are made from a place on, by two operations."""
    made, *behind = ops[place : place + 2]
    if made.primitive is not LIST or made.args or made.order == 0 or not behind:
        return None
    (loop,) = behind
    if loop.primitive is not FOR or loop.attribute != "list" or len(loop.regions) != 1:
        return None
    inner = loop.regions[0]
    if loop.results or len(inner.ops) != 2 or len(loop.args) != 1:
        return None
    zeros, put = inner.ops
    if name_of(zeros) != "zeros_like" or zeros.args != inner.parameters:
        return None
    if put.primitive is not METHOD_OF or put.attribute.name != "append":
        return None
    if put.args != (made.result, zeros.result) or loop.args[0].type.kind != "List":
        return None
    slot = slot_of(loop.args[0])
    for op in walk(body):
        if op.primitive.writes and op.args and slot_of(op.args[0]) is slot and changes_length(op):
            return None  # it may have had another length where that was taken
        if op.primitive is LIST and slot_of(op.result) is slot:
            if any(isinstance(arg, Const) for arg in op.args):
                return None  # the arrays in it may be numbers yet
    return Zeros(made, loop)


def gives_its_own(add: Op, loop: Op, definitions: Definitions) -> bool:
    """Whether what a turn adds to a place is a new array, of which nothing else knows.

    Its shape is that of the place, as adjoints have it.
    """
    if add.primitive is not ADD_AT:
        return False
    whole, _, value = add.args
    if not isinstance(value, Value) or value.type.kind != "Array":
        return False
    made = definitions.get(value)
    if made is None or made.order == 0 or not makes_an_array(made):
        return False
    element = element_of(whole.type).type
    if rank_of(element) != rank_of(value.type) or rank_of(element) in (None, 0):
        return False
    if element_of(element).type is not element_of(value.type).type:
        return False
    inside = list(walk(Region([loop], None)))
    if made not in inside:
        return False
    given = [a for op in inside for a in op.args]
    given += [a for op in inside for part in op.regions for a in part.results or ()]
    return given.count(value) == 1


def _is_call_of(op: Op, function: object) -> bool:
    return op.primitive is PURE_CALL and op.attribute.function is function
