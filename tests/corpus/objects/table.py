"""All programs of lists, dicts and objects in one table; a new module is named here."""

from importlib import import_module

from tests.corpus.loops.registry import LoopProgram
from tests.corpus.objects.registry import programs

MODULES = (
    "filters",
    "networks",
    "simulations",
    "classes",
    "containers",
    "changes",
    "everyday",
    "handed_in",
    "listed",
    "managed",
    "gathered",
    "queues",
    "keys",
    "pooled",
    "known_lists",
)

for _module in MODULES:
    import_module(f"tests.corpus.objects.{_module}")

PROGRAMS: tuple[LoopProgram, ...] = programs()
