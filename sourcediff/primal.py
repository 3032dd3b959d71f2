"""A function on its way through the IR and back: what the proof of the front end runs.

>>> def running(xs):
...     total = 0.0
...     for x in xs:
...         total += x * x
...     return total
>>> print(Primal(running, ([1.0, 2.0],)).source, end="")
def running(xs):
    total = 0.0
    for x in xs:
        total += x * x
    return total
"""

from __future__ import annotations

import inspect
import types as python_types
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from sourcediff import types
from sourcediff.backend.generate import Generated, generate_primal
from sourcediff.backend.loader import load
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.lower import lower_faithfully
from sourcediff.frontend.lowering import Memo
from sourcediff.frontend.reflect import Reflection
from sourcediff.interpret import run
from sourcediff.ir import Function
from sourcediff.types import Type

__all__ = ["Primal", "lower_for"]


def lower_for(function: python_types.FunctionType, *examples: Sequence[Any]) -> Function:
    """Lower a function for the kinds of arguments that examples are of.

    Args:
        function: a function written in Python.
        examples: tuples of arguments; the types are those that all of them meet in.

    Raises:
        DifferentiationError: the function, or an argument, is not supported.
    """
    memo = Memo()
    signature = inspect.signature(function)
    kinds: dict[str, Type] = {}
    for example in examples:
        bound = signature.bind(*example)
        bound.apply_defaults()
        seen = Reflection(memo.attributes_of)
        for name, value in bound.arguments.items():
            try:
                kind = seen.type_of(value)
            except TypeError as reason:
                raise DifferentiationError(f"argument {name!r}: {reason}") from None
            joined = types.join(kinds.get(name, types.NEVER), kind)
            if joined is None:
                raise DifferentiationError(f"argument {name!r} is {kinds[name]} and {kind}")
            kinds[name] = joined
    return lower_faithfully(function, kinds, memo)


class Primal:
    """A function that was lowered, and what comes back."""

    def __init__(self, function: python_types.FunctionType, *examples: Sequence[Any]) -> None:
        """Lower a function for the kinds of the arguments in `examples`."""
        self.function = lower_for(function, *examples)
        self.name = function.__name__
        self.module = function.__module__
        self.signature = inspect.signature(function)

    @cached_property
    def generated(self) -> Generated:
        """What is written of it."""
        return generate_primal(self.function)

    @property
    def source(self) -> str:
        """The text that comes back."""
        return self.generated.source

    @cached_property
    def call(self) -> Callable[..., Any]:
        """The function that the text defines."""
        namespace = dict(self.generated.header.objects)
        namespace["__name__"] = self.module
        name = self.generated.name
        made = load(self.generated.source, name, namespace, f"primal of {self.name}")
        for constant, (_, found) in self.generated.header.constants.items():
            namespace[constant] = found
        return made

    def interpret(self, *args: Any) -> Any:
        """Run the form in the IR on these arguments."""
        bound = self.signature.bind(*args)
        bound.apply_defaults()
        return run(self.function, *bound.arguments.values())
