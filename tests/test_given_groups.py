# ruff: noqa: B905, C420, RUF007
"""Dicts of lists that are handed in, and asked for what is under keys that the run computes."""

import copy
import heapq
import math

import pytest

from sourcediff import grad, hvp, jvp
from tests.differences import difference


def by_order(groups, order):
    total = 0.0
    for name in order:
        for x in groups[name]:
            total += x * x * len(groups[name])
    return total


def products(groups, order):
    return sum(x * y for a, b in zip(order, order[1:]) for x, y in zip(groups[a], groups[b]))


def appended(groups, order):
    groups[order[0]].append(2.0 * groups[order[0]][0])
    return sum(sum(values) ** 2 for values in groups.values())


def replaced(groups, order):
    first = order[0]
    groups[first] = [3.0 * x for x in groups[first]]
    groups["new"] = [groups[first][0] ** 2]
    return sum(sum(groups[name]) ** 2 for name in groups) * len(groups)


def taken_out(groups, order):
    del groups[order[0]]
    return sum(sum(values) ** 2 for values in groups.values())


def written(groups, order):
    row = groups[order[0]]
    row[0] = 5.0 * row[1]
    return groups["a"][0] * sum(groups["b"])


PROGRAMS = [by_order, products, appended, replaced, taken_out, written]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
@pytest.mark.parametrize("order", [["b", "a", "b"], ["a", "b"]])
def test_dicts_of_lists(program, order):
    start = {"a": [1.5, 2.0], "b": [3.0, 0.5]}
    along = {"a": [0.5, -1.0], "b": [0.25, 2.0]}
    derivative = grad(program)
    given = copy.deepcopy(start)
    found = derivative(given, order)
    assert given == start
    assert not derivative.__sourcediff__.latest.is_general

    def at(step):
        return {key: [x + step * a for x, a in zip(start[key], along[key])] for key in start}, order

    slope = sum(g * a for key in start for g, a in zip(found[key], along[key]))
    expected = difference(lambda step: program(*at(step)), (0.0,), 0)
    assert math.isclose(expected.value, slope, rel_tol=1e-7)
    assert jvp(program, (given, order), (along, None))[1] == pytest.approx(slope)
    second, _ = hvp(program, (given, order), (along, [None, None, None][: len(order)]))
    for key, values in second.items():
        for place, value in enumerate(values):
            expected = difference(
                lambda step, key=key, place=place: derivative(*at(step))[key][place], (0.0,), 0
            )
            assert math.isclose(expected.value, value, rel_tol=1e-6, abs_tol=1e-6)


def test_one_list_under_two_keys():
    """What is written under one key is there under the other: the general form knows."""
    shared = [1.0, 2.0]
    found = grad(written)({"a": shared, "b": shared}, ["b"])
    assert found["a"] is found["b"]
    assert found["a"] == pytest.approx([0.0, 120.0])  # 5 y (5 y + y) = 30 y²


def shortest(graph, start, goal):
    distance = {node: math.inf for node in graph}
    distance[start] = 0.0
    heap = [(0.0, start)]
    while heap:
        so_far, node = heapq.heappop(heap)
        if so_far > distance[node]:
            continue
        for other, weight in graph[node]:
            if so_far + weight < distance[other]:
                distance[other] = so_far + weight
                heapq.heappush(heap, (so_far + weight, other))
    return distance[goal]


def longest(graph, order):
    best = {}
    for node in order:
        best[node] = max([best[other] + weight for other, weight in graph[node]], default=0.0)
    return best[order[-1]]


def test_graphs():
    graph = {"a": [("b", 1.5), ("c", 4.0)], "b": [("c", 0.75)], "c": []}
    derivative = grad(shortest)
    assert derivative(graph, "a", "c") == {
        "a": [(None, 1.0), (None, 0.0)],
        "b": [(None, 1.0)],
        "c": [],
    }
    assert not derivative.__sourcediff__.latest.is_general
    back = {"a": [], "b": [("a", 1.5)], "c": [("a", 1.0), ("b", 1.0)]}
    derivative = grad(longest)
    assert derivative(back, ["a", "b", "c"]) == {
        "a": [],
        "b": [(None, 1.0)],
        "c": [(None, 0.0), (None, 1.0)],
    }
    assert not derivative.__sourcediff__.latest.is_general


def test_empty_lists_and_missing_keys():
    """An empty list is of the kind of those beside it; what comes later has its own kind."""
    derivative = grad(by_order)
    assert derivative({"a": [1.0, 2.0], "b": []}, ["b", "a"]) == {"a": [4.0, 8.0], "b": []}
    with pytest.raises(KeyError):
        derivative({"a": [1.0], "b": [2.0]}, ["z"])
    derivative = grad(shortest)
    assert derivative({"a": [("b", 1.5)], "b": []}, "a", "b") == {"a": [(None, 1.0)], "b": []}
    assert derivative({"a": [("b", 1.5)], "b": [("a", 2.0)]}, "a", "b") == {
        "a": [(None, 1.0)],
        "b": [(None, 0.0)],
    }


def largest(xs, k):
    return max([x * k for x in xs if x > 2.0], default=k * k) + min((x for x in xs), default=0.0)


def test_the_default_of_max():
    derivative = grad(largest, argnums=(0, 1))
    assert derivative([1.0, 3.0], 2.0) == ([1.0, 2.0], 3.0)
    assert derivative([1.0, 1.5], 2.0) == ([1.0, 0.0], 4.0)
    assert derivative([], 2.0) == ([], 4.0)
    assert not derivative.__sourcediff__.latest.is_general
