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

from collections.abc import Iterator, Sequence

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import COPY, TUPLE, YIELDED
from sourcediff.frontend.values import Binding, Tup
from sourcediff.ir import DEAD, IF, Atom, Const, Function, Op, Region, Site, Value, walk
from sourcediff.transform.activity import PASSES_ON, active_values
from sourcediff.transform.pullback import pull_back
from sourcediff.transform.scaled import ONE, ZERO, AdjointBuilder, Scaled

__all__ = ["reverse"]


class Entry:
    """The adjoint of a value so far: what earlier statements contributed, and what `site` has."""

    __slots__ = ("before", "now", "site")

    def __init__(self, before: Scaled, now: Scaled, site: Site | None) -> None:
        self.before = before
        self.now = now
        self.site = site


class Adjoints:
    """The adjoints of the values of a region, over those of the region outside."""

    def __init__(self, outer: Adjoints | None = None) -> None:
        self.outer = outer
        self.here: dict[Value, Entry] = {}

    def get(self, value: Value) -> Entry | None:
        """What is known of the adjoint of a value, or None while nothing has contributed."""
        adjoints: Adjoints | None = self
        while adjoints is not None:
            if value in adjoints.here:
                return adjoints.here[value]
            adjoints = adjoints.outer
        return None


class Reverse:
    """One run of the transformation.

    A variable of the user has one statement for each statement that contributes to its
    adjoint. So contributions are gathered while the statement stays the same (`fresh`), and
    added up under the adjoint's name when it changes.
    """

    def __init__(self, function: Function, inputs: Sequence[Value]) -> None:
        self.function = function
        self.active = active_values(function, inputs)
        self.inputs = set(inputs)
        ops = list(walk(function.body))
        definitions = {r: op for op in ops for r in op.results}
        self.builder = AdjointBuilder(definitions, function.order + 1)
        self.exported: dict[Value, Value] = {}
        self.sites: dict[Site, Site] = {}
        self.fresh: list[tuple[Value, Adjoints]] = []

    # Statements ---------------------------------------------------------------------------

    def turn_round(self, ops: Sequence[Op], adjoints: Adjoints) -> list[Op]:
        """Append the reverse of `ops`; give back the forward operations, with new exports."""
        forward = []
        for op in reversed(ops):
            if op.primitive is IF:
                self._enter(op.site)
                op = self._turn_round_if(op, adjoints)
            elif (
                len(op.results) == 1
                and not self._turn_round_op(op, adjoints)
                and op.primitive.bounded
            ):
                op = op.replace()
                op.kept = True
            forward.append(op)
        forward.reverse()
        return forward

    def _enter(self, site: Site | None) -> None:
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
        return self.named(value, self.builder.add(entry.before, entry.now))

    # One operation ------------------------------------------------------------------------

    def _turn_round_op(self, op: Op, adjoints: Adjoints) -> bool:
        """Append the reverse of one operation; whether it contributed to anything."""
        entry = adjoints.here.get(op.result)
        if entry is None or op.result in self.inputs:
            return False
        if op.site is not None:
            self._enter(op.site)
        varying = [p for p, arg in enumerate(op.args) if arg in self.active]
        adjoint = self._settle(op.result, adjoints, stays_pending=len(varying) == 1)
        contributed = False
        if adjoint.is_zero:
            return contributed
        for place in varying:
            arg = op.args[place]
            if isinstance(arg, Value):
                if op.primitive in PASSES_ON:
                    contribution = adjoint
                else:
                    contribution = pull_back(self.builder, op, place, adjoint)
                self._contribute(arg, contribution, adjoints)
                contributed = contributed or not contribution.is_zero
        return contributed

    def _settle(self, value: Value, adjoints: Adjoints, stays_pending: bool = False) -> Scaled:
        """Take the finished adjoint of a value, under its own name where the user named it."""
        entry = adjoints.here.pop(value, None)
        if entry is None:
            return ZERO
        if stays_pending and entry.now.pending is not None and entry.before.is_zero:
            return entry.now
        return self._total(value, entry)

    def named(self, value: Value, adjoint: Scaled) -> Scaled:
        """An adjoint as a value that is called after the value it belongs to."""
        if adjoint.core is None or not named(value):
            return self.builder.settled(adjoint)
        atom = self.builder.atom(adjoint)
        assert isinstance(atom, Value)
        if atom.adjoint_of is value:
            return Scaled(1.0, atom)
        if named(atom) or not self.builder.is_here(atom):
            atom = self.builder.emit(COPY, (atom,), atom.type)
        atom.adjoint_of = value
        return Scaled(1.0, atom)

    def _contribute(self, value: Value, contribution: Scaled, adjoints: Adjoints) -> None:
        if contribution.is_zero:
            return
        site = self.builder.site
        entry = adjoints.get(value)
        if entry is None:
            entry = Entry(ZERO, contribution, site)
        elif entry.site is site and value in adjoints.here:
            entry = Entry(entry.before, self.builder.add(entry.now, contribution), site)
        else:
            entry = Entry(self._total(value, entry), contribution, site)
        if named(value):
            self.fresh.append((value, adjoints))
        adjoints.here[value] = entry

    # Branches -----------------------------------------------------------------------------

    def _turn_round_if(self, op: Op, adjoints: Adjoints) -> Op:
        found = [(i, self._settle(r, adjoints)) for i, r in enumerate(op.results)]
        seeds = [(i, self.builder.scaled(self.builder.atom(a))) for i, a in found if not a.is_zero]
        if not seeds:
            return op
        inner: list[Adjoints] = []
        codes: list[list[Op]] = []
        forward: list[Region] = []
        site, fresh = self.builder.site, self.fresh
        for region in op.regions:
            arm = Adjoints(adjoints)
            self.fresh = []
            with self.builder.block() as code:
                if region.results is not None:
                    self._enter(region.site)
                    for place, adjoint in seeds:
                        atom = region.results[place]
                        if isinstance(atom, Value) and atom in self.active:
                            self._contribute(atom, adjoint, arm)
                    ops = self.turn_round(region.ops, arm)
                    region = region.replace(ops, region.results)
                    self.flush()
            self.builder.site = site
            inner.append(arm)
            codes.append(code)
            forward.append(region)
        self.fresh = fresh
        results, yields = self._join(inner, codes, forward, adjoints)
        op = self._export(op, forward, codes, yields)
        if results:
            self.builder.append(
                Op(
                    IF,
                    op.args,
                    tuple(results),
                    tuple(
                        Region(code, tuple(pair[k] for pair in yields))
                        for k, code in enumerate(codes)
                    ),
                    op.attribute if op.attribute == "statement" else "expression",
                    site,
                    self.builder.order,
                )
            )
        return op

    def _join(
        self,
        inner: list[Adjoints],
        codes: list[list[Op]],
        forward: list[Region],
        adjoints: Adjoints,
    ) -> tuple[list[Value], list[tuple[Atom, Atom]]]:
        """The adjoints that the arms contributed to, as results of the reverse branch."""
        results: list[Value] = []
        yields: list[tuple[Atom, Atom]] = []
        for value in {**inner[0].here, **inner[1].here}:
            before = adjoints.get(value)
            sides: list[Atom] = []
            for k in (0, 1):
                entry = inner[k].here.get(value, before)
                if forward[k].results is None or entry is None:
                    sides.append(DEAD if forward[k].results is None else Const(0.0, types.REAL))
                    continue
                with self.builder.again(codes[k]):
                    atom = self.builder.real_atom(self.builder.add(entry.before, entry.now))
                    if entry is not before and named(value):
                        atom = self._yielded(value, atom, entry.site)
                    sides.append(atom)
            result = Value(types.REAL, adjoint_of=value if named(value) else None)
            results.append(result)
            yields.append((sides[0], sides[1]))
            adjoints.here[value] = Entry(Scaled(1.0, result), ZERO, self.builder.site)
        return results, yields

    def _yielded(self, value: Value, atom: Atom, site: Site | None) -> Atom:
        """What an arm leaves behind for a variable, as a statement under the variable's name."""
        if isinstance(atom, Value):
            if atom.adjoint_of is value:
                definition = self.builder.definitions[atom]
                if definition.primitive is COPY and self.builder.is_here(atom):
                    definition.primitive = YIELDED  # stays, as the arm's own statement
                return atom
            if self.builder.is_here(atom) and not named(atom):
                atom.adjoint_of = value
                return atom
        outer, self.builder.site = self.builder.site, site
        result = self.builder.emit(YIELDED, (atom,), types.REAL)
        self.builder.site = outer
        result.adjoint_of = value
        return result

    def _export(
        self,
        op: Op,
        forward: list[Region],
        codes: list[list[Op]],
        yields: list[tuple[Atom, Atom]],
    ) -> Op:
        """The forward branch, with what its reverse needs from inside as further results."""
        extra: list[tuple[Value, int, Value]] = []
        for k in (0, 1):
            inside = {r for o in forward[k].ops for r in o.results}
            wanted: dict[Value, None] = {}
            for used in used_values(codes[k], [pair[k] for pair in yields]):
                final = self.latest(used)
                if final in inside:
                    wanted.setdefault(final)
            for value in wanted:
                outside = Value(value.type, value.name, value.adjoint_of)
                self.exported[value] = outside
                extra.append((outside, k, value))
                if value in self.active:
                    self.active.add(outside)
        if not extra and all(a is b for a, b in zip(forward, op.regions, strict=True)):
            return op
        regions = []
        for k, region in enumerate(forward):
            if region.results is not None:
                more = tuple(value if arm == k else DEAD for _, arm, value in extra)
                region = region.replace(region.ops, (*region.results, *more))
            regions.append(region)
        return op.replace(
            results=(*op.results, *(outside for outside, _, _ in extra)), regions=tuple(regions)
        )

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
                    Region(
                        self.rewritten(r.ops),
                        None if r.results is None else tuple(map(read, r.results)),
                    )
                    for r in op.regions
                ),
            )
            for op in ops
        ]


def named(value: Value) -> bool:
    """Whether a value belongs to a variable of the user, or to the adjoint of one."""
    return value.name is not None or value.adjoint_of is not None


def used_values(ops: Sequence[Op], atoms: Sequence[Atom]) -> Iterator[Value]:
    """Every value that operations, or the regions in them, or some atoms mention."""
    for op in ops:
        yield from (a for a in op.args if isinstance(a, Value))
        for region in op.regions:
            yield from used_values(region.ops, region.results or ())
    yield from (a for a in atoms if isinstance(a, Value))


def leaves(binding: Binding) -> Iterator[Value]:
    """The numbers of an argument: itself, or the items of a tuple."""
    if isinstance(binding, Value):
        yield binding
    elif isinstance(binding, Tup):
        for item in binding.items:
            yield from leaves(item)


def reverse(
    function: Function,
    arguments: Sequence[Binding],
    *,
    as_tuple: bool = False,
    with_value: bool = False,
) -> Function:
    """The gradient of a function as a function of the same parameters.

    Args:
        function: a function that yields one real number.
        arguments: what to differentiate with respect to: parameters, or tuples of items.
        as_tuple: give the derivatives as a tuple, one for each of `arguments`.
        with_value: give a pair, the function's own value first.

    Raises:
        DifferentiationError: the result is not a real number, or an operation on the way has
            no derivative.
    """
    inputs = [leaf for argument in arguments for leaf in leaves(argument)]
    run = Reverse(function, inputs)
    body = function.body
    adjoints = Adjoints()
    if body.results is None:
        return function  # it always raises, and so does its derivative
    (result,) = body.results
    _require_real(function, result)
    if isinstance(result, Value) and result in run.active:
        adjoints.here[result] = Entry(ZERO, ONE, None)
    forward = run.turn_round(body.ops, adjoints)
    run.flush()

    def gradient(argument: Binding) -> Atom:
        if isinstance(argument, Tup):
            items = tuple(gradient(item) for item in argument.items)
            return run.builder.emit(TUPLE, items, types.tuple_of(i.type for i in items))
        assert isinstance(argument, Value)
        found = adjoints.here.get(argument)
        if found is None:
            return Const(0.0, types.REAL)
        run.builder.site = found.site
        return run.builder.real_atom(run.builder.add(found.before, found.now))

    gradients = tuple(gradient(argument) for argument in arguments)
    run.builder.site = None
    answer = gradients[0]
    if as_tuple:
        kinds = types.tuple_of(g.type for g in gradients)
        answer = run.builder.emit(TUPLE, gradients, kinds)
    if with_value:
        pair = (result, answer)
        answer = run.builder.emit(TUPLE, pair, types.tuple_of(a.type for a in pair))
    code = run.rewritten(run.builder.ops)
    if isinstance(answer, Value):
        answer = run.latest(answer)
    return function.with_body(Region([*forward, *code], (answer,)), run.builder.order)


def _require_real(function: Function, result: Atom) -> None:
    from sourcediff.frontend.describe import describe_type

    if result.type in (types.REAL, types.INT):
        return
    source = function.origin.source if function.origin is not None else None
    raise DifferentiationError(
        f"{function.name!r} returns {describe_type(result.type)}, not one real number",
        source.span(source.node) if source is not None else None,
        "a gradient is that of a number; return one on every path",
    )
