"""Which names can be read and bound at a point of the program that is being written."""

from dataclasses import dataclass, field

from tests.generator.kinds import LIMIT, Kind, Scalar, join


@dataclass
class Scope:
    """The names of one function at one point.

    ``names`` are bound for certain.  ``outer`` belong to an enclosing function: they can be
    read, but an assignment would make them local.  ``fixed`` are never bound again.
    ``loose`` may be changed by any call, so nothing is known of their size.  ``captured`` are
    read by a closure, which relies on their kind.  ``unsafe`` may be unbound.  ``unread`` were
    bound and not read since.  ``partial`` maps a flag to the names that are bound where the flag
    is true.
    """

    names: dict[str, Kind] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)
    fixed: set[str] = field(default_factory=set)
    loose: set[str] = field(default_factory=set)
    captured: set[str] = field(default_factory=set)
    unsafe: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    partial: dict[str, dict[str, Kind]] = field(default_factory=dict)

    def copy(self) -> "Scope":
        return Scope(
            dict(self.names),
            set(self.outer),
            set(self.fixed),
            set(self.loose),
            set(self.captured),
            set(self.unsafe),
            set(self.unread),
            {flag: dict(names) for flag, names in self.partial.items()},
        )

    def bind(self, name: str, kind: Kind) -> None:
        if name in self.loose:
            kind = Scalar(LIMIT)
        # The names stand in the order in which they were bound last.
        self.names.pop(name, None)
        self.names[name] = kind
        self.unread.add(name)
        self.unsafe.discard(name)
        for names in self.partial.values():
            names.pop(name, None)

    def can_bind(self, name: str, kind: Kind) -> bool:
        if name in self.outer or name in self.fixed:
            return False
        if name in self.captured or name in self.loose:
            return isinstance(self.names.get(name), Scalar) and isinstance(kind, Scalar)
        return True

    def enclosed(self) -> "Scope":
        """Returns the scope of a function that is defined here, before its parameters."""
        names = {
            name: Scalar(LIMIT) if isinstance(kind, Scalar) else kind
            for name, kind in self.names.items()
            if name not in self.unsafe
        }
        return Scope(names, outer=set(names), fixed=set(self.fixed))


def merged(scopes: list[Scope]) -> Scope:
    """Returns what holds after branches that end in these scopes, all of one function."""
    first, *rest = scopes
    result = first.copy()
    for other in rest:
        names = {}
        for name, kind in result.names.items():
            both = join(kind, other.names[name]) if name in other.names else None
            if both is not None:
                names[name] = both
        result.names = names
        result.fixed |= other.fixed
        result.loose |= other.loose
        result.captured |= other.captured
        result.unsafe |= other.unsafe
        result.unread |= other.unread
        result.partial = {
            flag: {n: k for n, k in bound.items() if other.partial[flag].get(n) == k}
            for flag, bound in result.partial.items()
            if flag in other.partial and flag in names
        }
    return result
