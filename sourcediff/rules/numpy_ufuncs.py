"""The methods of NumPy's ufuncs in terms of the ufuncs themselves: `reduce`, `accumulate`, `at`.

They are for those that NumPy has under no other name. A ufunc is the first argument.

>>> reduce(np.hypot, np.array([3.0, 4.0, 12.0]))
np.float64(13.0)
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["accumulate", "at", "of_one_at", "reduce"]


def reduce(ufunc: Any, a: Any, axis: Any = 0) -> Any:
    rows = a if axis in (0, -a.ndim) else np.moveaxis(a, axis, 0)
    total = rows[0]
    for row in rows[1:]:
        total = ufunc(total, row)
    return total


def accumulate(ufunc: Any, a: Any, axis: Any = 0) -> Any:
    found = a.copy()
    rows = found if axis in (0, -a.ndim) else np.moveaxis(found, axis, 0)
    for k in range(1, len(rows)):
        rows[k] = ufunc(rows[k - 1], rows[k])
    return found


def at(ufunc: Any, a: Any, indices: Any, b: Any) -> None:
    if np.ndim(indices) == 0:
        a[indices] = ufunc(a[indices], b)
    elif np.ndim(b) < a.ndim:
        for place in indices:
            a[place] = ufunc(a[place], b)
    else:
        for k in range(len(indices)):
            a[indices[k]] = ufunc(a[indices[k]], b[k])


def of_one_at(ufunc: Any, a: Any, indices: Any) -> None:
    if np.ndim(indices) == 0:
        a[indices] = ufunc(a[indices])
    else:
        for place in indices:
            a[place] = ufunc(a[place])
