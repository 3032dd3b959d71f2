"""The names of the variables that live in memory, over a function and all that are inside it.

A variable keeps the user's name. Only where code moved from one function into another would two
of one name be seen from one place, one of them is renamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sourcediff.ir import TRY, Function, Region, TrySpec, Variable, walk
from sourcediff.memory import FORGET, INPLACE, MAKE_FUNCTION, READ, WRITE

__all__ = ["Scope", "inside", "touched", "touched_within"]


def touched(function: Function, binds: bool = False) -> Iterator[Variable]:
    """The variables that a function's own operations use, or those that they bind."""
    read: dict[Any, Variable] = {}
    for op in walk(function.body):
        if op.primitive is WRITE:
            yield op.attribute
        elif op.primitive is READ:
            if op.results:
                read[op.result] = op.attribute
            if not binds:
                yield op.attribute
        elif op.primitive is INPLACE and op.args[0] in read:
            yield read[op.args[0]]  # xs += ys binds xs
        elif op.primitive is FORGET:
            yield op.attribute[0] if isinstance(op.attribute, tuple) else op.attribute
        elif op.primitive is TRY:
            spec: TrySpec = op.attribute
            yield from (h.variable for h in spec.handlers if h.variable is not None)


def touched_within(region: Region) -> Iterator[Variable]:
    """The variables that the operations of a region use, and functions made there."""
    for op in walk(region):
        if op.primitive in (READ, WRITE):
            yield op.attribute
        elif op.primitive is MAKE_FUNCTION:
            yield from touched_within(op.attribute.body)


def inside(function: Function) -> Iterator[Function]:
    """The functions that a function defines, not those within them."""
    for op in walk(function.body):
        if op.primitive is MAKE_FUNCTION:
            yield op.attribute


class Scope:
    """The names of the variables of a function and of those inside it."""

    def __init__(self, function: Function) -> None:
        self.names: dict[Variable, str] = {}
        self._seen: dict[Function, dict[Variable, None]] = {}
        #: The variables that something in the text binds, so that Python knows them.
        self.bound: set[Variable] = set()
        self._name(function)

    def _name(self, function: Function) -> None:
        seen = self._uses(function)
        taken = {self.names[v] for v in seen if v in self.names}
        for variable in (*function.variables, *seen):
            if variable in self.names:
                continue
            name, count = variable.name, 0
            while name in taken:
                count += 1
                name = f"{variable.name}_{count}"
            taken.add(name)
            self.names[variable] = name
        self.bound.update(touched(function, binds=True))
        for inner in inside(function):
            self._name(inner)

    def _uses(self, function: Function) -> dict[Variable, None]:
        found = self._seen.get(function)
        if found is None:
            found = self._seen[function] = dict.fromkeys(touched(function))
            for inner in inside(function):
                own = set(inner.variables)
                found.update((v, None) for v in self._uses(inner) if v not in own)
        return found

    def seen_by(self, function: Function) -> dict[Variable, str]:
        """The names of the variables that a function or one inside it uses."""
        return {variable: self.names[variable] for variable in self._uses(function)}
