"""Functions of NumPy that call a function of the user's for each element or row.

A call of one is entered as if the user had written these lines.

>>> vectorized(abs, np.array([-1.0, 2.0]))
array([1., 2.])
>>> along_axis(sum, 0, np.array([[1.0, 2.0], [3.0, 4.0]]))
array([4., 6.])
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["along_axis", "from_iterable", "vectorized", "vectorized_of_two"]


def vectorized(function: Any, x: Any) -> Any:
    """``np.vectorize(function)(x)``."""
    if np.ndim(x) == 0:
        return function(x)
    if x.ndim == 1:
        return np.array([function(v) for v in x])
    return np.array([function(v) for v in np.ravel(x)]).reshape(x.shape)


def vectorized_of_two(function: Any, x: Any, y: Any) -> Any:
    """``np.vectorize(function)(x, y)``, of numbers and of arrays."""
    if np.ndim(x) == 0 and np.ndim(y) == 0:
        return function(x, y)
    if np.ndim(y) == 0:
        return vectorized(lambda v: function(v, y), x)
    if np.ndim(x) == 0:
        return vectorized(lambda v: function(x, v), y)
    if x.ndim > 1 or y.ndim > 1:
        shape = (np.zeros_like(x) + np.zeros_like(y)).shape
        one, other = np.broadcast_to(x, shape).ravel(), np.broadcast_to(y, shape).ravel()
        found = np.array([function(one[i], other[i]) for i in range(len(one))])
        return found.reshape(shape)
    if len(x) != len(y):
        raise ValueError("arrays of different lengths")
    return np.array([function(x[i], y[i]) for i in range(len(x))])


def along_axis(function: Any, axis: Any, x: Any) -> Any:
    """``np.apply_along_axis(function, axis, x)`` of one or two axes."""
    if x.ndim == 1:
        return function(x)
    if axis % 2 == 1:
        return np.array([function(row) for row in x])
    return np.array([function(column) for column in x.T]).T


def from_iterable(items: Any) -> Any:
    """``np.fromiter(items, float)``."""
    return np.array([v for v in items])  # noqa: C416
