"""Lists that some paths do not make: they are empty there.

A list that a loop returns is none before that, and where it does not: nobody reads it then. But
what turns the loop round has adjoints for it on every path, as long as the list is.

    result = None                    result = []
    for v in vs:                     for v in vs:
        if v > 0:            →           if v > 0:
            result = [v]                     result = [v]
            break                            break
"""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff import types
from sourcediff.ir import (
    BREAK,
    CONTINUE,
    FOR,
    IF,
    LOOPS,
    WHILE,
    Atom,
    Const,
    Function,
    Op,
    Region,
    Value,
    walk,
)
from sourcediff.memory import LIST
from sourcediff.transform.lists.contents import is_list

__all__ = ["with_empty_lists"]


def with_empty_lists(function: Function) -> Function:
    """Let lists be empty where they are none."""
    ops = walk(function.body)
    if not any(op.primitive in (IF, *LOOPS) and any(map(is_list, op.results)) for op in ops):
        return function
    return function.with_body(_region(function.body, (), ()))


def _region(region: Region, taken: Sequence[Value], results: Sequence[Value]) -> Region:
    """A region.

    Args:
        taken: what the innermost loop carries, by its parameters.
        results: what the region gives; a list that it does not make is an empty one.
    """
    ops: list[Op] = []
    for op in region.ops:
        if op.primitive in (BREAK, CONTINUE):
            op = op.replace(_filled(op.args, taken, taken, ops))
        elif op.primitive in (FOR, WHILE):
            op = _loop(op, ops)
        elif op.primitive is IF:
            op = op.replace(regions=tuple(_region(r, taken, op.results) for r in op.regions))
        elif op.regions:
            op = op.replace(regions=tuple(_region(r, (), ()) for r in op.regions))
        ops.append(op)
    given = region.results
    if given is not None and results:
        given = _filled(given, results, (), ops)
    return region.replace(ops, given)


def _loop(op: Op, ops: list[Op]) -> Op:
    head = 1 if op.primitive is FOR else 0
    args = (*op.args[:head], *_filled(op.args[head:], op.results, (), ops))
    regions = []
    for number, part in enumerate(op.regions):
        taken = part.parameters[head if number == 0 else 0 :]
        made = _region(part, taken, ())
        if made.results is not None:
            tested = len(made.results) - len(taken)
            handed = _filled(made.results[tested:], taken, taken, [])
            made = made.replace(made.ops, (*made.results[:tested], *handed))
        regions.append(made)
    return op.replace(args, regions=tuple(regions))


def _filled(
    atoms: Sequence[Atom], kinds: Sequence[Value], taken: Sequence[Value], ops: list[Op]
) -> tuple[Atom, ...]:
    """Atoms with a list for each that is none: what the loop has, or an empty one."""
    found = list(atoms)
    for place, (atom, kind) in enumerate(zip(atoms, kinds, strict=True)):
        if isinstance(atom, Const) and atom.type is types.NEVER and is_list(kind):
            if taken:
                found[place] = taken[place]
                continue
            empty = Value(kind.type)
            ops.append(Op(LIST, (), (empty,)))
            found[place] = empty
    return tuple(found)
