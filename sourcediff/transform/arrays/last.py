"""Which of the values that are written to one place stays there: the last.

``x[places] = y`` with a place that is named twice keeps the last of what is written to it, and the
adjoint of the others is zero. Which they are, a second array tells, to which their numbers are
written in the same way:

    numbers = np.arange(len(places))
    writers = np.arange(len(x))
    writers[places] = numbers
    y_bar = np.where(writers[places] == numbers, x_bar[places], 0.0)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.memory import SET_ITEM, SUBSCRIPT
from sourcediff.transform.adjoint.scaled import EQUAL
from sourcediff.transform.arrays.code import NONE, integer, real_like
from sourcediff.types import Slot, array_of, rank_of

if TYPE_CHECKING:
    from sourcediff.transform.arrays.arrays import Arrays

__all__ = ["are_distinct", "of_the_last"]


def are_distinct(places: tuple[Atom, ...]) -> bool:
    """Whether places that a list names are known to be different from each other."""
    known = [place.value for place in places if isinstance(place, Const)]
    one_sign = len({place < 0 for place in known}) < 2
    return one_sign and len(set(known)) == len(places)


def of_the_last(arrays: Arrays, whole: Value, index: Atom, part: Value) -> Value:
    """What is read at places, zero but where a place is named last.

    Args:
        whole: the array, or its adjoints.
        index: a list of whole numbers, an array of them, or several with slices between them.
        part: what is read there.
    """
    builder, code = arrays.run.builder, arrays.code
    if not _along_first_axis(index):
        return _of_the_last_in_all(arrays, whole, index, part)
    numbers_type = array_of(Slot(types.INT), 1)
    count = integer(len(index.type.items)) if index.type.kind == "Tuple" else code.length(index)
    numbers = code.call("arange", (count,), numbers_type)
    writers = code.call("arange", (code.length(whole),), array_of(Slot(types.INT), 1))
    args = (writers, arrays.again(index), numbers)
    builder.append(Op(SET_ITEM, args, (), site=builder.site, order=builder.order))
    found = builder.emit(SUBSCRIPT, (writers, arrays.again(index)), array_of(Slot(types.INT), 1))
    stays = builder.emit(EQUAL, (found, numbers), array_of(Slot(types.BOOL), 1))
    rank = rank_of(part.type) or 1
    if rank > 1:
        axes = code.tuple([code.slice(), *[NONE] * (rank - 1)])
        stays = builder.emit(SUBSCRIPT, (stays, axes), array_of(Slot(types.BOOL), rank))
    zero = Const(0.0, types.REAL)
    kept = builder.emit(code.primitive("where"), (stays, part, zero), real_like(part))
    arrays.shapes.known[kept] = arrays.shapes.of(part)
    return kept


def _along_first_axis(index: Atom) -> bool:
    """Whether an index is one list of places, or an array of them with one axis."""
    if index.type.kind == "Tuple":
        return all(kind in (types.INT, types.REAL) for kind in index.type.items)
    return rank_of(index.type) == 1


def _of_the_last_in_all(arrays: Arrays, whole: Value, index: Atom, part: Value) -> Value:
    """The same where the places are those of several axes: each element has a number."""
    builder, code = arrays.run.builder, arrays.code
    rank = rank_of(part.type) or 0

    def numbered(like: Value, rank: int) -> Value:
        kind = array_of(Slot(types.INT), rank)
        numbers = code.call("arange", (arrays.size(like),), array_of(Slot(types.INT), 1))
        if rank == 1:
            return numbers
        return code.method("reshape", numbers, code.shape(like), kind=kind)

    numbers, writers = numbered(part, rank), numbered(whole, rank_of(whole.type) or 0)
    args = (writers, arrays.again(index), numbers)
    builder.append(Op(SET_ITEM, args, (), site=builder.site, order=builder.order))
    found = builder.emit(SUBSCRIPT, (writers, arrays.again(index)), numbers.type)
    stays = builder.emit(EQUAL, (found, numbers), array_of(Slot(types.BOOL), rank))
    zero = Const(0.0, types.REAL)
    kept = builder.emit(code.primitive("where"), (stays, part, zero), real_like(part))
    arrays.shapes.known[kept] = arrays.shapes.of(part)
    return kept
