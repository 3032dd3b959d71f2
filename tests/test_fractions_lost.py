"""Real numbers that are stored in arrays of what may be whole numbers in a call."""

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, hvp, jvp, value_and_grad, vjp

LOST = "would lose its fraction"


def pair(x, a, b):
    y = np.array([a, b])
    y[0] = x
    return y[0] * y[1] * x


def filled(x, n):
    y = np.full(3, n)
    y[1:] = x
    return np.sum(y) * x


def seen_through_a_view(x, n):
    y = np.array([[n, 1], [2, 3]])
    row = y[1]
    row[0] = x
    return np.sum(y) * x


def of_a_list(x, xs):
    y = np.zeros_like(np.array(xs))
    y[0] = x
    return y[0] * x


CALLS = [(pair, (1, 2)), (filled, (3,)), (seen_through_a_view, (3,)), (of_a_list, ([1, 2],))]


@pytest.mark.parametrize(("f", "rest"), CALLS, ids=[f.__name__ for f, _ in CALLS])
def test_a_fraction_that_would_be_cut_off_is_refused(f, rest):
    """The derivative of what NumPy cuts off is zero; it was that of the real number."""
    still = (None,) * len(rest)
    for derive in (
        lambda: grad(f)(1.7, *rest),
        lambda: grad(f, argnums=tuple(range(1 + len(rest))))(1.7, *rest),
        lambda: jvp(f, (1.7, *rest), (1.0, *still)),
        lambda: vjp(f, 1.7, *rest),
        lambda: hvp(f, (1.7, *rest), (1.0, *still)),
    ):
        with pytest.raises(DifferentiationError, match=LOST) as caught:
            derive()
        assert caught.value.lineno is not None


@pytest.mark.parametrize(("f", "rest"), CALLS, ids=[f.__name__ for f, _ in CALLS])
def test_floats_are_stored_as_they_are(f, rest):
    floats = [list(map(float, arg)) if isinstance(arg, list) else float(arg) for arg in rest]
    derivative = grad(f)
    slope = (f(1.7 + 1e-6, *floats) - f(1.7 - 1e-6, *floats)) / 2e-6
    assert derivative(1.7, *floats) == pytest.approx(slope, rel=1e-7)
    with pytest.raises(DifferentiationError, match=LOST):
        derivative(1.7, *rest)
    assert derivative(1.7, *floats) == pytest.approx(slope, rel=1e-7)
    assert jvp(f, (1.7, *floats), (1.0, *(None for _ in rest)))[1] == pytest.approx(slope)


def test_one_float_makes_an_array_of_floats():
    assert grad(pair)(1.7, 1, 2.5) == pytest.approx(2 * 1.7 * 2.5)
    assert grad(of_a_list)(1.7, [1.5, 2]) == pytest.approx(2 * 1.7)


def test_whole_numbers_all_over_are_real_numbers():
    """As everywhere where all that is differentiated is handed in as whole numbers."""
    assert value_and_grad(pair, argnums=(0, 1, 2))(3, 1, 2) == (18.0, (12.0, 0.0, 9.0))


def test_lengths_and_numbers_in_one_dict():
    """The length was made a float with the numbers, and refused."""

    def f(l, x):
        return np.sum(np.full(l["n"], l["w"]) * x) + np.sum(np.tile(x, l["n"])) * l["w"]

    x = np.array([1.5, 2.0, 4.0])
    found = grad(f)({"n": 3, "w": 2}, x)
    assert found["w"] == pytest.approx(4 * 7.5)


def of_a_mixed_list(x, n):
    ys = [0.5] * n
    ys[1] = n
    t, k = 0.0, n
    for _ in range(3):
        t += x
        k = k * 2
    y = np.array(ys)
    y[0] = x
    z = np.array([t, t, n**-1])
    z[1] = x
    return np.sum(y * z) * k


def test_what_a_float_has_met_is_no_whole_number():
    slope = (of_a_mixed_list(1.7 + 1e-6, 3) - of_a_mixed_list(1.7 - 1e-6, 3)) / 2e-6
    assert grad(of_a_mixed_list)(1.7, 3) == pytest.approx(slope, rel=1e-7)
