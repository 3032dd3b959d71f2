"""Real and imaginary parts of arrays that are written to: as values, what they were when read.

``z.real`` is a view, which changes with the array; as an operation it gives a new array. So it is
a copy where it is used behind a write to the array (`copy_parts`). One item of a part is a part of
the item, for which nothing is copied (`parts_of_items`):

>>> from sourcediff.memory import SET_PART
>>> from sourcediff.types import COMPLEX, INT, array_of
>>> z, i, x = Value(array_of(Slot(COMPLEX), 1), "z"), Value(INT, "i"), Value(REAL, "x")
>>> part = Value(array_of(Slot(REAL), 1))
>>> ops = [Op(REAL_PART, (z,), (part,)), Op(SUBSCRIPT, (part, i), (x,))]
>>> ops.append(Op(SET_PART, (z, i, x), (), (), ("imag", "=")))
>>> print(parts_of_items(Function("f", [z, i], Region(ops, (x,)))))
f(z: Array[Complex, 1], i: Int):
    %1 = subscript z i
    x = real %1
    set_part z i x [('imag', '=')]
    yield x
"""

from __future__ import annotations

from collections.abc import Iterable

from sourcediff.frontend.primitives import COPY
from sourcediff.ir import LOOPS, Atom, Function, Op, Primitive, Region, Value, walk
from sourcediff.memory import SUBSCRIPT
from sourcediff.rules.complex_numbers import IMAGINARY, IMAGINARY_COPY, REAL_COPY, REAL_PART
from sourcediff.transform.arrays.copies import makes_an_array
from sourcediff.transform.lists.contents import changed_lists, slot_of
from sourcediff.transform.smaller.optimise import eliminate_dead
from sourcediff.types import COMPLEX, REAL, Slot

__all__ = ["copy_parts", "parts_of_items"]


def _parts(function: Function) -> dict[Value, Op]:
    """The parts of arrays that are written to."""
    found = [op for op in walk(function.body) if op.primitive in (REAL_PART, IMAGINARY)]
    found = [op for op in found if op.results and slot_of(op.result) is not None]
    written = _written(function.body.ops) if found else set()
    return {op.result: op for op in found if slot_of(op.args[0]) in written}


def _written(ops: Iterable[Op]) -> set[Slot | None]:
    """What operations write to, and what is in them."""
    return {slot_of(a) for op in walk(Region(list(ops), None)) for a in changed_lists(op)} - {None}


# One item -----------------------------------------------------------------------------------


def parts_of_items(function: Function) -> Function:
    """``z[i].real`` for ``z.real[i]``, where `z` is written to."""
    parts = _parts(function)
    if not parts:
        return function

    def of_items(region: Region) -> Region:
        ops: list[Op] = []
        for op in region.ops:
            whole = op.args[0] if op.primitive is SUBSCRIPT else None
            part = parts.get(whole) if isinstance(whole, Value) else None
            if part is not None and op.result.type is REAL:
                item = Value(COMPLEX)
                ops.append(op.replace(args=(part.args[0], op.args[1]), results=(item,)))
                ops.append(Op(part.primitive, (item,), op.results, site=op.site, order=op.order))
            else:
                ops.append(op.replace(regions=tuple(map(of_items, op.regions))))
        return region.replace(ops, region.results)

    return eliminate_dead(function.with_body(of_items(function.body)))


# Copies -------------------------------------------------------------------------------------


def copy_parts(function: Function) -> Function:
    """The same with copies of parts that are used when their array has been written to.

    A derivative copies what it reads of its adjoints; where that is only computed with, and nothing
    is written before, it need not.
    """
    parts, copies = _parts(function), [op for op in walk(function.body) if op.primitive in _PLAIN]
    if not parts and not copies:
        return function
    changed: dict[Value, Primitive] = {}
    _note(function.body, set(), changed)

    def copied(region: Region) -> Region:
        ops = []
        for op in region.ops:
            op = op.replace(regions=tuple(map(copied, op.regions))) if op.regions else op
            if len(op.results) == 1 and op.result in changed:
                op = op.replace()
                op.primitive = changed[op.result]
            ops.append(op)
        return region.replace(ops, region.results)

    return function.with_body(copied(function.body)) if changed else function


_COPIED = {REAL_PART: REAL_COPY, IMAGINARY: IMAGINARY_COPY}
_PLAIN = {copied: plain for plain, copied in _COPIED.items()}


def _note(region: Region, after: set[Slot | None], changed: dict[Value, Primitive]) -> None:
    """Note the parts to be copied, or no more; `after` is written to behind the region."""
    ops = list(region.ops)
    for place, op in reversed(list(enumerate(ops))):
        later, results = ops[place + 1 :], region.results or ()
        written = after | _written(later)
        if op.primitive in _COPIED and slot_of(op.result) is not None:
            if slot_of(op.args[0]) in written and _is_used_late(op, later, results):
                changed[op.result] = _COPIED[op.primitive]
        elif op.primitive in _PLAIN and op.order > 0:
            if _is_computed_with(op, later) and not _is_used_late(op, later, results):
                changed[op.result] = _PLAIN[op.primitive]
        for inner in op.regions:
            _note(inner, written | _written([op]) if op.primitive in LOOPS else written, changed)


def _is_computed_with(part: Op, ops: list[Op]) -> bool:
    """Whether all that uses a part computes something new."""
    users = [op for op in ops if part.result in op.args]
    return all(op.primitive is not COPY and makes_an_array(op) for op in users)


def _is_used_late(part: Op, ops: list[Op], results: Iterable[Atom]) -> bool:
    """Whether a part, or a view of it, is used behind a write, or where that is not known."""
    views: set[Atom] = {part.result}
    is_old = False
    for op in ops:
        everything = list(walk(Region([op], None)))
        inside = [inner for inner in everything if not views.isdisjoint(inner.args)]
        given = {a for inner in everything for r in inner.regions for a in r.results or ()}
        if (inside and (is_old or op.regions)) or not views.isdisjoint(given):
            return True
        if inside:
            views.update(r for r in op.results if slot_of(r) is slot_of(part.result))
            if any(r.type.kind == "Tuple" for r in op.results):
                return True
        is_old = is_old or slot_of(part.args[0]) in _written([op])
    return not views.isdisjoint(results)
