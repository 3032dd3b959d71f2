"""What an array holds when it is read, where something is written to it later.

An operation on arrays that are written refers to memory. So that the reverse sees what the user's
operation saw, it reads a copy, taken before (`take_snapshots`): ``y = x * x`` is ``y = s * s`` with
``s = x.copy()``. Where nothing is written to the array before the last use of the copy, it is not
needed: the array itself stands there again (`drop_snapshots`), as it does in all code of which the
reverse needs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sourcediff.frontend.arrays.numpy_signatures import name_of
from sourcediff.frontend.primitives import (
    COPY,
    GETATTR,
    GETITEM,
    NARROWED,
    PURE_CALL,
    TUPLE,
    UNPACK,
    YIELDED,
)
from sourcediff.ir import FOR, IF, LOOPS, Atom, Function, Op, Region, Value, walk
from sourcediff.memory import (
    ADD_AT,
    ADD_INTO,
    INPLACE,
    OPERATE,
    QUERY,
    SET_ITEM,
    SET_PART,
    SNAPSHOT,
    SUBSCRIPT,
)
from sourcediff.transform.arrays.code import is_array, is_real
from sourcediff.transform.arrays.copies import makes_an_array
from sourcediff.transform.arrays.elements import read_at_once, refuse_element, views_of_elements
from sourcediff.transform.lists.contents import slot_of, touched
from sourcediff.transform.lists.counted_places import Places
from sourcediff.transform.smaller.optimise import eliminate_dead, substituted
from sourcediff.types import INT, REAL, Slot, array_of, rank_of

__all__ = ["Uses", "drop_snapshots", "is_view", "take_snapshots", "written_slots"]

#: What changes the array that is its first operand.
WRITES = (SET_ITEM, SET_PART, INPLACE, ADD_AT, ADD_INTO)
#: Functions whose result is never a view of an operand.
_FRESH = frozenset(
    {
        *("sum", "mean", "max", "min", "prod", "var", "std", "any", "all", "argmax", "argmin"),
        *("cumsum", "cumprod", "diff", "outer", "dot", "matmul", "where", "repeat", "roll", "tile"),
        *("concatenate", "stack", "vstack", "hstack", "column_stack", "triu", "tril", "clip"),
        *("zeros_like", "ones_like", "empty_like", "full_like", "copy", "array", "flatten"),
        *("linalg.solve", "linalg.inv", "linalg.norm", "linalg.det", "trace"),
    }
)
_COPIES = ("copy", "array", "astype", "flatten")
#: Functions whose derivatives do not look at what they give.
_LINEAR = frozenset(
    {
        *_COPIES,
        *("zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like"),
        *("eye", "identity", "arange", "linspace", "asarray", "concatenate", "stack", "vstack"),
        *("hstack", "column_stack", "sum", "mean", "cumsum", "dot", "matmul", "outer", "diag"),
        *("reshape", "ravel", "transpose", "triu", "tril", "roll", "repeat", "broadcast_to"),
    }
)
#: The result, in the text of a partial derivative.
_RESULT = re.compile(r"\by\b")


def is_view(op: Op) -> bool:
    """Whether an operation gives another way to look at the memory of an operand.

    What is made anew is no view, although a loop that hands it on may hold it where another was.
    """
    if op.regions or len(op.results) != 1 or not is_array(op.result):
        return False
    if getattr(op.attribute, "looks", None) is False:
        return False
    if name_of(op) in _COPIES or name_of(op) in _FRESH or makes_an_array(op) or _chooses(op):
        return False
    return any(slot_of(arg) is slot_of(op.result) for arg in op.args if is_array(arg))


def _chooses(op: Op) -> bool:
    """Whether an operation reads what a mask, or places in arrays and lists, choose: a copy."""
    if op.primitive is not SUBSCRIPT:
        return False
    whole, index = op.args
    parts = index.type.items if index.type.kind == "Tuple" else (index.type,)
    if any(part.kind in ("Array", "Tuple") for part in parts):
        return True
    if index.type.kind != "Tuple" or any(part not in (INT, REAL) for part in parts):
        return False
    return bool(parts) and rank_of(op.result.type) == rank_of(whole.type)  # a list of places


def _may_hold(op: Op) -> bool:
    """Whether what an operation gives may look at an operand, whatever its type says."""
    if op.primitive in (TUPLE, COPY, NARROWED, YIELDED):
        return True
    if op.primitive in (*WRITES, OPERATE, SNAPSHOT) or op.primitive.rule is not None:
        return False
    if op.primitive.pattern is not None:
        return False  # a comparison
    return any(map(is_array, op.results)) and name_of(op) not in _FRESH


def written_slots(function: Function) -> dict[Slot, list[Op]]:
    """The arrays that are written to, by what they hold."""
    found: dict[Slot, list[Op]] = {}
    for op in walk(function.body):
        if op.primitive.writes and op.args and is_array(op.args[0]):
            slot = slot_of(op.args[0])
            assert slot is not None
            found.setdefault(slot, []).append(op)
    return found


# Taking them -----------------------------------------------------------------------------


def take_snapshots(function: Function) -> Function:
    """Let operations on arrays that are written later read copies of these."""
    writes = written_slots(function)
    if not writes:
        return function
    function = _with_elements(function, writes)
    return function.with_body(_Taking(writes).region(function.body))


def _with_elements(function: Function, writes: dict[Slot, list[Op]]) -> Function:
    """Arrays without axes that look at what is written to are read at once, or refused."""
    views = [v for v in views_of_elements(function) if slot_of(v.args[0]) in writes]
    if not views:
        return function
    # A loop hands on what it binds, also what nobody reads behind it.
    living = eliminate_dead(function)
    run = Uses(living)
    for view in views_of_elements(living):
        if run.is_written_meanwhile(view, slot_of(view.args[0])):
            refuse_element(view)
    at_once = {view: read_at_once(view) for view in views}
    return function.with_body(_replaced(function.body, at_once))


def _replaced(region: Region, instead: dict[Op, list[Op]]) -> Region:
    ops: list[Op] = []
    for op in region.ops:
        if op.regions:
            op = op.replace(regions=tuple(_replaced(part, instead) for part in op.regions))
        ops += instead.get(op, [op])
    return region.replace(ops, region.results)


class _Taking:
    def __init__(self, writes: dict[Slot, list[Op]]) -> None:
        self.writes = writes
        self.definitions: dict[Value, Op] = {}
        #: By array, the copy that was taken in this region since it was written to.
        self.taken: dict[Value, Value] = {}

    def region(self, region: Region) -> Region:
        ops: list[Op] = []
        outer, self.taken = self.taken, {}
        for op in region.ops:
            self.definitions.update(dict.fromkeys(op.results, op))
            if op.regions:
                made = op.replace(regions=tuple(map(self.region, op.regions)))
                self._forget(op)
            else:
                made = self.reading(op, ops)
                self._forget(op)
            if self._is_read_again(made):
                ops += self._apart(made)
            else:
                ops.append(made)
        self.taken = outer
        return region.replace(ops, region.results)

    def _is_read_again(self, op: Op) -> bool:
        """Whether the reverse of an operation may look at its result, which is written to."""
        if op.regions or len(op.results) != 1 or not self._is_written(op.result) or is_view(op):
            return False
        rule = op.primitive.rule
        if rule is not None:
            return any(_RESULT.search(rule.partial(p) or "") for p in range(len(op.args)))
        if op.primitive is GETITEM:  # one of several results: the reverse of the call looks at it
            return is_real(op.result)
        name = name_of(op)
        return name is not None and name not in _LINEAR

    @staticmethod
    def _apart(op: Op) -> tuple[Op, Op]:
        """What an operation gives, and a copy of it that is written to."""
        result = op.result
        kind = array_of(Slot(_slot(result).type), rank_of(result.type))
        before = Value(kind)
        copy = Op(SNAPSHOT, (before,), (result,), (), "apart", op.site, op.order)
        return op.replace(results=(before,)), copy

    def _forget(self, op: Op) -> None:
        """Copies of what an operation writes to are old from then on."""
        _, written = touched(op)
        if written:
            self.taken = {a: v for a, v in self.taken.items() if slot_of(a) not in written}

    def copy(self, arg: Value, op: Op, ops: list[Op]) -> Value:
        """A copy of what an array holds now; of a transposed array, the transposed copy."""
        known = self.taken.get(arg)
        if known is not None:
            return known
        made = self.definitions.get(arg)
        kind = array_of(Slot(_slot(arg).type), rank_of(arg.type))
        if made is not None and made.primitive is GETATTR and made.attribute == "T":
            (base,) = made.args
            assert isinstance(base, Value)
            inner = self.copy(base, op, ops)
            kind = array_of(inner.type.slots["element"], rank_of(arg.type))
            found = Op(GETATTR, (inner,), (Value(kind),), (), "T", op.site, op.order)
        else:
            found = Op(SNAPSHOT, (arg,), (Value(kind),), site=op.site, order=op.order)
        ops.append(found)
        self.taken[arg] = found.result
        return found.result

    def reading(self, op: Op, ops: list[Op]) -> Op:
        """An operation that reads copies."""
        if not _reads(op):
            return op
        args: list[Atom] = []
        for place, arg in enumerate(op.args):
            itself = place == 0 and op.primitive in (*WRITES, SUBSCRIPT)
            if not isinstance(arg, Value) or not self._is_written(arg) or itself:
                args.append(arg)
            else:
                args.append(self.copy(arg, op, ops))
        if op.primitive is INPLACE and op.attribute in ("*", "/") and len(op.args) == 2:
            # What is multiplied is in the derivative of the factor.
            target = op.args[0]
            assert isinstance(target, Value)
            args.append(self.copy(target, op, ops))
        return op.replace(args=tuple(args))

    def _is_written(self, arg: Value) -> bool:
        return is_array(arg) and slot_of(arg) in self.writes


def _slot(arg: Value) -> Slot:
    slot = slot_of(arg)
    assert slot is not None
    return slot


def _reads(op: Op) -> bool:
    """Whether an operation looks at the numbers in its operands, and does not copy them itself."""
    if op.primitive is SUBSCRIPT:
        return is_array(op.args[1])  # places that may change
    if op.primitive in (GETATTR, GETITEM, SNAPSHOT, UNPACK) or is_view(op):
        return False
    if op.primitive in (*WRITES, OPERATE, TUPLE):
        return True
    if op.primitive in (QUERY, PURE_CALL):
        return name_of(op) is not None and name_of(op) not in _COPIES
    return op.primitive.typing is not None


# Dropping them ---------------------------------------------------------------------------


def drop_snapshots(function: Function) -> Function:
    """The array itself in place of its copy, where it is the same as long as that is used."""
    if not any(op.primitive is SNAPSHOT for op in walk(function.body)):
        return function
    body = function.body.replace(_plain(function.body.ops), function.body.results)
    body = Uses(function.with_body(body)).with_reads_at_once(body)
    run = Uses(function.with_body(body))
    renamed: dict[Value, Atom] = {}
    for op in walk(body):
        if op.primitive is SNAPSHOT and not run.is_idle(op):
            original = run.original(op)
            if original is not None and op.args[0] not in renamed:
                renamed[op.result] = original
        elif op.primitive is SNAPSHOT:
            renamed[op.result] = source = op.args[0]
            if isinstance(source, Value) and source.name is None and source.adjoint_of is None:
                source.name, source.adjoint_of = op.result.name, op.result.adjoint_of
    gone = set(renamed)
    _name_kept(body, renamed)
    results = body.results
    if results is not None:
        results = tuple(_renamed(a, renamed) for a in results)
    return function.with_body(body.replace(_without(substituted(body.ops, renamed), gone), results))


def _name_kept(body: Region, renamed: dict[Value, Atom]) -> None:
    """What is kept of the array itself is called after it, and not after the copy."""
    for op in walk(body):
        for value in (*op.results, *(p for region in op.regions for p in region.parameters)):
            kept = value.kept_from
            array = None if kept is None else _renamed(kept, renamed)
            if isinstance(array, Value) and array is not kept:
                value.kept_from = array
                value.name = value.name or array.name


def _plain(ops: Sequence[Op]) -> list[Op]:
    """``x *= y`` as it is written, without what only its reverse reads."""
    found = []
    for op in ops:
        if op.primitive is INPLACE:
            op = op.replace(args=op.args[:2])
        elif op.regions:
            op = op.replace(regions=tuple(r.replace(_plain(r.ops), r.results) for r in op.regions))
        found.append(op)
    return found


def _renamed(atom: Atom, renamed: dict[Value, Atom]) -> Atom:
    while isinstance(atom, Value) and atom in renamed:
        atom = renamed[atom]
    return atom


def _without(ops: list[Op], gone: set[Value]) -> list[Op]:
    found = []
    for op in ops:
        if op.primitive is SNAPSHOT and op.result in gone:
            continue
        regions = tuple(r.replace(_without(list(r.ops), gone), r.results) for r in op.regions)
        found.append(op.replace(regions=regions) if regions else op)
    return found


class Uses:
    """Where the arrays of a function are used and written to, in the order of the program."""

    def __init__(self, function: Function) -> None:
        self.places: dict[Op, int] = {}
        self.ends: dict[Op, int] = {}
        self.around: dict[Op, tuple[Op, ...]] = {}
        self.uses: dict[Value, list[Op]] = {}
        #: By what an arm of a branch yields, the branch and its result.
        self.chosen: dict[Value, list[tuple[Op, Value]]] = {}
        self.definitions: dict[Value, Op] = {}
        #: What leaves the operation that it is made in: a result of a region.
        self.escapes: set[Atom] = set(function.body.results or ())
        self.writes = written_slots(function)
        self.counted = Places(self.definitions)
        self._number(function.body, ())

    def _number(self, region: Region, around: tuple[Op, ...]) -> None:
        self.escapes.update(() if around and around[-1].primitive is IF else region.results or ())
        for op in region.ops:
            self.places[op], self.around[op] = len(self.places), around
            self.definitions.update(dict.fromkeys(op.results, op))
            if op.primitive is FOR:
                self.counted.count(op)
            for arg in op.args:
                if isinstance(arg, Value):
                    self.uses.setdefault(arg, []).append(op)
            for part in op.regions:
                for place, result in enumerate(part.results or () if op.primitive is IF else ()):
                    if isinstance(result, Value):
                        self.chosen.setdefault(result, []).append((op, op.results[place]))
                self._number(part, (*around, op))
            self.ends[op] = len(self.places)

    def with_reads_at_once(self, region: Region) -> Region:
        """A region in which the array itself is read where nothing has changed it yet.

        What is computed from it may depend in its last bit on how it lies in memory.
        """
        ops = []
        copies: dict[Value, tuple[Atom, int]] = {}
        for op in region.ops:
            regions = tuple(map(self.with_reads_at_once, op.regions))
            if op.primitive is SNAPSHOT and slot_of(op.result) not in self.writes:
                copies[op.result] = op.args[0], self.places[op]
            elif copies and not regions and _reads(op) and not _may_hold(op):
                args = tuple(self._at_once(arg, copies, self.places[op]) for arg in op.args)
                op = op.replace(args=args)
            ops.append(op.replace(regions=regions) if regions else op)
        return region.replace(ops, region.results)

    def _at_once(self, arg: Atom, copies: dict[Value, tuple[Atom, int]], place: int) -> Atom:
        if not isinstance(arg, Value) or arg not in copies:
            return arg
        whole, start = copies[arg]
        slot = slot_of(whole)
        assert slot is not None
        writes = self.writes.get(slot, ())
        return arg if any(start < self.places[w] < place for w in writes) else whole

    def is_idle(self, snapshot: Op) -> bool:
        """Whether nothing changes the array as long as the copy is used."""
        unread = snapshot.result not in self.escapes and snapshot.result not in self.chosen
        if unread and not self.uses.get(snapshot.result):
            return True
        if slot_of(snapshot.result) in self.writes:
            return self._is_read_before(snapshot)
        if self._is_finished(snapshot):
            return True
        last, keeper = self._last_use(snapshot.result, self.around[snapshot])
        if last is None:
            return False
        slot = slot_of(snapshot.args[0])
        assert slot is not None
        start = self.places[snapshot]
        return not any(
            start < self.places[write] <= last
            and write is not keeper
            and not self._are_apart(snapshot.args[0], write)
            for write in self.writes.get(slot, ())
        )

    def _are_apart(self, part: Atom, write: Op) -> bool:
        """Whether what is written to is another row than that which a value is, or is part of."""
        if write.primitive not in (SET_ITEM, ADD_AT):
            return False
        one, other = self._row(part), self._row_of(write.args[0], write.args[1])
        if one is None or other is None or one[0] is not other[0]:
            return False
        (base, number), (beside, second) = one[1], other[1]
        if base is not beside or number == second:
            return False
        least = 0 if base is None else self.counted.least.get(base, -max(number, second) - 1)
        return min(number, second) + least >= 0

    def _row(self, part: Atom) -> tuple[Atom, tuple[Value | None, int]] | None:
        """The array that a value is a part of, and in which of its rows that is."""
        made = self.definitions.get(part) if isinstance(part, Value) else None
        if made is None or made.primitive is not SUBSCRIPT or not is_array(made.args[0]):
            return None  # two items of a list may be one array
        return self._row_of(*made.args)

    def _row_of(self, whole: Atom, index: Atom) -> tuple[Atom, tuple[Value | None, int]] | None:
        """The array and the row of what is at a place of an array, or of a part of one."""
        further = self._row(whole)
        if further is not None:
            return further
        made = self.definitions.get(index) if isinstance(index, Value) else None
        first = made.args[0] if made is not None and made.primitive is TUPLE else index
        if made is not None and made.attribute is list:
            return None
        if first.type is not INT or not is_array(whole):
            return None
        return whole, self.counted.parts(first)

    def is_written_meanwhile(self, view: Op, slot: Slot | None = None) -> bool:
        """Whether an array may be written to as long as a view of it is used.

        Args:
            view: the operation that gives the view.
            slot: what the array holds; what the view does, if it is left out.
        """
        writes = self.writes.get(slot or _slot(view.result), ())
        if not writes and slot is not None:
            return False
        last, _ = self._last_use(view.result, self.around[view])
        start = self.places[view]
        return last is None or any(start < self.places[w] <= last for w in writes)

    def original(self, snapshot: Op) -> Atom | None:
        """What the array is a copy of, where that is there still and says what the array held."""
        source = snapshot.args[0]
        if not isinstance(source, Value):
            return None
        made = self.definitions.get(source)
        if made is None or made.primitive is not SNAPSHOT or not made.attribute:
            return None
        if slot_of(made.args[0]) in self.writes or self.around[made] != self.around[snapshot]:
            return None
        start, end = self.places[made], self.places[snapshot]
        writes = self.writes.get(_slot(source), ())
        return None if any(start < self.places[w] < end for w in writes) else made.args[0]

    def _is_read_before(self, snapshot: Op) -> bool:
        """Whether an array has been used when its copy is written to."""
        source, slot = snapshot.args[0], slot_of(snapshot.result)
        made = self.definitions.get(source) if isinstance(source, Value) else None
        if made is None or slot is None or not makes_an_array(made):
            return False
        assert isinstance(source, Value)
        start = self.places[snapshot]
        handed_on = source in self.escapes or source in self.chosen
        if len(self.uses[source]) == 1 and not handed_on:
            return True
        last, _ = self._last_use(source, self.around[snapshot])
        if last is None:
            return False
        return not any(start < self.places[write] <= last for write in self.writes[slot])

    def _is_finished(self, snapshot: Op) -> bool:
        """Whether nothing is written to the array any more, which is made anew in every turn."""
        made = self._origin(snapshot.args[0])
        slot = slot_of(snapshot.args[0])
        if made is None or slot is None or not makes_an_array(made):
            return False
        loops = [op for op in self.around[snapshot] if op.primitive in LOOPS]
        if any(loop not in self.around[made] for loop in loops):
            return False  # the next turn writes to the same array
        for loop in (op for op in self.around[made] if op.primitive in LOOPS):
            if any(slot_of(p) is slot for region in loop.regions for p in region.parameters):
                return False  # the next turn has it, too
        return all(
            self.places[write] < self.places[snapshot] and self._origin(write.args[0]) is made
            for write in self.writes.get(slot, ())
        )

    def _origin(self, atom: Atom) -> Op | None:
        """The operation that made the array which a value is, or looks at."""
        made = self.definitions.get(atom) if isinstance(atom, Value) else None
        while made is not None and is_view(made):
            base = next(a for a in made.args if slot_of(a) is slot_of(made.result))
            made = self.definitions.get(base) if isinstance(base, Value) else None
        return made

    def _is_joined(self, parts: Op) -> bool:
        """Whether arrays are in a row for calls that copy them only: ``np.stack([a, b])``."""
        if parts.result in self.escapes or parts.result in self.chosen:
            return False
        uses = self.uses.get(parts.result, ())
        return all(op.primitive is PURE_CALL and name_of(op) in _FRESH for op in uses)

    def _last_use(self, value: Value, around: tuple[Op, ...]) -> tuple[int | None, Op | None]:
        """Where a value is used for the last time, and by what; None where it is handed on."""
        if value in self.escapes:
            return None, None
        last, keeper = 0, None
        for branch, result in self.chosen.get(value, ()):
            outer = [o for o in self.around[branch] if o not in around and o.primitive in LOOPS]
            further, by = self._last_use(result, around)
            if further is None:
                return None, None
            last = max(last, further, self.ends[outer[0]] if outer else self.ends[branch])
            keeper = by if further == last else None
        for op in self.uses.get(value, ()):
            if op.primitive in (*LOOPS, IF) or not _takes(op, value):
                return None, None
            if op.primitive is TUPLE and not self._is_joined(op):
                return None, None
            outer = [o for o in self.around[op] if o not in around and o.primitive in LOOPS]
            place = self.ends[outer[0]] if outer else self.places[op]
            if op.primitive not in WRITES and _may_hold(op):
                if len(op.results) != 1:
                    return None, None
                further, by = self._last_use(op.result, around)
                if further is None:
                    return None, None
                if further > place:
                    place, op = further, by  # type: ignore[assignment]
            if place >= last:
                last, keeper = place, op
        return last, keeper


def _takes(op: Op, value: Value) -> bool:
    """Whether an operation is done with an operand when it is done."""
    if op.primitive.writes:
        return op.primitive in WRITES and op.args[0] is not value
    return True
