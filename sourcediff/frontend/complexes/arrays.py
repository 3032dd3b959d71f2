"""Arrays of complex numbers: two arrays of real ones, or an array and one number for all.

What works element by element is done with the parts as they are, which broadcast. What depends on
the shape is done with parts that both have it.
"""

from __future__ import annotations

import ast
import sys
from typing import Any, TypeGuard

from sourcediff import types
from sourcediff.frontend.arrays.array_values import (
    attribute_of_array_value,
    item_of_array_value,
    operate_on_values,
)
from sourcediff.frontend.complexes.parts import Part
from sourcediff.frontend.complexes.values import as_binding, is_complex_array, refuse
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Bound, Dissolved, Ref, Static
from sourcediff.ir import Const, Value

__all__ = [
    "attribute_of_complex_array",
    "call_linear",
    "item_of_complex_array",
    "multiply_matrices",
    "parts_of_shape",
]

#: Functions of NumPy that do the same with both parts.
LINEAR = ("copy", "cumsum", "diff", "flip", "mean", "ravel", "reshape", "roll", "sum", "transpose")
_METHODS = {
    "conj": "conj",
    "conjugate": "conj",
    "copy": "copy",
    "cumsum": "cumsum",
    "mean": "mean",
    "ravel": "ravel",
    "sum": "sum",
}


def parts_of_shape(lowering: Lowering, whole: Dissolved) -> tuple[Value, Value]:
    """The parts of an array as two arrays of its shape, which from now on are its parts.

    So what is written to ``z.real`` is written to the array.
    """
    held = [lowering.variables.get(whole, field) for field in ("real", "imag")]
    parts = [Part(lowering, part) for part in held if part is not None]
    if len(parts) < 2:
        refuse(lowering, "this array of complex numbers has not one kind of parts")
    if not all(part.is_array for part in parts) or parts[0].covers != parts[1].covers:
        if whole not in lowering.own_parts:
            refuse(
                lowering,
                "this use of an array of complex numbers that is a view, or one of several, is "
                "not supported",
                "make a new one of it first: z + 0",
            )
        zeros = [part.zeros() if part.is_array else None for part in parts]
        filled = []
        for part, beside in zip(parts, reversed(zeros), strict=True):
            filled.append(part if beside is None else part.beside(beside))
        parts = filled
        for field, part in zip(("real", "imag"), parts, strict=True):
            lowering.variables.set((whole, field), part.binding)
    re, im = (part.binding for part in parts)
    assert isinstance(re, Value) and isinstance(im, Value)
    return re, im


def attribute_of_complex_array(lowering: Lowering, whole: Dissolved, name: str) -> Binding:
    """``z.real``, ``z.shape``, ``z.sum`` and their kind."""
    if name in ("real", "imag"):
        return parts_of_shape(lowering, whole)[name == "imag"]
    if name in ("shape", "size", "ndim"):
        return attribute_of_array_value(lowering, parts_of_shape(lowering, whole)[0], name)
    if name == "T":
        re, im = parts_of_shape(lowering, whole)
        turned = (attribute_of_array_value(lowering, part, "T") for part in (re, im))
        return _alike(lowering, *turned)
    if name == "copied":
        refuse(lowering, "copying an array of complex numbers is not supported", "write z.copy()")
    if name in _METHODS:
        numpy: Any = sys.modules["numpy"]
        function = _METHODS[name]
        return Bound(Static(getattr(numpy, function), Ref("module", numpy, (function,))), [whole])
    refuse(lowering, f"the attribute {name!r} of an array of complex numbers is not supported")


def call_linear(
    lowering: Lowering, function: Static, args: list[Binding], kwargs: dict[str, Binding]
) -> Binding | None:
    """``np.sum(z, axis=0)`` and its kind; None for another function."""
    numpy: Any = sys.modules.get("numpy")
    name = getattr(function.object, "__name__", "")
    if name not in LINEAR or getattr(numpy, name, None) is not function.object:
        return None
    whole, *rest = args
    if not is_complex_array(whole) or kwargs.keys() - {"axis", "keepdims", "n", "shape"}:
        return None
    from sourcediff.frontend.calls.calls import call

    node = lowering.node
    parts = [
        call(lowering, function, [part, *rest], kwargs, node)
        for part in parts_of_shape(lowering, whole)
    ]
    return _alike(lowering, *parts)


def _alike(lowering: Lowering, re: Binding, im: Binding) -> Binding:
    """What is made of both parts in one way: of one shape, and perhaps views."""
    for part in (re, im):
        if isinstance(part, Value) and isinstance(re, Value):
            lowering.covers[part] = frozenset((re,))
    found = as_binding(lowering, re, im)
    if is_complex_array(found):
        lowering.own_parts.discard(found)
    return found


def item_of_complex_array(
    lowering: Lowering, whole: Dissolved, index: Binding, node: ast.AST
) -> Binding:
    """``z[index]``."""
    held = [lowering.variables.get(whole, field) for field in ("real", "imag")]
    for place, part in enumerate(held):
        other = held[1 - place]
        if isinstance(part, Value) and part.type.kind == "Array" and _is_number(other):
            one = item_of_array_value(lowering, part, index, node)
            if isinstance(one, Value) and one.type.kind != "Array":
                return as_binding(lowering, *((one, other) if place == 0 else (other, one)))
    parts = parts_of_shape(lowering, whole)
    found = [item_of_array_value(lowering, part, index, node) for part in parts]
    return _alike(lowering, *found)


def _is_number(part: Binding | None) -> TypeGuard[Value | Const]:
    return isinstance(part, Value | Const) and types.is_number(part.type)


def multiply_matrices(lowering: Lowering, left: Binding, right: Binding) -> Binding:
    """``left @ right``, where one of them is an array of complex numbers."""

    def parts(binding: Binding) -> tuple[Binding, Binding | None]:
        if is_complex_array(binding):
            return parts_of_shape(lowering, binding)
        return binding, None

    def product(one: Binding | None, other: Binding | None) -> Part | None:
        if one is None or other is None:
            return None
        return Part(lowering, operate_on_values(lowering, ast.MatMult(), one, other))

    (a, b), (c, d) = parts(left), parts(right)
    re, im = product(a, c), product(a, d)
    minus, plus = product(b, d), product(b, c)
    assert re is not None
    re = re if minus is None else re - minus
    im = plus if im is None else im if plus is None else im + plus
    assert im is not None
    return _alike(lowering, re.binding, im.binding)
