"""Adjoints of lists of arrays, each of which the loop makes that reaches its place."""

import numpy as np
import pytest

from sourcediff import grad, hvp, jvp, value_and_grad, vjp


def matrices(seed=0, count=3):
    return list(np.random.default_rng(seed).standard_normal((count, 3, 3)))


X = np.array([[0.4], [-0.7], [1.1]])


def through_zip(ws, vs):
    a = X
    for w, v in zip(ws, vs, strict=False):
        a = np.tanh(w @ a) + v @ a
    return np.sum(a**2)


def with_a_penalty_before(ws, vs):
    penalty = 0.1 * sum(np.sum(w * w) for w in ws)
    a = X
    for w, v in zip(ws, vs, strict=False):
        a = np.tanh(w @ a + v @ X)
    return np.sum(a**2) + penalty


def with_a_penalty_behind(ws, vs):
    a = X
    for w, v in zip(ws, vs, strict=False):
        a = np.tanh(w @ a + v @ X)
    return np.sum(a**2) + 0.1 * sum(np.sum(w * w) for w in ws)


def by_places(ws, vs):
    a = X
    for i in range(len(ws)):
        a = np.tanh(ws[i] @ a)
    for i in range(1, len(vs)):
        a = a + vs[i] @ a
    return np.sum(a**2)


def layer(w, a):
    return np.tanh(w @ a)


def by_helpers_twice(ws, vs):
    a, b = X, X
    for w in ws:
        a = layer(w, a)
    for w in ws:
        b = w @ b
    for v in vs[:-1]:
        b = v @ b
    return np.sum(a * b)


def left_early(ws, vs):
    a = X
    for i, (w, v) in enumerate(zip(ws, vs, strict=False)):
        if i == 1:
            break
        a = w @ a + v @ a
    return np.sum(a**2)


def in_a_branch(ws, vs):
    a = X
    for i, (w, v) in enumerate(zip(ws, vs, strict=False)):
        if i != 1:
            a = a * np.sum(w * w) + v @ a
    return np.sum(a**2)


def every_turn_of_a_loop(ws, vs):
    total = 0.0
    for _ in range(2):
        a = X
        for w, v in zip(ws, vs, strict=False):
            a = np.tanh(w @ a + v @ a)
        total += np.sum(a * a)
    return total


def a_list_that_grows(ws, vs):
    made = [w * 2.0 for w in ws]
    n = len(made)
    made.append(ws[0])
    a = X
    for i in range(n):
        a = np.tanh(made[i] @ a)
    return np.sum(a * a) + np.sum(made[-1] ** 2) + np.sum(vs[-1])


PROGRAMS = [
    through_zip,
    with_a_penalty_before,
    with_a_penalty_behind,
    by_places,
    by_helpers_twice,
    left_early,
    in_a_branch,
    every_turn_of_a_loop,
    a_list_that_grows,
]


def moved(lists, along, step):
    return [
        [m + step * d for m, d in zip(one, by, strict=True)]
        for one, by in zip(lists, along, strict=True)
    ]


def inner(one, other):
    return sum(
        np.sum(a * b)
        for xs, ys in zip(one, other, strict=True)
        for a, b in zip(xs, ys, strict=True)
    )


@pytest.mark.parametrize("counts", [(3, 3), (3, 2), (1, 3)])
@pytest.mark.parametrize("program", PROGRAMS)
def test_in_every_mode(program, counts):
    lists = [matrices(1, counts[0]), matrices(2, counts[1])]
    along = [matrices(3, counts[0]), matrices(4, counts[1])]
    derivative = value_and_grad(program, argnums=(0, 1))
    value, found = derivative(*lists)
    assert not derivative.__sourcediff__.latest.is_general
    assert value == program(*lists)
    assert [[a.shape for a in xs] for xs in found] == [[(3, 3)] * n for n in counts]
    h = 1e-5
    slope = (program(*moved(lists, along, h)) - program(*moved(lists, along, -h))) / (2 * h)
    assert inner(found, along) == pytest.approx(slope, rel=1e-6, abs=1e-6)
    assert jvp(program, tuple(lists), tuple(along))[1] == pytest.approx(inner(found, along))
    _, pullback = vjp(program, *lists)
    for adjoints in (pullback(2.0), pullback(2.0)):
        for xs, ys in zip(adjoints, found, strict=True):
            np.testing.assert_allclose(xs, 2.0 * np.array(ys), rtol=1e-12, atol=1e-12)
    ahead, behind = (grad(program, (0, 1))(*moved(lists, along, step)) for step in (h, -h))
    second = hvp(program, tuple(lists), tuple(along))
    for got, a, b in zip(second, ahead, behind, strict=True):
        np.testing.assert_allclose(got, (np.array(a) - np.array(b)) / (2 * h), rtol=1e-5, atol=1e-5)


def test_the_loop_assigns_what_it_adds_first():
    derivative = grad(through_zip, argnums=(0, 1))
    derivative(matrices(1), matrices(2))
    assert "ws_bar[i] = product_1\n" in derivative.source
    assert (
        "ws_bar = [None] * value + [np.zeros_like(row) for row in ws[value:]]" in derivative.source
    )


def test_arrays_that_are_reached_by_no_turn_are_zeros():
    found, others = grad(through_zip, argnums=(0, 1))(matrices(1), matrices(2, 1))
    assert np.any(found[0]) and len(others) == 1
    for untouched in found[1:]:
        assert untouched.shape == (3, 3) and untouched.dtype == float and not np.any(untouched)
    found, others = grad(through_zip, argnums=(0, 1))(matrices(1), [])
    assert others == [] and not np.any(found)


def test_one_array_in_several_places_has_a_derivative_in_each():
    w = matrices(1)[0]
    found = grad(by_places)([w, w], [w])
    apart = grad(by_places)([w.copy(), w.copy()], [w.copy()])
    np.testing.assert_array_equal(found, apart)
    assert not np.shares_memory(found[0], found[1])


def tied(w):
    ws = [w, w]
    a = X
    for u in ws:
        a = np.tanh(u @ a)
    return np.sum(a**2)


def test_tied_weights():
    w, along = matrices(1)[0], matrices(3)[0]
    slope = (tied(w + 1e-5 * along) - tied(w - 1e-5 * along)) / 2e-5
    assert np.sum(grad(tied)(w) * along) == pytest.approx(slope, rel=1e-6)


def sums(ws):
    total = 0.0
    for w in ws:
        total += np.sum(w)
    return total


def test_a_loop_that_reaches_all_makes_the_list():
    derivative = grad(sums)
    found = derivative([w.astype(np.float32) for w in matrices(1)])
    assert [a.dtype for a in found] == [np.float32] * 3
    np.testing.assert_array_equal(found, np.ones((3, 3, 3)))
    assert "zeros_like" not in derivative.source


def spread(ws, vs):
    return np.sum(ws[0] * vs[0] * vs[0])


@pytest.mark.parametrize("shape", [(3, 1), (1, 3), (1, 1), (3, 3)])
def test_second_derivatives_of_items_that_are_broadcast(shape):
    rng = np.random.default_rng(5)
    lists = ([rng.standard_normal((3, 3))], [rng.standard_normal(shape)])
    along = ([rng.standard_normal((3, 3))], [rng.standard_normal(shape)])
    h = 1e-5
    ahead, behind = (grad(spread, (0, 1))(*moved(lists, along, step)) for step in (h, -h))
    second = hvp(spread, lists, along)
    for got, a, b in zip(second, ahead, behind, strict=True):
        np.testing.assert_allclose(got, (np.array(a) - np.array(b)) / (2 * h), rtol=1e-5, atol=1e-6)
