"""Syntax trees to text. The only module that knows astor.

>>> import ast
>>> tree = ast.Module([Comment("adjoint of: y = x * x"), *ast.parse("x_bar = 2.0 * x").body], [])
>>> print(print_source(tree), end="")
# adjoint of: y = x * x
x_bar = 2.0 * x
"""

from __future__ import annotations

import ast
import textwrap
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

__all__ = ["Comment", "Docstring", "print_source"]

WIDTH = 100


class Comment(ast.stmt):
    """A comment on a line of its own, among the statements of a tree."""

    _fields = ("text",)

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Docstring(ast.Expr):
    """The text that a function begins with, printed as one writes it."""

    def __init__(self, text: str = "") -> None:
        super().__init__(ast.Constant(text))
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
            self.statement(node, "# ", node.text)

        def visit_Return(self, node: ast.Return) -> None:
            if isinstance(node.value, ast.Tuple) and len(node.value.elts) == 1:
                (item,) = node.value.elts
                astor.code_gen.set_precedence(astor.code_gen.Precedence.Comma, item)
                self.statement(node, "return (", item, ",)")
            else:
                super().visit_Return(node)

        def visit_Docstring(self, node: Docstring) -> None:
            self.statement(node, _docstring(node.text))

        def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> None:
            # As astor does it, but without brackets around what is collected.
            astor.code_gen.set_precedence(astor.code_gen.Precedence.Comma, node.elt)
            brackets = "[]" if isinstance(node, ast.ListComp) else "{}"
            with self.delimit(brackets):
                self.write(node.elt, *node.generators)

        visit_SetComp = visit_ListComp

        def visit_DictComp(self, node: ast.DictComp) -> None:
            astor.code_gen.set_precedence(astor.code_gen.Precedence.Comma, node.key, node.value)
            with self.delimit("{}"):
                self.write(node.key, ": ", node.value, *node.generators)

        def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
            text = ast.unparse(node)  # astor's f-strings fail on Python 3.14
            if text.startswith("f'") and '"' not in text and "\\" not in text:
                text = f'f"{text[2:-1]}"'
            self.write(text)

        def visit_Subscript(self, node: ast.Subscript) -> None:
            index = node.slice
            for part in index.elts if isinstance(index, ast.Tuple) else [index]:
                part.in_brackets = True  # type: ignore[attr-defined]
            super().visit_Subscript(node)

        def visit_Slice(self, node: ast.Slice) -> None:
            if hasattr(node, "in_brackets"):
                super().visit_Slice(node)
                return
            bounds = [b or ast.Constant(None) for b in (node.lower, node.upper, node.step)]
            kept = bounds if node.step is not None else bounds[:2]
            self.write(ast.Call(ast.Name("slice", ast.Load()), kept, []))

        def visit_Constant(self, node: ast.Constant) -> None:
            if isinstance(node.value, str):
                self.write(_quoted(node.value))
            elif isinstance(node.value, float | int | complex) and not isinstance(node.value, bool):
                self.write(repr(node.value))
            else:
                super().visit_Constant(node)

    return astor, Generator


def print_source(tree: ast.AST) -> str:
    """The text of a module, or of a statement or expression."""
    text = _printed(tree)
    lines = text.split("\n")
    if all(len(line) <= WIDTH for line in lines):
        return text
    inside = False  # of a docstring
    for place, line in enumerate(lines):
        if len(line) > WIDTH and not inside and '"""' not in line:
            lines[place] = _broken(line)
        inside ^= line.count('"""') % 2 == 1
    return "\n".join(lines)


def _printed(tree: ast.AST) -> str:
    astor, generator = _astor()
    # Lines are broken here and not by astor, which breaks comments as if they were code.
    text: str = astor.to_source(tree, source_generator_class=generator, pretty_source="".join)
    return text


def _broken(line: str) -> str:
    """A long statement over several lines, in parentheses, one operand or item on each."""
    indent = line[: len(line) - len(line.lstrip())]
    head_only = line.strip().startswith("for ")
    try:
        statement = ast.parse(line.strip() + " pass" * head_only).body[0]
    except (SyntaxError, IndexError):  # the head of a compound statement, or a comment
        return line
    if (whole := _whole_of(statement)) is not None:
        broken = _broken_tuple(indent, line, whole)
        return broken if _same(broken, line, " pass" * head_only) else line
    if isinstance(statement, ast.Return) and statement.value is not None:
        head, value = "return ", statement.value
    elif isinstance(statement, ast.Assign):
        targets = [_expression(target) for target in statement.targets]
        head, value = " = ".join(targets) + " = ", statement.value
    elif isinstance(statement, ast.AugAssign):
        operator = _expression(ast.BinOp(ast.Name("x"), statement.op, ast.Name("y"))).split()[1]
        head, value = f"{_expression(statement.target)} {operator}= ", statement.value
    elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        head, value = "", statement.value
    else:
        return line
    if isinstance(value, ast.Call | ast.ListComp | ast.List):
        write = _BROKEN[type(value)]
        broken = write(indent, head, value)
        return broken if _same(broken, line) else line
    parts = _parts(value)
    if len(parts) < 2:
        return line
    inner = [f"{indent}    {part}" for part in parts]
    broken = "\n".join([f"{indent}{head}(", *inner, f"{indent})"])
    return broken if _same(broken, line) else line


def _same(broken: str, line: str, body: str = "") -> bool:
    """Whether a text says what a line says; as the head of a statement with this body."""
    try:
        one, other = ast.parse(textwrap.dedent(broken) + body), ast.parse(line.strip() + body)
    except SyntaxError:
        return False
    return ast.dump(one) == ast.dump(other)


def _whole_of(statement: ast.stmt) -> ast.Tuple | None:
    """The tuple that is what makes a line long: what a loop keeps of a turn, and takes back."""
    match statement:
        case ast.Assign(targets=[ast.Tuple() as whole], value=ast.Call(args=[], keywords=[])):
            return whole
        case ast.For(target=ast.Tuple() as whole):
            return whole
        case ast.Expr(value=ast.Call(args=[ast.Tuple() as whole], keywords=[])):
            return whole
    return None


def _broken_tuple(indent: str, line: str, whole: ast.Tuple) -> str:
    """A line with a tuple, whose items are on lines of their own, as many as one takes."""
    before, _, after = line.partition(_expression(whole))
    inner = indent + "    "
    items = textwrap.wrap(
        ", ".join(map(_item, whole.elts)) + ",",
        WIDTH,
        initial_indent=inner,
        subsequent_indent=inner,
        break_long_words=False,
    )
    opening, closing = ("", "") if before.endswith("((") else ("(", ")")
    return "\n".join([f"{before}{opening}", *items, f"{indent}{closing}{after}"])


def _broken_call(indent: str, head: str, call: ast.Call) -> str:
    """A call with its arguments on a line of their own, or each on one."""
    given = [_item(a) for a in call.args]
    given += [
        f"{k.arg}={_item(k.value)}" if k.arg else f"**{_item(k.value)}" for k in call.keywords
    ]
    inner = f"{indent}    {', '.join(given)}"
    if len(inner) > WIDTH:
        inner = "\n".join(f"{indent}    {argument}," for argument in given)
    return f"{indent}{head}{_expression(call.func)}(\n{inner}\n{indent})"


def _broken_comprehension(indent: str, head: str, whole: ast.ListComp) -> str:
    """A comprehension with its item and each of its clauses on lines of their own."""
    inner = indent + "    "
    lines = [inner + _item(whole.elt)]
    for clause in whole.generators:
        start = f"for {_expression(clause.target).removeprefix('(').removesuffix(')')} in "
        line = inner + start + _expression(clause.iter)
        if len(line) > WIDTH and isinstance(clause.iter, ast.Call):
            line = _broken_call(inner, start, clause.iter)
        lines += [line, *(f"{inner}if {_expression(test)}" for test in clause.ifs)]
    return "\n".join([f"{indent}{head}[", *lines, f"{indent}]"])


def _broken_list(indent: str, head: str, whole: ast.List) -> str:
    """A list with each item on a line of its own."""
    items = [f"{indent}    {_item(item)}," for item in whole.elts]
    return "\n".join([f"{indent}{head}[", *items, f"{indent}]"])


_BROKEN: dict[type, Callable[[str, str, Any], str]] = {
    ast.Call: _broken_call,
    ast.ListComp: _broken_comprehension,
    ast.List: _broken_list,
}


def _parts(value: ast.expr) -> list[str]:
    """The text of an expression, cut where it binds least."""
    if isinstance(value, ast.Tuple):
        return [_item(item) + "," for item in value.elts]
    if isinstance(value, ast.IfExp):
        test, orelse = _expression(value.test), _expression(value.orelse)
        return [_expression(value.body), f"if {test}", f"else {orelse}"]
    if not isinstance(value, ast.BinOp):
        return [_expression(value)]
    loosest = (ast.Add, ast.Sub) if isinstance(value.op, ast.Add | ast.Sub) else (ast.Mult, ast.Div)
    terms: list[str] = []
    while isinstance(value, ast.BinOp) and isinstance(value.op, loosest):
        pair = ast.BinOp(ast.Name("x"), value.op, value.right)
        terms.insert(0, _expression(pair).removeprefix("x "))
        value = value.left
    first = _expression(ast.BinOp(value, loosest[0](), ast.Name("x")))
    return [first.rpartition(" ")[0].rpartition(" ")[0], *terms]


def _item(value: ast.expr) -> str:
    """The text of one item of a tuple."""
    text = _expression(value)
    return f"({text})" if isinstance(value, ast.Tuple) else text


def _expression(value: ast.expr) -> str:
    """The text of an expression, without parentheses around the whole."""
    return _printed(ast.Assign([ast.Name("_")], value)).strip().removeprefix("_ = ")


def _quoted(text: str) -> str:
    """A text literal in double quotes, where that needs no escape."""
    literal = repr(text)
    plain = literal.startswith("'") and '"' not in literal and "\\" not in literal
    return f'"{literal[1:-1]}"' if plain else literal


def _docstring(text: str) -> str:
    """A docstring in triple quotes, with the very same text."""
    written = f'"""{text}"""'
    if "\\" in text or not all(c.isprintable() or c == "\n" for c in text):
        return repr(text)
    try:
        same = ast.literal_eval(written) == text
    except SyntaxError:
        same = False
    return written if same else repr(text)
