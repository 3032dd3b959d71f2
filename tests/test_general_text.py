"""What the general form writes, and one object in several places, which must not be lost in it."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from sourcediff import grad
from tests.differences import difference


def moved(rows):
    """Writes a row and exchanges two of them."""
    rows[0][0] *= 2.0
    rows[0], rows[1] = rows[1], rows[0]
    found = {i: {"area": rows[i][0] * rows[i][1]} for i in range(len(rows))}
    return found[0]["area"] + 3.0 * found[1]["area"]


def chosen(xs, ys, c):
    """Writes through a name that is one list or the other."""
    zs = xs if c > 0 else ys
    zs[0] = zs[0] * zs[1]
    found = {0: xs[0] * ys[0]}
    return found[0] + xs[1] + ys[1]


def weighed(rows, v):
    """Only one of the arguments is written."""
    v[0] *= 2.0
    found = {i: sum(rows[i]) * v[i] for i in range(len(rows))}
    return found[0] * found[1]


def tables(d, e):
    """Dicts, of which one gets a new key."""
    d["a"] *= e["a"]
    e["b"] = d["a"] + e.get("b", 1.0)
    return d["a"] * e[max(e)]


ROW, TABLE = [1.5, 2.5], {"a": 2.0, "b": 3.0}
CASES: list[tuple[Callable[..., Any], list[Any]]] = [
    (moved, [[ROW, ROW]]),
    (moved, [[ROW, [3.0, 4.0]]]),
    (moved, [[ROW, [3.0, 4.0], ROW]]),
    (chosen, [ROW, ROW, 1.0]),
    (chosen, [ROW, [1.0, 2.0], 1.0]),
    (chosen, [ROW, [1.0, 2.0], -1.0]),
    (weighed, [[ROW, [3.0, 1.0]], ROW]),
    (weighed, [[ROW, ROW], ROW]),
    (weighed, [[ROW, [1.0, 1.0]], [1.0, 1.0]]),
    (tables, [TABLE, TABLE]),
    (tables, [TABLE, {"a": 1.0}]),
    (tables, [{"a": 1.0}, TABLE]),
]


def places(value: Any) -> list[Any]:
    """The keys of a list or a dict."""
    return list(value) if isinstance(value, dict) else list(range(len(value)))


def compare(found: Any, at: list[Any], function: Callable[..., Any], args: list[Any]) -> None:
    """Hold a gradient against differences, with aliases moved as they are."""
    if isinstance(found, list | dict):
        for place in places(found):
            compare(found[place], [*at, place], function, args)
        return

    def moved_by(step: float) -> float:
        given = copy.deepcopy(args)
        whole: Any = given
        for place in at[:-1]:
            whole = whole[place]
        whole[at[-1]] += step
        return float(function(*given))

    assert found == pytest.approx(difference(moved_by, (0.0,), 0).value, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
@pytest.mark.parametrize("first", [True, False])
def test_one_object_in_several_places(case, first):
    function, args = case
    derivative = grad(function, argnums=tuple(range(len(args))))
    apart = [copy.deepcopy(arg) for arg in args]
    if first:
        derivative(*[copy.deepcopy(part) for part in apart])
    before = copy.deepcopy(args)
    compare(list(derivative(*args)), [], function, args)
    assert args == before


def test_arguments_that_are_apart_need_no_tables():
    derivative = grad(moved)
    derivative([[1.0, 2.0], [3.0, 4.0]])
    assert "rows_bar = [[0.0] * len(row) for row in rows]" in derivative.source
    assert "id(" not in derivative.source
    row = [1.0, 2.0]
    assert derivative([row, row]) == [[16.0, 8.0]] * 2
    assert "id(" in derivative.source


def read(words, weights):
    """Changes nothing that it is given."""
    total = {}
    for word, w in zip(words, weights, strict=True):
        total[word] = total.get(word, 0.0) + w * w
    return max(total.values())


def test_what_is_not_changed_is_not_copied():
    derivative = grad(read, argnums=1)
    assert derivative(["a", "b", "a"], [1.0, 2.0, 3.0]) == [2.0, 0.0, 6.0]
    assert "weights_bar = [0.0] * len(weights)" in derivative.source
    assert derivative.source.rstrip().endswith("return weights_bar")


def test_a_loop_of_the_users_that_counts_first_stays_one():
    def f(xs):
        seen = {}
        i = 0
        while i < 3:
            i += 1
            if i % 2 == 0:
                continue
            seen[i] = xs[i % 3] * i
        return sum(seen.values())

    assert grad(f)([1.0, 2.0, 3.0]) == [3.0, 1.0, 0.0]


def test_a_name_that_a_loop_may_leave_unbound():
    def f(xs, n):
        seen = {}
        for i in range(n):
            for j, x in enumerate(xs):
                if x > 1.5:
                    kept = x * j
                    seen[i] = kept
                    break
        return sum(seen.values()) + 0.0 * n

    derivative = grad(f)
    assert derivative([1.0, 2.0, 3.0], 2) == [0.0, 2.0, 0.0]
    assert derivative([1.0, 2.0, 3.0], 0) == [0.0, 0.0, 0.0]
    assert derivative([1.0, 1.0, 1.0], 2) == [0.0, 0.0, 0.0]
