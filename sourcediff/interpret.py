"""The interpreter of the IR: what every stage means, as slowly and plainly as possible.

It makes each intermediate form executable, so that a wrong result is found by running the
stages one after the other on the same arguments.

>>> from sourcediff.ir import Function, Op, Primitive, Region, Value
>>> from sourcediff.types import REAL
>>> x, y = Value(REAL, "x"), Value(REAL)
>>> double = Primitive("double", evaluate=lambda v: v + v)
>>> run(Function("f", [x], Region([Op(double, (x,), (y,))], (y,))), 4.0)
8.0
"""

from __future__ import annotations

from typing import Any

from sourcediff.ir import IF, UNDEFINED, Atom, Function, Op, Region, Value

__all__ = ["run"]


class _Unbound:
    """What a variable holds before anything is bound to it."""


def run(function: Function, *args: Any) -> Any:
    """What the function returns for these arguments.

    Raises:
        whatever the operations raise, as the emitted program would.
    """
    values: dict[Value, Any] = dict(zip(function.parameters, args, strict=True))
    results = _region(function.body, values)
    assert results is not None, "control left the function without a value"
    (result,) = results
    return result


def _region(region: Region, values: dict[Value, Any]) -> tuple[Any, ...] | None:
    for op in region.ops:
        _op(op, values)
    if region.results is None:
        return None
    return tuple(_read(atom, values) for atom in region.results)


def _read(atom: Atom, values: dict[Value, Any]) -> Any:
    if isinstance(atom, Value):
        return values[atom]
    return _Unbound if atom is UNDEFINED else atom.value


def _op(op: Op, values: dict[Value, Any]) -> None:
    args = [_read(a, values) for a in op.args]
    name = op.primitive.name
    if op.primitive is IF:
        results = _region(op.regions[0 if args[0] else 1], values)
        assert results is not None, "a region that raises did not"
        values.update(zip(op.results, results, strict=True))
        return
    if name == "assert":
        if not args[0]:
            message = _region(op.regions[0], values) if op.regions else ()
            raise AssertionError(*message or ())
        return
    if name == "unpack":
        values.update(zip(op.results, args[0], strict=True))
        return
    if name == "bound":
        if args[0] is _Unbound:
            raise UnboundLocalError(
                f"cannot access local variable {op.attribute!r} "
                "where it is not associated with a value"
            )
        result = args[0]
    elif op.attribute is not None:
        result = op.primitive.evaluate(op.attribute, *args)
    else:
        result = op.primitive.evaluate(*args)
    if op.results:
        values[op.result] = result
