"""What every operation on arrays does with adjoints: make them, take them, hand them on."""

from __future__ import annotations

from collections.abc import Callable

from sourcediff.ir import Atom, Op
from sourcediff.transform.whole.array_code import Arrays, is_array_type
from sourcediff.transform.whole.sweep import Back, Sweep

__all__ = ["contribute", "fresh", "wanted"]


def wanted(self: Sweep, atom: Atom) -> bool:
    """Whether an operand gets anything: a number that varies, or an array with a shadow."""
    return self.active(atom) or (is_array_type(atom.type) and self.refers(atom))


def contribute(self: Sweep, atom: Atom, found: Callable[[Arrays], Atom]) -> None:
    """Add to the adjoint of an operand what `found` appends the code of."""
    if not wanted(self, atom):
        return
    arrays = Arrays(self.back)
    given = arrays.fitted(found(arrays), atom)
    if self.refers(atom):
        arrays.add_to(self.shadow_of(atom, atom.type), given)
    else:
        self.add(atom, self.back.scaled(given))


def fresh(self: Sweep, op: Op, give: Callable[[Atom], None]) -> Back | None:
    """Append an operation that makes something new; `give` hands its adjoint to the operands."""
    self.code.append(op)
    if not op.results:
        return None
    result = op.result
    if self.refers(result):
        kind = self.program.shadows.of(result.type)
        shadow = self.shadow[result] = Arrays(self.code).zeros(result, kind)
        return lambda: give(shadow)
    if not self.active(result):
        return None

    def back() -> None:
        adjoint = self.take(result)
        if not adjoint.is_zero:
            give(self.back.real_atom(adjoint))

    return back
