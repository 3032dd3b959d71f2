"""How objects are put together again from lists of what they hold: for gradients in lists of them.

>>> from types import SimpleNamespace
>>> spec = Records(("object", dict, (("x", ("leaf",)), ("name", ("leaf",)))), (True, False))
>>> spec.made([[1.0, 2.0]])
[{'x': 1.0, 'name': None}, {'x': 2.0, 'name': None}]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sourcediff.frontend.objects.construct import called_with_fields
from sourcediff.frontend.values import Ref

__all__ = ["Records"]


class Records:
    """What each item is made of, and which of its leaves a list is given for.

    shape  as in `columns`: leaves, objects and tuples of such, and what is known
    given  for each leaf whether there is a list; elsewhere it is None
    names  what the items of these lists are called in the text
    """

    __slots__ = ("given", "names", "refs", "shape")

    def __init__(self, shape: Any, given: tuple[bool, ...]) -> None:
        self.shape = shape
        self.given = given
        self.refs: list[Ref] = []
        self.build(iter(given), lambda *_: None, lambda _: None, self.refs.append)
        self.names = _names(shape, given)

    def build(
        self,
        leaves: Iterator[Any],
        put: Callable[[Any, Any, list[Any]], Any],
        leaf: Callable[[Any], Any],
        meet: Callable[[Ref], None] = lambda _: None,
    ) -> Any:
        """An item: `put` makes an object or tuple (its shape, a path to call it by, its parts)."""

        def one(shape: Any) -> Any:
            if shape[0] == "leaf":
                return leaf(next(leaves))
            if shape[0] == "known":
                return leaf(None)
            if shape[0] == "tuple":
                return put(shape, None, [one(part) for part in shape[2]])
            ref = called_with_fields(shape[1], tuple(field for field, _ in shape[2]))
            if ref is not None:
                meet(ref)
            return put(shape, ref, [one(part) for _, part in shape[2]])

        return one(self.shape)

    def made(self, lists: Sequence[list[Any]]) -> list[Any]:
        """The items."""

        def put(shape: Any, ref: Ref | None, parts: list[Any]) -> Any:
            if shape[0] == "tuple":
                return tuple(parts)
            held = {field: part for (field, _), part in zip(shape[2], parts, strict=True)}
            return held if ref is None else ref.read()(**held)

        found = []
        for row in zip(*lists, strict=True):
            values = iter(row)
            leaves = iter([next(values) if there else None for there in self.given])
            found.append(self.build(leaves, put, lambda item: item))
        return found

    def __repr__(self) -> str:
        return getattr(self.shape[1], "__name__", "")


def _names(shape: Any, given: tuple[bool, ...]) -> list[str | None]:
    """The last attribute on the way to each leaf, told apart where several have one."""
    found: list[str | None] = []

    def visit(part: Any, word: str) -> None:
        if part[0] == "leaf":
            there = given[len(found)]
            name = word if word.isidentifier() else "item"
            while there and f"{name}_bar" in found:
                name += "_"
            found.append(f"{name}_bar" if there else None)
        elif part[0] == "tuple":
            names = getattr(part[1], "_fields", None) or range(len(part[2]))
            for name, inner in zip(names, part[2], strict=True):
                visit(inner, name if isinstance(name, str) else f"{word}_{name}")
        elif part[0] == "object":
            for field, inner in part[2]:
                visit(inner, str(field))

    visit(shape, "item")
    return found
