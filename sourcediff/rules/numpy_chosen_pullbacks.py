"""What reductions contribute that take some of the elements, or begin with a number.

See `numpy_pullbacks`, whose tables this module fills: ``np.max(x, axis=0, initial=0.0, where=m)``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sourcediff.rules.numpy_pullbacks import product_of_others, pullback


def _kept(y: Any, axis: Any, keepdims: Any) -> Any:
    """A result with the axes that are gone."""
    return y if keepdims or axis is None else np.expand_dims(y, axis)


@pullback("max of chosen", "min of chosen", wrt=("a", "initial"))
def extremum(
    a: Any,
    y: Any,
    y_bar: Any,
    axis: Any = None,
    keepdims: Any = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """All that are the largest share the adjoint; the number has it where none is as large."""
    y, y_bar = _kept(y, axis, keepdims), _kept(y_bar, axis, keepdims)
    chosen = (a == y) & where
    count = np.sum(chosen, axis=axis, keepdims=True)
    a_bar = np.where(chosen, y_bar / np.maximum(count, 1), 0.0)
    return a_bar, np.sum(np.where(count == 0, y_bar, 0.0))


@pullback("prod of chosen", wrt=("a", "initial"))
def prod(
    a: Any,
    y_bar: Any,
    axis: Any = None,
    keepdims: Any = False,
    initial: Any = 1.0,
    where: Any = True,
) -> Any:
    chosen = np.where(where, a, 1.0)
    initial_bar = np.sum(y_bar * np.prod(chosen, axis=axis, keepdims=keepdims))
    others = product_of_others(chosen, axis)
    a_bar = np.where(where, _kept(y_bar, axis, keepdims) * initial * others, 0.0)
    return a_bar, initial_bar


@pullback("mean of chosen")
def mean(a: Any, y_bar: Any, where: Any, axis: Any = None, keepdims: Any = False) -> Any:
    chosen = np.broadcast_to(where, a.shape)
    count = np.sum(chosen, axis=axis, keepdims=True)
    return np.where(chosen, _kept(y_bar, axis, keepdims) / count, 0.0)


@pullback("var of chosen", wrt=("a", "mean"))
def var(
    a: Any,
    y_bar: Any,
    axis: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    where: Any = True,
    mean: Any = None,
) -> Any:
    chosen = np.broadcast_to(where, a.shape)
    count = np.sum(chosen, axis=axis, keepdims=True)
    if mean is None:
        middle = np.sum(np.where(chosen, a, 0.0), axis=axis, keepdims=True) / count
    else:
        middle = mean
    apart = np.where(chosen, a - middle, 0.0)
    share = 2.0 * _kept(y_bar, axis, keepdims) / (count - ddof) * apart
    if mean is None:
        return share, None
    return share, _added_to(-share, mean, axis)


def _added_to(share: Any, mean: Any, axis: Any) -> Any:
    if np.ndim(mean) == 0:
        return np.sum(share)
    return np.sum(share, axis=axis, keepdims=True)


@pullback("std of chosen", wrt=("a", "mean"))
def std(
    a: Any,
    y: Any,
    y_bar: Any,
    axis: Any = None,
    ddof: Any = 0,
    keepdims: Any = False,
    where: Any = True,
    mean: Any = None,
) -> Any:
    scale = np.where(y > 0, y_bar / np.where(y > 0, 2.0 * y, 1.0), 0.0)
    return var(a, scale, axis, ddof, keepdims, where, mean)
