"""Random numbers drawn by NumPy: generators, seeds, and parameters that vary."""

import random

import pytest

from sourcediff import DifferentiationError, grad, jvp, value_and_grad, vjp

np = pytest.importorskip("numpy")
OUTSIDE = np.random.default_rng(11)


def of_a_generator(x):
    rng = np.random.default_rng(0)
    z = rng.standard_normal(20)
    return np.mean(np.maximum(x * np.exp(0.2 * z) - 1.0, 0.0)) * rng.random()


def of_the_module(x):
    np.random.seed(1)
    path = np.full(6, x)
    for _ in range(4):
        path = path * np.exp(0.1 * x * np.random.randn(6))
    return path.mean() + np.random.rand() * x + np.random.randint(1, 4) * x * x


def of_old_state(x):
    rng = np.random.RandomState(7)
    mask = (rng.rand(3, 4) > 0.5) / 0.5
    return np.sum((x * np.ones((3, 4)) * mask) ** 3)


def with_parameters(x):
    rng = np.random.default_rng(3)
    a = rng.normal(x, 0.5 * x, size=9)
    b = rng.normal(loc=x, scale=2.0)
    c = rng.uniform(-x, high=x * x, size=(3, 2))
    return np.mean(a**2) + b**3 + np.sum(np.sin(c))


def with_parameters_of_the_module(x):
    np.random.seed(3)
    a = np.random.normal(x, x, 5)
    b = np.random.uniform(x, 2.0 * x)
    return np.sum(a * a) * b


def with_parameters_in_python(x):
    rng = random.Random(3)
    random.seed(5)
    one = rng.gauss(x, x * x) ** 2 + rng.uniform(a=-x, b=x) ** 3 + rng.normalvariate(x, 1.0)
    return one * random.gauss(x, 0.1) + random.uniform(x, 3.0) * random.normalvariate(0.0, x)


class Walk:
    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def step(self, x, scale):
        return x + scale * self.rng.standard_normal()


def of_an_object(x):
    walk = Walk(2)
    at = x
    for _ in range(5):
        at = walk.step(at, x) * 0.9
    return at**2


def in_another_order(x):
    rng = np.random.default_rng(1)
    w = 0.1
    for _ in range(3):
        for i in rng.permutation(4):
            w -= 0.1 * (w * x * i - 1.0) * x
    return w


def in_general(x):
    rng = np.random.default_rng(3)
    rows = {}
    for k in range(4):
        rows[k % 2] = rows.get(k % 2, 0.0) + x * x * rng.normal(x, 2.0)
    noise = rng.normal(size=3)
    return rows[0] * rows[1] + float(noise[1]) * x


PROGRAMS = [
    of_a_generator,
    of_the_module,
    of_old_state,
    with_parameters,
    with_parameters_of_the_module,
    with_parameters_in_python,
    of_an_object,
    in_another_order,
    in_general,
]


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_like_differences(f):
    x, h = 1.1, 1e-6
    expected = pytest.approx((f(x + h) - f(x - h)) / (2 * h), rel=1e-6)
    assert value_and_grad(f)(x) == (f(x), expected)
    assert vjp(f, x)[1](2.0) == (pytest.approx(2.0 * grad(f)(x)),)
    second = (grad(f)(x + h) - grad(f)(x - h)) / (2 * h)
    assert grad(grad(f))(x) == pytest.approx(second, rel=1e-5)


@pytest.mark.parametrize("f", [with_parameters_in_python, of_an_object, in_another_order])
def test_forward(f):
    assert jvp(f, (1.1,), (1.0,)) == (f(1.1), pytest.approx(grad(f)(1.1)))


def with_generator(rng, x):
    return x * rng.random() + x**2 * rng.integers(1, 5)


def outside(x):
    return OUTSIDE.normal() * x * x


def test_a_generator_that_is_handed_in_moves_on():
    rng, same = np.random.default_rng(5), np.random.default_rng(5)
    first, second = (grad(with_generator, argnums="x")(rng, 2.0) for _ in range(2))
    for found in (first, second):
        expected = same.random() + 4.0 * same.integers(1, 5)
        assert found == pytest.approx(expected)


def test_a_generator_outside_is_drawn_from_once_a_call():
    state = OUTSIDE.bit_generator.state
    found = [grad(outside)(1.5) for _ in range(2)]
    OUTSIDE.bit_generator.state = state
    assert found == [pytest.approx(2.0 * 1.5 * OUTSIDE.normal()) for _ in range(2)]


def test_the_text():
    grad(with_parameters)(1.1)
    made = grad(of_an_object)
    made(1.1)
    assert "walk_rng = np.random.default_rng(2)" in made.source
    assert "walk_rng.standard_normal()" in made.source


def varies(x):
    return np.random.default_rng(1).exponential(x) * x


def chosen(x):
    return np.random.default_rng(1).multivariate_normal([0.0], [[1.0]])[0] * x


@pytest.mark.parametrize("f", [varies, chosen])
def test_what_else_is_drawn_is_refused(f):
    with pytest.raises(DifferentiationError) as caught:
        grad(f)(1.1)
    assert caught.value.lineno is not None


def of_arrays_of_parameters(mean, log_size):
    rng = np.random.default_rng(4)
    return np.sum(rng.normal(mean, np.exp(log_size)) ** 2) + np.sum(rng.uniform(mean, 3.0) ** 3)


def test_a_number_is_drawn_for_each_of_the_parameters():
    """``rng.normal(mean, size)`` of two arrays: not one number for all of them."""
    mean, log_size = np.array([0.5, -1.0, 2.0]), np.array([0.1, -0.3, 0.2])
    found = value_and_grad(of_arrays_of_parameters, argnums=(0, 1))
    value, gradients = found(mean, log_size)
    assert value == of_arrays_of_parameters(mean, log_size)
    for place, gradient in enumerate(gradients):
        for k in range(3):
            ends = []
            for step in (1e-6, -1e-6):
                given = [mean.copy(), log_size.copy()]
                given[place][k] += step
                ends.append(of_arrays_of_parameters(*given))
            assert gradient[k] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6, abs=1e-6)


def permuted(x, seed):
    rng = np.random.default_rng(seed)
    y = rng.permutation(x)
    return np.sum(y**2 * np.arange(6.0)) + np.sum(rng.choice(x, size=3) * np.arange(3.0))


def shuffled(x, seed):
    rng = np.random.default_rng(seed)
    places = np.arange(6)
    y = 2.0 * x
    for _ in range(2):
        rng.shuffle(places)
        rng.shuffle(y)
        y = y + x[places]
    return np.sum(y**3 * np.arange(6.0))


def at_places(x, seed):
    rng = np.random.RandomState(seed)
    places = rng.choice(len(x), 3, replace=False)
    others = rng.choice(6, size=(2, 2), p=np.array([0.1, 0.2, 0.3, 0.2, 0.1, 0.1]))
    return np.sum(x[places] ** 2) * x[others].sum() + x[rng.choice([1, 4])]


@pytest.mark.parametrize("function", [permuted, shuffled, at_places])
def test_places_that_are_drawn(function):
    x = np.array([0.5, -1.0, 2.0, 0.3, 1.1, -0.4])
    before = x.copy()
    value, gradient = value_and_grad(function)(x, 5)
    assert value == function(x, 5)
    np.testing.assert_array_equal(x, before)
    for k in range(6):
        step = 1e-6 * np.eye(6)[k]
        expected = (function(x + step, 5) - function(x - step, 5)) / 2e-6
        assert gradient[k] == pytest.approx(expected, rel=1e-6, abs=1e-6)
    _, pullback = vjp(function, x, 5)
    np.testing.assert_array_equal(pullback(1.0)[0], gradient)


def test_a_shuffled_list_is_refused():
    def f(x):
        places = [0, 1, 2]
        np.random.default_rng(1).shuffle(places)
        return x[places[0]]

    with pytest.raises(DifferentiationError, match="shuffle"):
        grad(f)(np.ones(3))
