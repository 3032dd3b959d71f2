"""What an entry of the corpus says: a function, where to run it, what to differentiate."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Program:
    """A function and points inside its domain, away from kinks and jumps.

    ``argnums`` are the differentiated positions.  At the points in ``raising`` the function
    raises by a statement of its own, and so must its derivative.
    """

    function: Callable[..., Any]
    points: list[tuple[Any, ...]]
    argnums: int | tuple[int, ...] = 0
    raising: tuple[tuple[Any, ...], ...] = ()

    @property
    def name(self) -> str:
        return f"{self.function.__module__.rpartition('.')[2]}.{self.function.__name__}"


@dataclass(frozen=True)
class Kink:
    """A special point and the derivative that is promised there, or the exception.

    ``expected`` follows from the stated numerical policy or from mathematics, never from a run:
    differences have nothing to say here.
    """

    function: Callable[..., Any]
    args: tuple[Any, ...]
    expected: Any
    why: str
    argnums: int | tuple[int, ...] = 0
