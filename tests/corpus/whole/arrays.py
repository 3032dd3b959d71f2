"""Programs with arrays of NumPy: views, aliases, writes in place, broadcasting."""

import math

import numpy as np

from tests.corpus.whole.registry import program


def _numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@program(
    lambda: [(np.array([1.0, 2.0, 3.0, 4.0]), 1.7), (np.array([0.5, -1.0, 2.0]), 0.3)],
    argnums=(0, 1),
)
def write_through_view(x, w):
    """A view is written through, then summed into its base."""
    y = x.copy()
    z = y[1:3]
    z *= w
    y[0] = z.sum()
    return y @ y


_A = np.random.default_rng(0).normal(size=(6, 4))
_b = np.random.default_rng(1).normal(size=6)


def _parameters():
    return {"w": np.array([0.3, -0.2, 0.5, 1.0]), "c": 0.3}


@program(lambda: [(_parameters(), 0.05, 0.8, 7), (_parameters(), 0.05, 0.8, 0)], argnums=(0, 1, 2))
def train(params, lr, mu, steps):
    """Training by momentum, differentiated through: dicts of arrays and numbers by key."""
    params = {k: np.array(v) for k, v in params.items()}
    velocity = {k: np.zeros_like(v) for k, v in params.items()}
    for _ in range(steps):
        r = _A @ params["w"] + params["c"] - _b
        g = {"w": _A.T @ r, "c": r.sum()}
        for k in params:
            velocity[k] = mu * velocity[k] - lr * g[k]
            params[k] = params[k] + velocity[k]
    r = _A @ params["w"] + params["c"] - _b
    return 0.5 * (r @ r)


@program(lambda: [(np.array([0.5, -1.0, 2.0]), 4)], kinks=lambda: [(np.array([0.5, -1.0]), 0)])
def joins(w, n):
    """An int that becomes a float, a number that becomes an array."""
    total = 0
    best = None
    for k in range(n):
        total += w * k
        m = (w * w).sum() if k % 2 else float(k)
        if best is None or m > best:
            best = m
    return (total * total).sum() * best if n else total


@program(lambda: [(_numbers(3, 2), 0.7), (_numbers(1, 4), -0.2)], argnums=(0, 1))
def scale_array_rows(m, s):
    """Each row of the argument is scaled in place by what the rows before it sum to."""
    for row in m:
        row *= s
        s = s + 0.5 * row.sum()
    return (m * m).sum() + s


@program(lambda: [(_numbers(3, 2), 0.7), (_numbers(1, 2), 0.3)], argnums=(0, 1))
def rows_by_index(m, a):
    """Rows read and written by index."""
    for i in range(1, m.shape[0]):
        m[i] = m[i] + a * m[i - 1]
        m[i, 0] *= m[i - 1, 1]
    return np.sum(m[-1] * m[0])


@program(lambda: [(np.array([0.1, 1.0, 0.4, -0.2, 0.3]), 0.3, 4)], argnums=(0, 1))
def upwind_slices(u, c, steps):
    """Slices of one array on both sides of an assignment."""
    for _ in range(steps):
        u[1:] = u[1:] - c * (u[1:] - u[:-1]) * u[1:]
        u[0] = u[-1]
    return u @ u


@program(lambda: [(np.array([0.5, -1.0, 2.0, 0.3]), 0.9)], argnums=(0, 1))
def overlapping(x, w):
    """An array is added to a shifted view of itself."""
    x[1:] += w * x[:-1]
    x[1:] *= x[:-1]
    x[::2] -= w
    return (x * x).sum()


@program(lambda: [(np.array([0.5, -1.0, 2.0]), 1.3), (np.array([0.7]), 0.4)], argnums=(0, 1))
def aliases(x, w):
    """Several names, a list and a dict mean one array."""
    y = x
    held = [x, x[:1], y * w]
    by_name = {"x": y}
    y *= w
    held[1][0] += 1.5
    by_name["x"] -= 0.5 * held[2]
    return (x * held[0]).sum() + held[2][0] * held[1][0]


@program(lambda: [(_numbers(3), _numbers(4, seed=1), 0.8)], argnums=(0, 1, 2))
def pairwise(u, v, width):
    """Axes added, numbers and arrays broadcast, means along an axis."""
    d = (u[:, None] - v) / width
    k = np.exp(-(d**2))
    return (k.mean(axis=0) * v).sum() + k.sum(1) @ u


@program(lambda: [(_numbers(3, 3), 0.6), (_numbers(2, 2), 1.2)], argnums=(0, 1))
def columns(m, s):
    """Columns and the transpose are views."""
    m[:, 0] *= s
    t = m.T
    t[1] += m[0] * s
    return (m @ t).sum() - t[0, 1] * m[1, 0]


@program(lambda: [(np.array([0.2, -0.4, 1.1]),), (np.array([3.0, 3.5]),)])
def entropy(x):
    """Of a softmax."""
    e = np.exp(x - x.mean())
    p = e / e.sum()
    return -(p * np.log(p)).sum()


def _layers():
    return [(_numbers(3, 2), _numbers(3, seed=2)), (_numbers(2, 3, seed=3), _numbers(2, seed=4))]


@program(
    lambda: [(_layers(), np.array([0.4, -0.7]), 0.1), ([], np.array([1.5]), 0.1)], argnums=(0, 1)
)
def network(layers, x, penalty):
    """A list of pairs of arrays."""
    h = x
    total = 0.0
    for w, b in layers:
        h = np.tanh(w @ h + b)
        total += penalty * (w * w).sum()
    return np.sum(h**2) + total


@program(lambda: [(np.array([0.5, -0.3]), 0.1, 0.9, 5)], argnums=(0, 1, 2))
def momentum_in_place(w, lr, mu, steps):
    """Arrays in a dict that are updated in place, through a name and through the dict."""
    state = {"w": w.copy(), "v": np.zeros(2)}
    v = state["v"]
    for _ in range(steps):
        g = state["w"] * state["w"] + w
        v *= mu
        v -= lr * g
        state["w"] += state["v"]
    return (state["w"] ** 2).sum() + v[0]


@program(lambda: [(np.array([0.5, -0.3, 0.2]), 3), (np.array([0.5, -0.3]), 0)])
def history(x, n):
    """Copies and the array itself in a list: which of them change."""
    seen = []
    for k in range(n):
        seen.append(x.copy())
        x += 0.1 * x * x
        seen.append(x)
    total = x.sum()
    for k, past in enumerate(seen):
        total += (k + 1) * (past * past).sum()
    return total


@program(lambda: [(_numbers(3, 3),), (_numbers(4, 2),)])
def orthogonal_columns(a):
    """Columns made orthogonal in place."""
    q = a.copy()
    for j in range(q.shape[1]):
        v = q[:, j]
        for i in range(j):
            v -= (q[:, i] @ v) * q[:, i]
        v /= np.sqrt(v @ v)
    return (q * a).sum() + q[0, -1] ** 3


@program(lambda: [(np.array([[2.0, 0.5], [0.3, 1.0]]), np.array([1.0, 0.2]), 4)], argnums=(0, 1))
def largest_eigenvalue(a, v, n):
    """Matrix by vector, over and over."""
    for _ in range(n):
        v = a @ v
        v = v / math.sqrt(v @ v)
    return v @ (a @ v)


@program(lambda: [(np.array([0.5, -0.3, 0.2]), np.array([1.0, 2.0, 3.0]))], argnums=(0, 1))
def number_by_number(x, y):
    """Arrays gone through as if they were lists."""
    total = 0.0
    for k, (a, b) in enumerate(zip(x, y, strict=False)):
        total += a * math.sin(b) * (k + 1)
        y[k] = total
    return total * sum(x) + max(y) * len(y)


def _fill(out, x):
    out[:] = x * x
    out[-1] = 0.5


@program(lambda: [(np.array([0.5, -0.3, 0.2]), 2.0)], argnums=(0, 1))
def filled_by_helper(x, s):
    """A function that fills a buffer it is given."""
    out = np.zeros(2 * len(x))
    _fill(out[: len(x)], x)
    _fill(out[len(x) :], s * out[: len(x)])
    return (out * out).sum() + out[1] * s


@program(lambda: [(0.7, 1.3), (-0.2, 0.4)], argnums=(0, 1))
def made_of_numbers(a, b):
    """Arrays made of numbers in lists."""
    m = np.array([[a, b], [b, a * b]])
    v = np.array([a, math.sin(b)])
    m[0] += v
    return v @ m @ v + np.array([a * k for k in range(3)]).sum()


def _product(x):
    if len(x) == 1:
        return x[0] * 1.0
    half = len(x) // 2
    x[0] += 0.1
    return _product(x[:half]) * np.sin(_product(x[half:]))


@program(lambda: [(np.array([0.5, -1.3, 0.8, 1.1, 0.9]),), (np.array([0.5]),)])
def halves(x):
    """Recursion on views of views, which are written."""
    return _product(x) + x[0] * x[-1]


@program(lambda: [(np.array([[4.0, 1.0], [1.0, 3.0]]), np.array([1.0, 2.0]))], argnums=(0, 1))
def solve_in_place(a, b):
    """A solver that works in place, for some steps."""
    x = np.zeros_like(b)
    r = b - a @ x
    p = r.copy()
    rr = r @ r
    steps = 0
    while np.sqrt(rr) > 1e-9 and steps < 2:
        steps += 1
        ap = a @ p
        alpha = rr / (p @ ap)
        x += alpha * p
        r -= alpha * ap
        new = r @ r
        p *= new / rr
        p += r
        rr = new
    return x @ x


@program(lambda: [(np.array([0.5, -0.3]), 0.7)], argnums=(0, 1))
def captured(x, s):
    """An array that a function inside changes, and a number that it re-binds."""
    count = 0

    def step(by):
        nonlocal count
        count += 1
        x[0] *= by
        x[1] += x[0] * count
        return x[::-1]

    y = step(s) * 1.0
    z = step(y[0])
    return y @ z + z[0] * count


@program(
    lambda: [(np.array([0.5, -0.3]), np.array([0.1, 0.2]))],
    argnums=(0, 1),
    raising=lambda: [(np.array([0.5, -0.3]), np.array([0.1, 0.2, 0.3]))],
)
def shapes_that_fit(x, y):
    """An operation that raises leaves behind what was done before it."""
    x *= 2.0
    x += y
    return x @ y


@program(lambda: [(np.array([0.5, -0.3, 0.8]), 2.0)], argnums=(), scalar=False)
def parts_of(x, s):
    """What comes back is views of the argument, and of something new."""
    y = x * s
    x[0] = 7.0
    return x[1:], {"whole": x, "new": y, "part": y[::2]}, [x.T, x]
