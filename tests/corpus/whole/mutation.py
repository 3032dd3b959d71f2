# ruff: noqa: B905
"""Containers that change: buffers, slices, swaps, stacks, queues, grids, aliases."""

import bisect
import math
from collections import deque

from tests.corpus.whole.registry import program


@program(lambda: [([1.0, 0.5, -0.3, 2.0],), ([1.5],), ([],)])
def prefix_sums(xs):
    """Sums in place, then a read at every place."""
    for i in range(1, len(xs)):
        xs[i] += xs[i - 1]
    total = 0.0
    for x in xs:
        total += x * x
    return total


@program(
    lambda: [([1.0, 2.0, 0.5, 3.0, -1.0], 3, 0.5), ([1.0, 2.0], 5, 0.5), ([], 2, 0.5)],
    argnums=(0, 2),
)
def ring_buffer(signal, size, weight):
    """A deque with a maximum length: the oldest value falls out by itself."""
    window = deque(maxlen=size)
    total = 0.0
    for s in signal:
        window.append(s * s)
        total += weight * sum(window) / len(window)
    if window:
        total += window[0] * window[-1]
    return total


@program(lambda: [([1.0, 2.0, 0.5, 3.0], 2), ([1.0, 2.0], 3), ([], 2)])
def moving_average(xs, k):
    """A running sum that forgets; results go into a second list."""
    out = []
    acc = 0.0
    for i, x in enumerate(xs):
        acc += x
        if i >= k:
            acc -= xs[i - k]
        out.append(acc / min(i + 1, k))
    return sum(o * o for o in out)


def _fill(buffer, start, step):
    for i in range(len(buffer)):
        buffer[i] = start
        start = start * step + i


def _blur(source, target):
    for i in range(1, len(source) - 1):
        target[i] = (source[i - 1] + source[i] + source[i + 1]) / 3


@program(lambda: [(0.5, 1.2, 6), (0.5, 1.2, 1), (0.5, 1.2, 0)], argnums=(0, 1))
def helpers_fill_buffers(a, b, n):
    """Two buffers swap their roles between turns; helpers write into them."""
    src, dst = [0.0] * n, [0.0] * n
    _fill(src, a, b)
    for _ in range(3):
        _blur(src, dst)
        src, dst = dst, src
    return sum(s * s for s in src) + 0.5 * sum(dst)


@program(lambda: [([3.0, 1.0, 2.0],), ([1.0, 2.0, 4.0, 3.0],), ([2.0],)], scalar=False)
def bubble_sort(xs):
    """Sorts its argument in place and counts the swaps; stops when none was needed."""
    swaps = 0
    for end in range(len(xs) - 1, 0, -1):
        before = swaps
        for i in range(end):
            if xs[i] > xs[i + 1]:
                xs[i], xs[i + 1] = xs[i + 1], xs[i]
                swaps += 1
        if swaps == before:
            break
    return xs, swaps


@program(lambda: [([1.0, 2.0, 3.0, 4.0, 5.0], 0.5), ([1.0, 2.0, 3.0], 2.0)], argnums=(0, 1))
def slices_written(x, w):
    """Slices are read, written, reversed, deleted and cut in."""
    x[1:3] = [w * v for v in x[1:3]]
    tail = x[-2:]
    x[:0] = [tail[0] * tail[1]]
    x.reverse()
    del x[1]
    x += [w, w * w]
    x[::2] = [v + 1 for v in x[::2]]
    return sum((i + 1) * v for i, v in enumerate(x))


@program(lambda: [([2.0, 1.0, 3.2], 1.5), ([0.5], 4.0)], argnums=(0, 1))
def list_methods(xs, v):
    """insert, pop, extend, remove, index, count, sort and copy, each once."""
    ys = xs.copy()
    ys.insert(1, v)
    first = ys.pop(0)
    ys.extend([first * v, first + v])
    ys.append(ys[0])
    ys.remove(v)
    place = ys.index(first * v)
    ys.sort(reverse=True)
    ys.append(float(place + ys.count(first + v)))
    while len(ys) > 3:
        ys[-2] += 0.5 * ys.pop()
    return ys[0] * ys[1] + ys[-1] + sum(xs)


@program(
    lambda: [("3 x * 2 + x /", 1.7), ("x x * x +", -0.5), ("x", 2.0)],
    argnums=1,
    raising=lambda: [("+", 1.0)],
)
def rpn(code, x):
    """A stack machine for formulas in postfix form."""
    stack = []
    for token in code.split():
        if token in ("+", "*", "/"):
            b, a = stack.pop(), stack.pop()
            stack.append(a + b if token == "+" else a * b if token == "*" else a / b)
        elif token == "x":
            stack.append(x)
        else:
            stack.append(float(token))
    return stack[-1]


@program(
    lambda: [([[0.0, 1.0, 0.2], [0.5, 2.0, 0.1], [0.3, 0.0, 1.0]], 0.1, 3), ([[1.5]], 0.1, 2)],
    argnums=(0, 1),
)
def diffuse_grid(grid, k, steps):
    """A grid with wrapped edges; a new grid each step, rows built cell by cell."""
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


@program(lambda: [(1.5, 3), (0.4, 1), (0.4, 0)])
def rows_that_are_one(x, n):
    """[[...]] * n makes n names for one row; the surprise is part of the program."""
    grid = [[x, 0.0]] * n
    for i, row in enumerate(grid):
        row[0] += i + 1.0
        row[1] += row[0] * x
    return sum(row[0] * row[1] for row in grid) + x


@program(lambda: [([1.0, 2.0, 3.0], 1), ([1.0, 2.0], 0)])
def two_names_one_list(xs, k):
    """A second name writes, the first one reads; then they part."""
    ys = xs
    ys[k] *= ys[0] + 1
    before = xs[k]
    ys = ys + [before]
    ys[0] = 10.0
    xs[-1] -= ys[-1]
    return xs[0] * xs[-1] + ys[0] * ys[k]


@program(lambda: [([[1.0, 2.0], [0.5, -1.0]], 2.0), ([[3.0, 0.1]], 0.5)], argnums=(0, 1))
def shallow_copy(rows, f):
    """A shallow copy shares the rows; the deep one does not."""
    shallow = rows[:]
    deep = [row[:] for row in rows]
    shallow[0][0] *= f
    deep[0][1] *= f
    shallow[-1] = [f, f]
    return rows[0][0] + rows[-1][1] * deep[0][1] + deep[0][0] * shallow[-1][0]


@program(lambda: [([0.1, 0.9, 0.4, 2.5, 0.6], [0.0, 0.5, 1.0]), ([], [0.0, 0.5])])
def histogram_means(xs, edges):
    """Values fall into bins by inactive comparison; the bins keep means."""
    sums = [0.0] * (len(edges) - 1)
    counts = [0] * (len(edges) - 1)
    for x in xs:
        k = bisect.bisect_right(edges, x) - 1
        if not 0 <= k < len(sums):
            continue
        counts[k] += 1
        sums[k] += (x - sums[k]) / counts[k]
    return sum(s * s * c for s, c in zip(sums, counts))


@program(lambda: [([3.0, 1.0, 2.0], 4), ([1.0], 2), ([1.0, 2.0], 0)])
def job_queue(work, turns):
    """Round robin: what is not done goes back to the end, a little smaller."""
    queue = deque(work)
    clock = 0.0
    while queue and turns > 0:
        job = queue.popleft()
        clock += math.sqrt(job)
        if job > 0.5:
            queue.append(job * 0.4)
        turns -= 1
    return clock + sum(queue)


@program(lambda: [([0.5, 1.5, 1.0], 0.1), ([2.0], 0.3)], argnums=(0, 1))
def upwind(u, c):
    """Sweeps up and down in place: order matters."""
    n = len(u)
    for i in range(n - 1, 0, -1):
        u[i] -= c * (u[i] ** 2 - u[i - 1] ** 2)
    for i in range(n - 1):
        u[i] -= c * (u[i + 1] - u[i])
    u[0] = u[-1] * u[0]
    return max(u) + 0.5 * min(u) + sum(u)


@program(lambda: [([1.0, 2.0, 3.0, 4.0], 5), ([1.0, 2.0], 1)])
def walk_by_index(xs, n):
    """The next index comes from the data; the same element may be written again."""
    i = 0
    for step in range(n):
        xs[i] = 0.5 * xs[i] + 0.1 * xs[i - 1]
        i = (i + int(xs[i] * 3) + 1) % len(xs)
    return sum(x**2 for x in xs) + xs[i]
