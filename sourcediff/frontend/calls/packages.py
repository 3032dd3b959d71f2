"""Functions of installed packages: what they do that cannot be followed is told at the user's call.

A function of SciPy that is written in Python is entered like one of the user's. Where that fails,
the user is told of the call in their own text, not of a line in SciPy.
"""

from __future__ import annotations

import ast
import types as python_types
from collections.abc import Iterator
from contextlib import contextmanager

from sourcediff.errors import DifferentiationError, InternalError
from sourcediff.frontend.calls.callables import seen_through
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Static

__all__ = ["told_at_the_call"]

_NAMES = {"numpy": "NumPy", "scipy": "SciPy", "torch": "PyTorch", "jax": "JAX"}


@contextmanager
def told_at_the_call(lowering: Lowering, function: Binding, node: ast.AST | None) -> Iterator[None]:
    """Lower a call; of a function of another package than the caller's, refusals are told here."""
    package = _package_of(lowering, function)
    if package is None or node is None:
        yield
        return
    assert isinstance(function, Static)
    try:
        yield
    except InternalError:
        raise
    except DifferentiationError as error:
        lowering.error(
            f"no derivative is known for the function {function.object.__name__!r} of "
            f"{_NAMES.get(package, package)}, which cannot be followed: {error.msg}",
            node,
            "write it in Python, or give its derivative with sourcediff.rule",
        )


def _package_of(lowering: Lowering, function: Binding) -> str | None:
    """The installed package that a function is of, where it is not the caller's own."""
    if not isinstance(function, Static):
        return None
    found = seen_through(function.object)
    if not isinstance(found, python_types.FunctionType):
        return None
    package = (found.__module__ or "").partition(".")[0]
    caller = str(lowering.frame.globals.get("__name__", "")).partition(".")[0]
    installed = "site-packages" in found.__code__.co_filename.replace("dist-", "site-")
    return package if installed and package not in ("", caller, "sourcediff") else None
