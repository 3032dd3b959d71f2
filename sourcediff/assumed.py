"""The kinds of arguments before any call, as far as a signature tells them.

An annotation tells the kind, a default its own; what has neither is taken for a number.

>>> def f(x, xs: list[float], n=3): ...
>>> kinds, key = assumed(f)
>>> [str(kind) for kind in kinds], taken_for_numbers(f)
(['Real', 'List[Real]', 'Real'], ['x'])
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from sourcediff import types
from sourcediff.annotated import UNKNOWN, annotations_of, example_of
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.values import Binding
from sourcediff.kinds import kind_of
from sourcediff.types import Type

__all__ = ["Kinds", "assumed", "noted", "taken_for_numbers"]

#: What each argument is, and the key of the cache for them all.
Kinds = tuple[list[Type | Binding], tuple[Any, ...]]


def assumed(function: Callable[..., Any], bound: tuple[Any, ...] = ()) -> Kinds | None:
    """The kinds of the arguments as far as the signature tells; None if it does not.

    Args:
        function: what is differentiated.
        bound: the arguments that it has already, as a method has its object.
    """
    try:
        signature = inspect.signature(function, follow_wrapped=False)
    except (TypeError, ValueError):
        return None
    hints = annotations_of(function)
    found: list[tuple[Type | Binding, Any]] = []
    for place, parameter in enumerate(signature.parameters.values()):
        if place < len(bound):
            found.append(kind_of(bound[place]))
        elif parameter.kind is parameter.VAR_KEYWORD:
            found.append(kind_of({}))
        elif parameter.kind is parameter.VAR_POSITIONAL or (
            place == 0 and parameter.name in ("self", "cls")
        ):
            return None
        elif parameter.default is not parameter.empty:
            try:
                found.append(_of_default(parameter.default))
            except TypeError:
                return None
        elif parameter.annotation is parameter.empty:
            found.append((types.REAL, "Real"))
        else:
            example = example_of(hints.get(parameter.name))
            if example is UNKNOWN:
                return None
            found.append(kind_of(example))
    return [kind for kind, _ in found], tuple(part for _, part in found)


def _of_default(default: Any) -> tuple[Type | Binding, Any]:
    return (types.REAL, "Real") if isinstance(default, int | float) else kind_of(default)


def taken_for_numbers(function: Callable[..., Any], bound: tuple[Any, ...] = ()) -> list[str]:
    """The parameters of which the signature tells nothing."""
    signature = inspect.signature(function, follow_wrapped=False)
    return [
        name
        for name, parameter in signature.parameters.items()
        if parameter.default is parameter.annotation is parameter.empty
    ][len(bound) :]


def noted(error: DifferentiationError, taken: list[str]) -> DifferentiationError:
    """A refusal before any call, with a note on what was only taken for numbers."""
    if taken and not error.certain:
        what = f"{taken[0]} is taken for a number"
        if len(taken) > 1:
            what = f"{', '.join(taken)} are taken for numbers"
        error.add_note(
            f"note: {what}, as there was no call yet: call the derivative once, or annotate, "
            f"as in {taken[0]}: list[float]"
        )
    return error
