"""The keys of dicts in results, as they stand in the text of a function that reads them.

>>> import enum
>>> class Side(enum.Enum):
...     LONG = 1
>>> text_of_key("spot"), text_of_key((1, 2.5)), text_of_key(Side.LONG)
("'spot'", '(1, 2.5)', 'Side.LONG')
>>> classes_in({Side.LONG: 1.0, "k": [2.0]}, "f")
{'Side': <enum 'Side'>}
"""

from __future__ import annotations

import ast
import enum
from typing import Any

from sourcediff.distinct import held_by
from sourcediff.errors import DifferentiationError

__all__ = ["classes_in", "text_of_key"]


def text_of_key(key: Any) -> str:
    """A key as an expression; a member of an enumeration by the name of its class."""
    return f"{type(key).__name__}.{key.name}" if isinstance(key, enum.Enum) else repr(key)


def classes_in(value: Any, name: str) -> dict[str, type]:
    """The enumerations whose members are keys in what a function returns, by their names.

    Args:
        name: that of the function.

    Raises:
        DifferentiationError: a key cannot be written in a text.
    """
    found: dict[str, type] = {}
    pending, seen = [value], set()
    while pending:
        item = pending.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        pending += held_by(item)
        for key in item if isinstance(item, dict) else ():
            cls = type(key)
            if isinstance(key, enum.Enum):
                known = found.setdefault(cls.__name__, cls) is cls
            else:
                known = _is_literal(key)
            if not known:
                raise DifferentiationError(
                    f"{name}() returns a dict with the key {key!r}, which is not supported here",
                    help="use texts or numbers as keys",
                )
    return found


def _is_literal(key: Any) -> bool:
    try:
        return bool(ast.literal_eval(repr(key)) == key)
    except (ValueError, SyntaxError):
        return False
