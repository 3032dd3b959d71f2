"""Arguments that are apart: lists and dicts of which no two places hold the same one.

Nothing has to be known by its identity then. Copies and shadows are made as a person would write
it, and the shadow is the gradient in the end.

>>> from sourcediff import grad
>>> def solved(a, b):
...     for i in range(len(b)):
...         a[i][0], b[i] = b[i], a[i][0]
...     return {n: b[n] * a[n][0] for n in range(len(b))}[1]
>>> derivative = grad(solved, argnums=(0, 1))
>>> derivative([[2.0], [3.0]], [5.0, 7.0])
([[0.0], [7.0]], [0.0, 3.0])
>>> print("a_bar = [[0.0] * len(row) for row in a]" in derivative.source)
True
"""

from __future__ import annotations

from collections.abc import Callable

from sourcediff import ir, memory
from sourcediff.ir import Atom, Region, Value
from sourcediff.transform.whole.build import ZERO, Code
from sourcediff.transform.whole.normal import called
from sourcediff.transform.whole.shapes import element
from sourcediff.transform.whole.sparing import Sparing, zeros_of
from sourcediff.transform.whole.structure import is_structure
from sourcediff.types import REAL, Type

__all__ = ["Apart"]


class Apart:
    """What is made of such arguments, for one differentiation."""

    def __init__(self, sparing: Sparing) -> None:
        self.sparing = sparing
        self.shadows = sparing.program.shadows
        #: Of arguments whose lists the program moves, the shadows where they were.
        self.first: dict[Value, Atom] = {}

    def takes(self, kind: Type, wanted: bool) -> bool:
        """Whether an argument is made of lists and dicts in a way that is known here.

        Args:
            wanted: whether there has to be a gradient.
        """
        if not is_structure(kind):
            return False
        if not self.shadows.has(kind):
            return not wanted and (not self.sparing.copies(kind) or _is_nested(kind, ()))
        return _is_nested(kind, ()) and (self.sparing.is_gradient(kind) or _is_simple(kind))

    def enter(self, code: Code, whole: Value) -> tuple[Atom, Atom]:
        """The copy of an argument, if it needs one, and its shadow."""
        shadow: Atom = ZERO
        if self.shadows.has(whole.type):
            shadow = called(self.zeros(code, whole), f"{whole.name}_bar")
            if not self.sparing.is_gradient(whole.type) and whole.type.kind == "List":
                self.first[whole] = called(self._first(code, shadow), "gradient")
        if not self.sparing.copies(whole.type):
            return whole, shadow
        return called(self.copy(code, whole), whole.name), shadow

    def gradient(self, code: Code, whole: Value, shadow: Atom) -> Atom:
        """The gradient with respect to an argument, when the reverse sweep has ended."""
        if self.sparing.is_gradient(whole.type):
            return shadow
        if whole in self.first:
            return self.first[whole]
        kind = self.shadows.of(whole.type)
        return _each(code, whole, kind, lambda key: code.at(shadow, key, REAL), keys=True)

    def _first(self, code: Code, shadow: Atom) -> Atom:
        """The lists of a shadow as they are before the program puts them elsewhere."""
        kind, held = shadow.type, element(shadow.type)
        if held is REAL:
            return shadow
        if element(held) is REAL:
            return code.call(list, shadow, type=kind)
        return _each(code, shadow, kind, lambda item: self._first(code, item))

    def copy(self, code: Code, whole: Atom) -> Value:
        """Lists and dicts of the same."""
        kind, held = whole.type, element(whole.type)
        if _is_flat(held):
            return code.call(list if kind.kind == "List" else dict, whole, type=kind)
        return _each(code, whole, kind, lambda item: self.copy(code, item))

    def zeros(self, code: Code, whole: Atom) -> Value:
        """Lists and dicts of zeros."""
        wanted = self.shadows.of(whole.type)
        if whole.type.kind == "List" and element(whole.type) is REAL:
            return zeros_of(code, whole, wanted)
        if element(whole.type) is REAL:
            return _each(code, whole, wanted, lambda _: ZERO)
        return _each(code, whole, wanted, lambda item: self.zeros(code, item))


def _each(
    code: Code, whole: Atom, kind: Type, make: Callable[[Value], Atom], keys: bool = False
) -> Value:
    """A comprehension: something made for each item, or for each key of a dict."""
    row = kind.kind == "List"
    made = code.op(memory.LIST if row else memory.DICT, (), kind)
    inside = element(whole.type)
    if row:
        item = Value(inside, None if _is_flat(inside) else "row")
    else:
        item = Value(whole.type.slots["key"].type, "key")

    def one() -> None:
        if row:
            code.push(made, make(item))
        else:
            code.put(made, item, make(item if keys else code.at(whole, item, inside)))

    region = Region(code.region(one).ops, (), None, (item,))
    code.op(ir.FOR, (whole,), None, "list" if row else "dict", (region,))
    return made


def _is_simple(kind: Type) -> bool:
    """Whether it is a dict of real numbers, or made of lists and nothing else."""
    held = element(kind)
    if kind.kind == "Dict":
        return held is REAL
    return kind.kind == "List" and (held is REAL or _is_simple(held)) and held.kind != "Dict"


def _is_flat(kind: Type) -> bool:
    """Whether a value has no identity and leads to nothing that has."""
    return kind.kind in ("Real", "Int", "Bool", "Str", "None")


def _is_nested(kind: Type, around: tuple[Type, ...]) -> bool:
    """Whether a value is made of lists and dicts with numbers and texts in them."""
    if any(kind is one for one in around) or kind.kind not in ("List", "Dict"):
        return False
    if kind.kind == "Dict" and kind.cls not in (None, dict):
        return False
    held = element(kind)
    return _is_flat(held) or _is_nested(held, (*around, kind))
