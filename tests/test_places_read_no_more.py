"""Adjoints that are taken from a place of a list or an array are not replaced by zero in vain.

Of each program the gradient is held against the tape and differences in every mode; the text says
whether zeros are written: they are, where somebody may still look at the place.
"""

import math

import numpy as np
import pytest

from sourcediff import grad, tape
from tests.every_mode import check_in_every_mode
from tests.test_arrays import difference


def put_once(xs):
    out = [0.0] * 3
    for i in range(3):
        out[i] = xs[i] * xs[0]
    return sum(v * v for v in out)


def from_the_one_before(xs):
    out = [1.0] * 4
    for i in range(1, 4):
        out[i] = out[i - 1] * xs[i - 1]
    return out[3] * out[0] + out[2]


def to_the_next(xs):
    out = [1.0] * 4
    for i in range(3):
        out[i + 1] = out[i] * xs[i] + 0.1
    return out[3] + out[1] * out[0]


def from_two_before(xs):
    out = [0.0] * 5
    out[0], out[1] = xs[0], xs[1]
    for i in range(2, 5):
        out[i] = out[i - 1] * xs[2] + out[i - 2]
    return out[4] * out[3]


def backwards(xs):
    out = [0.0] * 4
    for i in range(2, -1, -1):
        out[i] = out[i + 1] * xs[i] + xs[0]
    return out[0] * out[1]


def by_steps(xs):
    out = [0.0] * 6
    for i in range(0, 6, 2):
        out[i] = xs[i // 2] * xs[0]
    return sum(v * v for v in out)


def in_a_branch(xs):
    out = [0.5] * 3
    for i in range(3):
        if xs[i] > 0.0:
            out[i] = xs[i] * xs[1]
    return sum(v * v for v in out)


def table(xs):
    best = [[0.0] * 3 for _ in range(3)]
    for i in range(1, 3):
        for j in range(1, 3):
            best[i][j] = xs[i] * xs[j] + best[i - 1][j] * best[i][j - 1] + 0.5 * best[i - 1][j - 1]
    return best[2][2] * best[1][1]


def two_lists(xs):
    a, b = [0.0] * 3, [0.0] * 3
    for i in range(3):
        a[i] = xs[i] * xs[0]
        b[i] = math.sin(a[i])
    return sum(u * v for u, v in zip(a, b, strict=True))


WITHOUT_ZEROS = [
    put_once,
    from_the_one_before,
    to_the_next,
    from_two_before,
    backwards,
    by_steps,
    in_a_branch,
    table,
    two_lists,
]


def round_the_end(xs):
    out = [1.0] * 3
    for i in range(3):
        out[i] = out[i - 1] * xs[i]
    return out[0] * out[2]


def from_itself(xs):
    out = [xs[0]] * 3
    for i in range(3):
        out[i] = out[i] * xs[i]
    return sum(v * v for v in out)


def twice(xs):
    out = [0.0] * 3
    for i in range(3):
        out[i] = xs[i] * xs[0]
        xs[2] = out[i]
        out[i] = xs[i] * xs[1]
    return sum(v * v for v in out)


def in_every_step_of_time(xs):
    out = [0.1] * 3
    for _ in range(3):
        total = 0.0
        for i in range(3):
            total += out[i] * xs[i]
        for i in range(3):
            out[i] = total * xs[i]
    return sum(v * v for v in out)


def from_the_one_behind(xs):
    out = [xs[0]] * 4
    for i in range(3):
        out[i] = out[i + 1] * xs[i]
    return sum(v * v for v in out)


def from_one_fixed(xs):
    out = [xs[0]] * 3
    for i in range(3):
        out[i] = out[1] * xs[i]
    return sum(v * v for v in out)


def of_the_first_row(xs):
    best = [[xs[0]] * 3 for _ in range(3)]
    for i in range(3):
        for j in range(3):
            best[i][j] = xs[i] * best[0][j] + best[i][0]
    return best[2][2] * best[1][1]


def at_a_computed_place(xs):
    out = [0.1] * 3
    for i in range(4):
        out[i % 3] = out[(i + 1) % 3] * xs[i % 3]
    return sum(v * v for v in out)


def below_zero(xs):
    out = [0.1] * 3
    for i in range(-2, 3):
        out[i] = out[i] * xs[i] + xs[0]
    return sum(v * v for v in out)


def one_row_twice(xs):
    row = [0.2] * 3
    rows = [row, row]
    for i in range(2):
        for j in range(3):
            rows[i][j] = rows[i][j] * xs[j] + xs[0]
    return sum(map(sum, rows))


def of_an_argument(xs):
    for i in range(3):
        xs[i] = xs[i] * xs[0]
    return sum(v * v for v in xs)


WITH_ZEROS = [
    round_the_end,
    from_itself,
    twice,
    in_every_step_of_time,
    from_the_one_behind,
    from_one_fixed,
    of_the_first_row,
    at_a_computed_place,
    below_zero,
    of_an_argument,
]


@pytest.mark.parametrize("program", [*WITHOUT_ZEROS, *WITH_ZEROS])
def test_every_mode(program):
    check_in_every_mode(program, (0.7, 1.4, -0.3))


def test_rows_that_are_one():
    xs = [0.7, 1.4, -0.3]
    assert grad(one_row_twice)(list(xs)) == pytest.approx(tape.gradient(one_row_twice, list(xs)))


@pytest.mark.parametrize("program", WITHOUT_ZEROS)
def test_no_zero_is_written_in_vain(program):
    derivative = grad(program)
    derivative([0.7, 1.4, -0.3])
    reverse = derivative.source.partition("# adjoint of")[2]
    assert "] = 0.0" not in reverse


def outer_product(x, w):
    out = np.zeros((len(x), len(w)))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = x[i] * w[j]
    return np.sum(out**2)


def row_by_row(x, w):
    out = np.zeros((len(x), len(w)))
    for i in range(len(x)):
        out[i] = np.tanh(x[i] * w)
    return np.sum(out**2)


def euler(x, w):
    path = np.zeros((4, len(w)))
    path[0] = w
    for t in range(3):
        path[t + 1] = path[t] + 0.1 * np.sin(path[t] * x[t])
    return np.sum(path[-1] ** 2) + path[0] @ w


def time_and_space(x, w):
    u = np.zeros((4, 5))
    u[0] = x[:5]
    for t in range(3):
        for i in range(1, 4):
            u[t + 1, i] = u[t, i] + w[0] * (u[t, i - 1] - 2.0 * u[t, i] + u[t, i + 1])
    return np.sum(u[3] ** 2)


def rows_from_the_last(x, w):
    out = np.ones((3, len(w)))
    for i in range(3):
        out[i] = out[i - 1] * w * x[i]
    return np.sum(out**2)


def in_turns(x, w):
    out = np.ones(len(w))
    for _ in range(2):
        for i in range(len(w)):
            out[i] = out[i - 1] * w[i] + x[i]
    return np.sum(out**2)


def through_slices(x, w):
    u = np.ones(6)
    for i in range(3):
        u[1:][i] = u[2:][i] * x[i] + w[0]
    return np.sum(u**2)


def through_shifted_slices(x, w):
    u = np.ones(6)
    for i in range(1, 4):
        u[1:][i] = u[2:][i - 1] * x[i] + w[0]
    return np.sum(u**2)


def by_columns(x, w):
    u = np.zeros((3, 4))
    u[:, 0] = w
    for t in range(1, 4):
        u[:, t] = np.sin(u[:, t - 1]) * x[t]
    return np.sum(u[:, 3] ** 2)


def along_the_last_axis(x, w):
    u = np.ones((2, 3, 3))
    for i in range(1, 3):
        u[..., i] = u[:, i - 1] * x[i] + u[..., i] * w[0]
    return np.sum(u**2)


ARRAYS = [outer_product, row_by_row, euler, time_and_space, rows_from_the_last, in_turns]
ARRAYS += [through_slices, through_shifted_slices, by_columns, along_the_last_axis]
rng = np.random.default_rng(5)
X, W = rng.normal(size=6), rng.normal(size=3)


@pytest.mark.parametrize("program", ARRAYS)
def test_arrays(program):
    derivative = grad(program, (0, 1))
    for found, place in zip(derivative(X, W), (0, 1), strict=True):
        np.testing.assert_allclose(found, difference(program, (X, W), place, 1e-6), atol=1e-7)


@pytest.mark.parametrize("program", ARRAYS[:4])
def test_no_zero_is_written_to_an_array_in_vain(program):
    derivative = grad(program, (0, 1))
    derivative(X, W)
    assert "] = 0.0" not in derivative.source.partition("# adjoint of")[2]
