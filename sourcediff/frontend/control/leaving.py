"""How control leaves a turn of a loop, and what the variables are bound to where it does."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from typing import Any

from sourcediff import types
from sourcediff.frontend.complexes.values import NOUGHT, lift
from sourcediff.frontend.control.joins import DIVERGES, TRUE, Outcome
from sourcediff.frontend.frames import RETURN_VALUE, RETURNED, Frame, Key
from sourcediff.frontend.lowering import Loop, Lowering
from sourcediff.frontend.objects.places import as_place, is_pooled
from sourcediff.frontend.primitives import TUPLE
from sourcediff.frontend.values import Binding, Dissolved, Static, Tup
from sourcediff.ir import BREAK, CONTINUE, Atom, Const, Op, Value

__all__ = [
    "Body",
    "Snapshot",
    "as_one",
    "as_values",
    "held_by",
    "holds_objects",
    "jump",
    "leave",
    "leave_loop",
    "leave_with",
    "settle_object",
]

Snapshot = dict[Key, Binding | None]
Body = Callable[[], Outcome]


def leave(lowering: Lowering, node: ast.Break | ast.Continue) -> Outcome:
    """A break or continue statement."""
    left = lowering.loops[-1].left
    if left is not None and isinstance(node, ast.Break):
        lowering.variables.set(left, TRUE)
    return jump(lowering, isinstance(node, ast.Continue))


def leave_loop(lowering: Lowering) -> Outcome:
    """Out of the innermost loop."""
    return jump(lowering, False)


def leave_with(lowering: Lowering, value: Binding) -> Outcome:
    """A return in a loop, of a function that has no code of its own: a break that remembers."""
    frame = lowering.frame
    lowering.variables.set((frame, RETURNED), TRUE)
    lowering.variables.set((frame, RETURN_VALUE), value)
    return jump(lowering, False)


def jump(lowering: Lowering, going_on: bool) -> Outcome:
    loop = lowering.loops[-1]
    bound = snapshot(lowering, loop)
    op = Op(CONTINUE if going_on else BREAK, (), (), site=lowering.site)
    (loop.continues if going_on else loop.breaks).append((op, bound))
    lowering.ops.append(op)
    return DIVERGES


def snapshot(lowering: Lowering, loop: Loop) -> Snapshot:
    """What the variables are bound to that were re-bound since the turn began, as values."""
    changes = lowering.variables.changed_since(loop.depth)
    outer = {k: b for k, b in changes.items() if not _is_inside(k[0], loop)}
    return as_values(lowering, outer, loop.joined, loop.complexes)


def _is_inside(owner: Any, loop: Loop) -> bool:
    """Whether a variable is of a function that a turn has entered, and left."""
    return isinstance(owner, Frame) and owner.serial > loop.frames


def as_values(
    lowering: Lowering,
    changes: Snapshot,
    joined: dict[Key, Dissolved],
    complexes: Collection[Key] = (),
) -> Snapshot:
    """What is handed on: values, and for an object that a loop carries what it holds.

    `complexes` are the variables that are complex numbers in other turns.
    """
    found: Snapshot = {}
    for key, binding in changes.items():
        if key in complexes and binding is not None:
            binding = lift(lowering, binding, NOUGHT)
        if isinstance(binding, Tup) and not holds_objects(binding):
            found[key] = as_one(lowering, binding)
            continue
        if isinstance(binding, Static) and binding.is_member:
            binding = lowering.atom(binding)
        if binding is not None:
            binding = as_place(binding)
        found[key] = binding
        whole = joined.get(key)
        if whole is None or binding is whole or not isinstance(binding, Dissolved):
            continue
        held = held_by(lowering, binding)
        if whole.cls is binding.cls and held.keys() == held_by(lowering, whole).keys():
            found[key] = whole
            if binding.serial <= whole.serial:
                settle_object(binding, key)
            part: Snapshot = {(whole, field): item for field, item in held.items()}
            found.update(as_values(lowering, part, joined))
    return found


def as_one(lowering: Lowering, binding: Binding) -> Atom:
    """What a loop carries as one value; a named tuple is taken apart again behind it."""
    if not lowering.faithful and holds_unlike_arrays(binding):
        assert isinstance(binding, Tup)
        kept = [lowering.atom(item) for item in binding.items]
        kind = types.tuple_of((item.type for item in kept), list)
        return lowering.emit(TUPLE, kept, kind, attribute=list)
    binding = lowering.in_memory(binding)
    if not isinstance(binding, Tup):
        return lowering.atom(binding)
    if binding.cls is list or lowering.faithful:
        return lowering.atom(binding)
    items = [as_one(lowering, item) for item in binding.items]
    cls = None if binding.cls is tuple else binding.cls
    kind = types.tuple_of((item.type for item in items), cls)
    return lowering.emit(TUPLE, items, kind, attribute=None if cls is complex else cls)


def holds_unlike_arrays(binding: Binding) -> bool:
    """Whether something is a list of arrays of different numbers of axes, ``[W, b]``.

    As a list in memory it would hold things of one type: a loop carries its items.
    """
    if not isinstance(binding, Tup) or binding.cls is not list:
        return False
    kinds = [item.type for item in binding.items if isinstance(item, Value | Const)]
    ranks = {types.rank_of(kind) for kind in kinds}
    numbers = all(kind.kind == "Array" or types.is_number(kind) for kind in kinds)
    return len(kinds) == len(binding.items) and numbers and len(ranks) > 1 and None not in ranks


def holds_objects(whole: Tup) -> bool:
    return any(
        holds_objects(item)
        if isinstance(item, Tup)
        else isinstance(item, Dissolved) and not is_pooled(item)
        for item in whole.items
    )


def held_by(lowering: Lowering, whole: Dissolved) -> dict[Any, Binding]:
    """What an object holds now, by attribute."""
    found = {field: lowering.variables.get(whole, field) for field in whole.fields}
    return {field: binding for field, binding in found.items() if binding is not None}


def settle_object(whole: Dissolved, key: Key) -> None:
    """Say of an object that it may be the same as another from here on."""
    whole.settled = whole.settled or f"{key[1]!r} is another object in every turn"
