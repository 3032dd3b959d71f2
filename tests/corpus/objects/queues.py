# ruff: noqa: B905
"""Queues and typed arrays that are made inside, and objects that one goes through."""

import array
import math
from collections import deque

from tests.corpus.objects.registry import program


@program([([1.5, 2.5, 3.5, 0.5], 0.7)], argnums=(0, 1))
def moving_average(xs, k):
    w = deque(maxlen=3)
    total = 0.0
    for x in xs:
        w.append(x)
        total += k * sum(w) / len(w)
    return total


@program([([1.5, 2.5, 3.5, 0.5], 0.7)], argnums=(0, 1))
def delayed(xs, k):
    q = deque([0.0, 0.0])
    out = 0.0
    for x in xs:
        q.append(x * k)
        out += q.popleft() * x
    return out


@program([([1.5, 2.5, 3.5, 0.5], 0.7)], argnums=(0, 1))
def short_queue(xs, k):
    q = deque(xs, maxlen=2)
    q.append(k)
    q.appendleft(k * k)
    return q[0] * q[-1] + len(q)


@program([([1.5, 2.5, 3.5, 0.5], 0.7)], argnums=(0, 1))
def put_in_front(xs, k):
    q = deque(maxlen=4)
    for x in xs:
        q.appendleft(x * k)
    return sum((i + 1) * v for i, v in enumerate(q)) + max(q) - min(q)


class Filter:
    def __init__(self, n, c):
        self.buf = deque([0.0] * n, maxlen=n)
        self.c = c

    def __call__(self, x):
        self.buf.append(x)
        return sum(a * b for a, b in zip(self.buf, self.c))


@program([([1.5, 2.5, 3.5, 0.5], [0.1, 0.2])], argnums=(0, 1))
def filtered_in_a_generator(xs, c):
    f = Filter(len(c), c)
    return sum(f(x) ** 2 for x in xs)


@program([([1.5, 2.5, 3.5, 0.5], [0.1, 0.2])], argnums=(0, 1))
def filtered(xs, c):
    f = Filter(len(c), c)
    t = 0.0
    for x in xs:
        t += f(x) ** 2
    return t


@program([([1.5, 2.5, 3.5, 0.5], 0.7)], argnums=(0, 1))
def pairs_of_a_queue(xs, k):
    q = deque(xs)
    while len(q) > 1:
        a = q.popleft()
        b = q.popleft()
        q.append(a * b + k)
    return q.pop()


@program([([1.5, 2.5, 3.5, 0.5], 0.7)], argnums=(0, 1))
def two_names_of_a_queue(xs, k):
    q = deque(x * k for x in xs if x > 1)
    p = q
    p[0] *= 2
    return q[0] * q[1] + (1.0 if isinstance(q, deque) and not isinstance(q, list) else 100.0 * k)


@program([([1.5, 2.5, 3.5, 0.5], 0.7)], argnums=(0, 1))
def queue_and_list(xs, k):
    q = deque(xs)
    return k * xs[0] if q == xs else k


@program([([1.5, 2.5, 3.5, 0.5], 0.7)], argnums=(0, 1))
def two_queues(xs, k):
    q = deque(xs)
    r = deque(xs)
    r.append(k)
    return k * xs[0] if q == r else k * xs[1]


@program([([1.5, 2.5, 3.5, 0.5], 0.7)], argnums=(0, 1))
def queue_of_tuples(xs, k):
    q = deque()
    t = 0.0
    for x in xs:
        q.append((x, k * x))
    while q:
        a, b = q.popleft()
        t += a * b
    return t


@program([([1.5, 2.5, 3.5],)], argnums=0)
def array_of_zeros(cs):
    ys = array.array("d", [0.0] * len(cs))
    for i, c in enumerate(cs):
        ys[i] = c * c
    return sum(ys) * ys[0]


@program([([1.5, 2.5, 3.5],)], argnums=0)
def array_of_a_list(cs):
    ys = array.array("d", cs)
    ys[0] = ys[0] * ys[1]
    return sum(ys)


@program([([1.5, 2.5, 3.5],)], argnums=0)
def array_that_grows(cs):
    ys = array.array("d")
    for c in cs:
        ys.append(c * c)
    return sum(v * v for v in ys) + sum(ys.tolist())


@program([([1.5, 2.5, 3.5],)], argnums=0)
def array_and_list(cs):
    ys = array.array("d", cs)
    return cs[0] if ys == cs else cs[1]


class Path:
    def __init__(self, pts):
        self.pts = pts

    def __iter__(self):
        return iter(self.pts)


@program([([1.5, 2.5, 3.5, 0.5], 0.7)], argnums=(0, 1))
def iterated(xs, k):
    p = Path([x * k for x in xs])
    t = 0.0
    for v in p:
        t += v * v
    for v in p:
        t += v
    return t + sum(p) + max(p) + sum(v * v for v in p) + list(p)[0]


class V3:
    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __iter__(self):
        return iter((self.x, self.y, self.z))


@program([(1.5, 0.7)], argnums=(0, 1))
def unpacked_object(a, b):
    x, y, z = V3(a, b, a * b)
    return x * y + z * z + sum(V3(a, b, 1.0)) + math.hypot(*V3(a, b, 2.0))


@program([([1.5, 2.5, 3.5, 0.5], 3), ([1.5], 3)], argnums=0)
def spread_of_a_window(xs, n):
    q = deque(maxlen=n)
    t = 0.0
    for x in xs:
        q.append(x)
        if len(q) == n:
            t += max(q) - min(q)
    return t


@program([([1.5, 2.5, 3.5, 0.5], 0.7)], argnums=(0, 1))
def changed_in_many_ways(xs, k):
    q = deque(xs)
    q.rotate(1)
    q.extendleft([k, k * k])
    q.insert(1, k)
    q.remove(xs[0])
    q.reverse()
    del q[0]
    q += [xs[0] * k]
    r = q.copy()
    q.clear()
    return r[0] * r[1] * 2 + r[-1] * r[2] + sum(q) + (k if 5.0 in r else 2.0 * k)


def push(q, x):
    q.append(x)
    return sum(q)


@program([([1.5, 2.5, 3.5, 0.5],), ([],)], argnums=0)
def pushed_by_a_helper(xs):
    q = deque([0.0] * 3, maxlen=3)
    t = 0.0
    for x in xs:
        t += push(q, x * x)
    return t


@program([([1.5, 2.5], 0.7), ([1.5, 2.5], 1.7)], argnums=(0, 1))
def queue_of_a_branch(xs, k):
    q = deque(xs)
    if k > 1:
        q = deque([k, k * k])
    else:
        q.append(k)
    return sum(v * v for v in q)


@program([([1.5, 2.5], 0.7), ([1.5, 2.5], 1.7)], argnums=(0, 1))
def list_of_a_branch(xs, k):
    q = list(xs)
    if k > 1:
        q = [k, k * k]
    else:
        q.append(k)
    return sum(v * v for v in q)


class RunningMean:
    def __init__(self, n):
        self.n = n
        self.q = deque()
        self.s = 0.0

    def add(self, x):
        self.q.append(x)
        self.s += x
        if len(self.q) > self.n:
            self.s -= self.q.popleft()
        return self.s / len(self.q)


@program([([1.5, 2.5, 3.5, 0.5],)], argnums=0)
def running_mean(xs):
    a = RunningMean(2)
    t = 0.0
    for x in xs:
        t += a.add(x) ** 2
    return t


@program([([1.5, 2.5, 3.5, 0.5], 0.7)], argnums=(0, 1))
def delay_lines(xs, k):
    lines = [deque([0.0] * n, maxlen=n) for n in (1, 2)]
    t = 0.0
    for x in xs:
        for line in lines:
            y = line[0]
            line.append(x + k * y)
            t += y * y
    return t


@program([([1.5, 2.5, 3.5, 0.5],)], argnums=0)
def deleted_from_a_queue_by_computed_keys(xs):
    q = deque(xs)
    d = {}
    for i, x in enumerate(xs):
        d[i % 2] = d.get(i % 2, 0.0) + x
    del q[1]
    q.remove(3.5)
    q.append(d[1])
    r = sum(q) * q[0]
    q.clear()
    return r + len(q)
