"""Loops that turn others round, written as what they are: loops over ranges and lists.

What `residuals` keeps is appended where it is computed and taken back, or read by an iterator,
where it is needed; all else is computed again there.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from typing import Any

from sourcediff import types
from sourcediff.flow import exits
from sourcediff.frontend.primitives import CALL, PURE_CALL, TUPLE, UNPACK, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.guards import test_of
from sourcediff.ir import (
    AGAIN,
    DEAD,
    FOR,
    IF,
    WHILE,
    Atom,
    Const,
    Family,
    Function,
    Op,
    Region,
    Value,
    walk,
)
from sourcediff.memory import LIST, METHOD_OF, SUBSCRIPT, UNPACK_ITERABLE, MethodSpec
from sourcediff.transform.adjoint.scaled import NOT
from sourcediff.transform.lists.contents import filling_loop
from sourcediff.transform.loops.again import compute_again
from sourcediff.transform.loops.count import count_turns, flag_exits
from sourcediff.transform.loops.homes import Home
from sourcediff.transform.loops.merge import adds_up
from sourcediff.transform.loops.policy import keeps_everything
from sourcediff.transform.loops.residuals import Residuals, Stream, backwards, breaks_read
from sourcediff.transform.loops.sequences import Through
from sourcediff.transform.loops.turning import first_leaving
from sourcediff.types import Slot, Type

__all__ = ["plan_loops", "settle_loops"]

TRUE, FALSE = Const(True, types.BOOL), Const(False, types.BOOL)
APPEND, POP = MethodSpec("append", writes=True), MethodSpec("pop", writes=True)


def settle_loops(function: Function) -> Function:
    """Decide what loops keep, and write the loops that turn others round as what they are."""
    plan = plan_loops(function)
    if plan is None:
        return function
    return plan.function.with_body(Writer(plan).region(plan.function.body, {}))


def plan_loops(function: Function) -> Residuals | None:
    """Decide what loops keep; None where no loop is turned round.

    Where nothing tells how often a loop went, or by which exit, the function of the plan is one
    whose loops count and remember.
    """
    if not any(op.primitive is AGAIN for op in walk(function.body)):
        return None
    if not keeps_everything():
        function = compute_again(function)
    body, exits = flag_exits(function.body, breaks_read(function))
    function = function.with_body(body)
    counts: dict[Family, Value] = {}
    while True:
        plan = Residuals(function, counts, exits)
        uncounted = plan.uncounted()
        if not uncounted:
            return plan
        body, counts = count_turns(function.body, uncounted | counts.keys())
        function = function.with_body(body)


Scope = dict[Value, Atom]


class Writer:
    """Writes a function anew, with all its loops as what they are."""

    def __init__(self, plan: Residuals) -> None:
        self.plan = plan
        self.lists = plan.lists()
        self.order = plan.order
        #: Of a loop and a list that others read too: where the loop is in it.
        self.iterators: dict[tuple[Op, Stream], Value] = {}
        #: The loops of the new text that control is in, as they were.
        self.loops: list[Op] = []

    # Producers ----------------------------------------------------------------------------

    def region(self, region: Region, scope: Scope, start: Sequence[Op] = ()) -> Region:
        """A region in which values of earlier loops are read from where they are now."""
        scope = dict(scope)
        ops = list(start)
        head = _head(region)
        if not head:
            self.kept_here(None, region.parameters, ops, scope)
        #: By loop, the list that it fills: kept when it is there.
        filled: dict[Op, Value] = {}
        for place, op in enumerate(region.ops):
            self.op(op, ops, scope)
            if place + 1 == head:
                self.kept_here(None, region.parameters, ops, scope)
            loop = filling_loop(op, region.ops[place + 1 :])
            if loop is not None:
                filled[loop] = op.result
                continue
            begun = (filled[op],) if op in filled else ()
            self.kept_here(op, (*begun, *op.results), ops, scope)
        results = None
        if region.results is not None:
            results = tuple(self.read(atom, ops, scope) for atom in region.results)
        return region.replace(ops, results)

    def op(self, op: Op, ops: list[Op], scope: Scope) -> None:
        known = self.plan.lengths.get(op.results[0]) if op.results else None
        if known is not None and self.plan.is_again(op.args[0], tuple(self.loops)):  # type: ignore[arg-type]
            scope[op.result] = known
        elif op.primitive in (FOR, WHILE, AGAIN):
            self.loop(op, ops, scope)
        else:
            args = tuple(self.read(atom, ops, scope) for atom in op.args)
            regions = tuple(self.region(part, scope) for part in op.regions)
            ops.append(op.replace(args=args, regions=regions))

    def kept_here(
        self, op: Op | None, values: Iterable[Value], ops: list[Op], scope: Scope
    ) -> None:
        """Put what has just been computed into its list."""
        for value in values:
            stream = self.plan.stream_of.get(value)
            if stream is None or value is not stream.values[-1]:
                continue
            item: Atom = value
            if len(stream.values) > 1:
                item = Value(stream.item)
                ops.append(Op(TUPLE, tuple(stream.values), (item,), order=self.order))
            site = op.site if op is not None else None
            ops.append(Op(METHOD_OF, (stream.whole, item), (), (), APPEND, site, self.order))

    def read(self, atom: Atom, ops: list[Op], scope: Scope) -> Atom:
        """What stands for an atom here, computed again if need be."""
        if not isinstance(atom, Value):
            return atom
        if atom in scope:
            return scope[atom]
        if not self.plan.is_again(atom, tuple(self.loops)):
            return atom
        if atom in self.plan.lengths:
            return self.plan.lengths[atom]
        home = self.plan.homes[atom]
        assert home.op is not None and atom not in self.plan.kept, atom
        self.copy(home.op, ops, scope)
        return scope[atom]

    def copy(self, op: Op, ops: list[Op], scope: Scope) -> None:
        """Compute an operation again.

        What one arm of a branch reads, and was computed under a test, is computed in that arm.
        """
        here = set(self.plan.homes[op.results[0]].conditions)
        for value in self.plan.operands(op):
            if here.issuperset(self.plan.homes[value].conditions):
                self.read(value, ops, scope)
        ops.append(self.fresh(op, ops, scope))

    def fresh(self, op: Op, ops: list[Op], scope: Scope) -> Op:
        """An operation with new results, and what it reads computed again before it."""
        args = tuple(self.read(atom, ops, scope) for atom in op.args)
        if op.primitive is PURE_CALL and op.attribute.function is min and args != op.args:
            args = _without_repeats(args)
        results = tuple(r.another() for r in op.results)
        scope.update(zip(op.results, results, strict=True))
        regions = []
        for region in op.regions:
            inner = dict(scope)
            part: list[Op] = []
            for one in region.ops:
                part.append(self.fresh(one, part, inner))
            yields = region.results
            if yields is not None:
                yields = tuple(self.read(atom, part, inner) for atom in yields)
            regions.append(Region(part, yields))
        made = op.replace(args=args, results=results, regions=tuple(regions))
        made.order = self.order
        return made

    # Loops --------------------------------------------------------------------------------

    def loop(self, op: Op, ops: list[Op], scope: Scope) -> None:
        source = ops[-1:] if ops and ops[-1].results[:1] == op.args[:1] else []
        ops[len(ops) - len(source) :] = []  # what a loop goes through stays next to it
        for stream in self.lists.get(op, ()):
            ops.append(Op(LIST, (), (stream.whole,), order=self.order))
            if stream.outer is not None:
                both = (stream.outer.whole, stream.whole)
                ops.append(Op(METHOD_OF, both, (), (), APPEND, None, self.order))
        if self.loops:
            self.before_turns(op, ops, scope)
        ops.extend(source)
        args = tuple(self.read(atom, ops, scope) for atom in op.args)
        self.loops.append(op)
        if op.primitive is AGAIN:
            ops.append(self.again(op, args, ops, scope))
        else:
            regions = tuple(self.region(part, scope) for part in op.regions)
            ops.append(op.replace(args=args, regions=regions))
        self.loops.pop()

    def before_turns(self, loop: Op, ops: list[Op], scope: Scope) -> None:
        """Compute again, before a loop, what it reads of the turn that is turned round around it.

        What a turn has computed that got to the loop is safe to compute; the loop would compute it
        each time.
        """
        around = {first for other in self.loops for first in self.plan.twins(other)}
        wanted = (value for value in self.plan.read_in(loop) if value in self.plan.homes)
        for value in sorted(wanted, key=lambda v: self.plan.homes[v].order):
            home = self.plan.homes[value]
            if home.op is None or home.loop not in around or not self.is_met(loop, home):
                continue
            if value in scope or value in self.plan.kept or value in self.plan.exits:
                continue
            if self.plan.is_again(value, tuple(self.loops)):
                self.read(value, ops, scope)

    def is_met(self, loop: Op, home: Home) -> bool:
        """Whether a turn that has got to a loop has computed a value on its way."""
        if not home.conditions:
            return True
        first = self.plan.families[loop.family][0] if loop.primitive is AGAIN else loop  # type: ignore[index]
        chain = self.plan.chains[first]
        if home.loop not in chain[:-1]:
            return False
        inner = chain[chain.index(home.loop) + 1]
        return set(home.conditions) <= set(self.plan.ways[inner])

    def again(self, op: Op, args: tuple[Atom, ...], ops: list[Op], scope: Scope) -> Op:
        """A loop over what was kept, or over the range that the first loop counted through."""
        first = self.plan.families[op.family][0]  # type: ignore[index]
        bounds = tuple(self.read(atom, ops, scope) for atom in self.plan.bounds(op))
        inner = dict(scope)
        start: list[Op] = []
        streams = self.plan.read_by(op)
        item: Value
        index = first.regions[0].parameters[0] if first.primitive is FOR else None
        by_index = self.plan.by_index(op)
        leading = None if by_index else self.plan.leading(op)
        self.open_streams(op, leading, ops, scope)
        backwards = bool(op.attribute)
        if leading is not None:
            item = self.taken(leading, inner, start)
            whole = self.found(leading, scope)
            streams = [s for s in streams if s is not leading]
            backwards = self.turned(leading, op)
        else:
            item = Value(types.INT, index.name if by_index and index is not None else "_")
            inner[index] = item  # type: ignore[index]
            whole = Value(types.RANGE)
            spec = CallSpec(range, Ref("module", builtins, ("range",)))
            ops.append(Op(PURE_CALL, bounds, (whole,), (), spec, op.site, self.order))
        if backwards and leading is None and self.in_any_order(op):
            backwards = False
        through = first.attribute if isinstance(first.attribute, Through) else None
        if backwards and (by_index or leading is not None):
            whole = self.called(reversed, whole, item.type, ops)
        flags = self.flagged(op, inner, start)
        self.load(op, streams, start, inner, 0)
        for part in first.regions[0].ops[: _head(first.regions[0])]:
            if not any(result in inner or result in self.plan.kept for result in part.results):
                self.copy(part, start, inner)
        (body,) = op.regions
        region = self.region(body, inner, start)
        assert region.results is not None
        taken = (item, *body.parameters, *flags)
        yields = (*region.results, *(FALSE for _ in flags))
        region = Region(region.ops, yields, region.site, taken)
        before = [self.read(self.plan.exits[test].flag, ops, scope) for test in self.plan.flags(op)]
        results = (*op.results, *(Value(types.BOOL, flag.name) for flag in flags))
        form = None
        if through is not None and by_index and not backwards and leading is None:
            form = through.as_part(None)
        return Op(FOR, (whole, *args, *before), results, (region,), form, op.site, op.order)

    def in_any_order(self, loop: Op) -> bool:
        """Whether the turns of a loop may come in any order: no list is read or filled by them."""
        first = self.plan.families[loop.family][0]  # type: ignore[index]
        inside = [inner for inner in walk(Region([loop], None)) if inner.primitive is AGAIN]
        kept = any(self.plan.read_by(inner) or self.plan.flags(inner) for inner in inside)
        kept = kept or any(stream.home.loop in inside for stream in self.plan.streams)
        return not kept and not any(True for _ in exits(first)) and adds_up(loop)

    def flagged(self, loop: Op, scope: Scope, ops: list[Op]) -> list[Value]:
        """The flags that are up in the first turn of a loop, which was the last one."""
        flags = []
        for test in self.plan.flags(loop):
            exits = self.plan.exits[test]
            flag = Value(types.BOOL, exits.flag.name)
            flags.append(flag)
            scope[test] = flag
            if not exits.leaves_if:
                opposite = Value(types.BOOL)
                ops.append(Op(NOT, (flag,), (opposite,), site=loop.site, order=self.order))
                scope[test] = opposite
        return flags

    def taken(self, stream: Stream, scope: Scope, ops: list[Op]) -> Value:
        """An item of a list, as the values that it is."""
        values = [v.another() for v in stream.values]
        for kept, value in zip(stream.values, values, strict=True):
            value.kept_from = kept
        scope.update(zip(stream.values, values, strict=True))
        if len(values) == 1:
            return values[0]
        item = Value(stream.item)
        ops.append(Op(UNPACK, (item,), tuple(values), order=self.order))
        return item

    def load(
        self, loop: Op, streams: list[Stream], ops: list[Op], scope: Scope, depth: int
    ) -> None:
        """Take what the turn needs from the lists, under the tests under which it was put there."""
        for stream in streams:
            if len(stream.home.conditions) == depth:
                self.next_of(loop, stream, ops, scope)
        branches: dict[tuple[Op, bool], list[Stream]] = {}
        for stream in streams:
            if len(stream.home.conditions) > depth:
                way = stream.home.conditions[depth]
                branches.setdefault((way.branch, way.arm is None), []).append(stream)
        for (branch, _), inside in branches.items():
            self.under(loop, branch, inside, ops, scope, depth)

    def next_of(self, loop: Op, stream: Stream, ops: list[Op], scope: Scope) -> None:
        """Take the next item of a list: the last one, where nothing else reads the list."""
        part: list[Op] = []
        item = self.taken(stream, scope, part)
        iterator = self.iterators.get((loop, stream))
        if iterator is None:
            whole = self.found(stream, scope)
            ops.append(Op(METHOD_OF, (whole,), (item,), (), POP, None, self.order))
        else:
            spec = CallSpec(next, Ref("module", builtins, ("next",)))
            ops.append(Op(CALL, (iterator,), (item,), (), spec, None, self.order))
        ops.extend(part)

    def turned(self, stream: Stream, loop: Op) -> bool:
        """Whether a loop reads a list from its end."""
        return backwards(stream.home.loop) is not backwards(loop)

    def found(self, stream: Stream, scope: Scope) -> Value:
        """A list: by its name, or as the item of a list of lists that was taken for this turn."""
        whole = scope.get(stream.whole, stream.whole)
        assert isinstance(whole, Value)
        return whole

    def open_streams(self, loop: Op, leading: Stream | None, ops: list[Op], scope: Scope) -> None:
        """Make iterators over the lists that more than one loop reads, or one from the start."""
        for inner in walk(Region([loop], None)):
            if inner.primitive is not AGAIN or inner.family is None:
                continue
            for stream in self.plan.read_by(inner):
                if stream is leading or self.plan.starts(stream, inner) is not loop:
                    continue
                if len(stream.readers) == 1 and self.turned(stream, inner):
                    continue  # the last item that was put there is taken away
                function = reversed if self.turned(stream, inner) else iter
                made = self.called(function, self.found(stream, scope), stream.item, ops)
                self.iterators[inner, stream] = made

    def called(self, function: Any, whole: Value, item: Type, ops: list[Op]) -> Value:
        """An iterator over a list."""
        made = Value(types.iterator_of(Slot(item)))
        spec = CallSpec(function, Ref("module", builtins, (function.__name__,)))
        ops.append(Op(PURE_CALL, (whole,), (made,), (), spec, None, self.order))
        return made

    def stayed(self, branch: Op, ops: list[Op], scope: Scope) -> Atom:
        """Whether control went on behind a branch by which it may leave the turn."""
        test = self.read(branch.args[0], ops, scope)
        regions = []
        for region in branch.regions:
            code: list[Op] = []
            answer: Atom = FALSE
            if region.results is not None:
                answer = self.all_stayed(list(region.ops), code, dict(scope))
            regions.append(Region(code, (answer,)))
        result = Value(types.BOOL)
        ops.append(
            Op(IF, (test,), (result,), tuple(regions), "expression", branch.site, self.order)
        )
        return result

    def all_stayed(self, ops: list[Op], code: list[Op], scope: Scope) -> Atom:
        """The same of all the branches among some operations."""
        place = first_leaving(ops)
        if place is None:
            return TRUE
        stayed = self.stayed(ops[place], code, scope)
        inner: list[Op] = []
        others = self.all_stayed(ops[place + 1 :], inner, dict(scope))
        if others is TRUE:
            return stayed
        result = Value(types.BOOL)
        arms = (Region(inner, (others,)), Region([], (FALSE,)))
        code.append(Op(IF, (stayed,), (result,), arms, "expression", ops[place].site, self.order))
        return result

    def under(
        self,
        loop: Op,
        branch: Op,
        streams: list[Stream],
        ops: list[Op],
        scope: Scope,
        depth: int,
    ) -> None:
        """The same under a test."""
        past = streams[0].home.conditions[depth].arm is None
        test = self.stayed(branch, ops, scope) if past else self.read(test_of(branch), ops, scope)
        arms: list[list[Op]] = []
        scopes: list[Scope] = []
        for arm in (0, 1):
            inner = dict(scope)
            code: list[Op] = []
            way = None if past and arm == 0 else arm
            chosen = [s for s in streams if s.home.conditions[depth].arm == way]
            self.load(loop, chosen, code, inner, depth + 1)
            arms.append(code)
            scopes.append(inner)
        loaded = [v for s in streams for v in s.values]
        results = tuple(v.another() for v in loaded)
        regions = tuple(
            Region(code, tuple(inner.get(v, DEAD) for v in loaded))
            for code, inner in zip(arms, scopes, strict=True)
        )
        ops.append(Op(IF, (test,), results, regions, "statement", branch.site, self.order))
        scope.update(zip(loaded, results, strict=True))


def _without_repeats(args: Sequence[Atom]) -> tuple[Atom, ...]:
    """Arguments of `min`, the same constant once; at least two of them."""
    kept: list[Atom] = []
    for arg in args:
        if not isinstance(arg, Const) or not any(arg.same_as(other) for other in kept):
            kept.append(arg)
    return tuple(kept if len(kept) > 1 else args)


def _head(region: Region) -> int:
    """How many operations take apart what a turn is handed: they belong to the head of the loop."""
    item = region.parameters[0] if region.parameters else None
    for place, op in enumerate(region.ops[:2]):
        if op.primitive in (UNPACK, UNPACK_ITERABLE) and op.args[0] is item:
            return place + 1
        if op.primitive is not SUBSCRIPT or op.args[1] is not item:
            break
        item = op.result
    return 0
