"""Objects and dicts that are handed in: what they hold is read at the entry, and they dissolve.

A parameter ``params`` with attributes ``w`` and ``b`` is bound to an object of two variables, whose
first values are ``params.w`` and ``params.b``. What is not read later is dropped.

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, instance_of
>>> def f(d):
...     return d["w"] * d["w"]
>>> print(lower_function(f, {"d": instance_of(dict, {"w": REAL, "b": REAL})}))
f(d: dict):
    w = getitem d [w]
    b = getitem d [b]
    %1 = mul w w
    yield %1
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from sourcediff import types
from sourcediff.frontend.complexes.values import as_complex, part_names
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved import KEYS, set_keys
from sourcediff.frontend.objects.given_groups import groups_of_given, holds_lists
from sourcediff.frontend.objects.given_lists import columns_of_given
from sourcediff.frontend.primitives import GETATTR, GETITEM, UNPACK
from sourcediff.frontend.values import Binding, Conflict, Dissolved, Rec, Tup
from sourcediff.ir import Const, Op, Value
from sourcediff.types import Type

__all__ = ["Given", "names_of_fields"]


def names_of_fields(kinds: Iterable[Type], taken: Iterable[str]) -> set[str]:
    """The attributes and keys in arguments that one may call by their own names alone."""
    found = Counter(name for kind in kinds for name in _fields_in(kind))
    return {name for name, count in found.items() if count == 1 and name.isidentifier()} - set(
        taken
    )


def _fields_in(kind: Type) -> Iterator[str]:
    if kind.kind in ("Tuple", "Instance"):
        for item in kind.items:
            yield from _fields_in(item)
    if kind.kind == "Instance":
        yield from map(str, kind.fields)


def mapping_of(kind: Type) -> Type | None:
    """The type of a dict of numbers, if it is taken for one whose keys only the run knows."""
    if kind.cls is not dict or not kind.items or any(i is not types.REAL for i in kind.items):
        return None
    keys = {type(key) for key in kind.fields}
    if keys not in ({str}, {int}):
        return None
    key = types.STR if keys == {str} else types.INT
    return types.dict_of(types.Slot(key), types.Slot(types.REAL))


class Given:
    """The arguments of one function on their way into its variables.

    `plain` are the attributes and keys that are called by their own names alone.
    """

    def __init__(self, lowering: Lowering, plain: set[str]) -> None:
        self.lowering = lowering
        self.plain = plain

    def bound(self, value: Value, name: str) -> tuple[Binding, Binding]:
        """What an argument is bound to, and how it is made up: values in a `Tup` or a `Rec`."""
        kind = value.type
        if kind.kind == "Tuple":
            return self._tuple(value, name)
        if kind.kind == "Instance" and kind.cls is complex:
            return self._complex(value, name)
        in_memory = kind.kind == "Instance" and ("given", name) in self.lowering.memo.written
        if in_memory and holds_lists(kind):
            return groups_of_given(self, value, name)
        if in_memory:
            slots = self.lowering.memo.slots
            found = mapping_of(kind)
            assert found is not None
            key, held = (
                slots.setdefault(("given", name, what), found.slots[what])
                for what in ("key", "value")
            )
            value.type, value.name = types.dict_of(key, held), name
            return value, value
        if kind.kind == "Instance":
            return self._object(value, name)
        if kind.kind == "Objects":
            columns = columns_of_given(self.lowering, value, name)
            return columns, columns
        if kind is types.NONE:
            none = Const(None, types.NONE)
            return none, none
        if kind.kind == "Function":
            known: Binding = kind.of
            return known, known
        if kind is types.OBJECT:
            message = f"{name!r} is of a kind that is not supported yet"
            return Conflict(message), Const(None, types.NONE)
        return value, value

    def _tuple(self, whole: Value, name: str) -> tuple[Binding, Binding]:
        results = tuple(Value(item) for item in whole.type.items)
        self.lowering.ops.append(Op(UNPACK, (whole,), results, site=self.lowering.site))
        pairs = [self.bound(item, f"{name}_{k}") for k, item in enumerate(results)]
        cls = whole.type.cls or tuple
        return Tup([one for one, _ in pairs], cls), Tup([two for _, two in pairs], cls)

    def _complex(self, whole: Value, name: str) -> tuple[Binding, Binding]:
        held: dict[Any, Binding] = {}
        for field, own in zip(whole.type.fields, part_names(name), strict=True):
            value = held[field] = Value(types.REAL, own)
            self.lowering.ops.append(Op(GETATTR, (whole,), (value,), (), field, self.lowering.site))
        return as_complex(*held.values()), Rec(held, cls=complex)

    def _object(self, whole: Value, path: str) -> tuple[Binding, Binding]:
        cls: Any = whole.type.cls
        made = Dissolved(cls, path)
        made.given = True
        taken = mapping_of(whole.type) is not None or holds_lists(whole.type)
        if taken and not self.lowering.memo.keeps_records:
            made.site = ("given", path)
        held: dict[Any, Binding] = {}
        for field, kind in zip(whole.type.fields, whole.type.items, strict=True):
            own = made.hint(field) or str(field)
            name = str(field) if str(field) in self.plain and own.endswith(str(field)) else own
            read = GETITEM if cls is dict else GETATTR
            named = kind in (types.REAL, types.BOOL, types.STR) or kind.kind in ("List", "Array")
            value = Value(kind, name if named else None)
            self.lowering.ops.append(Op(read, (whole,), (value,), (), field, self.lowering.site))
            made.fields[field] = None
            binding, held[field] = self.bound(value, own)
            self.lowering.variables.set((made, field), binding)
        if cls is dict:
            set_keys(self.lowering, made, whole.type.fields)
        assert (KEYS in made.fields) is (cls is dict)
        return made, Rec(held, cls=cls)
