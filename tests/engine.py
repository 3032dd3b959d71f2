"""The compiler as the comparison sees it."""

import contextlib
import io
import sys
from collections.abc import Callable
from typing import Any

import sourcediff
from sourcediff import tape
from tests.compare import Engine

SOURCEDIFF = Engine(
    grad=sourcediff.grad,
    value_and_grad=sourcediff.value_and_grad,
    reference=tape.gradient,
    refusal=sourcediff.DifferentiationError,
)


def _by_columns(function: Callable[..., Any], argnums: Any, with_value: bool) -> Callable[..., Any]:
    """The gradient that forward mode gives, one argument after the other."""
    along = sourcediff.jvp(function)
    wanted = argnums if isinstance(argnums, tuple) else (argnums,)

    def gradient(*args: Any) -> Any:
        columns = []
        for number, place in enumerate(wanted):
            tangents = tuple(float(k == place) for k in range(len(args)))
            # What the function prints is printed once.
            printed = io.StringIO() if number else sys.stdout
            with contextlib.redirect_stdout(printed):
                value, tangent = along(args, tangents)
            columns.append(tangent)
        found = tuple(columns) if isinstance(argnums, tuple) else columns[0]
        return (value, found) if with_value else found

    return gradient


#: Forward mode, as if it were reverse mode.
FORWARD = Engine(
    grad=lambda function, argnums=0: _by_columns(function, argnums, with_value=False),
    value_and_grad=lambda function, argnums=0: _by_columns(function, argnums, with_value=True),
    reference=tape.gradient,
    refusal=sourcediff.DifferentiationError,
)


def _by_pullback(
    function: Callable[..., Any], argnums: Any, with_value: bool
) -> Callable[..., Any]:
    """The gradient that a pullback gives, called twice."""
    both = sourcediff.vjp(function)

    def gradient(*args: Any) -> Any:
        value, pullback = both(*args)
        adjoints = pullback(1.0)
        assert repr(pullback(1.0)) == repr(adjoints)
        wanted = argnums if isinstance(argnums, tuple) else (argnums,)
        columns = tuple(0.0 if adjoints[k] is None else adjoints[k] for k in wanted)
        found = columns if isinstance(argnums, tuple) else columns[0]
        return (value, found) if with_value else found

    return gradient


#: The pullback, as if it were the gradient.
PULLBACK = Engine(
    grad=lambda function, argnums=0: _by_pullback(function, argnums, with_value=False),
    value_and_grad=lambda function, argnums=0: _by_pullback(function, argnums, with_value=True),
    reference=tape.gradient,
    refusal=sourcediff.DifferentiationError,
)
