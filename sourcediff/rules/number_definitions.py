"""Methods of NumPy's numbers: ``x.sum().copy()`` is ``x.sum()``."""

from __future__ import annotations

from typing import Any

__all__ = ["converted", "itself"]


def itself(whole: Any) -> Any:
    return whole


def converted(whole: Any, dtype: Any) -> Any:
    return dtype(whole)
