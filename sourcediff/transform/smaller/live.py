"""Which values the result of a function or an effect needs, through loops and branches.

Where control goes is needed by what depends on it: the test of a branch by its results and by
the effects and exits in its arms, the test of a loop by all that the loop does.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def f(x, n):
...     total = 0.0
...     for _ in range(n):
...         total += x
...         x = x * x
...     return x
>>> body = lower_function(f, {"x": REAL, "n": REAL}).body
>>> loop = body.ops[-1]
>>> live, _ = live_values(body, lambda op: False)
>>> [value.name for value in loop.results if value in live]
['x']
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sourcediff.flow import exits
from sourcediff.ir import (
    AGAIN,
    BREAK,
    CONTINUE,
    FOR,
    IF,
    LOOPS,
    WHILE,
    Atom,
    Family,
    Op,
    Region,
    Value,
)
from sourcediff.transform.lists.contents import rebuilt, slot_of, slots_in
from sourcediff.types import Slot

__all__ = ["live_values"]


def live_values(
    body: Region,
    kept: Callable[[Op], bool],
    handed: Iterable[Value] = (),
    acts: Callable[[Op], bool] = lambda op: op.primitive.effect,
) -> tuple[set[Value], set[Op]]:
    """The values that something needs, and the loops and branches that control goes into for it.

    What changes a list is among the latter where something looks at what such a list holds.

    Args:
        body: the body of a function.
        kept: whether an operation is kept although nothing may need its value.
        handed: what the caller has, too: it looks at lists among that.
        acts: whether an operation is there for what it does.
    """
    run = _Live(kept, acts)
    run.region(body, ())
    run.need(tuple(handed))
    for op, around in run.roots:
        run.need((*op.args, *_yielded(op)))
        run.enter(around)
    run.need(body.results or ())
    run.settle()
    return run.live, run.reached


class _Live:
    def __init__(self, kept: Callable[[Op], bool], acts: Callable[[Op], bool]) -> None:
        self.kept = kept
        self.acts = acts
        self.live: set[Value] = set()
        self.pending: list[Value] = []
        #: What a value needs, and what there is around an operation.
        self.needs: dict[Value, list[Atom]] = {}
        self.around: dict[Op, tuple[Op, ...]] = {}
        self.home: dict[Value, tuple[Op, ...]] = {}
        self.reached: set[Op] = set()
        #: What is there for more than its value, with what is around it.
        self.roots: list[tuple[Op, tuple[Op, ...]]] = []
        #: What changes a list, by the slot of what it holds, while nothing looks at that.
        self.writers: dict[Slot, list[Op]] = {}
        #: The loop whose turns others of its family repeat.
        self.first: dict[Family, Op] = {}

    def need(self, atoms: tuple[Atom, ...]) -> None:
        for atom in atoms:
            if isinstance(atom, Value) and atom not in self.live:
                self.live.add(atom)
                self.pending.append(atom)
                for slot in slots_in(atom.type):
                    self.held(slot)

    def held(self, slot: Slot) -> None:
        """Something looks at what a list holds: what is put there is needed."""
        for op in self.writers.pop(slot, ()):
            self.reached.add(op)
            self.need((*op.args, *op.results))
            self.enter(self.around[op])

    def settle(self) -> None:
        while self.pending:
            value = self.pending.pop()
            self.need(tuple(self.needs.get(value, ())))
            self.enter(self.home.get(value, ()))

    def enter(self, around: tuple[Op, ...]) -> None:
        """Something in these operations is needed: so are their tests, and a loop's exits."""
        for op in around:
            if op in self.reached:
                continue
            self.reached.add(op)
            if op.primitive is IF:
                self.need(op.args)
            elif op.primitive is FOR:
                self.need(op.args[:1])
            elif op.primitive is WHILE and op.regions[0].results is not None:
                self.need(op.regions[0].results[:1])
            if op.primitive in LOOPS:
                for leaving in exits(op):
                    self.enter(self.around[leaving])
            if op.primitive is AGAIN and op.family is not None:
                self.enter((self.first[op.family],))

    def region(self, region: Region, around: tuple[Op, ...]) -> None:
        for parameter in region.parameters:
            self.home[parameter] = around
        for op in region.ops:
            self.around[op] = around
            if op.family is not None:
                self.first.setdefault(op.family, op)
            inner = (*around, op)
            for value in op.results:
                self.home[value] = inner if op.regions else around
            for part in op.regions:
                self.region(part, inner)
            if op.primitive is IF:
                self._branch(op)
            elif op.primitive in LOOPS:
                self._loop(op)
            else:
                for value in op.results:
                    self.needs[value] = [*op.args, *_yielded(op)]
            leaves = op.primitive in (BREAK, CONTINUE)
            slot = slot_of(op.args[0]) if rebuilt(op) else None
            if slot is not None and not self.kept(op):
                self.writers.setdefault(slot, []).append(op)
            elif (self.acts(op) and not leaves) or self.kept(op):
                if rebuilt(op):
                    self.reached.add(op)
                self.roots.append((op, inner if op.regions else around))

    def _branch(self, op: Op) -> None:
        for place, result in enumerate(op.results):
            arms = [r.results[place] for r in op.regions if r.results is not None]
            self.needs[result] = [op.args[0], *arms]

    def _loop(self, op: Op) -> None:
        skip = 1 if op.primitive is FOR else 0
        tested = 1 if op.primitive is WHILE else 0
        for place, result in enumerate(op.results):
            sources: list[Atom] = [op.args[skip + place]]
            for number, region in enumerate(op.regions):
                if region.results is not None:
                    shift = tested if number == 0 else 0
                    sources.append(region.results[place + shift])
            sources += [leaving.args[place] for leaving in exits(op)]
            self.needs[result] = sources
            for number, region in enumerate(op.regions):
                shift = skip if number == 0 else 0
                self.needs[region.parameters[place + shift]] = sources


def _yielded(op: Op) -> list[Atom]:
    return [atom for region in op.regions for atom in region.results or ()]
