"""Lists of functions, or of objects of several classes, which grow where control always gets.

A function cannot be an item of a list of the run. Where one is appended to a list, the list is
known while compiling, as it is where it is written out: a loop over it is written out, too.

    pipeline.steps = []                         y = math.sin(x)
    pipeline.steps.append(math.sin)             z = scale(y)
    pipeline.steps.append(scale)
    for step in pipeline.steps:
        x = step(x)

Whatever names the list has, and wherever it is held, it is this one that grows. So it may not grow
in a branch, nor in a loop that is not written out.

>>> import math
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> def f(x):
...     steps = []
...     steps.append(math.sin)
...     steps.append(math.exp)
...     for step in steps:
...         x = step(x)
...     return x
>>> print(lower_function(f, {"x": REAL}))
f(x: Real):
    x.1 = math.sin x
    x.2 = math.exp x.1
    yield x.2
"""

from __future__ import annotations

from typing import Any

from sourcediff import types
from sourcediff.frontend.calls.builtin_calls import Kwargs, handles
from sourcediff.frontend.control.unrolling import turn_by_turn
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.values import Binding, Bound, Choice, Closure, Dissolved, Static, Tup
from sourcediff.ir import Const

__all__ = ["holds_code", "known_append"]


def holds_code(binding: Binding) -> bool:
    """Whether a binding is a function or a class, or a tuple with one."""
    if isinstance(binding, Tup):
        return any(map(holds_code, binding.items))
    if isinstance(binding, Static):
        return callable(binding.object) and not binding.is_member
    return isinstance(binding, Closure | Bound | Choice)


def _append(whole: Any, item: Any) -> None:
    raise AssertionError("lowered by the front end")


def _reverse(whole: Any) -> None:
    raise AssertionError("lowered by the front end")


_CHANGES = {"append": _append, "reverse": _reverse}


def known_append(lowering: Lowering, whole: Tup, name: str) -> Binding | None:
    """``append`` or ``reverse`` of a list that is known while compiling; None for any other."""
    if name not in _CHANGES or whole.site is None:
        return None
    if any(map(holds_code, whole.items)) or _is_of_several(whole.items):
        lowering.memo.known_lists |= {whole.site}
    if whole.site not in lowering.memo.known_lists:
        return None
    return Bound(Static(_CHANGES[name]), [whole])


def _is_of_several(items: list[Binding]) -> bool:
    """Whether items are objects of several classes, which no list of the run holds."""
    return len({item.cls for item in items if isinstance(item, Dissolved)}) > 1


@handles(_append)
def _appended(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    if len(args) != 2 or kwargs:
        lowering.error("append() takes one argument")
    whole, item = args
    assert isinstance(whole, Tup)
    lowering.refuse_iterator(item)
    _require_always(lowering)
    whole.items.append(item)
    return Const(None, types.NONE)


@handles(_reverse)
def _reversed(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    if len(args) != 1 or kwargs:
        lowering.error("reverse() takes no argument")
    (whole,) = args
    assert isinstance(whole, Tup)
    _require_always(lowering)
    whole.items.reverse()
    return Const(None, types.NONE)


def _require_always(lowering: Lowering) -> None:
    """Refuse to change a list where control does not always get, or gets more than once."""
    if lowering.branch_depth or lowering.apart_depth or lowering.attempts:
        turn_by_turn(lowering)
        lowering.error(
            "a list of functions, or of objects of several classes, that changes in a branch or "
            "in a loop is not supported",
            help="change it where it is made",
        )
