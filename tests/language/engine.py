"""The compiler as the comparison sees it."""

from collections.abc import Callable
from typing import Any

from sourcediff import DifferentiationError
from sourcediff.machine import Defect
from sourcediff.verify import verify
from tests.language.compare import Engine


def _compile(function: Callable[..., Any], args: tuple[Any, ...]) -> dict[str, Callable[..., Any]]:
    from sourcediff.primal import Primal

    primal = Primal(function, args)
    verify(primal.function)

    def interpreted(*args: Any) -> Any:
        try:
            return primal.interpret(*args)
        except Defect as defect:  # no Exception, or a handler of the program could swallow it
            raise RuntimeError(f"defect: {defect}") from None

    return {"interpreted": interpreted, "emitted": primal.call}


def _source(function: Callable[..., Any], args: tuple[Any, ...]) -> str:
    from sourcediff.primal import Primal

    return Primal(function, args).source


SOURCEDIFF = Engine(_compile, DifferentiationError, _source)
