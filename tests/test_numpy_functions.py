"""Every function of NumPy that is supported: against differences, to second order, in both dtypes.

The rows of `numpy_function_table` are tried as they stand. The value is that of NumPy to the last
bit, a gradient has the shape and the dtype of its argument, and what is refused says so.
"""

from __future__ import annotations

import linecache
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sourcediff import DifferentiationError, grad, value_and_grad
from tests.numpy_function_table import REFUSED, ROWS, Row

RTOL = ATOL = 1e-5
SECOND_RTOL = SECOND_ATOL = 2e-4

every_row = pytest.mark.parametrize("row", ROWS, ids=str)


def arguments(row: Row) -> list[Any]:
    """Numbers and arrays for a row: no two elements are equal."""
    rng = np.random.default_rng(7)
    return [rng.uniform(0.3, 1.7, size=s) if s else float(rng.uniform(0.3, 1.7)) for s in row[1]]


def made(text: str, name: str, **namespace: Any) -> Callable[..., Any]:
    """A function of which the source is known."""
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    scope: dict[str, Any] = {"np": np, **namespace}
    exec(compile(text, name, "exec"), scope)
    found: Callable[..., Any] = scope["f"]
    return found


def function_of(row: Row) -> Callable[..., Any]:
    names = ", ".join("xyz"[: len(row.operands)])
    return made(f"def f({names}):\n    return np.sum(np.cos({row.text}))\n", f"<{row}>")


def difference(function: Callable[..., Any], args: list[Any], place: int, step: float) -> Any:
    """The derivative in one argument by central differences."""
    x = np.asarray(args[place])
    found = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        moved = []
        for change in (step, -step):
            other = x.copy()
            other[index] += change
            value = other if x.ndim else float(other)
            moved.append(function(*args[:place], value, *args[place + 1 :]))
        found[index] = (moved[0] - moved[1]) / (2 * step)
    return found


@every_row
def test_gradient(row: Row) -> None:
    function, args = function_of(row), arguments(row)
    before = [np.copy(a) for a in args]
    value, gradients = value_and_grad(function, tuple(range(len(args))))(*args)
    assert np.array(value).tobytes() == np.array(function(*args)).tobytes()
    for place, found in enumerate(gradients):
        assert np.shape(found) == np.shape(args[place])
        expected = difference(function, args, place, 1e-6)
        np.testing.assert_allclose(found, expected, rtol=RTOL, atol=ATOL)
        np.testing.assert_array_equal(args[place], before[place])
    single = [a.astype(np.float32) if isinstance(a, np.ndarray) else a for a in args]
    value, found_in_single = value_and_grad(function, tuple(range(len(args))))(*single)
    assert np.array(value).tobytes() == np.array(function(*single)).tobytes()
    for place, found in enumerate(found_in_single):
        assert isinstance(found, float) or found.dtype == np.float32
        np.testing.assert_allclose(found, gradients[place], rtol=2e-3, atol=2e-3)


@every_row
def test_second_derivatives(row: Row) -> None:
    function, args = function_of(row), arguments(row)
    names = ", ".join("xyz"[: len(args)])
    text = f"def f({names}):\n    return np.sum(np.cos(gradient({names})))\n"
    for place in range(len(args)):
        gradient = grad(function, place)
        slope = made(text, f"<slope {place} of {row}>", gradient=gradient)
        for other, found in enumerate(grad(slope, tuple(range(len(args))))(*args)):
            expected = difference(slope, args, other, 1e-5)
            np.testing.assert_allclose(found, expected, rtol=SECOND_RTOL, atol=SECOND_ATOL)


#: Shapes without elements, by the shapes that they stand for.
EMPTY = {(4,): (0,), (3, 4): (0, 4), (3, 3): (0, 0), (2, 3, 4): (2, 0, 4), (4, 3): (4, 0)}


def test_arrays_without_elements() -> None:
    """Where NumPy itself takes them: the derivative is right, and has their shape."""
    tried = 0
    for row in ROWS[::2]:
        shapes = [EMPTY.get(s, s) if isinstance(s, tuple) else s for s in row.operands]
        function, args = function_of(row), arguments(Row(row.text, tuple(shapes)))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                value = function(*args)
            except (ArithmeticError, ValueError, TypeError, IndexError, RuntimeWarning):
                continue
        if tuple(shapes) == row.operands or not np.isfinite(value):
            continue
        if "qr" in row.text or "resize" in row.text:
            continue
        tried += 1
        found = grad(function, tuple(range(len(args))))(*args)
        for place, one in enumerate(found):
            assert np.shape(one) == np.shape(args[place]), row
            expected = difference(function, args, place, 1e-6)
            np.testing.assert_allclose(one, expected, rtol=RTOL, atol=ATOL, err_msg=str(row))
    assert tried > 120


@pytest.mark.parametrize("text", REFUSED)
def test_refused_by_name(text: str) -> None:
    function = made(f"def f(x):\n    return np.sum(np.cos({text}))\n", f"<refused {text}>")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(DifferentiationError) as refusal:
            grad(function)(np.linspace(0.3, 1.7, 4))
    assert "internal" not in str(refusal.value)
    assert refusal.value.filename == f"<refused {text}>"
