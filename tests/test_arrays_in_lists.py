"""Lists of arrays, made inside or handed in, that are values: against differences, to order two."""

import numpy as np
import pytest

from sourcediff import grad, jacobian, value_and_grad, vjp

GENERATOR = np.random.default_rng(3)
U = GENERATOR.standard_normal(4)
W = 0.5 * GENERATOR.standard_normal((4, 4))
WEIGHTS = [0.5 * GENERATOR.standard_normal((4, 4)) for _ in range(3)]


def items_by_place(u, W):
    rows = [u * k for k in range(3)]
    return rows[1][0] * W[0, 0] + rows[2].sum()


def states_gone_through(u, W):
    hs = []
    h = u
    for _ in range(3):
        h = np.tanh(W @ h)
        hs.append(h)
    s = 0.0
    for h in hs:
        s += np.sum(h**2)
    return s


def last_state(u, W):
    hs = [u]
    for i in range(3):
        hs.append(np.tanh(W @ hs[-1]))
    return np.sum(hs[-1]) + hs[1] @ hs[2]


def unpacked_display(u, W):
    a, b = [u * 2, W @ u]
    return np.sum(a * b)


def replaced_and_popped(u, W):
    xs = [u]
    xs[0] = W @ xs[0]
    xs.append(xs[0] * 2)
    y = xs.pop()
    return np.sum(y * xs[0])


def pairs_of_items(u, W):
    xs = [u + i for i in range(3)]
    t = 0.0
    for i, x in enumerate(xs):
        for j, y in enumerate(xs):
            if i < j:
                t += x @ (W @ y)
    return t


def rows_of_a_matrix(u, W):
    rows = [r * 2 for r in W]
    return sum(r @ u for r in rows)


def one_array_twice(u, W):
    h = [u] * 2
    return np.sum(h[0] * h[1] * u)


def neighbours(u, W):
    xs = [u * k for k in range(3)]
    for a, b in zip(xs, xs[1:], strict=False):  # noqa: RUF007
        u = u + a * b
    return np.sum(u * W[0])


def elements_of_items(u, W):
    xs = [np.sin(u * k) for k in range(3)]
    s = 0.0
    for i in range(len(xs)):
        for j in range(4):
            s += xs[i][j] ** 2
    return s


def made_of_another_list(u, W):
    xs = [u * k for k in range(3)]
    ys = [x @ W for x in xs]
    return np.sum(ys[0] + ys[2])


def lists_of_turns(u, W):
    out = []
    for t in range(3):
        row = []
        for k in range(2):
            row.append(u * (k + t))
        out.append(row[0] + row[1])
    return np.sum(out[2] * out[1])


def largest_sum(u, W):
    xs = [u * k for k in range(3)]
    return xs[-1].sum() * len(xs) + max(x.sum() for x in xs)


def changed_in_place(u, W):
    xs = [u * 1.0, u * 2]
    xs[0] += u
    xs[1][0] = 3.0
    return np.sum(xs[0] * xs[1])


def changed_after_it_was_put_in(u, W):
    h = u * 1.0
    hs = [h]
    h *= 2
    return np.sum(hs[0] * u)


def stacked(u, W):
    states = [u]
    for i in range(2):
        states.append(np.tanh(W @ states[i]))
    return np.sum(np.stack(states) ** 2) + np.stack(states, axis=1)[0, 1]


def array_of_arrays(u, W):
    rows = [W @ u * k for k in range(4)]
    return np.array(rows).sum(axis=0).prod()


def joined(u, W):
    parts = [u[:k] for k in range(1, 5)]
    parts.append(W[0])
    return np.concatenate(parts) @ np.arange(14.0)


def joined_along_an_axis(u, W):
    parts = [W[:, :k] for k in range(1, 4)]
    return (np.concatenate(parts, axis=1) * np.arange(6.0)).sum() + np.hstack(parts)[1, 2]


def above_each_other(u, W):
    return (np.vstack([u * k for k in range(3)]) @ W).sum() + np.vstack([W, W * u])[5] @ u


def stacked_and_changed_later(u, W):
    parts = [u * k for k in range(1, 4)]
    whole = np.stack(parts)
    parts[0] = W @ parts[0]
    parts.append(u)
    return (whole * whole).sum() + parts[0] @ parts[-1]


CLEAN = [
    stacked,
    array_of_arrays,
    joined,
    joined_along_an_axis,
    above_each_other,
    stacked_and_changed_later,
    items_by_place,
    states_gone_through,
    last_state,
    unpacked_display,
    replaced_and_popped,
    pairs_of_items,
    rows_of_a_matrix,
    one_array_twice,
    neighbours,
    elements_of_items,
    made_of_another_list,
    lists_of_turns,
    largest_sum,
]


def slopes(function, x):
    """The derivative of a number in each number of an array, by differences."""
    found = np.empty_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-6
        found[place] = (function(x + step) - function(x - step)) / 2e-6
    return found


@pytest.mark.parametrize("function", [*CLEAN, changed_in_place, changed_after_it_was_put_in])
def test_gradients(function):
    value, (u_bar, w_bar) = value_and_grad(function, argnums=(0, 1))(U, W)
    assert value == function(U, W)
    np.testing.assert_allclose(u_bar, slopes(lambda u: function(u, W), U), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(w_bar, slopes(lambda w: function(U, w), W), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("function", CLEAN)
def test_the_text_is_that_of_the_clean_form(function):
    derivative = grad(function)
    derivative(U, W)
    assert not derivative.__sourcediff__.latest.is_general


@pytest.mark.parametrize("function", CLEAN)
def test_second_derivatives(function):
    first, weights = grad(function), np.arange(1.0, 5.0)
    found = grad(lambda u, w: np.sum(first(u, w) * weights))(U, W)
    expected = slopes(lambda u: np.sum(first(u, W) * weights), U)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("function", CLEAN)
def test_pullbacks_may_be_called_again(function):
    u, w = U.copy(), W.copy()
    expected = grad(function, argnums=(0, 1))(u, w)
    _, pullback = vjp(function, u, w)
    first = pullback(1.0)
    u += 1.0
    w *= 2.0
    for found in (first, pullback(1.0)):
        np.testing.assert_allclose(found[0], expected[0], rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(found[1], expected[1], rtol=1e-12, atol=1e-14)


# Handed in ----------------------------------------------------------------------------------


def layers(weights, x):
    for w in weights:
        x = np.tanh(w @ x)
    return x.sum()


def hidden_and_last(weights, x):
    for w in weights[:-1]:
        x = np.tanh(w @ x)
    return (weights[-1] @ x).sum()


def penalty(weights, x):
    return sum(np.sum(w * w) for w in weights) + (weights[0] @ x).sum()


def not_all_are_used(weights, x):
    return (weights[1] @ x).sum()


@pytest.mark.parametrize("function", [layers, hidden_and_last, penalty, not_all_are_used])
def test_gradients_in_a_list(function):
    before = [w.copy() for w in WEIGHTS]
    derivative = value_and_grad(function)
    value, found = derivative(WEIGHTS, U)
    assert value == function(WEIGHTS, U)
    assert not derivative.__sourcediff__.latest.is_general
    assert type(found) is list and len(found) == 3
    for k, adjoint in enumerate(found):

        def moved(w, k=k):
            return function([*WEIGHTS[:k], w, *WEIGHTS[k + 1 :]], U)

        np.testing.assert_allclose(adjoint, slopes(moved, WEIGHTS[k]), rtol=1e-6, atol=1e-7)
        adjoint += 1.0  # it shares memory with nothing
    for old, new in zip(before, WEIGHTS, strict=True):
        np.testing.assert_array_equal(old, new)
    for one, other in zip(derivative(WEIGHTS, U)[1], found, strict=True):
        np.testing.assert_allclose(one, other - 1.0, rtol=1e-9, atol=1e-12)


def test_each_has_its_own_shape_and_type_of_numbers():
    weights = [np.ones((3, 4), dtype=np.float32), np.ones((2, 3), dtype=np.float32)]
    found = grad(layers)(weights, np.ones(4, dtype=np.float32))
    assert [a.shape for a in found] == [(3, 4), (2, 3)]
    assert [a.dtype for a in found] == [np.float32, np.float32]


def test_axes_of_length_one_and_other_lengths():
    def f(xs, y):
        total = 0.0
        for x in xs:
            total += np.sum(x * y)
        return total

    y = np.array([1.0, 2.0, 4.0])
    for xs in ([np.ones(1), np.ones(3)], [np.ones(3), np.ones(1)], [np.ones(1)], [np.ones(3)]):
        found = grad(f)(xs, y)
        for x, x_bar in zip(xs, found, strict=True):
            np.testing.assert_array_equal(x_bar, y if len(x) == 3 else [7.0])


def test_places_of_a_list_that_is_handed_in_and_changed():
    def f(weights, x):
        weights[0] = weights[0] * 2.0
        weights.append(weights[0])
        return (weights[0] @ x).sum() + (weights[-1] @ x)[0]

    weights = [w.copy() for w in WEIGHTS]
    found = grad(f)(weights, U)
    np.testing.assert_allclose(found[0], 2.0 * np.outer([2.0, 1.0, 1.0, 1.0], U))
    assert [a.shape for a in found] == [(4, 4)] * 3
    assert not found[1].any() and len(weights) == 3


def test_one_array_in_two_places():
    w = W.copy()
    found = grad(penalty)([w, w, w], U)
    np.testing.assert_allclose(found[1], 2.0 * w)


def test_vjp_in_a_list():
    _, pullback = vjp(layers, WEIGHTS, U)
    found, x_bar = pullback(1.0)
    for one, other in zip(found, grad(layers)(WEIGHTS, U), strict=True):
        np.testing.assert_allclose(one, other)
    np.testing.assert_allclose(x_bar, grad(layers, argnums=1)(WEIGHTS, U))


def test_jacobian_in_what_passes_through_a_list():
    def f(u):
        return [u, np.sin(u)][1]

    np.testing.assert_allclose(jacobian(f)(U), np.diag(np.cos(U)))


def test_arrays_of_several_ranks():
    def f(xs):
        return np.sum(xs[0]) + np.sum(xs[1] * xs[1])

    one, other = grad(f)([np.ones(2), np.full((2, 2), 3.0)])
    np.testing.assert_array_equal(one, np.ones(2))
    np.testing.assert_array_equal(other, np.full((2, 2), 6.0))
