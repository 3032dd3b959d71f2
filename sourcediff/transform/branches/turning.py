"""Reverse mode of branches: a branch turns round into a branch on the same test.

Each arm turns round by itself, with the adjoints of the branch's results for those of what the arm
yields. What either arm contributes to the adjoint of a value from outside becomes a result of the
reverse branch; what an arm of it reads of the forward arm becomes one more result of that.

``if c: y = a * x  else: y = x`` turns round into ``if c: x_bar = y_bar * a  else: x_bar = y_bar``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from sourcediff.frontend.primitives import COPY, RAISE, YIELDED
from sourcediff.guards import COMPLETED, is_guarded, is_in_context, place_of_completion, test_of
from sourcediff.ir import AGAIN, DEAD, IF, Atom, Op, Region, Site, Value, walk
from sourcediff.transform.adjoint.adjoints import Adjoints, Entry, named
from sourcediff.transform.adjoint.domains import domains_kept
from sourcediff.transform.adjoint.scaled import ZERO, Scaled
from sourcediff.transform.arrays.code import adjoint_type
from sourcediff.transform.branches.exports import yielded_as

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.reverse import Reverse

__all__ = ["close_branch", "turn_round_branch"]


def turn_round_branch(
    run: Reverse,
    op: Op,
    adjoints: Adjoints,
    handed_on: Sequence[tuple[Atom | int, Scaled]] | None = None,
) -> Op:
    """Append the reverse of a branch; give back the forward operation.

    Args:
        handed_on: given where control may leave from inside of it: what is handed on where it
            does not, a result of the branch by its place, each with its adjoint.
    """
    leaves = handed_on is not None
    found = [
        (i, run.settle(r, adjoints)) for i, r in enumerate(op.results) if not run.lists.is_memory(r)
    ]
    seeds = [
        (i, run.builder.scaled(run.arrays.full(op.results[i], a)))
        for i, a in found
        if not a.is_zero
    ]
    acts = run.turned_inside(op) or run.lists.writes_inside(op)
    for number, result in enumerate(op.results):
        if run.lists.is_memory(result) and run.lists.known(result, adjoints) is not None:
            seeds.append((number, Scaled(1.0, run.lists.shadow(result, adjoints))))
    if not seeds and not leaves and not acts:
        return domains_kept(op)
    inner: list[Adjoints] = []
    codes: list[list[Op]] = []
    forward: list[Region] = []
    site, fresh = run.builder.site, run.fresh
    for number, region in enumerate(op.regions):
        arm = Adjoints(adjoints)
        run.fresh = []
        run.builder.arms.append((test_of(op), number))
        with run.builder.block() as code:
            if region.results is not None or leaves:
                run.enter(region.site)
                ends: list[tuple[Atom, Scaled]] = []
                if region.results is not None:
                    ends = [(region.results[i], a) for i, a in seeds]
                    for atom, adjoint in handed_on or ():
                        place = atom if isinstance(atom, int) else None
                        kept = region.results[place] if place is not None else atom
                        ends.append((kept, adjoint))  # type: ignore[arg-type]
                ops = run.turn_round(region.ops, arm, ends)
                region = region.replace(ops, region.results)
                run.flush()
        run.builder.arms.pop()
        run.builder.site = site
        inner.append(arm)
        codes.append(code)
        forward.append(region)
    run.fresh = fresh
    arrives = [r.results is not None or leaves for r in op.regions]
    form = op.attribute if op.attribute == "statement" else "expression"
    yields = close_branch(run, op, inner, codes, arrives, adjoints, form)
    if run.turn is not None and is_guarded(op):
        return _export_completed(run, op, forward, codes[1])
    if run.turn is not None:
        return op.replace(regions=tuple(forward))
    return _export(run, op, forward, codes, yields)


def close_branch(
    run: Reverse,
    op: Op,
    inner: list[Adjoints],
    codes: list[list[Op]],
    arrives: list[bool],
    adjoints: Adjoints,
    form: str,
) -> list[tuple[Atom, Atom]]:
    """Append a branch on the test of `op` whose arms hold the reverse of its arms."""
    site = run.builder.site
    results, yields = _join(run, op, inner, codes, arrives, adjoints)
    if results or any(map(_acts, codes)):
        regions = tuple(
            Region(code, tuple(pair[k] for pair in yields)) for k, code in enumerate(codes)
        )
        order = run.builder.order
        test = (test_of(op),) if op.regions else op.args
        again = _enter_again(run, op) if op.regions and is_in_context(op) else None
        if again is not None:
            test = (again,)
            done = Op(COMPLETED, (), (), site=site, order=order)
            arm = regions[1]
            never = [Op(RAISE, (), (), site=site, order=order)]
            regions = (Region(never, None), arm.replace([*arm.ops, done], arm.results))
            form = "statement"
        run.builder.append(Op(IF, test, tuple(results), regions, form, site, order))
    return yields


def _enter_again(run: Reverse, op: Op) -> Value | None:
    """Enter the context of a with statement for what turns its body round, if that helps."""
    guard = run.builder.definitions[op.args[0]]  # type: ignore[index]
    if not guard.attribute.again:
        return None
    again = guard.result.another()
    made = guard.replace(results=(again,))
    made.site, made.order = run.builder.site, run.builder.order
    run.builder.append(made)
    return again


def _join(
    run: Reverse,
    op: Op,
    inner: list[Adjoints],
    codes: list[list[Op]],
    arrives: list[bool],
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
            if not arrives[k]:
                sides.append(DEAD)
                continue
            with run.builder.again(codes[k]):
                if entry is None:
                    sides.append(run.arrays.zero_in_arm(value, op, k))
                    continue
                atom = run.arrays.full(value, run.builder.add(entry.before, entry.now))
                if entry is not before and named(value):
                    atom = _yielded(run, value, atom, entry.site)
                sides.append(atom)
        result = run.adjoint_of(value)
        results.append(result)
        yields.append((sides[0], sides[1]))
        adjoints.here[value] = Entry(Scaled(1.0, result), ZERO, run.builder.site)
    for value in {**inner[0].lists, **inner[1].lists}:
        if run.lists.homes[value][1] in inner:
            continue
        pair: list[Atom] = []
        for k in (0, 1):
            with run.builder.again(codes[k]):
                pair.append(run.lists.shadow(value, inner[k]) if arrives[k] else DEAD)
        kind = run.lists.kind(value.type)
        result = Value(kind, adjoint_of=value if named(value) else None)
        results.append(result)
        yields.append((pair[0], pair[1]))
        adjoints.lists[value] = result
    return results, yields


def _yielded(run: Reverse, value: Value, atom: Atom, site: Site | None) -> Atom:
    """What an arm leaves behind for a variable, as a statement under the variable's name."""
    if isinstance(atom, Value):
        if atom.adjoint_of is value:
            definition = run.builder.definitions.get(atom)
            if definition and definition.primitive is COPY and run.builder.is_here(atom):
                definition.primitive = YIELDED  # stays, as the arm's own statement
            return atom
        if run.builder.is_here(atom) and not named(atom):
            atom.adjoint_of = value
            return atom
    outer, run.builder.site = run.builder.site, site
    result = run.builder.emit(YIELDED, (atom,), adjoint_type(value))
    run.builder.site = outer
    result.adjoint_of = value
    return result


def _export(
    run: Reverse,
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
        for used in _used_values(codes[k], [pair[k] for pair in yields]):
            final = run.latest(used)
            if final in inside:
                wanted.setdefault(final)
        for value in wanted:
            known = yielded_as(op, k, value)
            outside = known if known is not None else value.another()
            run.exported[value] = outside
            if known is None:
                extra.append((outside, k, value))
            if value in run.active:
                run.active.add(outside)
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


def _export_completed(run: Reverse, op: Op, forward: list[Region], code: list[Op]) -> Op:
    """A try statement in a turn: its reverse reads what its body left when it had come through.

    What is kept of the turn is kept there, and not if the body raised after all.
    """
    (then, orelse) = forward
    place = place_of_completion(orelse.ops)
    assert place is not None
    inside = {r for o in orelse.ops[:place] for r in o.results}
    copies: list[Op] = []
    for used in _used_values(code, ()):
        value = run.latest(used)
        if value not in inside or value in run.exported:
            continue
        copied = Value(value.type)
        run.exported[value] = copied
        copies.append(Op(COPY, (value,), (copied,), site=op.site, order=run.builder.order))
        if value in run.active:
            run.active.add(copied)
    ops = [*orelse.ops[: place + 1], *copies, *orelse.ops[place + 1 :]]
    return op.replace(regions=(then, orelse.replace(ops, orelse.results)))


def _acts(ops: Sequence[Op]) -> bool:
    """Whether operations do something beside the adjoints that they leave behind.

    What the turns of a loop contribute is read by other loops.
    """
    return any(op.primitive.effect or op.primitive is AGAIN for op in walk(Region(ops, None)))


def _used_values(ops: Sequence[Op], atoms: Sequence[Atom]) -> Iterator[Value]:
    """Every value that operations, or the regions in them, or some atoms mention."""
    for op in ops:
        yield from (a for a in op.args if isinstance(a, Value))
        for region in op.regions:
            yield from _used_values(region.ops, region.results or ())
    yield from (a for a in atoms if isinstance(a, Value))
