"""Built-in functions that see code or variables where a compiler cannot: refused with what to do.

>>> why_hidden(eval)
('eval() runs text that is not known while compiling', 'write the expression in its place')
>>> why_hidden(abs) is None
True
"""

from __future__ import annotations

import builtins
from typing import Any

from sourcediff.frontend.calls.callables import is_hashable

__all__ = ["why_hidden"]

_TEXT = "runs text that is not known while compiling"
_FRAME = "gives variables by their names as text, which are not followed"
_READ = "read the variables by their names"

_HIDDEN = {
    builtins.exec: (_TEXT, "write the statements in its place"),
    builtins.eval: (_TEXT, "write the expression in its place"),
    builtins.compile: (_TEXT, "write the code in its place"),
    builtins.__import__: ("imports by text, which is not followed", "use an import statement"),
    builtins.locals: (_FRAME, _READ),
    builtins.globals: (_FRAME, _READ),
    builtins.vars: (_FRAME, _READ),
    builtins.setattr: (
        "changes an attribute of an object, which is not supported",
        "keep the value in a variable",
    ),
    builtins.delattr: (
        "removes an attribute of an object, which is not supported",
        "keep the value in a variable",
    ),
}


def why_hidden(function: Any) -> tuple[str, str] | None:
    """What is wrong with a call of this function, and what to write instead; None if nothing."""
    found = _HIDDEN.get(function) if is_hashable(function) else None
    if found is None:
        return None
    message, help = found
    return f"{function.__name__}() {message}", help
