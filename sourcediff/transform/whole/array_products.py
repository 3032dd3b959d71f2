"""The reverse of products of vectors and matrices."""

from __future__ import annotations

from collections.abc import Callable

from sourcediff import memory
from sourcediff.frontend.primitives import GETATTR
from sourcediff.ir import Atom, Op, Value
from sourcediff.transform.whole.array_adjoints import contribute, fresh
from sourcediff.transform.whole.array_code import RANKED, Arrays, new_array
from sourcediff.transform.whole.build import Code, integer
from sourcediff.transform.whole.shapes import inner, rank_of
from sourcediff.transform.whole.sweep import Back, Sweep
from sourcediff.types import INT, array_of, sequence_of

__all__ = ["dot", "outer_product", "product"]


def product(self: Sweep, a: Atom, b: Atom, g: Atom) -> None:
    """What ``a @ b`` gives back; where only the run knows how many axes they have, it tells."""
    code = self.back
    for place, atom in enumerate((a, b)):
        if rank_of(atom.type) is not None:
            continue
        axes = Arrays(code).numpy("ndim", atom, type=INT)

        def of_rank(rank: int, place: int = place, atom: Atom = atom) -> None:
            known = _ranked(self, atom, rank)
            if place == 0:
                product(self, known, b, g)
            else:
                product(self, a, known, g)

        def of_two(axes: Atom = axes, of_rank: Callable[[int], None] = of_rank) -> None:
            code.branch(
                code.equal(axes, integer(2)),
                lambda: of_rank(2),
                lambda: code.fail(ValueError, "the gradient of @ is that of one or two axes"),
            )

        code.branch(code.equal(axes, integer(1)), lambda: of_rank(1), of_two)
        return
    left, right = rank_of(a.type), rank_of(b.type)
    assert left is not None and right is not None
    if rank_of(g.type) is None:
        g = Arrays(code).total(g) if left + right == 2 else _as_ranked(code, g, left + right - 2)
    rule: dict[tuple[int, int], tuple[Callable[[Arrays], Atom], Callable[[Arrays], Atom]]] = {
        (1, 1): (lambda c: c.operate("*", g, b), lambda c: c.operate("*", g, a)),
        (2, 1): (lambda c: _outer(c, g, b), lambda c: c.operate("@", c.transpose(a), g)),
        (1, 2): (lambda c: c.operate("@", b, g), lambda c: _outer(c, a, g)),
        (2, 2): (
            lambda c: c.operate("@", g, c.transpose(b)),
            lambda c: c.operate("@", c.transpose(a), g),
        ),
    }
    for atom, found in zip((a, b), rule[left, right], strict=True):
        contribute(self, atom, found)


def _outer(arrays: Arrays, one: Atom, other: Atom) -> Atom:
    return arrays.numpy("outer", one, other, type=new_array(2))


def _as_ranked(code: Code, atom: Atom, rank: int) -> Value:
    return code.op(RANKED, (atom,), array_of(inner(atom.type).slots["element"], rank))


def _ranked(self: Sweep, atom: Atom, rank: int) -> Value:
    """The same array, and its shadow, for the time in which its number of axes is known."""
    made = _as_ranked(self.back, atom, rank)
    if self.refers(atom):
        self.shadow[made] = _as_ranked(self.back, self.shadow_of(atom, atom.type), rank)
    return made


def dot(self: Sweep, op: Op) -> Back | None:
    """``a.dot(b)``, ``numpy.dot(a, b)``, ``numpy.matmul(a, b)``."""
    return fresh(self, op, lambda g: product(self, op.args[0], op.args[1], g))


def outer_product(self: Sweep, op: Op) -> Back | None:
    """``numpy.outer(a, b)``, which goes through arrays of several axes row by row."""
    a, b = op.args

    def flat(arrays: Arrays, atom: Atom) -> Atom:
        if rank_of(atom.type) == 1:
            return atom
        return arrays.numpy("ravel", atom, type=new_array(1))

    def give(g: Atom) -> None:
        contribute(self, a, lambda c: _like(c, c.operate("@", g, flat(c, b)), a))
        contribute(self, b, lambda c: _like(c, c.operate("@", flat(c, a), g), b))

    return fresh(self, op, give)


def _like(arrays: Arrays, found: Atom, atom: Atom) -> Atom:
    """What belongs to the numbers of an array row by row, in the shape of the array."""
    if rank_of(atom.type) == 1:
        return found
    shape = arrays.code.op(GETATTR, (atom,), sequence_of(INT), "shape")
    spec = memory.MethodSpec("reshape")
    return arrays.code.op(memory.QUERY, (found, shape), new_array(rank_of(atom.type)), spec)


def same(self: Sweep, op: Op) -> Back | None:
    """An array whose number of axes became known."""
    self.code.append(op)
    if self.refers(op.result):
        shadow = self.shadow_of(op.args[0], op.args[0].type)
        kind = self.program.shadows.of(op.result.type)
        self.shadow[op.result] = self.code.op(RANKED, (shadow,), kind)
    return None


Sweep.handlers[RANKED] = same
