"""Makes a program that shows a defect smaller, as long as it shows it."""

import ast
from collections.abc import Callable, Iterator
from copy import deepcopy


def shrunk(text: str, shows: Callable[[str], bool]) -> str:
    """The smallest text that is found by leaving out statements and parts of expressions.

    >>> print(shrunk("x = 1\\ny = f(2) + 3", lambda text: "f(" in text))
    y = f(2)
    """
    smaller = True
    while smaller:
        smaller = False
        for candidate in _smaller(text):
            if shows(candidate):
                text, smaller = candidate, True
                break
    return text


def _smaller(text: str) -> Iterator[str]:
    """The texts that are left when one thing is left out, large things first."""
    tree = ast.parse(text)
    for change in [*_without_statements(tree), *_with_parts(tree)]:
        copy = deepcopy(tree)
        change(copy)
        try:
            found = ast.unparse(ast.fix_missing_locations(copy))
            ast.parse(found)
        except Exception:
            continue
        if len(found) < len(ast.unparse(tree)):
            yield found


Change = Callable[[ast.AST], None]


def _without_statements(tree: ast.AST) -> Iterator[Change]:
    for number, node in enumerate(ast.walk(tree)):
        for field in ("body", "orelse"):
            statements = getattr(node, field, None)
            if not isinstance(statements, list):
                continue
            for place, statement in enumerate(statements):
                yield _leaving_out(number, field, place, [])
                inner = getattr(statement, "body", None)
                if isinstance(inner, list) and not isinstance(statement, ast.FunctionDef):
                    yield _leaving_out(number, field, place, inner)


def _leaving_out(number: int, field: str, place: int, instead: list[ast.stmt]) -> Change:
    def change(tree: ast.AST) -> None:
        statements = getattr(list(ast.walk(tree))[number], field)
        statements[place : place + 1] = deepcopy(instead)
        if not statements and field == "body":
            statements.append(ast.Pass())

    return change


def _with_parts(tree: ast.AST) -> Iterator[Change]:
    """A part of an expression in place of the whole."""
    for number, node in enumerate(ast.walk(tree)):
        for field, child in ast.iter_fields(node):
            if isinstance(child, ast.expr):
                for inner in range(1, len(list(ast.walk(child)))):
                    yield _putting(number, field, inner)


def _putting(number: int, field: str, inner: int) -> Change:
    def change(tree: ast.AST) -> None:
        node = list(ast.walk(tree))[number]
        part = list(ast.walk(getattr(node, field)))[inner]
        if isinstance(part, ast.expr):
            setattr(node, field, part)

    return change
