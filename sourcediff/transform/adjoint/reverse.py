"""Reverse mode: a function becomes the function that computes its gradient.

The forward code stays as it is. Behind it, every operation is turned round in reverse order:
what the adjoint of its result contributes to the adjoints of its operands. A branch turns
round into a branch on the same test. The reverse code refers to the values of the forward
code directly; what it needs from inside a forward branch becomes another result of it.

>>> import math
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def f(x):
...     return math.exp(-x)
>>> function = lower_function(f, {"x": REAL})
>>> print(reverse(function, [function.parameters[0]]))
f(x: Real):
    %1 = neg x
    %2 = math.exp %1
    %3 = neg %2
    yield %3
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sourcediff import types
from sourcediff.called import ENTERS
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import COPY, TUPLE
from sourcediff.frontend.values import Binding
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    FOR,
    IF,
    LOOPS,
    Atom,
    Const,
    Family,
    Function,
    Op,
    Region,
    Site,
    Value,
    walk,
)
from sourcediff.memory import SUBSCRIPT
from sourcediff.transform.adjoint.adjoints import Adjoints, Entry, defined_in, named
from sourcediff.transform.adjoint.scaled import ONE, ZERO, AdjointBuilder, Scaled
from sourcediff.transform.adjoint.structures import differentiated, put_together, with_reads
from sourcediff.transform.arrays.arrays import Arrays
from sourcediff.transform.arrays.code import adjoint_type, is_array
from sourcediff.transform.branches.turning import turn_round_branch
from sourcediff.transform.calls.calls import turn_round_call
from sourcediff.transform.lists.contents import is_list
from sourcediff.transform.lists.deep_copies import hand_over_adjoints
from sourcediff.transform.lists.keys import require_known_uses
from sourcediff.transform.lists.listing import Lists
from sourcediff.transform.loops.turning import (
    Ends,
    Turn,
    first_leaving,
    turn_round_leaving,
    turn_round_loop,
)
from sourcediff.transform.smaller.activity import PASSES_ON, active_values

__all__ = ["reverse"]

ZERO_ATOM = Const(0.0, types.REAL)


class Reverse:
    """One run of the transformation.

    A variable of the user has one statement for each statement that contributes to its
    adjoint. So contributions are gathered while the statement stays the same (`fresh`), and
    added up under the adjoint's name when it changes.
    """

    def __init__(self, function: Function, inputs: Sequence[Value], adding: bool = False) -> None:
        self.function = function
        #: Whether what it calls may add to its lists of adjoints: it is not differentiated again.
        self.adding = adding
        self.active = active_values(function, inputs)
        require_known_uses(function, self.active)
        self.inputs = set(inputs)
        ops = list(walk(function.body))
        definitions = {r: op for op in ops for r in op.results}
        self.builder = AdjointBuilder(definitions, function.order + 1)
        self.exported: dict[Value, Value] = {}
        self.sites: dict[Site, Site] = {}
        self.fresh: list[tuple[Value, Adjoints]] = []
        #: The turn that is being turned round, and what turns contribute to values of the same
        #: turn of an earlier loop.
        self.turn: Turn | None = None
        self.per_turn: dict[Value, list[Atom]] = {}
        #: The regions that are being turned round: the operations so far, and what is to follow the
        #: present operation of each in the forward code.
        self.levels: list[tuple[list[Op], list[Op]]] = []
        self.families: dict[Family, list[Op]] = {}
        for op in ops:
            if op.family is not None:
                self.families.setdefault(op.family, []).append(op)
        self.lists = Lists(self)
        self.arrays = Arrays(self)

    # Statements ---------------------------------------------------------------------------

    def turn_round(self, ops: Sequence[Op], adjoints: Adjoints, ends: Ends = ()) -> list[Op]:
        """Append the reverse of `ops`; give back the forward operations, with new exports.

        Args:
            ends: what control hands on at the end, each with its adjoint.
        """
        self.lists.settle_in([r for op in ops for r in op.results], adjoints)
        place = None if self.turn is None else first_leaving(ops)
        if place is not None:
            following = turn_round_leaving(self, ops[place], ops[place + 1 :], ends, adjoints)
            return [*self.turn_round(ops[:place], adjoints), *following]
        self.hand_on(ends, adjoints)
        forward: list[Op] = []
        after: list[Op] = []
        self.levels.append((self.builder.ops, after))
        for place, op in zip(range(len(ops) - 1, -1, -1), reversed(ops), strict=True):
            self.lists.now = op
            if op.primitive is FOR and hand_over_adjoints(self.lists, ops, place, adjoints):
                pass
            elif op.primitive is IF:
                self.enter(op.site)
                op = turn_round_branch(self, op, adjoints)
            elif op.primitive in LOOPS:
                self.enter(op.site)
                op = turn_round_loop(self, op, adjoints)
            elif op.primitive in ENTERS:
                turn_round_call(self, op, adjoints)
            elif op.primitive in (BREAK, CONTINUE):
                assert self.turn is not None
                self.hand_on(self.turn.ends(op.args), adjoints)
            elif self.lists.turn_round(op, adjoints, after) or self.arrays.turn_round(op, adjoints):
                pass
            elif (
                len(op.results) == 1
                and not self._turn_round_op(op, adjoints)
                and op.primitive.bounded
            ):
                op = op.replace()
                op.kept = True
            forward.extend(reversed(after))
            after.clear()
            forward.append(op)
            forward.extend(reversed(self.lists.before))
            self.lists.before.clear()
        self.levels.pop()
        forward.reverse()
        return forward

    def hand_on(self, ends: Ends, adjoints: Adjoints) -> None:
        """Start from the adjoints of what control hands on."""
        for atom, adjoint in ends:
            if self.lists.is_memory(atom):
                assert isinstance(atom, Value)
                shadow = adjoint.core if adjoint.core is not None else adjoint
                self.lists.link(atom, shadow, adjoints)
            elif isinstance(atom, Value) and atom in self.active:
                self.contribute(atom, self.arrays.exactly(atom, adjoint), adjoints)

    def enter(self, site: Site | None) -> None:
        """Go on with another statement: finish the adjoints that the last one contributed to."""
        if site is None:
            return
        turned = self.sites.get(site)
        if turned is None:
            turned = self.sites[site] = site.differentiated()
        if turned is not self.builder.site:
            self.flush()
            self.builder.site = turned

    def flush(self) -> None:
        """Give what the current statement contributed the names of what it belongs to."""
        fresh, self.fresh = self.fresh, []
        for value, adjoints in fresh:
            entry = adjoints.here.get(value)
            if entry is None or entry.now.is_zero:
                continue
            if entry.now.pending is None or not self._has_one_operand(value):
                adjoints.here[value] = Entry(self._total(value, entry), ZERO, entry.site)

    def _has_one_operand(self, value: Value) -> bool:
        """Whether the adjoint of a value goes on to one other adjoint only."""
        definition = self.builder.definitions.get(value)
        if definition is None or value in self.inputs or definition.primitive is IF:
            return False
        return sum(arg in self.active for arg in definition.args) == 1

    def _total(self, value: Value, entry: Entry) -> Scaled:
        total = self.builder.add(entry.before, entry.now)
        if total.core is not None and is_array(total.core):
            wanted = self.arrays.shapes.of(value)
            parts = [part.core for part in (entry.before, entry.now) if part.core is not None]
            if any(is_array(part) and self.arrays.shapes.of(part) == wanted for part in parts):
                self.arrays.shapes.known[total.core] = wanted  # the other fits into it
        return self.named(value, total)

    # One operation ------------------------------------------------------------------------

    def _turn_round_op(self, op: Op, adjoints: Adjoints) -> bool:
        """Append the reverse of one operation; whether it contributed to anything."""
        if op.primitive is SUBSCRIPT and op.result in self.active:
            return self.turn_round_item(op, adjoints)
        if not self.arrays.is_known(op.result, adjoints) or op.result in self.inputs:
            return False
        if op.site is not None:
            self.enter(op.site)
        varying = [p for p, arg in enumerate(op.args) if arg in self.active]
        adjoint = self.settle(op.result, adjoints, stays_pending=len(varying) == 1)
        contributed = False
        if adjoint.is_zero:
            return contributed
        for place in varying:
            arg = op.args[place]
            if isinstance(arg, Value):
                if op.primitive in PASSES_ON:
                    contribution = adjoint
                else:
                    contribution = self.arrays.pull_back(op, place, adjoint)
                self.contribute(arg, contribution, adjoints)
                contributed = contributed or not contribution.is_zero
        return contributed

    def turn_round_item(self, op: Op, adjoints: Adjoints) -> bool:
        """What the adjoint of an item contributes to that of its list, at its place."""
        if op.site is not None:
            self.enter(op.site)
        adjoint = self.settle(op.result, adjoints)
        if adjoint.is_zero:
            return False
        whole, index = op.args
        assert isinstance(whole, Value)
        shadow = self.lists.shadow(whole, adjoints)
        self.lists.add_at(shadow, index, self.arrays.full(op.result, adjoint))
        return True

    def settle(self, value: Value, adjoints: Adjoints, stays_pending: bool = False) -> Scaled:
        """Take the finished adjoint of a value, under its own name where the user named it."""
        entry = self._with_turns(value, adjoints.here.pop(value, None))
        if is_array(value):
            total = ZERO if entry is None else self._total(value, entry)
            return self.arrays.with_items(value, total, adjoints)
        if entry is None:
            return ZERO
        if stays_pending and entry.now.pending is not None and entry.before.is_zero:
            return entry.now
        return self._total(value, entry)

    def adjoint_at(self, result: Value, adjoints: Adjoints) -> Scaled | None:
        """The finished adjoint of a result, or of the items of the list that it is."""
        if not self.lists.is_memory(result):
            return self.settle(result, adjoints)
        if self.lists.known(result, adjoints) is None:
            return None
        return Scaled(1.0, self.lists.shadow(result, adjoints))

    def named(self, value: Value, adjoint: Scaled) -> Scaled:
        """An adjoint as a value that is called after the value it belongs to."""
        if adjoint.core is None or not named(value):
            settled = self.builder.settled(adjoint)
            if settled.core is not None and settled.coefficient == 1 and is_array(settled.core):
                settled.core.bar_of = settled.core.bar_of or value
            return settled
        atom = self.builder.atom(adjoint)
        assert isinstance(atom, Value)
        if atom.adjoint_of is value or self._goes_on(atom, value):
            return Scaled(1.0, atom)
        if named(atom) or not self.builder.is_here(atom):
            atom = self.builder.emit(COPY, (atom,), atom.type)
        atom.adjoint_of = value
        return Scaled(1.0, atom)

    def _goes_on(self, atom: Value, value: Value) -> bool:
        """Whether an adjoint is what a turn starts with for another value of the variable."""
        variable = atom.adjoint_of
        if variable is None or atom in self.builder.definitions:
            return False
        return variable.name is not None and variable.name == value.name

    def known(self, value: Value, adjoints: Adjoints) -> Entry | None:
        """What is known of an adjoint; of what earlier turns added up, its shape as well."""
        entry = adjoints.get(value)
        if entry is not None and is_array(total := adjoints.accumulators.get(value)):
            assert total is not None
            self.arrays.shapes.known[total] = self.arrays.shapes.of(value)
        return entry

    def contribute(self, value: Value, contribution: Scaled, adjoints: Adjoints) -> None:
        if contribution.is_zero:
            return
        if is_array(value) and self.lists.is_memory(value):
            self.arrays.add_into(value, contribution, adjoints)
            return
        site = self.builder.site
        entry = self.known(value, adjoints)
        if entry is None:
            entry = Entry(ZERO, contribution, site)
        elif entry.site is site and value in adjoints.here:
            entry = Entry(entry.before, self.builder.add(entry.now, contribution), site)
        else:
            entry = Entry(self._total(value, entry), contribution, site)
        if named(value):
            self.fresh.append((value, adjoints))
        adjoints.here[value] = entry

    def entry(self, atom: Atom, before: Scaled = ZERO) -> Entry:
        """What is known of an adjoint that an operation left behind."""
        return Entry(self.builder.add(before, self.builder.scaled(atom)), ZERO, self.builder.site)

    def adjoint_of(self, value: Value) -> Value:
        """A new value for the adjoint of another."""
        made = Value(adjoint_type(value), adjoint_of=value if named(value) else None)
        if is_array(made):
            self.arrays.shapes.known[made] = self.arrays.shapes.of(value)
        return made

    def final(self, value: Value, adjoints: Adjoints, at_home: bool = False) -> Atom:
        """The adjoint of a value where a region ends: its own, if it is at home there."""
        entry = adjoints.here.get(value)
        if at_home:
            entry = self._with_turns(value, entry)
        found = ZERO if entry is None else self._total(value, entry)
        if at_home:
            found = self.arrays.with_items(value, found, adjoints)
        return self.arrays.full(value, found)

    def _with_turns(self, value: Value, entry: Entry | None) -> Entry | None:
        """What is known of an adjoint, and what the same turn of later loops contributed to it."""
        for atom in self.per_turn.pop(value, ()):
            before = ZERO if entry is None else self.builder.add(entry.before, entry.now)
            entry = self.entry(atom, before)
        return entry

    def mates(self, family: Family, loop: Op) -> set[Value]:
        """The values of the turns that other loops of a family make."""
        return {
            value
            for other in self.families.get(family, ())
            if other is not loop
            for value in defined_in(other)
        }

    def concerns(self, op: Op) -> bool:
        """Whether the reverse of an operation may do something."""
        if any(value in self.active for value in (*op.results, *defined_in(op))):
            return True
        leaves = any(inner.primitive in (BREAK, CONTINUE) for inner in walk(Region([op], None)))
        return leaves or self.lists.writes_inside(op)

    def turned_inside(self, op: Op) -> bool:
        """Whether something within a loop or a branch has an adjoint already."""
        return bool(self.per_turn) and not self.per_turn.keys().isdisjoint(defined_in(op))

    def gradient(self, argument: Binding, adjoints: Adjoints) -> Atom:
        """The adjoint of an argument, in its structure, where all has been turned round."""

        def leaf(value: Value) -> Atom:
            if is_list(value):
                return self.lists.handed_out(value, adjoints)
            found = adjoints.here.get(value)
            total = ZERO
            if found is not None:
                self.builder.site = found.site
                total = self.builder.add(found.before, found.now)
            if is_array(value):
                total = self.arrays.with_items(value, total, adjoints)
            return self.arrays.handed_out(value, total)

        def emit(primitive: Any, args: tuple[Atom, ...], kind: types.Type, attribute: Any) -> Value:
            if primitive is not TUPLE:
                # What has a name is no part of the statement behind the last.
                self.builder.site = None
            return self.builder.emit(primitive, args, kind, attribute)

        return put_together(argument, leaf, emit)

    def latest(self, value: Value) -> Value:
        """The value under which the reverse code sees a value of the forward code."""
        while value in self.exported:
            value = self.exported[value]
        return value

    def rewritten(self, ops: Sequence[Op]) -> list[Op]:
        """Reverse code that reads the exported values."""

        def read(atom: Atom) -> Atom:
            return self.latest(atom) if isinstance(atom, Value) else atom

        return [
            op.replace(
                args=tuple(map(read, op.args)),
                regions=tuple(
                    r.replace(
                        self.rewritten(r.ops),
                        None if r.results is None else tuple(map(read, r.results)),
                    )
                    for r in op.regions
                ),
            )
            for op in ops
        ]


def reverse(
    function: Function,
    arguments: Sequence[Binding],
    *,
    as_tuple: bool = False,
    with_value: bool = False,
    adding: bool = False,
) -> Function:
    """The gradient of a function as a function of the same parameters.

    Args:
        function: a function that yields one real number.
        arguments: what to differentiate with respect to: parameters, or tuples of items.
        as_tuple: give the derivatives as a tuple, one for each of `arguments`.
        with_value: give a pair, the function's own value first.
        adding: let what it calls add to its lists of adjoints; it is not differentiated again.

    Raises:
        DifferentiationError: the result is not a real number, or an operation on the way has
            no derivative.
    """
    inputs = [leaf for argument in arguments for leaf in differentiated(argument)]
    function = with_reads(function, inputs)
    run = Reverse(function, inputs, adding)
    body = function.body
    adjoints = Adjoints()
    if body.results is None:
        return function  # it always raises, and so does its derivative
    (result,) = body.results
    _require_real(function, result)
    if isinstance(result, Value) and result in run.active:
        adjoints.here[result] = Entry(ZERO, ONE, None)
    run.lists.settle_in(list(function.parameters) + inputs, adjoints)
    forward = run.turn_round(body.ops, adjoints)
    run.flush()
    gradients = tuple(run.gradient(argument, adjoints) for argument in arguments)
    run.builder.site = None
    answer = gradients[0]
    if as_tuple:
        kinds = types.tuple_of(g.type for g in gradients)
        answer = run.builder.emit(TUPLE, gradients, kinds)
    if with_value:
        pair = (result, answer)
        answer = run.builder.emit(TUPLE, pair, types.tuple_of(a.type for a in pair))
    forward = run.lists.lengths.with_taken(forward)
    code = run.rewritten(run.builder.ops)
    if isinstance(answer, Value):
        answer = run.latest(answer)
    return function.with_body(Region([*forward, *code], (answer,)), run.builder.order)


def _require_real(function: Function, result: Atom) -> None:
    from sourcediff.frontend.describe import ONE_NUMBER, describe_type

    if result.type in (types.REAL, types.INT):
        return
    source = function.origin.source if function.origin is not None else None
    raise DifferentiationError(
        f"{function.name!r} returns {describe_type(result.type)}, not one real number",
        source.span(source.node) if source is not None else None,
        ONE_NUMBER,
    )
