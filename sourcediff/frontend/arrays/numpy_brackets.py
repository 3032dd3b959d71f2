"""Arrays that are put together between brackets: ``np.r_[0.0, x, 1.0]``, ``np.c_[x, y]``.

They are joined as `numpy.concatenate` and `numpy.column_stack` do: ``np.r_[x, y]`` is
``np.concatenate((x, y))``, and a number in it an array of one.
"""

from __future__ import annotations

import ast
import sys
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.array_values import attribute_of_array_value, item_of_array_value
from sourcediff.frontend.arrays.arrays import element_of
from sourcediff.frontend.arrays.numpy_forms import of_numpy
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Static, Tup
from sourcediff.ir import Const, Value
from sourcediff.memory import SLICED
from sourcediff.types import rank_of

__all__ = ["joined_in_brackets", "joins_in_brackets"]


def joins_in_brackets(whole: Binding) -> bool:
    """Whether a binding is ``np.r_`` or ``np.c_``."""
    numpy: Any = sys.modules.get("numpy")
    if numpy is None or not isinstance(whole, Static):
        return False
    return whole.object is numpy.r_ or whole.object is numpy.c_


def joined_in_brackets(
    lowering: Lowering, whole: Binding, index: Binding, node: ast.AST
) -> Binding:
    """``np.r_[…]`` and ``np.c_[…]``."""
    assert isinstance(whole, Static)
    items = index.items if isinstance(index, Tup) and index.cls is tuple else [index]
    run = _Joining(lowering, node)
    return run.columns(items) if whole.object is sys.modules["numpy"].c_ else run.rows(items)


class _Joining:
    def __init__(self, lowering: Lowering, node: ast.AST) -> None:
        self.lowering = lowering
        self.node = node

    def rows(self, items: list[Binding]) -> Binding:
        """One behind the other."""
        parts = [self._ranged(item) for item in items]
        arrays = [part for part in parts if self._rank(part)]
        if len(arrays) > 1 and len(arrays) < len(parts):
            self._refuse("r_", next(part for part in parts if part not in arrays))
        parts = [part if part in arrays else self._of_one(part, arrays) for part in parts]
        if {self._rank(part) for part in parts} not in ({1}, {2}):
            self._refuse("r_", parts[0])
        return self._call("concatenate", Tup(list(parts)))

    def columns(self, items: list[Binding]) -> Binding:
        """Beside each other, what has one axis as a column."""
        parts = [self._ranged(item) for item in items]
        ranks = [self._rank(part) for part in parts]
        if not set(ranks) <= {1, 2}:
            self._refuse("c_", next(p for p, rank in zip(parts, ranks, strict=True) if rank != 1))
        if set(ranks) == {1}:
            return self._call("column_stack", Tup(list(parts)))
        columns = [p if self._rank(p) == 2 else self._as_column(p) for p in parts]
        return self._call("concatenate", Tup(columns), axis=Const(1, types.INT))

    def _as_column(self, part: Value | Const) -> Binding:
        none = Const(None, types.NONE)
        everything = self.lowering.emit(SLICED, (none, none, none), types.SLICE)
        index = Tup([everything, none])
        return item_of_array_value(self.lowering, part, index, self.node)

    def _ranged(self, item: Binding) -> Value | Const:
        """An item, of a slice the numbers that it counts."""
        if isinstance(item, Value) and item.type is types.SLICE:
            made = next(op for op in reversed(self.lowering.ops) if item in op.results)
            start, stop, step = made.args
            if isinstance(start, Const) and start.value is None:
                start = Const(0, types.INT)
            bounds = [start, stop] if step.type is types.NONE else [start, stop, step]
            item = self._call("arange", *bounds)
        if isinstance(item, Tup):
            item = self._call("array", item)
        if isinstance(item, Value | Const):
            if types.is_number(item.type) or (item.type.kind == "Array" and self._rank(item)):
                return item
        found: Value | Const = self._refuse("r_", item)
        return found

    def _of_one(self, part: Value | Const, like: list[Any]) -> Value | Const:
        """A number as an array of one, of the type of the numbers in the array beside it."""
        one = Tup([part], list)
        if like and element_of(like[0].type) is types.REAL:
            dtype = attribute_of_array_value(self.lowering, like[0], "dtype")
            return self.lowering.atom(self._call("array", one, dtype=dtype))
        return self.lowering.atom(self._call("array", one))

    def _call(self, name: str, *args: Binding, **keywords: Binding) -> Binding:
        from sourcediff.frontend.arrays.numpy_calls import call_numpy_function

        return call_numpy_function(
            self.lowering, of_numpy(name), list(args), dict(keywords), self.node
        )

    @staticmethod
    def _rank(part: Value | Const) -> int:
        return rank_of(part.type) or 0

    def _refuse(self, name: str, item: Binding) -> Any:
        what = f"np.{name} of {describe(item)} beside others is not supported"
        self.lowering.error(what, self.node, "use np.concatenate or np.column_stack")
