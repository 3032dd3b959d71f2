"""NumPy that calls functions of the user's, sums of lists of arrays, and lists as indices."""

import math

import pytest

from sourcediff import DifferentiationError, grad, value_and_grad, vjp

np = pytest.importorskip("numpy")


def leaky(x):
    slope = 0.3 * x[0]
    part = np.vectorize(lambda v: v if v > 0 else slope * v)
    return part(x).mean() + part(x[1])


@np.vectorize
def huber(r, delta):
    if abs(r) < delta:
        return 0.5 * r * r
    return delta * (abs(r) - 0.5 * delta)


def huber_loss(x):
    return huber(x, 0.7).sum() + huber(0.5, x).sum() + huber(x, x[::-1]).sum()


def of_two_axes(x):
    return np.sum(np.vectorize(math.exp)(np.outer(x, x)) * x)


def broadcast(x):
    m = np.outer(x, x)
    both = huber(m, m.T + 0.4) * huber(x[:, None], x + 0.9)
    return both.sum() + huber(m, 0.8).sum() + huber(0.3, m)[0] @ x


def rows_and_columns(x):
    m = np.outer(x, x) + np.diag(x**2)
    norms = np.apply_along_axis(lambda row: np.sqrt(np.sum(row**2)), 1, m)
    shares = np.apply_along_axis(lambda column: column / (10.0 + column.sum()), 0, m)
    return norms.sum() + (shares**2).sum() + np.apply_along_axis(np.sum, axis=-1, arr=m) @ x


def from_a_generator(x):
    y = np.fromiter((v**2 for v in x), dtype=float)
    return y @ x


def series(x):
    terms = [np.sin(k * x) / k for k in range(1, 4)]
    total = sum(terms)
    total *= 2.0
    return (total**2).sum() + (terms[0] ** 2).sum()


def series_of_a_generator(x):
    c = [0.5, 0.6, 0.7]
    return (sum(ck * x**k for k, ck in enumerate(c)) ** 2).sum()


def known_terms(x):
    terms = [x * x]
    total = sum(terms)
    total *= x
    for k in range(2):
        total = total + sum([x ** (k + 1), np.sin(x) * k])
    return (total * terms[0]).sum()


def reduced_list(x):
    terms = [x**k for k in range(3)]
    return (np.sum(terms, axis=0) ** 2).sum() + np.mean(terms) + np.max(terms, axis=1).sum()


TOKENS = [0, 2, 2, 1]
BATCH = [[0, 1], [2, 2]]


def looked_up(x):
    table = np.outer(x, np.arange(1.0, 4.0))
    pooled = table[TOKENS].mean(axis=0)
    batch = table[BATCH]
    picked = table[np.arange(3), [2, 0, 1]]
    return (pooled**2).sum() + np.tanh(batch.sum(axis=1)).sum() + (picked**3).sum()


def stored(x):
    y = x * x
    y[[0, 2]] = 0.5 * x[[1, 1]]
    return (y**3).sum()


PROGRAMS = [
    leaky,
    huber_loss,
    of_two_axes,
    broadcast,
    rows_and_columns,
    from_a_generator,
    series,
    series_of_a_generator,
    known_terms,
    reduced_list,
    looked_up,
    stored,
]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_like_differences(f):
    x, h = np.array([0.9, -0.6, 1.3]), 1e-6
    steps = h * np.eye(3)
    value, gradient = value_and_grad(f)(x)
    assert value == f(x)
    differences = [(f(x + step) - f(x - step)) / (2 * h) for step in steps]
    assert gradient == pytest.approx(np.array(differences), rel=1e-6, abs=1e-7)
    assert vjp(f, x)[1](3.0)[0] == pytest.approx(3.0 * gradient)
    weights = np.array([0.3, -1.1, 0.7])
    second = grad(lambda x: grad(f)(x) @ weights)(x)
    rows = [(grad(f)(x + step) - grad(f)(x - step)) / (2 * h) for step in steps]
    assert second == pytest.approx(np.array(rows) @ weights, rel=1e-5, abs=1e-6)


def test_a_list_of_places_is_given():
    table = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])

    def chosen(table, places):
        return (table[places] ** 2).sum()

    assert grad(chosen)(table, [0, 2, 2]).tolist() == [[2.0, 4.0], [0.0, 0.0], [20.0, 24.0]]


def relu(x):
    return np.vectorize(lambda v: v if v > 0 else 0)(x).sum()


def test_whole_numbers_among_results_are_refused():
    with pytest.raises(DifferentiationError, match="type of all results from the first") as caught:
        grad(relu)(np.array([-1.0, 2.5]))
    assert "0.0, not 0" in str(caught.value.help)
