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

import ast
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sourcediff.frontend.control.branching import Branches
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.state import Loop, Memo
from sourcediff.frontend.values import Kept
from sourcediff.types import Widened

__all__ = ["Loop", "Lowering", "Memo"]

#: Calls entered within calls before a recursion is taken for one that never ends.
MAX_INLINE_DEPTH = 120
#: Activations of one function within each other that are taken for a recursion.
MAX_REENTRIES = 6
#: How often a function is entered that becomes more than so many operations.
MAX_COPIES, MAX_COPIED = 3, 30


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
            self._lower_apart(self._in_cycle(identity))
            self.error(
                f"recursion of {frame.name!r} is not supported yet",
                help="unroll it, or bound it by an argument that is a constant",
            )
        if len(self.active_calls) > MAX_INLINE_DEPTH:
            counts = Counter(active for active, _ in self.active_calls)
            self._lower_apart(max(counts, key=lambda active: counts[active]))
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

    def _in_cycle(self, identity: Any) -> Any:
        """The function of a recursion to lower apart: the one that is differentiated, if it can."""
        own = self.outermost.node if self.outermost is not None else None
        entered = sum(active is own for active, _ in self.active_calls)
        return own if entered >= MAX_REENTRIES - 1 else identity

    def _lower_apart(self, identity: Any) -> None:
        """Begin anew, with a function apart (module `apart`) that was entered again and again."""
        if isinstance(identity, ast.AST) and not self.faithful:
            if identity not in self.memo.apart:
                self.memo.apart[identity] = "recursive"
                raise Widened

    def note_size(self, node: ast.AST, size: int) -> None:
        """A function has been entered that became `size` operations: too many, if done often."""
        count = self.call_counts[node] = self.call_counts.get(node, 0) + 1
        if count > MAX_COPIES and size > MAX_COPIED and not self.faithful:
            if node not in self.memo.inlined and node not in self.memo.apart:
                self.memo.apart[node] = "large"
                raise Widened

    @contextmanager
    def apart(self, kept: Kept, frame: Frame) -> Iterator[None]:
        """Lower the body of a function that stays one: its code is its own."""
        names = (
            *("ops", "around", "loads", "loops", "watched"),
            *("current", "variables_made", "branch_depth"),
        )
        before = {name: getattr(self, name) for name in names}
        self.ops, self.around, self.loads, self.loops, self.watched = [], [], {}, [], []
        self.current, self.variables_made, self.branch_depth = kept, [], 0
        try:
            with self.variables.apart(), self.entered(frame, kept.key):
                self.path = kept.key
                yield
        finally:
            for name, value in before.items():
                setattr(self, name, value)
