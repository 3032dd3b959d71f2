"""A limit on the time that a call may take: what is generated or emitted may never end."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")


class TooSlow(BaseException):
    """A call took longer than it may: no ``except Exception`` of a program catches it."""


def _stop(number: int, frame: Any) -> None:
    raise TooSlow


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raises ``TooSlow`` in what is run inside once the time is up; again if that is swallowed.

    It uses the alarm of the process, so it works in the main thread only.
    """
    before = signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def within(seconds: float, call: Callable[[], T]) -> T:
    """Returns what the call returns, if it takes no longer than this.

    >>> within(5.0, lambda: 1 + 1)
    2
    """
    with time_limit(seconds):
        return call()
