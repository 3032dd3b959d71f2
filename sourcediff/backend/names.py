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
from sourcediff.frontend.primitives import UNPACK
from sourcediff.ir import DEAD, IF, UNDEFINED, Atom, Op, Region, Value, walk
from sourcediff.types import BOOL

__all__ = ["Namer"]

Group = tuple[str, int]


class _Web:
    """Values that share one variable: a branch's result and what its arms yield for it."""

    __slots__ = ("conflicts", "members", "order")

    def __init__(self, value: Value, order: int) -> None:
        self.members: dict[Value, None] = {value: None}
        self.conflicts: set[Value] = set()
        self.order = order


class Namer:
    """Chooses the variable of each value of a planned function."""

    def __init__(self, plan: Plan, reserved: Iterable[str]) -> None:
        self.plan = plan
        self.reserved = set(reserved)
        self.names: dict[Value, str] = {}
        self.webs: dict[Value, _Web] = {}
        self._groups: dict[Value, Group | None] = {}
        user_names = {v.name for v in self._all_values() if v.name}
        self.user_names = user_names
        self.returned = plan.returned()
        self.suffix = "_adj" if any(n.endswith("_bar") for n in user_names) else "_bar"
        self.taken: dict[str, object] = {}
        self.versions: dict[str, int] = {}
        self.related = self._related(plan.function.body, {})
        #: Results that some path leaves without a value and that are copied all the same.
        self.initialised: set[Value] = set()
        self.rivals = self._rivals()
        for parameter in plan.function.parameters:
            self._web(parameter)
        body = plan.function.body
        live: set[Value] = set()
        for atom in body.results or ():
            self._read(plan.leaves(atom), live)
        live = self._block(body, live)
        for parameter in plan.function.parameters:
            self._define(parameter, live | set(plan.function.parameters))
        self._coalesce(body)
        self._assign()
        gaps: set[Value] = set()
        self._find_copied_gaps(body, gaps)
        self._find_copied_gaps(body, gaps)  # an inner branch may have learnt of an outer one

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
        """The user's variable a value belongs to, and how often it was differentiated.

        Temporaries that a branch yields belong together; others belong to nothing.
        """
        if value in self._groups:
            return self._groups[value]
        found = self._groups[value] = self._group(value)
        return found

    def _group(self, value: Value) -> Group | None:
        level = 0
        start = value
        while value.adjoint_of is not None:
            value = value.adjoint_of
            level += 1
        if value.name is not None:
            return (value.name, level)
        if start in self.related:
            while self.related[start] is not start:
                start = self.related[start]
            return (f"%{id(start)}", 0)
        return None

    def _rivals(self) -> dict[Value, set[Value]]:
        """For each value that could share its name, all values of its group."""
        groups: dict[Group, set[Value]] = {}
        for value in self._all_values():
            group = self.group(value)
            if group is not None:
                groups.setdefault(group, set()).add(value)
        return {v: group for group in groups.values() if len(group) > 1 for v in group}

    def _related(self, region: Region, related: dict[Value, Value]) -> dict[Value, Value]:
        """Unite the unnamed results of branches with what their arms yield (union-find)."""

        def root(value: Value) -> Value:
            while related.setdefault(value, value) is not value:
                value = related[value]
            return value

        for op in walk(region):
            if op.primitive is not IF or op in self.plan.ternary:
                continue
            for place, result in enumerate(op.results):
                for inner in op.regions:
                    if inner.results is not None:
                        atom = inner.results[place]
                        if isinstance(atom, Value) and not _named(atom) and not _named(result):
                            related[root(atom)] = root(result)
        return related

    def _find_copied_gaps(self, region: Region, gaps: set[Value]) -> None:
        """Find values that are missing on some path, and are copied there nevertheless."""
        for op in region.ops:
            for inner in op.regions:
                self._find_copied_gaps(inner, gaps)
            if op.primitive is not IF or op in self.plan.ternary or op in self.plan.returning:
                continue
            for place, result in enumerate(op.results):
                for inner in op.regions:
                    if inner.results is None:
                        continue
                    atom = inner.results[place]
                    if atom is DEAD or atom is UNDEFINED:
                        gaps.add(result)
                    elif isinstance(atom, Value) and atom in gaps:
                        gaps.add(result)
                        if self.names.get(atom) != self.names.get(result):
                            self.initialised.update(self._web(atom).members)
                        if atom in self.initialised:
                            self.initialised.update(self._web(result).members)

    # Liveness -----------------------------------------------------------------------------

    def _define(self, value: Value, live: set[Value]) -> None:
        """A value is assigned where `live` values are still needed."""
        web = self._web(value)
        rivals = self.rivals.get(value)
        if rivals is None:
            return
        # Whichever is the smaller: the rivals of a name, or all that is live.
        for other in rivals & live:
            if other is not value:
                web.conflicts.add(other)
                self._web(other).conflicts.add(value)

    def _read(self, values: Iterable[Value], live: set[Value]) -> None:
        """Values are needed; only those that could share a name are followed."""
        live.update(v for v in values if v in self.rivals)

    def _block(self, region: Region, live: set[Value]) -> set[Value]:
        """Walk a region backwards from what is live at its end; what is live at its start."""
        for op in reversed(list(self.plan.statements(region))):
            if op.primitive is IF and op not in self.plan.ternary:
                live = self._branch(op, live)
                continue
            for result in op.results:
                live.discard(result)
                self._define(result, live)
            self._read(self.plan.operands(op), live)
        return live

    def _branch(self, op: Op, live: set[Value]) -> set[Value]:
        after = live - set(op.results)
        for result in op.results:
            if op not in self.plan.returning:
                self._define(result, after | (set(op.results) - {result}))
        before: set[Value] = set()
        for region in op.regions:
            inner = set() if region.results is None else set(after)
            for atom in region.results or ():
                self._read(self.plan.leaves(atom), inner)
            before |= self._block(region, inner)
        self._read(self.plan.leaves(op.args[0]), before)
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
        if not other.conflicts.isdisjoint(one.members):
            return
        if not one.conflicts.isdisjoint(other.members):
            return
        one.members.update(other.members)
        one.conflicts |= other.conflicts
        one.order = min(one.order, other.order)
        for member in other.members:
            self.webs[member] = one

    # Names --------------------------------------------------------------------------------

    def _assign(self) -> None:
        plan = self.plan
        # In the order of the program: parameters, then each value where it is defined.
        ordered = list(plan.function.parameters)
        ordered += [r for op in walk(plan.function.body) for r in op.results]
        place = {value: index for index, value in enumerate(ordered)}
        webs = {id(w): w for w in self.webs.values()}
        for web in webs.values():
            in_order = sorted(web.members, key=lambda m: place.get(m, len(place)))
            web.members = dict.fromkeys(in_order)
            web.order = place.get(in_order[0], len(place))
        self._keep_unbound_apart(webs.values())
        for web in sorted(webs.values(), key=lambda w: (self._level(w), w.order)):
            if all(m in plan.folded for m in web.members):
                continue
            self._name(web)

    def _keep_unbound_apart(self, webs: Iterable[_Web]) -> None:
        """A name that may be unbound is shared with nothing that could have bound it."""
        for web in webs:
            if any(m.type.kind == "MaybeUnbound" for m in web.members):
                for other in self.rivals.get(next(iter(web.members)), ()):
                    if other not in web.members:
                        web.conflicts.add(other)
                        self._web(other).conflicts.update(web.members)

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
        group = self.group(value)
        owner: object = web if group is None else group
        # A temporary shares its name with nothing, so its search goes on where the last ended.
        version = self.versions.get(base, 0) if group is None else 0
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
        if group is None:
            self.versions[base] = version
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
            members = [m for m in self._web(value).members if m is not value]
            for member in members:
                if self.plan.definitions[member].primitive is not IF:
                    return self._hint(member)
            if value.type is BOOL:
                return {"and": "both", "or": "either"}.get(definition.attribute, "chosen")
            return "result" if definition.order == 0 else "result" + self.suffix
        if value is self.returned:
            return "y" if "y" not in self.user_names else "value"
        if definition.primitive is UNPACK:
            whole = definition.args[0]
            assert isinstance(whole, Value)
            return f"{self._base(whole)}_{definition.results.index(value)}"
        hint = definition.primitive.hint or "value"
        operands = [self.names.get(a) for a in definition.args if isinstance(a, Value)]
        if definition.primitive.name == "mul" and len(operands) == 2 and all(operands):
            joined = "".join(o or "" for o in operands)
            if len(joined) <= 3 and joined.isalpha():
                return joined
        return hint


def _named(value: Value) -> bool:
    return value.name is not None or value.adjoint_of is not None
