"""Programs on arrays that the tests of arrays share, each with arguments to try it on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["PROGRAMS", "Program"]

rng = np.random.default_rng(20)


def normal(*shape: int) -> Any:
    return rng.normal(size=shape)


def positive(*shape: int) -> Any:
    return rng.uniform(0.5, 2.0, size=shape)


class Program(NamedTuple):
    """A function, its arguments, and the places of those that are differentiated."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    wrt: tuple[int, ...]

    def __str__(self) -> str:
        shapes = "-".join("x".join(map(str, np.shape(a))) or "0" for a in self.args)
        return f"{self.function.__name__}-{shapes}"


PROGRAMS: list[Program] = []


def on(*args: Any, wrt: tuple[int, ...] | None = None) -> Callable[[Any], Any]:
    """Try a function on arguments; in all that are real, unless it says in which."""
    real = tuple(
        place
        for place, a in enumerate(args)
        if isinstance(a, float) or (isinstance(a, np.ndarray) and a.dtype.kind == "f")
    )

    def register(function: Any) -> Any:
        PROGRAMS.append(Program(function, args, real if wrt is None else wrt))
        return function

    return register


@on(normal(3), normal(5, 3), normal(5))
def regression(w, x, y):
    e = np.tanh(x @ w) - y
    return np.mean(e * e)


@on(normal(3, 4), normal(4), normal(4, 2), normal(2), normal(5, 3), normal(5, 2), wrt=(0, 1, 2, 3))
def network(W1, b1, W2, b2, x, y):
    h = np.tanh(x @ W1 + b1)
    p = h @ W2 + b2
    r = p - y
    return 0.5 * np.sum(r**2) / len(x)


@on(normal(4))
def total(x):
    return np.sum(x)


@on(normal(4), 1.3)
def mixed(x, a):
    return np.sum(a * np.sin(x) + x / a)


@on(normal(3, 3))
def sums_of_axes(x):
    return x.sum(axis=0) @ x.sum(axis=1)


@on(normal(3, 4))
def mean_of_rows(x):
    return np.sum(x.mean(axis=1, keepdims=True) * x)


@on(normal(4))
def logsumexp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


@on(normal(3, 4), normal(5, 3), normal(5, 4), wrt=(0,))
def softmax_regression(W, X, Y):
    z = X @ W
    z = z - z.max(axis=1, keepdims=True)
    e = np.exp(z)
    p = e / e.sum(axis=1, keepdims=True)
    return -np.sum(Y * np.log(p))


@on(normal(5))
def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


@on(normal(5))
def rosenbrock_by_elements(x):
    total = 0.0
    for i in range(len(x) - 1):
        total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


@on(normal(4))
def elements(x):
    t = 0.0
    for v in x:
        t += v * v * v
    return t


@on(normal(3, 4))
def rows_in_turn(x):
    t = 1.0
    for r in x:
        t = t * np.sum(r * r)
    return t


@on(normal(4), normal(4))
def larger(x, y):
    return np.sum(np.maximum(x, y) * x)


@on(normal(3), 0.7)
def runge_kutta(x0, k):
    x = x0
    for _ in range(3):
        k1 = -k * x
        k2 = -k * (x + 0.05 * k1)
        x = x + 0.1 * k2
    return np.sum(x)


@on(normal(3))
def norms(x):
    return np.linalg.norm(x) + np.linalg.norm(x[:2])


@on(normal(3), normal(2))
def concatenated(x, y):
    return np.sum(
        np.concatenate((x, y)) ** 2
        * np.concatenate(
            [
                y,
                x,
            ]
        )
    )


@on(1.2, 0.3, -0.7)
def made_of_numbers(a, b, c):
    v = np.array([a, b * c, a * c])
    return np.dot(v, v)


@on(normal(4))
def shrinking(x):
    t = 0.0
    while len(x) > 1:
        t += np.sum(x * x)
        x = x[1:] - x[:-1]
    return t


@on(normal(4), normal(4))
@on(-positive(4), normal(4))
@on(positive(4), normal(1))
@on(-positive(1), normal(4))
def branches(x, y):
    if np.sum(x) > 0:
        z = x * y
    else:
        z = x - y
    return np.sum(z * z * x)


@on(normal(4, 1), normal(5), 0.3)
@on(normal(4, 1), normal(1), 0.3)
@on(normal(1), normal(3, 4), 0.3)
@on(normal(1, 4), normal(3, 4), 0.3)
@on(normal(1, 4), normal(3, 1), 0.3)
@on(normal(2, 1, 4), normal(3, 1), 0.3)
def broadcast(x, y, z):
    return np.sum(np.exp(x * y) + z)


@on(normal(4), 4, wrt=(0,))
@on(normal(1), 1, wrt=(0,))
@on(normal(1), 4, wrt=(0,))
def zeros_of_a_count(x, n):
    z = np.zeros(n)
    return np.sum((x + z) ** 2 * x[:n])


@on(normal(4), 1, wrt=(0,))
@on(normal(4), 4, wrt=(0,))
def slice_of_a_count(x, n):
    y = x[:n]
    return np.sum((x + y) ** 2 * y)


@on(normal(6))
def masked(x):
    return np.sum(x[x > 0] ** 2)


@on(normal(4), np.array([0, 1, 1, 3]))
def places(x, i):
    return np.sum(x[i] ** 2 * 3.0)


@on(normal(3, 3), 1, 2, wrt=(0,))
def matrix_items(x, i, j):
    return x[i, j] ** 2 + np.sum(x[i]) * np.sum(x[:, j]) + np.sum(x[1:, ::-1] ** 2)


@on(normal(3), normal(4))
def new_axes(x, y):
    return np.sum(x[:, None] * y[None, :] * x[:, np.newaxis])


@on(normal(3), normal(4))
def outer_products(x, y):
    return np.sum(np.outer(x, y) ** 2) + np.trace(np.outer(x, x))


@on(normal(3, 4))
def reshaped(x):
    return (
        np.sum(x.reshape(-1) ** 2)
        + np.sum(x.T @ x)
        + np.sum(x.reshape(2, 6)[0] ** 3)
        + np.sum(np.ravel(x).reshape(3, 4) * x)
    )


@on(normal(3, 3) + 3 * np.eye(3), normal(3))
def solved(A, b):
    return np.sum(np.linalg.solve(A, b) ** 2)


@on(normal(3, 3) + 3 * np.eye(3))
def inverted(A):
    return np.sum(np.linalg.inv(A) ** 2) + np.linalg.det(A)


@on(normal(3, 4))
def variances(x):
    return np.var(x) + np.std(x, axis=0).sum() + x.var(axis=1, ddof=1).sum()


@on(normal(4))
def cumulated(x):
    return np.sum(np.cumsum(x) ** 2) + np.sum(np.diff(x) ** 3)


@on(normal(3, 4), normal(5, 4), normal(5, 2))
def attention(Q, K, V):
    s = Q @ K.T / np.sqrt(Q.shape[1])
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    a = e / e.sum(axis=-1, keepdims=True)
    return np.sum((a @ V) ** 2)


@on(normal(2, 3, 4), normal(2, 4, 3))
def stacks(A, B):
    return np.sum((A @ B) ** 2)


@on(normal(4), normal(6), normal(6))
def polynomial(c, x, y):
    p = np.zeros_like(x)
    for k in range(len(c)):
        p = p + c[k] * x**k
    return np.mean((p - y) ** 2)


@on(normal(4), normal(6))
def horner(c, x):
    p = np.zeros(len(x))
    for a in c[::-1]:
        p = p * x + a
    return np.sum(p**2)


@on(normal(3), normal(5, 3), (normal(5) > 0) * 1.0, wrt=(0,))
def logistic_regression(w, X, y):
    z = X @ w
    return np.sum(np.logaddexp(0.0, z) - y * z) + 0.1 * w @ w


@on(normal(3), normal(3, 2), normal(5, 2), wrt=(0, 1))
def mixture(alphas, means, x):
    d = x[:, None, :] - means[None, :, :]
    q = -0.5 * np.sum(d * d, axis=2) + alphas
    m = np.max(q, axis=1)
    return np.sum(m + np.log(np.sum(np.exp(q - m[:, None]), axis=1))) - len(x) * np.log(
        np.sum(np.exp(alphas))
    )


def helper(x, w):
    return np.sin(x) * w


@on(normal(3), normal(3))
def with_a_helper(x, w):
    y = helper(x, w)
    z = helper(y, w[0])
    return np.sum(z)


@on(normal(3, 2))
def sizes(x):
    return x.shape[0] * x.size * np.sum(x) * x.ndim


@on(normal(5))
def clipped(x):
    return np.sum(np.clip(x, -0.5, 0.5) * x) + np.sum(np.abs(x)) + np.sum(x.clip(0, 1))


@on(normal(3))
def two_names(x):
    y = x
    z = y * 2.0
    y = y + z
    return np.sum(y * z) + np.dot(x, y)


@on(normal(3))
def creators(x):
    return np.ones(3) @ x + np.full(3, x[0]).sum() + np.sum(np.eye(3) @ x * np.arange(3))


@on(normal(3), normal(3))
def stacked(x, y):
    return (
        np.sum(np.stack((x, y)) ** 2 * np.vstack((y, x)))
        + np.sum(np.hstack([x, y]) ** 3)
        + np.sum(np.stack([x, y], axis=1)[:, 0] ** 2)
        + np.sum(np.column_stack((x, y)) @ np.array([1.0, 2.0]))
    )


@on(normal(3, 3))
def triangles(x):
    return np.sum(np.triu(x) ** 2) + np.sum(np.tril(x, -1) ** 3) + np.sum(np.diag(x[0]) ** 2)


@on(positive(3), 1.7)
@on(positive(3), positive(3))
def powers(x, p):
    return np.sum(x**p) + np.sum(np.power(p, x)) + np.sum(2.0**x)


@on(normal(3))
@on(-normal(3))
def conditional(x):
    return np.sum(x if x[0] > 0 else -x * x)


@on(normal(3))
def closure(x):
    def inner(y):
        return np.exp(-y) * x

    return np.sum(inner(x) + inner(2 * x))


@on(normal(4))
def extremes(x):
    return x[np.argmax(x)] * x[np.argmin(x)] + np.min(x) * x.max()


@on(normal(5))
def chosen(x):
    return np.sum(np.where(x > 0, x * x, -x)) + np.sum(np.where(x > 0.1, x, 0.0) * x)


@on(normal(3, 2))
def shapes(x):
    n, m = x.shape
    return np.sum(x) / (n * m) + np.sum(x[n - 1]) * np.sum(x[:, m - 1])


@on(normal(3, 2))
def nested_loops(x):
    s = 0.0
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            s += x[i, j] ** 2 * x[j % x.shape[0], i % x.shape[1]]
    return s


@on(normal(3, 2), normal(3))
def accumulated(A, x):
    t = np.zeros(A.shape[1])
    for i in range(len(A)):
        t = t + A[i] * x[i]
    return t @ t


@on(normal(3))
def no_turns(x):
    y = x * 2.0
    for i in range(0):
        y = y * x
    return np.sum(y)


@on(normal(3, 2))
def norms_of_axes(x):
    return np.sum(np.linalg.norm(x, axis=1)) + np.sum(np.linalg.norm(x, axis=0) ** 2)


@on(normal(4))
def turned(x):
    return np.sum(np.flip(x) * x) + np.sum(np.roll(x, 1) * x**2)


@on(normal(2, 3, 4))
def transposed(x):
    return np.sum(np.transpose(x, (1, 2, 0)) ** 2) + np.sum(np.swapaxes(x, 0, 1)[0] ** 2)


@on(normal(3), normal(3))
def joined(x, y):
    columns = np.column_stack((x, y)) @ np.array([1.0, 2.0])
    return np.sum(np.hstack([x, y]) ** 3) + np.sum(np.stack([x, y], axis=1)[:, 0] ** 2 * columns)


@on(normal(4))
def repeated(x):
    return np.sum(np.repeat(x, 2)[:4] ** 2) + np.sum(np.linspace(0, 1, 4) * x)


# Arrays that are written to ------------------------------------------------------------------


def definite(n):
    root = normal(n, n)
    return root @ root.T + n * np.eye(n)


@on(normal(3))
def constant_scaled_in_place(x):
    t = np.ones(3)
    s = 1.0
    for i in range(3):
        s = s * np.sum(x * t)
        t *= 2.0
    return s


@on(normal(3))
def constant_overwritten(x):
    t = np.ones(3)
    y = x * t
    t *= 2.0
    z = np.sum(y * t * x)
    t -= 1.0
    return z * z


@on(normal(6), 0.3, 3, wrt=(0, 1))
def heat(u, alpha, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u * u)


@on(normal(3))
def whole_written(x):
    y = np.zeros(3)
    y[:] = x * x
    y[0] = y[1] * y[2]
    y *= y
    return np.sum(y * x)


@on(normal(3, 3) + 4 * np.eye(3), normal(3), 2, wrt=(0, 1))
def gauss_seidel(A, b, n):
    x = np.zeros(len(b))
    for _ in range(n):
        for i in range(len(b)):
            s = 0.0
            for j in range(len(b)):
                if j != i:
                    s += A[i, j] * x[j]
            x[i] = (b[i] - s) / A[i, i]
    return np.sum(x * x)


@on(normal(3))
def alias(x):
    y = x * 2.0
    z = y
    z[0] = x[1] * x[2]
    y[1] *= 3.0
    return np.sum(y * z)


@on(normal(4), normal(2))
@on(normal(4), 0.7)
def view_scaled(x, w):
    y = x.copy()
    z = y[1:3]
    z *= w
    y[0] = z.sum()
    return y @ y


@on(normal(2, 2))
def transposed_view(x):
    y = x * 1.0
    t = y.T
    t[0] = y[:, 1] * 2.0
    y[1, 1] = t[0, 1]
    return np.sum(y * y * t)


@on(normal(3, 2))
def row_views(A):
    B = A * A
    for i in range(1, len(B)):
        r = B[i]
        r -= B[i - 1] * 0.5
    return np.sum(B**2)


@on(normal(3, 2))
def rows_changed(A):
    B = A * A
    for r in B:
        r *= 2.0
    return np.sum(B * A)


@on(normal(6))
def mask_written(x):
    y = x * x
    y[y > 0.5] = 0.5
    y[x < 0] *= 3.0
    return np.sum(y * x)


@on(normal(3), 1, wrt=(0,))
@on(normal(3), -1, wrt=(0,))
def written_in_branches(x, c):
    y = x * 2.0
    if c > 0:
        y[0] = x[1] * x[2]
    else:
        y[1:] += x[:-1]
    return np.sum(y * y)


@on(normal(3))
def overwritten(x):
    y = x * x
    s = np.sum(y * x)
    y[:] = 0.0
    return s + np.sum(y)


@on(normal(3))
def products_in_place(x):
    y = x * 1.0
    for i in range(3):
        y *= x
        y /= 1.0 + x * x
        y -= 0.1
    return np.sum(y)


@on(definite(3))
def cholesky(A):
    n = len(A)
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            if i == j:
                L[i, j] = np.sqrt(s)
            else:
                L[i, j] = s / L[j, j]
    return np.sum(L * L) + L[n - 1, 0]


@on(normal(4), 4, wrt=(0,))
def filled(x, n):
    y = np.empty(n)
    for i in range(n):
        y[i] = np.sin(x[i]) * x[0]
    return y @ y


def helperw(y, v):
    y[1:] += v * y[:-1]


@on(normal(4), 0.7)
def written_by_a_helper(x, v):
    y = x * x
    helperw(y, v)
    helperw(y[1:], v)
    return np.sum(y * y)


@on(normal(3))
def rebound(x):
    y = x * 2.0
    y[0] = 5.0
    y = y * x
    y[1] = y[0] * x[2]
    return np.sum(y)


@on(normal(3), 0.4)
@on(normal(1), 0.4)
def broadcast_into(x, s):
    y = np.zeros((2, 3))
    y[:] = x
    y[0] += s
    y[:, 1] = s * 2
    y *= x
    return np.sum(y * y)


@on(normal(2), normal(4, 2), normal(4))
def momentum(w, X, t):
    v = np.zeros_like(w)
    w = w.copy()
    for _ in range(3):
        g = X.T @ (X @ w - t)
        v *= 0.9
        v += g
        w -= 0.01 * v
    return np.sum(w * w)


@on(positive(3) * 3)
def while_loop(x):
    y = x.copy()
    n = 0
    while np.sum(y) > 1.0 and n < 5:
        y *= 0.5
        y[0] = y[1] * 0.3
        n += 1
    return np.sum(y * y)


@on(normal(3, 3) + 3 * np.eye(3), normal(3))
def elimination(A, b):
    A = A.copy()
    b = b.copy()
    n = len(b)
    for k in range(n):
        for i in range(k + 1, n):
            m = A[i, k] / A[k, k]
            A[i, k:] -= m * A[k, k:]
            b[i] -= m * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return np.sum(x * x)


@on(normal(6), 0.5)
def wave(u, c):
    v = np.zeros_like(u)
    u = u.copy()
    for _ in range(4):
        v[1:-1] += c * (u[2:] - 2 * u[1:-1] + u[:-2])
        u += 0.1 * v
    return u @ u


@on(normal(4))
def shifted(x):
    y = x * x
    y[1:] = y[:-1]
    y[0] = 0.0
    y[:-1] += y[1:] * y[1:]
    return np.sum(y * x)


@on(normal(3), 3, wrt=(0,))
def counters(x, n):
    k = np.zeros(3, dtype=int)
    s = 0.0
    for i in range(n):
        k[i % 3] += 1
        s += np.sum(x**2 * k) * s + x[k[0] - 1]
    return s


@on(normal(4))
def two_rows(x):
    y = np.zeros((2, len(x)))
    y[0] = x
    y[1, 1:] = x[:-1] * y[0, 1:]
    return np.sum(y[0] * y[1])


@on(normal(3))
def written_after_it_was_read_in_another_turn(x):
    y = np.zeros(2)
    s = 0.0
    for i in range(3):
        s += y[0] * x[i]
        y[0] = x[i] * x[i]
    return s


@on(normal(3))
def overwritten_from_turn_to_turn(x):
    y = np.zeros(2)
    s = 0.0
    for i in range(3):
        s += np.sum(y * x[i])
        y += x[i] * x[i]
        y[:] = y * x[1]
    return s


@on(normal(5), 0.4)
def argument_written(u, alpha):
    for _ in range(2):
        u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
    return np.sum(u * u)


@on(normal(3))
def unpacked(x):
    a, b, c = x
    return a * b + np.sin(c)


@on(normal(3))
def built_in_functions(x):
    return sum(x) * max(x) + min(x) * abs(x[1]) + float(x[0]) * len(x) + np.sum(abs(x))


@on(normal(3))
def places_that_change(x):
    y = x * x
    i = np.arange(3)
    s = y[i]
    i[0] = 2
    return np.sum(s * y[i])
