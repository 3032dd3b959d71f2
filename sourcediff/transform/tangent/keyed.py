"""Forward mode of dicts in memory: beside one stands a dict of tangents under the same keys.

``totals[k] = totals.get(k, 0.0) + x`` is followed by the same of ``totals_dot`` and ``x_dot``. Both
get their keys in the same order, so that their values are side by side as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sourcediff import types
from sourcediff.frontend.primitives import PURE_CALL
from sourcediff.ir import Const, Op, Value
from sourcediff.memory import DICT, METHOD_OF, QUERY
from sourcediff.transform.lists.contents import is_dict
from sourcediff.types import Slot

if TYPE_CHECKING:
    from sourcediff.transform.tangent.lists import TangentLists

__all__ = ["push_forward_dict"]

ZERO = Const(0.0, types.REAL)


def push_forward_dict(lists: TangentLists, op: Op) -> bool:
    """Append an operation on a dict and its tangents; False if a list has the same."""
    called = op.attribute.function if op.primitive is PURE_CALL else None
    if op.primitive is DICT:
        args = [op.args[k] if k % 2 == 0 else lists.run.atom(a) for k, a in enumerate(op.args)]
        lists.same(op, tuple(args))
    elif called == dict.fromkeys:
        lists.same(op, (op.args[0], lists.run.atom(op.args[1])))
    elif called is not None and op.results and is_dict(op.result):
        lists.same(op, tuple(lists.of(arg) if is_dict(arg) else arg for arg in op.args))
    elif called is list and _view(lists, op) is not None:
        _values(lists, op)
    elif not op.args or not is_dict(op.args[0]):
        return False
    elif op.primitive is METHOD_OF:
        whole, key = op.args
        lists.same(op, (lists.of(whole), key), after=False)
    elif op.primitive is QUERY and op.attribute.name == "get":
        whole, key, _ = op.args
        lists.same(op, (lists.of(whole), key, ZERO))
    elif op.primitive is QUERY and op.results and is_dict(op.result):
        lists.same(op, (lists.of(op.args[0]),))
    elif op.primitive is QUERY:
        lists.run.builder.ops.append(op)  # a view: its tangents are looked at with it
    else:
        return False
    return True


def _view(lists: TangentLists, op: Op) -> Op | None:
    """The view of the values of a dict that an operation makes a list of."""
    (source,) = op.args if len(op.args) == 1 else (None,)
    made = lists.run.builder.definitions.get(source) if isinstance(source, Value) else None
    return made if made is not None and made.primitive is QUERY else None


def _values(lists: TangentLists, op: Op) -> None:
    """``list(whole.values())``"""
    view = _view(lists, op)
    assert view is not None
    viewed = types.iterator_of(Slot(types.REAL))
    tangents = lists.of(view.args[0])
    beside = lists.run.builder.emit(QUERY, (tangents,), viewed, view.attribute)
    lists.same(op, (beside,))
