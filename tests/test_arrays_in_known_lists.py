"""Lists of arrays that have different numbers of axes, ``[W, b]``: a loop carries each of them."""

import numpy as np
import pytest

from tests.test_array_everyday import holds

RNG = np.random.default_rng(11)
W = RNG.normal(size=(3, 2))
B = RNG.normal(size=2)
XS = RNG.normal(size=(2, 3, 3))


def trained(w, b):
    params = [w, b]
    for _ in range(3):
        grads = [np.sin(p) for p in params]
        params = [p - 0.1 * g for p, g in zip(params, grads, strict=True)]
    return np.sum(params[0] ** 2) + params[1] @ params[1]


def replaced_by_hand(w, b):
    params = [w, b]
    for _ in range(3):
        params = [params[0] * 0.9, params[1] - params[0].sum(0)]
    w, b = params
    return np.sum(w) + b.sum() ** 2


def with_the_one_before(w, b):
    params = [w, b]
    old = params
    for _ in range(2):
        old = params
        params = [p * 1.1 for p in params]
    return np.sum(params[0] * old[0]) + np.sum(params[1] - old[1])


def with_a_number_and_break(w, b):
    params = [w, b, 2.0]
    count = 0
    while count < 3:
        params = [p * 0.5 for p in params]
        count += 1
        if params[2] < 0.6:
            break
    return sum(np.sum(p**2) for p in params)


def of_no_turn(w, b):
    params = [w, b]
    for _ in range(len(w) - 3):
        params = [p * 1.1 for p in params]
    return np.sum(params[0] * params[1])


class Cell:
    """A layer that is made anew for every step."""

    def __init__(self, w, b):
        self.params = [w, b]

    def forward(self, x):
        w, b = self.params
        return np.tanh(x @ w + b)


class Steps:
    """The same layer at every step."""

    def __init__(self, w, b):
        self.params = [w, b]

    def forward(self, xs):
        h = np.zeros((2, 2))
        for t in range(3):
            cell = Cell(*self.params)
            h = h * 0.5 + cell.forward(xs[:, t, :])
        return h


def of_cells(w, b):
    return np.sum(Steps(w, b).forward(XS) ** 2)


def trained_in_b(b):
    return trained(W, b)


def replaced_in_b(b):
    return replaced_by_hand(W, b)


def before_in_b(b):
    return with_the_one_before(W, b)


def number_in_b(b):
    return with_a_number_and_break(W, b)


def no_turn_in_b(b):
    return of_no_turn(W, b)


def cells_in_b(b):
    return of_cells(W, b)


@pytest.mark.parametrize(
    "f",
    [trained, replaced_by_hand, with_the_one_before, with_a_number_and_break, of_no_turn, of_cells],
)
def test_each_item_is_carried(f):
    holds(f, W, B)


@pytest.mark.parametrize(
    "f", [trained_in_b, replaced_in_b, before_in_b, number_in_b, no_turn_in_b, cells_in_b]
)
def test_each_item_is_carried_for_the_vector(f):
    holds(f, B)


def written_in_a_tuple(w, b):
    params = (w.copy(), b.copy())
    old = params[0]
    for _ in range(3):
        params = (params[0], params[1] * 2.0)
        first = params[0]
        first *= b[0]
    return np.sum(old**2) + params[1].sum()


def written_in_a_list(w, b):
    params = [w.copy(), b.copy()]
    old = params[0]
    for _ in range(3):
        params = [params[0], params[1] * 2.0]
        first = params[0]
        first *= b[0]
    return np.sum(old**2) + params[1].sum()


def written_one_by_one(w, b):
    params = [w.copy(), b.copy()]
    for _ in range(3):
        for p in params:
            p -= 0.1 * np.sin(p)
        params = [1.1 * p for p in params]
    return np.sum(params[0] ** 2) + np.sum(params[1] ** 3)


@pytest.mark.parametrize("f", [written_in_a_tuple, written_in_a_list, written_one_by_one])
def test_what_a_turn_writes_is_seen_by_the_name_from_before(f):
    """The tuple counted as one that reads its items, and got copies of them."""
    holds(f, W, B)


def cleared_by_ranges(x):
    n = len(x)
    d = x @ x.T
    d[range(n), range(n)] = 0.0
    d[range(n), 0] *= 2.0
    return np.sum(d**2) + x[range(1, n)].sum()


def test_ranges_are_places_where_arrays_are_written():
    holds(cleared_by_ranges, W)
