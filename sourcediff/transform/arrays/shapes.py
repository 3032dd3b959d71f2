"""How long the axes of arrays are, as far as the program tells: which of two are equal.

The length of an axis is a number, or a name for what only the run knows: two axes of one name are
of one length. So it is known while compiling where an operation broadcasts, and the reverse sums
there and nowhere else. Which axes of the arguments have length one is part of their type.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Iterator, Sequence
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.contractions import terms_of_call
from sourcediff.frontend.arrays.numpy_signatures import Given, arguments_of, name_of
from sourcediff.frontend.calls.array_draws import drawn_size
from sourcediff.frontend.primitives import (
    BOUND,
    CALL,
    COPY,
    GETATTR,
    GETITEM,
    NARROWED,
    PURE_CALL,
    TUPLE,
    UNPACK,
    YIELDED,
)
from sourcediff.ir import (
    DEAD,
    FOR,
    IF,
    LOOPS,
    UNDEFINED,
    WHILE,
    Atom,
    Const,
    Function,
    Op,
    Value,
    walk,
)
from sourcediff.memory import (
    IN_PLACE,
    LIST,
    METHOD_OF,
    OPERATE,
    SET_ITEM,
    SLICED,
    SNAPSHOT,
    SUBSCRIPT,
)
from sourcediff.transform.adjoint.adjoints import defined_in
from sourcediff.transform.adjoint.scaled import ADD, SUB
from sourcediff.transform.arrays.counted_slices import CountedSlices
from sourcediff.transform.lists.contents import changed_lists, slot_of
from sourcediff.types import bare, rank_of

__all__ = ["Axis", "Shape", "Shapes", "constant_of", "half"]

#: The length of an axis: a number, or what tells it apart from others.
Axis = Any
Shape = tuple[Axis, ...]

#: What is asked for at once, each for another, is not begun anew beyond so much.
_DEEPEST = 8
_SAME = (BOUND, COPY, NARROWED, YIELDED, SNAPSHOT)
_LIKE = (
    *("zeros_like", "ones_like", "empty_like", "full_like", "copy", "astype", "asarray"),
    *("sort", "argsort", "unwrap", "gradient", "linalg.cholesky", "linalg.matrix_power", "flipud"),
)
_KEEPING = ("flip", "roll", "triu", "tril", "linalg.inv", "inv of stack", "cholesky of stack")


def constant_of(atom: Given | None, definitions: dict[Value, Op]) -> Any:
    """The number, or tuple of numbers, that an atom is known to be; None if it is not."""
    if isinstance(atom, tuple):
        return _all(tuple(constant_of(a, definitions) for a in atom))
    if isinstance(atom, Const):
        return atom.value
    made = definitions.get(atom) if atom is not None else None
    if made is not None and made.primitive is TUPLE:
        return _all(tuple(constant_of(a, definitions) for a in made.args))
    return None


def _all(found: tuple[Any, ...]) -> tuple[Any, ...] | None:
    return None if None in found else found


class Shapes:
    """The shapes of the values of one function.

    known   what was found out, or is known of values from elsewhere
    proper  axes that do not have length one
    """

    def __init__(self, function: Function, definitions: dict[Value, Op]) -> None:
        self.definitions = definitions
        self.known: dict[Value, Shape] = {}
        self.proper: set[Axis] = set()
        #: What is being found out.
        self.asked: set[Value] = set()
        #: What a loop carries, by the values that stand for it.
        self.carried: dict[Value, tuple[Op, int]] = {}
        for given in _given(function):
            if given.type.kind == "Array":
                self.known[given] = self._of_argument(given)
        #: What is written to: it is not known what it holds.
        self.written: set[Any] = set()
        #: Adjoints out of a list, where zero may stand for zeros, by what gives them their shape.
        self.stretched: dict[Atom, Atom] = {}
        #: What takes the place of an array that changes, and has its shape.
        self.in_place: set[Atom] = set()
        self.counted = CountedSlices(function, definitions, self._axis_counted)
        #: What lists of arrays hold that begin with numbers.
        self.begun = {slot_of(op.result) for op in walk(function.body) if _begins_with_zero(op)}
        for op in walk(function.body):
            if op.primitive is SET_ITEM and op.attribute == IN_PLACE:
                self.in_place.add(op.args[2])
            if op.order and name_of(op) == "broadcast_to" and self._is_out_of_list(op.args[0]):
                self.stretched[op.args[0]] = op.args[1]
            if op.primitive in LOOPS:
                self._note_carried(op)
            elif op.primitive.writes:
                self.written.update(map(slot_of, changed_lists(op)))

    def _is_out_of_list(self, atom: Atom) -> bool:
        made = self.definitions.get(atom) if isinstance(atom, Value) else None
        if made is None or made.primitive not in (SUBSCRIPT, METHOD_OF):
            return False
        return made.args[0].type.kind == "List" and slot_of(made.args[0]) in self.begun

    def _of_argument(self, value: Value) -> Shape:
        units = value.type.of or (None,) * (rank_of(value.type) or 0)
        shape = tuple(1 if unit else ("axis", value, place) for place, unit in enumerate(units))
        for axis, unit in zip(shape, units, strict=True):
            if unit is False:
                self.proper.add(axis)
        return shape

    def _note_carried(self, op: Op) -> None:
        head = 1 if op.primitive is FOR else 0
        for number, region in enumerate(op.regions):
            shift = head if number == 0 else 0
            for place, parameter in enumerate(region.parameters[shift:]):
                self.carried[parameter] = (op, place)

    # What is asked ------------------------------------------------------------------------

    def of(self, atom: Atom) -> Shape:
        """The lengths of the axes of an array; none for a number."""
        rank = rank_of(bare(atom.type))
        if not rank or not isinstance(atom, Value):
            return ()
        found = self.known.get(atom)
        if found is None and atom in self.carried:
            op, place = self.carried[atom]
            # That of what a loop is given first: it may depend on all that the loop computes.
            self.of(op.args[place + (1 if op.primitive is FOR else 0)])
            found = self.known.get(atom)
        if found is None:
            self.known[atom] = self._unknown(atom, rank)  # where it depends on itself
            self.asked.add(atom)
            found = self._found(atom)
            self.asked.discard(atom)
            if found is None or len(found) != rank:
                found = self._unknown(atom, rank)
            self.known[atom] = found
        return found

    def not_one(self, axis: Axis) -> bool:
        """Whether an axis is known to have another length than one."""
        return axis in self.proper or (isinstance(axis, int) and axis != 1)

    def fill(self, found: Shape, wanted: Shape) -> bool:
        """Whether what can be broadcast to a shape has it already."""
        return len(found) == len(wanted) and all(
            one == other or self.not_one(one) for one, other in zip(found, wanted, strict=True)
        )

    def broadcast(self, shapes: Sequence[Shape], what: Any) -> Shape:
        """The shape of what is computed element by element."""
        rank = max(map(len, shapes), default=0)
        found: list[Axis] = []
        for place in range(-rank, 0):
            axes = {shape[place]: None for shape in shapes if len(shape) >= -place}
            proper = [axis for axis in axes if self.not_one(axis)]
            others = [axis for axis in axes if axis != 1]
            if proper:
                found.append(proper[0])
            elif len(others) < 2:
                found.append(others[0] if others else 1)
            else:
                found.append(("axis", what, rank + place))
        return tuple(found)

    @staticmethod
    def _unknown(atom: Value, rank: int) -> Shape:
        return tuple(("axis", atom, place) for place in range(rank))

    # Operations ---------------------------------------------------------------------------

    def _found(self, value: Value) -> Shape | None:
        if value in self.carried:
            return self._of_carried(*self.carried[value], value)
        if value in self.stretched:
            return self._shape(self.stretched[value])
        op = self.definitions.get(value)
        if op is None:
            return None
        if op.primitive in LOOPS:
            place = op.results.index(value)
            head = 1 if op.primitive is FOR else 0
            body = op.regions[1 if op.primitive is WHILE else 0]
            parameter = body.parameters[head + place]
            carried = self.of(parameter)
            if op.args[head + place] is UNDEFINED:
                return carried if self._is_of_all_turns(carried, op) else None
            return carried if self.of(op.args[head + place]) == carried else None
        if op.primitive is IF:
            place = op.results.index(value)
            given = [r.results[place] for r in op.regions if r.results is not None]
            arms = [self.of(atom) for atom in given if atom is not DEAD]
            return arms[0] if arms and all(arm == arms[0] for arm in arms) else None
        if op.primitive in _SAME or value in self.in_place:
            return self.of(op.args[0])
        if op.primitive is GETATTR and op.attribute == "T":
            return self.of(op.args[0])[::-1]
        if op.primitive is OPERATE and op.attribute == "@":
            return self._product(*map(self.of, op.args))
        if op.primitive is SUBSCRIPT and op.args[0].type.kind == "Array":
            return self._item(self.of(op.args[0]), op.args[1], value)
        if op.primitive is GETITEM and isinstance(op.args[0], Value):
            call = self.definitions.get(op.args[0])
            return None if call is None else self._one_of_several(call, op.attribute)
        if op.primitive is CALL:
            size = drawn_size(op)
            return None if size is None else self._shape(size)
        name = name_of(op)
        if name is not None:
            return self._called(name, arguments_of(op), value)
        if op.primitive.rule is not None or op.primitive.pattern is not None:
            return self.broadcast([self.of(a) for a in op.args], value)
        return None

    def _of_carried(self, op: Op, place: int, value: Value) -> Shape | None:
        """What a loop carries has one shape, if a turn gives what it takes."""
        head = 1 if op.primitive is FOR else 0
        number = 1 if op.primitive is WHILE else 0
        if op.args[head + place] is UNDEFINED:
            bound = self._first_bound(op, place)
            if bound is None:
                return None
            start = bound
        else:
            start = self.of(op.args[head + place])
        before = dict(self.known)
        assumed = {p: start for p, at in self.carried.items() if at == (op, place)}
        self.known = {**self._settled(), **assumed}
        body = op.regions[number]
        ends = [body.results[place]] if body.results is not None else []
        for inner in walk(body):
            if inner.primitive.name in ("break", "continue") and len(inner.args) > place:
                ends.append(inner.args[place])
        same = all(rank_of(bare(end.type)) == len(start) and self.of(end) == start for end in ends)
        # What was found on the way may not know yet what is being found out.
        self.known = {**before, **assumed} if same else before
        if not same:
            self._note_proper(op, place, value, [op.args[head + place], *ends])
        return start if same else None

    def _settled(self) -> dict[Value, Shape]:
        """What is known, without what is being found out: that may depend on what is assumed."""
        if len(self.asked) > _DEEPEST:
            return dict(self.known)
        asked = self.asked - self.carried.keys()
        return {value: shape for value, shape in self.known.items() if value not in asked}

    def _first_bound(self, op: Op, place: int) -> Shape | None:
        """The shape of what a turn binds a name to that is not bound before a loop."""
        body = op.regions[1 if op.primitive is WHILE else 0]
        pending: list[Atom] = [] if body.results is None else [body.results[place]]
        while pending:
            atom = pending.pop()
            made = self.definitions.get(atom) if isinstance(atom, Value) else None
            if made is not None and made.primitive is IF:
                at = made.results.index(atom)
                pending += [r.results[at] for r in made.regions if r.results is not None]
            elif isinstance(atom, Value) and atom not in self.carried:
                found = self.of(atom)
                return found if found and self._is_of_all_turns(found, op) else None
        return None

    @staticmethod
    def _is_of_all_turns(shape: Shape, op: Op) -> bool:
        """Whether a shape is that of every turn of a loop."""
        inside = set(defined_in(op))
        return all(inside.isdisjoint(_values_in(axis)) for axis in shape)

    def _note_proper(self, op: Op, place: int, value: Value, ends: Sequence[Atom]) -> None:
        """An axis that has another length than one in what a turn takes has it in what it gives."""
        rank = rank_of(value.type) or 0
        before, proper = dict(self.known), set(self.proper)
        settled = self._settled()
        for axis in range(rank):
            assumed = {("axis", p, axis) for p, at in self.carried.items() if at == (op, place)}
            self.proper |= {*assumed, ("axis", op.results[place], axis)}
            self.known = dict(settled)
            shapes = [self.of(end) for end in ends]
            self.known = dict(before)
            if all(len(s) == rank and self.not_one(s[axis]) for s in shapes):
                proper = set(self.proper)
            else:
                self.proper = set(proper)

    def _product(self, one: Shape, other: Shape) -> Shape | None:
        if len(one) == 1:
            return (*other[:-2], *other[-1:]) if len(other) > 1 else ()
        if len(other) == 1:
            return one[:-1]
        batch = self.broadcast([one[:-2], other[:-2]], None)
        if any(axis[:2] == ("axis", None) for axis in batch if isinstance(axis, tuple)):
            return None
        return (*batch, one[-2], other[-1])

    def _item(self, whole: Shape, index: Atom, value: Value) -> Shape | None:
        made = self.definitions.get(index) if isinstance(index, Value) else None
        parts = list(made.args) if made is not None and made.primitive is TUPLE else [index]
        if made is not None and made.primitive is TUPLE and made.attribute is list:
            return (len(made.args), *whole[1:])
        if index.type.kind == "Tuple" and (made is None or made.primitive is not TUPLE):
            return None  # a branch gives it
        if any(part.type.kind == "Array" or part.type.kind == "Tuple" for part in parts):
            return self._at_places(whole, parts, value)
        ellipses = [k for k, part in enumerate(parts) if part.type is types.OBJECT]
        used = sum(part.type not in (types.NONE, types.OBJECT) for part in parts)
        full = [None] * (len(whole) - used)
        at = ellipses[0] if ellipses else len(parts)
        spread: list[Any] = [*parts[:at], *full, *parts[at + len(ellipses) :]]
        found: list[Axis] = []
        axes = iter(whole)
        for part in spread:
            if part is not None and part.type is types.NONE:
                found.append(1)
                continue
            axis = next(axes)
            if part is None:
                found.append(axis)
            elif part.type is types.SLICE:
                found.append(self._sliced(axis, part, (value, len(found))))
        return tuple(found)

    def _at_places(self, whole: Shape, parts: list[Atom], value: Value) -> Shape | None:
        """What arrays of places take, where there is nothing else between the brackets."""
        first = parts[0]
        if len(parts) == 1 and first.type.kind == "Array" and not holds_places(first):
            known = slot_of(first) not in self.written
            return (("chosen", first), *whole[rank_of(first.type) or 0 :]) if known else None
        places = [self.of(part) for part in parts]
        if not all(part.type is types.INT or holds_places(part) for part in parts):
            return None
        return (*self.broadcast(places, value), *whole[len(parts) :])

    def _sliced(self, axis: Axis, part: Value, what: Any) -> Axis:
        made = self.definitions.get(part)
        bounds = [constant_of(a, self.definitions) for a in made.args] if made is not None else []
        if made is None or made.primitive is not SLICED:
            return ("axis", *what)
        if not all(isinstance(a, Const) for a in made.args):
            found = None
            if bounds[2] in (None, 1) and isinstance(made.args[2], Const):
                found = self.counted.length(axis, *made.args[:2])
            return ("axis", *what) if found is None else found
        if isinstance(axis, int):
            return len(range(axis)[slice(*bounds)])
        lower, upper, step = bounds
        if step not in (None, 1):
            whole_turned = step == -1 and lower is None and upper is None
            return axis if whole_turned else ("sliced", axis, tuple(bounds))
        lower = lower or 0
        if lower >= 0 and (upper is None or upper < 0):
            return plus(axis, -lower + (upper or 0))
        return ("sliced", axis, tuple(bounds))

    # Calls --------------------------------------------------------------------------------

    def _called(self, name: str, given: dict[str, Given], value: Value) -> Shape | None:
        first = given.get("a")
        whole = self.of(first) if isinstance(first, Value) else ()
        if name in ("dot", "matmul"):
            other = given["b"]
            assert not isinstance(other, tuple)
            if whole and self.of(other):
                return self._product(whole, self.of(other))
            return whole or self.of(other)
        if name in ("array", "asarray"):
            return self._displayed(first) if isinstance(first, Value) else None
        if name == "diag" and len(whole) == 2:
            return self._diagonal(whole, value) if set(given) == {"a"} else None
        if name in ("triu", "tril") and len(whole) == 1:
            return (*whole, *whole)
        if name in _LIKE or name in _KEEPING:
            return whole
        if name in ("zeros", "ones", "empty", "full"):
            return self._shape(given["shape"])
        if name == "arange" and set(given) == {"start"}:
            return (self.length(given["start"]),)
        if name == "linspace" and rank_of(value.type) == 1:
            return (self.length(given["num"]) if "num" in given else 50,)
        if name in ("eye", "identity"):
            rows = self.length(given["n"])
            return (rows, self.length(given["m"]) if "m" in given else rows)
        if name in ("ravel", "flatten"):
            return (self._product_of(whole),)
        if name == "reshape" and constant_of(given["shape"], self.definitions) == -1:
            return (self._product_of(whole),)
        if name in ("reshape", "broadcast_to"):
            return self._shape(given["shape"], value)
        if name == "transpose":
            axes = constant_of(given.get("axes"), self.definitions)
            if axes is None and "axes" not in given:
                return whole[::-1]
            return None if axes is None else tuple(whole[k] for k in axes)
        if name == "moveaxis":
            return self._moved(whole, given)
        if name == "diff":
            return self._differences(whole, given)
        if name == "pad":
            return self._padded(whole, constant_of(given["pad_width"], self.definitions))
        if name == "take_along_axis":
            places = given["indices"]
            return self.of(places) if not isinstance(places, tuple) else None
        if name in ("einsum", "tensordot"):
            return self._contracted(name, given)
        if name == "outer":
            other = given["b"]
            if isinstance(other, tuple) or len(whole) != 1 or len(self.of(other)) != 1:
                return None
            return (*whole, *self.of(other))
        if name == "linalg.solve":
            other = given["b"]
            return self.of(other) if not isinstance(other, tuple) else None
        if name == "swapaxes":
            first, other = (constant_of(given[k], self.definitions) for k in ("axis1", "axis2"))
            axes = list(whole)
            axes[first], axes[other] = axes[other], axes[first]
            return tuple(axes)
        if name == "expand_dims":
            place = constant_of(given["axis"], self.definitions)
            if not isinstance(place, int):
                return None
            place = place % (len(whole) + 1)
            return (*whole[:place], 1, *whole[place:])
        if name.startswith("fft."):
            return self._transformed(name.removeprefix("fft."), whole, given)
        if name in _REDUCTIONS:
            return self._reduced(whole, given)
        if name in ("concatenate", "hstack", "vstack", "stack", "column_stack"):
            return self._joined(name, given)
        if name in ("maximum.accumulate", "minimum.accumulate"):
            return whole
        if name in ("cumsum", "cumprod") and ("axis" in given or len(whole) == 1):
            return whole
        return None

    def _displayed(self, whole: Atom) -> Shape | None:
        """Of what is written out in brackets: how many items there are, and the shape of one."""
        made = self.definitions.get(whole) if isinstance(whole, Value) else None
        if made is None or made.primitive is not TUPLE:
            return self.of(whole) if isinstance(whole, Value) and rank_of(whole.type) else None
        if not made.args:
            return (0,)
        item = made.args[0]
        inner = () if types.is_number(item.type) else self._displayed(item)
        return None if inner is None else (len(made.args), *inner)

    def _diagonal(self, whole: Shape, value: Value) -> Shape:
        """Of the diagonal of a matrix: as long as the shorter of its axes."""
        rows, columns = whole
        if rows == columns:
            return (rows,)
        found = ("axis", value, 0)
        if self.not_one(rows) and self.not_one(columns):
            self.proper.add(found)
        return (found,)

    def _padded(self, whole: Shape, widths: Any) -> Shape | None:
        """Of an array with known numbers of elements put around it: one, a pair, or pairs."""
        if isinstance(widths, int):
            widths = (widths, widths)
        if isinstance(widths, tuple) and all(isinstance(width, int) for width in widths):
            widths = (widths,) * len(whole)
        if not isinstance(widths, tuple) or len(widths) != len(whole):
            return None
        if any(not isinstance(pair, tuple) or len(pair) != 2 for pair in widths):
            return None
        return tuple(plus(axis, sum(pair)) for axis, pair in zip(whole, widths, strict=True))

    def _differences(self, whole: Shape, given: dict[str, Given]) -> Shape | None:
        """Shorter by one along an axis, or by as many as the differences are taken times."""
        usual = {"axis": Const(-1, types.INT), "n": Const(1, types.INT)}
        axis, n = (constant_of(given.get(k, usual[k]), self.definitions) for k in ("axis", "n"))
        if not isinstance(axis, int) or not isinstance(n, int) or n < 0:
            return None
        axis = axis % len(whole)
        return (*whole[:axis], plus(whole[axis], -n), *whole[axis + 1 :])

    def _product_of(self, whole: Shape) -> Axis:
        """How many numbers an array has."""
        known = math.prod(axis for axis in whole if isinstance(axis, int))
        others = sorted((axis for axis in whole if not isinstance(axis, int)), key=repr)
        if not others:
            return known
        if known == len(others) == 1:
            return others[0]
        found = ("product", known, *others)
        if all(map(self.not_one, others)):
            self.proper.add(found)
        return found

    def _one_of_several(self, call: Op, place: int) -> Shape | None:
        """The shape of a result of a function that gives several."""
        name = name_of(call)
        if name is None or len(call.results) != 1:
            return None
        given = arguments_of(call)
        first = given.get("a")
        whole = self.of(first) if isinstance(first, Value) else ()
        if name in ("modf", "frexp"):
            return whole
        if call.result.type.items[place].kind == "Array" and name in _PLACES:
            return (("places", call.result),)
        if len(whole) != 2:
            return None
        rows, columns = whole
        smaller = rows if rows == columns else ("smaller", call.result)
        if name == "linalg.eigh":
            return (whole[:1], whole)[place]
        if name == "linalg.qr":
            return ((rows, smaller), (smaller, columns))[place]
        if name == "linalg.svd":
            return ((rows, smaller), (smaller,), (smaller, columns))[place]
        if name == "full svd":
            return ((rows, rows), (smaller,), (columns, columns))[place]
        if name == "linalg.lstsq" and place == 0 and isinstance(given["b"], Value):
            return (columns, *self.of(given["b"])[1:])
        return None

    def _contracted(self, name: str, given: dict[str, Given]) -> Shape | None:
        chosen = given.get("subscripts" if name == "einsum" else "axes", Const(2, types.INT))
        constants = constant_of(chosen, self.definitions)
        operands = [given[key] for key in ("a", "b", "c", "d", "e") if key in given]
        shapes = [() if isinstance(atom, tuple) else self.of(atom) for atom in operands]
        terms = terms_of_call(name, constants, [len(shape) for shape in shapes])
        if terms is None:
            return None
        axes: dict[str, Axis] = {}
        for term, shape in zip(terms[0], shapes, strict=True):
            for letter, axis in zip(term, shape, strict=True):
                if axes.setdefault(letter, axis) != axis and not self.not_one(axes[letter]):
                    axes[letter] = axis if self.not_one(axis) else None
        found = tuple(axes[letter] for letter in terms[1])
        return None if None in found else found

    def _transformed(self, name: str, whole: Shape, given: dict[str, Given]) -> Shape | None:
        """The shape of a Fourier transform: of real numbers half of the frequencies are kept."""
        if name in ("fft", "ifft", "rfft", "irfft"):
            axis = constant_of(given.get("axis", Const(-1, types.INT)), self.definitions)
            if not isinstance(axis, int) or (name == "irfft" and "n" not in given):
                return None
            found = list(whole)
            length = self.length(given["n"]) if "n" in given else found[axis]
            found[axis] = half(length) if name == "rfft" else length
            if name == "rfft" and self.not_one(length):
                self.proper.add(found[axis])
            return tuple(found)
        return None if name.startswith(("rfft", "irfft")) or name.endswith("freq") else whole

    def _moved(self, whole: Shape, given: dict[str, Given]) -> Shape | None:
        found = [constant_of(given[key], self.definitions) for key in ("source", "destination")]
        if not all(isinstance(place, int) for place in found):
            return None
        source, destination = (place % len(whole) for place in found)
        rest = [axis for place, axis in enumerate(whole) if place != source]
        return (*rest[:destination], whole[source], *rest[destination:])

    def _joined(self, name: str, given: dict[str, Given]) -> Shape | None:
        whole = given["arrays"]
        made = self.definitions.get(whole) if isinstance(whole, Value) else None
        axis = constant_of(given.get("axis", Const(0, types.INT)), self.definitions)
        if made is None or made.primitive is not TUPLE or not isinstance(axis, int):
            return None
        shapes = [self.of(part) for part in made.args]
        first, count = shapes[0], len(shapes)
        if name == "stack":
            axis = axis % (len(first) + 1)
            return (*first[:axis], count, *first[axis:])
        if name in ("vstack", "column_stack"):
            axis = 0 if name == "vstack" else 1
            shapes = [s if len(s) > 1 else (1, *s) if axis == 0 else (*s, 1) for s in shapes]
            first = shapes[0]
        if name == "hstack":
            axis = 0 if len(first) == 1 else 1
        axis = axis % len(first)
        return (*first[:axis], total([shape[axis] for shape in shapes]), *first[axis + 1 :])

    def _reduced(self, whole: Shape, given: dict[str, Given]) -> Shape | None:
        axes = constant_of(given.get("axis"), self.definitions)
        if axes is None and "axis" in given:
            atom = given["axis"]
            if not isinstance(atom, Const):
                return None
        if axes is None:
            axes = tuple(range(len(whole)))
        axes = (axes,) if isinstance(axes, int) else axes
        gone = {axis % len(whole) for axis in axes} if whole else set()
        keeps = constant_of(given.get("keepdims"), self.definitions)
        if keeps:
            return tuple(1 if k in gone else axis for k, axis in enumerate(whole))
        return tuple(axis for k, axis in enumerate(whole) if k not in gone)

    def _shape(self, given: Given, value: Value | None = None) -> Shape:
        """The axes that a shape asks for."""
        if isinstance(given, tuple):
            parts: tuple[Atom, ...] = given
        else:
            made = self.definitions.get(given) if isinstance(given, Value) else None
            if made is not None and made.primitive is GETATTR and made.attribute == "shape":
                return self.of(made.args[0])
            parts = made.args if made is not None and made.primitive is TUPLE else (given,)
        found = [self.length(part) for part in parts]
        return tuple(("axis", value, k) if n == -1 else n for k, n in enumerate(found))

    def length(self, given: Given) -> Axis:
        """A number that is the length of an axis."""
        if isinstance(given, tuple):
            return given
        if isinstance(given, Const):
            return given.value
        axis = self._axis_counted(given)
        if axis is not None:
            return axis
        made = self.definitions.get(given)
        if made is not None and made.primitive in (ADD, SUB):
            one, other = made.args
            if isinstance(other, Const) and isinstance(other.value, int):
                return plus(self.length(one), other.value * (1 if made.primitive is ADD else -1))
        return ("number", given)

    def _axis_counted(self, given: Value) -> Axis | None:
        """The axis whose length the function asks for with a value."""
        made = self.definitions.get(given)
        if made is None:
            return None
        if made.primitive is GETITEM:
            whole = self.definitions.get(made.args[0])  # type: ignore[arg-type]
            if whole is not None and whole.primitive is GETATTR and whole.attribute == "shape":
                return self.of(whole.args[0])[made.attribute]
        if made.primitive is PURE_CALL:
            if made.attribute.function is builtins.len and made.args[0].type.kind == "Array":
                return self.of(made.args[0])[0]
        if made.primitive is GETATTR and made.attribute == "size":
            shape = self.of(made.args[0])
            if len(shape) == 1:
                return shape[0]
        return None


def _begins_with_zero(op: Op) -> bool:
    """Whether an operation makes a list of adjoints of arrays, with a number in it."""
    if op.primitive is not LIST or not op.order or op.result.type.kind != "List":
        return False
    zero = any(isinstance(arg, Const) and arg.value == 0.0 for arg in op.args)
    return zero and op.result.type.slots["element"].type.kind == "Array"


def _given(function: Function) -> Iterator[Value]:
    """The arguments, and what is read out of tuples, dicts and objects among them."""
    found = set(function.parameters)
    yield from function.parameters
    for op in function.body.ops:
        if op.primitive in (UNPACK, GETITEM, GETATTR) and op.args[0] in found:
            structures = [r for r in op.results if r.type.kind in ("Tuple", "Instance")]
            found.update(structures)
            if op.args[0].type.kind in ("Tuple", "Instance"):
                yield from op.results


#: Functions that give an array of places for each axis, one as long as the other.
_PLACES = ("nonzero", "diag_indices", "diag_indices_from", "triu_indices", "tril_indices")
_REDUCTIONS = frozenset(
    [
        "sum",
        "mean",
        "max",
        "min",
        "prod",
        "var",
        "std",
        "any",
        "all",
        "argmax",
        "argmin",
        "linalg.norm",
        "nanmax",
        "nanmin",
        "median",
        "nanmedian",
        "logaddexp.reduce",
        "quantile",
        "percentile",
        "norm of order",
        "norm of 1",
        "norm of inf",
        "matrix norm of 1",
        "matrix norm of inf",
    ],
)


def _values_in(axis: Axis) -> Iterator[Value]:
    """The values by which an axis is known."""
    if isinstance(axis, Value):
        yield axis
    elif isinstance(axis, tuple):
        for part in axis:
            yield from _values_in(part)


def holds_places(atom: Atom) -> bool:
    """Whether an atom is an array of whole numbers."""
    return atom.type.kind == "Array" and atom.type.slots["element"].type is types.INT


def total(axes: Sequence[Axis]) -> Axis:
    """The sum of the lengths of axes, whatever their order."""
    known = sum(axis for axis in axes if isinstance(axis, int))
    others = sorted((axis for axis in axes if not isinstance(axis, int)), key=repr)
    if not others:
        return known
    return plus(others[0] if len(others) == 1 else ("total", *others), known)


def half(axis: Axis) -> Axis:
    """How many frequencies a transform of so many real numbers has."""
    return axis // 2 + 1 if isinstance(axis, int) else ("half", axis)


def plus(axis: Axis, more: int) -> Axis:
    """An axis that is longer by a number, or shorter."""
    if not more:
        return axis
    if isinstance(axis, int):
        return max(axis + more, 0)
    if isinstance(axis, tuple) and axis[0] == "plus":
        return plus(axis[1], axis[2] + more)
    return ("plus", axis, more)
