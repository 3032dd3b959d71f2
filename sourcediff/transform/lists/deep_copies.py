"""Copies of lists of lists: the adjoints of the copy become those of what was copied.

    b = [row[:] for row in a]           →    a_bar is the list that was b_bar

No loop adds the one to the other where nothing has contributed to the adjoints of `a` yet: what
follows in the reverse code has no more use for those of the copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import FOR, Atom, Const, Op, Value
from sourcediff.memory import LIST, METHOD_OF, QUERY, SLICED, SUBSCRIPT
from sourcediff.transform.lists.contents import is_list
from sourcediff.types import REAL

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.lists.shadows import Shadows

__all__ = ["hand_over_adjoints"]


def hand_over_adjoints(lists: Shadows, ops: Sequence[Op], place: int, adjoints: Adjoints) -> bool:
    """Take the adjoints of a copy for those of what a loop copies; False if there is more to do.

    Args:
        ops: the operations of the region that is being turned round.
        place: that of the loop among them.
    """
    found = _copied_by(ops[max(place - 3, 0) : place + 1])
    if found is None:
        return False
    whole, made = found
    if whole not in lists.run.active or whole not in lists.homes:
        return False
    shadow = lists.known(made, adjoints)
    here = lists.homes[whole][1] is adjoints and not lists.is_row(whole)
    if not isinstance(shadow, Value) or lists.known(whole, adjoints) is not None or not here:
        return False
    lists.take(whole, shadow, adjoints)
    return True


def _copied_by(ops: Sequence[Op]) -> tuple[Value, Value] | None:
    """The list of lists that four operations copy, and what they copy it to.

    Before → after: ``made = []; n = len(whole); places = range(n); for i in places: …`` → both
    lists, where a turn appends a copy of the item and does nothing else.
    """
    if len(ops) != 4:
        return None
    display, length, count, loop = ops
    if display.primitive is not LIST or display.args or loop.primitive is not FOR:
        return None
    if loop.args != count.results or count.args != length.results or loop.results:
        return None
    if not (_calls(length, len) and _calls(count, range)):
        return None
    (whole,), made = length.args, display.result
    if not isinstance(whole, Value) or not is_list(whole):
        return None
    turn = loop.regions[0]
    if len(turn.ops) < 2 or len(turn.parameters) != 1 or turn.results:
        return None
    read, *copying, append = turn.ops
    if read.primitive is not SUBSCRIPT or read.args != (whole, turn.parameters[0]):
        return None
    if append.primitive is not METHOD_OF or append.attribute.name != "append":
        return None
    if append.args[0] is not made or not _copies(copying, read.result, append.args[1]):
        return None
    return whole, made


def _copies(ops: Sequence[Op], row: Value, copy: Atom) -> bool:
    """Whether operations make a copy of a list of numbers, or of lists, and nothing else."""
    if not is_list(row) or not ops:
        return False
    *making, last = ops
    if last.primitive is FOR:
        return _copied_by(ops) == (row, copy)
    if last.results != (copy,) or row.type.slots["element"].type is not REAL:
        return False
    if last.primitive is SUBSCRIPT and len(making) == 1:
        (part,) = making
        bounds = [a.value if isinstance(a, Const) else a for a in part.args]
        everything = part.primitive is SLICED and bounds == [None, None, None]
        return everything and last.args == (row, part.result)
    if making or last.args != (row,):
        return False
    if last.primitive is QUERY:
        return bool(last.attribute.name == "copy")
    return _calls(last, list)


def _calls(op: Op, function: Any) -> bool:
    return op.primitive is PURE_CALL and op.attribute.function is function
