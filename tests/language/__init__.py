"""Writes whole random programs in all of everyday Python, and runs them in three ways.

A program must behave the same in plain Python, in the interpreter of the IR, and as the Python
that is emitted for it: its result, its exceptions, what it prints, what it does to its
arguments, and which objects it shares.  ``compare`` decides that, ``command`` is the fuzzer:

    python -m tests.language --seed 1 --count 1000

The programs of ``tests.generator`` have scalars and derivatives; these have containers, objects,
exceptions and aliases, and nothing is differentiated.  The generator knows nothing of the
compiler: each construct is a function that registers itself, and writes through a ``Writer``
that knows the names in ``scope`` and the ``kinds`` of their values.
"""

from tests.generator.choices import SeededChoices
from tests.language.program import LanguageProgram, generate, load
from tests.language.writer import construct_names

__all__ = ["LanguageProgram", "construct_names", "generate", "load", "seeded"]


def seeded(seed: int | str, without: frozenset[str] = frozenset()) -> LanguageProgram:
    """Returns the program of a seed."""
    return generate(SeededChoices(seed), without)
