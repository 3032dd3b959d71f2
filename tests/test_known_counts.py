"""Loops that ask for keys which they compute, where a number from elsewhere tells their turns."""

import math
import types

import pytest

from sourcediff import grad, hvp, jvp, tape, value_and_grad, vjp

LAYERS = 2
SETTINGS = types.SimpleNamespace(layers=2)


def dense(xs, weights):
    return [math.tanh(sum(w * x for w, x in zip(row, xs, strict=False))) for row in weights]


def by_global(params, xs):
    for k in range(LAYERS):
        xs = [a + b for a, b in zip(xs, dense(xs, params[f"w{k}"]), strict=True)]
    return sum(xs)


def by_argument(params, xs, n):
    for k in range(1, n + 1):
        xs = dense(xs, params[f"w{k - 1}"])
    return sum(x * x for x in xs)


def by_argument_and_global(params, xs, n):
    for k in range(n):
        for j in range(LAYERS):
            xs = dense(xs, params["w" + str((k + j) % 2)])
    return sum(xs)


def by_a_number_that_changes(params, xs, n):
    n -= 1
    for k in range(n):
        xs = dense(xs, params[f"w{k}"])
    return sum(xs)


PARAMS = {"w0": [[0.3, -0.2], [0.5, 0.1]], "w1": [[-0.4, 0.7], [0.2, 0.6]]}
XS = [0.8, -0.5]


def flat(gradient):
    return [w for rows in gradient.values() for row in rows for w in row]


def is_right(function, *args):
    """Whether gradient and tape agree, and whether the gradient has clean text."""
    derivative = grad(function)
    found = derivative(*args)
    assert flat(found) == pytest.approx(flat(tape.gradient(function, *args)), rel=1e-12)
    return not derivative.__sourcediff__.latest.is_general


def test_a_number_outside_is_a_constant_of_the_code():
    assert is_right(by_global, PARAMS, XS)


def test_the_code_is_made_anew_when_that_number_changes(monkeypatch):
    derivative = value_and_grad(by_global)
    before = derivative(PARAMS, XS)
    monkeypatch.setitem(globals(), "LAYERS", 1)
    value, gradient = derivative(PARAMS, XS)
    assert value == by_global(PARAMS, XS) != before[0]
    assert flat(gradient) == pytest.approx(flat(tape.gradient(by_global, PARAMS, XS)), rel=1e-12)
    monkeypatch.setitem(globals(), "LAYERS", 2)
    assert derivative(PARAMS, XS) == before


@pytest.mark.parametrize("n", [0, 1, 2])
def test_an_argument_is_a_constant_of_the_code(n):
    if n:
        assert is_right(by_argument, PARAMS, XS, n)
    derivative = value_and_grad(by_argument)
    for count in (2, n, 1):
        value, gradient = derivative(PARAMS, XS, count)
        assert value == by_argument(PARAMS, XS, count)
        expected = flat(tape.gradient(by_argument, PARAMS, XS, count))
        assert flat(gradient) == pytest.approx(expected, rel=1e-12)


def test_both_are():
    assert is_right(by_argument_and_global, PARAMS, XS, 2)


def test_a_number_that_is_bound_anew_is_followed():
    assert is_right(by_a_number_that_changes, PARAMS, XS, 2)


def test_more_turns_than_are_written_out():
    many = {f"w{k}": [[0.1, 0.2], [0.05 * k, 0.3]] for k in range(20)}
    is_right(by_argument, many, XS, 20)


def test_keys_that_are_not_there():
    with pytest.raises(KeyError, match="w2"):
        by_argument(PARAMS, XS, 3)
    with pytest.raises(KeyError, match="w2"):
        grad(by_argument)(PARAMS, XS, 3)


def test_in_other_modes():
    moves = {"w0": [[0.2, 0.1], [-0.3, 0.4]], "w1": [[0.5, -0.6], [0.7, 0.1]]}
    value, slope = jvp(by_argument, (PARAMS, XS, 2), (moves, None, None))
    gradient = flat(grad(by_argument)(PARAMS, XS, 2))
    along = sum(g * m for g, m in zip(gradient, flat(moves), strict=True))
    assert (value, slope) == pytest.approx((by_argument(PARAMS, XS, 2), along))

    value, pullback = vjp(by_argument, PARAMS, XS, 2)
    assert flat(pullback(1.0)[0]) == pytest.approx(gradient)

    step = 1e-6

    def moved(sign):
        return {
            key: [
                [w + sign * step * m for w, m in zip(row, other, strict=True)]
                for row, other in zip(rows, moves[key], strict=True)
            ]
            for key, rows in PARAMS.items()
        }

    first = grad(by_argument)
    ahead, behind = flat(first(moved(1), XS, 2)), flat(first(moved(-1), XS, 2))
    bend = [(a - b) / (2 * step) for a, b in zip(ahead, behind, strict=True)]
    second = hvp(by_argument, (PARAMS, XS, 2), (moves, None, None))
    assert flat(second[0]) == pytest.approx(bend, rel=1e-6, abs=1e-8)


def test_a_number_that_is_of_no_use_is_no_constant_for_long():
    many = {f"w{k}": [[0.1, 0.2], [0.05, 0.3]] for k in range(30)}
    derivative = grad(by_argument)
    for n in range(17, 26):
        expected = flat(tape.gradient(by_argument, many, XS, n))
        assert flat(derivative(many, XS, n)) == pytest.approx(expected, rel=1e-12)
    assert len(derivative.__sourcediff__.specialisations) <= 4
