"""Values that share one variable: a branch's result and what its arms yield for it, say.

Versions of one user variable belong to one group, and share its name where their lives do not
overlap. Within a group, webs are what must share a variable, so that nothing has to be copied.
"""

from __future__ import annotations

from collections.abc import Iterable

from sourcediff.backend.flow import Flow, Pair
from sourcediff.backend.folding import is_named
from sourcediff.backend.liveness import Interference
from sourcediff.backend.plan import Plan
from sourcediff.ir import DEAD, UNDEFINED, Atom, Region, Value

__all__ = ["Group", "Web", "Webs"]

#: The user's variable that a value belongs to, and how often it was differentiated.
Group = tuple[str, int]


class Web:
    """Values that share one variable.

    members    in the order of the program
    bits       theirs
    conflicts  the bits of what is needed where one of them is assigned
    """

    __slots__ = ("bits", "conflicts", "members", "order")

    def __init__(self, value: Value, order: int, bits: int, conflicts: int) -> None:
        self.members: list[Value] = [value]
        self.order = order
        self.bits = bits
        self.conflicts = conflicts


class Webs:
    """The webs of a planned function."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.flow = Flow(plan)
        self.values = list(self._all())
        self._place = {value: place for place, value in enumerate(self.values)}
        self._related = self._relate()
        self._groups: dict[Value, Group | None] = {}
        groups: dict[Group, list[Value]] = {}
        for value in self.values:
            group = self.group(value)
            if group is not None:
                groups.setdefault(group, []).append(value)
        rivals = [group for group in groups.values() if len(group) > 1]
        self.interference = Interference(plan, self.flow, rivals)
        self._of: dict[Value, Web] = {}
        for target, source in self.flow.pairs:
            self._join(target, source)

    def _all(self) -> Iterable[Value]:
        """Every value, in the order of the program."""
        yield from self.plan.seen
        yield from self.plan.function.parameters
        pending = [iter(self.plan.function.body.ops)]
        regions: list[Region] = []
        while pending:
            op = next(pending[-1], None)
            if op is None:
                pending.pop()
                continue
            yield from op.results
            regions = list(op.regions)
            for region in reversed(regions):
                pending.append(iter(region.ops))
            for region in regions:
                yield from region.parameters

    # Groups -------------------------------------------------------------------------------

    def group(self, value: Value) -> Group | None:
        """The group of a value.

        Temporaries that are handed on to each other belong together; others to nothing.
        """
        if value in self._groups:
            return self._groups[value]
        found = self._groups[value] = self._group(value)
        return found

    def _group(self, value: Value) -> Group | None:
        level = 0
        start = value
        kinds = ""
        while value.adjoint_of is not None:
            kinds += "'" if value.is_tangent else "."
            value = value.adjoint_of
            level += 1
        if value.name is not None:
            return (value.name + kinds if "'" in kinds else value.name, level)
        if level:
            whole = self.group(value)
            return None if whole is None else (whole[0] + kinds, level)
        if start in self._related:
            while self._related[start] is not start:
                start = self._related[start]
            return (f"%{self._place[start]}", 0)
        return None

    def _relate(self) -> dict[Value, Value]:
        """Unite unnamed values that are handed on to each other (union-find)."""
        related: dict[Value, Value] = {}

        def root(value: Value) -> Value:
            while related.setdefault(value, value) is not value:
                value = related[value]
            return value

        for target, source in self.flow.all_pairs():
            if isinstance(source, Value) and not is_named(source) and not is_named(target):
                related[root(source)] = root(target)
        for value in self.values:
            kept = value.kept_from
            if kept in self._place and not is_named(kept) and not is_named(value):
                related[root(value)] = root(kept)
        return related

    # Webs ---------------------------------------------------------------------------------

    def web(self, value: Value) -> Web:
        """The web of a value."""
        found = self._of.get(value)
        if found is None:
            bits = self.interference.own(value)
            conflicts = self.interference.conflicts.get(value, 0)
            place = self._place.get(value, len(self.values))
            found = self._of[value] = Web(value, place, bits, conflicts)
        return found

    def _join(self, target: Value, source: Atom) -> None:
        """Let two values share a variable, if they can."""
        if not isinstance(source, Value) or source in self.plan.folded:
            return
        group = self.group(target)
        if group is None or group != self.group(source):
            return
        one, other = self.web(target), self.web(source)
        if one is other or one.conflicts & other.bits or other.conflicts & one.bits:
            return
        if len(other.members) > len(one.members):
            one, other = other, one
        one.members += other.members
        one.bits |= other.bits
        one.conflicts |= other.conflicts
        one.order = min(one.order, other.order)
        for member in other.members:
            self._of[member] = one

    def all(self) -> list[Web]:
        """Every web, in the order of the program."""
        webs = {id(web): web for web in map(self.web, self.values)}
        for web in webs.values():
            if len(web.members) > 1:
                web.members.sort(key=self._place.__getitem__)
        return sorted(webs.values(), key=lambda web: web.order)

    # Names that are not bound -------------------------------------------------------------

    def initialised(self, names: dict[Value, str]) -> set[Value]:
        """Values that some path leaves without a value and that are copied all the same.

        Their variables hold None on that path, and are tested where Python would raise.
        """
        pairs = self.flow.pairs
        gaps = {t for t, source in pairs if source is DEAD or source is UNDEFINED}
        found: set[Value] = set()
        if not gaps:
            return found
        for value in self.interference.returning:
            found.update(self.web(value).members)
        before = -1
        while before != len(gaps) + len(found):
            before = len(gaps) + len(found)
            self._spread(pairs, gaps, found, names)
        return found

    def _spread(
        self, pairs: list[Pair], gaps: set[Value], found: set[Value], names: dict[Value, str]
    ) -> None:
        for target, source in pairs:
            if not isinstance(source, Value) or source not in gaps:
                continue
            gaps.add(target)
            if source not in found and names.get(source) != names.get(target):
                found.update(self.web(source).members)
            if source in found and target not in found:
                found.update(self.web(target).members)
