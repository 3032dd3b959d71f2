# ruff: noqa: B905, C417, RUF007
"""Lists of objects of one class: made inside, gone through, changed by way of items.

The second half is of programs in which an object has two names, or the like: they take the general
road, and are as right.
"""

import itertools
import math
from dataclasses import dataclass

from tests.corpus.objects.registry import program


class Particle:
    def __init__(self, x, v, m=1.0):
        self.x, self.v, self.m = x, v, m

    def energy(self):
        return 0.5 * self.m * self.v**2

    def push(self, f, dt):
        self.v += f / self.m * dt
        self.x += self.v * dt


@dataclass
class Vec:
    x: float
    y: float

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y)

    def __sub__(self, o):
        return Vec(self.x - o.x, self.y - o.y)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)

    def norm(self):
        return math.sqrt(self.x**2 + self.y**2 + 0.01)


@dataclass
class Body:
    pos: Vec
    vel: Vec
    mass: float


class Sim:
    def __init__(self, xs):
        self.ps = [Particle(x, 0.0) for x in xs]
        self.t = 0.0
        self.log = []

    def step(self, dt):
        for p in self.ps:
            p.push(-(p.x**3), dt)
        self.t += dt
        self.log.append(sum(p.energy() for p in self.ps))


class Neuron:
    def __init__(self, n, w):
        self.w = [w * (i + 1) for i in range(n)]
        self.b = 0.0

    def __call__(self, x):
        return math.tanh(sum(a * b for a, b in zip(self.w, x)) + self.b)


class Layer:
    def __init__(self, n, m, w):
        self.neurons = [Neuron(n, w * (j + 1)) for j in range(m)]

    def __call__(self, x):
        return [n(x) for n in self.neurons]


class MLP:
    def __init__(self, sizes, w):
        self.layers = [Layer(a, b, w) for a, b in zip(sizes, sizes[1:])]

    def __call__(self, x):
        for l in self.layers:
            x = l(x)
        return x


class Cell:
    def __init__(self, v):
        self.v = v
        self.hist = []

    def push(self, d):
        self.v += d
        self.hist.append(self.v * d)


class Spring:
    def __init__(self, i, j, k):
        self.i, self.j, self.k = i, j, k


class Link:
    def __init__(self, a, b, k):
        self.a, self.b, self.k = a, b, k


@program([([1.0, 2.0, 3.5], 0.1, 3), ([], 0.1, 2)], argnums=(0, 1))
def pushed(xs, dt, n):
    ps = [Particle(x, 0.0) for x in xs]
    for _ in range(n):
        for p in ps:
            p.push(-p.x, dt)
    return sum(p.energy() for p in ps)


@program([([1.0, 2.0, 3.5], 0.1, 3)], argnums=(0, 1))
def attracted_by_places(xs, dt, n):
    ps = []
    for i, x in enumerate(xs):
        ps.append(Particle(x, 0.1 * i, 1.0 + i))
    for _ in range(n):
        for i in range(len(ps)):
            for j in range(i + 1, len(ps)):
                d = ps[j].x - ps[i].x
                f = ps[i].m * ps[j].m * d / (abs(d) ** 3 + 0.1)
                ps[i].v += dt * f / ps[i].m
                ps[j].v -= dt * f / ps[j].m
        for p in ps:
            p.x += dt * p.v
    return sum(p.energy() + p.x for p in ps)


@program([([1.0, 2.0, 3.5], [0.1, 0.2, 0.3], 0.1)], argnums=(0, 1, 2))
def bodies_of_vectors(xs, vs, dt):
    bs = [Body(Vec(x, 0.5), Vec(0.0, v), 1.0) for x, v in zip(xs, vs)]
    for _ in range(2):
        for b in bs:
            acc = Vec(0.0, 0.0)
            for o in bs:
                if o is not b:
                    r = o.pos - b.pos
                    acc = acc + r * (o.mass / r.norm() ** 3)
            b.vel = b.vel + acc * dt
        for b in bs:
            b.pos = b.pos + b.vel * dt
    return sum(b.mass * b.vel.norm() for b in bs)


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def pairs_of_particles(xs, dt):
    ps = [Particle(x, 0.0) for x in xs]
    for p, q in itertools.combinations(ps, 2):
        d = q.x - p.x
        p.v += dt * d
        q.v -= dt * d * d
    return sum(p.v * p.x for p in ps)


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def later_particles(xs, dt):
    ps = [Particle(x, 0.0) for x in xs]
    for i, p in enumerate(ps):
        for q in ps[i + 1 :]:
            d = q.x - p.x
            p.v += dt * d
            q.v -= dt * d * d
    return sum(p.v * p.x for p in ps)


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def two_names_of_an_item(xs, k):
    ps = [Particle(x, k) for x in xs]
    p = ps[0]
    p.x *= 2
    q = p
    q.x *= k
    return ps[0].x * ps[1].x + ps[-1].v


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def chosen_particles(xs, k):
    ps = [Particle(x, k) for x in xs]
    big = [p for p in ps if p.x > 1.1]
    return sum(p.x * p.v for p in big)


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def beside_numbers(xs, k):
    ps = [Particle(x, k) for x in xs]
    for p, x in zip(ps, xs):
        p.v += x * p.x
    return sum(p.v for p in ps)


@program([([1.0, 2.0, 3.5], 0.1, 3)], argnums=(0, 1))
def simulated(xs, dt, n):
    s = Sim(xs)
    for _ in range(n):
        s.step(dt)
    return sum(s.log) + s.t


@program([([1.0, 2.0], 0.3)], argnums=(0, 1))
def two_layers(xs, w):
    l1 = Layer(2, 3, w)
    l2 = Layer(3, 1, w)
    return l2(l1(xs))[0]


@program([(1.0, 0.1, 3), (1.0, 0.1, 0)], argnums=(0, 1))
def trajectory(x, dt, n):
    s = Particle(x, 0.0)
    traj = []
    for _ in range(n):
        traj.append(s)
        s = Particle(s.x + dt * s.v, s.v - dt * s.x)
    return sum(q.x**2 for q in traj)


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def until_it_is_far(xs, k):
    ps = [Particle(x, k) for x in xs]
    total = 0.0
    while ps[0].x < 5.0:
        for p in ps:
            p.x *= 1.5
        total += ps[1].x * k
    return total


@program([(1.5, 0.7)], argnums=(0, 1))
def display_that_grows(x, k):
    ps = [Particle(x, k), Particle(2 * x, k)]
    ps.append(Particle(3 * x, k))
    for p in ps:
        p.x *= p.v
    return sum(p.x for p in ps)


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def grown_in_a_branch(xs, k):
    ps = [Particle(x, k) for x in xs]
    if k > 0.5:
        ps.append(Particle(k, k))
    return sum(p.x * p.v for p in ps)


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def left_early(xs, k):
    ps = [Particle(x, k) for x in xs]
    for p in ps:
        if p.x < 1.2:
            continue
        if p.x > 2.5:
            break
        p.v *= p.x
    return sum(p.x * p.v for p in ps)


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def one_of_two_items(xs, k):
    ps = [Particle(x, k) for x in xs]
    a = ps[0] if k > 0.5 else ps[1]
    a.x *= k
    return sum(p.x * p.v for p in ps)


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def part_of_a_part(xs, k):
    bs = [Body(Vec(k, k), Vec(x, x), 1.0) for x in xs]
    bs[0].pos.x += 2.0 * k
    return sum(b.pos.x * b.vel.y for b in bs)


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def made_in_every_turn(xs, k):
    t = 0.0
    for x in xs:
        ps = [Particle(x * i, k) for i in range(3)]
        for p in ps:
            p.v += p.x
        t += sum(p.v**2 for p in ps)
    return t


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def parts_change_places(xs, k):
    bs = [Body(Vec(x, k), Vec(x, x), 1.0) for x in xs]
    bs[0].vel, bs[1].vel = bs[1].vel, bs[0].vel
    return sum(b.pos.x * b.vel.y * (i + 1) for i, b in enumerate(bs))


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def parts_are_changed(xs, k):
    bs = [Body(Vec(x, k), Vec(x, x), 1.0) for x in xs]
    for b in bs:
        b.vel.x += k * b.pos.x
        b.pos.y *= b.vel.x
    for a in bs:
        for b in bs:
            if a is b:
                continue
            a.vel.y += k * (b.pos.x - a.pos.x)
    return sum(b.pos.y * b.vel.y * (i + 1) for i, b in enumerate(bs))


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def part_is_replaced(xs, k):
    bs = [Body(Vec(x, k), Vec(x, x), 1.0) for x in xs]
    old = bs[0].pos
    bs[0].pos = Vec(k, k)
    return old.x * bs[0].pos.y


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def kicked_by_a_function(xs, k):
    ps = [Particle(x, k) for x in xs]

    def kick(p, f):
        p.v += f * p.x

    for p in ps:
        kick(p, k)
    return sum(map(lambda p: p.energy(), ps))


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def tried_on_each(xs, k):
    ps = [Particle(x, k) for x in xs]
    for p in ps:
        try:
            p.x = math.sqrt(p.x - 1.5)
        except ValueError:
            p.x = k
    return sum(p.x for p in ps)


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def lists_in_objects(xs, k):
    cs = [Cell(x) for x in xs]
    for _ in range(3):
        for c in cs:
            c.push(k * c.v)
    return sum(sum(c.hist) for c in cs)


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def springs(xs, k):
    ps = [Particle(x, 0.0) for x in xs]
    ss = [Spring(i, i + 1, k * (i + 1)) for i in range(len(xs) - 1)]
    for _ in range(2):
        for s in ss:
            a, b = ps[s.i], ps[s.j]
            f = s.k * (b.x - a.x - 1.0)
            a.v += 0.1 * f
            b.v -= 0.1 * f
        for p in ps:
            p.x += 0.1 * p.v
    return sum(p.x**2 for p in ps)


# Two names ----


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def last_is_another_name(xs, k):
    p = Particle(xs[0], k)
    ps = [Particle(x, 1.0) for x in xs]
    ps.append(p)
    ps[-1].x *= k
    return p.x


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def changed_behind_the_list(xs, k):
    p = Particle(xs[0], k)
    ps = []
    ps.append(p)
    p.x *= k
    return ps[0].x


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def same_object_in_every_turn(xs, k):
    p = Particle(xs[0], k)
    ps = []
    for x in xs:
        p.x += x * k
        ps.append(p)
    return sum(q.x for q in ps)


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def changed_in_another_list(xs, k):
    ps = [Particle(x, k) for x in xs]
    big = [p for p in ps if p.x > 1.1]
    for p in big:
        p.x *= k
    return sum(p.x * p.v for p in ps)


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def largest(xs, k):
    ps = [Particle(x, k) for x in xs]
    best = ps[0]
    for p in ps:
        if p.x > best.x:
            best = p
    return best.x * k


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def last_before_it_grew(xs, k):
    ps = [Particle(x, k) for x in xs]
    last = ps[-1]
    ps.append(Particle(k, k))
    return last.x * ps[-1].x


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def grows_while_gone_through(xs, k):
    ps = [Particle(x, k) for x in xs]
    for p in ps:
        if p.x > 1.5 and len(ps) < 5:
            ps.append(Particle(p.x * k, k))
    return sum(p.x for p in ps)


@program([([1.0, 2.0], 0.3)], argnums=(0, 1))
def layers_in_a_list(xs, w):
    m = MLP([2, 3, 1], w)
    return m(xs)[0]


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def shared_part(xs, k):
    a = Vec(k, k)
    bs = [Body(a, Vec(x, x), 1.0) for x in xs]
    a.x = 5.0
    return sum(b.pos.x for b in bs)


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def part_in_another_list(xs, k):
    bs = [Body(Vec(x, k), Vec(x, x), 1.0) for x in xs]
    vs = []
    for b in bs:
        vs.append(b.vel)
    vs[0].x = 5.0 * k
    return sum(b.pos.x * b.vel.x * (i + 1) for i, b in enumerate(bs))


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def part_in_two_objects(xs, k):
    bs = [Body(Vec(x, k), Vec(x, x), 1.0) for x in xs]
    bs[0].vel = bs[1].vel
    bs[1].vel.x = 5.0 * k
    return sum(b.pos.x * b.vel.x * (i + 1) for i, b in enumerate(bs))


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def list_is_replaced(xs, k):
    ps = [Particle(x, k) for x in xs]
    for _ in range(2):
        new = []
        for p in ps:
            new.append(Particle(p.x + k * p.v, p.v - p.x * k))
        ps = new
    return sum(p.x for p in ps)


@program([(Particle(1.0, 2.0), Particle(0.5, 0.6), 0.7)], argnums=(0, 1, 2))
def given_and_put_into_a_list(a, b, k):
    ps = [a, b]
    ps.append(Particle(k, k))
    for p in ps:
        p.x *= p.v
    return a.x * b.x


@program([([1.0, 2.0, 3.5], 0.7)], argnums=(0, 1))
def linked(xs, k):
    ps = [Particle(x, 0.0) for x in xs]
    ls = [Link(ps[i], ps[i + 1], k) for i in range(len(xs) - 1)]
    for l in ls:
        f = l.k * (l.b.x - l.a.x)
        l.a.v += f
        l.b.v -= f
    return sum(p.v**2 * p.x for p in ps)
