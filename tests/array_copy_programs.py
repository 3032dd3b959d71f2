"""Programs that write to an array before or after the derivative has to remember it.

What was in an array is kept as a copy, except where nothing is written to it any more. Each program
has an array of which a reference, kept in the place of a copy, would show something else later, or
two reads that are not of the same numbers.
"""

from __future__ import annotations

import numpy as np

from tests.array_programs import normal, on


@on(normal(3), normal(3, 3))
def made_and_finished_in_a_turn(x, m):
    total = 0.0
    for i in range(3):
        q = np.diag(np.exp(x))
        q[1:, 0] = m[i, 1:]
        y = q.T @ x
        total += y @ y + (q * q).sum()
    return total


@on(normal(3), normal(3))
def written_to_after_it_was_read(x, y):
    total = 0.0
    for i in range(3):
        q = np.sin(x)
        total += (q * q) @ y
        q[i] = y[i] * x[0]
        total += (q * q * q).sum()
    return total


@on(normal(3), normal(3))
def written_to_in_the_next_turn(x, y):
    q = np.cos(x)
    total = 0.0
    for i in range(3):
        total += (q * q) @ x
        q = q * y
        q[0] = x[i]
        total += np.sum(np.sin(q))
    return total


@on(normal(3), normal(3))
def carried_and_written_to(x, y):
    q = np.cos(x)
    total = 0.0
    for i in range(3):
        q[i] = y[i]
        total += (q * q) @ x
        new = q * y
        total += np.sum(new * new)
        q = new
    return total


@on(normal(4), normal(4))
def made_outside_of_the_loop(x, y):
    q = np.zeros(4)
    total = 0.0
    for i in range(4):
        q[i] = x[i] * y[i]
        total += np.sum(q * q * x)
    return total


@on(normal(4), 1.0)
@on(normal(4), -1.0)
def written_to_in_an_arm(x, flag):
    q = np.exp(x)
    s = np.sum(q * q)
    if flag > 0:
        q[1:] *= x[0]
    return s * np.sum(q * x)


@on(normal(3, 3), normal(3))
def written_to_through_a_view(m, x):
    q = m * m
    row = q[1]
    before = np.sum(q * q)
    column = q.T[0]
    column[:] = x
    row[2] = x[0] * x[1]
    return before * np.sum(np.sin(q)) + np.sum(row * q[0])


@on(normal(3, 3), normal(3))
def read_twice_with_a_write_between(m, x):
    q = m + 0.0
    a = q @ x
    b = q.T @ x
    q[0] = x * x
    c = q @ x
    d = q.T @ x
    return a @ b + (c * d).sum() + np.sum(a * d)


@on(normal(3, 3), normal(3))
def read_before_and_behind_a_loop_that_writes(m, x):
    q = m * 1.0
    s = np.sum(q * q)
    for i in range(3):
        q[i] = q[i] * x
    return s * np.sum(q * q)


@on(normal(3, 3), normal(3))
def read_before_and_behind_an_arm_that_writes(m, x):
    q = m * 1.0
    s = np.sum(q * q)
    if s > 0:
        q[0] = x
    t = np.sum(q * q)
    if s < 0:
        q[0] = x
    return s * t * np.sum(q * m)


def fill(q, x):
    q[0] = x[0]
    q[1:] *= x[1]


@on(normal(3))
def written_to_by_a_helper(x):
    total = 0.0
    for _ in range(2):
        q = np.sin(x)
        total += q @ q
        fill(q, x)
        total += np.sum(q * q * x)
    return total


@on(normal(3), normal(3))
def kept_in_a_list_and_written_to(x, y):
    qs = []
    for i in range(3):
        q = np.sin(x * (i + 1))
        q[0] = y[i]
        qs.append(q @ q)
        q[1] = x[i]
        qs.append(np.sum(q * y))
    return sum(qs) * qs[0]


@on(normal(4))
def result_that_its_derivative_reads(x):
    q = np.exp(x)
    q += x
    p = np.tanh(x)
    p[1:] *= x[0]
    return np.sum(q * x) + np.sum(p * p)


@on(normal(4) + 3.0, normal(4) + 5.0)
def results_that_their_derivatives_read(x, y):
    r = x / y
    r[0] = y[1]
    s = np.sqrt(x)
    s[1:] += r[:-1]
    m = np.outer(x, y).max(axis=0)
    m *= s
    return np.sum(r * s * x) + np.sum(m)


@on(normal(4))
def result_that_is_read_again_in_turns(x):
    total = 0.0
    for i in range(4):
        q = np.exp(x)
        total += q @ x
        q[i] = x[0]
        total += q @ q
    return total


@on(normal(3, 3) + 3.0 * np.eye(3))
def inverse_that_is_written_to(m):
    q = np.linalg.inv(m)
    q[0] = m[1]
    return np.sum(q * q * m)


@on(np.array([0.3, -0.2, 0.5, 0.1, -0.4]), 0.1)
def stencil(u, alpha):
    u = u.copy()
    for _ in range(2):
        u[1:-1] += alpha * (u[2:] - 2.0 * u[1:-1] + u[:-2]) * u[1:-1]
    return np.sum(u * u)


@on(normal(2, 4), normal(4))
def two_states_in_one_array(state, w):
    state = state.copy()
    total = 0.0
    for _ in range(2):
        for k in range(2):
            old = state[k]
            new = np.tanh(old * w + old)
            state[k] = new * old
            total += np.sum(state[k] * new)
    return total + np.sum(state[0] * state[1])


@on(np.array([0.3, -0.2]), np.array([0.5, 0.9]))
def squared_in_place(x, y):
    for _ in range(2):
        z = x * y
        z *= z + x
        z /= 2.0 + np.cos(y)
        x = x + z
    return np.sum(x * y)


@on(normal(5), normal(3, 5))
def parts_moved_from_one_array_to_another(x, m):
    q = np.zeros((5, 3))
    for i in range(3):
        for k in range(4):
            q[k + 1 :, i] = m[i, k : k + 4 - k] * x[k]
            q[:k, i] = x[i]
        q[i] = m[:, i] * q[i + 1]
    return np.sum(q * q * q)


@on(normal(4), normal(4))
def places_that_swap(x, y):
    u = x * y
    for i in range(3):
        old = u[i]
        u[i] = u[i + 1] * x[i]
        u[i + 1] = old
        u[1:] = u[:-1] * 0.5
        u[:2] = u[2:] + y[i]
    return np.sum(u * u)


@on(normal(4), 0.5)
@on(normal(4), -0.5)
def copied_chosen_and_cleared(x, flag):
    u = np.sin(x)
    total = 0.0
    for i in range(2):
        part = u[1:] * 1.0 if flag > 0 else u[:-1] * x[0]
        u[i:3] = part[0]
        total += np.sum(part * u[1:])
        u[0] = total * x[i]
    return total + np.sum(u * x)
