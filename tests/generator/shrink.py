"""Makes a failing program small: deletes statements, replaces expressions by simpler ones.

Every step is one edit of the syntax tree that leaves fewer nodes and a program that still
fails.  Whole statements go first, then expressions, from the outside in; it stops when no edit
keeps the failure.
"""

import ast
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from tests.generator.program import GeneratedProgram

# An edit changes the tree in place when it is called.
Edit = Callable[[], object]
Edits = Callable[[ast.Module], Iterator[Edit]]

# Each attempt compiles and compares a program.
ATTEMPTS = 3000


def shrink(
    program: GeneratedProgram, still_fails: Callable[[str], bool], attempts: int = ATTEMPTS
) -> GeneratedProgram:
    """Returns a smaller program with the same entry and arguments that still fails."""
    return replace(program, source=shrink_source(program.source, still_fails, attempts))


def shrink_source(source: str, still_fails: Callable[[str], bool], attempts: int = ATTEMPTS) -> str:
    """Returns a smaller text for which ``still_fails`` holds; ``source`` itself must fail.

    >>> shrink_source("a = 1\\nb = a * 2 + 3\\nprint(b)\\n", lambda text: "*" in text)
    '1 * 2\\n'
    """
    best = _unparsed(ast.parse(source))
    if not still_fails(best):
        # The failure depends on the layout of the text, which no edit keeps.
        return source
    before = ""
    while best != before:
        before = best
        for edits in (statement_edits, expression_edits):
            place = 0
            while attempts > 0 and (candidate := _edited(best, edits, place)) is not None:
                attempts -= 1
                # After an edit that succeeds, another one stands at its place.
                if size(candidate) < size(best) and still_fails(candidate):
                    best = candidate
                else:
                    place += 1
    return best


def size(source: str) -> int:
    """Returns the number of nodes; that of a text that is no program is endless."""
    with warnings.catch_warnings():
        # Python warns of texts such as 1(x), which no user writes.
        warnings.simplefilter("error")
        try:
            compile(source, "<shrunk>", "exec")
        except (SyntaxError, ValueError, Warning):
            return 10**9
    return sum(1 for _ in ast.walk(ast.parse(source)))


def _unparsed(tree: ast.Module) -> str:
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _edited(source: str, edits: Edits, place: int) -> str | None:
    """Returns the text after the edit of this number, None where there are fewer."""
    tree = ast.parse(source)
    edit = next(islice(edits(tree), place, None), None)
    if edit is None:
        return None
    edit()
    return _unparsed(tree)


def statement_edits(tree: ast.Module) -> Iterator[Edit]:
    """Deletes a statement, a branch or a case; puts a body in the place of its statement."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody", "cases", "handlers"):
            items = getattr(node, name, None)
            if not isinstance(items, list) or not items:
                continue
            if name != "body" and len(items) > 1:
                yield lambda n=node, f=name: setattr(n, f, [])
            for place in reversed(range(len(items))):
                yield lambda i=items, p=place: _delete(i, p)
            for place, item in enumerate(items):
                for inner in _bodies(item):
                    yield lambda i=items, p=place, b=inner: i.__setitem__(slice(p, p + 1), b)


def _delete(items: list[ast.AST], place: int) -> None:
    if len(items) == 1 and isinstance(items[0], ast.stmt):
        items[0] = ast.Pass()
    else:
        del items[place]


def _bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Returns the bodies that can stand in the place of a statement."""
    if isinstance(node, ast.If | ast.For | ast.While):
        yield node.body
        if node.orelse:
            yield node.orelse
    elif isinstance(node, ast.Match):
        for case in node.cases:
            yield case.body
    elif isinstance(node, ast.With | ast.Try):
        yield node.body


def expression_edits(tree: ast.Module) -> Iterator[Edit]:
    """Replaces an expression by one of its parts or by a constant; deletes list items."""
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                for simpler in _simpler(value):
                    yield lambda n=node, f=name, s=simpler: setattr(n, f, s)
            elif isinstance(value, list):
                for place, item in enumerate(value):
                    if isinstance(item, ast.expr):
                        for simpler in _simpler(item):
                            yield lambda v=value, p=place, s=simpler: v.__setitem__(p, s)
                    if isinstance(item, ast.expr | ast.keyword | ast.arg | ast.alias):
                        yield lambda v=value, p=place: v.pop(p)


def _simpler(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return
    if isinstance(node, ast.Constant):
        return
    yield ast.Constant(1)
    yield ast.Constant(1.0)
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
