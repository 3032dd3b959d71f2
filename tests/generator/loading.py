"""Loads the text of a module as if it had been imported, and traces which lines of it run."""

import hashlib
import linecache
import sys
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence, Set
from types import FrameType, ModuleType
from typing import Any

from tests.outcome import Outcome, run

# Modules kept for tracebacks and inspect; older ones are dropped, or long runs fill the memory.
KEPT = 256
# How deep the calls of a program may be nested where its lines are limited: an endless
# recursion ends in an exception, at a depth that says nothing of the program.
DEEPEST = 60

_loaded: OrderedDict[str, ModuleType] = OrderedDict()


def load_source(
    source: str, entry: str = "f", names: dict[str, Any] | None = None
) -> Callable[..., Any]:
    """Executes a module's text as if imported; ``inspect`` and tracebacks find the text.

    ``names`` are put into the module first.

    >>> import inspect
    >>> inspect.getsource(load_source("def f(x):\\n    return x * x\\n"))
    'def f(x):\\n    return x * x\\n'
    """
    digest = hashlib.sha1(source.encode()).hexdigest()[:12]
    name, filename = f"generated_{digest}", f"<generated {digest}>"
    module = ModuleType(name)
    module.__file__ = filename
    lines = source.splitlines(keepends=True)
    linecache.cache[filename] = (len(source), None, lines, filename)
    sys.modules[name] = module
    _loaded[name] = module
    _loaded.move_to_end(name)
    while len(_loaded) > KEPT:
        old, module_ = _loaded.popitem(last=False)
        linecache.cache.pop(str(module_.__file__), None)
        sys.modules.pop(old, None)
    vars(module).update(names or {})
    exec(compile(source, filename, "exec"), vars(module))
    function: Callable[..., Any] = vars(module)[entry]
    return function


class TooLong(BaseException):
    """A call ran more lines than it may: no ``except Exception`` of the program catches it."""


def executed_lines(function: Callable[..., Any], args: tuple[Any, ...]) -> set[int]:
    """Calls and returns the numbers of the lines of the function's file that ran.

    >>> function = load_source("def f(x):\\n    if x > 0:\\n        return x\\n    return -x\\n")
    >>> executed_lines(function, (-1.0,))
    {2, 4}
    """
    return set(traced(lambda: function(*args), function.__code__.co_filename)[1])


def traced(
    call: Callable[[], Any], filename: str, limit: int | None = None
) -> tuple[Outcome, Counter[int]]:
    """Calls; returns what it did, and how often each line of the file ran.

    Raises:
        TooLong: more lines ran than ``limit``, or calls were nested deeper than ``DEEPEST``.
    """
    lines: Counter[int] = Counter()
    left = limit
    depth = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal left, depth
        if frame.f_code.co_filename != filename:
            return None
        depth += {"call": 1, "return": -1}.get(event, 0)
        if event == "line":
            lines[frame.f_lineno] += 1
            if left is not None:
                left -= 1
                if left < 0 or depth > DEEPEST:
                    raise TooLong
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        outcome = run(call)
    finally:
        sys.settrace(before)
    return outcome, lines


def covering(lines: Sequence[Set[int]], fewest: int, most: int) -> list[int]:
    """Returns which of the runs, by the lines that each ran, together run the most lines.

    The first is always among them: one that is chosen runs more than its share.

    >>> covering([{1}, {1, 2}, {1, 2, 3}, {4}], 2, 4)
    [0, 2, 3]
    """
    chosen = [0]
    covered = set(lines[0])
    while len(chosen) < min(most, len(lines)):
        best = max(range(1, len(lines)), key=lambda k: (k not in chosen, len(lines[k] - covered)))
        if not lines[best] - covered and len(chosen) >= fewest:
            break
        chosen.append(best)
        covered |= lines[best]
    return chosen
