"""What a loop carries: what a turn re-binds goes from turn to turn, and out of the loop.

The body of a loop is lowered once for types that hold in every turn. They are found by trying:
a variable enters with the type it has before the loop, and where the body, on any way to the
next turn, leaves a wider one, the body is lowered again with that. The types found are kept, so
that an attempt at an outer loop need not find those of the inner loops anew.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.lifted_sums import is_of_one_element, lifted
from sourcediff.frontend.complexes.values import NOUGHT, is_complex_type, join_types, lift
from sourcediff.frontend.control.joins import DIVERGES, FALLS, FALSE, TRUE, Diverged, Outcome
from sourcediff.frontend.control.leaving import (
    Body,
    Snapshot,
    as_one,
    held_by,
    holds_objects,
    jump,
    settle_object,
    snapshot,
)
from sourcediff.frontend.control.unrolling import has_a_turn
from sourcediff.frontend.frames import RETURN_VALUE, RETURNED, Arm, Frame, Key, hint
from sourcediff.frontend.iteration.iteration import Sequence
from sourcediff.frontend.lowering import Loop, Lowering
from sourcediff.frontend.objects.places import blame, is_pooled
from sourcediff.frontend.source import own_nodes
from sourcediff.frontend.values import Binding, Closure, Conflict, Dissolved, Item, Static, Tup
from sourcediff.ir import DEAD, FOR, UNDEFINED, WHILE, Atom, Const, Op, Region, Value, walk
from sourcediff.memory import LIST
from sourcediff.types import Type, rank_of

__all__ = ["CarryingLoop"]

#: How often a loop is lowered until its types must have been found.
MAX_ATTEMPTS = 30


class _Unsettled(Exception):
    """A carried variable is of another type than was assumed."""


class CarryingLoop:
    """One loop on its way into the IR."""

    def __init__(
        self,
        lowering: Lowering,
        node: ast.AST,
        bound: Collection[str],
        orelse: Body | None,
        form: str | None,
        left: Key | None,
    ) -> None:
        self.lowering = lowering
        self.node = node
        self.orelse = orelse
        self.form = form
        self.site = lowering.site
        self.youngest = Frame.count()
        self.memory = (*lowering.path, node)
        frame = lowering.frame
        names = dict.fromkeys(n for n in bound if n not in frame.shared)
        #: Whether the function may return inside, and has no code of its own to return from.
        self.returns = not lowering.flat and any(isinstance(n, ast.Return) for n in own_nodes(node))
        if self.returns:
            lowering.variables.set((frame, RETURNED), FALSE)
            lowering.variables.set((frame, RETURN_VALUE), DEAD)
        for name in frame.scope.locals:
            if name in names and frame.owner(name) is frame:
                names[name] = None
        self.own: list[Key] = [(frame, n) for n in names if frame.owner(n) is frame]
        self.types: dict[Key, Type | None] = {}
        #: Variables that are another object in every turn, by the object that stands for all.
        self.joined: dict[Key, Dissolved] = {}
        #: Variables that are another object of one list in every turn: its place is carried.
        self.items: dict[Key, Item] = {}
        #: Numbers that the loop adds arrays of one element to, and how many axes these have.
        self.lifted: dict[Key, int] = {}
        #: Variables that a turn leaves without a value that anybody could read.
        self.conflicts: dict[Key, Conflict] = {}
        if self.returns:
            self.own += [(frame, RETURNED), (frame, RETURN_VALUE)]
        self.left = left
        if left is not None:
            lowering.variables.set(left, FALSE)
            self.own.append(left)
        for key in self.own:
            binding = lowering.variables.get(*key)
            if isinstance(binding, Value | Const):
                self.types[key] = binding.type
            elif _is_carried(binding):
                assert binding is not None
                self.types[key] = as_one(lowering, binding).type
        self._remember()

    def _remember(self) -> None:
        """Start from the types that an earlier attempt found."""
        known = self.lowering.memo.carried.get(self.memory, {})
        frames = {id(frame.node): frame for frame in self.lowering.frames}
        for (node, name), kind in known.items():
            frame = frames.get(node)
            if frame is not None:
                binding = self.lowering.variables.get(frame, name)
                entry = self.types.get((frame, name))
                if entry is None:
                    entry = types.UNBOUND if binding is None else types.NEVER
                    if isinstance(binding, Value | Const):
                        entry = binding.type
                self.types[frame, name] = join_types(kind, entry)

    # The two kinds of loop ----------------------------------------------------------------

    def over(self, sequence: Sequence, body: Callable[[Binding], Outcome]) -> Outcome:
        """A for loop."""
        assert sequence.whole is not None

        def turn() -> Outcome:
            return body(self.lowering.taken(item))

        for _ in range(MAX_ATTEMPTS):
            item = Value(sequence.item)
            attempt = _Attempt(self)
            try:
                attempt.body(turn)
                attempt.otherwise(True)
                attempt.settle()
            except _Unsettled:
                continue
            return attempt.close(FOR, (sequence.whole,), (item,))
        self.lowering.error("the types of the variables of this loop do not settle", self.node)

    def under(self, test: Callable[[], Binding], body: Body) -> Outcome:
        """A while loop."""
        for _ in range(MAX_ATTEMPTS):
            attempt = _Attempt(self)
            try:
                known = attempt.test(test)
                if known is False:
                    return FALLS if self.orelse is None else self.orelse()
                attempt.body(body)
                attempt.otherwise(known is None)
                attempt.settle()
            except _Unsettled:
                continue
            return attempt.close(WHILE, (), ())
        self.lowering.error("the types of the variables of this loop do not settle", self.node)


def _is_carried(binding: Binding | None) -> bool:
    """Whether what is bound before a loop can be handed on as one value."""
    if isinstance(binding, Tup):
        return not holds_objects(binding)
    return is_pooled(binding) or (isinstance(binding, Static) and binding.is_member)


class _Attempt:
    """A loop lowered for the types that are assumed of what it carries."""

    def __init__(self, whole: CarryingLoop) -> None:
        self.whole = whole
        self.lowering = whole.lowering
        self.site = whole.site
        table = self.lowering.variables
        unbound = {key for key in whole.own if table.get(*key) is None} - whole.types.keys()
        self.loop = Loop(self.lowering.frame, table.depth, unbound, whole.left)
        self.loop.joined = whole.joined
        self.before_joined = dict(whole.joined)
        self.before = {key: table.get(*key) for key in whole.types}
        self.kinds = dict(whole.types)
        self.loop.complexes = {key for key, kind in self.kinds.items() if is_complex_type(kind)}
        #: A variable of the region of the body, of the test, and of ``else``.
        self.taken: dict[str, dict[Key, Value]] = {"test": {}, "body": {}, "else": {}}
        self.arms: dict[str, Arm] = {}
        self.ends: dict[str, Snapshot | None] = {}
        self.tested: Atom | None = None
        self.endless = False

    # Regions ------------------------------------------------------------------------------

    def _enter(self, place: str) -> None:
        """Bind what is carried to the parameters of a region."""
        for key, kind in self.kinds.items():
            if kind is None:
                message = f"{key[1]!r} has no one type in all turns of the loop"
                self.lowering.variables.set(key, self.whole.conflicts.get(key, Conflict(message)))
                continue
            value = self.taken[place][key] = Value(kind, hint(key))
            self.lowering.variables.set(key, self._bound(key, value))

    def _bound(self, key: Key, value: Value) -> Binding:
        """What a variable is that has a value of the loop."""
        item = self.whole.items.get(key)
        if item is None:
            return self.lowering.taken(value)
        return item.at(value)

    def _region(self, place: str, run: Callable[[], Outcome], site: Any = None) -> None:
        arm = self.arms[place] = Arm()
        lowering = self.lowering
        lowering.site = self.site
        lowering.watched.append(self.loop)
        with lowering.inside(arm):
            self._enter(place)
            try:
                outcome = run()
                if outcome is not FALLS and outcome is not DIVERGES:
                    lowering.error("a return in this loop is not supported", self.whole.node)
                end = None if outcome is DIVERGES else snapshot(lowering, self.loop)
            except Diverged:
                end = None
            finally:
                lowering.watched.pop()
        self.ends[place] = end
        lowering.site = self.site

    def test(self, test: Callable[[], Binding]) -> bool | None:
        """Lower the test of a while loop; its truth, where that is known."""
        known: list[bool | Atom] = []

        def run() -> Outcome:
            known.append(self.lowering.truth(test()))
            return FALLS

        self._region("test", run)
        if self.ends["test"] is None:
            self.lowering.ops.extend(self.arms["test"].ops)
            raise Diverged
        (found,) = known
        self.endless = found is True
        self.tested = Const(found, types.BOOL) if isinstance(found, bool) else found
        return found if isinstance(found, bool) and (found or not self.arms["test"].ops) else None

    def body(self, body: Body) -> None:
        """Lower the body."""
        self.lowering.loops.append(self.loop)
        path, self.lowering.path = self.lowering.path, (*self.lowering.path, self.whole.node)
        narrowed = None
        if isinstance(self.tested, Value):
            ops, self.lowering.ops = self.lowering.ops, list(self.arms["test"].ops)
            narrowed, _ = self.lowering.narrows(self.tested)
            self.lowering.ops = ops
        keys = [
            key
            for key, value in self.taken["test"].items()
            if value is narrowed and (self.ends["test"] or {}).get(key, value) is value
        ]

        def run() -> Outcome:
            for key in keys:
                inner = self.lowering.narrowed(self.taken["body"][key])
                self.lowering.variables.set(key, self.lowering.taken(inner))
            return body()

        try:
            self._region("body", run)
        finally:
            self.lowering.loops.pop()
            self.lowering.path = path

    def otherwise(self, ends: bool) -> None:
        """Lower ``else``, where there is one and control can get there."""
        if self.whole.orelse is not None and ends:
            self._region("else", self.whole.orelse)

    # What is carried ----------------------------------------------------------------------

    def _snapshots(self) -> list[tuple[str, Snapshot]]:
        """Where control goes on from: to the next turn, or out of the loop."""
        found = [(place, end) for place, end in self.ends.items() if end is not None]
        found += [("continue", bound) for _, bound in self.loop.continues]
        return found + [("break", bound) for _, bound in self.loop.breaks]

    def settle(self) -> None:
        """See whether the types that were assumed hold.

        Raises:
            _Unsettled: they do not; the wider ones are noted for the next attempt.
        """
        again = False
        for place, bound in self._snapshots():
            for key, binding in bound.items():
                if key[0].serial > self.whole.youngest:
                    continue  # a variable of a function that was entered and left in the turn
                again = self._meet(place, key, binding) or again
        for key in self.loop.wanted:
            if key not in self.before and self.kinds.get(key, types.UNBOUND) is not types.UNBOUND:
                again = True
        if again:
            self._lift()
            self.whole.types = {
                key: kind for key, kind in self.kinds.items() if kind is not types.UNBOUND
            }
            self._note()
            raise _Unsettled
        self._note()

    def _is_read_once(self, key: Key) -> bool:
        """Whether a turn reads a variable once: no other name has what it was before.

        A number that another name has stays what it was, an array would be changed in place.
        """
        taken = [place[key] for place in self.taken.values() if key in place]
        bound = [b for _, end in self._snapshots() for k, b in end.items() if k != key]
        if any(binding in taken for binding in bound if isinstance(binding, Value)):
            return False
        ops = [op for arm in self.arms.values() for op in walk(Region(arm.ops, None))]
        handed_on = [atom for op in ops for r in op.regions for atom in r.results or ()]
        reads = [atom for op in ops for atom in op.args] + handed_on
        return sum(atom in taken for atom in reads if isinstance(atom, Value)) == 1

    def _lift(self) -> None:
        """Begin sums of arrays of one element with such an array."""
        for key, rank in self.whole.lifted.items():
            entry = self.lowering.variables.get(*key)
            if isinstance(entry, Value | Const) and types.is_number(entry.type):
                made = lifted(self.lowering, entry, rank, hint(key), self.whole.node)
                self.lowering.variables.set(key, made)
                self.kinds[key] = made.type

    def _note(self) -> None:
        memo = self.lowering.memo.carried.setdefault(self.whole.memory, {})
        for (frame, name), kind in self.kinds.items():
            if kind is None or isinstance(frame, Dissolved) or (frame, name) in self.whole.items:
                continue
            if (frame, name) in self.whole.lifted:
                continue
            if (frame, name) in self.before:
                memo[id(frame.node), name] = kind

    def _meet(self, place: str, key: Key, binding: Binding | None) -> bool:
        """Join what is bound at one place into what is carried; whether to lower again."""
        known = key in self.before
        if binding is None:
            binding = UNDEFINED
        if not isinstance(binding, Value | Const):
            return self._meet_static(key, binding)
        kind = self.kinds.get(key, types.UNBOUND)
        if kind is None:
            return False
        if not known:
            entry = self.lowering.variables.get(*key)
            if entry is binding:
                return False  # it was narrowed for a while
            if entry is not None:
                # It had a value before the loop and is re-bound after all: to be carried.
                if not isinstance(entry, Value | Const | Tup) and not _is_carried(entry):
                    self.kinds[key] = None
                    blame(self.lowering, entry)
                    return True
                first = as_one(self.lowering, entry).type
                self.kinds[key] = join_types(first, binding.type)
                return True
        elif place == "test" and binding.type.kind == "Optional" and kind is binding.type:
            return False
        blocks = [arm.ops for arm in self.arms.values()]
        lifts = known and self._is_read_once(key)
        if lifts and is_of_one_element(self.lowering, kind, binding, blocks):
            self.whole.lifted[key] = rank_of(binding.type) or 0
            return True
        joined = join_types(kind, binding.type)
        if joined is not None and kind is not types.UNBOUND and types.same(joined, kind):
            return False
        self.kinds[key] = joined
        return known

    def _meet_static(self, key: Key, binding: Binding) -> bool:
        entry = self.lowering.variables.get(*key)
        if entry is binding or self.kinds.get(key, types.REAL) is None:
            return False
        same_function = (
            isinstance(binding, Closure)
            and isinstance(entry, Closure)
            and binding.node is entry.node
            and binding.frame is entry.frame
        )
        if same_function:
            return False
        if key in self.whole.items:
            item = self.whole.items[key]
            if isinstance(binding, Item) and binding.may_stand_for(item):
                again = item.counted and not binding.counted
                self.whole.items[key] = item.at(item.index, item.counted and binding.counted)
                return again
        elif isinstance(entry, Item) and isinstance(binding, Item):
            if binding.may_stand_for(entry) and key not in self.before:
                self.whole.items[key] = entry.at(entry.index, entry.counted and binding.counted)
                self.kinds[key] = types.INT
                return True
        elif isinstance(entry, Dissolved) and isinstance(binding, Dissolved):
            if self._carry(key, entry, binding):
                return True
        known = key in self.before
        self.kinds[key] = None
        if isinstance(binding, Conflict):
            self.whole.conflicts[key] = binding
        blame(self.lowering, entry, binding)
        return known or entry is not None

    def _carry(self, key: Key, entry: Dissolved, binding: Dissolved) -> bool:
        """Let one object stand for what a variable is in all turns; whether that can be."""
        lowering = self.lowering
        held = held_by(lowering, entry)
        if key in self.before_joined:
            return False  # it has other attributes than in the turn before
        if entry.cls is not binding.cls or held.keys() != binding.fields.keys():
            return False
        for one in (entry, binding):
            settle_object(one, key)
        if key in self.whole.joined:
            return True  # this turn leaves one of several objects, on different ways
        made = Dissolved(entry.cls, hint(key), self.whole.youngest)
        settle_object(made, key)
        made.given = entry.given
        for field, found in held.items():
            made.fields[field] = None
            lowering.variables.set((made, field), found)
        lowering.variables.set(key, made)
        self.whole.joined[key] = made
        return True

    # The operation ------------------------------------------------------------------------

    def close(self, primitive: Any, head: tuple[Atom, ...], first: tuple[Value, ...]) -> Outcome:
        """Append the loop, and bind the variables to what it leaves behind."""
        lowering = self.lowering
        self.kinds = {k: kind for k, kind in self.kinds.items() if kind is not types.UNBOUND}
        keys = [key for key, kind in self.kinds.items() if kind is not None]
        before: list[Atom] = []
        for key in keys:
            entry = lowering.variables.get(*key)
            if head and has_a_turn(lowering, head[0]) and self._binds_list(key, entry):
                # The first turn binds it: nobody sees what it is before that.
                self.kinds[key] = self._kind(key).items[0]
                entry = lowering.emit(LIST, (), self._kind(key))
                for place in self.taken.values():
                    place.pop(key, None)
            if entry is None:
                lowering.want(key)
            if entry is not None and key in self.loop.complexes:
                entry = lift(lowering, entry, NOUGHT)
            if isinstance(entry, Item) and key in self.whole.items:
                entry = entry.index
            atom = UNDEFINED if entry is None else as_one(lowering, entry)
            before.append(atom)
            for place in self.taken.values():
                if key not in place:
                    kind = self.kinds[key]
                    assert kind is not None
                    place[key] = Value(kind, hint(key))
        for op, bound in self.loop.continues:
            op.args = self._atoms(keys, bound, "body")
        for op, bound in self.loop.breaks:
            op.args = self._atoms(keys, bound, "body")
        regions = [self._closed("body", keys, first)]
        if primitive is WHILE:
            test = self._closed("test", keys, ())
            assert test.results is not None and self.tested is not None
            test = Region(test.ops, (self.tested, *test.results), None, test.parameters)
            regions.insert(0, test)
        if "else" in self.arms:
            regions.append(self._closed("else", keys, ()))
        results = tuple(Value(self._kind(key), hint(key)) for key in keys)
        op = Op(primitive, (*head, *before), results, tuple(regions), self.whole.form, self.site)
        lowering.ops.append(op)
        for key, result in zip(keys, results, strict=True):
            lowering.variables.set(key, self._bound(key, result))
        for key, kind in self.kinds.items():
            if kind is None:
                message = f"{key[1]!r} has no one type after the loop"
                lowering.variables.set(key, Conflict(message))
        stays = not self.endless and ("else" not in self.arms or self.ends["else"] is not None)
        if not stays and not self.loop.breaks:
            return DIVERGES
        return self._returned(stays) if self.whole.returns else FALLS

    def _binds_list(self, key: Key, entry: Binding | None) -> bool:
        """Whether each turn binds a variable to a list, and looks at none of the turn before."""
        kind = self.kinds[key]
        if kind is None or kind.kind != "MaybeUnbound" or kind.items[0].kind != "List":
            return False
        may_be_unbound = isinstance(entry, Value) and entry.type.kind == "MaybeUnbound"
        if not (entry is None or may_be_unbound) or "else" in self.arms:
            return False
        ends = [bound.get(key) for _, bound in self._snapshots()]
        if not all(isinstance(b, Value) and types.same(b.type, kind.items[0]) for b in ends):
            return False
        before = {place[key] for place in self.taken.values() if key in place}
        ops = [op for arm in self.arms.values() for op in walk(Region(arm.ops, None))]
        handed_on = [atom for op in ops for r in op.regions for atom in r.results or ()]
        return not any(a in before for op in ops for a in op.args) and not (before & {*handed_on})

    def _returned(self, stays: bool) -> Outcome:
        """How control leaves after a loop in which the function may have returned."""
        lowering, frame = self.lowering, self.lowering.frame
        flag = lowering.variables.get(frame, RETURNED)
        value = lowering.variables.get(frame, RETURN_VALUE)
        assert isinstance(flag, Value | Const) and value is not None
        if isinstance(flag, Const):
            return FALLS
        always = not stays and all(b.get((frame, RETURNED)) is TRUE for _, b in self.loop.breaks)
        if lowering.loops and lowering.loops[-1].frame is frame:
            if always:
                return jump(lowering, False)
            return lowering.branch(
                flag, lambda: jump(lowering, False), lambda: FALLS, lambda: FALLS, False
            )
        for name in (RETURNED, RETURN_VALUE):
            lowering.variables.set((frame, name), None)
        return Outcome(value, None if always else flag, self.site)

    def _kind(self, key: Key) -> Type:
        kind = self.kinds[key]
        assert kind is not None
        return kind

    def _closed(self, place: str, keys: list[Key], first: tuple[Value, ...]) -> Region:
        arm, end = self.arms[place], self.ends[place]
        parameters = (*first, *(self.taken[place][key] for key in keys))
        results = None if end is None else self._atoms(keys, end, place)
        return Region(arm.ops, results, arm.site, parameters)

    def _atoms(self, keys: list[Key], bound: Snapshot, place: str) -> tuple[Atom, ...]:
        atoms: list[Atom] = []
        for key in keys:
            if key not in bound:
                atoms.append(self.taken[place][key])
                continue
            binding = bound[key]
            if isinstance(binding, Item) and key in self.whole.items:
                binding = binding.index
            if binding is None:
                atoms.append(UNDEFINED)
            elif isinstance(binding, Value | Const):
                atoms.append(binding)
            else:
                atoms.append(DEAD)
        return tuple(atoms)
