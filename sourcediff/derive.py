"""From a user's function to the function that `grad` returns."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sourcediff.entry import write_entry
from sourcediff.errors import DifferentiationError
from sourcediff.pending import PendingSource
from sourcediff.specialisation import Specialisation
from sourcediff.specialise import Derivative
from sourcediff.wrt import ArgNums

__all__ = ["compile_ahead", "derivative_function"]


def derivative_function(f: Any, argnums: ArgNums, with_value: bool) -> Callable[..., Any]:
    """The entry function of a derivative, compiled already where the signature tells enough."""
    derivative = Derivative(f, argnums, with_value)
    made: Specialisation | None = None
    pending: DifferentiationError | None = None
    try:
        made = compile_ahead(derivative)
    except DifferentiationError as error:
        if error.certain:
            raise
        pending = error
    plain = made if made is not None and derivative.is_plain(made) else None
    entry = write_entry(derivative, plain)
    derivative.entry = entry
    _dress(entry, derivative)
    if made is not None:
        derivative.publish(made, all_real=False)
    else:
        entry.source = PendingSource(derivative, pending)  # type: ignore[attr-defined]
    return entry


def compile_ahead(derivative: Derivative) -> Specialisation | None:
    """Compile for the kinds of arguments that the signature tells; None if it does not."""
    known = derivative.assumed()
    if known is None:
        return None
    try:
        return derivative.specialise(*known)
    except DifferentiationError as reason:
        return derivative.whole.for_kinds(known[0], reason)


def _dress(entry: Any, derivative: Derivative) -> None:
    """Make the entry look like the function it belongs to."""
    primal = derivative.primal
    binds = callable(getattr(primal, "__get__", None))
    if not binds or isinstance(primal, functools.partial):
        primal = derivative.function  # of a partial, say, or of an object that is called
    for name in ("__module__", "__name__", "__qualname__"):
        setattr(entry, name, getattr(primal, name, getattr(derivative.function, name)))
    entry.__signature__ = inspect.signature(primal)
    entry.__defaults__ = derivative.function.__defaults__
    entry.__kwdefaults__ = derivative.function.__kwdefaults__
    wanted = ", ".join(derivative.wrt.names())
    what = "Value and gradient" if derivative.with_value else "Gradient"
    first = f"{what} of {derivative.name} with respect to {wanted}."
    doc = inspect.getdoc(primal)
    entry.__doc__ = first if not doc else f"{first}\n\n{doc}"
    entry.__code__ = entry.__code__.replace(co_name=entry.__name__, co_qualname=entry.__qualname__)
    entry.primal = derivative.primal
    entry.__sourcediff__ = derivative

    def save(path: str | os.PathLike[str]) -> None:
        """Write the derivative to a module of its own, which needs no sourcediff.

        Args:
            path: the file to write.

        Raises:
            DifferentiationError: there is no code yet, or it uses an object of yours that a
                file cannot import.
        """
        Path(path).write_text(derivative.standalone(), encoding="utf-8")

    entry.save = save
