"""What functions of NumPy with several results contribute to the adjoints of their arguments.

See `numpy_pullbacks`, whose tables this module fills. A pullback has the results by the names of
`numpy_several`, and their adjoints; the adjoint of a result that nothing depends on is
None. Of a result without an adjoint here there is no derivative.

Formulas are those of M. B. Giles, "An extended collection of matrix derivative results for forward
and reverse mode automatic differentiation", 2008, where nothing else is said.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sourcediff.rules.numpy_pullbacks import pullback

# Matrices -----------------------------------------------------------------------------------


@pullback("linalg.slogdet")
def slogdet(a: Any, logdet_bar: Any, inverse: Any = None) -> Any:
    """Section 2.2.3; the sign does not change. The inverse is given if it is known."""
    if inverse is None:
        inverse = np.linalg.inv(a)
    return logdet_bar * inverse.T


@pullback("linalg.eigh")
def eigh(a: Any, w: Any, v: Any, w_bar: Any, v_bar: Any, UPLO: Any = "L") -> Any:
    """Section 3.1; of `a` one triangle alone is read. Infinite where two eigenvalues are equal."""
    if v_bar is None:
        outer = (v * w_bar) @ v.T
    else:
        unit = np.eye(len(w))
        inner = v.T @ v_bar * (1.0 / (w - w[:, None] + unit) - unit)
        if w_bar is not None:
            inner = inner + np.diag(w_bar)
        outer = v @ inner @ v.T
    both = outer + outer.T
    triangle = np.tril(both) if UPLO in ("L", "l") else np.triu(both)
    return triangle - np.diag(np.diag(outer))


@pullback("singular values")
def singular_values(a: Any, y_bar: Any) -> Any:
    """Section 3.3."""
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return (u * y_bar) @ vh


@pullback("full svd")
def full_svd(a: Any, u: Any, s: Any, vh: Any, u_bar: Any, s_bar: Any, vh_bar: Any) -> Any:
    """Of vectors that no singular value belongs to there is no derivative."""
    if u_bar is None and vh_bar is None:
        return singular_values(a, s_bar)
    if a.shape[0] != a.shape[1]:
        raise ValueError("the matrix is not square: give svd() full_matrices=False")
    return u @ _between_vectors(u, s, vh, u_bar, s_bar, vh_bar) @ vh


@pullback("linalg.svd")
def svd(a: Any, u: Any, s: Any, vh: Any, u_bar: Any, s_bar: Any, vh_bar: Any) -> Any:
    """J. Townsend, "Differentiating the singular value decomposition", 2016.

    Infinite where two singular values are equal, or one is zero.
    """
    if u_bar is None and vh_bar is None:
        return (u * s_bar) @ vh
    a_bar = u @ _between_vectors(u, s, vh, u_bar, s_bar, vh_bar) @ vh
    if u_bar is not None:
        a_bar = a_bar + ((u_bar - u @ (u.T @ u_bar)) / s) @ vh
    if vh_bar is not None:
        a_bar = a_bar + (u / s) @ (vh_bar - vh_bar @ vh.T @ vh)
    return a_bar


def _between_vectors(u: Any, s: Any, vh: Any, u_bar: Any, s_bar: Any, vh_bar: Any) -> Any:
    """What turns the singular vectors into each other, and with the values stretches them."""
    unit = np.eye(len(s))
    gaps = 1.0 / (s**2 - s[:, None] ** 2 + unit) - unit
    if u_bar is None:
        turned = vh @ vh_bar.T
        inner = s[:, None] * gaps * (turned - turned.T)
    else:
        turned = u.T @ u_bar
        inner = gaps * (turned - turned.T) * s
        if vh_bar is not None:
            turned = vh @ vh_bar.T
            inner = inner + s[:, None] * gaps * (turned - turned.T)
    return inner if s_bar is None else inner + np.diag(s_bar)


@pullback("linalg.qr")
def qr(a: Any, q: Any, r: Any, q_bar: Any, r_bar: Any) -> Any:
    """S. F. Walter and L. Lehmann, arXiv:1009.6112, of square and tall matrices; the columns of a
    wide one that the triangle is beyond are ``q @ r`` of theirs.
    """
    count, length = r.shape
    first = np.eye(length, count)
    triangle = r @ first
    if r_bar is None:
        inner = -(q_bar.T @ q)
    else:
        rest = np.eye(length, length - count, -count)
        beyond = a @ rest @ (r_bar @ rest).T
        q_bar = beyond if q_bar is None else q_bar + beyond
        inner = triangle @ (r_bar @ first).T - q_bar.T @ q
    inner = q @ (np.tril(inner) + np.tril(inner, -1).T) + q_bar
    a_bar = np.linalg.solve(triangle, inner.T).T @ first.T
    return a_bar if r_bar is None else a_bar + q @ r_bar @ rest @ rest.T


@pullback("triangle of qr")
def triangle_of_qr(a: Any, y: Any, y_bar: Any) -> Any:
    first = np.eye(y.shape[1], y.shape[0])
    q = np.linalg.solve((y @ first).T, (a @ first).T).T
    return qr(a, q, y, None, y_bar)


@pullback("linalg.lstsq", wrt=("a", "b"))
def lstsq(a: Any, b: Any, x: Any, x_bar: Any, residuals_bar: Any) -> Any:
    """G. H. Golub and V. Pereyra, SIAM J. Numer. Anal. 10 (1973), equation 4.12.

    The residuals are sums of squares of what is missed, and `x` is where they do not change.
    """
    missed = b - a @ x
    missed_bar: Any
    if residuals_bar is None:
        missed_bar = None
    elif x.ndim == 1:
        missed_bar = 2.0 * np.sum(residuals_bar) * missed
    else:
        missed_bar = 2.0 * residuals_bar * missed
    if x_bar is None:
        return -(np.outer(missed_bar, x) if x.ndim == 1 else missed_bar @ x.T), missed_bar
    inverse = np.linalg.pinv(a)
    b_bar = inverse.T @ x_bar
    free = x_bar - a.T @ b_bar
    if x.ndim == 1:
        a_bar = np.outer(missed, inverse @ b_bar) - np.outer(b_bar, x)
        a_bar = a_bar + np.outer(inverse.T @ x, free)
    else:
        a_bar = missed @ (inverse @ b_bar).T - b_bar @ x.T
        a_bar = a_bar + inverse.T @ x @ free.T
    if missed_bar is None:
        return a_bar, b_bar
    a_bar = a_bar - (np.outer(missed_bar, x) if x.ndim == 1 else missed_bar @ x.T)
    return a_bar, b_bar + missed_bar


# Element by element -------------------------------------------------------------------------


@pullback("modf")
def modf(a: Any, fraction_bar: Any) -> Any:
    return fraction_bar


@pullback("frexp")
def frexp(a: Any, exponent: Any, mantissa_bar: Any) -> Any:
    return np.ldexp(mantissa_bar, -exponent)
