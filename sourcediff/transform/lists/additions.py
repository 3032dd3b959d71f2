"""Adding to one place of an adjoint, written as what it is: a load, a sum, a store."""

from __future__ import annotations

from sourcediff.ir import Atom, Function, Op, Region, Value, walk
from sourcediff.memory import ADD_AT, METHOD_OF, SET_ITEM, SUBSCRIPT
from sourcediff.transform.adjoint.scaled import ADD

__all__ = ["write_additions"]


def write_additions(function: Function) -> Function:
    """``whole[index] += value`` for every addition; nothing may be shared after that."""
    if not any(op.primitive.writes and op.order > 0 for op in walk(function.body)):
        return function
    return function.with_body(_region(_at_once(function.body)))


def _at_once(body: Region) -> Region:
    """What is only put into a list needs no name: ``xs_bar[i] += 2.0 * x``."""
    uses: dict[Atom, int] = {}
    for op in walk(body):
        yielded = [atom for part in op.regions for atom in part.results or ()]
        for atom in (*op.args, *yielded):
            uses[atom] = uses.get(atom, 0) + 1
    renamed: dict[Value, Value] = {}
    _unnamed(body, uses, renamed)
    if not renamed:
        return body

    def region_of(part: Region) -> Region:
        return part.replace([changed(op) for op in part.ops], part.results)

    def changed(op: Op) -> Op:
        args = tuple(renamed.get(a, a) if isinstance(a, Value) else a for a in op.args)
        results = tuple(renamed.get(r, r) for r in op.results)
        return op.replace(args, results, tuple(map(region_of, op.regions)))

    return region_of(body)


def _unnamed(region: Region, uses: dict[Atom, int], renamed: dict[Value, Value]) -> None:
    here = {r: op for op in region.ops for r in op.results}
    for op in region.ops:
        for part in op.regions:
            _unnamed(part, uses, renamed)
        puts = op.primitive in (ADD_AT, SET_ITEM, METHOD_OF) and op.order > 0
        value = op.args[-1] if puts and op.args else None
        if not isinstance(value, Value) or value.adjoint_of is None or uses[value] != 1:
            continue
        made = here.get(value)
        if made is None or made.regions or made.primitive.effect or len(made.results) != 1:
            continue
        variables = {a.adjoint_of.name for a in made.args if isinstance(a, Value) and a.adjoint_of}
        if value.adjoint_of.name not in variables:
            renamed[value] = Value(value.type)


def _region(region: Region) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.primitive is ADD_AT:
            whole, index, value = op.args
            before, after = Value(value.type), Value(value.type)
            made = (
                Op(SUBSCRIPT, (whole, index), (before,), site=op.site, order=op.order),
                Op(ADD, (before, value), (after,), site=op.site, order=op.order),
                Op(SET_ITEM, (whole, index, after), (), site=op.site, order=op.order),
            )
            ops.extend(made)
        else:
            regions = tuple(map(_region, op.regions))
            ops.append(op.replace(regions=regions) if regions else op)
    return region.replace(ops, region.results)
