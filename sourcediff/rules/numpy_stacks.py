"""What linear algebra on stacks of matrices contributes: the last two axes are a matrix's.

See `numpy_pullbacks`, whose tables this module fills; the formulas are those of
`numpy_product_pullbacks` and `numpy_several_pullbacks`, matrix by matrix.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sourcediff.rules.numpy_pullbacks import pullback


def _turned(x: Any) -> Any:
    """Every matrix with its rows as columns."""
    return np.swapaxes(x, -1, -2)


def _lower_triangles(outer: Any) -> Any:
    """What a symmetric matrix contributes, of which the lower triangle alone is read."""
    return np.tril(outer + _turned(outer)) - outer * np.eye(outer.shape[-1])


def _of_stack(x_bar: Any, x: Any) -> Any:
    """Added up where matrices were broadcast to a stack."""
    if x.ndim < x_bar.ndim:
        return _of_stack(x_bar.sum(axis=0), x)
    if x.ndim > 3:
        x_bar = x_bar.sum(axis=1, keepdims=True) if x.shape[1] == 1 else x_bar
    if x.ndim > 2:
        x_bar = x_bar.sum(axis=0, keepdims=True) if x.shape[0] == 1 else x_bar
    return x_bar


# One result ---------------------------------------------------------------------------------


@pullback("inv of stack")
def inverses(a: Any, y: Any, y_bar: Any) -> Any:
    return -(_turned(y) @ y_bar @ _turned(y))


@pullback("det of stack")
def determinants(a: Any, y: Any, y_bar: Any) -> Any:
    return (y_bar * y)[..., None, None] * _turned(np.linalg.inv(a))


@pullback("solve of stack", wrt=("a", "b"))
def solutions(a: Any, b: Any, y: Any, y_bar: Any) -> Any:
    if b.ndim == 1:
        solved = np.linalg.solve(_turned(a), y_bar[..., None])[..., 0]
        return -(solved[..., None] * y[..., None, :]), _of_stack(solved, b)
    solved = np.linalg.solve(_turned(a), y_bar)
    return _of_stack(-(solved @ _turned(y)), a), _of_stack(solved, b)


@pullback("cholesky of stack")
def triangles_of_cholesky(a: Any, y: Any, y_bar: Any) -> Any:
    inner = np.tril(_turned(y) @ y_bar)
    inner = inner - 0.5 * inner * np.eye(y.shape[-1])
    inverse = np.linalg.inv(y)
    return _lower_triangles(_turned(inverse) @ inner @ inverse)


@pullback("eigvalsh of stack")
def eigenvalues(a: Any, y_bar: Any) -> Any:
    vectors = np.linalg.eigh(a)[1]
    return _lower_triangles((vectors * y_bar[..., None, :]) @ _turned(vectors))


@pullback("singular values of stack")
def singular_values(a: Any, y_bar: Any) -> Any:
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return (u * y_bar[..., None, :]) @ vh


@pullback("pinv of stack")
def pseudo_inverses(a: Any, y: Any, y_bar: Any) -> Any:
    rows = np.eye(a.shape[-2]) - a @ y
    columns = np.eye(a.shape[-1]) - y @ a
    y_t, turned = _turned(y), _turned(y_bar)
    outer = rows @ turned @ y @ y_t + y_t @ y @ turned @ columns
    return outer - y_t @ y_bar @ y_t


# Several results ----------------------------------------------------------------------------


@pullback("slogdet of stack")
def logarithms_of_determinants(a: Any, logdet_bar: Any) -> Any:
    return logdet_bar[..., None, None] * _turned(np.linalg.inv(a))


@pullback("eigh of stack")
def eigenvectors(a: Any, w: Any, v: Any, w_bar: Any, v_bar: Any) -> Any:
    if v_bar is None:
        return _lower_triangles((v * w_bar[..., None, :]) @ _turned(v))
    unit = np.eye(w.shape[-1])
    inner = _turned(v) @ v_bar * (1.0 / (w[..., None, :] - w[..., None] + unit) - unit)
    if w_bar is not None:
        inner = inner + w_bar[..., None, :] * unit
    return _lower_triangles(v @ inner @ _turned(v))


@pullback("svd of stack")
def singular_vectors(a: Any, u: Any, s: Any, vh: Any, u_bar: Any, s_bar: Any, vh_bar: Any) -> Any:
    across = s[..., None, :]
    if u_bar is None and vh_bar is None:
        return (u * s_bar[..., None, :]) @ vh
    unit = np.eye(s.shape[-1])
    gaps = 1.0 / (across**2 - s[..., None] ** 2 + unit) - unit
    if u_bar is None:
        turned = vh @ _turned(vh_bar)
        inner = s[..., None] * gaps * (turned - _turned(turned))
    else:
        turned = _turned(u) @ u_bar
        inner = gaps * (turned - _turned(turned)) * across
        if vh_bar is not None:
            turned = vh @ _turned(vh_bar)
            inner = inner + s[..., None] * gaps * (turned - _turned(turned))
    if s_bar is not None:
        inner = inner + s_bar[..., None, :] * unit
    a_bar = u @ inner @ vh
    if u_bar is not None:
        a_bar = a_bar + ((u_bar - u @ (_turned(u) @ u_bar)) / across) @ vh
    if vh_bar is not None:
        a_bar = a_bar + (u / across) @ (vh_bar - vh_bar @ _turned(vh) @ vh)
    return a_bar
