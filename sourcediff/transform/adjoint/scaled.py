"""Arithmetic on adjoints while they are being built: a number times a value.

An adjoint is carried as ``coefficient * core`` until it is needed as one value, so that signs
and constant factors travel outwards and meet there: ``-(-x)`` never appears, ``0.5 * 2`` is
gone, and a sum of a term and a negated term is a difference. Only code that derivatives bring
in is built here; the user's own operations are never rearranged.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from operator import add, eq, mul, neg, not_, sub, truediv
from typing import Any

from sourcediff import types
from sourcediff.frontend.primitives import COPY
from sourcediff.ir import Atom, Const, Op, Primitive, Site, Value
from sourcediff.memory import SUBSCRIPT
from sourcediff.rules.table import primitive_of
from sourcediff.transform.adjoint.masks import Arm, mask_of, side_of_zero, through_branches

__all__ = [
    "ADD",
    "DIV",
    "EQUAL",
    "GROUPED",
    "MUL",
    "NEG",
    "NOT",
    "ONE",
    "SUB",
    "ZERO",
    "AdjointBuilder",
    "Scaled",
    "times",
]


def _primitive(function: Any) -> Primitive:
    found = primitive_of(function)
    assert found is not None
    return found


ADD, SUB, MUL = _primitive(add), _primitive(sub), _primitive(mul)
DIV, NEG = _primitive(truediv), _primitive(neg)
NOT = _primitive(not_)
FLOAT = _primitive(float)
EQUAL = _primitive(eq)


#: A product that is grouped as it is for accuracy, and printed that way.
GROUPED = Primitive("mul", mul, pattern=MUL.pattern, typing=MUL.typing, hint=MUL.hint)
GROUPED.rule = MUL.rule


class Scaled:
    """``coefficient * core``; a plain number if `core` is None.

    The adjoint of a denominator ``z`` is pending: ``core * z_inverse``, not multiplied out.
    What it is multiplied with next is how `z` changes, and ``dz / z`` stays in range where
    ``core / z`` may not: the sigmoid's ``y * (y * e)`` is right at -700, ``y * y * e`` is 0.
    `pending` is then the pair of the function that applies ``1 / z`` and its operand.
    """

    __slots__ = ("coefficient", "core", "pending")

    def __init__(
        self,
        coefficient: float,
        core: Value | None = None,
        pending: tuple[Primitive, Value] | None = None,
    ) -> None:
        self.coefficient = coefficient
        self.core = None if coefficient == 0 else core
        self.pending = None if coefficient == 0 else pending

    @property
    def is_zero(self) -> bool:
        """Exactly zero, whatever the values are."""
        return self.coefficient == 0

    def __neg__(self) -> Scaled:
        return Scaled(-self.coefficient, self.core, self.pending)

    def __repr__(self) -> str:
        return f"{self.coefficient} * {self.core}"


ZERO = Scaled(0.0)
ONE = Scaled(1.0)


def times(a: float, b: float) -> float:
    """The product of two constants, as one would write it in decimals.

    ``0.1 * 3`` is 0.3 here and not 0.30000000000000004: both are within one rounding of the
    product of the decimals that the user wrote.
    """
    exact = a * b
    try:
        decimal = float(Decimal(repr(a)) * Decimal(repr(b)))
    except (InvalidOperation, OverflowError):
        return exact
    return decimal if abs(decimal - exact) <= 2 * math.ulp(exact) else exact


class AdjointBuilder:
    """Appends the operations of a derivative, and knows what defines each value.

    `site` and `order` are stamped on every operation; `block` opens a region to build in.
    """

    def __init__(self, definitions: dict[Value, Op], order: int) -> None:
        self.ops: list[Op] = []
        self.definitions = definitions
        self.order = order
        self.site: Site | None = None
        self._known: dict[tuple[object, ...], Value] = {}
        self._home: dict[Value, list[Op]] = {}
        #: The arms of branches that are being turned round.
        self.arms: list[Arm] = []
        #: What operations of this derivative read.
        self._read: set[Atom] = set()
        #: What operations of this derivative, and of what is turned round, write to.
        self.written: list[Atom] = []

    @contextmanager
    def block(self) -> Iterator[list[Op]]:
        """Build into a new list of operations."""
        outer, self.ops = self.ops, []
        known, self._known = self._known, {}
        try:
            yield self.ops
        finally:
            self.ops, self._known = outer, known

    @contextmanager
    def again(self, ops: list[Op]) -> Iterator[None]:
        """Go on building into a list of operations."""
        outer, self.ops = self.ops, ops
        known, self._known = self._known, {}
        try:
            yield
        finally:
            self.ops, self._known = outer, known

    def append(self, op: Op) -> None:
        """Append a finished operation."""
        for result in op.results:
            self.definitions[result] = op
            self._home[result] = self.ops
        self._read.update(op.args)
        if op.primitive.writes:
            self.written += op.args[:1]
        self.ops.append(op)

    def is_here(self, value: Value) -> bool:
        """Whether a value is defined in the block that is being built."""
        return self._home.get(value) is self.ops

    def emit(
        self,
        primitive: Primitive,
        args: tuple[Atom, ...],
        type: types.Type | None = None,
        attribute: Any = None,
    ) -> Value:
        """Append an operation with one result."""
        if type is None:
            assert primitive.typing is not None
            type = primitive.typing(*[a.type for a in args])
            assert type is not None, (primitive, args)
        key = (primitive, *((a.type, a.value) if isinstance(a, Const) else a for a in args))
        if primitive in (ADD, SUB, MUL, DIV, NEG) or primitive.name == "numpy.conj":
            known = self._known.get(key)
            if known is not None and self.is_unnamed(known):
                return known
        result = Value(type)
        self._known[key] = result
        self.append(
            Op(
                primitive,
                args,
                (result,),
                attribute=attribute,
                site=self.site,
                order=self.order,
            )
        )
        return result

    # Between atoms and scaled values ------------------------------------------------------

    def scaled(self, atom: Atom) -> Scaled:
        """An atom as a scaled value; the sign of a negated value is drawn out."""
        if isinstance(atom, Const):
            if atom.type is types.COMPLEX or (atom.name is not None and atom.value):
                return Scaled(1.0, self._as_value(atom))
            return self.number(atom)
        definition = self.definitions.get(atom)
        if definition is not None and definition.primitive is NEG:
            operand = definition.args[0]
            if isinstance(operand, Value) and atom.name is None:
                return Scaled(-1.0, operand)
        return Scaled(1.0, atom)

    @staticmethod
    def number(number: Const) -> Scaled:
        """A real constant as the plain factor that it is."""
        return Scaled(number.value if number.type is types.INT else _as_float(number.value))

    def _as_value(self, number: Const) -> Value:
        """A number that is no plain factor: a complex one, and one that the user named."""
        key = (COPY, number.type, number.value, number.name)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self.emit(COPY, (number,), number.type)
        return known

    def atom(self, value: Scaled) -> Atom:
        """A scaled value as one atom."""
        value = self.settled(value)
        coefficient, core = value.coefficient, value.core
        if core is None:
            return Const(_as_float(coefficient), types.REAL)
        if coefficient == 1:
            return core
        definition = self.definitions.get(core)
        factor = Const(_as_float(coefficient), types.REAL)
        if definition is not None and definition.order == self.order and self.is_unnamed(core):
            if definition.primitive is DIV and _is_one(definition.args[0]):
                return self.emit(DIV, (factor, definition.args[1]))
        if coefficient == -1 and not _are_truths(core.type):
            return self.emit(NEG, (core,))
        if core.type.kind == "Array" and definition is not None and self.is_unnamed(core):
            number, array = _number_and_array(definition)
            own = definition.order == self.order and core not in self._read
            if number is not None and own:
                return self.emit(MUL, (self.atom(Scaled(coefficient, number)), array))
        return self.emit(MUL, (factor, core))

    def real_atom(self, value: Scaled) -> Atom:
        """A scaled value as one real atom, also where a truth value was a factor."""
        atom = self.atom(value)
        if atom.type.kind == "Array":
            whole = not types.varies(atom.type.slots["element"].type)
            return self.emit(MUL, (Const(1.0, types.REAL), atom)) if whole else atom
        if types.varies(atom.type):
            return atom
        return self.emit(FLOAT, (atom,))

    def settled(self, value: Scaled) -> Scaled:
        """The same value with nothing pending."""
        if value.pending is None:
            return value
        primitive, operand = value.pending
        shared = self._shared(value.core, operand) if primitive is DIV else None
        if shared is not None:
            return Scaled(value.coefficient, shared)
        left = Const(1.0, types.REAL) if value.core is None else value.core
        return Scaled(value.coefficient, self.emit(primitive, (left, operand)))

    def _shared(self, product: Value | None, denominator: Value) -> Value | None:
        """``a * ratio / z`` as ``(a / z) * ratio``, where the numerator has the first already."""
        made = None if product is None else self.definitions.get(product)
        if made is None or made.primitive is not MUL or made.order != self.order:
            return None
        for one, other in (made.args, made.args[::-1]):
            share = self._known.get((DIV, one, denominator))
            if share is not None:
                return self.emit(MUL, (share, other))
        return None

    def over(self, a: Scaled, ratio: Scaled, denominator: Value) -> Scaled:
        """``-a * ratio / denominator``, pending: the adjoint of the denominator of `ratio`."""
        product = -self.multiply(a, ratio)
        inverse = ratio.core and self.definitions.get(ratio.core)
        if inverse and inverse.primitive is DIV and _is_one(inverse.args[0]):
            assert ratio.core is not None
            return Scaled(product.coefficient, product.core, (MUL, ratio.core))
        return Scaled(product.coefficient, product.core, (DIV, denominator))

    @staticmethod
    def is_unnamed(value: Value) -> bool:
        """Whether a value is called after no variable."""
        return value.name is None and value.adjoint_of is None

    # Arithmetic ---------------------------------------------------------------------------

    def multiply(self, a: Scaled, b: Scaled) -> Scaled:
        """``a * b``."""
        if a.is_zero or b.is_zero:
            return ZERO
        coefficient = times(a.coefficient, b.coefficient)
        b = self.settled(b)
        if b.core is None:
            return Scaled(coefficient, a.core, a.pending)
        if a.pending is not None:
            primitive, operand = a.pending
            here, there = Scaled(1.0, operand), Scaled(1.0, b.core)
            change = self.multiply(here, there) if primitive is MUL else self.divide(there, here)
            if a.core is None or change.core is None:
                return Scaled(coefficient * change.coefficient, a.core or change.core)
            grouped = self.emit(GROUPED, (a.core, change.core))
            return Scaled(times(coefficient, change.coefficient), grouped)
        if a.core is None:
            return Scaled(coefficient, b.core)
        for one, other in ((a.core, b.core), (b.core, a.core)):
            denominator = self._denominator(one)
            if denominator is not None:
                return Scaled(coefficient, self.emit(DIV, (other, denominator)))
        return Scaled(coefficient, self.emit(MUL, (a.core, b.core)))

    def _denominator(self, value: Value) -> Atom | None:
        """What ``1 / z`` of this derivative divides by, or ``(1 / z)[:, None]``; else None."""
        made = self.definitions.get(value)
        if made is None or made.order != self.order or not self.is_unnamed(value):
            return None
        if made.primitive is DIV and _is_one(made.args[0]):
            return made.args[1]
        if made.primitive is SUBSCRIPT and value.type.kind == "Array":
            whole, index = made.args
            inner = self._denominator(whole) if isinstance(whole, Value) else None
            if inner is not None and inner.type.kind == "Array":
                return self.emit(SUBSCRIPT, (inner, index), value.type)
        return None

    def divide(self, a: Scaled, b: Scaled) -> Scaled:
        """``a / b``."""
        if a.is_zero:
            return ZERO
        a, b = self.settled(a), self.settled(b)
        if b.core is None:
            return self._divide_by_number(a, b.coefficient)
        if b.coefficient in (1, -1):
            coefficient = a.coefficient * b.coefficient
            if a.core is None:
                one = Const(1.0, types.REAL)
                return Scaled(coefficient, self.emit(DIV, (one, b.core)))
            inverse = self.definitions.get(a.core)
            if (
                inverse is not None
                and inverse.primitive is DIV
                and _is_one(inverse.args[0])
                and inverse.args[1] is b.core
            ):  # y / z, where y is 1 / z
                return Scaled(coefficient, self.emit(MUL, (a.core, a.core)))
            return Scaled(coefficient, self.emit(DIV, (a.core, b.core)))
        denominator = self.atom(b)
        assert isinstance(denominator, Value)
        return self.divide(a, Scaled(1.0, denominator))

    def _divide_by_number(self, a: Scaled, number: float) -> Scaled:
        if number == 0:  # raises where the user's function would
            zero = Const(number, types.REAL)
            return Scaled(1.0, self.emit(DIV, (self.atom(a), zero)))
        ratio = a.coefficient / number
        if a.core is None or (times(ratio, number) == a.coefficient and len(repr(ratio)) < 8):
            return Scaled(ratio, a.core)
        denominator = Const(number, types.REAL)
        return Scaled(1.0, self.emit(DIV, (self.atom(a), denominator)))

    def add(self, a: Scaled, b: Scaled, *, inside: bool = False) -> Scaled:
        """``a + b``.

        Args:
            inside: it stands in an arm of `numpy.where`, and need not be masked.
        """
        if a.is_zero:
            return b
        if b.is_zero:
            return a
        a, b = self.settled(a), self.settled(b)
        if a.core is b.core:
            return Scaled(a.coefficient + b.coefficient, a.core)
        a_seen, b_seen = self._seen_through(a), self._seen_through(b)
        if a_seen.core is b_seen.core and a_seen.core is not None:
            return Scaled(a_seen.coefficient + b_seen.coefficient, a_seen.core)
        if a.core is None or b.core is None:
            return self._add_number(a, b)
        chosen = None if inside else self._chosen_alike(a, b)
        if chosen is not None:
            return chosen
        if a.coefficient == b.coefficient:
            return Scaled(a.coefficient, self.emit(ADD, (a.core, b.core)))
        if a.coefficient == -b.coefficient:
            if a.coefficient < 0:
                return Scaled(b.coefficient, self.emit(SUB, (b.core, a.core)))
            return Scaled(a.coefficient, self.emit(SUB, (a.core, b.core)))
        if b.coefficient < 0:
            return Scaled(1.0, self.emit(SUB, (self.atom(a), self.atom(-b))))
        if a.coefficient < 0:
            return Scaled(1.0, self.emit(SUB, (self.atom(b), self.atom(-a))))
        return Scaled(1.0, self.emit(ADD, (self.atom(a), self.atom(b))))

    def _chosen_alike(self, a: Scaled, b: Scaled) -> Scaled | None:
        """``where(test, a, 0) + where(test, b, 0)`` as ``where(test, a + b, 0)``, which masks.

        Also ``where(test, a, 0) + where(test, 0, b)``, which is ``where(test, a, b)``.
        """
        one, other = self._choice(a), self._choice(b)
        if one is None or other is None:
            return None
        tests = [through_branches(self.definitions, choice[0]) for choice in (one, other)]
        known = [c for c, side in ((one, a), (other, b)) if self._mask(side, self.arms) is not None]
        if tests[0] is not tests[1] or not known:
            return None
        arms = []
        for left, right in zip(one[1:], other[1:], strict=True):
            here = self.multiply(Scaled(a.coefficient), self.scaled(left))
            there = self.multiply(Scaled(b.coefficient), self.scaled(right))
            arms.append(self.atom(self.add(here, there, inside=True)))
        made = self._mask(a)
        assert made is not None
        return Scaled(1.0, self.emit(made.primitive, (known[-1][0], *arms)))

    def _mask(self, a: Scaled, arms: Sequence[Arm] | None = None) -> Op | None:
        """The `numpy.where` of this derivative that gave a value, and zero in one of its arms."""
        made = None if a.core is None else mask_of(self.definitions, a.core, self.order, arms)
        return made if made is not None and made.order == self.order else None

    def _choice(self, a: Scaled) -> tuple[Atom, Atom, Atom] | None:
        """Its test and arms. Where it stands elsewhere, its other arm is the value itself."""
        made = self._mask(a)
        if made is None or a.core is None:
            return None
        test, left, right = made.args
        if self.is_here(a.core) and self.definitions[a.core] is made:
            return test, left, right
        zero = Const(0.0, types.REAL)
        return (test, zero, a.core) if side_of_zero(made) == 1 else (test, a.core, zero)

    def _add_number(self, a: Scaled, b: Scaled) -> Scaled:
        """A sum of which one side is a plain number."""
        if b.core is None:
            primitive, number = (SUB, -b.coefficient) if b.coefficient < 0 else (ADD, b.coefficient)
            return Scaled(1.0, self.emit(primitive, (self.atom(a), _number(number))))
        number = a.coefficient
        if b.coefficient < 0:
            return Scaled(1.0, self.emit(SUB, (_number(number), self.atom(-b))))
        return Scaled(1.0, self.emit(ADD, (_number(number), self.atom(b))))

    def _seen_through(self, a: Scaled) -> Scaled:
        """The same value with the sign and constant factor of what defines it drawn out."""
        if a.core is None:
            return a
        definition = self.definitions.get(a.core)
        if definition is None:
            return a
        args = definition.args
        if definition.primitive is NEG and isinstance(args[0], Value):
            return Scaled(-a.coefficient, args[0])
        if definition.primitive is MUL:
            for number, other in ((args[0], args[1]), (args[1], args[0])):
                real = isinstance(number, Const) and number.type is not types.COMPLEX
                if real and isinstance(number, Const) and isinstance(other, Value):
                    return Scaled(times(a.coefficient, _as_float(number.value)), other)
        return a


def _are_truths(kind: types.Type) -> bool:
    return kind.kind == "Array" and kind.slots["element"].type is types.BOOL


def _number_and_array(op: Op) -> tuple[Value | None, Atom]:
    """The operands of a product of a number and an array."""
    if op.primitive is MUL:
        for one, other in (op.args, op.args[::-1]):
            if isinstance(one, Value) and one.type.kind == "Real" and other.type.kind == "Array":
                return one, other
    return None, op.args[0]


def _is_one(atom: Atom) -> bool:
    return isinstance(atom, Const) and atom.type is not types.BOOL and atom.value == 1


def _number(number: float) -> Const:
    """A term of a sum; an integer where a rule says an integer, as an order or exponent."""
    return Const(number, types.INT if isinstance(number, int) else types.REAL)


def _as_float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer beyond all floats stays what it is
        return number  # type: ignore[no-any-return]
