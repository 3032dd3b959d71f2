"""Dicts in memory where a derivative is made: those of which only the run knows the keys.

``totals = {}`` is taken for a dict whose keys are known (module `dissolved`) until something is put
under a key that is not: from then on it is a dict in memory, which holds numbers. What one may ask
it is put in few terms, for which there are derivatives (module `transform.lists.mappings`): an
item, an item or a constant, whether there is a key, and the lists of its keys and values.

    for name, x in table.items():     →     for name in list(table):
                                                x = table[name]
"""

from __future__ import annotations

import ast
import builtins
import collections
from collections.abc import Sequence
from typing import Any

from sourcediff import types
from sourcediff.frontend.containers.containers import (
    contains,
    delete_item,
    held,
    item,
    kept,
    set_item,
)
from sourcediff.frontend.control.joins import FALLS, Outcome
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved import fields_of, put_in_memory
from sourcediff.frontend.primitives import GETATTR, GETITEM, PURE_CALL, UNPACK, CallSpec
from sourcediff.frontend.values import Binding, Dissolved, Grouped, Ref, Static, Stream, Tup
from sourcediff.ir import Atom, Const, Function, Op, Region, Value, walk
from sourcediff.memory import DICT, METHOD_OF, QUERY, SET_ITEM, SUBSCRIPT, MethodSpec

__all__ = [
    "METHODS",
    "is_mapping",
    "keys_in_order",
    "make_mapping",
    "mapping_of_class",
    "method_of_mapping",
    "require_mapping",
    "require_no_mappings",
    "with_default",
]

#: What one may ask a dict in memory, or do to it.
METHODS = ("clear", "copy", "get", "items", "keys", "pop", "setdefault", "update", "values")

NOTHING = Const(None, types.NONE)
_KEYS: dict[type, types.Type] = {str: types.STR, int: types.INT, bool: types.BOOL}
_NUMBERS: dict[Any, tuple[types.Type, Any]] = {
    float: (types.REAL, 0.0),
    int: (types.INT, 0),
}


def is_mapping(binding: Binding) -> bool:
    """Whether a binding is a dict in memory."""
    return isinstance(binding, Value) and binding.type.kind == "Dict"


# Making ----------------------------------------------------------------------------------


def make_mapping(
    lowering: Lowering, node: ast.AST, pairs: Sequence[tuple[Binding, Binding]]
) -> Value | Grouped:
    """``{k: v}``."""
    from sourcediff.frontend.containers.grouped import (
        made_grouped,
        register_lists,
        taken_for_groups,
    )

    if taken_for_groups(lowering, node):
        return made_grouped(lowering, node, pairs)
    key, value = lowering.slot(node, "key"), lowering.slot(node, "value")
    flat: list[Atom] = []
    for one, held_there in pairs:
        register_lists(lowering, value, held_there)
        atoms = kept(lowering, one), kept(lowering, held_there)
        lowering.put(key, atoms[0].type, "the keys of this dict")
        lowering.put(value, atoms[1].type, "this dict")
        flat += atoms
    return lowering.emit(DICT, flat, types.dict_of(key, value))


def mapping_of_class(
    lowering: Lowering, found: Any, args: Sequence[Binding], node: ast.AST
) -> Binding | None:
    """``defaultdict(float)`` and ``Counter()``; None for anything else."""
    if found is not collections.defaultdict and found is not collections.Counter:
        return None
    key, value = lowering.slot(node, "key"), lowering.slot(node, "value")
    if found is collections.Counter and not args:
        lowering.put(value, types.INT, "this dict")
        spec = CallSpec(found, lowering.reference_to(Static(found)))
        kind = types.dict_of(key, value, collections.Counter)
        return lowering.emit(PURE_CALL, (), kind, attribute=spec)
    factory = args[0].object if len(args) == 1 and isinstance(args[0], Static) else None
    if found is collections.defaultdict and factory is list and not lowering.memo.keeps_groups:
        from sourcediff.frontend.containers.grouped import made_grouped

        return made_grouped(lowering, node, makes=True)
    if found is collections.Counter or factory not in (float, int):
        return None
    assert isinstance(args[0], Static)
    lowering.put(value, _NUMBERS[factory][0], "this dict")
    atom = lowering.load(lowering.reference_to(args[0]), types.OBJECT)
    spec = CallSpec(found, lowering.reference_to(Static(found)))
    kind = types.dict_of(key, value, collections.defaultdict)
    return lowering.emit(PURE_CALL, (atom,), kind, attribute=spec)


def require_mapping(lowering: Lowering, parameter: Value, argument: Binding) -> None:
    """Let what is handed to a parameter be a dict in memory where a derivative takes it for one.

    Raises:
        Widened: it was taken for one whose keys are known: to be lowered again.
    """
    if parameter.type.kind != "Dict" or is_mapping(argument):
        return
    put_in_memory(lowering, argument if isinstance(argument, Dissolved) else None)
    lowering.error("a derivative by a dict that is put together here is not supported")


def require_no_mappings(lowering: Lowering, derivative: Function) -> None:
    """Refuse to call a derivative of something that holds dicts whose keys only the run knows."""
    reads = (GETITEM, GETATTR, UNPACK)
    for op in derivative.body.ops:
        if op.primitive in reads and any(map(is_mapping, op.results)):
            lowering.error("a derivative by what holds a dict is not supported here")


# Looking ---------------------------------------------------------------------------------


def with_default(lowering: Lowering, whole: Value, key: Binding, default: Binding) -> Binding:
    """``whole.get(key, default)``: one operation where the default is a constant number."""
    at = kept(lowering, key)
    if not isinstance(default, Const) or not types.is_number(default.type):
        test = contains(lowering, False, at, whole)
        node = lowering.node or lowering.frame.node
        return lowering.choose(test, lambda: item(lowering, whole, at, node), lambda: default)
    kind = types.join(whole.type.slots["value"].read(), default.type)
    if kind is None or not types.is_number(kind):
        lowering.error("get() of a dict that holds no numbers is not supported here")
    return lowering.emit(QUERY, (whole, at, default), kind, attribute=MethodSpec("get"))


def keys_in_order(lowering: Lowering, whole: Value) -> Stream:
    """``whole.keys()``, and the dict itself where something goes through it."""
    return _gone_through(lowering, whole, lambda key: key)


def _list_of(lowering: Lowering, whole: Value, what: str) -> Value:
    """``list(whole)``, ``list(whole.values())``."""
    node = lowering.node or lowering.frame.node
    source, kind = whole, whole.type.slots["key"].read()
    if what == "values":
        kind = whole.type.slots["value"].read()
        slot = lowering.slot(node, "values")
        lowering.put(slot, kind, "the values")
        viewed = types.iterator_of(slot)
        source = lowering.emit(QUERY, (whole,), viewed, attribute=MethodSpec("values"))
    spec = CallSpec(list, Ref("module", builtins, ("list",)))
    element = lowering.slot(node, f"list of {what}")
    lowering.put(element, kind, "this list")
    return lowering.emit(PURE_CALL, (source,), types.list_of(element), attribute=spec)


def _gone_through(lowering: Lowering, whole: Value, make: Any, what: str = "keys") -> Stream:
    """What gives something for each key of a dict, which keeps its keys meanwhile."""
    from sourcediff.frontend.iteration.streams import Turns, go_through

    def run(turns: Turns) -> Outcome:
        lowering.node = turns.node
        keys = _list_of(lowering, whole, "keys")
        place = len(lowering.ops)
        own: set[Atom] = set()

        def turn(key: Binding) -> Outcome:
            if isinstance(key, Value):
                own.add(key)
            outcome = turns.body(make(key))
            if isinstance(key, Value) and key.name is None:
                key.name = "key"
            return outcome

        outcome = go_through(lowering, keys, turns.with_body(turn))
        _require_keys(lowering, whole, lowering.ops[place:], own, turns.node)
        return outcome

    stream = Stream(run)
    if what != "items":
        stream.whole = lambda: _list_of(lowering, whole, what)
    else:
        stream.opened = lambda: Stream(
            None, [_list_of(lowering, whole, "keys")], lambda _, items: make(items[0])
        )
    stream.viewed = whole
    return stream


def _require_keys(
    lowering: Lowering, whole: Value, ops: list[Op], own: set[Atom], node: ast.AST
) -> None:
    """Refuse a dict that may get other keys while a loop goes through it, as Python does."""
    slot = whole.type.slots["value"].root
    for op in walk(Region(ops, None)):
        if not op.args or not op.primitive.writes or op.args[0].type.kind != "Dict":
            continue
        if op.args[0].type.slots["value"].root is not slot:
            continue
        if op.primitive is not SET_ITEM or op.args[1] not in own:
            lowering.error(
                "a dict that may get other keys while a loop goes through it is not supported",
                node,
                "go through list(d)",
            )


# Methods ---------------------------------------------------------------------------------


def method_of_mapping(
    lowering: Lowering,
    whole: Value,
    name: str,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST,
) -> Binding:
    """``whole.name(*args)``."""
    if name == "update" and len(args) < 2:
        return _update(lowering, whole, args, kwargs, node)
    if not kwargs and len(args) in _METHODS.get(name, ()):
        if name == "keys":
            return keys_in_order(lowering, whole)
        if name == "values":
            return _values(lowering, whole)
        if name == "items":
            pair = lambda key: Tup([key, _at(lowering, whole, key)])  # noqa: E731
            return _gone_through(lowering, whole, pair, "items")
        if name == "get":
            default = args[1] if len(args) == 2 else NOTHING
            return with_default(lowering, whole, args[0], default)
        if name == "clear":
            return _clear(lowering, whole, node)
        if name == "setdefault":
            from sourcediff.frontend.containers.grouped import register_lists

            register_lists(lowering, whole.type.slots["value"], args[1])
            return _set_default(lowering, whole, args[0], args[1], node)
        if name == "pop":
            at = kept(lowering, args[0])
            kind = whole.type.slots["value"].read()
            spec = MethodSpec("pop", writes=True)
            return held(lowering, lowering.emit(METHOD_OF, (whole, at), kind, attribute=spec))
        if name == "copy":
            key, value = lowering.slot(node, "key"), lowering.slot(node, "value")
            lowering.put(key, whole.type.slots["key"].read(), "the keys of this dict")
            lowering.put(value, whole.type.slots["value"].read(), "this dict")
            kind = types.dict_of(key, value, whole.type.cls or dict)
            return lowering.emit(QUERY, (whole,), kind, attribute=MethodSpec("copy"))
    lowering.error(f"{name}() of a dict whose keys only the run knows is not supported here", node)


#: The methods, with the numbers of arguments that they are taken with.
_METHODS = {
    "clear": (0,),
    "copy": (0,),
    "get": (1, 2),
    "items": (0,),
    "keys": (0,),
    "pop": (1,),
    "setdefault": (2,),
    "values": (0,),
}


def _values(lowering: Lowering, whole: Value) -> Stream:
    return _gone_through(lowering, whole, lambda key: _at(lowering, whole, key), "values")


def _at(lowering: Lowering, whole: Value, key: Binding) -> Binding:
    """What is under a key that is there."""
    kind = whole.type.slots["value"].read()
    return held(lowering, lowering.emit(SUBSCRIPT, (whole, lowering.atom(key)), kind))


def _clear(lowering: Lowering, whole: Value, node: ast.AST) -> Binding:
    """``whole.clear()``: its keys are taken out one by one."""
    from sourcediff.frontend.iteration.streams import Turns, go_through

    def turn(key: Binding) -> Outcome:
        delete_item(lowering, whole, _named(lowering, key), node)
        return FALLS

    go_through(lowering, _list_of(lowering, whole, "keys"), Turns(node, turn))
    return NOTHING


def _update(
    lowering: Lowering,
    whole: Value,
    args: list[Binding],
    kwargs: dict[str, Binding],
    node: ast.AST,
) -> Binding:
    """``whole.update(other, a=x)``: item by item."""
    from sourcediff.frontend.iteration.streams import Turns, go_through

    def turn(key: Binding) -> Outcome:
        assert isinstance(other, Value)
        at = _named(lowering, key)
        set_item(lowering, whole, at, _at(lowering, other, at), node)
        return FALLS

    pairs = {**kwargs}
    for other in args:
        if isinstance(other, Dissolved) and other.cls is dict:
            pairs = {**fields_of(lowering, other), **pairs}
        elif not is_mapping(other):
            lowering.error("update() of a dict by anything but a dict is not supported here", node)
        elif other is not whole:
            assert isinstance(other, Value)
            go_through(lowering, _list_of(lowering, other, "keys"), Turns(node, turn))
    for key, value in pairs.items():
        kind = _KEYS.get(type(key))
        if kind is None:
            lowering.error("update() with such a key is not supported here", node)
        set_item(lowering, whole, Const(key, kind), value, node)
    return NOTHING


def _named(lowering: Lowering, key: Binding) -> Atom:
    if isinstance(key, Value) and key.name is None:
        key.name = "key"
    return lowering.atom(key)


def _set_default(
    lowering: Lowering, whole: Value, key: Binding, default: Binding, node: ast.AST
) -> Binding:
    """``whole.setdefault(key, default)``."""
    at = kept(lowering, key)

    def put() -> Outcome:
        set_item(lowering, whole, at, default, node)
        return FALLS

    missing = contains(lowering, True, at, whole)
    lowering.branch(missing, put, lambda: FALLS, lambda: FALLS, False)
    return item(lowering, whole, at, node)
