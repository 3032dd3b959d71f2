"""Lists of numbers that are given to functions of NumPy, which make arrays of them.

``np.mean(xs)`` of a list is ``np.mean(np.array(xs))``, to the last bit.
"""

from __future__ import annotations

import sys
from typing import Any

from sourcediff import types
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import PURE_CALL, TUPLE, CallSpec
from sourcediff.frontend.values import Binding, Ref, Static, Tup
from sourcediff.ir import Atom, Const, Value
from sourcediff.types import Slot, Type

__all__ = ["FROM_LIST", "array_of_items", "array_of_list", "places_of_list", "with_arrays"]

#: Functions that make an array of the arrays in a list.
_REDUCTIONS = frozenset(
    ["sum", "mean", "prod", "max", "amax", "min", "amin", "std", "var", "median"]
)
#: The name by which this conversion is known among the functions of NumPy.
FROM_LIST = "from_list"


def with_arrays(lowering: Lowering, args: list[Binding], name: str = "") -> list[Binding]:
    """The arguments of a function of NumPy, with arrays for the lists of numbers among them.

    Of a reduction, those of arrays too: ``np.mean([a, b], axis=0)``.
    """
    if name not in _REDUCTIONS and not any(_element(arg) for arg in args):
        return args
    return [array_of_list(lowering, arg) or arg for arg in args]


def array_of_list(
    lowering: Lowering, whole: Binding, function: Static | None = None
) -> Value | None:
    """``np.array(whole)`` of a list of numbers, or of arrays; None of anything else."""
    element, axes = _element(whole), 1
    if isinstance(whole, Value) and whole.type.kind == "List" and element is None:
        item = whole.type.slots["element"].read()
        if item.kind == "Array" and types.rank_of(item) is not None:
            element, axes = item.slots["element"].read(), 1 + (types.rank_of(item) or 0)
    if element is None or not isinstance(whole, Value):
        return None
    numpy: Any = sys.modules["numpy"]
    if function is None:
        function = Static(numpy.array, Ref("module", numpy, ("array",)))
    ref = lowering.reference_to(function)
    spec = CallSpec(function.object, ref, (), numpy=FROM_LIST)
    return lowering.emit(PURE_CALL, (whole,), types.array_of(Slot(element), axes), attribute=spec)


def places_of_list(lowering: Lowering, index: Binding) -> Binding:
    """An index of an array, with arrays for the lists of whole numbers in it: ``x[[0, 2]]``."""
    if isinstance(index, Tup) and index.cls is tuple:
        return Tup([places_of_list(lowering, part) for part in index.items])
    if isinstance(index, Value) and index.type.kind == "Tuple" and not lowering.faithful:
        made = next((op for op in reversed(lowering.ops) if index in op.results), None)
        if made is None or made.primitive is not TUPLE or made.attribute is list:
            return index
        parts = [places_of_list(lowering, part) for part in made.args]
        return index if all(a is b for a, b in zip(parts, made.args, strict=True)) else Tup(parts)
    if isinstance(index, Value) and index.type is types.RANGE and not lowering.faithful:
        return _counted(lowering, index)
    if not isinstance(index, Value) or index.type.kind != "List":
        return index
    kind, axes = index.type, 0
    while kind.kind == "List":
        kind, axes = kind.slots["element"].read(), axes + 1
    if kind not in (types.REAL, types.INT):
        return index
    numpy: Any = sys.modules["numpy"]
    ref = Ref("module", numpy, ("array",))
    # Numbers of an argument count as real ones; of an index they can only be whole.
    spec = CallSpec(numpy.array, ref, (), numpy=FROM_LIST)
    return lowering.emit(PURE_CALL, (index,), types.array_of(Slot(types.INT), axes), attribute=spec)


def _counted(lowering: Lowering, index: Value) -> Binding:
    """``np.arange(n)`` for ``range(n)``: NumPy makes that array of it."""
    made = next((op for op in reversed(lowering.ops) if index in op.results), None)
    if made is None or made.primitive is not PURE_CALL or made.attribute.function is not range:
        return index
    numpy: Any = sys.modules["numpy"]
    spec = CallSpec(numpy.arange, Ref("module", numpy, ("arange",)), (), numpy="arange")
    return lowering.emit(PURE_CALL, made.args, types.array_of(Slot(types.INT), 1), attribute=spec)


def array_of_items(lowering: Lowering, whole: Binding) -> Atom | None:
    """The array that NumPy makes of a list or tuple of numbers beside an array, or None."""
    if isinstance(whole, Tup) and whole.items and all(map(_is_number, whole.items)):
        from sourcediff.frontend.arrays.numpy_calls import call_numpy_function

        numpy: Any = sys.modules["numpy"]
        function = Static(numpy.array, Ref("module", numpy, ("array",)))
        return lowering.atom(call_numpy_function(lowering, function, [whole], {}, lowering.node))
    return array_of_list(lowering, whole)


def _is_number(item: Binding) -> bool:
    return isinstance(item, Value | Const) and types.is_number(item.type)


def _element(whole: Binding) -> Type | None:
    """The type of the numbers in a list; None of anything else."""
    if not isinstance(whole, Value) or whole.type.kind != "List":
        return None
    found = whole.type.slots["element"].read()
    return found if found in (types.REAL, types.INT) else None
