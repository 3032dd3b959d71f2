"""The text of a derivative that cannot be written before the types of its arguments are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sourcediff.errors import DifferentiationError
    from sourcediff.specialise import Derivative

__all__ = ["PendingSource"]


class PendingSource(str):
    """Stands for the source until there is one; every use of it as a text tries again.

    A function may call helpers that are defined after it, so a second look can succeed where
    the first one failed.
    """

    _derivative: Derivative
    _error: DifferentiationError | None

    def __new__(cls, derivative: Derivative, error: DifferentiationError | None) -> PendingSource:
        note = f"# The gradient of {derivative.name} is written at its first call.\n"
        self = super().__new__(cls, note)
        self._derivative = derivative
        self._error = error
        return self

    def _text(self) -> str:
        """The source by now.

        Raises:
            DifferentiationError: it still cannot be written, and why.
        """
        return self._derivative.source_now()

    def __str__(self) -> str:
        return self._text()

    def __repr__(self) -> str:
        return repr(self._text())

    def __format__(self, spec: str) -> str:
        return format(self._text(), spec)

    def __contains__(self, part: object) -> bool:
        return part in self._text()  # type: ignore[operator]

    def __eq__(self, other: object) -> bool:
        return self._text() == other

    def __hash__(self) -> int:
        return hash(self._text())

    def __len__(self) -> int:
        return len(self._text())

    def __getitem__(self, key: Any) -> str:
        return self._text()[key]

    def __iter__(self) -> Any:
        return iter(self._text())


def _forward(name: str) -> Any:
    def method(self: PendingSource, *args: Any, **kwargs: Any) -> Any:
        return getattr(self._text(), name)(*args, **kwargs)

    method.__name__ = name
    return method


for _name in dir(str):
    if not _name.startswith("_"):
        setattr(PendingSource, _name, _forward(_name))
