"""What `einsum` and products of arrays of many axes contribute to the adjoints of their operands.

In the letters of `frontend.arrays.contractions` an operand takes the `einsum` of the adjoint and
of the other operands: of ``np.einsum("ij,jk->ik", a, b)`` the adjoint of `a` is
``np.einsum("ik,jk->ij", y_bar, b)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from string import ascii_letters
from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.frontend.arrays.contractions import Terms, terms_of_call
from sourcediff.frontend.arrays.numpy_signatures import arguments_of
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.memory import OPERATE
from sourcediff.transform.adjoint.conjugates import conjugate
from sourcediff.transform.adjoint.scaled import Scaled
from sourcediff.transform.arrays.code import is_array, numbers_of, real_array
from sourcediff.transform.arrays.shapes import Axis, constant_of
from sourcediff.transform.arrays.table import pullback, rank, refuse

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.arrays.arrays import Arrays

__all__ = ["contracted", "pull_back_contraction"]


def contracted(arrays: Arrays, op: Op) -> tuple[tuple[Atom, ...], Terms]:
    """The operands of a product, and their letters."""
    if op.primitive is OPERATE:
        operands, name, constants = op.args, "matmul", None
    else:
        given = arguments_of(op)
        name = op.attribute.numpy if op.primitive is PURE_CALL else op.attribute.name
        chosen = {"einsum": "subscripts", "tensordot": "axes"}.get(name, "")
        constants = constant_of(
            given.get(chosen, Const(2, types.INT)), arrays.run.builder.definitions
        )
        names = [key for key in ("a", "b", "c", "d", "e") if key in given]
        operands = tuple(atom for key in names if not isinstance(atom := given[key], tuple))
    found = terms_of_call(name, constants, [rank(atom) for atom in operands])
    if found is None:
        refuse(op, f"{name}() of these arrays is not supported")
    return operands, found


@pullback("einsum", "tensordot", "vecdot")
def pull_back_contraction(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    operands, (inputs, output) = contracted(arrays, op)
    axes = _axes(arrays, operands, inputs)
    for place, arg in enumerate(operands):
        if isinstance(arg, Value) and arg in arrays.run.active:
            beside = [*zip(operands, inputs, strict=True)]
            del beside[place]
            others = [(conjugate(arrays.run.builder, atom), term) for atom, term in beside]
            one = _Share(arrays, arg, inputs[place], others, output, axes)
            arrays.give(arg, one.of(op, adjoint), adjoints)


def _axes(
    arrays: Arrays, operands: Sequence[Atom], inputs: Sequence[str]
) -> dict[str, Axis | None]:
    """How long the axis of each letter is: what has length one is broadcast.

    None where either of two may have length one.
    """
    found: dict[str, Axis | None] = {}
    for atom, term in zip(operands, inputs, strict=True):
        for letter, axis in zip(term, arrays.shapes.of(atom), strict=True):
            known = found.get(letter, 1)
            if known == 1 or arrays.shapes.not_one(axis):
                found[letter] = axis
            elif axis not in (1, known) and (known is None or not arrays.shapes.not_one(known)):
                found[letter] = None
    return found


class _Share:
    """What one operand gets."""

    def __init__(
        self,
        arrays: Arrays,
        arg: Value,
        term: str,
        others: list[tuple[Atom, str]],
        output: str,
        axes: dict[str, Axis | None],
    ) -> None:
        self.arrays = arrays
        self.arg = arg
        self.term = term
        self.others = others
        self.output = output
        self.axes = axes

    def of(self, op: Op, adjoint: Scaled) -> Scaled:
        arrays, builder = self.arrays, self.arrays.run.builder
        wanted, extras = self._unfolded()
        read = {*self.output, *self._spanned()}
        for letter in dict.fromkeys(self.term):
            if letter not in read and not any(letter in term for _, term in extras):
                extras.append((self._ones(letter), letter))
        factors = [*self.others, *extras]
        scaled = builder.settled(adjoint)
        if not self.output:
            if not factors:
                return scaled
            if len(factors) == 1 and factors[0][1] == wanted:
                return self._fitted(builder.multiply(scaled, builder.scaled(factors[0][0])))
            return self._fitted(
                builder.multiply(scaled, Scaled(1.0, self._einsum(factors, wanted)))
            )
        core = Scaled(1.0) if scaled.core is None else Scaled(1.0, scaled.core)
        factors.insert(0, (arrays.full(op.result, core), self.output))
        return self._fitted(Scaled(scaled.coefficient, self._einsum(factors, wanted)))

    def _unfolded(self) -> tuple[str, list[tuple[Atom, str]]]:
        """The operand's letters, each once: of a diagonal, what makes it a matrix again."""
        used = {*self.term, *self.output, *(c for _, term in self.others for c in term)}
        free = (c for c in ascii_letters if c not in used)
        wanted, extras = "", []
        for place, letter in enumerate(self.term):
            if letter not in wanted:
                wanted += letter
                continue
            other = next(free)
            length = self.arrays.code.length(self.arg, place)
            eye: Atom = self.arrays.code.call("eye", (length,), real_array(2))
            extras.append((eye, letter + other))
            self.axes[other] = self.axes[letter]
            wanted += other
        return wanted, extras

    def _spanned(self) -> Iterator[str]:
        """The letters that another operand has at full length: an axis of one is broadcast."""
        shapes = self.arrays.shapes
        own = dict(zip(self.term, shapes.of(self.arg), strict=True))
        for atom, term in self.others:
            for letter, axis in zip(term, shapes.of(atom), strict=True):
                if own.get(letter, axis) in (axis, 1) or shapes.not_one(axis):
                    yield letter

    def _ones(self, letter: str) -> Atom:
        length = self.arrays.code.length(self.arg, self.term.index(letter))
        return self.arrays.code.call("ones", (length,), real_array(1))

    def _einsum(self, factors: list[tuple[Atom, str]], wanted: str) -> Value:
        subscripts = f"{','.join(term for _, term in factors)}->{wanted}"
        args = (Const(subscripts, types.STR), *(atom for atom, _ in factors))
        element = numbers_of(*(atom.type for atom, _ in factors))
        made = self.arrays.code.call("einsum", args, real_array(len(wanted), element))
        lengths = [self.axes[c] for c in wanted]
        if wanted and None not in lengths:
            self.arrays.shapes.known[made] = tuple(n for n in lengths if n is not None)
        return made

    def _fitted(self, share: Scaled) -> Scaled:
        """Summed where an axis of length one was broadcast."""
        if share.core is None or not is_array(share.core):
            return share
        return self.arrays.summed(share.core, self.arg, share)
