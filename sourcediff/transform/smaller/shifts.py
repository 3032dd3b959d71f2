"""The largest element that is taken off and put back: nothing depends on it, so it has no adjoint.

Exponentials are computed of ``x - m`` with ``m = x.max()`` so that they do not overflow; what comes
out is the same for every `m`. Of ``m + np.log(np.sum(np.exp(x - m)))`` nobody would differentiate
the maximum, and of ``e / np.sum(e)`` with ``e = np.exp(x - m)`` neither.

What is computed from `m` is followed as long as it is another number plus a multiple of `m`, or
another number times ``exp(k * m)``; where `k` is 0 it does not depend on `m` any more.

>>> import numpy as np
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, array_of
>>> def log_of_sum(x):
...     m = np.max(x)
...     return m + np.log(np.sum(np.exp(x - m)))
>>> function = lower_function(log_of_sum, {"x": array_of(Slot(REAL), 1)})
>>> [value.name for value in shifts(function)]
['m']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sourcediff import types
from sourcediff.frontend.arrays.numpy_signatures import arguments_of, name_of
from sourcediff.frontend.primitives import COPY, TUPLE
from sourcediff.ir import Atom, Const, Function, Op, Region, Value, walk
from sourcediff.memory import INPLACE, SLICED, SNAPSHOT, SUBSCRIPT
from sourcediff.transform.lists.contents import slot_of
from sourcediff.types import rank_of

__all__ = ["shifts"]

_EXTREMA = ("max", "min")
_REDUCTIONS = ("sum", "mean", *_EXTREMA)


class _State(NamedTuple):
    """How a value depends on a shift: it adds `degree` times that, or has that in an exponent.

    axes    by axis, counted from the last one, the axis of the shift that it goes along with
    """

    adds: bool
    degree: float
    axes: Mapping[int, int]


def shifts(function: Function) -> set[Value]:
    """The extrema of arrays that nothing which leaves the function depends on."""
    found: set[Value] = set()
    regions = [function.body, *(part for op in walk(function.body) for part in op.regions)]
    for region in regions:
        for place, op in enumerate(region.ops):
            if name_of(op) in _EXTREMA and len(op.results) == 1:
                axes = _axes_of(op, region.ops)
                if axes is not None and _Shift(op.result, axes, region, function).is_idle(place):
                    found.add(op.result)
    return found


def _axes_of(op: Op, ops: Sequence[Op]) -> dict[int, int] | None:
    """The axes along which an extremum differs; None where only the run knows."""
    rank, kept = rank_of(op.result.type), _reduced(op, ops)
    if kept is None:
        return None
    units = kept if "keepdims" in arguments_of(op) else ()
    return {-k: -k for k in range(1, (rank or 0) + 1) if -k not in units}


def _reduced(op: Op, ops: Sequence[Op]) -> tuple[int, ...] | None:
    """The axes that a reduction goes along, counted from the last; None if that is not known."""
    given = arguments_of(op)
    if set(given) - {"a", "axis", "keepdims"} or isinstance(given["a"], tuple):
        return None
    rank = rank_of(given["a"].type) or 0
    axis = given.get("axis")
    if axis is None or (isinstance(axis, Const) and axis.value is None):
        return tuple(range(-rank, 0))
    items: tuple[Atom, ...] | None = axis if isinstance(axis, tuple) else (axis,)
    made = next((o for o in ops if axis in o.results), None)
    if made is not None:
        items = made.args if made.primitive is TUPLE else None
    found = [a.value for a in items or () if isinstance(a, Const) and isinstance(a.value, int)]
    if not items or len(found) != len(items):
        return None
    return tuple(k - rank if k >= 0 else k for k in found)


class _Shift:
    """One extremum, and what is computed from it in the region where it is."""

    def __init__(
        self, whole: Value, axes: dict[int, int], region: Region, function: Function
    ) -> None:
        self.region = region
        self.function = function
        self.states: dict[Atom, _State] = {whole: _State(True, 1.0, axes)}

    def is_idle(self, place: int) -> bool:
        for op in self.region.ops[place + 1 :]:
            inside = [inner for part in op.regions for inner in walk(part)]
            read = {atom for inner in inside for atom in inner.args}
            read.update(a for i in (op, *inside) for r in i.regions for a in r.results or ())
            if not self.states.keys().isdisjoint(read):
                return False
            if self.states.keys().isdisjoint(op.args):
                continue
            if op.primitive is INPLACE and self._is_updated(op):
                continue
            if op.regions or len(op.results) != 1 or op.primitive.effect or op.primitive.writes:
                return False
            if not _is_real(op.result):
                continue  # a test: it changes in steps
            state = self._of(op)
            if state is None:
                return False
            if state.degree:
                self.states[op.result] = state
        return self.states.keys().isdisjoint(self.region.results or ())

    def _is_updated(self, op: Op) -> bool:
        """Follow what changes an array in place, ``z -= z.max()``; whether that is possible.

        Nothing else may look at the array, and it has to be known in this region alone.
        """
        whole, other = op.args[0], op.args[1]
        slot, here = slot_of(whole), set(self.region.ops)
        ops = list(walk(self.function.body))
        taken = [p for o in ops for r in o.regions for p in r.parameters]
        values = [*taken, *(v for o in ops for v in (*o.args, *o.results))]
        names = {v for v in values if slot_of(v) is slot}
        handed_on = {a for o in ops for r in o.regions for a in r.results or ()}
        handed_on.update(self.function.body.results or ())
        made = any(whole in o.results for o in here)
        inside = all(o in here for o in ops if whole in o.args)
        if slot is None or names != {whole} or whole in handed_on or not made or not inside:
            return False
        name = {"+": "add", "-": "sub", "*": "mul", "/": "div"}.get(op.attribute, "")
        found = self._of_two(name, op, self.states.get(whole), self.states.get(other))
        if not name or found is None:
            return False
        self.states.pop(whole, None)
        if found.degree:
            self.states[whole] = found
        return True

    def _of(self, op: Op) -> _State | None:
        """How what an operation gives depends on the shift; None if that is not known."""
        name = op.primitive.name.removeprefix("numpy.").removeprefix("math.")
        found = [self.states.get(arg) for arg in op.args]
        if len(op.args) == 2 and name in _OF_TWO:
            return self._of_two(_OF_TWO[name], op, *found)
        state = found[0]
        if state is None:
            return None
        if op.primitive in (COPY, SNAPSHOT):
            return state
        if op.primitive is SUBSCRIPT:
            axes = self._with_new_axes(op, state.axes)
            return None if axes is None else state._replace(axes=axes)
        if name_of(op) in _REDUCTIONS:
            return self._reduced(op, state)
        if len(op.args) > 1:
            return None
        if name == "exp" and state.adds:
            return state._replace(adds=False)
        if name == "log" and not state.adds:
            return state._replace(adds=True)
        if name in ("neg", "negative"):
            return state._replace(degree=-state.degree) if state.adds else state
        factor = {"sqrt": 0.5, "square": 2.0}.get(name)
        return (
            None if factor is None or state.adds else state._replace(degree=factor * state.degree)
        )

    def _of_two(self, name: str, op: Op, one: _State | None, other: _State | None) -> _State | None:
        known = one or other
        assert known is not None
        if one is not None and other is not None and (one[0], one[2]) != (other[0], other[2]):
            return None
        sign = -1.0 if name in ("sub", "div") else 1.0
        degrees = (0.0 if one is None else one.degree, 0.0 if other is None else other.degree)
        if (name in ("add", "sub")) is known.adds:
            return known._replace(degree=degrees[0] + sign * degrees[1])
        if known.adds:
            factor = op.args[1] if one is not None else op.args[0]
            if (one and other) or not isinstance(factor, Const) or (other and name == "div"):
                return None
            scale = float(factor.value)
            return known._replace(degree=known.degree * (1 / scale if name == "div" else scale))
        return known if degrees[0] == degrees[1] else None

    def _reduced(self, op: Op, state: _State) -> _State | None:
        gone = _reduced(op, self.region.ops)
        if gone is None or op.args[0] not in self.states or not state.axes.keys().isdisjoint(gone):
            return None
        if state.adds and name_of(op) == "sum":
            return None
        if "keepdims" in arguments_of(op):
            return state
        return state._replace(
            axes={k + sum(k < other for other in gone): m for k, m in state.axes.items()}
        )

    def _with_new_axes(self, op: Op, axes: Mapping[int, int]) -> dict[int, int] | None:
        """The axes of ``m[:, None]``; None for an index that takes anything away."""
        index = op.args[1]
        made = next((o for o in self.region.ops if index in o.results), None)
        parts = made.args if made is not None and made.primitive is TUPLE else (index,)
        rank = rank_of(op.args[0].type) or 0
        shown: list[int | None] = []
        used = sum(part.type is types.SLICE for part in parts)
        left = list(range(-rank, 0))
        for part in parts:
            if part.type is types.NONE:
                shown.append(None)
            elif part.type is types.SLICE and self._is_everything(part):
                shown.append(left.pop(0))
            elif isinstance(part, Const) and part.value is ...:
                shown += left[: rank - used]
                del left[: rank - used]
            else:
                return None
        shown += left
        found = {place - len(shown): axis for place, axis in enumerate(shown) if axis is not None}
        return {place: axes[axis] for place, axis in found.items() if axis in axes}

    def _is_everything(self, part: Atom) -> bool:
        made = next((o for o in self.region.ops if part in o.results), None)
        return (
            made is not None
            and made.primitive is SLICED
            and all(isinstance(bound, Const) and bound.value is None for bound in made.args)
        )


_OF_TWO = {
    **{name: name for name in ("add", "sub", "mul", "div")},
    "truediv": "div",
    "subtract": "sub",
    "multiply": "mul",
    "divide": "div",
}


def _is_real(value: Value) -> bool:
    kind = value.type
    held = kind.slots["element"].type if kind.kind == "Array" else kind
    return held not in (types.BOOL, types.INT, types.NONE, types.STR)
