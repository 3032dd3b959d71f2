"""Sums that begin with a number, to which a loop adds arrays of one element.

Filters and likelihoods are written so: a product of matrices gives an array of one row and column.

    ll = 0.0                                ll = np.full((1, 1), 0.0)
    for y in ys:                            for y in ys:
        ll += y.T @ S @ y                       ll += y.T @ S @ y

From the first turn on the sum is such an array, changed in place; here it is one from the start.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.arrays import element_of
from sourcediff.frontend.arrays.numpy_forms import of_numpy
from sourcediff.frontend.arrays.unit_axes import unit_axes
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Tup
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.types import Type, rank_of

__all__ = ["is_of_one_element", "lifted"]


def is_of_one_element(
    lowering: Lowering, kind: Type, binding: Atom, blocks: Iterable[list[Op]]
) -> bool:
    """Whether a loop makes an array of one element, as far as is known, of what was a number.

    Args:
        kind: the type of the variable before the loop.
        binding: what a turn leaves in it.
        blocks: the operations of the loop.
    """
    if kind not in (types.REAL, types.INT) or lowering.faithful:
        return False
    if not isinstance(binding, Value) or not rank_of(binding.type):
        return False
    if element_of(binding.type) is not types.REAL or not _in_doubles(lowering):
        return False
    return all(unit is True for unit in unit_axes(lowering, binding, blocks))


def _in_doubles(lowering: Lowering) -> bool:
    """Whether all arrays that the program is given are of Python's own numbers."""
    loaded = [result for op in lowering.loads.values() for result in op.results]
    for kind in [value.type for value in (*lowering.handed_in, *loaded)]:
        if kind.kind != "Array":
            if types.holds("Array", [kind]):
                return False
        elif element_of(kind) is types.REAL and kind.cls is not float:
            return False
    return True


def lifted(lowering: Lowering, number: Atom, rank: int, name: str | None, node: Any) -> Value:
    """``np.full((1, 1), number)``."""
    from sourcediff.frontend.arrays.numpy_calls import call_numpy_function

    if isinstance(number, Const):
        number = Const(float(number.value), types.REAL)
    shape = Tup([Const(1, types.INT)] * rank)
    made = call_numpy_function(lowering, of_numpy("full"), [shape, number], {}, node)
    assert isinstance(made, Value)
    made.name = name
    return made
