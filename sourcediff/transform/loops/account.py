"""What the reverse of each loop keeps and computes again, and why: the plan of `residuals`.

Data for those who ask: nothing is decided here, and no text is looked at.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.transform.pipeline import differentiate, optimise_derivative, optimise_primal
>>> from sourcediff.types import INT, REAL
>>> def f(x, n):
...     for i in range(n):
...         x = i * x * x
...     return x
>>> primal = optimise_primal(lower_function(f, {"x": REAL, "n": INT}))
>>> x = primal.parameters[0]
>>> reverse = differentiate(primal, [x], as_tuple=False, with_value=False)
>>> _, (loop,) = accounts_of(optimise_derivative(reverse))
>>> [(d.value.name, d.fate.name, d.size) for d in loop.decisions]
[('i', 'COUNTED', 0), ('x', 'KEPT', 32), (None, 'AGAIN', 0)]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from sourcediff.ir import AGAIN, FOR, LOOPS, WHILE, Atom, Function, Op, Region, Site, Value, walk
from sourcediff.transform.loops.once import turns_once
from sourcediff.transform.loops.prices import Obstacle, obstacle_to, time_of
from sourcediff.transform.loops.residuals import Residuals
from sourcediff.transform.loops.rewind import plan_loops

__all__ = ["Account", "Course", "Decision", "Fate", "accounts_of"]

#: What a place in a list takes, and a tuple without its items.
PLACE, TUPLE = 8, 40
#: What the objects take.
SIZES = {"Real": 24, "Int": 28, "Bool": 0}


class Course(Enum):
    """What became of a loop."""

    MERGED = "turned round in the same pass"
    REVERSED = "turned round by a loop of its own"
    SEGMENTS = "in segments, whose turns are computed again"
    ONCE = "computed again"
    PLAIN = "not turned round"


class Fate(Enum):
    """Where the reverse has a value from."""

    KEPT = "kept"
    AGAIN = "computed again"
    COUNTED = "counted"
    REMEMBERED = "remembered"


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the reverse of a loop has a value from.

    site       the statement that computes it
    definition the operation that does; None for what a turn starts with
    size       how many bytes it takes for each turn, where it is kept
    time       what computing it takes, in rough nanoseconds, where that is possible
    obstacle   why it cannot be computed again
    sometimes  whether some turns only get to where it is computed
    """

    value: Value
    fate: Fate
    site: Site | None
    definition: Op | None
    size: int = 0
    time: int = 0
    obstacle: Obstacle | None = None
    sometimes: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """A loop, what became of it, and where its reverse has each value from that it reads.

    around  how many loops it is in
    size    how many bytes are kept for a turn in which all is kept
    """

    loop: Op
    course: Course
    around: int
    size: int
    decisions: tuple[Decision, ...]


def accounts_of(function: Function) -> tuple[Function, list[Account]]:
    """The account of every loop of a derivative of which it is still open what loops keep.

    Returns:
        the function with what is computed again in marked loops, and the accounts.
    """
    plan = plan_loops(function)
    chosen = function if plan is None else plan.function
    return chosen, list(_accounts(chosen.body, 0, False, plan))


def _accounts(
    region: Region, around: int, marked: bool, plan: Residuals | None
) -> Iterator[Account]:
    """The accounts of the loops of a region; `marked`: it belongs to what is computed again."""
    for op in region.ops:
        inner, again = around, marked
        if op.primitive in LOOPS and op.site is not None:
            account = _account(op, around, plan)
            hidden = (op.primitive is AGAIN and not account.decisions) or (
                marked and account.course is Course.PLAIN
            )
            if not hidden:
                yield account
            inner += 1
            again = marked or account.course in (Course.SEGMENTS, Course.ONCE)
        for part in op.regions:
            yield from _accounts(part, inner, again and op.primitive is not AGAIN, plan)


def _account(loop: Op, around: int, plan: Residuals | None) -> Account:
    family = loop.family
    if plan is None or family is None or plan.families[family][-1] is loop:
        course = Course.MERGED if loop.order else Course.PLAIN
        return Account(loop, course, around, 0, ())
    course = Course.REVERSED
    if family.again:
        course = Course.ONCE if turns_once(loop, plan.definitions) else Course.SEGMENTS
    decisions = tuple(_decisions(loop, plan))
    size = sum(decision.size for decision in decisions)
    for stream in plan.streams:
        if stream.home.loop is loop and len(stream.values) > 1:
            size += PLACE + TUPLE
    return Account(loop, course, around, size, decisions)


def _decisions(loop: Op, plan: Residuals) -> Iterator[Decision]:
    read = [v for v in _read(plan) if plan.homes[v].loop is loop]
    for value in sorted(read, key=lambda v: plan.homes[v].order):
        home = plan.homes[value]
        obstacle = obstacle_to(home.op, plan.stable)
        time = time_of(home.op) if home.op is not None and obstacle is None else 0
        size = 0
        if value in plan.kept:
            fate, size = Fate.KEPT, PLACE + SIZES.get(value.type.kind, 0)
        elif value in plan.exits:
            fate = Fate.REMEMBERED
        elif home.op is None:
            fate = Fate.COUNTED
        else:
            fate = Fate.AGAIN
        sometimes = bool(home.conditions)
        site = _site(value, loop, home.op)
        yield Decision(value, fate, site, home.op, size, time, obstacle, sometimes)


def _read(plan: Residuals) -> dict[Value, None]:
    """What the reverse reads, to compute other values again too."""
    found = dict(plan.needed)
    pending = list(found)
    while pending:
        value = pending.pop()
        op = plan.homes[value].op
        if value in plan.kept or value in plan.exits or op is None:
            continue
        for operand in plan.operands(op):
            if operand not in found:
                found[operand] = None
                pending.append(operand)
    return found


def _site(value: Value, loop: Op, definition: Op | None) -> Site | None:
    """The statement that computes a value: of what a turn starts with, in the turn before."""
    if definition is not None:
        return definition.site
    region = loop.regions[1 if loop.primitive is WHILE else 0]
    place = region.parameters.index(value) if value in region.parameters else -1
    place -= loop.primitive is FOR
    if place < 0 or region.results is None:
        return loop.site
    atom: Atom = region.results[place]
    made = next((op for op in walk(region) if atom in op.results), None)
    return loop.site if made is None or made.primitive in LOOPS or made.site is None else made.site
