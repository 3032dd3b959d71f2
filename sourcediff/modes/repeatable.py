"""Whether a function gives the same again: what is computed in several runs of it must agree.

A function that draws from a generator outside, or from one that it is given, gives something else
each time; one that seeds what it draws from does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from sourcediff.flow import functions_reached
from sourcediff.frontend.primitives import CALL
from sourcediff.ir import Const, Function, Op, Value, walk

__all__ = ["has_arrays", "has_effects", "is_repeatable"]


def is_repeatable(function: Function, copied: int = 0) -> bool:
    """Whether all that a function draws is drawn from what it has seeded itself.

    Args:
        copied: of how many generators among the arguments each run gets a copy. What is drawn from
            them is the same each time, if those are all that it is given.

    >>> import random
    >>> from sourcediff.frontend.lower import lower_function
    >>> from sourcediff.types import REAL
    >>> is_repeatable(lower_function(lambda x: x * random.Random(7).random(), {"x": REAL}))
    True
    >>> is_repeatable(lower_function(lambda x: x * random.Random().random(), {"x": REAL}))
    False
    """
    calls = list(_calls(function))
    seeded = {op.result for op in calls if op.results and _is_seeded(op)}
    given = [p for p in function.parameters if p.type.kind == "Draws"]
    if len(given) == copied:
        seeded.update(given)
    module_is_seeded = any(
        op.attribute.function.__name__ == "seed" and not _subject(op) and _is_seeded(op)
        for op in calls
        if op.attribute.function is not None
    )
    for op in calls:
        subject = _subject(op)
        if subject is not None and subject not in seeded:
            return False
        module = str(getattr(op.attribute.function, "__module__", "") or _owner(op))
        of_module = module.startswith(("random", "numpy.random")) and subject is None
        if of_module and op.results and op.result.type.kind != "Draws" and not module_is_seeded:
            return False
    return True


def has_effects(function: Function) -> bool:
    """Whether a function prints, or does something else outside that is no drawing."""
    return any(not op.results and not _is_seeded(op) for op in _calls(function))


def has_arrays(function: Function) -> bool:
    """Whether a function computes with arrays."""
    bodies = (one.body for one in functions_reached(function)[0])
    results = (result for body in bodies for op in walk(body) for result in op.results)
    return any(result.type.kind == "Array" for result in results)


def _calls(function: Function) -> Iterator[Op]:
    for one in functions_reached(function)[0]:
        yield from (op for op in walk(one.body) if op.primitive is CALL)


def _subject(op: Op) -> Value | None:
    """The generator that a call draws from."""
    first = op.args[0] if op.args else None
    return first if isinstance(first, Value) and first.type.kind == "Draws" else None


def _is_seeded(op: Op) -> bool:
    """Whether a call makes a generator, or seeds one, by a number that is always the same."""
    return bool(op.args) and all(isinstance(a, Const) and a.value is not None for a in op.args)


def _owner(op: Op) -> str:
    return type(getattr(op.attribute.function, "__self__", None)).__module__
