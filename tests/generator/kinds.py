"""What the generator knows of a name: the kind of its value, and how large it can be."""

from dataclasses import dataclass

# Values stay below this; what may be larger is squashed.  Numbers of moderate size keep
# differences meaningful and exceptions rare.
LIMIT = 20.0


@dataclass(frozen=True)
class Scalar:
    """A float, or an int that stands for one; ``bound`` is the largest possible magnitude."""

    bound: float = LIMIT


@dataclass(frozen=True)
class Integer:
    """An int that never depends on a float: fit for ``%``, ``match`` and powers."""

    bound: float = 9.0


@dataclass(frozen=True)
class Flag:
    """A bool."""


@dataclass(frozen=True)
class Text:
    """A string out of a few."""

    options: tuple[str, ...]


@dataclass(frozen=True)
class Pack:
    """A tuple of known shape, or the list that a starred target makes."""

    items: tuple["Kind", ...]
    is_list: bool = False


@dataclass(frozen=True)
class Unary:
    """A parameter that takes a function of one number."""


@dataclass(frozen=True)
class Parameter:
    """``form`` is one of: positional only, plain, keyword only, star, double star."""

    name: str
    form: str
    kind: "Kind"
    has_default: bool = False


@dataclass(frozen=True)
class Function:
    """A function that can be called with these parameters."""

    parameters: tuple[Parameter, ...]
    result: "Kind"

    @property
    def is_unary(self) -> bool:
        """Whether it can be called with one number."""
        if not self.parameters or self.result != Scalar():
            return False
        head, *rest = self.parameters
        return (
            head.form in ("positional only", "plain")
            and head.kind == Scalar(PARAMETER_BOUND)
            and all(p.has_default for p in rest)
        )


Kind = Scalar | Integer | Flag | Text | Pack | Unary | Function

# What a helper may assume of its arguments.
PARAMETER_BOUND = 8.0


@dataclass(frozen=True)
class Expression:
    """Source text of a number, with a bound on its magnitude."""

    text: str
    bound: float


def join(first: Kind, second: Kind) -> Kind | None:
    """Returns the kind of a name that two branches bind, None where it must not be used."""
    if first == second:
        return first
    numbers = (Scalar, Integer)
    if isinstance(first, numbers) and isinstance(second, numbers):
        bound = max(first.bound, second.bound)
        both_integers = isinstance(first, Integer) and isinstance(second, Integer)
        return Integer(bound) if both_integers else Scalar(bound)
    if isinstance(first, Pack) and isinstance(second, Pack):
        if len(first.items) != len(second.items) or first.is_list != second.is_list:
            return None
        items = [join(a, b) for a, b in zip(first.items, second.items, strict=True)]
        return None if None in items else Pack(tuple(i for i in items if i), first.is_list)
    return None
