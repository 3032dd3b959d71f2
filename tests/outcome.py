"""What a call did, and whether two results are the same or close."""

import ast
import contextlib
import io
import linecache
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """The value of a call or its exception, and what it printed."""

    value: Any
    exception: Exception | None
    printed: str


def run(call: Callable[[], Any]) -> Outcome:
    """Calls and records; only ``Exception`` is caught, so that a keyboard interrupt ends a run.

    >>> run(lambda: print("hello") or 1.5)
    Outcome(value=1.5, exception=None, printed='hello\\n')
    """
    printed = io.StringIO()
    value, exception = None, None
    with contextlib.redirect_stdout(printed):
        try:
            value = call()
        except Exception as raised:
            exception = raised
    return Outcome(value, exception, printed.getvalue())


def close(actual: Any, expected: Any, *, rtol: float, atol: float) -> bool:
    """Returns whether two numbers, or two equally nested tuples of numbers, agree.

    NaN equals only NaN and an infinity only itself.

    >>> close((1.0, float("nan")), (1.0 + 1e-12, float("nan")), rtol=1e-9, atol=0.0)
    True
    >>> close(1e300, float("inf"), rtol=1e-9, atol=0.0)
    False
    """
    if isinstance(expected, tuple | list):
        return (
            isinstance(actual, tuple | list)
            and len(actual) == len(expected)
            and all(
                close(a, e, rtol=rtol, atol=atol) for a, e in zip(actual, expected, strict=True)
            )
        )
    if isinstance(actual, tuple | list):
        return False
    if math.isnan(expected) or math.isnan(actual):
        return math.isnan(expected) and math.isnan(actual)
    if math.isinf(expected) or math.isinf(actual):
        return bool(actual == expected)
    return bool(abs(actual - expected) <= atol + rtol * max(abs(actual), abs(expected)))


def same_bits(actual: Any, expected: Any) -> bool:
    """Returns whether two values are of one type and equal to the last bit.

    >>> same_bits(0.0, -0.0), same_bits(1, 1.0), same_bits((1.5, 2), (1.5, 2))
    (False, False, True)
    """
    if type(actual) is not type(expected):
        return False
    if isinstance(expected, float):
        return struct.pack("<d", actual) == struct.pack("<d", expected)
    if isinstance(expected, tuple | list):
        return len(actual) == len(expected) and all(map(same_bits, actual, expected))
    return bool(actual == expected)


def is_explicit(exception: Exception) -> bool:
    """Returns whether the user wrote this exception, or the language owes it.

    True of a ``raise`` or ``assert`` statement and of a name that is not bound: these are
    effects, kept by every derivative.  An operation that fails (a division by zero) is kept
    only where the derivative needs its value.
    """
    if isinstance(exception, NameError):
        return True
    trace = exception.__traceback__
    last = None
    while trace is not None:
        last, trace = trace, trace.tb_next
    if last is None:
        return False
    source = "".join(linecache.getlines(last.tb_frame.f_code.co_filename))
    return any(
        isinstance(node, ast.Raise | ast.Assert)
        and node.lineno <= last.tb_lineno <= (node.end_lineno or node.lineno)
        for node in ast.walk(ast.parse(source))
    )
