"""Which values are needed at the same time, among those that could share a name.

One walk backwards over the program. Sets of values are bits of an integer; only values that
could share a name with another have one. A name that some path leaves unbound has a second bit:
it is set from there back to the entry, since nothing on the way may bind the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sourcediff.backend.flow import Flow, body_of, carried, otherwise
from sourcediff.backend.iterations import Comprehension
from sourcediff.backend.named import side_results
from sourcediff.backend.plan import Plan
from sourcediff.backend.shapes import UNPACKS, targets_of
from sourcediff.guards import COMPLETED, is_guarded
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    FOR,
    IF,
    LOOPS,
    TRY,
    UNDEFINED,
    WHILE,
    Atom,
    Op,
    Region,
    TrySpec,
    Value,
    walk,
)

__all__ = ["Interference"]


class Interference:
    """What must not share a name.

    bit        of each value that could share its name
    at         the value of each bit
    conflicts  of each value, the bits of those that are needed where it is assigned
    returning  values whose name has to be unbound again where it may have been bound
    """

    def __init__(self, plan: Plan, flow: Flow, groups: Iterable[Iterable[Value]]) -> None:
        self.plan = plan
        self.flow = flow
        self.bit: dict[Value, int] = {}
        self.at: list[Value] = []
        self.conflicts: dict[Value, int] = {}
        self.returning: set[Value] = set()
        self._unbound: dict[Value, int] = {}
        self._mask: dict[Value, int] = {}
        self._reads: dict[Op, int] = {}
        self._pinned = 0
        #: What a handler needs, by the region that the body of its try statement stands in.
        self._rescue: dict[Region, int] = {}
        self._exits: dict[Op, tuple[int, int]] = {}
        undefined = {target for target, source in flow.pairs if source is UNDEFINED}
        for group in groups:
            start = len(self.at)
            for value in group:
                self.bit[value] = 1 << len(self.at)
                self.at.append(value)
                if value in undefined:
                    self._unbound[value] = 1 << len(self.at)
                    self.at.append(value)
            mask = (1 << len(self.at)) - (1 << start)
            for value in group:
                self._mask[value] = mask
        if self.bit:
            self._run()

    def _run(self) -> None:
        parameters = self.plan.function.parameters
        body = self.plan.function.body
        # What a function inside sees stays what it is: it may be called again.
        seen = 0
        if self.plan.seen:
            seen = self._of(self.plan.seen)
        live = self._block(body, self._before(body.results or (), seen))
        together = live | self._of(parameters)
        for parameter in parameters:
            self._define(parameter, together)
        for found in self.plan.comprehensions.values():
            inside = self._atoms(found.inner())
            bound = list(found.bound(self.plan.targets))
            for value in bound:
                self._define(value, inside | self._of(bound))

    def own(self, value: Value) -> int:
        """The bits that stand for a value."""
        bit = self.bit.get(value, 0)
        return bit | self._unbound[value] if value in self._unbound else bit

    # Sets ---------------------------------------------------------------------------------

    def _of(self, values: Iterable[Atom]) -> int:
        found = 0
        for value in values:
            found |= self.bit.get(value, 0)  # type: ignore[arg-type]
        return found

    def _atoms(self, atoms: Iterable[Atom]) -> int:
        """What evaluating these reads."""
        found = 0
        for atom in atoms:
            for value in self.plan.leaves(atom):
                found |= self.bit.get(value, 0)
        return found

    def _handed(self, pairs: Iterable[tuple[Value, Atom]]) -> int:
        """What copies read, and the names that they leave unbound."""
        found = 0
        for target, source in pairs:
            if source is UNDEFINED:
                found |= self._unbound.get(target, 0)
            else:
                for value in self.plan.leaves(source):
                    found |= self.bit.get(value, 0)
        return found

    def _operands(self, op: Op) -> int:
        found = self._reads.get(op)
        if found is None:
            found = 0
            for value in self.plan.operands(op):
                found |= self.bit.get(value, 0)
            self._reads[op] = found
        return found

    def _define(self, value: Value, live: int) -> None:
        """A value is assigned where others are still needed."""
        mask = self._mask.get(value)
        if mask is None or value in self.flow.useless:
            return
        met = live & mask
        if met:
            own = self._unbound.get(value, 0)
            if met & own:
                self.returning.add(value)
            met &= ~(self.bit[value] | own)
            if met:
                self.conflicts[value] = self.conflicts.get(value, 0) | met

    def _bound(self, op: Op) -> Iterator[Value]:
        """The values that a statement binds."""
        made = self.plan.made.get(op)
        if made is not None:
            yield made
        elif op.primitive in UNPACKS:
            for value in op.results:
                yield from targets_of(value, self.plan.targets)
        else:
            yield from op.results

    def _together(self, values: Iterable[Value], live: int) -> int:
        """What is live before values are bound at once; none has the name of a needed one."""
        bound = list(values)
        needed = live & self._of(bound)
        live &= ~needed
        for value in bound:
            self._define(value, live | needed)
        return live

    # Statements ---------------------------------------------------------------------------

    def _block(self, region: Region, live: int) -> int:
        """Walk a region backwards from what is live at its end; what is live at its start."""
        #: What a handler needs, if one of these may raise: it holds what it did before the last of
        #: them.
        rescue, pinned = 0, self._pinned
        for op in reversed(list(self.plan.statements(region))):
            primitive = op.primitive
            if rescue and op.regions:
                live |= rescue
                self._pinned |= rescue
            if primitive is IF and op not in self.plan.ternary:
                live = self._branch(op, live)
            elif primitive in LOOPS and op not in self.plan.comprehensions:
                live = self._loop(op, live)
            elif primitive is TRY:
                live = self._try(op, live)
            elif primitive is COMPLETED:
                rescue = self._rescue.get(region, 0)
                continue
            elif primitive is BREAK or primitive is CONTINUE:
                leaving, going_on = self._exits[self.flow.loop_of[op]]
                live |= leaving if primitive is BREAK else going_on
                for target, source in self.flow.jumps[op]:
                    # What ``finally`` reads is needed after that.
                    if target is not source:
                        self._define(target, self._pinned & ~self._of([source]))
                live |= self._handed(self.flow.jumps[op])
            else:
                group = self.plan.groups.get(op)
                for member in reversed(group.members) if group is not None else (op,):
                    live = self._together(self._bound(member), live)
                    live = self._before_statement(member, live)
            live |= rescue
        self._pinned = pinned
        return live

    # Expressions --------------------------------------------------------------------------

    def _before_statement(self, op: Op, live: int) -> int:
        """What is live before a statement evaluates its operands."""
        if not self.plan.named:
            return live | self._operands(op)
        if op in self.plan.comprehensions:
            return self._before_comprehension(op, live)
        if op in self.plan.ternary:
            return self._before_choice(op, live)
        if op.regions:
            live |= self._operands(op)
        return self._before(self.plan.reads(op), live)

    def _before(self, atoms: Sequence[Atom], live: int) -> int:
        """What is live before expressions are evaluated, one after the other."""
        if not self.plan.named:
            return live | self._atoms(atoms)
        for atom in reversed(atoms):
            if not isinstance(atom, Value):
                continue
            op = self.plan.definitions[atom] if atom in self.plan.folded else None
            if op is None:
                live |= self.bit.get(atom, 0)
            elif op in self.plan.named and op not in self.plan.standing:
                (bound, _) = op.results
                live &= ~self.bit.get(bound, 0)
                self._define(bound, live)
                live = self._before(op.args[:1], live)
            elif op in self.plan.ternary:
                live = self._before_choice(op, live)
            elif op in self.plan.comprehensions:
                live = self._before_comprehension(op, live)
            elif op in self.plan.named:
                live |= self.bit.get(op.results[0], 0)
            else:
                live = self._before(self.plan.reads(op), live)
        return live

    def _before_choice(self, op: Op, live: int) -> int:
        """A branch that is an expression; its arms may bind variables."""
        bound = side_results(self.plan, op)
        results = self._of(bound)
        live &= ~results
        for result in bound:
            self._define(result, live | results)
        before = 0
        for region in op.regions:
            assert region.results is not None
            end = live | self._handed(self.flow.arms.get(region, ()))
            # Of ``a or b``, `a` is evaluated once.
            again = region.results[0] is op.args[0]
            before |= end if again else self._before(region.results[:1], end)
        return self._before(op.args[:1], before)

    def _before_comprehension(self, op: Op, live: int) -> int:
        """A loop that is an expression; what it does for each item may bind variables."""
        found = self.plan.comprehensions[op]
        if not found.binds:
            return live | self._operands(op)
        return self._before_clause(found, 0, live)

    def _before_clause(self, found: Comprehension, place: int, live: int) -> int:
        loop, filters = found.clauses[place]
        after = self._parameters(loop.results, live)
        head = after | self._outside(loop) | self._pinned
        body = loop.regions[0]
        inner = head | self._handed(self.flow.turn[loop])
        inner = self._before_filters(found, place, body, len(filters), inner)
        inner = self._together(targets_of(body.parameters[0], self.plan.targets), inner)
        inner |= self._handed(self.flow.exit[loop])
        inner = self._parameters(carried(loop), inner | head)
        return self._before(loop.args[:1], inner | self._handed(self.flow.entry[loop]))

    def _before_filters(
        self, found: Comprehension, place: int, region: Region, left: int, live: int
    ) -> int:
        if left:
            op = region.ops[-1]
            after = self._parameters(op.results, live)
            then, other = (after | self._handed(self.flow.arms[arm]) for arm in op.regions)
            then = self._before_filters(found, place, op.regions[0], left - 1, then)
            return self._before(op.args[:1], then | other)
        if place + 1 < len(found.clauses):
            return self._before_clause(found, place + 1, live)
        return self._before(found.element(), live)

    # Branches and loops -------------------------------------------------------------------

    def _end(self, region: Region, after: int) -> int:
        """What is live at the end of a region that control may not reach."""
        return self._pinned if region.results is None else after

    def _branch(self, op: Op, live: int) -> int:
        results = self._of(op.results)
        after = live & ~results
        if op not in self.plan.returning:
            for result in op.results:
                self._define(result, after | results)
        before = 0
        for region in op.regions:
            end = self._end(region, after)
            if region.results is not None:
                end |= self._handed(self.flow.arms[region])
            if is_guarded(op) and region is op.regions[1]:
                self._rescue[region] = before
            before |= self._block(region, end)
        return self._before(op.args[:1], before)

    def _loop(self, op: Op, live: int) -> int:
        flow, body, other = self.flow, body_of(op), otherwise(op)
        results = self._of(op.results)
        after = live & ~results
        for result in op.results:
            self._define(result, after | results)
        leaving = after
        if other is not None:
            end = self._end(other, after | self._handed(flow.last[op]))
            leaving = self._block(other, end)
            leaving = self._parameters(other.parameters, leaving)
        head = leaving | self._outside(op) | self._pinned
        self._exits[op] = after, head
        inner = self._end(body, head | self._handed(flow.turn[op]))
        inner = self._block(body, inner)
        if op.primitive is WHILE:
            inner = self._parameters(body.parameters, inner) | leaving
            test = op.regions[0]
            inner |= self._handed(flow.exit[op]) | self._handed(flow.entered[op])
            inner = self._block(test, self._before((test.results or ())[:1], inner))
        else:
            inner = self._together(targets_of(body.parameters[0], self.plan.targets), inner)
            inner |= self._handed(flow.exit[op])
        inner = self._parameters(carried(op), inner | head)
        if op.primitive is FOR:
            iterable = self._atoms(op.args[:1])
            for value, before in flow.entry[op]:
                own = self.bit.get(before, 0) if isinstance(before, Value) else 0
                self._define(value, iterable & ~own)
            inner = self._before(op.args[:1], inner)
        return inner | self._handed(flow.entry[op])

    def _parameters(self, parameters: tuple[Value, ...], live: int) -> int:
        """All are assigned at once."""
        together = self._of(parameters)
        live &= ~together
        for value in parameters:
            self._define(value, live | together)
        return live

    def _try(self, op: Op, live: int) -> int:
        spec: TrySpec = op.attribute
        regions = list(op.regions)
        outer = self._pinned
        if spec.has_finally:
            last = regions.pop()
            live = self._block(last, live | self._jumped(regions))
            self._pinned = outer | live
        end = live
        if spec.has_else:
            last = regions.pop()
            live = self._block(last, self._end(last, live))
        pinned = self._pinned
        for region in reversed(regions[1:]):
            caught = self._block(region, self._end(region, end))
            pinned |= self._parameters(region.parameters, caught)
        # Any operation of the body may be the last before a handler.
        self._pinned = pinned
        body = regions[0]
        live = self._block(body, self._end(body, live | pinned)) | pinned
        self._pinned = outer
        return live

    def _jumped(self, regions: list[Region]) -> int:
        """What is needed where control goes on by a jump out of these."""
        found = 0
        inside: set[Op] = set()
        for region in regions:
            for op in walk(region):
                if op.primitive in LOOPS:
                    inside.add(op)
                elif op in self.flow.jumps and self.flow.loop_of[op] not in inside:
                    leaving, going_on = self._exits[self.flow.loop_of[op]]
                    found |= leaving if op.primitive is BREAK else going_on
                    found |= self._of(target for target, _ in self.flow.jumps[op])
        return found

    # What a loop reads of what is around it -----------------------------------------------

    def _outside(self, op: Op) -> int:
        """All that a loop reads anywhere and does not define: needed through all its turns."""
        found = self._reads.get(op)
        if found is None:
            read = defined = 0
            for region in op.regions:
                r, d = self._touched(region)
                read |= r
                defined |= d
            for pairs in (self.flow.turn, self.flow.last, self.flow.exit, self.flow.entered):
                read |= self._handed(pairs.get(op, ()))
            if self.plan.named:  # expressions within bind, too
                for region in op.regions:
                    for inner in walk(region):
                        defined |= self._of(inner.results)
            found = self._reads[op] = read & ~defined
        return found

    def _touched(self, region: Region) -> tuple[int, int]:
        read = self._atoms(region.results or ())
        defined = self._of(region.parameters)
        for op in self.plan.statements(region):
            primitive = op.primitive
            if primitive in LOOPS and op not in self.plan.comprehensions:
                read |= self._outside(op) | self._handed(self.flow.entry[op])
                if primitive is FOR:
                    read |= self._atoms(op.args[:1])
                defined |= self._of(op.results)
            elif (primitive is IF and op not in self.plan.ternary) or primitive is TRY:
                read |= self._atoms(op.args[:1])
                for inner in op.regions:
                    r, d = self._touched(inner)
                    read |= r
                    defined |= d
                    read |= self._handed(self.flow.arms.get(inner, ()))
                defined |= self._of(op.results)
            else:
                group = self.plan.groups.get(op)
                for member in group.members if group is not None else (op,):
                    read |= self._operands(member)
                    defined |= self._of(self._bound(member))
                if op in self.flow.jumps:
                    read |= self._handed(self.flow.jumps[op])
        if region.parameters:
            defined |= self._of(targets_of(region.parameters[0], self.plan.targets))
        return read, defined
