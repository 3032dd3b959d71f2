"""Arrays in lists that change in place: where nobody else knows them, others take their places.

``hs[i] += v`` changes the array that the list holds. If that array has no other name by which it is
read later, nobody can tell it from a new one in its place: ``hs[i] = hs[i] + v``. A write to a part
of it is one to a copy, which is put there. And an array that is written to before it goes into a
list, and never again, is not one of those that the list holds:

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, list_of
>>> def f(hs, v):
...     for h in hs:
...         h *= v
...     return 2
>>> arrays = list_of(Slot(array_of(Slot(REAL), 1)))
>>> print(with_arrays_replaced(lower_function(f, {"hs": arrays, "v": REAL})))
f(hs: List[Array[Real, 1]], v: Real):
    %1 = pure_call hs [builtins.len]
    %2 = pure_call %1 [builtins.range]
    for %2 [hs]:
        take i: Int
        h = subscript hs i
        h.1 = mul h v
        set_item hs i h.1 [in place]
        yield
    yield 2
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from sourcediff import types
from sourcediff.called import ENTERS
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import COPY, NARROWED, YIELDED
from sourcediff.ir import LOOPS, Atom, Function, Op, Region, Value, walk
from sourcediff.memory import (
    IN_PLACE,
    INPLACE,
    LIST,
    METHOD_OF,
    OPERATE,
    QUERY,
    SET_ITEM,
    SUBSCRIPT,
    MethodSpec,
)
from sourcediff.rules.table import primitive_of
from sourcediff.transform.arrays.copies import makes_an_array
from sourcediff.transform.arrays.reads import is_view
from sourcediff.transform.lists.contents import is_list, slot_of, slots_in
from sourcediff.transform.loops.sequences import by_place
from sourcediff.transform.smaller.optimise import eliminate_dead, substituted
from sourcediff.types import Slot, array_of, rank_of

__all__ = ["with_arrays_replaced"]

_OPERATORS: dict[str, ast.operator] = {
    "+": ast.Add(),
    "-": ast.Sub(),
    "*": ast.Mult(),
    "/": ast.Div(),
}
_SAME = (COPY, NARROWED, YIELDED)


def with_arrays_replaced(function: Function) -> Function:
    """The function with new arrays in lists for arrays that change there, where none can tell."""
    if not _written(function):
        return function
    found = eliminate_dead(function)
    try:
        found = by_place(found)
    except DifferentiationError:
        return function
    for slot in _written(found):
        run = _Replacing(found, slot)
        if not run.is_known():
            return function
        found = run.replaced()
    return found


def _written(function: Function) -> list[Slot]:
    """The slots of the arrays in lists that are written to."""
    held = {slot: None for v in _values(function) for slot in _arrays_in(v)}
    writes = [op for op in walk(function.body) if op.primitive.writes and op.args]
    changed = {slot_of(op.args[0]) for op in writes if op.args[0].type.kind == "Array"}
    return [slot for slot in held if slot in changed]


def _values(function: Function) -> Iterator[Value]:
    yield from function.parameters
    for op in walk(function.body):
        yield from op.results
        for region in op.regions:
            yield from region.parameters


def _arrays_in(value: Value) -> Iterator[Slot]:
    """The slots of the arrays in a list."""
    if is_list(value):
        *_, innermost = slots_in(value.type)
        kind = value.type
        while kind.kind == "List":
            kind = kind.slots["element"].type
        if kind.kind == "Array":
            yield innermost


class _Replacing:
    """The arrays of one slot, which lists hold, in one function."""

    def __init__(self, function: Function, slot: Slot) -> None:
        self.function = function
        self.slot = slot
        self.definitions: dict[Atom, Op] = {}
        self.places: dict[Op, int] = {}
        #: The operations that an operation stands in, outermost first.
        self.around: dict[Op, tuple[Op, ...]] = {}
        self.uses: dict[Atom, list[Op]] = {}
        self.yielded: set[Atom] = set()
        #: Where a region hands its parameters in: by parameter, the operation that it belongs to.
        self.taken: dict[Atom, Op] = {}
        self._note(function.body, ())
        self.writes = [
            op
            for op in walk(function.body)
            if op.primitive.writes and op.args and slot_of(op.args[0]) is slot
            if op.args[0].type.kind == "Array"
        ]
        #: By write, the read of the item of a list that it changes.
        self.items: dict[Op, Op] = {}

    def _note(self, region: Region, around: tuple[Op, ...]) -> None:
        for op in region.ops:
            self.places[op] = len(self.places)
            self.around[op] = around
            self.definitions.update(dict.fromkeys(op.results, op))
            for arg in op.args:
                self.uses.setdefault(arg, []).append(op)
            for part in op.regions:
                self.taken.update(dict.fromkeys(part.parameters, op))
                self._note(part, (*around, op))
        self.yielded.update(region.results or ())

    # What is known ----------------------------------------------------------------------------

    def is_known(self) -> bool:
        """Whether all that is done with the arrays is followed."""
        values = [v for v in _values(self.function) if self.slot in _slots_of(v.type)]
        if not all(map(self._is_plain, values)):
            return False
        for op in self.writes:
            root = self.root(op.args[0])
            if root is None or not self._is_followed(op, root):
                return False
        changes = list(self.items)
        return all(self._is_apart(value, op) for op in changes for value in values)

    def _is_plain(self, value: Value) -> bool:
        """Whether a value is an array, or a list of them, of which the maker is known."""
        kind = value.type
        if value in self.yielded:
            return False
        if kind.kind == "Array":
            return self.root(value) is not None or self._is_idle(value)
        if kind.kind != "List" or kind.slots["element"].type.kind != "Array":
            return False
        made = self.definitions.get(value)
        if made is None:
            return value in self.function.parameters
        if made.primitive in (OPERATE, *ENTERS) or made.regions:
            return False
        return made.primitive is not LIST or not made.attribute

    def _is_idle(self, value: Value) -> bool:
        return not self.uses.get(value)

    def root(self, atom: Atom) -> Op | None:
        """The operation that made an array, or read it from a list, behind its views."""
        made = self.definitions.get(atom)
        while made is not None and (is_view(made) or made.primitive in _SAME):
            whole = next((a for a in made.args if slot_of(a) is self.slot), None)
            made = None if whole is None else self.definitions.get(whole)
        if made is None or made.regions or made.primitive in ENTERS:
            return None
        return made if _is_item(made) or makes_an_array(made) else None

    def _is_followed(self, op: Op, root: Op) -> bool:
        if not _is_item(root):
            return self._is_in_the_making(op, root)
        if op.primitive not in (INPLACE, SET_ITEM) or root.args[1].type is types.SLICE:
            return False
        if self.around[op] != self.around[root]:
            return False
        self.items[op] = root
        return True

    def _is_in_the_making(self, write: Op, root: Op) -> bool:
        """Whether an array that is written to is in no list yet."""
        return not any(self._may_follow(store, write, root) for store in self._stores(root))

    def _stores(self, root: Op) -> list[Op]:
        """The operations that put an array, or a view of it, into a list."""
        looking = [v for v in self.uses if slot_of(v) is self.slot and self.root(v) is root]
        return [op for value in looking for op in self.uses[value] if _puts(op)]

    def _may_follow(self, first: Op, second: Op, root: Op) -> bool:
        """Whether one operation may be executed when another has been, on one array."""
        common = [op for op in self.around[first] if op in self.around[second]]
        inner = [op for op in common if op.primitive in LOOPS and op not in self.around[root]]
        return bool(inner) or self.places[second] > self.places[first]

    def _is_apart(self, value: Value, change: Op) -> bool:
        """Whether a value cannot tell that an array in a list has changed."""
        item = self.items[change]
        made = self.definitions.get(value)
        if value in (item.args[0], item.result):
            return True  # the list is changed, and the item is the new array from there on
        root = self.root(value) if value.type.kind == "Array" else None
        if root is not None and not self._is_put_once(root):
            return False
        start = -1 if made is None else self.places[made]
        if start > self.places[change]:
            return True
        outer = () if made is None else self.around[made]
        loops = [op for op in self.around[change] if op.primitive in LOOPS and op not in outer]
        return not any(
            self.places[use] > self.places[change] or any(op in self.around[use] for op in loops)
            for use in self.uses.get(value, ())
        )

    def _is_put_once(self, root: Op) -> bool:
        """Whether an array is in one list, at one place, at most."""
        stores = self._stores(root)
        if not stores:
            return True
        if _is_item(root) or len(stores) > 1 or stores[0].args.count(root.result) != 1:
            return False
        loops = [op for op in self.around[stores[0]] if op.primitive in LOOPS]
        return all(op in self.around[root] for op in loops)

    # Replacing --------------------------------------------------------------------------------

    def replaced(self) -> Function:
        """The function with new arrays, and without the slot at what is still being made."""
        apart: dict[Op, Slot] = {}
        for op in self.writes:
            root = self.root(op.args[0])
            if root is not None and not _is_item(root):
                apart.setdefault(root, Slot(self.slot.type))
        arrays = [v for v in _values(self.function) if slot_of(v) is self.slot]
        roots = {v: self.root(v) for v in arrays if v.type.kind == "Array"}
        made = self.function.with_body(self._region(self.function.body, {}))
        for value, root in roots.items():
            if root in apart:
                value.type = array_of(apart[root], rank_of(value.type))
        return made

    def _region(self, region: Region, renamed: dict[Value, Atom]) -> Region:
        renamed = dict(renamed)
        ops: list[Op] = []
        for op in region.ops:
            item = self.items.get(op)
            if item is not None:
                renamed[item.result] = self._changed(op, item, renamed, ops)
                args = (*item.args, renamed[item.result])
                put = Op(SET_ITEM, args, (), (), IN_PLACE, site=op.site, order=op.order)
                ops.extend(substituted([put], renamed))
                continue
            regions = tuple(self._region(part, renamed) for part in op.regions)
            ops.extend(substituted([op.replace(regions=regions)], renamed))
        results = region.results
        if results is not None:
            results = tuple(renamed.get(a, a) if isinstance(a, Value) else a for a in results)
        return region.replace(ops, results)

    def _changed(self, op: Op, item: Op, renamed: dict[Value, Atom], ops: list[Op]) -> Value:
        """Append what makes the new array, and give it."""
        rank = rank_of(item.result.type)
        new = Value(array_of(Slot(self.slot.type), rank), item.result.name)
        now = renamed.get(item.result, item.result)

        def append(found: Op, names: dict[Value, Atom]) -> None:
            found.site, found.order = op.site, op.order
            ops.extend(substituted([found], {**renamed, **names}))

        target = op.args[0]
        if target is item.result and op.primitive is INPLACE:
            primitive = primitive_of(_OPERATORS[op.attribute])
            assert primitive is not None
            append(Op(primitive, (now, op.args[1]), (new,)), {})
            return new
        copying = MethodSpec("copy")
        append(Op(QUERY, (now,), (new,), (), copying), {})
        names: dict[Value, Atom] = {item.result: new}
        for view in self._path(target, item):
            again = Value(array_of(new.type.slots["element"], rank_of(view.result.type)))
            append(view.replace(results=(again,)), names)
            names[view.result] = again
        append(op.replace(), names)
        return new

    def _path(self, target: Atom, item: Op) -> list[Op]:
        """The views between an item of a list and what is written to."""
        found: list[Op] = []
        while target is not item.result:
            made = self.definitions[target]
            found.append(made)
            target = next(a for a in made.args if slot_of(a) is self.slot)
        return found[::-1]


def _is_item(op: Op) -> bool:
    """Whether an operation reads an item of a list."""
    return op.primitive is SUBSCRIPT and is_list(op.args[0])


def _puts(op: Op) -> bool:
    """Whether an operation puts its operands into a list."""
    if op.primitive is SET_ITEM:
        return is_list(op.args[0])
    return op.primitive is LIST or (op.primitive is METHOD_OF and is_list(op.args[0]))


def _slots_of(kind: types.Type) -> Iterator[Slot]:
    """The slots of an array, and of all that holds some."""
    if kind.kind in ("List", "Dict", "Array"):
        yield from slots_in(kind)
    for item in kind.items:
        yield from _slots_of(item)
