"""Functions for what is called like a function and is none that was written in Python.

A `functools.partial` and a function of `math` have no text to read. One line that calls them has:

>>> import functools, math
>>> def power(base, exponent=2.0, *, scale=1.0):
...     return scale * base**exponent
>>> print(text_of(functools.partial(power, scale=3.0)), end="")
def power(base, exponent=exponent, *, scale=scale):
    return power(base, exponent, scale=scale)
>>> print(text_of(math.atan2), end="")
def atan2(y, x, /):
    return math.atan2(y, x)
"""

from __future__ import annotations

import functools
import inspect
import sys
import types as python_types
from typing import Any

from sourcediff.backend.loader import load

__all__ = ["name_of", "text_of", "why_not", "wrapper_of"]

Parameter = inspect.Parameter

_EMPTY = Parameter.empty


def wrapper_of(found: Any) -> python_types.FunctionType | None:
    """A Python function that calls what has no source of its own; None if there is none."""
    text = text_of(found)
    if text is None:
        return None
    namespace: dict[str, Any] = {"__name__": _module_of(found)}
    if not isinstance(found, functools.partial):
        package = found.__module__.partition(".")[0]
        namespace[_alias(package)] = sys.modules[package]
    else:
        namespace |= _defaults(found)
    name = name_of(found)
    function = load(text, name, namespace, f"call of {name}")
    if isinstance(found, functools.partial):
        namespace[name] = found  # which the text calls by the name of what it calls
        function.__doc__ = inspect.getdoc(_called(found))
    else:
        function.__doc__ = inspect.getdoc(found)
    return function


def text_of(found: Any) -> str | None:
    """The text of that function."""
    name = name_of(found)
    if isinstance(found, functools.partial):
        try:
            parameters = list(inspect.signature(found).parameters.values())
        except (TypeError, ValueError):
            return None
        called = name
    elif _is_of_math(found):
        parameters = list(inspect.signature(found).parameters.values())
        called = f"math.{name}"
    elif type(found).__name__ == "ufunc" and type(found).__module__ == "numpy" and found.nout == 1:
        names = ("x",) if found.nin == 1 else ("x1", "x2")
        parameters = [Parameter(n, Parameter.POSITIONAL_ONLY) for n in names]
        called = f"np.{name}"
    else:
        return None
    return f"def {name}({_signature(parameters)}):\n    return {called}({_arguments(parameters)})\n"


def why_not(found: Any) -> tuple[str, str]:
    """Why something is no function to differentiate, and what to do about it."""
    if isinstance(found, type):
        return (
            f"{found.__name__!r} is a class, not a function",
            "differentiate a function that makes an object of it, or one of its methods",
        )
    if not callable(found):
        return (
            f"a function is differentiated, not a value: this is a {type(found).__name__}",
            "give the function itself: grad(f)(x), not grad(f(x))",
        )
    name = getattr(found, "__name__", None) or type(found).__name__
    return (
        f"cannot differentiate {name!r}: it is no function written in Python",
        "wrap it: lambda x: f(x), or differentiate the function that calls it",
    )


def _is_of_math(found: Any) -> bool:
    if not isinstance(found, python_types.BuiltinFunctionType) or found.__module__ != "math":
        return False
    try:
        return bool(inspect.signature(found).parameters)
    except ValueError:
        return False


def name_of(found: Any) -> str:
    """The name of a function, also of one that a partial calls; of another object its class."""
    name = getattr(_called(found), "__name__", None)
    if not isinstance(name, str):
        return type(found).__name__
    return name if name.isidentifier() or found is _called(found) else "function"


def _called(found: Any) -> Any:
    while isinstance(found, functools.partial):
        found = found.func
    return found


def _module_of(found: Any) -> str:
    return getattr(_called(found), "__module__", None) or "builtins"


def _alias(package: str) -> str:
    return "np" if package == "numpy" else package


def _defaults(found: functools.partial[Any]) -> dict[str, Any]:
    parameters = inspect.signature(found).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not _EMPTY}


def _signature(parameters: list[Parameter]) -> str:
    plain = [
        p.replace(annotation=_EMPTY, default=_EMPTY if p.default is _EMPTY else _Written(p.name))
        for p in parameters
    ]
    return str(inspect.Signature(plain))[1:-1]


class _Written(str):
    """A default that is written as the name under which it is found."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _arguments(parameters: list[Parameter]) -> str:
    written: dict[Any, str] = {
        Parameter.VAR_POSITIONAL: "*{0}",
        Parameter.KEYWORD_ONLY: "{0}={0}",
        Parameter.VAR_KEYWORD: "**{0}",
    }
    return ", ".join(written.get(p.kind, "{0}").format(p.name) for p in parameters)
