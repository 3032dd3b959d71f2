"""Functions of NumPy that give several results at once, while they are turned round.

The call gives a tuple, and an operation takes each result out of it: ``w, v = np.linalg.eigh(a)``.
The adjoint of a result waits until the call is turned round; there the pullback gets all of them,
by the names of `frontend.arrays.numpy_several`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.frontend.arrays.numpy_several import RESULTS
from sourcediff.frontend.arrays.numpy_signatures import Given, arguments_of, name_of
from sourcediff.frontend.primitives import GETITEM, PURE_CALL
from sourcediff.ir import Atom, Const, Op, Region, Value
from sourcediff.transform.arrays.inverses import inverse_beside
from sourcediff.transform.arrays.table import refuse

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.arrays.arrays import Arrays

__all__ = ["Parts", "gives_several"]

_NONE = Const(None, types.NONE)


def gives_several(op: Op) -> bool:
    """Whether an operation calls a function that gives several results."""
    return op.primitive is PURE_CALL and name_of(op) in RESULTS


class Parts:
    """The results that are taken out of what calls give, in one function."""

    def __init__(self, arrays: Arrays, body: Region) -> None:
        self.arrays = arrays
        #: By tuple, the value that each result is taken as, where it was made.
        self.taken: dict[Value, dict[int, Value]] = {}
        self._note(body)

    def _note(self, region: Region) -> None:
        here = {op.result for op in region.ops if gives_several(op)}
        self.taken.update((whole, {}) for whole in here)
        for op in region.ops:
            if op.primitive is GETITEM and op.args[0] in here:
                self.taken[op.args[0]].setdefault(op.attribute, op.result)
            for inner in op.regions:
                self._note(inner)

    def waits(self, op: Op, adjoints: Adjoints) -> bool:
        """Whether an operation takes a result out; its adjoint is left for the call."""
        whole = op.args[0] if op.primitive is GETITEM else None
        if whole not in self.taken:
            return False
        first = self.taken[whole].get(op.attribute)
        run = self.arrays.run
        if first is None and self.arrays.is_known(op.result, adjoints):
            refuse(op, "a result of a function that is taken elsewhere is not supported")
        if first is None:
            return True
        if op.result is not first and self.arrays.is_known(op.result, adjoints):
            self.arrays.give(first, self._settled(op.result, adjoints), adjoints)
        elif run.lists.is_memory(op.result):
            self.arrays.writes.refuse(op, "writing to one of several results of a function")
        return True

    def _settled(self, value: Value, adjoints: Adjoints) -> Atom:
        return self.arrays.full(value, self.arrays.run.settle(value, adjoints))

    def turn_round(self, op: Op, name: str, adjoints: Adjoints) -> None:
        """Append the reverse of a call that gives several results."""
        from sourcediff.rules.numpy_pullbacks import DIFFERENTIATED, PULLBACKS
        from sourcediff.transform.arrays.templates import expand, parameters_of

        run, taken = self.arrays.run, self.taken[op.result]
        known = [k for k, v in taken.items() if self.arrays.is_known(v, adjoints)]
        if op.site is not None and known:
            run.enter(op.site)
        bars = {k: self._settled(taken[k], adjoints) for k in known}
        bars = {k: bar for k, bar in bars.items() if RESULTS[name][k] not in _STEPS}
        if not bars:
            return
        template, wanted = PULLBACKS[name], parameters_of(PULLBACKS[name])
        given: dict[str, Given] = dict(arguments_of(op))
        operands = {key: given.get(key) for key in DIFFERENTIATED[name]}
        for place, part in enumerate(RESULTS[name]):
            if place in bars and f"{part}_bar" not in wanted:
                refuse(op, f"{part!r} of {name}() has no derivative")
            given[f"{part}_bar"] = bars.get(place, _NONE)
            if part in wanted:
                given[part] = taken[place] if place in taken else self._take(op, place)
        if "inverse" in wanted:
            given["inverse"] = inverse_beside(self.arrays, op, op.args[0]) or _NONE
        for atom, share in zip(
            operands.values(), expand(run.builder, template, given, op), strict=True
        ):
            if share is not None and isinstance(atom, Value):
                self.arrays.give(atom, share, adjoints)

    def _take(self, op: Op, place: int) -> Value:
        """A result that the program does not use: it is taken where the function is called."""
        run, value = self.arrays.run, Value(op.result.type.items[place])
        made = Op(GETITEM, (op.result,), (value,), (), place, op.site, op.order)
        run.levels[-1][1].append(made)
        run.builder.definitions[value] = made
        self.taken[op.result][place] = value
        return value


#: Results that do not change with the argument, or in steps.
_STEPS = ("sign", "whole", "exponent")
