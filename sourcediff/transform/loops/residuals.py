"""Residuals: which values of the turns of a loop are kept for the loops that turn it round.

The reverse of a loop refers to the values of the loop's own turns (see `turning`). Each is kept in
a list, one item for each time that it was computed, or computed again where it is read, whichever
is cheaper over the whole nest (`cut`). Values that are kept at one place go into one list; it is
made anew where all loops that fill and read it begin. Where the loops of a nest go through it in
different directions, the inner loop fills a list of its own each time, and another keeps these.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.guards import test_of, values_in_bodies
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
    Function,
    Op,
    Region,
    Value,
    walk,
)
from sourcediff.transform.lists.contents import known_lengths, stable_reads
from sourcediff.transform.loops.count import Exits
from sourcediff.transform.loops.cut import INFINITE, kept_values
from sourcediff.transform.loops.homes import Condition, Home, homes_of
from sourcediff.transform.loops.policy import keeps_everything
from sourcediff.transform.loops.prices import KEEPING, obstacle_to, time_of
from sourcediff.transform.loops.stored import stored_values
from sourcediff.types import Slot

__all__ = ["Residuals", "Stream", "backwards", "breaks_read"]


def breaks_read(function: Function) -> dict[Family, dict[Value, bool]]:
    """The tests by which control leaves loops, and which their reverse reads."""
    again: dict[Family, Op] = {}
    many: set[Family] = set()
    for op in walk(function.body):
        if op.primitive is AGAIN and op.family is not None:
            if op.family in again or not op.attribute:
                many.add(op.family)
            again[op.family] = op
    found: dict[Family, dict[Value, bool]] = {}
    ways: dict[Op, tuple[Condition, ...]] = {}
    homes = homes_of(function, ways) if again else {}
    for op in walk(function.body):
        family = op.family
        if op.primitive is AGAIN or family not in again or family in many:
            continue
        assert family is not None
        for branch in turn_ops(op.regions[1 if op.primitive is WHILE else 0]):
            if branch.primitive is not IF:
                continue
            (test,) = branch.args
            for arm, region in enumerate(branch.regions):
                leaving = region.ops[-1:] if not region.results else ()
                if not isinstance(test, Value) or not leaving or leaving[0].primitive is not BREAK:
                    continue
                at = homes.get(test)
                inside = sum(inner.primitive in (BREAK, CONTINUE) for inner in turn_ops(region))
                # A number is more than its truth, and may be needed as a number too.
                if at is not None and at.loop is op and inside == 1 and test.type is types.BOOL:
                    if at.conditions == ways[branch]:
                        found.setdefault(family, {})[test] = arm == 0
    return {
        family: {t: a for t, a in tests.items() if _mentions(again[family], t)}
        for family, tests in found.items()
    }


def _mentions(op: Op, value: Value) -> bool:
    return any(
        value in inner.args or any(value in (r.results or ()) for r in inner.regions)
        for inner in walk(Region([op], None))
    )


class Stream:
    """A list of what some values of one place were, each time that control was there."""

    def __init__(self, values: list[Value], home: Home) -> None:
        self.values = values
        self.home = home
        kind = values[0].type if len(values) == 1 else types.tuple_of(v.type for v in values)
        self.item = kind
        #: The loops that read it, and how many loops around these are around all that fills it too.
        self.readers: list[Op] = []
        self.level = 0
        self.whole = Value(types.list_of(Slot(kind)), _name_of(values))
        #: The list of these lists, one for each time that the loop began that fills it.
        self.outer: Stream | None = None


def _name_of(values: list[Value]) -> str:
    """``xs`` for the values of `x`."""
    name = values[0].name
    if len(values) > 1 or name is None or name.endswith("s"):
        return "kept"
    return f"{name}s"


def _chains(region: Region, around: tuple[Op, ...], found: dict[Op, tuple[Op, ...]]) -> None:
    for op in region.ops:
        inner = around
        if op.primitive in LOOPS:
            inner = found[op] = (*around, op)
        for part in op.regions:
            _chains(part, inner, found)


def _common(one: Sequence[Op], other: Sequence[Op]) -> int:
    """How many loops two chains start with in common."""
    return sum(a is b for a, b in zip(one, other, strict=False))


class Residuals:
    def __init__(
        self, function: Function, counts: dict[Family, Value], exits: dict[Value, Exits]
    ) -> None:
        self.function = function
        #: By test, the flag that tells where it made control leave a loop.
        self.exits = exits
        #: By family, the number of turns, where nothing else tells.
        self.counts = counts
        self.order = function.order
        self.definitions = {r: op for op in walk(function.body) for r in op.results}
        self.ways: dict[Op, tuple[Condition, ...]] = {}
        self.homes = homes_of(function, self.ways)
        self.families: dict[Family, list[Op]] = {}
        for op in walk(function.body):
            if op.family is not None:
                self.families.setdefault(op.family, []).append(op)
        self.stable = stable_reads(function)
        #: Lengths of lists that are known.
        self.lengths = known_lengths(function)
        self._read_where_stored()
        #: The loops around each loop, outermost first, and itself.
        self.chains: dict[Op, tuple[Op, ...]] = {}
        _chains(function.body, (), self.chains)
        self._read_in: dict[Op, set[Value]] = {}
        #: What the body of a try statement may leave half done: it is not kept there, but behind.
        self.half_done = values_in_bodies(function.body)
        self.streams: list[Stream] = []
        self.stream_of: dict[Value, Stream] = {}

        self.needed = self._needed()
        self.kept = self._cut()
        self._lay_out()

    def _read_where_stored(self) -> None:
        """Let values that are put into a list be read from there, where that is cheaper."""
        if keeps_everything():
            return
        prices: dict[Value, int] = {}
        for value, (read, summed) in stored_values(self.function).items():
            home = self.homes.get(value)
            if home is None or home.conditions:
                continue
            price = self._whole_price(value, prices)
            if price >= INFINITE or (price > time_of(read) and not summed):
                self.homes[value] = Home(home.loop, home.around, (), read, home.order)
                self.stable.add(value)

    def _whole_price(self, value: Value, prices: dict[Value, int]) -> int:
        """What it costs to compute a value again with all that it is computed from."""
        if value in prices:
            return prices[value]
        prices[value] = INFINITE
        home = self.homes[value]
        if home.op is None:
            price = 1 if self.is_counted(value) else INFINITE
        elif obstacle_to(home.op, self.stable) is not None:
            price = INFINITE
        else:
            inner = (self._whole_price(each, prices) for each in self.operands(home.op))
            price = time_of(home.op) + sum(inner)
        prices[value] = min(price, INFINITE)
        return prices[value]

    def uncounted(self) -> set[Family]:
        """The families of which nothing tells yet how many turns their loops make."""
        return {
            family
            for family, (first, *others) in self.families.items()
            if others
            and family not in self.counts
            and not self.runs_out(first)
            and any(self.by_index(other) or self.leading(other) is None for other in others)
        }

    def by_index(self, loop: Op) -> bool:
        """Whether a loop has to know which turn it is that it turns round."""
        first = self.families[loop.family][0]  # type: ignore[index]
        if first.primitive is not FOR:
            return False
        index = first.regions[0].parameters[0]
        return index not in self.kept and self.is_read(loop, index)

    # What is needed -----------------------------------------------------------------------

    def is_again(self, value: Value, loops: tuple[Op, ...]) -> bool:
        """Whether a value is read where it is not defined: in another loop of the family."""
        home = self.homes.get(value)
        return home is not None and home.loop not in loops

    def read_by_itself(self, op: Op) -> tuple[Atom, ...]:
        """What an operation reads, but for what is in it; nothing for a length that is known."""
        return () if not self.lengths.keys().isdisjoint(op.results) else op.args

    def _needed(self) -> dict[Value, None]:
        needed: dict[Value, None] = {}

        def look(region: Region, loops: tuple[Op, ...]) -> None:
            for op in region.ops:
                for atom in self.read_by_itself(op):
                    if isinstance(atom, Value) and self.is_again(atom, loops):
                        needed.setdefault(atom)
                if op.primitive is AGAIN:
                    flags = [self.exits[test].flag for test in self.flags(op)]
                    for atom in (*self.bounds(op), *flags):
                        if isinstance(atom, Value) and self.is_again(atom, loops):
                            needed.setdefault(atom)
                inner = (*loops, op) if op.primitive in LOOPS else loops
                for part in op.regions:
                    look(part, inner)
            for atom in region.results or ():
                if isinstance(atom, Value) and self.is_again(atom, loops):
                    needed.setdefault(atom)

        look(self.function.body, ())
        return needed

    # The cut ------------------------------------------------------------------------------

    def operands(self, op: Op) -> Iterator[Value]:
        """The values of loops that computing an operation again reads."""
        inside = set(op.results)
        if not inside.isdisjoint(self.lengths):
            return
        for part in walk(Region([op], None)):
            inside.update(part.results)
            for region in part.regions:
                inside.update(region.parameters)
        for part in walk(Region([op], None)):
            atoms: list[Atom] = list(part.args)
            for region in part.regions:
                atoms.extend(region.results or ())
            for atom in atoms:
                if isinstance(atom, Value) and atom not in inside and atom in self.homes:
                    yield atom

    def price(self, value: Value) -> int:
        """What it costs to compute a value again."""
        home = self.homes[value]
        if value in self.exits or value in self.lengths:
            return 1
        if home.op is None:
            return 1 if self.is_counted(value) else INFINITE
        if obstacle_to(home.op, self.stable) is not None:
            return INFINITE
        return time_of(home.op) * int(10**home.depth)

    def is_counted(self, value: Value) -> bool:
        """Whether a value is what a loop counts, and a loop that turns it round can count too."""
        loop = self.homes[value].loop
        if loop.primitive is not FOR or value is not loop.regions[0].parameters[0]:
            return False
        counted = self.range_of(loop)
        return counted is not None and (self.runs_out(loop) or len(counted.args) == 1)

    def range_of(self, loop: Op) -> Op | None:
        """The range that a loop counts through."""
        source = loop.args[0] if loop.primitive is FOR else None
        made = self.definitions.get(source) if isinstance(source, Value) else None
        if made is None or made.primitive is not PURE_CALL:
            return None
        return made if made.attribute.function is builtins.range else None

    def runs_out(self, loop: Op) -> bool:
        """Whether a loop comes to the end of the range that it counts through."""
        breaks = (op.primitive is BREAK for op in turn_ops(loop.regions[0]))
        return self.range_of(loop) is not None and not any(breaks)

    def bounds(self, again: Op) -> tuple[Atom, ...]:
        """What tells how many turns a loop makes that turns another round."""
        assert again.family is not None
        if again.family in self.counts:
            return (self.counts[again.family],)
        first = self.families[again.family][0]
        counter = self.range_of(first)
        return counter.args if counter is not None and self.runs_out(first) else ()

    def flags(self, again: Op) -> list[Value]:
        """The tests of the loop that it turns round whose flags it reads."""
        assert again.family is not None
        first = self.families[again.family][0]
        return [test for test in self.exits if self.homes[test].loop is first]

    def _cut(self) -> set[Value]:
        while True:
            costs: dict[Value, tuple[int, int]] = {}
            operands: dict[Value, list[Value]] = {}
            pending = list(self.needed)
            while pending:
                value = pending.pop()
                if value in costs:
                    continue
                home = self.homes[value]
                again = self.price(value)
                keeping = INFINITE if value in self.half_done else KEEPING * 10**home.depth
                costs[value] = (again, keeping)
                reads = []
                if again < INFINITE and home.op is not None and value not in self.exits:
                    reads = list(self.operands(home.op))
                operands[value] = reads
                pending.extend(reads)
            if keeps_everything():
                kept = {v for v in self.needed if v not in self.exits and not self.is_counted(v)}
            else:
                kept = kept_values(costs, operands, list(self.needed))
            tests = [
                test
                for value in kept
                for condition in self.homes[value].conditions
                for test in _tests(condition)
                if test in self.homes and test not in self.needed
            ]
            if not tests:
                self._require_possible(kept, costs, operands)
                return kept
            self.needed.update(dict.fromkeys(tests))

    def _require_possible(
        self,
        kept: set[Value],
        costs: dict[Value, tuple[int, int]],
        operands: dict[Value, list[Value]],
    ) -> None:
        """Refuse what can neither be kept nor computed again.

        Raises:
            DifferentiationError: the body of a try statement reads what changes later.
        """
        pending, met = list(self.needed), set(self.needed)
        while pending:
            value = pending.pop()
            if value in kept:
                continue
            if min(costs[value]) >= INFINITE:
                op = self.homes[value].op
                raise DifferentiationError(
                    "what a try statement in a loop reads and changes is not supported",
                    op.site.span if op is not None and op.site is not None else None,
                    "read it before the statement",
                )
            pending += [one for one in operands[value] if one not in met]
            met.update(operands[value])

    # Lists --------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        """What is kept at one place goes into one list."""
        groups: dict[tuple[Op, tuple[Condition, ...]], list[Value]] = {}
        for value in sorted(self.kept, key=lambda v: self.homes[v].order):
            home = self.homes[value]
            groups.setdefault((home.loop, home.conditions), []).append(value)
        for values in groups.values():
            stream = Stream(values, self.homes[values[-1]])
            for value in values:
                self.stream_of[value] = stream
            for loop in self.chains:
                if stream.home.loop in self.twins(loop):
                    if not self.read_in(loop).isdisjoint(values):
                        stream.readers.append(loop)
            self._nest(stream)

    def _nest(self, stream: Stream) -> None:
        """Decide where a list begins; if need be, keep it in a list of such lists.

        One list for all turns of a nest of loops can be read only from one end to the other: not by
        outer loops that go back while the inner ones go forth, nor in the loop that fills it.
        """
        self.streams.append(stream)
        filled = self.chains[stream.home.loop]
        last = len(filled) - 1
        common = [_common(filled, self.chains[reader]) for reader in stream.readers]
        stream.level = min(common, default=0)
        if stream.level == last or (
            len({*common}) == 1
            and all(self._one_way(filled, reader, stream.level) for reader in stream.readers)
        ):
            return
        stream.level = last
        loop = stream.home.loop
        home = Home(filled[last - 1], filled[: last - 1], self.ways[loop], None, stream.home.order)
        stream.outer = Stream([stream.whole], home)
        around = [self.chains[reader][last - 1] for reader in stream.readers]
        readers = dict.fromkeys(other for other in around if other is not home.loop)
        stream.outer.readers = list(readers)
        self._nest(stream.outer)

    def _one_way(self, filled: Sequence[Op], reader: Op, level: int) -> bool:
        """Whether a nest of loops goes from one end to the other of what another nest filled."""
        pairs = zip(filled[level:], self.chains[reader][level:], strict=True)
        return len({backwards(one) is backwards(other) for one, other in pairs}) == 1

    def lists(self) -> dict[Op, list[Stream]]:
        """The lists by the loop that fills them from end to end."""
        found: dict[Op, list[Stream]] = {}
        for stream in self.streams:
            found.setdefault(self.starts(stream, stream.home.loop), []).append(stream)
        return found

    def read_by(self, loop: Op) -> list[Stream]:
        """The lists that a loop takes its values from, in the order in which they are filled."""
        return [stream for stream in self.streams if loop in stream.readers]

    def is_read(self, loop: Op, value: Value) -> bool:
        """Whether a loop needs a value of an earlier one, to compute others again too."""
        return value in self.read_in(loop)

    def read_in(self, loop: Op) -> set[Value]:
        """The values of earlier loops that a loop needs, to compute others again too."""
        found = self._read_in.get(loop)
        if found is not None:
            return found
        pending: list[Value] = []
        for part in walk(Region([loop], None)):
            if part is not loop:
                pending += [a for a in self.read_by_itself(part) if isinstance(a, Value)]
            for region in part.regions:
                pending += [a for a in region.results or () if isinstance(a, Value)]
            if part.primitive is AGAIN and part is not loop:
                pending += [a for a in self.bounds(part) if isinstance(a, Value)]
                pending += [self.exits[test].flag for test in self.flags(part)]
        found = self._read_in[loop] = set()
        while pending:
            value = pending.pop()
            if value in found:
                continue
            home = self.homes.get(value)
            found.add(value)
            if home is None or value in self.kept or home.op is None or value in self.exits:
                continue
            if loop not in (*home.around, home.loop):
                pending.extend(self.operands(home.op))
        return found

    def starts(self, stream: Stream, loop: Op) -> Op:
        """The loop around another, or itself, in which it has gone through a whole list."""
        return self.chains[loop][stream.level]

    def leading(self, loop: Op) -> Stream | None:
        """The list that has an item for each turn of a loop, and no more."""
        for stream in self.read_by(loop):
            if not stream.home.conditions and self.starts(stream, loop) is loop:
                return stream
        return None

    def twins(self, loop: Op) -> list[Op]:
        """The loops that make the same turns, and came before."""
        family = self.families[loop.family] if loop.family is not None else []
        return family[: family.index(loop)] if loop in family else []


def backwards(loop: Op) -> bool:
    """Whether a loop makes its turns in the order opposite to that of the first of its family."""
    return loop.primitive is AGAIN and bool(loop.attribute)


def turn_ops(region: Region) -> Iterator[Op]:
    """The operations of a turn, but those of loops in it."""
    for op in region.ops:
        yield op
        if op.primitive not in LOOPS:
            for inner in op.regions:
                yield from turn_ops(inner)


def _tests(condition: Condition) -> Iterator[Value]:
    """The values that tell whether control took a way."""
    pending = [condition.branch]
    while pending:
        op = pending.pop()
        yield from (a for a in (test_of(op),) if isinstance(a, Value))
        if condition.arm is None:
            for region in op.regions:
                pending.extend(o for o in region.ops if o.primitive is IF)
