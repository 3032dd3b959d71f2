"""What functions of NumPy that put elements in order contribute, written with NumPy.

See `numpy_pullbacks`, whose tables this module fills.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sourcediff.rules.numpy_pullbacks import pullback


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
