# ruff: noqa: B905
"""Rows that are taken out of a list of lists, put somewhere or in order, and shared by copies."""

import pytest

from sourcediff import grad, tape
from tests.every_mode import check_in_every_mode


def rows_of(xs):
    return [[xs[0], xs[1] * xs[1]], [xs[1], xs[2] * xs[0]], [xs[2], xs[0] * xs[1]]]


def taken_from_the_end(xs):
    rows = rows_of(xs)
    total = 0.0
    while rows:
        row = rows.pop()
        total = total * 0.5 + sum(v * v for v in row)
    return total


def taken_from_places(xs):
    rows = rows_of(xs)
    total = 1.0
    for k in range(2):
        row = rows.pop(k - 1)
        total *= row[0] + row[1] * row[1]
    return total * sum(rows[0])


def taken_and_changed(xs):
    rows = rows_of(xs)
    row = rows.pop(1)
    row[0] = row[1] * rows[0][0]
    rows.append(row)
    rows.pop(0)
    return sum(sum(row) ** 2 * (i + 1) for i, row in enumerate(rows))


def taken_and_put_back(xs):
    rows = rows_of(xs)
    rows.append(rows.pop(0))
    rows[-1][0] *= rows[0][1]
    return sum(sum(row) ** 2 * (i + 1) for i, row in enumerate(rows))


def taken_in_branches(xs):
    rows, total = rows_of(xs), 0.0
    while rows:
        if rows[-1][0] > 1.0:
            row = rows.pop()
            total += row[0] * row[1]
        else:
            row = rows.pop(0)
            row[1] *= 2.0
            rows.append([row[0] + 1.0, row[1]])
    return total


def halved(xs):
    stack, total = [[0.0, xs[0]], [xs[0], 4.0 * xs[2]]], 0.0
    while stack:
        low, high = stack.pop()
        if high - low > 3.0:
            middle = (low + high) / 2
            stack.append([low, middle])
            stack.append([middle, high])
        else:
            total += (high - low) * (high + low * low)
    return total


def put_at_places(xs):
    rows = []
    for x in xs:
        rows.insert(0, [x, x * xs[0]])
    rows.insert(-1, [xs[1], 2.0])
    rows.insert(9, [3.0, xs[2]])
    return sum(sum(row) ** 2 * (i + 1) for i, row in enumerate(rows))


def copied(xs):
    rows = rows_of(xs)
    queue, others = list(rows), rows.copy()
    while len(queue) > 1:
        a, b = queue.pop(0), queue.pop(0)
        queue.append([a[0] + b[1], a[1] * b[0]])
    others.reverse()
    rows.pop()
    return queue[0][0] * queue[0][1] + others[0][0] * sum(rows[-1])


def copied_tuples(xs):
    points = [(x, x * x) for x in xs]
    stack, total = list(points), 0.0
    while stack:
        x, y = stack.pop()
        total = total * x + y
    return total * points[0][1]


def put_in_order(xs):
    rows = rows_of(xs)
    rows.sort(reverse=True)
    rows[0][0] *= 3.0
    row = rows.pop()
    rows.append([row[0] * rows[0][1], row[1]])
    rows.sort()
    return sum(sum(row) ** 2 * (i + 1) for i, row in enumerate(rows))


def put_in_order_by_a_key(xs):
    rows, total = rows_of(xs), 0.0
    for k in range(2):
        rows.sort(key=lambda row: row[k])
        total += rows[0][1 - k] * rows[1][k]
        rows[0][k] += 4.0 * total
    if total > 0.0:
        rows.sort(key=lambda row: -sum(row))
    return total + rows[0][0] * rows[2][1]


def tuple_of_rows(xs):
    rows = rows_of(xs)
    fixed = tuple(rows)
    rows[0] = [5.0 * rows[0][1], 1.0]
    return sum(row[0] * row[1] for row in fixed) * rows[0][0] * isinstance(fixed, tuple)


def bound_in_every_turn(xs):
    total = 0.0
    for k in range(3):
        squares = [x * x * (k + 1) for x in xs]
        rows = [squares, [1.0, squares[0]]]
        for j in range(2):
            parts = [square + j for square in squares]
        total += parts[0]
        if total > 1000.0:
            break
        xs = [part * 0.5 for part in parts]
    return total + sum(squares) * xs[0] + rows[1][1] * parts[2]


def popped_from_rows(xs):
    rows = [row[:] for row in rows_of(xs)]
    last = [row.pop() for row in rows]
    return sum(x * sum(row) for x, row in zip(last, rows))


@pytest.mark.parametrize(
    "program",
    [
        taken_from_the_end,
        taken_from_places,
        taken_and_changed,
        taken_and_put_back,
        taken_in_branches,
        halved,
        put_at_places,
        copied,
        copied_tuples,
        put_in_order,
        put_in_order_by_a_key,
        tuple_of_rows,
        bound_in_every_turn,
        popped_from_rows,
    ],
    ids=lambda program: program.__name__,
)
def test_in_every_mode(program):
    check_in_every_mode(program, [1.5, 0.75, 2.5])


def changed_in_a_copy(xs):
    rows = rows_of(xs)
    copied = list(rows)
    copied[0][0] = 7.0 * copied[1][0]
    return sum(sum(row) ** 2 * (i + 1) for i, row in enumerate(rows))


def changed_behind_a_copy(xs):
    rows = rows_of(xs)
    copied = list(rows)
    rows[0][0] = 7.0 * copied[1][0]
    return sum(sum(row) ** 2 * (i + 1) for i, row in enumerate(copied))


def changed_behind_a_tuple(xs):
    rows = rows_of(xs)
    fixed = tuple(rows)
    rows[0][0] = 5.0 * rows[0][1]
    return sum(row[0] * row[1] for row in fixed)


def put_in_order_under_a_name(xs):
    rows = rows_of(xs)
    row = rows[0]
    rows.sort(key=lambda row: -row[1])
    row[0] = 5.0 * rows[0][1]
    return sum(row[0] * row[1] * (i + 1) for i, row in enumerate(rows))


def changed_after_it_is_put(xs):
    rows, row = [[1.0, 2.0]], [xs[0], 3.0]
    rows.insert(0, row)
    row[1] = 5.0 * xs[1]
    return sum(sum(row) ** 2 * (i + 1) for i, row in enumerate(rows))


def taken_while_it_has_a_name(xs):
    rows = rows_of(xs)
    row = rows[-1]
    taken = rows.pop()
    taken[0] = 3.0 * taken[1]
    return sum(v * v for v in taken) * row[0] + rows[0][0]


@pytest.mark.parametrize(
    "program",
    [
        changed_in_a_copy,
        changed_behind_a_copy,
        changed_behind_a_tuple,
        put_in_order_under_a_name,
        changed_after_it_is_put,
        taken_while_it_has_a_name,
    ],
    ids=lambda program: program.__name__,
)
def test_rows_of_two_names_that_change(program):
    """They are followed through all their names by the general form."""
    start = [1.5, 0.75, 2.5]
    expected = tape.gradient(program, list(start))
    assert grad(program)(start) == pytest.approx(expected, rel=1e-12)


def test_a_list_that_no_turn_binds():
    def last(xs):
        for k in range(len(xs) - 3):
            squares = [x * x * k for x in xs]
        return sum(squares)

    with pytest.raises(UnboundLocalError):
        grad(last)([1.0, 2.0, 3.0])
    assert grad(last)([1.0, 2.0, 3.0, 4.0, 5.0]) == [2.0, 4.0, 6.0, 8.0, 10.0]


def test_what_is_handed_in_stays():
    rows = [[1.0, 2.0], [3.0, 4.0]]

    def last(rows):
        row = rows.pop()
        return row[0] * row[1] * rows[0][0]

    assert grad(last)(rows) == [[12.0, 0.0], [4.0, 3.0]]
    assert rows == [[1.0, 2.0], [3.0, 4.0]]
