"""Generators of random numbers among the arguments of a function that is run several times.

Each run gets copies of them, so that it draws the same; in the end the caller's own are as one run
leaves them.

>>> import random
>>> args = [1.0, random.Random(7)]
>>> copies = with_generators_copied(args)
>>> drawn = copies[1].random()
>>> draw_as(args, copies)
>>> drawn == random.Random(7).random(), args[1].random() == copies[1].random()
(True, True)
"""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from typing import Any

from sourcediff.frontend.calls.draws import is_generator
from sourcediff.frontend.reflect import is_numpy_generator

__all__ = ["draw_as", "generators_in", "with_generators_copied"]


def generators_in(args: Sequence[Any]) -> list[Any]:
    """The generators of random numbers among some arguments."""
    return [arg for arg in args if is_generator(arg) or is_numpy_generator(arg)]


def with_generators_copied(args: Sequence[Any]) -> list[Any]:
    """Arguments with copies of the generators among them: one for one that is there twice."""
    known: dict[int, Any] = {}
    drawn = {id(one) for one in generators_in(args)}
    return [copy.deepcopy(arg, known) if id(arg) in drawn else arg for arg in args]


def draw_as(args: Sequence[Any], copies: Sequence[Any]) -> None:
    """Let the generators among some arguments go on where their copies do."""
    for own, other in zip(generators_in(args), generators_in(copies), strict=True):
        if isinstance(own, random.Random):
            own.setstate(other.getstate())
        elif hasattr(own, "bit_generator"):
            own.bit_generator.state = other.bit_generator.state
        else:
            own.set_state(other.get_state())
