"""``next(item for …)`` without a default: the first item, or the error that there is none.

    i = next(i for i, x in enumerate(xs) if x > limit)

is the same with None for a default, which is then seen to:

    i = next((i for i, x in enumerate(xs) if x > limit), None)
    if i is None:
        raise StopIteration

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, list_of
>>> def f(xs):
...     return next(x for x in xs if x > 0)
>>> "raise" in str(lower_function(f, {"xs": list_of(Slot(REAL))}))
True
"""

from __future__ import annotations

import ast
import builtins
from contextlib import suppress

from sourcediff import types
from sourcediff.frontend.containers.comprehensions import lower_first
from sourcediff.frontend.control.joins import Diverged
from sourcediff.frontend.frames import Arm
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import RAISE
from sourcediff.frontend.values import Binding, Ref, Static
from sourcediff.ir import IF, Const, Op, Region, Value
from sourcediff.rules.table import primitive_of

__all__ = ["lower_first_of_some"]


def lower_first_of_some(lowering: Lowering, node: ast.GeneratorExp) -> Binding:
    """The first item of a generator expression."""
    none = ast.copy_location(ast.Constant(None), node)
    found = lower_first(lowering, node, none)
    if not isinstance(found, Value) or found.type is types.NONE:
        _nothing_there(lowering)
        raise Diverged
    if found.type.kind != "Optional":
        lowering.error("next() of these items is not supported without a default", node)
    is_none = primitive_of(ast.Is())
    assert is_none is not None
    test = lowering.apply(is_none, (found, Const(None, types.NONE)))
    missing = Arm()
    with lowering.inside(missing), suppress(Diverged):
        _nothing_there(lowering)
    arms = (Region(missing.ops, None), Region([], ()))
    lowering.ops.append(Op(IF, (test,), (), arms, "statement", lowering.site))
    return lowering.taken(lowering.narrowed(found))


def _nothing_there(lowering: Lowering) -> None:
    """``raise StopIteration``."""
    static = Static(StopIteration, Ref("module", builtins, ("StopIteration",)))
    lowering.effect(RAISE, [lowering.exception(static)])
