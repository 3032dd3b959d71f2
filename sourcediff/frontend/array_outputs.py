"""Lowering of what writes to an array without an assignment, and of what gives the array itself.

``np.multiply(a, b, out=c)`` is ``c[...] = np.multiply(a, b)``, and gives `c`; with ``where=m`` it
is ``c[...] = np.where(m, np.multiply(a, b), c)``. ``c.fill(v)`` and ``np.copyto(c, v)`` are
``c[...] = v``. ``np.asarray(a)`` of an array is `a`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from typing import Any

from sourcediff import types
from sourcediff.frontend.array_values import store_in_array_value
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Ref, Static
from sourcediff.ir import Const, Value
from sourcediff.types import rank_of

__all__ = ["call_with_output", "fill"]

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
    if function.object is numpy.asarray and len(args) == 1 and not kwargs:
        return args[0] if _is_array(args[0]) else None
    if function.object is numpy.copyto and len(args) == 2 and not set(kwargs) - {"where"}:
        _written(lowering, "copyto", args[0], args[1], kwargs.get("where"), node, call)
        return _NONE
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
