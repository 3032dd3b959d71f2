"""Find the syntax tree that a function was compiled from, and prove that it is that one.

The file may have changed since it was imported, there may be five lambdas on the line, the
function may have been defined in a notebook. So a tree is accepted only if compiling it
gives the function's own code object again; anything else would be the derivative of another
text.
"""

from __future__ import annotations
import __future__

import ast
import functools
import inspect
import linecache
import textwrap
import tokenize
import types
import warnings
import weakref
from collections.abc import Iterator

from sourcediff.errors import DifferentiationError, Span

__all__ = ["ADVICE", "Source", "no_plain_function", "own_nodes", "source_of"]

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_FUTURE = 0
for _feature in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _feature).compiler_flag


class Source:
    """A function's syntax tree with the text it was parsed from.

    Line numbers of `node` are those of the file; `lines` is a snapshot of the file.
    """

    def __init__(
        self, node: Definition, filename: str, lines: list[str], column_offset: int = 0
    ) -> None:
        self.node = node
        self.filename = filename
        self.lines = lines
        self.column_offset = column_offset

    def line(self, number: int) -> str:
        """Line `number` of the file, counted from 1, without its end."""
        return self.lines[number - 1].rstrip("\r\n") if 0 < number <= len(self.lines) else ""

    def span(self, node: ast.AST) -> Span:
        """Where a node stands in the user's file."""
        line = getattr(node, "lineno", self.node.lineno)
        text = self.line(line)
        column = self._column(text, getattr(node, "col_offset", 0))
        end_line = getattr(node, "end_lineno", None)
        end_column = None
        if end_line == line:
            end_column = self._column(text, getattr(node, "end_col_offset", 0) or 0)
        return Span(self.filename, line, column, end_line, end_column, text)

    def _column(self, text: str, utf8_offset: int) -> int:
        """A column counted in characters from 1, from the parser's count in UTF-8 bytes."""
        prefix = text.encode()[: utf8_offset + self.column_offset]
        return len(prefix.decode(errors="replace")) + 1

    def statement_text(self, node: ast.stmt | ast.expr) -> str:
        """The user's own text of a statement, on one line; of a compound one only its head."""
        end = node.end_lineno or node.lineno
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and body[0].lineno > node.lineno:
            end = node.lineno
        if end == node.lineno:
            raw = self.line(node.lineno).encode()
            stop = None if isinstance(body, list) else node.end_col_offset
            start = node.col_offset + self.column_offset
            text = raw[start : None if stop is None else stop + self.column_offset].decode()
            return text.split("#")[0].strip() if stop is None else text.strip()
        return ast.unparse(node).splitlines()[0]


def own_nodes(definition: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function's own body, not those of functions and classes defined in it."""
    body = definition.body if hasattr(definition, "body") else []
    pending = list(body) if isinstance(body, list) else [body]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        pending.extend(ast.iter_child_nodes(node))


#: What to do about a function that gives something else than a value, by what that is.
ADVICE = {
    "a generator": "return the values in a list instead",
    "a coroutine": "return the value instead",
}


def no_plain_function(code: types.CodeType) -> str | None:
    """What a call of the function gives instead of a value, in words; None for a plain one."""
    if code.co_flags & inspect.CO_GENERATOR:
        return "a generator"
    if code.co_flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
        return "a coroutine"
    return None


#: The sources found, by the identity of the code; one is forgotten when its code is gone.
_found: dict[int, Source] = {}


def source_of(function: types.FunctionType) -> Source:
    """The syntax tree of a function.

    Raises:
        DifferentiationError: there is no source, it changed since the function was compiled,
            or two functions of the text cannot be told apart.
    """
    code = function.__code__
    found = _found.get(id(code))
    if found is None:
        try:
            found = _found[id(code)] = _find(function)
            weakref.finalize(code, _found.pop, id(code), None)
        except RecursionError:
            raise DifferentiationError(
                f"{function.__name__!r} is nested too deeply",
                Span(code.co_filename, code.co_firstlineno),
                help="split it into several functions or statements",
            ) from None
    return found


def _find(function: types.FunctionType) -> Source:
    code = function.__code__
    filename = code.co_filename
    lines = _lines(function)
    if not lines:
        raise DifferentiationError(
            f"the source of {function.__name__!r} is not available (it was defined in {filename})",
            help="define the function in a file or a notebook; text given to exec() or python -c "
            "leaves no source behind (an IDE, IPython, and the prompt of Python 3.13 keep it)",
        )
    if code.co_name != "<lambda>":
        quick = _from_block(function, lines)
        if quick is not None:
            return quick
    return _from_file(function, lines)


def _lines(function: types.FunctionType) -> list[str]:
    filename = function.__code__.co_filename
    linecache.checkcache(filename)
    return linecache.getlines(filename, function.__globals__)


def _from_block(function: types.FunctionType, lines: list[str]) -> Source | None:
    """Parse only the lines of the one definition; None where that does not settle it."""
    code = function.__code__
    first = code.co_firstlineno - 1
    if not 0 <= first < len(lines):
        return None
    try:
        block = inspect.getblock(lines[first:])
        text = "".join(block)
        dedented = textwrap.dedent(text)
        tree = ast.parse(dedented)
    except (SyntaxError, tokenize.TokenError):
        return None
    node = tree.body[0] if tree.body else None
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name != code.co_name:
        return None
    wrapped = tree
    if code.co_freevars:
        # Free variables are free only inside of a function that binds them.
        outer = ast.parse("def _():\n " + " = ".join(code.co_freevars) + " = None")
        outer.body[0].body.append(node)  # type: ignore[attr-defined]
        wrapped = outer
    if not any(_same_code(c, code) for c in _codes(wrapped, code)):
        return None
    ast.increment_lineno(tree, first)
    removed = len(text.split("\n", 1)[0]) - len(dedented.split("\n", 1)[0])
    return Source(node, code.co_filename, lines, max(removed, 0))


def _from_file(function: types.FunctionType, lines: list[str]) -> Source:
    """Search the whole text for the definition that compiles to the function's code."""
    code = function.__code__
    try:
        tree = _parsed("".join(lines), code.co_filename)
    except SyntaxError as cause:
        raise _changed(function) from cause
    same = [c for c in _codes(tree, code) if _same_code(c, code)]
    if not same:
        raise _changed(function)
    wanted = [_position(c) for c in same]
    here = [p for p, c in zip(wanted, same, strict=True) if _position(c) == _position(code)]
    if not here and len(set(wanted)) > 1:
        raise DifferentiationError(
            f"{len(same)} functions in {code.co_filename} could be {function.__name__!r}",
            Span(code.co_filename, code.co_firstlineno, text=lines[code.co_firstlineno - 1]),
            help="the file changed since it was imported; import it again",
        )
    line, column = (here or wanted)[0]
    for node in ast.walk(tree):
        if _starts_at(node, code.co_name, line, column):
            assert isinstance(node, Definition)
            return Source(node, code.co_filename, lines)
    raise _changed(function)


@functools.lru_cache(maxsize=64)
def _parsed(text: str, _filename: str) -> ast.Module:
    # Each file has a tree of its own: what is known of a function hangs on its nodes.
    # IPython lets a cell end in lines that are no Python; such cells never get here.
    return ast.parse(text)


def _codes(tree: ast.Module, like: types.CodeType) -> Iterator[types.CodeType]:
    """The code objects of the name of `like` in what `tree` compiles to."""
    flags = like.co_flags & _FUTURE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # the user has seen them at import
        pending = [compile(tree, like.co_filename, "exec", flags, dont_inherit=True)]
    while pending:
        code = pending.pop(0)
        if code.co_name == like.co_name:
            yield code
        pending.extend(c for c in code.co_consts if isinstance(c, types.CodeType))


def _same_code(a: types.CodeType, b: types.CodeType) -> bool:
    """Whether two code objects run the same program, wherever it stands."""
    if "@pytest_ar" in b.co_names:
        return _same_but_for_asserts(a, b)
    return (
        a.co_code == b.co_code
        and a.co_flags == b.co_flags
        and (a.co_argcount, a.co_posonlyargcount) == (b.co_argcount, b.co_posonlyargcount)
        and a.co_kwonlyargcount == b.co_kwonlyargcount
        and a.co_names == b.co_names
        and a.co_varnames == b.co_varnames
        and a.co_freevars == b.co_freevars
        and len(a.co_consts) == len(b.co_consts)
        and all(map(_same_constant, a.co_consts, b.co_consts))
    )


def _same_but_for_asserts(a: types.CodeType, b: types.CodeType) -> bool:
    """As `_same_code` where pytest rewrote the asserts of `b`: all else must still be there."""
    return (
        a.co_varnames == tuple(n for n in b.co_varnames if not n.startswith("@"))
        and a.co_freevars == b.co_freevars
        and {*a.co_names} - {"AssertionError"} <= {*b.co_names}
        and {repr(c) for c in a.co_consts if isinstance(c, int | float)}
        <= {repr(c) for c in b.co_consts}
    )


def _same_constant(a: object, b: object) -> bool:
    if isinstance(a, types.CodeType) and isinstance(b, types.CodeType):
        return _same_code(a, b)
    return a.__class__ is b.__class__ and repr(a) == repr(b)


def _position(code: types.CodeType) -> tuple[int, int]:
    """First line, and for a lambda the column where its body begins."""
    if code.co_name != "<lambda>":
        return code.co_firstlineno, 0
    starts = [
        (line, column)
        for line, _, column, _ in code.co_positions()
        if line is not None and column is not None and (line, column) != (code.co_firstlineno, 0)
    ]
    return min(starts, default=(code.co_firstlineno, 0))


def _starts_at(node: ast.AST, name: str, line: int, column: int) -> bool:
    if name == "<lambda>":
        if not isinstance(node, ast.Lambda):
            return False
        body = node.body
        first = min((n.lineno, n.col_offset) for n in ast.walk(body) if isinstance(n, ast.expr))
        return first == (line, column) or (body.lineno, body.col_offset) == (line, column)
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name != name:
        return False
    return min([node.lineno, *(d.lineno for d in node.decorator_list)]) == line


def _changed(function: types.FunctionType) -> DifferentiationError:
    code = function.__code__
    return DifferentiationError(
        f"the source of {function.__name__!r} in {code.co_filename} is not what was compiled",
        Span(code.co_filename, code.co_firstlineno),
        help="the file changed since it was imported; import it again (restart the session)",
    )
