"""The tables of constructs: what can be written, and how a construct registers itself."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from tests.generator.registry import Construct, registering

EXPRESSIONS: dict[type, list[Construct]] = defaultdict(list)
# Constructs of a value of any kind.
ANYTHING: list[Construct] = []
STATEMENTS: list[Construct] = []
# How a new value of each kind is written: a constant, a display, a call of a class.
DISPLAYS: dict[type, Callable[[Any, Any, int], str]] = {}
# Constructs that are noted while another one is written.
DETAILS: set[str] = set()


def expression(kind: type | None, name: str, weight: int = 2, **options: Any) -> Any:
    """Registers an expression of a kind, or of any kind: ``write(w, kind, depth) -> text``."""
    table = ANYTHING if kind is None else EXPRESSIONS[kind]
    return registering(table)(name, weight, **options)


statement = registering(STATEMENTS)


def displays(kind: type) -> Any:
    """Registers how a new value of the kind is written."""
    return lambda write: DISPLAYS.setdefault(kind, write)


def details(*names: str) -> None:
    """Declares constructs that are only noted, so that the tests can ask for each."""
    DETAILS.update(names)


def construct_names() -> set[str]:
    """Returns every construct that a program can contain."""
    tables = [ANYTHING, STATEMENTS, *EXPRESSIONS.values()]
    return DETAILS | {construct.name for table in tables for construct in table}
