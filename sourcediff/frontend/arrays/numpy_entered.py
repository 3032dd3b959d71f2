"""Calls of functions of NumPy that have a definition in terms of others: they are entered.

What comes out belongs to the user's statement, and no name of the definition is left in it.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable
from typing import Any

from sourcediff.errors import DifferentiationError
from sourcediff.frontend.arrays.listed_arrays import array_of_list
from sourcediff.frontend.arrays.numpy_forms import as_array
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Static
from sourcediff.ir import Op, Site

__all__ = ["definition_of", "enter_definition"]


def definition_of(found: Any, kwargs: Iterable[str]) -> Any:
    """The function of ours that a call of a function of NumPy is entered as, if there is one."""
    # They import NumPy, which the program has done.
    from sourcediff.rules import (
        numpy_choices,
        numpy_definitions,
        numpy_grids,
        numpy_linear_names,
        numpy_ufuncs,
    )

    assert numpy_choices is not None and numpy_linear_names is not None
    assert numpy_grids is not None and numpy_ufuncs is not None
    try:
        having, definition = numpy_definitions.BY_KEYWORD.get(found, (frozenset(), None))
        if not having.isdisjoint(kwargs):
            return definition
        return numpy_definitions.DEFINITIONS.get(found)
    except TypeError:  # unhashable
        return None


def enter_definition(
    lowering: Lowering,
    definition: Any,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST,
    name: str | None = None,
) -> Binding:
    """What a call gives, made of what the definition does.

    Args:
        lowering: where the call is lowered.
        definition: the function that is entered.
        args: the positional arguments.
        kwargs: the keyword arguments.
        node: the call.
        name: what the user calls the function; what the definition is called, if it is left out.
    """
    from sourcediff.frontend.calls.calls import call

    site, start, held = lowering.site, len(lowering.ops), lowering.ops
    args, kwargs = _arrayed(lowering, definition, args, kwargs, node)
    try:
        found = call(lowering, Static(definition), args, kwargs, node)
    except DifferentiationError as error:
        lowering.error(
            f"{name or definition.__name__}() with these arguments is not supported: {error.msg}",
            node,
            "write it with functions that are supported",
        )
    if lowering.ops is held:
        _belongs(held[start:], site)
    return found


#: Parameters of definitions that are arrays, so that a list of numbers is one.
_ARRAYS = frozenset(
    {"a", "v", "x", "y", "m", "ary", "arr", "weights", "to_begin", "to_end", "vals"}
)


def _arrayed(
    lowering: Lowering,
    definition: Any,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST,
) -> tuple[list[Binding], dict[str, Binding]]:
    """The arguments of what NumPy has, with arrays for the lists of numbers among them."""
    if not definition.__module__.startswith("sourcediff.rules.numpy_"):
        return args, kwargs

    def array(parameter: str, binding: Binding) -> Binding:
        if parameter not in _ARRAYS:
            return binding
        return array_of_list(lowering, binding) or as_array(lowering, binding, node)

    names = inspect.signature(definition).parameters
    placed = [array(name, arg) for name, arg in zip(names, args, strict=False)]
    return [*placed, *args[len(placed) :]], {key: array(key, b) for key, b in kwargs.items()}


def _belongs(ops: Iterable[Op], site: Site | None) -> None:
    for op in ops:
        op.site = site
        for result in op.results:
            result.name = None
        for region in op.regions:
            for parameter in region.parameters:
                parameter.name = None
            _belongs(region.ops, site)
