"""What stands beside the numbers: loggers, enumerations, tables, derivatives made inside."""

from __future__ import annotations

import enum
import functools
import logging
import math
import warnings

import pytest

from sourcediff import DifferentiationError, grad, value_and_grad

log = logging.getLogger("tests.standing_by")

# Loggers and warnings -----------------------------------------------------------------------


class Solver:
    shared = logging.getLogger("tests.shared")

    def __init__(self):
        self.log = logging.getLogger("tests.own")

    def run(self, x):
        self.shared.info("x is %s", x)
        self.log.warning("still %.1f", x)
        return x * x


def logs(x):
    log.debug("x=%s", x)
    log.log(logging.INFO, "twice: %s", 2 * x)
    if log.isEnabledFor(logging.INFO):
        log.info(f"{x:.1f}", exc_info=False)
    return x * x


def logs_in_methods(x):
    return Solver().run(x)


def warns(x):
    if x > 1:
        warnings.warn(f"{x} is large", UserWarning, stacklevel=2)
    return x * x


@pytest.mark.parametrize("function", [logs, logs_in_methods])
def test_loggers(function, caplog):
    caplog.set_level(logging.DEBUG)
    derivative = grad(function)
    assert derivative(2.0) == 4.0
    found = [(r.name, r.levelname, r.getMessage()) for r in caplog.records]
    caplog.clear()
    function(2.0)
    assert found == [(r.name, r.levelname, r.getMessage()) for r in caplog.records]
    code = derivative.__wrapped__
    assert derivative(3.0) == 6.0
    assert derivative.__wrapped__ is code


def test_the_text_calls_the_logger():
    derivative = grad(logs)
    derivative(2.0)
    assert '\n    log.debug("x=%s", x)\n' in derivative.source


def test_warnings():
    with pytest.warns(UserWarning, match="2.0 is large"):
        assert grad(warns)(2.0) == 4.0


# Decorators inside --------------------------------------------------------------------------


def decorated_inside(x, n=6):
    @functools.lru_cache(maxsize=64)
    def legendre(k):
        if k < 2:
            return x**k
        return ((2 * k - 1) * x * legendre(k - 1) - (k - 1) * legendre(k - 2)) / k

    @functools.wraps(math.sin)
    def wave(y):
        return math.sin(x * y)

    return legendre(n) + wave(2.0)


def test_decorators_inside():
    step = 1e-6
    expected = (decorated_inside(0.4 + step) - decorated_inside(0.4 - step)) / (2 * step)
    assert grad(decorated_inside)(0.4) == pytest.approx(expected, rel=1e-7)


# Enumerations -------------------------------------------------------------------------------


class Activation(enum.Enum):
    RELU = "relu"
    TANH = "tanh"

    def of(self, x):
        return max(x, 0.0) if self is Activation.RELU else math.tanh(x)


class Named(enum.StrEnum):
    SQUARE = "square"
    CUBE = "cube"


class Settings:
    def __init__(self, activation, scale):
        self.activation = activation
        self.scale = scale


def by_identity(x, activation=Activation.TANH):
    if activation is Activation.RELU:
        return 3 * x
    if activation == Activation.TANH:
        return math.tanh(x)
    raise ValueError(activation)


def by_value(x, activation):
    known = activation in (Activation.RELU, Activation.TANH)
    return {"relu": 2 * x, "tanh": x * x}[activation.value] * len(activation.name) * known


def by_method(x, activation):
    return activation.of(2 * x)


def by_match(x, activation):
    match activation:
        case Activation.RELU:
            return x**2
        case Activation.TANH:
            return x**3


def by_text(x, name):
    return x**2 if name == Named.SQUARE else x**3 if name == "cube" else 0.0


def of_settings(settings, x):
    return by_identity(x, settings.activation) * settings.scale


ENUMERATIONS = [
    (by_identity, (0.7,)),
    *[(f, (0.7, a)) for f in (by_identity, by_value, by_method, by_match) for a in Activation],
    *[(by_text, (0.7, name)) for name in Named],
]


@pytest.mark.parametrize(("function", "args"), ENUMERATIONS)
def test_enumerations(function, args):
    x, *others = args
    step = 1e-6
    expected = (function(x + step, *others) - function(x - step, *others)) / (2 * step)
    value, found = value_and_grad(function)(*args)
    assert value == function(*args)
    assert found == pytest.approx(expected, rel=1e-7)


def test_a_member_in_an_object():
    settings = Settings(Activation.TANH, 2.0)
    gradient = grad(of_settings)(settings, 0.7)
    assert (gradient.scale, gradient.activation) == (math.tanh(0.7), None)
    assert grad(of_settings, argnums=1)(settings, 0.7) == pytest.approx(
        2 * (1 - math.tanh(0.7) ** 2), rel=1e-12
    )


# Tables -------------------------------------------------------------------------------------


def test_tables_of_functions_and_numbers():
    table = [(1.0, math.sin), (0.5, math.cos)]
    options = {"f": math.sin, "scale": 2.0, "more": {"g": lambda t: t * t, "power": 3}}

    def summed(x):
        return sum(c * f(x) for c, f in table)

    def chosen(x):
        return (
            options["scale"] * options["f"](x) + options["more"]["g"](x) * options["more"]["power"]
        )

    derivative = grad(summed)
    assert derivative(1.0) == pytest.approx(math.cos(1) - 0.5 * math.sin(1), rel=1e-12)
    table[1] = (2.0, math.cos)
    assert derivative(1.0) == pytest.approx(math.cos(1) - 2.0 * math.sin(1), rel=1e-12)
    table.append((1.0, lambda t: 5 * t))
    assert derivative(1.0) == pytest.approx(math.cos(1) - 2.0 * math.sin(1) + 5, rel=1e-12)
    derivative = grad(chosen)
    assert derivative(1.0) == pytest.approx(2 * math.cos(1) + 6, rel=1e-12)
    options["scale"] = 5.0
    assert derivative(1.0) == pytest.approx(5 * math.cos(1) + 6, rel=1e-12)
    options["more"]["power"] = 1
    assert derivative(1.0) == pytest.approx(5 * math.cos(1) + 2, rel=1e-12)


def test_a_table_of_functions_that_grows():
    """Its length was taken for a number that may change."""
    functions = [math.sin]

    def summed(x):
        return sum(f(x) for f in functions)

    derivative = grad(summed)
    derivative(1.0)
    functions.append(lambda t: 3 * t)
    assert derivative(1.0) == pytest.approx(math.cos(1) + 3, rel=1e-12)


# Derivatives made inside --------------------------------------------------------------------


def cost(w, k):
    return w**3 * k


def descent(w):
    for _ in range(3):
        w = w - 0.01 * grad(cost)(w, 2.0)
    return cost(w, 1.0)


def both(w):
    value, slopes = value_and_grad(cost, argnums=(0, 1))(w, 2.0)
    return value * slopes[0] * slopes[1]


@pytest.mark.parametrize("function", [descent, both])
def test_derivatives_made_inside(function):
    step = 1e-6
    expected = (function(1.2 + step) - function(1.2 - step)) / (2 * step)
    assert grad(function)(1.2) == pytest.approx(expected, rel=1e-8)


def test_a_derivative_of_what_is_made_inside():
    with pytest.raises(DifferentiationError, match="making a derivative inside"):
        grad(lambda x: grad(lambda y: x * y * y)(2.0))(3.0)


# The start of a sum -------------------------------------------------------------------------


class Neuron:
    def __init__(self, weights, bias):
        self.weights = weights
        self.bias = bias

    def __call__(self, x):
        return math.tanh(sum((w * v for w, v in zip(self.weights, x, strict=True)), self.bias))


def test_a_sum_that_starts_from_an_attribute():
    def loss(bias, x):
        return Neuron([0.5, x], bias)([x, 2.0])

    expected = 1 - math.tanh(0.5 * 0.3 + 2 * 0.3 + 0.1) ** 2
    assert grad(loss, argnums=(0, 1))(0.1, 0.3) == pytest.approx((expected, 2.5 * expected))
