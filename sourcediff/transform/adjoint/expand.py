"""Calls of what is differentiated that are turned round as the loops that they stand for.

``math.prod(xs)`` is ``product = 1`` and ``for x in xs: product *= x``: the same operations in the
same order, and what the reverse needs of it is what it would need of that loop.

>>> import math
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, list_of
>>> def f(xs):
...     return math.prod(xs)
>>> function = lower_function(f, {"xs": list_of(Slot(REAL))})
>>> print(expand(function, function.parameters))
f(xs: List[Real]):
    %1 = pure_call xs [builtins.len]
    %2 = pure_call %1 [builtins.range]
    product = for %2 1 [xs]:
        take i: Int, product.1: Real
        x = subscript xs i
        product.2 = mul product.1 x
        yield product.2
    yield product
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable

from sourcediff import types
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import FOR, Atom, Const, Function, Op, Region, Value, walk
from sourcediff.memory import SUBSCRIPT
from sourcediff.rules.table import primitive_of
from sourcediff.transform.lists.contents import is_list
from sourcediff.transform.loops.sequences import Through, call
from sourcediff.transform.smaller.activity import active_values
from sourcediff.transform.smaller.optimise import substituted

__all__ = ["expand"]

MUL = primitive_of(operator.mul)


def expand(function: Function, inputs: Iterable[Value]) -> Function:
    """Write products of lists that are differentiated as loops."""
    if not any(map(_is_product, walk(function.body))):
        return function
    active = active_values(function, inputs)
    renamed: dict[Value, Atom] = {}
    body = _expanded(function.body, active, renamed)
    results = body.results
    if results is not None:
        results = tuple(renamed.get(a, a) if isinstance(a, Value) else a for a in results)
    return function.with_body(body.replace(substituted(body.ops, renamed), results))


def _is_product(op: Op) -> bool:
    return op.primitive is PURE_CALL and op.attribute.function is math.prod and is_list(op.args[0])


def _expanded(region: Region, active: set[Value], renamed: dict[Value, Atom]) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.regions:
            op = op.replace(regions=tuple(_expanded(r, active, renamed) for r in op.regions))
        if _is_product(op) and op.result in active:
            ops += _product(op, renamed)
        else:
            ops.append(op)
    return region.replace(ops, region.results)


def _product(op: Op, renamed: dict[Value, Atom]) -> list[Op]:
    whole, *start = op.args
    assert isinstance(whole, Value) and MUL is not None
    size = call(len, (whole,), types.INT, op.site)
    places = call(range, (size.result,), types.RANGE, op.site)
    name = op.result.name or "product"
    plural = whole.name or ""
    place, before = Value(types.INT, "i"), Value(types.REAL, name)
    item = Value(types.REAL, plural[:-1] if len(plural) > 1 and plural[-1] == "s" else None)
    after, result = Value(types.REAL, name), Value(types.REAL, name)
    body = Region(
        [
            Op(SUBSCRIPT, (whole, place), (item,), site=op.site),
            Op(MUL, (before, item), (after,), site=op.site),
        ],
        (after,),
        None,
        (place, before),
    )
    first: Atom = start[0] if start else Const(1, types.INT)
    through = Through("list", whole=whole)
    loop = Op(FOR, (places.result, first), (result,), (body,), through, op.site)
    renamed[op.result] = result
    return [size, places, loop]
