"""What the functions that `jvp` and `vjp` return have in common: source, save, primal, help."""

from __future__ import annotations

import inspect
import os
import types as python_types
from pathlib import Path
from typing import Any

from sourcediff.pending import PendingSource
from sourcediff.specialise import Derivative

__all__ = ["dressed"]


def dressed(entry: Any, derivative: Derivative, what: str) -> Any:
    """Make an entry look like what it is: a derivative of the user's function."""
    assert isinstance(entry, python_types.FunctionType)
    derivative.entry = entry
    name = f"{derivative.prefix}_{derivative.generated_name().strip('<>')}"
    entry.__name__ = entry.__qualname__ = name
    entry.__module__ = derivative.function.__module__
    doc = inspect.getdoc(derivative.primal)
    first = f"{what} of {derivative.name}."
    entry.__doc__ = f"{first}\n\n{doc}" if doc else first

    def save(path: str | os.PathLike[str]) -> None:
        """Write the derivative to a module of its own, which needs no sourcediff.

        Args:
            path: the file to write.

        Raises:
            DifferentiationError: there is no code yet, or it uses an object of yours that a
                file cannot import.
        """
        Path(path).write_text(derivative.standalone(), encoding="utf-8")

    entry.__signature__ = inspect.signature(entry)  # type: ignore[attr-defined]
    attributes: dict[str, Any] = {
        "primal": derivative.primal,
        "save": save,
        "__sourcediff__": derivative,
        "source": PendingSource(derivative, None),
    }
    for attribute, found in attributes.items():
        setattr(entry, attribute, found)
    return entry
