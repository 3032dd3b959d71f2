"""What stands between the brackets of an array: where it takes a part, and which.

A mask or an array of places gives a copy, and may name one place twice; ``a:b`` and ``None`` give a
view, and ``x[:, None]`` all of it. An index has no name by which the reverse could read it, and is
written once more there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.arrays.numpy_signatures import arguments_of, name_of
from sourcediff.frontend.primitives import GETITEM, TUPLE
from sourcediff.ir import IF, Atom, Op, Value
from sourcediff.memory import SLICED, SUBSCRIPT
from sourcediff.transform.arrays.code import NumpyCode, integer
from sourcediff.transform.arrays.last import are_distinct
from sourcediff.transform.arrays.shapes import Shapes, constant_of, holds_places
from sourcediff.transform.lists.contents import slot_of
from sourcediff.types import rank_of

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.reverse import Reverse

__all__ = ["Indices"]


#: Functions that give an array of places for each axis, and name no place twice.
_DISTINCT = (
    *("nonzero", "diag_indices", "triu_indices", "tril_indices"),
    *("diag_indices_from", "triu_indices_from", "tril_indices_from"),
)


class Indices:
    """What is known of the indices in one function that is turned round."""

    def __init__(self, run: Reverse) -> None:
        self.run = run
        self.code = NumpyCode(run.builder)
        self.shapes = Shapes(run.function, run.builder.definitions)

    def index_parts(self, index: Atom) -> tuple[Atom, ...]:
        """What stands between the brackets, of which a list of places is one.

        Of an index that a branch gives only the types of the parts are known.
        """
        made = self.run.builder.definitions.get(index) if isinstance(index, Value) else None
        if made is not None and made.primitive is TUPLE:
            return (index,) if made.attribute is list else made.args
        if self._is_list(index):
            return (index,)
        if index.type.kind != "Tuple":
            return (index,)
        if all(types.is_number(kind) for kind in index.type.items):
            raise DifferentiationError(
                "an index of whole numbers that is one of several is not supported here",
                None if self.run.builder.site is None else self.run.builder.site.span,
                "write the numbers between the brackets",
            )
        return tuple(map(Value, index.type.items))

    def _is_list(self, index: Atom) -> bool:
        """Whether an index is a list of places, in all arms of a branch that give it."""
        made = self.run.builder.definitions.get(index) if isinstance(index, Value) else None
        if made is None or made.primitive is not IF:
            return made is not None and made.primitive is TUPLE and made.attribute is list
        place = made.results.index(index)
        given = [r.results[place] for r in made.regions if r.results is not None]
        return all(self._is_list(atom) for atom in given if isinstance(atom, Value))

    def new_axes(self, index: Atom) -> tuple[int, ...] | None:
        """The new axes that an index gives the whole of an array; None where it takes a part."""
        found = []
        parts = self.index_parts(index)
        for place, part in enumerate(parts):
            if part.type is types.NONE:
                found.append(place)
            elif part.type is not types.SLICE:
                return None
            else:
                made = self.run.builder.definitions.get(part)  # type: ignore[arg-type]
                if made is None or made.primitive is not SLICED:
                    return None
                if any(bound.type is not types.NONE for bound in made.args):
                    return None
        return tuple(found)

    def without(self, whole: Value, axes: Sequence[int]) -> Value:
        """An array without some axes of length one; of a sum that kept them, one that does not."""
        if not axes:
            return whole
        made = self.run.builder.definitions.get(whole)
        if made is not None and name_of(made) == "sum" and made.order == self.run.builder.order:
            given = arguments_of(made)
            summed = constant_of(given.get("axis"), self.run.builder.definitions)
            if "keepdims" in given and summed in (axes[0], axes):
                return self.code.sum(made.args[0], axes)
        parts = [integer(0) if k in axes else self.code.slice() for k in range(axes[-1] + 1)]
        return self.code.item(whole, parts, (rank_of(whole.type) or 0) - len(axes))

    def again(self, index: Atom) -> Atom:
        """An index once more, as ``a:b`` has no name by which the reverse could read it."""
        made = self.run.builder.definitions.get(index) if isinstance(index, Value) else None
        if made is None or made.primitive not in (SLICED, TUPLE):
            return index
        args = tuple(map(self.again, made.args)) if made.primitive is TUPLE else made.args
        return self.run.builder.emit(made.primitive, args, made.result.type, made.attribute)

    def chooses(self, index: Atom) -> bool:
        """Whether an index gives a copy: a mask, or places that an array or a list names."""
        return any(part.type.kind in ("Array", "Tuple") for part in self.index_parts(index))

    def may_repeat(self, index: Atom) -> bool:
        """Whether an index may name one place twice: where it has an array of places.

        Not where one of these counts, and the others have its shape: ``m[np.arange(n), places]``.
        """
        parts = self.index_parts(index)
        arrays = [part for part in parts if holds_places(part)]
        if self._are_of_one_call(parts):
            return False
        if any(map(self._counts, arrays)) and len(parts) == len(arrays):
            return any(self.shapes.of(part) != self.shapes.of(arrays[0]) for part in arrays)
        lists = [part for part in parts if part.type.kind == "Tuple"]
        return bool(arrays) or not all(map(self._are_distinct, lists))

    def _are_of_one_call(self, parts: Sequence[Atom]) -> bool:
        """Whether an index is all that a function gives which names every place once."""
        definitions = self.run.builder.definitions
        made = [definitions.get(part) for part in parts if isinstance(part, Value)]
        taken = [op for op in made if op is not None and op.primitive is GETITEM]
        whole = taken[0].args[0] if taken else None
        call = definitions.get(whole) if isinstance(whole, Value) else None
        if call is None or len(taken) != len(parts) or not self._names_once(call):
            return False
        found = [op.attribute for op in taken if op.args[0] is whole]
        is_written = any(slot_of(part) in self.shapes.written for part in parts)
        return sorted(found) == list(range(len(call.result.type.items))) and not is_written

    def _names_once(self, call: Op) -> bool:
        """Whether no place is twice in the arrays that a function gives."""
        if name_of(call) != "unravel_index":
            return name_of(call) in _DISTINCT
        numbers = self.run.builder.definitions.get(call.args[0])  # type: ignore[arg-type]
        if numbers is not None and numbers.primitive is SUBSCRIPT:
            whole, part = numbers.args  # ``np.arange(n)[::2]``
            return part.type is types.SLICE and self._counts(whole)
        return False

    def _are_distinct(self, places: Atom) -> bool:
        made = self.run.builder.definitions.get(places) if isinstance(places, Value) else None
        return made is not None and made.primitive is TUPLE and are_distinct(made.args)

    def _counts(self, places: Atom) -> bool:
        """Whether an array of places is ``numpy.arange(n)``."""
        made = self.run.builder.definitions.get(places) if isinstance(places, Value) else None
        if made is None or name_of(made) != "arange" or slot_of(places) in self.shapes.written:
            return False
        return set(arguments_of(made)) == {"start"}
