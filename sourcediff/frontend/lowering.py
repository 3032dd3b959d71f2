"""Lowering: typed abstract interpretation of a function's syntax tree into the IR.

The tree is executed, in Python's order of evaluation, on bindings instead of values: names
are resolved, calls of the user's functions are entered, tuples dissolve, branches whose test
is known are taken. What is left for the run becomes operations. Lowering happens once for
each combination of argument types, so ``a + b`` is always a known operation.

`Lowering` holds the state and what every construct needs, in layers: `state`, `outside`,
`naming`, `branching`. How each construct uses it is in `statements`, `assignments`, `expressions`,
`loops`, `exceptions`, `comprehensions`, `patterns`, `calls`, `functions`, `containers` and their
kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sourcediff.frontend.branching import Branches
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.state import Loop, Memo
from sourcediff.frontend.values import Kept

__all__ = ["Loop", "Lowering", "Memo"]

#: Calls entered within calls before a recursion is taken for one that never ends.
MAX_INLINE_DEPTH = 120
#: Activations of one function within each other that are taken for a recursion.
MAX_REENTRIES = 6


class Lowering(Branches):
    """The state of one lowering, and the functions that control is in."""

    @contextmanager
    def entered(self, frame: Frame, identity: Any) -> Iterator[None]:
        """Lower the body of another function."""
        under_tests = sum(
            active is identity and depth < self.branch_depth for active, depth in self.active_calls
        )
        if under_tests >= MAX_REENTRIES:
            # Entered again and again under tests that only the run decides: a recursion.
            self.error(
                f"recursion of {frame.name!r} is not supported yet",
                help="unroll it, or bound it by an argument that is a constant",
            )
        if len(self.active_calls) > MAX_INLINE_DEPTH:
            self.error(f"calls within calls, more than {MAX_INLINE_DEPTH} deep")
        before = self.frame, self.site, self.node, self.path
        self.active_calls.append((identity, self.branch_depth))
        self.path = (*self.path, self.node)
        self.frame = frame
        self.frames.append(frame)
        try:
            yield
        finally:
            self.frame, self.site, self.node, self.path = before
            self.active_calls.pop()
            self.frames.pop()

    @contextmanager
    def apart(self, kept: Kept, frame: Frame) -> Iterator[None]:
        """Lower the body of a function that stays one: its code is its own."""
        names = ("ops", "loads", "loops", "watched", "current", "variables_made", "branch_depth")
        before = {name: getattr(self, name) for name in names}
        self.ops, self.loads, self.loops, self.watched = [], {}, [], []
        self.current, self.variables_made, self.branch_depth = kept, [], 0
        try:
            with self.variables.apart(), self.entered(frame, kept.key):
                self.path = kept.key
                yield
        finally:
            for name, value in before.items():
                setattr(self, name, value)
