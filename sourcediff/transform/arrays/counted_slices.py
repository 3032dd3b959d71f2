"""How long a part of an array is that starts and ends where loops count: ``x[i:i + k]``.

Such a slice is as long as it says where it begins at zero or behind, ends at the end of the axis or
before, and does not end before it begins. That follows by linear arithmetic from what loops count
through: with ``for i in range(n - k + 1)`` the greatest ``i + k`` is ``n``. What is not shown to be
so has a length that only the run knows.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from sourcediff import types
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import FOR, Atom, Const, Function, Op, Value, walk

__all__ = ["CountedSlices", "Form"]

#: A sum: of each term how often it is taken, and a number by itself under None.
Form = dict[Any, int]
#: How a whole number that is divided is told from others: the sum, and by what.
_QUOTIENT = "quotient"
#: Sums of more terms are not looked into.
_LONGEST = 12


class CountedSlices:
    """What loops of a function count through, and which sums of it are not negative.

    Args:
        definitions: what gives each value.
        length_of: the name of the axis of which a value is the length; None for other values.
    """

    def __init__(
        self,
        function: Function,
        definitions: Mapping[Value, Op],
        length_of: Callable[[Value], Any],
    ) -> None:
        self.definitions = definitions
        self.length_of = length_of
        #: By what a loop counts, its number, from the outside in, and the loop.
        self.loops: dict[Value, tuple[int, Op]] = {}
        #: Terms in the order in which they were met.
        self.met: dict[Hashable, int] = {}
        for op in walk(function.body):
            if op.primitive is FOR and op.regions[0].parameters[0].type is types.INT:
                self.loops[op.regions[0].parameters[0]] = (len(self.loops), op)

    def length(self, axis: Any, lower: Atom, upper: Atom) -> Any:
        """The length of a part of an axis; None where nothing is known of it.

        Where only the run knows it, it is the same for equal parts of axes of one length.
        """
        if any(a.type not in (types.INT, types.NONE) for a in (lower, upper)):
            return None
        whole = self.of_axis(axis)
        start = {None: 0} if lower.type is types.NONE else self.form(lower)
        end = whole if upper.type is types.NONE else self.form(upper)
        bounds = self.key(start), self.key(end)
        if self.is_negative(end):
            end = added(end, whole)
        inside = added(end, start, -1)
        if all(map(self.is_natural, (start, added(whole, end, -1), inside))):
            return self.axis(inside)
        return ("between", axis, *bounds)

    def axis(self, form: Form) -> Any:
        """The name of an axis that is so long."""
        terms = {term: times for term, times in form.items() if term is not None}
        more = form.get(None, 0)
        if not terms:
            return more
        if len(terms) == 1 and 1 in terms.values():
            (term,) = terms
            name = ("number", term) if isinstance(term, Value) else term
            if name[0] != "plus":
                return ("plus", name, more) if more else name
        return ("counted", self.key(terms), more)

    def key(self, form: Form) -> tuple[tuple[Any, int], ...]:
        """What equal sums have in common."""
        number = self.met.setdefault
        terms = [(term, times) for term, times in form.items() if times]
        return tuple(sorted(terms, key=lambda part: number(part[0], len(self.met))))

    # Sums ---------------------------------------------------------------------------------

    def of_axis(self, axis: Any) -> Form:
        """The length of an axis as a sum of lengths."""
        if isinstance(axis, int):
            return {None: axis}
        if isinstance(axis, tuple) and axis[0] == "plus" and axis[2] > 0:
            return added(self.of_axis(axis[1]), {None: axis[2]})
        if isinstance(axis, tuple) and axis[0] == "number" and isinstance(axis[1], Value):
            return self.form(axis[1])
        if isinstance(axis, tuple) and axis[0] == "counted":
            return added(dict(axis[1]), {None: axis[2]})
        return {axis: 1}

    def form(self, atom: Atom) -> Form:
        """A whole number as a sum of lengths and of what loops count."""
        if isinstance(atom, Const):
            return {None: atom.value} if atom.type is types.INT else {atom: 1}
        axis = self.length_of(atom)
        if axis is not None:
            return self.of_axis(axis)
        made = self.definitions.get(atom)
        if made is None or any(a.type is not types.INT for a in (atom, *made.args)):
            return {atom: 1}
        name = made.primitive.name
        if name == "neg":
            return scaled(self.form(made.args[0]), -1)
        if name not in ("add", "sub", "mul", "floordiv"):
            return {atom: 1}
        one, other = map(self.form, made.args)
        if name in ("add", "sub"):
            return added(one, other, 1 if name == "add" else -1)
        if name == "mul":
            if set(one) == {None}:
                one, other = other, one
            return scaled(one, other[None]) if set(other) == {None} else {atom: 1}
        divisor = other.get(None, 0)
        if set(other) != {None} or divisor < 1:
            return {atom: 1}
        return {(_QUOTIENT, self.key(one), divisor): 1}

    # Bounds -------------------------------------------------------------------------------

    def is_natural(self, form: Form) -> bool:
        """Whether a sum is zero or more, wherever it is computed."""
        form = {term: times for term, times in form.items() if times}
        if len(form) > _LONGEST:
            return False
        counted = [term for term in form if isinstance(term, Value) and term in self.loops]
        if counted:
            # The innermost first: how far it counts may depend on those around it.
            term = max(counted, key=lambda counter: self.loops[counter][0])
            ends = self.ends(term)
            if ends is None:
                return False
            return self.is_natural(put(form, term, ends[0] if form[term] > 0 else ends[1]))
        for term, times in form.items():
            if isinstance(term, tuple) and term[0] == _QUOTIENT:
                _, inner, divisor = term
                if times % divisor:
                    continue  # it is not known better than that it is what it is
                # divisor * (q // divisor) is between q - divisor + 1 and q
                less = dict(inner) if times < 0 else added(dict(inner), {None: 1 - divisor})
                rest = {other: often for other, often in form.items() if other != term}
                return self.is_natural(added(rest, less, times // divisor))
        number = form.pop(None, 0)
        return number >= 0 and all(map(is_length, form)) and all(t > 0 for t in form.values())

    def is_negative(self, form: Form) -> bool:
        """Whether a sum is less than zero."""
        return self.is_natural(added({None: -1}, form, -1))

    def ends(self, counter: Value) -> tuple[Form, Form] | None:
        """The least and the greatest that a loop counts."""
        _, loop = self.loops[counter]
        made = self.call(loop.args[0])
        if made is not None and made.attribute.function is reversed:
            made = self.call(made.args[0])
        if made is None or made.attribute.function is not builtins.range:
            return None
        if any(arg.type is not types.INT for arg in made.args):
            return None
        first = self.form(made.args[0]) if len(made.args) > 1 else {None: 0}
        last = self.form(made.args[-1] if len(made.args) < 3 else made.args[1])
        step = made.args[2] if len(made.args) == 3 else Const(1, types.INT)
        if not isinstance(step, Const) or step.value == 0:
            return None
        if step.value > 0:
            return first, added(last, {None: -1})
        return added(last, {None: 1}), first

    def call(self, atom: Atom) -> Op | None:
        made = self.definitions.get(atom) if isinstance(atom, Value) else None
        return made if made is not None and made.primitive is PURE_CALL else None


def is_length(term: Any) -> bool:
    """Whether a term is the length of an axis, and so not negative."""
    return isinstance(term, tuple) and term[0] not in ("number", _QUOTIENT)


def added(one: Form, other: Form, times: int = 1) -> Form:
    """The sum of two sums, the second taken some times."""
    found = dict(one)
    for term, often in other.items():
        found[term] = found.get(term, 0) + times * often
    return {term: often for term, often in found.items() if often or term is None}


def scaled(form: Form, times: int) -> Form:
    """A sum, taken some times."""
    return added({}, form, times)


def put(form: Form, term: Any, value: Form) -> Form:
    """A sum with another one in place of a term."""
    rest = {other: often for other, often in form.items() if other != term}
    return added(rest, value, form[term])
