"""Lists of which only sums are taken, and that grow between them."""

import numpy as np
import pytest

from sourcediff.errors import InternalError
from sourcediff.kinds import restored
from tests.every_mode import check_in_every_mode


def before_it_grows_in_a_branch(xs):
    a, *rest = xs
    total = 0.0
    if a > 0.0:
        total += a * sum(rest)
    rest.append(1.17 * a)
    return total + a * sum(rest) + a * sum(rest)


def before_it_grows_in_a_loop(xs):
    a = xs[0]
    total = 0.0
    for i in range(3):
        total += a * sum(xs)
        xs.append(a * i)
    return total * sum(xs)


def until_it_is_long(xs):
    ys = list(xs)
    ys.append(sum(ys))
    while len(ys) < 6:
        ys.append(sum(ys) * 1.1)
    return sum(ys)


def of_repeated_items(xs):
    a, b, c = xs
    ys = [a * b] * 3
    ys.append(c * c)
    return c * sum(ys)


def of_the_list_that_a_branch_takes(xs):
    a = xs[0]
    ys = xs[:] if a > 0.0 else [a]
    ys.append(a * a)
    return a * sum(ys)


def of_the_list_of_another_branch(xs):
    a = xs[0]
    ys = xs[:] if a < 0.0 else [a, xs[1]]
    ys.append(a * a)
    return a * sum(ys)


def of_a_part(xs):
    ys = xs[1:]
    ys.append(xs[0] ** 2)
    return xs[0] * sum(ys)


def of_a_display_with_a_star(xs):
    a, *rest = xs
    ys = [a * a, *rest]
    ys.append(a)
    return a * sum(ys)


def in_two_branches(xs):
    a = xs[0]
    total = 1.0
    if a > 0.1:
        xs.append(a)
    if a > 0.2:
        total += a * sum(xs)
        xs.append(total)
    xs.append(a)
    return total * sum(xs)


def of_rows(xs):
    rows = [[x, xs[0]] for x in xs]
    for row in rows:
        row.append(row[0] * 0.5)
    return sum(map(sum, rows)) * xs[1]


@pytest.mark.parametrize(
    "program",
    [
        before_it_grows_in_a_branch,
        before_it_grows_in_a_loop,
        until_it_is_long,
        of_repeated_items,
        of_the_list_that_a_branch_takes,
        of_the_list_of_another_branch,
        of_a_part,
        of_a_display_with_a_star,
        in_two_branches,
        of_rows,
    ],
)
def test_every_mode(program):
    check_in_every_mode(program, (0.7, 1.4, -0.3))


def test_a_derivative_of_another_length_is_never_handed_out():
    others = [
        ([1.0], [1.0, 2.0]),
        ([[1.0, 2.0]], [[1.0]]),
        ((1.0, 2.0), (1.0,)),
        ({"a": 1.0}, {"a": 1.0, "b": 2.0}),
        (np.zeros(3), np.zeros(4)),
        (np.zeros((2, 3)), np.zeros((3, 2))),
    ]
    for argument, derivative in others:
        with pytest.raises(InternalError, match="the derivative of an argument of"):
            restored(argument, derivative)
