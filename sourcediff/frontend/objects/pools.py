"""Objects that no variable can stand for: what their class holds is in lists, and they are places.

An object dissolves into variables as long as the compiler sees which one it is (`dissolved`), and a
list of objects into lists as long as each is in one place (`columns`). A node of a linked list or
of a tree, the best object so far, or objects that are sorted, swapped, and put from one list into
another, are neither. Where one of a class is met, the function is lowered anew with a list for each
attribute of all objects of that class, which only grow, and an object is its place in them:

    head = None                               node_value, node_next = [], []
    for x in xs:                              head = None
        head = Node(x * x, head)              for x in xs:
    total = 0.0                                   node_value.append(x * x)
    while head is not None:                       node_next.append(head)
        total += head.value                       head = len(node_value) - 1
        head = head.next                      total = 0.0
                                              while head is not None:
                                                  total += node_value[head]
                                                  head = node_next[head]

Two names of one object are the same number, so that aliases are right whatever led to them. While
the function is lowered, a place is of a type of its own (`types.place_of`), with which nothing can
be computed. When all is lowered, what was done with places is looked through (`settle_places`):
they may be moved about and told apart, and are whole numbers from there on.

>>> from dataclasses import dataclass
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, list_of
>>> @dataclass
... class Node:
...     value: float
...     behind: object
>>> def f(xs):
...     head = None
...     for x in xs:
...         head = Node(x, head)
...     return head.behind.value
>>> print(lower_function(f, {"xs": list_of(Slot(REAL))}))
f(xs: List[Real]):
    node_value = list
    node_behind = list
    head, x = for xs None unbound:
        take x.1: Real, head.1: Optional[Int], x.2: MaybeUnbound[Real]
        method_of node_value x.1 [append]
        method_of node_behind head.1 [append]
        %1 = pure_call node_value [builtins.len]
        head.2 = sub %1 1
        yield head.2, x.1
    head.3 = narrowed head
    %2 = subscript node_behind head.3
    %3 = narrowed %2
    %4 = subscript node_value %3
    yield %4
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sourcediff import types
from sourcediff.called import ENTERS
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.objects.columns import paths_of, same_shape, shape_of
from sourcediff.frontend.objects.dissolved import fields_of
from sourcediff.frontend.objects.outside import Outside
from sourcediff.frontend.objects.places import blame_shape, class_of, is_usual, key_of_list, pool_of
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Columns, Conflict, Dissolved, Item, Ref, Static
from sourcediff.ir import Const, Op, Region, Value, walk
from sourcediff.memory import LIST, METHOD_OF, QUERY, MethodSpec
from sourcediff.rules.table import primitive_of
from sourcediff.types import Slot, Type

__all__ = [
    "make_pools",
    "pooled",
    "pools_behind",
    "settle_places",
    "under_way",
]


# Pools ------------------------------------------------------------------------------------


def make_pools(lowering: Outside) -> list[Op]:
    """The lists of all pools, which are empty at first."""
    made: list[Op] = []
    for cls, shape in lowering.memo.pools.items():
        if shape is None:
            continue
        word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower().strip("_")
        for place, path in enumerate(paths_of(shape)):
            kind = types.list_of(lowering.memo.slots.setdefault(("pool", cls, path), Slot()))
            words = [str(part).lstrip("_") for part in path]
            whole = Value(kind, "_".join([word, *filter(None, words)]))
            made.append(Op(LIST, (), (whole,), site=lowering.site))
            lowering.variables.set(key_of_list(lowering, cls, place), whole)
    return made


def pools_behind(lowering: Outside, kinds: list[Type]) -> list[tuple[tuple[Any, str], Value]]:
    """The lists of all pools that values of some types lead to, and the variables they are."""
    found: dict[type, list[tuple[tuple[Any, str], Value]]] = {}
    pending = list(kinds)
    while pending:
        kind = pending.pop()
        pending += [*kind.items, *(slot.type for slot in kind.slots.values())]
        cls = kind.cls
        if kind.kind != "Place" or cls is None or cls in found:
            continue
        pool = pool_of(lowering, cls)
        found[cls] = [(key_of_list(lowering, cls, k), whole) for k, whole in enumerate(pool.lists)]
        pending += [whole.type for whole in pool.lists]
    return [pair for cls in lowering.memo.pools for pair in found.get(cls, ())]


def pooled(lowering: Outside, whole: Dissolved) -> Dissolved:
    """An object that has just been made: put into the pool of its class, if that has one.

    Raises:
        Widened: it is the first of its class, which tells what is in the pool.
    """
    cls = whole.cls
    if cls not in lowering.memo.pools or lowering.faithful:
        return whole
    leaves: list[Any] = []
    held = fields_of(lowering, whole).items()
    shape = ("object", cls, tuple((f, shape_of(lowering, b, leaves)) for f, b in held))
    if lowering.memo.pools[cls] is None:
        if not leaves:
            lowering.error(f"a {cls.__name__} without attributes is not supported here")
        lowering.memo.pools[cls] = shape
        raise types.Widened
    pool = pool_of(lowering, cls)
    if not same_shape(pool.shape, shape):
        blame_shape(lowering, pool.shape, shape)
        lowering.error(
            f"objects of the class {cls.__name__!r} that hold other things are not supported here",
            help="give all of them the same attributes in __init__, of one type each",
        )
    for into, atom in zip(pool.lists, leaves, strict=True):
        lowering.put(into.type.slots["element"], atom.type, f"an attribute of {cls.__name__!r}")
        lowering.effect(METHOD_OF, (into, atom), attribute=MethodSpec("append", writes=True))
    for field in whole.fields:
        message = f"a {cls.__name__} that is kept before it is made is not supported"
        lowering.variables.set((whole, field), Conflict(message))
    place = lowering.under_way.pop(whole, None)
    lowering.pooled_count += 1
    if place is None:
        minus = primitive_of(ast.Sub())
        assert minus is not None
        operands = (_size_of(lowering, pool), Const(1, types.INT))
        place = lowering.emit(minus, operands, types.place_of(cls), name=whole.name)
    return Item(pool, place, counted=True)


def _size_of(lowering: Outside, pool: Columns) -> Value:
    from sourcediff.frontend.calls.calls import call

    length = Static(len, Ref("module", builtins, ("len",)))
    node = lowering.node or lowering.frame.node
    size = call(lowering, length, [pool.lists[0]], {}, node)  # type: ignore[arg-type]
    assert isinstance(size, Value)
    return size


@contextmanager
def under_way(lowering: Outside, whole: Dissolved) -> Iterator[None]:
    """Run the ``__init__`` of an object, which may put it somewhere before it is in its pool."""
    cls = whole.cls
    if cls not in lowering.memo.pools or lowering.faithful:
        yield
        return
    lowering.under_way[whole] = None
    if cls in lowering.memo.early and lowering.memo.pools[cls] is not None:
        spec = CallSpec(len, Ref("module", builtins, ("len",)))
        first = pool_of(lowering, cls).lists[0]
        place = lowering.emit(PURE_CALL, (first,), types.place_of(cls), spec, whole.name)
        lowering.under_way[whole] = place
    before = lowering.pooled_count
    yield
    if lowering.under_way[whole] is None:
        del lowering.under_way[whole]
    elif lowering.pooled_count != before:
        lowering.error(f"a {cls.__name__} that makes others and is kept by them is not supported")


# What is done with places -----------------------------------------------------------------

#: Operations that move places about, or tell them apart.
_MOVES = {
    "bound", "break", "checkpoint", "continue", "copy", "delete_item", "dict", "for", "getitem",
    "if", "inplace", "is", "is_not", "list", "narrowed", "required", "set", "set_item", "slice",
    "subscript", "swap_items", "tuple", "unpack", "unpack_iterable", "while",
}  # fmt: skip
_METHODS = {
    "__getitem__", "add", "append", "appendleft", "clear", "copy", "discard", "extend", "get",
    "insert", "items", "keys", "pop", "popleft", "reverse", "rotate", "setdefault", "update",
    "values",
}  # fmt: skip
#: Those that ask whether things are equal.
_ASK = {"contains", "count", "eq", "index", "ne", "remove"}
#: Those that put tuples in order.
_COMPARE = {"lt", "le", "gt", "ge", "key", "order", "place"}
_ORDER = {"heapify", "heappop", "heappush", "heappushpop", "heapreplace", "sort"}
_CALLS = (len, list, tuple, reversed, enumerate, zip, iter)


def settle_places(lowering: Outside, body: Region) -> None:
    """See to it that nothing is done with places that cannot be, and make them whole numbers.

    Raises:
        DifferentiationError: something is.
    """
    if not lowering.memo.pools:
        return
    callees: dict[Any, None] = {}
    ops = list(walk(body))
    for op in ops:
        if op.primitive in ENTERS and op.attribute.callee not in callees:
            callees[op.attribute.callee] = None
            ops.extend(walk(op.attribute.callee.function.body))
    for op in ops:
        kinds = [value.type for value in (*op.args, *op.results)]
        if types.holds("Place", kinds):
            _require_moved(op, kinds)
        if op.primitive.name in ("is", "is_not") and all(map(class_of, op.args)):
            told = primitive_of(ast.Eq() if op.primitive.name == "is" else ast.NotEq())
            assert told is not None
            op.primitive = told
    for op in ops:
        inner = [value for region in op.regions for value in region.parameters]
        for value in (*op.results, *inner):
            value.type = types.without_places(value.type)
    for callee in callees:
        for value in callee.function.parameters:
            value.type = types.without_places(value.type)


def _require_moved(op: Op, kinds: list[Type]) -> None:
    """Refuse an operation that computes with places."""
    name = op.primitive.name
    if op.primitive in (METHOD_OF, QUERY):
        name = op.attribute.name
        moves = name in _METHODS or (name in _ORDER and all(map(_is_told_before, kinds)))
    elif op.primitive is PURE_CALL:
        of_lists = op.attribute.function is bool and kinds[0].kind in ("List", "Deque")
        moves = of_lists or op.attribute.function in _CALLS
    elif name == "operate":
        moves = op.attribute in "+*"  # lists are joined
    elif name in _COMPARE:
        moves = all(map(_is_told_before, kinds))
    else:  # by "sub", places are made
        moves = op.primitive in ENTERS or name in _MOVES or name == "sub"
    looked_for = [
        cls
        for kind in kinds
        for cls in ([] if moves and kind.kind not in ("Dict", "Set") else _keys_in(kind))
    ]
    if not (moves or name in _ASK) or not all(map(is_usual, looked_for)):
        cls = next(cls for kind in kinds for cls in _classes_in(kind))
        raise DifferentiationError(
            f"this is not supported of objects of the class {cls.__name__!r}",
            None if op.site is None else op.site.span,
            help="compare, sort and look for what they hold: key=lambda p: p.x",
        )


def _is_told_before(kind: Type) -> bool:
    """Whether tuples are put in order by what stands before the places in them, as by a count."""
    if kind.kind == "List":
        inner = kind.slots["element"].type
        return inner.kind != "Place" and _is_told_before(inner)
    if kind.kind == "Place":
        return True  # it is put into a tuple
    if kind.kind != "Tuple":
        return not _classes_in(kind)
    first = next((k for k, item in enumerate(kind.items) if _classes_in(item)), len(kind.items))
    places = [cls for item in kind.items for cls in _classes_in(item)]
    orders = any(hasattr(cls, name) and getattr(cls, name) is not getattr(object, name)
                 for cls in places for name in ("__lt__", "__gt__"))  # fmt: skip
    counted = types.INT in kind.items[:first] or types.STR in kind.items[:first]
    return not places or (counted and not orders)


def _keys_in(kind: Type) -> list[type]:
    """The classes of what is looked for in a value: in a dict, its keys."""
    return _classes_in(kind.slots["key"].type if kind.kind == "Dict" else kind)


def _classes_in(kind: Type) -> list[type]:
    """The classes of the places that a value is, or holds."""
    if kind.kind == "Place":
        assert kind.cls is not None
        return [kind.cls]
    inner = [*kind.items, *(slot.type for slot in kind.slots.values())]
    return [cls for part in inner for cls in _classes_in(part)]
