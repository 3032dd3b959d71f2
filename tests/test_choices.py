"""What is not chosen contributes nothing, even where its derivative is infinite."""

import math

import pytest

from sourcediff import grad, jvp


def root_or_one(x):
    return max(math.sqrt(x), 1.0)


def named_root_or_one(x):
    y = math.sqrt(x)
    return max(y, 1.0) * 3.0 + x


def power_or_one(x):
    return max(2.0 * x**0.5, 1.0)


def chosen_twice(x):
    return max(max(math.sqrt(x), 0.5) * 2.0, 3.0 - x)


@pytest.mark.parametrize(
    ("function", "at", "slope"),
    [
        (root_or_one, 0.0, 0.0),
        (root_or_one, 4.0, 0.25),
        (named_root_or_one, 0.0, 1.0),
        (named_root_or_one, 4.0, 1.75),
        (power_or_one, 0.0, 0.0),
        (power_or_one, 4.0, 0.5),
        (chosen_twice, 0.0, -1.0),
        (chosen_twice, 4.0, 0.5),
    ],
)
def test_chosen(function, at, slope):
    assert grad(function)(at) == slope
    assert jvp(function, (at,), (1.0,)) == (function(at), slope)
    estimate = (grad(function)(at + 1e-6) - grad(function)(at + 2e-6)) / -1e-6
    assert grad(grad(function))(at + 1e-6) == pytest.approx(estimate, rel=1e-3, abs=1e-9)


def test_in_a_loop():
    def f(xs):
        return sum(max(math.sqrt(x), 1.0) for x in xs)

    assert grad(f)([0.0, 4.0]) == [0.0, 0.25]
    assert jvp(f, ([0.0, 4.0],), ([1.0, 1.0],)) == (3.0, 0.25)


def test_the_text_divides_in_the_arm():
    slope = grad(root_or_one)
    assert slope(4.0) == 0.25
    assert "return 0.0 if 1.0 > root else 0.5 / root" in slope.source


def test_what_is_chosen_is_infinite():
    with pytest.raises(ZeroDivisionError):
        grad(lambda x: max(math.sqrt(x), -1.0))(0.0)
