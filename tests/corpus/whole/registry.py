"""What an entry of this corpus says: a function, fresh arguments, what to differentiate.

A program registers itself where it is written:

    @program(lambda: [(0.5, 3), (0.5, 0)], argnums=0)
    def powers(x, n): ...

The decorator returns the function as it is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Arguments = tuple[Any, ...]
Maker = Callable[[], list[Arguments]]
Kind = Literal["points", "kinks", "raising"]
F = TypeVar("F", bound=Callable[..., Any])


def _nowhere() -> list[Arguments]:
    return []


@dataclass(frozen=True)
class WholeProgram:
    """A function and makers of argument tuples: every call of a maker makes fresh objects.

    At ``points`` the function returns finite numbers and is differentiable in every float
    inside the arguments ``argnums`` (at any depth of lists, dicts and objects).  At ``kinks``
    it returns, but is not differentiable, or is constant between jumps.  At ``raising`` it
    raises by intention.  ``scalar`` says that the result is one number; else it is a structure
    of numbers.
    """

    function: Callable[..., Any]
    points: Maker
    argnums: tuple[int, ...]
    kinks: Maker
    raising: Maker
    scalar: bool

    @property
    def name(self) -> str:
        return f"{self.function.__module__.rpartition('.')[2]}.{self.function.__name__}"

    def cases(self, *kinds: Kind) -> Iterator["Case"]:
        """Yields the argument sets of these kinds, of every kind if none is named."""
        for kind in kinds or ("points", "kinks", "raising"):
            for number in range(len(getattr(self, kind)())):
                yield Case(self, kind, number)


@dataclass(frozen=True)
class Case:
    """One argument set of one program."""

    program: WholeProgram
    kind: Kind
    number: int

    @property
    def id(self) -> str:
        return f"{self.program.name}-{self.kind}-{self.number}"

    def args(self) -> Arguments:
        """Returns the arguments, made anew."""
        return getattr(self.program, self.kind)()[self.number]

    def run(self) -> Any:
        return self.program.function(*self.args())


REGISTERED: list[WholeProgram] = []


def program(
    points: Maker = _nowhere,
    *,
    argnums: int | tuple[int, ...] = 0,
    kinks: Maker = _nowhere,
    raising: Maker = _nowhere,
    scalar: bool = True,
) -> Callable[[F], F]:
    """Registers the function below it; ``argnums=()`` says that nothing is differentiated."""
    positions = (argnums,) if isinstance(argnums, int) else argnums

    def register(function: F) -> F:
        REGISTERED.append(WholeProgram(function, points, positions, kinks, raising, scalar))
        return function

    return register
