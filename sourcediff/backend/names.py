"""Give every value that needs a variable a name that its reader understands.

Versions of one user variable share its name where their lives do not overlap, and are told
apart as ``x``, ``x_1``, ``x_2`` in the order of the source where they do. The adjoint of a
value is called after the name that value got: ``x_1_bar``. Temporaries are called after what
they are (``root``, ``ratio``). What a branch yields takes the name of the branch's result if
it can, so that no copy is needed.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable

from sourcediff.backend.plan import Plan
from sourcediff.ir import IF, Atom, Op, Region, Value, walk
from sourcediff.types import BOOL

__all__ = ["Namer"]

Group = tuple[str, int]


class _Web:
    """Values that share one variable: a branch's result and what its arms yield for it."""

    __slots__ = ("conflicts", "members", "order")

    def __init__(self, value: Value, order: int) -> None:
        self.members: set[Value] = {value}
        self.conflicts: set[Value] = set()
        self.order = order


class Namer:
    """Chooses the variable of each value of a planned function."""

    def __init__(self, plan: Plan, reserved: Iterable[str]) -> None:
        self.plan = plan
        self.reserved = set(reserved)
        self.names: dict[Value, str] = {}
        self.webs: dict[Value, _Web] = {}
        self.live_groups: dict[Group, set[Value]] = {}
        user_names = {v.name for v in self._all_values() if v.name}
        self.user_names = user_names
        self.returned = plan.returned()
        self.suffix = "_adj" if any(n.endswith("_bar") for n in user_names) else "_bar"
        self.taken: dict[str, str] = {}
        for parameter in plan.function.parameters:
            self._web(parameter)
        body = plan.function.body
        live: set[Value] = set()
        for atom in body.results or ():
            live.update(plan.leaves(atom))
        live = self._block(body, live)
        for parameter in plan.function.parameters:
            self._define(parameter, live | set(plan.function.parameters))
        self._coalesce(body)
        self._assign()

    def _all_values(self) -> Iterable[Value]:
        yield from self.plan.function.parameters
        for op in walk(self.plan.function.body):
            yield from op.results

    def _web(self, value: Value) -> _Web:
        found = self.webs.get(value)
        if found is None:
            found = self.webs[value] = _Web(value, len(self.webs))
        return found

    # Groups: values that could share a name -----------------------------------------------

    def group(self, value: Value) -> Group | None:
        """The user's variable a value belongs to, and how often it was differentiated."""
        level = 0
        while value.adjoint_of is not None:
            value = value.adjoint_of
            level += 1
        return None if value.name is None else (value.name, level)

    # Liveness -----------------------------------------------------------------------------

    def _define(self, value: Value, live: set[Value]) -> None:
        """A value is assigned where `live` values are still needed."""
        web = self._web(value)
        group = self.group(value)
        if group is None:
            return
        if value.type.kind == "MaybeUnbound":
            web.conflicts.update(v for v in self._all_values() if self.group(v) == group)
            web.conflicts.discard(value)
        for other in live:
            if other is not value and self.group(other) == group:
                web.conflicts.add(other)
                self._web(other).conflicts.add(value)

    def _block(self, region: Region, live: set[Value]) -> set[Value]:
        """Walk a region backwards from what is live at its end; what is live at its start."""
        for op in reversed(list(self.plan.statements(region))):
            if op.primitive is IF and op not in self.plan.ternary:
                live = self._branch(op, live)
                continue
            for result in op.results:
                live.discard(result)
                self._define(result, live)
            live.update(self.plan.operands(op))
        return live

    def _branch(self, op: Op, live: set[Value]) -> set[Value]:
        after = live - set(op.results)
        for result in op.results:
            if op not in self.plan.returning:
                self._define(result, after | (set(op.results) - {result}))
        before: set[Value] = set()
        for region in op.regions:
            inner = set() if region.results is None else set(after)
            if op in self.plan.returning and region.results is not None:
                # The arm ends in the return statement, which may read more than its yields.
                inner = set(live) - set(op.results)
            for atom in region.results or ():
                inner.update(self.plan.leaves(atom))
            before |= self._block(region, inner)
        before.update(self.plan.leaves(op.args[0]))
        return before

    # Sharing ------------------------------------------------------------------------------

    def _coalesce(self, region: Region) -> None:
        for op in region.ops:
            for inner in op.regions:
                self._coalesce(inner)
            if op.primitive is not IF or op in self.plan.ternary or op in self.plan.returning:
                continue
            for place, result in enumerate(op.results):
                for inner in op.regions:
                    if inner.results is not None:
                        self._join(result, inner.results[place])

    def _join(self, result: Value, yielded: Atom) -> None:
        if not isinstance(yielded, Value) or yielded in self.plan.folded:
            return
        group = self.group(result)
        if group is None or group != self.group(yielded):
            return
        one, other = self._web(result), self._web(yielded)
        if one is other:
            return
        if one.members & other.conflicts or other.members & one.conflicts:
            return
        one.members |= other.members
        one.conflicts |= other.conflicts
        one.order = min(one.order, other.order)
        for member in other.members:
            self.webs[member] = one

    # Names --------------------------------------------------------------------------------

    def _assign(self) -> None:
        plan = self.plan
        # In the order of the program: parameters, then each value where it is defined.
        ordered = [p for p in plan.function.parameters]
        ordered += [r for op in walk(plan.function.body) for r in op.results]
        place = {value: index for index, value in enumerate(ordered)}
        webs = {id(w): w for w in self.webs.values()}
        for web in webs.values():
            web.order = min(place.get(m, len(place)) for m in web.members)
        for web in sorted(webs.values(), key=lambda w: (self._level(w), w.order)):
            if all(m in plan.folded for m in web.members):
                continue
            self._name(web)

    def _level(self, web: _Web) -> int:
        group = self.group(next(iter(web.members)))
        value = next(iter(web.members))
        level = 0
        while value.adjoint_of is not None:
            value = value.adjoint_of
            level += 1
        return level if group is None else group[1]

    def _name(self, web: _Web) -> None:
        value = min(web.members, key=lambda m: m.adjoint_of is not None)
        base = self._base(value)
        taken_by_conflict = {self.names[v] for v in web.conflicts if v in self.names}
        owner = repr(self.group(value)) if self.group(value) is not None else repr(id(web))
        version = 0
        while True:
            name = f"{base}_{version}" if version else base
            version += 1
            if name in taken_by_conflict or keyword.iskeyword(name):
                continue
            is_parameter = value in self.plan.function.parameters
            if name in self.reserved and not is_parameter:
                continue
            if self.taken.setdefault(name, owner) == owner:
                break
        for member in web.members:
            self.names[member] = name

    def _base(self, value: Value) -> str:
        if value.name is not None and value.adjoint_of is None:
            return value.name
        if value.adjoint_of is not None:
            primal = value.adjoint_of
            return (self.names.get(primal) or self._base(primal)) + self.suffix
        return self._hint(value)

    def _hint(self, value: Value) -> str:
        """A name for a temporary: what it is."""
        definition = self.plan.definitions[value]
        if definition.primitive is IF:
            if value.type is BOOL:
                return {"and": "both", "or": "either"}.get(definition.attribute, "chosen")
            return "result" if definition.order == 0 else "result" + self.suffix
        if value is self.returned:
            return "y" if "y" not in self.user_names else "value"
        hint = definition.primitive.hint or "value"
        operands = [self.names.get(a) for a in definition.args if isinstance(a, Value)]
        if definition.primitive.name == "mul" and len(operands) == 2 and all(operands):
            joined = "".join(o or "" for o in operands)
            if len(joined) <= 3 and joined.isalpha():
                return joined
        return hint

