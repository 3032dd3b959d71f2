"""Patterns of sequences and mappings, for subjects whose parts the run knows.

A list that a pattern of a sequence looked at never matched, without a word: the branch that was
taken was another than in the function.
"""

import math
from collections import deque
from copy import deepcopy

import pytest

from sourcediff import DifferentiationError, grad, jvp, tape, vjp


def of_a_list(xs):
    match xs:
        case []:
            return 0.0
        case [a] | [a, _, _]:
            return a * a * a
        case [a, b]:
            return a * b
        case _:
            return sum(xs)


def by_length(xs):
    match xs:
        case []:
            return 0.0
        case [a]:
            return a * a * a
        case [a, b]:
            return a * b
        case _:
            return sum(x * x for x in xs)


def made_inside(xs):
    ys = []
    for x in xs:
        ys.append(x * x)
    match ys:
        case [a, b]:
            return a * b
        case _:
            return ys[0]


def rows_of_pairs(rows):
    total = 0.0
    for row in rows:
        match row:
            case (0, v):
                total += v * v
            case (k, v) if k < v:
                total += v * k
            case [k, _]:
                total -= k
    return total


def nested(rows):
    match rows:
        case [[a, b], [c, d]]:
            return a * d - b * c
        case [[a]]:
            return a
        case _:
            return 2.0 * rows[0][0]


def written_after(xs):
    ys = xs
    match ys:
        case [a, b]:
            ys[0] = b * b
            return a * xs[0]
    return xs[0]


def perhaps_none(xs):
    pair = None
    if xs[0] > 1:
        pair = (xs[0], xs[0] * xs[-1])
    match pair:
        case (a, b):
            return a * b
        case None:
            return xs[0]


def by_keys(d):
    match d:
        case {"kind": "gauss", "mu": mu, "sigma": s}:
            return math.exp(-mu * mu / (2 * s * s)) / s
        case {"mu": mu, "parts": [a, b]}:
            return mu * a * b
        case {"mu": mu}:
            return mu * mu
    return 0.0


def of_many(ds):
    total = 0.0
    for d in ds:
        match d:
            case {"mu": mu, "parts": [a, b]}:
                total += mu * a * b
            case {"parts": [a]}:
                total += a * a
    return total


def of_computed_keys(xs):
    d = {}
    for i, x in enumerate(xs):
        d[i] = x * x
    match d:
        case {7: y}:
            return y
        case {1: y, 0: z}:
            return y * z
    return xs[0]


def simplified(e):
    match e:
        case ("+", a, b):
            return simplified(a) + simplified(b)
        case ("*", a, b):
            return simplified(a) * simplified(b)
        case ("sin", a):
            return math.sin(simplified(a))
        case _:
            return e


def of_a_tree(x):
    return simplified(("+", ("*", x, x), ("sin", ("*", x, 2.0))))


def with_a_star(xs):
    match xs:
        case [first]:
            return first**3
        case [first, *between, last] if len(between) > 1:
            return first * last + sum(b * b for b in between)
        case [*before, last]:
            return last * sum(before)
        case [*_]:
            return 0.0


def with_a_star_of_parts(x):
    for command in [("scale", 2.0), ("shift", 1.5), ("noop",), ("power", 2, 0.5, x)]:
        match command:
            case ("scale", s):
                x = x * s
            case ("shift", d):
                x = x + d
            case ("power", *args):
                x = x ** args[0] * args[1] + args[-1] * len(args)
            case _:
                pass
    return x


CASES = [
    (with_a_star, [2.0]),
    (with_a_star, [2.0, 3.0]),
    (with_a_star, [2.0, 3.0, 1.5]),
    (with_a_star, [2.0, 3.0, 1.5, 0.5]),
    (with_a_star_of_parts, 1.3),
    *[(f, xs) for f in (by_length, made_inside) for xs in ([2.0], [2.0, 3.0], [1.0, 2.0, 3.0])],
    (rows_of_pairs, [(0.0, 2.0), (3.0, 1.5), (2.0, 4.0)]),
    (rows_of_pairs, [[0.0, 2.0], [3.0, 1.5], [2.0, 4.0]]),
    *[(nested, rows) for rows in ([[2.0, 3.0], [1.0, 5.0]], [[2.0]], [[2.0, 1.0]])],
    (written_after, [2.0, 3.0]),
    (written_after, [2.0]),
    (perhaps_none, [2.0, 3.0]),
    (perhaps_none, [0.5, 3.0]),
    (by_keys, {"kind": "gauss", "mu": 0.5, "sigma": 1.5}),
    (by_keys, {"kind": "other", "mu": 0.5, "sigma": 1.5}),
    (by_keys, {"mu": 0.5, "parts": [1.5, 2.0]}),
    (by_keys, {"mu": 0.5, "parts": [1.5]}),
    (of_many, [{"mu": 0.5, "parts": [1.5, 2.0]}, {"mu": 0.7, "parts": [1.0]}]),
    (of_computed_keys, [2.0, 3.0]),
    (of_computed_keys, [2.0]),
    (of_a_tree, 1.1),
    (by_length, deque([2.0, 3.0])),
]


@pytest.mark.parametrize(("function", "argument"), CASES)
def test_the_case_that_matches_is_the_one_of_the_function(function, argument):
    expected = tape.gradient(function, argument)
    found = grad(function)(argument)
    value, pullback = vjp(function, argument)
    assert value == function(deepcopy(argument))
    for one in (found, pullback(1.0)[0]):
        assert _numbers(one) == pytest.approx(_numbers(expected), rel=1e-12)
    tangent = list(argument) if isinstance(argument, deque) else argument
    _, slope = jvp(function, (argument,), (_moving(tangent),))
    products = (a * b for a, b in zip(_numbers(_moving(tangent)), _numbers(expected), strict=True))
    assert slope == pytest.approx(sum(products))


def _moving(argument):
    """A tangent: each number moves by itself, what is whole or a text does not."""
    if isinstance(argument, dict):
        return {key: _moving(item) for key, item in argument.items()}
    if isinstance(argument, list | tuple):
        return type(argument)(map(_moving, argument))
    return argument if isinstance(argument, float) else None


def _numbers(structure):
    if isinstance(structure, dict):
        structure = list(structure.values())
    if isinstance(structure, list | tuple | deque):
        return [n for item in structure for n in _numbers(item)]
    return [structure] if isinstance(structure, float) else []


def test_what_is_not_supported_says_so():
    with pytest.raises(DifferentiationError, match="alternatives that capture names"):
        grad(of_a_list)([2.0])
    with pytest.raises(DifferentiationError, match="a key that this dict may not have") as refusal:
        grad(of_other_keys)([[{"mu": 0.5, "parts": [1.5, 2.0]}]])
    assert "same keys" in str(refusal.value.help)


def of_other_keys(ds):
    return sum(by_keys(d) for d in ds[0])


def test_dicts_in_a_list_are_told_apart_by_their_keys():
    given = [{"mu": 0.5, "parts": [1.5, 2.0]}, {"mu": 0.3, "parts": [1.0, 4.0]}]
    assert _numbers(grad(of_dicts)(given)) == _numbers(tape.gradient(of_dicts, given))


def of_dicts(ds):
    return sum(by_keys(d) for d in ds)
