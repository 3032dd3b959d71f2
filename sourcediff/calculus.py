"""Jacobians, Hessians and products with them, put together from `grad`, `jvp` and `vjp`.

What is called many times, once for each row or column, is code that these compiled once.

>>> import math
>>> def polar(r, t):
...     return r * math.cos(t), r * math.sin(t)
>>> jacobian(polar, argnums=(0, 1))(2.0, 0.0)
((1.0, 0.0), (0.0, 2.0))
>>> hessian(lambda xs: xs[0] ** 2 * xs[1])([3.0, 5.0])
[[10.0, 6.0], [6.0, 0.0]]
>>> hvp(lambda xs: xs[0] ** 2 * xs[1], ([3.0, 5.0],), ([1.0, 0.0],))
([10.0, 6.0],)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any, cast

from sourcediff.api import ArgNums, grad, jvp, vjp
from sourcediff.errors import DifferentiationError, InternalError
from sourcediff.modes.seeded import (
    Mismatch,
    SeededForms,
    filled,
    has_adjoint,
    holds_complex,
    leaves,
    like,
)
from sourcediff.modes.structures import zero_like

__all__ = ["hessian", "hvp", "jacobian"]


def jacobian(f: Callable[..., Any], argnums: ArgNums = 0) -> Callable[..., Any]:
    """The derivatives of every number that a function returns.

    They are computed row by row with the pullback of `vjp`, or, where the arguments hold fewer
    numbers than the result, column by column with `jvp`.

    Args:
        f: a function written in Python that returns numbers: one, or tuples and lists of them.
        argnums: what to differentiate with respect to, as for `grad`.

    Returns:
        A function of the positional arguments of `f`. It returns the structure of the result of
        `f` with, in place of each number, the gradient of that number, as `grad` gives it: of a
        function from a list of n numbers to one of m, a list of m lists of n. In place of an array
        stands one with the axes of both, for each array or number of the argument.

    Raises:
        DifferentiationError: at a call, where `f` is not supported or an argument is no number.

    >>> jacobian(lambda xs: [xs[0] * xs[1], xs[1] ** 2])([2.0, 3.0])
    [[3.0, 2.0], [0.0, 6.0]]
    >>> jacobian(lambda t: (t * t, [t, 1.0]))(3.0)
    (6.0, [1.0, 0.0])
    """
    forms = SeededForms(f)

    def jacobian_of_f(*args: Any) -> Any:
        places, as_tuple = _places(f, argnums, len(args))
        _require_numbers(f, args, places)
        if not all(_is_plain(args[place]) for place in places):
            return _by_seeds(forms, args, places, as_tuple)
        size = sum(_size(args[place]) for place in places)
        try:
            value, pullback = vjp(f)(*args)
        except DifferentiationError:
            # Lists may be beyond reverse mode.
            return _by_columns_or_seeds(f, forms, args, places, as_tuple)
        if not _is_plain(value):
            return _by_seeds(forms, args, places, as_tuple)
        if _size(value) > size:
            return _by_columns(f, args, places, as_tuple)
        rows = [_chosen(_at(pullback(unit), places), as_tuple) for unit in _units(value)]
        return _filled(value, iter(rows))

    _name(jacobian_of_f, f, "jacobian", "Jacobian")
    return jacobian_of_f


def hessian(f: Callable[..., Any], argnums: ArgNums = 0) -> Callable[..., Any]:
    """The second derivatives of a function that returns one number.

    They are the derivatives of the gradient, column by column: forward mode over reverse mode.

    Args:
        f: a function written in Python that returns one real number.
        argnums: what to differentiate with respect to, as for `grad`.

    Returns:
        A function of the positional arguments of `f`. It returns the structure of the gradient
        with, in place of each number, the gradient of that number: of a function of a list of n
        numbers, a list of n lists of n; of one of a number, the second derivative; of one of an
        array of n numbers, an array of n by n.

    Raises:
        DifferentiationError: `f` is not supported, or an argument is no number.

    >>> hessian(lambda x, y: x * y ** 2, argnums=(0, 1))(2.0, 3.0)
    ((0.0, 6.0), (6.0, 4.0))
    >>> hessian(lambda x: x ** 3)(2.0)
    12.0
    """
    slope = grad(f, argnums)
    forms = SeededForms(slope)

    def hessian_of_f(*args: Any) -> Any:
        places, as_tuple = _places(f, argnums, len(args))
        _require_numbers(f, args, places)
        if not all(_is_plain(args[place]) for place in places):
            return _by_seeds(forms, args, places, as_tuple)
        return _by_columns_or_seeds(slope, forms, args, places, as_tuple)

    _name(hessian_of_f, f, "hessian", "Hessian")
    return hessian_of_f


def hvp(f: Callable[..., Any], primals: Sequence[Any], v: Sequence[Any]) -> tuple[Any, ...]:
    """The product of the Hessian of a function with a vector, without the Hessian.

    It is the derivative of the gradient along `v`, and costs a few times what the gradient does
    (B. A. Pearlmutter, *Fast exact multiplication by the Hessian*, Neural Computation 6, 1994).

    Args:
        f: a function written in Python that returns one real number.
        primals: a tuple of the positional arguments of `f`.
        v: a tuple with a tangent for each of them, as for `jvp`; None where there is none.

    Returns:
        A tuple with one item for each of `primals`, in its structure; None where `v` has None.

    Raises:
        DifferentiationError: `f` is not supported, or `v` does not have the structure of `primals`.

    >>> hvp(lambda x, y, n: x ** n * y, (2.0, 5.0, 3), (1.0, 0.5, None))
    (66.0, 12.0, None)
    """
    places = tuple(place for place, tangent in enumerate(v) if tangent is not None)
    if not places:
        return (None,) * len(primals)
    try:
        slope = _gradient(f, places)
    except TypeError:  # a callable without a hash
        slope = grad(f, places)
    if all(_is_plain(primals[place]) for place in places):
        _, products = jvp(slope, tuple(primals), tuple(v))
    else:
        products = _by_symmetry(_seeded(slope), primals, v, places)
    found: list[Any] = [None] * len(primals)
    for place, product in zip(places, products, strict=True):
        found[place] = product
    return tuple(found)


@lru_cache(maxsize=256)
def _gradient(f: Callable[..., Any], places: tuple[int, ...]) -> Callable[..., Any]:
    return grad(f, places)


@lru_cache(maxsize=256)
def _seeded(slope: Callable[..., Any]) -> SeededForms:
    return SeededForms(slope)


def _by_symmetry(
    forms: SeededForms, primals: Sequence[Any], v: Sequence[Any], places: tuple[int, ...]
) -> tuple[Any, ...]:
    """The product by the pullback of the gradient, as a Hessian is symmetric."""
    slopes = forms.value(primals)
    try:
        seeds = [
            leaf
            for slope, place in zip(slopes, places, strict=True)
            for leaf in like(slope, v[place], "the argument")
        ]
    except Mismatch as mismatch:
        raise DifferentiationError(f"hvp: {mismatch}") from None
    return cast(tuple[Any, ...], forms.along(slopes, primals, seeds, places))


# Columns and rows -----------------------------------------------------------------------------


def _by_columns(
    f: Callable[..., Any], args: tuple[Any, ...], places: list[int], as_tuple: bool
) -> Any:
    """The Jacobian in some arguments, by forward mode."""
    along = jvp(f)
    columns: list[list[Any]] = []
    value: Any = None
    if not any(_size(args[place]) for place in places):
        value, _ = along(args, (None,) * len(args))
    for place in places:
        for unit in _units(args[place]):
            tangents = [None] * len(args)
            tangents[place] = unit
            value, tangent = along(args, tuple(tangents))
            columns.append(list(_numbers(tangent)))
    rows = []
    for k in range(sum(1 for _ in _numbers(value))):
        row = (column[k] for column in columns)
        parts = [_filled(args[place], row) for place in places]
        rows.append(tuple(parts) if as_tuple else parts[0])
    return _filled(value, iter(rows))


def _by_columns_or_seeds(
    f: Callable[..., Any],
    forms: SeededForms,
    args: tuple[Any, ...],
    places: list[int],
    as_tuple: bool,
) -> Any:
    """The Jacobian by forward mode, or where that refuses `f`, row by row."""
    try:
        return _by_columns(f, args, places, as_tuple)
    except InternalError:
        raise
    except DifferentiationError as reason:
        try:
            return _by_seeds(forms, args, places, as_tuple)
        except DifferentiationError:
            raise reason.with_traceback(None) from None


def _by_seeds(forms: SeededForms, args: tuple[Any, ...], places: list[int], as_tuple: bool) -> Any:
    """The Jacobian of any structure of numbers and arrays, row by row.

    In place of a number stands its gradient, in place of an array one array for each part of the
    gradient, with the axes of both.
    """
    value = forms.value(args)
    if holds_complex(value):
        raise DifferentiationError(
            "the Jacobian of a function that returns complex numbers is not supported",
            help="return the real and the imaginary part: z.real, z.imag",
        )
    found = [leaf for _, leaf in leaves(value)]
    blocks = []
    for k, leaf in enumerate(found):
        rows = []
        for unit in _unit_arrays(leaf):
            seeds = [unit if j == k else zero_like(other) for j, other in enumerate(found)]
            rows.append(_chosen(forms.pull(value, args, seeds, tuple(places)), as_tuple))
        blocks.append(_stacked(rows, leaf) if getattr(leaf, "ndim", 0) else rows[0])
    return filled(value, iter(blocks))


def _unit_arrays(leaf: Any) -> Iterator[Any]:
    """The number 1, or the arrays of a shape with one 1 and zeros."""
    if not getattr(leaf, "ndim", 0):
        yield 1.0
        return
    for place in range(leaf.size):
        unit = zero_like(leaf)
        unit.flat[place] = 1.0
        yield unit


def _stacked(rows: list[Any], leaf: Any) -> Any:
    """The gradients of the items of an array, as arrays with the axes of both."""
    import numpy as np

    if not rows:
        raise DifferentiationError("the Jacobian of an empty array is not supported")
    columns = zip(*([part for _, part in leaves(row)] for row in rows), strict=True)
    stacked = (np.stack(parts).reshape(leaf.shape + np.shape(parts[0])) for parts in columns)
    return filled(rows[0], iter(stacked))


def _chosen(adjoints: Sequence[Any], as_tuple: bool) -> Any:
    return tuple(adjoints) if as_tuple else adjoints[0]


def _at(adjoints: tuple[Any, ...], places: list[int]) -> list[Any]:
    return [adjoints[place] for place in places]


# Arguments ------------------------------------------------------------------------------------


def _places(f: Callable[..., Any], argnums: ArgNums, count: int) -> tuple[list[int], bool]:
    """The places of the chosen arguments among those of a call; whether they are a sequence."""
    as_tuple = isinstance(argnums, list | tuple)
    wanted: Any = argnums if as_tuple else (argnums,)
    return [_place(f, argument, count) for argument in wanted], as_tuple


def _place(f: Callable[..., Any], argument: Any, count: int) -> int:
    import inspect

    name = getattr(f, "__name__", "f")
    if isinstance(argument, str):
        names = list(inspect.signature(f).parameters)
        if argument not in names:
            raise DifferentiationError(f"{name}() has no argument {argument!r}")
        place = names.index(argument)
    else:
        place = argument + count if argument < 0 else argument
    if not 0 <= place < count:
        raise DifferentiationError(f"{name}() got no positional argument {argument!r}")
    return place


def _require_numbers(f: Callable[..., Any], args: tuple[Any, ...], places: list[int]) -> None:
    for place in places:
        held = [leaf for _, leaf in leaves(args[place])]
        if not _is_plain(args[place]) and (not held or holds_complex(args[place])):
            name = getattr(f, "__name__", "f")
            raise DifferentiationError(
                f"argument {place} of {name}() holds something else than numbers",
                help="choose a number, an array, or what holds some, with argnums",
            )


def _name(made: Any, f: Callable[..., Any], prefix: str, what: str) -> None:
    name = getattr(f, "__name__", "f")
    made.__name__ = made.__qualname__ = f"{prefix}_{name.strip('<>')}"
    made.__doc__ = f"{what} of {name}."
    made.primal = f


# Structures of numbers ------------------------------------------------------------------------


def _is_plain(structure: Any) -> bool:
    """Whether it is a number, or tuples and lists of numbers."""
    return all(has_adjoint(n) and not getattr(n, "ndim", 0) for n in _numbers(structure))


def _numbers(structure: Any) -> Iterator[Any]:
    """The numbers in tuples and lists, in order."""
    if isinstance(structure, list | tuple):
        for item in structure:
            yield from _numbers(item)
    else:
        yield structure


def _size(structure: Any) -> int:
    return sum(int(getattr(number, "size", 1)) for number in _numbers(structure))


def _units(structure: Any) -> Iterator[Any]:
    """The structure with one number 1 and all others 0, for each number in turn."""
    count = sum(1 for _ in _numbers(structure))
    for place in range(count):
        yield _filled(structure, (float(k == place) for k in range(count)))


def _filled(structure: Any, items: Iterator[Any]) -> Any:
    """The structure with these items in place of its numbers."""
    if isinstance(structure, list | tuple):
        kind = list if isinstance(structure, list) else tuple
        return kind(_filled(part, items) for part in structure)
    return next(items)
