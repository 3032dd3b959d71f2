"""Steps of control: each construct keeps what its reverse needs to find its way back."""

from __future__ import annotations

from sourcediff import ir, types
from sourcediff.frontend.primitives import TUPLE
from sourcediff.ir import Atom, Op, Region, Value
from sourcediff.transform.scaled import Scaled
from sourcediff.transform.whole.build import FALSE, TRUE, integer
from sourcediff.transform.whole.steps import Step, turn_back
from sourcediff.transform.whole.stores import (
    ARMS,
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
        arms = []
        for one in both:
            with self.back.block() as ops:
                turn_back(self.back, one.steps, left)
            arms.append(Region(ops, ()))
        self.back.op(ARMS, (), None, arm, arms)

    return [Step(back, self.exits.of(op))]


def loop(self: Sweep, op: Op) -> list[Step]:
    """``while True``: the reverse takes the turns backwards."""
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
        if turns is not None:
            self.code.op(SAVE, (number,), None, turns)
    if op.primitive is ir.RETURN:
        self.code.op(SAVE, (number,), None, self.left)
    self.code.append(op.replace(args=args))
    return found


Sweep.control.update({ir.IF: branch, ir.WHILE: loop, ir.TRY: guarded})
Sweep.control.update(dict.fromkeys(ir.EXITS, leave))
