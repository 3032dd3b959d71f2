"""Arrays that may be None, and second derivatives of what computes with them.

The adjoint of what is an array or None is a number for the types of a derivative, and an array when
it runs. Another derivative would take it for that number: the general form knows better.
"""

from __future__ import annotations

from sourcediff import types
from sourcediff.called import callees_of
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import NARROWED
from sourcediff.ir import Function, Op, Value, walk
from sourcediff.types import Type

__all__ = ["refuse_arrays_or_none"]


def refuse_arrays_or_none(function: Function) -> None:
    """Refuse to differentiate a derivative in which an array of real numbers may be None.

    Raises:
        DifferentiationError: there is one; with the line that gives it.
    """
    if function.order == 0:
        return
    for reached in (function, *(callee.function for callee in callees_of(function))):
        for op in walk(reached.body):
            if any(_is_array_or_none(value.type) for value in _values(op)):
                raise DifferentiationError(
                    "a second derivative of what is an array or None is not supported here",
                    op.site.span if op.site else None,
                    "begin with an array of zeros",
                )


def _values(op: Op) -> list[Value]:
    """What an operation gives, and what its regions begin with."""
    taken = [value for region in op.regions for value in region.parameters]
    whole = [a for a in op.args if isinstance(a, Value)] if op.primitive is NARROWED else []
    return [*op.results, *taken, *whole]


def _is_array_or_none(kind: Type) -> bool:
    kind = types.bare(kind)
    if kind.kind != "Optional":
        return False
    (item,) = kind.items
    return item.kind == "Array" and types.varies(item.slots["element"].type)
