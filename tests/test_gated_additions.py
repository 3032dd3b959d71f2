"""Extrema of what is read from lists: each way has its additions, in one branch."""

import copy
import itertools
import math

import pytest

from sourcediff import grad, hvp, jvp, tape
from tests.test_nested_lists import along, dot, flat, like

XS, YS = [1.0, 2.5, 0.4, 1.7], [1.2, 2.0, 0.3]


def time_warping(x, y):
    n, m = len(x), len(y)
    D = [[1e9] * (m + 1) for _ in range(n + 1)]
    D[0][0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = (x[i - 1] - y[j - 1]) ** 2
            D[i][j] = cost + min(D[i - 1][j], D[i][j - 1], D[i - 1][j - 1])
    return D[n][m]


def alignment(x, y, gap):
    D = [[0.0] * (len(y) + 1) for _ in range(len(x) + 1)]
    best = 0.0
    for i in range(1, len(x) + 1):
        for j in range(1, len(y) + 1):
            D[i][j] = max(
                0.0,
                D[i - 1][j - 1] + x[i - 1] * y[j - 1] - 1.0,
                D[i - 1][j] - gap,
                D[i][j - 1] - gap,
            )
            best = max(best, D[i][j])
    return best


def scaled_ways(x, y, w):
    D = [0.5] * len(x)
    for i in range(1, len(x)):
        D[i] = x[i] + 2.0 * max(w * D[i - 1], y[i % len(y)] * D[i - 2])
    return D[-1] * D[-2]


def read_on_both_sides(x, y, w):
    total = 0.0
    for i in range(len(x)):
        larger = max(x[i], x[i - 1])
        total += larger * larger * min(x[i], y[i % len(y)] * w)
    return total


def to_one_place(x, w):
    total = 0.0
    for i in range(len(x)):
        total += max(x[i], x[i] * w) * min(x[i - 1], 1.1 * x[i - 1] ** 2)
    return total


def changed_between(x, w):
    for i in range(1, len(x)):
        low = min(x[i - 1], x[i] * w)
        x[i - 1] = low * 0.5
        x[i] = max(low, x[i] - w)
    return sum(x)


def rows_that_are_swapped(x, y, w):
    D = [[v * w for v in x], [v + w for v in x]]
    for i in range(1, len(x)):
        D[1][i] = max(D[0][i], D[0][i - 1], D[1][i - 1])
        D[0], D[1] = D[1], D[0]
    return D[0][-1] + D[1][-1] * y[0]


def rolling_rows(x, y, gap):
    before = [gap * j for j in range(len(y) + 1)]
    for i in range(len(x)):
        here = [gap * (i + 1)]
        for j in range(len(y)):
            change = before[j] + abs(x[i] - y[j])
            here.append(min(change, before[j + 1] + gap, here[j] + gap))
        before = here
    return before[-1]


def decoding(x, y, w):
    best = [w, -w]
    for v in x:
        stay, leave = best[0] + v, best[1] - v * w
        best = [max(stay, leave), max(best[0] - y[0], best[1] + y[1] * v)]
    return max(best)


PROGRAMS = [
    (time_warping, (XS, YS)),
    (alignment, (XS, YS, 0.3)),
    (scaled_ways, (XS, YS, 0.7)),
    (read_on_both_sides, (XS, YS, 0.7)),
    (to_one_place, (XS, 0.7)),
    (changed_between, (XS, 0.7)),
    (rows_that_are_swapped, (XS, YS, 0.7)),
    (rolling_rows, (XS, YS, 0.45)),
    (decoding, (XS, YS, 0.6)),
]


@pytest.mark.parametrize(("function", "args"), PROGRAMS)
def test_extrema_of_items(function, args):
    places = tuple(range(len(args)))
    gradient = grad(function, argnums=places)
    before = copy.deepcopy(args)
    found = gradient(*args)
    assert args == before
    want = tape.gradient(function, *copy.deepcopy(args), argnums=places)
    assert flat(found) == pytest.approx(flat(want))

    tangents = like(args, (math.sin(1.0 + k) for k in itertools.count()))
    (slope,) = along(function, copy.deepcopy(args), tangents)
    assert dot(found, tangents) == pytest.approx(slope, rel=1e-6)
    assert jvp(function, args, tangents)[1] == pytest.approx(slope, rel=1e-6)
    curvature = along(lambda *moved: gradient(*moved), args, tangents)
    assert flat(hvp(function, args, tangents)) == pytest.approx(curvature, rel=1e-5, abs=1e-7)


def test_each_way_adds_to_its_own_place():
    gradient = grad(time_warping, argnums=(0, 1))
    gradient(XS, YS)
    branches = """\
            if part_1 < min(part, D_i_before):
                D_bar[i - 1][j - 1] += cost_bar
            elif D_i_before < part:
                D_bar_i[j - 1] += cost_bar
            else:
                D_bar[i - 1][j] += cost_bar
"""
    assert branches in gradient.source


def test_a_place_that_is_not_chosen_may_not_exist():
    def ends(x, k):
        return max(x[0], x[-1]) + min(x[1], x[k])

    assert grad(ends)([1.0, 2.0, 0.5], 2) == [1.0, 0.0, 1.0]
