"""Lowering of what writes to an array without an assignment, and of what gives the array itself.

``np.multiply(a, b, out=c)`` is ``c[...] = np.multiply(a, b)``, and gives `c`; with ``where=m`` it
is ``c[...] = np.where(m, np.multiply(a, b), c)``. ``c.fill(v)`` and ``np.copyto(c, v)`` are
``c[...] = v``. ``np.fill_diagonal(c, v)`` and ``np.put(c, places, v)`` are ``c[places] = v``.
``np.asarray(a)`` of an array is `a`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.array_values import attribute_of_array_value, store_in_array_value
from sourcediff.frontend.arrays.flat_places import place_in_array
from sourcediff.frontend.arrays.numpy_forms import as_array
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Method, Ref, Static, Tup
from sourcediff.ir import Const, Value
from sourcediff.rules.table import primitive_of
from sourcediff.types import rank_of

__all__ = ["call_with_output", "fill", "put"]

#: Lowers a call of a function of NumPy.
Calling = Callable[[Static, list[Binding], dict[str, Binding]], Binding]

_EVERYTHING = Const(..., types.OBJECT)
_NONE = Const(None, types.NONE)


def call_with_output(
    lowering: Lowering,
    function: Static,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST,
    call: Calling,
) -> Binding | None:
    """A call that writes to an array or gives it back; None if it is another one."""
    numpy: Any = sys.modules["numpy"]
    if function.object in (numpy.asarray, numpy.asanyarray) and len(args) == 1 and not kwargs:
        return args[0] if _is_array(args[0]) else None
    if function.object is numpy.copyto and len(args) == 2 and not set(kwargs) - {"where"}:
        _written(lowering, "copyto", args[0], args[1], kwargs.get("where"), node, call)
        return _NONE
    if function.object is numpy.fill_diagonal and len(args) == 2 and not kwargs:
        return _on_diagonal(lowering, args[0], args[1], node, call)
    if function.object is numpy.put and len(args) == 3 and not kwargs:
        return put(lowering, args[0], args[1], args[2], node)
    if "out" not in kwargs or kwargs["out"] == _NONE:
        return None
    rest = {name: value for name, value in kwargs.items() if name not in ("out", "where")}
    found = call(function, args, rest)
    name = getattr(function.object, "__name__", "a function")
    return _written(lowering, name, kwargs["out"], found, kwargs.get("where"), node, call)


def fill(lowering: Lowering, whole: Value, args: list[Binding], node: ast.AST) -> Binding:
    """``whole.fill(value)``."""
    if len(args) != 1:
        lowering.error(f"fill() of {len(args)} arguments", node)
    store_in_array_value(lowering, whole, _EVERYTHING, args[0], node)
    return _NONE


def _on_diagonal(
    lowering: Lowering, whole: Binding, value: Binding, node: ast.AST, call: Calling
) -> Binding:
    """``np.fill_diagonal(whole, value)`` is ``whole[np.diag_indices(n)] = value``."""
    value = as_array(lowering, value, node)
    fits = _is_number(value) or (_is_array(value) and rank_of(value.type) == 1)  # type: ignore[union-attr]
    if not isinstance(whole, Value) or rank_of(whole.type) != 2 or not fits:
        lowering.error(
            "fill_diagonal() with these arguments is not supported",
            node,
            "fill an array of two axes with a number, or with an array of one axis",
        )
    numpy: Any = sys.modules["numpy"]
    shape = attribute_of_array_value(lowering, whole, "shape")
    smaller = primitive_of(min, 2)
    assert isinstance(shape, Tup) and smaller is not None
    count = lowering.emit(smaller, [lowering.atom(item) for item in shape.items])
    places = Static(numpy.diag_indices, Ref("module", numpy, ("diag_indices",)))
    index = lowering.atom(call(places, [count], {}))
    store_in_array_value(lowering, whole, index, value, node)
    return _NONE


def put(
    lowering: Lowering, whole: Binding, places: Binding, value: Binding, node: ast.AST
) -> Binding:
    """``np.put(whole, places, value)`` is ``whole.flat[places] = value``."""
    if not isinstance(whole, Value) or not _is_array(whole):
        lowering.error(f"put() into {describe(whole)} is not supported", node)
    if isinstance(places, Tup):
        places = Tup(places.items, list)
    whole, places = place_in_array(lowering, Method(whole, "flat"), places, node)
    value = as_array(lowering, value, node)
    store_in_array_value(lowering, whole, lowering.atom(places), value, node)
    return _NONE


def _is_number(binding: Binding) -> bool:
    return isinstance(binding, Value | Const) and types.is_number(binding.type)


def _is_array(binding: Binding) -> bool:
    return (
        isinstance(binding, Value) and binding.type.kind == "Array" and bool(rank_of(binding.type))
    )


def _written(
    lowering: Lowering,
    name: str,
    out: Binding,
    value: Binding,
    where: Binding | None,
    node: ast.AST,
    call: Calling,
) -> Binding:
    """The array that has been written to, where a mask says so."""
    if not isinstance(out, Value) or not _is_array(out):
        lowering.error(f"{name}() that writes to {describe(out)} is not supported", node)
    if where is not None:
        numpy: Any = sys.modules["numpy"]
        choose = Static(numpy.where, Ref("module", numpy, ("where",)))
        value = call(choose, [where, value, out], {})
    store_in_array_value(lowering, out, _EVERYTHING, value, node)
    return out
