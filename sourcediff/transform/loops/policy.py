"""Whether to decide what loops keep, or to keep all that their reverse reads.

What a loop keeps must not change what comes out. With the decision switched off, nothing is
computed again and no loop is turned round in the pass that runs it; tests compare the two.

>>> keeps_everything()
False
>>> with keeping_everything():
...     keeps_everything()
True
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

__all__ = ["keeping_everything", "keeps_everything"]

_everything: ContextVar[bool] = ContextVar("keeps everything", default=False)


def keeps_everything() -> bool:
    """Whether derivatives that are compiled now keep all that their reverse reads."""
    return _everything.get()


@contextlib.contextmanager
def keeping_everything() -> Iterator[None]:
    """Compile derivatives that keep all that their reverse reads."""
    token = _everything.set(True)
    try:
        yield
    finally:
        _everything.reset(token)
