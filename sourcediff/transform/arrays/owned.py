"""Which sums of arrays may be written in place: ``h_bar += …`` for ``h_bar = h_bar + …``.

An array may be changed where the derivative has made it itself and nothing reads it, or a view of
it, any more: not an argument, nor what was handed out, kept in a list, or carried under a second
name. Its numbers must be of the type that the sum has, and its shape that of the sum.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, array_of
>>> def f(x):
...     y = 2.0 * x
...     return y + x
>>> function = lower_function(f, {"x": array_of(Slot(REAL), 1)})
>>> (x,), (y, total) = function.parameters, function.body.ops
>>> owned = Owned(function, frozenset())
>>> owned.is_exclusive(total, y.result), owned.is_exclusive(total, x)
(True, False)
>>> owned.may_change(total, y.result)  # the numbers of x may be of another type
False
"""

from __future__ import annotations

from collections.abc import Collection

from sourcediff.flow import exits
from sourcediff.frontend.arrays.numpy_signatures import arguments_of, name_of
from sourcediff.frontend.primitives import (
    COPY,
    GETATTR,
    GETITEM,
    PULLBACK,
    PURE_CALL,
    TUPLE,
    UNPACK,
    YIELDED,
)
from sourcediff.ir import FOR, IF, WHILE, Atom, Const, Function, Op, Region, Value
from sourcediff.memory import (
    ADD_AT,
    ADD_INTO,
    INPLACE,
    MAKE_FUNCTION,
    METHOD_OF,
    OPERATE,
    QUERY,
    SET_ITEM,
    SET_PART,
    SNAPSHOT,
    SUBSCRIPT,
    UNPACK_ITERABLE,
)
from sourcediff.transform.arrays.copies import makes_an_array
from sourcediff.transform.arrays.shapes import Shapes
from sourcediff.types import COMPLEX, REAL, varies

__all__ = ["Owned"]

#: What writes to its first operand and keeps no reference to the others.
_WRITES = (ADD_AT, ADD_INTO, INPLACE, SET_ITEM, SET_PART)
#: What looks at an array and may give a view of it.
_LOOKS = (COPY, GETATTR, OPERATE, PURE_CALL, QUERY, SNAPSHOT, SUBSCRIPT, YIELDED)
#: What makes an array of numbers of the type of Python's own, unless it is told another.
_CREATORS = frozenset(
    {"zeros", "ones", "empty", "eye", "identity", "linspace", "hanning", "fft.fftfreq"}
)

#: What takes something out of a list or a tuple that the function has made itself.
_TAKES_OUT = (GETITEM, METHOD_OF, SUBSCRIPT, UNPACK)

Path = tuple[tuple[Op, int], ...]


class _Use:
    """Where a value is read: by an operation, or as a result of one of its regions."""

    __slots__ = ("op", "path", "place", "result")

    def __init__(self, op: Op, place: int, path: Path, result: int | None = None) -> None:
        self.op = op
        self.place = place
        self.path = path
        #: The number of the result, where it is one.
        self.result = result


class Owned:
    """The arrays of one function that nobody else refers to.

    Args:
        function: a function as it will be written.
        folded: the values that are written where they are read, and are computed only there.
    """

    def __init__(self, function: Function, folded: Collection[Value]) -> None:
        self.folded = folded
        self.definitions: dict[Value, Op] = {}
        self.uses: dict[Value, list[_Use]] = {}
        #: Where a value is defined: the regions around, outermost first.
        self.paths: dict[Value, Path] = dict.fromkeys(function.parameters, ())
        self.places: dict[Op, int] = {}
        #: What a loop hands on to a parameter or result: each use that does so.
        self.sources: dict[Value, list[_Use]] = {}
        self._count = 0
        #: What leaves the function.
        self.escapes: set[Atom] = set(function.body.results or ())
        self._number(function.body, ())
        self._uniform = all(map(_is_double, function.parameters)) and self._keeps_type()
        self._uniform = self._uniform and not self._sees_functions()
        self._shapes: Shapes | None = None
        self._function = function

    # Numbering ----------------------------------------------------------------------------

    def _number(self, region: Region, path: Path) -> None:
        for op in region.ops:
            self._count += 1
            place = self.places[op] = self._count
            head = 1 if op.primitive is FOR else 0
            carried = op.args[head:] if op.primitive in (FOR, WHILE) else ()
            for arg in op.args[: len(op.args) - len(carried)]:
                self._note(arg, _Use(op, place, path))
            handed: dict[int, list[_Use]] = {}
            for number, arg in enumerate(carried):
                use = _Use(op, place, path, number)
                self._note(arg, use)
                handed.setdefault(number, []).append(use)
            for number, part in enumerate(op.regions):
                inner = (*path, (op, number))
                self.paths.update(dict.fromkeys(part.parameters, inner))
                self._number(part, inner)
                self._count += 1
                tested = 1 if op.primitive is WHILE and number == 0 else 0
                for at, result in enumerate(part.results or ()):
                    use = _Use(op, self._count, inner, at - tested)
                    self._note(result, use)
                    handed.setdefault(at - tested, []).append(use)
            self._hand_on(op, head, handed)
            for result in op.results:
                self.definitions[result] = op
                self.paths[result] = path

    def _note(self, atom: Atom, use: _Use) -> None:
        if isinstance(atom, Value):
            self.uses.setdefault(atom, []).append(use)

    def _hand_on(self, op: Op, head: int, handed: dict[int, list[_Use]]) -> None:
        if op.primitive is not IF and (op.primitive not in (FOR, WHILE) or any(exits(op))):
            return
        for place, result in enumerate(op.results):
            self.sources[result] = handed.get(place, [])
            for number, part in enumerate(op.regions if op.primitive is not IF else ()):
                shift = head if number == 0 else 0
                self.sources[part.parameters[shift + place]] = handed.get(place, [])

    # What is asked ------------------------------------------------------------------------

    def may_change(self, op: Op, operand: Atom) -> bool:
        """Whether an operation may leave its result in the memory of an operand."""
        if not self._uniform or not isinstance(operand, Value) or operand.type.kind != "Array":
            return False
        if _element(operand) is not _element(op.result):
            return False
        if self._shapes is None:
            self._shapes = Shapes(self._function, self.definitions)
        if not self._shapes.fill(self._shapes.of(operand), self._shapes.of(op.result)):
            return False
        return self.is_exclusive(op, operand)

    def is_exclusive(self, op: Op, operand: Value) -> bool:
        """Whether an operand is the function's own, and nothing looks at it after an operation."""
        if self.definitions.get(op.result) is not op:
            return False
        path = self.paths[op.result]
        if not _within_arms(self.paths.get(operand, ()), path):
            return False
        return self._ends(operand, self._emitted(op), path, None) and self._is_own(operand, set())

    def makers(self, value: Value) -> set[Op]:
        """The operations that have made the array which a value of the function's own may be."""
        found: set[Op] = set()
        seen: set[Value] = set()
        pending: list[Atom | None] = [value]
        while pending:
            atom = pending.pop()
            if not isinstance(atom, Value) or atom in seen:
                continue
            seen.add(atom)
            if atom in self.sources:
                pending += map(self._atom_of, self.sources[atom])
            elif self.definitions[atom].primitive in (COPY, YIELDED):
                pending += self.definitions[atom].args
            else:
                found.add(self.definitions[atom])
        return found

    # Ownership ----------------------------------------------------------------------------

    def _is_own(self, value: Value, seen: set[Value]) -> bool:
        """Whether the function has made an array, and no other value refers to it."""
        if value in seen:
            return True
        seen.add(value)
        if value in self.sources:
            sources = self.sources[value]
            return bool(sources) and all(self._is_handed_on(use, seen) for use in sources)
        made = self.definitions.get(value)
        if made is None:
            return False
        if made.primitive in (COPY, YIELDED):
            (source,) = made.args
            return (
                isinstance(source, Value)
                and len(self.uses[source]) == 1
                and self.paths.get(source) == self.paths[value]
                and self._is_own(source, seen)
            )
        return makes_an_array(made)

    def _is_handed_on(self, use: _Use, seen: set[Value]) -> bool:
        """Whether what a loop or a branch hands on is an array of its own, each time anew."""
        assert use.result is not None
        source = self._atom_of(use)
        if not isinstance(source, Value) or not _within_arms(self.paths.get(source, ()), use.path):
            return False
        return self._ends(source, use.place, use.path, use) and self._is_own(source, seen)

    @staticmethod
    def _atom_of(use: _Use) -> Atom | None:
        assert use.result is not None
        if use.path and use.path[-1][0] is use.op:
            results = use.op.regions[use.path[-1][1]].results or ()
            tested = 1 if use.op.primitive is WHILE and use.path[-1][1] == 0 else 0
            return results[use.result + tested]
        return use.op.args[use.result + (1 if use.op.primitive is FOR else 0)]

    def _ends(self, value: Value, place: int, path: Path, handing: _Use | None) -> bool:
        """Whether nothing looks at an array, nor refers to it, behind a place.

        Args:
            handing: the use by which it is handed on there; there may be no other.
        """
        if value in self.escapes:
            return False
        for use in self.uses.get(value, ()):
            if use is handing:
                continue
            if use.result is not None:
                if _are_apart(use.path, path):
                    continue  # in the arm that was not taken
                return False
            if use.op.regions and use.op.primitive is not IF:
                return False
            if self._emitted(use.op) > place and not _are_apart(use.path, path):
                return False
            if not self._looks_only(use.op, value):
                return False
            for result in use.op.results:
                refers = result.type.kind == "Array" and not makes_an_array(use.op)
                if refers and not self._ends(result, place, path, None):
                    return False
        return True

    @staticmethod
    def _looks_only(op: Op, value: Value) -> bool:
        """Whether an operation keeps no reference to an operand but in its result."""
        if op.primitive in _WRITES:
            return op.args[0].type.kind == "Array"
        if op.primitive is TUPLE or any(r.type.kind in ("List", "Tuple") for r in op.results):
            return op.primitive is GETATTR and op.attribute == "shape"
        known = op.primitive in (PURE_CALL, QUERY)
        if known and name_of(op) is None:
            return op.primitive is PURE_CALL and op.attribute.function in (len, float)
        return op.primitive in _LOOKS or op.primitive.rule is not None or op.primitive is IF

    def _emitted(self, op: Op) -> int:
        """The place at which an operation is computed in the text."""
        place = self.places[op]
        for result in op.results:
            if result in self.folded:
                for use in self.uses.get(result, ()):
                    at = use.place if use.result is not None else self._emitted(use.op)
                    place = max(place, at)
        return place

    # Types of numbers ---------------------------------------------------------------------

    def _keeps_type(self) -> bool:
        """Whether all arrays of numbers are of the type that Python's own numbers have."""
        return all(_stays_double(op) or self._is_filled_with_doubles(op) for op in self.places)

    def _is_filled_with_doubles(self, op: Op) -> bool:
        """Whether an array is made of a list of numbers, or filled with one, that is a double."""
        name = name_of(op)
        if name not in ("array", "asarray", "full") or "dtype" in arguments_of(op):
            return False
        filling = arguments_of(op)["fill_value" if name == "full" else "a"]
        return not isinstance(filling, tuple) and self._makes_double(filling)

    def _makes_double(self, atom: Atom) -> bool:
        """Whether an array of a number, or of a list with it among others, is one of doubles."""
        if isinstance(atom, Const):
            return isinstance(atom.value, float)
        made = self.definitions.get(atom) if isinstance(atom, Value) else None
        if made is not None and made.primitive is TUPLE:
            return any(map(self._makes_double, made.args))
        if made is not None and made.primitive.rule is not None and _is_of_math(made):
            return True
        return self._is_double_number(atom)

    def _is_double_number(self, atom: Atom) -> bool:
        """Whether a number is computed from numbers in arrays, which are all doubles."""
        made = self.definitions.get(atom) if isinstance(atom, Value) else None
        if made is None or atom.type is not REAL or made.regions:
            return False
        known = made.primitive in (*_LOOKS, UNPACK_ITERABLE) or made.primitive.rule is not None
        return known and any(
            self._is_double_number(arg)
            or (arg.type.kind == "Array" and arg.type.slots["element"].type is REAL)
            for arg in made.args
        )

    def _sees_functions(self) -> bool:
        """Whether there are functions inside, which may read what is defined here."""
        return any(op.primitive in (MAKE_FUNCTION, PULLBACK) for op in self.places)


def _is_of_math(op: Op) -> bool:
    return getattr(op.primitive.evaluate, "__module__", None) == "math"


def _element(value: Value) -> object:
    kind = value.type
    return kind.slots["element"].type if kind.kind == "Array" else kind


def _is_double(value: Value) -> bool:
    """Whether a parameter brings no array in but of Python's own numbers."""
    kind = value.type
    if kind.kind == "Array":
        element = kind.slots["element"].type
        return not varies(element) or kind.cls is (complex if element is COMPLEX else float)
    return kind is REAL or kind.kind in ("Int", "Bool", "Str", "None")


def _stays_double(op: Op) -> bool:
    arrays = [r for r in op.results if r.type.kind == "Array"]
    if not any(varies(r.type.slots["element"].type) for r in arrays):
        return True
    name = name_of(op)
    if name is not None and (name == "astype" or "dtype" in arguments_of(op)):
        return False
    if any(map(_brings_arrays, op.args)) or op.regions:
        return True
    return name in _CREATORS or op.primitive in _TAKES_OUT


def _brings_arrays(arg: Atom) -> bool:
    """Whether it is an array, or a list or tuple of arrays."""
    kind = arg.type
    if kind.kind == "List":
        return kind.slots["element"].type.kind == "Array"
    if kind.kind == "Tuple":
        return bool(kind.items) and all(item.kind == "Array" for item in kind.items)
    return kind.kind == "Array"


def _within_arms(outer: Path, inner: Path) -> bool:
    """Whether a place is in the same region as another, or in arms of branches there."""
    if inner[: len(outer)] != outer:
        return False
    return all(op.primitive is IF for op, _ in inner[len(outer) :])


def _are_apart(one: Path, other: Path) -> bool:
    """Whether two places are in different arms of one branch."""
    for (op, number), (other_op, other_number) in zip(one, other, strict=False):
        if op is not other_op:
            return False
        if number != other_number:
            return op.primitive is IF
    return False
