"""Lowering of ``itertools.tee``: several iterators over one list, each with a place of its own.

    a, b = tee(xs)                          a_place, b_place = 0, 0
    next(b, None)                           b_place = min(1, len(xs))
    zip(a, b)                               zip(xs, xs[b_place:])

What one of them has taken the others find again, whatever became of the list meanwhile, so that
a list that changes from there on is refused.
"""

from __future__ import annotations

import ast
import itertools

from sourcediff import types
from sourcediff.frontend.iteration.iterators import ITERATORS, Kwargs, built_in, handles
from sourcediff.frontend.iteration.placed import placed
from sourcediff.frontend.iteration.runs import all_items
from sourcediff.frontend.iteration.streams import early, slots_of
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.state import State
from sourcediff.frontend.values import Binding, Columns, Stream, Tup
from sourcediff.ir import Const, Region, walk

__all__ = ["ITERATORS", "require_as_shared"]


@handles(itertools.tee)
def _tee(lowering: Lowering, args: list[Binding], kwargs: Kwargs, node: ast.AST) -> Binding | None:
    given = dict(zip(("iterable", "n"), args, strict=False)) | kwargs
    count = given.get("n", Const(2, types.INT))
    if not isinstance(count, Const) or not isinstance(count.value, int):
        return None
    source = given["iterable"]
    if isinstance(source, Stream):
        source = early(lowering, source, node)
    whole = all_items(lowering, source, node)
    lists = whole.lists if isinstance(whole, Columns) else [whole]
    size = lowering.atom(built_in(lowering, len, [lists[0]], node))
    lowering.shared_lists.append((lists, size, node))
    found = [placed(lowering, [whole]) for _ in range(count.value)]
    return Tup([iterator for iterator in found if iterator is not None])


def require_as_shared(lowering: State, body: Region) -> None:
    """Refuse writes to the list of such iterators, behind where these are made."""
    for lists, size, node in lowering.shared_lists:
        slots = {slot.root for whole in lists for slot in slots_of(whole.type)}
        behind = False
        for op in walk(body):
            behind = behind or size in op.results
            if not behind or not op.primitive.writes or not op.args:
                continue
            kind = op.args[0].type
            changed = kind.slots.get("element") if kind.kind == "List" else None
            if changed is not None and changed.root in slots:
                lowering.error("tee() of a list that changes is not supported", node, "copy it")
