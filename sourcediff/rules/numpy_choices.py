"""Functions of NumPy that choose, fit or lay out numbers, in terms of others.

See `numpy_definitions`, whose table this module fills.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sourcediff.rules.numpy_definitions import defines

# Choices ------------------------------------------------------------------------------------


@defines("choose")
def choose(a: Any, choices: Any) -> Any:
    if np.any((a < 0) | (a >= len(choices))):
        raise ValueError("invalid entry in choice array")
    return _choice(a, choices, 0)


def _choice(a: Any, choices: Any, number: Any) -> Any:
    if len(choices) == 1:
        return np.where(a == number, choices[0], choices[0])
    return np.where(a == number, choices[0], _choice(a, choices[1:], number + 1))


@defines("compress")
def compress(condition: Any, a: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.take(np.ravel(a), np.flatnonzero(condition))
    return np.take(a, np.flatnonzero(condition), axis=axis)


# Quotients ----------------------------------------------------------------------------------


@defines("divmod")
def divmod_(x: Any, y: Any) -> Any:
    return np.floor_divide(x, y), np.mod(x, y)


# Fits and layouts ---------------------------------------------------------------------------


@defines("vander")
def vander(x: Any, N: Any = None, increasing: Any = False) -> Any:
    x, count = x.astype(float), len(x) if N is None else N
    if count < 2:
        return np.ones_like(x)[:, None][:, :count]
    powers = np.cumprod(np.repeat(x[:, None], count - 1, axis=1), axis=1)
    rows = np.concatenate((np.ones_like(x)[:, None], powers), axis=1)
    return rows if increasing else rows[:, ::-1]


@defines("polyfit")
def polyfit(x: Any, y: Any, deg: Any) -> Any:
    rows = vander(x + 0.0, deg + 1)
    size = np.sqrt((rows * rows).sum(axis=0))
    found = np.linalg.lstsq(rows / size, y + 0.0, rcond=len(x) * 2.0**-52)[0]
    return (found.T / size).T


@defines("tri")
def tri(N: Any, M: Any = None, k: Any = 0, dtype: Any = float) -> Any:
    return np.tril(np.ones((N, N if M is None else M), dtype=dtype), k)


@defines("linalg.cond")
def cond(x: Any) -> Any:
    sizes = np.linalg.svd(x, compute_uv=False)
    return sizes[..., 0] / sizes[..., -1]


@defines("resize")
def resize(a: Any, new_shape: Any) -> Any:
    flat = np.ravel(a)
    return np.take(flat, np.arange(np.prod(new_shape)) % flat.size).reshape(new_shape)
