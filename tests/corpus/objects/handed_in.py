# ruff: noqa: RUF007
"""Lists of objects, of dicts and of tuples that are handed in."""

import copy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import NamedTuple

from tests.corpus.objects.registry import program


@dataclass
class Particle:
    x: float
    v: float
    m: float = 1.0
    name: str = "p"

    def energy(self):
        return 0.5 * self.m * self.v**2


PARTICLES = [Particle(1.5, 2.5, 0.7), Particle(0.5, 0.2, 0.3), Particle(2.5, -0.2, 1.3)]

OTHERS = copy.deepcopy(PARTICLES)


@program([(PARTICLES, 0.7)], argnums=(0, 1))
def energies(particles, k):
    e = 0.0
    for p in particles:
        e += p.energy() + k * p.x
    return e


@program([(PARTICLES,)])
def center(ps):
    return sum(p.x * p.m for p in ps) / sum(p.m for p in ps)


@program([(PARTICLES, 0.7)], argnums=(0, 1))
def springs(ps, k):
    t = 0.0
    for i in range(len(ps)):
        for j in range(i):
            t += k * (ps[i].x - ps[j].x) ** 2
    return t


@program([(PARTICLES, 0.4)], argnums=(0, 1))
def steps(ps, k):
    for _ in range(3):
        for p in ps:
            p.x += p.v * k
            p.v *= 0.9
    return sum(p.x * p.m for p in ps)


def move(p, k):
    p.x += k * p.v


@program([(PARTICLES, 0.4)], argnums=(0, 1))
def moved_by_a_helper(ps, k):
    for p in ps:
        move(p, k)
    for p in reversed(ps):
        move(p, k * k)
    return sum(p.x**2 for p in ps)


@program([(PARTICLES, 0.4)], argnums=(0, 1))
def changed_in_a_branch(ps, k):
    for p in ps:
        if p.x > 1:
            p.v = -p.v * k
        else:
            p.x = k
    return sum(p.x * p.v for p in ps)


@program([(PARTICLES,)])
def exchanged(ps):
    a, b = ps[0], ps[-1]
    a.x, b.x = b.x, a.x * 2
    return ps[0].x * ps[1].v + ps[-1].x ** 2


@program([(PARTICLES, 0.4)], argnums=(0, 1))
def appended(ps, k):
    ps.append(Particle(k, k * k))
    return sum(q.x * q.v for q in ps)


@program([(PARTICLES, 0.4)], argnums=(0, 1))
def made_anew(ps, k):
    ps = [Particle(p.x * k, p.v) for p in ps]
    for p in ps:
        p.x *= k
    return sum(p.x * p.v for p in ps)


@program([(PARTICLES, 0.4)], argnums=(0, 1))
def chosen(ps, k):
    qs = [p for p in ps if p.x > 1]
    return sum(q.x**2 for q in qs) + len(ps) * k


@program([(PARTICLES,)])
def pairs_of_them(ps):
    t = sum(p.x * q.v for p, q in zip(ps, ps[1:], strict=False))
    for p in ps:
        for q in ps:
            if p is not q:
                t += p.x * q.v
    return t


@program([(PARTICLES, OTHERS)], argnums=(0, 1))
def two_lists(ps, qs):
    ps.append(Particle(1.0, 2.0))
    return sum(p.x for p in ps) * sum(q.v for q in qs)


@program([(PARTICLES, 0.4)], argnums=(0, 1))
def copied(ps, k):
    q = copy.copy(ps[0])
    q.x = k
    return ps[0].x * q.x * q.v


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def dot(self, other):
        return self.x * other.x + self.y * other.y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)


class Body:
    def __init__(self, pos, m):
        self.pos = pos
        self.m = m
        self.tag = None
        self.h = [m, 2 * m]


BODIES = [Body(Vector(1.0, 2.0), 0.3), Body(Vector(3.0, -2.0), 1.3)]


@program([(BODIES,)])
def objects_in_objects(bodies):
    c = Vector(0.0, 0.0)
    t = 0.0
    for b in bodies:
        c = c + Vector(b.m * b.pos.x, b.m * b.pos.y)
        t += sum(b.h) * b.pos.dot(b.pos)
    return c.dot(c) * t


@program([(BODIES, 0.7)], argnums=(0, 1))
def lists_in_objects_change(bodies, k):
    for b in bodies:
        b.h[0] *= k
        b.pos.x += b.h[0]
    return sum(b.h[0] * b.h[1] * b.pos.x for b in bodies)


class World:
    def __init__(self, bodies, g):
        self.bodies = bodies
        self.g = g

    def energy(self):
        return sum(b.m * self.g * b.pos.y for b in self.bodies)


@program([(World(BODIES, 9.81),)])
def list_in_an_object(world):
    return world.energy() ** 2


ITEMS = [
    SimpleNamespace(kind="a", price=1.5, count=2),
    SimpleNamespace(kind="b", price=2.5, count=3),
]


@program([(ITEMS,)])
def told_apart_by_a_text(items):
    total = 0.0
    for item in items:
        if item.kind == "a":
            total += item.price * item.count
        else:
            total += item.price
    return total


RECORDS = [{"w": 1.0, "b": 2.0}, {"w": 3.0, "b": 0.2}]


@program([(RECORDS, 0.3)], argnums=(0, 1))
def dicts_in_a_list(rows, k):
    t = 0.0
    for r in rows:
        r["w"] *= k
        t += r["w"] * r.get("b", 1.0)
    return t + rows[0]["w"] ** 2


@program([([{"a b": 1.0, "c": 2.0}, {"a b": 3.0, "c": 4.0}],)])
def all_that_dicts_hold(rows):
    t = rows[0]["a b"] * len(rows[0])
    for row in rows:
        for key, value in row.items():
            t += value**2 if key == "c" else value
        t += sum(row.values()) * row["c"]
    return t


@program([(ITEMS, 0.3)], argnums=(0, 1))
def names_of_python(ifs, k):
    return sum(d.price * k for d in ifs)


class Point(NamedTuple):
    x: float
    y: float


class Weighted(NamedTuple):
    w: float
    p: Particle


@program([([Point(1.0, 2.0), Point(0.5, 0.3)], 0.3)], argnums=(0, 1))
def named_tuples(points, k):
    return sum(p.x * p.y * k for p in points)


@program([([Weighted(1.5, PARTICLES[0]), Weighted(2.5, PARTICLES[1])],)])
def objects_in_named_tuples(rows):
    t = 0.0
    for r in rows:
        t += r.w * r.p.x
    return t + rows[-1].p.v


@program([([("a", 1.5), ("b", 2.5)], 0.3)], argnums=(0, 1))
def texts_and_numbers(rows, k):
    return sum(v * k if name == "a" else v * v for name, v in rows)


@program([([((1.5, 0.3), 0.4), ((2.5, 1.0), 2.0)],)])
def tuples_in_tuples(rows):
    t = 0.0
    for (x, y), z in rows:
        t += x * y * z
    return t * rows[0][0][1]


@program([([("a", 1.5), ("b", 2.5)],)])
def tuple_is_appended(rows):
    rows.append(("c", rows[0][1] ** 2))
    return sum(r[1] for r in rows)


@program([([PARTICLES[0], PARTICLES[0]], 0.4)])
def one_object_twice(ps, k):
    for p in ps:
        p.x *= k
    return ps[0].x * ps[1].v


@program([([], 0.4)], argnums=(0, 1))
def no_objects(ps, k):
    t = k
    for p in ps:
        t += p.x
    return t


@program([(PARTICLES, 0.7)], argnums=(0, 1))
def first_of_the_largest(ps, k):
    best = ps[0]
    for p in ps[1:]:
        if p.x > best.x:
            best = p
    best.v *= k
    return best.x * best.v * k + sum(p.v * p.x for p in ps)


@program([(PARTICLES, 0.7)], argnums=(0, 1))
def largest_and_smallest(ps, k):
    b = max(ps, key=lambda p: p.x * k)
    w = min(ps, key=lambda p: p.v)
    return b.x * b.v - w.m * k


@program([(PARTICLES, 0.7)], argnums=(0, 1))
def one_and_the_one_before(ps, k):
    before = ps[0]
    t = 0.0
    for p in ps[1:]:
        t += (p.x - before.x) ** 2 * k
        before = p
    return t


@program([(PARTICLES, 0.7)], argnums=(0, 1))
def in_order(ps, k):
    qs = sorted(ps, key=lambda p: p.x, reverse=True)
    t = 0.0
    for i, p in enumerate(sorted(ps, key=lambda p: p.v)):
        t += (i + 1) * p.v * k
    return t + qs[0].x * qs[-1].v


@program([(PARTICLES, 0.7)], argnums=(0, 1))
def names_change_places(ps, k):
    a = ps[0]
    b = ps[1]
    for _ in range(3):
        a, b = b, a
        a.x *= k
    return a.x + 2 * b.x


@program([(PARTICLES, 0.7), (PARTICLES, -0.7)], argnums=(0, 1))
def one_by_a_branch(ps, k):
    p = ps[0] if k > 0 else ps[1]
    p.x *= k
    return sum(p.x * p.v for p in ps)


@program([(PARTICLES, 0.7)], argnums=(0, 1))
def found_and_left(ps, k):
    current = ps[0]
    t = 0.0
    i = 0
    while i < len(ps):
        current = ps[i]
        if current.x < 1.0:
            break
        t += current.x * k
        i += 1
    return t * current.v


@program([([1.0, 2.0, 0.5], 0.7)], argnums=(0, 1))
def largest_made_inside(xs, k):
    ps = [Particle(x * k, x) for x in xs]
    best = ps[0]
    for p in ps:
        if p.x > best.x:
            best = p
    for p in ps:
        p.x *= k
    return best.x * best.v
