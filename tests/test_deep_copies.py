"""Copies of lists of lists: the adjoints of the copy are those of what was copied."""

import copy
import itertools
import math

import pytest

from sourcediff import grad, hvp, jvp, tape
from tests.test_nested_lists import along, dot, flat, like

RAGGED = [[1.5, 2.0], [0.5], [], [0.25, 3.0, 1.25]]
SQUARE = [[1.5, 0.4], [0.3, 2.0]]
CUBE = [[[1.5, 0.4], [0.3]], [[2.0, 1.0, 0.5]]]


def in_place(a, s):
    for row in a:
        for i in range(len(row)):
            row[i] *= s * row[0]
    return sum(sum(row) for row in a)


def sliced(a, s):
    b = [row[:] for row in a]
    b[0][0] *= s
    b[0][1] *= b[0][0]
    return b[0][1] * s


def copied_by_method(a, s):
    b = [row.copy() for row in a]
    b[0][0] *= s
    return b[0][0] * b[0][1]


def deeply(a, s):
    b = copy.deepcopy(a)
    b[0][0] *= s
    return b[0][0] * b[0][0]


def deeply_three(a, s):
    b = copy.deepcopy(a)
    b[0][0][1] *= s * b[1][0][2]
    return b[0][0][1] * b[0][0][0]


def three_in_place(a, s):
    a[0][0][1] *= s * a[1][0][2]
    return a[0][0][1] * a[0][0][0]


def original_is_read_too(a, s):
    b = [list(row) for row in a]
    b[0][0] *= s
    return b[0][0] * b[0][1] + a[0][0] * a[0][1]


def original_is_changed_too(a, s):
    b = [list(row) for row in a]
    a[0][1] *= b[0][0]
    b[0][1] *= s
    return b[0][1] * a[0][1]


def two_copies(a, s):
    b = [list(row) for row in a]
    c = [row[:] for row in a]
    b[0][0] *= s
    c[0][1] *= b[0][0]
    return c[0][1] * b[0][1]


def copy_of_a_copy(a, s):
    b = [list(row) for row in a]
    b[0][0] *= s
    c = [list(row) for row in b]
    c[0][0] *= b[0][1]
    return c[0][0] * s


def copied_in_turns(a, s):
    total = 0.0
    for _ in range(3):
        b = [row[:] for row in a]
        b[0][0] *= s + total
        total += b[0][0] * b[0][1]
    return total


def replaced_in_turns(a, s):
    for _ in range(3):
        b = [row[:] for row in a]
        for i in range(len(a)):
            for j in range(len(a[i])):
                b[i][j] = s * a[i][j] * a[i - 1][j]
        a = b
    return a[0][0] + a[1][1]


def in_a_branch(a, s):
    if s > 1:
        b = [row[:] for row in a]
        b[0][0] *= s
        return b[0][0] ** 2
    return a[0][1] * s


def bound_in_a_branch(a, s):
    if s > 1:
        a = [row[:] for row in a]
        a[0][0] *= s
    return a[0][0] ** 2


def rows_in_two_places(a, s):
    row = [s, s * a[0][0]]
    whole = [row, row, a[0]]
    b = [list(r) for r in whole]
    b[0][0] *= s
    b[1][0] *= a[0][1]
    return b[0][0] * b[1][0] + b[2][1] * b[0][1]


def grows(a, s):
    for row in a:
        row.append(s * len(row))
    a[0][0] *= a[0][-1]
    return a[0][0] + a[-1][-1]


def reversed_copy(a, s):
    b = [row[::-1] for row in a]
    b[0][0] *= s
    return b[0][0] * b[0][1]


def parts_of_rows(a, s):
    b = [row[1:] for row in a]
    b[0][0] *= s
    return b[0][0] ** 2


def scaled_rows(a, s):
    b = [list(row) for row in a]
    b.append([s, s])
    b[-1][0] *= b[0][0]
    return b[-1][0] * b[0][1]


PROGRAMS = [
    (in_place, (RAGGED[:2] + RAGGED[3:], 1.3)),
    (in_place, (RAGGED, 1.3)),
    (sliced, (RAGGED, 1.3)),
    (copied_by_method, (SQUARE, 1.3)),
    (deeply, (SQUARE, 1.3)),
    (deeply_three, (CUBE, 1.3)),
    (three_in_place, (CUBE, 1.3)),
    (original_is_read_too, (SQUARE, 1.3)),
    (original_is_changed_too, (SQUARE, 1.3)),
    (two_copies, (SQUARE, 1.3)),
    (copy_of_a_copy, (SQUARE, 1.3)),
    (copied_in_turns, (SQUARE, 1.3)),
    (replaced_in_turns, (SQUARE, 1.3)),
    (in_a_branch, (SQUARE, 1.3)),
    (in_a_branch, (SQUARE, 0.3)),
    (bound_in_a_branch, (SQUARE, 1.3)),
    (bound_in_a_branch, (SQUARE, 0.3)),
    (rows_in_two_places, (SQUARE, 1.3)),
    (grows, (SQUARE, 1.3)),
    (reversed_copy, (SQUARE, 1.3)),
    (parts_of_rows, (SQUARE, 1.3)),
    (scaled_rows, (SQUARE, 1.3)),
]


@pytest.mark.parametrize(("function", "args"), PROGRAMS)
def test_copies_of_lists_of_lists(function, args):
    gradient = grad(function, argnums=(0, 1))
    before = copy.deepcopy(args)
    found = gradient(*args)
    assert args == before
    want = tape.gradient(function, *copy.deepcopy(args), argnums=(0, 1))
    assert flat(found) == pytest.approx(flat(want))
    assert [len(row) for row in found[0]] == [len(row) for row in args[0]]

    tangents = like(args, (math.sin(1.0 + k) for k in itertools.count()))
    (slope,) = along(function, args, tangents)
    assert dot(found, tangents) == pytest.approx(slope, rel=1e-6)
    assert jvp(function, args, tangents)[1] == pytest.approx(slope, rel=1e-6)
    curvature = along(lambda *moved: gradient(*moved), args, tangents)
    assert flat(hvp(function, args, tangents)) == pytest.approx(curvature, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("function", [in_place, sliced, deeply, copied_by_method])
def test_the_adjoints_of_a_copy_are_handed_over(function):
    gradient = grad(function, argnums=(0, 1))
    gradient(SQUARE, 1.3)
    reverse = gradient.source.partition("# adjoint of: return")[2]
    assert "_bar = [[" not in reverse
    assert "_bar[i][j] +=" not in reverse


def test_a_list_without_rows():
    assert grad(in_place, argnums=(0, 1))([], 1.3) == ([], 0.0)
