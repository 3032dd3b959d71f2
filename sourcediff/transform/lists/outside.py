"""What a function finds outside is not changed by its derivative.

A list of numbers that a function finds outside and changes is copied where the derivative begins,
as a list that is handed in is (see `arguments`):

    seen.append(x)                     seen = list(seen)
    return x * len(seen)               seen.append(x)
                                       …

Where more than one name leads outside, two may lead to the same list, and that is refused; and so
is what is changed outside in the general form, and in a function that stays a call.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NoReturn

from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import LOAD
from sourcediff.ir import INVOKE, Function, Op, Value, walk
from sourcediff.memory import WRITE
from sourcediff.transform.lists.arguments import copied
from sourcediff.transform.lists.contents import slot_of, slots_in
from sourcediff.transform.smaller.optimise import substituted
from sourcediff.types import Slot, Type, is_memory

__all__ = ["copy_what_is_outside", "refuse_changes_outside"]


def copy_what_is_outside(function: Function) -> Function:
    """Let a function that changes a list that it finds outside change a copy of it.

    Raises:
        DifferentiationError: it may be another list that the function has, too.
    """
    refuse_changes_outside([function], but=("List", "Array"))
    writes = [op for op in walk(function.body) if op.primitive.writes and op.args]
    written = {slot: op for op in reversed(writes) if (slot := slot_of(op.args[0])) is not None}
    loads = [op for op in walk(function.body) if op.primitive is LOAD]
    lists = [op for op in loads if is_memory(op.result.type)]
    changed = [op for op in lists if not written.keys().isdisjoint(slots_in(op.result.type))]
    if not changed:
        return function
    first = changed[0]
    (place, *_) = [written[s] for s in slots_in(first.result.type) if s in written]
    given = any(is_memory(p.type) for p in function.parameters)
    if given or len({op.attribute.key for op in lists}) > 1:
        _refuse(place)
    whole = Value(first.result.type, first.attribute.names[-1])
    copying = copied(whole)
    made = copying[0].result
    renamed = {op.result: made for op in changed}
    ops = [
        first.replace(results=(whole,)),
        *copying,
        *substituted(function.body.ops, dict(renamed)),
    ]
    results = function.body.results
    if results is not None:
        results = tuple(renamed.get(a, a) if isinstance(a, Value) else a for a in results)
    return function.with_body(function.body.replace(ops, results))


def refuse_changes_outside(functions: Iterable[Function], but: tuple[str, ...] = ()) -> None:
    """Refuse to differentiate functions that change what they find outside.

    Args:
        functions: the functions.
        but: the kinds of types that may be changed.

    Raises:
        DifferentiationError: one does, with its line.
    """
    ops = [op for function in functions for op in walk(function.body)]
    # That a class counts its objects is an effect, as a print is.
    loads = {op.result for op in ops if op.primitive is LOAD and not _is_class(op)}
    outside = {slot for value in loads for slot in _reached(value.type)}
    for op in ops:
        if not op.primitive.writes or op.primitive in (INVOKE, WRITE) or not op.args:
            continue  # to bind a variable to what lies outside changes nothing there
        whole = op.args[0]
        if whole.type.kind in but:
            continue
        slots = {slot.root for slot in whole.type.slots.values()}
        if whole in loads or not slots.isdisjoint(outside):
            _refuse(op)


def _is_class(op: Op) -> bool:
    try:
        return isinstance(op.attribute.read(), type)
    except (LookupError, ValueError, AttributeError):
        return False  # nothing is bound to the name yet


def _reached(kind: Type, known: set[Type] | None = None) -> Iterator[Slot]:
    """The slots of what can be reached from a value of a type."""
    known = set() if known is None else known
    if kind in known:
        return
    known.add(kind)
    for slot in kind.slots.values():
        yield slot.root
        yield from _reached(slot.type, known)
    for item in kind.items:
        yield from _reached(item, known)


def _refuse(op: Op) -> NoReturn:
    raise DifferentiationError(
        "what is found outside of the function is changed here",
        None if op.site is None else op.site.span,
        "a derivative changes nothing: hand it in as an argument, or change a copy",
    )
