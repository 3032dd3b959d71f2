# ruff: noqa: B905
"""Linear algebra on lists of lists, the way textbooks print it."""

import math

from tests.corpus.whole.registry import program


def _square():
    return [[0.5, 2.0, -1.0], [4.0, 1.0, 0.3], [1.0, -3.0, 2.5]]


def _symmetric():
    return [[4.0, 0.6, -0.3], [0.6, 3.0, 0.5], [-0.3, 0.5, 5.0]]


@program(
    lambda: [(_square(), [1.0, -2.0, 0.5]), (_symmetric(), [0.1, 0.2, 0.3]), ([[2.0]], [3.0])],
    argnums=(0, 1),
    raising=lambda: [([[1.0, 2.0], [2.0, 4.0]], [1.0, 1.0])],
)
def solve_with_pivoting(A, b):
    """Gaussian elimination that swaps whole rows, then substitutes back; sums the solution."""
    n = len(A)
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(A[i][k]) > abs(A[p][k]):
                p = i
        if A[p][k] == 0:
            raise ZeroDivisionError("singular matrix")
        A[k], A[p] = A[p], A[k]
        b[k], b[p] = b[p], b[k]
        for i in range(k + 1, n):
            f = A[i][k] / A[k][k]
            for j in range(k, n):
                A[i][j] -= f * A[k][j]
            b[i] -= f * b[k]
    x = [0.0] * n
    for i in range(n - 1, -1, -1):
        s = b[i]
        for j in range(i + 1, n):
            s -= A[i][j] * x[j]
        x[i] = s / A[i][i]
    return sum(v * (i + 1) for i, v in enumerate(x))


@program(lambda: [(_square(),), (_symmetric(),)], raising=lambda: [([[0.0, 1.0], [0.0, 2.0]],)])
def lu_determinant(matrix):
    """Copies first, keeps the permutation's sign, complains about a zero pivot."""
    a = [row[:] for row in matrix]
    size = len(a)
    sign = 1
    det = 1.0
    for col in range(size):
        pivot = max(range(col, size), key=lambda r: abs(a[r][col]))
        if a[pivot][col] == 0.0:
            raise ValueError("matrix is singular")
        if pivot != col:
            a[col], a[pivot] = a[pivot], a[col]
            sign = -sign
        det *= a[col][col]
        for row in range(col + 1, size):
            a[row][col] /= a[col][col]
            for k in range(col + 1, size):
                a[row][k] -= a[row][col] * a[col][k]
    return sign * det


def cholesky(a):
    n = len(a)
    low = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            s = sum(low[i][k] * low[j][k] for k in range(j))
            if i == j:
                low[i][i] = math.sqrt(a[i][i] - s)
            else:
                low[i][j] = (a[i][j] - s) / low[j][j]
    return low


@program(
    lambda: [(_symmetric(), [1.0, 0.5, -1.0]), ([[0.25]], [2.0])],
    argnums=(0, 1),
    raising=lambda: [([[1.0, 3.0], [3.0, 1.0]], [0.0, 0.0])],
)
def gaussian_log_density(cov, x):
    """log N(x; 0, cov) by a factor made fresh, and one forward substitution."""
    low = cholesky(cov)
    quad = 0.0
    z = []
    for i, xi in enumerate(x):
        s = xi
        for k, zk in enumerate(z):
            s -= low[i][k] * zk
        z.append(s / low[i][i])
        quad += z[-1] ** 2
    log_det = 2 * sum(math.log(low[i][i]) for i in range(len(low)))
    return -0.5 * (quad + log_det + len(x) * math.log(2 * math.pi))


@program(lambda: [(_symmetric(), [1.0, 2.0, 3.0]), ([[2.0]], [1.0])], argnums=(0, 1))
def gauss_seidel(A, b):
    """Sweeps that use each new value at once, until the largest change is tiny."""
    x = [0.0 for _ in b]
    for sweep in range(100):
        change = 0.0
        for i in range(len(b)):
            rest = sum(A[i][j] * x[j] for j in range(len(b)) if j != i)
            new = (b[i] - rest) / A[i][i]
            change = max(change, abs(new - x[i]))
            x[i] = new
        if change < 1e-15:
            break
    return sum(x)


@program(lambda: [(_symmetric(), [1.0, 2.0, 3.0], 12), ([[2.0]], [1.0], 0)], argnums=(0, 1))
def jacobi_iteration(A, b, turns):
    """The old vector is replaced whole after each turn."""
    x = [bi / A[i][i] for i, bi in enumerate(b)]
    for _ in range(turns):
        x = [
            (b[i] - sum(a * xj for j, (a, xj) in enumerate(zip(row, x)) if j != i)) / row[i]
            for i, row in enumerate(A)
        ]
    return math.sqrt(sum(v * v for v in x))


def thomas(lower, diag, upper, rhs):
    """Tridiagonal solver; diag and rhs are overwritten."""
    n = len(diag)
    for i in range(1, n):
        w = lower[i - 1] / diag[i - 1]
        diag[i] -= w * upper[i - 1]
        rhs[i] -= w * rhs[i - 1]
    rhs[-1] /= diag[-1]
    for i in range(n - 2, -1, -1):
        rhs[i] = (rhs[i] - upper[i] * rhs[i + 1]) / diag[i]
    return rhs


@program(
    lambda: [
        ([0.0, 1.0, 2.5, 3.0, 4.0], [1.0, 0.3, -0.5, 0.8, 1.1], 1.7),
        ([0.0, 1.0, 2.0], [0.0, 1.0, 0.0], 0.4),
    ],
    argnums=(0, 1, 2),
    kinks=lambda: [([0.0, 1.0, 2.5], [1.0, 0.3, -0.5], 2.5)],
)
def natural_spline(xs, ys, x):
    """A natural cubic spline: second derivatives by Thomas, then the interval of x."""
    n = len(xs)
    h = [xs[i + 1] - xs[i] for i in range(n - 1)]
    diag = [2 * (h[i] + h[i + 1]) for i in range(n - 2)]
    rhs = [
        6 * ((ys[i + 2] - ys[i + 1]) / h[i + 1] - (ys[i + 1] - ys[i]) / h[i]) for i in range(n - 2)
    ]
    m = [0.0, *thomas(h[1:-1], diag, h[1:-1], rhs), 0.0]
    i = 0
    while i < n - 2 and x > xs[i + 1]:
        i += 1
    a = (xs[i + 1] - x) / h[i]
    b = (x - xs[i]) / h[i]
    curve = (a**3 - a) * m[i] + (b**3 - b) * m[i + 1]
    return a * ys[i] + b * ys[i + 1] + curve * h[i] ** 2 / 6


@program(lambda: [([1.0, 0.5, 0.2, -0.1],), ([2.0, 0.3],), ([1.5],)])
def levinson(r):
    """Levinson-Durbin on autocorrelations: the prediction error that is left."""
    a = [1.0]
    error = r[0]
    for k in range(1, len(r)):
        acc = 0.0
        for j in range(k):
            acc += a[j] * r[k - j]
        reflection = -acc / error
        extended = a + [0.0]
        a = [u + reflection * v for u, v in zip(extended, reversed(extended))]
        error *= 1 - reflection**2
    return error + 0.1 * sum(a)


@program(lambda: [(_square(),), ([[3.0, 1.0], [0.5, 2.0]],)], scalar=False)
def gram_schmidt(columns):
    """Orthonormal vectors from a list of vectors; returns them and the lengths."""
    basis = []
    lengths = []
    for v in columns:
        w = v[:]
        for q in basis:
            c = sum(x * y for x, y in zip(q, w))
            w = [x - c * y for x, y in zip(w, q)]
        length = math.sqrt(sum(x * x for x in w))
        basis.append([x / length for x in w])
        lengths.append(length)
    return basis, lengths


@program(lambda: [(_symmetric(), 40), ([[2.0, 0.0], [0.0, 1.0]], 5)])
def power_iteration(A, turns):
    """The Rayleigh quotient after repeated multiplication and scaling."""
    v = [1.0 for _ in A]
    for _ in range(turns):
        w = [sum(a * x for a, x in zip(row, v)) for row in A]
        norm = math.sqrt(sum(x * x for x in w))
        v = [x / norm for x in w]
    return sum(vi * sum(a * x for a, x in zip(row, v)) for vi, row in zip(v, A))


def _dot(u, v):
    return sum(a * b for a, b in zip(u, v))


@program(
    lambda: [(_symmetric(), [1.0, 2.0, 3.0]), ([[2.0, 0.0], [0.0, 1.0]], [1.0, 0.0])], argnums=1
)
def conjugate_gradient(A, b):
    """The residual may vanish before the last turn; returns b x."""
    x = [0.0] * len(b)
    r = b.copy()
    p = r
    rr = _dot(r, r)
    for _ in range(len(b)):
        if rr < 1e-26:
            break
        Ap = [_dot(row, p) for row in A]
        alpha = rr / _dot(p, Ap)
        x = [xi + alpha * pi for xi, pi in zip(x, p)]
        r = [ri - alpha * qi for ri, qi in zip(r, Ap)]
        rr, old = _dot(r, r), rr
        p = [ri + rr / old * pi for ri, pi in zip(r, p)]
    return _dot(x, b)


@program(lambda: [(_square(), 3), (_square(), 0), ([[0.3, 0.1], [0.0, 0.2]], 5)])
def matrix_power_trace(M, n):
    """Repeated squaring with a triple loop for the product."""

    def mul(A, B):
        size = len(A)
        C = [[0.0] * size for _ in range(size)]
        for i in range(size):
            for j in range(size):
                for k in range(size):
                    C[i][j] += A[i][k] * B[k][j]
        return C

    result = [[float(i == j) for j in range(len(M))] for i in range(len(M))]
    while n:
        if n & 1:
            result = mul(result, M)
        M = mul(M, M)
        n >>= 1
    return sum(result[i][i] for i in range(len(result)))


@program(
    lambda: [(4.0, 1.0, 3.0), (1.0, -0.5, 1.0)], argnums=(0, 1, 2), kinks=lambda: [(2.0, 0.0, 2.0)]
)
def rotation_eigenvalue(a, b, d):
    """One Jacobi rotation of [[a, b], [b, d]]: its larger eigenvalue."""
    m = [[a, b], [b, d]]
    if b == 0:
        return max(a, d)
    theta = 0.5 * math.atan2(2 * m[0][1], m[0][0] - m[1][1])
    c, s = math.cos(theta), math.sin(theta)
    for row in m:
        row[0], row[1] = c * row[0] + s * row[1], c * row[1] - s * row[0]
    m[0], m[1] = (
        [c * x + s * y for x, y in zip(m[0], m[1])],
        [c * y - s * x for x, y in zip(m[0], m[1])],
    )
    return m[0][0]
