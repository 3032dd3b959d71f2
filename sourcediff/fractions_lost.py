"""Real numbers that are stored in arrays of whole numbers, which the arguments of a call decide.

    y = np.array([a, b])       of floats for f(1.5, 1.0, 2.0); of ints for f(1.5, 1, 2), where
    y[0] = x                   NumPy cuts off what is behind the point

To the compiler, `a` and `b` are real numbers. So a call looks whether what such an array is made of
are whole numbers, all of them, and what is stored there is none: that is refused.

>>> found_at({"n": [1, 2]}, ["['n']", "[*]"]), found_at((1.5, 2), ["[1]"])
([1, 2], [2])
>>> are_whole([3, [1, 2]]), are_whole([3, 2.5]), are_whole([[]])
(True, False, False)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sourcediff.errors import DifferentiationError, Span
from sourcediff.frontend.reflect import attributes_in, is_plain_object
from sourcediff.ir import Atom, Function, Value, walk
from sourcediff.reals import paths_to
from sourcediff.transform.arrays.dtype_looks import LOST, Whole
from sourcediff.transform.arrays.whole_numbers import TYPED, WholeNumbers

__all__ = ["Store", "are_whole", "found_at", "require_fractions", "stores_in", "whole_among"]

#: The way to an argument, or to what it holds: the name of the parameter, and steps.
Path = tuple[str, list[str]]


class Store:
    """A place of the program that stores numbers in an array.

    array  what the array is made of, among the arguments
    held   what is stored there is made of these; empty where a float is among it
    span   where that is
    """

    __slots__ = ("array", "held", "span")

    def __init__(self, array: list[Path], held: list[Path], span: Span | None) -> None:
        self.array = array
        self.held = held
        self.span = span


def stores_in(function: Function) -> list[Store]:
    """The places that store numbers in arrays that may be of whole numbers."""
    found: list[Store] = []
    writes = [op for op in walk(function.body) if op.primitive.writes and op.args]
    writes = [op for op in writes if op.args[0].type.kind == "Array" and _is_real(op.args[-1])]
    if not writes:
        return found
    numbers = WholeNumbers(function)
    numbers.only_certain(function)
    paths = paths_to(function, numbers.leaves)
    for op in writes:
        array, held = numbers.of(op.args[0]) - {TYPED}, numbers.of(op.args[-1])
        if not array or not array <= paths.keys():
            continue
        ways, others = ([paths[leaf] for leaf in side if leaf in paths] for side in (array, held))
        found.append(Store(ways, others, None if op.site is None else op.site.span))
    return found


def _is_real(atom: Atom) -> bool:
    """Whether what is stored may have a fraction, and a derivative."""
    kind = atom.type.slots["element"].type if atom.type.kind == "Array" else atom.type
    return isinstance(atom, Value) and bool(kind.kind == "Real")


def require_fractions(stores: Sequence[Store], given: Mapping[str, Any]) -> None:
    """Refuse a call in which a fraction would be cut off.

    Args:
        given: the arguments by the names of the parameters.

    Raises:
        DifferentiationError: there is one.
    """
    for store in stores:
        array, held = (
            [item for name, path in side for item in found_at(given.get(name), path)]
            for side in (store.array, store.held)
        )
        if are_whole(array) and not are_whole(held):
            raise DifferentiationError(
                LOST,
                store.span,
                "make it an array of floats: dtype=float",
                certain=True,
            )


def whole_among(doubts: Whole, given: Mapping[str, Any]) -> Whole:
    """Those of the places in arguments at which there is a whole number in a call."""
    return frozenset(
        (name, path)
        for name, path in doubts
        if _holds_whole([*given.values()] if name == "*" else found_at(given.get(name), path))
    )


def _holds_whole(item: Any) -> bool:
    if isinstance(item, dict):
        return any(map(_holds_whole, item.values()))
    if isinstance(item, list | tuple):
        return any(map(_holds_whole, item))
    if is_plain_object(item):
        return any(map(_holds_whole, attributes_in(item).values()))
    return getattr(item, "ndim", 0) == 0 and _is_whole(item)


def found_at(value: Any, path: Sequence[str]) -> list[Any]:
    """What is in an argument at the end of a way."""
    found = [value]
    for step in path:
        found = [part for item in found for part in _step(item, step)]
    return found


def _step(item: Any, step: str) -> Iterator[Any]:
    if step == "[*]":
        yield from item
    elif step.startswith("."):
        yield getattr(item, step[1:])
    else:
        key = step[1:-1]
        held = item if not isinstance(item, dict) else {repr(k): v for k, v in item.items()}
        yield held[key if isinstance(held, dict) else int(key)]


def are_whole(found: Sequence[Any]) -> bool:
    """Whether NumPy makes an array of whole numbers of these, or of lists of them."""
    return bool(found) and all(map(_is_whole, found))


def _is_whole(item: Any) -> bool:
    if isinstance(item, list | tuple):
        return are_whole(item)
    dtype = getattr(item, "dtype", None)
    return isinstance(item, int) if dtype is None else dtype.kind in "iub"
