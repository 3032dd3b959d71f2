"""Mistakes that anybody makes: the message names the user's line and says what to do."""

import logging

import pytest

from sourcediff import DifferentiationError, grad, value_and_grad


def square(x):
    return x * x


def scaled(xs):
    return 2.0 * xs


def repeated(x):
    return x * "ab"


def refusal(f, *args):
    with pytest.raises(DifferentiationError) as caught:
        grad(f)(*args)
    assert caught.value.filename == __file__
    return caught.value


@pytest.mark.parametrize(("given", "what"), [("3.0", "a text"), (None, "None"), (b"3", "a text")])
def test_a_text_is_given_for_what_is_differentiated(given, what):
    error = refusal(square, given)
    assert error.msg == f"the argument 'x' of square() is {what}, and cannot be differentiated"
    assert "argnums" in error.help


def test_a_text_is_given_for_another_argument():
    def weighted(x, name):
        return x * len(name)

    assert value_and_grad(weighted)(3.0, "ab") == (6.0, 2.0)


def test_an_array_is_returned():
    np = pytest.importorskip("numpy")
    error = refusal(scaled, np.ones(2))
    assert "returns an array, not one real number" in error.msg
    assert "jacobian() or vjp()" in error.help


def test_an_operator_is_named_as_it_is_written():
    assert refusal(repeated, 1.0).msg.startswith("the operator '*' of a number and a text")


def test_an_array_of_objects_is_given():
    np = pytest.importorskip("numpy")
    assert "pass one of floats" in refusal(scaled, np.array([1.0, None], dtype=object)).msg


def test_a_function_of_a_package_is_told_of_at_the_call():
    optimize = pytest.importorskip("scipy.optimize")

    def root(x):
        return optimize.brentq(lambda t: t * t - x, 0.0, 10.0)

    error = refusal(root, 2.0)
    assert "no derivative is known for the function 'brentq' of SciPy" in error.msg
    assert "sourcediff.rule" in error.help
    assert "optimize.brentq" in error.text


def test_an_object_that_is_logged_is_told_of_at_the_call():
    class Circle:
        def __init__(self, radius):
            self.radius = radius

    def area(x):
        circle = Circle(x)
        logging.debug("%s", circle)
        return 3.0 * circle.radius**2

    error = refusal(area, 2.0)
    assert "a Circle cannot be printed, logged" in error.msg
    assert "logging.debug" in error.text
