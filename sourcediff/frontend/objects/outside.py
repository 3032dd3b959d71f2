"""Objects that a function finds outside of itself: globals, attributes of modules, defaults."""

from __future__ import annotations

import ast
import collections
import sys
import types as python_types
from collections.abc import Iterable
from typing import Any

from sourcediff import types
from sourcediff.frontend.complexes.values import constant as complex_constant
from sourcediff.frontend.origin import Guard
from sourcediff.frontend.own_methods import overridden
from sourcediff.frontend.reflect import (
    Reflection,
    is_numpy_array,
    is_plain_object,
    reflect,
    type_of_array,
)
from sourcediff.frontend.state import CONSTANT_TYPES, State
from sourcediff.frontend.values import Binding, Rec, Ref, Static, Tup
from sourcediff.ir import Const, Value
from sourcediff.memory import SLICED
from sourcediff.types import Type

#: Functions, as tables outside hold them.
FUNCTIONS = (python_types.FunctionType, python_types.BuiltinFunctionType)

__all__ = ["Outside"]

_SHORT = {"numpy": "np", "scipy": "sp"}

MAX_TABLE = 64
MAX_GUARDED = 1000
#: A dict outside of at most so many keys is spread out.
MAX_SPREAD = 32


def _bound(found: int | None) -> Const:
    """A bound of a slice."""
    return Const(found, types.NONE if found is None else types.INT)


def _has_array(found: Any, depth: int = 4) -> bool:
    """Whether it is an array, or a list or dict with one in it."""
    if not isinstance(found, list | dict) or not depth:
        return is_numpy_array(found)
    held = found.values() if isinstance(found, dict) else found
    return any(_has_array(item, depth - 1) for item in held)


def _has_functions(found: Any) -> bool:
    """Whether it is made up of functions, numbers and texts, with a function among them."""
    pending, functions, count = [found], False, 0
    while pending:
        item = pending.pop()
        count += 1
        if isinstance(item, list | tuple | dict):
            pending += item.values() if isinstance(item, dict) else item
        elif isinstance(item, FUNCTIONS):
            functions = True
        elif not isinstance(item, int | float | str | None):
            return False
        if count > MAX_TABLE:
            return False
    return functions


def _is_called_by_its_name(module: python_types.ModuleType, ref: Ref) -> bool:
    """Whether a module is found under its own name or the usual short one, for good.

    Names such as `xp` or `backend` stand for one module now, and for another later.
    """
    own = module.__name__
    return ref.names[-1] in (own.partition(".")[0], own.rpartition(".")[2], _SHORT.get(own))


class Outside(State):
    """What an object of the outside world is bound to, and what the code then relies on."""

    def from_object(self, found: Any, ref: Ref | None) -> Binding:
        """A binding for a Python object; with a path, it is read there again at every call."""
        cls = found.__class__
        if found is None or cls is bool or cls is str:
            self.rely_on(ref, found)
            return Const(found, CONSTANT_TYPES[cls])
        if isinstance(found, int | float) and not isinstance(found, bool):
            kind = types.INT if isinstance(found, int) else types.REAL
            if ref is None:
                return Const(found, kind)
            if ref.key in self.memo.constants:
                self.guards[ref.key] = Guard(ref, found, is_constant=True)
                return Const(found, kind)
            self.rely_on(ref, found)
            return self.load(ref, kind)
        if isinstance(found, complex):
            self.rely_on(ref, found)
            return complex_constant(self, found)
        if isinstance(found, tuple):
            self.rely_on(ref, found)
            if (name := overridden(cls)) is not None:
                self.error(f"a {cls.__name__}, which says by {name} what it does, is not supported")
            if ref is None:
                return Tup([self.from_object(item, None) for item in found], cls)
            return self.tuple_items(ref, found)
        self.rely_on(ref, found)
        if isinstance(found, slice):
            bounds = (found.start, found.stop, found.step)
            if not self.faithful and all(b is None or type(b) is int for b in bounds):
                atoms = tuple(map(_bound, bounds))
                made = self.emit(SLICED, atoms, types.SLICE)
                self.bounds[made] = atoms
                return made
        if is_numpy_array(found):
            self.meet_arrays()
            known = None if self.faithful else type_of_array(found)
            if known is not None:
                return self.load(ref or Ref("object", found, ("array",)), known)
        table = self.table_of(found)
        if table is not None:
            return table
        if ref is not None and ref.root != "object" and self.is_memory(found):
            return self.load(ref, self.type_outside(found, ref))
        return Static(found, ref)

    def defaults_of(
        self, function: Any, node: ast.arguments
    ) -> tuple[list[Binding], dict[str, Binding]]:
        """What parameters are bound to that are not given: by position, and by keyword."""
        values = function.__defaults__ or ()
        names = [arg.arg for arg in (*node.posonlyargs, *node.args)][-len(values) :]
        by_keyword = (function.__kwdefaults__ or {}).items()
        return (
            [self._default(value, name) for value, name in zip(values, names, strict=False)],
            {name: self._default(value, name) for name, value in by_keyword},
        )

    def _default(self, found: Any, name: str) -> Binding:
        """What a parameter is bound to that is not given: a list or a dict lies outside."""
        known = self.from_object(found, None)
        if self.faithful or not isinstance(known, Static) or not isinstance(found, list | dict):
            return known
        if not self._rely_on_items(found):
            return known
        ref = Ref("object", found, (name,))
        try:
            return self.load(ref, self._reflected(found, ref))
        except TypeError:
            return known

    def _rely_on_items(self, found: list[Any] | dict[Any, Any]) -> bool:
        """Remember all that a short list or dict holds; whether it is short."""
        held: dict[Any, Any] = dict(enumerate(found)) if isinstance(found, list) else found
        if len(held) > MAX_SPREAD:
            return False
        self.rely_on(Ref("length", found, ("length",)), len(found))
        for key, item in held.items():
            self.rely_on(Ref("item", found, (key,)), item)
            if isinstance(item, list | dict) and not self._rely_on_items(item):
                return False
        return True

    def table_of(self, found: Any) -> Binding | None:
        """A list or dict with functions in it, with guards on all of it; None for any other."""
        if not isinstance(found, list | dict) or not found:
            return None
        if self.faithful:
            held = found.values() if isinstance(found, dict) else found
            only = all(isinstance(item, FUNCTIONS) for item in held)
            return self._known(found) if only else None
        return self._known(found) if _has_functions(found) else None

    def _known(self, found: Any) -> Binding:
        """What stands in a table: more of it, a function, or a constant."""
        if isinstance(found, tuple):
            return Tup([self._known(item) for item in found], found.__class__)
        if not isinstance(found, list | dict):
            return Static(found) if isinstance(found, FUNCTIONS) else self.from_object(found, None)
        held: dict[Any, Any] = found if isinstance(found, dict) else dict(enumerate(found))
        self.rely_on(Ref("length", found, ("length",)), len(found))
        bound: dict[Any, Binding] = {}
        for key, item in held.items():
            self.rely_on(Ref("item", found, (key,)), item)
            bound[key] = self._known(item)
        return Rec(bound) if isinstance(found, dict) else Tup(list(bound.values()))

    def keys_outside(self, whole: Value) -> list[str] | None:
        """The keys of a short dict outside, which the code relies on; None of anything else."""
        load = next((op for op in self.loads.values() if whole in op.results), None)
        found = None if load is None else load.attribute.read()
        if not isinstance(found, dict) or not 0 < len(found) <= MAX_SPREAD:
            return None
        if not all(isinstance(key, str) for key in found):
            return None
        self.rely_on(Ref("length", found, ("length",)), len(found))
        for key, held in found.items():
            self.rely_on(Ref("item", found, (key,)), held)
        return list(found)

    def is_memory(self, found: Any) -> bool:
        """Whether an object of the outside world is one that programs look into."""
        if isinstance(found, list | dict | set | collections.deque):
            return True
        return self.faithful and (is_plain_object(found) or is_numpy_array(found))

    def type_outside(self, found: Any, ref: Ref) -> Type:
        """The type of what lies outside; the same at each attempt to lower the function."""
        try:
            return self._reflected(found, ref)
        except TypeError as reason:
            self.error(f"{ref!r}, which lies outside of the function: {reason}")

    def _reflected(self, found: Any, ref: Ref) -> Type:
        if self.faithful:
            return reflect(found, self.attributes_of)
        kind = self.memo.outside.get(ref.key)
        if kind is None:
            reflection = Reflection(self.attributes_of)
            reflection.arrays_apart = True
            kind = self.memo.outside[ref.key] = reflection.type_of(found)
        if isinstance(found, list | dict):
            self.rely_on_arrays(found, kind)
        return kind

    def rely_on_arrays(self, found: list[Any] | dict[Any, Any], kind: Type | None) -> None:
        """Remember the arrays in a list or a dict outside, and in what it holds: their types count.

        Args:
            kind: the type of the list or dict, where each item has one of its own.
        """
        held: Iterable[Any] = found.items() if isinstance(found, dict) else enumerate(found)
        items = {key: item for key, item in held if _has_array(item)}
        if not items or len(items) > MAX_GUARDED:
            return
        self.meet_arrays()
        self.rely_on(Ref("length", found, ("length",)), len(found))
        apart = kind if kind is not None and kind.kind == "Record" else None
        for key, item in items.items():
            self.rely_on(Ref("item", found, (key,)), item)
            own = None if apart is None else apart.slots[key].type
            if not is_numpy_array(item):
                self.rely_on_arrays(item, own)
            elif own is not None:
                # Which of its axes have length one is true while it is there.
                own.of = tuple([length == 1 for length in item.shape])

    def tuple_items(self, ref: Ref, found: tuple[Any, ...]) -> Binding:
        """The items of a constant tuple: numbers are read from it, the rest is known."""
        if not all(isinstance(item, int | float) for item in found):
            return Tup([self.from_object(item, None) for item in found], found.__class__)
        kinds = [CONSTANT_TYPES.get(item.__class__, types.REAL) for item in found]
        whole = self.load(ref, types.tuple_of(kinds))
        return self.dissolve(whole, found.__class__)

    def rely_on(self, ref: Ref | None, found: Any) -> None:
        """Remember that the code is right only while `ref` leads to `found`."""
        if ref is None or ref.root == "object":
            return
        if isinstance(found, python_types.ModuleType) and _is_called_by_its_name(found, ref):
            return
        if ref.root == "module":
            number = isinstance(found, int | float) and not isinstance(found, bool)
            if number or ref.where.__name__.partition(".")[0] in sys.stdlib_module_names:
                return  # a number is read there by the code itself
        self.guards.setdefault(ref.key, Guard(ref, found))

    def spelled(self, module: str, alias: str | None) -> None:
        """Remember how the user calls a module; an alias wins over ``from`` imports."""
        if self.spelling.get(module) is None:
            self.spelling[module] = alias
