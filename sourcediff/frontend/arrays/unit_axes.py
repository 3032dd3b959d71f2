"""Which axes of an array have length one, as far as the program tells: ``np.squeeze(x)`` needs it.

It is known of arguments, of literal shapes, of ``x[:, None]``, of reductions, and of what is
computed element by element from such arrays, or by ``@``.
"""

from __future__ import annotations

from collections.abc import Iterable

from sourcediff import types
from sourcediff.frontend.arrays.numpy_signatures import Given, arguments_of, name_of
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import GETATTR, TUPLE
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.memory import OPERATE, SLICED, SUBSCRIPT
from sourcediff.types import rank_of

__all__ = ["unit_axes"]

#: For each axis whether it has length one; None where only the run knows.
Units = tuple[bool | None, ...]

_ALIKE = (
    *("copy", "astype", "zeros_like", "ones_like", "empty_like", "full_like", "asarray", "array"),
    *("flip", "flipud", "fliplr", "cumsum", "cumprod", "sort", "roll", "clip", "nan_to_num"),
)
_REDUCING = ("sum", "mean", "max", "min", "prod", "var", "std", "any", "all", "linalg.norm")


def unit_axes(lowering: Lowering, atom: Atom, others: Iterable[list[Op]] = ()) -> Units:
    """What is known of the axes of an array, made here or in other blocks."""
    return _Units(lowering, others).of(atom)


class _Units:
    def __init__(self, lowering: Lowering, others: Iterable[list[Op]]) -> None:
        blocks = (*lowering.around, lowering.ops, *others)
        self.made: dict[Value, Op] = {r: op for ops in blocks for op in ops for r in op.results}

    def of(self, atom: Atom) -> Units:
        rank = rank_of(atom.type) or 0
        known = atom.type.of if atom.type.kind == "Array" else None
        if known:
            return tuple(known)
        op = self.made.get(atom) if isinstance(atom, Value) else None
        found = None if op is None or not rank else self._found(op)
        return found if found is not None and len(found) == rank else (None,) * rank

    def _found(self, op: Op) -> Units | None:
        name = name_of(op)
        if op.primitive is GETATTR and op.attribute == "T":
            return self.of(op.args[0])[::-1]
        if (op.primitive is OPERATE and op.attribute == "@") or name in ("dot", "matmul"):
            return self._product(*map(self.of, op.args[:2]))
        if op.primitive is SUBSCRIPT:
            return self._item(op)
        if name is None:
            if op.primitive.rule is None and op.primitive.pattern is None:
                return None
            return self._broadcast([self.of(arg) for arg in op.args])
        given = arguments_of(op)
        if name in ("reshape", "zeros", "ones", "empty", "full", "broadcast_to"):
            return self._shape(given["shape"])
        if name in _ALIKE:
            return self.of(op.args[0])
        if name == "transpose" and "axes" not in given:
            return self.of(op.args[0])[::-1]
        if name in _REDUCING:
            return self._reduced(self.of(op.args[0]), given)
        return None

    @staticmethod
    def _product(one: Units, other: Units) -> Units | None:
        if len(one) == 1:
            return (*other[:-2], *other[-1:]) if len(other) > 1 else ()
        if len(other) == 1:
            return one[:-1]
        return (one[0], other[1]) if len(one) == len(other) == 2 else None

    @staticmethod
    def _broadcast(operands: list[Units]) -> Units:
        rank = max(map(len, operands), default=0)
        found: list[bool | None] = []
        for place in range(-rank, 0):
            axes = {units[place] for units in operands if len(units) >= -place}
            found.append(False if False in axes else None if None in axes else True)
        return tuple(found)

    def _shape(self, given: Given) -> Units:
        parts = given if isinstance(given, tuple) else self._items(given)
        whole = [part.value if isinstance(part, Const) else None for part in parts]
        return tuple(None if n is None or n < 0 else n == 1 for n in whole)

    def _items(self, atom: Atom) -> tuple[Atom, ...]:
        op = self.made.get(atom) if isinstance(atom, Value) else None
        return op.args if op is not None and op.primitive is TUPLE else (atom,)

    def _reduced(self, whole: Units, given: dict[str, Given]) -> Units | None:
        axis = given.get("axis")
        parts = axis if isinstance(axis, tuple) else () if axis is None else self._items(axis)
        named = [part.value if isinstance(part, Const) else "unknown" for part in parts]
        if axis is None or named == [None]:
            named = list(range(len(whole)))
        gone = {place % len(whole) for place in named if isinstance(place, int)}
        if len(gone) != len(named):
            return None
        if "keepdims" in given:
            return tuple(True if k in gone else unit for k, unit in enumerate(whole))
        return tuple(unit for k, unit in enumerate(whole) if k not in gone)

    def _item(self, op: Op) -> Units | None:
        units = list(self.of(op.args[0]))
        found: list[bool | None] = []
        for part in self._items(op.args[1]):
            if part.type is types.NONE:
                found.append(True)
            elif part.type is types.SLICE and units:
                found.append(self._sliced(part, units.pop(0)))
            elif types.is_number(part.type) and units:
                units.pop(0)
            else:
                return None
        return (*found, *units)

    def _sliced(self, part: Atom, unit: bool | None) -> bool | None:
        op = self.made.get(part) if isinstance(part, Value) else None
        whole = op is not None and op.primitive is SLICED
        return unit if whole and all(a.type is types.NONE for a in op.args) else None  # type: ignore[union-attr]
