"""What the functions of NumPy give that make arrays, and what is asked of their shapes."""

from __future__ import annotations

from sourcediff import types
from sourcediff.frontend.arrays.arrays import element_of
from sourcediff.frontend.arrays.numpy_call import INTEGERS, Call, gives, made, view
from sourcediff.frontend.arrays.numpy_signatures import NODES
from sourcediff.frontend.describe import describe
from sourcediff.frontend.values import Binding, Tup
from sourcediff.ir import Const, Value
from sourcediff.types import Type, rank_of


@gives("array", "asarray", "ascontiguousarray", "float64", "real", "copy", "astype")
def _array(call: Call) -> Type:
    whole = call.given.get("a")
    if isinstance(whole, Tup):
        element, rank = _within(call, whole)
    else:
        element, rank = call.element(), call.rank()
    if call.name == "float64" and element not in (types.REAL, *INTEGERS):
        call.refuse("complex numbers", "take the real part: z.real")
    found = types.REAL if call.name == "float64" else call.dtype(element)
    if element is types.COMPLEX and found is not types.COMPLEX:
        call.refuse("a dtype that drops imaginary parts", "take the real part: z.real")
    if element is types.REAL and not types.varies(found):
        return made(found, rank)  # it does not vary, or in steps
    if call.name in ("asarray", "ascontiguousarray", "real") and rank and isinstance(whole, Value):
        return view(call, rank)
    return made(found, rank)


def _within(call: Call, whole: Binding) -> tuple[Type, int]:
    """The type of the numbers in lists of lists, and how many axes they make."""
    if isinstance(whole, Value | Const) and (
        types.is_number(whole.type) or (whole.type.kind == "Array" and rank_of(whole.type))
    ):
        return element_of(whole.type), rank_of(whole.type) or 0
    if not isinstance(whole, Tup) or not whole.items:
        call.refuse(describe(whole), "give numbers, or lists of them")
    assert isinstance(whole, Tup)
    found = [_within(call, item) for item in whole.items]
    ranks = {rank for _, rank in found}
    if len(ranks) > 1:
        call.refuse("items of different numbers of axes")
    joined: Type | None = types.NEVER
    for element, _ in found:
        joined = types.join(joined, element) if joined is not None else None
    assert joined is not None
    return joined, 1 + next(iter(ranks))


@gives("item")
def _only_item(call: Call) -> Type:
    return call.element()


@gives("zeros", "ones", "empty")
def _filled(call: Call) -> Type:
    return made(call.dtype(types.REAL), call.length("shape"))


@gives("indices")
def _places(call: Call) -> Type:
    return made(call.dtype(types.INT), 1 + call.length("shape"))


@gives("broadcast_shapes")
def _common_shape(call: Call) -> Type:
    longest = max(call.length(name) for name in call.given)
    return types.tuple_of([types.INT] * longest)


@gives(*NODES)
def _nodes_and_weights(call: Call) -> Type:
    return types.tuple_of([made(types.REAL, 1), made(types.REAL, 1)])


@gives("issubdtype")
def _is_of_kind(call: Call) -> Type:
    return types.BOOL


@gives("finfo")
def _limits(call: Call) -> Type:
    return types.OBJECT


@gives("full")
def _full(call: Call) -> Type:
    if call.rank("fill_value"):
        call.refuse("an array to fill with")
    return made(call.dtype(call.element("fill_value")), call.length("shape"))


@gives("zeros_like", "ones_like", "empty_like")
def _like(call: Call) -> Type:
    return made(call.dtype(call.element()), call.rank())


@gives("full_like")
def _full_like(call: Call) -> Type:
    element = call.dtype(call.element())
    if call.rank("fill_value"):
        call.refuse("an array to fill with")
    if element is not types.COMPLEX and call.element("fill_value") is types.COMPLEX:
        call.refuse("a complex number for an array of real ones", "give dtype=complex")
    if element in INTEGERS and call.element("fill_value") is types.REAL:
        call.refuse("a real number for an array of whole numbers", "give dtype=float")
    return made(element, call.rank())


@gives("eye", "identity")
def _identity(call: Call) -> Type:
    return made(call.dtype(types.REAL), 2)


@gives("arange")
def _range(call: Call) -> Type:
    bounds = [call.array(name) for name in ("start", "stop", "step") if name in call.given]
    return made(call.dtype(call.joined(bounds)), 1)


@gives("linspace")
def _spaced(call: Call) -> Type:
    call.constant("endpoint")
    if call.rank("start") != call.rank("stop"):
        call.refuse("a number and an array", "broadcast the one to the other")
    return made(types.REAL, 1 + max(call.rank("start"), call.rank("stop")))


@gives("shape")
def _shape(call: Call) -> Type:
    return types.tuple_of([types.INT] * call.rank())


@gives("size", "ndim")
def _count(call: Call) -> Type:
    call.array()
    return types.INT
