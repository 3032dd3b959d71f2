"""Calls of NumPy in code that a derivative brings in.

NumPy is not imported here: a program that has arrays has done so.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Sequence
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.numpy_signatures import name_of
from sourcediff.frontend.primitives import GETATTR, GETITEM, LOAD, PURE_CALL, TUPLE, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import Atom, Const, Primitive, Value
from sourcediff.memory import OPERATE, QUERY, SLICED, SUBSCRIPT, MethodSpec
from sourcediff.transform.adjoint.scaled import AdjointBuilder
from sourcediff.types import Slot, Type, array_of, bare, rank_of

__all__ = [
    "ELLIPSIS",
    "NONE",
    "NumpyCode",
    "adjoint_type",
    "integer",
    "is_array",
    "is_real",
    "numbers_of",
    "real_array",
    "real_like",
]

NONE = Const(None, types.NONE)
ELLIPSIS = Const(..., types.OBJECT)


def is_array(atom: object) -> bool:
    """Whether an atom is an array."""
    return isinstance(atom, Value) and atom.type.kind == "Array"


def is_real(atom: object) -> bool:
    """Whether an atom is an array of real numbers."""
    return is_array(atom) and atom.type.slots["element"].type is types.REAL  # type: ignore[attr-defined]


def real_array(rank: int, element: Type = types.REAL) -> Type:
    """The type of a new array of real numbers, or complex ones; of a number without axes."""
    return array_of(Slot(element), rank) if rank else element


def numbers_of(*kinds: Type) -> Type:
    """What adjoints of values of these types hold: complex numbers where one is complex."""
    inner = [kind.slots["element"].type if kind.kind == "Array" else kind for kind in kinds]
    return types.COMPLEX if types.COMPLEX in inner else types.REAL


def adjoint_type(value: Value) -> Type:
    """The type of the adjoint of a number or of an array, or of a name that may not be bound."""
    kind = bare(value.type)
    return real_array(rank_of(kind) or 0, numbers_of(kind))


class NumpyCode:
    """Appends calls of NumPy to what a builder builds."""

    def __init__(self, builder: AdjointBuilder) -> None:
        self.builder = builder

    def call(self, name: str, args: Sequence[Atom], kind: Type, **keywords: Atom) -> Value:
        """``numpy.name(*args, **keywords)``."""
        numpy: Any = sys.modules["numpy"]
        found = numpy
        for part in name.split("."):
            found = getattr(found, part)
        ref = Ref("module", numpy, tuple(name.split(".")))
        spec = CallSpec(found, ref, tuple(keywords), numpy=name)
        return self.builder.emit(PURE_CALL, (*args, *keywords.values()), kind, spec)

    def method(self, name: str, whole: Atom, *args: Atom, kind: Type, **keywords: Atom) -> Value:
        """``whole.name(*args, **keywords)``."""
        spec = MethodSpec(name, tuple(keywords))
        return self.builder.emit(QUERY, (whole, *args, *keywords.values()), kind, spec)

    def of_floats(self, whole: Atom) -> Value:
        """``whole.astype(float)``, a copy."""
        return self.method("astype", whole, self._float(), kind=real_like(whole))

    def like(self, name: str, args: Sequence[Atom], kind: Type, of_floats: bool) -> Value:
        """``np.zeros_like(…)`` and its kin, with ``dtype=float`` if need be."""
        keywords = {"dtype": self._float()} if of_floats else {}
        return self.call(name, args, kind, **keywords)

    def _float(self) -> Value:
        return self.builder.emit(LOAD, (), types.OBJECT, Ref("module", builtins, ("float",)))

    def apply(self, name: str, *args: Atom) -> Value:
        """An operation of the table of rules."""
        return self.builder.emit(self.primitive(name), args)

    def primitive(self, name: str) -> Primitive:
        """The operation that a function of NumPy is."""
        from sourcediff.rules import numpy_functions  # NumPy is there: the program has arrays
        from sourcediff.rules.table import primitive_of

        assert numpy_functions is not None
        found = primitive_of(getattr(sys.modules["numpy"], name))
        assert found is not None
        return found

    def product(self, one: Atom, other: Atom) -> Value:
        """``one @ other``."""
        left, right = rank_of(one.type) or 0, rank_of(other.type) or 0
        rank = max(left, right) if min(left, right) > 1 else left + right - 2
        kind = real_array(rank, numbers_of(one.type, other.type))
        return self.builder.emit(OPERATE, (one, other), kind, "@")

    def transposed(self, whole: Atom) -> Atom:
        """``whole.T``; of a transposed array the array itself, of ``a @ b`` ``b.T @ a.T``."""
        if rank_of(whole.type) == 1:
            return whole
        made = self.builder.definitions.get(whole) if isinstance(whole, Value) else None
        if made is not None and made.primitive is GETATTR and made.attribute == "T":
            return made.args[0]
        if made is not None and name_of(made) == "outer" and made.order == self.builder.order:
            one, other = made.args
            return self.call("outer", (other, one), real_like(whole))
        if made is not None and made.primitive is OPERATE and made.attribute == "@":
            one, other = made.args
            own = made.order == self.builder.order and rank_of(one.type) == rank_of(other.type) == 2
            if own and self.builder.is_unnamed(made.result):
                return self.product(self.transposed(other), self.transposed(one))
        slot = whole.type.slots["element"]
        kind = array_of(slot, rank_of(whole.type)) if types.varies(slot.type) else real_like(whole)
        return self.builder.emit(GETATTR, (whole,), kind, "T")

    def swapped(self, whole: Atom) -> Atom:
        """The last two axes the other way round."""
        if rank_of(whole.type) == 2:
            return self.transposed(whole)
        return self.call("swapaxes", (whole, integer(-1), integer(-2)), real_like(whole))

    def shape(self, whole: Atom) -> Value:
        """``whole.shape``."""
        kind = types.tuple_of([types.INT] * (rank_of(whole.type) or 0))
        return self.builder.emit(GETATTR, (whole,), kind, "shape")

    def length(self, whole: Atom, axis: int = 0) -> Value:
        """``whole.shape[axis]``, or ``len(whole)``."""
        return self.builder.emit(GETITEM, (self.shape(whole),), types.INT, axis)

    def size(self, whole: Atom) -> Value:
        """``whole.size``."""
        return self.builder.emit(GETATTR, (whole,), types.INT, "size")

    def sum(self, whole: Atom, axes: Sequence[int] | None = None, keeps: bool = False) -> Value:
        """``whole.sum(axis=axes)``."""
        rank = rank_of(whole.type) or 0
        keywords: dict[str, Atom] = {}
        if axes is not None and (len(axes) < rank or keeps):
            keywords["axis"] = self.axes(axes)
        if keeps:
            keywords["keepdims"] = Const(True, types.BOOL)
        left = rank if keeps else 0 if axes is None else rank - len(axes)
        kind = real_array(left, numbers_of(whole.type))
        return self.method("sum", whole, kind=kind, **keywords)

    def axes(self, axes: Sequence[int]) -> Atom:
        """One axis, or a tuple of them."""
        if len(axes) == 1:
            return integer(axes[0])
        items = tuple(map(integer, axes))
        return self.builder.emit(TUPLE, items, types.tuple_of([types.INT] * len(items)))

    def tuple(self, items: Sequence[Atom]) -> Value:
        """A tuple of atoms."""
        return self.builder.emit(TUPLE, tuple(items), types.tuple_of(a.type for a in items))

    def slice(self, lower: Atom = NONE, upper: Atom = NONE, step: Atom = NONE) -> Value:
        """``lower:upper:step``."""
        return self.builder.emit(SLICED, (lower, upper, step), types.SLICE)

    def item(self, whole: Atom, parts: Sequence[Atom], rank: int) -> Value:
        """``whole[parts]`` with so many axes left."""
        index = parts[0] if len(parts) == 1 else self.tuple(parts)
        kind = real_array(rank, numbers_of(whole.type))
        return self.builder.emit(SUBSCRIPT, (whole, index), kind)


def integer(value: int) -> Const:
    """A whole number of the text."""
    return Const(value, types.INT)


def real_like(whole: Atom) -> Type:
    """The type of an array of real numbers with as many axes as another."""
    return real_array(rank_of(whole.type) or 0, numbers_of(whole.type))
