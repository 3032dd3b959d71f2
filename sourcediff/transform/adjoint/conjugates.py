"""Adjoints of complex numbers: conjugates, and the real part of what goes to a real number.

With the parts of z called a and b, the adjoint of z is df/da + i df/db. So what ``y = f(z)``
contributes is ``y_bar * conj(f'(z))``: for ``y = c * z`` it is ``y_bar * np.conj(c)``, and where
`z` is real, the real part of that.

>>> from sourcediff.ir import Value
>>> from sourcediff.transform.adjoint.scaled import AdjointBuilder
>>> from sourcediff.types import COMPLEX, REAL, Slot, array_of
>>> builder = AdjointBuilder({}, 1)
>>> z = Value(array_of(Slot(COMPLEX), 1), "z")
>>> x = Value(array_of(Slot(REAL), 1), "x")
>>> conjugate(builder, conjugate(builder, z)) is z, conjugate(builder, x) is x
(True, True)
"""

from __future__ import annotations

import sys
from typing import Any

from sourcediff import types
from sourcediff.frontend.primitives import COPY
from sourcediff.ir import Atom, Const, Op, Primitive, Value
from sourcediff.rules.complex_numbers import ALIKE, APART, IMAGINARY, PAIR, REAL_PART
from sourcediff.rules.table import primitive_of
from sourcediff.transform.adjoint.scaled import MUL, ZERO, AdjointBuilder, Scaled

__all__ = [
    "conjugate",
    "contribution_of_parts",
    "is_alike",
    "is_complex",
    "real_part",
    "touches_complex",
]


def is_complex(atom: Atom) -> bool:
    """Whether an atom is a complex number, or an array of such."""
    kind = atom.type
    return (kind.slots["element"].type if kind.kind == "Array" else kind) is types.COMPLEX


def touches_complex(op: Op) -> bool:
    """Whether an operation has a complex operand or result."""
    return any(map(is_complex, (*op.args, *op.results)))


def is_alike(op: Op) -> bool:
    """Whether the rule of an operation on real numbers is that on complex ones."""
    return op.primitive.name in ALIKE


def _conj() -> Primitive:
    numpy: Any = sys.modules["numpy"]
    found = primitive_of(numpy.conj)
    assert found is not None
    return found


def conjugate(builder: AdjointBuilder, atom: Atom) -> Atom:
    """``np.conj(z)`` of what is complex; of a conjugate what it is one of."""
    if isinstance(atom, Const):
        if not is_complex(atom):
            return atom
        turned = atom.value.conjugate() if atom.value.real else -atom.value
        return Const(turned, atom.type)
    if not is_complex(atom):
        return atom
    made = builder.definitions.get(atom)
    if made is not None and made.primitive is _conj():
        return made.args[0]
    own = made is not None and made.order == builder.order and builder.is_unnamed(atom)
    if made is not None and made.primitive is MUL and own:
        for one, other in (made.args, made.args[::-1]):
            if not is_complex(one) and _is_conjugate(builder, other):
                return builder.emit(MUL, (one, conjugate(builder, other)))
    return builder.emit(_conj(), (atom,))


def _is_conjugate(builder: AdjointBuilder, atom: Atom) -> bool:
    made = builder.definitions.get(atom) if isinstance(atom, Value) else None
    return made is not None and made.primitive is _conj()


def conjugate_scaled(builder: AdjointBuilder, value: Scaled) -> Scaled:
    """The same of an adjoint."""
    value = builder.settled(value)
    if value.core is None or not is_complex(value.core):
        return value
    core = conjugate(builder, value.core)
    return Scaled(value.coefficient, core if isinstance(core, Value) else None)


def real_part(builder: AdjointBuilder, value: Scaled) -> Scaled:
    """The real part of an adjoint, drawn into a product with a real number."""
    return _part(builder, value, REAL_PART)


def _part(builder: AdjointBuilder, value: Scaled, which: Primitive) -> Scaled:
    value = builder.settled(value)
    core = value.core
    if core is None or not is_complex(core):
        return value if which is REAL_PART else ZERO
    made = builder.definitions.get(core)
    own = made is not None and made.order == builder.order and builder.is_unnamed(core)
    if made is not None and made.primitive is _conj() and own:
        inner = _part(builder, Scaled(value.coefficient, made.args[0]), which)  # type: ignore[arg-type]
        return inner if which is REAL_PART else -inner
    if made is not None and made.primitive is PAIR:
        return _times(value.coefficient, builder.scaled(made.args[which is not REAL_PART]))
    if made is not None and made.primitive is MUL and own:
        for one, other in (made.args, made.args[::-1]):
            known = _known(builder, one)
            if known is not None and not is_complex(other):
                share = known.real if which is REAL_PART else known.imag
                return _times(value.coefficient * share, builder.scaled(other))
            if known is not None and not known.real and isinstance(other, Value):
                turned = IMAGINARY if which is REAL_PART else REAL_PART
                share = -known.imag if which is REAL_PART else known.imag
                return _part(builder, Scaled(value.coefficient * share, other), turned)
            if isinstance(other, Value) and is_complex(other) and not is_complex(one):
                inner = _part(builder, Scaled(value.coefficient, other), which)
                return builder.multiply(builder.scaled(one), inner)
    return Scaled(value.coefficient, builder.emit(which, (core,)))


def _known(builder: AdjointBuilder, atom: Atom) -> complex | None:
    """The complex number that an atom is known to be."""
    made = builder.definitions.get(atom) if isinstance(atom, Value) else None
    if made is not None and made.primitive is COPY:
        (atom,) = made.args
    if not isinstance(atom, Const) or not is_complex(atom):
        return None
    return complex(atom.value)


def _times(coefficient: float, value: Scaled) -> Scaled:
    return Scaled(coefficient * value.coefficient, value.core, value.pending)


def contribution_of_parts(
    builder: AdjointBuilder, op: Op, place: int, adjoint: Scaled
) -> Scaled | None:
    """What one of the operations contributes that take numbers apart; None of any other."""
    name = op.primitive.name
    if name not in APART:
        return None
    z = op.args[0]
    if name == "real":
        return adjoint
    if name == "imag":
        return _turned(builder, adjoint)
    if name == "complex":
        return _part(builder, adjoint, IMAGINARY if place else REAL_PART)
    if name == "numpy.conj":
        return conjugate_scaled(builder, adjoint)
    assert isinstance(z, Value)
    if name == "numpy.angle":
        conjugated = builder.scaled(conjugate(builder, z))
        return builder.divide(_turned(builder, adjoint), conjugated)
    return _along(builder, op.result, adjoint, z)


def _turned(builder: AdjointBuilder, adjoint: Scaled) -> Scaled:
    """``1j`` times an adjoint."""
    adjoint = builder.settled(adjoint)
    factor = Const(1j * adjoint.coefficient, types.COMPLEX)
    if adjoint.core is None:
        return builder.scaled(factor)
    return Scaled(1.0, builder.emit(MUL, (factor, adjoint.core)))


def _along(builder: AdjointBuilder, size: Value, adjoint: Scaled, z: Value) -> Scaled:
    """``adjoint * z / abs(z)``, and 0 at the origin; what is a multiple of the size needs no more.

    So the adjoint of ``np.abs(z) ** 2`` is ``2 * z``.
    """
    adjoint = builder.settled(adjoint)
    rest = _without_factor(builder, adjoint, size)
    if rest is not None:
        return builder.multiply(rest, Scaled(1.0, z))
    from sourcediff.rules import numpy_functions  # NumPy is there: the number is of an array

    assert numpy_functions is not None
    numpy: Any = sys.modules["numpy"]
    where = primitive_of(numpy.where, 3)
    assert where is not None
    proper = builder.emit(where, (size, size, Const(1.0, types.REAL)))
    return builder.divide(builder.multiply(adjoint, Scaled(1.0, z)), Scaled(1.0, proper))


def _without_factor(builder: AdjointBuilder, value: Scaled, factor: Value) -> Scaled | None:
    """What a product is without one of its factors; None where it has no such factor."""
    if value.core is factor:
        return Scaled(value.coefficient)
    made = builder.definitions.get(value.core) if value.core is not None else None
    if made is None or made.primitive is not MUL or made.order != builder.order:
        return None
    for one, other in (made.args, made.args[::-1]):
        if isinstance(one, Value):
            rest = _without_factor(builder, Scaled(1.0, one), factor)
            if rest is not None:
                outer = builder.scaled(other)
                return _times(value.coefficient, builder.multiply(rest, outer))
    return None
