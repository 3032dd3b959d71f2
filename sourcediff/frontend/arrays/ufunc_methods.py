"""Lowering of the methods of NumPy's ufuncs: `reduce`, `accumulate`, `outer` and `at`.

Those that NumPy has under another name too are called as they are, and known by that name: it is
``np.sum(x, axis=0)`` that ``np.add.reduce(x)`` computes.
"""

from __future__ import annotations

import ast
import operator
import sys
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.numpy_call import TYPINGS, Call
from sourcediff.frontend.arrays.numpy_entered import enter_definition
from sourcediff.frontend.arrays.numpy_forms import as_array, of_numpy
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Binding, Ref, Static, Tup
from sourcediff.ir import Const, Value
from sourcediff.memory import ADD_INTO, SUBSCRIPT
from sourcediff.rules.table import primitive_of
from sourcediff.types import Type, array_of, rank_of

__all__ = ["call_ufunc_method", "is_ufunc_method"]

#: What is the same as a method, along the first axis unless another is given.
_SAME = {
    ("add", "reduce"): "sum",
    ("multiply", "reduce"): "prod",
    ("maximum", "reduce"): "max",
    ("minimum", "reduce"): "min",
    ("logical_and", "reduce"): "all",
    ("logical_or", "reduce"): "any",
    ("add", "accumulate"): "cumsum",
    ("multiply", "accumulate"): "cumprod",
    ("add", "reduceat"): "add.reduceat",
    ("logaddexp", "reduce"): "logaddexp.reduce",
    ("maximum", "accumulate"): "maximum.accumulate",
    ("minimum", "accumulate"): "minimum.accumulate",
}


def is_ufunc_method(found: Any) -> bool:
    """Whether an object is a method of one of NumPy's ufuncs."""
    return type(getattr(found, "__self__", None)).__name__ == "ufunc"


def call_ufunc_method(
    lowering: Lowering,
    function: Static,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST,
) -> Binding:
    """``numpy.add.reduce(x)`` and the like."""
    ufunc, method = function.object.__self__, function.object.__name__
    full = f"numpy.{ufunc.__name__}.{method}()"
    same = _SAME.get((ufunc.__name__, method))
    if same is not None:
        call = Call(lowering, same, node)
        if len(args) > (3 if method == "reduceat" else 2):
            call.refuse(f"{len(args)} arguments")
        usual = "axis" in kwargs or (method != "reduce" and "." in same)  # what is left out is 0
        if len(args) == 1 and not usual:
            kwargs = {**kwargs, "axis": Const(0, types.INT)}
        call.bind(args, kwargs)
        kind = TYPINGS[same](call)
        ref = lowering.reference_to(function)
        spec = CallSpec(function.object, ref, tuple(call.keywords), numpy=same)
        return lowering.emit(PURE_CALL, call.atoms, kind, attribute=spec)
    if method == "outer" and len(args) == 2 and not kwargs:
        return _outer(lowering, ufunc, full, args)
    if method == "at" and ufunc.__name__ in ("add", "subtract") and len(args) == 3 and not kwargs:
        return _add_at(lowering, ufunc.__name__, full, args)
    definition = _definition(method, ufunc, args)
    if definition is not None and not set(kwargs) - {"axis"}:
        args = [a if a is args[0] else as_array(lowering, a, node) for a in args]
        known = getattr(sys.modules["numpy"], ufunc.__name__, None) is ufunc
        own = of_numpy(ufunc.__name__) if known else Static(ufunc)
        return enter_definition(lowering, definition, [own, *args], kwargs, node)
    lowering.error(
        f"{full} is not supported",
        node,
        "write it with functions that are supported, or as a loop",
    )


def _definition(method: str, ufunc: Any, args: list[Binding]) -> Any:
    """What a method does, in terms of the ufunc; None of those that are not supported."""
    from sourcediff.rules import numpy_ufuncs  # it imports NumPy, which the program has done

    if ufunc.nout != 1 or (method == "at" and _many_axes(args)):
        return None
    if ufunc.nin == 2:
        taken = {"reduce": (1, 2), "accumulate": (1, 2), "at": (3,)}
        return getattr(numpy_ufuncs, method) if len(args) in taken.get(method, ()) else None
    return numpy_ufuncs.of_one_at if method == "at" and len(args) == 2 else None


def _many_axes(args: list[Binding]) -> bool:
    """Whether the places are more than a definition goes through."""
    whole, places = args[:2]
    if isinstance(places, Tup):
        return places.cls is not list or any(isinstance(item, Tup) for item in places.items)
    if not isinstance(whole, Value) or not isinstance(places, Value | Const):
        return True
    return (rank_of(places.type) or 0) > 1


def _outer(lowering: Lowering, ufunc: Any, full: str, args: list[Binding]) -> Binding:
    """``x[:, None] * y``: the first operand gets an axis for each of the second."""
    one, other = (_operand(lowering, a, full) for a in args)
    added = rank_of(other.type) or 0
    primitive = primitive_of(ufunc, 2)
    if primitive is None or not (rank_of(one.type) and added):
        lowering.error(f"{full} is not supported here", help="use broadcasting: x[:, None] * y")
    parts: list[Binding] = [
        Const(..., types.OBJECT),
        *(Const(None, types.NONE) for _ in range(added)),
    ]
    index = lowering.atom(Tup(parts))
    kind = array_of(one.type.slots["element"], (rank_of(one.type) or 0) + added)
    apart = lowering.emit(SUBSCRIPT, (one, index), kind)
    return lowering.emit(primitive, (apart, other))


def _add_at(lowering: Lowering, name: str, full: str, args: list[Binding]) -> Binding:
    """``numpy.add.at(x, index, values)``, which adds to a place as often as the index names it.

    ``numpy.subtract.at`` adds what has the other sign.
    """
    whole = _operand(lowering, args[0], full)
    value = _operand(lowering, args[2], full)
    if whole.type.kind != "Array" or not _fits(whole.type, value.type):
        lowering.error(f"{full} of {describe(whole)} is not supported", help="give real numbers")
    index = lowering.atom(args[1])
    if name == "subtract":
        negative = primitive_of(operator.neg, 1)
        assert negative is not None
        value = lowering.emit(negative, (value,), value.type)
    numpy: Any = sys.modules["numpy"]
    spec = CallSpec(numpy.add.at, Ref("module", numpy, ("add", "at")))
    lowering.effect(ADD_INTO, (whole, index, value), attribute=spec)
    return Const(None, types.NONE)


def _fits(whole: Type, value: Type) -> bool:
    """Whether numbers can be added to those of an array: to whole ones such that are."""
    element = whole.slots["element"].type
    added = value.slots["element"].type if value.kind == "Array" else value
    return element is types.REAL or (element is types.INT and added is types.INT)


def _operand(lowering: Lowering, binding: Binding, full: str) -> Value | Const:
    if isinstance(binding, Value | Const):
        if binding.type.kind == "Array" or types.is_number(binding.type):
            return binding
    lowering.error(f"{full} of {describe(binding)} is not supported")
