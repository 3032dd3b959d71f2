"""Which operations complex numbers are followed through; all others are refused, by name.

The rules of the tables are about real numbers. Those that hold for complex ones as well, by way of
conjugates, are named here and in `rules.complex_numbers`; the rest would be wrong without a word,
as that of ``np.prod`` and of ``z > w``. What a derivative has brought in is held against the same
list.
"""

from __future__ import annotations

from typing import NoReturn

from sourcediff import types
from sourcediff.called import callees_of
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.arrays.numpy_signatures import (
    PLANE_TRANSFORMS,
    TRANSFORMS,
    arguments_of,
    name_of,
)
from sourcediff.frontend.primitives import BOUND, COPY, GETATTR, NARROWED, PURE_CALL, YIELDED
from sourcediff.ir import Atom, Function, Op, Region, Value, walk
from sourcediff.memory import (
    ADD_AT,
    ADD_INTO,
    INPLACE,
    OPERATE,
    QUERY,
    SET_ITEM,
    SET_PART,
    SUBSCRIPT,
)
from sourcediff.rules.complex_numbers import (
    ALIKE,
    APART,
    IMAGINARY,
    REAL_PART,
)
from sourcediff.transform.adjoint.conjugates import is_complex, touches_complex
from sourcediff.transform.lists.contents import changed_lists, slot_of
from sourcediff.types import Slot

__all__ = ["refuse_complex", "require_complex_support"]

_SHAPES = (
    *("reshape", "ravel", "flatten", "squeeze", "expand_dims", "transpose", "swapaxes"),
    *("broadcast_to", "moveaxis", "flip", "flipud", "fliplr", "roll", "repeat", "rot90", "tile"),
    *("concatenate", "stack", "vstack", "hstack", "column_stack", "pad", "diag", "diagonal"),
    *("triu", "tril", "take", "shape", "size", "ndim"),
)
_MAKERS = (
    *("array", "asarray", "ascontiguousarray", "copy", "astype", "item", "full", "full_like"),
    *("zeros", "ones", "empty", "eye", "identity", "zeros_like", "ones_like", "empty_like"),
)
_SUMS = (
    *("sum", "mean", "var", "std", "prod", "cumprod", "cumsum", "diff", "trace", "dot", "matmul"),
    *("inner", "vdot", "outer", "kron", "einsum", "tensordot"),
    *("linalg.inv", "linalg.solve", "linalg.det", "linalg.norm"),
    *("count_nonzero", "array_equal", "allclose", "convolve", "from_list"),
)
_CALLS = frozenset(
    [
        *(*_SHAPES, *_MAKERS, *_SUMS),
        *(f"fft.{name}" for name in (*TRANSFORMS, *PLANE_TRANSFORMS, "fftshift", "ifftshift")),
    ]
)
_TESTS = frozenset(
    ["eq", "ne", "numpy.isfinite", "numpy.isnan", "numpy.isinf", "numpy.equal", "numpy.not_equal"]
)
#: What gives real numbers of complex ones.
_MEASURES = frozenset(["linalg.norm", "var", "std", "count_nonzero", "array_equal", "allclose"])
_WRITES = (INPLACE, SET_ITEM, ADD_AT, ADD_INTO)
_HANDING_ON = (COPY, BOUND, YIELDED, NARROWED)
#: Functions of Python that look at an array, or go through it.
_ITERATIONS = (len, enumerate, zip, reversed, iter)
_NO_NUMBER = (types.INT, types.BOOL, types.OBJECT, types.NONE)


def refuse_complex(function: Function, message: str, help: str | None = None) -> None:
    """Refuse a function in which there are complex numbers that are values."""
    for reached in (function, *(callee.function for callee in callees_of(function))):
        if any(map(is_complex, reached.parameters)):
            raise DifferentiationError(message, None, help)
        for op in walk(reached.body):
            if touches_complex(op):
                raise DifferentiationError(message, op.site.span if op.site else None, help)


def require_complex_support(function: Function) -> Function:
    """The same function, if all that it does with complex numbers is followed."""
    for reached in (function, *(callee.function for callee in callees_of(function))):
        ops = [op for op in walk(reached.body) if touches_complex(op)]
        for op in ops:
            _require(op)
        if ops:
            _require_still(reached)
    return function


def _require(op: Op) -> None:
    if op.primitive in _HANDING_ON:
        return
    name = name_of(op)
    rule = op.primitive.rule
    if name is None and op.primitive in (PURE_CALL, QUERY):
        called = getattr(op.attribute, "function", None)
        known = called in _ITERATIONS or op.result.type.kind in ("Object", "Instance")
        if not known or any(map(is_complex, op.results)):
            _refuse(op, getattr(called, "__name__", "this"))
        return
    if name is not None:
        if name not in _CALLS or (name == "take" and "axis" in arguments_of(op)):
            _refuse(op, f"{name}()")
        gives = op.results and (is_complex(op.result) or _no_number(op.result))
        real = name in _MEASURES or name.startswith(("fft.irfft", "fft.rfft"))
        if any(map(is_complex, op.args)) and not gives and not real:
            _refuse(op, f"{name}()")
    elif rule is not None or op.primitive.pattern is not None:
        known = op.primitive.name in APART or op.primitive.name in ALIKE
        if not known and op.primitive.name not in _TESTS:
            _refuse(op, op.primitive.name)
        if op.primitive.name in ALIKE and not is_complex(op.result):
            _refuse(op, op.primitive.name)
    elif op.primitive in _WRITES:
        into = op.args[0]
        if is_complex(op.args[-1]) and into.type.kind == "Array" and not is_complex(into):
            _refuse(op, "a write to an array of real numbers")
    elif op.primitive is OPERATE and not is_complex(op.result):
        _refuse(op, "this operator")
    elif (
        op.primitive is GETATTR
        and is_complex(op.args[0])
        and op.attribute not in ("T", "shape", "size", "dtype")
    ):
        _refuse(op, f".{op.attribute}")


def _no_number(value: Value) -> bool:
    kind = value.type
    held = kind.slots["element"].type if kind.kind == "Array" else kind
    return held in _NO_NUMBER or kind.kind == "Tuple"


def _require_still(function: Function) -> None:
    """Refuse a real or imaginary part that is read after the array was written to.

    It is a view, which would have changed with the array. What is written to a part is refused too.
    """
    slots = {slot_of(op.result) for op in walk(function.body) if _is_part(op)} - {None}
    for op in walk(function.body):
        if op.primitive.writes and op.args and slot_of(op.args[0]) in slots:
            raise DifferentiationError(
                "writing to the real or the imaginary part of an array is not supported",
                op.site.span if op.site else None,
                "write to the array: z[k] = complex(x, z[k].imag), or make another",
            )
    written = {slot_of(whole) for op in walk(function.body) for whole in changed_lists(op)}
    _require_no_late_use(function.body, written - {None})


def _require_no_late_use(region: Region, written: set[Slot | None]) -> None:
    """Refuse a part that is kept somewhere, or read after its array was written to."""
    for place, op in enumerate(region.ops):
        for inner in op.regions:
            _require_no_late_use(inner, written)
        if _is_part(op) and slot_of(op.result) is not None and slot_of(op.args[0]) in written:
            _follow(region, place, op)


def _follow(region: Region, place: int, part: Op) -> None:
    views: set[Atom] = {part.result}
    base, changed = slot_of(part.args[0]), False
    for op in region.ops[place + 1 :]:
        inside = list(walk(Region([op], None)))
        yielded = {atom for one in inside for r in one.regions for atom in r.results or ()}
        users = [one for one in inside if not views.isdisjoint(one.args)]
        writes = any(base in map(slot_of, changed_lists(one)) for one in inside)
        if not views.isdisjoint(yielded) or (users and (changed or (writes and op.regions))):
            _refuse_late(part)
        for one in users:
            if not _looks_only(one):
                _refuse_late(part)
            views.update(r for r in one.results if slot_of(r) is slot_of(part.result))
        changed = changed or writes
    if not views.isdisjoint(region.results or ()):
        _refuse_late(part)


def _looks_only(op: Op) -> bool:
    """Whether an operation keeps no reference to an operand but in its result."""
    if op.regions:
        return False
    known = op.primitive in (OPERATE, SUBSCRIPT, GETATTR, SET_PART, *_WRITES)
    called = op.primitive in (PURE_CALL, QUERY)
    is_len = called and getattr(op.attribute, "function", None) is len
    handed_on = op.primitive in _HANDING_ON
    return known or is_len or handed_on or name_of(op) is not None or op.primitive.rule is not None


def _refuse_late(part: Op) -> NoReturn:
    raise DifferentiationError(
        "the real or imaginary part of an array that is written to is a view, and is not supported "
        "where it is kept",
        part.site.span if part.site else None,
        "take the part where it is used, or a copy of it: 1 * z.real",
    )


def _is_part(op: Op) -> bool:
    return op.primitive in (REAL_PART, IMAGINARY) and op.order == 0


def _refuse(op: Op, what: str) -> None:
    raise DifferentiationError(
        f"{what} of complex numbers has no derivative yet",
        op.site.span if op.site else None,
        "compute with the real and the imaginary part: z.real, z.imag",
    )
