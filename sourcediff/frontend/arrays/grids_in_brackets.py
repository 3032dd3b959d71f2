"""Grids and indices that are written between brackets: ``np.mgrid[0:3, 0:4]``, ``np.s_[1:, 0]``.

``np.mgrid[0:n, 0:m]`` is ``np.indices((n, m))``. Of other slices a grid is a tuple of arrays, each
numbered along its axis as NumPy does: ``np.arange(count) * step + start``. What is between the
brackets of ``np.s_`` is an index.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.numpy_entered import enter_definition
from sourcediff.frontend.arrays.numpy_forms import of_numpy
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Static, Tup
from sourcediff.ir import Atom, Const, Value

__all__ = ["grid_in_brackets", "is_grid"]

_NAMES = ("mgrid", "ogrid", "s_", "index_exp")


def is_grid(whole: Binding) -> bool:
    """Whether a binding is ``np.mgrid``, ``np.ogrid``, ``np.s_`` or ``np.index_exp``."""
    numpy: Any = sys.modules.get("numpy")
    if numpy is None or not isinstance(whole, Static):
        return False
    return any(whole.object is getattr(numpy, name) for name in _NAMES)


def grid_in_brackets(
    lowering: Lowering,
    whole: Binding,
    node: ast.Subscript,
    lower: Callable[[Lowering, ast.expr], Binding],
) -> Binding:
    """What such an object gives for what is between its brackets."""
    from sourcediff.frontend.arrays.numpy_calls import call_numpy_function
    from sourcediff.rules import numpy_grids  # it imports NumPy, which the program has done

    assert isinstance(whole, Static)
    numpy: Any = sys.modules["numpy"]
    written, counts = _without_counts(node.slice)
    index = lower(lowering, written)
    several = isinstance(index, Tup) and index.cls is tuple
    if whole.object is numpy.s_:
        return index
    if whole.object is numpy.index_exp:
        return index if several else Tup([index])
    items = index.items if isinstance(index, Tup) and several else [index]
    bounds = [_bounds(lowering, item, node) for item in items]
    ranged = counts == [None] * len(bounds) and all(map(_counts, bounds))
    if whole.object is numpy.mgrid and several and ranged:
        shape = Tup([stop for _, stop, _ in bounds])
        return call_numpy_function(lowering, of_numpy("indices"), [shape], {}, node)
    rows: list[Binding] = []
    for (start, stop, step), count in zip(bounds, counts, strict=True):
        if count is not None:
            given: list[Binding] = [start, stop, Const(count, types.INT)]
            made: tuple[Any, list[Binding]] = numpy_grids.spaced, given
        elif not several or all(types.INT is atom.type for atom in (start, stop, step)):
            given = [start, stop] if _is(step, 1) else [start, stop, step]
            rows.append(call_numpy_function(lowering, of_numpy("arange"), given, {}, node))
            continue
        else:
            made = numpy_grids.stepped, [start, stop, step]
        rows.append(enter_definition(lowering, made[0], made[1], {}, node))
    if not several:
        return rows[0]
    grid = numpy_grids.full_grid if whole.object is numpy.mgrid else numpy_grids.open_grid
    return enter_definition(lowering, grid, rows, {}, node)


def _without_counts(index: ast.expr) -> tuple[ast.expr, list[int | None]]:
    """An index without the imaginary steps, which say how many numbers there are."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    counts: list[int | None] = []
    found: list[ast.expr] = []
    for part in parts:
        step = part.step if isinstance(part, ast.Slice) else None
        if isinstance(step, ast.Constant) and isinstance(step.value, complex):
            assert isinstance(part, ast.Slice)
            counts.append(int(abs(step.value)))
            part = ast.copy_location(ast.Slice(part.lower, part.upper, None), part)
        else:
            counts.append(None)
        found.append(part)
    whole = ast.Tuple(found, ast.Load()) if isinstance(index, ast.Tuple) else found[0]
    return ast.copy_location(whole, index), counts


def _bounds(lowering: Lowering, item: Binding, node: ast.AST) -> tuple[Atom, Atom, Atom]:
    """Where a slice of numbers begins and ends, and its step."""
    made = next((op for op in reversed(lowering.ops) if item in op.results), None)
    if made is None or not isinstance(item, Value) or item.type is not types.SLICE:
        lowering.error("a grid of anything but slices is not supported", node)
    start, stop, step = made.args
    start = Const(0, types.INT) if start.type is types.NONE else start
    return start, stop, Const(1, types.INT) if step.type is types.NONE else step


def _counts(bounds: tuple[Atom, Atom, Atom]) -> bool:
    """Whether the numbers of a slice are those of `range`."""
    start, stop, step = bounds
    return _is(start, 0) and _is(step, 1) and stop.type is types.INT


def _is(atom: Atom, value: int) -> bool:
    return isinstance(atom, Const) and atom.type is types.INT and atom.value == value
