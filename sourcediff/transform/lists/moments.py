"""Reverse mode of what `statistics` says of a list: its spread, and means of other kinds.

The share of an item ``x`` in ``y = statistics.variance(xs)`` is ``2 * (x - mean) / (n - 1)``:

    mean = sum(xs) / len(xs)
    factor = 2.0 * y_bar / (len(xs) - 1)
    for i in range(len(xs)):
        xs_bar[i] += factor * (xs[i] - mean)
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sourcediff import types
from sourcediff.ir import IF, Atom, Const, Op, Region, Value
from sourcediff.memory import SUBSCRIPT
from sourcediff.transform.adjoint.scaled import DIV, MUL, SUB, Scaled
from sourcediff.transform.lists.contents import is_list
from sourcediff.transform.lists.ordering import as_it_was

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.lists.listing import Lists

__all__ = ["MOMENTS"]


def _spread(of_sample: bool, root: bool) -> Callable[..., None]:
    """The variance of a sample or of all there is, or its root: 0 where all items are equal."""

    def turn_round(lists: Lists, op: Op, adjoints: Adjoints, after: list[Op]) -> None:
        builder = lists.run.builder
        found = _taken(lists, op, adjoints, after)
        if found is None:
            return
        whole, held, adjoint = found

        def shares() -> None:
            count: Atom = lists.call(len, held)
            total = lists.call(sum, held, kind=types.REAL)
            mean = builder.emit(DIV, (total, count), types.REAL)
            mean.name = "average"
            if of_sample:
                count = builder.emit(SUB, (count, Const(1, types.INT)), types.INT)
            times = adjoint.coefficient * (1.0 if root else 2.0)
            factor = builder.real_atom(Scaled(times, adjoint.core))
            factor = builder.emit(DIV, (factor, count), types.REAL)
            if root:
                factor = builder.emit(DIV, (factor, op.result), types.REAL)
            factor.name = "factor"

            def partial(item: Value) -> Value:
                offset = builder.emit(SUB, (item, mean), types.REAL)
                return builder.emit(MUL, (factor, offset), types.REAL)

            _add(lists, whole, held, adjoints, partial)

        if not root:
            shares()
            return
        lists.shadow(whole, adjoints)  # it is there on both ways
        with builder.block() as code:
            shares()
        regions = (Region(code, ()), Region([], ()))
        builder.append(
            Op(IF, (op.result,), (), regions, "statement", builder.site, order=builder.order)
        )

    return turn_round


def _mean(power: int) -> Callable[..., None]:
    """The geometric (1) or harmonic (2) mean: ``(y / x) ** power / n``."""

    def turn_round(lists: Lists, op: Op, adjoints: Adjoints, after: list[Op]) -> None:
        builder = lists.run.builder
        found = _taken(lists, op, adjoints, after)
        if found is None:
            return
        whole, held, adjoint = found
        count = lists.call(len, held)
        factor = builder.emit(DIV, (builder.real_atom(adjoint), count), types.REAL)

        def partial(item: Value) -> Value:
            share = factor
            for _ in range(power):
                ratio = builder.emit(DIV, (op.result, item), types.REAL)
                share = builder.emit(MUL, (share, ratio), types.REAL)
            return share

        _add(lists, whole, held, adjoints, partial)

    return turn_round


def _taken(
    lists: Lists, op: Op, adjoints: Adjoints, after: list[Op]
) -> tuple[Value, Value, Scaled] | None:
    """The list, one that holds what it held, and the adjoint of the result; None for zero."""
    if len(op.args) != 1 or not is_list(op.args[0]) or op.attribute.keywords:
        lists.refuse(op, f"statistics.{op.attribute.function.__name__}() of these")
    adjoint = lists.run.settle(op.result, adjoints)
    whole = op.args[0]
    if adjoint.is_zero or not isinstance(whole, Value):
        return None
    return whole, as_it_was(lists, whole, after), adjoint


def _add(
    lists: Lists,
    whole: Value,
    held: Value,
    adjoints: Adjoints,
    partial: Callable[[Value], Value],
) -> None:
    builder = lists.run.builder
    target = lists.shadow(whole, adjoints)

    def turn(place: Value) -> None:
        item = builder.emit(SUBSCRIPT, (held, place), types.REAL)
        lists.add_at(target, place, builder.real_atom(Scaled(1.0, partial(item))))

    lists.each(lists.call(len, held), turn)


#: By the function of `statistics`, what turns a call of it round.
MOMENTS: dict[Any, Callable[..., None]] = {
    statistics.variance: _spread(of_sample=True, root=False),
    statistics.pvariance: _spread(of_sample=False, root=False),
    statistics.stdev: _spread(of_sample=True, root=True),
    statistics.pstdev: _spread(of_sample=False, root=True),
    statistics.geometric_mean: _mean(1),
    statistics.harmonic_mean: _mean(2),
}
