"""Syntax trees to text. The only module that knows astor.

>>> import ast
>>> tree = ast.Module([Comment("adjoint of: y = x * x"), *ast.parse("x_bar = 2.0 * x").body], [])
>>> print(print_source(tree), end="")
# adjoint of: y = x * x
x_bar = 2.0 * x
"""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache
from typing import Any

__all__ = ["Comment", "print_source"]


class Comment(ast.stmt):
    """A comment on a line of its own, among the statements of a tree."""

    _fields = ("text",)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


@lru_cache(maxsize=1)
def _astor() -> tuple[Any, type]:
    """astor and our generator class; imported at the first use, since it is slow to import."""
    with warnings.catch_warnings():
        # astor 0.8.1 mentions the node classes that Python 3.12 deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        import astor
        import astor.code_gen

    class Generator(astor.code_gen.SourceGenerator):  # type: ignore[misc]
        def visit_Comment(self, node: Comment) -> None:
            # Only a mark: astor would break a long comment as if it were code.
            marks.append(node.text)
            self.statement(node, f"# {len(marks) - 1}")

        def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
            text = ast.unparse(node)  # astor's f-strings fail on Python 3.14
            if text.startswith("f'") and '"' not in text and "\\" not in text:
                text = f'f"{text[2:-1]}"'
            self.write(text)

        def visit_Constant(self, node: ast.Constant) -> None:
            if isinstance(node.value, str):
                self.write(_quoted(node.value))
            elif isinstance(node.value, float | int) and not isinstance(node.value, bool):
                self.write(repr(node.value))
            else:
                super().visit_Constant(node)

    marks: list[str] = []
    Generator.marks = marks
    return astor, Generator


def _quoted(text: str) -> str:
    """A text literal in double quotes, where that needs no escape."""
    literal = repr(text)
    plain = literal.startswith("'") and '"' not in literal and "\\" not in literal
    return f'"{literal[1:-1]}"' if plain else literal


def print_source(tree: ast.Module) -> str:
    """The text of a module."""
    astor, generator = _astor()
    marks: list[str] = generator.marks  # type: ignore[attr-defined]
    marks.clear()
    text: str = astor.to_source(tree, source_generator_class=generator)
    if marks:
        lines = text.split("\n")
        for place, line in enumerate(lines):
            stripped = line.lstrip()
            if stripped.startswith("# "):
                lines[place] = line[: -len(stripped)] + "# " + marks[int(stripped[2:])]
        text = "\n".join(lines)
    return text
