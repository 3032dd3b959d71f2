"""The names of the variables that live in memory, over a function and all that are inside it.

A variable keeps the user's name. That of a comprehension is known only there, so that two
comprehensions may have one of the same name. Only where code moved from one function into another
would two of one name be seen from one place, one of them is renamed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sourcediff.ir import TRY, Function, Region, TrySpec, Variable, walk
from sourcediff.memory import FORGET, INPLACE, MAKE_FUNCTION, READ, WRITE

if TYPE_CHECKING:
    from sourcediff.backend.plan import Plan

__all__ = ["Scope", "hidden_in", "inside", "touched", "touched_within"]


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


def hidden_in(plan: Plan) -> dict[Variable, Region]:
    """The variables that comprehensions bind and only they use, with the body of the outermost."""
    found: dict[Variable, Region] = {}
    for comprehension in plan.comprehensions.values():
        whole = comprehension.clauses[0][0].regions[0]
        for loop, _ in comprehension.clauses:
            for op in loop.regions[0].ops:
                if op.primitive is WRITE and op in plan.targets.values():
                    found[op.attribute] = whole
    if not found:
        return found
    everywhere = Counter(touched_within(plan.function.body))
    return {
        variable: region
        for variable, region in found.items()
        if Counter(touched_within(region))[variable] == everywhere[variable]
    }


class Scope:
    """The names of the variables of a function and of those inside it."""

    def __init__(self, function: Function, hidden: Mapping[Variable, Region] | None = None) -> None:
        self.names: dict[Variable, str] = {}
        #: What is used in the comprehension that each variable of one belongs to.
        self._within = {v: set(touched_within(region)) for v, region in (hidden or {}).items()}
        self._seen: dict[Function, dict[Variable, None]] = {}
        #: The variables that something in the text binds, so that Python knows them.
        self.bound: set[Variable] = set()
        self._name(function)

    def _name(self, function: Function) -> None:
        seen = self._uses(function)
        taken: dict[str, list[Variable]] = {}
        for variable in seen:
            if variable in self.names:
                taken.setdefault(self.names[variable], []).append(variable)
        for variable in (*function.variables, *seen):
            if variable in self.names:
                continue
            name, count = variable.name, 0
            while any(self._meet(variable, other) for other in taken.get(name, ())):
                count += 1
                name = f"{variable.name}_{count}"
            taken.setdefault(name, []).append(variable)
            self.names[variable] = name
        self.bound.update(touched(function, binds=True))
        for inner in inside(function):
            self._name(inner)

    def _meet(self, one: Variable, other: Variable) -> bool:
        """Whether there is a place from which both are seen."""
        within = [(a, b) for a, b in ((one, other), (other, one)) if a in self._within]
        return not within or any(b in self._within[a] for a, b in within)

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
