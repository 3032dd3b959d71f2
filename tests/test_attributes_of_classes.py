"""An attribute of a class that a function writes to, and that objects of it are asked for."""

import pytest

from sourcediff import grad
from tests.differences import difference


class Counted:
    n = 0

    def __init__(self, x):
        Counted.n += 1
        self.x = x * self.n


class Scaled:
    factor = 1.0

    def of(self, x):
        return self.factor * x

    def have_own(self):
        self.factor = 7.0


def counted(x):
    Counted.n = 0
    a, b, c = Counted(x), Counted(x), Counted(x)
    return a.x + b.x * c.x


def changed_between(x):
    Scaled.factor = 3.0
    first = Scaled().of(x)
    Scaled.factor = 4.0
    return first * Scaled().of(x)


def replaced_by_one_object(x):
    scaled = Scaled()
    Scaled.factor = 2.0
    first = scaled.of(x)
    scaled.have_own()
    second = scaled.of(x) * first
    Scaled.factor = 3.0
    return second * Scaled().of(x) * scaled.of(x)


@pytest.mark.parametrize("program", [counted, changed_between, replaced_by_one_object])
def test_an_object_is_asked_for_an_attribute_of_its_class_that_changes(program):
    expected = difference(program, (0.7,), 0)
    assert expected is not None
    assert grad(program)(0.7) == pytest.approx(expected.value)
