"""Objects and dicts that are known while compiling: what they hold is in variables.

``p = Point(x, y)`` makes two variables, ``p_x`` and ``p_y``; ``p.x += 1.0`` binds one of them anew,
and whatever other name `p` has means the same two. An object dissolves like this as long as the
compiler sees all that has it: where it would have to be a value (an item of a list that is changed,
say), it is refused.

A dict has constant keys, and beside them one more variable: which keys there are, in their order.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def f(x):
...     d = {"a": x, "n": 0}
...     d["a"] *= d["a"]
...     return d["a"]
>>> print(lower_function(f, {"x": REAL}))
f(x: Real):
    d_a = mul x x
    yield d_a
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from sourcediff import types
from sourcediff.frontend.complexes.values import part_names
from sourcediff.frontend.control.joins import values_in
from sourcediff.frontend.control.unrolling import turn_by_turn
from sourcediff.frontend.objects.outside import Outside
from sourcediff.frontend.objects.places import blame
from sourcediff.frontend.values import (
    Binding,
    Columns,
    Conflict,
    Dissolved,
    Grouped,
    Heap,
    Item,
    Once,
    Part,
    Static,
    Stream,
    Tup,
    View,
)
from sourcediff.ir import UNDEFINED, Const, Value

__all__ = [
    "KEYS",
    "describe_whole",
    "drop",
    "fields_of",
    "item_outside",
    "keys_of",
    "known_key",
    "make_record",
    "name_after",
    "name_object",
    "put",
    "put_in_memory",
    "set_keys",
    "take",
    "view_of",
]

_KEY_TYPES = (types.STR, types.INT, types.REAL, types.BOOL, types.NONE)
#: The variable of a dict that says which keys it has.
KEYS = "<keys>"


def describe_whole(whole: Dissolved) -> str:
    """An object in words, by the name that the user gave it."""
    kind = "a dict" if whole.cls is dict else f"a {whole.cls.__name__}"
    return kind if whole.name is None else f"{whole.name!r}, {kind}"


def take(lowering: Outside, whole: Dissolved, field: Any) -> Binding | None:
    """What an object holds under an attribute or a key; None where it has no such."""
    if isinstance(whole, Item):
        from sourcediff.frontend.objects.columns import attribute_of_item

        return attribute_of_item(lowering, whole, field)
    found = lowering.variables.get(whole, field)
    if found is None:
        lowering.want((whole, field))
        return None
    if isinstance(found, Conflict):
        lowering.refuse_conflict(found)
    maybe = any(v.type.kind == "MaybeUnbound" for v in values_in(found))
    if found is UNDEFINED or maybe:
        put_in_memory(lowering, whole)
        lowering.error(
            f"{describe_whole(whole)}, has {field!r} on some paths only",
            help="set it where the object is made",
        )
    return found


def put(lowering: Outside, whole: Dissolved, field: Any, value: Binding) -> None:
    """Let an object hold a value under an attribute or a key."""
    _require_free(lowering, whole)
    if isinstance(value, Once | Stream):
        lowering.error("an iterator that is kept is not supported", help="make it a tuple")
    if isinstance(whole, Item):
        from sourcediff.frontend.objects.columns import set_attribute_of_item

        set_attribute_of_item(lowering, whole, field, value)
        return
    if whole.cls is dict and take(lowering, whole, field) is None:
        keys = (*keys_of(lowering, whole), field)
        set_keys(lowering, whole, keys)
    whole.fields.setdefault(field)
    name_after(lowering, value, whole.hint(field))
    lowering.hold(field, [value])
    lowering.variables.set((whole, field), value)


def drop(lowering: Outside, whole: Dissolved, field: Any) -> None:
    """Remove an attribute or a key that an object has."""
    _require_free(lowering, whole)
    if isinstance(whole, Item):
        lowering.error("del of an attribute of an object in a list is not supported")
    if lowering.branch_depth:
        put_in_memory(lowering, whole)
        lowering.error("del in a branch is not supported", help="set it to None")
    if whole.cls is dict:
        set_keys(lowering, whole, tuple(k for k in keys_of(lowering, whole) if k != field))
    lowering.variables.set((whole, field), None)


def _require_free(lowering: Outside, whole: Dissolved) -> None:
    """An object that may be the same as another cannot be written to."""
    if isinstance(whole, Part):
        from sourcediff.frontend.objects.columns import keep_apart

        blame(lowering, whole)
        keep_apart(lowering, whole.item)
        lowering.error(f"{describe_whole(whole)}, cannot be changed here")
    if whole.settled is not None:
        blame(lowering, whole)
        lowering.error(
            f"{describe_whole(whole)}, cannot be changed here: {whole.settled}",
            help="make a new object instead",
        )
    whole.changed = Dissolved.older()
    if whole.given:
        lowering.changes_given = True


def name_after(lowering: Outside, value: Binding, name: str | None) -> None:
    """Call a value that has no name yet after the variable that it is bound to."""
    if name is None:
        return
    if isinstance(value, Value) and value.name is None:
        value.name = name
    elif isinstance(value, Tup) and value.cls is complex:
        for part, own in zip(value.items, part_names(name), strict=True):
            name_after(lowering, part, own)
    elif isinstance(value, Item) and value.columns.is_pool:
        name_after(lowering, value.index, name)
    elif isinstance(value, Dissolved) and value.name is None:
        name_object(lowering, value, name)
    elif isinstance(value, Columns | Heap | Grouped):
        from sourcediff.frontend.objects.columns import name_columns

        name_columns(value, name)


def name_object(lowering: Outside, whole: Dissolved, name: str) -> None:
    """Call an object, and what it holds, after the variable that it is bound to."""
    whole.name = name
    for field in whole.fields:
        found = lowering.variables.get(whole, field)
        if found is not None:
            name_after(lowering, found, whole.hint(field))


# Dicts -----------------------------------------------------------------------------------


def make_record(
    lowering: Outside,
    items: Iterable[tuple[Any, Binding]],
    site: tuple[Any, ...] | None = None,
) -> Dissolved:
    """A new dict with these keys; where it is made, if it may be made in memory as well."""
    whole = Dissolved(dict)
    whole.site = site
    set_keys(lowering, whole, ())
    for key, value in items:
        put(lowering, whole, key, value)
    return whole


def keys_of(lowering: Outside, whole: Dissolved) -> tuple[Any, ...]:
    """The keys of a dict, in their order."""
    if isinstance(whole, Item | Part):
        return tuple(whole.fields)  # it is in a list of dicts, all of which have these
    found = lowering.variables.get(whole, KEYS)
    if not isinstance(found, Static):
        put_in_memory(lowering, whole)
        lowering.error(
            f"{describe_whole(whole)}, has other keys on other paths",
            help="give it all its keys where it is made",
        )
    keys: tuple[Any, ...] = found.object
    return keys


def item_outside(lowering: Outside, whole: Value, key: str) -> Binding:
    """What a dict outside has under a key now."""
    from sourcediff.frontend.containers.containers import item

    assert lowering.node is not None
    return item(lowering, whole, Const(key, types.STR), lowering.node)  # type: ignore[arg-type]


def set_keys(lowering: Outside, whole: Dissolved, keys: tuple[Any, ...]) -> None:
    """Say which keys a dict has, in their order."""
    whole.fields.setdefault(KEYS)
    known = lowering.memo.layouts.setdefault(keys, Static(keys))
    lowering.variables.set((whole, KEYS), known)


def fields_of(lowering: Outside, whole: Dissolved) -> dict[Any, Binding]:
    """What an object holds now, by attribute or key."""
    if whole.cls is dict:
        keys: Iterable[Any] = keys_of(lowering, whole)
    else:
        keys = whole.fields
    found = {key: take(lowering, whole, key) for key in keys}
    return {key: binding for key, binding in found.items() if binding is not None}


def view_of(lowering: Outside, whole: Dissolved, what: str) -> View:
    """The keys, values or items of a dict."""
    if whole.given and _holds_numbers(lowering, whole):
        put_in_memory(lowering, whole)
    held = fields_of(lowering, whole)
    keys: list[Binding] = [lowering.from_object(key, None) for key in held]
    values = list(held.values())
    pairs: list[Binding] = [Tup([k, v]) for k, v in zip(keys, values, strict=True)]
    return View({"keys": keys, "values": values, "items": pairs}[what], whole, what)


def put_in_memory(lowering: Outside, whole: Dissolved | None) -> None:
    """Begin anew with a dict in memory, if that is where one can be made.

    Raises:
        Widened: so it is.
    """
    if whole is not None and whole.site is not None and whole.site not in lowering.memo.written:
        lowering.memo.written.add(whole.site)
        raise types.Widened


def _holds_numbers(lowering: Outside, whole: Dissolved) -> bool:
    """Whether all that a dict holds now are numbers."""
    held = (lowering.variables.get(whole, field) for field in whole.fields if field != KEYS)
    return all(
        binding is None or (isinstance(binding, Value | Const) and types.is_number(binding.type))
        for binding in held
    )


def known_key(
    lowering: Outside,
    index: Binding,
    node: ast.AST | None = None,
    whole: Dissolved | None = None,
) -> Any:
    """A key that is known while compiling.

    Args:
        whole: the dict that it is a key of.

    Raises:
        Widened: only the run knows the key, and the dict is to be in memory (`mappings`).
    """
    if isinstance(index, Const) and index.type in _KEY_TYPES:
        return index.value
    if isinstance(index, Tup) and all(isinstance(i, Const) for i in index.items):
        return tuple(known_key(lowering, item) for item in index.items)
    stays = whole is not None and whole.site in lowering.memo.known_dicts
    if not stays and (whole is None or _holds_numbers(lowering, whole)):
        if whole is not None and whole.site is not None and lowering.countable:
            lowering.memo.tried.add(whole.site)
        put_in_memory(lowering, whole)
    turn_by_turn(lowering)
    if not stays:
        put_in_memory(lowering, whole)
    lowering.error("a computed key is not supported", node, "use a constant key, or a list")
