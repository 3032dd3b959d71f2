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
