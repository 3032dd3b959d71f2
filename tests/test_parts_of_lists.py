"""Lists taken apart, cut and put together: rows unpacked, slices of rows, sums of lists."""

import copy
import itertools
import math

import pytest

from sourcediff import grad, hvp, jvp, tape, vjp
from tests.test_nested_lists import along, dot, flat, like


def crossed(points):
    (x, y), (u, v) = points
    return x * v - y * u * u


def first_and_last(rows):
    a, *_, z = rows
    return a[0] * z[1] + z[0] ** 2


def rows_in_turn(rows):
    total = 0.0
    for k in range(3):
        a, b, c = rows
        total += a[0] * b[1] * c[0] * (k + 1.0)
        rows = [b, c, a]
    return total


def unpacked_and_written(rows):
    a, b, c = rows
    a[0] = b[1] * c[0]
    return a[0] * a[1] * b[0]


def made_and_unpacked(rows):
    a, b, c = [[x * 2.0 for x in row] for row in rows]
    return a[0] * b[1] * c[0]


def determinant(rows):
    if len(rows) == 1:
        return rows[0][0]
    total = 0.0
    for c in range(len(rows)):
        minor = [row[:c] + row[c + 1 :] for row in rows[1:]]
        total += (-1) ** c * rows[0][c] * determinant(minor)
    return total


def rows_below(rows):
    total = 0.0
    for i in range(len(rows)):
        for row in rows[i + 1 :]:
            total += math.sin(row[0] * rows[i][1])
    return total


def written_through_a_slice(rows):
    part = rows[1:]
    part[0][0] = part[0][0] * rows[0][1]
    return rows[1][0] ** 2 + part[1][0] * rows[2][1]


def a_slice_that_changes(rows):
    part = rows[1:]
    part[0] = [1.0, 2.0]
    return part[0][0] * rows[1][0] + part[1][0]


def rows_put_together(rows):
    both = rows[:1] + [[rows[2][0], 2.0]] + rows[1:]
    return both[0][0] * both[1][0] * both[3][1]


def augmented(rows):
    table = [list(row) + [0.5] + [row[0], row[1] * 2.0] for row in rows]
    table[0][0] *= 2.0
    return sum(row[0] * row[-1] + row[2] * row[-2] ** 2 for row in table)


def padded(rows):
    xs = rows[0] + rows[1]
    padded = [xs[0]] + xs + [xs[-1]]
    inner = padded[1:-1]
    return inner[0] + sum(
        (padded[i + 1] - 2 * padded[i] + padded[i - 1]) ** 2 for i in range(1, len(padded) - 1)
    )


def twice_the_same(rows):
    ys = rows[0] + rows[0]
    return ys[0] * ys[-1] + ys[2] ** 2


def copied_before_it_changes(rows):
    xs = [x * 1.0 for x in rows[0]]
    ys = xs[:]
    xs[0] = rows[1][0] ** 2
    zs = ys + xs
    return sum(z * (k + 1.0) for k, z in enumerate(zs)) * zs[0]


def turned(rows):
    xs = rows[0] + rows[1]
    for _ in range(4):
        xs = xs[1:] + [xs[0] * xs[1]]
    return xs[0] + 2.0 * xs[-1] * xs[1]


def written_when_it_is_in_a_list(rows):
    c = rows[2][0]
    rows[1][1] *= c
    tables = [rows]
    rows[1][1] = 0.34
    tables.append([[c, 1.0], [2.0, c]])
    return sum(m[0][0] * m[1][1] for m in tables) + c


def rows_of_one_arm(rows):
    part = rows[1:] if rows[0][0] > 0.5 else rows[:1]
    return part[0][0] * rows[0][1] + part[-1][1] ** 2


def control_points(rows):
    t = 0.4
    points = [tuple(row) for row in rows]
    while len(points) > 1:
        points = [
            ((1 - t) * x0 + t * x1, (1 - t) * y0 + t * y1)
            for (x0, y0), (x1, y1) in zip(points, points[1:])  # noqa: B905, RUF007
        ]
    ((x, y),) = points
    return x * y


ROWS = [[1.0, 2.0], [0.5, 0.6], [3.0, 0.3]]
PAIR = [[1.0, 2.0], [0.5, 0.6]]
PROGRAMS = [
    (crossed, PAIR),
    (first_and_last, ROWS),
    (rows_in_turn, ROWS),
    (unpacked_and_written, ROWS),
    (made_and_unpacked, ROWS),
    (determinant, [[1.0, 2.0, 0.5], [3.0, 1.0, 1.0], [0.2, 0.7, 2.0]]),
    (rows_below, ROWS),
    (written_through_a_slice, ROWS),
    (a_slice_that_changes, ROWS),
    (rows_put_together, ROWS),
    (augmented, ROWS),
    (padded, ROWS),
    (twice_the_same, ROWS),
    (copied_before_it_changes, ROWS),
    (turned, ROWS),
    (written_when_it_is_in_a_list, ROWS),
    (rows_of_one_arm, ROWS),
    (rows_of_one_arm, [[0.4, 0.6], [3.0, 0.3]]),
    (control_points, ROWS),
]


@pytest.mark.parametrize(("program", "rows"), PROGRAMS, ids=[p.__name__ for p, _ in PROGRAMS])
def test_against_the_tape(program, rows):
    before = copy.deepcopy(rows)
    found = grad(program)(rows)
    wanted = tape.gradient(program, copy.deepcopy(rows), argnums=(0,))[0]
    assert flat(found) == pytest.approx(flat(wanted), rel=1e-12, abs=1e-14)
    assert rows == before
    direction = like(rows, (0.1 * k for k in itertools.count(1)))
    _, tangent = jvp(program, (rows,), (direction,))
    assert tangent == pytest.approx(dot(found, direction), rel=1e-11)
    _, pullback = vjp(program, rows)
    assert flat(pullback(2.0)[0]) == pytest.approx([2.0 * x for x in flat(found)], rel=1e-12)
    second = along(grad(program), (rows,), (direction,))
    assert flat(hvp(program, (rows,), (direction,))) == pytest.approx(second, rel=1e-6, abs=1e-7)


def test_a_part_that_only_the_run_knows_has_a_text():
    def some(x, k):
        return sum((x, 2.0 * x, 3.0 * x)[int(k) :])

    assert [grad(some)(0.7, k) for k in (0, 1, 2)] == [6.0, 5.0, 3.0]


def test_parts_of_a_sum_are_added_where_they_are():
    def spread(xs, y):
        zs = [y] + xs + [y * y]
        return zs[0] * zs[-1] * zs[1]

    gradient = grad(spread, argnums=(0, 1))
    assert gradient([3.0, 4.0], 2.0) == ([8.0, 0.0], 36.0)
    assert "zs_bar[1:-1]" in gradient.source
    assert "zs_bar[-1]" in gradient.source


def tuples_of_tuples(params, x):
    (w1, b1), (w2, b2) = params
    return w1[0] * w2[0] * x + b2 * b1[1]


def test_tangents_of_tuples_in_tuples():
    params, x = (([0.1, 0.2], [0.3, 0.4]), ([0.5, 0.6], 0.7)), 0.9
    found = grad(tuples_of_tuples, argnums=(0, 1))(params, x)
    ones = (([1.0, 1.0], [1.0, 1.0]), ([1.0, 1.0], 1.0)), 1.0
    _, tangent = jvp(tuples_of_tuples, (params, x), ones)
    assert tangent == pytest.approx(sum(flat(found)), rel=1e-12)
    assert tangent != 0.0


def chosen_by_a_flag(ys, m, n):
    flag = n % 3 == 0
    smallest = min(ys[n % 3], m[n % 2][n % 2], 0.3)
    picked = -0.94 if flag else smallest
    for k in range(0, 5, 2):
        return math.hypot(picked, 1.0 + picked**2) + k / (2.0 + math.cos(picked))
    return picked


@pytest.mark.parametrize("n", [0, 1, 2])
def test_what_two_additions_read_is_defined_once_on_each_way(n):
    from sourcediff.interpret import run

    args = [0.2, 0.3, 0.4], [[0.1, 0.2], [0.3, 0.4]], n
    gradient = grad(chosen_by_a_flag, argnums=(0, 1))
    found = gradient(*args)
    wanted = tape.gradient(chosen_by_a_flag, *copy.deepcopy(args), argnums=(0, 1))
    assert flat(found) == pytest.approx(flat(wanted), rel=1e-12)
    settled = gradient.__sourcediff__.latest.stages["settled"]
    assert flat(run(settled, *copy.deepcopy(args))) == pytest.approx(flat(wanted), rel=1e-12)


def taken_apart_for_nothing(x, pair):
    a, b = pair
    return x * x


def of_a_generator(x, count):
    a, b = [x for _ in range(count)]
    return x * x


def test_what_is_taken_apart_for_nothing_has_as_many_items():
    for derivative in (grad(taken_apart_for_nothing), grad(grad(taken_apart_for_nothing))):
        assert derivative(3.0, [1.0, 2.0]) in (6.0, 2.0)
        with pytest.raises(ValueError, match="too many values to unpack"):
            derivative(3.0, [1.0, 2.0, 3.0])
    assert jvp(taken_apart_for_nothing, (3.0, [1.0, 2.0]), (1.0, None)) == (9.0, 6.0)
    with pytest.raises(ValueError, match="not enough values to unpack"):
        jvp(taken_apart_for_nothing, (3.0, [1.0]), (1.0, None))
    with pytest.raises(ValueError, match="too many values to unpack"):
        grad(of_a_generator)(3.0, 3)
