"""All whole programs in one table; a new module is named here."""

from importlib import import_module
from importlib.util import find_spec

from tests.corpus.whole.registry import REGISTERED, Case, WholeProgram

MODULES = (
    "hard",
    "loops",
    "odes",
    "linear",
    "finance",
    "classes",
    "inherit",
    "records",
    "probability",
    "learning",
    "recursion",
    "quadrature",
    "exceptions",
    "mutation",
    "moved",
    "closures",
    "control",
    "dynamic",
    "science",
)

#: Those that need NumPy, which a run of the tests may be without.
ARRAYS = ("arrays",) if find_spec("numpy") is not None else ()

for _module in (*MODULES, *ARRAYS):
    import_module(f"tests.corpus.whole.{_module}")

PROGRAMS: tuple[WholeProgram, ...] = tuple(REGISTERED)
CASES: tuple[Case, ...] = tuple(case for program in PROGRAMS for case in program.cases())
