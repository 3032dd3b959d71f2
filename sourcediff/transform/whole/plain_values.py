"""Variables that only their own function uses become values, carried through branches and loops.

The sweeps keep everything in variables, which have one rule for all of their reads and writes.
What no function inside sees and no exception can leave half-way needs no memory: a read is what
was written last, a branch yields what its arms wrote, a loop carries it.

>>> from sourcediff.ir import Const, Function, Op, Region, Value, Variable
>>> from sourcediff.types import REAL, Slot
>>> x, y = Value(REAL, "x"), Value(REAL)
>>> variable = Variable("x_bar", Slot(REAL))
>>> write = Op(WRITE, (x,), (), attribute=variable)
>>> read = Op(READ, (), (y,), attribute=variable)
>>> function = Function("f", [x], Region([write, read], (y,)))
>>> function.variables = (variable,)
>>> promote(function)
>>> print(function)
f(x: Real):
    yield x
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sourcediff import ir
from sourcediff.ir import Atom, Const, Function, Op, Region, Value, Variable
from sourcediff.memory import FORGET, LIST, MAKE_FUNCTION, READ, WRITE

__all__ = ["promote"]

#: What each variable holds now; one that is missing may hold nothing.
Env = dict[Variable, Atom]


def promote(function: Function, called: Mapping[Variable, str] | None = None) -> None:
    """Make values of the variables of a function, where that can be.

    Args:
        called: what the values are called, if not as the variables are.
    """
    kept = set(_kept(function))
    while True:
        wanted = {v for v in function.variables if v not in kept}
        try:
            body = _Promotion(wanted, called or {}).whole(function.body)
        except _Unbound as found:
            kept.add(found.variable)
            continue
        function.body = body
        function.variables = tuple(v for v in function.variables if v in kept)
        return


def _kept(function: Function) -> Iterator[Variable]:
    """The variables that stay: functions inside or try statements use them."""

    def touched(region: Region) -> Iterator[Variable]:
        for op in ir.walk(region):
            if op.primitive in (READ, WRITE):
                yield op.attribute
            elif op.primitive is FORGET:
                yield op.attribute[0] if isinstance(op.attribute, tuple) else op.attribute
            elif op.primitive is MAKE_FUNCTION:
                yield from touched(op.attribute.body)
            elif op.primitive is ir.TRY:
                yield from (h.variable for h in op.attribute.handlers if h.variable is not None)

    for op in ir.walk(function.body):
        if op.primitive is MAKE_FUNCTION:
            yield from touched(op.attribute.body)
        elif op.primitive is ir.TRY or op.primitive is FORGET:
            yield from touched(Region([op], ()))


class _Unbound(Exception):
    """A variable may be read where nothing is bound to it, or only the run knows what."""

    def __init__(self, variable: Variable) -> None:
        self.variable = variable


class _Loop:
    """A loop on the way: what it carries, and with what its breaks leave."""

    def __init__(self, carried: list[Variable]) -> None:
        self.carried = carried
        self.breaks: list[Env] = []


class _Promotion:
    """One attempt, for the variables that are wanted."""

    def __init__(self, wanted: set[Variable], called: Mapping[Variable, str]) -> None:
        self.called = called
        self.wanted = wanted
        self.alias: dict[Value, Atom] = {}
        self.loops: list[_Loop] = []
        #: Lists that are made here: they are called after the variable that holds them.
        self.lists: set[Atom] = set()

    def value_of(self, variable: Variable) -> Value:
        """A value that a variable holds."""
        return Value(variable.slot.type, self.called.get(variable, variable.name))

    def whole(self, body: Region) -> Region:
        """The body of a function."""
        region, _ = self.region(body, {})
        return region

    def atom(self, atom: Atom) -> Atom:
        while isinstance(atom, Value) and atom in self.alias:
            atom = self.alias[atom]
        return atom

    def region(self, region: Region, env: Env) -> tuple[Region, Env | None]:
        """A region, and what variables hold at its end; None if control does not get there."""
        ops: list[Op] = []
        for op in region.ops:
            self.op(op, ops, env)
        if region.results is None:
            return Region(ops, None, region.site, region.parameters), None
        results = tuple(map(self.atom, region.results))
        return Region(ops, results, region.site, region.parameters), env

    def op(self, op: Op, ops: list[Op], env: Env) -> None:
        if op.primitive is READ and op.attribute in self.wanted:
            if op.attribute not in env:
                raise _Unbound(op.attribute)
            for result in op.results:
                self.alias[result] = env[op.attribute]
        elif op.primitive is WRITE and op.attribute in self.wanted:
            atom = env[op.attribute] = self.atom(op.args[0])
            if atom in self.lists and isinstance(atom, Value) and atom.name is None:
                atom.name = self.called.get(op.attribute, op.attribute.name)
        elif op.primitive is ir.IF:
            self.branch(op, ops, env)
        elif op.primitive in (ir.WHILE, ir.FOR):
            self.loop(op, ops, env)
        elif op.primitive in (ir.BREAK, ir.CONTINUE):
            loop = self.loops[-1]
            args = tuple(map(self.atom, op.args))
            if op.primitive is ir.BREAK:
                loop.breaks.append(dict(env))
            ops.append(op.replace(args=(*args, *(env[v] for v in loop.carried))))
        else:
            if op.primitive is LIST:
                self.lists.update(op.results)
            regions = tuple(self.region(inner, dict(env))[0] for inner in op.regions)
            ops.append(op.replace(args=tuple(map(self.atom, op.args)), regions=regions))

    def branch(self, op: Op, ops: list[Op], env: Env) -> None:
        made = [self.region(region, dict(env)) for region in op.regions]
        ends = [end for _, end in made if end is not None]
        joined: list[Variable] = []
        gone: list[Variable] = []
        for variable in dict.fromkeys(v for end in ends for v in end):
            if any(variable not in end for end in ends):
                gone.append(variable)
            elif any(end[variable] is not env.get(variable) for end in ends):
                joined.append(variable)
        results = [self.value_of(v) for v in joined]
        regions = []
        for region, end in made:
            if end is None or region.results is None:
                regions.append(region)
            else:
                more = tuple(end[v] for v in joined)
                regions.append(
                    Region(region.ops, (*region.results, *more), region.site, region.parameters)
                )
        test = self.atom(op.args[0])
        ops.append(
            op.replace(args=(test,), results=(*op.results, *results), regions=tuple(regions))
        )
        for variable in gone:
            env.pop(variable, None)
        env.update(zip(joined, results, strict=True))

    def loop(self, op: Op, ops: list[Op], env: Env) -> None:
        written = _written(op)
        carried = [v for v in written if v in self.wanted and v in env]
        for variable in written:
            if variable not in env:
                env.pop(variable, None)
        args = [*map(self.atom, op.args), *(env[v] for v in carried)]
        loop = _Loop(carried)
        regions: list[Region] = []
        now = dict(env)
        for place, region in enumerate(op.regions):
            inner = now if place == 0 or (op.primitive is ir.WHILE and place == 1) else dict(env)
            in_loop = place == 0 or (op.primitive is ir.WHILE and place == 1)
            if (op.primitive is ir.FOR and place == 1) or place == 2:
                raise _Unbound(carried[0]) if carried else AssertionError("else of a loop")
            values = [self.value_of(v) for v in carried]
            inner.update(zip(carried, values, strict=True))
            if in_loop:
                self.loops.append(loop)
            made, end = self.region(region, inner)
            if in_loop:
                self.loops.pop()
            yielded = None
            if made.results is not None and end is not None:
                yielded = (*made.results, *(end[v] for v in carried))
            regions.append(Region(made.ops, yielded, made.site, (*made.parameters, *values)))
            if op.primitive is ir.WHILE and place == 0:
                assert end is not None
                now = end
        results = [self.value_of(v) for v in carried]
        ops.append(
            op.replace(args=tuple(args), results=(*op.results, *results), regions=tuple(regions))
        )
        self.after(op, loop, results, env, written)

    def after(
        self, op: Op, loop: _Loop, results: list[Value], env: Env, written: list[Variable]
    ) -> None:
        """What variables hold after a loop."""
        env.update(zip(loop.carried, results, strict=True))
        test = op.regions[0].results
        endless = op.primitive is ir.WHILE and test is not None and isinstance(test[0], Const)
        for variable in written:
            if variable in loop.carried or variable not in self.wanted:
                continue
            env.pop(variable, None)
            if not endless:
                continue
            # Bound before each break, to what is carried out under another name.
            for other, result in zip(loop.carried, results, strict=True):
                if loop.breaks and all(
                    variable in end and end[variable] is end[other] for end in loop.breaks
                ):
                    env[variable] = result
                    break


def _written(op: Op) -> list[Variable]:
    found: dict[Variable, None] = {}
    for region in op.regions:
        for inner in ir.walk(region):
            if inner.primitive is WRITE:
                found.setdefault(inner.attribute)
    return list(found)
