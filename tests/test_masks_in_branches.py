"""What `np.where` does not choose stays out of second derivatives, in branches and contexts too."""

import math
import warnings

import numpy as np
import pytest

from sourcediff import grad, hvp, jvp
from tests.differences import difference

START = np.array([0.5, -0.3, 1.7, 2.0])
ALONG = np.array([0.4, -1.1, 0.7, 0.9])


def in_errstate(x):
    with np.errstate(invalid="ignore"):
        y = np.where(x > 0, np.sqrt(x), 0.0)
    return np.sum(y**3)


def chosen_behind(x):
    with np.errstate(all="ignore"):
        root = np.sqrt(x)
    y = np.where(x > 0, root, -x)
    return np.sum(y**3)


def in_catch_warnings(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y = np.where(x > 0, np.sqrt(x), 0.0)
    return np.sum(y**3)


def in_turns(x):
    s = 0.0
    for i in range(3):
        with np.errstate(all="ignore"):
            y = np.where(x > i * 0.1, np.sqrt(x - i * 0.1), 0.0)
        s += np.sum(y**3)
    return s


def in_an_arm(x):
    if x[0] < 5:
        with np.errstate(all="ignore"):
            y = np.where(x > 0, np.sqrt(x), -x)
    else:
        y = x
    return np.sum(y**3)


def in_try(x):
    y = x
    try:
        y = np.where(x > 0, np.sqrt(x), 0.0)
    except ValueError:
        pass
    return np.sum(y**3)


def in_both_arms(x):
    m = x > 0
    with np.errstate(invalid="ignore"):
        r = np.sqrt(x)
    a = np.where(m, r, 0.0) if x[0] > 0 else np.where(m, r * r, x)
    b = np.where(m, r * x, x)
    return np.sum(a**2 * b)


def not_a_number(x):
    with np.errstate(invalid="ignore"):
        return np.sum(np.nan_to_num(np.sqrt(x)) ** 3)


PROGRAMS = [
    in_errstate,
    chosen_behind,
    in_catch_warnings,
    in_turns,
    in_an_arm,
    in_try,
    in_both_arms,
    not_a_number,
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
def test_what_is_not_chosen_does_no_harm(program):
    derivative = grad(program)
    found = derivative(START)
    expected = difference(lambda t: program(START + t * ALONG), (0.0,), 0)
    assert math.isclose(expected.value, found @ ALONG, rel_tol=1e-7)
    assert jvp(program, (START,), (ALONG,))[1] == pytest.approx(found @ ALONG)
    (second,) = hvp(program, (START,), (ALONG,))
    for place, h in enumerate(second):

        def slope(t, place=place):
            return derivative(START + t * ALONG)[place]

        expected = difference(slope, (0.0,), 0)
        assert math.isclose(expected.value, h, rel_tol=1e-6, abs_tol=1e-6)


def raises_inside(x, names):
    y = x
    try:
        z = np.sqrt(x * x + 1)
        y = np.sin(z) * float(names[0])
    except ValueError:
        y = x * x * x
    return np.sum(y**2)


def test_second_derivatives_where_the_body_of_a_try_statement_raised():
    (second,) = hvp(lambda x: raises_inside(x, ["no number"]), (START,), (ALONG,))
    assert second == pytest.approx(30 * START**4 * ALONG)
