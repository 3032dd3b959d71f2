"""What the functions of NumPy that reduce an array give: `sum`, `max`, `cumsum`, `norm`."""

from __future__ import annotations

from sourcediff import types
from sourcediff.frontend.numpy_call import Call, gives, made
from sourcediff.types import Type

__all__ = ["reduced"]


def reduced(call: Call, element: Type) -> Type:
    rank, axes = call.rank(), call.axes()
    if call.constant("keepdims", False):
        return made(element, rank)
    return made(element, 0 if axes is None else max(rank - axes, 0))


@gives("sum", "prod", "max", "min")
def _of_the_same(call: Call) -> Type:
    element = call.element()
    if element is types.BOOL:
        element = types.INT if call.name in ("sum", "prod") else types.BOOL
    if "dtype" in call.given:
        element = call.dtype(element)
    return reduced(call, element)


@gives("mean", "var", "std")
def _of_reals(call: Call) -> Type:
    if "ddof" in call.given:
        call.constant("ddof")
    if "dtype" in call.given:
        call.refuse("'dtype'")
    return reduced(call, types.REAL)


@gives("median")
def _median(call: Call) -> Type:
    return _along_one(call)


@gives("quantile", "percentile")
def _quantile(call: Call) -> Type:
    if call.rank("q"):
        call.refuse("several fractions", "call it for each")
    return _along_one(call)


def _along_one(call: Call) -> Type:
    if "axis" in call.given and isinstance(call.constant("axis"), tuple):
        call.refuse("several axes", "reshape them into one")
    return reduced(call, types.REAL)


@gives("any", "all")
def _truths(call: Call) -> Type:
    return reduced(call, types.BOOL)


@gives("argmax", "argmin", "count_nonzero")
def _places(call: Call) -> Type:
    return reduced(call, types.INT)


@gives("cumsum", "cumprod")
def _running(call: Call) -> Type:
    element = types.INT if call.element() is types.BOOL else call.element()
    return made(element, 1 if call.axes() is None else call.rank())


@gives("array_equal", "allclose")
def _compared(call: Call) -> Type:
    call.array("a"), call.array("b")
    return types.BOOL


@gives("linalg.norm")
def _norm(call: Call) -> Type:
    order = call.constant("ord")
    if order not in (None, 2) or (order == 2 and call.rank() != 1 and call.axes() != 1):
        call.refuse("this 'ord'", "write it with abs, sum and max")
    return reduced(call, types.REAL)
