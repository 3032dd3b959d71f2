"""Objects that only the run knows: linked lists, trees, graphs, the best so far, lists that change.

All objects of a class are in lists, one for each attribute, and an object is its place in them.
"""

import copy
import functools
import heapq
from collections import deque
from dataclasses import dataclass, field

from tests.corpus.objects.registry import program

XS = [0.7, -0.3, 1.2, 0.4]


class Node:
    def __init__(self, value, behind=None):
        self.value, self.behind = value, behind


class Chain:
    def __init__(self):
        self.head, self.size = None, 0

    def push(self, value):
        node = Node(value)
        node.behind = self.head
        self.head = node
        self.size += 1

    def append(self, value):
        if self.head is None:
            self.head = Node(value)
        else:
            last = self.head
            while last.behind:
                last = last.behind
            last.behind = Node(value)
        self.size += 1

    def reverse(self):
        before, node = None, self.head
        while node:
            behind = node.behind
            node.behind = before
            before, node = node, behind
        self.head = before

    def total(self, k):
        total, node = 0.0, self.head
        while node is not None:
            total = total * k + node.value
            node = node.behind
        return total


class Tree:
    def __init__(self, key, w):
        self.key, self.w = key, w
        self.left = self.right = None

    def total(self, depth):
        found = depth * self.key * self.w
        if self.left is not None:
            found += self.left.total(depth * 0.5)
        if self.right is not None:
            found += self.right.total(depth * 0.5)
        return found


@dataclass
class P:
    x: float
    v: float


class Graph:
    def __init__(self, v):
        self.v, self.near = v, []


class Pair:
    def __init__(self, one, other):
        self.one, self.other = one, other


class Account:
    def __init__(self, number, balance):
        self.number, self.balance = number, balance


class Bank:
    def __init__(self):
        self.accounts = []

    def open(self, number, balance):
        self.accounts.append(Account(number, balance))

    def find(self, number):
        for account in self.accounts:
            if account.number == number:
                return account
        return None


POINTS = [(XS, 0.83), ([], 0.5)]
FILLED = [(XS, 0.83)]
BOTH = (0, 1)


@program(POINTS, argnums=BOTH)
def chained(xs, w):
    head = None
    for x in xs:
        head = Node(x * w, head)
    total, node = 0.0, head
    while node is not None:
        total += node.value * node.value
        node = node.behind
    return total


@program(POINTS, argnums=BOTH)
def chained_by_methods(xs, w):
    chain = Chain()
    for x in xs:
        chain.push(x * w)
    for x in xs:
        chain.append(x)
    chain.reverse()
    return chain.total(w) * chain.size


@program(POINTS, argnums=BOTH)
def found_in_a_chain(xs, w):
    chain = Chain()
    for x in xs:
        chain.push(x * w)
    node = chain.head
    while node is not None and node.value > 0.5:
        node = node.behind
    if node is None:
        return w
    node.value *= w
    return node.value**2 + chain.head.value


@program(FILLED, argnums=BOTH)
def in_a_ring(xs, w):
    head = None
    for x in xs:
        head = Node(x * w, head)
    last = head
    while last.behind is not None:
        last = last.behind
    last.behind = head
    total, node = 0.0, head
    for _ in range(7):
        total = total * 0.9 + node.value * node.value
        node.value *= 1.1
        node = node.behind
    return total


@program(POINTS, argnums=BOTH)
def searched_tree(xs, w):
    root = None
    for x in xs:
        new = Tree(x, w * x)
        if root is None:
            root = new
            continue
        node = root
        while True:
            if new.key < node.key:
                if node.left is None:
                    node.left = new
                    break
                node = node.left
            else:
                if node.right is None:
                    node.right = new
                    break
                node = node.right
    return 0.0 if root is None else root.total(1.0)


@program(FILLED, argnums=BOTH)
def best_so_far(xs, w):
    ps = [P(x, w * x * x) for x in xs]
    best = None
    for p in ps:
        if best is None or p.v < best.v:
            best = p
    best.x *= w
    return best.x * best.v + sum(p.x for p in ps)


@program(FILLED, argnums=BOTH)
def nearest_pair(xs, w):
    ps = [P(x, w * x) for x in xs]
    one = other = None
    least = float("inf")
    for i in range(len(ps)):
        for j in range(i + 1, len(ps)):
            d = (ps[i].x - ps[j].x) ** 2
            if d < least:
                least, one, other = d, ps[i], ps[j]
    return one.v * other.v + least


@program([(0.5, 0.8)], argnums=BOTH)
def names_swapped(x, y):
    a, b = P(x, y), P(y, x * y)
    for _ in range(3):
        a, b = b, a
        a.x += 0.5 * b.v
    return a.x * b.v


@program(POINTS, argnums=BOTH)
def items_replaced(xs, w):
    ps = [P(x, w) for x in xs]
    for i in range(len(ps)):
        p = ps[i]
        ps[i] = P(p.x + p.v * 0.1, p.v * p.x)
    return sum(p.x * p.v for p in ps)


@program(POINTS, argnums=BOTH)
def sorted_in_place(xs, w):
    ps = [P(x, w * x) for x in xs]
    ps.sort(key=lambda p: p.x)
    return sum((i + 1) * p.v * p.x for i, p in enumerate(ps))


@program(POINTS, argnums=BOTH)
def popped(xs, w):
    ps = [P(x, w * x) for x in xs]
    total = 0.0
    while ps:
        p = ps.pop()
        total += p.x * p.v * total + p.v
    return total


@program(POINTS, argnums=BOTH)
def kept_where(xs, w):
    ps = [P(x, w * x) for x in xs]
    for _ in range(2):
        for p in ps:
            p.x += 0.1 * p.v
        ps = [p for p in ps if p.x > 0.5]
    return sum(p.x * p.v for p in ps)


@program(POINTS, argnums=BOTH)
def sorted_by_swaps(xs, w):
    ps = [P(x, w * x) for x in xs]
    for i in range(len(ps)):
        for j in range(len(ps) - 1 - i):
            if ps[j].x > ps[j + 1].x:
                ps[j], ps[j + 1] = ps[j + 1], ps[j]
    return sum(i * p.v * p.x for i, p in enumerate(ps))


@program(FILLED, argnums=BOTH)
def deleted_and_inserted(xs, w):
    ps = [P(x, w) for x in xs]
    del ps[1]
    ps.insert(0, P(w, w))
    ps.reverse()
    ps.extend(ps[:1])
    ps[-1].x *= w
    return sum((i + 1) * p.x * p.v for i, p in enumerate(ps))


@program(FILLED, argnums=BOTH)
def selected(xs, w):
    people = [P(x, 0.0) for x in xs]
    for _ in range(3):
        for p in people:
            p.v = (p.x - w) ** 2
        people.sort(key=lambda p: p.v)
        young = [P((people[i].x + people[i + 1].x) / 2, 0.0) for i in range(2)]
        people = people[:2] + young
    return people[0].x + people[1].x ** 2


@program(POINTS, argnums=BOTH)
def by_key(xs, w):
    nodes = {}
    for i, x in enumerate(xs):
        nodes[i] = P(x, w)
    total = 0.0
    for k, node in nodes.items():
        node.x += 0.1
        total += node.x * node.v * k
    return total


@program(FILLED, argnums=BOTH)
def as_keys(xs, w):
    nodes = [Node(x) for x in xs]
    nodes[0].behind = nodes[1]
    weights = {n: n.value * w for n in nodes}
    weights[nodes[1]] += weights[nodes[0]] ** 2
    return sum(weights.values()) + weights[nodes[0].behind]


@program(POINTS, argnums=BOTH)
def spread_over_a_graph(xs, w):
    nodes = [Graph(x) for x in xs]
    for i in range(len(nodes)):
        nodes[i].near.append(nodes[(i + 1) % len(nodes)])
        nodes[i].near.append(nodes[i - 1])
    for _ in range(2):
        for n in nodes:
            n.v += 0.1 * sum(m.v for m in n.near) * w
    return sum(n.v**2 for n in nodes)


@program(FILLED, argnums=BOTH)
def breadth_first(xs, w):
    nodes = [Graph(x) for x in xs]
    for i in range(1, len(nodes)):
        nodes[(i - 1) // 2].near.append(nodes[i])
    queue = [nodes[0]]
    total = 0.0
    while queue:
        node = queue.pop(0)
        total = total * w + node.v
        for m in node.near:
            m.v += node.v * w
            queue.append(m)
    return total


@program(POINTS, argnums=BOTH)
def looked_up(xs, r):
    bank = Bank()
    for i, x in enumerate(xs):
        bank.open(i, x)
    account = bank.find(2)
    if account is None:
        return r
    account.balance *= 1 + r
    return sum(a.balance**2 for a in bank.accounts)


@program(POINTS, argnums=BOTH)
def queued(xs, w):
    queue = deque()
    for x in xs:
        queue.append(P(x, w))
    total = 0.0
    while queue:
        p = queue.popleft()
        total = total * w + p.x
        if p.x > 0.5:
            p.x *= 0.5
            queue.append(p)
    return total


@program(FILLED, argnums=BOTH)
def part_of_several(xs, w):
    p = P(w, w)
    pairs = [Pair(p, P(x, x)) for x in xs]
    pairs.reverse()
    pairs[0].one.x *= xs[0]
    return sum(pair.one.x * pair.other.x for pair in pairs) + p.x


@program(FILLED, argnums=BOTH)
def told_apart(xs, w):
    head = None
    for x in xs:
        head = Node(x * w, head)
    a, b = head, head.behind
    total = 0.0
    while b is not None:
        if a is b:
            total += 100.0 * w
        if a == b.behind:
            total += 10.0 * w
        if b is head or b != a:
            total += b.value
        b = b.behind
    return total


@program(FILLED, argnums=BOTH)
def copied_with_what_they_share(xs, w):
    nodes = [Node(x * w) for x in xs]
    nodes.reverse()
    nodes[0].behind = nodes[1]
    twin = copy.copy(nodes[0])
    twin.value *= 2.0
    twin.behind.value *= 3.0
    return nodes[1].value * twin.value * nodes[0].value


@program(FILLED, argnums=BOTH)
def of_two_roots(xs, w):
    one = other = None
    for x in xs:
        if x > 0.5:
            one = Node(x, one)
        else:
            other = Node(x * w, other)
    while other is not None:
        one, other = Node(other.value * w, one), other.behind
    total = 0.0
    while one is not None:
        total, one = total * w + one.value, one.behind
    return total


# Objects that say how they are put in order ----------------------------------------------------


@functools.total_ordering
class Ranked:
    def __init__(self, k, v):
        self.k, self.v = k, v

    def __eq__(self, other):
        return self.k == other.k

    def __lt__(self, other):
        return self.k < other.k


class Downwards:
    def __init__(self, k, v):
        self.k, self.v = k, v

    def __lt__(self, other):
        "By what is squared, the larger first."
        return other.k**2 < self.k**2


@dataclass(order=True)
class Job:
    cost: float
    tag: int
    gain: float = field(compare=False)


class Place:
    def __init__(self):
        self.ways, self.distance, self.settled = [], 1e9, False


class Way:
    def __init__(self, to, length):
        self.to, self.length = to, length


@program(FILLED, argnums=BOTH)
def in_their_own_order(xs, w):
    ranked = sorted([Ranked(x, x * w) for x in xs])
    return sum(i * r.v for i, r in enumerate(ranked)) * max(ranked).v + min(ranked).v


@program(POINTS, argnums=BOTH)
def in_their_own_order_downwards(xs, w):
    one = [Downwards(x, x * w) for x in xs]
    one.sort()
    other = sorted(one, reverse=True)
    total = 0.0
    for i, (a, b) in enumerate(zip(one, other, strict=True)):
        total += i * a.v * a.k + b.v
    return total


@program(FILLED, argnums=BOTH)
def in_the_order_of_a_dataclass(xs, w):
    jobs = [Job(x, i % 2, x * w) for i, x in enumerate(xs)]
    jobs.sort()
    last = jobs[0].gain if jobs[0] < jobs[1] else 0.0
    return sum(i * job.gain for i, job in enumerate(jobs)) + last


@program(POINTS, argnums=BOTH)
def heap_of_objects(xs, w):
    heap = []
    for i, x in enumerate(xs):
        heapq.heappush(heap, Job(x, i, x * w))
    total = 0.0
    while heap:
        job = heapq.heappop(heap)
        total = total * 0.5 + job.gain
    return total


@program(POINTS, argnums=BOTH)
def heap_of_tuples_with_objects(xs, w):
    heap = []
    for i, x in enumerate(xs):
        heapq.heappush(heap, (x * x, i, Node(x * w)))
    total = 0.0
    while heap:
        cost, i, node = heapq.heappop(heap)
        total = total * w + node.value * i + cost
    return total


@program([([0.5, 0.7, 1.5, 0.3], 0.9)], argnums=BOTH)
def shortest_way(lengths, k):
    places = [Place() for _ in range(4)]
    for i, (a, b) in enumerate([(0, 1), (1, 2), (0, 2), (2, 3)]):
        places[a].ways.append(Way(places[b], lengths[i]))
    places[0].distance = 0.0 * k
    heap = [(0.0, 0)]
    while heap:
        _, i = heapq.heappop(heap)
        here = places[i]
        if here.settled:
            continue
        here.settled = True
        for way in here.ways:
            found = here.distance + way.length * k
            if found < way.to.distance:
                way.to.distance = found
                heapq.heappush(heap, (found, places.index(way.to)))
    return places[3].distance


@program([(0.5, 0.8), (0.8, 0.5)], argnums=BOTH)
def compared_by_all(x, y):
    a, b = Ranked(x, y), Ranked(y, x * y)
    if a >= b:
        return a.v * b.v
    return a.v + b.v * b.k if a <= b else x


@program(POINTS, argnums=BOTH)
def while_there_are_two(xs, w):
    head = None
    for x in xs:
        head = Node(x * w, head)
    total, node = 0.0, head
    while node and node.behind:
        total += node.value * node.behind.value
        node = node.behind
    return total


# Objects that are handed in -----------------------------------------------------------------------

GIVEN = [([P(x, 0.5 * x + 0.1) for x in XS], 0.83)]


class Moving:
    def __init__(self, ps):
        self.ps = ps

    def step(self, dt):
        for p in self.ps:
            p.x += dt * p.v
        self.ps = [p for p in self.ps if p.x < 1.2]


@program(GIVEN, argnums=BOTH)
def given_and_sorted(ps, w):
    ps.sort(key=lambda p: p.x)
    one, other = sorted(ps, key=lambda p: -p.v)[:2]
    one.x += other.v * w
    return sum(i * p.v * p.x for i, p in enumerate(ps)) * w


@program(GIVEN, argnums=BOTH)
def given_and_kept_where(ps, w):
    moving = Moving(ps)
    for _ in range(3):
        moving.step(w)
    return sum(p.x * p.v for p in moving.ps) + ps[0].x


@program(GIVEN, argnums=BOTH)
def given_and_best_so_far(ps, w):
    best = None
    for p in ps:
        if best is None or p.v * w < best.v * w:
            best = p
    best.x *= w
    return best.x * best.v + sum(p.x for p in ps)


@program(GIVEN, argnums=BOTH)
def given_and_popped(ps, w):
    total = 0.0
    while ps:
        p = ps.pop()
        total += p.x * p.v * total * w + p.v
    return total


@program(GIVEN, argnums=BOTH)
def given_and_replaced(ps, w):
    for i in range(len(ps)):
        p = ps[i]
        ps[i] = P(p.x + w * p.v, p.v * p.x)
    new = [P(p.x * w, p.v) for p in ps if p.x > 0]
    ps.extend(new)
    ps.insert(0, ps[2])
    ps[0].x *= w
    return sum((i + 1) * p.x * p.v for i, p in enumerate(ps))


@program([(P(0.4, 0.3), 0.83)], argnums=BOTH)
def given_and_swapped(p, w):
    q = P(w, w)
    for _ in range(3):
        p, q = q, p
        p.x += 0.5 * q.v
    return p.x * q.v


@program([(*GIVEN[0][:1], P(0.4, 0.3), 0.83)], argnums=(0, 1, 2))
def given_by_two_arguments(ps, p, w):
    best = p
    for q in ps:
        if q.v > best.v:
            best = q
    best.x *= w
    return best.x + p.x * p.v + ps[0].x


@program([({"ps": GIVEN[0][0], "k": 2.0}, 0.83)], argnums=BOTH)
def given_in_a_dict(d, w):
    ps = d["ps"]
    ps.sort(key=lambda p: -p.x)
    return ps[0].v * w + d["k"] * ps[1].x


# Objects that their __init__ puts somewhere -------------------------------------------------------


class Member:
    def __init__(self, v, parent=None):
        self.v, self.parent, self.children = v, parent, []
        if parent is not None:
            parent.children.append(self)


class Twig:
    def __init__(self, v, parent=None):
        self.v, self.left, self.parent = v, None, parent
        if parent is not None:
            parent.left = self


class Registry:
    def __init__(self):
        self.items = []


class Entry:
    def __init__(self, registry, v):
        registry.items.append(self)
        self.v, self.number = v, len(registry.items)


class Vector:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def __radd__(self, other):
        return self if other == 0 else self + other


@program(POINTS, argnums=BOTH)
def members_of_a_family(xs, w):
    root = last = Member(w)
    for x in xs:
        last = Member(x, last)
    total = 0.0
    while last.parent is not None:
        total += last.v * last.parent.v
        last = last.parent
    return total + len(root.children) * w


@program(FILLED, argnums=BOTH)
def all_members_of_a_family(xs, w):
    members = [Member(w)]
    for i, x in enumerate(xs):
        members.append(Member(x * w, members[i // 2]))

    def total(member, depth):
        return member.v * depth + sum(total(m, depth * 0.5) for m in member.children)

    return total(members[0], w)


@program(POINTS, argnums=BOTH)
def twig_by_twig(xs, w):
    root = twig = Twig(w)
    for x in xs:
        twig = Twig(x, twig)
    total, node = 0.0, root
    while node:
        total = total * w + node.v
        node = node.left
    return total


@program(FILLED, argnums=BOTH)
def entered_by_themselves(xs, w):
    registry = Registry()
    for x in xs:
        Entry(registry, x * w)
    registry.items.sort(key=lambda e: e.v)
    return sum(k * e.v * e.number for k, e in enumerate(registry.items))


@program(FILLED, argnums=BOTH)
def sums_of_vectors(xs, w):
    vectors = [Vector(x, w) for x in xs]
    one, other = sum(vectors, Vector(w, 0.0)), sum(vectors)
    third = functools.reduce(lambda a, b: a + b, vectors)
    return one.x * other.y + third.x * w
