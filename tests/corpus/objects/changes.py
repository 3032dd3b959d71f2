"""Lists changed in every way, through every name that they have."""

import bisect
import heapq
import math

from tests.corpus.objects.registry import program

XS = [0.9, 0.4, 1.7, 1.1]


@program([(XS, 0.5)], argnums=(0, 1))
def inserted(xs, v):
    xs.insert(1, v)
    xs.insert(-1, v * xs[0])
    xs.insert(100, xs[2])
    return sum(x * (k + 1) for k, x in enumerate(xs))


@program([(XS, 0.5)], argnums=(0, 1))
def popped(xs, v):
    last = xs.pop()
    first = xs.pop(0)
    xs.append(first * v)
    return last * xs[-1] + xs[0] ** 2 + len(xs)


@program([(XS, 0.5), ([1.0], 2.0)], argnums=(0, 1))
def deleted(xs, v):
    while len(xs) > 2:
        del xs[1]
    if len(xs) == 1:
        del xs[-1]
        xs.append(v)
    return math.prod(xs) * v


@program([(XS,)])
def deleted_slice(xs):
    ys = xs
    del xs[1:3]
    return ys[0] * ys[1]


@program([(XS,)])
def removed(xs):
    low = min(xs)
    xs.remove(low)
    place = xs.index(max(xs))
    return low * xs[place] + sum(xs) + xs.count(low)


@program([(XS,)])
def turned(xs):
    ys = xs
    xs.reverse()
    return sum(x * (k + 1) for k, x in enumerate(ys))


@program([(XS,)])
def ordered(xs):
    ys = xs
    xs.sort(reverse=True)
    return sum(x * (k + 1) for k, x in enumerate(ys))


@program([(XS,)])
def ordered_by_key(xs):
    xs.sort(key=lambda x: (x - 1.0) ** 2)
    return sum(x * (k + 1) for k, x in enumerate(xs))


@program([([[2.0, 0.3], [1.0, 0.7], [1.5, 0.2]],)])
def rows_ordered(rows):
    """Rows in the order of what they begin with."""
    ranked = sorted(rows, key=lambda row: row[0])
    ranked[0][1] *= 3.0
    return sum(r[1] * (k + 1) for k, r in enumerate(rows)) + ranked[0][0]


@program([(XS,)])
def emptied(xs):
    total = sum(xs)
    ys = xs.copy()
    xs.clear()
    xs.extend([total, ys[0]])
    xs += [ys[1]]
    return math.prod(xs)


@program([(XS, 0.5)], argnums=(0, 1))
def slice_written(xs, v):
    xs[1:3] = [v, xs[0] * v]
    return sum(x * (k + 1) for k, x in enumerate(xs))


@program([(XS, 0.5)], argnums=(0, 1))
def slice_of_another_length(xs, v):
    xs[1:3] = [v, xs[0] * v, v * v]
    return sum(x * (k + 1) for k, x in enumerate(xs))


@program([(XS, 0.5)], argnums=(0, 1))
def stride_written(xs, v):
    xs[::2] = [x * v for x in xs[::2]]
    return sum(x * (k + 1) for k, x in enumerate(xs))


@program([(XS, 0.5)], argnums=(0, 1))
def all_written(xs, v):
    ys = xs
    xs[:] = [x * v for x in xs if x > 0.5]
    return sum(ys) * len(ys)


@program([(XS,)])
def bubbles(xs):
    for i in range(len(xs)):
        for j in range(len(xs) - 1 - i):
            if xs[j] > xs[j + 1]:
                xs[j], xs[j + 1] = xs[j + 1], xs[j]
    return sum(x * (k + 1) for k, x in enumerate(xs))


@program([(XS, 0.5)], argnums=(0, 1))
def two_names(xs, v):
    ys = xs
    zs = list(xs)
    ys[0] = v
    xs[1] += ys[0]
    return xs[0] * ys[1] + zs[0]


@program([(XS, [0.1, 0.2, 0.3, 0.4])], argnums=(0, 1))
def either(xs, ys):
    chosen = xs if sum(xs) > sum(ys) else ys
    chosen[0] *= chosen[1]
    return xs[0] * ys[0] + chosen[2]


@program([([[0.5, 1.2], [0.3, 0.8]], 0.7)], argnums=(0, 1))
def row_by_name(rows, v):
    row = rows[1]
    row[0] = v * rows[1][1]
    rows[0][0] += row[0]
    return rows[0][0] * rows[1][0]


@program([([[0.5, 1.2], [0.3, 0.8]],)])
def rows_swapped(rows):
    rows[0], rows[1] = rows[1], rows[0]
    rows[0][0] *= rows[1][0]
    return rows[0][0] + 2 * rows[1][1] * rows[0][1]


@program([([[0.5, 1.2], [0.3, 0.8]],)])
def row_stored_twice(rows):
    rows[1] = rows[0]
    rows[1][0] *= 2.0
    return rows[0][0] * rows[1][1]


@program([(0.7, 3)])
def one_row_many_times(x, n):
    grid = [[x, 1.0]] * n
    grid[0][0] *= x
    return sum(row[0] for row in grid)


@program([([[0.5, 1.2], [0.3, 0.8]], 0.4, 2)], argnums=(0, 1))
def grid(u, a, steps):
    for _ in range(steps):
        new = [row[:] for row in u]
        for i in range(2):
            for j in range(2):
                new[i][j] += a * (u[1 - i][j] + u[i][1 - j] - 2 * u[i][j])
        u = new
    return u[0][0] * u[1][1]


def fill(buffer, start, k):
    for i in range(len(buffer)):
        buffer[i] = start * k**i
    return buffer


@program([(0.7, 1.2)], argnums=(0, 1))
def filled_by_helper(a, b):
    buffer = [0.0] * 3
    same = fill(buffer, a, b)
    other = fill(buffer, b, a)
    return same[1] + other[2] * buffer[0]


class Keeper:
    def __init__(self, buffer):
        self.buffer = buffer

    def push(self, x):
        self.buffer.append(x)
        return len(self.buffer)


@program([(XS, 0.5)], argnums=(0, 1))
def kept_by_object(xs, v):
    keeper = Keeper(xs)
    keeper.push(v)
    xs[0] *= v
    return sum(keeper.buffer) * keeper.buffer[-1]


@program([(XS, 0.5)], argnums=(0, 1))
def two_keepers(xs, v):
    """Objects that hold one list."""
    one, other = Keeper(xs), Keeper(xs)
    one.push(v)
    other.buffer[0] *= one.buffer[-1]
    return one.buffer[0] + other.buffer[-1] ** 2


def remember(x, seen=None):
    seen = [] if seen is None else seen
    seen.append(x)
    return sum(seen)


@program([(0.7,)])
def default_list(x):
    kept = []
    return remember(x) * remember(x * x, kept) + remember(1.0, kept)


@program([(0.7, 4)])
def closure_list(x, n):
    seen = []
    count = 0

    def add(v):
        nonlocal count
        count += 1
        seen.append(v * count)
        return seen[-1]

    for _ in range(n):
        x = add(x) * 0.5
    return sum(seen) + x


@program([([1.0, 2.0, 0.5],)])
def grown_while_gone_through(xs):
    """A loop over a list that the loop appends to."""
    total = 0.0
    for x in xs:
        if x > 1.5:
            xs.append(x * 0.5)
        total += x * x
    return total


@program([([0.5, 1.2, 2.2], 1.7)], argnums=(0, 1))
def sorted_in(xs, v):
    """A number put where it belongs."""
    place = bisect.bisect(xs, v)
    xs.insert(place, v)
    return sum(x * (k + 1) for k, x in enumerate(xs))


@program([([0.5, 2.2, 1.2],)])
def heap(xs):
    heap = list(xs)
    heapq.heapify(heap)
    low = heapq.heappop(heap)
    heapq.heappush(heap, low * 2)
    return low + heapq.heappop(heap) * 3 + heap[0]


@program([(XS, 1)])
def rotated(xs, n):
    xs[:] = xs[n:] + xs[:n]
    a, *middle, b = xs
    return a * b + sum(m * m for m in middle)


@program([(XS, 2)])
def windows(xs, n):
    parts = [xs[i : i + n] for i in range(len(xs) - n + 1)]
    return sum(max(p) - min(p) for p in parts) + parts[0][0] * parts[-1][-1]
