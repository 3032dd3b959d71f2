"""Count how often the text of a function will read each value.

That is once for each operand, less the times that Python's own forms have no need to: the tested
value of ``a and b``, the middle of ``a < b < c``, the container and the index of ``xs[i] += e``.
"""

from __future__ import annotations

from collections.abc import Iterable

from sourcediff.backend import operators, shapes
from sourcediff.backend.named import is_named_expression
from sourcediff.backend.operands import printed
from sourcediff.frontend.primitives import GETITEM, LOAD, NARROWED, REQUIRED, TUPLE
from sourcediff.guards import GUARD
from sourcediff.ir import IF, LOOPS, TRY, Atom, Function, Op, Value, walk
from sourcediff.memory import (
    ADD_AT,
    DICT,
    LIST,
    MAKE_FUNCTION,
    SET_ITEM,
    SLICED,
    SUBSCRIPT,
    WRITE,
)
from sourcediff.types import INT, REAL

__all__ = ["Census"]

#: What has a place as its second operand.
_BRACKETS = (SUBSCRIPT, SET_ITEM, ADD_AT)
#: What nobody misses where nobody reads it.
_SILENT = (TUPLE, GETITEM, LOAD, NARROWED, SLICED, LIST, DICT)


class Census:
    """The operations of a function, and how often each value is read.

    definitions     the operation that each value is a result of
    uses            how often the text reads each value
    absorbed        operations that print nothing of their own
    augmented       stores that are ``xs[i] += e``, with the operation that computes the value
    members         the values of these that must be folded for it
    links           comparisons whose left operand stands in the comparison before
    made_functions  the operations that make functions
    named           assignments within expressions
    catches         whether there is a try statement
    in_loops        the values that are read inside of loops
    places          what is read only between brackets: tuples, and sums of two numbers
    """

    def __init__(self, function: Function, faithful: bool) -> None:
        self.definitions: dict[Value, Op] = {}
        self.uses: dict[Value, int] = {}
        self.absorbed: set[Op] = set()
        self.augmented: dict[Op, Op] = {}
        self.members: dict[Value, Op] = {}
        self.links: set[Op] = set()
        self.made_functions: list[Op] = []
        self.named: set[Op] = set()
        self.catches = False
        self.in_loops: set[Atom] = set()
        self._short: dict[Op, Value] = {}
        self.middles: dict[Op, tuple[Op, Op]] = {}
        everything = list(walk(function.body))
        branches = []
        stores = []
        for op in everything:
            for result in op.results:
                self.definitions[result] = op
            primitive = op.primitive
            if faithful and primitive is REQUIRED:
                self.absorbed.add(op)
            else:
                for atom in printed(op):
                    self._count(atom)
            for region in op.regions:
                for atom in region.results or ():
                    self._count(atom)
            if primitive in LOOPS and not faithful:
                for inner in (i for region in op.regions for i in walk(region)):
                    self.in_loops.update(inner.args)
            if primitive is IF and op.attribute in ("and", "or", "chain"):
                branches.append(op)
            elif primitive in shapes.STORES:
                if op.site is not None and (op.site.augmented or op.order > 0):
                    stores.append(op)
            elif primitive is MAKE_FUNCTION:
                self.made_functions.append(op)
            elif primitive is TRY or primitive is GUARD:
                self.catches = True
            elif faithful and is_named_expression(op):
                self.named.add(op)
        for atom in function.body.results or ():
            self._count(atom)
        self.places = _only_places(everything)
        self._bury(everything)
        if faithful:
            for op in branches:
                self._shorten(op)
        for op in stores:
            self._augment(op)
        self._parameters(function)

    def _count(self, atom: Atom, by: int = 1) -> None:
        if isinstance(atom, Value):
            self.uses[atom] = self.uses.get(atom, 0) + by

    def _bury(self, everything: list[Op]) -> None:
        """What is read only by what is not printed."""
        for op in reversed(everything):
            if op.primitive in _SILENT and op not in self.absorbed:
                (value,) = op.results
                if value.name is None and not self.uses.get(value):
                    self.absorbed.add(op)
                    for atom in printed(op):
                        self._count(atom, -1)

    def _shorten(self, op: Op) -> None:
        test = op.args[0]
        if not isinstance(test, Value) or not op.results:
            return
        other = op.regions[0 if op.attribute == "or" else 1]
        if other.results is not None and other.results[0] is test and not other.ops:
            self.uses[test] -= 1
            self._short[op] = test
        if op.attribute == "or":
            return
        link = operators.chain_link(op, self.definitions)
        if link is not None and self.uses[link.args[0]] == 2:  # type: ignore[index]
            self._count(link.args[0], -1)
            self.links.add(link)
            self.middles[op] = self.definitions[test], link

    def restore(self, op: Op) -> tuple[Value | None, list[Atom]]:
        """A branch is a statement after all.

        Returns:
            the value that must not be folded into its test, and others that must not be folded
            at all.
        """
        test = self._short.pop(op, None)
        if test is not None:
            self.uses[test] += 1
        first, link = self.middles.pop(op, (None, None))
        if first is None or link is None:
            return test, []
        self._count(link.args[0])
        self.links.discard(link)
        return first.result, list(first.args)

    def _augment(self, store: Op) -> None:
        found = operators.loaded(store, self.definitions)
        if found is None:
            return
        load, operation = found
        if load.result.type.kind == "Array" and load.args[0].type.kind == "List":
            return  # the sum is another array: what has the one that was there still has it
        if self.uses[load.result] != 1 or self.uses[operation.result] != 1:
            return
        self.augmented[store] = operation
        self.members[load.result] = self.members[operation.result] = store
        for atom in store.args[:-1]:
            self._count(atom, -1)

    def _parameters(self, function: Function) -> None:
        """A parameter that lives in memory is bound to its variable by Python itself."""
        for op in function.body.ops:
            if op.primitive is LOAD:
                continue
            if op.primitive is not WRITE or op.args[0] not in function.parameters:
                return
            (parameter,) = op.args
            assert isinstance(parameter, Value)
            if parameter.name == op.attribute.name and self.uses[parameter] == 1:
                self.absorbed.add(op)


def _only_places(ops: list[Op]) -> set[Atom]:
    """Places, and what they are made of: tuples, and sums of two whole numbers."""
    found: set[Atom] = {op.result for op in ops if op.primitive is TUPLE or _is_sum(op)}
    for op in reversed(ops):
        if op.primitive in _BRACKETS:
            read: Iterable[Atom] = (atom for k, atom in enumerate(op.args) if k != 1)
            if len(op.args) > 2 and op.args[1] in op.args[2:]:
                read = op.args
        elif op.primitive is SLICED or (op.primitive is TUPLE and op.result in found):
            read = ()
        else:
            read = op.args
        found.difference_update(read)
        for region in op.regions:
            found.difference_update(region.results or ())
    return found


def _is_sum(op: Op) -> bool:
    numbers = len(op.results) == 1 and op.result.type in (INT, REAL)
    return numbers and op.primitive.name in ("add", "sub") and len(op.args) == 2
