"""What products of arrays, sums of products and linear algebra contribute, written with NumPy.

See `numpy_pullbacks`, whose tables this module fills.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sourcediff.rules.numpy_pullbacks import pullback

# Products -----------------------------------------------------------------------------------


@pullback("outer", wrt=("a", "b"))
def outer(a: Any, b: Any, y_bar: Any) -> Any:
    if a.ndim == 1 and b.ndim == 1:
        return y_bar @ np.conj(b), np.conj(a) @ y_bar
    a_bar, b_bar = y_bar @ np.conj(b.reshape(-1)), np.conj(a.reshape(-1)) @ y_bar
    return a_bar.reshape(a.shape), b_bar.reshape(b.shape)


@pullback("vdot", wrt=("a", "b"))
def vdot(a: Any, b: Any, y_bar: Any) -> Any:
    if a.ndim == 1 and b.ndim == 1:
        return np.conj(y_bar) * b, y_bar * a
    return np.conj(y_bar) * b.reshape(a.shape), y_bar * a.reshape(b.shape)


@pullback("kron", wrt=("a", "b"))
def kron(a: Any, b: Any, y_bar: Any) -> Any:
    a, b = np.conj(a), np.conj(b)
    if a.ndim == 1 and b.ndim == 1:
        parts = y_bar.reshape(len(a), len(b))
        return parts @ b, a @ parts
    if a.ndim == 1:
        parts = y_bar.reshape(b.shape[0], len(a), b.shape[1])
        return np.einsum("kjl,kl->j", parts, b), np.einsum("kjl,j->kl", parts, a)
    if b.ndim == 1:
        parts = y_bar.reshape(a.shape[0], a.shape[1], len(b))
        return parts @ b, np.einsum("ijl,ij->l", parts, a)
    parts = y_bar.reshape(a.shape[0], b.shape[0], a.shape[1], b.shape[1])
    return np.einsum("ikjl,kl->ij", parts, b), np.einsum("ikjl,ij->kl", parts, a)


@pullback("cross", wrt=("a", "b"))
def cross(a: Any, b: Any, y_bar: Any) -> Any:
    a_bar, b_bar = np.cross(b, y_bar), np.cross(y_bar, a)
    return _as_broadcast(a_bar, a, 0), _as_broadcast(b_bar, b, 0)


def _as_broadcast(x_bar: Any, x: Any, axis: Any) -> Any:
    """The sum over the axes along which vectors have been broadcast."""
    if x_bar.ndim > x.ndim:
        return _as_broadcast(x_bar.sum(axis=0), x, 0)
    if axis == x.ndim - 1:
        return x_bar
    summed = x_bar.sum(axis=axis, keepdims=True) if x.shape[axis] == 1 else x_bar
    return _as_broadcast(summed, x, axis + 1)


@pullback("convolve", wrt=("a", "v"))
def convolve(a: Any, v: Any, y_bar: Any, mode: Any = "full") -> Any:
    if mode != "full":
        shorter = min(len(a), len(v))
        start = shorter - 1 if mode == "valid" else (shorter - 1) // 2
        y_bar = np.pad(y_bar, (start, len(a) + len(v) - 1 - start - len(y_bar)))
    a, v = np.conj(a), np.conj(v)
    return np.convolve(y_bar, v[::-1], mode="valid"), np.convolve(y_bar, a[::-1], mode="valid")


@pullback("correlate", wrt=("a", "v"))
def correlate(a: Any, v: Any, y_bar: Any, mode: Any = "valid") -> Any:
    if mode == "valid":
        start = min(len(a), len(v)) - 1
        y_bar = np.pad(y_bar, (start, len(a) + len(v) - 1 - start - len(y_bar)))
    if mode == "same":
        start = (len(v) - 1) // 2 if len(a) >= len(v) else len(a) // 2
        y_bar = np.pad(y_bar, (start, len(a) + len(v) - 1 - start - len(y_bar)))
    v_bar = np.convolve(y_bar, a[::-1], mode="valid")
    return np.convolve(y_bar, v, mode="valid"), v_bar[::-1]


@pullback("interp", wrt=("x", "xp", "fp"))
def interp(x: Any, xp: Any, fp: Any, y_bar: Any, left: Any = None, right: Any = None) -> Any:
    place = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, len(xp) - 2)
    width = xp[place + 1] - xp[place]
    share = np.clip((x - xp[place]) / width, 0.0, 1.0)
    inside = (x >= xp[0]) & (x <= xp[-1])
    x_bar = np.where(inside, y_bar * (fp[place + 1] - fp[place]) / width, 0.0)
    xp_bar = np.zeros(xp.shape)
    np.add.at(xp_bar, place, -x_bar * (1.0 - share))
    np.add.at(xp_bar, place + 1, -x_bar * share)
    if left is not None:
        y_bar = np.where(x < xp[0], 0.0, y_bar)
    if right is not None:
        y_bar = np.where(x > xp[-1], 0.0, y_bar)
    fp_bar = np.zeros(fp.shape)
    np.add.at(fp_bar, place, y_bar * (1.0 - share))
    np.add.at(fp_bar, place + 1, y_bar * share)
    return x_bar, xp_bar, fp_bar


# Linear algebra -----------------------------------------------------------------------------


@pullback("linalg.cholesky")
def cholesky(a: Any, y: Any, y_bar: Any) -> Any:
    """Murray, arXiv:1602.07527, equation 10; of `a` the lower triangle alone is read."""
    inner = np.tril(y.T @ y_bar)
    inner = inner - 0.5 * np.diag(np.diag(inner))
    inverse = np.linalg.inv(y)
    outer = inverse.T @ inner @ inverse
    return np.tril(outer + outer.T) - np.diag(np.diag(outer))


@pullback("linalg.eigvalsh")
def eigvalsh(a: Any, y_bar: Any) -> Any:
    """Of `a` the lower triangle alone is read."""
    vectors = np.linalg.eigh(a)[1]
    outer = (vectors * y_bar) @ vectors.T
    return np.tril(outer + outer.T) - np.diag(np.diag(outer))


@pullback("linalg.pinv")
def pinv(a: Any, y: Any, y_bar: Any) -> Any:
    """Golub and Pereyra, SIAM J. Numer. Anal. 10 (1973), equation 4.12."""
    rows = np.eye(a.shape[0]) - a @ y
    columns = np.eye(a.shape[1]) - y @ a
    outer = rows @ y_bar.T @ y @ y.T + y.T @ y @ y_bar.T @ columns
    return outer - y.T @ y_bar @ y.T


@pullback("linalg.matrix_power")
def matrix_power(a: Any, n: Any, y_bar: Any) -> Any:
    base = np.linalg.inv(a) if n < 0 else a
    total = np.zeros_like(a)
    for k in range(abs(n)):
        before = np.linalg.matrix_power(base, k)
        after = np.linalg.matrix_power(base, abs(n) - 1 - k)
        total += before.T @ y_bar @ after.T
    return -(base.T @ total @ base.T) if n < 0 else total


@pullback("norm of order")
def norm(a: Any, ord: Any, y: Any, y_bar: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """Of vectors; 0 where the norm is 0."""
    if axis is not None and not keepdims:
        y, y_bar = np.expand_dims(y, axis), np.expand_dims(y_bar, axis)
    size = np.where(y == 0, 1.0, y)
    return y_bar * np.sign(a) * (np.abs(a) / size) ** (ord - 1)


@pullback("norm of 1")
def norm_of_one(a: Any, y_bar: Any, axis: Any = None, keepdims: Any = False) -> Any:
    if axis is not None and not keepdims:
        y_bar = np.expand_dims(y_bar, axis)
    return y_bar * np.sign(a)


@pullback("norm of inf")
def norm_of_infinity(a: Any, y: Any, y_bar: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """All that are the largest share the adjoint; of the order -inf the smallest."""
    if axis is not None and not keepdims:
        y, y_bar = np.expand_dims(y, axis), np.expand_dims(y_bar, axis)
    chosen = np.abs(a) == y
    count = np.sum(chosen, axis=axis, keepdims=True)
    return np.where(chosen, y_bar * np.sign(a) / count, 0.0)


@pullback("matrix norm of 1")
def matrix_norm_of_one(a: Any, y: Any, y_bar: Any, keepdims: Any = False) -> Any:
    """The columns of which the sum is the largest share the adjoint."""
    chosen = np.abs(a).sum(axis=0) == y
    return y_bar * np.sign(a) * (chosen / np.count_nonzero(chosen))


@pullback("matrix norm of inf")
def matrix_norm_of_infinity(a: Any, y: Any, y_bar: Any, keepdims: Any = False) -> Any:
    """The rows of which the sum is the largest share the adjoint."""
    chosen = np.abs(a).sum(axis=1, keepdims=True) == y
    return y_bar * np.sign(a) * (chosen / np.count_nonzero(chosen))


@pullback("matrix norm of 2")
def matrix_norm_of_two(a: Any, y_bar: Any) -> Any:
    """The largest singular value: its two vectors."""
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return y_bar * (u[:, :1] @ vh[:1])


@pullback("matrix norm of nuc")
def matrix_norm_nuclear(a: Any, y_bar: Any) -> Any:
    """The sum of the singular values."""
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return y_bar * (u @ vh)


@pullback("arange", wrt=("start", "stop", "step"))
def arange(y_bar: Any) -> Any:
    """Where it ends only says how long it is."""
    return np.sum(y_bar), None, np.arange(len(y_bar)) @ y_bar


@pullback("linspace", wrt=("start", "stop"))
def linspace(start: Any, stop: Any, num: Any, y_bar: Any, endpoint: Any = True) -> Any:
    share = np.linspace(0.0, 1.0, num, endpoint)
    if y_bar.ndim == 1:
        return (1.0 - share) @ y_bar, share @ y_bar
    start_bar = np.tensordot(1.0 - share, y_bar, axes=1)
    return start_bar, np.tensordot(share, y_bar, axes=1)
