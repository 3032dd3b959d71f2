"""One list in two places of the arguments of what changes it, also in second derivatives."""

import math

import pytest

from sourcediff import grad, hvp, jvp, value_and_grad
from tests.differences import difference


def doubled_twice(xs, ys):
    xs[0] *= 2.0
    ys[0] *= 2.0
    return xs[0] ** 2 + ys[0] ** 2


def rows_doubled(rows):
    for row in rows:
        row[0] *= 2.0
    total = 0.0
    for row in rows:
        total += row[0] ** 2
    return total


def of_one_list(x, y):
    xs = [x, y]
    one, other = grad(doubled_twice, (0, 1))(xs, xs)
    return math.sin(one[0]) + other[0]


def of_two_names(x, y):
    xs = [x, y]
    ys = xs
    one, other = grad(doubled_twice, (0, 1))(xs, ys)
    return math.sin(one[0]) + other[0]


def of_a_row_in_two_places(x, y):
    row = [x, y]
    rows = [row, row]
    gradient = grad(rows_doubled)(rows)
    return math.sin(gradient[0][0]) + gradient[1][0]


def of_what_is_handed_in(rows):
    gradient = grad(rows_doubled)(rows)
    return gradient[0][0] + 2.0 * gradient[1][0]


@pytest.mark.parametrize("outer", [of_one_list, of_two_names, of_a_row_in_two_places])
def test_a_list_made_inside(outer):
    expected = difference(outer, (0.7, 2.0), 0)
    assert grad(outer)(0.7, 2.0) == pytest.approx(expected.value, rel=1e-7)


def test_rows_that_are_handed_in():
    row = [0.7, 2.0]
    assert grad(of_what_is_handed_in)([row, row]) == [[192.0, 0.0]] * 2
    assert grad(of_what_is_handed_in)([row, list(row)]) == [[8.0, 0.0], [16.0, 0.0]]


def test_second_derivatives_go_along_the_one_list():
    xs, v = [1.0, 2.0], [0.5, 1.0]
    assert grad(doubled_twice, (0, 1))(xs, xs) == ([64.0, 0.0], [64.0, 0.0])
    assert hvp(doubled_twice, (xs, xs), (v, v)) == ([32.0, 0.0], [32.0, 0.0])
    assert hvp(rows_doubled, ([xs, xs],), ([v, v],)) == ([[32.0, 0.0], [32.0, 0.0]],)
    assert hvp(doubled_twice, (xs, list(xs)), (v, v)) == ([4.0, 0.0], [4.0, 0.0])


def test_the_value_and_the_tangent_are_those_of_the_one_list():
    xs, v = [1.0, 2.0], [0.5, 1.0]
    assert value_and_grad(doubled_twice, (0, 1))(xs, xs)[0] == 32.0
    assert jvp(doubled_twice, (xs, xs), (v, v)) == (32.0, 32.0)
