"""Calls that stand beside the numbers: what logs and warns, and decorators that change no value.

>>> import logging
>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL
>>> log = logging.getLogger("model")
>>> def f(x):
...     log.info("at %s", x)
...     return x * x
>>> print(lower_function(f, {"x": REAL}))
f(x: Real):
    call 'at %s' x [log.info]
    %1 = mul x x
    yield %1
"""

from __future__ import annotations

import copy
import functools
import logging
import types as python_types
import warnings
from typing import Any

from sourcediff import types
from sourcediff.frontend.calls.cached import (
    require_only_computes,
    require_results_kept,
    require_unchanged_after,
)
from sourcediff.frontend.calls.draws import call_draw
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import CALL, CallSpec
from sourcediff.frontend.values import Binding, Closure, Static, Tup
from sourcediff.ir import Atom, Const, Value

__all__ = ["call_standing_by"]

_LOGGING = ("debug", "info", "warning", "warn", "error", "critical", "exception", "log")

#: What is called for its effect alone, and what for a truth value.
_EFFECTS = (warnings.warn, *(getattr(logging.Logger, name) for name in _LOGGING))
_TESTS = (logging.Logger.isEnabledFor, logging.Logger.hasHandlers)

_DECORATORS = (functools.cache, functools.lru_cache, functools.wraps)


def call_standing_by(
    lowering: Lowering, function: Binding, args: list[Binding], kwargs: dict[str, Binding]
) -> Binding | None:
    """Such a call; None for any other."""
    draw = call_draw(lowering, function, args, kwargs)
    if draw is not None:
        return draw
    if not isinstance(function, Static):
        return None
    found = function.object
    if (found is _same or found is _cached) and len(args) == 1 and not kwargs:
        return args[0] if found is _same else _kept(lowering, args[0])
    if found in (copy.copy, copy.deepcopy) and len(args) == 1 and not lowering.faithful:
        from sourcediff.frontend.objects.copies import copy_of

        return copy_of(lowering, args[0], found is copy.deepcopy)
    if found is hasattr and len(args) == 2 and not kwargs:
        whole, name = args
        if isinstance(whole, Static) and isinstance(name, Const):
            if isinstance(whole.object, type | python_types.ModuleType):
                return Const(hasattr(whole.object, name.value), types.BOOL)
    made = getattr(found, "__made_ahead__", None)
    if made is not None:
        return _derivative(made, args, kwargs)
    if any(found is decorator for decorator in _DECORATORS):
        if found is not functools.wraps and len(args) == 1 and not isinstance(args[0], Const):
            return _kept(lowering, args[0])
        return Static(_same if found is functools.wraps else _cached)
    if found is logging.getLogger and not kwargs:
        names = [a.value for a in args if isinstance(a, Const)]
        return Static(logging.getLogger(*names)) if len(names) == len(args) else None
    plain = found.__func__ if isinstance(found, python_types.MethodType) else found
    is_test = any(plain is test for test in _TESTS)
    if not is_test and not any(plain is effect for effect in _EFFECTS):
        return None
    path = lowering.reference_to(function)
    if args and isinstance(args[0], Static) and isinstance(args[0].object, logging.Logger):
        # A method that was looked up on a logger: it is written as one.
        path = lowering.reference_to(args[0]).attribute(plain.__name__)
        found, args = getattr(args[0].object, plain.__name__), args[1:]
    atoms: list[Atom] = [lowering.printable(a) for a in (*args, *kwargs.values())]
    spec = CallSpec(found, path, tuple(kwargs))
    if is_test:
        return lowering.emit(CALL, atoms, types.BOOL, attribute=spec)
    lowering.effect(CALL, atoms, attribute=spec)
    return Const(None, types.NONE)


def _derivative(made: Any, args: list[Binding], kwargs: dict[str, Binding]) -> Binding | None:
    """``grad(f)`` of a function that is known: the derivative itself."""
    given = [*args, *kwargs.values()]
    known = [a.object if isinstance(a, Static) else a for a in given]
    values = [_constant(k) for k in known]
    if not isinstance(args[0] if args else None, Static) or any(v is _UNKNOWN for v in values):
        return None
    named = dict(zip(kwargs, values[len(args) :], strict=True))
    return Static(made(*values[: len(args)], **named))


_UNKNOWN = object()


def _constant(known: Any) -> Any:
    if isinstance(known, Const):
        return known.value
    if isinstance(known, Tup):
        items = [_constant(item) for item in known.items]
        return _UNKNOWN if any(item is _UNKNOWN for item in items) else tuple(items)
    return _UNKNOWN if isinstance(known, Value) else known


def _same(function: Any) -> Any:
    """What a decorator that changes no value does."""
    return function


def _kept(lowering: Lowering, function: Binding) -> Binding:
    """A function whose results are kept: itself, where nobody can tell the difference."""
    if isinstance(function, Closure):
        require_only_computes(lowering, function.node)
        require_unchanged_after(lowering, function.node, lowering.frame.node)
        require_results_kept(lowering, function.node, lowering.frame.node)
    return function


def _cached(function: Any) -> Any:
    """What a decorator does that keeps the results of a function."""
    return function
