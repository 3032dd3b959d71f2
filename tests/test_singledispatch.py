"""``functools.singledispatch``: the function for the class of the first argument."""

from dataclasses import dataclass
from functools import singledispatch

import pytest

from sourcediff import grad, hvp


@dataclass
class Circle:
    r: float


@dataclass
class Square:
    side: float


class Tile(Square):
    pass


@singledispatch
def area(shape):
    raise TypeError("no shape")


@area.register
def _(shape: Circle):
    return 3.0 * shape.r**2


@area.register(Square)
def _of_square(shape):
    return shape.side**2


@area.register(list)
def _of_many(shapes):
    return sum(map(area, shapes))


def circle(r):
    return area(Circle(r))


def tile(r):
    return area(Tile(r)) * r


def both(r):
    return area(Circle(r)) * area(Square(2.0 * r))


@pytest.mark.parametrize(("function", "first"), [(circle, 9.0), (tile, 6.75), (both, 162.0)])
def test_the_function_of_the_class(function, first):
    assert grad(function)(1.5) == pytest.approx(first)
    step = 1e-5
    slope = (grad(function)(1.5 + step) - grad(function)(1.5 - step)) / (2 * step)
    assert hvp(function, (1.5,), (1.0,))[0] == pytest.approx(slope, rel=1e-7)


def test_an_argument_of_a_class():
    def f(shape):
        return area(shape) ** 2

    assert grad(f)(Square(2.0)) == Square(32.0)
    assert grad(f)(Circle(1.0)) == Circle(36.0)


def test_a_class_registered_later():
    @singledispatch
    def cost(shape):
        return 1.0

    def f(r):
        return cost(Square(r)) * r

    derivative = grad(f)
    assert derivative(2.0) == 1.0
    cost.register(Square, lambda shape: shape.side)
    assert derivative(2.0) == 4.0
