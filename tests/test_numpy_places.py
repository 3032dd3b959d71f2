"""Programs that write to places of arrays and go through them, against differences to order two."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, value_and_grad, vjp
from tests.test_numpy_functions import difference, made

PROGRAMS: list[tuple[Callable[..., Any], tuple[tuple[int, ...], ...]]] = []


def on(*shapes: tuple[int, ...]) -> Callable[[Any], Any]:
    """Try a program on arrays of these shapes; of a number where a shape is empty."""

    def add(function: Any) -> Any:
        PROGRAMS.append((function, shapes))
        return function

    return add


# Places -------------------------------------------------------------------------------------


@on((3, 3), (3,))
def diagonal_places(x: Any, d: Any) -> Any:
    o = x * d
    o[np.diag_indices(3)] += d * d
    o[np.triu_indices_from(o, 1)] *= 2.0
    return np.sum(o**2)


@on((3, 3), (3,))
def places_by_both_names(x: Any, d: Any) -> Any:
    rows, columns = np.tril_indices(3, -1)
    o = np.sin(x)
    o[rows, columns] = d
    o[columns, rows] = -d * o[rows, columns]
    return np.sum(o**3) + len(rows)


@on((3, 3))
def places_that_were_changed(x: Any) -> Any:
    rows, columns = np.diag_indices(3)
    columns[0] = 1
    o = x * 2.0
    return np.sum(o[rows, columns] ** 3)


@on((3, 4), ())
def filled_diagonal(x: Any, a: Any) -> Any:
    y = x * x
    np.fill_diagonal(y, a**3)
    return np.sum(np.cos(y))


@on((4, 3))
def filled_diagonal_of_tall(x: Any) -> Any:
    y = x * x
    np.fill_diagonal(y, 0)
    return np.sum(np.cos(y) * x)


@on((4,), (2,))
def put_there(x: Any, v: Any) -> Any:
    y = x * x
    np.put(y, [3, 0], v)
    return np.sum(y**3)


@on((4,), (4,))
def taken_off_at_places(x: Any, v: Any) -> Any:
    y = x * x
    np.subtract.at(y, [0, 1, 1, -1], v)
    np.subtract.at(y, 1, x[0])
    counts = np.zeros(4, dtype=int)
    np.add.at(counts, np.array([0, 2, 2]), 1)
    return np.sum(y**3 * counts)


@on((3, 4), (2,))
def put_row_by_row(x: Any, v: Any) -> Any:
    y = (x * x).T
    np.put(y, [0, -1], v)
    np.put(y, 5, v[0] * x[0, 0])
    y.put(np.array([2, 7]), v * v)
    for k in range(3):
        y.flat[k % 2 + 8] *= v[1]
    y.flat[[1, -2]] += v[0]
    return np.sum(y**3)


@on((3, 4), ())
def flat_places(x: Any, a: Any) -> Any:
    y = x * a
    y.flat[7] = a * a
    y.flat[2] *= x[0, 0]
    y.flat[::5] += a
    y.flat[-1] = 3.0
    return np.sum(y**3)


@on((3, 4))
def flat_of_transposed(x: Any) -> Any:
    y = (x * x).T
    y.flat[1] = 2.0
    t = 0.0
    for k in range(y.size):
        t = t + y.flat[k] ** 2 * k
    for v in x.T.flat:
        t = t * 0.5 + v
    return t


@on((5,))
def flat_of_one_axis(x: Any) -> Any:
    y = x * 1.5
    y.flat[1:4] = x[:3] * x[0]
    return np.sum(y**2)


@on((3, 4), ())
def rows_in_memory(x: Any, a: Any) -> Any:
    y = x.copy()
    y.reshape(-1)[3] = a * a
    y.ravel()[-2] *= a
    z = np.zeros((2, 3))
    flat = z.reshape(-1)
    flat[4] = a
    z[1, 1] *= 3.0
    flat[4] += x[0, 0]
    return np.sum(y**2) * np.sum(z**3)


# Going through them -------------------------------------------------------------------------


@on((3, 4))
def every_index(x: Any) -> Any:
    t = 0.0
    y = np.zeros_like(x)
    for i, j in np.ndindex(x.shape):
        y[i, j] = x[i, j] ** 2 * (i + 1)
        t += y[i, j] * x[0, j]
    for place in np.ndindex(2, 2):
        t = t + y[place] * t
    return t


@on((3, 4), (2,))
def every_item(x: Any, v: Any) -> Any:
    t = 0.0
    for (i, j), item in np.ndenumerate(x):
        t += item**2 * (i + j)
    for (k,), item in np.ndenumerate(v):
        t += item * t * k
    return t


@on((3, 3))
def results_in_a_sum(x: Any) -> Any:
    return sum(np.linalg.eigh(x * c)[0][0] * c for c in (1.0, 2.0))


@on((3, 3))
def results_in_turns(x: Any) -> Any:
    t = 0.0
    for k in range(2):
        t += np.linalg.qr(x)[1][0, 0] * k
        if x[0, 0] > 0.0:
            x = x * np.linalg.svd(x, full_matrices=False)[0][0, 0]
        t = t + np.linalg.slogdet(x)[1] * np.linalg.eigh(x)[1][2, 2]
    return t


# Pieces -------------------------------------------------------------------------------------


@on((4,), ())
def pieces(x: Any, a: Any) -> Any:
    y = np.piecewise(x, [x < 0.6, x > 1.2], [lambda t: t**2, lambda t: a * t, 3.0])
    return np.sum(np.piecewise(y, [y < 1.0], [np.sin, lambda t: t * y.sum()]))


@on((4,))
def steps(x: Any) -> Any:
    k = np.floor(x * 10.0).astype(np.int64) % 4
    labels, counts = np.unique(np.array([2, 0, 2]), return_counts=True)
    return np.sum(x[k] * x) + x[labels] @ counts**2


every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p[0].__name__)


def arguments(shapes: tuple[tuple[int, ...], ...]) -> list[Any]:
    rng = np.random.default_rng(5)
    return [rng.uniform(0.3, 1.7, size=s) if s else float(rng.uniform(0.3, 1.7)) for s in shapes]


@every_program
def test_gradient(program: tuple[Callable[..., Any], tuple[tuple[int, ...], ...]]) -> None:
    function, shapes = program
    args = arguments(shapes)
    before = [np.copy(a) for a in args]
    places = tuple(range(len(args)))
    value, gradients = value_and_grad(function, places)(*args)
    assert np.array(value).tobytes() == np.array(function(*args)).tobytes()
    for place, found in enumerate(gradients):
        expected = difference(function, args, place, 1e-6)
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(args[place], before[place])
    strided = [np.asfortranarray(a) if isinstance(a, np.ndarray) else a for a in args]
    for found, expected in zip(grad(function, places)(*strided), gradients, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    single = [np.float32(a) if isinstance(a, np.ndarray) else a for a in args]
    for found, expected in zip(grad(function, places)(*single), gradients, strict=True):
        assert isinstance(found, float) or found.dtype == np.float32
        np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-3)


@every_program
def test_second_derivatives(program: tuple[Callable[..., Any], Any]) -> None:
    function, shapes = program
    args = arguments(shapes)
    gradient = grad(function)

    def slope(*args: Any) -> Any:
        return np.sum(np.cos(gradient(*args)))

    found = grad(slope)(*args)
    np.testing.assert_allclose(found, difference(slope, args, 0, 1e-5), rtol=2e-4, atol=2e-4)


def test_places_are_written_as_they_were_read() -> None:
    def loaded(x: Any, noise: Any) -> Any:
        covariance = x @ x.T
        covariance[np.diag_indices(3)] += noise
        return np.linalg.slogdet(covariance)[1]

    gradient = grad(loaded, argnums=(0, 1))
    gradient(np.eye(3), 0.5)
    assert "covariance[places] += noise" in gradient.source
    assert "noise_bar = covariance_bar[places].sum()" in gradient.source


def test_indices_are_written_out() -> None:
    def f(x: Any) -> Any:
        t = 0.0
        for i, j in np.ndindex(x.shape):
            t += x[i, j] ** 2 * x[0, 1]
        return t

    gradient = grad(f)
    gradient(np.ones((2, 3)))
    assert "x_bar[i, j] += " in gradient.source


def test_views_that_may_be_copies_are_refused() -> None:
    def turned(x: Any) -> Any:
        y = np.zeros((3, 4)).T
        y.ravel()[1] = x[0]
        return np.sum(y**2) + x[1]

    with pytest.raises(DifferentiationError, match="may give a view or a copy") as refusal:
        grad(turned)(np.ones(2))
    assert refusal.value.text is not None and "ravel" in refusal.value.text


def test_of_places_that_repeat_the_last_counts() -> None:
    def repeated(x: Any, rows: Any) -> Any:
        y = np.zeros((3, 3))
        y[rows, rows] = x
        return np.sum(y**2)

    np.testing.assert_array_equal(grad(repeated)(np.ones(3), np.array([0, 1, 0])), [0.0, 2.0, 2.0])


def test_an_array_of_a_loop_that_hands_on_several_things_is_written_to():
    """Its definition, a loop with several results, was asked for its one result."""

    def f(whole, factor, n):
        for k in range(n):
            whole = np.concatenate((whole[:1] * k, whole * factor))
        whole[1:] = np.tanh(factor) * whole[0]
        return np.sum(whole * whole) * factor

    whole, factor = np.array([0.3, 0.8, -0.4]), 0.7
    found = grad(f, argnums=1)(whole, factor, 3)
    expected = (f(whole, factor + 1e-6, 3) - f(whole, factor - 1e-6, 3)) / 2e-6
    assert found == pytest.approx(expected, rel=1e-7)


def test_whole_numbers_stay_what_they_are_in_pullbacks():
    def placed(x: Any, n: int, s: float) -> Any:
        y = np.pad(x, n) * s
        y.flat[n] = s
        return np.sum(y**2) + np.sum(np.tile(x, n))

    x, s = np.arange(4.0) + 0.5, 0.7
    value, pullback = vjp(placed, x, 2, s)
    assert value == placed(x, 2, s)
    x_bar, n_bar, s_bar = pullback(1.0)
    expected = grad(placed, argnums=(0, 2))(x, 2, s)
    np.testing.assert_allclose(x_bar, expected[0])
    assert (n_bar, s_bar) == (0.0, pytest.approx(expected[1]))


@pytest.mark.parametrize("axis", ["None", "0", "1"])
def test_places_that_the_run_computes_are_taken_as_a_list(axis: str) -> None:
    text = f"def f(x, i, j):\n    return np.sum(np.take(x, [i, j, i], axis={axis}) ** 2)\n"
    taken = made(text, f"<taken along {axis}>")
    x = np.arange(12.0).reshape(3, 4)
    expected = np.zeros((3, 4))
    for place in np.ndindex(3, 4):
        step = np.zeros((3, 4))
        step[place] = 1e-6
        expected[place] = (taken(x + step, 1, 2) - taken(x - step, 1, 2)) / 2e-6
    np.testing.assert_allclose(grad(taken)(x, 1, 2), expected, atol=1e-6)


@pytest.mark.parametrize("first", [0.0, 0.4])
def test_products_of_polynomials_that_begin_with_zeros(first):
    """NumPy leaves these out, so that the product is shorter."""

    def weighted(p, q):
        product = np.polymul(p, q)
        return np.sum(product * np.arange(1, 1 + len(product)))

    p, q = np.array([first, 1.0, 3.0]), np.array([1.0, 2.0])
    value, (p_bar, q_bar) = value_and_grad(weighted, (0, 1))(p, q)
    assert value == weighted(p, q)
    step = 1e-6 * np.eye(3)[2]
    expected = (weighted(p + step, q) - weighted(p - step, q)) / 2e-6
    np.testing.assert_allclose(p_bar[2], expected, rtol=1e-7)
    np.testing.assert_allclose(q_bar @ q, value, rtol=1e-12)
