"""Colours Python source for a terminal; used by the command line.

>>> highlighted("x = 1  # one")
'x = \\x1b[36m1\\x1b[0m  \\x1b[90m# one\\x1b[0m'
"""

from __future__ import annotations

import io
import keyword
import os
import tokenize
from typing import TextIO

__all__ = ["COLOURS", "RESET", "highlighted", "is_wanted"]

# Escape codes of ECMA-48: the terminal's own palette, so that they suit its background.
COLOURS = {
    "comment": "\x1b[90m",
    "definition": "\x1b[1;34m",
    "keyword": "\x1b[35m",
    "number": "\x1b[36m",
    "string": "\x1b[32m",
}
RESET = "\x1b[0m"


def is_wanted(choice: str, stream: TextIO) -> bool:
    """Whether to colour what goes to a stream.

    Args:
        choice: "always", "never", or "auto": on a terminal that can, unless the user has set
            NO_COLOR (https://no-color.org).
        stream: where the text goes.
    """
    if choice != "auto":
        return choice == "always"
    is_refused = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not is_refused


def highlighted(source: str) -> str:
    """Python source with colours put in; a text that is no Python as it is."""
    starts = [0]
    for line in io.StringIO(source):
        starts.append(starts[-1] + len(line))
    pieces: list[str] = []
    done, before = 0, ""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            colour = COLOURS.get(_kind(token, before))
            before = token.string
            start, end = (starts[line - 1] + column for line, column in (token.start, token.end))
            if colour and done <= start < end:
                pieces += [source[done:start], colour, source[start:end], RESET]
                done = end
    except (tokenize.TokenError, SyntaxError):
        return source
    return "".join([*pieces, source[done:]])


def _kind(token: tokenize.TokenInfo, before: str) -> str:
    if token.type != tokenize.NAME:
        name = tokenize.tok_name[token.type].lower()
        return "string" if name.startswith(("fstring", "tstring")) else name
    if keyword.iskeyword(token.string):
        return "keyword"
    return "definition" if before in ("def", "class") else "name"
