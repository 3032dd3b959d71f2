"""How much of what comes back from the IR looks like what went in.

    python -m tests.fidelity                    the share of functions that come back unchanged
    python -m tests.fidelity --list             and the names of the others
    python -m tests.fidelity --show NAME …      what differs

A function is unchanged if the text that is written has the same syntax tree as the user's, but
for decorators: comments, empty lines and the spelling of numbers and texts do not count.
"""

import argparse
import ast
import difflib
import inspect
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sourcediff import DifferentiationError
from sourcediff.primal import Primal
from tests.corpus import branches, calls, formulas, names
from tests.corpus.whole.table import PROGRAMS

UNCHANGED, CHANGED, REFUSED, BROKEN = "unchanged", "changed", "refused", "broken"


@dataclass(frozen=True)
class Entry:
    """A function and arguments for it."""

    name: str
    function: Callable[..., Any]
    examples: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Result:
    """What came back of a function: its text, or why there is none."""

    name: str
    kind: str
    before: str
    after: str


def entries() -> Iterator[Entry]:
    """The whole programs, then the functions of the other corpus."""
    for program in PROGRAMS:
        yield Entry(program.name, program.function, [case.args() for case in program.cases()])
    for module in (branches, calls, formulas, names):
        seen = set()
        for program in module.PROGRAMS:
            if inspect.isfunction(program.function) and program.function not in seen:
                seen.add(program.function)
                yield Entry(program.name, program.function, list(program.points))


def definition(function: Callable[..., Any]) -> ast.stmt:
    """The definition of a function without its decorators."""
    text = textwrap.dedent(inspect.getsource(function))
    (node,) = ast.parse(text).body
    if isinstance(node, ast.FunctionDef):
        node.decorator_list = []
    return node


def measured(entry: Entry) -> Result:
    """What comes back of a function."""
    try:
        node = definition(entry.function)
    except (SyntaxError, OSError, ValueError):
        return Result(entry.name, REFUSED, "", "its text stands in the midst of another line")
    before = ast.unparse(node)
    if not isinstance(node, ast.FunctionDef):
        return Result(entry.name, REFUSED, before, "a lambda")
    try:
        primal = Primal(entry.function, *entry.examples[:1])
    except DifferentiationError as refusal:
        return Result(entry.name, REFUSED, before, str(refusal))
    try:
        text = primal.source
        written = {n.name: n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)}
        after = written[primal.generated.name]
    except Exception as error:
        return Result(entry.name, BROKEN, before, f"{type(error).__name__}: {error}")
    same = ast.dump(node) == ast.dump(after)
    return Result(entry.name, UNCHANGED if same else CHANGED, before, ast.unparse(after))


def difference(result: Result) -> str:
    """The lines that differ."""
    if result.kind != CHANGED:
        return result.after
    lines = difflib.unified_diff(
        result.before.splitlines(), result.after.splitlines(), lineterm="", n=1
    )
    return "\n".join(list(lines)[2:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="name what is not unchanged")
    parser.add_argument("--show", nargs="*", metavar="NAME", help="what differs (all, if no name)")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    for entry in entries():
        named = options.show is not None and (
            not options.show
            or entry.name in options.show
            or entry.name.split(".")[1] in options.show
        )
        if options.show and not named:
            continue
        result = measured(entry)
        counts[result.kind] += 1
        if named and result.kind != UNCHANGED:
            print(f"== {result.name}: {result.kind}\n{difference(result)}\n")
        elif options.list and result.kind != UNCHANGED:
            print(f"{result.kind:9} {result.name}")
    written = counts[UNCHANGED] + counts[CHANGED] + counts[BROKEN]
    print(", ".join(f"{count} {kind}" for kind, count in counts.items()))
    print(f"{counts[UNCHANGED] / max(written, 1):.1%} of what is written is unchanged")


if __name__ == "__main__":
    main()
