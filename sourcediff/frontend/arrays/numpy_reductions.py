"""What the functions of NumPy that reduce an array give: `sum`, `max`, `cumsum`, `norm`."""

from __future__ import annotations

from sourcediff import types
from sourcediff.frontend.arrays.numpy_call import Call, gives, made
from sourcediff.frontend.describe import describe_type
from sourcediff.frontend.values import Tup
from sourcediff.ir import Const
from sourcediff.types import Type, rank_of

__all__ = ["has_no_such_axis", "reduced"]

FALSE = Const(False, types.BOOL)


def reduced(call: Call, element: Type) -> Type:
    rank, axes = call.rank(), call.axes()
    if not isinstance(call.given.get("keepdims", FALSE), Const):
        call.refuse("'keepdims' that only the run knows", "write it as a constant")
    if call.constant("keepdims", False):
        return made(element, rank)
    return made(element, 0 if axes is None else max(rank - axes, 0))


@gives("sum", "prod", "max", "min")
def _of_the_same(call: Call) -> Type:
    element = call.element()
    if call.name != "sum":
        _of_chosen(call, "initial", "where")
    if call.name.startswith("prod"):
        call.constant("axis")
    for name in ("initial", "where"):
        if name in call.given and call.rank(name) > (0 if name == "initial" else call.rank()):
            call.refuse(f"{describe_type(call.array(name))} as {name!r}")
    if "of chosen" in call.name:
        _require_reals(call, "initial")
    if element is types.BOOL:
        element = types.INT if call.name.startswith(("sum", "prod")) else types.BOOL
    whole = element in (types.INT, types.BOOL) and "dtype" not in call.given
    if whole and "initial" in call.given and call.element("initial") is types.REAL:
        call.refuse(
            "a real number as 'initial' of whole numbers",
            "NumPy drops its fraction: make the array one of floats",
        )
    if "dtype" in call.given:
        element = call.dtype(element)
    return reduced(call, element)


def _of_chosen(call: Call, *names: str) -> None:
    """Of some of the elements, or from a number, the call is known under a name of its own."""
    if any(name in call.given for name in names):
        call.name = f"{call.name} of chosen"


def _require_reals(call: Call, other: str) -> None:
    if types.COMPLEX in [call.element(name) for name in ("a", other) if name in call.given]:
        call.refuse("complex numbers", "write it with np.where")


@gives("mean", "var", "std", "nanmax", "nanmin")
def _of_reals(call: Call) -> Type:
    if not call.name.startswith("nan"):
        _of_chosen(call, "where", "mean")
    if "of chosen" in call.name:
        call.constant("axis")
        _require_reals(call, "mean")
    for name in ("where", "mean"):
        if name in call.given and call.rank(name) > call.rank():
            call.refuse(f"{describe_type(call.array(name))} as {name!r}")
    if "ddof" in call.given:
        call.constant("ddof")
    if not types.varies(call.dtype(types.REAL)):
        call.refuse("this dtype", "give float")
    if call.element() is types.COMPLEX and call.dtype(types.COMPLEX) is not types.COMPLEX:
        call.refuse("a dtype that drops imaginary parts", "take the real part: z.real")
    is_complex = types.COMPLEX in (call.element(), call.dtype(types.REAL))
    return reduced(call, types.COMPLEX if is_complex and call.name == "mean" else types.REAL)


@gives("median", "nanmedian")
def _median(call: Call) -> Type:
    call.constant("axis")
    return reduced(call, types.REAL)


@gives("quantile", "percentile")
def _quantile(call: Call) -> Type:
    """Of several fractions the first axis is theirs, and the call has a name of its own."""
    fractions = call.rank("q")
    if not fractions:
        return reduced(call, types.REAL)
    if fractions > 1 or isinstance(call.constant("axis"), tuple):
        call.refuse("these fractions", "give a number, or several along one axis")
    call.name += "s"
    return made(types.REAL, 1 + (rank_of(reduced(call, types.REAL)) or 0))


@gives("nonzero", "triu_indices", "tril_indices", "diag_indices", "ix_", "unravel_index")
@gives("diag_indices_from", "triu_indices_from", "tril_indices_from")
def _places_by_axis(call: Call) -> Type:
    """A tuple of arrays of whole numbers, one for each axis."""
    count, rank = 2, 1
    if call.name in ("nonzero", "diag_indices_from"):
        count = call.rank()
    elif call.name == "unravel_index":
        count, rank = call.length("shape"), call.places("indices")
    elif call.name == "ix_":
        count = rank = len(call.given)
    if call.name.startswith("diag_indices"):
        return types.tuple_of([made(types.INT, rank)] * count)  # one array, twice
    return types.tuple_of([made(types.INT, rank) for _ in range(count)])


@gives("flatnonzero", "argwhere", "digitize")
def _found(call: Call) -> Type:
    ranks = {"flatnonzero": 1, "argwhere": 2}
    return made(types.INT, ranks[call.name] if call.name in ranks else call.rank())


@gives("setdiff1d", "intersect1d", "union1d")
def _set_of(call: Call) -> Type:
    if not {call.element("a"), call.element("b")} <= {types.INT, types.BOOL}:
        call.refuse("real numbers", "give arrays of whole numbers")
    return made(types.INT, 1)


@gives("isin")
def _among(call: Call) -> Type:
    call.array("b")
    return made(types.BOOL, call.rank("a"))


@gives("isclose")
def _close(call: Call) -> Type:
    return made(types.BOOL, max(call.rank("a"), call.rank("b")))


@gives("any", "all")
def _truths(call: Call) -> Type:
    return reduced(call, types.BOOL)


def has_no_such_axis(call: Call) -> bool:
    """Whether a reduction is along an axis that the array does not have: NumPy raises."""
    axis = call.given.get("axis")
    if call.name not in _ALONG or not isinstance(axis, Const) or type(axis.value) is not int:
        return False
    return not -call.rank() <= axis.value < call.rank()


_ALONG = ("argmax", "argmin", "sum", "mean", "max", "min", "prod", "var", "std", "any", "all")


@gives("argmax", "argmin", "count_nonzero", "nanargmax", "nanargmin")
def _places(call: Call) -> Type:
    return reduced(call, types.INT)


@gives("logaddexp.reduce")
def _log_of_sum(call: Call) -> Type:
    if not types.varies(call.element()):
        call.refuse("whole numbers", "make the array one of floats")
    if isinstance(call.given.get("axis"), Tup):
        call.refuse("several axes", "reshape them into one")
    return reduced(call, types.REAL)


@gives("maximum.accumulate", "minimum.accumulate")
def _running_extreme(call: Call) -> Type:
    call.constant("axis")
    return made(call.element(), call.rank())


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
    """By the order, the call is known under a name of its own."""
    order, axes, rank = call.constant("ord"), call.axes(), call.rank()
    is_vector = axes == 1 or (axes is None and rank == 1)
    if order is None or (order == "fro" and not is_vector) or (order == 2 and is_vector):
        return reduced(call, types.REAL)
    if is_vector and isinstance(order, int | float) and (order > 0 or order == -float("inf")):
        is_limit = order in (float("inf"), -float("inf"))
        call.name = "norm of 1" if order == 1 else "norm of inf" if is_limit else "norm of order"
    elif rank == 2 and axes is None and order in (1, 2, float("inf"), "nuc"):
        call.name = f"matrix norm of {order}"
    else:
        call.refuse("this 'ord'", "write it with abs, sum and max")
    return reduced(call, types.REAL)
