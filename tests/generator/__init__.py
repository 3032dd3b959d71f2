"""Writes whole random programs, as source text, to hold the compiler against.

The generator knows nothing of the compiler.  It is driven by a seed or by Hypothesis
(``choices``); each construct is one function that registers itself (``arithmetic``, ``logic``,
``containers``, ``statements``, ``control``, ``functions``) and writes through a ``writer``, which
knows the names in ``scope`` and the ``kinds`` of their values.  ``program`` puts a program
together, ``loading`` makes a function of it, ``shrink`` makes a failing one small, ``command``
is the fuzzer:

    python -m tests.generator --seed 1 --count 1000
"""

from hypothesis import strategies
from hypothesis.strategies import DrawFn

from tests.generator.choices import Choices, DrawnChoices, SeededChoices
from tests.generator.loading import load_source
from tests.generator.program import GeneratedProgram, generate, load
from tests.generator.shrink import shrink, shrink_source
from tests.generator.writer import construct_names

__all__ = [
    "Choices",
    "DrawnChoices",
    "GeneratedProgram",
    "SeededChoices",
    "construct_names",
    "generate",
    "load",
    "load_source",
    "programs",
    "seeded",
    "shrink",
    "shrink_source",
]


def seeded(seed: int | str, without: frozenset[str] = frozenset()) -> GeneratedProgram:
    """Returns the program of a seed."""
    return generate(SeededChoices(seed), without)


@strategies.composite
def programs(draw: DrawFn, without: frozenset[str] = frozenset()) -> GeneratedProgram:
    """A Hypothesis strategy for programs."""
    return generate(DrawnChoices(draw), without)
