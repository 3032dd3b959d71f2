"""Lists that are written to only while they are being made, when nobody else knows of them.

``C = [[0.0] * n for _ in range(n)]`` is filled by ``C[i][j] += …`` and then handed on. What is read
from a list under another name, before or after, these writes cannot change: no other name leads
to `C` until the last of them has been made. So the lists that the turns of a loop make one from
another, as in ``R = matmul(R, A)``, stay what they are, and the reverse may look at them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import FOR, LOOPS, Atom, Function, Op, Region, Value
from sourcediff.memory import (
    ADD_AT,
    LIST,
    METHOD_OF,
    OPERATE,
    QUERY,
    SET_ITEM,
    SUBSCRIPT,
    SWAP_ITEMS,
)
from sourcediff.types import SLICE, Type, is_number

__all__ = ["InTheMaking"]

#: Where something happens: behind how many operations, and the loops around it.
Where = tuple[float, tuple[Op, ...]]

_WRITES = (METHOD_OF, SET_ITEM, ADD_AT, SWAP_ITEMS)


class InTheMaking:
    """The writes of one function that belong to the making of a list.

    A list is made where a display, ``[0.0] * n`` or a copy makes it; its names are the value itself
    and what is read from it, ``C[i]``. A new list that is put into another one belongs to that
    from the start. It is *known* from where anything else is done with one of its names.
    """

    def __init__(self, function: Function) -> None:
        self.definitions: dict[Value, Op] = {}
        self.where: dict[Op, Where] = {}
        #: The place of the last operation that uses a list by this name.
        self._last_use: dict[Atom, float] = {}
        self._holders: dict[Value, Value] = {}
        #: Where a new list is put into another one.
        self._put: dict[Value, Where] = {}
        self._known: list[tuple[Value, Where]] = []
        self._number(function.body, (), -1)
        self._look(function.body, (), -1)
        #: By list that is made here, where it becomes known; a new one by that name alone, too.
        self.known: dict[Value, list[Where]] = {}
        for part, where in self._known:
            for whole in {self.root(part), self.base(part)} - {None}:
                self.known.setdefault(whole, []).append(where)  # type: ignore[arg-type]
        #: By write, the list in the making that it belongs to.
        self._made_by: dict[Op, Value] = {}
        for op in self.where:
            if op.primitive not in _WRITES or not op.args:
                continue
            new = self.base(op.args[0])
            if new in self._put and self._comes_first(op, new, self._seen(new)):
                self._made_by[op] = new
                continue
            whole = self.root(op.args[0])
            if whole is not None and self._comes_first(op, whole, self.known.get(whole, ())):
                self._made_by[op] = whole

    def _seen(self, new: Value) -> list[Where]:
        """Where a new list that is put into another one becomes known, or is put there."""
        return [self._put[new], *self.known.get(new, ())]

    def root(self, atom: Atom) -> Value | None:
        """The list made here that an atom is, or is part of, as far as its names tell."""
        return self.base(atom, self._holders)

    def base(
        self, atom: Atom, holders: Mapping[Value, Value] = MappingProxyType({})
    ) -> Value | None:
        """The same, but a new list that is put into another one by its own name only."""
        while isinstance(atom, Value) and atom.type.kind == "List":
            if atom in holders:
                atom = holders[atom]
                continue
            made = self.definitions.get(atom)
            if made is None:
                return None
            if _makes_list(made):
                return atom
            if not _reads_item(made):
                return None
            atom = made.args[0]
        return None

    def cannot_reach(self, write: Op, whole: Atom) -> bool:
        """Whether a write leaves alone whatever a name that is not of its own list leads to."""
        own = self._made_by.get(write)
        return own is not None and not self._leads_to(whole, own)

    def _leads_to(self, whole: Atom, own: Value) -> bool:
        """Whether an atom is a name of a list that is made here, or of a part of it."""
        return self.root(whole) is own or self.base(whole) is own

    def belongs(self, write: Op) -> bool:
        """Whether a write is to a list in the making, and nobody else notices it."""
        return write in self._made_by

    def is_before(self, write: Op, whole: Value, op: Op) -> bool:
        """Whether a write to a list that is made here comes before an operation, in every turn."""
        own = self._made_by.get(write)
        if own is None or not self._leads_to(whole, own):
            return False
        return self._comes_first(write, own, [self.where[op]])

    def is_over(self, write: Op, whole: Atom, op: Op) -> bool:
        """Whether a write is none of those that may change a list behind an operation."""
        if self.cannot_reach(write, whole):
            return True
        return isinstance(whole, Value) and self.is_before(write, whole, op)

    def _number(self, region: Region, loops: tuple[Op, ...], last: float) -> float:
        for op in region.ops:
            last = len(self.where)
            self.where[op] = (last, loops)
            self.definitions.update(dict.fromkeys(op.results, op))
            self._last_use.update(dict.fromkeys(op.args, last))
            inner = (*loops, op) if op.primitive in LOOPS else loops
            for part in op.regions:
                last = self._number(part, inner, last)
        self._last_use.update(dict.fromkeys(region.results or (), last + 0.5))
        return last

    def _look(self, region: Region, loops: tuple[Op, ...], last: float) -> float:
        """Note what becomes known in a region behind `last`; give back its last operation."""
        for op in region.ops:
            self._uses(op)
            last = self.where[op][0]
            inner = (*loops, op) if op.primitive in LOOPS else loops
            last = max([last, *(self._look(part, inner, last) for part in op.regions)])
        self._become_known(region.results or (), (last + 0.5, loops))
        return last

    def _uses(self, op: Op) -> None:
        """Note what an operation makes known of the lists that it is handed."""
        where = self.where[op]
        args = op.args
        if op.primitive is LIST and not op.attribute:
            self._hold(op.result, args, where)
        elif op.primitive in (LIST, OPERATE):
            if not _is_flat(op.result.type):
                self._become_known((op.result, *args), where)
        elif op.primitive in _WRITES:
            method = op.attribute.name if op.primitive is METHOD_OF else None
            puts = method in ("append", "insert") if method else op.primitive is SET_ITEM
            if puts and args[1].type is not SLICE:
                self._hold(args[0], args[1:], where)
            elif _is_flat(args[0].type):
                return
            elif op.primitive is not SWAP_ITEMS:
                self._become_known(args, where)
        elif op.primitive is FOR and _is_flat(args[0].type):
            self._become_known(args[1:], where)
        elif not _only_looks(op):
            self._become_known(args, where)

    def _hold(self, holder: Atom, items: Sequence[Atom], where: Where) -> None:
        """Note what is put into a list: a new one belongs to it, any other is in two places."""
        for item in items:
            if not isinstance(item, Value) or item.type.kind != "List":
                continue
            whole = self.root(holder)
            made = self.definitions.get(item)
            is_new = made is not None and _makes_list(made)
            if is_new and whole is not None and item not in self._holders and whole is not item:
                # Each time it is another one, which has no other name from then on.
                anew = all(loop in self.where[made][1] for loop in where[1])  # type: ignore[index]
                if anew and self._last_use[item] <= where[0]:
                    self._holders[item] = whole
                    self._put[item] = where
                    continue
            self._become_known((holder, item), where)

    def _become_known(self, atoms: Iterable[Atom], where: Where) -> None:
        for atom in atoms:
            if isinstance(atom, Value) and atom.type.kind == "List":
                self._known.append((atom, where))

    def _comes_first(self, write: Op, whole: Value, known: Sequence[Where]) -> bool:
        """Whether a write comes before its list is known, in each turn of loops around both."""
        place, loops = self.where[write]
        around = self.where[self.definitions[whole]][1]
        return all(
            place < at and all(loop in around for loop in loops if loop in others)
            for at, others in known
        )


def _makes_list(op: Op) -> bool:
    """Whether the result of an operation is a new list."""
    if op.primitive in (LIST, OPERATE):
        return True
    if len(op.results) != 1 or not _is_flat(op.result.type):
        return False  # the lists in it have other names
    if op.primitive is PURE_CALL:
        return op.attribute.function in (list, sorted)
    if op.primitive is SUBSCRIPT:
        return op.args[1].type is SLICE
    return op.primitive is QUERY and op.attribute.name == "copy"


def _reads_item(op: Op) -> bool:
    return op.primitive is SUBSCRIPT and op.args[1].type is not SLICE


def _is_flat(kind: Type) -> bool:
    """Whether a list holds numbers, so that nothing in it has a name."""
    return kind.kind == "List" and is_number(kind.slots["element"].type)


def _only_looks(op: Op) -> bool:
    """Whether an operation leaves nothing behind that leads to the lists that it is handed."""
    if _reads_item(op):
        return True
    if op.primitive not in (PURE_CALL, SUBSCRIPT, QUERY):
        return False
    flat = all(atom.type.kind != "List" or _is_flat(atom.type) for atom in op.args)
    if op.primitive is SUBSCRIPT or _makes_list(op):
        return flat
    return all(is_number(result.type) for result in op.results)
