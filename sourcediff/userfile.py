"""Finds the function that ``FILE:FUNCTION`` names on the command line.

The file is imported the way Python would: under its own name, with its folder on ``sys.path``,
so that the modules beside it are found, and in a package under its full name, so that relative
imports work. For example ``bank.py:interest`` gives the object ``interest`` of the module
``bank``.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["STAND_IN", "Problem", "import_state_restored", "load", "split"]

# Begins the name of a module whose own name is taken by another, as by one of Python's.
STAND_IN = "user_file_"


class Problem(Exception):
    """What is wrong with a command or with the file that it names, in one line."""


def split(target: str) -> tuple[Path, str]:
    """The file, and the name in it.

    Raises:
        Problem: it is not FILE:FUNCTION, or there is no such file.
    """
    file, _, name = target.rpartition(":")
    if not file or not name:
        example = "for example model.py:loss"
        raise Problem(f"name the function as FILE:FUNCTION, {example}, not {target!r}")
    path = Path(file)
    if not path.is_file():
        raise Problem(f"{path} is a folder" if path.is_dir() else f"there is no file {path}")
    return path, name


def load(target: str) -> Any:
    """The object that FILE:FUNCTION names; FUNCTION may be a path with dots.

    Raises:
        Problem: there is no such file or object, or importing the file fails.
        SyntaxError: the file is no Python, or what it does on import is refused.
    """
    path, dotted = split(target)
    module = _imported(path.absolute())
    found: Any = module
    for name in dotted.split("."):
        if not hasattr(found, name):
            raise Problem(f"{path} has no {dotted!r}; {_instead(dotted, module)}")
        found = getattr(found, name)
    return found


def _instead(name: str, module: ModuleType) -> str:
    """What the user may have meant."""
    defined = [
        known
        for known, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", None) == module.__name__
    ]
    close = difflib.get_close_matches(name, defined)
    if close:
        return f"did you mean {' or '.join(close)}?"
    more = ", …" if len(defined) > 10 else ""
    return f"it defines {', '.join(defined[:10]) or 'no function'}{more}"


def _imported(path: Path) -> ModuleType:
    root, names = path.parent, [path.stem]
    while (root / "__init__.py").is_file() and root.name.isidentifier():
        names.insert(0, root.name)
        root = root.parent
    sys.path.insert(0, str(root))
    sys.argv = [str(path)]  # not ours, should the file read its own
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return _import_in_package(path, names) if names[1:] else _import_alone(path)
    except (Problem, SyntaxError):
        raise
    except (Exception, SystemExit) as error:
        message = "".join(traceback.format_exception_only(error)).splitlines()[0]
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == str(path)]
        where = f", line {lines[-1]}" if lines else ""
        raise Problem(f"cannot import {path.name}{where}: {message}") from None


def _import_alone(path: Path) -> ModuleType:
    name = path.stem
    there = sys.modules.get(name)
    if there is not None and _is_from(there, path):
        return there
    if there is not None or name in sys.stdlib_module_names:
        name = STAND_IN + name
    loader = SourceFileLoader(name, str(path))
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def _import_in_package(path: Path, names: list[str]) -> ModuleType:
    name = ".".join(names).removesuffix(".__init__")
    module = importlib.import_module(name)
    if not _is_from(module, path):
        raise Problem(f"the name {name!r} of {path} is taken by {module.__file__}")
    return module


def _is_from(module: ModuleType, path: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and os.path.exists(file) and path.samefile(file)


@contextlib.contextmanager
def import_state_restored() -> Iterator[None]:
    """Afterwards ``sys`` is as it was: another file may have modules of the same names."""
    path, argv, modules = list(sys.path), sys.argv, set(sys.modules)
    try:
        yield
    finally:
        folders = [Path(folder) for folder in sys.path if folder not in path]
        sys.path[:], sys.argv = path, argv
        for name in sys.modules.keys() - modules:
            file = Path(getattr(sys.modules[name], "__file__", None) or os.devnull)
            places = [folder / part for folder in folders for part in _places(name)]
            if any(file.is_relative_to(place) for place in places):
                del sys.modules[name]


def _places(name: str) -> tuple[str, str]:
    """Where the file of a module can be: itself, or in the folder of its package."""
    top = name.partition(".")[0].removeprefix(STAND_IN)
    return f"{top}.py", top
