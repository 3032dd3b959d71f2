"""Classes made of Python's own: what they say of themselves is done, or refused."""

import functools
import math
import operator
from collections import namedtuple
from typing import NamedTuple

import pytest

from sourcediff import DifferentiationError, grad
from tests.every_mode import check_in_every_mode


class Vec(NamedTuple):
    x: float
    y: float = 1.0

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)

    def __radd__(self, other):
        return self if other == 0 else NotImplemented

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __neg__(self):
        return Vec(-self.x, -self.y)

    def __sub__(self, other):
        return self + -other

    def __matmul__(self, other):
        return self.x * other.x + self.y * other.y

    def __abs__(self):
        return math.hypot(self.x, self.y)


Plain = namedtuple("Plain", "a b")


def sums(xs):
    return (Vec(xs[0], xs[1]) + Vec(xs[2], xs[0])).x * (2 * Vec(xs[1], xs[2])).y


def turned(xs):
    p = Vec(xs[0], xs[1]) - Vec(xs[2])
    return abs(p) * (-p).x + p @ Vec(xs[1], xs[1])


def over_turns(xs):
    p, v = Vec(xs[0], 1.0), Vec(0.1, xs[1])
    for _ in range(3):
        p += v * 0.1
        v = v - p * xs[2]
    return p[0] * p[1]


def added_up(xs):
    several = [Vec(xs[0], xs[1]), Vec(xs[2], xs[0]) * xs[1], Vec(xs[1])]
    total = sum(several) + functools.reduce(operator.add, several, Vec(xs[0], 0.0))
    return total.x * sum(several, Vec(xs[2], xs[2])).y


def in_a_list(xs):
    steps = [Vec(x, i) for i, x in enumerate(xs)]
    total = Vec(0.0, xs[1])
    for step in steps:
        total = total + step * 2
    return total[0] * total[1]


def of_plain_ones(xs):
    p = Plain(xs[0], xs[1])
    return sum(p + (xs[2], 3.0)) * (p * 2)[3] * (p + p)[2] * len(p * 3)


PROGRAMS = [sums, turned, over_turns, added_up, in_a_list, of_plain_ones]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_operators_of_named_tuples_are_those_of_their_class(program):
    check_in_every_mode(program, (0.8, 1.3, 0.4))


def test_named_tuples_that_are_handed_in_have_their_operators():
    def size(p, q):
        return abs(p + q * 2.0)

    p, q = Vec(1.0, 2.0), Vec(1.0, 1.0)
    assert grad(size)(p, q) == pytest.approx((3.0 / 5.0, 4.0 / 5.0))
    assert grad(lambda p: (p + Vec(2.0, 2.0)).x ** 2)(p) == pytest.approx((6.0, 0.0))
    assert grad(lambda x: (HERE + Vec(x)).x ** 2)(1.0) == pytest.approx(6.0)


HERE = Vec(2.0, 2.0)


class Doubled(list):
    def __getitem__(self, place):
        return 2.0 * super().__getitem__(place)


class Sevens(dict):
    def __missing__(self, key):
        return 7.0


class Odd(float):
    def __add__(self, other):
        return float(self) * other


class Counted(Plain):
    def __new__(cls, a, b=2.0):
        return super().__new__(cls, 2.0 * a, b)


class ByB(NamedTuple):
    a: float
    b: float

    def __lt__(self, other):
        return self.b < other.b


@pytest.mark.parametrize(
    ("argument", "method"),
    [
        (Doubled([1.0, 2.0]), "__getitem__"),
        (Sevens(a=1.0), "__missing__"),
        (Odd(2.0), "__add__"),
        (Counted(1.0), "__new__"),
        (ByB(1.0, 2.0), "__lt__"),
    ],
    ids=lambda part: type(part).__name__,
)
def test_a_class_that_says_otherwise_what_its_base_does_is_refused(argument, method):
    def first(whole):
        return whole * 1.0 if isinstance(whole, float) else whole[0]

    with pytest.raises(DifferentiationError, match=f"says by {method} what it does"):
        grad(first)(argument)


def test_such_a_class_is_refused_where_it_is_made_or_found():
    found = ByB(1.0, 2.0)
    for function in (
        lambda x: min(ByB(x, 2.0), ByB(2.0, 1.0)).a * x,
        lambda x: x if found < ByB(x, 3.0) else 2.0 * x,
        lambda x: Counted(x, x).a,
    ):
        with pytest.raises(DifferentiationError, match="what it does, is not supported"):
            grad(function)(1.0)
