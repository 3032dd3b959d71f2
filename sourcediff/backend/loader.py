"""From text to a function: compiled from the very text that is shown, and known to tracebacks."""

from __future__ import annotations

import linecache
from types import FunctionType
from typing import Any

__all__ = ["load", "show"]

_taken: dict[str, int] = {}


def load(text: str, name: str, namespace: dict[str, Any], label: str) -> FunctionType:
    """Run the text of a module and give back its function `name`.

    The text is registered with `linecache` under a file name of its own, so that tracebacks,
    pdb and `inspect.getsource` show it.

    Args:
        text: the source of a module.
        name: the function in it.
        namespace: what the text may use without defining it; becomes the module's globals.
        label: what the file name shall say.
    """
    count = _taken[label] = _taken.get(label, 0) + 1
    filename = f"<sourcediff {label}>" if count == 1 else f"<sourcediff {label} #{count}>"
    code = compile(text, filename, "exec", dont_inherit=True)
    exec(code, namespace)
    show(text, filename)
    function = namespace[name]
    assert isinstance(function, FunctionType)
    return function


def show(text: str, filename: str) -> None:
    """Register the text of a generated module under its file name."""
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
