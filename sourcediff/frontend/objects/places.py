"""Objects of pools (see `pools`): as places, told apart, and what wants to be one.

>>> from sourcediff.frontend.values import Tup
>>> as_place(Tup([])).items, is_pooled(None)
([], False)
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, Any

from sourcediff import types
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Binding, Columns, Dissolved, Item, Ref, Tup
from sourcediff.ir import Atom, Const, Value
from sourcediff.memory import LIST
from sourcediff.rules.table import primitive_of
from sourcediff.types import Slot

if TYPE_CHECKING:
    from sourcediff.frontend.state import State

__all__ = [
    "as_object",
    "as_place",
    "blame",
    "blame_shape",
    "class_of",
    "compare_places",
    "forget_there",
    "is_pooled",
    "is_under_way",
    "is_usual",
    "key_of_list",
    "know_there",
    "known_there",
    "narrow_there",
    "object_required",
    "place_under_way",
    "pool_of",
    "truth_of_place",
]


def blame(lowering: State, *wholes: Binding | None) -> None:
    """Say that these objects are why something is about to be refused.

    Their classes get pools where the refusal stands, and the function is lowered anew.
    """
    for whole in wholes:
        if isinstance(whole, Columns):
            blame_shape(lowering, whole.shape)
        elif isinstance(whole, Tup):
            blame(lowering, *whole.items)
        elif isinstance(whole, Dissolved):
            _blame_class(lowering, whole.cls)


def blame_shape(lowering: State, *shapes: Any) -> None:
    """Say it of the objects in a list, by what they are made of, and of what they hold."""
    for kind, *parts in shapes:
        if kind == "object":
            cls, fields = parts
            _blame_class(lowering, cls)
            blame_shape(lowering, *(part for _, part in fields))
        elif kind == "tuple":
            blame_shape(lowering, *parts[1])


def _blame_class(lowering: State, cls: type) -> None:
    if cls is not dict and cls not in lowering.memo.pools:
        lowering.blamed[cls] = None


def key_of_list(lowering: State, cls: type, place: int) -> tuple[Frame, str]:
    """The variable that a list of a pool is: a function that is lowered apart is handed it."""
    assert lowering.outermost is not None
    return lowering.outermost, f"<pool {id(cls)} {place}>"


def pool_of(lowering: State, cls: type) -> Columns:
    """The lists of what the objects of a class hold, as they are called where control is."""
    lists: list[Value] = []
    while True:
        whole = lowering.variables.get(*key_of_list(lowering, cls, len(lists)))
        if not isinstance(whole, Value):
            break
        lists.append(whole)
    if not lists:
        lowering.error(f"an object of the class {cls.__name__!r} is not supported here")
    found = lowering.pool_columns.get(lists[0])
    if found is None:
        slot = lowering.memo.slots.setdefault(("pool", cls), Slot())
        found = Columns(lowering.memo.pools[cls], lists, slot)
        found.is_pool = True
        lowering.pool_columns[lists[0]] = found
    return found


# Places -----------------------------------------------------------------------------------


def is_pooled(binding: Binding | None) -> bool:
    """Whether a binding is an object that is a place in the pool of its class."""
    return isinstance(binding, Item) and binding.columns.is_pool and not binding.path


def is_under_way(lowering: State, binding: Binding | None) -> bool:
    """Whether an object is in a pool, or will be when its ``__init__`` is through."""
    return is_pooled(binding) or (isinstance(binding, Dissolved) and binding in lowering.under_way)


def place_under_way(lowering: State, whole: Dissolved) -> Value:
    """The place that an object will have whose ``__init__`` puts it somewhere.

    Raises:
        Widened: that was not known when it began.
    """
    cls, place = whole.cls, lowering.under_way[whole]
    if place is not None:
        return place
    known = lowering.memo.pools[cls] is not None
    if known and cls in lowering.memo.early:
        lowering.error(f"a {cls.__name__} that is kept before it is made is not supported")
    lowering.memo.early |= {cls}
    if known:
        raise types.Widened
    # What is in the pool is known when its ``__init__`` is through, and all is lowered again.
    nothing = lowering.emit(LIST, (), types.list_of(Slot(types.INT)))
    spec = CallSpec(len, Ref("module", builtins, ("len",)))
    place = lowering.emit(PURE_CALL, (nothing,), types.place_of(cls), attribute=spec)
    lowering.under_way[whole] = place
    return place


def as_place(binding: Binding) -> Binding:
    """An object of a pool as its place; anything else as it is."""
    if isinstance(binding, Item) and is_pooled(binding):
        return binding.index
    return binding


def as_object(lowering: State, binding: Binding) -> Binding:
    """A place in a pool as the object there; anything else as it is."""
    if isinstance(binding, Value) and binding.type.kind == "Place":
        assert binding.type.cls is not None
        return Item(pool_of(lowering, binding.type.cls), binding, counted=True)
    return binding


def object_required(lowering: State, whole: Binding) -> Binding:
    """An object that may be None, where Python needs one; anything else as it is.

    Where None is not one, the place None in a list raises what Python does.
    """
    if not isinstance(whole, Value) or class_of(whole) is None:
        return whole
    found = as_object(lowering, lowering.narrowed(whole))
    if lowering.branch_depth == 0:
        for key in lowering.variables.bound_to(whole):
            lowering.variables.set(key, found)
    return found


def class_of(binding: Binding) -> type | None:
    """The class of an object of a pool, or of one that may be None."""
    place = as_place(binding)
    if not isinstance(place, Value):
        return None
    kind = place.type.items[0] if place.type.kind == "Optional" else place.type
    return kind.cls if kind.kind == "Place" else None


def compare_places(lowering: State, op: ast.cmpop, left: Binding, right: Binding) -> Binding | None:
    """Whether two objects of pools, which may be None, are one; None where that is not asked."""
    one, other = class_of(left), class_of(right)
    if one is None or other is None or not isinstance(op, ast.Is | ast.IsNot | ast.Eq | ast.NotEq):
        return None
    negated = isinstance(op, ast.IsNot | ast.NotEq)
    by_identity = isinstance(op, ast.Is | ast.IsNot) or (is_usual(one) and is_usual(other))
    if not by_identity:
        if isinstance(left, Item) and isinstance(right, Item):
            return None
        lowering.error(f"a {one.__name__} that may be None cannot be compared by its __eq__() here")
    if one is not other:
        places = (as_place(left), as_place(right))
        if all(isinstance(p, Value) and p.type.kind == "Optional" for p in places):
            lowering.error("whether two objects that may be None are the same is not known here")
        return Const(negated, types.BOOL)
    equal = primitive_of(ast.NotEq() if negated else ast.Eq())
    assert equal is not None
    places = (as_place(left), as_place(right))
    return lowering.emit(equal, places, types.BOOL)  # type: ignore[arg-type]


def is_usual(cls: Any) -> bool:
    """Whether objects of a class are equal to themselves only."""
    return bool(cls.__eq__ is object.__eq__ and cls.__hash__ is object.__hash__)


def truth_of_place(lowering: State, binding: Value) -> Value | None:
    """The truth of an object that may be None; None where it is something else."""
    cls = class_of(binding)
    if cls is None or binding.type.kind != "Optional":
        return None
    if any(hasattr(cls, name) for name in ("__bool__", "__len__")):
        lowering.error(f"the truth of a {cls.__name__} is not supported; compare it with None")
    test = primitive_of(ast.IsNot())
    assert test is not None
    return lowering.emit(test, (binding, Const(None, types.NONE)), types.BOOL)


# What is known to be there -----------------------------------------------------------------


def know_there(lowering: State, whole: Value, index: Atom, found: Binding) -> None:
    """What has been read in a list of a pool, if it may be None: a test may tell that it is not."""
    if isinstance(found, Value) and class_of(found) is not None:
        lowering.read_there[id(lowering.ops), whole, index] = lowering.ops, found


def known_there(lowering: State, whole: Value, index: Atom) -> Binding | None:
    """What is there, if it was read before in the same block, and nothing was written since."""
    found = lowering.read_there.get((id(lowering.ops), whole, index))
    return None if found is None else found[1]


def narrow_there(lowering: State, value: Value, inner: Binding) -> None:
    """In the block that begins, what was read is known not to be None."""
    known = [key for key, (_, found) in lowering.read_there.items() if found is value]
    for _, whole, index in known:
        lowering.read_there[id(lowering.ops), whole, index] = lowering.ops, inner


def forget_there(lowering: State, whole: Value) -> None:
    """A list of a pool is written to."""
    for key in [key for key in lowering.read_there if key[1] is whole]:
        del lowering.read_there[key]
