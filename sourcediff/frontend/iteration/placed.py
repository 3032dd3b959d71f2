"""Iterators over lists that `next` moves on: a list and a place in it.

``it = iter(xs)`` makes an object that dissolves; ``next(it)`` reads an item and moves the place on,
and what goes through `it` goes through what is left: ``for x in xs[1:]``.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, list_of
>>> def f(xs):
...     it = iter(xs)
...     return next(it, 0.0)
>>> print(lower_function(f, {"xs": list_of(Slot(REAL))}))
f(xs: List[Real]):
    %1 = pure_call xs [len]
    %2 = lt 0 %1
    %3, it_place = if %2:
        %4 = subscript xs 0
        yield %4, 1
    else:
        yield 0.0, 0
    yield %3
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeGuard

from sourcediff import types
from sourcediff.frontend.containers.containers import item, make_list, slice_of
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.construct import construct_known
from sourcediff.frontend.objects.dissolved import put, take
from sourcediff.frontend.operators import operate_comparison
from sourcediff.frontend.values import Binding, Columns, Conflict, Dissolved, Static, Stream, Tup
from sourcediff.ir import BREAK, Const, Region, Value, walk
from sourcediff.rules.library_definitions import (
    GroupIterator,
    ListIterator,
    moved_on,
    next_item,
    skipped,
    taken,
)

if TYPE_CHECKING:
    from sourcediff.frontend.control.joins import Outcome
    from sourcediff.frontend.iteration.streams import Turns

__all__ = ["call_next", "is_placed", "items_of", "part_of", "placed", "rest_of"]


def placed(
    lowering: Lowering, args: list[Binding], cls: type[ListIterator] = ListIterator
) -> Binding | None:
    """``iter(xs)`` of a list; None of anything else."""
    (whole,) = args if len(args) == 1 else (None,)
    if is_placed(whole):
        return whole
    if isinstance(whole, Tup) and all(isinstance(i, Value | Const) for i in whole.items):
        assert lowering.node is not None
        whole = make_list(lowering, lowering.node, whole.items)
    if not isinstance(whole, Columns):
        if not isinstance(whole, Value) or whole.type.kind not in ("List", "Range"):
            return None
    return construct_known(lowering, cls, [whole], {})


def call_next(lowering: Lowering, args: list[Binding]) -> Binding | None:
    """``next(it)`` and ``next(it, default)`` of such an iterator; None of anything else."""
    whole = args[0] if args else None
    if not is_placed(whole):
        return None
    default = args[1:]
    if not default:
        return _entered(lowering, next_item, whole)
    place, size = _place(lowering, whole), _size(lowering, whole)
    return lowering.choose(
        operate_comparison(lowering, ast.Lt(), place, size),
        lambda: _entered(lowering, moved_on, whole),
        lambda: default[0],
    )


def rest_of(lowering: Lowering, binding: Binding) -> Binding:
    """What is gone through where such an iterator is; anything else itself."""
    if not is_placed(binding):
        return binding
    stream = Stream(lambda turns: _go_through(lowering, binding, turns))
    stream.whole = lambda: _rest(lowering, binding)
    stream.leave = lambda: _leave(lowering, binding)
    return stream


def part_of(lowering: Lowering, args: list[Binding]) -> Binding | None:
    """``itertools.islice(it, …)`` of such an iterator, which moves on; None of anything else."""
    if not args or not is_placed(args[0]) or not 2 <= len(args) <= 3:
        return None
    whole, *bounds = args
    assert isinstance(whole, Dissolved)
    start, stop = bounds if len(bounds) == 2 else (Const(0, types.INT), bounds[0])
    if isinstance(start, Const) and start.value is None:
        start = Const(0, types.INT)
    given = [start, stop]
    definition: object = taken
    if isinstance(stop, Const) and stop.value is None:
        given, definition = [start], skipped

    def part() -> Binding:
        return _entered(lowering, definition, whole, *given)

    stream = Stream(lambda turns: _in_turns(lowering, whole, part, turns))
    stream.whole = part
    stream.leave = lambda: _leave(lowering, whole)
    return stream


def is_placed(binding: Binding | None) -> TypeGuard[Dissolved]:
    """Whether a binding is such an iterator."""
    return isinstance(binding, Dissolved) and binding.cls in (ListIterator, GroupIterator)


def _go_through(lowering: Lowering, whole: Dissolved, turns: Turns) -> Outcome:
    """The loop over what is left."""
    place = _place(lowering, whole)
    is_whole = isinstance(place, Const) and place.value == 0

    def rest() -> Binding:
        items = items_of(lowering, whole)
        found = items if is_whole else _rest(lowering, whole)
        put(lowering, whole, "place", _size(lowering, whole))
        return found

    return _in_turns(lowering, whole, rest, turns)


def _in_turns(
    lowering: Lowering, whole: Dissolved, part: Callable[[], Binding], turns: Turns
) -> Outcome:
    """The loop over a part of it, before which the iterator is moved behind that."""
    from sourcediff.frontend.iteration.streams import go_through, require_unchanged

    if whole.settled is not None:
        lowering.error(
            "a loop over an iterator in a loop over the same is not supported",
            turns.node,
            "go through the list by its index",
        )
    lowering.node = turns.node
    items = items_of(lowering, whole)
    found = part()
    start = len(lowering.ops)
    whole.settled = "a loop goes through it"
    try:
        outcome = go_through(lowering, found, turns)
    finally:
        whole.settled = None
    lists = items.lists if isinstance(items, Columns) else [items]
    require_unchanged(lowering, lists, start, turns.node)
    if any(op.primitive is BREAK for op in walk(Region(lowering.ops[start:], None))):
        _leave(lowering, whole)
    return outcome


def _leave(lowering: Lowering, whole: Dissolved) -> None:
    """Nobody may ask any more how far an iterator has come: only the run knows it."""
    message = (
        "an iterator that is used again, where what took items of it may have left some, is not "
        "supported: go through the list by its index"
    )
    lowering.variables.set((whole, "place"), Conflict(message))


def _rest(lowering: Lowering, whole: Dissolved) -> Any:
    """A list of the items that are left, of which it has none after that."""
    assert lowering.node is not None
    none = Const(None, types.NONE)
    bounds: list[Binding] = [_place(lowering, whole), none, none]
    made = _part(lowering, items_of(lowering, whole), slice_of(lowering, bounds))
    put(lowering, whole, "place", _size(lowering, whole))
    return made


def _part(lowering: Lowering, items: Value | Columns, part: Value) -> Any:
    assert lowering.node is not None
    if isinstance(items, Columns):
        from sourcediff.frontend.objects.column_calls import subscript_of_columns

        found = subscript_of_columns(lowering, items, part, lowering.node)
        return found.kept() if isinstance(found, Stream) else found
    return item(lowering, items, part, lowering.node)


def _entered(lowering: Lowering, definition: object, *args: Binding) -> Binding:
    """What a definition gives, as part of the statement that asks for it."""
    from sourcediff.frontend.calls.calls import call

    site, start, held = lowering.site, len(lowering.ops), lowering.ops
    found = call(lowering, Static(definition), [*args], {}, lowering.node)
    if lowering.ops is held:
        for op in walk(Region(held[start:], None)):
            op.site = site
    return found


def items_of(lowering: Lowering, whole: Dissolved) -> Value | Columns:
    """The list that such an iterator goes through."""
    if whole.cls is GroupIterator and whole not in lowering.groups:
        lowering.error(
            "a group that is used after its turn is not supported: groupby() has gone on by then",
            help="make a list of it: list(group)",
        )
    items = take(lowering, whole, "items")
    assert isinstance(items, Value | Columns)
    return items


def _place(lowering: Lowering, whole: Dissolved) -> Binding:
    place = take(lowering, whole, "place")
    assert place is not None
    return place


def _size(lowering: Lowering, whole: Dissolved) -> Binding:
    from sourcediff.frontend.calls.calls import call

    return call(lowering, Static(len), [items_of(lowering, whole)], {}, lowering.node)
