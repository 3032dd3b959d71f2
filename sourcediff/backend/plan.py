"""What the operations of a function are written as: the result of `folding`, and how to read it.

A value that the user named keeps its own statement. A temporary that is read once is written
where it is read, unless something stands in between that it must not cross: see `order`. Where
several operations are one statement or expression of Python, they are found too (`shapes`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sourcediff.backend import iterations, shapes
from sourcediff.backend.census import Census
from sourcediff.backend.folding import Folding
from sourcediff.backend.named import misplaced
from sourcediff.backend.operands import printed
from sourcediff.frontend.primitives import REQUIRED
from sourcediff.ir import RETURN, Atom, Function, Op, Region, Value

__all__ = ["Plan"]


class Plan:
    """What is folded, and what the operations of a function are written as.

    faithful        the function is the user's own, and is to look like it
    strict          it counts which of two exceptions comes first
    checks          the check that a name is bound is a statement of its own
    definitions     the operation that each value is a result of
    uses            how often the text reads each value
    folded          values written where they are read
    ternary         branches printed as an expression
    returning       branches whose arms end in a return statement
    absorbed        operations that print nothing of their own
    standing        checks that a name is bound which are statements, though their value is folded
    expressions     loops whose test is an expression
    comprehensions  loops printed as an expression
    made            of these, the value that they are
    adding          what such a loop does for each item, with the loop
    augmented       stores printed as ``xs[i] += e``, with the operation that computes the value
    links           comparisons whose left operand stands in the comparison before
    groups          stores that are one assignment, by their first
    members         of these, all, with their group
    targets         what takes a value that `UNPACK`, or the head of a loop, has no name for
    nested          the plan of each function inside
    named           assignments within expressions
    refused         of these, those that must be statements
    """

    def __init__(
        self, function: Function, checks: bool = False, refused: frozenset[Op] = frozenset()
    ) -> None:
        self.function = function
        self.checks = checks
        self.faithful = function.order == 0
        self.refused = refused
        #: The values of the function around that are seen in this one.
        self.seen: tuple[Value, ...] = ()
        self._decide()
        while wrong := misplaced(self):
            self.refused |= wrong
            self._decide()

    def _decide(self) -> None:
        self.folded: set[Value] = set()
        self.ternary: set[Op] = set()
        self.returning: set[Op] = set()
        self.standing: set[Op] = set()
        self.expressions: set[Op] = set()
        self.comprehensions: dict[Op, iterations.Comprehension] = {}
        self.made: dict[Op, Value] = {}
        self.adding: dict[Op, iterations.Comprehension] = {}
        self.groups: dict[Op, shapes.Group] = {}
        self.members: dict[Op, shapes.Group] = {}
        self.targets: dict[Value, Op] = {}
        census = Census(self.function, self.faithful)
        self.strict = self.faithful or census.catches
        self.definitions = census.definitions
        self.uses = census.uses
        self.absorbed = census.absorbed
        self.augmented = census.augmented
        self.links = census.links
        self.nested: dict[Op, Plan] = {op: Plan(op.attribute) for op in census.made_functions}
        self.named = census.named
        Folding(self, census).run()
        for first, link in census.middles.values():
            self._part(first, link)

    def _part(self, first: Op, link: Op) -> None:
        """Give up ``a < b < c`` where ``a < b`` became a statement of its own after all."""
        if first.result in self.folded or link not in self.links:
            return
        self.links.discard(link)
        middle = link.args[0]
        if isinstance(middle, Value):
            self.uses[middle] += 1
            self.unfold(middle)

    def unfold(self, value: Value) -> None:
        """A value is not written where it is read; that of ``(n := e)`` is `n` then."""
        op = self.definitions.get(value)
        if op in self.named:
            self.standing.add(op)
        else:
            self.folded.discard(value)

    def returned(self) -> Value | None:
        """What the user's function returns, where the derivative still computes it."""
        returned: Value | None = getattr(self.function.origin, "returned", None)
        return returned

    def as_lambda(self) -> Atom | None:
        """What the function returns, if it is written ``lambda …: value``."""
        if self.function.name != "<lambda>":
            return None
        *rest, answer = [*self.statements(self.function.body), None]
        if rest and rest[-1] is not None and rest[-1].primitive is RETURN:
            answer = rest.pop()
        if rest:
            return None
        if answer is not None:
            return answer.args[0]
        results = self.function.body.results
        return results[0] if results else None

    # Reading ------------------------------------------------------------------------------

    def reads(self, op: Op) -> Sequence[Atom]:
        """The atoms that the text of an operation evaluates, its regions apart, in order."""
        if op in self.augmented:
            return op.args[-1:]
        if op in self.adding:
            return self.adding[op].element()
        if op in self.links:
            return op.args[1:]
        group = self.members.get(op)
        if group is not None:
            return self._reads_of_member(op, group)
        if op.primitive is REQUIRED and self.faithful:
            return ()
        return printed(op)

    def _reads_of_member(self, op: Op, group: shapes.Group) -> Sequence[Atom]:
        target = op.args[:-1] if op.primitive in shapes.STORES else ()
        if op is not group.members[0]:
            return target
        return printed(op) if group.unpacking else [*group.values(), *target]

    def result(self, op: Op) -> Value | None:
        """The one value that an operation is, written as an expression."""
        made = self.made.get(op)
        if made is not None:
            return made
        if op in self.named:
            return op.results[1]
        if op in self.ternary:
            return op.results[0]
        return op.results[0] if len(op.results) == 1 else None

    def leaves(self, atom: Atom) -> Iterator[Value]:
        """The variables that evaluating an atom reads."""
        if not isinstance(atom, Value):
            return
        if atom not in self.folded:
            yield atom
            return
        op = self.definitions[atom]
        if op in self.named and op in self.standing:
            yield op.results[0]
            return
        yield from self.operands(op)

    def operands(self, op: Op) -> Iterator[Value]:
        """The variables that evaluating an operation reads, where it is no statement branch."""
        for arg in self.reads(op):
            yield from self.leaves(arg)
        found = self.comprehensions.get(op)
        if found is not None:
            bound = set(found.bound(self.targets))
            for atom in found.inner():
                for value in self.leaves(atom):
                    if value not in bound:
                        yield value
            return
        for region in op.regions:
            results = region.results or ()
            for inner in results[:1] if op in self.ternary else results:
                yield from self.leaves(inner)

    def statements(self, region: Region) -> Iterator[Op]:
        """The operations of a region that are statements of their own."""
        for op in region.ops:
            if op in self.absorbed:
                continue
            value = self.result(op)
            if value is not None and value in self.folded and op not in self.standing:
                continue
            yield op
