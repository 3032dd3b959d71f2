"""The end of a branch: how its arms left, and what is bound where they meet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sourcediff import types
from sourcediff.frontend.complexes.values import lift, part_names
from sourcediff.frontend.describe import describe, describe_two
from sourcediff.frontend.frames import Arm, Frame, Key, hint
from sourcediff.frontend.objects.places import as_object, as_place, blame
from sourcediff.frontend.values import (
    Binding,
    Bound,
    Choice,
    Closure,
    Columns,
    Conflict,
    Dissolved,
    Grouped,
    Heap,
    Item,
    Rec,
    Static,
    Tup,
)
from sourcediff.ir import DEAD, IF, UNDEFINED, Atom, Const, Op, Region, Site, Value
from sourcediff.memory import SLICED

if TYPE_CHECKING:
    from sourcediff.frontend.state import State

__all__ = [
    "DIVERGES",
    "FALLS",
    "FALSE",
    "TRUE",
    "Diverged",
    "Join",
    "Outcome",
    "frames_in",
    "values_in",
]


class Diverged(Exception):
    """Raised while lowering an expression that never has a value: its function always raises."""


class Outcome:
    """How control leaves a block.

    FALLS      it goes on with what follows
    DIVERGES   it never gets further (an exception)
    otherwise  it returned `value` -- always, if `flag` is None, or where `flag` is true
    """

    __slots__ = ("flag", "site", "value")

    def __init__(self, value: Binding, flag: Atom | None = None, site: Site | None = None) -> None:
        self.value = value
        self.flag = flag
        self.site = site


FALLS = Outcome(DEAD)
DIVERGES = Outcome(DEAD)

TRUE = Const(True, types.BOOL)
FALSE = Const(False, types.BOOL)


class Join:
    """The end of a branch: where the arms differ, a result of the ``If`` takes over."""

    def __init__(
        self,
        lowering: State,
        test: Atom,
        arms: tuple[Arm, Arm],
        form: str,
        diverges: tuple[bool, bool] = (False, False),
        hoist: bool = True,
    ) -> None:
        self.lowering = lowering
        self.test = test
        self.arms = arms
        self.form = form
        self.yields: list[tuple[Atom, Atom]] = []
        self.results: list[Value] = []
        self.slices: list[Op] = []
        self.diverges = diverges
        self.pairs: dict[tuple[Dissolved, Dissolved], Dissolved] = {}
        # After an arm that raises, only the other is left: its operations follow the branch.
        guard = self.hoist = hoist and diverges[0] != diverges[1]
        self.inner = {r for arm in arms for op in arm.ops for r in op.results if not guard}
        table = lowering.variables
        #: What was bound before the branch to all that an arm re-binds.
        self.before = {key: table.get(*key) for arm in arms for key in arm.changes}

    def variables(self, returned: tuple[bool, bool] = (False, False)) -> None:
        """Join every variable that either arm re-bound.

        An arm that raises does not arrive. One that has `returned` does not either, for the
        variables of the function it returned from; those of other functions live on.
        """
        own = self.lowering.frame
        table = self.lowering.variables
        left, right = self.arms
        for key in {**left.changes, **right.changes}:
            before = self.before[key]
            if before is None:
                self.lowering.want(key)
            born = self._born(key)
            if born is not None:
                made: list[Binding] = [DEAD, DEAD]
                made[born] = self.arms[born].changes[key] or UNDEFINED
                table.set(key, self.binding(made[0], made[1], hint(key)))
                continue
            old = UNDEFINED if before is None else before
            sides = []
            left_behind = key[0] is own
            for arm, raises, returns in zip(self.arms, self.diverges, returned, strict=True):
                gone = raises or (returns and left_behind)
                now = arm.changes.get(key, old) if key in arm.changes else old
                sides.append(DEAD if gone else UNDEFINED if now is None else now)
            joined = self.binding(sides[0], sides[1], hint(key))
            table.set(key, None if joined is UNDEFINED else joined)

    def _born(self, key: Key) -> int | None:
        """The arm in which an object was made, which only what was bound there can lead to."""
        owner = key[0]
        if not isinstance(owner, Dissolved) or owner.serial <= self.arms[0].start:
            return None
        own = [k for k, arm in enumerate(self.arms) if key in arm.changes]
        return own[0] if len(own) == 1 else None

    def binding(self, left: Binding, right: Binding, name: str | None) -> Binding:
        """What is bound after the branch, given what each arm leaves behind."""
        if self.lowering.faithful and left is not right:
            left, right = self._as_value(left, 0), self._as_value(right, 1)
        if left is right or right is DEAD:
            return left if self._outlives(left) else self._export(left, DEAD, name)
        if left is DEAD:
            return right if self._outlives(right) else self._export(DEAD, right, name)
        if isinstance(left, Const) and left.same_as(right):
            return left
        if isinstance(left, Conflict):
            return left
        if isinstance(right, Conflict):
            return right
        left, right = as_place(left), as_place(right)
        left, right = self._member(left, right), self._member(right, left)
        left, right = lift(self.lowering, left, right), lift(self.lowering, right, left)
        if isinstance(left, Value | Const) and isinstance(right, Value | Const):
            return self._atoms(left, right, name)
        if isinstance(left, Item) or isinstance(right, Item):
            return self._one_item(left, right, name)
        if isinstance(left, Dissolved) and isinstance(right, Dissolved):
            return self._one_of(left, right, name)
        if isinstance(left, Tup) and isinstance(right, Tup):
            if left.cls is right.cls and len(left.items) == len(right.items):
                pairs = zip(left.items, right.items, strict=True)
                names = part_names(name) if left.cls is complex else [name] * len(left.items)
                joined = [self.binding(a, b, n) for (a, b), n in zip(pairs, names, strict=True)]
                return Tup(joined, left.cls)
        elif left is UNDEFINED or right is UNDEFINED:
            known = right if left is UNDEFINED else left
            if isinstance(known, Tup):
                items = [
                    self.binding(UNDEFINED, item, name)
                    if left is UNDEFINED
                    else self.binding(item, UNDEFINED, name)
                    for item in known.items
                ]
                return Tup(items, known.cls)
            blame(self.lowering, known)
            return Conflict(f"{name!r} is {describe(known)} or has no value at all")
        elif isinstance(left, Static) and isinstance(right, Static) and left.object is right.object:
            return left
        elif _is_function(left) and _is_function(right):
            return self._functions(left, right)
        blame(self.lowering, left, right)
        return Conflict(
            f"{name or 'the value'!r} is {describe(left)} on one path and "
            f"{describe(right)} on the other",
            written_out=_written_out(left, right),
        )

    def _one_of(self, left: Dissolved, right: Dissolved, name: str | None) -> Binding:
        """One of two objects, as what both hold.

        From here on none may be written to, unless the two were made in the arms and have no other
        name behind the branch: then the one object takes their place.
        """
        pair = (left, right)
        known = self.pairs.get(pair)
        if known is not None:
            return known
        held = [
            {f: b for f in one.fields if (b := self._field(one, f, place)) is not None}
            for place, one in enumerate(pair)
        ]
        if left.cls is not right.cls or held[0].keys() != held[1].keys():
            blame(self.lowering, left, right)
            return Conflict(f"{name or 'the value'!r} is one of two objects of several kinds")
        made = self.pairs[pair] = Dissolved(left.cls, name)
        apart = all(one.serial > self.arms[0].start for one in pair)
        others = [j for p, j in self.pairs.items() if p is not pair and not {*p}.isdisjoint(pair)]
        for one in pair if apart and not others else (*pair, made, *others):
            one.settled = one.settled or f"{name or 'a value'!r} is one of two objects"
        for field, found in held[0].items():
            joined = self.binding(found, held[1][field], made.hint(field))
            made.fields[field] = None
            self.lowering.variables.set((made, field), joined)
        return made

    def _one_item(self, left: Binding, right: Binding, name: str | None) -> Binding:
        """One of two objects in a list: the one at one of two places."""
        if isinstance(left, Item) and isinstance(right, Item) and left.columns is right.columns:
            place = self.binding(left.index, right.index, name)
            if isinstance(place, Value | Const) and left.path == right.path:
                counted = left.counted and right.counted
                return Item(left.columns, place, counted, left.shape, left.path)
        blame(self.lowering, left, right)
        return Conflict(f"{name or 'the value'!r} is one of two objects, one of them in a list")

    def _field(self, whole: Dissolved, field: Any, place: int) -> Binding | None:
        """What an object holds at the end of an arm."""
        key = (whole, field)
        changes = self.arms[place].changes
        if key in changes:
            return changes[key]
        return self.before[key] if key in self.before else self.lowering.variables.get(*key)

    def _member(self, binding: Binding, other: Binding) -> Binding:
        """A member of an enumeration as a value, where the other arm leaves something else."""
        if not isinstance(binding, Static) or not binding.is_member:
            return binding
        if isinstance(other, Static) and other.object is binding.object:
            return binding
        return self.lowering.atom(binding)  # which is read at the entry, not in the arm

    def _as_value(self, binding: Binding, index: int) -> Binding:
        """A tuple that an arm leaves behind, put together at the end of the arm."""
        if not isinstance(binding, Tup) or not all_values(binding):
            return binding
        lowering = self.lowering
        outer, lowering.ops = lowering.ops, self.arms[index].ops
        try:
            return lowering.atom(binding)
        finally:
            if not self.hoist:
                self.inner.update(r for op in lowering.ops for r in op.results)
            lowering.ops = outer

    def _outlives(self, binding: Binding) -> bool:
        """Whether a binding means the same after the branch: no value of an arm is in it."""
        return self.inner.isdisjoint(values_in(binding))

    def _export(self, left: Binding, right: Binding, name: str | None) -> Binding:
        """Bring what only one arm leaves behind out of it."""
        return self._moved(right, 1, name) if left is DEAD else self._moved(left, 0, name)

    def _moved(self, known: Binding, index: int, name: str | None) -> Binding:
        """What the arm at `index` leaves behind, in terms of values that outlive the arm."""

        def moved(part: Binding) -> Binding:
            return self._moved(part, index, name)

        if self._outlives(known):
            return known
        if isinstance(known, Value):
            pair: tuple[Atom, Atom] = (known, DEAD) if index == 0 else (DEAD, known)
            return self._atoms(pair[0], pair[1], name)
        if isinstance(known, Item):
            place = moved(known.index)
            same = all(moved(whole) is whole for whole in known.columns.lists)
            if isinstance(place, Value | Const) and same:
                return Item(known.columns, place, known.counted, known.shape, known.path)
            return Conflict("an object in a list that is made in a branch cannot leave it")
        if isinstance(known, Columns):
            brought = [moved(whole) for whole in known.lists]
            lists = [w for w in brought if isinstance(w, Value)]
            return Columns(known.shape, lists, known.slot, known.given)
        if isinstance(known, Tup):
            return type(known)([moved(item) for item in known.items], known.cls)
        if isinstance(known, Rec):
            return Rec({key: moved(item) for key, item in known.items.items()})
        if isinstance(known, Bound):
            kwargs = {key: moved(item) for key, item in known.kwargs.items()}
            args = [moved(a) for a in known.args]
            return Bound(moved(known.function), args, kwargs, known.is_partial)
        if isinstance(known, Closure) and known.value is not None:
            value = moved(known.value)
            assert isinstance(value, Value)
            return known.seen_as(value)
        if isinstance(known, Closure):
            defaults = [moved(d) for d in known.defaults]
            kw_defaults = {key: moved(d) for key, d in known.kw_defaults.items()}
            return Closure(known.node, known.frame, defaults, kw_defaults)
        if isinstance(known, Choice):
            test = moved(known.test)
            assert isinstance(test, Value | Const)
            return Choice(test, moved(known.then), moved(known.orelse))
        return Conflict(f"{describe(known)} made in a branch cannot leave it")

    def _atoms(self, left: Atom, right: Atom, name: str | None) -> Binding:
        joined = types.join(left.type, right.type)
        if joined is None:
            what = repr(name) if name else "the value"
            one, other = describe_two(left.type, right.type)
            return Conflict(f"{what} is {one} on one path and {other} on the other")
        if types.rank_of(joined) is None:
            site = self.lowering.branches[-1] if self.lowering.branches else None
            if self.form != "statement" and not (site and hasattr(site[-1], "of_expression")):
                site = None
            if site is not None and None not in map(types.rank_of, (left.type, right.type)):
                self.lowering.unlike.add(site)
        if joined is types.SLICE and not self.lowering.faithful:
            return self._slice(left, right, name)
        if name is None and not self.lowering.faithful:
            hints = {a.name for a in (left, right) if isinstance(a, Value)}
            name = hints.pop() if len(hints) == 1 else None
        result = Value(joined, name)
        self.yields.append((left, right))
        self.results.append(result)
        return as_object(self.lowering, result)

    def _slice(self, left: Atom, right: Atom, name: str | None) -> Binding:
        """One of two slices, as one with the bounds of either."""
        one, other = self._bounds(left), self._bounds(right)
        if one is None or other is None:
            return Conflict(f"{name or 'the value'!r} is one of two slices, not all known")
        names = [part if name is None else f"{name}_{part}" for part in ("start", "stop", "step")]
        joined = [self.binding(*both) for both in zip(one, other, names, strict=True)]
        bounds = tuple(bound for bound in joined if isinstance(bound, Value | Const))
        if len(bounds) != len(joined):
            return Conflict(f"{name or 'the value'!r} is one of two slices of several kinds")
        made = Value(types.SLICE, name)
        self.lowering.bounds[made] = bounds
        self.slices.append(Op(SLICED, bounds, (made,), site=self.lowering.site))
        return made

    def _bounds(self, atom: Atom) -> tuple[Atom, ...] | None:
        if isinstance(atom, Value):
            return self.lowering.bounds.get(atom)
        return (atom,) * 3 if atom is DEAD else None

    def _functions(self, left: Binding, right: Binding) -> Binding:
        """A choice between functions, by a test that is visible after the branch."""
        objects = [o for part in (left, right) for o in objects_in(part)]
        if any(o.serial > self.arms[0].start for o in objects):
            return Conflict("one of two functions belongs to an object that is made in a branch")
        return Choice(self.test, self._moved(left, 0, None), self._moved(right, 1, None))

    def close(self) -> None:
        """Append the ``If``."""
        arms = [list(arm.ops) for arm in self.arms]
        after: list[Op] = []
        if self.hoist:
            stays = 1 if self.diverges[0] else 0
            after, arms[stays] = arms[stays], []
        regions = tuple(
            Region(
                ops,
                None if gone else tuple(pair[index] for pair in self.yields),
                self.arms[index].site,
            )
            for index, (ops, gone) in enumerate(zip(arms, self.diverges, strict=True))
        )
        results = tuple(self.results)
        site = self.lowering.site
        self.lowering.ops.append(Op(IF, (self.test,), results, regions, self.form, site))
        self.lowering.ops.extend((*after, *self.slices))


def values_in(binding: Binding) -> Iterator[Value]:
    """The values of the IR that a binding holds."""
    if isinstance(binding, Value):
        yield binding
    elif isinstance(binding, Item):
        yield from binding.columns.lists
        if isinstance(binding.index, Value):
            yield binding.index
    elif isinstance(binding, Columns):
        yield from binding.lists
    elif isinstance(binding, Grouped):
        yield from (binding.places, *binding.lists)
    elif isinstance(binding, Heap):
        yield from (binding.order, *binding.lists)
    elif isinstance(binding, Tup):
        for item in binding.items:
            yield from values_in(item)
    elif isinstance(binding, Rec):
        for item in binding.items.values():
            yield from values_in(item)
    elif isinstance(binding, Bound):
        for item in (binding.function, *binding.args, *binding.kwargs.values()):
            yield from values_in(item)
    elif isinstance(binding, Closure):
        if binding.value is not None:
            yield binding.value
        for item in (*binding.defaults, *binding.kw_defaults.values()):
            yield from values_in(item)
    elif isinstance(binding, Choice):
        for item in (binding.test, binding.then, binding.orelse):
            yield from values_in(item)


def objects_in(binding: Binding) -> Iterator[Dissolved]:
    """The objects that a binding leads to, without those that they hold."""
    if isinstance(binding, Dissolved):
        yield binding
    elif isinstance(binding, Tup):
        for item in binding.items:
            yield from objects_in(item)
    elif isinstance(binding, Bound):
        for item in (binding.function, *binding.args, *binding.kwargs.values()):
            yield from objects_in(item)
    elif isinstance(binding, Closure):
        for item in (*binding.defaults, *binding.kw_defaults.values()):
            yield from objects_in(item)
    elif isinstance(binding, Choice):
        yield from objects_in(binding.then)
        yield from objects_in(binding.orelse)


def all_values(binding: Binding) -> bool:
    """Whether a binding is a value, or a tuple of them to any depth."""
    if isinstance(binding, Tup):
        return all(map(all_values, binding.items))
    return isinstance(binding, Value | Const)


def frames_in(binding: Binding) -> Iterator[Frame]:
    """The frames whose variables the functions in a binding see."""
    if isinstance(binding, Closure):
        yield binding.frame
    elif isinstance(binding, Tup):
        for item in binding.items:
            yield from frames_in(item)
    elif isinstance(binding, Bound):
        for item in (binding.function, *binding.args, *binding.kwargs.values()):
            yield from frames_in(item)
    elif isinstance(binding, Choice):
        yield from frames_in(binding.then)
        yield from frames_in(binding.orelse)


def _written_out(left: Binding, right: Binding) -> Tup | None:
    """Of two lists, one that is written out and might be a list in memory as well."""
    found = [b for b in (left, right) if isinstance(b, Tup) and b.cls is list]
    others = [b for b in (left, right) if isinstance(b, Value) and b.type.kind == "List"]
    both = len(found) + len(others) == 2
    return next((b for b in found if both and b.site is not None and all_values(b)), None)


def _is_function(binding: Binding) -> bool:
    if isinstance(binding, Static):
        return callable(binding.object)
    return isinstance(binding, Closure | Bound | Choice)
