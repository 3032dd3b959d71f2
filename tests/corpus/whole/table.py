"""All whole programs in one table; a new module is named here."""

from importlib import import_module

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
    "closures",
    "control",
    "dynamic",
    "science",
)

for _module in MODULES:
    import_module(f"tests.corpus.whole.{_module}")

PROGRAMS: tuple[WholeProgram, ...] = tuple(REGISTERED)
CASES: tuple[Case, ...] = tuple(case for program in PROGRAMS for case in program.cases())
