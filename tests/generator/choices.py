"""Where the decisions of the generator come from: a seed, or Hypothesis.

The generator asks only a ``Choices``; so the same code is a fast fuzzer that can run for hours
from a seed, and a Hypothesis strategy whose failures shrink.  Every decision puts the simplest
answer first (0, the first option, no), as Hypothesis shrinks towards that.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import strategies

T = TypeVar("T")


class Choices(ABC):
    """A source of decisions."""

    @abstractmethod
    def integer(self, low: int, high: int) -> int:
        """Returns an integer between two bounds, both included."""

    def choose(self, options: Sequence[T]) -> T:
        return options[self.integer(0, len(options) - 1)]

    def chance(self, probability: float) -> bool:
        return self.integer(0, 999) >= 1000 - round(1000 * probability)

    def weighted(self, options: Sequence[tuple[T, int]]) -> T:
        """Returns one of the options, each as often as its weight says."""
        ticket = self.integer(0, sum(weight for _, weight in options) - 1)
        for option, weight in options:
            if ticket < weight:
                return option
            ticket -= weight
        raise AssertionError("the ticket is below the sum of the weights")

    def shuffled(self, items: Sequence[T]) -> list[T]:
        rest = list(items)
        return [rest.pop(self.integer(0, len(rest) - 1)) for _ in items]


class SeededChoices(Choices):
    """Decisions from a seed: the same seed, the same program, on every release of Python."""

    def __init__(self, seed: int | str) -> None:
        self._random = random.Random(seed)

    def integer(self, low: int, high: int) -> int:
        # random() is stable across releases, which randint() does not promise.
        return low + int(self._random.random() * (high - low + 1))


class DrawnChoices(Choices):
    """Decisions drawn by Hypothesis, through the ``draw`` of a composite strategy."""

    def __init__(self, draw: Callable[[strategies.SearchStrategy[int]], Any]) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        return int(self._draw(strategies.integers(low, high)))
