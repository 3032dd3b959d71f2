"""Classes made of Python's own, such as of ``tuple``, that say otherwise what these do.

A list, dict, number or tuple is followed as Python's own. Where its class is one of the user's
that changes what it does, what is written would not be what is run: it is refused. Of named tuples
the operators of arithmetic are followed, which is what they are given most.

>>> class Doubled(list):
...     def __getitem__(self, place):
...         return 2.0 * super().__getitem__(place)
>>> overridden(Doubled), overridden(list)
('__getitem__', None)
"""

from __future__ import annotations

import enum
import functools
import sys
import types as python_types
from typing import Any

__all__ = ["overridden", "refuse_overridden", "says_by_itself"]

_BASES = (int, float, complex, str, tuple, list, dict, set, frozenset)
_ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
_TURNED = ("__neg__", "__pos__", "__abs__")
#: What named tuples say of themselves and is followed.
_FOLLOWED = {f"__{side}{name}__" for name in _ARITHMETIC for side in ("", "r")} | {*_TURNED}
#: What changes the meaning of code and that the bases do not have.
_BESIDE = {f"__{side}{name}__" for name in _ARITHMETIC for side in ("", "r", "i")} | {
    *_TURNED,
    "__bool__",
    "__missing__",
    "__reversed__",
    "__float__",
}
#: What changes no value that a derivative has.
_HARMLESS = {
    f"__{name}__"
    for name in (
        "repr",
        "str",
        "format",
        "hash",
        "init",
        "init_subclass",
        "class_getitem",
        "reduce",
        "reduce_ex",
        "getnewargs",
        "getstate",
        "sizeof",
        "dir",
        "setattr",
        "delattr",
        "doc",
        "module",
    )
}


@functools.cache
def overridden(cls: type) -> str | None:
    """What a class made of one of Python's own says otherwise; None if nothing that matters."""
    if cls.__module__ == "builtins" or issubclass(cls, enum.Enum):
        return None
    base = next((b for b in _BASES if issubclass(cls, b)), None)
    if base is None:
        return None
    followed = _FOLLOWED if hasattr(cls, "_fields") else set()
    for owner in cls.__mro__:
        if owner.__module__.partition(".")[0] in {*sys.stdlib_module_names, "numpy"}:
            continue
        for name, found in vars(owner).items():
            if name in _HARMLESS or name in followed or _is_written(found):
                continue
            own = isinstance(found, python_types.FunctionType | property | staticmethod)
            if own and (name in _BESIDE or any(name in vars(b) for b in base.__mro__)):
                return name
    return None


def _is_written(found: Any) -> bool:
    """Whether `namedtuple` wrote a function: its ``__new__``."""
    known = found.__func__ if isinstance(found, staticmethod) else found
    module = getattr(known, "__globals__", {}).get("__name__", "")
    return isinstance(module, str) and module.startswith("namedtuple_")


def refuse_overridden(cls: type) -> None:
    """Raise if a class says otherwise what Python's own say.

    Raises:
        TypeError: with what it is.
    """
    name = overridden(cls)
    if name is not None:
        raise TypeError(f"a {cls.__name__}, which says by {name} what it does, is not supported")


def says_by_itself(cls: Any) -> bool:
    """Whether a class is that of a named tuple with operators of its own."""
    if not isinstance(cls, type) or not hasattr(cls, "_fields"):
        return False
    return _has_operators(cls)


@functools.cache
def _has_operators(cls: type) -> bool:
    return any(name in vars(owner) for owner in cls.__mro__[:-2] for name in _FOLLOWED)
