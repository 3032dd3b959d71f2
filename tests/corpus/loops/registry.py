"""What an entry of this corpus says: a function, points, and what was published about it.

    @program([(0.5, 3), (1.25, 0)])
    def powers(x, n): ...

The decorator returns the function as it is.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, TypeVar

Arguments = tuple[Any, ...]
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Published:
    """Figures that someone else computed, and how far they may be trusted.

    ``gradient`` has one number for each differentiated argument, None where nothing was
    published. ``within`` is half a unit of the last digit that was printed.
    """

    args: Arguments
    within: float
    source: str
    value: float | None = None
    gradient: tuple[float | None, ...] = ()
    #: The second derivative in the first differentiated argument.
    second: float | None = None


@dataclass(frozen=True, eq=False)
class LoopProgram:
    """A function of numbers and lists that returns one number.

    At ``points`` it is smooth in every number inside the arguments ``argnums``. ``isolated``
    says that it is constant beside a jump or stops by exact equality, so that differences have
    nothing to say and the tape judges alone.
    """

    function: Callable[..., Any]
    points: tuple[Arguments, ...]
    argnums: tuple[int, ...]
    published: tuple[Published, ...]
    isolated: bool

    @property
    def name(self) -> str:
        return f"{self.function.__module__.rpartition('.')[2]}.{self.function.__name__}"

    def args(self, number: int) -> Arguments:
        """The arguments of a point, made anew."""
        return deepcopy(self.points[number])


REGISTERED: list[LoopProgram] = []


def program(
    points: list[Arguments],
    *,
    argnums: int | tuple[int, ...] = 0,
    published: tuple[Published, ...] = (),
    isolated: bool = False,
) -> Callable[[F], F]:
    """Registers the function below it."""
    positions = (argnums,) if isinstance(argnums, int) else argnums

    def register(function: F) -> F:
        REGISTERED.append(LoopProgram(function, tuple(points), positions, published, isolated))
        return function

    return register
