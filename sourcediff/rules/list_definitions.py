"""What functions of Python's library make of lists, in terms of others.

A call of one is entered as if the user had written these lines.

>>> copied_rows([[1.0], [2.0, 3.0]])
[[1.0], [2.0, 3.0]]
"""

from __future__ import annotations

from typing import Any

__all__ = ["copied_blocks", "copied_rows", "sum_of_arrays"]


def copied_rows(rows: Any) -> Any:
    """``copy.deepcopy(rows)`` of a list of lists of numbers of which none is in it twice."""
    return [row[:] for row in rows]


def copied_blocks(blocks: Any) -> Any:
    """``copy.deepcopy(blocks)`` of a list of lists of lists of numbers, each in it once."""
    return [[row[:] for row in rows] for rows in blocks]


def sum_of_arrays(items: Any, start: Any = 0) -> Any:
    """``sum(items)`` of a list of arrays, which has one at least."""
    total = start + items[0]
    for item in items[1:]:
        total = total + item
    return total
