"""All programs of loops in one table; a new module is named here."""

from importlib import import_module

from tests.corpus.loops.registry import REGISTERED, LoopProgram

MODULES = (
    "roots",
    "series",
    "special",
    "integrals",
    "motion",
    "options",
    "money",
    "matrices",
    "sequences",
    "models",
    "pictures",
    "whole_numbers",
    "texts",
    "recursive",
    "habits",
    "caught",
    "nothing_yet",
    "grids",
)

for _module in MODULES:
    import_module(f"tests.corpus.loops.{_module}")

PROGRAMS: tuple[LoopProgram, ...] = tuple(REGISTERED)
