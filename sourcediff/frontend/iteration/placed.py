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
from typing import TYPE_CHECKING, TypeGuard

from sourcediff import types
from sourcediff.frontend.containers.containers import item, make_list, slice_of
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.construct import construct_known
from sourcediff.frontend.objects.dissolved import put, take
from sourcediff.frontend.operators import operate_comparison
from sourcediff.frontend.values import Binding, Conflict, Dissolved, Static, Stream, Tup
from sourcediff.ir import BREAK, Const, Region, Value, walk
from sourcediff.rules.library_definitions import ListIterator, moved_on, next_item

if TYPE_CHECKING:
    from sourcediff.frontend.control.joins import Outcome
    from sourcediff.frontend.iteration.streams import Turns

__all__ = ["call_next", "is_placed", "items_of", "placed", "rest_of"]


def placed(lowering: Lowering, args: list[Binding]) -> Binding | None:
    """``iter(xs)`` of a list; None of anything else."""
    (whole,) = args if len(args) == 1 else (None,)
    if is_placed(whole):
        return whole
    if isinstance(whole, Tup) and all(isinstance(i, Value | Const) for i in whole.items):
        assert lowering.node is not None
        whole = make_list(lowering, lowering.node, whole.items)
    if not isinstance(whole, Value) or whole.type.kind not in ("List", "Range"):
        return None
    return construct_known(lowering, ListIterator, [whole], {})


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


def is_placed(binding: Binding | None) -> TypeGuard[Dissolved]:
    """Whether a binding is such an iterator."""
    return isinstance(binding, Dissolved) and binding.cls is ListIterator


def _go_through(lowering: Lowering, whole: Dissolved, turns: Turns) -> Outcome:
    """The loop over what is left."""
    from sourcediff.frontend.iteration.streams import go_through, require_unchanged

    if whole.settled is not None:
        lowering.error(
            "a loop over an iterator in a loop over the same is not supported",
            turns.node,
            "go through the list by its index",
        )
    lowering.node = turns.node
    items, place = items_of(lowering, whole), _place(lowering, whole)
    is_whole = isinstance(place, Const) and place.value == 0
    rest = items if is_whole else _rest(lowering, whole)
    put(lowering, whole, "place", _size(lowering, whole))
    start = len(lowering.ops)
    whole.settled = "a loop goes through it"
    try:
        outcome = go_through(lowering, rest, turns)
    finally:
        whole.settled = None
    require_unchanged(lowering, [items], start, turns.node)
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


def _rest(lowering: Lowering, whole: Dissolved) -> Value:
    """A list of the items that are left, of which it has none after that."""
    assert lowering.node is not None
    none = Const(None, types.NONE)
    bounds: list[Binding] = [_place(lowering, whole), none, none]
    made = item(lowering, items_of(lowering, whole), slice_of(lowering, bounds), lowering.node)
    put(lowering, whole, "place", _size(lowering, whole))
    assert isinstance(made, Value)
    return made


def _entered(lowering: Lowering, definition: object, whole: Dissolved) -> Binding:
    """What a definition gives, as part of the statement that asks for it."""
    from sourcediff.frontend.calls.calls import call

    site, start, held = lowering.site, len(lowering.ops), lowering.ops
    found = call(lowering, Static(definition), [whole], {}, lowering.node)
    if lowering.ops is held:
        for op in walk(Region(held[start:], None)):
            op.site = site
    return found


def items_of(lowering: Lowering, whole: Dissolved) -> Value:
    """The list that such an iterator goes through."""
    items = take(lowering, whole, "items")
    assert isinstance(items, Value)
    return items


def _place(lowering: Lowering, whole: Dissolved) -> Binding:
    place = take(lowering, whole, "place")
    assert place is not None
    return place


def _size(lowering: Lowering, whole: Dissolved) -> Binding:
    from sourcediff.frontend.calls.calls import call

    return call(lowering, Static(len), [items_of(lowering, whole)], {}, lowering.node)
