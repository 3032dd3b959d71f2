"""Ways of calling functions of NumPy that are others in disguise.

``np.clip(x, None, 1.0)`` is ``np.minimum(x, 1.0)``, ``np.where(test)`` is ``np.nonzero(test)``, and
``np.split(x, 2)`` is a tuple of slices. Where an array is meant, a list of numbers is
``np.array`` of it.
"""

from __future__ import annotations

import ast
import sys
from itertools import pairwise
from typing import Any

from sourcediff import types
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import GETATTR, GETITEM
from sourcediff.frontend.values import Binding, Ref, Static, Tup
from sourcediff.ir import Atom, Const, Value
from sourcediff.memory import SLICED, SUBSCRIPT
from sourcediff.rules.table import primitive_of
from sourcediff.types import array_of, rank_of

__all__ = ["as_array", "of_numpy", "split_array", "without_keywords"]

_NONE = Const(None, types.NONE)
#: What the parameters of functions element by element are called, by position.
_CLIPPED = (("a", "a_min", "a_max"), ("a", "min", "max"))


def of_numpy(name: str) -> Static:
    """A function of NumPy."""
    numpy: Any = sys.modules["numpy"]
    return Static(getattr(numpy, name), Ref("module", numpy, (name,)))


def without_keywords(
    found: Any, args: list[Binding], kwargs: dict[str, Binding]
) -> tuple[Static, list[Binding]] | None:
    """A call by positions that is the same as one of `clip` or `round`; None if there is none."""
    numpy: Any = sys.modules["numpy"]
    if found is numpy.clip:
        for names in _CLIPPED:
            if set(kwargs) <= set(names):
                given = [*args, *(kwargs.get(n, _NONE) for n in names[len(args) :])]
                return _clipped(given)
    copies = kwargs.get("copy")
    if found is numpy.array and isinstance(copies, Const) and copies.value is True:
        kwargs.pop("copy")
    if found in (numpy.round, numpy.around) and set(kwargs) <= {"decimals"}:
        return of_numpy("round"), [*args, *kwargs.values()]
    return None


def _clipped(given: list[Binding]) -> tuple[Static, list[Binding]] | None:
    if len(given) != 3:
        return None
    whole, low, high = given
    absent = [isinstance(b, Const) and b.value is None for b in (low, high)]
    if absent == [False, False]:
        return of_numpy("clip"), given
    if absent == [True, False]:
        return of_numpy("minimum"), [whole, high]
    if absent == [False, True]:
        return of_numpy("maximum"), [whole, low]
    return None


def as_array(lowering: Lowering, binding: Binding, node: ast.AST) -> Binding:
    """A list of numbers, or of lists of them, as an array; anything else as it is."""
    if not isinstance(binding, Tup) or not binding.items:
        return binding
    from sourcediff.frontend.arrays.numpy_calls import call_numpy_function

    return call_numpy_function(lowering, of_numpy("array"), [binding], {}, node)


# Parts of one array ---------------------------------------------------------------------------


def split_array(
    lowering: Lowering, name: str, args: list[Binding], kwargs: dict[str, Binding], node: ast.AST
) -> Binding:
    """``np.split``, ``array_split``, ``hsplit`` and ``vsplit``: a list of views."""
    names = ("ary", "indices_or_sections", "axis")
    given = {**dict(zip(names, args, strict=False)), **kwargs}
    whole, into, axis = (given.get(key) for key in names)
    rank = rank_of(whole.type) if isinstance(whole, Value) else None
    if not rank or not isinstance(whole, Value) or set(given) - set(names):
        lowering.error(f"{name}() with these arguments is not supported", node)
    if axis is not None and not (isinstance(axis, Const) and isinstance(axis.value, int)):
        lowering.error(f"{name}() along an axis that only the run knows is not supported", node)
    place = axis.value % rank if isinstance(axis, Const) else 0
    if name in ("hsplit", "vsplit"):
        place = 1 if name == "hsplit" and rank > 1 else 0
    if isinstance(into, Const) and isinstance(into.value, int) and into.value > 0:
        bounds = _even_bounds(lowering, whole, into.value, place, name == "array_split")
    elif isinstance(into, Tup):
        bounds = [lowering.atom(item) for item in into.items]
    elif isinstance(into, Value) and types.is_number(into.type) and place < 4:
        return _into_as_many(lowering, name, whole, into, place, node)
    else:
        lowering.error(
            f"{name}() into as many parts as only the run knows is not supported",
            node,
            "use slices",
        )
    ends = [_NONE, *bounds, _NONE]
    parts: list[Binding] = []
    for start, stop in pairwise(ends):
        part: Binding = lowering.emit(SLICED, (start, stop, _NONE), types.SLICE)
        if place:
            everything = [lowering.emit(SLICED, (_NONE,) * 3, types.SLICE) for _ in range(place)]
            part = Tup([*everything, part])
        kind = array_of(whole.type.slots["element"], rank)
        parts.append(lowering.emit(SUBSCRIPT, (whole, lowering.atom(part)), kind))
    return Tup(parts, list)


def _into_as_many(
    lowering: Lowering, name: str, whole: Value, count: Value, place: int, node: ast.AST
) -> Binding:
    """As many parts as the run says."""
    from sourcediff.frontend.arrays.numpy_entered import enter_definition
    from sourcediff.rules.numpy_splits import almost_even_parts, even_parts

    definition = almost_even_parts if name == "array_split" else even_parts
    args: list[Binding] = [whole, count, Const(place, types.INT)]
    return enter_definition(lowering, definition, args, {}, node, name)


def _even_bounds(
    lowering: Lowering, whole: Value, count: int, place: int, uneven: bool
) -> list[Atom]:
    """Where parts end that are as long as each other; the first may be longer by one."""
    shape = types.tuple_of([types.INT] * (rank_of(whole.type) or 0))
    made = lowering.emit(GETATTR, (whole,), shape, attribute="shape")
    length = lowering.emit(GETITEM, (made,), types.INT, attribute=place)

    def compute(op: ast.operator, a: Atom, b: Atom) -> Atom:
        primitive = primitive_of(op)
        assert primitive is not None
        return lowering.emit(primitive, (a, b))

    size = compute(ast.FloorDiv(), length, Const(count, types.INT))
    bounds: list[Atom] = []
    rest = compute(ast.Mod(), length, Const(count, types.INT)) if uneven else None
    for k in range(1, count):
        bound = size if k == 1 else compute(ast.Mult(), Const(k, types.INT), size)
        if rest is not None:
            minimum = primitive_of(min, 2)
            assert minimum is not None
            longer = lowering.emit(minimum, (Const(k, types.INT), rest))
            bound = compute(ast.Add(), bound, longer)
        bounds.append(bound)
    return bounds
