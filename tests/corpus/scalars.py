"""The scalar programs: all tables of this folder in one.

A new construct brings its programs to the module that it belongs to, or brings a module; the
tests run over these tables only.
"""

from tests.corpus import branches, calls, formulas, kinks, names
from tests.corpus.program import Kink, Program

PROGRAMS: list[Program] = [
    *formulas.PROGRAMS,
    *branches.PROGRAMS,
    *calls.PROGRAMS,
    *names.PROGRAMS,
]

# Beyond what is promised: refused, or right.
EXTRAS: list[Program] = [*calls.EXTRAS, *names.EXTRAS]

KINKS: list[Kink] = kinks.KINKS
