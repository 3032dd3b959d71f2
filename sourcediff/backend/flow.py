"""Where a value is handed on under another: out of a branch, into a turn of a loop, out of it.

Where both have one name, nothing is printed for that; else it is a copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sourcediff.backend.named import side_results
from sourcediff.backend.plan import Plan
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    FOR,
    IF,
    LOOPS,
    TRY,
    WHILE,
    Atom,
    Op,
    Region,
    Value,
    walk,
)

__all__ = ["Flow", "Pair"]

#: A value, and an atom that it may be handed.
Pair = tuple[Value, Atom]


class Flow:
    """The copies of a function.

    entry      into each loop: what is carried, from what it is before the first turn
    turn       into the next turn, at the end of the body
    exit       out of each loop whose sequence or test has ended: the results, or, where there is
               an ``else``, what that takes
    entered    into the body of each `WHILE`, from what its test leaves
    last       out of each ``else``
    jumps      of each break and continue
    arms       of each arm of a branch that is a statement
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.entry: dict[Op, list[Pair]] = {}
        self.turn: dict[Op, list[Pair]] = {}
        self.exit: dict[Op, list[Pair]] = {}
        self.entered: dict[Op, list[Pair]] = {}
        self.last: dict[Op, list[Pair]] = {}
        self.jumps: dict[Op, list[Pair]] = {}
        self.arms: dict[Region, list[Pair]] = {}
        self.loop_of: dict[Op, Op] = {}
        self.broken: set[Op] = set()
        #: All copies, innermost statements first.
        self.pairs: list[Pair] = []
        #: Those of branches that return in each arm, which make no copies.
        self.returned: list[Pair] = []
        #: Values that are only handed on, never read: they are no variables at all.
        self.useless: set[Value] = set()
        self._handed: dict[Value, int] = {}
        #: What expressions with branches bind on some of their paths: no copies are made for that.
        self.inside: list[Pair] = []
        if plan.named:
            self._scan_expressions()
        self._scan(plan.function.body, None)
        self._drop_useless()

    def _scan(self, region: Region, loop: Op | None) -> None:
        for op in self.plan.statements(region):
            primitive = op.primitive
            if primitive is IF:
                if op not in self.plan.ternary:
                    for inner in op.regions:
                        self._scan(inner, loop)
                    self._branch(op)
            elif primitive in LOOPS:
                if op not in self.plan.comprehensions:
                    for place, inner in enumerate(op.regions):
                        self._scan(inner, op if inner is _body(op) else loop if place else None)
                    self._loop(op)
            elif primitive is TRY:
                for inner in op.regions:
                    self._scan(inner, loop)
            elif primitive is BREAK or primitive is CONTINUE:
                assert loop is not None
                self.loop_of[op] = loop
                if primitive is BREAK:
                    self.broken.add(loop)
                    pairs = list(zip(loop.results, op.args, strict=True))
                else:
                    pairs = list(zip(carried(loop), op.args, strict=True))
                self.jumps[op] = pairs
                self.pairs += pairs
                self._hand(op.args)

    def _scan_expressions(self) -> None:
        inside = {
            loop
            for found in self.plan.comprehensions.values()
            if found.binds
            for loop, _ in found.clauses
        }
        for op in reversed(list(walk(self.plan.function.body))):
            if op in inside:
                self._comprehension(op)
                continue
            bound = side_results(self.plan, op)
            if bound:
                across = []
                for region in op.regions:
                    assert region.results is not None
                    pairs = list(zip(bound, region.results[1:], strict=True))
                    self.inside += pairs
                    self.arms[region] = pairs
                    self._hand(region.results[1:])
                    across.append(pairs)
                self.pairs += [pair for pairs in zip(*across, strict=True) for pair in pairs]

    def _comprehension(self, op: Op) -> None:
        """A loop of a comprehension, with its filters."""
        heads = carried(op)
        (body,) = op.regions
        assert body.results is not None
        self.entry[op] = list(zip(heads, op.args[1:], strict=True))
        self.turn[op] = list(zip(heads, body.results, strict=True))
        self.exit[op] = list(zip(op.results, heads, strict=True))
        for pairs in (self.entry[op], self.turn[op], self.exit[op]):
            self.inside += pairs
            self.pairs += pairs
        self._hand(op.args[1:])
        self._hand(body.results)
        last = body.ops[-1]
        while last.primitive is IF:
            for region in last.regions:
                assert region.results is not None
                self.arms[region] = list(zip(last.results, region.results, strict=True))
                self.inside += self.arms[region]
                self.pairs += self.arms[region]
                self._hand(region.results)
            last = last.regions[0].ops[-1]

    def _branch(self, op: Op) -> None:
        found = []
        for region in op.regions:
            if region.results is not None:
                pairs = list(zip(op.results, region.results, strict=True))
                self.arms[region] = pairs
                self._hand(region.results)
                found.append(pairs)
        # All arms of one result after the other.
        across = [pair for pairs in zip(*found, strict=True) for pair in pairs]
        if op in self.plan.returning:
            self.returned += across
        else:
            self.pairs += across

    def _loop(self, op: Op) -> None:
        body = _body(op)
        heads = carried(op)
        self.entry[op] = list(zip(heads, _before(op), strict=True))
        self.turn[op] = list(zip(heads, body.results or (), strict=body.results is not None))
        leaving: tuple[Atom, ...] = heads
        if op.primitive is WHILE:
            leaving = (op.regions[0].results or (None,))[1:]
            self.entered[op] = list(zip(body.parameters, leaving, strict=False))
        other = otherwise(op)
        if other is None:
            self.exit[op] = list(zip(op.results, leaving, strict=False))
            self.last[op] = []
        else:
            self.exit[op] = list(zip(other.parameters, leaving, strict=False))
            self.last[op] = list(
                zip(op.results, other.results or (), strict=other.results is not None)
            )
        for pairs in (self.entry, self.turn, self.entered, self.exit, self.last):
            self.pairs += pairs.get(op, ())
        self._hand(_before(op))
        self._hand(body.results or ())
        if op.primitive is WHILE:
            self._hand(leaving)
        if other is not None:
            self._hand(other.results or ())

    def _hand(self, atoms: Iterable[Atom]) -> None:
        for atom in atoms:
            if isinstance(atom, Value):
                self._handed[atom] = self._handed.get(atom, 0) + 1

    # What nobody reads --------------------------------------------------------------------

    def _drop_useless(self) -> None:
        """Forget what is handed on and on and read by no operation."""
        plan = self.plan
        sources: dict[Value, list[Value]] = {}
        useful: set[Value] = set()
        waiting: list[Value] = []
        for target, source in self.all_pairs():
            if isinstance(source, Value):
                sources.setdefault(target, []).append(source)
            for value in (target, source):
                if not isinstance(value, Value) or value in useful:
                    continue
                # What is folded has to be evaluated, whoever reads it.
                read = plan.uses.get(value, 0) > self._handed.get(value, 0)
                if read or (value is source and value in plan.folded):
                    useful.add(value)
                    waiting.append(target if value is source and value in plan.folded else value)
        useful.update(waiting)
        while waiting:
            for source in sources.get(waiting.pop(), ()):
                if source not in useful:
                    useful.add(source)
                    waiting.append(source)
        targets = {target for target, _ in self.all_pairs()}
        self.useless = targets - useful
        if self.useless:
            tables: tuple[dict[Any, list[Pair]], ...] = (
                self.entry,
                self.turn,
                self.exit,
                self.entered,
                self.last,
                self.jumps,
                self.arms,
            )
            for table in tables:
                for key, pairs in table.items():
                    table[key] = [pair for pair in pairs if pair[0] not in self.useless]
            self.pairs = [pair for pair in self.pairs if pair[0] not in self.useless]
            self.inside = [pair for pair in self.inside if pair[0] not in self.useless]

    def all_pairs(self) -> Iterator[Pair]:
        """Every pair, also of what makes no copy."""
        yield from self.pairs
        yield from self.returned


def _body(op: Op) -> Region:
    return op.regions[0] if op.primitive is FOR else op.regions[1]


def carried(op: Op) -> tuple[Value, ...]:
    """What a loop carries, as it is at the head of a turn."""
    head = op.regions[0].parameters
    return head[1:] if op.primitive is FOR else head


def _before(op: Op) -> tuple[Atom, ...]:
    return op.args[1:] if op.primitive is FOR else op.args


def otherwise(op: Op) -> Region | None:
    """The ``else`` of a loop."""
    count = 1 if op.primitive is FOR else 2
    return op.regions[count] if len(op.regions) > count else None


def body_of(op: Op) -> Region:
    """The body of a loop."""
    return _body(op)
