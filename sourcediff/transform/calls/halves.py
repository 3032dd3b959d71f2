"""Which pullbacks become two functions, and the calls of these.

Where a call is followed by one of its pullback, as ``y = f(x)`` by ``x_bar = f_pullback(x, y_bar)``
in a gradient, the second need not compute again what the first did: the one becomes a call of
``f_forward``, which returns beside `y` what is kept, the other one of ``f_reverse``, which takes
that. A pullback that is only called alone, as that of a sum over a tree, stays one function: it
keeps nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from sourcediff import types
from sourcediff.called import ENTER, ENTERS, Activation, Callee, callees_in
from sourcediff.ir import Atom, Function, Op, Region, Value, walk
from sourcediff.transform.calls.split import split
from sourcediff.transform.smaller.optimise import substituted

__all__ = ["in_halves"]

Settle = Callable[[Function], Function]


class Halves:
    """The two functions that a pullback becomes."""

    def __init__(self, pullback: Callee) -> None:
        assert pullback.primal is not None
        name = pullback.primal.name
        self.forward = Callee(f"{name}_forward")
        self.reverse = Callee(f"{name}_reverse")


def in_halves(function: Function, settle: Settle) -> tuple[Function, dict[Callee, Function]]:
    """A derivative that calls pullbacks in halves, and all that it calls, with their bodies.

    Args:
        function: the derivative.
        settle: decides what the loops of a function keep.
    """
    run = _Program(function)
    bodies: dict[Callee, Function] = {}
    main = settle(run.converted(function))
    pending = list(callees_in(main.body))
    while pending:
        callee = pending.pop(0)
        if callee in bodies:
            continue
        pullback = run.owner.get(callee)
        if pullback is None:
            made = {callee: settle(run.converted(callee.function))}
        else:
            made = _split(pullback, run, settle)
        bodies |= made
        for body in made.values():
            pending += callees_in(body.body)
    return main, bodies


def _split(pullback: Callee, run: _Program, settle: Settle) -> dict[Callee, Function]:
    halves = run.halves[pullback]
    assert pullback.whole is not None and pullback.primal is not None
    whole = settle(run.converted(pullback.whole))
    results = pullback.primal.function.body.results or ()
    kept = Value(types.KEPT, "kept")
    arguments = len(pullback.primal.function.parameters)
    first, second = split(whole, arguments, len(results), kept)
    first.name, second.name = halves.forward.name, halves.reverse.name
    return {halves.forward: first, halves.reverse: second}


class _Program:
    """All that a derivative calls: which pullbacks are called behind their primal."""

    def __init__(self, function: Function) -> None:
        self.halves: dict[Callee, Halves] = {}
        self.owner: dict[Callee, Callee] = {}
        while self._find(function):
            pass

    def _find(self, function: Function) -> bool:
        """Look for calls of pullbacks behind their primals; whether there were new ones."""
        known = len(self.halves)
        seen: set[Callee] = set()
        pending = [function.body]
        while pending:
            body = pending.pop()
            for pullback in pairs(body).values():
                callee = pullback.attribute.callee
                if callee not in self.halves:
                    made = self.halves[callee] = Halves(callee)
                    self.owner[made.forward] = self.owner[made.reverse] = callee
            for callee in callees_in(body):
                if callee not in seen:
                    seen.add(callee)
                    whole = callee.whole if callee in self.halves else None
                    pending.append((whole or callee.function).body)
        return len(self.halves) > known

    def converted(self, function: Function) -> Function:
        """A function that calls the halves of pullbacks instead of them."""
        if not any(callee in self.halves for callee in callees_in(function.body)):
            return function
        found = pairs(function.body)
        kept = {op.attribute: Value(types.KEPT, "kept") for op in found}
        second = {op.attribute: first.attribute for first, op in found.items()}
        renamed: dict[Value, Atom] = {}
        for op in found:
            nameless = (r for r in op.results if r.name is None and r.adjoint_of is None)
            renamed.update((r, Value(r.type, "value")) for r in nameless)
        body = self._region(function.body, found, kept, second)
        results = body.results
        if results is not None:
            results = tuple(renamed.get(a, a) if isinstance(a, Value) else a for a in results)
        ops = [_under(op, renamed) for op in substituted(body.ops, renamed)]
        return function.with_body(body.replace(ops, results))

    def _region(
        self,
        region: Region,
        found: dict[Op, Op],
        kept: dict[Activation, Value],
        second: dict[Activation, Activation],
    ) -> Region:
        ops: list[Op] = []
        for op in region.ops:
            if op.primitive not in ENTERS:
                inner = tuple(self._region(r, found, kept, second) for r in op.regions)
                ops.append(op.replace(regions=inner) if inner else op)
                continue
            callee: Callee = op.attribute.callee
            if op in found:
                halves = self.halves[found[op].attribute.callee]
                ops.append(_call(op, halves.forward, op.args, (*op.results, kept[op.attribute])))
            elif op.attribute in second:
                one = kept[second[op.attribute]]
                ops.append(_call(op, self.halves[callee].reverse, (*op.args, one), op.results))
            elif callee in self.halves:
                ops += self._both(op, callee)
            else:
                ops.append(op)
        return region.replace(ops, region.results)

    def _both(self, op: Op, callee: Callee) -> list[Op]:
        """A pullback that is called alone, by its two halves."""
        primal = callee.primal
        assert primal is not None
        results = tuple(Value(r.type, "_") for r in primal.function.body.results or ())
        kept = Value(types.KEPT, "kept")
        halves = self.halves[callee]
        given = op.args[: len(primal.function.parameters)]
        first = _call(op, halves.forward, given, (*results, kept))
        first.primitive = ENTER
        return [first, _call(op, halves.reverse, (*op.args, kept), op.results)]


def _under(op: Op, renamed: dict[Value, Atom]) -> Op:
    """An operation whose results, and those of what is in it, have other names."""
    results = tuple(renamed.get(r, r) for r in op.results)
    regions = tuple(r.replace([_under(o, renamed) for o in r.ops], r.results) for r in op.regions)
    return op.replace(results=results, regions=regions)  # type: ignore[arg-type]


def _call(op: Op, callee: Callee, args: tuple[Atom, ...], results: tuple[Value, ...]) -> Op:
    made = op.replace(args, results)
    made.attribute = Activation(callee)
    return made


def pairs(body: Region) -> dict[Op, Op]:
    """By call, the call of its pullback that takes what it kept."""
    calls = [op for op in walk(body) if op.primitive in ENTERS]
    first: dict[Activation, list[Op]] = {}
    for op in calls:
        first.setdefault(op.attribute, []).append(op)
    found: dict[Op, Op] = {}
    for op in calls:
        of = op.attribute.of
        if of is None or len(first.get(of, ())) != 1:
            continue
        if len(first[op.attribute]) == 1:
            found.setdefault(first[of][0], op)
    # What is called first of one pair is not second of another.
    return {one: op for one, op in found.items() if op not in found}
