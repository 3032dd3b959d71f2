"""Functions without the parameters that they do not read and the results that nobody reads.

>>> from sourcediff.called import ENTER, Activation
>>> from sourcediff.types import REAL
>>> pair, a, b = Callee("pair"), Value(REAL, "a"), Value(REAL, "b")
>>> body = Function("pair", [a, b], Region([], (a, b)))
>>> x, y, one, other = Value(REAL, "x"), Value(REAL, "y"), Value(REAL), Value(REAL)
>>> call = Op(ENTER, (x, y), (one, other), (), Activation(pair))
>>> main = Function("f", [x, y], Region([call], (one,)))
>>> main, bodies = without_unread(main, {pair: body}, lambda function: function)
>>> print(main)
f(x: Real, y: Real):
    %1 = enter x [pair]
    yield %1
>>> print(bodies[pair])
pair(a: Real):
    yield a
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sourcediff.called import ENTERS, Callee
from sourcediff.ir import Function, Op, Region, Value, walk

__all__ = ["without_unread"]

Bodies = dict[Callee, Function]
Places = Mapping[Callee, set[int]]


def without_unread(
    function: Function, bodies: Bodies, clean: Callable[[Function], Function]
) -> tuple[Function, Bodies]:
    """A function, and all that it calls, with what is read only.

    Args:
        function: what calls.
        bodies: what is called.
        clean: drops the operations that are not needed any more.
    """
    while True:
        taken, given = _read(function, bodies)
        whole = all(
            len(taken[callee]) == len(body.parameters)
            and len(given[callee]) == len(body.body.results or ())
            for callee, body in bodies.items()
        )
        if whole:
            return function, bodies
        function = clean(function.with_body(_slim(function.body, taken, given)))
        slimmer: Bodies = {}
        for callee, body in bodies.items():
            region = _slim(body.body, taken, given)
            if region.results is not None:
                results = tuple(region.results[k] for k in sorted(given[callee]))
                region = region.replace(region.ops, results)
            made = body.with_body(region)
            made.parameters = [body.parameters[k] for k in sorted(taken[callee])]
            slimmer[callee] = clean(made)
        bodies = slimmer


def _read(
    function: Function, bodies: Bodies
) -> tuple[dict[Callee, set[int]], dict[Callee, set[int]]]:
    """Of each function, the parameters that it reads, and the results that are read."""
    taken: dict[Callee, set[int]] = {callee: set() for callee in bodies}
    given: dict[Callee, set[int]] = {callee: set() for callee in bodies}
    regions = [function.body, *(body.body for body in bodies.values())]
    results = {id(body.body): callee for callee, body in bodies.items()}
    while True:
        before = _size(taken) + _size(given)
        for region in regions:
            owner = results.get(id(region))
            read = set(_values(region, taken))
            answers = region.results or ()
            places = range(len(answers)) if owner is None else given[owner]
            read.update(a for k in places if isinstance(a := answers[k], Value))
            for op in walk(region):
                if op.primitive in ENTERS:
                    found = (k for k, result in enumerate(op.results) if result in read)
                    given[op.attribute.callee].update(found)
            if owner is not None:
                parameters = bodies[owner].parameters
                taken[owner].update(k for k, p in enumerate(parameters) if p in read)
        for callee, body in bodies.items():
            if not given[callee] and body.body.results:
                given[callee].add(0)  # a function returns something
        if _size(taken) + _size(given) == before:
            return taken, given


def _size(places: Places) -> int:
    return sum(map(len, places.values()))


def _values(region: Region, taken: Places) -> Iterable[Value]:
    """What a region reads, but for what it passes to functions that do not read that."""
    for op in walk(region):
        for place, atom in enumerate(op.args):
            passed = op.primitive not in ENTERS or place in taken[op.attribute.callee]
            if isinstance(atom, Value) and passed:
                yield atom
        for inner in op.regions:
            yield from (atom for atom in inner.results or () if isinstance(atom, Value))


def _slim(region: Region, taken: Places, given: Places) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.primitive in ENTERS:
            callee = op.attribute.callee
            args = tuple(op.args[k] for k in sorted(taken[callee]))
            results = tuple(op.results[k] for k in sorted(given[callee])) if op.results else ()
            ops.append(op.replace(args, results))
        elif op.regions:
            regions = tuple(_slim(r, taken, given) for r in op.regions)
            ops.append(op.replace(regions=regions))
        else:
            ops.append(op)
    return region.replace(ops, region.results)
