"""Errors about the user's code: one class, always with the line that caused it.

Everything the compiler has to say about a function it cannot differentiate is a
`DifferentiationError`. It is a `SyntaxError`, so that every tool that shows a syntax
error (the interpreter, IDEs, pytest, notebooks) shows the user's file, line and a caret:

>>> span = Span("bank.py", 3, 11, 3, 18, "    return open(x)")
>>> error = DifferentiationError("'open' has no derivative", span, help="leave it out")
>>> print(error)
'open' has no derivative (bank.py, line 3)
>>> error.__notes__
['help: leave it out']
"""

from __future__ import annotations

__all__ = ["DifferentiationError", "InternalError", "Span", "internal_error", "is_too_deep"]


class Span:
    """A stretch of the user's source: file, lines and columns (all counted from 1)."""

    __slots__ = ("column", "end_column", "end_line", "filename", "line", "text")

    def __init__(
        self,
        filename: str,
        line: int,
        column: int = 1,
        end_line: int | None = None,
        end_column: int | None = None,
        text: str | None = None,
    ) -> None:
        self.filename = filename
        self.line = line
        self.column = column
        self.end_line = end_line
        self.end_column = end_column
        self.text = text

    def __repr__(self) -> str:
        return f"{self.filename}:{self.line}:{self.column}"


class DifferentiationError(SyntaxError):
    """The function cannot be differentiated; says where, why, and what to write instead.

    Attributes are those of `SyntaxError` (`msg`, `filename`, `lineno`, `offset`, `text`,
    `end_lineno`, `end_offset`); `help`, where there is one, is also among the notes that a
    traceback prints. `certain` says that no choice of arguments could avoid it,
    `asks_how_arrays_lie` that it might not be said if it were known of the arguments, and
    `asks_values_of` if the values were known of the arguments of these names.
    `is_mismatch` says that it is about tangents in another structure than what they belong to.
    """

    asks_how_arrays_lie = False
    is_mismatch = False
    asks_values_of: frozenset[str] = frozenset()

    def __init__(
        self,
        message: str,
        span: Span | None = None,
        help: str | None = None,
        certain: bool = False,
    ) -> None:
        if span is None:
            super().__init__(message)
        else:
            end = span.end_column if span.end_line in (None, span.line) else None
            super().__init__(
                message,
                (span.filename, span.line, span.column, span.text, span.line, end or span.column),
            )
        self.help = help
        self.certain = certain
        if help:
            self.add_note(f"help: {help}")


class InternalError(DifferentiationError):
    """A defect of sourcediff itself, reported as such instead of as a bare traceback.

    What went wrong inside is its ``__cause__``. It is never swallowed: where another road leads to
    the derivative that road is taken, but no refusal is shown in its place.
    """


def is_too_deep(cause: BaseException) -> bool:
    """Whether an exception says that Python cannot nest a program so deep.

    Any other syntax error in a text of ours is a defect.

    >>> is_too_deep(SyntaxError("too many statically nested blocks")), is_too_deep(SyntaxError("?"))
    (True, False)
    """
    if isinstance(cause, SyntaxError):
        return "too many" in str(cause) or "too deep" in str(cause)
    return isinstance(cause, RecursionError)


def internal_error(name: str, cause: BaseException) -> InternalError:
    """What the user sees of an exception that only a defect can raise."""
    return InternalError(
        f"internal error while differentiating {name!r}: {type(cause).__name__}: {cause}",
        help="this is a defect of sourcediff, not of your code; please report it with the function",
    )
