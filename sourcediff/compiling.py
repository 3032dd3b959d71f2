"""What the compiler asks of Python while it is at work, and gives back when it is done."""

from __future__ import annotations

import gc
import sys

__all__ = ["compiling", "deep_recursion"]


class deep_recursion:
    """Room for code nested as deep as the user nested it.

    Python frames of the compiler do not consume the C stack since Python 3.11, so a higher
    recursion limit is safe; it is put back so that the user's own limit still holds for user code.
    """

    def __init__(self, limit: int = 60_000) -> None:
        self.limit = limit

    def __enter__(self) -> None:
        self.before = sys.getrecursionlimit()
        sys.setrecursionlimit(max(self.before, self.limit))

    def __exit__(self, *exc_info: object) -> None:
        sys.setrecursionlimit(self.before)


class compiling(deep_recursion):
    """The same, and no search for cycles meanwhile.

    What the compiler makes lives until it is done, so that the garbage collector, which looks at
    all of it again each time it has grown by some share, finds nothing: paused, a function of
    10,000 statements costs as much for each of them as one of 1,000, and not twice that.
    """

    def __enter__(self) -> None:
        super().__enter__()
        self.collected = gc.isenabled()
        gc.disable()

    def __exit__(self, *exc_info: object) -> None:
        if self.collected:
            gc.enable()
        super().__exit__(*exc_info)
