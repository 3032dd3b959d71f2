"""Calls of NumPy that call a function for each element or row: `vectorize`, `apply_along_axis`.

They are entered by what they do: ``np.vectorize(f)(x)`` is ``np.array([f(v) for v in x])``. NumPy
takes the type of all results from the first: a function that gives whole numbers on some paths is
refused, as its other results might lose their fractions.
"""

from __future__ import annotations

import ast
import sys
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.arrays import is_array
from sourcediff.frontend.arrays.numpy_entered import enter_definition
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Bound, Static
from sourcediff.ir import IF, Const, Region, Value, walk

__all__ = ["call_mapped", "call_vectorized"]


def _vectorized() -> None:
    """Stands for what `numpy.vectorize` makes of a function, which is its first argument."""


def call_mapped(
    lowering: Lowering,
    function: Static,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST,
) -> Binding | None:
    """Such a call; None for any other."""
    numpy: Any = sys.modules["numpy"]
    found = function.object
    if isinstance(found, numpy.vectorize):
        if found.signature is not None or found.excluded:
            lowering.error("this use of numpy.vectorize is not supported", node)
        return _of_elements(lowering, [Static(found.pyfunc), *args], kwargs, node)
    from sourcediff.rules import numpy_mappings

    if found is numpy.apply_along_axis:
        given = dict(zip(("func1d", "axis", "arr"), args, strict=False)) | kwargs
        if given.keys() != {"func1d", "axis", "arr"}:
            lowering.error("apply_along_axis() with further arguments is not supported", node)
        arguments = [given["func1d"], given["axis"], given["arr"]]
        _require_axes(lowering, arguments[2], 2, node)
        return _entered(lowering, numpy_mappings.along_axis, arguments, node)
    if found is numpy.fromiter and not (kwargs.keys() - {"dtype", "count"}):
        kind = kwargs.get("dtype", args[1] if len(args) > 1 else None)
        if isinstance(kind, Static) and kind.object in (float, numpy.float64):
            return enter_definition(lowering, numpy_mappings.from_iterable, args[:1], {}, node)
    return None


def call_vectorized(
    lowering: Lowering,
    function: Binding,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST | None,
) -> Binding | None:
    """``np.vectorize(f)``, and a call of what it made here; None of anything else."""
    if node is None or not isinstance(function, Static) or lowering.faithful:
        return None
    if function.object is _vectorized:
        return _of_elements(lowering, args, kwargs, node)
    numpy: Any = sys.modules.get("numpy")
    if numpy is None or function.object is not numpy.vectorize:
        return None
    if len(args) != 1 or kwargs:
        lowering.error("numpy.vectorize() with these arguments is not supported", node)
    return Bound(Static(_vectorized), args)


def _of_elements(
    lowering: Lowering, args: list[Binding], kwargs: dict[str, Binding], node: ast.AST
) -> Binding:
    from sourcediff.rules import numpy_mappings

    if kwargs or not 2 <= len(args) <= 3:
        lowering.error(
            "numpy.vectorize() of a function with these arguments is not supported",
            node,
            "write it as np.array([f(…) for … in …])",
        )
    for arg in args[1:]:
        _require_axes(lowering, arg, 9, node)
    definition = numpy_mappings.vectorized if len(args) == 2 else numpy_mappings.vectorized_of_two
    return _entered(lowering, definition, args, node)


def _require_axes(lowering: Lowering, binding: Binding, most: int, node: ast.AST) -> None:
    is_number = isinstance(binding, Value | Const) and types.is_number(binding.type)
    rank = types.rank_of(binding.type) if isinstance(binding, Value) and is_array(binding) else None
    if not is_number and (rank is None or rank > most):
        lowering.error(
            f"this is supported for numbers and arrays of up to {most} axes only",
            node,
            "write it as np.array([… for … in …])",
        )


def _entered(lowering: Lowering, definition: Any, args: list[Binding], node: ast.AST) -> Binding:
    start, held = len(lowering.ops), lowering.ops
    found = enter_definition(lowering, definition, args, {}, node)
    for op in walk(Region(held[start:], None)):
        if op.primitive is IF and any(r.type is types.REAL for r in op.results):
            _require_reals(lowering, op, node)
    return found


def _require_reals(lowering: Lowering, op: Any, node: ast.AST) -> None:
    """Refuse a choice between a whole number and a real one."""
    for region in op.regions:
        for result, given in zip(op.results, region.results or (), strict=False):
            if result.type is types.REAL and given.type in (types.INT, types.BOOL):
                lowering.error(
                    "NumPy takes the type of all results from the first, which is a whole number "
                    "on some paths of this function",
                    node,
                    "let it return real numbers only: 0.0, not 0",
                )
