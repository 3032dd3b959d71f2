"""Places of ``x.flat``, which goes through an array row by row, as places of the array itself.

``x.flat[k]`` is ``x[np.unravel_index(k, x.shape)]``, read or written; of an array of one axis it is
``x[k]``. So it makes no difference how the array lies in memory.
"""

from __future__ import annotations

import ast
from typing import Any

from sourcediff import types
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import GETATTR
from sourcediff.frontend.values import Binding, Method, Tup
from sourcediff.ir import Const, Value
from sourcediff.types import rank_of

__all__ = ["all_of_flat", "is_flat", "place_in_array"]


def is_flat(binding: Binding) -> bool:
    """Whether a binding is ``x.flat``."""
    return isinstance(binding, Method) and binding.name == "flat"


def place_in_array(
    lowering: Lowering, flat: Binding, index: Binding, node: ast.AST
) -> tuple[Value, Binding]:
    """The array that ``x.flat`` goes through, and the index in it of ``x.flat[index]``."""
    from sourcediff.frontend.arrays.array_values import (
        attribute_of_array_value,
        item_of_array_value,
    )
    from sourcediff.frontend.arrays.numpy_calls import call_numpy_function
    from sourcediff.frontend.arrays.numpy_forms import as_array, of_numpy
    from sourcediff.frontend.operators import operate

    assert isinstance(flat, Method) and isinstance(flat.subject, Value)
    whole = flat.subject
    if rank_of(whole.type) == 1:
        return whole, index

    def call(name: str, *args: Any) -> Binding:
        return call_numpy_function(lowering, of_numpy(name), list(args), {}, node)

    size = attribute_of_array_value(lowering, whole, "size")
    if isinstance(index, Const) and isinstance(index.value, int) and index.value < 0:
        index = operate(lowering, ast.Sub(), size, Const(-index.value, types.INT))
    elif isinstance(index, Value) and index.type is types.SLICE:
        numbers = lowering.atom(call("arange", size))
        index = item_of_array_value(lowering, numbers, index, node)
    elif isinstance(index, Tup) and _counts_from_the_end(index):
        numbers = lowering.atom(call("arange", size))
        index = item_of_array_value(lowering, numbers, as_array(lowering, index, node), node)
    elif isinstance(index, Tup):
        index = as_array(lowering, index, node)
    kind = index.type if isinstance(index, Value | Const) else types.NONE
    if kind.kind == "Array":
        kind = kind.slots["element"].type
    if not types.is_number(kind):
        lowering.error("this index of x.flat is not supported", node, "use a whole number")
    lengths = types.tuple_of([types.INT] * (rank_of(whole.type) or 0))
    shape = lowering.emit(GETATTR, (whole,), lengths, attribute="shape")
    return whole, call("unravel_index", index, shape)


def _counts_from_the_end(places: Tup) -> bool:
    """Whether one of some places may be less than zero, which ``np.unravel_index`` refuses."""
    return not all(isinstance(item, Const) and item.value >= 0 for item in places.items)


def all_of_flat(lowering: Lowering, flat: Binding, node: ast.AST) -> Binding:
    """What ``x.flat`` goes through, as an array: ``x.ravel()``."""
    from sourcediff.frontend.arrays.numpy_calls import call_array_method

    assert isinstance(flat, Method) and isinstance(flat.subject, Value)
    return call_array_method(lowering, flat.subject, "ravel", [], {}, node)
