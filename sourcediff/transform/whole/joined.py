"""A forward and a reverse sweep that run once are one piece of code.

`gradient` calls the forward sweep, takes the function that goes back from the list where that was
left, and calls it. Where both return at their end only, and nothing else calls them, they stand in
the place of their calls, and what was kept between them are values of one function.
"""

from __future__ import annotations

from collections import Counter

from sourcediff import ir, memory
from sourcediff.flow import functions_reached
from sourcediff.ir import Atom, Function, Op, Region, Value

__all__ = ["joined"]


def joined(function: Function) -> Function:
    """The same derivative, with both sweeps in it where that can be."""
    found = _find(function)
    if found is None:
        return function
    forward, reverse, pullbacks, taken = found
    ops: list[Op] = []
    names: dict[Value, Atom] = {}
    for op in function.body.ops:
        called = op.attribute.function if op.primitive is ir.INVOKE else None
        if op.results and op.result in (pullbacks, taken):
            continue
        if called is not None and called in (forward, reverse):
            args = [names.get(a, a) if isinstance(a, Value) else a for a in op.args]
            if called is reverse:
                args = args[1:]
            given = dict(zip(called.parameters, args, strict=True))
            copies = _Copy(dict(given))
            *body, returned = called.body.ops
            if called is forward:
                handed = _handed_over(forward, reverse)
                body = [inner for inner in body if inner not in handed]
            ops += copies.ops(body)
            for result in op.results:
                names[result] = copies.atom(returned.args[0])
        else:
            ops.append(_renamed(op, names))
    made = function.with_body(Region(ops, None))
    made.variables = (*function.variables, *forward.variables, *reverse.variables)
    return made


def _find(function: Function) -> tuple[Function, Function, Value, Value] | None:
    """Both sweeps of the function, the list between them and what is taken from it."""
    calls: Counter[Function] = Counter()
    for reached in functions_reached(function)[0]:
        for op in ir.walk(reached.body):
            if op.primitive is ir.INVOKE and op.attribute.function is not None:
                calls[op.attribute.function] += 1
    for op in function.body.ops:
        if op.primitive is not ir.INVOKE or op.attribute.how != "closure":
            continue
        reverse = op.attribute.function
        taken = op.args[0]
        at = [o for o in function.body.ops if taken in o.results]
        if not at or at[0].primitive is not memory.METHOD_OF:
            return None
        pullbacks = at[0].args[0]
        for other in function.body.ops:
            if other.primitive is ir.INVOKE and pullbacks in other.args:
                forward = other.attribute.function
                fits = calls[forward] == 1 and calls[reverse] == 1
                if fits and _straight(forward) and _straight(reverse):
                    assert isinstance(pullbacks, Value) and isinstance(taken, Value)
                    if _handed_over(forward, reverse):
                        return forward, reverse, pullbacks, taken
    return None


def _straight(function: Function) -> bool:
    """Whether a function returns at its end, and nowhere else."""
    returns = [op for op in ir.walk(function.body) if op.primitive is ir.RETURN]
    return len(returns) == 1 and function.body.ops[-1] is returns[0]


def _handed_over(forward: Function, reverse: Function) -> list[Op]:
    """The operations that put the function that goes back on the list; none if it is used more."""
    made = [op for op in forward.body.ops if op.attribute is reverse]
    if len(made) != 1 or made[0].primitive is not memory.MAKE_FUNCTION:
        return []
    uses = [op for op in ir.walk(forward.body) if made[0].result in op.args]
    if len(uses) != 1 or uses[0] not in forward.body.ops:
        return []
    pullbacks = uses[0].args[0]
    alone = sum(pullbacks in op.args for op in ir.walk(forward.body)) == 1
    return [made[0], uses[0]] if alone and pullbacks in forward.parameters else []


class _Copy:
    """Copies of operations, with values of their own."""

    def __init__(self, names: dict[Value, Atom]) -> None:
        self.names = names

    def atom(self, atom: Atom) -> Atom:
        return self.names.get(atom, atom) if isinstance(atom, Value) else atom

    def fresh(self, value: Value) -> Value:
        made = Value(value.type, value.name)
        self.names[value] = made
        return made

    def ops(self, ops: list[Op]) -> list[Op]:
        return [self.op(op) for op in ops]

    def op(self, op: Op) -> Op:
        args = tuple(map(self.atom, op.args))
        regions = tuple(map(self.region, op.regions))
        return op.replace(args=args, results=tuple(map(self.fresh, op.results)), regions=regions)

    def region(self, region: Region) -> Region:
        parameters = tuple(map(self.fresh, region.parameters))
        ops = self.ops(list(region.ops))
        results = None if region.results is None else tuple(map(self.atom, region.results))
        return Region(ops, results, region.site, parameters)


def _renamed(op: Op, names: dict[Value, Atom]) -> Op:
    def atom(found: Atom) -> Atom:
        return names.get(found, found) if isinstance(found, Value) else found

    regions = tuple(
        Region(
            [_renamed(inner, names) for inner in region.ops],
            None if region.results is None else tuple(map(atom, region.results)),
            region.site,
            region.parameters,
        )
        for region in op.regions
    )
    return op.replace(args=tuple(map(atom, op.args)), regions=regions)
