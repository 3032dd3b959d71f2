# ruff: noqa: B905
"""Dicts, deques, counters, arrays, tuples and sets that carry numbers, or choose them."""

import array
import math
from collections import Counter, OrderedDict, defaultdict, deque
from copy import deepcopy
from itertools import pairwise

from tests.corpus.objects.registry import program


@program([([0.5, 1.2, 2.3, 0.7], [0, 1, 0, 2])])
def grouped(xs, keys):
    """Sums by a key that the data has."""
    sums = defaultdict(float)
    for x, k in zip(xs, keys):
        sums[k] += x * x
    return sum(v * v for v in sums.values())


@program([([0.5, 1.2, 2.3, 0.7], ["a", "b", "a", "c"])])
def grouped_lists(xs, keys):
    groups = defaultdict(list)
    for x, k in zip(xs, keys):
        groups[k].append(x)
    return sum(len(g) * math.prod(g) for g in groups.values())


@program([([0.5, 1.2, 2.3], ["a", "b", "a"])])
def counted(xs, keys):
    """A counter of numbers that are not whole."""
    totals = Counter()
    for x, k in zip(xs, keys):
        totals[k] += x
    return totals["a"] * totals["b"] + totals["none"]


@program([([0.5, 1.2, 2.3], "abca")])
def frequencies(weights, text):
    """A counter of letters, which weighs numbers."""
    found = Counter(text)
    return sum(w**n for w, n in zip(weights, found.values()))


@program([([0.5, 1.2, 2.3], [1, 0, 1])])
def by_get(xs, keys):
    seen = {}
    for x, k in zip(xs, keys):
        seen[k] = seen.get(k, 0.0) * x + x
    return sum(seen.values())


@program([([0.5, 1.2, 2.3], [1, 0, 1])])
def by_setdefault(xs, keys):
    seen = {}
    for x, k in zip(xs, keys):
        seen.setdefault(k, []).append(x)
    return sum(sum(v) ** 2 for v in seen.values())


@program([(0.5, 1.2)], argnums=(0, 1))
def updated(a, b):
    d = {"x": a, "y": b}
    d.update(y=a * b, z=a + b)
    d |= {"w": d["z"] * 2}
    x = d.pop("x")
    return x * sum(d.values()) + d.get("none", a)


@program([({"x": 0.5, "y": {"z": [1.2, 0.3], "w": (0.4, 0.9)}},)])
def nested(tree):
    inner = tree["y"]
    inner["z"][1] *= tree["x"]
    tree["x"] = inner["w"][0] * inner["z"][0]
    return tree["x"] * inner["z"][1] + inner["w"][1]


@program([({"a": [1.0, 2.0], "b": [3.0]}, ["b", "a", "b"])])
def nested_by_key(table, keys):
    """A dict of lists, by computed keys."""
    total = 0.0
    for k in keys:
        row = table[k]
        row[0] *= 1.1
        total += sum(row)
    return total


@program([({"a": 1.5, "b": 0.5}, 0.3)], argnums=(0, 1))
def comprehended(d, x):
    squares = {k: v * v for k, v in d.items()}
    scaled = {k: x * v for k, v in squares.items() if k != "a"}
    return sum(squares.values()) * scaled["b"]


@program([({"a": 1.5, "b": 0.5, "c": 2.5},)])
def ordered(d):
    """The items by their values, highest first."""
    ranked = sorted(d.items(), key=lambda item: -item[1])
    return sum(v / (k + 1) for k, (_, v) in enumerate(ranked))


@program([({"a": 1.5, "b": 0.5, "c": 2.5},)])
def highest_key(d):
    best = max(d, key=d.get)
    del d[best]
    return sum(v * v for v in d.values()) + len(d)


@program([({(0, 1): 0.5, (1, 2): 1.5, (0, 2): 2.5}, [0, 1, 2])])
def edges(weights, path):
    """Tuples as keys."""
    total = 1.0
    for a, b in pairwise(path):
        total *= weights[a, b]
    return total + weights[0, 2]


@program([(0.6, 6), (0.6, 1)])
def remembered(x, n):
    """A table of what was computed, by whole numbers."""
    memo = {0: 1.0, 1: x}

    def legendre(k):
        if k not in memo:
            memo[k] = ((2 * k - 1) * x * legendre(k - 1) - (k - 1) * legendre(k - 2)) / k
        return memo[k]

    return legendre(n)


@program([([0.5, 1.2, 2.3, 0.7], 2)])
def rotated(xs, n):
    ring = deque(xs)
    ring.rotate(n)
    ring.appendleft(ring[0] * ring[-1])
    ring.pop()
    return sum(v * (k + 1) for k, v in enumerate(ring))


@program([([0.5, 1.2, 2.3, 0.7],)])
def queued(work):
    """A queue that work is put back into until it is small."""
    queue = deque(work)
    total = 0.0
    while queue:
        job = queue.popleft()
        if job > 1.0:
            queue.append(job * 0.6)
        total += job * job
    return total


@program([([1.0, 2.0, 0.5], [2, 0, 1])])
def stacked(xs, order):
    stack = []
    for k in order:
        stack.append(xs[k])
        if len(stack) > 1:
            b, a = stack.pop(), stack.pop()
            stack.append(a * b + a)
    return stack[-1]


@program([(array.array("d", [0.5, 1.2, 2.3]), 0.7)], argnums=1)
def typed_array(data, x):
    """An array of the standard library that is read."""
    total = 0.0
    for i, v in enumerate(data):
        total += v * x**i
    return total * data[0] + len(data)


@program([([0.5, 1.2, 2.3], {0, 2})])
def chosen_by_set(xs, places):
    return sum(x * x if i in places else x for i, x in enumerate(xs))


@program([(0.5, 1.2, 3)], argnums=(0, 1))
def tuples_carried(a, b, n):
    pair = (a, b)
    pairs = [pair]
    for _ in range(n):
        pair = (pair[0] + pair[1] * 0.1, pair[1] - pair[0] * 0.1)
        pairs.append(pair)
    return sum(x * y for x, y in pairs)


@program([([(0.5, 1.2), (2.3, 0.7)], 0.3)], argnums=(0, 1))
def pairs_handed_in(pairs, x):
    total = 0.0
    for a, b in pairs:
        total += math.hypot(a, b) * x
    return total + pairs[0][1] * pairs[-1][0]


@program([({"w": [0.5, 1.2], "b": 0.3}, 0.7)], argnums=(0, 1))
def copied_deeply(params, x):
    """A copy that is changed, and what it was made of."""
    other = deepcopy(params)
    other["w"][0] *= x
    other["b"] += x
    return other["w"][0] * params["w"][0] + other["b"] * params["b"]


@program([({"w": [0.5, 1.2], "b": 0.3}, 0.7)], argnums=(0, 1))
def copied_flat(params, x):
    """A copy that shares what is in it."""
    other = dict(params)
    other["w"][0] *= x
    other["b"] += x
    return other["w"][0] * params["w"][0] + other["b"] * params["b"]


@program([([0.5, 1.2, 0.3],)])
def ordered_dict(xs):
    d = OrderedDict((f"k{i}", x) for i, x in enumerate(xs))
    d["k0"] = d.pop("k0") * 2
    return sum(v * (k + 1) for k, v in enumerate(d.values()))


@program([([0.5, 1.2, 0.3], ["x", "y", "z"])])
def zipped_dict(xs, names):
    d = dict(zip(names, xs))
    return d["x"] * d["y"] + d["z"]


@program([([[0.5, 1.2], [0.3, 0.8, 1.1]],)])
def ragged(rows):
    rows[0].append(rows[1][0] * rows[1][-1])
    return sum(math.prod(row) for row in rows)


@program([([0.5, 1.2, 2.2, 3.1], [0.0, 1.0, 2.0, 4.0])])
def binned(xs, edges):
    """Sums of what lies between edges."""
    bins = [0.0] * (len(edges) - 1)
    for x in xs:
        for k in range(len(bins)):
            if edges[k] <= x < edges[k + 1]:
                bins[k] += x
                break
    return sum(b * b for b in bins)
