"""The normal form of slices: the places that they stand for, one after the other."""

from __future__ import annotations

from sourcediff import memory, types
from sourcediff.frontend.primitives import GETATTR, TUPLE
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.transform.whole.build import Code, integer
from sourcediff.transform.whole.cursors import listed
from sourcediff.transform.whole.displays import (
    PLACES,
    as_kind,
    gathered,
    places_of,
    pop,
    snapshot,
    tuple_item,
)
from sourcediff.transform.whole.normal import Normal
from sourcediff.transform.whole.shapes import element, holds_numbers, inner
from sourcediff.types import INT, Slot, list_of

__all__: list[str] = []


# Slices ---------------------------------------------------------------------------------------


def is_slice(atom: Atom) -> bool:
    """Whether an index is a slice."""
    return atom.type is types.SLICE


def _subscript(normal: Normal, op: Op) -> None:
    whole, index = normal.atoms(op.args)
    kind = inner(whole.type)
    known = normal.parts.get(whole) if isinstance(whole, Value) else None
    if known is not None and isinstance(index, Const) and index.type is INT:
        if -len(known) <= index.value < len(known):
            normal.give(op, known[index.value])
            return
    if not is_slice(index) or not (holds_numbers(kind) or holds_numbers(op.result.type)):
        normal.keep(op)
        return
    code = normal.code
    if kind.kind in ("Tuple", "Sequence") and op.result.type.kind == "Tuple":
        bounds = _cut(normal, index)
        if kind.kind == "Tuple" and bounds is not None:
            given = normal.atoms(bounds.args)
            if all(isinstance(bound, Const) for bound in given):
                cut = slice(*(bound.value for bound in given if isinstance(bound, Const)))
                some = range(len(kind.items))[cut]
                items = [tuple_item(normal, whole, place, kind.items[place]) for place in some]
                made = code.op(TUPLE, items, op.result.type)
                normal.parts[made] = tuple(items)
                normal.give(op, made)
                return
        raise normal.error(op, "this slice of a tuple is not supported")
    bounds = _cut(normal, index)
    if op.result.type.kind == "List" and bounds is not None and _is_all(normal, bounds):
        normal.give(op, listed(normal, whole, op, op.result.type))
        return
    wanted = op.result.type if op.result.type.kind == "List" else list_of(Slot(element(kind)))
    as_kind(normal, op, gathered(code, whole, places_of(code, whole, index), wanted))


def _cut(normal: Normal, index: Atom) -> Op | None:
    """What gives a slice its bounds; None where it comes out of a variable or a branch."""
    made = normal.definition(index)
    return made if made is not None and made.primitive is memory.SLICED else None


def _is_all(normal: Normal, bounds: Op) -> bool:
    """Whether a slice is ``[:]``."""
    given = normal.atoms(bounds.args)
    return all(isinstance(bound, Const) and bound.value is None for bound in given)


def _set_item(normal: Normal, op: Op) -> None:
    whole, index, value = normal.atoms(op.args)
    if not is_slice(index) or not holds_numbers(whole.type):
        normal.keep(op)
        return
    code = normal.code
    bounds = _cut(normal, index)
    if bounds is None:
        raise normal.error(op, "assigning to a slice that is computed elsewhere is not supported")
    step = normal.atom(bounds.args[2])
    kind = element(whole.type)
    items = snapshot(normal, value, op)
    places = places_of(code, whole, index)
    if isinstance(step, Const) and step.value in (None, 1):
        first = _first(code, whole, index)
        code.each(places, INT, lambda *_: pop(code, whole, first))
        found = element(items.type)
        code.each(
            items,
            found,
            lambda i, item: code.method("insert", whole, code.plus(first, i), item),
        )
        return
    wrong = code.negated(code.equal(code.length(items), code.length(places)))
    code.branch(
        wrong, lambda: code.fail(ValueError, "attempt to assign a sequence of another size")
    )
    code.each(places, INT, lambda i, place: code.put(whole, place, code.at(items, i, kind)))


def _first(code: Code, whole: Atom, index: Atom) -> Value:
    """The place at which a slice without a step begins."""
    numbers = code.call(range, code.length(whole), type=types.RANGE)
    cut = code.at(numbers, index, types.RANGE)
    return code.op(GETATTR, (cut,), INT, "start")


def _delete_item(normal: Normal, op: Op) -> None:
    whole, index = normal.atoms(op.args)
    if not holds_numbers(whole.type) or inner(whole.type).kind in ("Dict", "Record"):
        normal.keep(op)
    elif is_slice(index):
        code = normal.code
        places = places_of(code, whole, index)
        order = code.call(sorted, places, type=PLACES)
        last = code.variable("left", INT)
        code.write(last, code.length(order))

        def turn(_: Value, __: Value) -> None:
            now = code.minus(code.read(last), integer(1))
            code.write(last, now)
            pop(code, whole, code.at(order, now, INT))

        code.each(order, INT, turn)
    else:
        pop(normal.code, whole, index)


Normal.handlers.update(
    {
        memory.SUBSCRIPT: _subscript,
        memory.SET_ITEM: _set_item,
        memory.DELETE_ITEM: _delete_item,
    }
)
