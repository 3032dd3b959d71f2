"""Gradients in the structure of what they are gradients of: tuples, dicts, objects.

An adjoint stands where its number stood, and None where there was no number. A dataclass that has
an ``__init__`` of its own making is put together by it; what any other object would hold is given
as a dict, and the entry makes an object of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sourcediff import types
from sourcediff.frontend.objects.construct import called_with_fields
from sourcediff.frontend.objects.records import Records
from sourcediff.frontend.primitives import PURE_CALL, RECORDS, TUPLE, CallSpec
from sourcediff.frontend.values import Binding, Columns, Rec, Tup
from sourcediff.ir import Atom, Const, Function, Op, Value
from sourcediff.memory import DICT
from sourcediff.transform.lists.contents import element_of
from sourcediff.types import Slot, Type

__all__ = ["differentiated", "put_together", "with_reads"]

Emit = Callable[[Any, tuple[Atom, ...], Type, Any], Value]

NOTHING = Const(None, types.NONE)


def holds_reals(kind: Type) -> bool:
    """Whether a type is that of a number, a list or an array that one can differentiate in."""
    if kind.kind in ("List", "Dict", "Array"):
        return holds_reals(element_of(kind).type)
    return types.varies(kind)


def differentiated(binding: Binding) -> Iterator[Value]:
    """The numbers, and lists of them, that an argument is made up of."""
    if isinstance(binding, Value):
        if holds_reals(binding.type):
            yield binding
    elif isinstance(binding, Tup):
        for item in binding.items:
            yield from differentiated(item)
    elif isinstance(binding, Rec):
        for item in binding.items.values():
            yield from differentiated(item)
    elif isinstance(binding, Columns):
        for held in binding.lists:
            yield from differentiated(held)


def put_together(binding: Binding, leaf: Callable[[Value], Atom], emit: Emit) -> Atom:
    """The structure of an argument, with what `leaf` gives for each number in it."""
    if isinstance(binding, Tup):
        items = tuple(put_together(item, leaf, emit) for item in binding.items)
        cls = None if binding.cls in (tuple, list) else binding.cls
        listed = list if binding.cls is list else None
        return emit(TUPLE, items, types.tuple_of((i.type for i in items), cls), listed)
    if isinstance(binding, Rec):
        held = {k: put_together(item, leaf, emit) for k, item in binding.items.items()}
        return _record(binding.cls, held, emit)
    if isinstance(binding, Columns):
        lists = [leaf(w) if holds_reals(w.type) else NOTHING for w in binding.lists]
        kept = tuple(w for w in lists if w is not NOTHING)
        spec = Records(binding.shape, tuple(w is not NOTHING for w in lists))
        return emit(RECORDS, kept, types.list_of(Slot(types.OBJECT)), spec)
    if isinstance(binding, Value) and holds_reals(binding.type):
        return leaf(binding)
    return NOTHING


def _record(cls: type, held: dict[Any, Atom], emit: Emit) -> Atom:
    if cls is complex:
        kind = types.tuple_of((item.type for item in held.values()), complex)
        return emit(TUPLE, tuple(held.values()), kind, complex)
    ref = called_with_fields(cls, tuple(held))
    if ref is not None:
        spec = CallSpec(cls, ref, tuple(held))
        return emit(PURE_CALL, tuple(held.values()), types.object_of(cls, {}), spec)
    kinds: dict[type, Type] = {str: types.STR, int: types.INT, bool: types.BOOL}
    flat: list[Atom] = []
    for key, item in held.items():
        flat += [Const(key, kinds.get(key.__class__, types.OBJECT)), item]
    slots = {str(key): Slot(item.type) for key, item in held.items()}
    return emit(DICT, tuple(flat), Type("Record", cls=cls, slots=slots), None)


def with_reads(function: Function, inputs: Sequence[Value]) -> Function:
    """The function with lists read out of its arguments that it makes no use of."""
    lists = [value for value in inputs if value.type.kind in ("List", "Dict", "Array")]
    if not lists or function.origin is None:
        return function
    first = _reads_of(lists, function.origin.reads)
    known = {result for op in first for result in op.results}
    body = function.body
    rest = [op for op in body.ops if not op.results or op.results[0] not in known]
    if len(first) + len(rest) == len(body.ops):
        return function
    return function.with_body(body.replace([*first, *rest], body.results))


def _reads_of(values: Sequence[Value], reads: dict[Value, Op]) -> list[Op]:
    """The operations that read values out of arguments."""
    found: dict[Op, None] = {}

    def need(value: Value) -> None:
        op = reads.get(value)
        if op is None or op in found:
            return
        for arg in op.args:
            if isinstance(arg, Value):
                need(arg)
        found[op] = None

    for value in values:
        need(value)
    return list(found)
