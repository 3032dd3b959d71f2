"""The functions of the golden files, as users would write them.

`tests/golden/NAME.py` is what the compiler writes for the case `NAME` of `CASES`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import cos, exp
from typing import Any

from sourcediff import grad, value_and_grad

# The first three are numbers 1 to 3 of the gallery of the project.


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def rebind(x, y):
    x = x * y
    x = math.sin(x) + x
    return x * y


def huber(x, delta):
    if abs(x) <= delta:
        return 0.5 * x * x
    return delta * (abs(x) - 0.5 * delta)


def softplus(x):
    """log(1 + exp(x)), which does not overflow."""
    if x > 30.0:
        return x
    return math.log1p(math.exp(x))


def norm_cdf(z):
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def black_scholes(spot, strike, rate, sigma, years):
    """The price of a European call."""
    spread = sigma * math.sqrt(years)
    d1 = (math.log(spot / strike) + (rate + 0.5 * sigma * sigma) * years) / spread
    d2 = d1 - spread
    return spot * norm_cdf(d1) - strike * math.exp(-rate * years) * norm_cdf(d2)


def income_tax(income, allowance):
    taxable = income - allowance
    if taxable <= 0.0:
        tax = 0.0
    elif taxable <= 40_000.0:
        tax = 0.2 * taxable
    elif taxable <= 120_000.0:
        tax = 8_000.0 + 0.4 * (taxable - 40_000.0)
    else:
        tax = 40_000.0 + 0.45 * (taxable - 120_000.0)
    return tax


def distance(x, y, z):
    return math.hypot(x, y - 1.0, 2.0 * z)


def orbit_energy(radius, speed, mass):
    kinetic = 0.5 * mass * speed * speed
    potential = -mass / radius
    total = kinetic + potential
    return total


def transfer(r1, r2, v):
    """The energy between two orbits."""
    first = orbit_energy(r1, v, 2.0)
    second = orbit_energy(r2, v * r1 / r2, 2.0)
    return (second - first) ** 2


def charges(x, rate):
    paid = 0.0

    def pay(amount):
        nonlocal paid
        paid = paid + amount * rate

    pay(x)
    pay(x * x)
    return paid


def activation(x, kind):
    match kind:
        case "tanh":
            return math.tanh(x)
        case "relu" | "rectifier":
            return max(x, 0.0)
        case _:
            return x


def guarded_root(x):
    if x < 0.0:
        raise ValueError(f"no root of {x}")
    root = math.sqrt(x)
    print("root", root)
    assert root * root < 1e6, "too large"
    return root * x


def log_density(x, mean, scale):
    """Of a normal distribution."""
    z = (x - mean) / scale
    return -0.5 * z * z - math.log(scale) - 0.5 * math.log(2.0 * math.pi)


GRAVITY = 9.81


def fall(seconds):
    return 0.5 * GRAVITY * seconds**2


def decay_of(half_life):
    def decay(x, t):
        return x * math.exp(-math.log(2.0) * t / half_life)

    return decay


decay = decay_of(5.0)


class Spring:
    def __init__(self, stiffness, rest):
        self.stiffness = stiffness
        self.rest = rest

    def energy(self, length):
        stretch = length - self.rest
        return 0.5 * self.stiffness * stretch * stretch


def log_beta(a, b):
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def damped(t):
    return exp(-t) * cos(3.0 * t)


def weighted(a, b, c):
    return 2.0 * a * b + c


def spread_out(x, y):
    pair = (x * y, x + y)
    return weighted(*pair, c=y)


def wave(x):
    return math.sin(x) * x


@dataclass(frozen=True)
class Golden:
    """How a derivative is made, and the call that its text is for."""

    make: Callable[[Callable[..., Any]], Any]
    primal: Callable[..., Any]
    arguments: tuple[Any, ...]

    def source(self) -> str:
        derivative = self.make(self.primal)
        derivative(*self.arguments)
        return derivative.source


def by(*argnums: int | str) -> Callable[..., Any]:
    return partial(grad, argnums=argnums)


CASES: dict[str, Golden] = {
    "sigmoid": Golden(grad, sigmoid, (0.7,)),
    "rebind": Golden(by(0, 1), rebind, (0.7, 1.3)),
    "huber": Golden(by("x", "delta"), huber, (-2.5, 1.2)),
    "softplus": Golden(grad, softplus, (0.7,)),
    "black_scholes": Golden(by(0, 1, 2, 3, 4), black_scholes, (100.0, 95.0, 0.03, 0.2, 0.5)),
    "income_tax": Golden(by(0, 1), income_tax, (60_000.0, 12_000.0)),
    "distance": Golden(by(0, 1, 2), distance, (0.3, -0.4, 1.2)),
    "transfer": Golden(by(0, 1, 2), transfer, (1.0, 1.6, 0.9)),
    "charges": Golden(by(0, 1), charges, (0.7, 0.1)),
    "activation": Golden(grad, activation, (0.7, "tanh")),
    "activation_rectifier": Golden(grad, activation, (0.7, "rectifier")),
    "guarded_root": Golden(grad, guarded_root, (0.7,)),
    "log_density": Golden(partial(value_and_grad, argnums=(1, 2)), log_density, (0.7, 0.1, 1.3)),
    "fall": Golden(grad, fall, (1.5,)),
    "decay": Golden(by(0, 1), decay, (0.7, 2.0)),
    "spring": Golden(grad, Spring(2.0, 0.5).energy, (0.7,)),
    "log_beta": Golden(by(0, 1), log_beta, (0.7, 1.3)),
    "damped": Golden(grad, damped, (0.7,)),
    "spread_out": Golden(by(0, 1), spread_out, (0.7, 1.3)),
    "wave_twice": Golden(lambda f: grad(grad(f)), wave, (0.7,)),
}
