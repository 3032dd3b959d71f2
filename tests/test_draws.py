"""Generators of random numbers: made inside, outside, handed in; what they give does not vary."""

import math
import random
from typing import Any

import pytest

from sourcediff import DifferentiationError, grad, jvp, value_and_grad, vjp

OUTSIDE = random.Random(3)


def made_inside(x):
    rng = random.Random(5)
    total = 0.0
    for _ in range(6):
        u = rng.uniform(-1, 1)
        if rng.random() < 0.5:
            total += math.exp(x * u)
        else:
            total -= x * x * rng.randint(1, 6)
    return total


class Walk:
    def __init__(self, seed, sigma):
        self.rng = random.Random(seed)
        self.sigma = sigma
        self.path = [0.0]

    def step(self):
        self.path.append(self.path[-1] + self.sigma * self.rng.gauss(0, 1))


def of_an_object(x):
    walk = Walk(2, x)
    for _ in range(5):
        walk.step()
    return sum(p * p for p in walk.path)


def last_of_path(rng, spot, sigma, n):
    for _ in range(n):
        spot *= math.exp(sigma * rng.gauss(mu=0.0, sigma=1.0) - sigma * sigma / 2)
    return spot


def of_a_helper(x):
    rng = random.Random(1)
    return sum(max(last_of_path(rng, x, 0.3, 4) - 1, 0) * x for _ in range(8)) / 8


def outside(x):
    OUTSIDE.seed(4)
    return x * x * OUTSIDE.random() + OUTSIDE.gauss(0.0, 1.0) * x


def in_general(x):
    rng = random.Random(3)
    rows: dict[int, Any] = {}
    for k in range(4):
        rows[k % 2] = rows.get(k % 2, 0.0) + x * x * rng.gauss(0.0, 1.0)
    return rows[0] * rows[1]


@pytest.mark.parametrize(
    "function",
    [made_inside, of_an_object, of_a_helper, outside, in_general],
    ids=lambda f: f.__name__,
)
def test_what_is_drawn_does_not_vary(function):
    x, h = 1.1, 1e-6
    expected = pytest.approx((function(x + h) - function(x - h)) / (2 * h), rel=1e-6)
    assert value_and_grad(function)(x) == (function(x), expected)
    assert jvp(function, (x,), (1.0,)) == (function(x), expected)
    assert vjp(function, x)[1](1.0) == (expected,)
    second = (grad(function)(x + h) - grad(function)(x - h)) / (2 * h)
    assert grad(grad(function))(x) == pytest.approx(second, rel=1e-5)


def handed_in(x, rng):
    return last_of_path(rng, x, 0.3, 3) * x


def test_a_generator_that_is_handed_in_moves_on():
    one, other = random.Random(8), random.Random(8)
    for _ in range(2):
        value = handed_in(1.5, one)
        found, slope = value_and_grad(handed_in)(1.5, other)
        assert (found, slope) == (value, pytest.approx(2 * value / 1.5))
    assert one.getstate() == other.getstate()


def test_the_text_draws_as_the_user_does():
    gradient = grad(made_inside)
    gradient(1.1)
    assert "rng = random.Random(5)" in gradient.source
    assert "rng.uniform(-1, 1)" in gradient.source


def drawn_around(x):
    return random.Random(3).betavariate(2 * x, 1.0)


def shuffled(x):
    xs = [x, 2.0]
    random.Random(3).shuffle(xs)
    return xs[0]


def test_what_would_vary_is_refused():
    with pytest.raises(DifferentiationError, match=r"betavariate\(\) gives has no derivative"):
        grad(drawn_around)(1.5)
    with pytest.raises(DifferentiationError, match=r"shuffle\(\) of a generator") as refusal:
        grad(shuffled)(1.5)
    assert "draw numbers" in str(refusal.value.help)
