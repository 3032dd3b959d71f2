"""Linear algebra on lists, rows, and numbers with names."""

import math

from tests.corpus.loops.registry import program


@program(
    [([1.0, 0.5], [4.0, 5.0, 3.0], [1.0, -0.5], [1.0, 2.0, 3.0])],
    argnums=(0, 1, 2, 3),
)
def thomas(lower, diagonal, upper, right):
    n = len(diagonal)
    c, d = [0.0] * n, [0.0] * n
    c[0], d[0] = upper[0] / diagonal[0], right[0] / diagonal[0]
    for i in range(1, n):
        m = diagonal[i] - lower[i - 1] * c[i - 1]
        if i < n - 1:
            c[i] = upper[i] / m
        d[i] = (right[i] - lower[i - 1] * d[i - 1]) / m
    x = [0.0] * n
    x[-1] = d[-1]
    for i in reversed(range(n - 1)):
        x[i] = d[i] - c[i] * x[i + 1]
    return x[0] + 2 * x[1] * x[2]


@program([(2.0, 0.5, 1.0), (1.0, -0.3, 3.0)], argnums=(0, 1, 2))
def power_iteration(a, b, d):
    """The larger eigenvalue of a symmetric 2 by 2 matrix."""
    x, y = 1.0, 1.0
    value = 0.0
    for _ in range(60):
        u, v = a * x + b * y, b * x + d * y
        size = math.hypot(u, v)
        x, y = u / size, v / size
        new = x * (a * x + b * y) + y * (b * x + d * y)
        if abs(new - value) < 1e-15:
            break
        value = new
    return value


@program([([[2.0, 0.3], [0.1, 1.5]], 5)], argnums=0)
def power_iteration_on_rows(A, turns):
    v = [1.0, 0.5]
    for _ in range(turns):
        w = [sum(a * x for a, x in zip(row, v)) for row in A]  # noqa: B905
        norm = math.sqrt(sum(x * x for x in w))
        v = [x / norm for x in w]
    return v[0]


def dot(u, v):
    return sum(a * b for a, b in zip(u, v, strict=True))


@program([([1.0, 0.2, 0.4], [0.3, 1.0, -0.5])], argnums=(0, 1))
def gram_schmidt(u, v):
    length = math.sqrt(dot(u, u))
    e = [a / length for a in u]
    along = dot(e, v)
    rest = [b - along * a for a, b in zip(e, v, strict=True)]
    return math.sqrt(dot(rest, rest)) + 0.3 * along


@program([([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]],), ([[2.0]],)])
def log_determinant_by_lu(matrix):
    a = [row[:] for row in matrix]
    n = len(a)
    total = 0.0
    for k in range(n):
        total += math.log(a[k][k])
        for i in range(k + 1, n):
            factor = a[i][k] / a[k][k]
            for j in range(k, n):
                a[i][j] -= factor * a[k][j]
    return total


@program([([[4.0, 1.0, 0.5], [1.0, 3.0, 0.2], [0.5, 0.2, 2.0]],)])
def cholesky(A):
    n = len(A)
    L = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(i + 1):
            s = A[i][j]
            for k in range(j):
                s -= L[i][k] * L[j][k]
            if i == j:
                L[i][j] = math.sqrt(s)
            else:
                L[i][j] = s / L[j][j]
    return L[0][0] + L[1][0] * L[2][1] + L[2][2]


@program([([[4.0, 1.0], [1.0, 3.0]], [1.0, 2.0])], argnums=(0, 1))
def solve_by_elimination(A, b):
    n = len(b)
    M = [row[:] for row in A]
    x = b[:]
    for k in range(n):
        pivot = M[k][k]
        for j in range(k, n):
            M[k][j] /= pivot
        x[k] /= pivot
        for i in range(n):
            if i != k:
                f = M[i][k]
                for j in range(k, n):
                    M[i][j] -= f * M[k][j]
                x[i] -= f * x[k]
    return x[0] * 2 + x[1]


@program([([[0.1, 2.0], [3.0, 0.4]], [1.0, 2.0])], argnums=(0, 1))
def solve_with_pivots(A, b):
    """Rows are swapped number by number."""
    n = len(b)
    M = [row[:] for row in A]
    x = list(b)
    for k in range(n):
        best = k
        for i in range(k + 1, n):
            if abs(M[i][k]) > abs(M[best][k]):
                best = i
        if best != k:
            for j in range(n):
                M[k][j], M[best][j] = M[best][j], M[k][j]
            x[k], x[best] = x[best], x[k]
        for i in range(k + 1, n):
            f = M[i][k] / M[k][k]
            for j in range(k, n):
                M[i][j] -= f * M[k][j]
            x[i] -= f * x[k]
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            x[i] -= M[i][j] * x[j]
        x[i] /= M[i][i]
    return x[0] + 3 * x[1]


@program([([[4.0, 1.0], [1.0, 3.0]], [1.0, 2.0], 6)], argnums=(0, 1))
def gauss_seidel(A, b, sweeps):
    x = [0.0 for _ in b]
    for _ in range(sweeps):
        for i in range(len(b)):
            s = b[i]
            for j in range(len(b)):
                if j != i:
                    s -= A[i][j] * x[j]
            x[i] = s / A[i][i]
    return x[0] - x[1]


@program([([[4.0, 1.0], [1.0, 3.0]], [1.0, 2.0], 5)], argnums=(0, 1))
def jacobi_sweeps(A, b, turns):
    x = [0.0] * len(b)
    for _ in range(turns):
        x = [
            (b[i] - sum(A[i][j] * x[j] for j in range(len(b)) if j != i)) / A[i][i]
            for i in range(len(b))
        ]
    return sum(x)


@program([(1.0, 0.5, 0.2, 0.7, 6), (0.3, 0.9, 0.1, 0.4, 1)], argnums=(0, 1, 2, 3))
def matrix_power(a, b, c, d, n):
    """Squaring on tuples: the trace of the n-th power."""

    def times(p, q):
        return (
            p[0] * q[0] + p[1] * q[2],
            p[0] * q[1] + p[1] * q[3],
            p[2] * q[0] + p[3] * q[2],
            p[2] * q[1] + p[3] * q[3],
        )

    result, base = (1.0, 0.0, 0.0, 1.0), (a, b, c, d)
    while n:
        if n & 1:
            result = times(result, base)
        base = times(base, base)
        n >>= 1
    return result[0] + result[3]


@program([([[1.0, 2.0], [0.5, 3.0], [0.2, 0.1]],)])
def frobenius_of_gram(A):
    rows, columns = len(A), len(A[0])
    total = 0.0
    for i in range(columns):
        for j in range(columns):
            s = 0.0
            for k in range(rows):
                s += A[k][i] * A[k][j]
            total += s**2
    return math.sqrt(total)


@program([([1.0, 0.5, 0.25],), ([2.0, 0.3],)])
def levinson(r):
    """The last reflection coefficient of an autocorrelation."""
    error = r[0]
    a = [1.0]
    k = 0.0
    for m in range(1, len(r)):
        acc = 0.0
        for i in range(m):
            acc += a[i] * r[m - i]
        k = -acc / error
        longer = a + [0.0]
        a = [longer[i] + k * longer[m - i] for i in range(m + 1)]
        error *= 1 - k * k
    return k + 0.1 * error


@program([(1.0, 0.3, 2.0), (0.4, -0.6, 0.1)], argnums=(0, 1, 2))
def jacobi_rotations(a, b, d):
    """Both eigenvalues of a symmetric matrix, until what is off the diagonal is gone."""
    while abs(b) > 1e-12:
        theta = 0.5 * math.atan2(2 * b, a - d)
        c, s = math.cos(theta), math.sin(theta)
        a, b, d = (
            c * c * a + 2 * s * c * b + s * s * d,
            (c * c - s * s) * b + s * c * (d - a),
            s * s * a - 2 * s * c * b + c * c * d,
        )
    return a + 0.5 * d


@program([([2.0, 1.0], [0.5, 1.5])], argnums=(0, 1))
def outer_product_trace(u, v):
    matrix = [[a * b for b in v] for a in u]
    trace = 0.0
    for i, row in enumerate(matrix):
        trace += row[i]
        for j, entry in enumerate(row):
            if j > i:
                trace += 0.1 * entry**2
    return trace
