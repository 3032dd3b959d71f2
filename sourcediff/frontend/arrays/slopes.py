"""``np.gradient`` along several axes: that along each of them.

NumPy gives a tuple of arrays, one for each axis, and computes each from the array alone:

    dy, dx = np.gradient(z, 0.5, 0.1)

is ``np.gradient(z, 0.5, axis=0)`` and ``np.gradient(z, 0.1, axis=1)``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from sourcediff import types
from sourcediff.frontend.arrays.numpy_forms import of_numpy
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Static, Tup
from sourcediff.ir import Const, Value
from sourcediff.types import rank_of

__all__ = ["slopes_along_axes"]

Calling = Callable[[Static, list[Binding], dict[str, Binding]], Binding]


def slopes_along_axes(
    lowering: Lowering,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST,
    call: Calling,
) -> Binding | None:
    """A call of `numpy.gradient` along several axes; None for one along one axis."""
    whole = args[0] if args else None
    rank = rank_of(whole.type) if isinstance(whole, Value) else None
    axis = kwargs.get("axis")
    if not rank or (isinstance(axis, Const) and axis.value is not None):
        return None
    if axis is None or isinstance(axis, Const):
        if rank == 1 and len(args) <= 2:
            return None
        axes: list[Binding] = [Const(k, types.INT) for k in range(rank)]
    elif isinstance(axis, Tup):
        axes = axis.items
    else:
        lowering.error("gradient() along axes that only the run knows is not supported", node)
    spacings = args[1:]
    if len(spacings) not in (0, 1, len(axes)):
        lowering.error("gradient() with a spacing for some of the axes is not supported", node)
    rest = {key: value for key, value in kwargs.items() if key != "axis"}
    found = []
    for place, along in enumerate(axes):
        spacing = spacings[place : place + 1] if len(spacings) == len(axes) else spacings
        found.append(call(of_numpy("gradient"), [args[0], *spacing], {**rest, "axis": along}))
    return found[0] if len(found) == 1 else Tup(found)
