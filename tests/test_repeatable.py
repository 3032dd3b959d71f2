"""Forward mode by reverse mode runs the function several times: it must give the same each time."""

import pytest

from sourcediff import DifferentiationError, grad, jvp, vjp

np = pytest.importorskip("numpy")
OUTSIDE = np.random.default_rng(3)


def sorted_noise(x):
    return np.cumsum(x * OUTSIDE.normal(size=3))[2] + np.sort(x)[0]


def of_the_module(x):
    return np.cumsum(x * np.random.normal(size=3))[2]


def of_an_argument(rng, x):
    return np.cumsum(x * rng.normal(size=3))[2]


def seeded(x):
    rng = np.random.default_rng(5)
    np.random.seed(3)
    return np.cumsum(x * rng.normal(size=3))[2] * np.random.rand()


def test_what_draws_from_outside_is_refused():
    x = np.array([1.0, 2.0, 3.0])
    for f in (sorted_noise, of_the_module):
        with pytest.raises(DifferentiationError):
            jvp(f, (x,), (x,))


class Noise:
    def __init__(self, rng):
        self.rng = rng


def of_an_object(x, noise):
    h = np.tanh(x)
    h[h < 0] = 0
    return np.sum(h * noise.rng.normal(size=3))


def of_two(x, one, other):
    h = np.tanh(x)
    h[h < 0] = 0
    return np.sum(h * one.normal(size=3)) + other.random() * x[0]


def kept_at_random(x, rng):
    h = np.tanh(x)
    h[h < 0] = 0
    kept = (rng.random(3) < 0.5).astype(float)
    return np.sum(h * kept) + np.sum(h[rng.choice(3, size=2, replace=False)] ** 2)


@pytest.mark.parametrize("make", [np.random.default_rng, np.random.RandomState])
def test_what_draws_from_an_argument_draws_once(make):
    x, along = np.array([1.0, -2.0, 3.0]), np.array([0.5, 1.0, -1.0])
    for f, count in ((lambda x, rng: of_an_argument(rng, x), 1), (kept_at_random, 1), (of_two, 2)):
        if make is np.random.RandomState and f is not kept_at_random:
            continue
        given, again = [make(4)] * count, [make(4)] * count
        value, tangent = jvp(f, (x, *given), (along, *[None] * count))
        assert value == f(x, *again)
        assert given[0].random() == again[0].random()
        slope = grad(f)(x, *[make(4)] * count) @ along
        assert tangent == pytest.approx(slope)


def test_what_draws_from_an_object_is_refused():
    x = np.array([1.0, -2.0, 3.0])
    with pytest.raises(DifferentiationError):
        jvp(of_an_object, (x, Noise(np.random.default_rng(1))), (x, None))


def test_what_is_seeded_is_not():
    x = np.array([1.0, 2.0, 3.0])
    assert jvp(seeded, (x,), (x,)) == (seeded(x), pytest.approx(seeded(x)))


def test_reverse_mode_draws_once():
    x = np.array([1.0, 2.0, 3.0])
    value, pullback = vjp(of_the_module, x)
    assert pullback(1.0)[0] @ x == pytest.approx(value)


def paths(s, sigma):
    rng = np.random.default_rng(0)
    ends = s * np.exp(sigma * rng.standard_normal(20) - 0.5 * sigma**2)
    return np.mean(np.maximum(ends - 100.0, 0.0))


def printed(s):
    print(s)
    return np.sum(np.maximum(s * np.ones(3), 0.0))


def test_arrays_inside_of_functions_of_numbers(capsys):
    expected = grad(paths, argnums=(0, 1))(100.0, 0.2)
    value, slope = jvp(paths, (100.0, 0.2), (0.3, -1.0))
    assert value == paths(100.0, 0.2)
    assert slope == pytest.approx(0.3 * expected[0] - expected[1])
    assert jvp(printed, (1.0,), (1.0,)) == (3.0, 3.0)
    assert capsys.readouterr().out == "1.0\n"
