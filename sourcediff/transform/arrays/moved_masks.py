"""What becomes of a mask where an array is reshaped, taken in part or summed along an axis.

    total = np.where(above[:, None], …, 0.0).sum(axis=1)

is zero where `above` is false all along the axis: ``above[:, None].any(axis=1)``.
"""

from __future__ import annotations

import sys
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.numpy_signatures import name_of
from sourcediff.frontend.primitives import GETATTR, PURE_CALL, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import Atom, Op, Value
from sourcediff.memory import QUERY, SUBSCRIPT, MethodSpec
from sourcediff.transform.adjoint.scaled import AdjointBuilder
from sourcediff.transform.arrays.shapes import Shapes
from sourcediff.types import Slot, array_of, rank_of

__all__ = ["moved_mask", "moves"]

#: What gives the same numbers, at other places.
_MOVING = frozenset(
    [
        *("reshape", "ravel", "flatten", "transpose", "swapaxes", "moveaxis", "squeeze"),
        *("expand_dims", "flip", "flipud", "fliplr", "roll", "rot90", "copy"),
    ]
)


def moves(op: Op) -> bool:
    """Whether an operation gives numbers of an array, or sums of them along an axis."""
    if op.primitive is SUBSCRIPT:
        return True
    if op.primitive is GETATTR:
        return bool(op.attribute == "T")
    name = name_of(op)
    return name in _MOVING or name in ("sum", "broadcast_to")


def moved_mask(builder: AdjointBuilder, shapes: Shapes, op: Op, test: Atom) -> Atom | None:
    """Where the result of an operation may be other than zero, if its operand is so where `test`.

    None where that is not known.
    """
    source, result = op.args[0], op.results[0]
    rank = rank_of(result.type)
    if test.type.kind != "Array" or result.type.kind != "Array" or not rank:
        return None
    name = name_of(op)
    if name == "broadcast_to":
        return test
    fits = shapes.of(test) == shapes.of(source)
    attribute: Any = op.attribute
    if not fits and shapes.of(test) == shapes.of(result):
        return test
    if name == "sum":
        if rank_of(test.type) != rank_of(source.type):
            return None
        attribute = _any_of(op)
    elif not fits:
        return None
    kind = array_of(Slot(types.BOOL), rank)
    made = builder.emit(op.primitive, (test, *op.args[1:]), kind, attribute)
    assert isinstance(made, Value)
    shapes.known[made] = shapes.of(result) if fits else shapes.of(made)
    return made


def _any_of(op: Op) -> Any:
    """``any`` along the axes of a sum."""
    keywords = tuple(op.attribute.keywords)
    if op.primitive is QUERY:
        return MethodSpec("any", keywords)
    assert op.primitive is PURE_CALL
    numpy: Any = sys.modules["numpy"]
    return CallSpec(numpy.any, Ref("module", numpy, ("any",)), keywords, numpy="any")
