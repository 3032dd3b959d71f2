"""Lowering of the expressions that derivative rules are written in."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from sourcediff.errors import DifferentiationError
from sourcediff.frontend.expressions import lower_expression
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.source import Source
from sourcediff.ir import Function, Region, Value
from sourcediff.types import REAL

__all__ = ["lower_recipe"]


def lower_recipe(text: str, parameters: tuple[str, ...], namespace: Mapping[str, Any]) -> Function:
    """The function that maps real `parameters` to the value of the expression `text`."""
    try:
        node = ast.parse(f"lambda {', '.join(parameters)}: {text}", mode="eval").body
    except SyntaxError as cause:
        raise DifferentiationError(f"a rule's partial is not an expression: {text!r}") from cause
    assert isinstance(node, ast.Lambda)
    lowering = Lowering()
    source = Source(node, "<rule>", [text])
    frame = Frame("<rule>", node, source, dict(namespace))
    lowering.frame = frame
    values = [Value(REAL, name) for name in parameters]
    for value in values:
        assert value.name is not None
        lowering.variables.set((frame, value.name), value)
    result = lowering.atom(lower_expression(lowering, node.body))
    ops = [*lowering.loads.values(), *lowering.ops]
    return Function("partial", values, Region(ops, (result,)))
