"""Calls that are given or make what is gone through: which of the ways of calling one is.

Only where derivatives are made: where a function is to be written again as it was, these calls
stay calls (see `container_calls`).
"""

from __future__ import annotations

import ast
import itertools
import math
import operator
import statistics
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.array_sequences import with_lists
from sourcediff.frontend.arrays.numpy_iterators import places_gone_through
from sourcediff.frontend.calls.callables import is_hashable
from sourcediff.frontend.containers.comprehensions import decided
from sourcediff.frontend.containers.containers import (
    delete_item,
    is_structure,
    item,
    make_list,
    slice_of,
)
from sourcediff.frontend.containers.known_lists import holds_code
from sourcediff.frontend.containers.mappings import is_mapping, method_of_mapping
from sourcediff.frontend.containers.ordering import call_by_key, compares_rows, sort_by_key
from sourcediff.frontend.containers.rows import of_numbers
from sourcediff.frontend.iteration.iterables import iterated
from sourcediff.frontend.iteration.iterators import Kwargs, all_of, call_again, columns
from sourcediff.frontend.iteration.placed import call_next, part_of, placed
from sourcediff.frontend.iteration.streams import (
    listed,
    mapped,
    number,
    require_unchanged,
)
from sourcediff.frontend.iteration.twice import ITERATORS
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.column_calls import call_on_columns
from sourcediff.frontend.objects.column_order import as_key, collected
from sourcediff.frontend.objects.columns import register
from sourcediff.frontend.objects.heaps import items_of_heap
from sourcediff.frontend.objects.object_sums import sum_of_objects
from sourcediff.frontend.objects.own_order import with_own_order
from sourcediff.frontend.objects.places import is_under_way
from sourcediff.frontend.objects.tuple_columns import (
    register_rows,
    register_tuple,
    shape_of_tuple,
)
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Columns,
    Dissolved,
    Grouped,
    Heap,
    Method,
    Spread,
    Static,
    Stream,
    Tup,
)
from sourcediff.ir import Const, Value

__all__ = ["call_on_streams"]

#: A list of arrays is known item by item up to this length.
MAX_KNOWN = 8

#: Functions whose derivatives are those of lists.
_OF_LISTS = (
    statistics.median,
    statistics.variance,
    statistics.pvariance,
    statistics.stdev,
    statistics.pstdev,
    statistics.geometric_mean,
    statistics.harmonic_mean,
)
#: Functions that take all items at once, and make nothing of the user's run meanwhile.
_TAKERS = (
    sum,
    max,
    min,
    list,
    tuple,
    sorted,
    set,
    math.prod,
    math.fsum,
    statistics.mean,
    statistics.fmean,
    *_OF_LISTS,
)


def call_on_streams(
    lowering: Lowering, function: Binding, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    """A call that makes a stream or is given one; None for any other."""
    if isinstance(function, Static) and (function.object is iter or function.object is next):
        stepped = (placed if function.object is iter else call_next)(lowering, args)
        if stepped is not None:
            return stepped
    if isinstance(function, Static) and function.object is itertools.islice:
        moving = part_of(lowering, args)
        if moving is not None:
            return moving
    given = any(isinstance(a, Stream) for a in args)
    kwargs = with_own_order(lowering, function, args, kwargs) or kwargs
    if isinstance(function, Method):
        return _method(lowering, function, args, kwargs, node)
    if not isinstance(function, Static):
        return None
    total = sum_of_objects(lowering, function, args, kwargs, node)
    if total is not None:
        return total
    found = function.object
    kwargs = _with_items_for_keys(found, args, kwargs)
    items = _gone_through(lowering, found, args)
    if any(item is not arg for item, arg in zip(items, args, strict=True)):
        return call_again(lowering, function, items, kwargs, node)
    if any(isinstance(a, Grouped) for a in args):
        if not any(found is one for one in (*_TAKERS, len, any, all, enumerate, zip, map, filter)):
            return None
        of_keys: list[Binding] = [a.places if isinstance(a, Grouped) else a for a in args]
        return call_again(lowering, function, of_keys, kwargs, node)
    if any(isinstance(a, Heap) for a in args):
        if found is len and len(args) == 1 and isinstance(args[0], Heap):
            return call_again(lowering, function, [args[0].order], kwargs, node)
        if any(found is one for one in (*_TAKERS, any, all, enumerate, zip, map, filter)):
            items = [items_of_heap(lowering, a) if isinstance(a, Heap) else a for a in args]
            return call_again(lowering, function, items, kwargs, node)
        return None
    shares = found is itertools.groupby or found is itertools.tee
    if any(isinstance(a, Columns) for a in args) and not shares:
        return call_on_columns(lowering, function, args, kwargs, node)
    if found in (sorted, max, min) and len(args) == 1 and isinstance(args[0], Value):
        if args[0].type.kind == "List":
            register_rows(lowering, args[0])
    lists = with_lists(lowering, found, args, node)
    if lists is not None:
        return lists[0] if found is list else call_again(lowering, function, lists, kwargs, node)
    if any(isinstance(a, Spread) for a in args):
        return _spread_out(lowering, function, args, kwargs, node)
    if found is operator.getitem and isinstance(args[0], Value) and is_structure(args[0]):
        return item(lowering, args[0], args[1], node)
    places = places_gone_through(lowering, found, args, node)
    if places is not None:
        return places
    of_lists = found is sorted or any(found is taker for taker in _OF_LISTS)
    if of_lists and args and isinstance(args[0], Tup) and isinstance(node, ast.Call):
        args = [make_list(lowering, node.args[0], args[0].items)]
        return call_again(lowering, function, args, kwargs, node)
    known = [part for a in args for part in (a.items if isinstance(a, Tup) else [a])]
    if found is map and len(args) > 1 and all(map(_is_of_arrays, args[1:])):
        return None
    handler = ITERATORS.get(found) if callable(found) and is_hashable(found) else None
    if handler is not None and (
        given
        or any(map(is_structure, known))
        or (isinstance(found, type) and found.__module__ == "itertools")
    ):
        return handler(lowering, args, kwargs, node)
    if found in (max, min) and "default" in kwargs and len(args) == 1:
        chosen = _or_default(lowering, function, args[0], kwargs, node)
        if chosen is not None:
            return chosen
    if found in (sorted, max, min) and len(args) == 1 and isinstance(node, ast.Call):
        pairs = _list(lowering, args[0], node.func)
        if pairs is not None:
            return call_again(lowering, function, [pairs], kwargs, node)
    if found in (sorted, max, min) and isinstance(node, ast.Call) and _has_key(kwargs):
        key = kwargs["key"]
        by = lambda items: as_key(lowering, call_again(lowering, key, items, {}, node))  # noqa: E731
        return call_by_key(lowering, found, args, kwargs, node, by)
    if found in (sorted, max, min) and isinstance(node, ast.Call) and compares_rows(args):
        return call_by_key(lowering, found, args, kwargs, node, None)
    if found is list and len(args) == 1 and not given:
        return _list(lowering, args[0], node)
    if given and found is list:
        assert isinstance(args[0], Stream)
        return listed(lowering, node, args[0], "list")
    if given and found in (any, all):
        assert isinstance(args[0], Stream)
        return decided(lowering, found.__name__, node, args[0])
    if given and any(found is taker for taker in _TAKERS):
        args = [all_of(lowering, a, node) for a in args]
        return call_again(lowering, function, args, kwargs, node)
    return None


def _is_of_arrays(binding: Binding) -> bool:
    """Whether something is a short list of arrays that is known: what is made of each is, too."""
    if not isinstance(binding, Tup) or not 0 < len(binding.items) <= MAX_KNOWN:
        return False
    return all(isinstance(item, Value) and item.type.kind == "Array" for item in binding.items)


def _with_items_for_keys(found: Any, args: list[Binding], kwargs: Kwargs) -> Kwargs:
    """``max(d, key=d.get)`` as ``max(d, key=d.__getitem__)``: all keys are there."""
    key = kwargs.get("key")
    if found not in (max, min, sorted) or not isinstance(key, Method) or key.name != "get":
        return kwargs
    if len(args) != 1 or args[0] is not key.subject or not is_mapping(args[0]):
        return kwargs
    return {**kwargs, "key": Bound(Static(operator.getitem), [args[0]])}


def _gone_through(lowering: Lowering, found: Any, args: list[Binding]) -> list[Binding]:
    """The arguments of a function that goes through them: objects by what they give."""
    takes = any(found is one for one in (*_TAKERS, any, all, enumerate, zip, reversed))
    if not takes and not (callable(found) and is_hashable(found) and found in ITERATORS):
        return args
    return [iterated(lowering, a) for a in args]


def _method(
    lowering: Lowering, function: Method, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    """A method of a list, where it is more than one operation."""
    whole = function.subject
    if not isinstance(whole, Value):
        return None
    if whole.type.kind == "Dict":
        return method_of_mapping(lowering, whole, function.name, args, kwargs, node)
    if function.name == "append" and whole.type.kind == "List" and len(args) == 1:
        if holds_code(args[0]):
            lowering.want_known(whole.type.slots["element"])
        free = isinstance(args[0], Dissolved) and not is_under_way(lowering, args[0])
        if free and isinstance(args[0], Dissolved) and args[0].cls is not dict:
            register(lowering, whole.type.slots["element"], args[0])
    if whole.type.kind == "List":
        if function.name in ("append", "insert"):
            register_tuple(lowering, whole.type.slots["element"], args[-1:])
        elif function.name != "extend":
            register_rows(lowering, whole)
    if function.name in ("extend", "join") and any(isinstance(a, Stream) for a in args):
        place = len(lowering.ops)
        args = [all_of(lowering, a, node) for a in args]
        require_unchanged(lowering, [whole], place, node)
        return call_again(lowering, function, args, kwargs, node)
    if function.name == "sort" and _has_key(kwargs) and isinstance(node, ast.Call):
        key = kwargs["key"]
        by_key = lambda items: as_key(lowering, call_again(lowering, key, items, {}, node))  # noqa: E731
        sort_by_key(lowering, whole, kwargs, node, by_key)
        return Const(None, types.NONE)
    if function.name == "remove" and whole.type.kind == "List" and len(args) == 1:
        index = call_again(lowering, Method(whole, "index"), args, kwargs, node)
        delete_item(lowering, whole, lowering.atom(index), node)
        return Const(None, types.NONE)
    return None


def _spread_out(
    lowering: Lowering, function: Static, args: list[Binding], kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    """``max(*xs)``, ``math.hypot(*xs)``, ``zip(*rows)``; None for another call."""
    if len(args) != 1 or not isinstance(args[0], Spread) or args[0].value.type.kind != "List":
        return None
    whole = args[0].value
    if function.object in (max, min):
        return call_again(lowering, function, [whole], kwargs, node)
    if function.object is math.hypot and not kwargs:
        spec = CallSpec(math.hypot, lowering.reference_to(function), (), frozenset((0,)))
        return lowering.emit(PURE_CALL, (whole,), types.REAL, attribute=spec)
    strict = kwargs.get("strict", Const(False, types.BOOL))
    known = isinstance(strict, Const) and not kwargs.keys() - {"strict"}
    if function.object is zip and known and isinstance(node, ast.Call):
        return columns(lowering, whole, node, bool(strict.value))  # type: ignore[union-attr]
    return None


def _or_default(
    lowering: Lowering, function: Static, whole: Binding, kwargs: Kwargs, node: ast.AST
) -> Binding | None:
    """``max(xs, default=d)`` of real numbers: ``max(xs) if xs else d``."""
    if isinstance(whole, Stream) and isinstance(node, ast.Call):
        whole = listed(lowering, node.func, whole)
    if not isinstance(whole, Value) or whole.type.kind != "List":
        return None
    kind = whole.type.slots["element"].read()
    if kind is not types.REAL and not compares_rows([whole]) and not _has_key(kwargs):
        return None
    others = {key: value for key, value in kwargs.items() if key != "default"}
    return lowering.choose(
        whole,
        lambda: call_again(lowering, function, [whole], others, node),
        lambda: kwargs["default"],
    )


def _has_key(kwargs: Kwargs) -> bool:
    return "key" in kwargs and not isinstance(kwargs["key"], Const)


def _list(lowering: Lowering, whole: Binding, node: ast.AST) -> Binding | None:
    """``list(reversed(xs))`` is ``xs[::-1]``, ``list(zip(xs, ys))`` a list of tuples."""
    if not isinstance(whole, Value) or whole.type.kind != "Iterator":
        return None
    item_kind = whole.type.slots["element"].read()
    shape = shape_of_tuple(item_kind)
    apart = not of_numbers(item_kind) or lowering.slot(node, "List").root in lowering.memo.rows
    if shape is not None and apart and not lowering.memo.keeps_tuples:
        return collected(lowering, whole, shape, node)
    if of_numbers(item_kind):
        return listed(lowering, node, mapped(lowering, [whole], lambda items: items[0]), "list")
    made = next((op for op in reversed(lowering.ops) if whole in op.results), None)
    if made is None or made.primitive is not PURE_CALL or made.attribute.function is not reversed:
        return None
    (source,) = made.args
    if source.type.kind != "List":
        return None
    none = Const(None, types.NONE)
    backwards = slice_of(lowering, [none, none, number(-1)])
    return item(lowering, source, backwards, node)
