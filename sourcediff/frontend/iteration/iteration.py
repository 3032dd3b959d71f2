"""What a loop, an unpacking or a call goes through: sequences, known or of the run."""

from __future__ import annotations

import ast

from sourcediff import types
from sourcediff.frontend.arrays.flat_places import all_of_flat, is_flat
from sourcediff.frontend.complexes.values import holds_complex
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved import view_of
from sourcediff.frontend.objects.members import members_of
from sourcediff.frontend.values import Binding, Dissolved, Once, Rec, Static, Tup
from sourcediff.ir import Atom, Const, Value
from sourcediff.types import Type

__all__ = ["Sequence", "item_type", "sequence_of"]


class Sequence:
    """A sequence to go through: the value to iterate and the type of its items.

    Where the items have no type in common, they are given one by one instead.
    """

    __slots__ = ("item", "items", "known", "source", "whole")

    def __init__(self, whole: Atom | None, item: Type, items: list[Binding] | None = None) -> None:
        self.whole = whole
        self.item = item
        self.items = items
        #: What gives the items, where it looks at dicts while it does.
        self.source: Once | None = None
        #: The list that they are the items of, which may not grow meanwhile.
        self.known: Tup | None = None


def sequence_of(
    lowering: Lowering, binding: Binding, node: ast.AST | None = None, what: str = "a loop"
) -> Sequence:
    """What going through a binding gives.

    Raises:
        DifferentiationError: one cannot, or what it gives is not supported.
    """
    if isinstance(binding, Static):
        binding = members_of(binding) or binding
    if is_flat(binding):
        binding = all_of_flat(lowering, binding, node or lowering.frame.node)
    if isinstance(binding, Rec):
        binding = Tup([Const(key, types.STR) for key in binding.items])
    if isinstance(binding, Dissolved) and binding.cls is dict:
        binding = view_of(lowering, binding, "keys")
    if isinstance(binding, Once) and binding.wholes:
        known = Sequence(None, types.NEVER, list(binding.items))
        known.source = binding
        return known
    if isinstance(binding, Tup) and binding.cls is complex:
        lowering.error("a loop over a complex number is not supported", node)
    if isinstance(binding, Tup) and not lowering.faithful:
        from sourcediff.frontend.containers.rows import are_rows, as_row, is_row

        if is_row(binding):
            return Sequence(as_row(lowering, binding, node), types.REAL)
        if are_rows(binding.items):
            return _of_rows(lowering, binding, list(binding.items), node)
    if isinstance(binding, Tup):
        return _of_known(lowering, binding)
    if isinstance(binding, Value | Const):
        if binding.type.kind == "Optional":
            binding = lowering.required(binding)
        kind = item_type(binding.type)
        if kind is not None:
            return Sequence(binding, kind)
        if binding.type.kind == "Tuple" and isinstance(binding, Value):
            return Sequence(None, types.NEVER, list(lowering.dissolve(binding).items))
    lowering.error(f"{what} over {describe(binding)} is not supported", node)


def _of_known(lowering: Lowering, whole: Tup) -> Sequence:
    joined = common_type(whole)
    if all(map(_has_text, whole.items)) and not lowering.faithful:
        joined = None  # the keys of a dict, say: what each leads to is known
    if any(map(_has_array, whole.items)) and not lowering.faithful:
        joined = None  # the layers of a network, say: each has shapes of its own
    if any(map(holds_complex, whole.items)):
        joined = None  # each has its parts
    if joined is not None and types.holds("List", [joined]) and not lowering.faithful:
        joined = None  # each is a list of its own, or holds one
    if joined is None or (joined is types.NEVER and whole.items):
        sequence = Sequence(None, types.NEVER, list(whole.items))
        sequence.known = whole
        return sequence
    if not whole.items:
        return Sequence(None, types.NEVER, [])
    cls = tuple if isinstance(whole, Once) else whole.cls
    return Sequence(lowering.atom(Tup(whole.items, cls if cls is list else tuple)), joined)


def _has_text(binding: Binding) -> bool:
    """Whether a binding is a text that is known, or a tuple with one."""
    if isinstance(binding, Tup):
        return any(map(_has_text, binding.items))
    return isinstance(binding, Const) and binding.type is types.STR


def _has_array(binding: Binding) -> bool:
    """Whether a binding is an array, or a tuple with one."""
    if isinstance(binding, Tup):
        return any(map(_has_array, binding.items))
    return isinstance(binding, Value) and binding.type.kind == "Array"


def _of_rows(lowering: Lowering, whole: Tup, rows: list[Binding], node: ast.AST | None) -> Sequence:
    """A tuple of tuples of numbers."""
    from sourcediff.frontend.containers.containers import make_list

    if whole.cls is list:
        lowering.in_memory(whole)
    made = make_list(lowering, node or lowering.frame.node, rows)
    return Sequence(made, made.type.slots["element"].read())


def common_type(whole: Tup) -> Type | None:
    """The type that all items have; None if there is none, or one of them is no value."""
    joined: Type | None = types.NEVER
    for item in whole.items:
        if isinstance(item, Tup):
            parts = [common_type(Tup([part])) for part in item.items]
            if None in parts or item.cls is list:
                return None
            kind = types.tuple_of((p for p in parts if p is not None), None)
        elif isinstance(item, Value | Const):
            kind = item.type
        else:
            return None
        joined = types.join(joined, kind) if joined is not None else None
    return joined


def item_type(whole: Type) -> Type | None:
    """The type of the items of something that one can go through; None if one cannot."""
    if whole.kind in ("List", "Deque", "Set", "Iterator"):
        return whole.slots["element"].read()
    if whole.kind == "Array":
        rank = types.rank_of(whole)
        if rank is None:
            return None
        slot = whole.slots["element"]
        return slot.read() if rank == 1 else types.array_of(slot, rank - 1)
    if whole.kind == "Dict":
        return whole.slots["key"].read()
    if whole.kind == "Record" or whole is types.STR:
        return types.STR
    if whole.kind == "Sequence":
        return whole.items[0]
    if whole is types.RANGE:
        return types.INT
    if whole.kind == "Tuple":
        joined: Type | None = types.NEVER
        for item in whole.items:
            joined = types.join(joined, item) if joined is not None else None
        return joined
    return None
