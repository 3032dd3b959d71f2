"""Whether lists of tuples have to be a list for each place in them.

They need not where nothing in them is differentiated: then the text keeps the tuples.

    table = []                                  table.append((name, w))      # as it was
    for name, w in zip(names, weights): …
"""

from __future__ import annotations

from collections.abc import Iterable

from sourcediff.errors import DifferentiationError
from sourcediff.frontend.values import Binding
from sourcediff.ir import Function
from sourcediff.transform.adjoint.structures import differentiated
from sourcediff.transform.smaller.activity import active_values

__all__ = ["apart_in_vain"]


def apart_in_vain(function: Function, arguments: Iterable[Binding]) -> bool:
    """Whether a function has lists of tuples that are taken apart, none of them differentiated."""
    parts = function.origin.parts
    if not parts:
        return False
    inputs = [leaf for argument in arguments for leaf in differentiated(argument)]
    try:
        return active_values(function, inputs).isdisjoint(parts)
    except DifferentiationError:
        return False  # it is refused as it is
