"""Numbers that the user named: ``dt = 0.01`` above the code that uses them.

While compiling such a number is known; the text calls it what the user called it.

>>> from sourcediff.types import REAL
>>> key_of(Const(0.5, REAL, "dt")) == key_of(Const(0.5, REAL, "h"))
False
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from sourcediff.backend.literals import literal
from sourcediff.frontend.primitives import PULLBACK
from sourcediff.ir import Atom, Const, Function, Region, Value, walk

__all__ = ["NamedNumbers", "key_of"]

Key = tuple[str | None, type, str]


def key_of(number: Const) -> Key:
    """What two numbers have in common that are one variable of the text."""
    return number.name, number.value.__class__, repr(number.value)


class NamedNumbers:
    """The variables of a function that hold one number from its start to its end.

    names    that of each number
    """

    def __init__(self, function: Function, reserved: set[str]) -> None:
        self.function = function
        taken = reserved | {value.name for value in _parameters(function) if value.name}
        self.names: dict[Key, str] = {}
        self._values: dict[str, Const] = {}
        for number in _named_in(function):
            if key_of(number) in self.names:
                continue
            wanted = name = number.name or ""
            version = 0
            while name in taken:
                version += 1
                name = f"{wanted}_{version}"
            taken.add(name)
            self.names[key_of(number)] = name
            self._values[name] = number

    def assigned_above(self, function: Function, statements: list[ast.stmt]) -> list[ast.stmt]:
        """Statements of the function, below the assignments of the numbers that they use."""
        if function is not self.function or not self.names:
            return statements
        used = {
            node.id
            for statement in statements
            for node in ast.walk(statement)
            if isinstance(node, ast.Name)
        }
        assigned: list[ast.stmt] = [
            ast.Assign([ast.Name(name, ast.Store())], literal(number.value))
            for name, number in self._values.items()
            if name in used
        ]
        return [*assigned, *statements]


def _named_in(function: Function) -> list[Const]:
    """Numbers with names, those of the function itself before those of what it calls."""
    named = [a for a in _atoms(function) if isinstance(a, Const) and a.name is not None]
    return sorted(named, key=lambda number: number.place)


def _parameters(function: Function) -> Iterator[Value]:
    yield from function.parameters
    for op in walk(function.body):
        if op.primitive is PULLBACK:
            yield from op.attribute.parameters


def _atoms(function: Function) -> Iterator[Atom]:
    """All that the operations of a function, and of its pullback, take or hand on."""
    yield from _results(function.body)
    for op in walk(function.body):
        yield from op.args
        for region in op.regions:
            yield from _results(region)
        if op.primitive is PULLBACK:
            yield from _atoms(op.attribute)


def _results(region: Region) -> Iterator[Atom]:
    yield from region.results or ()
