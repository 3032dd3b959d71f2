"""What `np.where` does not choose stays out, through sums, reshaped arrays and masks on masks."""

import math

import numpy as np
import pytest

from sourcediff import grad, hvp, jvp
from tests.differences import difference

START = np.array([0.5, -0.3, 1.7, 2.0])
ALONG = np.array([0.4, -1.1, 0.7, 0.9])


def masked_and_not(x):
    y = np.where(x > 0, np.log(x), 0.0)
    z = np.where(x > 0, y * np.sqrt(x), x**2)
    return np.sum(z)


def mask_in_a_mask(x):
    y = np.where(x > 0, np.log(x), 0.0)
    other = np.where(x > 0, y * np.sqrt(x), x**2)
    z = np.where(x > 1, y * np.sqrt(x - 1), other)
    return np.sum(z**2)


def selected(x):
    return np.sum(np.select([x > 1, x > 0], [np.log(x) * x, np.sqrt(x) * x], x**2))


def selected_all(x):
    roots = [np.sqrt(-x) * np.log(-x), np.log(x) * x]
    return np.sum(np.select([x < 0, x < 1], roots, default=np.sqrt(x) * np.log(x)) ** 2)


def two_masks(x):
    y, z = np.where(x > 0, np.log(x), 0.0), np.where(x > 0, np.sqrt(x), 0.0)
    return y @ z


def different_masks(x):
    a = np.where(x > 0, np.log(x), 0.0)
    b = np.where(x > 1, np.sqrt(x - 1), 0.0)
    c = np.where(x < 0, np.sqrt(-x), 0.0)
    return np.sum(a * b + b * c + c * a * x + a * a * b)


def without_nans(x):
    return np.sum(np.nan_to_num(np.log(x)) * np.where(x > 0, np.sqrt(x), 1.0))


def columns(x):
    y = np.where(x > 0, np.log(x), 0.0)
    root = np.sqrt(x)[:, None]
    z = np.where(x[:, None] > 0, y[:, None] * root * np.ones(3), (x**2)[:, None])
    return np.sum(z**2)


def rows(x):
    return np.sum(np.where(x > 0, (np.sqrt(x) * np.ones((3, 4))) ** 3, 0.0))


def reshaped(x):
    y = np.where(x > 0, np.log(x), 0.0).reshape(2, 2)
    return np.sum(np.where(x.reshape(2, 2) > 0, y.T.T * np.sqrt(x).reshape(2, 2), 1.0) ** 2)


def stacked(x):
    return np.sum(np.where(x > 0, np.stack([np.log(x), np.sqrt(x)]) ** 3, 0.0))


def distances(x):
    p = x.reshape(2, 2)
    d = p[:, None, :] - p[None, :, :]
    r = np.linalg.norm(d, axis=-1)
    return np.sum(np.where(r > 0, r * np.log(r), 0.0))


def twice_chosen(x):
    safe = np.where(x > 0, x, 1.0)
    return np.sum(np.where(x > 0, np.log(safe) * np.sqrt(safe), x**2))


PROGRAMS = [
    masked_and_not,
    mask_in_a_mask,
    selected,
    selected_all,
    two_masks,
    different_masks,
    without_nans,
    columns,
    rows,
    reshaped,
    stacked,
    distances,
    twice_chosen,
]
names = pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@names
def test_what_is_not_chosen_does_no_harm(program):
    derivative = grad(program)
    found = derivative(START)
    assert np.all(np.isfinite(found))
    expected = difference(lambda t: program(START + t * ALONG), (0.0,), 0)
    assert math.isclose(expected.value, found @ ALONG, rel_tol=1e-6)
    assert jvp(program, (START,), (ALONG,))[1] == pytest.approx(found @ ALONG)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@names
def test_nor_in_second_derivatives(program):
    derivative = grad(program)

    def along(x):
        return np.sum(derivative(x) * ALONG)

    expected = [
        difference(lambda t, k=k: along(START + t * np.eye(4)[k]), (0.0,), 0).value
        for k in range(4)
    ]
    assert hvp(program, (START,), (ALONG,))[0] == pytest.approx(expected, rel=1e-6, abs=1e-6)
    assert grad(along)(START) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def mixed(x):
    y = np.where(x > 0, np.log(x), 0.0)
    w = y * x
    z = np.where(x > 0, w * np.sqrt(x), w)
    return np.sum(z**2)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_nor_in_third_derivatives():
    first = grad(mixed)
    second = grad(lambda x: np.sum(first(x) * ALONG))
    last = grad(lambda x: np.sum(second(x) * ALONG))
    expected = difference(lambda t: np.sum(second(START + t * ALONG) * ALONG), (0.0,), 0)
    assert last(START) @ ALONG == pytest.approx(expected.value, rel=1e-6)


def test_sums_that_are_always_finite_are_not_masked_again():
    def f(x, w):
        a = np.maximum(x, 0.0) + np.minimum(x * w, 1.0)
        return np.sum(a * w * a)

    derivative = grad(f)
    derivative(START, ALONG)
    assert " | " not in derivative.source


def test_what_is_added_in_place_is_under_no_mask():
    def stretched(x, s):
        y = np.maximum(0.9, s / np.full((2, 3), -0.2))
        y[1] -= x
        return np.sum(y * y)

    gradient = grad(stretched, argnums=(0, 1))

    def curvature(x, s):
        x_bar, s_bar = gradient(x, s)
        return np.sum(np.cos(x_bar)) + s_bar * s_bar

    for s in (0.4, -0.4):
        x = np.array([0.1, 0.2, 0.3])
        found = grad(curvature)(x, s)
        for place in range(3):
            step = 1e-5 * np.eye(3)[place]
            slope = (curvature(x + step, s) - curvature(x - step, s)) / 2e-5
            assert found[place] == pytest.approx(slope, rel=1e-6)
