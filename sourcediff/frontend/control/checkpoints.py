"""Lowering of `checkpoint`: what a loop goes through, marked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NoReturn

from sourcediff import types
from sourcediff.checkpoint import SEGMENTS, checkpoint
from sourcediff.frontend.calls.builtin_calls import Kwargs, handles
from sourcediff.frontend.calls.type_tests import HANDLERS
from sourcediff.frontend.describe import describe
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.primitives import CHECKPOINT, ENTERED, LEFT
from sourcediff.frontend.values import Binding, Static
from sourcediff.ir import Atom, Const, Op, Value

__all__ = ["HANDLERS", "computed_again", "marked_by_function", "refuse_general"]

HELP = "write for i in checkpoint(range(n)), or @checkpoint on a line of its own before a function"


@handles(checkpoint)
def _checkpoint(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    given = dict(zip(("what", "segments"), args, strict=False)) | kwargs
    what, segments = given.pop("what", None), given.pop("segments", None)
    if given or len(args) > 2 or what is None:
        lowering.error("checkpoint() takes what a loop goes through, and segments", help=HELP)
    if lowering.faithful:
        refuse_general(lowering)
    if not isinstance(what, Value) or what.type.kind not in ("Range", "List"):
        lowering.error(
            f"checkpoint() of {describe(what)} is not supported: it marks a range or a list that a "
            "for statement goes through",
            help=HELP,
        )
    return _marked(lowering, what, segments)


def refuse_general(lowering: Lowering) -> NoReturn:
    """Say that what is marked cannot be computed again where all is kept as it stands."""
    lowering.error(
        "what is marked with checkpoint() can be computed again in code of numbers and lists only",
        help="leave out checkpoint(), or move what else there is out of the marked code",
    )


def _marked(lowering: Lowering, what: Value, segments: Binding | None) -> Value:
    args: tuple[Atom, ...] = (what,)
    if segments is not None and not (isinstance(segments, Const) and segments.value is None):
        if not isinstance(segments, Value | Const) or not types.is_number(segments.type):
            lowering.error(f"segments of checkpoint() cannot be {describe(segments)}")
        if isinstance(segments, Const) and segments.value < 1:
            lowering.error(f"segments of checkpoint() must be positive, not {segments.value}")
        args = (what, segments)
    return lowering.emit(CHECKPOINT, args, what.type)


@contextlib.contextmanager
def computed_again(lowering: Lowering, function: Any, frame: Frame) -> Iterator[None]:
    """Lower a call; that of a marked function in a loop as one that is computed again."""
    found = getattr(function, SEGMENTS, None)
    if found is None or lowering.faithful:
        yield
        return
    turns = bool(lowering.loops)
    frame.checkpoint = None if turns and found == (None,) else found
    attribute = object()
    if turns:
        lowering.ops.append(Op(ENTERED, (), (), (), attribute, lowering.site))
    yield
    if turns:
        lowering.ops.append(Op(LEFT, (), (), (), attribute, lowering.site))


def marked_by_function(lowering: Lowering, whole: Binding) -> Binding:
    """What a loop goes through, marked if the function is and the loop is in no other of it."""
    frame: Frame = lowering.frame
    found = frame.checkpoint
    if found is None or lowering.faithful or any(loop.frame is frame for loop in lowering.loops):
        return whole
    if not isinstance(whole, Value) or whole.type.kind not in ("Range", "List"):
        return whole
    (segments,) = found
    return _marked(lowering, whole, None if segments is None else Const(segments, types.INT))
