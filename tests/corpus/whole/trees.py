"""Structured arguments and results: their numbers, their identity, one number replaced."""

import dataclasses
import itertools
from collections import deque
from collections.abc import Iterator
from typing import Any

Path = tuple[Any, ...]


def children(tree: Any) -> list[tuple[Any, Any]]:
    """Returns the (key, child) pairs of a container or an object, none of anything else."""
    if is_array(tree):
        return [(place, tree[place]) for place in _places(tree.shape)]
    if isinstance(tree, list | tuple | deque):
        return list(enumerate(tree))
    if isinstance(tree, dict):
        return list(tree.items())
    if dataclasses.is_dataclass(tree) and not isinstance(tree, type):
        return [(field.name, getattr(tree, field.name)) for field in dataclasses.fields(tree)]
    if hasattr(tree, "__dict__") and not isinstance(tree, type) and not callable(tree):
        return list(vars(tree).items())
    slots = getattr(type(tree), "__slots__", ())
    if type(tree).__module__ != "builtins" and not callable(tree) and slots:
        return [(name, getattr(tree, name)) for name in slots if hasattr(tree, name)]
    return []


def is_array(tree: Any) -> bool:
    """Returns whether this is an array of NumPy."""
    return type(tree).__module__ == "numpy" and type(tree).__name__ == "ndarray"


def _places(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    return itertools.product(*map(range, shape))


def is_mutable(tree: Any) -> bool:
    """Returns whether the identity of this object can matter."""
    return (
        is_array(tree)
        or isinstance(tree, list | dict | deque | set)
        or bool(children(tree) and not isinstance(tree, tuple))
    )


def mutables(tree: Any) -> Iterator[Any]:
    """Yields every object inside whose identity can matter."""
    if is_mutable(tree):
        yield tree
    for _, child in children(tree):
        yield from mutables(child)


def leaves(tree: Any, path: Path = ()) -> Iterator[tuple[Path, float]]:
    """Yields the path and the value of every float, never of an int or a bool.

    >>> list(leaves([1.5, {"a": 2.5, "n": 3}]))
    [((0,), 1.5), ((1, 'a'), 2.5)]
    """
    if isinstance(tree, float):
        yield path, tree
    for key, child in children(tree):
        yield from leaves(child, (*path, key))


def replaced(tree: Any, path: Path, value: float) -> Any:
    """Returns the tree with another number at the path: mutable parts in place, tuples anew.

    >>> replaced(([1.0, 2.0], 3.0), (0, 1), 5.0)
    ([1.0, 5.0], 3.0)
    """
    if not path:
        return value
    key, *rest = path
    if isinstance(tree, tuple):
        items = [replaced(v, tuple(rest), value) if k == key else v for k, v in enumerate(tree)]
        return type(tree)(*items) if hasattr(tree, "_fields") else tuple(items)
    if isinstance(tree, list | dict | deque) or is_array(tree):
        tree[key] = replaced(tree[key], tuple(rest), value)
    else:
        object.__setattr__(tree, key, replaced(getattr(tree, key), tuple(rest), value))
    return tree


def snapshot(tree: Any) -> Any:
    """Returns a nested tuple that is equal for equal trees only: same types, the same bits in
    every float, the same order of keys, the same aliases.

    >>> snapshot([0.0]) == snapshot([-0.0]), snapshot([1]) == snapshot([1.0])
    (False, False)
    >>> row = [1.0]
    >>> snapshot([row, row]) == snapshot([[1.0], [1.0]])
    False
    """
    return _snapshot(tree, {})


def _snapshot(tree: Any, seen: dict[int, int]) -> Any:
    if isinstance(tree, float):
        return "float", tree.hex()
    if is_array(tree):
        return _of_array(tree, seen)
    if is_mutable(tree):
        if id(tree) in seen:
            return "alias", seen[id(tree)]
        seen[id(tree)] = len(seen)
    if isinstance(tree, set):
        return "set", tuple(sorted(map(repr, tree)))
    inside = tuple((key, _snapshot(child, seen)) for key, child in children(tree))
    if inside or isinstance(tree, list | tuple | dict | deque):
        return type(tree).__qualname__, inside
    return (type(tree).__qualname__, repr(tree)) if not callable(tree) else ("callable", tree)


def _of_array(tree: Any, seen: dict[int, int]) -> Any:
    """All that can be seen of an array: its numbers, and whose memory they are in, and where."""
    owner = tree
    while is_array(owner.base):
        owner = owner.base
    alias = seen.setdefault(id(tree), len(seen))
    whose = seen.setdefault(id(owner), len(seen))
    here, start = (a.__array_interface__["data"][0] for a in (tree, owner))
    layout = (tree.dtype.str, tree.shape, tree.strides, here - start)
    return "array", alias, whose, layout, tree.tobytes().hex()
