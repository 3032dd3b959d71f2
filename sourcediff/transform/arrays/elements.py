"""Arrays without axes that look at a place of another array, and are numbers in the IR.

``t = x[..., 0]`` of an array of one axis sees what is written to ``x[0]`` later, and a number does
not. So nothing may be written to the array meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from sourcediff.errors import DifferentiationError
from sourcediff.frontend.arrays.numpy_signatures import name_of
from sourcediff.frontend.arrays.without_axes import ELEMENT, VIEWS_OF_ONE
from sourcediff.frontend.primitives import TUPLE
from sourcediff.ir import Const, Function, Op, Value, walk
from sourcediff.memory import SUBSCRIPT
from sourcediff.transform.arrays.code import is_array
from sourcediff.types import INT, is_number, rank_of, tuple_of

__all__ = ["read_at_once", "refuse_element", "views_of_elements"]


def views_of_elements(function: Function) -> Iterator[Op]:
    """The operations that give such an array."""
    for op in walk(function.body):
        if len(op.results) != 1 or not op.args or not is_number(op.result.type):
            continue
        is_element = op.primitive is SUBSCRIPT and op.attribute == ELEMENT
        if is_element or (is_array(op.args[0]) and name_of(op) in VIEWS_OF_ONE):
            yield op


def refuse_element(view: Op) -> NoReturn:
    """Refuse one whose array is written to, with its line."""
    raise DifferentiationError(
        "this is a view of one element of an array that is written to",
        view.site.span if view.site else None,
        "read the element, x[0], which is a number of its own",
    )


def read_at_once(view: Op) -> list[Op]:
    """The element itself, ``v[0, 0]``, in place of ``np.squeeze(v)``: a number of its own.

    The view would be kept as it is by the forward code of a loop, and see what later turns write.
    """
    whole = view.args[0]
    if view.primitive is SUBSCRIPT:
        return [Op(SUBSCRIPT, view.args, view.results, site=view.site, order=view.order)]
    places = [Const(0, INT) for _ in range(rank_of(whole.type) or 0)]
    if len(places) == 1:
        return [Op(SUBSCRIPT, (whole, *places), view.results, site=view.site, order=view.order)]
    index = Value(tuple_of([INT] * len(places)))
    made = Op(TUPLE, tuple(places), (index,), site=view.site, order=view.order)
    read = Op(SUBSCRIPT, (whole, index), view.results, site=view.site, order=view.order)
    return [made, read]
