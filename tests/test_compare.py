"""The comparison lets right derivatives pass and names what is wrong with the others."""

import math
from dataclasses import replace

import pytest

from tests.compare import (
    AGREED,
    RAISED,
    RAISED_ONLY_IN_PRIMAL,
    RAISED_OTHERWISE,
    REFUSED,
    UNDEFINED,
    WRONG,
    Engine,
    compare,
    refusal_kind,
)
from tests.differences import difference
from tests.outcome import close, same_bits


class Refusal(SyntaxError):
    pass


def engine(gradient, value=None, reference=None):
    """An engine for functions of one number, from the derivative written by hand."""

    def grad(function, argnums=0):
        return lambda x: wrap(gradient(x), argnums)

    def value_and_grad(function, argnums=0):
        return lambda x: ((value or function)(x), wrap(gradient(x), argnums))

    def wrap(result, argnums):
        return (result,) if isinstance(argnums, tuple) else result

    return Engine(grad, value_and_grad, reference, Refusal)


def raising(exception):
    def raise_it(*args, **kwargs):
        raise exception

    return raise_it


def cube(x):
    return x**3


def verdict_of(gradient, **options):
    verdict = compare(cube, (2.0,), 0, engine(gradient, **options))
    return verdict.kind, verdict.reason


def test_right():
    assert verdict_of(lambda x: 3 * x**2) == (AGREED, "")
    assert compare(cube, (2.0,), (0,), engine(lambda x: 3 * x**2)).kind == AGREED


@pytest.mark.parametrize("wrong", [0.0, -12.0, 12.001, math.nan, math.inf])
def test_wrong_by_differences(wrong):
    assert verdict_of(lambda x: wrong) == (WRONG, "gradient differs from differences")


def test_wrong_by_the_reference():
    reference = lambda function, *args, argnums: 3 * args[0] ** 2
    right = lambda x: 3 * x**2
    assert verdict_of(right, reference=reference) == (AGREED, "")
    # Less than differences can tell.
    slightly = lambda x: 3 * x**2 * (1 + 1e-8)
    assert verdict_of(slightly) == (AGREED, "")
    assert verdict_of(slightly, reference=reference) == (
        WRONG,
        "gradient differs from the reference",
    )


def test_a_reference_that_fails_is_reported():
    verdict = compare(
        cube, (2.0,), 0, engine(lambda x: 3 * x**2, reference=raising(TypeError("no")))
    )
    assert (verdict.kind, verdict.unchecked) == (AGREED, ("reference raised TypeError",))


@pytest.mark.parametrize("other", [lambda x: 8, lambda x: math.nextafter(8.0, 9.0)])
def test_the_value_is_compared_to_the_bit(other):
    assert verdict_of(lambda x: 3 * x**2, value=other) == (WRONG, "value differs")


@pytest.mark.parametrize(
    ("gradient", "reason"),
    [
        ((12.0,), "gradient is not a number"),
        (None, "gradient is not a number"),
        (True, "gradient is not a number"),
        (12j, "gradient is not a number"),
    ],
)
def test_the_shape_of_the_gradient_is_compared(gradient, reason):
    assert verdict_of(lambda x: gradient) == (WRONG, reason)


def test_a_tuple_of_arguments_gives_a_tuple():
    plain = engine(lambda x: 3 * x**2)
    always_plain = replace(
        plain,
        grad=lambda function, argnums: plain.grad(function, 0),
        value_and_grad=lambda function, argnums: plain.value_and_grad(function, 0),
    )
    verdict = compare(cube, (2.0,), (0,), always_plain)
    assert verdict.reason == "gradient of another shape"


def test_the_second_call_is_compared():
    results = iter([12.0, 12.0, 13.0])
    assert verdict_of(lambda x: next(results)) == (WRONG, "second call differs")


def test_grad_and_value_and_grad_are_compared():
    results = iter([12.0, 13.0])
    assert verdict_of(lambda x: next(results)) == (WRONG, "grad and value_and_grad differ")


def test_printed_text_is_compared():
    def loud(x):
        print("x is", x)
        return x * x

    silent = engine(lambda x: 2 * x)
    assert compare(loud, (1.5,), 0, silent).reason == "printed text differs"

    def gradient(x):
        print("x is", x)
        return 2 * x

    loud_engine = engine(gradient, value=lambda x: x * x)
    assert compare(loud, (1.5,), 0, loud_engine).kind == AGREED


def test_refusals_are_counted():
    refusing = raising(Refusal("`while` is not supported yet, write a for loop"))
    assert verdict_of(refusing) == (REFUSED, "… is not supported yet,")
    assert refusal_kind(ValueError("plain")) == "plain"


def test_a_refusal_by_one_of_two_is_wrong():
    right = engine(lambda x: 3 * x**2)
    half = replace(right, grad=lambda function, argnums: raising(Refusal("no")))
    assert compare(cube, (2.0,), 0, half).reason.startswith("refused by only one")


def test_an_internal_error_is_no_refusal():
    error = Refusal("internal error while differentiating 'f': KeyError: 3")
    error.__cause__ = KeyError(3)
    assert verdict_of(raising(error)) == (WRONG, "internal error: KeyError")


def test_an_exception_of_the_derivative_alone_is_wrong():
    assert verdict_of(raising(KeyError("x"))) == (WRONG, "derivative raised KeyError")
    assert verdict_of(raising(ZeroDivisionError())) == (
        WRONG,
        "derivative raised ZeroDivisionError",
    )


def test_a_partial_without_value_may_raise_where_the_reference_does():
    raises = raising(ZeroDivisionError("1 / sqrt(0)"))
    verdict = compare(math.sqrt, (0.0,), 0, engine(raises, reference=raises))
    assert verdict.kind == UNDEFINED


# Exceptions of the function. ---------------------------------------------------------------


def by_statement(x):
    if x > 1:
        raise ValueError("too large", x)
    return x


def by_assertion(x):
    assert x < 1, "too large"
    return x


def by_unbound_name(x):
    if x < 1:
        y = x
    return y


def by_operation(x):
    math.sqrt(-x)
    return x


@pytest.mark.parametrize("function", [by_statement, by_assertion, by_unbound_name, by_operation])
def test_the_same_exception_is_right(function):
    assert compare(function, (2.0,), 0, engine(function)).kind == RAISED


@pytest.mark.parametrize("function", [by_statement, by_assertion, by_unbound_name])
def test_an_exception_of_the_user_must_not_be_lost(function):
    lost = engine(lambda x: 1.0, value=lambda x: x)
    assert compare(function, (2.0,), 0, lost).reason == "exception lost"


def test_an_operation_that_no_result_needs_may_be_dropped():
    dropped = engine(lambda x: 1.0, value=lambda x: x)
    assert compare(by_operation, (2.0,), 0, dropped).kind == RAISED_ONLY_IN_PRIMAL


def test_another_arithmetic_exception_of_an_operation_is_counted():
    other = engine(raising(ZeroDivisionError("1 / x")))
    assert compare(by_operation, (2.0,), 0, other).kind == RAISED_OTHERWISE
    assert compare(by_statement, (2.0,), 0, other).kind == WRONG
    assert compare(by_operation, (2.0,), 0, engine(raising(KeyError("x")))).kind == WRONG


def test_another_exception_is_wrong():
    other = engine(raising(TypeError("x")))
    assert compare(by_statement, (2.0,), 0, other).reason == "another exception: TypeError"


def test_another_message_is_wrong_where_the_user_wrote_it():
    other = engine(raising(ValueError("too large", 3.0)))
    assert compare(by_statement, (2.0,), 0, other).reason == "another message"


def test_another_message_is_right_where_python_wrote_it():
    renamed = engine(raising(UnboundLocalError("y_1")), value=raising(UnboundLocalError("y_1")))
    assert compare(by_unbound_name, (2.0,), 0, renamed).kind == RAISED


# Numbers. ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("actual", "expected", "result"),
    [
        (1.0, 1.0, True),
        (1.0, 1.0 + 1e-12, True),
        (1.0, 1.0 + 1e-6, False),
        (math.nan, math.nan, True),
        (math.nan, 1.0, False),
        (1.0, math.nan, False),
        (math.inf, math.inf, True),
        (math.inf, -math.inf, False),
        (1e308, math.inf, False),
        ((1.0, (2.0,)), (1.0, (2.0,)), True),
        ((1.0,), (1.0, 2.0), False),
        (1.0, (1.0,), False),
        ((1.0,), 1.0, False),
        (0, 0.0, True),
    ],
)
def test_close(actual, expected, result):
    assert close(actual, expected, rtol=1e-9, atol=0.0) is result


def test_close_adds_the_absolute_tolerance():
    assert close(1e-12, 0.0, rtol=0.0, atol=1e-11)
    assert not close(1e-10, 0.0, rtol=0.0, atol=1e-11)


def test_same_bits_tells_types_zeros_and_nan():
    assert same_bits(math.nan, math.nan)
    assert not same_bits(True, 1)
    assert not same_bits([1.0], (1.0,))
    assert not same_bits((0.0,), (-0.0,))


# Differences. ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (math.sin, 0.5, math.cos(0.5)),
        (math.exp, -3.0, math.exp(-3.0)),
        (abs, 1e-12, 1.0),
        (lambda x: x**5, 1e3, 5e12),
        (lambda x: 1 / x, 1e-3, -1e6),
        (lambda x: 3.0, 2.0, 0.0),
        (lambda x: x * x, 3, 6.0),
        (math.floor, 2.5, 0.0),
    ],
)
def test_differences_of_smooth_functions(function, x, expected):
    estimate = difference(function, (x,), 0)
    assert estimate is not None
    assert abs(estimate.value - expected) <= estimate.error + 1e-12 * abs(expected)
    assert estimate.error <= 1e-6 * abs(expected) + 1e-9


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (abs, 0.0),
        (lambda x: max(x, 1.0), 1.0),
        (lambda x: max(x, 1.0), 1.0002),
        (lambda x: x if x > 2 else 2 * x, 2.0),
        (lambda x: x if x > 2 else 2 * x, 2.0003),
        (math.floor, 2.0),
        (math.floor, 2.0001),
        (math.sqrt, 0.0),
        (math.log, 0.0),
        (lambda x: math.sin(1 / x), 1e-4),
        (lambda x: 1.0 if x == 1.0 else 0.0, 1.0),
        (lambda x: abs(x - 1.0) * 0.1 + math.exp(x), 1.0),
        (lambda x: math.floor(1e10 * x), 1.30000000005),
    ],
)
def test_differences_say_nothing_at_kinks_jumps_and_edges(function, x):
    assert difference(function, (x,), 0) is None


def test_a_point_that_a_branch_isolates_is_left_to_the_reference():
    def function(x):
        if x == 0.0:
            return x
        return 2 * x

    exact = lambda x: 1.0 if x == 0.0 else 2.0
    reference = lambda function, *args, argnums: exact(*args)
    verdict = compare(function, (0.0,), 0, engine(exact, reference=reference))
    assert (verdict.kind, verdict.unchecked) == (AGREED, ("isolated point",))
    assert compare(function, (0.0,), 0, engine(exact)).kind == WRONG
