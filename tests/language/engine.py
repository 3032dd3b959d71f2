"""The compiler as the comparison sees it."""

from collections.abc import Callable
from typing import Any

from sourcediff import DifferentiationError
from tests.language.compare import Engine


def _compile(function: Callable[..., Any], args: tuple[Any, ...]) -> dict[str, Callable[..., Any]]:
    from sourcediff.primal import Primal

    primal = Primal(function, args)
    return {"interpreted": primal.interpret, "emitted": primal.call}


def _source(function: Callable[..., Any], args: tuple[Any, ...]) -> str:
    from sourcediff.primal import Primal

    return Primal(function, args).source


SOURCEDIFF = Engine(_compile, DifferentiationError, _source)
