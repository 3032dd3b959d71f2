"""Reverse mode of loops, and of branches by which control leaves a turn.

A loop turns round into a loop that makes the same turns, the last one first (`ir.AGAIN`). It
carries the adjoint of what the loop carried, and the sum of what the turns contribute to the
adjoint of each value from outside. Its body refers to the values that the loop's own body had in
the same turn; how they get there is decided later (`residuals`).

What follows a branch that may leave belongs, turned round, to the arm that stays: the reverse of
``if c: break`` and a rest is ``if c: …  else: the reverse of the rest``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.ir import (
    AGAIN,
    BREAK,
    CONTINUE,
    FOR,
    IF,
    WHILE,
    Atom,
    Const,
    Family,
    Op,
    Region,
    Value,
)
from sourcediff.transform.adjoint.adjoints import Adjoints, defined_in, named
from sourcediff.transform.adjoint.domains import domains_kept
from sourcediff.transform.adjoint.scaled import NOT, ZERO, Scaled
from sourcediff.transform.arrays.code import is_array
from sourcediff.transform.branches.turning import close_branch, turn_round_branch

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.reverse import Reverse

__all__ = ["Turn", "first_leaving", "turn_round_leaving", "turn_round_loop"]

Ends = Sequence[tuple[Atom, Scaled]]

TRUE, FALSE = Const(True, types.BOOL), Const(False, types.BOOL)


class Turn:
    """The turns of a loop that is being turned round.

    seeds   by the place of a carried value, the adjoint of what a turn makes of it
    """

    def __init__(self, seeds: dict[int, Value]) -> None:
        self.seeds = seeds

    def ends(self, atoms: Sequence[Atom]) -> Ends:
        """What a turn that ends with these values starts its reverse with."""
        return [(atoms[place], Scaled(1.0, seed)) for place, seed in self.seeds.items()]


# Branches that leave -------------------------------------------------------------------------


def leaves(region: Region) -> bool:
    """Whether control may leave the turn from here."""
    return any(
        op.primitive in (BREAK, CONTINUE) or (op.primitive is IF and any(map(leaves, op.regions)))
        for op in region.ops
    )


def first_leaving(ops: Sequence[Op]) -> int | None:
    """The place of the first branch by which control may leave."""
    for place, op in enumerate(ops):
        if op.primitive is IF and any(map(leaves, op.regions)):
            return place
    return None


def always_leaves(region: Region) -> bool:
    """Whether control never gets to the end of a region, and not only by exceptions."""
    return region.results is None and leaves(region)


def turn_round_leaving(
    run: Reverse, op: Op, rest: Sequence[Op], ends: Ends, adjoints: Adjoints
) -> list[Op]:
    """Append the reverse of a branch and of what follows it; the forward operations again."""
    if _is_no_matter(run, op, rest, ends):
        run.hand_on(ends, adjoints)
        return [op, *rest]
    if any(leaves(region) and not always_leaves(region) for region in op.regions):
        return _sometimes(run, op, rest, ends, adjoints)
    stays = next((k for k, r in enumerate(op.regions) if r.results is not None), None)
    following: list[Op] = list(rest)
    inner: list[Adjoints] = []
    codes: list[list[Op]] = []
    forward: list[Region] = []
    site, fresh = run.builder.site, run.fresh
    for place, region in enumerate(op.regions):
        arm = Adjoints(adjoints)
        run.fresh = []
        with run.builder.block() as code:
            seeds: Ends = ()
            if place == stays:
                run.lists.settle_in(
                    op.results, arm
                )  # there are such lists only where control stays
                following = run.turn_round(rest, arm, ends)
                assert region.results is not None
                found = [run.adjoint_at(result, arm) for result in op.results]
                seeds = [(a, s) for a, s in zip(region.results, found, strict=True) if s]
            region = region.replace(run.turn_round(region.ops, arm, seeds), region.results)
            run.flush()
        run.builder.site = site
        inner.append(arm)
        codes.append(code)
        forward.append(region)
    run.fresh = fresh
    arrives = [r.results is not None or leaves(r) for r in op.regions]
    close_branch(run, op, inner, codes, arrives, adjoints, "statement")
    return [op.replace(regions=tuple(forward)), *following]


def _is_no_matter(run: Reverse, op: Op, rest: Sequence[Op], ends: Ends) -> bool:
    """Whether a turn ends with the same at a branch, whether control leaves there or not."""
    assert run.turn is not None
    if any(run.concerns(other) for other in rest):
        return False
    for region in op.regions:
        if not region.ops and region.results is not None:
            continue
        if len(region.ops) != 1 or region.ops[0].primitive not in (BREAK, CONTINUE):
            return False
        handed = run.turn.ends(region.ops[0].args)
        if any(one is not other for (one, _), (other, _) in zip(handed, ends, strict=True)):
            return False
    return True


def _sometimes(
    run: Reverse, op: Op, rest: Sequence[Op], ends: Ends, adjoints: Adjoints
) -> list[Op]:
    """A branch of which an arm leaves on some of its ways: what follows is under a test of that."""
    if not any(run.concerns(other) for other in rest):
        places = {result: place for place, result in enumerate(op.results)}
        inside = [(places.get(atom, atom), adjoint) for atom, adjoint in ends]  # type: ignore[arg-type]
        return [turn_round_branch(run, op, adjoints, inside), *rest]
    run.lists.refuse_chosen(op)
    stayed = _stayed(run, op)
    site, fresh = run.builder.site, run.fresh
    run.fresh = []
    arm, other = Adjoints(adjoints), Adjoints(adjoints)
    with run.builder.block() as code:
        following = run.turn_round(rest, arm, ends)
        run.flush()
    run.builder.site = site
    run.fresh = fresh
    branch = Op(IF, (stayed,), (), (), "statement", site)
    close_branch(run, branch, [arm, other], [code, []], [True, True], adjoints, "statement")
    return [turn_round_branch(run, op, adjoints, []), *following]


def _stayed(run: Reverse, op: Op) -> Atom:
    """Whether control went on behind a branch, as an expression in its tests."""
    regions = []
    for region in op.regions:
        with run.builder.block() as code:
            answer = _all_stayed(run, region.ops) if region.results is not None else FALSE
        regions.append(Region(code, (answer,)))
    return _chosen(run, op.args, regions)


def _all_stayed(run: Reverse, ops: Sequence[Op]) -> Atom:
    place = first_leaving(ops)
    if place is None:
        return TRUE
    stayed = _stayed(run, ops[place])
    with run.builder.block() as code:
        others = _all_stayed(run, ops[place + 1 :])
    if others is TRUE:
        return stayed
    return _chosen(run, (stayed,), [Region(code, (others,)), Region([], (FALSE,))])


def _chosen(run: Reverse, args: tuple[Atom, ...], regions: Sequence[Region]) -> Atom:
    """Which of two truths holds, as Python would have it: ``a and b``, ``not a``."""
    builder = run.builder
    (test,) = args
    one, other = ((r.results or (FALSE,))[0] for r in regions)
    if one is FALSE and other is TRUE:
        return builder.emit(NOT, (test,), types.BOOL)
    if one is TRUE and other is FALSE:
        return test
    if one is other and isinstance(one, Const):
        return one
    form = "or" if one is TRUE else "and" if other is FALSE else "expression"
    if one is FALSE or other is TRUE:
        # Turned round, it is ``not test and other``, or ``not test or one``.
        args = (builder.emit(NOT, (test,), types.BOOL),)
        regions = regions[::-1]
        form = "and" if one is FALSE else "or"
    result = Value(types.BOOL)
    builder.append(Op(IF, args, (result,), tuple(regions), form, builder.site, builder.order))
    return result


# Loops ---------------------------------------------------------------------------------------


def turn_round_loop(run: Reverse, op: Op, adjoints: Adjoints) -> Op:
    """Append the reverse of a loop; give back the forward operation."""
    head = 1 if op.primitive is FOR else 0
    number = 1 if op.primitive is WHILE else 0
    body = op.regions[number]
    assert len(op.regions) == number + 1, "loops have no else here"
    carried = body.parameters[head:]
    active = [k for k, p in enumerate(carried) if p in run.active and not run.lists.is_memory(p)]
    wholes = [k for k, p in enumerate(carried) if p in run.active and run.lists.is_memory(p)]
    found = {k: run.settle(op.results[k], adjoints) for k in active}
    acts = run.turned_inside(op) or run.lists.writes_inside(op)
    acts = acts or any(run.lists.known(op.results[k], adjoints) is not None for k in wholes)
    if all(adjoint.is_zero for adjoint in found.values()) and not acts:
        return domains_kept(op)
    family = op.family or Family()
    seeds = {k: run.arrays.seed(carried[k], op.results[k]) for k in active}
    for k in wholes:
        seeds[k] = _shadow_of(run, carried[k])
        if is_array(seeds[k]):
            run.arrays.seed_with(seeds[k], carried[k], op.results[k])
    before: list[Atom] = [run.arrays.full(op.results[k], found[k]) for k in active]
    before += [run.lists.shadow(op.results[k], adjoints) for k in wholes]
    inner = Adjoints(adjoints)
    inner.inside = set(defined_in(op))
    inner.mates = run.mates(family, op)
    outer_turn, run.turn = run.turn, Turn(seeds)
    site, fresh = run.builder.site, run.fresh
    run.fresh = []
    with run.builder.block() as code:
        run.lists.settle_in(body.parameters, inner)
        ends = () if body.results is None else run.turn.ends(body.results)
        forward = run.turn_round(body.ops, inner, ends)
        run.flush()
        run.builder.site = site
        yields = [run.final(carried[k], inner, at_home=True) for k in active]
        yields += [run.lists.shadow(carried[k], inner) for k in wholes]
        for value in list(inner.here):
            if value in inner.mates:
                run.per_turn.setdefault(value, []).append(run.final(value, inner))
        sums = {value: run.final(value, inner) for value in inner.accumulators}
    run.turn, run.fresh = outer_turn, fresh
    run.builder.site = site
    parameters = [seeds[k] for k in (*active, *wholes)]
    for value, parameter in inner.accumulators.items():
        entry = run.known(value, adjoints)
        total = ZERO if entry is None else run.builder.add(entry.before, entry.now)
        before.append(run.arrays.full(value, total))
        parameters.append(parameter)
        yields.append(sums[value])
    results = tuple(run.adjoint_of(_same_variable(op.args[head + k], carried[k])) for k in active)
    for k in wholes:
        result = _shadow_of(run, carried[k])
        if is_array(result):
            run.arrays.shapes.known[result] = run.arrays.shapes.of(op.args[head + k])
        results += (result,)
    results += tuple(run.adjoint_of(value) for value in inner.accumulators)
    backwards = not op.attribute if op.primitive is AGAIN else True
    again = Op(
        AGAIN,
        tuple(before),
        results,
        (Region(code, tuple(yields), None, tuple(parameters)),),
        backwards,
        site,
        run.builder.order,
        family=family,
    )
    run.builder.append(again)
    regions = list(op.regions)
    regions[number] = body.replace(forward, body.results)
    turned = op.replace(regions=tuple(regions))
    turned.family = family
    for place, value in enumerate(inner.accumulators, len(active) + len(wholes)):
        adjoints.here[value] = run.entry(results[place])
    for place, k in enumerate(active):
        start = op.args[head + k]
        if isinstance(start, Value) and start in run.active:
            run.contribute(start, Scaled(1.0, results[place]), adjoints)
    for place, k in enumerate(wholes, len(active)):
        start = op.args[head + k]
        if isinstance(start, Value):
            run.arrays.take_over(start, op)
            run.lists.link(start, results[place], adjoints)
    return turned


def _shadow_of(run: Reverse, carried: Value) -> Value:
    """A new value for the list or array of the adjoints of what a loop carries."""
    kind = run.lists.kind(carried.type)
    return Value(kind, adjoint_of=carried if named(carried) else None)


def _same_variable(start: Atom, carried: Value) -> Value:
    """What the adjoint after the loop is called after: the variable's value before it."""
    if isinstance(start, Value) and start.name == carried.name:
        return start
    return carried
