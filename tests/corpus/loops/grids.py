"""Lists of lists that are made anew in every turn: grids of a simulation, products of matrices."""

from tests.corpus.loops.registry import program


def matmul(A, B):
    n = len(A)
    C = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            for k in range(n):
                C[i][j] += A[i][k] * B[k][j]
    return C


@program(
    [([[1.0, 2.0, 0.5], [0.3, -1.0, 0.7]], 0.1, 3), ([[1.0, 2.0, 0.5], [0.3, -1.0, 0.7]], 0.1, 0)],
    argnums=(0, 1),
)
def diffuse(grid, k, steps):
    rows, cols = len(grid), len(grid[0])
    for _ in range(steps):
        fresh = [[0.0] * cols for _ in range(rows)]
        for i in range(rows):
            for j in range(cols):
                around = grid[i - 1][j] + grid[(i + 1) % rows][j]
                around += grid[i][j - 1] + grid[i][(j + 1) % cols]
                fresh[i][j] = grid[i][j] + k * (around - 4 * grid[i][j])
        grid = fresh
    return sum(cell * cell for row in grid for cell in row)


@program([([[1.0, 0.2], [0.3, 0.9]], 3)])
def power_trace(M, n):
    R = [[float(i == j) for j in range(len(M))] for i in range(len(M))]
    for _ in range(n):
        R = matmul(R, M)
    return sum(R[i][i] for i in range(len(M)))


@program([([[1.0, 2.0, 0.5], [0.3, -1.0, 0.7]], 2)])
def cellular(grid, generations):
    rows, columns = len(grid), len(grid[0])
    for _ in range(generations):
        grid = [
            [
                0.5 * grid[i][j]
                + 0.25 * (grid[(i + 1) % rows][j] + grid[i - 1][j])
                + 0.1 * grid[i][(j + 1) % columns] ** 2
                for j in range(columns)
            ]
            for i in range(rows)
        ]
    return sum(sum(row) for row in grid)


@program([([[1.0, 0.2], [0.3, 0.9]], 0.1, 3)], argnums=(0, 1))
def neighbours(u, a, steps):
    for _ in range(steps):
        new = [row[:] for row in u]
        for i in range(2):
            for j in range(2):
                new[i][j] += a * (u[1 - i][j] + u[i][1 - j] - 2 * u[i][j])
        u = new
    return u[0][0] * u[1][1]


@program([([[1.0, 2.0, 0.5], [0.3, -1.0, 0.7]], 4)])
def transposed(M, n):
    t = 0.0
    for k in range(n):
        M = [[M[j][i] for j in range(len(M))] for i in range(len(M[0]))]
        t += M[0][1] * (k + 1)
    return t


@program([([1.0, 2.0, 3.0], 3)])
def jagged(xs, n):
    t = 0.0
    for k in range(n):
        tri = [[xs[i] * xs[j] for j in range(i + 1)] for i in range(len(xs))]
        for i in range(len(xs)):
            tri[i][0] *= xs[0]
        t += sum(sum(r) for r in tri) * k
    return t


@program([([1.0, 2.0, 3.0], 3), ([1.0], 3)])
def groups(xs, n):
    t = 0.0
    for k in range(n):
        g = [[], []]
        for i, x in enumerate(xs):
            g[(i + k) % 2].append(x * x)
        for r in g:
            if r:
                t += sum(r) / len(r) * k
    return t


@program([([[1.0, 0.2], [0.3, 0.9]], 3)])
def copied_rows(m, n):
    for k in range(n):
        m = [list(r) for r in m]
        m[0][0] = m[1][1] * m[0][1]
        m[1][1] += m[0][0]
    return m[1][1]


@program([([1.0, 2.0, 3.0], 3)])
def filled_when_stored_in_turns(xs, n):
    t = 0.0
    for k in range(n):
        a = []
        m = [a, [xs[0] * k]]
        t += len(m) * xs[0]
        for x in xs:
            a.append(x * x * k)
        t += m[0][1] * m[1][0]
    return t


@program([([1.0, 2.0, 3.0],)])
def filled_when_stored(xs):
    a = []
    m = []
    m.append(a)
    for x in xs:
        a.append(x * x)
    return m[0][0]


@program([([1.0, 2.0, 3.0], 3)])
def triangle_left_early(xs, n):
    t = 0.0
    for k in range(n):
        m = [[x * j for j in range(k + 1)] for x in xs]
        t += m[-1][-1] * m[0][-1]
        if t > 5.0:
            break
        m[0][0] = t
        t += m[0][0] * xs[1]
    return t


@program([([[1.0, 0.2], [0.3, 0.9]], 2)])
def rows_swapped_each_turn(g, n):
    for k in range(n):
        g = [[v * v for v in row] for row in g]
        g[0], g[1] = g[1], g[0]
        g[0][0] += g[1][1]
    return g[0][0] * g[1][0]


@program([([1.0, 2.0, 3.0], 3)])
def rows_of_many_lengths(xs, n):
    t = 0.0
    for k in range(n):
        m = [[0.0] * (i + k) for i in range(len(xs))]
        for i in range(len(xs)):
            for j in range(len(m[i])):
                m[i][j] += xs[i] * j
        t += sum(sum(r) ** 2 for r in m)
    return t


@program([([[0.5, 0.2], [0.3, 0.4]], 1e-3)])
def while_grid(g, eps):
    n = len(g)
    turns = 0
    while True:
        new = [[0.5 * (g[i][j] + g[j][i] * g[i][i]) for j in range(n)] for i in range(n)]
        turns += 1
        if abs(new[0][0] - g[0][0]) < eps or turns > 4:
            break
        g = new
    return g[0][0] + g[1][0]


@program([([[1.0, 0.2], [0.3, 0.9]], 3), ([[1.0, 0.2], [0.3, 0.9]], 0)])
def comp_matmul(M, n):
    R = M
    for _ in range(n):
        columns = list(zip(*M))  # noqa: B905
        R = [[sum(a * b for a, b in zip(row, col, strict=True)) for col in columns] for row in R]
    return R[0][0] + R[1][0]


@program([([[1.0, 0.2], [0.3, 0.9]], 2)])
def kept_and_moved(M, n):
    first = M
    for _ in range(n):
        M = [[v * v + first[0][0] for v in row] for row in M]
    return M[0][0] * first[1][0]


@program(
    [
        ([[1.0, 0.2], [0.3, 0.9]], [[0.1, 0.2], [0.3, 0.4]], 1),
        ([[1.0, 0.2], [0.3, 0.9]], [[0.1, 0.2], [0.3, 0.4]], 0),
    ],
    argnums=(0, 1),
)
def chosen(A, B, k):
    C = A if k else B
    return sum(sum(r) for r in C) * A[0][0] + B[1][1] * C[0][1]


@program([([[1.0, 0.2], [0.3, 0.9]], 2)])
def two_read(M, n):
    R = M
    Q = M
    for _ in range(n):
        R = [[a * b for a, b in zip(r, q, strict=True)] for r, q in zip(R, Q, strict=True)]
    return R[0][0] * Q[0][1] + M[1][1] * R[1][1]


@program([([[1.0, 0.2], [0.3, 0.9]], 2)])
def changed_after(M, n):
    R = [[v * 1.0 for v in row] for row in M]
    Q = R
    for _ in range(n):
        R = [[a * b for a, b in zip(r, q, strict=True)] for r, q in zip(R, Q, strict=True)]
    Q[0][0] = 5.0 * M[0][1]
    return R[0][0] * Q[0][0]


@program([([[1.0, 0.2], [0.3, 0.9]], 0), ([[1.0, 0.2], [0.3, 0.9]], 2)])
def zero_turns(M, n):
    R = [[v * 2.0 for v in row] for row in M]
    Q = R
    for _ in range(n):
        R = [[a * b for a, b in zip(r, q, strict=True)] for r, q in zip(R, Q, strict=True)]
    R[0][0] = 5.0 * M[0][1]
    return R[0][0] * Q[0][0]
