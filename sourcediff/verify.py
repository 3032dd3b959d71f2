"""The verifier: what every IR must satisfy that one stage hands to the next.

Single assignment, definition before use within scope, matching signatures of regions, types
that the operations can have. Run on every stage in the tests.
"""

from __future__ import annotations

from sourcediff import types
from sourcediff.ir import IF, Atom, Const, Function, Op, Region, Value

__all__ = ["VerificationError", "verify"]


class VerificationError(AssertionError):
    """A stage produced an ill-formed IR: a defect of the compiler."""


def verify(function: Function) -> Function:
    """Check a function and return it.

    Raises:
        VerificationError: the first violation found, with the printed function.
    """
    defined: set[Value] = set()
    try:
        for parameter in function.parameters:
            _define(parameter, defined)
        _check_region(function.body, defined, set(function.parameters))
        if function.body.results is not None and len(function.body.results) != 1:
            raise VerificationError("a function yields exactly one value")
    except VerificationError as violation:
        raise VerificationError(f"{violation}\n{function}") from None
    return function


def _define(value: Value, defined: set[Value]) -> None:
    if value in defined:
        raise VerificationError(f"{value} is assigned twice")
    if value.type in (types.UNBOUND,):
        raise VerificationError(f"{value} has no type")
    defined.add(value)


def _check_atom(atom: Atom, visible: set[Value], where: str) -> None:
    if isinstance(atom, Value):
        if atom not in visible:
            raise VerificationError(f"{atom} is used in {where} but not defined there")
    elif not isinstance(atom, Const):
        raise VerificationError(f"{atom!r} in {where} is no atom")


def _check_region(region: Region, defined: set[Value], visible: set[Value]) -> None:
    visible = set(visible)
    for op in region.ops:
        _check_op(op, defined, visible)
        for result in op.results:
            _define(result, defined)
            visible.add(result)
    for atom in region.results or ():
        _check_atom(atom, visible, "a yield")


def _check_op(op: Op, defined: set[Value], visible: set[Value]) -> None:
    for arg in op.args:
        _check_atom(arg, visible, repr(op.primitive))
    for inner in op.regions:
        _check_region(inner, defined, visible)
    if op.primitive is IF:
        _check_if(op)
    elif op.primitive.typing is not None and op.results:
        expected = op.primitive.typing(*[a.type for a in op.args])
        if expected is None or types.join(expected, op.result.type) is not op.result.type:
            raise VerificationError(
                f"{op.primitive} of {[a.type for a in op.args]} cannot be {op.result.type}"
            )


def _check_if(op: Op) -> None:
    if len(op.args) != 1 or len(op.regions) != 2:
        raise VerificationError("an if has one test and two regions")
    for region in op.regions:
        if region.results is None:
            continue
        if len(region.results) != len(op.results):
            raise VerificationError("a region yields another number of values than its if")
        for given, result in zip(region.results, op.results, strict=True):
            if types.join(given.type, result.type) is not result.type:
                raise VerificationError(f"a {given.type} is yielded for a {result.type}")
