"""Lists of tuples of arrays, as a forward pass leaves them for a backward pass: every mode."""

import numpy as np
import pytest

from sourcediff import grad, hvp, jvp, value_and_grad, vjp

X, W = np.array([0.4, -0.7, 1.1]), np.array([0.9, 1.3, -0.6])
ALONG = (np.array([0.3, -0.2, 0.8]), np.array([-1.1, 0.5, 0.2]))


def by_a_pass_back(x, w):
    h, caches = x, []
    for _ in range(3):
        before = h
        h = np.tanh(h * w)
        caches.append((before, h))
    d, dw = np.ones_like(h), np.zeros_like(w)
    for before, h in reversed(caches):
        d = d * (1 - h * h)
        dw = dw + d * before
        d = d * w
    return np.sum(dw * dw) + np.sum(d)


def forward(x, w):
    h = np.tanh(x * w)
    return h, (x, w, h)


def backward(d, cache):
    x, w, h = cache
    d = d * (1 - h * h)
    return d * w, d * x


def by_helpers(x, w):
    caches, h = [], x
    for _ in range(3):
        h, cache = forward(h, w)
        caches.append(cache)
    d, dw = 2 * h, np.zeros_like(w)
    for cache in reversed(caches):
        d, g = backward(d, cache)
        dw += g
    return np.sum(dw * dw) + np.sum(d)


def taken_out(x, w):
    queue, total = [(x, 0)], 0.0
    while queue:
        a, depth = queue.pop()
        total += np.sum(a * w)
        if depth < 2:
            queue.append((a * w, depth + 1))
            queue.append((a + w, depth + 1))
    return total


def nested_and_cut(x, w):
    made = []
    for i in range(3):
        made.append((x * i, (w, "k", i)))
    total = 0.0
    for a, (b, text, k) in made[::-1]:
        if text == "k":
            total = total * 0.5 + np.sum(a * b) * k
    return total


def changed_in_the_list(x, w):
    made = [(x * 1.0, w * 1.0), (w * x, x * x)]
    first = made[0][0]
    first += w
    made[0][1][:] = first
    a, b = made[0]
    a *= b
    return np.sum(made[0][0] * made[1][1] * b)


def one_array_in_two_tuples(x, w):
    y = x * 2
    made = [(y, y), (y, w)]
    made[0][0][1] = w[0]
    return sum(np.sum(a * b) for a, b in made)


def one_tuple_twice(x, w):
    made = [(x, w)] * 2
    beside = made
    beside.append((w * x, w))
    return sum(np.sum(a * b) for a, b in made) * np.sum(x)


def no_turn(x, w):
    made = []
    for _ in range(0):
        made.append((x, w))
    return np.sum(x * w) + sum(np.sum(a * b) for a, b in made)


PROGRAMS = [
    by_a_pass_back,
    by_helpers,
    taken_out,
    nested_and_cut,
    changed_in_the_list,
    one_array_in_two_tuples,
    one_tuple_twice,
    no_turn,
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_in_every_mode(program):
    def at(step):
        return X + step * ALONG[0], W + step * ALONG[1]

    derivative = value_and_grad(program, argnums=(0, 1))
    value, found = derivative(X, W)
    assert derivative.__sourcediff__.latest.is_general is (program is one_tuple_twice)
    assert value == program(X, W)
    h = 1e-5
    slope = (program(*at(h)) - program(*at(-h))) / (2 * h)
    assert sum(map(np.dot, found, ALONG)) == pytest.approx(slope, rel=1e-6, abs=1e-7)
    assert jvp(program, (X, W), ALONG)[1] == pytest.approx(slope, rel=1e-6, abs=1e-7)
    _, pullback = vjp(program, X, W)
    np.testing.assert_allclose(pullback(2.0), 2.0 * np.array(found), rtol=1e-12)
    ahead, behind = (np.array(grad(program, (0, 1))(*at(step))) for step in (h, -h))
    second = hvp(program, (X, W), ALONG)
    np.testing.assert_allclose(second, (ahead - behind) / (2 * h), rtol=1e-5, atol=1e-6)


def test_an_array_that_is_changed_behind_the_list_is_followed():
    def changed(x, w):
        made, h = [], x.copy()
        for i in range(3):
            made.append((h, i))
            h += w * i
        return sum(np.sum(a * a) * k for a, k in made)

    h = 1e-6
    found = grad(changed, argnums=1)(X, W)
    expected = [(changed(X, W + h * e) - changed(X, W - h * e)) / (2 * h) for e in np.eye(3)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def skip_gram(centres, outer, contexts):
    loss = 0.0
    for centre, words in contexts:
        for word in words:
            loss += centres[centre] @ outer[word]
    return loss


@pytest.mark.parametrize("contexts", [[(0, [1, 2]), (2, [0])], [(1, [])]])
def test_lists_in_tuples_that_are_data(contexts):
    rng = np.random.default_rng(0)
    centres, outer = rng.standard_normal((2, 3, 2))
    derivative = grad(skip_gram, argnums=(0, 1))
    found = derivative(centres, outer, contexts)
    assert not derivative.__sourcediff__.latest.is_general
    expected = np.zeros((2, 3, 2))
    for centre, words in contexts:
        for word in words:
            expected[0, centre] += outer[word]
            expected[1, word] += centres[centre]
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert "contexts_words = [context[1] for context in contexts]" in derivative.source
