"""Lowering of ``itertools.groupby``: a turn for each run of items with one key.

    for k, group in groupby(xs, f):         keys = [f(x) for x in xs]
        total += k * sum(group)             bounds = bounds_of_runs(keys)
                                            for start, stop in pairwise(bounds):
                                                total += keys[start] * sum(xs[start:stop])

The keys are computed before the first turn, so nothing that a turn changes may matter to them. A
group is an iterator: it is gone through once, in its own turn.

>>> from sourcediff.rules.library_definitions import bounds_of_runs
>>> bounds_of_runs(["a", "a", "b", "a"])
[0, 2, 3, 4]
"""

from __future__ import annotations

import ast
import builtins
import itertools
from collections.abc import Sequence
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.numpy_entered import enter_definition
from sourcediff.frontend.containers.containers import item, make_list, slice_of
from sourcediff.frontend.control.joins import Outcome
from sourcediff.frontend.frames import Arm
from sourcediff.frontend.iteration.iterators import Kwargs, call_again, handles
from sourcediff.frontend.iteration.placed import placed
from sourcediff.frontend.iteration.streams import (
    Turns,
    early,
    go_through,
    mapped,
    require_unchanged,
)
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.column_calls import subscript_of_columns
from sourcediff.frontend.objects.column_items import items_of_columns
from sourcediff.frontend.objects.columns import item_at
from sourcediff.frontend.values import Binding, Columns, Dissolved, Ref, Static, Stream, Tup
from sourcediff.ir import Atom, Const, Op, Region, Value, walk
from sourcediff.rules.library_definitions import GroupIterator, bounds_of_runs

__all__ = ["all_items"]

_NONE = Const(None, types.NONE)
_LIST = Ref("module", builtins, ("list",))
_PAIRWISE = Ref("module", itertools, ("pairwise",))


@handles(itertools.groupby)
def _groupby(
    lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    given = dict(zip(("iterable", "key"), args, strict=False)) | kwargs
    if not isinstance(node, ast.Call) or given.keys() - {"iterable", "key"}:
        return None
    key = given.get("key")
    return Stream(lambda turns: _Runs(lowering, given["iterable"], key, node).run(turns))


class _Runs:
    """A loop over the runs of items with one key."""

    def __init__(
        self, lowering: Lowering, source: Binding, key: Binding | None, node: ast.Call
    ) -> None:
        self.lowering = lowering
        self.source = source
        self.key = None if isinstance(key, Const) and key.value is None else key
        self.node = node

    def run(self, turns: Turns) -> Outcome:
        lowering, node = self.lowering, self.node
        whole = all_items(lowering, self.source, node)
        ops, keys = self._keys(whole)
        bounds = enter_definition(lowering, bounds_of_runs, [keys], {}, node)
        pairs = call_again(lowering, Static(itertools.pairwise, _PAIRWISE), [bounds], {}, node)

        def turn(pair: Binding) -> Outcome:
            assert isinstance(pair, Tup)  # which `pairwise` gives
            lowering.node = node
            part = slice_of(lowering, [*pair.items, _NONE])
            found = self._at(keys, pair.items[0])
            group = self._group(whole, part)
            lowering.groups.add(group)
            try:
                outcome = turns.body(Tup([found, group]))
            finally:
                lowering.groups.discard(group)
            self._require_same(whole, ops)
            return outcome

        start = len(lowering.ops)
        outcome = go_through(lowering, pairs, turns.with_body(turn))
        lists = list(whole.lists) if isinstance(whole, Columns) else [whole]
        lists += [a for op in walk(Region(ops, None)) for a in op.args if isinstance(a, Value)]
        read = [whole for whole in lists if whole.type.kind in ("List", "Dict")]
        require_unchanged(lowering, read, start, turns.node)
        return outcome

    def _keys(self, whole: Value | Columns) -> tuple[list[Op], Value | Columns]:
        """The keys of all items, and what computes them."""
        key, start = self.key, len(self.lowering.ops)
        if key is None:
            return [], whole

        def of_item(items: list[Binding]) -> Binding:
            return call_again(self.lowering, key, items, {}, self.node)

        self.lowering.node = self.node
        items = items_of_columns(self.lowering, whole) if isinstance(whole, Columns) else whole
        found = early(self.lowering, mapped(self.lowering, [items], of_item), self.node.func)
        return self.lowering.ops[start:], found

    def _require_same(self, whole: Value | Columns, ops: list[Op]) -> None:
        """Refuse keys that would be others after a turn, as a variable is bound again."""
        with self.lowering.inside(Arm()):
            again, _ = self._keys(whole)
        if not _same(ops, again, {}):
            self.lowering.error(
                "a key of groupby() that the loop changes is not supported",
                self.node,
                "make a list of the keys first",
            )

    def _at(self, whole: Value | Columns, place: Binding) -> Binding:
        if isinstance(whole, Columns):
            return item_at(self.lowering, whole, place, counted=True)
        return item(self.lowering, whole, place, self.node)

    def _group(self, whole: Value | Columns, part: Value) -> Dissolved:
        if isinstance(whole, Columns):
            found = subscript_of_columns(self.lowering, whole, part, self.node)
            items = found.kept() if isinstance(found, Stream) else found
        else:
            items = item(self.lowering, whole, part, self.node)
        group = placed(self.lowering, [items], GroupIterator)
        assert isinstance(group, Dissolved)
        return group


def all_items(lowering: Lowering, source: Binding, node: ast.AST) -> Value | Columns:
    """The list of what an iterable gives: that itself, where it is one."""
    if not _is_list(source):
        source = call_again(lowering, Static(list, _LIST), [source], {}, node)
    if isinstance(source, Tup):
        source = make_list(lowering, node, source.items)
    if not isinstance(source, Columns | Value) or not _is_list(source):
        lowering.error("the items of this are not supported here", node, "pass a list of numbers")
    return source


def _is_list(source: Binding) -> bool:
    if isinstance(source, Value):
        return source.type.kind in ("List", "Range")
    return isinstance(source, Columns)


def _same(ops: Sequence[Op], others: Sequence[Op], names: dict[Value, Value]) -> bool:
    """Whether operations are the same, on the same values."""

    def equal(one: Atom, other: Atom) -> bool:
        if isinstance(one, Value):
            return names.get(one, one) is other
        return one is other or (isinstance(one, Const) and one.same_as(other))

    if len(ops) != len(others):
        return False
    for op, other in zip(ops, others, strict=True):
        if op.primitive is not other.primitive or _detail(op) != _detail(other):
            return False
        if len(op.args) != len(other.args) or not all(map(equal, op.args, other.args)):
            return False
        for region, again in zip(op.regions, other.regions, strict=True):
            names.update(zip(region.parameters, again.parameters, strict=True))
            if not _same(region.ops, again.ops, names):
                return False
            pairs = zip(region.results or (), again.results or (), strict=True)
            if not all(equal(*pair) for pair in pairs):
                return False
        names.update(zip(op.results, other.results, strict=True))
    return True


def _detail(op: Op) -> Any:
    return op.attribute if isinstance(op.attribute, str | int) else type(op.attribute)
