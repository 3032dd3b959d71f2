# ruff: noqa: B905
"""Records of every kind: dataclasses, named tuples, namespaces, dicts, nested configurations."""

import math
from collections import Counter, OrderedDict, defaultdict, namedtuple
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import NamedTuple

from tests.corpus.whole.registry import program


@dataclass
class Tank:
    level: float
    area: float = 1.0
    log: list[float] = field(default_factory=list)

    def drain(self, k, dt):
        out = k * math.sqrt(self.level)
        self.level -= out * dt / self.area
        self.log.append(out)
        return out


@program(lambda: [(Tank(2.0, 0.5), 0.3, 6), (Tank(1.0), 0.1, 0)], argnums=(0, 1))
def two_tanks(upper, k, steps):
    """A dataclass argument that is changed, and one made here that it flows into."""
    lower = Tank(0.5, area=2 * upper.area)
    for _ in range(steps):
        lower.level += upper.drain(k, 0.1) * 0.1 / lower.area
        lower.drain(0.5 * k, 0.1)
    return lower.level + 0.1 * sum(upper.log) + upper.level**2


@dataclass(frozen=True)
class Gas:
    p: float
    v: float
    t: float

    @property
    def moles(self):
        return self.p * self.v / (8.314 * self.t)


@program(
    lambda: [(Gas(1e5, 0.02, 300.0), 0.5, 1.4), (Gas(2e5, 0.01, 280.0), 2.0, 1.3)],
    argnums=(0, 1, 2),
)
def adiabatic(gas, ratio, gamma):
    """Frozen states, each replaced by the next one."""
    squeezed = replace(gas, v=gas.v * ratio, p=gas.p * ratio**-gamma)
    squeezed = replace(squeezed, t=squeezed.p * squeezed.v / (8.314 * gas.moles))
    work = (gas.p * gas.v - squeezed.p * squeezed.v) / (gamma - 1)
    return work / 1000 + squeezed.t / gas.t


@dataclass(order=True)
class Job:
    priority: float
    length: float = field(compare=False)
    label: str = field(default="", compare=False)


@program(
    lambda: [([Job(2.0, 1.5, "b"), Job(0.5, 1.0, "a"), Job(1.0, 3.0)], 0.3), ([], 0.3)],
    argnums=(0, 1),
)
def weighted_waiting(jobs, rate):
    """Objects sorted by their own order; discounting by the time of completion."""
    clock, cost = 0.0, 0.0
    for job in sorted(jobs, reverse=True):
        clock += job.length
        cost += job.priority * (1 - math.exp(-rate * clock))
        if job.label == "a":
            cost += 0.1
    return cost


Point = namedtuple("Point", "x y")


@program(
    lambda: [
        ([Point(0.0, 0.0), Point(2.0, 0.1), Point(1.5, 1.5), Point(0.2, 1.0)],),
        ([Point(0.0, 0.0), Point(1.0, 0.0), Point(0.0, 1.0)],),
    ]
)
def polygon(points):
    """Area over squared perimeter of a polygon of named tuples."""
    area = perimeter = 0.0
    for p, q in zip(points, points[1:] + points[:1]):
        area += p.x * q.y - q.x * p.y
        perimeter += math.dist(p, q)
    return abs(area) / 2 / perimeter**2


class Fix(NamedTuple):
    lat: float
    lon: float
    alt: float = 0.0

    def to_cartesian(self, radius=6371.0):
        r = radius + self.alt
        la, lo = math.radians(self.lat), math.radians(self.lon)
        return r * math.cos(la) * math.cos(lo), r * math.cos(la) * math.sin(lo), r * math.sin(la)


@program(lambda: [(Fix(48.1, 11.6, 0.5), 52.5, 13.4), (Fix(0.0, 0.0), 0.5, 0.5)], argnums=(0, 1, 2))
def chord(start, lat, lon):
    """The straight line between two fixes; a tuple class with a method and a default."""
    goal = Fix(lon=lon, lat=lat)
    mid = goal._replace(lat=(start.lat + goal.lat) / 2)
    ax, ay, az = start.to_cartesian()
    bx, by, bz = goal.to_cartesian()
    d = math.sqrt((ax - bx) ** 2 + (ay - by) ** 2 + (az - bz) ** 2)
    return d + 0.001 * mid.to_cartesian(radius=1.0)[0]


def _satellite():
    return SimpleNamespace(n=0.06, e=0.01, m=0.3, argp=1.1, drag=1e-3, t=0.0, error=0)


def _secular(sat, dt):
    sat.t += dt
    sat.m += sat.n * dt + 1.5 * sat.drag * dt**2
    sat.argp -= 0.002 * dt * (2 - 2.5 * sat.e)
    sat.e -= sat.drag * 0.1 * dt
    if sat.e < 1e-6:
        sat.e = 1e-6
        sat.error = 1


@program(
    lambda: [(_satellite(), [10.0, 5.0, 20.0]), (_satellite(), [50.0, 80.0]), (_satellite(), [])],
    argnums=(0, 1),
)
def propagate(sat, steps):
    """A state object handed along, changed by helpers, with an error code that stops."""
    sat.a = sat.n ** (-2 / 3)
    for dt in steps:
        _secular(sat, dt)
        if sat.error:
            return sat.a
    u = sat.m
    for _ in range(10):
        u -= (u - sat.e * math.sin(u) - sat.m) / (1 - sat.e * math.cos(u))
    r = sat.a * (1 - sat.e * math.cos(u))
    sat.r = r
    extra = sum(getattr(sat, name) for name in ("t", "m", "r"))
    return r * math.cos(u + sat.argp) + 0.1 * extra


def _config():
    return {
        "model": {"k": 1.3, "kind": "hill", "n": 2},
        "doses": [0.1, 0.5, 2.0],
        "offset": 0.05,
        "verbose": False,
    }


@program(
    lambda: [
        (_config(),),
        ({"model": {"k": 0.7, "kind": "linear"}, "doses": [1.0], "offset": 0.0},),
    ],
    raising=lambda: [({"model": {"kind": "cubic", "k": 1.0}, "doses": [1.0], "offset": 0.0},)],
)
def dose_response(config):
    """String-keyed configuration with defaults, nested and partly missing."""
    model = config["model"]
    n = model.get("n", 1)
    total = config["offset"]
    for dose in config["doses"]:
        if model["kind"] == "hill":
            total += dose**n / (model["k"] ** n + dose**n)
        elif model["kind"] == "linear":
            total += model["k"] * dose
        else:
            raise KeyError(f"unknown kind {model['kind']!r}")
    if config.get("verbose", True):
        total *= 2
    return total


@program(
    lambda: [
        ({"w": [0.3, -0.2], "b": 0.1}, {"w": [1.0, 0.5], "b": -0.4}, 0.1),
        ({"b": 0.1}, {"b": 2.0}, 0.5),
    ],
    argnums=(0, 1, 2),
)
def update_by_key(params, grads, lr):
    """Iterates over the keys of one dict while writing into it, by type of entry."""
    for key, g in grads.items():
        if isinstance(g, list):
            params[key] = [p - lr * q for p, q in zip(params[key], g)]
        else:
            params[key] -= lr * g
    norm = 0.0
    for value in params.values():
        norm += sum(v * v for v in value) if isinstance(value, list) else value * value
    return norm


@program(
    lambda: [([("a", 1.0), ("b", 2.5), ("a", 0.5)], 2.0), ([("z", 1.0)], 0.5), ([], 1.0)],
    argnums=(0, 1),
)
def group_means(rows, power):
    """Sums and counts by key in a defaultdict and a Counter, keys in sorted order."""
    sums = defaultdict(float)
    counts = Counter()
    for key, value in rows:
        sums[key] += value**power
        counts[key] += 1
    total = 0.0
    for rank, key in enumerate(sorted(sums)):
        total += (rank + 1) * sums[key] / counts[key]
    return total


@program(
    lambda: [
        ({"H": 1.008, "O": 15.999}, "H2O1"),
        ({"C": 12.011, "H": 1.008}, "C6H6"),
        ({"C": 12.0}, ""),
    ],
    raising=lambda: [({"H": 1.008}, "X1")],
)
def molar_mass(weights, formula):
    """Text is parsed and picks what is added: symbols and their counts in turn."""
    total = 0.0
    i = 0
    while i < len(formula):
        symbol = formula[i]
        count = int(formula[i + 1])
        if symbol not in weights:
            raise KeyError(symbol)
        total += count * weights[symbol]
        i += 2
    return total


@program(lambda: [(1.2, 0.4), (0.1, 3.0)], argnums=(0, 1), scalar=False)
def summary(x, y):
    """Builds its result as a nested structure, key by key."""
    out = {"mean": (x + y) / 2}
    out["spread"] = {"abs": abs(x - y), "rel": abs(x - y) / out["mean"]}
    out["pair"] = Point(x * y, x / y)
    out.update(order=[min(x, y), max(x, y)], count=2)
    out.setdefault("mean", 0.0)
    return out


@program(lambda: [({"x": 1.0, "y": 2.0}, 0.3), ({"y": -1.0, "w": 2.0}, 0.3)], argnums=(0, 1))
def merge_settings(given, scale):
    """Defaults under what is given, one entry taken out, the rest in order."""
    merged = {"x": 0.5, "z": scale, **given}
    y = merged.pop("y")
    bias = merged.pop("bias", scale * scale)
    ordered = OrderedDict(sorted(merged.items()))
    total = y + bias
    for weight, value in enumerate(ordered.values(), start=1):
        total = total * value + weight
    if "w" in given:
        total *= given["w"]
    del merged["z"]
    return total + len(merged)
