"""What functions of NumPy that compare or add up neighbours contribute, written with NumPy.

See `numpy_pullbacks`, whose tables this module fills.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sourcediff.rules.numpy_pullbacks import added_up, pullback


@pullback("diff")
def diff(a: Any, y_bar: Any, n: Any = 1, axis: Any = -1) -> Any:
    """The differences of the adjoint between zeros, with the sign turned ``n`` times."""
    if a.ndim == 1:
        padded = np.pad(y_bar, n)
    else:
        before, after = axis % a.ndim, a.ndim - 1 - axis % a.ndim
        padded = np.pad(y_bar, ((0, 0),) * before + ((n, n),) + ((0, 0),) * after)
    a_bar = np.diff(padded, n=n, axis=axis)
    if n > 1 and a.ndim == 1:
        a_bar = a_bar[: len(a)]  # of an array that is shorter than `n`
    elif n > 1:
        a_bar = np.zeros_like(a) if y_bar.size == 0 else a_bar
    return -a_bar if n % 2 else a_bar


@pullback("gradient", wrt=("a", "spacing"))
def gradient(
    a: Any, y: Any, y_bar: Any, spacing: Any = None, axis: Any = 0, edge_order: Any = 1
) -> Any:
    """Half of what lies on both sides, by the distance; at the two ends from one side alone."""
    a_bar = np.zeros_like(a)
    slope_bar = y_bar if spacing is None else y_bar / spacing
    _add(a_bar, axis, 2, None, 0.5 * _part(slope_bar, axis, 1, -1))
    _subtract(a_bar, axis, None, -2, 0.5 * _part(slope_bar, axis, 1, -1))
    first, last = _part(slope_bar, axis, None, 1), _part(slope_bar, axis, -1, None)
    if edge_order == 1:
        _subtract(a_bar, axis, None, 1, first)
        _add(a_bar, axis, 1, 2, first)
        _subtract(a_bar, axis, -2, -1, last)
        _add(a_bar, axis, -1, None, last)
    else:
        _subtract(a_bar, axis, None, 1, 1.5 * first)
        _add(a_bar, axis, 1, 2, 2.0 * first)
        _subtract(a_bar, axis, 2, 3, 0.5 * first)
        _add(a_bar, axis, -3, -2, 0.5 * last)
        _subtract(a_bar, axis, -2, -1, 2.0 * last)
        _add(a_bar, axis, -1, None, 1.5 * last)
    return a_bar, None if spacing is None else -np.sum(y * y_bar) / spacing


def _part(x: Any, axis: Any, start: Any, stop: Any) -> Any:
    """What is between two places along an axis: one of the first three, or the last."""
    if axis % x.ndim == 0:
        return x[start:stop]
    if axis % x.ndim == 1:
        return x[:, start:stop]
    return x[:, :, start:stop] if axis % x.ndim == 2 else x[..., start:stop]


def _add(x: Any, axis: Any, start: Any, stop: Any, more: Any) -> None:
    part = _part(x, axis, start, stop)
    part += more


def _subtract(x: Any, axis: Any, start: Any, stop: Any, less: Any) -> None:
    part = _part(x, axis, start, stop)
    part -= less


@pullback("gradient between places")
def gradient_between_places(
    a: Any, spacing: Any, y_bar: Any, axis: Any = 0, edge_order: Any = 1
) -> Any:
    """The parabola through three neighbours; at the two ends the line through two, or that."""
    a_bar = np.zeros_like(a)
    width = np.diff(spacing)
    behind = a.ndim - 1 - axis % a.ndim
    wide = width.reshape(-1, *(1,) * behind) if behind else width
    before, after = wide[:-1], wide[1:]
    both = before + after
    inner = _part(y_bar, axis, 1, -1)
    _subtract(a_bar, axis, None, -2, inner * after / (before * both))
    _add(a_bar, axis, 1, -1, inner * (after - before) / (before * after))
    _add(a_bar, axis, 2, None, inner * before / (after * both))
    first, last = _part(y_bar, axis, None, 1), _part(y_bar, axis, -1, None)
    if edge_order == 1:
        _subtract(a_bar, axis, None, 1, first / width[0])
        _add(a_bar, axis, 1, 2, first / width[0])
        _subtract(a_bar, axis, -2, -1, last / width[-1])
        _add(a_bar, axis, -1, None, last / width[-1])
    else:
        one, other = width[0], width[1]
        _subtract(a_bar, axis, None, 1, first * (2.0 * one + other) / (one * (one + other)))
        _add(a_bar, axis, 1, 2, first * (one + other) / (one * other))
        _subtract(a_bar, axis, 2, 3, first * one / (other * (one + other)))
        one, other = width[-2], width[-1]
        _add(a_bar, axis, -3, -2, last * other / (one * (one + other)))
        _subtract(a_bar, axis, -2, -1, last * (one + other) / (one * other))
        _add(a_bar, axis, -1, None, last * (2.0 * other + one) / (other * (one + other)))
    return a_bar


@pullback("unwrap")
def unwrap(a: Any, y_bar: Any) -> Any:
    return y_bar


# Groups and windows -------------------------------------------------------------------------


@pullback("add.reduceat")
def reduceat(a: Any, indices: Any, y_bar: Any, axis: Any = 0) -> Any:
    """A group goes up to where the next one begins; one that would go back is of one element."""
    a_bar = np.zeros_like(a)
    into = np.moveaxis(a_bar, axis, 0) if axis % a.ndim else a_bar
    group_bar = np.moveaxis(y_bar, axis, 0) if axis % a.ndim else y_bar
    first = np.asarray(indices)
    length = np.maximum(np.concatenate((first[1:], [len(into)])) - first, 1)
    place = np.repeat(first - np.cumsum(length) + length, length) + np.arange(np.sum(length))
    np.add.at(into, place, np.repeat(group_bar, length, axis=0))
    return a_bar


@pullback("sliding_window_view")
def sliding_window_view(a: Any, window_shape: Any, y_bar: Any, axis: Any = None) -> Any:
    places = np.arange(a.size).reshape(a.shape)
    if axis is None:
        return added_up(np.lib.stride_tricks.sliding_window_view(places, window_shape), y_bar, a)
    windows = np.lib.stride_tricks.sliding_window_view(places, window_shape, axis)
    return added_up(windows, y_bar, a)


@pullback("weighted histogram", wrt=("weights",))
def histogram(a: Any, weights: Any, edges: Any, counts_bar: Any) -> Any:
    """The last bin has its upper edge as well."""
    inside = (a >= edges[0]) & (a <= edges[-1])
    bins = np.searchsorted(edges, a, side="right") - 1
    return np.where(inside, counts_bar[np.clip(bins, 0, len(edges) - 2)], 0.0)
