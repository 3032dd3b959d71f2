"""Programs that a compiler of derivatives gets wrong: each one breaks a plausible short cut."""

import math
from types import SimpleNamespace

from tests.corpus.whole.registry import program


@program(lambda: [(0.5, 1.2, 4, 3), (0.9, 1.3, 5, 3), (0.3, 1.0, 0, 3)], argnums=(0, 1))
def escape_sum(x, a, n, m):
    """Nested loops: the inner one breaks, the outer one returns early."""
    s = 0.0
    for i in range(n):
        t = x
        for j in range(m):
            t = t * t * a
            if t > 1.0:
                break
            s += t
        if s > 0.9:
            return s * t
        x = x + 0.1 * t
    return s + x


def _newton_step(u, a):
    if u < 0:
        return -u
    return 0.5 * (u + a / u)


@program(lambda: [(2.0,), (7.5,), (1e-3,)])
def damped_newton(a):
    """A while on an active condition; the body re-binds and calls a helper twice."""
    x = a
    while abs(x * x - a) > 1e-9 * a:
        x = _newton_step(x, a)
        y = 0.9 * x + 0.1 * _newton_step(x, a)
        x = y
    return x


def _spd():
    return [
        [4.0, 0.6, -0.3, 0.2],
        [0.6, 3.0, 0.5, 0.1],
        [-0.3, 0.5, 5.0, -0.4],
        [0.2, 0.1, -0.4, 2.5],
    ]


@program(
    lambda: [(_spd(),), ([[2.5]],)],
    raising=lambda: [([[1.0, 2.0], [2.0, 1.0]],)],
)
def log_det_by_cholesky(A):
    """Cholesky in place on a list of lists; the caller's matrix changes."""
    n = len(A)
    for j in range(n):
        s = A[j][j]
        for k in range(j):
            s -= A[j][k] * A[j][k]
        d = math.sqrt(s)
        A[j][j] = d
        for i in range(j + 1, n):
            s = A[i][j]
            for k in range(j):
                s -= A[i][k] * A[j][k]
            A[i][j] = s / d
    total = 0.0
    for j in range(n):
        total += math.log(A[j][j])
    return 2 * total


@program(lambda: [(0.7, 6), (1.4, 3), (0.1, 0)])
def grow_and_pop(x, n):
    """A list that grows under an if, is iterated, and is partly popped."""
    xs = []
    for i in range(n):
        x = math.sin(x) + 0.1
        if x > 0.5:
            xs.append(x * x)
    total = 0.0
    for v in xs:
        total += v * x
    while len(xs) > 2:
        total += xs.pop() * 3.0
    return total


def _particles():
    return [
        SimpleNamespace(x=1.0, v=0.5),
        SimpleNamespace(x=2.0, v=-0.3),
        SimpleNamespace(x=0.2, v=4.0),
    ]


@program(
    lambda: [(0.7, _particles()), (0.1, _particles()), (0.7, _particles()[:1])], argnums=(0, 1)
)
def push_particles(m, particles):
    """Objects in a list, changed through a loop variable and through two aliases."""
    first = particles[0]
    for p in particles:
        p.x += p.v * m
    best = particles[0]
    for p in particles:
        if p.x > best.x:
            best = p
    best.x *= 2.0
    first.x *= 3.0
    total = 0.0
    for p in particles:
        total += p.x * p.x
    return total


@program(lambda: [(3.1, 0.3, 20), (2.7, 0.6, 1), (3.1, 0.3, 0)], argnums=(0, 1))
def logistic_map(r, x, n):
    """A map whose second derivative is asked for."""
    for _ in range(n):
        x = r * x * (1 - x)
    return x


def _walk(x, depth, out):
    if depth == 0:
        out.append(x * x)
        return x, 1.0
    a, na = _walk(0.5 * x, depth - 1, out)
    b, nb = _walk(math.sin(x), depth - 1, out)
    out[-1] += a
    return a + b * na, na + nb


@program(lambda: [(0.7, 3), (0.3, 0), (-0.4, 1)])
def tree_walk(x, depth):
    """Recursion that returns a tuple and fills a list."""
    out = []
    a, n = _walk(x, depth, out)
    return a * n + sum(out)


@program(lambda: [(0.4,), (2.5,)], kinks=lambda: [(1.0,)])
def guarded_root(x):
    """An active operation raises; the handler sees z as of the raise."""
    z = 2 * x
    try:
        z = 3 * x
        y = math.sqrt(x - 1)
        y = y * z
        z = 5 * x
    except ValueError:
        y = z * x
    return y * z


@program(lambda: [(0.7,), (-1.2,)])
def counted(x):
    """A closure that counts and scales through nonlocal."""
    calls = 0
    scale = 1.0

    def step(v):
        nonlocal calls, scale
        calls += 1
        scale *= math.cos(x)
        return v * scale

    for _ in range(3):
        x = step(x) + calls
    return x * scale


@program(lambda: [(1.3, 4), (1.3, 1), (1.3, 0)])
def last_power(x, n):
    """A loop of zero turns, and a name that only the loop binds."""
    power = 1.0
    for k in range(n):
        power *= x
        seen = power + k
    if n > 0:
        return power * seen
    return power + x


@program(lambda: [(1.3, 4), (-0.5, 1)], raising=lambda: [(1.3, 0)])
def last_term(x, n):
    """The name that only the loop binds is read whether the loop ran or not."""
    total = 1.0
    for k in range(n):
        term = x**k * (k + 1)
        total += term
    return total + 0.5 * term


@program(lambda: [(0.7, 4), (1.05, 9), (0.7, 1)])
def chase(x0, m):
    """A list that grows while it is being iterated."""
    xs = [x0]
    for x in xs:
        if len(xs) < m:
            xs.append(0.9 * x * x)
    return sum(xs)


@program(
    lambda: [([0.0, 1.0, 0.5, -0.3, 0.2, 0.0], 0.1, 5), ([0.4, 1.0], 0.1, 3), ([0.3, 0.2], 0.1, 0)],
    argnums=(0, 1),
)
def relax(u, alpha, sweeps):
    """Nested loops whose kept values could blow up: the bracket is one number a turn."""
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            for _ in range(2):
                u[i] += alpha * (u[i - 1] - 2 * u[i] + u[i + 1]) / (1 + u[i] * u[i])
    return sum(v * v for v in u)


@program(lambda: [([[1.0, 2.0], [3.0, 4.0], [0.5, -1.0]],), ([[2.0, 1.0], [0.3, 0.7]],)])
def insert_above(m):
    """A row that is held by name while a row is put in front of it."""
    row = m[1]
    m.insert(0, [row[0] * row[1], 1.0])
    row[0] = m[0][0] + row[1]
    return sum(a * b * (i + 1) for i, (a, b) in enumerate(m))


def _twice_the_same():
    shared = [0.5, 1.5]
    return [shared, shared, [2.0, -1.0]]


@program(lambda: [([[0.5, 1.5], [0.2, 0.1], [2.0, -1.0]],), ([[1.0, 2.0]],)])
def scale_rows(rows):
    """Each row is scaled in place by what the rows hold by then."""
    factor = 1.0
    for row in rows:
        factor = factor * 0.5 + row[0]
        row[0] *= factor
        row[1] += row[0] * factor
    return sum(row[0] * row[1] for row in rows)


@program(lambda: [(_twice_the_same(),), ([[0.7, -0.4]] * 3,), ([[0.5, 1.5], [0.2, 0.1]],)])
def scale_shared_rows(rows):
    """The same as above where two rows of the argument are one object."""
    for row in rows:
        row[0] *= row[1]
        row[1] += 0.5 * row[0]
    return sum(row[0] * row[1] for row in rows)
