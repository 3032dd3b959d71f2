"""What a loop carries that only its last turn changes is not written anew in every turn.

``left = False`` before a loop that sets it where it breaks needs no ``left = False`` at the end of
each turn: what a turn hands on is then what it took.
"""

from __future__ import annotations

from sourcediff.ir import BREAK, CONTINUE, FOR, IF, WHILE, Atom, Const, Function, Op, Region, Value

__all__ = ["hand_on_constants"]


def hand_on_constants(function: Function) -> Function:
    """Hand on what a turn took, where that is the constant that it hands on."""
    return function.with_body(_region(function.body))


def _region(region: Region) -> Region:
    ops = []
    for op in region.ops:
        if op.regions:
            op = op.replace(regions=tuple(map(_region, op.regions)))
        ops.append(_loop(op) if op.primitive in (FOR, WHILE) else op)
    return region.replace(ops, region.results)


def _loop(op: Op) -> Op:
    head = 1 if op.primitive is FOR else 0
    number = 1 if op.primitive is WHILE else 0
    before = op.args[head:]
    constant: dict[int, Const] = {}
    for place, start in enumerate(before):
        if not isinstance(start, Const):
            continue
        if all(start.same_as(atom) for atom in _next(op, head, number, place)):
            constant[place] = start
    if not constant:
        return op
    regions = []
    for which, part in enumerate(op.regions):
        shift = head if which == 0 else 0
        taken = part.parameters[shift:]
        first = 1 if which < number else 0
        results = part.results
        if results is not None and which <= number:
            results = (*results[:first], *_handed(results[first:], taken, constant))
        ops = _exits(part, taken, constant) if which == number else list(part.ops)
        regions.append(part.replace(ops, results))
    return op.replace(regions=tuple(regions))


def _next(op: Op, head: int, number: int, place: int) -> list[Atom]:
    """What the turns hand on to the next one; no value of the last one."""
    found = []
    for which, part in enumerate(op.regions[: number + 1]):
        if part.results is not None:
            found.append(part.results[place + (1 if which < number else 0)])
    found += [e.args[place] for e in _continues(op.regions[number])]
    taken = [
        part.parameters[place + (head if which == 0 else 0)]
        for which, part in enumerate(op.regions[: number + 1])
    ]
    return [atom for atom in found if atom not in taken]


def _continues(region: Region) -> list[Op]:
    found = []
    for op in region.ops:
        if op.primitive is CONTINUE:
            found.append(op)
        elif op.primitive is IF:
            found += [e for part in op.regions for e in _continues(part)]
    return found


def _handed(
    atoms: tuple[Atom, ...], taken: tuple[Value, ...], constant: dict[int, Const]
) -> tuple[Atom, ...]:
    return tuple(
        taken[place] if place in constant and constant[place].same_as(atom) else atom
        for place, atom in enumerate(atoms)
    )


def _exits(region: Region, taken: tuple[Value, ...], constant: dict[int, Const]) -> list[Op]:
    """The operations of a turn, whose exits hand on what it took."""
    ops = []
    for op in region.ops:
        if op.primitive in (BREAK, CONTINUE):
            op = op.replace(_handed(op.args, taken, constant))
        elif op.primitive is IF:
            inner = tuple(r.replace(_exits(r, taken, constant), r.results) for r in op.regions)
            op = op.replace(regions=inner)
        ops.append(op)
    return ops
