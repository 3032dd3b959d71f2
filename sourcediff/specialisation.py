"""The code of a derivative for one combination of argument types, and whether it still holds."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

from sourcediff.backend.generate import Generated
from sourcediff.backend.loader import show
from sourcediff.errors import DifferentiationError
from sourcediff.fractions_lost import Store, stores_in
from sourcediff.frontend.leaving_reals import leaves_the_reals
from sourcediff.frontend.origin import Guard
from sourcediff.ir import Function
from sourcediff.reals import Kept, has_arrays, makes_arrays, stays_whole
from sourcediff.transform.arrays.dtype_looks import Whole

__all__ = ["Specialisation"]


class Specialisation:
    """The code of a derivative for one combination of argument types."""

    def __init__(self, lowered: Function, stages: dict[str, Any], passed: tuple[bool, ...]) -> None:
        self.lowered = lowered
        #: The function that is differentiated.
        self.primal = stages.get("lowered", lowered)
        self.stages = stages
        self.passed = passed
        #: The same, as it is written, where that could not be differentiated again.
        self.written: Function | None = None
        #: The kinds of arguments that it is for, as the cache of derivatives has them.
        self.key: tuple[Any, ...] = ()
        self.generated: Generated | None = None
        #: Whether it went the general road, with arguments and gradients of any structure.
        self.is_general = False
        #: Why it did: what the clean road refuses of the function.
        self.reason: DifferentiationError | None = None
        #: The arguments that make it doubtful, where they are whole numbers, what an array holds.
        self.doubts: Whole = stages.get("doubts", frozenset())
        self.makes_arrays = makes_arrays(self.primal)
        self._stays_whole: Kept | None = None
        self._stores: list[Store] | None = None
        self.body: Callable[..., Any] | None = None
        self.namespace: dict[str, Any] = {}
        #: On the general road what runs before it, for arguments that leave a doubt.
        self.trial: Callable[..., None] | None = None
        #: Whether the entry has called it itself, now or before.
        self.was_direct = False
        #: Whether it works on copies of lists that are changed, which no other argument may be.
        self.changes_arguments = False
        self.may_be_complex = leaves_the_reals([lowered])
        #: Whether an array of real numbers may be given a complex one, which drops half of it.
        self.may_drop_parts = self.may_be_complex and has_arrays(lowered)

    @property
    def stays_whole(self) -> Kept:
        """What of the arguments need not be made floats for the arrays that are made."""
        if self._stays_whole is None:
            self._stays_whole = stays_whole(self.primal)
        return self._stays_whole

    @property
    def stores(self) -> list[Store]:
        """Where the function may store a real number in an array of whole ones."""
        if self._stores is None:
            self._stores = [] if self.is_general else stores_in(self.primal)
        return self._stores

    def call(self, *args: Any, **keywords: Any) -> Any:
        """Call the code.

        Raises:
            ValueError: an array of real numbers was given a complex one.
        """
        assert self.body is not None
        if self.trial is not None:
            self.trial(*args, **keywords)
        if not self.may_drop_parts:
            return self.body(*args, **keywords)
        dropped = sys.modules["numpy"].exceptions.ComplexWarning
        with warnings.catch_warnings():
            warnings.simplefilter("error", dropped)
            try:
                return self.body(*args, **keywords)
            except dropped:
                raise ValueError(
                    "a number is complex here and goes into an array of real ones: a negative "
                    "number is raised to a power that is not whole"
                ) from None

    def is_current(self) -> bool:
        """Whether everything outside that the code relies on is still what it was.

        A number or an array that changed its value only is brought up to date, in the code and its
        text.
        """
        for guard in self.lowered.guards:
            if guard.holds():
                continue
            if not guard.refresh(arrays=not self.is_general):
                return False
            self._take_over(guard)
        return True

    def _take_over(self, guard: Guard) -> None:
        if self.generated is None or self.body is None:
            return
        constants = self.generated.header.constants
        for name, (ref, _) in constants.items():
            if ref.key == guard.ref.key:
                self.namespace[name] = guard.object
                constants[name] = (ref, guard.object)
        header = self.generated.header
        for name, path in header.paths.items():
            if path.key == guard.ref.key:
                self.namespace[name] = header.objects[name] = guard.object
        show(self.generated.source, self.body.__code__.co_filename)
