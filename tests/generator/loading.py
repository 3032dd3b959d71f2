"""Loads the text of a module as if it had been imported, and traces which lines of it run."""

import hashlib
import linecache
import sys
from collections import OrderedDict
from collections.abc import Callable
from types import FrameType, ModuleType
from typing import Any

from tests.outcome import run

# Modules kept for tracebacks and inspect; older ones are dropped, or long runs fill the memory.
KEPT = 256

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


def executed_lines(function: Callable[..., Any], args: tuple[Any, ...]) -> set[int]:
    """Calls and returns the numbers of the lines of the function's file that ran.

    >>> function = load_source("def f(x):\\n    if x > 0:\\n        return x\\n    return -x\\n")
    >>> executed_lines(function, (-1.0,))
    {2, 4}
    """
    filename = function.__code__.co_filename
    lines: set[int] = set()

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        if frame.f_code.co_filename != filename:
            return None
        if event == "line":
            lines.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run(lambda: function(*args))
    finally:
        sys.settrace(before)
    return lines
