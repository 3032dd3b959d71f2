"""Programs that read items of arrays beside the whole, on every way that control may take.

What items contribute to an adjoint is added into an array that is made once: of zeros, of what the
whole has contributed, or as a part of another adjoint. Each program is one where taking the wrong
one, or taking it too early, counts something twice or loses it.
"""

from __future__ import annotations

import numpy as np

from tests.array_programs import normal, on


@on(normal(4), 1.0)
@on(normal(4), -1.0)
def whole_in_one_arm_item_in_the_other(x, flag):
    if flag > 0:
        s = np.sum(x * x)
    else:
        s = x[0] ** 3
    return s + np.sum(np.sin(x))


@on(normal(4), 1.0)
@on(normal(4), -1.0)
def items_in_both_arms(x, flag):
    if flag > 0:
        s = x[0] * x[1] + np.sum(np.cos(x))
    else:
        s = x[1:] @ x[:-1]
    return s * np.sum(x) + x[0]


@on(normal(4), -1.0)
def item_after_a_branch_and_before(x, flag):
    s = x[0] * x[3]
    if flag > 0:
        s = s + np.sum(x * x)
    elif flag < -0.5:
        s = s * x[1]
    return s + x[2] * np.sum(x)


@on(normal(4))
def items_on_both_sides_of_a_whole_that_gives_nothing(x):
    a = np.sum(x[:2])
    count = np.sum(x > -9.0)
    return a * count * np.sum(np.arange(4.0) * x[::-1])


@on(normal(4))
def items_on_both_sides_of_signs(x):
    y = x * x
    a = np.sum(np.sin(y[:2]))
    b = np.sum(np.floor(y) + 2.0)
    return a * b * np.sum(np.arange(4.0) * y[::-1])


@on(normal(5))
def items_and_whole_in_turns(x):
    total = 0.0
    for i in range(len(x)):
        total += x[i] * np.sum(x * x)
    return total + np.sum(np.sin(x)) + x[1]


@on(normal(5), wrt=(0,))
def whole_before_items_in_turns(x):
    y = np.sin(x)
    total = np.sum(y * y)
    for i in range(len(x) - 1):
        total += y[i] * y[i + 1]
    return total * y[0]


@on(normal(5), 3)
@on(normal(5), 0)
def whole_between_loops_of_items(x, n):
    y = x * x
    total = 0.0
    for i in range(n):
        total += y[i] * x[i + 1]
    total = total * np.sum(y)
    for i in range(n):
        total += np.sin(y[i]) * x[i]
    return total + y[0]


@on(normal(3, 4), normal(4))
def items_of_rows(m, x):
    total = 0.0
    for i in range(len(m)):
        row = m[i]
        total += np.sum(row * row) + row[0] * row[1]
        for j in range(len(x)):
            total += row[j] * x[j] * row[0]
    return total + np.sum(m[0] * m[1]) + m[2, 3]


@on(normal(2, 3, 4))
def items_of_items_of_items(t):
    total = 0.0
    for i in range(2):
        m = t[i]
        for j in range(3):
            row = m[j]
            for k in range(3):
                total += row[k] * row[k + 1]
            total += np.sum(row) * m[0, 0]
    return total


@on(normal(3, 4))
def row_and_columns(m):
    total = 0.0
    for i in range(len(m)):
        part = m[i, 1:]
        total += part[0] * part[-1] + np.sum(part[1:] * part[:-1])
        column = m[:, i]
        total += column[0] * column[1] * np.sum(column)
    return total


@on(normal(4))
def items_of_what_a_loop_carries(x):
    for _ in range(3):
        x = 0.5 * x + x[0] * np.cos(x) + x[1:].sum()
    return np.sum(x) + x[2]


@on(normal(4), 2)
@on(normal(4), 9)
def items_until_a_break(x, last):
    total = 0.0
    for i in range(len(x)):
        total += x[i] * x[0] + np.sum(x)
        if i == last:
            break
    return total * np.sum(x * x) + x[3]


@on(normal(4), 1)
@on(normal(4), 9)
def item_returned_early(x, last):
    y = x * x
    for i in range(len(x)):
        if i == last:
            return y[i] * np.sum(y)
    return y[0] + np.sum(y * y)


@on(normal(4, 3), np.array([2, 0, 2, 1]))
def items_chosen_by_places(m, places):
    right = m[np.arange(4), places]
    top = m[places]
    return np.sum(right * right) + np.sum(m * m) + np.sum(top**3) + np.sum(m[places, places])


@on(normal(6))
def items_chosen_by_a_mask(x):
    y = np.sin(x)
    return np.sum(y[x > 0] ** 2) + np.sum(y) * y[0] + np.sum(y[[0, 0, 3]])


@on(normal(4))
def same_places_twice(x):
    a = x[1:] * 2.0 + x[1:] * x[:-1] - x[1:]
    b = x[:2] + x[0] * x[:2]
    return np.sum(a * a) + np.sum(b * x[:2])


@on(normal(4))
def places_that_overlap(x):
    return np.sum(x[1:] * x[:-1] + x[2:].sum()) + np.sum(x[::2] * x[1::2]) * x[-1]


@on(normal(4), normal(3))
def new_axes(x, y):
    d = x[:, None] - y
    e = x[:, None] * x[None, :]
    return np.sum(d * d) + np.sum(np.sin(e)) + np.sum(x[None] * x[:, None])


@on(normal(3, 4), normal(4, 3))
def new_axes_in_between(m, n):
    d = m[:, None, :] - n.T[None, :, :]
    return np.sum(d * d * m[:, None]) + np.sum(m[:, :, None] * n)


@on(normal(1), normal(3))
def new_axes_of_length_one(x, y):
    d = x[:, None] * y[:, None]
    return np.sum(d * d) + np.sum((x[:, None] + y) ** 3)


def first_and_rest(v):
    return v[0], v[1:]


@on(normal(5))
def items_in_a_helper(x):
    head, tail = first_and_rest(x * x)
    one, others = first_and_rest(tail)
    return head * one + np.sum(others * x[2:]) + np.sum(x) * tail[2]


@on(normal(3, 3))
def row_that_is_summed_only(m):
    total = 0.0
    for i in range(3):
        row = m[i]
        if i > 0:
            total += np.sum(row * row)
        else:
            total += row[0]
    return total


@on(normal(4), 3)
def item_of_a_value_of_another_turn(x, n):
    ys = []
    for k in range(n):
        y = np.sin(x * k)
        ys.append(y[0] * y[1])
        x = x + y
    return sum(ys) + x[0] * np.sum(x)


@on(normal(4))
def item_of_a_scaled_sum(x):
    y = -2.0 * x
    z = y.sum() - y[0]
    return z * y[1] + y[2:].sum() * 3.0 - y[3]


@on(np.arange(1, 5), normal(4))
def items_of_a_product_with_whole_numbers(n, w):
    y = n * (w + 1.0)
    return (n * w)[0] ** 2 + y[1] * y[2] + np.sum(np.arange(4) * w * y)


@on(0.5 * normal(2), 0.5 * normal(3), 0.1)
@on(0.5 * normal(6), 0.5 * normal(7), 0.1)
def parts_that_may_have_length_one(k, u, dt):
    u = u.copy()
    for _ in range(2):
        flow = k * (u[1:] - u[:-1])
        u[1:-1] += dt * (flow[1:] - flow[:-1])
    return np.sum(u * u * u)


@on(0.5 * normal(2), 0.5 * normal(7), 0.1)
def part_of_length_one_that_is_broadcast(k, u, dt):
    u = u.copy()
    for _ in range(2):
        flow = np.sin(k)
        u[1:-1] += dt * (flow[1:] - flow[:-1]) * u[0]
    return np.sum(u * u * u)


@on(normal(4, 3), np.array([2, 0, 2, 1]))
def places_that_were_counted_and_changed(m, columns):
    rows = np.arange(4)
    rows[1] = 3
    rows[2] = 3
    return np.sum(m[rows, columns] ** 2) + np.sum(m[rows] * m) + np.sum(m[np.arange(4), columns])


@on(normal(4, 3), np.array([2]))
def one_column_for_all_rows(m, column):
    return np.sum(m[np.arange(4), column] ** 2) + np.sum(m[np.arange(1), column] * m[0])


@on(normal(5))
def mask_that_changes_between(x):
    y = x * 1.0
    mask = x > -10.0
    before = y[mask] * 2.0
    mask[0] = False
    y[mask] = before[1]
    return np.sum(y * y) + np.sum(y[mask] * before[1:])


@on(normal(1), normal(3), 2)
def grows_from_length_one(x, w, n):
    for _ in range(n):
        x = x * w + 1.0
        w = w * np.sum(x)
    return np.sum(x * x)


@on(normal(3), normal(1, 3), 2)
def shrinks_to_length_one(x, m, n):
    for _ in range(n):
        y = m @ x
        x = np.sin(x) * y
    return np.sum(x + y)


@on(normal(3), normal(3), 3)
def swapped_lengths(x, y, n):
    y = y[:2]
    for _ in range(n):
        x, y = x * y[0], y * x[1]
    return np.sum(x * x[0]) + np.sum(y)


# Names that a loop binds first, and that are read behind it ----------------------------------


@on(normal(3), normal(3, 3))
def sums_of_the_last_turn(x, m):
    for _ in range(2):
        b = (m * x).sum(axis=1)
    return np.sum(b * b)


@on(normal(3), normal(3, 3))
def a_longer_array_of_the_last_turn(x, m):
    for i in range(2):
        b = np.concatenate((x, x * m[i]))
    return np.sum(b * b)


@on(normal(3))
def last_turn_and_what_is_carried(x):
    a = x
    for _ in range(2):
        b = 0.5 * a * np.sin(x)
        a = b + 1.0
    return np.sum(a * b * b)


@on(normal(3), normal(3, 3))
def bound_in_some_turns(x, m):
    b_sum = 0.0
    for i in range(3):
        if i > 0:
            b_sum += (b * x).sum() * b_sum + b[0]  # noqa: F821
        b = x * m[i]
    return b_sum


@on(normal(3), normal(3, 3))
def bound_before_a_break(x, m):
    n = 0
    while True:
        b = m @ x + x
        x = x + 0.1 * b
        n += 1
        if n > 2:
            break
    return np.sum(b * b * x)


@on(normal(3), normal(3, 3))
def shorter_in_every_turn(x, m):
    for i in range(2):
        b = x[i:] * m[0, i:]
        x = x * b.sum()
    return np.sum(b * b)
