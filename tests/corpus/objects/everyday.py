"""Everyday classes and tuples, of which the gradient is to look as one writes it by hand."""

import copy
from collections import namedtuple
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.corpus.objects.registry import program

Point = namedtuple("Point", "x y")


class Scaled(NamedTuple):
    x: float
    y: float = 1.0

    def times(self, k):
        return self._replace(x=self.x * k)


@dataclass
class Recorder:
    v: float = 0.0
    history: list = field(default_factory=list)

    def step(self, a):
        self.v += a
        self.history.append(self.v * self.v)


@program([(0.5, 4), (1.2, 0)], argnums=(0,))
def recorded(a, n):
    """A list that a field's factory makes, filled by a method."""
    recorder = Recorder()
    for _ in range(n):
        recorder.step(a)
    return sum(recorder.history) + recorder.v


class Node:
    def __init__(self, value, children=()):
        self.value = value
        self.children = list(children)


def total(node):
    return node.value + sum(0.5 * total(child) for child in node.children)


@program([(1.5, 2.5)], argnums=(0, 1))
def tree(x, y):
    """Objects that hold lists of objects, which are all known."""
    return total(Node(x, [Node(x * y), Node(y, [Node(x)])]))


@program([(1.0, 0.1, 3)], argnums=(0, 1))
def replaced_in_a_loop(x, dt, n):
    state = Point(x, 0.0)
    for _ in range(n):
        state = state._replace(y=state.y - dt * state.x)
        state = state._replace(x=state.x + dt * state.y)
    return state.x


@program([(1.5,)], argnums=(0,))
def replaced_by_a_method(x):
    scaled = Scaled(x).times(3.0)._replace(y=x * x)
    return scaled.x * scaled.y + Scaled._make([x, 2.0]).times(x)._asdict()["x"]


@program([([[1.0, 2.0], [3.0, 4.0]],)])
def copied_with_its_rows(m):
    c = copy.deepcopy(m)
    c[0][0] *= 2.0 * m[1][1]
    return c[0][0] * c[1][0] + m[0][0]


@program([(1.5,)], argnums=(0,))
def copied_with_what_it_holds(x):
    one = Recorder(x)
    one.history.append(x * x)
    other = copy.deepcopy(one)
    other.history.append(x)
    other.v *= 2.0
    return sum(other.history) * other.v + sum(one.history) * one.v


@program([(1.5,)], argnums=(0,))
def copied_without_what_it_holds(x):
    one = Recorder(x)
    one.history.append(x * x)
    other = copy.copy(one)
    other.history.append(x)
    other.v *= 2.0
    return sum(other.history) * other.v + sum(one.history) * one.v


@program([(1.5,)], argnums=(0,))
def copied_row_that_stands_twice(x):
    row = [x, x * x]
    m = [row, row]
    c = copy.deepcopy(m)
    c[0][0] *= x
    return c[1][0] + m[1][0]


# Rows that are swapped -------------------------------------------------------------------------


ROWS = [[1.0, 2.0], [3.0, 4.0], [0.5, 0.6]]
MATRIX = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 10.0]]


@program([(MATRIX,), ([[0.5]],)])
def determinant(a):
    n = len(a)
    a = [row[:] for row in a]
    det = 1.0
    for k in range(n):
        p = max(range(k, n), key=lambda i: abs(a[i][k]))
        if p != k:
            a[k], a[p] = a[p], a[k]
            det = -det
        det *= a[k][k]
        for i in range(k + 1, n):
            f = a[i][k] / a[k][k]
            for j in range(k + 1, n):
                a[i][j] -= f * a[k][j]
    return det


@program([(MATRIX, [1.0, 2.0, 3.0])], argnums=(0, 1))
def solved(a, b):
    """Rows are swapped, also where they are the same."""
    n = len(b)
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(a[i][k]) > abs(a[p][k]):
                p = i
        a[k], a[p] = a[p], a[k]
        b[k], b[p] = b[p], b[k]
        for i in range(k + 1, n):
            f = a[i][k] / a[k][k]
            b[i] -= f * b[k]
            for j in range(k, n):
                a[i][j] -= f * a[k][j]
    x = [0.0] * n
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - sum(a[i][j] * x[j] for j in range(i + 1, n))) / a[i][i]
    return sum(x)


@program([(ROWS, 0.7)], argnums=(0, 1))
def sorted_by_swaps(m, k):
    for i in range(len(m)):
        for j in range(i + 1, len(m)):
            if m[i][0] > m[j][0]:
                m[i], m[j] = m[j], m[i]
                m[i][0] *= k
    return sum((i + 1) * row[0] * row[1] for i, row in enumerate(m))


@program([(ROWS, 0.7)], argnums=(0, 1))
def swapped_while_gone_through(m, k):
    total = 0.0
    for row in m:
        total += row[0] * total + row[1] * k
        m[0], m[1] = m[1], m[0]
        total *= m[0][0]
    return total


@program([(ROWS, [(0, 1), (2, 1), (1, 1), (-1, 0)])])
def permuted(m, swaps):
    for a, b in swaps:
        m[a], m[b] = m[b], m[a]
        m[a][0] += m[b][1]
    return sum((i + 1) * row[0] * row[1] for i, row in enumerate(m))


class Matrix:
    def __init__(self, rows):
        self.rows = [row[:] for row in rows]

    def swap(self, i, j):
        self.rows[i], self.rows[j] = self.rows[j], self.rows[i]

    def scale(self, i, k):
        for j in range(len(self.rows[i])):
            self.rows[i][j] *= k


@program([(ROWS, 0.7)], argnums=(0, 1))
def swapped_by_a_method(m, k):
    matrix = Matrix(m)
    matrix.scale(0, k)
    matrix.swap(0, 1)
    matrix.scale(0, k * k)
    matrix.swap(0, 2)
    return matrix.rows[0][0] * matrix.rows[1][1] + matrix.rows[2][0]
