"""Steps of control: each construct keeps what its reverse needs to find its way back."""

from __future__ import annotations

from sourcediff import ir, types
from sourcediff.frontend.primitives import TUPLE
from sourcediff.ir import Atom, Const, Op, Region, Value
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.whole.build import FALSE, TRUE, ZERO_INT, Code, integer
from sourcediff.transform.whole.steps import Step, turn_back
from sourcediff.transform.whole.stores import (
    ARMS,
    COUNTED,
    DROP,
    SAVE,
    TURNS,
)
from sourcediff.transform.whole.sweep import BEFORE, Sweep
from sourcediff.types import INT

__all__: list[str] = []


def branch(self: Sweep, op: Op) -> list[Step]:
    """``if``: the reverse goes into the same arm."""
    if self.labels is not None:
        regions = tuple(self.region(inner).forward for inner in op.regions)
        self.code.append(op.replace(regions=regions))
        return []
    arm = self.stores.make("arm", types.BOOL, self.several)
    both = [
        self.region(inner, lambda which=which: self.code.op(SAVE, (which,), None, arm))  # type: ignore[misc]
        for inner, which in zip(op.regions, (TRUE, FALSE), strict=True)
    ]
    self.code.append(op.replace(regions=tuple(one.forward for one in both)))

    def back(left: Atom) -> None:
        known = _taken(self, op, left)
        if known is not None:
            turn_back(self.back, both[known].steps, left)
            return
        arms = []
        for one in both:
            with self.back.block() as ops:
                turn_back(self.back, one.steps, left)
            arms.append(Region(ops, ()))
        self.back.op(ARMS, (), None, arm, arms)

    return [Step(back, self.exits.of(op))]


def _taken(self: Sweep, op: Op, left: Atom) -> int | None:
    """The arm of a branch that was taken, where the code of how control left tells."""
    if not isinstance(left, Const):
        return None
    leaving = [frozenset().union(*map(self.exits.of, region.ops)) for region in op.regions]
    if any(left.value in codes for codes in leaving):
        found = [place for place, codes in enumerate(leaving) if left.value in codes]
    else:
        found = [place for place, region in enumerate(op.regions) if region.results is not None]
    return found[0] if len(found) == 1 else None


class _Count:
    """How many turns of a loop came to their end: counted in a variable, kept in a store."""

    def __init__(self, self_: Sweep) -> None:
        self.variable = self_.code.variable("count", INT)
        self.store = self_.stores.make("turns", INT, self_.several)
        self_.code.write(self.variable, ZERO_INT)

    def turn(self, code: Code) -> None:
        """A turn has come to its end."""
        code.write(self.variable, code.plus(code.read(self.variable), integer(1)))

    def keep(self, code: Code) -> None:
        """The loop was left."""
        code.op(SAVE, (code.read(self.variable),), None, self.store)


def _counted(self: Sweep, op: Op, guard: Op) -> list[Step]:
    """A loop that its test ends: the reverse takes back the test, and then as many turns."""
    test, body = op.regions
    count = _Count(self)
    outer, self.several = self.several, True
    self.loops.append(count)
    with self.code.block() as ops:
        steps = self.steps(body)
        if body.results is not None:
            count.turn(self.code)
    self.loops.pop()
    self.several = outer
    turn = Region(ops, body.results, body.site)
    self.code.append(op.replace(regions=(test, turn)))
    count.keep(self.code)
    (number,) = self.exits.of(guard)

    def back(_: Atom) -> None:
        regions = []
        for left in (number, 0):
            with self.back.block() as inside:
                turn_back(self.back, steps, integer(left))
            regions.append(Region(inside, ()))
        _keep_after_test(self, turn, regions[0])
        self.back.op(COUNTED, (), None, count.store, regions)

    return [Step(back, self.exits.of(op))]


def _keep_after_test(self: Sweep, turn: Region, last: Region) -> None:
    """Keep what stands before the test of a loop only where a turn follows.

    Args:
        turn: a turn of the forward sweep.
        last: the reverse of the last turn, which comes no further than to the test.
    """
    place = next(
        n
        for n, op in enumerate(turn.ops)
        if any(one.primitive is ir.BREAK for region in op.regions for one in region.ops)
    )
    used = self.stores.behind(arg for op in ir.walk(last) for arg in op.args)
    saves = [op for op in turn.ops[:place] if op.primitive is SAVE and op.args[0] not in used]
    if any(op.primitive is SAVE and op not in saves for op in turn.ops[:place]):
        return
    dropped = {op.attribute for op in saves}
    rest = [op for op in turn.ops if op not in saves]
    place -= len(saves)
    turn.ops = [*rest[: place + 1], *saves, *rest[place + 1 :]]
    last.ops = [op for op in last.ops if op.primitive is not DROP or op.attribute not in dropped]


def loop(self: Sweep, op: Op) -> list[Step]:
    """``while True``: the reverse takes the turns backwards."""
    guard = self.exits.guard(op) if self.labels is None else None
    if guard is not None and not self.exits.of(op):
        return _counted(self, op, guard)
    test, body = op.regions
    outer, self.several = self.several, True
    turns = None if self.labels is not None else self.stores.make("turns", INT, True)
    if turns is not None:
        self.code.op(SAVE, (BEFORE,), None, turns)
    self.loops.append(turns)
    with self.code.block() as ops:
        steps = self.steps(body)
        if body.results is not None and turns is not None:
            self.code.op(SAVE, (integer(0),), None, turns)
    self.loops.pop()
    self.several = outer
    self.code.append(op.replace(regions=(test, Region(ops, body.results, body.site))))
    if turns is None:
        return []

    def back(_: Atom) -> None:
        left = Value(INT)
        with self.back.block() as inside:
            turn_back(self.back, steps, left)
        self.back.op(TURNS, (), None, turns, (Region(inside, (), None, (left,)),))

    return [Step(back, self.exits.of(op))]


def guarded(self: Sweep, op: Op) -> list[Step]:
    """``try``: the steps that were taken have labels."""
    self.exits.check(op)
    if self.labels is not None:
        regions = tuple(self.region(inner).forward for inner in op.regions)
        self.code.append(op.replace(regions=regions))
        return []
    outer = self.several, self.arms
    self.several, self.arms = True, []
    self.labels = labels = self.stores.labels()
    self.code.op(SAVE, (BEFORE,), None, labels)
    regions = tuple(self.region(inner).forward for inner in op.regions)
    self.code.append(op.replace(regions=regions))
    arms = self.arms
    self.several, self.arms = outer
    self.labels = None
    return [Step(lambda _: self.turn_back_labelled(labels, arms), self.exits.of(op))]


def leave(self: Sweep, op: Op) -> list[Step]:
    """``return``, ``break``, ``continue``: the code says so for all that is left."""
    number = integer(self.exits.number[op])
    found: list[Step] = []
    inside = self.loops if op.primitive is ir.RETURN else self.loops[-1:]
    args = op.args
    if op.primitive is ir.RETURN:
        atom = op.args[0]
        made = self.made
        if made.gives_shadow:
            pair = (atom, self.shadow_of(atom, made.returns))
            assert made.forward.returns is not None
            args = (self.code.op(TUPLE, pair, made.forward.returns),)
        elif made.gives_number:
            seed = made.backward.parameters[0]
            found = self.labelled(Step(lambda _: self.add(atom, Scaled(1.0, seed))))
    for turns in reversed(inside):
        if turns is not None and not isinstance(turns, _Count):
            self.code.op(SAVE, (number,), None, turns)
    if op.primitive is ir.RETURN:
        self.code.op(SAVE, (number,), None, self.left)
    self.code.append(op.replace(args=args))
    return found


Sweep.control.update({ir.IF: branch, ir.WHILE: loop, ir.TRY: guarded})
Sweep.control.update(dict.fromkeys(ir.EXITS, leave))
