"""Lowering of lists, dicts and sets: displays, items, operators."""

from __future__ import annotations

import ast
import collections
from typing import TypeGuard

from sourcediff import types
from sourcediff.frontend.control.joins import Diverged
from sourcediff.frontend.describe import describe, describe_type
from sourcediff.frontend.iteration.iteration import item_type, sequence_of
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import GETITEM
from sourcediff.frontend.values import Binding, Tup
from sourcediff.ir import Atom, Const, Value
from sourcediff.memory import (
    CONTAINS,
    DELETE_ITEM,
    DICT,
    INPLACE,
    LIST,
    METHOD_OF,
    OPERATE,
    SET,
    SET_ITEM,
    SLICED,
    SUBSCRIPT,
    MethodSpec,
)
from sourcediff.types import Slot, Type

__all__ = [
    "SYMBOLS",
    "combine",
    "compare",
    "contains",
    "delete_item",
    "fresh_list",
    "held",
    "is_structure",
    "item",
    "kept",
    "make_dict",
    "make_list",
    "make_set",
    "set_item",
    "slice_of",
    "update",
]

SYMBOLS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Mod: "%",
    ast.BitOr: "|",
    ast.BitAnd: "&",
    ast.BitXor: "^",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def is_structure(binding: Binding) -> bool:
    """Whether a binding is a value that is neither a number nor None nor opaque."""
    return isinstance(binding, Value | Const) and _is_structure(binding.type)


def _is_structure(kind: Type) -> bool:
    if kind.kind == "Optional":
        return _is_structure(kind.items[0])
    return kind.kind in (*types.MEMORY, "Tuple", "Sequence", "Range", "Str", "Object")


def kept(lowering: Lowering, binding: Binding) -> Atom:
    """A binding as a value that an object can hold."""
    if not lowering.faithful and isinstance(binding, Tup):
        from sourcediff.frontend.containers.rows import as_row, is_row

        if binding.cls is not list and is_row(binding):
            return as_row(lowering, binding)
    return lowering.atom(lowering.in_memory(binding))


def held(lowering: Lowering, value: Value) -> Binding:
    """What was read from an object; where nothing can be there, reading raises."""
    if value.type is types.NEVER:
        raise Diverged
    return lowering.taken(value)


# Making ----------------------------------------------------------------------------------


def fresh_list(
    lowering: Lowering,
    node: ast.AST,
    element: Type,
    kind: str = "List",
    cls: type | None = None,
) -> Type:
    """The type of a list that is made at a place of the program."""
    slot = lowering.slot(node, kind)
    if not slot.write(element):
        lowering.error(
            f"a list holds {describe_type(slot.type)} and {describe_type(element)}",
            node,
            "keep things of one type in it",
        )
    return types.list_of(slot, kind, cls)


def make_list(
    lowering: Lowering, node: ast.AST, items: list[Binding], spread: frozenset[int] = frozenset()
) -> Value:
    """``[a, *b]`` in memory."""
    from sourcediff.frontend.containers.rows import are_rows, as_row

    if not lowering.faithful and not spread and are_rows(items):
        items = [as_row(lowering, i) if _is_tuple(i) else i for i in items]
    atoms = [kept(lowering, item) for item in items]
    whole = fresh_list(lowering, node, types.NEVER)
    for place, atom in enumerate(atoms):
        kind = sequence_of(lowering, atom, node).item if place in spread else atom.type
        lowering.put(whole.slots["element"], kind, "this list")
    return lowering.emit(LIST, atoms, whole, attribute=spread or None)


def _is_tuple(binding: Binding) -> TypeGuard[Tup]:
    return isinstance(binding, Tup) and binding.cls is not list


def make_set(lowering: Lowering, node: ast.AST, items: list[Binding]) -> Value:
    """``{a, b}``."""
    atoms = [kept(lowering, item) for item in items]
    slot = lowering.slot(node, "Set")
    for atom in atoms:
        lowering.put(slot, atom.type, "this set")
    return lowering.emit(SET, atoms, types.set_of(slot))


def make_dict(
    lowering: Lowering,
    node: ast.AST,
    pairs: list[tuple[Binding, Binding]],
    spread: frozenset[int] = frozenset(),
) -> Value:
    """``{k: v}`` in memory; a record where its keys are texts and its values of several types.

    At the places in `spread` the key is None and the value a dict whose items are taken over.
    """
    atoms = [(kept(lowering, k), kept(lowering, v)) for k, v in pairs]
    if spread:
        return _merged(lowering, node, atoms, spread)
    record = (*lowering.path, node, "record")
    if record not in lowering.memo.written:
        key, value = lowering.slot(node, "key"), lowering.slot(node, "value")
        lowering.memo.sites[value.root] = record
        if all(value.write(v.type) for _, v in atoms):
            for k, _ in atoms:
                lowering.put(key, k.type, "the keys of this dict")
            flat = [atom for pair in atoms for atom in pair]
            return lowering.emit(DICT, flat, types.dict_of(key, value))
        lowering.memo.written.add(record)
    slots: dict[str, Slot] = {}
    for k, v in atoms:
        if not isinstance(k, Const) or k.type is not types.STR:
            lowering.error(
                "a dict of values of several types needs texts as keys",
                node,
                "keep values of one type in it",
            )
        slots[k.value] = lowering.slot(node, f"key {k.value}")
        lowering.put(slots[k.value], v.type, f"the key {k.value!r}")
    slots = lowering.memo.records.setdefault(record, slots)
    flat = [atom for pair in atoms for atom in pair]
    return lowering.emit(DICT, flat, types.record_of(slots))


def _merged(
    lowering: Lowering, node: ast.AST, atoms: list[tuple[Atom, Atom]], spread: frozenset[int]
) -> Value:
    """``{**a, k: v}``."""
    key, value = lowering.slot(node, "key"), lowering.slot(node, "value")
    kind = types.dict_of(key, value)
    if any(v.type.kind == "Record" for _, v in atoms):
        slots: dict[str, Slot] = {}
        for k, v in atoms:
            found = v.type.slots if k.type is types.NONE else {_text(k): Slot(v.type)}
            for name, slot in found.items():
                slots[name] = lowering.slot(node, f"key {name}")
                lowering.put(slots[name], slot.read(), f"the key {name!r}")
        kind = types.record_of(slots)
    else:
        for place, (k, v) in enumerate(atoms):
            if 2 * place in spread and v.type.kind != "Dict":
                lowering.error(f"cannot spread {describe_type(v.type)} into a dict", node)
            found_key = v.type.slots["key"].read() if 2 * place in spread else k.type
            found_value = v.type.slots["value"].read() if 2 * place in spread else v.type
            lowering.put(key, found_key, "the keys of this dict")
            lowering.put(value, found_value, "this dict")
    flat = [atom for pair in atoms for atom in pair]
    return lowering.emit(DICT, flat, kind, attribute=spread)


# Items -----------------------------------------------------------------------------------


def item(lowering: Lowering, whole: Atom, index: Binding, node: ast.AST) -> Binding:
    """``whole[index]``."""
    if whole.type.kind == "Optional":
        whole = lowering.required(whole)
    kind = whole.type
    if kind.kind == "Array":
        from sourcediff.frontend.arrays.array_values import item_of_array_value
        from sourcediff.frontend.arrays.arrays import item_of_array

        read = item_of_array if lowering.faithful else item_of_array_value
        return read(lowering, whole, index, node)
    if kind.kind == "Tuple":
        return _tuple_item(lowering, whole, index, node)
    at = kept(lowering, index)
    if at.type.kind == "Optional" and kind.kind in ("List", "Sequence", "Range", "Deque"):
        at = lowering.required(at)
    if kind is types.NONE:
        return held(lowering, lowering.emit(SUBSCRIPT, (whole, at), types.NEVER))
    result = _item_type(lowering, kind, at, node)
    if kind.cls is collections.Counter and not lowering.faithful:
        from sourcediff.frontend.containers.mappings import with_default

        assert isinstance(whole, Value)
        return with_default(lowering, whole, at, Const(0, types.INT))
    if kind.cls is collections.defaultdict:
        lowering.put(kind.slots["key"], at.type, "the keys of this dict")
        spec = MethodSpec("__getitem__", writes=True)
        return held(lowering, lowering.emit(METHOD_OF, (whole, at), result, attribute=spec))
    return held(lowering, lowering.emit(SUBSCRIPT, (whole, at), result))


def _item_type(lowering: Lowering, kind: Type, index: Atom, node: ast.AST) -> Type:
    if index.type is types.SLICE:
        if kind is types.STR or kind.kind in ("Sequence",) or kind is types.RANGE:
            return kind
        if kind.kind == "List":
            return fresh_list(lowering, node, kind.slots["element"].read(), cls=kind.cls)
    elif kind.kind in ("Dict", "Record"):
        return _value_type(lowering, kind, index, node)
    elif index.type in (types.INT, types.BOOL, types.REAL):
        found = item_type(kind)
        if found is not None and kind.kind not in ("Set", "Iterator"):
            return found
    lowering.error(
        f"{describe_type(index.type)} is no index of {describe_type(kind)} that is supported", node
    )


def _value_type(lowering: Lowering, kind: Type, key: Atom, node: ast.AST) -> Type:
    if kind.kind == "Dict":
        return kind.slots["value"].read()
    if isinstance(key, Const) and key.value in kind.slots:
        return kind.slots[key.value].read()
    joined: Type | None = types.NEVER
    for slot in kind.slots.values():
        joined = types.join(joined, slot.read()) if joined is not None else None
    if joined is None:
        lowering.error(
            "a computed key of a dict of values of several types is not supported",
            node,
            "use a constant key",
        )
    return joined


def _tuple_item(lowering: Lowering, whole: Atom, index: Binding, node: ast.AST) -> Binding:
    kinds = whole.type.items
    if isinstance(index, Const) and isinstance(index.value, int):
        if -len(kinds) <= index.value < len(kinds):
            return held(
                lowering,
                lowering.emit(GETITEM, (whole,), kinds[index.value], attribute=index.value),
            )
        lowering.emit(SUBSCRIPT, (whole, index), types.NEVER)
        raise Diverged
    at = lowering.atom(index)
    joined = item_type(whole.type)
    if joined is None:
        lowering.error(
            "an index that only the run knows, into a tuple of several types, is not supported",
            node,
            "choose among the items with if",
        )
    if at.type is types.SLICE:
        return lowering.emit(SUBSCRIPT, (whole, at), types.sequence_of(joined))
    return held(lowering, lowering.emit(SUBSCRIPT, (whole, at), joined))


def slice_of(lowering: Lowering, bounds: list[Binding]) -> Value:
    """``lower:upper:step``."""
    atoms = tuple(lowering.atom(b) for b in bounds)
    made = lowering.emit(SLICED, atoms, types.SLICE)
    lowering.bounds[made] = atoms
    return made


def set_item(lowering: Lowering, whole: Atom, index: Atom, value: Binding, node: ast.AST) -> None:
    """``whole[index] = value``."""
    if whole.type.kind == "Optional":
        whole = lowering.required(whole)
    if isinstance(whole, Value) and whole.type.kind == "Object":
        from sourcediff.frontend.calls.kept_calls import call_operator

        if call_operator(lowering, "__setitem__", whole, [index, value]) is not None:
            return
    if whole.type.kind == "Array":
        from sourcediff.frontend.arrays.array_values import store_in_array_value
        from sourcediff.frontend.arrays.arrays import set_item_of_array

        if not lowering.faithful:
            store_in_array_value(lowering, whole, index, value, node)
            return
        set_item_of_array(lowering, whole, index, value, node)
        return
    kind, atom = whole.type, kept(lowering, value)
    if kind.cls is tuple:
        lowering.error("an item of a tuple cannot be assigned to", node, "make it a list")
    if index.type is types.SLICE and kind.kind == "List":
        found = sequence_of(lowering, atom, node).item
        lowering.put(kind.slots["element"], found, "this list")
    elif kind.kind in ("List", "Deque") and types.is_number(index.type):
        lowering.put(kind.slots["element"], atom.type, "this list")
    elif kind.kind == "Dict":
        lowering.put(kind.slots["key"], index.type, "the keys of this dict")
        site = lowering.memo.sites.get(kind.slots["value"].root)
        if not kind.slots["value"].write(atom.type) and site is not None and _is_text(index):
            lowering.memo.written.add(site)
            raise types.Widened
        lowering.put(kind.slots["value"], atom.type, "this dict")
    elif kind.kind == "Record" and _is_text(index):
        slot = kind.slots.setdefault(_text(index), Slot())
        lowering.put(slot, atom.type, f"the key {_text(index)!r}")
    else:
        lowering.error(
            f"assignment to an item of {describe_type(kind)} is not supported",
            node,
            "a list can be changed, and a dict of values of one type",
        )
    lowering.effect(SET_ITEM, (whole, index, atom))


def _is_text(atom: Atom) -> bool:
    return isinstance(atom, Const) and atom.type is types.STR


def _text(atom: Atom) -> str:
    assert isinstance(atom, Const)
    return str(atom.value)


def delete_item(lowering: Lowering, whole: Atom, index: Atom, node: ast.AST) -> None:
    """``del whole[index]``."""
    if whole.type.kind not in ("List", "Deque", "Dict"):
        lowering.error(f"del of an item of {describe_type(whole.type)} is not supported", node)
    lowering.effect(DELETE_ITEM, (whole, index))


# Operators -------------------------------------------------------------------------------


def combine(
    lowering: Lowering, op: ast.operator, left: Binding, right: Binding, node: ast.AST
) -> Binding:
    """``left op right`` where one is a text or a container."""
    symbol = SYMBOLS.get(type(op))
    one, other = kept(lowering, left), kept(lowering, right)
    kind = None if symbol is None else _combined(lowering, symbol, one, other, node)
    if kind is None:
        lowering.error(
            f"this operator on {describe(left)} and {describe(right)} is not supported",
            node,
            help="use the items one by one",
        )
    return held(lowering, lowering.emit(OPERATE, (one, other), kind, attribute=symbol))


def _combined(
    lowering: Lowering, symbol: str, one: Atom, other: Atom, node: ast.AST
) -> Type | None:
    a, b = one.type, other.type
    if types.NONE in (a, b):
        return types.NEVER
    if types.STR in (a, b):
        if symbol == "%" and a is types.STR:
            return types.STR
        if symbol == "+" and a is b:
            return types.STR
        return types.STR if symbol == "*" and (types.is_number(a) or types.is_number(b)) else None
    if symbol == "*" and (types.is_number(a) or types.is_number(b)):
        whole = b if types.is_number(a) else a
        if whole.kind == "List":
            return fresh_list(lowering, node, whole.slots["element"].read(), cls=whole.cls)
        found = item_type(whole) if whole.kind in ("Tuple", "Sequence") else None
        return found and types.sequence_of(found)
    if symbol == "+" and a.kind == b.kind == "List":
        if a.cls is not b.cls:
            return None
        fresh_list(lowering, node, a.slots["element"].read(), cls=a.cls)
        return fresh_list(lowering, node, b.slots["element"].read(), cls=a.cls)
    if symbol == "+" and a.kind == b.kind == "Tuple":
        return types.tuple_of((*a.items, *b.items))
    if symbol == "+" and {a.kind, b.kind} <= {"Tuple", "Sequence"}:
        found = types.join(item_type(a) or types.OBJECT, item_type(b) or types.OBJECT)
        return found and types.sequence_of(found)
    if a.kind == b.kind == "Set" and symbol in "|&-^":
        slot = lowering.slot(node, "Set")
        if slot.write(a.slots["element"].read()) and slot.write(b.slots["element"].read()):
            return types.set_of(slot)
    if a.kind == b.kind == "Dict" and symbol in ("|", "+", "-", "&") and a.cls is b.cls:
        key, value = lowering.slot(node, "key"), lowering.slot(node, "value")
        for part in (a, b):
            if not key.write(part.slots["key"].read()) or not value.write(
                part.slots["value"].read()
            ):
                return None
        return types.dict_of(key, value, a.cls or dict)
    return None


def update(
    lowering: Lowering, op: ast.operator, left: Atom, right: Binding, node: ast.AST
) -> Binding | None:
    """``left op= right`` where that changes `left` itself; None where it makes a new value."""
    symbol = SYMBOLS.get(type(op))
    kind = left.type
    other = kept(lowering, right)
    if kind.cls is tuple:
        return None
    if kind.kind in ("List", "Deque") and symbol == "+":
        found = sequence_of(lowering, other, node, "+=").item
        lowering.put(kind.slots["element"], found, "this list")
    elif kind.kind == "Set" and symbol in ("|", "&", "-", "^") and other.type.kind == "Set":
        found = other.type.slots["element"].read()
        lowering.put(kind.slots["element"], found, "this set")
    elif kind.kind == "Dict" and symbol == "|" and other.type.kind == "Dict":
        for name in ("key", "value"):
            found = other.type.slots[name].read()
            lowering.put(kind.slots[name], found, "this dict")
    elif kind.kind == "List" and symbol == "*" and types.is_number(other.type):
        pass
    else:
        return None
    lowering.effect(INPLACE, (left, other), attribute=symbol)
    return left


def compare(
    lowering: Lowering, op: ast.cmpop, left: Binding, right: Binding, node: ast.AST | None
) -> Binding:
    """``left op right`` where one is a text or a container."""
    one, other = kept(lowering, left), kept(lowering, right)
    symbol = SYMBOLS[type(op)]
    if symbol not in ("==", "!="):
        comparable = one.type.kind == other.type.kind or {one.type.kind, other.type.kind} <= {
            "Tuple",
            "Sequence",
        }
        if not comparable:
            lowering.error(f"{symbol} of {describe(left)} and {describe(right)} is not supported")
    return lowering.emit(OPERATE, (one, other), types.BOOL, attribute=symbol)


def contains(lowering: Lowering, negated: bool, left: Binding, whole: Atom) -> Binding:
    """``left in whole``."""
    if whole.type.kind == "Optional":
        whole = lowering.required(whole)
    atom = kept(lowering, left)
    if whole.type.kind in ("Object", "Iterator", "Array"):
        lowering.error(f"'in' on {describe_type(whole.type)} is not supported")
    return lowering.emit(CONTAINS, (atom, whole), types.BOOL, attribute=negated)
