"""What stands behind something that can be called."""

from __future__ import annotations

import functools
import sys
import sysconfig
import types as python_types
from typing import Any

__all__ = ["LOWERED", "is_hashable", "is_not_the_users", "seen_through"]


def seen_through(found: Any) -> Any:
    """The function that a wrapper made by a known decorator stands for."""
    while True:
        if isinstance(found, functools._lru_cache_wrapper):
            found = found.__wrapped__
        elif hasattr(found, "py_func") and type(found).__module__.startswith("numba"):
            found = found.py_func
        else:
            return found


def is_hashable(found: Any) -> bool:
    """Whether something that can be called can be looked up in a table.

    A class always can: the hash that `list` lacks is that of lists.
    """
    return isinstance(found, type) or found.__hash__ is not None


#: Our own modules of functions that are lowered as if the user had written them.
LOWERED = (
    "sourcediff.rules.container_definitions",
    "sourcediff.rules.library_definitions",
    "sourcediff.rules.list_definitions",
    "sourcediff.rules.number_definitions",
    "sourcediff.rules.numpy_choices",
    "sourcediff.rules.numpy_chosen_pullbacks",
    "sourcediff.rules.numpy_definitions",
    "sourcediff.rules.numpy_difference_pullbacks",
    "sourcediff.rules.numpy_grids",
    "sourcediff.rules.numpy_splits",
    "sourcediff.rules.numpy_linear_names",
    "sourcediff.rules.numpy_mappings",
    "sourcediff.rules.numpy_order_pullbacks",
    "sourcediff.rules.numpy_product_pullbacks",
    "sourcediff.rules.numpy_pullbacks",
    "sourcediff.rules.numpy_several_pullbacks",
    "sourcediff.rules.numpy_stacks",
    "sourcediff.rules.numpy_transform_pullbacks",
    "sourcediff.rules.numpy_ufuncs",
    "sourcediff.rules.total_orderings",
)


def is_not_the_users(found: python_types.FunctionType) -> bool:
    """Whether a function is one of Python's own library, or of this one."""
    if found.__module__ in LOWERED:
        return False
    # A wrapper has the module of what it wraps; the names that it reads are those of its own.
    package = (found.__globals__.get("__name__") or found.__module__ or "").partition(".")[0]
    if package == "sourcediff":
        return True
    filename = found.__code__.co_filename
    standard = filename.startswith(sysconfig.get_path("stdlib")) and "site-packages" not in filename
    return standard and package in sys.stdlib_module_names
