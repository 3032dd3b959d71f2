"""The door of the front end: a Python function in, its IR out.

>>> import math
>>> from sourcediff.ir import Const
>>> from sourcediff.types import REAL, STR
>>> def f(x, kind):
...     if kind == "square":
...         return x * x
...     return math.exp(x)
>>> print(lower_function(f, {"x": REAL, "kind": Const("square", STR)}))
f(x: Real):
    %1 = mul x x
    yield %1
"""

from __future__ import annotations

import ast
import types as python_types
from collections.abc import Mapping

from sourcediff.errors import DifferentiationError
from sourcediff.frontend.calls import entry_bindings
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.origin import Origin
from sourcediff.frontend.source import no_plain_function, source_of
from sourcediff.frontend.statements import lower_body
from sourcediff.frontend.values import Binding
from sourcediff.ir import Function, Region, Value, deep_recursion
from sourcediff.types import Type

__all__ = ["lower_function"]


def lower_function(
    function: python_types.FunctionType, arguments: Mapping[str, Type | Binding]
) -> Function:
    """Lower a Python function for arguments of given types, or given objects.

    Args:
        function: a function written in Python.
        arguments: for every parameter a type (a value that each call brings) or a binding (a
            constant: text, None, a function).

    Raises:
        DifferentiationError: the function uses something that is not supported.
    """
    source = source_of(function)
    node = source.node
    kind = no_plain_function(function.__code__)
    if kind is not None or isinstance(node, ast.AsyncFunctionDef):
        raise DifferentiationError(
            f"{function.__name__!r} is {kind}, which has no one value to differentiate",
            source.span(node),
            help="return the value instead",
            certain=True,
        )
    lowering = Lowering()
    with deep_recursion():
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        frame = Frame(function.__name__, node, source, function.__globals__, cells=cells)
        lowering.frame = lowering.outermost = frame
        parameters, bindings = entry_bindings(lowering, arguments)
        with lowering.entered(frame, function.__code__):
            for name, binding in bindings.items():
                lowering.variables.set((frame, name), binding)
            result = lower_body(lowering, node)
            if result is None and lowering.returns_none:
                lowering.error(
                    f"{function.__name__!r} returns None, not one real number",
                    node,
                    "return the number to differentiate",
                )
            atom = None if result is None else lowering.atom(result)
    body = Region([*lowering.loads.values(), *lowering.ops], None if atom is None else (atom,))
    origin = Origin(function, source, bindings, lowering.spelling)
    origin.returned = atom if isinstance(atom, Value) else None
    guards = tuple(lowering.guards.values())
    return Function(function.__name__, parameters, body, origin, guards, lowering.order)
