"""How arrays lie in memory, as far as the program tells: whether ``x.reshape(-1)`` is a view.

Only what is certain is said. What NumPy gives for an array in one piece is told by its rule
``order="K"``: as the operands lie, and in the order of C where they do not agree.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.numpy_signatures import arguments_of, name_of
from sourcediff.frontend.primitives import BOUND, COPY, GETATTR, NARROWED, TUPLE, UNPACK, YIELDED
from sourcediff.ir import FOR, IF, LOOPS, WHILE, Atom, Const, Function, Op, Value, walk
from sourcediff.memory import LIST, METHOD_OF, OPERATE, QUERY, SLICED, SNAPSHOT, SUBSCRIPT
from sourcediff.transform.arrays.copies import makes_an_array
from sourcediff.transform.arrays.lie import Lie, Taken, packed, part_of
from sourcediff.transform.arrays.shapes import Shapes, constant_of, holds_places
from sourcediff.types import bare, rank_of

__all__ = ["Contiguity"]

_SAME = (BOUND, COPY, NARROWED, YIELDED)
#: What gives an array in the order of C, whatever it is made of.
_IN_ROWS = ("zeros", "ones", "empty", "full", "eye", "identity", "outer", "flatten", "from_list")
#: What gives an array that lies as its operand.
_LIKE = ("zeros_like", "ones_like", "empty_like", "full_like", "copy", "astype", "array")
#: What puts arrays side by side; of arrays in the order of C it gives one.
_JOINING = ("concatenate", "stack", "vstack", "hstack", "column_stack")
#: Operations element by element that are no functions of NumPy, by what they are called.
_OPERATORS = frozenset(
    [
        *("add", "sub", "mul", "truediv", "div", "pow", "neg", "pos", "mod", "floordiv"),
        *("lt", "le", "gt", "ge", "eq", "ne", "abs", "numpy.where", "numpy.clip"),
    ]
)


class Contiguity:
    """How the arrays of one function lie in memory."""

    def __init__(self, function: Function) -> None:
        self.definitions: dict[Value, Op] = {}
        #: What a loop carries, by the values that stand for it in a turn.
        self.carried: dict[Value, tuple[Op, int]] = {}
        #: What is put into a list, if nothing else is done with it than to take it out again.
        self.kept: dict[Value, list[Atom] | None] = {}
        for op in walk(function.body):
            self.definitions.update(dict.fromkeys(op.results, op))
            if op.primitive in LOOPS:
                self._note_carried(op)
            self._note_kept(op)
        self.shapes = Shapes(function, self.definitions)
        self.parameters = set(function.parameters)
        self.known: dict[Value, Lie | None] = {}
        for parameter in self.carried:  # before what is made of them in a turn
            self.of(parameter)

    def _note_carried(self, op: Op) -> None:
        head = 1 if op.primitive is FOR else 0
        for number, region in enumerate(op.regions):
            shift = head if number == 0 else 0
            for place, parameter in enumerate(region.parameters[shift:]):
                self.carried[parameter] = (op, place)

    def _note_kept(self, op: Op) -> None:
        if op.primitive is LIST and not op.args:
            self.kept[op.result] = []
        for place, atom in enumerate(op.args):
            if isinstance(atom, Value) and (found := self.kept.get(atom)) is not None:
                if place or op.primitive is not METHOD_OF:
                    self.kept[atom] = None
                elif op.attribute.name == "append":
                    found.append(op.args[1])
                elif op.attribute.name != "pop":
                    self.kept[atom] = None

    def of(self, atom: Atom) -> Lie | None:
        """How an array lies; None where that is not known."""
        rank = rank_of(bare(atom.type))
        if not rank or not isinstance(atom, Value):
            return None
        if atom in self.known:
            return self.known[atom]
        self.known[atom] = None  # where it depends on itself
        found = self._found(atom)
        if found is None and len(axes := self._axes(atom)) < 2:
            found = Lie(axes, (), False)
        self.known[atom] = found
        return found

    def is_view(self, op: Op) -> bool:
        """Whether what may be a view is known to be one: of ``reshape``, ``ravel``, …"""
        lie = self.of(op.args[0])
        return lie is not None and (lie.is_chain if name_of(op) == "reshape" else lie.is_in_rows)

    def _axes(self, atom: Atom) -> tuple[int, ...]:
        """The axes that may have another length than one."""
        return tuple(k for k, axis in enumerate(self.shapes.of(atom)) if axis != 1)

    def _in_rows(self, atom: Atom) -> Lie:
        return packed(self._axes(atom))

    # What gives an array --------------------------------------------------------------------

    def _found(self, value: Value) -> Lie | None:
        if value in self.parameters:
            return self._given(value)
        if value in self.carried:
            return self._of_carried(*self.carried[value], value)
        op = self.definitions.get(value)
        if op is None:
            return None
        if op.primitive in LOOPS:
            body = op.regions[1 if op.primitive is WHILE else 0]
            head = 1 if op.primitive is FOR else 0
            return self.of(body.parameters[head + op.results.index(value)])
        if op.primitive is IF:
            place = op.results.index(value)
            arms = {self.of(r.results[place]) for r in op.regions if r.results is not None}
            return next(iter(arms)) if len(arms) == 1 else None
        if op.primitive in _SAME:
            return self.of(op.args[0])
        if op.primitive in (UNPACK, METHOD_OF):
            return self._out_of_list(op, value)
        if op.primitive is SNAPSHOT:  # a copy, or the array itself
            lie = self.of(op.args[0])
            return lie if lie is not None and lie.is_in_one_piece else None
        if op.primitive is SUBSCRIPT and op.args[0].type.kind == "Array":
            return self._item(op, value)
        if op.primitive is GETATTR and op.attribute == "real":
            return self.of(op.args[0])
        if op.primitive is OPERATE and op.attribute == "@":
            return self._in_rows(value) if rank_of(value.type) == 2 else _of_one_axis(value)
        name = name_of(op)
        if name is not None or (op.primitive is GETATTR and op.attribute == "T"):
            return self._called(op, name or "transpose", value)
        if op.primitive.rule is not None or op.primitive.pattern is not None:
            return self._by_element(op, value)
        return None

    def _given(self, value: Value) -> Lie | None:
        axes = self._axes(value)
        if value.type.lies == "C":
            return packed(axes)
        return packed(axes[::-1]) if value.type.lies == "F" else None

    def _of_carried(self, op: Op, place: int, value: Value) -> Lie | None:
        """What a loop carries lies as what it takes does, if every turn gives such an array."""
        head = 1 if op.primitive is FOR else 0
        start = self.of(op.args[head + place])
        if start is None:
            return None
        before = dict(self.known)
        assumed: dict[Value, Lie | None] = {
            p: start for p, at in self.carried.items() if at == (op, place)
        }
        self.known.update(assumed)
        body = op.regions[1 if op.primitive is WHILE else 0]
        ends = [body.results[place]] if body.results is not None else []
        for inner in walk(body):
            if inner.primitive.name in ("break", "continue") and len(inner.args) > place:
                ends.append(inner.args[place])
        same = all(self.of(end) == start for end in ends)
        # What was found on the way may rest on what was assumed.
        self.known = {**before, **assumed} if same else before
        return start if same else None

    def _out_of_list(self, op: Op, value: Value) -> Lie | None:
        """What was put into a list, as it is or in a tuple, and is taken out."""
        place, taken = None, op
        if op.primitive is UNPACK:
            made = self.definitions.get(op.args[0]) if isinstance(op.args[0], Value) else None
            if made is None or made.primitive is not METHOD_OF:
                return None
            place, taken = op.results.index(value), made
        whole = taken.args[0]
        found = (self.kept.get(whole) if isinstance(whole, Value) else None) or []
        lies: set[Lie | None] = set()
        for atom in found:
            if place is not None:
                made = self.definitions.get(atom) if isinstance(atom, Value) else None
                if made is None or made.primitive is not TUPLE:
                    return None
                atom = made.args[place]
            lies.add(self.of(atom))
        return next(iter(lies)) if len(lies) == 1 else None

    def _by_element(self, op: Op, value: Value) -> Lie | None:
        """What is computed element by element."""
        name = op.primitive.name
        if name not in _OPERATORS and not _is_ufunc(name):
            return None
        return self._like([a for a in op.args if a.type.kind == "Array"], value)

    def _like(self, operands: Sequence[Atom], value: Value) -> Lie | None:
        """A new array that lies as the operands do."""
        if rank_of(value.type) == 1:
            return _of_one_axis(value)
        orders = [self.of(a) for a in operands if (rank_of(a.type) or 0) > 1]
        if any(lie is None for lie in orders):
            return None
        found = {lie.order for lie in orders if lie is not None}
        if all(order == tuple(sorted(order)) for order in found):
            return self._in_rows(value)
        alike = {self.shapes.of(a) for a in operands} == {self.shapes.of(value)}
        return packed(next(iter(found))) if alike and len(found) == 1 else None

    # Calls ------------------------------------------------------------------------------------

    def _called(self, op: Op, name: str, value: Value) -> Lie | None:
        whole = op.args[0]
        if name in _IN_ROWS or (name in ("dot", "matmul") and rank_of(value.type) == 2):
            return self._in_rows(value)
        if name == "copy" and op.primitive is QUERY:
            return self._in_rows(value)  # the method has order="C"
        if name in _LIKE:
            listed = self.definitions.get(whole) if isinstance(whole, Value) else None
            if listed is not None and listed.primitive is TUPLE:
                return self._in_rows(value)
            return self._like([whole], value)
        if name in _JOINING:
            return self._side_by_side(op, value)
        if name in ("reshape", "ravel", "ascontiguousarray"):
            return self._reshaped(op, name, value)
        if name in ("transpose", "swapaxes", "squeeze", "expand_dims", "asarray", "real"):
            return self._turned(op, name, value)
        return _of_one_axis(value) if makes_an_array(op) else None

    def _side_by_side(self, op: Op, value: Value) -> Lie | None:
        made = self.definitions.get(op.args[0]) if isinstance(op.args[0], Value) else None
        if made is None or made.primitive is not TUPLE:
            return None
        if all(rank_of(part.type) == 1 for part in made.args):
            return self._in_rows(value)  # as columns too
        lies = [self.of(part) for part in made.args]
        return self._in_rows(value) if all(lie and lie.is_in_rows for lie in lies) else None

    def _reshaped(self, op: Op, name: str, value: Value) -> Lie | None:
        """A view, or a new array in the order of C."""
        lie = self.of(op.args[0])
        if name != "reshape":
            return self._in_rows(value)
        if lie is None or not lie.is_chain:
            return None
        return self._in_rows(value)._replace(tight=lie.tight)

    def _turned(self, op: Op, name: str, value: Value) -> Lie | None:
        """The axes in another order."""
        lie, rank = self.of(op.args[0]), rank_of(op.args[0].type) or 0
        if lie is None:
            return None
        if name in ("asarray", "real"):
            return lie
        if name in ("squeeze", "expand_dims"):
            axes = self._axes(value)
            if len(axes) != len(lie.order):
                return None
            to = dict(zip(sorted(lie.order), axes, strict=True))
            return lie._replace(order=tuple(to[k] for k in lie.order))
        given = arguments_of(op) if name_of(op) is not None else {}
        axes = tuple(range(rank))[::-1]
        if "axes" in given:
            found = constant_of(given["axes"], self.definitions)
            if found is None:
                return None
            axes = tuple(k % rank for k in found)
        if name == "swapaxes":
            pair = [constant_of(given[key], self.definitions) for key in ("axis1", "axis2")]
            if None in pair:
                return None
            one, other = (k % rank for k in pair)
            turned = list(range(rank))
            turned[one], turned[other] = other, one
            axes = tuple(turned)
        return lie._replace(order=tuple(axes.index(k) for k in lie.order))

    # Items ------------------------------------------------------------------------------------

    def _item(self, op: Op, value: Value) -> Lie | None:
        """A part of an array."""
        whole, index = op.args
        made = self.definitions.get(index) if isinstance(index, Value) else None
        parts = list(made.args) if made is not None and made.primitive is TUPLE else [index]
        if index.type.kind == "Tuple" and (made is None or made.primitive is not TUPLE):
            return None
        if made is not None and made.attribute is list:
            return _of_one_axis(value)
        if any(p.type.kind in ("Array", "Tuple") or holds_places(p) for p in parts):
            return _of_one_axis(value)
        lie = self.of(whole)
        return None if lie is None else self._part(lie, parts, self.shapes.of(whole), value)

    def _part(self, lie: Lie, parts: list[Atom], shape: Sequence[Any], value: Value) -> Lie | None:
        """What slices and places leave of an array, axis by axis."""
        used = sum(part.type not in (types.NONE, types.OBJECT) for part in parts)
        spread: list[Atom | None] = []
        for part in parts:
            spread += [None] * (len(shape) - used) if part.type is types.OBJECT else [part]
        spread += [None] * (len(shape) - sum(p is None or p.type is not types.NONE for p in spread))
        taken: list[Taken] = []
        for what in spread:
            if what is None:
                taken.append((True, True))
            elif what.type is types.SLICE:
                taken.append(self._is_whole(what))
            else:
                taken.append("new" if what.type is types.NONE else "gone")
        return self._without_units(part_of(lie, taken), self._axes(value))

    @staticmethod
    def _without_units(lie: Lie, axes: tuple[int, ...]) -> Lie | None:
        """The same, where a slice has left one number of an axis."""
        if set(lie.order) == set(axes):
            return lie
        if not set(axes) <= set(lie.order):
            return None
        order = tuple(k for k in lie.order if k in axes)
        return Lie(order, (False,) * (len(axes) - 1), False) if len(axes) > 1 else None

    def _is_whole(self, part: Atom) -> tuple[bool, bool]:
        """Whether a slice takes all of an axis, and whether it leaves nothing out between."""
        made = self.definitions.get(part) if isinstance(part, Value) else None
        if made is None or made.primitive is not SLICED:
            return False, False
        lower, upper, step = made.args
        near = step.type is types.NONE or (isinstance(step, Const) and step.value == 1)
        all_of_it = lower.type is types.NONE and upper.type is types.NONE and near
        return all_of_it, near


def _of_one_axis(value: Value) -> Lie | None:
    """A new array of one axis is in one piece."""
    return packed((0,)) if rank_of(value.type) == 1 else None


def _is_ufunc(name: str) -> bool:
    numpy: Any = sys.modules.get("numpy")
    if numpy is None or not name.startswith("numpy."):
        return False
    return isinstance(getattr(numpy, name.removeprefix("numpy."), None), numpy.ufunc)
