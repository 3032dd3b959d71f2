"""Which real numbers and arrays may be whole ones when the run comes to them.

An argument that is given 3 is a real number to the compiler, and an int to NumPy: what is made of
ints alone, as ``np.full(4, n)`` or ``np.arange(4) * n`` is, is an array of ints. What an adjoint
adds into a copy of one would lose its fraction. From which arguments a value has that is found
here; no float may have met them on the way.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def f(n, x):
...     return (2 * n + 1) * (n / 2)
>>> function = lower_function(f, {"n": REAL, "x": REAL})
>>> [str(op.primitive.name) for op in function.body.ops if WholeNumbers(function).of(op.result)]
['mul', 'add']
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sourcediff import types
from sourcediff.frontend.arrays.numpy_signatures import arguments_of, name_of
from sourcediff.frontend.primitives import CALL, COLUMN, GETATTR, GETITEM, UNPACK
from sourcediff.ir import INVOKE, Atom, Const, Function, Op, Value, walk
from sourcediff.memory import OPERATE, SUBSCRIPT
from sourcediff.types import Slot, Type

__all__ = ["LENGTHS", "MAKES", "TYPED", "WholeNumbers", "makes_floats"]

Origins = frozenset[Value]
_NONE: Origins = frozenset()
#: Stands for an array that is known to be one of whole numbers.
TYPED = Value(types.INT)
#: Arithmetic that makes whole numbers of whole ones.
_KEEPING = frozenset(
    [
        *("add", "sub", "mul", "neg", "pos", "pow", "floordiv", "mod", "abs", "min", "max"),
        *("numpy.add", "numpy.subtract", "numpy.multiply", "numpy.negative", "numpy.positive"),
        *("numpy.power", "numpy.absolute", "numpy.abs", "numpy.sign", "numpy.square"),
        *("numpy.maximum", "numpy.minimum", "numpy.fmax", "numpy.fmin", "numpy.clip"),
        *("numpy.where", "numpy.mod", "numpy.remainder", "numpy.floor_divide", "numpy.conj"),
        *("numpy.floor", "numpy.ceil", "numpy.trunc", "numpy.rint", "numpy.conjugate"),
    ]
)
#: What gives floats, whatever it is given.
_FLOATING = frozenset(
    [
        *("zeros", "ones", "empty", "eye", "identity", "linspace", "logspace", "geomspace"),
        *("mean", "var", "std", "median", "interp", "hanning", "hamming", "blackman", "bartlett"),
        *("nanmedian", "quantile", "percentile", "quantiles", "percentiles", "logaddexp.reduce"),
    ]
)
#: What says how long an array is, and how it lies, and not what it holds.
LENGTHS = ("shape", "newshape", "reps", "repeats", "shift", "axis", "axes", "k", "size", "order")
#: What makes an array like another.
MAKES = ("full_like", "zeros_like", "ones_like", "empty_like")


class WholeNumbers:
    """For each value of a function from which arguments it may be a whole number, or hold such."""

    def __init__(self, function: Function) -> None:
        self.known: dict[Value, Origins] = {}
        self.slots: dict[Slot, Origins] = {}
        self.leaves: dict[Value, None] = {}
        self.changed = True
        #: What made values that are not of the function, as those of its derivative.
        self.definitions: Mapping[Value, Op] = {}
        structures = set(function.parameters)
        for parameter in function.parameters:
            self._enters(parameter)
        for op in function.body.ops:
            if op.primitive in (UNPACK, GETITEM, GETATTR, COLUMN) and op.args[0] in structures:
                for result in op.results:
                    structures.add(result)
                    self._enters(result)
        while self.changed:
            self.changed = False
            for op in walk(function.body):
                self._meet(op)

    def of(self, value: Atom) -> Origins:
        """The arguments that a value is made of, if no float is among what it is made of."""
        if not isinstance(value, Value):
            return _NONE
        if value not in self.known and value in self.definitions and _may_be(value.type):
            self.known[value] = _NONE
            made = self.definitions[value]
            self.known[value] = _NONE if made.regions else self.given(made)
        return self.known.get(value, _NONE)

    def met_in_arrays(self) -> set[Value]:
        """The arguments of which arrays are made that would be of whole numbers."""
        arrays = (origins for value, origins in self.known.items() if value.type.kind == "Array")
        return set().union(*arrays) - {TYPED}

    def only_certain(self, function: Function) -> None:
        """Forget all that a float may have met on the way: in a list, a branch or a loop."""
        ops = list(walk(function.body))
        self.changed = True
        while self.changed:
            self.changed = False
            for op in ops:
                if op.regions:
                    self._forget_regions(op)
                else:
                    self._forget(op)

    def _is_float(self, atom: Atom) -> bool:
        if isinstance(atom, Const):
            return atom.type is types.REAL
        if atom.type.kind == "List":
            return atom.type.slots["element"].type is types.REAL and not self._held(atom.type)
        return _may_be(atom.type) and atom.type.kind != "Tuple" and not self.of(atom)

    def _forget(self, op: Op) -> None:
        """What an operation gives is no whole number, and what it puts into a list is none."""
        if self.given(op) and not _may_divide(op):
            return
        for result in op.results:
            if result not in self.leaves and self.known.pop(result, _NONE):
                self.changed = True
        if not any(map(self._is_float, op.args)):
            return
        into = op.args[:1] if op.primitive.writes else op.results
        for value in into:
            slots = value.type.slots.values() if value.type.kind != "Array" else ()
            for slot in slots:
                if self.slots.pop(slot.root, _NONE):
                    self.changed = True

    def _forget_regions(self, op: Op) -> None:
        inner = [atom for region in op.regions for atom in region.results or ()]
        outer = [value for region in op.regions for value in region.parameters]
        for is_array in (False, True):
            met = [a for a in (*op.args, *inner) if (a.type.kind == "Array") is is_array]
            if any(map(self._is_float, met)):
                for value in (*outer, *op.results):
                    if (value.type.kind == "Array") is is_array and self.known.pop(value, _NONE):
                        self.changed = True

    def _enters(self, value: Value) -> None:
        kind = value.type
        if kind is types.REAL:
            self.leaves[value] = None
            self.known[value] = frozenset([value])
        elif kind.kind == "List" and kind.slots["element"].type is types.REAL:
            self.leaves[value] = None
            self._hold(kind, frozenset([value]))

    def _set(self, value: Value, origins: Origins) -> None:
        found = self.known.get(value, _NONE) | origins
        if len(found) > len(self.known.get(value, _NONE)):
            self.known[value] = found
            self.changed = True

    def _hold(self, kind: Type, origins: Origins) -> None:
        for slot in kind.slots.values():
            found = self.slots.get(slot.root, _NONE) | origins
            if len(found) > len(self.slots.get(slot.root, _NONE)):
                self.slots[slot.root] = found
                self.changed = True

    def _held(self, kind: Type) -> Origins:
        if kind.kind == "Array":
            return _NONE
        return _NONE.union(*(self.slots.get(slot.root, _NONE) for slot in kind.slots.values()))

    def _meet(self, op: Op) -> None:
        if op.regions:
            self._meet_regions(op)
            return
        origins = self.given(op)
        if not origins:
            return
        if any(arg.type.kind != "Array" and arg.type.slots for arg in op.args):
            if not op.results or op.primitive.writes:
                for arg in op.args:
                    if arg.type.kind != "Array":
                        self._hold(arg.type, origins)
        for result in op.results:
            if _may_be(result.type):
                self._set(result, origins)
            elif result.type.kind != "Array" and result.type.slots:
                self._hold(result.type, origins)

    def _meet_regions(self, op: Op) -> None:
        """What goes into a loop or a branch, and what it hands on, by numbers and by arrays."""
        inner = [atom for region in op.regions for atom in region.results or ()]
        outer = [value for region in op.regions for value in region.parameters]
        for is_array in (False, True):
            found = _NONE.union(
                *(
                    self.of(atom)
                    for atom in (*op.args, *inner)
                    if (atom.type.kind == "Array") is is_array
                ),
                *(() if is_array else (self._held(atom.type) for atom in op.args)),
            )
            for value in (*outer, *op.results):
                if _may_be(value.type) and (value.type.kind == "Array") is is_array:
                    self._set(value, found)

    def given(self, op: Op) -> Origins:
        """What an operation makes whole numbers of; nothing where a float is among it."""
        name = op.primitive.name
        if op.primitive.rule is not None and name not in _KEEPING:
            return _NONE
        if op.primitive is INVOKE:
            return _NONE.union(*map(self.of, op.args))
        called = name_of(op)
        if called is not None and (called == "astype" or "dtype" in arguments_of(op)):
            return _NONE
        if op.primitive is CALL or (called is not None and makes_floats(called)):
            return _NONE
        args: Iterable[Atom] = op.args[:1] if called in MAKES else op.args
        if called is not None and called not in MAKES:
            told = [arg for name, arg in arguments_of(op).items() if name not in LENGTHS]
            args = [a for arg in told for a in (arg if isinstance(arg, tuple) else (arg,))]
        if op.primitive is SUBSCRIPT:
            args = op.args[:1]
        if op.primitive is OPERATE and any(arg.type.kind == "List" for arg in op.args):
            args = [arg for arg in op.args if arg.type.kind == "List"]
        found = _NONE
        for arg in args:
            kind = arg.type
            own = self.of(arg)
            if isinstance(arg, Const):
                if kind is types.REAL:
                    return _NONE
            elif _may_be(kind) and kind.kind != "Tuple" and not own:
                return _NONE
            if kind.kind == "Array" and not _may_be(kind):
                own = frozenset([TYPED])
            found |= own | (self._held(kind) if op.primitive is not COLUMN else _NONE)
        return found


def makes_floats(called: str) -> bool:
    """Whether a function of NumPy gives floats, whatever it is given."""
    if called.startswith("linalg.") or " of stack" in called:
        return called not in ("linalg.matrix_power", "linalg.multi_dot")
    return called in _FLOATING or called.startswith("fft.")


def _may_divide(op: Op) -> bool:
    """Whether an operation is a power whose exponent may be negative."""
    if op.primitive.name not in ("pow", "numpy.power"):
        return False
    exponent = op.args[1]
    return not isinstance(exponent, Const) or exponent.value < 0


def _may_be(kind: Type) -> bool:
    """Whether a type is that of real numbers, which may be whole ones."""
    if kind.kind == "Array":
        return kind.slots["element"].type is types.REAL
    return kind is types.REAL or kind.kind == "Tuple"
