"""What a name is bound to while a function is lowered.

Numbers, truth values and text are atoms of the IR. Everything whose shape is known dissolves
while compiling: tuples become their items, functions and modules what they are. They are put
together again only where they leave the function.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from sourcediff.errors import Span
from sourcediff.ir import Atom, Const, Value

if TYPE_CHECKING:
    from sourcediff.frontend.frames import Frame

__all__ = [
    "Binding",
    "Bound",
    "Choice",
    "Closure",
    "Conflict",
    "Once",
    "Rec",
    "Ref",
    "Static",
    "Tup",
    "declared",
]


class Ref:
    """A path by which Python finds an object outside the function: live, and printable.

    root    "global" (a name in a module's dictionary), "cell" (a variable of an enclosing
            function), "module" or "class" (an attribute of one), "object" (the very object),
            "declared" (what a class or its bases declare), "absent" (True while a module's
            dictionary lacks a name, so that the built-in one is meant)
    where   the dictionary, the cell, the module, the class, or the object
    names   the name and the attributes that follow
    """

    __slots__ = ("names", "root", "where")

    def __init__(self, root: str, where: Any, names: tuple[str, ...]) -> None:
        self.root = root
        self.where = where
        self.names = names

    def attribute(self, name: str) -> Ref:
        """The path to an attribute of what this path leads to."""
        return Ref(self.root, self.where, (*self.names, name))

    def read(self) -> Any:
        """The object that is there now."""
        if self.root == "cell":
            found, rest = self.where.cell_contents, self.names[1:]
        elif self.root == "global":
            found, rest = self.where[self.names[0]], self.names[1:]
        elif self.root == "object":
            found, rest = self.where, ()
        elif self.root == "absent":
            return self.names[0] not in self.where
        elif self.root == "declared":
            return declared(self.where, self.names[0])
        else:
            found, rest = self.where, self.names
        for name in rest:
            found = getattr(found, name)
        return found

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two paths the same."""
        return (self.root, id(self.where), self.names)

    def __repr__(self) -> str:
        start = (self.where.__name__,) if self.root == "module" else ()
        return ".".join((*start, *self.names))


def declared(cls: type, name: str) -> Any:
    """What the class or a base of it declares under a name, unbound; None if nothing."""
    for base in cls.__mro__:
        if name in base.__dict__:
            return base.__dict__[name]
    return None


class Static:
    """A Python object known while compiling, with the path by which the user names it."""

    __slots__ = ("object", "ref")

    def __init__(self, object: Any, ref: Ref | None = None) -> None:
        self.object = object
        self.ref = ref


class Tup:
    """A tuple (or list that nobody writes) of known length; `cls` is its class."""

    __slots__ = ("cls", "items")

    def __init__(self, items: list[Binding], cls: type = tuple) -> None:
        self.items = items
        self.cls = cls


class Once(Tup):
    """What ``map``, ``zip``, ``reversed`` or ``enumerate`` gives: good for one pass.

    It may be consumed where it is made, and not be kept: a second pass would find nothing.
    """

    __slots__ = ()


class Rec:
    """A dict with constant keys that nobody writes, such as ``**options``."""

    __slots__ = ("items",)

    def __init__(self, items: dict[Any, Binding]) -> None:
        self.items = items


class Closure:
    """A function defined inside the lowered one; it sees the variables of `frame`."""

    __slots__ = ("defaults", "frame", "kw_defaults", "name", "node")

    def __init__(
        self,
        node: ast.FunctionDef | ast.Lambda,
        frame: Frame,
        defaults: list[Binding],
        kw_defaults: dict[str, Binding],
    ) -> None:
        self.node = node
        self.frame = frame
        self.defaults = defaults
        self.kw_defaults = kw_defaults
        self.name = getattr(node, "name", "<lambda>")


class Bound:
    """A function with arguments already given: a bound method or a `functools.partial`."""

    __slots__ = ("args", "function", "kwargs")

    def __init__(
        self, function: Binding, args: list[Binding], kwargs: dict[str, Binding] | None = None
    ) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs or {}


class Choice:
    """One of two functions, by a test that only the run decides."""

    __slots__ = ("orelse", "test", "then")

    def __init__(self, test: Atom, then: Binding, orelse: Binding) -> None:
        self.test = test
        self.then = then
        self.orelse = orelse


class Conflict:
    """Two bindings that cannot be one value; an error only if somebody reads it."""

    __slots__ = ("message", "span")

    def __init__(self, message: str, span: Span | None = None) -> None:
        self.message = message
        self.span = span


Binding = Value | Const | Static | Tup | Rec | Closure | Bound | Choice | Conflict
