"""Functions of objects and dicts that are handed in, as users write them."""

import math
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple

from tests.object_functions import Account, Body, Celsius, Controller, Pair, Plant, Vec3

#: Each with what makes its arguments; the first is differentiated.
PROGRAMS: list[tuple[Any, Any]] = []


def program(args):
    def register(function):
        PROGRAMS.append((function, args))
        return function

    return register


@dataclass
class Params:
    w: float
    b: float
    name: str = "line"
    bias: bool = True
    note: Any = None


@program(lambda: (Params(0.5, 2), 3.0, 4.0))
def linear(p, x, y):
    residual = p.w * x + (p.b if p.bias and p.name == "line" else 0.0) - y
    return residual * residual


@dataclass(frozen=True, slots=True)
class Kernel:
    scale: float
    length: float


@dataclass
class Process:
    kernel: Kernel
    noise: float
    points: list[float]
    window: tuple[float, float] = (0.0, 1.0)
    shape: Any = math.exp


@program(lambda: (Process(Kernel(1.2, 0.7), 0.1, [0.2, 0.5, 1.1]), 0.4))
def nested_dataclasses(process, x):
    total = process.noise * process.window[1]
    for point in process.points:
        gap = (x - point) / process.kernel.length
        total += process.kernel.scale * process.shape(-0.5 * gap * gap)
    return total


def cell(p, x, h, c):
    n = len(h)
    hidden, memory = [0.0] * n, [0.0] * n
    for i in range(n):
        gates = []
        for gate in ("f", "i", "o", "g"):
            total = p[gate]["b"][i] + p[gate]["w"][i] * x
            for j in range(n):
                total += p[gate]["u"][i][j] * h[j]
            gates.append(math.tanh(total) if gate == "g" else 1.0 / (1.0 + math.exp(-total)))
        memory[i] = gates[0] * c[i] + gates[1] * gates[3]
        hidden[i] = gates[2] * math.tanh(memory[i])
    return hidden, memory


def lstm_parameters():
    def gate(k):
        return {"w": [0.1 * k, -0.2], "u": [[0.3, 0.1 * k], [-0.1, 0.2]], "b": [0.05, 0.1]}

    return {name: gate(k + 1) for k, name in enumerate(("f", "i", "o", "g"))}


@program(lambda: (lstm_parameters(), [0.5, -0.3, 0.8]))
def lstm(p, xs):
    h, c = [0.0, 0.0], [0.0, 0.0]
    h, c = cell(p, xs[0], h, c)
    h, c = cell(p, xs[1], h, c)
    h, c = cell(p, xs[2], h, c)
    return h[0] * h[1] + c[0]


@dataclass
class Belief:
    x: float
    v: float
    pxx: float = 1.0
    pxv: float = 0.0
    pvv: float = 1.0

    def predict(self, dt, q):
        self.x += self.v * dt
        self.pxx += dt * (2.0 * self.pxv + dt * self.pvv) + q
        self.pxv += dt * self.pvv
        self.pvv += q

    def update(self, z, r):
        s = self.pxx + r
        kx, kv = self.pxx / s, self.pxv / s
        y = z - self.x
        self.x += kx * y
        self.v += kv * y
        self.pvv -= kv * self.pxv
        self.pxv -= kx * self.pxv
        self.pxx -= kx * self.pxx
        return 0.5 * (y * y / s + math.log(s))


@program(lambda: (Belief(0.0, 1.0), [0.9, 2.2, 2.8, 4.1], 0.1, 0.5))
def kalman_filter(belief, zs, q, r):
    loss = 0.0
    for z in zs:
        belief.predict(1.0, q)
        loss += belief.update(z, r)
    return loss + belief.x


class Planet:
    def __init__(self, position, velocity, mass):
        self.position = position
        self.velocity = velocity
        self.mass = mass


def planets():
    return (
        Planet(Vec3(0.0, 0.0), Vec3(0.0, -0.1), 3.0),
        Planet(Vec3(1.0, 0.2), Vec3(0.1, 1.2), 0.5),
        Planet(Vec3(-1.5, 0.0, 0.3), Vec3(0.0, -0.9), 0.2),
    )


@program(lambda: (planets(), 0.01, 3))
def bodies_of_vectors(bodies, dt, n):
    for _ in range(n):
        for a in bodies:
            for b in bodies:
                if a is not b:
                    gap = b.position - a.position
                    a.velocity = a.velocity + gap * (dt * b.mass / (abs(gap) ** 3 + 0.01))
        for body in bodies:
            body.position = body.position + body.velocity * dt
    return sum(b.mass * b.velocity.dot(b.velocity) for b in bodies) + bodies[0].position.x


@program(lambda: ((Body(1.0, 0.2, 3.0), Body(2.0, -0.1, 1.0), Body(-1.0, 0.0, 0.5)), 4))
def bodies_in_a_line(bodies, n):
    for _ in range(n):
        for a in bodies:
            for b in bodies:
                if a is not b:
                    r = b.x - a.x
                    a.v += 0.01 * b.mass * r / (abs(r) ** 3 + 0.1)
        for body in bodies:
            body.x += 0.01 * body.v
    return sum(0.5 * b.mass * b.v * b.v for b in bodies) + bodies[0].x


@program(lambda: ({"a": 2.0, "b": 3, "mode": "square", "none": None, "on": True},))
def record(d):
    total = 0.0
    for key, value in d.items():
        if key in ("a", "b"):
            total += value * value if d["mode"] == "square" and d["on"] else value
    return total if d["none"] is None else 0.0


@program(lambda: ({"layers": {"one": [1.0, 2.0], "two": {"w": 0.5}}, "scale": 2.0}, 0.7))
def nested_records(params, x):
    layers = params["layers"]
    layers["one"][0] += layers["two"]["w"] * x
    params["scale"] *= x
    layers["three"] = params["scale"] * layers["one"][0]
    return layers["three"] * sum(layers["one"]) + len(params)


@program(lambda: (SimpleNamespace(x=1.5, inner=SimpleNamespace(y=0.3), ws=[1.0, 2.0]), 2.0))
def namespace(p, k):
    q = p.inner
    q.y += p.x * k
    p.ws[1] *= q.y
    return p.inner.y * sum(p.ws)


@program(lambda: (Account(100.0, 0.05), 3))
def account(acct, n):
    for _ in range(n):
        acct.deposit(acct.rate * 10.0)
        acct.accrue()
    return acct.worth * acct.fee


@program(lambda: (Controller(2.0, 0.6, 0.3), Plant(0.2), 6))
def controller(pid, plant, n):
    cost = 0.0
    pid.before = 1.0 - plant.value
    for _ in range(n):
        error = 1.0 - plant.value
        plant.step(pid.update(error, 0.1), 0.1)
        cost += error * error
    return cost


@program(lambda: (Celsius(21.0),))
def setter(t):
    t.degrees *= 2.0
    return t.degrees * t._kelvin


class Point(NamedTuple):
    x: float
    y: float


@dataclass
class Segment:
    start: Point
    end: Point
    weights: list[float] = field(default_factory=lambda: [1.0, 2.0])

    def length(self):
        return math.hypot(self.end.x - self.start.x, self.end.y - self.start.y)


@program(lambda: (Segment(Point(0.0, 1.0), Point(3.0, 5.0)),))
def named_tuples_inside(s):
    return s.length() * s.weights[0] + s.weights[1]


class Layer:
    def __init__(self, weights, bias):
        self.weights = weights
        self.bias = bias

    def __call__(self, xs):
        return [
            math.tanh(sum(w * x for w, x in zip(row, xs, strict=False)) + self.bias)
            for row in self.weights
        ]


@program(
    lambda: (
        (Layer([[0.1, 0.2], [0.3, -0.4]], 0.1), Layer([[0.5, -0.6]], 0.2)),
        [1.0, 2.0],
    )
)
def network(layers, xs):
    for layer in layers:
        xs = layer(xs)
    return xs[0]


@program(lambda: (Pair(1.5, 2.5), 0.5))
def made_of_what_is_given(p, x):
    old = p
    p = Pair(p.right * x, p.left)
    old.left += p.left
    return p.left * p.right * old.left


@program(lambda: (Pair(1.5, 2.5), 0.0))
@program(lambda: (Pair(1.5, 2.5), 3.0))
def changed_in_a_loop_of_no_turns(p, n):
    for k in range(int(n)):
        p.left *= p.right + k
    return p.left


@program(lambda: ([1.0, 2.0], {"k": 0.5, "table": {"a": 1.0}}))
def list_beside_a_dict(xs, d):
    d["k"] += xs[0]
    xs[1] *= d["k"] * d["table"]["a"]
    return xs[1] * xs[0]


@program(lambda: (SimpleNamespace(a=1.5, unused=[1.0, 2.0], empty={}, me=None),))
def what_is_not_read_may_be_anything(p):
    return p.a * p.a
