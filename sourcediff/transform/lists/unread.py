"""Lists of adjoints that are only added to: nobody reads them, so nobody makes them.

What a function is not differentiated with respect to may be handed on under the name of what it is:
``h = x`` before a loop of layers. The reverse of that adds to the adjoints of `x`, which are
asked for by nobody, and so do these lines:

    x_bar = [0.0] * len(x)
    …
    for i in range(len(x_bar)):
        x_bar[i] += h_bar[i]
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator

from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import Atom, Function, Op, Region, walk
from sourcediff.memory import ADD_AT, LIST, METHOD_OF, OPERATE, SET_ITEM, SUBSCRIPT
from sourcediff.transform.lists.contents import is_list
from sourcediff.transform.lists.in_the_making import InTheMaking
from sourcediff.transform.smaller.optimise import eliminate_dead
from sourcediff.types import SLICE

__all__ = ["without_unread_lists"]


def without_unread_lists(function: Function) -> Function:
    """Leave out what is added to lists of adjoints that nobody reads, and then the lists."""
    for looks in (_is_name_or_length, _is_put):
        function = _without(function, looks)
    return function


def _without(function: Function, looks: Callable[[Op], bool]) -> Function:
    """Leave out the writes to lists that are not read.

    Args:
        looks: which operations do not count as reading, beside the writes.
    """
    made = {
        result
        for op in walk(function.body)
        if op.order > 0 and op.primitive in (LIST, OPERATE)
        for result in op.results
        if is_list(result)
    }
    if not made:
        return function
    making = InTheMaking(function)
    read = {making.root(atom) for atom in _read(function.body, looks)}
    unread = {making.root(whole) for whole in made} - read - making.known.keys()
    writes = {
        op
        for op in walk(function.body)
        if op.primitive in (ADD_AT, SET_ITEM, METHOD_OF)
        and op.order > 0
        and making.root(op.args[0]) in unread
        and (looks is _is_put or op.primitive is not METHOD_OF)
    }
    if not writes:
        return function
    return eliminate_dead(function.with_body(_left(function.body, writes)))


def _read(region: Region, looks: Callable[[Op], bool]) -> Iterator[Atom]:
    """The lists that operations in a region read; what is put into a list is part of that."""
    for op in region.ops:
        writes = op.primitive in (ADD_AT, SET_ITEM) and op.args[1].type is not SLICE
        if not writes and not looks(op):
            yield from op.args
        for part in op.regions:
            yield from _read(part, looks)


def _is_put(op: Op) -> bool:
    """Whether an operation makes a list, or puts something into one."""
    if op.primitive is LIST:
        return True
    return op.primitive is METHOD_OF and op.attribute.name == "append"


def _is_name_or_length(op: Op) -> bool:
    """The same, and what gives the list, or one in it, another name; and its length."""
    if op.primitive is SUBSCRIPT:
        return is_list(op.result) and op.args[1].type is not SLICE
    if op.primitive is PURE_CALL and op.attribute.function is builtins.len:
        return True
    return _is_put(op)


def _left(region: Region, left_out: set[Op]) -> Region:
    ops = [
        op.replace(regions=tuple(_left(part, left_out) for part in op.regions))
        if op.regions
        else op
        for op in region.ops
        if op not in left_out
    ]
    return region.replace(ops, region.results)
