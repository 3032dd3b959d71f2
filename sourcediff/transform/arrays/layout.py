"""Copies of arrays that lie in memory as these do.

In which order NumPy adds up an array, and so the last bit of a sum, depends on how it lies in
memory. ``x.copy()`` puts several axes in the order of C; ``np.copy(x)`` keeps their order.
"""

from __future__ import annotations

import sys

from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import Ref
from sourcediff.ir import Op, Value
from sourcediff.memory import QUERY, MethodSpec
from sourcediff.types import rank_of

__all__ = ["copy_into"]


def copy_into(whole: Value, copy: Value) -> Op:
    """``copy = x.copy()``, or ``copy = np.copy(x)`` of several axes."""
    if (rank_of(whole.type) or 0) < 2:
        return Op(QUERY, (whole,), (copy,), (), MethodSpec("copy"))
    numpy = sys.modules["numpy"]
    spec = CallSpec(numpy.copy, Ref("module", numpy, ("copy",)), numpy="copy")
    return Op(PURE_CALL, (whole,), (copy,), (), spec)
