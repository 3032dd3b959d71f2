"""A generated program: its text, its entry, and the functions that make its arguments."""

import ast
import re
import types
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.generator.choices import Choices
from tests.generator.loading import TooLong, covering, load_source, traced
from tests.generator.registry import left_out
from tests.language.arguments import Maker
from tests.language.classes import write_class
from tests.language.failures import write_exceptions
from tests.language.functions import function_body, parameter_kind, write_helper
from tests.language.kinds import (
    NUMBER,
    NUMBERS,
    PAIR,
    Function,
    Kind,
    Maybe,
    Pack,
    Row,
    Table,
    Thing,
)
from tests.language.scope import Scope
from tests.language.usage import closing
from tests.language.variables import write_globals
from tests.language.writer import Writer, construct_names, details

# Importing a module of constructs registers them.
from tests.language import (  # noqa: F401  isort: skip
    comprehensions,
    control,
    displays,
    lists,
    loops,
    calls,
    closures,
    mappings,
    objects,
    scalars,
    sharing,
    statements,
)

# The share of constructs that half of the programs leave out, how many constructs a program
# has, and how many statements its entry; programs that hold less differ more.
SIZES = [((0.3, 280, 9), 4), ((0.6, 150, 7), 3), ((0.8, 60, 5), 3)]
# Without these there would be places where nothing can be written.
CORE = {"addition", "int arithmetic", "comparison", "display", "assignment", "number assignment",
        "unused function called at the end", "over a range"}  # fmt: skip
# Arguments that are tried, and how many of them a program keeps.
CANDIDATES = 7
FEWEST, MOST = 2, 4
# A run of more lines is no test that one wants to wait for.
LONGEST_RUN = 2500
# Programs of which less runs are mostly given up.
LEAST_COVERAGE = 0.5
# Exceptions that a program is meant to raise; others are the generator's own mistakes.
MEANT = (ArithmeticError, AssertionError, LookupError, RuntimeError, UnboundLocalError, ValueError)

details("arguments that share an object", "raises uncaught")


@dataclass(frozen=True)
class LanguageProgram:
    """Source text of a module with an entry and with functions that make its arguments."""

    source: str
    makers: tuple[str, ...]
    entry: str = "f"
    constructs: Counter[str] = field(compare=False, default_factory=Counter)

    def __repr__(self) -> str:
        return f"<program with {len(self.makers)} tuples of arguments>\n{self.source}"


def generate(choices: Choices, without: frozenset[str] = frozenset()) -> LanguageProgram:
    """Writes a random program, leaving out the constructs named."""
    while True:
        program = _attempt(choices, without)
        if program is not None:
            return program


def _attempt(choices: Choices, without: frozenset[str]) -> LanguageProgram | None:
    """Returns a program, None if what was written runs too long or raises by mistake."""
    share, most, largest = choices.weighted(SIZES)
    w = Writer(choices, without | left_out(choices, construct_names() - CORE, share), most=most)
    write_exceptions(w)
    write_globals(w)
    for _ in range(choices.weighted([(0, 3), (1, 4), (2, 2)])):
        write_class(w)
    for _ in range(choices.weighted([(0, 3), (1, 4), (2, 3), (3, 1)])):
        if not w.is_full:
            write_helper(w)
    # The entry always has room.
    w.picked = min(w.picked, most // 2)
    functions = [k for k in w.module_names.values() if isinstance(k, Function)]
    passed = [p.kind for function in functions for p in function.parameters]
    kinds: list[Kind] = []
    for _ in range(choices.integer(1, 4)):
        # What the entry is passed, it can pass on.
        kinds.append(parameter_kind(w, [*passed, *kinds]))
    parameters: dict[str, Kind] = {}
    for kind in kinds:
        w.scope = Scope(dict(parameters))
        parameters[w.fresh(kind)] = kind
    w.is_entry = True
    with w.inside(Scope(dict(parameters)), _result(w, kinds)):
        body = function_body(w, choices.integer(2, largest), closing)
    text = "\n".join(
        [
            *sorted(w.imports),
            *w.module,
            f"def f({', '.join(parameters)}):",
            *(f"    {line}" for line in body),
        ]
    )
    # Unparsed, so that brackets stand only where they are needed.
    return _with_arguments(w, ast.unparse(ast.parse(text)) + "\n", kinds)


def _result(w: Writer, kinds: list[Kind]) -> Kind:
    """Returns the kind of the entry's result: often it holds what was passed."""
    choices = w.choices
    shared = [k for k in kinds if isinstance(k, Row | Thing | Table)]
    options: list[tuple[Kind, int]] = [
        (NUMBER, 6),
        (PAIR, 2),
        (Pack((NUMBER, NUMBERS)), 3),
        (NUMBERS, 2),
        (Maybe(NUMBER), 1),
        (Row(NUMBERS), 1),
        *((kind, 3) for kind in shared),
        *((Pack((kind, NUMBER, kind)), 2) for kind in shared),
    ]
    return choices.weighted(options)


def _with_arguments(w: Writer, source: str, kinds: list[Kind]) -> LanguageProgram | None:
    function = load_source(source)
    namespace = function.__globals__
    makers, shares, lines, exceptions = [], [], [], []
    for number in range(1, CANDIDATES + 1):
        maker = Maker(w.choices, w.classes)
        name = f"arguments_{number}"
        makers.append(maker.written(name, kinds))
        shares.append(maker.shares)
        exec(makers[-1], namespace)
        make = namespace[name]
        try:
            outcome, ran = traced(
                lambda make=make: function(*make()), function.__code__.co_filename, LONGEST_RUN
            )
        except TooLong:
            return None
        if outcome.exception is not None and not _is_meant(outcome.exception, namespace):
            return None
        exceptions.append(outcome.exception)
        lines.append(set(ran))
    if _coverage(function, set().union(*lines)) < LEAST_COVERAGE and w.choices.chance(0.8):
        return None
    # The first is always kept, so it is one that raises nothing if there is one.
    order = sorted(range(CANDIDATES), key=lambda k: exceptions[k] is not None)
    chosen = [order[k] for k in covering([lines[k] for k in order], FEWEST, MOST)]
    if any(shares[k] for k in chosen):
        w.note("arguments that share an object")
    raised = [exceptions[k] is not None for k in chosen]
    if any(raised):
        # Where everything raises, little is compared.
        if all(raised) and not w.choices.chance(0.2):
            return None
        w.note("raises uncaught")
    texts = []
    for number, k in enumerate(chosen, 1):
        texts.append(re.sub(r"arguments_\d+", f"arguments_{number}", makers[k]))
    names = tuple(f"arguments_{number}" for number in range(1, len(chosen) + 1))
    return LanguageProgram("\n\n".join([source, *texts]), names, "f", w.constructs)


def _coverage(function: Callable[..., Any], ran: set[int]) -> float:
    """Returns the share of the lines of the program's functions that ran."""
    filename = function.__code__.co_filename
    pending: list[Any] = [
        f
        for owner in (function.__globals__, *filter(_is_class, function.__globals__.values()))
        for f in (owner if isinstance(owner, dict) else vars(owner)).values()
    ]
    lines: set[int] = set()
    while pending:
        found = pending.pop()
        found = getattr(found, "fget", None) or getattr(found, "__func__", found)
        code = getattr(found, "__code__", found)
        if isinstance(code, types.CodeType) and code.co_filename == filename:
            # The line of the head runs only where the function is defined.
            lines |= {line for _, _, line in code.co_lines() if line} - {code.co_firstlineno}
            pending += code.co_consts
    return len(lines & ran) / max(len(lines), 1)


def _is_class(value: object) -> bool:
    return isinstance(value, type)


def _is_meant(exception: Exception, namespace: dict[str, Any]) -> bool:
    # A closure may outrun the name that it reads.
    is_free = str(exception).startswith("cannot access free variable")
    if isinstance(exception, RecursionError):
        return False
    return is_free or isinstance(exception, MEANT) or type(exception) in namespace.values()


def load(program: LanguageProgram) -> types.SimpleNamespace:
    """Returns the module of the program, loaded afresh: its entry and its makers."""
    entry = load_source(program.source, program.entry)
    return types.SimpleNamespace(
        entry=entry, makers=[entry.__globals__[name] for name in program.makers]
    )
