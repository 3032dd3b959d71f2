"""Numbers that the user named, ``dt = 0.01``, keep their names in the text."""

import math
from typing import Any

import pytest

from sourcediff import grad, hvp, vjp
from tests.differences import difference


def swing(theta: float, length: float) -> float:
    dt = 0.01
    n = 10
    g = 9.81
    omega = 0.0
    for _ in range(n):
        omega = omega - g / length * math.sin(theta) * dt
        theta = theta + omega * dt
    return theta


def test_names_are_kept() -> None:
    assert (
        grad(swing, argnums=(0, 1)).source
        == """\
import math


def grad_swing(theta: float, length: float):
    dt = 0.01
    n = 10
    g = 9.81
    thetas = []
    omega = 0.0
    for _ in range(n):
        thetas.append(theta)
        omega -= g / length * math.sin(theta) * dt
        theta += omega * dt
    theta_bar = 1.0
    omega_bar = length_bar = 0.0
    for theta in reversed(thetas):
        # adjoint of: theta = theta + omega * dt
        omega_bar += theta_bar * dt
        # adjoint of: omega = omega - g / length * math.sin(theta) * dt
        product = omega_bar * dt
        ratio = g / length
        theta_bar -= product * ratio * math.cos(theta)
        length_bar += product * math.sin(theta) * ratio / length
    return theta_bar, length_bar
"""
    )


def helper(x: float, turns: int) -> float:
    c = 2.0
    for _ in range(turns):
        x = math.sin(c * x)
    return x


def of_two_functions(x: float) -> float:
    c = 3.0
    y = helper(x, 2)
    return c * y * x


def exponents(x: float) -> float:
    p = 3
    q = 0.5
    return x**p + x**q + x**-p


def called_like_an_adjoint(x: float) -> float:
    y_bar = 2.0
    kept = 3.0
    a = b = 0.7
    return x * x * y_bar * kept * a / b


def bound_twice(x: float) -> float:
    k = 2.0
    y = x * k
    k = 3.0
    return y * x * k


def target_of_a_loop(x: float) -> float:
    k = 5
    total = 0.0
    for k in range(3):
        total += k * x * x
    return total * k


def written_within(x: float) -> float:
    def bump() -> None:
        nonlocal s
        s = s + x * x

    s = 1.0
    bump()
    return s * x


def of_one_arm(x: float) -> float:
    if x > 0:
        w = 2.0
    else:
        w = 3.0
    return w * x * x


def turned(x: float) -> float:
    k = -1.5
    return max(x, k) * abs(k) * x / k - (x + k) / (x - k)


def closed_over(x: float) -> float:
    n = 4

    def inner(t: float) -> float:
        k = 0.5
        return k * t * n

    return inner(x) * inner(x * n)


def recursive(x: float, depth: int) -> float:
    step = 0.25
    if depth == 0:
        return x
    return math.sin(recursive(x, depth - 1)) + step * x


def of_known_depth(x: float) -> float:
    depth = 3
    return recursive(x, depth) * depth


PROGRAMS = [
    of_two_functions,
    exponents,
    called_like_an_adjoint,
    bound_twice,
    target_of_a_loop,
    written_within,
    of_one_arm,
    turned,
    closed_over,
    of_known_depth,
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_against_differences(program: Any) -> None:
    x = 0.6
    estimate = difference(program, (x,), 0)
    assert estimate is not None
    wanted = estimate.value
    gradient = grad(program)
    assert gradient(x) == pytest.approx(wanted, rel=1e-6)
    value, pullback = vjp(program, x)
    assert value == program(x)
    assert pullback(2.0)[0] == pytest.approx(2.0 * wanted, rel=1e-6)
    second = difference(gradient, (x,), 0)
    assert second is not None
    assert hvp(program, (x,), (1.0,)) == pytest.approx((second.value,), rel=1e-5)
    assert grad(gradient)(x) == pytest.approx(second.value, rel=1e-5)


def test_each_function_has_its_own() -> None:
    text = grad(of_two_functions).source
    assert text.index("c = 3.0") < text.index("c_1 = 2.0")


def test_what_is_bound_twice_is_no_name_of_a_number() -> None:
    assert "k = " not in grad(bound_twice).source
