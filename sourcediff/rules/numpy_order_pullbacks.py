"""What functions of NumPy that put elements in order contribute, written with NumPy.

See `numpy_pullbacks`, whose tables this module fills.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sourcediff.rules.numpy_pullbacks import added_up, pullback


@pullback("sort")
def sort(a: Any, y_bar: Any, axis: Any = -1) -> Any:
    """Each element takes the adjoint of the place that it came to."""
    if axis is None:
        return y_bar[np.argsort(np.argsort(a.reshape(-1)))].reshape(a.shape)
    if a.ndim == 1:
        return y_bar[np.argsort(np.argsort(a))]
    place = np.argsort(np.argsort(a, axis=axis), axis=axis)
    return np.take_along_axis(y_bar, place, axis=axis)


@pullback("partition")
def partition(a: Any, y: Any, y_bar: Any, axis: Any = -1) -> Any:
    """The sorted elements are the same as those of the result."""
    if axis is None:
        return sort(a, y_bar[np.argsort(y)], None)
    if a.ndim == 1:
        return sort(a, y_bar[np.argsort(y)])
    return sort(a, np.take_along_axis(y_bar, np.argsort(y, axis=axis), axis=axis), axis)


@pullback("median")
def median(a: Any, y_bar: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return _of_order(a, 0.5, y_bar, axis, keepdims)


@pullback("quantile")
def quantile(a: Any, q: Any, y_bar: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return _of_order(a, q, y_bar, axis, keepdims)


@pullback("percentile")
def percentile(a: Any, q: Any, y_bar: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return _of_order(a, q / 100, y_bar, axis, keepdims)


@pullback("nanmedian")
def nanmedian(a: Any, y_bar: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """Those that are not a number come last in order, and are not counted."""
    if axis is not None and not keepdims:
        y_bar = np.expand_dims(y_bar, axis)
    place, _ = _place_in_order(a, axis)
    if axis is None:
        count = np.sum(~np.isnan(a))
    else:
        count = np.sum(~np.isnan(a), axis=axis, keepdims=True)
    half = 0.5 * y_bar
    return np.where(place == (count - 1) // 2, half, 0.0) + np.where(place == count // 2, half, 0.0)


@pullback("logaddexp.reduce")
def log_of_sum(a: Any, y: Any, y_bar: Any, axis: Any = 0, keepdims: Any = False) -> Any:
    """Shares by the exponentials; nothing where all of them are 0."""
    if axis is not None and a.ndim > 1 and not keepdims:
        y, y_bar = np.expand_dims(y, axis), np.expand_dims(y_bar, axis)
    return y_bar * np.exp(a - np.where(y == -np.inf, 0.0, y))


@pullback("maximum.accumulate")
def running_maximum(a: Any, y: Any, y_bar: Any, axis: Any = 0) -> Any:
    """Each adjoint goes to the last element that is the maximum so far."""
    return _of_latest(a, y, y_bar, axis)


@pullback("minimum.accumulate")
def running_minimum(a: Any, y: Any, y_bar: Any, axis: Any = 0) -> Any:
    return _of_latest(a, y, y_bar, axis)


def _of_latest(a: Any, y: Any, y_bar: Any, axis: Any) -> Any:
    if a.ndim == 1:
        latest = np.maximum.accumulate(np.where(a == y, np.arange(len(a)), 0))
        return np.bincount(latest, y_bar, len(a))
    places = np.arange(a.size).reshape(a.shape)
    return added_up(np.maximum.accumulate(np.where(a == y, places, 0), axis=axis), y_bar, a)


def _of_order(a: Any, q: Any, y_bar: Any, axis: Any, keepdims: Any) -> Any:
    """What is between two of the sorted elements is shared by them."""
    if isinstance(axis, tuple):
        y_bar = y_bar if keepdims else np.expand_dims(y_bar, axis)
    elif axis is not None and not keepdims:
        y_bar = np.expand_dims(y_bar, axis)
    place, count = _place_in_order(a, axis)
    virtual = q * (count - 1)
    below = int(virtual)
    share = virtual - below
    above = np.where(place == min(below + 1, count - 1), share * y_bar, 0.0)
    return np.where(place == below, (1.0 - share) * y_bar, 0.0) + above


def _place_in_order(a: Any, axis: Any) -> Any:
    """The place of each element among those that are sorted, and how many these are."""
    if axis is None:
        return np.argsort(np.argsort(a.reshape(-1))).reshape(a.shape), a.size
    if not isinstance(axis, tuple):
        return np.argsort(np.argsort(a, axis=axis), axis=axis), a.shape[axis]
    ends = (-4, -3, -2, -1)[-len(axis) :]
    turned = np.moveaxis(a, axis, ends)
    flat = turned.reshape(*turned.shape[: -len(axis)], math.prod(turned.shape[-len(axis) :]))
    place = np.argsort(np.argsort(flat, axis=-1), axis=-1).reshape(turned.shape)
    return np.moveaxis(place, ends, axis), flat.shape[-1]


@pullback("quantiles")
def quantiles(a: Any, q: Any, y_bar: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """Of several fractions, each shares its adjoint among the two elements beside it."""
    count = a.size if axis is None else a.shape[axis]
    virtual = q * (count - 1)
    below = virtual.astype(int)
    above = np.minimum(below + 1, count - 1)
    share = virtual - below
    if axis is None:
        in_order = np.zeros_like(a.reshape(-1))
        y_bar = y_bar.reshape(-1)
    else:
        in_order = np.moveaxis(np.zeros_like(a), axis, 0)
        y_bar = np.moveaxis(y_bar, axis + 1 if axis >= 0 else axis, 1)[:, 0] if keepdims else y_bar
        share = share.reshape(-1, *(1,) * (a.ndim - 1))
    np.add.at(in_order, below, (1.0 - share) * y_bar)
    np.add.at(in_order, above, share * y_bar)
    if axis is None:
        return in_order[np.argsort(np.argsort(a.reshape(-1)))].reshape(a.shape)
    place = np.argsort(np.argsort(a, axis=axis), axis=axis)
    return np.take_along_axis(np.moveaxis(in_order, 0, axis), place, axis=axis)


@pullback("percentiles")
def percentiles(a: Any, q: Any, y_bar: Any, axis: Any = None, keepdims: Any = False) -> Any:
    return quantiles(a, q / 100, y_bar, axis, keepdims)
