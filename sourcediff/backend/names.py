"""Give every value that needs a variable a name that its reader understands.

Versions of one user variable share its name where their lives do not overlap, and are told
apart as ``x``, ``x_1``, ``x_2`` in the order of the source where they do. The adjoint of a
value is called after the name that value got: ``x_1_bar``. Temporaries are called after what
they are (``root``, ``ratio``). What a branch yields takes the name of the branch's result if
it can, so that no copy is needed.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping

from sourcediff.backend.hints import array_hint, item_hint
from sourcediff.backend.plan import Plan
from sourcediff.backend.scope import touched_within
from sourcediff.backend.shapes import UNPACKS
from sourcediff.backend.webs import Group, Web, Webs
from sourcediff.ir import FOR, IF, LOOPS, UNDEFINED, Op, Value, Variable
from sourcediff.memory import ASSIGN
from sourcediff.types import BOOL

__all__ = ["Namer", "tangent_suffix"]


def tangent_suffix(user_names: Iterable[str]) -> str:
    """What follows the name of a value in that of its tangent."""
    return "_tangent" if any(name.endswith("_dot") for name in user_names) else "_dot"


class Namer:
    """Chooses the variable of each value of a planned function.

    names        of each value that has a variable
    variables    of each variable in memory
    initialised  values that some path leaves without a value and that are copied all the same
    """

    def __init__(
        self,
        plan: Plan,
        reserved: Iterable[str],
        variables: Mapping[Variable, str] | None = None,
        given: Mapping[Value, str] | None = None,
    ) -> None:
        self.plan = plan
        self.variables = variables or {}
        #: The names of values that are seen in a function inside of the one that made them.
        given = given or {}
        self.reserved = {*reserved, *self.variables.values(), *given.values()}
        self.names: dict[Value, str] = dict(given)
        self.webs = Webs(plan)
        self.flow = self.webs.flow
        self.user_names = {v.name for v in self.webs.values if v.name}
        self.returned = plan.returned()
        self.suffix = "_adj" if any(n.endswith("_bar") for n in self.user_names) else "_bar"
        self.tangent_suffix = tangent_suffix(self.user_names)
        self.taken: dict[str, object] = {}
        self.versions: dict[str, int] = {}
        #: The variables in memory that are used beside each value that a comprehension binds.
        self._scopes: dict[Value, set[Variable]] | None = None
        self._parameters = set(plan.function.parameters)
        #: Of each group and name, the bits of those that have it and of what these must not meet.
        self._holders: dict[tuple[Group, str], tuple[int, int]] = {}
        webs = self.webs.all()
        for web in sorted(webs, key=self._level):
            if web.members[0] not in given and not all(map(self._is_nameless, web.members)):
                self._name(web)
        self.initialised = self.webs.initialised(self.names)

    def apart(self) -> frozenset[Op]:
        """The assignments within expressions whose variable is handed on under another name."""
        for target, source in self.flow.inside:
            if isinstance(source, Value):
                fits = self.names.get(source) == self.names.get(target)
            else:
                fits = source is UNDEFINED and target not in self.initialised
            if not fits:
                return frozenset(self.plan.named - self.plan.refused)
        return frozenset()

    def _is_nameless(self, value: Value) -> bool:
        """Whether no variable is needed."""
        if value in self.plan.folded or value in self.plan.targets or value in self.flow.useless:
            return True
        op = self.plan.definitions.get(value)
        return op in self.plan.absorbed and op.primitive not in (*UNPACKS, ASSIGN)

    def _level(self, web: Web) -> int:
        value = web.members[0]
        level = 0
        while value.adjoint_of is not None:
            value = value.adjoint_of
            level += 1
        group = self.webs.group(web.members[0])
        return level if group is None else group[1]

    def _name(self, web: Web) -> None:
        value = min(web.members, key=lambda m: m.adjoint_of is not None)
        base = self._base(value)
        group = self.webs.group(value)
        owner: object = web if group is None else group
        # Those that are adjoints are called by their place only, and keep clear of other names.
        is_parameter = value in self._parameters and value.adjoint_of is None
        # A temporary shares its name with nothing, so its search goes on where the last ended.
        version = self.versions.get(base, 0) if group is None else 0
        while True:
            name = f"{base}_{version}" if version else base
            version += 1
            if group is not None and self._meets(web, group, name):
                continue
            if keyword.iskeyword(name):
                continue
            known = is_parameter or self.taken.get(name) == owner
            if name in self.reserved and not known and not self._hides(web, name):
                continue
            if self.taken.setdefault(name, owner) == owner:
                break
        if group is None:
            self.versions[base] = version
        else:
            held, hated = self._holders.get((group, name), (0, 0))
            self._holders[group, name] = held | web.bits, hated | web.conflicts
        for member in web.members:
            self.names[member] = name

    def _hides(self, web: Web, name: str) -> bool:
        """Whether a name of a comprehension may be that of a variable, which it does not use."""
        if self._scopes is None:
            self._scopes = {}
            for found in self.plan.comprehensions.values():
                loop = found.clauses[0][0]
                used = set(touched_within(loop.regions[0]))
                for value in found.bound(self.plan.targets):
                    self._scopes[value] = used
        variables = [v for v, given in self.variables.items() if given == name]
        return bool(variables) and all(
            value in self._scopes and self._scopes[value].isdisjoint(variables)
            for value in web.members
        )

    def _meets(self, web: Web, group: Group, name: str) -> bool:
        held, hated = self._holders.get((group, name), (0, 0))
        return bool(held & web.conflicts or hated & web.bits)

    def _base(self, value: Value) -> str:
        if value.name is not None and value.adjoint_of is None:
            return value.name
        if value.adjoint_of is not None:
            primal = value.adjoint_of
            return (self.names.get(primal) or self._base(primal)) + (
                self.tangent_suffix if value.is_tangent else self.suffix
            )
        return self._hint(value)

    def _variable(self, value: Value) -> str | None:
        """The name of a value, as far as it has one by now."""
        if value in self.names:
            return self.names[value]
        return self._base(value) if value.name or value.adjoint_of is not None else None

    def _hint(self, value: Value) -> str:
        """A name for a temporary: what it is."""
        if value.kept_from is not None and value.kept_from in self.plan.definitions:
            return self._hint(value.kept_from)
        definition = self.plan.definitions.get(value)
        if value.bar_of is not None and definition is not None and definition.order > 0:
            return (self.names.get(value.bar_of) or self._base(value.bar_of)) + self.suffix
        if definition is None:
            return "item"
        if definition.primitive is IF or definition.primitive in LOOPS:
            for member in self.webs.web(value).members:
                made = self.plan.definitions.get(member)
                if made is not None and made.primitive is not IF and made.primitive not in LOOPS:
                    return self._hint(member)
            if value.type is BOOL:
                return {"and": "both", "or": "either"}.get(definition.attribute, "chosen")
            if definition.primitive is FOR and value in self.plan.made.values():
                return "items"
            suffix = self.tangent_suffix if value.is_tangent else self.suffix
            return "result" if definition.order == 0 else "result" + suffix
        if value is self.returned:
            return "y" if "y" not in self.user_names else "value"
        if definition.primitive in UNPACKS:
            whole = definition.args[0]
            base = self._base(whole) if isinstance(whole, Value) else "item"
            return f"{base}_{definition.results.index(value)}"
        if definition.primitive.name == "function":
            found: str = definition.attribute.name
            return "function" if found == "<lambda>" else found
        of_list = item_hint(definition, self._variable, self.plan.definitions)
        if of_list is not None:
            return of_list
        hint = array_hint(definition) or definition.primitive.hint or "value"
        operands = [self.names.get(a) for a in definition.args if isinstance(a, Value)]
        if definition.primitive.name == "mul" and len(operands) == 2 and all(operands):
            joined = "".join(o or "" for o in operands)
            if len(joined) <= 3 and joined.isalpha():
                return joined
        return hint
