"""Which of what ``reshape``, ``ravel`` and their kin give are views, where that makes a difference.

NumPy gives a view where it can, which depends on how the array lies in memory. Where nothing is
written to one of the two as long as the other is used, nobody can tell: it is taken for a copy.
Else it has to be known (`contiguity`): it is a view, or it is refused by the reverse, which asks.

    f = a.reshape(-1)       # a view: `a` was made here, row by row
    f[1] = 2.0 * f[0]       # writes to `a`
    g = f[::2].ravel()      # taken for a copy: `a` is not written to any more
    return g @ g

The adjoints of a view are the same view of the adjoints, which have to lie as the array does. That
is proved of the finished derivative (`require_looks`).
"""

from __future__ import annotations

from sourcediff.errors import DifferentiationError
from sourcediff.frontend.arrays.numpy_signatures import arguments_of, name_of
from sourcediff.frontend.primitives import GETATTR
from sourcediff.ir import Function, Op, Region, walk
from sourcediff.memory import SUBSCRIPT
from sourcediff.transform.arrays.contiguity import Contiguity
from sourcediff.transform.arrays.reads import Uses, is_view, written_slots
from sourcediff.transform.lists.contents import slot_of

__all__ = ["is_sure_view", "mark_looks", "refusal_of_view", "require_looks"]

#: Views that are views of any array, however it lies in memory.
_VIEWS = ("transpose", "swapaxes", "moveaxis", "expand_dims", "squeeze", "flip", "flipud", "fliplr")
#: What gives a view of an array that lies row by row, and a copy of another.
_MAY_LOOK = ("reshape", "ravel", "ascontiguousarray")


def is_sure_view(op: Op) -> bool:
    """Whether a view of an array is one, and may be written to."""
    if op.primitive is SUBSCRIPT:
        return True
    if op.primitive is GETATTR:
        return op.attribute in ("T", "real")
    name = name_of(op)
    if name in ("asarray", "real"):
        return "dtype" not in arguments_of(op)
    return name in _VIEWS or (name in _MAY_LOOK and op.attribute.looks is True)


def mark_looks(function: Function) -> Function:
    """Say of what may be views of arrays that are written to what they are."""
    writes = written_slots(function)
    open_ = [op for op in walk(function.body) if is_view(op) and slot_of(op.result) in writes]
    open_ = [op for op in open_ if not is_sure_view(op) and hasattr(op.attribute, "looking")]
    if not open_:
        return function
    lies, uses = Contiguity(function), Uses(function)
    known: dict[Op, bool] = {}
    for op in open_:
        if name_of(op) in _MAY_LOOK and lies.is_view(op):
            known[op] = True
        elif not uses.is_written_meanwhile(op):
            known[op] = False
    return function.with_body(_marked(function.body, known)) if known else function


def _marked(region: Region, known: dict[Op, bool]) -> Region:
    ops = []
    for op in region.ops:
        looks = known.get(op)
        if looks is not None:
            op = op.replace(attribute=op.attribute.looking(looks))
        elif op.regions:
            op = op.replace(regions=tuple(_marked(part, known) for part in op.regions))
        ops.append(op)
    return region.replace(ops, region.results)


def require_looks(function: Function) -> None:
    """Refuse a derivative in which a view may be a copy.

    Raises:
        DifferentiationError: it is not known of a view that was taken for one.
    """
    found = [op for op in walk(function.body) if getattr(op.attribute, "looks", None)]
    if not found:
        return
    lies = Contiguity(function)
    for op in found:
        if not lies.is_view(op):
            raise refusal_of_view(op)


def refusal_of_view(op: Op) -> DifferentiationError:
    """What is said of what may be a view or a copy."""
    span = op.site.span if op.site is not None else None
    name = name_of(op)
    if name not in _MAY_LOOK:
        return DifferentiationError(
            "a view of an array that is written to, other than a slice or .T, is not supported",
            span,
            "make a copy to read, and write to x[i, j], or to x.flat[k]",
        )
    error = DifferentiationError(
        f"{name}() may give a view or a copy here, which makes a difference where one of the two "
        "is written to",
        span,
        f"write {name}().copy() for a copy; for a view make the array with .copy() or "
        "np.ascontiguousarray() before",
    )
    error.asks_how_arrays_lie = True
    return error
