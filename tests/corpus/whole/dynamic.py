# ruff: noqa: B905
"""Dynamic programming and graphs: tables, paths, alignments, hard and softened."""

import heapq
import math

from tests.corpus.whole.registry import program


def softmin(values, gamma):
    low = min(values)
    return low - gamma * math.log(sum(math.exp((low - v) / gamma) for v in values))


@program(
    lambda: [
        ("kitten", "sitting", 1.0, 0.7, 0.1),
        ("ab", "", 1.0, 0.7, 0.1),
        ("", "", 1.0, 0.7, 0.1),
    ],
    argnums=(2, 3, 4),
)
def soft_edit_distance(a, b, gap, swap, gamma):
    """The edit distance of two words where the minimum is softened."""
    table = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        table[i][0] = table[i - 1][0] + gap
    for j in range(1, len(b) + 1):
        table[0][j] = table[0][j - 1] + gap
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            cost = 0.0 if a[i - 1] == b[j - 1] else swap
            table[i][j] = softmin(
                (table[i - 1][j] + gap, table[i][j - 1] + gap, table[i - 1][j - 1] + cost), gamma
            )
    return table[-1][-1]


@program(
    lambda: [([1.0, 2.5, 3.0], [1.2, 2.0, 2.6, 3.1]), ([1.0], [0.5])],
    argnums=(0, 1),
    raising=lambda: [([], [1.0])],
)
def time_warping(xs, ys):
    """Dynamic time warping in two rolling rows, with infinity at the borders."""
    inf = float("inf")
    row = [0.0] + [inf] * len(ys)
    for x in xs:
        new = [inf]
        for j, y in enumerate(ys):
            new.append((x - y) ** 2 + min(row[j], row[j + 1], new[j]))
        row = new
    if not xs:
        raise ValueError("an empty series matches nothing")
    return row[-1]


@program(lambda: [([3, 4, 2], [4.0, 5.5, 2.5], 6), ([3, 4, 2], [4.0, 5.5, 2.5], 1)], argnums=1)
def knapsack(sizes, values, room):
    """The best value for each room, updated from the top down in one list."""
    best = [0.0] * (room + 1)
    for size, value in zip(sizes, values):
        for r in range(room, size - 1, -1):
            if best[r - size] + value > best[r]:
                best[r] = best[r - size] + value
    return best[room]


@program(lambda: [([2.0, 3.0, 1.5, 4.0],), ([2.0, 3.0],)])
def chain_cost(dims):
    """The cheapest order of matrix products, by a table over intervals."""
    n = len(dims) - 1
    cost = {(i, i): 0.0 for i in range(n)}
    for width in range(1, n):
        for i in range(n - width):
            j = i + width
            cost[i, j] = min(
                cost[i, k] + cost[k + 1, j] + dims[i] * dims[k + 1] * dims[j + 1]
                for k in range(i, j)
            )
    return cost[0, n - 1]


def _roads():
    return {
        "a": {"b": 1.0, "c": 4.0},
        "b": {"c": 2.0, "d": 6.0},
        "c": {"d": 1.5},
        "d": {},
    }


@program(
    lambda: [(_roads(), "a", "d"), (_roads(), "b", "b")], raising=lambda: [(_roads(), "d", "a")]
)
def shortest_path(roads, start, goal):
    """Dijkstra with a heap of (distance, name)."""
    done = set()
    heap = [(0.0, start)]
    while heap:
        distance, here = heapq.heappop(heap)
        if here == goal:
            return distance
        if here in done:
            continue
        done.add(here)
        for there, length in roads[here].items():
            heapq.heappush(heap, (distance + length, there))
    raise LookupError(f"no way from {start} to {goal}")


@program(lambda: [([[0, 3.0, 9.0], [2.0, 0, 4.0], [1.0, 7.5, 0]],), ([[0.5]],)])
def all_pairs(d):
    """Floyd-Warshall in place; the sum of all distances."""
    n = len(d)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if d[i][k] + d[k][j] < d[i][j] and i != j:
                    d[i][j] = d[i][k] + d[k][j]
    return sum(map(sum, d))


@program(
    lambda: [([(0, 1, 2.0), (1, 2, -0.5), (0, 2, 1.9)], 3), ([(0, 1, 0.7)], 2), ([], 1)],
    raising=lambda: [([(0, 1, 1.0), (1, 0, -2.0)], 2)],
)
def bellman_ford(edges, n):
    """Relaxes every edge until nothing changes, or finds a negative cycle."""
    dist = [0.0] + [math.inf] * (n - 1)
    for _ in range(n):
        changed = False
        for u, v, w in edges:
            if dist[u] + w < dist[v]:
                dist[v] = dist[u] + w
                changed = True
        if not changed:
            break
    else:
        raise ValueError("negative cycle")
    return sum(x for x in dist if x < math.inf)


@program(
    lambda: [([0.9, 0.5, 0.7], 0.95, 4), ([0.3], 0.5, 1), ([0.9, 0.5], 0.95, 0)], argnums=(0, 1)
)
def value_iteration(rewards, discount, sweeps):
    """States on a line: go right or stay, whichever is worth more."""
    values = dict.fromkeys(range(len(rewards)), 0.0)
    for _ in range(sweeps):
        updated = {}
        for s, r in enumerate(rewards):
            stay = r + discount * values[s] * 0.8
            right = r * 0.5 + discount * values[s + 1] if s + 1 in values else -math.inf
            updated[s] = max(stay, right)
        values.update(updated)
    return sum(values.values()) + discount


@program(lambda: [([0.2, 0.9, 0.4], [1, 2, 3]), ([0.5], [4]), ([], [])])
def poisson_binomial(ps, losses):
    """The distribution of a sum of independent losses, by a dict that is rebuilt."""
    dist = {0: 1.0}
    for p, loss in zip(ps, losses):
        nxt = {}
        for total, prob in dist.items():
            nxt[total] = nxt.get(total, 0.0) + prob * (1 - p)
            nxt[total + loss] = nxt.get(total + loss, 0.0) + prob * p
        dist = nxt
    return sum(prob * math.sqrt(total) for total, prob in dist.items()) + len(dist)
