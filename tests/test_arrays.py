"""Gradients of programs on arrays: against differences, to second order, in value and in shape."""

from __future__ import annotations

import linecache
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tests.array_copy_programs
import tests.array_item_programs  # noqa: F401 -- more programs on the list
from sourcediff import DifferentiationError, grad, value_and_grad
from tests.array_programs import PROGRAMS, Program

RTOL = ATOL = 2e-5
SECOND_RTOL = SECOND_ATOL = 2e-4

every_program = pytest.mark.parametrize("program", PROGRAMS, ids=str)


def run(function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """What a function returns, which may change its arguments."""
    return function(*(np.copy(a) if isinstance(a, np.ndarray) else a for a in args))


def difference(function: Callable[..., Any], args: tuple[Any, ...], place: int, step: float) -> Any:
    """The derivative in one argument by central differences."""

    def at(value: Any) -> Any:
        return run(function, (*args[:place], value, *args[place + 1 :]))

    x = args[place]
    if not isinstance(x, np.ndarray):
        return (at(x + step) - at(x - step)) / (2 * step)
    found = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += step
        below[index] -= step
        found[index] = (at(above) - at(below)) / (2 * step)
    return found


def loaded(text: str, name: str, namespace: dict[str, Any]) -> Any:
    """A function of which the source is known."""
    file = f"<{name}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    exec(compile(text, file, "exec"), namespace)
    return namespace["second"]


def second(program: Program, place: int) -> Any:
    """A number that depends on a gradient."""
    names = ", ".join("abcdefghijk"[: len(program.args)])
    text = f"def second({names}):\n    return np.sum(np.cos(gradient({names})))\n"
    gradient = grad(program.function, place)
    return loaded(text, f"second {program} {place}", {"np": np, "gradient": gradient})


@every_program
def test_first_derivatives(program: Program) -> None:
    function, args, wrt = program
    before = [np.copy(a) for a in args]
    value, gradients = value_and_grad(function, wrt)(*args)
    assert np.array(value).tobytes() == np.array(run(function, args)).tobytes()
    for place, actual in zip(wrt, gradients, strict=True):
        expected = difference(function, args, place, 1e-6)
        assert np.shape(actual) == np.shape(expected)
        np.testing.assert_allclose(actual, expected, rtol=RTOL, atol=ATOL)
    for a, b in zip(args, before, strict=True):
        np.testing.assert_array_equal(a, b)


@every_program
def test_gradients_belong_to_the_caller(program: Program) -> None:
    function, args, wrt = program
    gradients = grad(function, wrt)(*args)
    arrays = [a for a in (*gradients, *args) if isinstance(a, np.ndarray)]
    for place, one in enumerate(arrays):
        assert one.flags.writeable
        for other in arrays[place + 1 :]:
            assert not np.may_share_memory(one, other)
    for place, actual in zip(wrt, gradients, strict=True):
        assert isinstance(actual, float) or actual.dtype == args[place].dtype


@every_program
def test_single_precision_stays(program: Program) -> None:
    function, args, wrt = program
    single = tuple(
        a.astype(np.float32) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a
        for a in args
    )
    expected = grad(function, wrt)(*args)
    found = grad(function, wrt)(*single)
    for place, actual, exact in zip(wrt, found, expected, strict=True):
        assert isinstance(actual, float) or actual.dtype == single[place].dtype
        np.testing.assert_allclose(actual, exact, rtol=2e-2, atol=2e-2)


@every_program
def test_second_derivatives(program: Program) -> None:
    _, args, wrt = program
    for place in wrt:
        function = second(program, place)
        try:
            gradients = grad(function, wrt)(*args)
        except DifferentiationError as error:
            refused = "not supported" in str(error) or "no derivative" in str(error)
            if not refused:
                raise
            pytest.skip("not to second order yet")
        for then, actual in zip(wrt, gradients, strict=True):
            expected = difference(function, args, then, 1e-5)
            np.testing.assert_allclose(actual, expected, rtol=SECOND_RTOL, atol=SECOND_ATOL)


# NumPy itself --------------------------------------------------------------------------------


def test_a_program_without_numpy_does_not_import_it() -> None:
    program = (
        "import sys, linecache\n"
        "text = 'def f(x):\\n    return x * x\\n'\n"
        "linecache.cache['<f>'] = (len(text), None, text.splitlines(True), '<f>')\n"
        "exec(compile(text, '<f>', 'exec'))\n"
        "from sourcediff import grad\n"
        "assert grad(f)(3.0) == 6.0\n"
        "assert 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


# What is masked, and kinks -------------------------------------------------------------------


def log_where_positive(x: Any) -> Any:
    return np.sum(np.where(x > 0, np.log(x), 0))


def named_and_masked(x: Any) -> Any:
    safe = np.sqrt(x) * x
    return np.sum(np.where(x > 0, safe, 0.0))


def ratio_where_not_zero(x: Any) -> Any:
    return np.sum(np.where(x == 0, 0.0, 1.0 / x))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (log_where_positive, [0.0, 0.0, 0.5]),
        (named_and_masked, [0.0, 0.0, 1.5 * 2.0**0.5]),
        (ratio_where_not_zero, [-1.0, 0.0, -0.25]),
    ],
)
def test_what_is_not_chosen_contributes_nothing(function: Any, expected: list[float]) -> None:
    x = np.array([-1.0, 0.0, 2.0])
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(grad(function)(x), expected, rtol=1e-12, atol=0)


def norm_and_spread(x: Any) -> Any:
    return np.linalg.norm(x) + np.std(x)


def test_the_norm_and_the_deviation_of_zeros_have_derivative_zero() -> None:
    np.testing.assert_array_equal(grad(norm_and_spread)(np.zeros(3)), np.zeros(3))


def largest(x: Any) -> Any:
    return np.max(x)


def larger_of_two(x: Any, y: Any) -> Any:
    return np.sum(np.maximum(x, y))


def test_ties() -> None:
    np.testing.assert_array_equal(grad(largest)(np.array([2.0, 1.0, 2.0])), [0.5, 0.0, 0.5])
    a, b = grad(larger_of_two, (0, 1))(np.ones(2), np.ones(2))
    np.testing.assert_array_equal(a, [1.0, 1.0])
    np.testing.assert_array_equal(b, [0.0, 0.0])


# What comes in -------------------------------------------------------------------------------


def weighted(x: Any, w: Any) -> Any:
    return np.sum(x * w * x)


def test_arrays_that_do_not_lie_in_one_piece_and_empty_ones() -> None:
    x = np.arange(24.0).reshape(4, 6)[::2, ::-3]
    np.testing.assert_array_equal(grad(weighted)(x, 3.0), 6.0 * x)
    empty = np.zeros((0, 3))
    assert grad(weighted)(empty, 3.0).shape == (0, 3)
    assert grad(weighted, 1)(empty, 3.0) == 0.0


def test_arrays_of_whole_numbers_are_not_differentiated() -> None:
    count = np.arange(3)
    np.testing.assert_array_equal(grad(weighted)(np.ones(3), count), [0.0, 2.0, 4.0])
    with pytest.raises(DifferentiationError, match="cannot be differentiated"):
        grad(weighted, 1)(np.ones(3), count)


def test_an_axis_of_length_one_is_another_kind_of_argument() -> None:
    gradient = grad(weighted, 1)
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(gradient(x, np.ones((2, 3))), x * x)
    expected = (x * x).sum(axis=0, keepdims=True)
    np.testing.assert_array_equal(gradient(x, np.ones((1, 3))), expected)
    np.testing.assert_array_equal(gradient(x, np.ones(3)), expected[0])
    np.testing.assert_array_equal(gradient(x, np.ones((2, 1))), [[5.0], [50.0]])


def fills_the_first(x: Any, y: Any) -> Any:
    x[0] = 2.0
    return np.sum(x * y)


@pytest.mark.usefixtures("clean_road_only")
def test_a_changed_argument_shares_memory_with_no_other() -> None:
    gradient = grad(fills_the_first, (0, 1))
    x = np.ones(3)
    a, b = gradient(x, np.full(3, 5.0))
    np.testing.assert_array_equal(a, [0.0, 5.0, 5.0])
    np.testing.assert_array_equal(b, [2.0, 1.0, 1.0])
    np.testing.assert_array_equal(x, np.ones(3))
    try:
        a, b = gradient(x, x[::-1])  # x[0] is y[2]: what is returned is 2 * 2.0 * x[2] + x[1] ** 2
    except DifferentiationError as error:
        assert "is in two places" in str(error)  # noqa: PT017
        return
    np.testing.assert_array_equal(a, [0.0, 2.0, 4.0])
    np.testing.assert_array_equal(b, a[::-1])


# Refused by name -----------------------------------------------------------------------------


def unknown_function(x: Any) -> Any:
    return np.sum(np.i0(x))


def truth_of_an_array(x: Any) -> Any:
    if x > 0:
        return np.sum(x)
    return np.sum(-x)


def other_name_chosen(x: Any) -> Any:
    y = x * 2.0
    z = y if x[0] > 0 else x * x
    z[0] = 1.0
    return np.sum(z * y)


def reshaped_and_written(x: Any) -> Any:
    y = x * 1.0
    z = np.stack([y, y])[:, 1:].reshape(-1)
    z[0] = 2.0
    return np.sum(z * z)


def an_array_comes_back(x: Any) -> Any:
    return x * x


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (unknown_function, "'i0' of NumPy"),
        (truth_of_an_array, "the truth of an array"),
        (other_name_chosen, "has two names"),
        (reshaped_and_written, "may give a view or a copy"),
        (an_array_comes_back, "returns an array, not one real number"),
    ],
)
def test_what_is_not_supported_is_refused(function: Any, message: str) -> None:
    with pytest.raises(DifferentiationError, match=message):
        grad(function)(np.ones(3))


def scaled_twice(x):
    x[0] *= 3.0
    y = x * 1.0
    x[0] *= y[0]
    return y @ x + x[0]


def written_twice(x):
    x[0] = x[0] * 3.0
    y = x * 2.0
    x[0] = x[0] * y[0]
    return (x * y).sum()


def written_through_its_transpose(m):
    t = m.T
    t[1] += m[0] * 2.0
    return (m * m).sum()


@pytest.mark.parametrize(
    ("function", "x"),
    [
        (scaled_twice, np.array([0.7, 1.3])),
        (written_twice, np.array([0.7, 1.3])),
        (written_through_its_transpose, np.array([[0.1, 0.4], [0.8, 1.1]])),
    ],
)
def test_an_adjoint_that_was_added_to_is_read_again(function: Any, x: Any) -> None:
    expected = difference(function, (x,), 0, 1e-6)
    np.testing.assert_allclose(grad(function)(x), expected, rtol=RTOL, atol=ATOL)
