# ruff: noqa: B905
"""Filters and dynamic programs on lists of lists: Kalman, hidden Markov models, alignments."""

import math
from collections import deque

from tests.corpus.objects.registry import program


def matmul(a, b):
    return [[sum(x * y for x, y in zip(row, col)) for col in zip(*b)] for row in a]


def transpose(a):
    return [list(col) for col in zip(*a)]


def add(a, b):
    return [[x + y for x, y in zip(p, q)] for p, q in zip(a, b)]


@program([([1.0, 1.3, 2.1, 2.8], 0.1, 0.4), ([0.2], 0.5, 0.1)], argnums=(0, 1, 2))
def kalman(seen, q, r):
    """Position and speed, from positions that are seen."""
    step = [[1.0, 1.0], [0.0, 1.0]]
    state = [[seen[0]], [0.0]]
    spread = [[1.0, 0.0], [0.0, 1.0]]
    cost = 0.0
    for z in seen:
        state = matmul(step, state)
        spread = matmul(matmul(step, spread), transpose(step))
        for i in range(2):
            spread[i][i] += q
        gap = z - state[0][0]
        total = spread[0][0] + r
        gain = [spread[0][0] / total, spread[1][0] / total]
        for i in range(2):
            state[i][0] += gain[i] * gap
        first = list(spread[0])
        for i in range(2):
            for j in range(2):
                spread[i][j] -= gain[i] * first[j]
        cost += 0.5 * (math.log(total) + gap * gap / total)
    return cost


@program(
    [([0.6, 0.4], [[0.7, 0.3], [0.4, 0.6]], [[0.5, 0.5], [0.1, 0.9]], [0, 1, 1, 0])],
    argnums=(0, 1, 2),
)
def markov_forward(start, moves, emits, seen):
    """The logarithm of the likelihood, scaled in each step."""
    n = len(start)
    alpha = [start[s] * emits[s][seen[0]] for s in range(n)]
    result = 0.0
    for t in range(1, len(seen) + 1):
        total = sum(alpha)
        result += math.log(total)
        for s in range(n):
            alpha[s] /= total
        if t < len(seen):
            alpha = [
                sum(alpha[p] * moves[p][s] for p in range(n)) * emits[s][seen[t]] for s in range(n)
            ]
    return result


def soft_maximum(values, sharpness):
    top = max(values)
    return top + math.log(sum(math.exp(sharpness * (v - top)) for v in values)) / sharpness


@program(
    [([[0.2, 1.1], [0.9, 0.3], [0.5, 0.6]], [[0.1, -0.2], [0.3, 0.4]], 2.0)], argnums=(0, 1, 2)
)
def soft_viterbi(scores, moves, sharpness):
    """The best path with a soft maximum."""
    best = list(scores[0])
    for row in scores[1:]:
        new = []
        for j in range(len(row)):
            new.append(
                row[j] + soft_maximum([b + moves[i][j] for i, b in enumerate(best)], sharpness)
            )
        best = new
    return soft_maximum(best, sharpness)


@program([([0.1, 0.7, 0.4], [0.2, 0.5], 0.3), ([1.0], [0.3, 0.2, 0.9], 1.0)], argnums=(0, 1, 2))
def soft_edits(a, b, smooth):
    """An edit distance between two lists of numbers, with a soft minimum."""
    table = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        table[i][0] = float(i)
    for j in range(1, len(b) + 1):
        table[0][j] = float(j)
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            ways = [
                table[i - 1][j] + 1.0,
                table[i][j - 1] + 1.0,
                table[i - 1][j - 1] + (a[i - 1] - b[j - 1]) ** 2,
            ]
            low = min(ways)
            table[i][j] = low - smooth * math.log(sum(math.exp((low - w) / smooth) for w in ways))
    return table[-1][-1]


@program([([1.0, 2.0, 4.0, 3.0, 5.0], 3), ([2.0], 2)])
def moving_average(xs, size):
    """The mean of a window, as a queue that is as long as it."""
    window = deque(maxlen=size)
    total = 0.0
    for x in xs:
        window.append(x)
        total += (sum(window) / len(window)) ** 2
    return total


@program([([1.0, 2.0, 4.0, 3.0], 2)])
def moving_sum(xs, size):
    """The same, with what leaves the window taken away."""
    window = deque()
    running = 0.0
    total = 0.0
    for x in xs:
        window.append(x)
        running += x
        if len(window) > size:
            running -= window.popleft()
        total += running * running
    return total


@program([([0.0, 1.0, 2.0, 4.0], [1.0, 3.0, 2.0, 0.5], 1.4)], argnums=(0, 1, 2))
def natural_spline(xs, ys, at):
    """The coefficients of a cubic spline, and its value at a place."""
    n = len(xs) - 1
    h = [xs[i + 1] - xs[i] for i in range(n)]
    alpha = [0.0] * (n + 1)
    for i in range(1, n):
        alpha[i] = 3 * (ys[i + 1] - ys[i]) / h[i] - 3 * (ys[i] - ys[i - 1]) / h[i - 1]
    c, mu, z = [0.0] * (n + 1), [0.0] * (n + 1), [0.0] * (n + 1)
    for i in range(1, n):
        pivot = 2 * (xs[i + 1] - xs[i - 1]) - h[i - 1] * mu[i - 1]
        mu[i] = h[i] / pivot
        z[i] = (alpha[i] - h[i - 1] * z[i - 1]) / pivot
    b, d = [0.0] * n, [0.0] * n
    for j in reversed(range(n)):
        c[j] = z[j] - mu[j] * c[j + 1]
        b[j] = (ys[j + 1] - ys[j]) / h[j] - h[j] * (c[j + 1] + 2 * c[j]) / 3
        d[j] = (c[j + 1] - c[j]) / (3 * h[j])
    k = max(i for i in range(n) if xs[i] <= at)
    t = at - xs[k]
    return ys[k] + t * (b[k] + t * (c[k] + t * d[k]))


@program([([[0.1, 0.2], [0.3, 0.1], [2.0, 1.9]], [[0.0, 0.0], [2.0, 2.0]])], argnums=(0, 1))
def k_means(points, centres):
    """The objective: the square of the distance to the nearest centre."""
    total = 0.0
    for p in points:
        total += min(sum((a - b) ** 2 for a, b in zip(p, c)) for c in centres)
    return total


@program([([[0.1, 0.2], [0.3, 0.1], [2.0, 1.9]], [[0.0, 0.1], [2.0, 2.1]])], argnums=(0, 1))
def k_means_step(points, centres):
    """The centres move to the means of the points that are nearest."""
    groups = [[] for _ in centres]
    for p in points:
        near = min(range(len(centres)), key=lambda k: math.dist(p, centres[k]))
        groups[near].append(p)
    total = 0.0
    for k, group in enumerate(groups):
        mean = [sum(column) / len(group) for column in zip(*group)]
        centres[k] = mean
        total += sum(math.dist(p, mean) for p in group)
    return total + centres[0][0] * centres[1][1]


@program([([3.0, 1.0, 2.0, 5.0], 0.5)], argnums=(0, 1))
def particle_weights(weights, noise):
    """Weights made one in sum, and low ones made zero, in place."""
    total = sum(weights)
    for i in range(len(weights)):
        weights[i] /= total
    for i, w in enumerate(weights):
        if w < 0.1:
            weights[i] = w * noise
    return -sum(w * math.log(w) for w in weights)


@program([([[4.0, 1.0], [1.0, 3.0]], [1.0, 2.0], 1)], argnums=(0, 1))
def conjugate_gradients(a, b, turns):
    """Conjugate gradients for as many steps as are asked for."""
    n = len(b)
    x = [0.0] * n
    r = b[:]
    p = r[:]
    rr = sum(v * v for v in r)
    for _ in range(turns):
        ap = [sum(row[j] * p[j] for j in range(n)) for row in a]
        step = rr / sum(u * v for u, v in zip(p, ap))
        for i in range(n):
            x[i] += step * p[i]
            r[i] -= step * ap[i]
        new = sum(v * v for v in r)
        for i in range(n):
            p[i] = r[i] + new / rr * p[i]
        rr = new
    return x[0] * x[1]


@program([([[2.0, 1.0, 0.5], [4.0, 5.0, 1.0], [1.0, 3.0, 6.0]], [1.0, 2.0, 3.0])], argnums=(0, 1))
def solve_swapping_rows(a, b):
    """Elimination with pivots: rows are swapped."""
    n = len(b)
    for k in range(n):
        p = max(range(k, n), key=lambda i: abs(a[i][k]))
        a[k], a[p] = a[p], a[k]
        b[k], b[p] = b[p], b[k]
        for i in range(k + 1, n):
            f = a[i][k] / a[k][k]
            for j in range(k, n):
                a[i][j] -= f * a[k][j]
            b[i] -= f * b[k]
    for i in reversed(range(n)):
        b[i] = (b[i] - sum(a[i][j] * b[j] for j in range(i + 1, n))) / a[i][i]
    return sum(v * v for v in b)
