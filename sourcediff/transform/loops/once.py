"""Calls that are computed again, as loops of one turn; and loops of one turn, as their turn.

A call of a function that is marked with `checkpoint`, in a loop, is a segment of its own: a loop
that makes one turn, of which nothing is kept but what it starts from (see `again`). When it has
been decided what loops keep, what is left of such loops is written as what it is.
"""

from __future__ import annotations

import builtins
from collections.abc import Sequence

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.flow import exits
from sourcediff.frontend.primitives import ENTERED, LEFT, PURE_CALL, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import FOR, Atom, Const, Family, Function, Op, Region, Value, walk
from sourcediff.transform.adjoint.scaled import ADD
from sourcediff.transform.smaller.optimise import substituted

__all__ = ["calls_as_turns", "turns_once", "without_single_turns"]

#: What the results of a call are before its one turn: nobody reads it.
STARTS: dict[types.Type, Const] = {
    types.REAL: Const(0.0, types.REAL),
    types.INT: Const(0, types.INT),
    types.BOOL: Const(False, types.BOOL),
}


def calls_as_turns(function: Function) -> Function:
    """Every call that is computed again as a loop of one turn."""
    if not any(op.primitive is ENTERED for op in walk(function.body)):
        return function
    return function.with_body(_wrapped(function.body, _read(function.body)))


def _read(region: Region) -> dict[Value, set[Op | None]]:
    """By value, the operations that read it, and those whose regions yield it (None: the body)."""
    found: dict[Value, set[Op | None]] = {}

    def look(region: Region, owner: Op | None) -> None:
        for op in region.ops:
            for atom in op.args:
                if isinstance(atom, Value):
                    found.setdefault(atom, set()).add(op)
            for part in op.regions:
                look(part, op)
        for atom in region.results or ():
            if isinstance(atom, Value):
                found.setdefault(atom, set()).add(owner)

    look(region, None)
    return found


def _wrapped(region: Region, read: dict[Value, set[Op | None]]) -> Region:
    """A region with its marked calls as loops, those within calls first."""
    ops: list[Op] = []
    starts: list[tuple[int, Op]] = []
    for op in region.ops:
        if op.primitive is ENTERED:
            starts.append((len(ops), op))
        elif op.primitive is LEFT:
            if starts and starts[-1][1].attribute is op.attribute:
                place, _ = starts.pop()
                inside, ops[place:] = ops[place:], []
                ops += _as_turn(inside, op, read)
        else:
            ops.append(op)
    inner = [
        op.replace(regions=tuple(_wrapped(r, read) for r in op.regions)) if op.regions else op
        for op in ops
    ]
    return region.replace(inner, region.results)


def _as_turn(inside: Sequence[Op], mark: Op, read: dict[Value, set[Op | None]]) -> list[Op]:
    """Operations as a loop of one turn, whose results are what is read of them outside."""
    own = set(walk(Region(inside, None)))
    results = [
        value
        for op in inside
        for value in op.results
        if any(reader not in own for reader in read.get(value, ()))
    ]
    for value in results:
        if value.type not in STARTS:
            raise DifferentiationError(
                "a function that is marked with checkpoint() and called in a loop must return "
                f"numbers, not {value.type}",
                mark.site.span if mark.site else None,
                "leave out checkpoint(), or mark the loop instead",
            )
    once = Value(types.RANGE)
    spec = CallSpec(range, Ref("module", builtins, ("range",)))
    taken = tuple(Value(v.type, v.name) for v in results)
    fresh: dict[Value, Atom] = {v: Value(v.type, v.name) for v in results}
    body = [
        op.replace(results=tuple(fresh.get(r, r) for r in op.results))  # type: ignore[misc]
        for op in substituted(inside, fresh)
    ]
    turn = Region(body, tuple(fresh[v] for v in results), None, (Value(types.INT, "_"), *taken))
    loop = Op(
        FOR,
        (once, *(STARTS[v.type] for v in results)),
        tuple(results),
        (turn,),
        None,
        mark.site,
        family=Family(again=True),
    )
    return [Op(PURE_CALL, (Const(1, types.INT),), (once,), (), spec, mark.site), loop]


def without_single_turns(function: Function) -> Function:
    """Loops that make one turn, as what the turn does.

    A loop that has nothing to count, and that control does not leave early.
    """
    definitions = {r: op for op in walk(function.body) for r in op.results}
    renamed: dict[Value, Atom] = {}
    body = _without(function.body, definitions, renamed)
    if not renamed:
        return function
    (whole,) = substituted([Op(FOR, (), (), (body,))], renamed)
    return function.with_body(whole.regions[0])


def _without(region: Region, definitions: dict[Value, Op], renamed: dict[Value, Atom]) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.regions:
            op = op.replace(regions=tuple(_without(r, definitions, renamed) for r in op.regions))
        if _is_single(op, definitions):
            (body,) = op.regions
            index, *carried = body.parameters
            renamed[index] = Const(0, types.INT)
            renamed.update(zip(carried, op.args[1:], strict=True))
            renamed.update(zip(op.results, body.results or (), strict=True))
            for inner in body.ops:
                _append(inner, ops, renamed)
        else:
            ops.append(op)
    return region.replace(ops, region.results)


def _is_single(op: Op, definitions: dict[Value, Op]) -> bool:
    if op.primitive is not FOR or op.attribute is not None or len(op.regions) != 1:
        return False
    if op.regions[0].results is None or any(True for _ in exits(op)):
        return False
    return turns_once(op, definitions)


def turns_once(loop: Op, definitions: dict[Value, Op]) -> bool:
    """Whether a loop goes through ``range(1)``, in either direction."""
    source = loop.args[0]
    made = definitions.get(source) if isinstance(source, Value) else None
    while made is not None and made.primitive is PURE_CALL:
        first = made.args[0]
        if made.attribute.function is not reversed or not isinstance(first, Value):
            break
        made = definitions.get(first)
    if made is None or made.primitive is not PURE_CALL or made.attribute.function is not range:
        return False
    return len(made.args) == 1 and Const(1, types.INT).same_as(made.args[0])


def _append(op: Op, ops: list[Op], renamed: dict[Value, Atom]) -> None:
    """Append an operation; an addition to the zero that an adjoint starts from is what is added."""
    if op.primitive is ADD and op.order > 0:
        one, other = (renamed.get(a, a) if isinstance(a, Value) else a for a in op.args)
        for zero, rest in ((one, other), (other, one)):
            if isinstance(zero, Const) and zero.value == 0:
                renamed[op.result] = rest
                return
    ops.append(op)
