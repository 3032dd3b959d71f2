"""Arrays that are written to: beside each one of its adjoints, which is written to as well.

A write turns round into "take the adjoint of that place, and put zero there"; what is read from an
array adds into its adjoint. The adjoint of a view is the same view of the adjoint, so that an alias
of the one is an alias of the other.

The reverse of ``x[1:] = y`` is ``y_bar = x_bar[1:].copy(); x_bar[1:] = 0.0``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import GETATTR
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.memory import ADD_INTO, INPLACE, SET_ITEM, SET_PART, SLICED, SNAPSHOT, SUBSCRIPT
from sourcediff.rules.complex_numbers import IMAGINARY, IMAGINARY_COPY, REAL_COPY, REAL_PART
from sourcediff.transform.adjoint.conjugates import conjugate
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.arrays.aliases import is_of_others
from sourcediff.transform.arrays.code import adjoint_type, is_array, numbers_of, real_array
from sourcediff.transform.arrays.last import of_the_last
from sourcediff.transform.arrays.looks import is_sure_view, refusal_of_view
from sourcediff.transform.arrays.reads import is_view
from sourcediff.transform.arrays.swaps import swapped_with
from sourcediff.types import Type, rank_of

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.arrays.arrays import Arrays

__all__ = ["ArrayWrites"]

_ZERO = Const(0.0, types.REAL)


class ArrayWrites:
    """The arrays of one function that are written to, and their adjoints."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays

    # Where adjoints are ---------------------------------------------------------------------

    def first(self, whole: Value, home: Adjoints) -> Value:
        """The adjoints of an array before anything has contributed to them."""
        run, shapes = self.arrays.run, self.arrays.shapes
        made = run.builder.definitions.get(whole)
        kind = run.lists.kind(whole.type)
        if made is not None and is_view(made) and run.lists.is_memory(whole):
            base, *rest = made.args
            if not is_sure_view(made):
                raise refusal_of_view(made)
            assert isinstance(base, Value)
            shadow = run.lists.shadow(base, home)
            args = (shadow, *map(self.arrays.again, rest))
            found = run.builder.emit(made.primitive, args, kind, made.attribute)
        else:
            zeros = self.arrays.zero(whole)
            assert isinstance(zeros, Value)
            zeros.type = kind
            found = zeros
        shapes.known[found] = shapes.of(whole)
        return found

    def is_known(self, whole: Value, adjoints: Adjoints) -> bool:
        """Whether something has contributed to the adjoint of an array, or of what it looks at."""
        lists = self.arrays.run.lists
        made = self.arrays.run.builder.definitions.get(whole)
        if lists.known(whole, adjoints) is not None:
            return True
        if made is None or not is_view(made) or not isinstance(made.args[0], Value):
            return False
        return self.is_known(made.args[0], adjoints)

    def add_into(self, whole: Value, contribution: Scaled, adjoints: Adjoints) -> None:
        """Contribute to the adjoint of an array that is written to."""
        run, builder = self.arrays.run, self.arrays.run.builder
        made = builder.definitions.get(whole)
        looks = made is not None and is_view(made)
        if looks and made is not None and made.primitive is SUBSCRIPT:
            base, index = made.args
            assert isinstance(base, Value)
            shadow = run.lists.shadow(base, adjoints)
            atom = builder.real_atom(contribution)
            run.lists.add_at(shadow, self.arrays.again(index), atom)
            return
        if looks and made is not None and made.primitive is GETATTR and made.attribute == "T":
            (base,) = made.args
            assert isinstance(base, Value)
            settled = builder.settled(contribution)
            if settled.core is not None and is_array(settled.core):
                full = self.arrays.full(whole, Scaled(1.0, settled.core))
                turned = self.arrays.code.transposed(full)
                assert isinstance(turned, Value)
                self.arrays.shapes.known[turned] = self.arrays.shapes.of(base)
                settled = Scaled(settled.coefficient, turned)
            self.add_into(base, settled, adjoints)
            return
        here = run.lists.homes[whole][1] is adjoints
        if not looks and here and run.lists.known(whole, adjoints) is None:
            owned = self.arrays.owned(self.arrays.full(whole, contribution))
            assert isinstance(owned, Value)
            owned.type = run.lists.kind(whole.type)
            if whole.name is not None or whole.adjoint_of is not None:
                owned.adjoint_of = whole
            adjoints.lists[whole] = owned
            return
        shadow = run.lists.shadow(whole, adjoints)
        settled = builder.settled(contribution)
        symbol = "-" if settled.coefficient < 0 else "+"
        atom = builder.real_atom(-settled if symbol == "-" else settled)
        self._change(shadow, symbol, atom)

    def _change(self, shadow: Value, symbol: str, atom: Atom) -> None:
        builder = self.arrays.run.builder
        builder.append(Op(INPLACE, (shadow, atom), (), (), symbol, builder.site, builder.order))

    def link(self, whole: Value, shadow: Value | Scaled, adjoints: Adjoints) -> None:
        """Take an array of adjoints for those of another array."""
        run = self.arrays.run
        made = run.builder.definitions.get(whole)
        looks = made is not None and (is_view(made) or is_of_others(made))
        here = run.lists.homes[whole][1] is adjoints
        if looks or not here or run.lists.known(whole, adjoints) is not None:
            self.refuse(run.lists.now, "an array that is written to and has two names")
        run.lists.take(whole, shadow, adjoints)

    # Writes -----------------------------------------------------------------------------------

    def turn_round(self, op: Op, adjoints: Adjoints) -> None:
        """Append the reverse of a write."""
        run = self.arrays.run
        whole = op.args[0]
        if not isinstance(whole, Value) or whole not in run.active:
            return
        if run.turn is None and not self.is_known(whole, adjoints):
            return  # in a loop, another turn may contribute to it
        if op.site is not None:
            run.enter(op.site)
        if op.primitive is INPLACE:
            self._update(op, whole, adjoints)
        elif op.primitive is SET_ITEM:
            self._store(op, whole, adjoints)
        elif op.primitive is SET_PART:
            self._store_part(op, whole, adjoints)
        else:
            _, index, value = op.args
            if value in run.active:
                self._hand_on(op, whole, index, value, adjoints)

    def _store(self, op: Op, whole: Value, adjoints: Adjoints) -> None:
        """``whole[index] = value``."""
        run, builder = self.arrays.run, self.arrays.run.builder
        _, index, value = op.args
        put: Atom = _ZERO
        other = swapped_with(run.lists, op)
        if other is not None:
            shadow = run.lists.shadow(whole, adjoints)
            kind = real_array(self._rank(index, rank_of(whole.type) or 0), numbers_of(shadow.type))
            put = builder.emit(SUBSCRIPT, (shadow, self.arrays.again(index)), kind)
            index = other
        elif value in run.active:
            self._hand_on(op, whole, index, value, adjoints)
        shadow = run.lists.shadow(whole, adjoints)
        args = (shadow, self.arrays.again(index), put)
        builder.append(Op(SET_ITEM, args, (), site=builder.site, order=builder.order))

    def _store_part(self, op: Op, whole: Value, adjoints: Adjoints) -> None:
        """``whole.real[index] = value``, and ``+=``: the value takes that part of the adjoint."""
        run, builder = self.arrays.run, self.arrays.run.builder
        _, index, value = op.args
        name, symbol = op.attribute
        if value in run.active:
            assert isinstance(value, Value)
            found = self._part_now(whole, index, name, adjoints)
            share = Scaled(-1.0 if symbol == "-" else 1.0, found)
            self.arrays.give(value, self.arrays.summed(found, value, share), adjoints)
        if symbol == "=":
            args = (run.lists.shadow(whole, adjoints), self.arrays.again(index), _ZERO)
            builder.append(
                Op(SET_PART, args, (), (), op.attribute, site=builder.site, order=builder.order)
            )

    def _part_now(self, whole: Value, index: Atom, name: str, adjoints: Adjoints) -> Value:
        """What is at a place of a part of the adjoints, as a value."""
        builder = self.arrays.run.builder
        shadow = self.arrays.run.lists.shadow(whole, adjoints)
        everything = self._is_everything(index)
        rank = self._rank(index, rank_of(whole.type) or 0)
        part: Atom = shadow
        if not everything:
            kind = types.COMPLEX if not rank else self._view(shadow, rank)
            kind = real_array(rank, types.COMPLEX) if self.arrays.chooses(index) else kind
            part = builder.emit(SUBSCRIPT, (shadow, self.arrays.again(index)), kind)
            if self.arrays.may_repeat(index):
                assert isinstance(part, Value)
                part = of_the_last(self.arrays, shadow, index, part)
        plain = REAL_PART if name == "real" else IMAGINARY
        copied = REAL_COPY if name == "real" else IMAGINARY_COPY
        found = builder.emit(copied if rank else plain, (part,))
        if everything:
            self.arrays.shapes.known[found] = self.arrays.shapes.of(whole)
        return found

    def _is_everything(self, index: Atom) -> bool:
        """Whether an index is ``...``, or ``:``."""
        if isinstance(index, Const):
            return index.value is ...
        made = self.arrays.run.builder.definitions.get(index) if isinstance(index, Value) else None
        bounds = made.args if made is not None and made.primitive is SLICED else ()
        return bool(bounds) and all(isinstance(a, Const) and a.value is None for a in bounds)

    def _hand_on(self, op: Op, whole: Value, index: Atom, value: Atom, adjoints: Adjoints) -> None:
        """What a place has goes to what was put there, or added there."""
        run, builder = self.arrays.run, self.arrays.run.builder
        assert isinstance(value, Value)
        shadow = run.lists.shadow(whole, adjoints)
        rank = self._rank(index, rank_of(whole.type) or 0)
        copies = op.primitive is ADD_INTO or self.arrays.chooses(index)
        kind = real_array(rank, numbers_of(shadow.type))
        kind = kind if copies or not rank else self._view(shadow, rank)
        part = builder.emit(SUBSCRIPT, (shadow, self.arrays.again(index)), kind)
        if rank and not copies:
            part = self._now(part)
        if op.primitive is SET_ITEM and self.arrays.may_repeat(index):
            part = of_the_last(self.arrays, shadow, index, part)
        self.arrays.give(value, self.arrays.summed(part, value, Scaled(1.0, part)), adjoints)

    @staticmethod
    def _view(shadow: Value, rank: int) -> Type:
        return types.array_of(shadow.type.slots["element"], rank)

    def _now(self, whole: Value) -> Value:
        """What an array of adjoints is now, as a value."""
        made = self.arrays.run.builder.emit(SNAPSHOT, (whole,), adjoint_type(whole))
        self.arrays.shapes.known[made] = self.arrays.shapes.of(whole)
        return made

    def _update(self, op: Op, whole: Value, adjoints: Adjoints) -> None:
        """``whole op= other``."""
        run, builder = self.arrays.run, self.arrays.run.builder
        _, other, *old = op.args
        shadow = run.lists.shadow(whole, adjoints)
        if other in run.active:
            assert isinstance(other, Value)
            now = self._now(shadow)
            share = Scaled(1.0, now)
            if op.attribute == "-":
                share = -share
            elif op.attribute in "*/":
                (before,) = old
                share = builder.multiply(share, builder.scaled(conjugate(builder, before)))
                if op.attribute == "/":
                    divisor = builder.scaled(conjugate(builder, other))
                    square = builder.multiply(divisor, divisor)
                    share = -builder.divide(share, square)
            self.arrays.give(other, self.arrays.summed(now, other, share), adjoints)
        if op.attribute in "*/":
            self._change(shadow, op.attribute, conjugate(builder, other))

    def _rank(self, index: Atom, rank: int) -> int:
        """How many axes the part has that is written."""
        chosen = [0]
        for part in self.arrays.index_parts(index):
            if part.type is types.NONE:
                rank += 1
            elif part.type.kind == "Array":
                truths = part.type.slots["element"].type is types.BOOL
                rank -= (rank_of(part.type) or 0) if truths else 1
                chosen.append(1 if truths else rank_of(part.type) or 0)
            elif part.type.kind == "Tuple":
                rank -= 1
                chosen.append(1)
            elif types.is_number(part.type):
                rank -= 1
        return rank + max(chosen)

    def refuse(self, op: Op | None, what: str, help: str | None = None) -> NoReturn:
        """Refuse what is not followed."""
        raise DifferentiationError(
            f"{what} is not supported",
            op.site.span if op is not None and op.site is not None else None,
            help or "make a new array, or write to a copy",
        )
