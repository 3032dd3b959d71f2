"""Which names can be read and bound at a point of the program that is being written."""

from dataclasses import dataclass, field

from tests.language.kinds import Kind


@dataclass
class Scope:
    """The names of one function at one point.

    ``names`` are bound for certain; ``unsure`` may be unbound.  ``outer`` belong to an enclosing
    function.  ``pinned`` keep their kind: a loop, a handler or a closure relies on it.  ``fixed``
    are never bound again.  ``unread`` were bound and not read since.  ``indexes`` maps a name to
    the text of the list that it is an index of.
    """

    names: dict[str, Kind] = field(default_factory=dict)
    unsure: dict[str, Kind] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)
    pinned: set[str] = field(default_factory=set)
    fixed: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    indexes: dict[str, str] = field(default_factory=dict)

    def copy(self) -> "Scope":
        return Scope(
            dict(self.names),
            dict(self.unsure),
            set(self.outer),
            set(self.pinned),
            set(self.fixed),
            set(self.unread),
            dict(self.indexes),
        )

    def repeated(self) -> "Scope":
        """Returns the scope of a body that may run again, or stop half-way: kinds stay."""
        inner = self.copy()
        inner.pinned |= set(self.names) | set(self.unsure)
        return inner

    def enclosed(self) -> "Scope":
        """Returns the scope of a function that is defined here, before its parameters."""
        return Scope(dict(self.names), outer=set(self.names), fixed=set(self.fixed))

    def bind(self, name: str, kind: Kind) -> None:
        # The names stand in the order in which they were bound last.
        self.names.pop(name, None)
        self.names[name] = kind
        self.unsure.pop(name, None)
        self.indexes.pop(name, None)
        self.unread.add(name)

    def can_bind(self, name: str, kind: Kind) -> bool:
        if name in self.outer or name in self.fixed:
            return False
        return name not in self.pinned or (self.names.get(name) or self.unsure.get(name)) == kind

    def hide(self, name: str) -> None:
        """A parameter hides the name of the enclosing function."""
        self.names.pop(name, None)
        self.outer.discard(name)
        self.fixed.discard(name)


def merged(scopes: list[Scope]) -> Scope:
    """Returns what holds after branches that end in these scopes, all of one function."""
    first, *rest = scopes
    result = first.copy()
    for other in rest:
        both = {n: k for n, k in result.names.items() if other.names.get(n) == k}
        every = {**other.unsure, **other.names, **result.unsure, **result.names}
        # A name of two kinds is read by nobody.
        unsure = {
            name: kind
            for name, kind in every.items()
            if name not in both
            and all(k in (None, kind) for s in (result, other) for k in _kinds(s, name))
        }
        result.names, result.unsure = both, unsure
        result.pinned |= other.pinned
        result.fixed |= other.fixed
        result.unread |= other.unread
        result.indexes = {n: t for n, t in result.indexes.items() if other.indexes.get(n) == t}
    return result


def _kinds(scope: Scope, name: str) -> tuple[Kind | None, Kind | None]:
    return scope.names.get(name), scope.unsure.get(name)
