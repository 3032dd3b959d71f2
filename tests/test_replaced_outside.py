"""What is replaced outside after a derivative has been made: the next call finds it."""

import functools
import importlib
import math
import types
from dataclasses import dataclass

import pytest

from sourcediff import grad
from tests.differences import difference

xp = math
backend = types.SimpleNamespace(sin=math.sin)
RATE = 2.0
MODE = "square"
TABLE = {"square": lambda x: x * x, "cube": lambda x: x**3}
halved = functools.partial(lambda k, x: k * x * x, 0.5)


def helper(x):
    return RATE * x


class Base:
    factor = 2.0

    def __call__(self, x):
        return self.factor * x * x


class Inherits(Base):
    pass


class Vector:
    def __init__(self, x):
        self.x = x

    def __add__(self, other):
        return Vector(self.x + other.x)

    def squared(self):
        return self.x * self.x

    @property
    def half(self):
        return self.x / 2

    @staticmethod
    def thrice(x):
        return 3 * x

    @classmethod
    def doubled(cls, x):
        return cls(2 * x)


@dataclass
class Pair:
    a: float
    b: float = 2.0

    def __post_init__(self):
        self.b = self.b * self.a


layer = Inherits()


def by_module(x):
    return xp.sin(x)


def by_namespace(x):
    return backend.sin(x)


def by_helper(x):
    return helper(x) * x


def by_table(x):
    return TABLE[MODE](x)


def by_partial(x):
    return halved(x)


def by_object(x):
    return layer(x)


def by_class(x):
    v = Vector(x) + Vector(x)
    return v.squared() + v.half * Vector.thrice(x) + Vector.doubled(x).x


def by_dataclass(x):
    return Pair(x).b * x


def other_init(self, x):
    self.x = math.exp(x)


def other_post_init(self):
    self.b = self.a**3


@pytest.mark.parametrize(
    ("function", "owner", "name", "replacement"),
    [
        (by_module, None, "xp", types.SimpleNamespace(sin=math.cosh)),
        (by_module, None, "xp", importlib.import_module("numpy")),
        (by_namespace, backend, "sin", math.cosh),
        (by_helper, None, "helper", lambda x: x**3),
        (by_helper, None, "RATE", 5.0),
        (by_table, None, "MODE", "cube"),
        (by_table, TABLE, "square", lambda x: x**4),
        (by_partial, None, "halved", functools.partial(lambda k, x: k * x**3, 0.25)),
        (by_object, Base, "__call__", lambda self, x: self.factor * x**3),
        (by_object, Base, "factor", 7.0),
        (by_object, layer, "factor", 9.0),
        (by_class, Vector, "__init__", other_init),
        (by_class, Vector, "__add__", lambda self, other: Vector(self.x * other.x)),
        (by_class, Vector, "squared", lambda self: self.x**3),
        (by_class, Vector, "half", property(lambda self: self.x**2)),
        (by_class, Vector, "thrice", staticmethod(lambda x: x * x)),
        (by_class, Vector, "doubled", classmethod(lambda cls, x: cls(x**3))),
        (by_dataclass, Pair, "__post_init__", other_post_init),
    ],
)
def test_what_is_replaced_is_found(monkeypatch, function, owner, name, replacement):
    derivative = grad(function)
    before = derivative(1.3)
    assert before == pytest.approx(difference(function, (1.3,), 0).value)
    if owner is None:
        monkeypatch.setitem(globals(), name, replacement)
    elif isinstance(owner, dict):
        monkeypatch.setitem(owner, name, replacement)
    else:
        monkeypatch.setattr(owner, name, replacement)
    assert derivative(1.3) == pytest.approx(difference(function, (1.3,), 0).value)
    monkeypatch.undo()
    assert derivative(1.3) == before


def test_a_derivative_of_a_derivative_finds_it_too(monkeypatch):
    second = grad(grad(by_object))
    assert second(1.3) == pytest.approx(4.0)
    monkeypatch.setattr(Base, "__call__", lambda self, x: self.factor * x**3)
    assert second(1.3) == pytest.approx(12 * 1.3)
