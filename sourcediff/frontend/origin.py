"""What is remembered of the user's function and of the world that its code relies on."""

from __future__ import annotations

import ast
from types import BuiltinMethodType, MethodType
from typing import Any

from sourcediff.frontend.reflect import is_numpy_array, type_of_array
from sourcediff.frontend.source import Source
from sourcediff.frontend.values import Binding, Ref
from sourcediff.ir import Op, Value

__all__ = ["Guard", "Origin"]


_BOUND = (MethodType, BuiltinMethodType)


class Guard:
    """An object of the outside world that the lowered code relies on, and where it was found."""

    __slots__ = ("is_constant", "object", "ref")

    def __init__(self, ref: Ref, object: Any, is_constant: bool = False) -> None:
        self.ref = ref
        self.object = object
        #: Whether a number is a constant of the code.
        self.is_constant = is_constant or ref.root in ("item", "length")

    def holds(self) -> bool:
        """Whether Python would still find the same object there."""
        try:
            found = self.ref.read()
        except (LookupError, AttributeError, ValueError):
            return False
        # A bound method is made each time that it is looked up: ``np.maximum.accumulate``.
        return found is self.object or (found.__class__ in _BOUND and found == self.object)

    def refresh(self, arrays: bool = True) -> bool:
        """Take over a number, or an array, that has changed its value only; False for the rest.

        Args:
            arrays: whether arrays of one type are as good as each other.
        """
        try:
            found = self.ref.read()
        except (LookupError, AttributeError, ValueError):
            return False
        cls = self.object.__class__
        if found.__class__ is not cls:
            return False
        if cls in (int, float) and self.is_constant:
            return False
        if cls not in (int, float) and not (arrays and _alike(self.object, found)):
            return False
        self.object = found
        return True


def _alike(one: Any, other: Any) -> bool:
    """Whether two objects are arrays for which the same code is made."""
    if not is_numpy_array(one):
        return False
    kinds = type_of_array(one), type_of_array(other)
    if kinds[0] is None or kinds[1] is None:
        return False
    elements = [kind.slots["element"].type for kind in kinds if kind is not None]
    return kinds[0].of == kinds[1].of and elements[0] is elements[1]


class Origin:
    """What is remembered of the user's function beside its operations.

    function   the Python function
    source     its syntax tree and text
    bindings   how each parameter is made up at entry
    spelling   how the user calls a module: its alias, or None after ``from module import``
    reads      what takes arguments apart, by the values that it gives
    changes_given  whether an object that is handed in is changed, or told from another
    in_doubt   whether a derivative that it calls may store numbers in arrays of whole ones
    returned   the value that the function returns
    parts      the lists that lists of tuples are which are made inside
    node       its syntax tree, where that is not the one of the source: a function made inside
    """

    __slots__ = (
        "bindings",
        "changes_given",
        "function",
        "in_doubt",
        "node",
        "parts",
        "reads",
        "returned",
        "source",
        "spelling",
    )

    def __init__(
        self,
        function: Any,
        source: Source,
        bindings: dict[str, Binding],
        spelling: dict[str, str | None],
    ) -> None:
        self.function = function
        self.source = source
        self.bindings = bindings
        self.spelling = spelling
        self.returned: Value | None = None
        self.reads: dict[Value, Op] = {}
        self.changes_given = False
        self.in_doubt = False
        self.parts: frozenset[Value] = frozenset()
        self.node: ast.AST = source.node
