"""Branches: the arms of a test, what each leaves behind, and how control leaves them."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sourcediff import types
from sourcediff.frontend.control.joins import (
    DIVERGES,
    FALLS,
    FALSE,
    TRUE,
    Diverged,
    Join,
    Outcome,
    frames_in,
)
from sourcediff.frontend.describe import describe
from sourcediff.frontend.frames import Arm
from sourcediff.frontend.naming import Names
from sourcediff.frontend.objects.places import class_of, narrow_there, truth_of_place
from sourcediff.frontend.primitives import PURE_CALL, CallSpec
from sourcediff.frontend.values import (
    Binding,
    Columns,
    Conflict,
    Dissolved,
    Grouped,
    Heap,
    Rec,
    Ref,
    Static,
    Tup,
)
from sourcediff.ir import DEAD, Atom, Const, Site, Value

__all__ = ["Branches"]


class Branches(Names):
    """Lowering into the arms of a branch; `joins` ends it."""

    @contextmanager
    def inside(self, arm: Arm) -> Iterator[None]:
        """Lower into an arm of a branch."""
        self.around.append(self.ops)
        self.ops = arm.ops
        self.branch_depth += 1
        try:
            with self.variables.within(arm):
                yield
        finally:
            self.ops = self.around.pop()
            self.branch_depth -= 1

    def truth(self, binding: Binding) -> bool | Atom:
        """The truth of a binding: known, or the value that the run tests."""
        if isinstance(binding, Const):
            if binding.type is types.NEVER:
                return binding
            return bool(binding.value)
        if isinstance(binding, Value):
            if "Array" in (binding.type.kind, *(t.kind for t in binding.type.items[:1])):
                if binding.type.kind in ("Array", "Optional"):
                    self.error("the truth of an array is not supported; compare a number")
            if binding.type.kind == "Object":
                cls = binding.type.cls
                if any(hasattr(cls, name) for name in ("__bool__", "__len__")):
                    self.error("the truth of this object is not supported; compare explicitly")
                return True
            if binding.type.kind == "Instance" or binding.type is types.OBJECT:
                self.error("the truth of an object is not supported; compare explicitly")
            if binding.type.kind in ("List", "Dict") and not self.faithful:
                # What a list holds changes: the test is a value of its own.
                spec = CallSpec(bool, Ref("module", builtins, ("bool",)))
                return self.emit(PURE_CALL, (binding,), types.BOOL, attribute=spec)
            return truth_of_place(self, binding) or binding
        if isinstance(binding, Columns):
            return self.truth(binding.lists[0])
        if isinstance(binding, Heap):
            return self.truth(binding.order)
        if isinstance(binding, Grouped):
            return self.truth(binding.places)
        if isinstance(binding, Tup) and binding.cls is complex:
            from sourcediff.frontend.complexes.operations import truth_of_complex

            return self.truth(truth_of_complex(self, binding))  # type: ignore[arg-type]
        if isinstance(binding, Tup):
            return bool(binding.items)
        if isinstance(binding, Dissolved):
            from sourcediff.frontend.objects.dissolved_objects import truth_of_known

            found = truth_of_known(self, binding)  # type: ignore[arg-type]
            return True if found is None else self.truth(found)
        if isinstance(binding, Rec):
            return bool(binding.items)
        if isinstance(binding, Static):
            if _plain_truth(binding.object):
                return bool(binding.object)
            self.error(f"the truth of {describe(binding)} is not supported; compare explicitly")
        if isinstance(binding, Conflict):
            self.error(binding.message)
        return True

    def choose(
        self,
        test: Binding,
        then: Callable[[], Binding],
        orelse: Callable[[], Binding],
        form: str = "expression",
    ) -> Binding:
        """A value that one of two expressions gives; neither returns from the function."""
        known = self.truth(test)
        if isinstance(known, bool):
            self.decided = True
            return then() if known else orelse()
        is_truth = known.type is types.BOOL and class_of(test) is None
        if is_truth and form == "and":
            orelse = lambda: FALSE  # noqa: E731 - it is the test, which is false there
        elif is_truth and form == "or":
            then = lambda: TRUE  # noqa: E731
        arms = (Arm(), Arm())
        results: list[Binding | None] = []
        narrows = self.narrows(known)
        for place, (arm, body) in enumerate(zip(arms, (then, orelse), strict=True)):
            with self.inside(arm), self.narrowing(narrows[place]):
                try:
                    results.append(body())
                except Diverged:
                    results.append(None)
        left, right = results
        diverges = (left is None, right is None)
        join = Join(self, known, arms, form, diverges, hoist=not self.faithful)
        if left is None and right is None:
            join.close()
            raise Diverged
        result = join.binding(
            DEAD if left is None else left, DEAD if right is None else right, None
        )
        join.variables()
        if join.results and join.results[0] is not result:
            join.form = "statement"  # what it is, is known: it only says what its arms bind
        join.close()
        return result

    def narrows(self, test: Atom) -> tuple[Value | None, Value | None]:
        """The value that is known not to be None in the one arm of a test, and in the other."""
        if isinstance(test, Value) and test.type.kind == "Optional":
            return self.named_inside.get(test, test), None  # if y: …
        op = self.ops[-1] if self.ops else None
        if op is not None and test in op.results and op.primitive.name in ("is", "is_not"):
            for one, other in (op.args, op.args[::-1]):
                optional = isinstance(one, Value) and one.type.kind == "Optional"
                if optional and isinstance(other, Const) and other.type is types.NONE:
                    assert isinstance(one, Value)
                    one = self.named_inside.get(one, one)
                    return (None, one) if op.primitive.name == "is" else (one, None)
        return None, None

    @contextmanager
    def narrowing(self, value: Value | None) -> Iterator[None]:
        """Lower where `value` is known not to be None."""
        if value is None:
            yield
            return
        keys = self.variables.bound_to(value)
        inner = self.taken(self.narrowed(value))
        narrow_there(self, value, inner)
        for key in keys:
            self.variables.set(key, inner)
        yield
        for key in keys:
            if self.variables.get(*key) is inner:
                self.variables.set(key, value)

    def rebase(self, arm: Arm, body: Callable[[], Outcome]) -> Outcome:
        """Go on lowering into an arm."""
        with self.inside(arm):
            try:
                return body()
            except Diverged:
                return DIVERGES

    def branch(
        self,
        test: Binding,
        then: Callable[[], Outcome],
        orelse: Callable[[], Outcome],
        rest: Callable[[], Outcome],
        has_else: bool = True,
    ) -> Outcome:
        """An if statement with what follows it.

        Where one arm returns, what follows goes into the arm that stays, or, if it stays only
        sometimes, under a test of the flag that says so; it is never duplicated.
        """
        known = self.truth(test)
        if isinstance(known, bool):
            self.decided = True
            outcome = then() if known else orelse()
            return self.proceed(outcome, rest)
        site = self.site
        arms = (Arm(), Arm())
        outcomes = []
        narrows = self.narrows(known)
        for place, (arm, body) in enumerate(zip(arms, (then, orelse), strict=True)):
            with self.inside(arm), self.narrowing(narrows[place]):
                try:
                    outcomes.append(body())
                except Diverged:
                    outcomes.append(DIVERGES)
        returned = [o is not FALLS and o is not DIVERGES for o in outcomes]
        always = [r and o.flag is None for r, o in zip(returned, outcomes, strict=True)]
        for one, other in ((0, 1), (1, 0)):
            if always[one] and outcomes[other] is FALLS:
                outcomes[other] = self.rebase(arms[other], rest)
                return self.merge(known, arms, outcomes, site)
        outcome = self.merge(known, arms, outcomes, site, has_else)
        return self.proceed(outcome, rest)

    def proceed(self, outcome: Outcome, rest: Callable[[], Outcome]) -> Outcome:
        """Lower what follows a block that left as `outcome` says."""
        if outcome is FALLS:
            return rest()
        if outcome is DIVERGES or outcome.flag is None:
            return outcome
        arms = (Arm(), Arm())
        following = self.rebase(arms[1], rest)
        if following is FALLS and not arms[1].ops and not arms[1].changes:
            return outcome  # nothing follows in this block: the flag is tested further out
        return self.merge(outcome.flag, arms, [Outcome(outcome.value), following], self.site)

    def merge(
        self,
        test: Atom,
        arms: tuple[Arm, Arm],
        outcomes: list[Outcome],
        site: Site | None,
        has_else: bool = True,
        hoist: bool | None = None,
    ) -> Outcome:
        """Close a branch: join what its arms bound and how they left."""
        self.site = site
        for arm, outcome in zip(arms, outcomes, strict=True):
            arm.site = outcome.site
        left, right = outcomes
        diverges = (left is DIVERGES, right is DIVERGES)
        if hoist is None:
            hoist = not self.faithful or (diverges[0] and not has_else)
        join = Join(self, test, arms, "statement", diverges, hoist)
        if all(diverges):
            join.close()
            return DIVERGES
        returns = [o is not FALLS and o is not DIVERGES for o in outcomes]
        if not any(returns):
            join.variables()
            join.close()
            return FALLS
        always = [
            gone or (r and o.flag is None)
            for gone, r, o in zip(diverges, returns, outcomes, strict=True)
        ]
        value = join.binding(left.value, right.value, None)
        if all(always):
            join.variables()
            join.close()
            return Outcome(value)
        flags = [
            DEAD if gone else FALSE if not r else TRUE if o.flag is None else o.flag
            for gone, r, o in zip(diverges, returns, outcomes, strict=True)
        ]
        flag = join.binding(flags[0], flags[1], "returned")
        for outcome, returns_here in zip(outcomes, returns, strict=True):
            if returns_here and any(f is self.frame for f in frames_in(outcome.value)):
                self.error(
                    "a function defined inside that is returned on one of several paths "
                    "is not supported",
                    help="return the number that it computes",
                )
        join.variables((always[0], always[1]))
        join.close()
        assert isinstance(flag, Value | Const)
        return Outcome(value, flag)


def _plain_truth(found: Any) -> bool:
    cls = found.__class__
    return callable(found) or not (hasattr(cls, "__bool__") or hasattr(cls, "__len__"))
