"""What would be copied for the last time is handed over instead.

An adjoint that a loop carries is not added to in place before it is known whose it is: the text
that falls out of reverse mode copies it first. Where the derivative has made it itself, in every
turn anew or before the loop, and nothing looks at it any more, the copy takes nothing from anybody:

    y_bar = y_bar.copy()            →       y_bar[0] += z_bar
    y_bar[0] += z_bar

>>> from sourcediff.frontend.lower import lower_function
>>> from sourcediff.types import REAL, Slot, array_of
>>> def f(x):
...     y = (2.0 * x).copy()
...     y[0] = 1.0
...     return y
>>> function = lower_function(f, {"x": array_of(Slot(REAL), 1)})
>>> [op.primitive.name for op in with_copies_handed_over(function).body.ops]  # it is the user's
['mul', 'query', 'set_item']
"""

from __future__ import annotations

from sourcediff.frontend.arrays.numpy_signatures import name_of
from sourcediff.frontend.primitives import COPY
from sourcediff.ir import Atom, Function, Op, Region, Value, walk
from sourcediff.memory import QUERY
from sourcediff.transform.adjoint.cotangent import SEED
from sourcediff.transform.arrays.owned import Owned
from sourcediff.transform.lists.contents import slot_of
from sourcediff.transform.smaller.optimise import substituted
from sourcediff.types import array_of, rank_of

__all__ = ["with_copies_handed_over"]


def with_copies_handed_over(function: Function) -> Function:
    """Leave out the copies of arrays of the derivative's own that end with them."""
    while True:
        run = Owned(function, frozenset())
        seeds = [run.places[op] for op in function.body.ops if op.primitive is SEED]
        last = max(seeds, default=0)
        copy = next((op for op in walk(function.body) if _ends_here(op, run, last)), None)
        if copy is None:
            return function
        function = _without(function, copy)


def _ends_here(op: Op, run: Owned, start: int) -> bool:
    """Whether an operation copies an array that is the derivative's own, and ends with it."""
    if op.primitive is not QUERY or op.order == 0 or name_of(op) != "copy" or len(op.args) != 1:
        return False
    (source,) = op.args
    if not isinstance(source, Value) or source.type.kind != "Array":
        return False
    if _element(source) is not _element(op.result):
        return False
    if not run.is_exclusive(op, source):
        return False
    # What a pullback finds there when it is called again was made before it.
    return all(made.order == op.order and run.places[made] > start for made in run.makers(source))


def _element(value: Value) -> object:
    return value.type.slots["element"].type


def _without(function: Function, copy: Op) -> Function:
    """A function in which an array itself stands for a copy of it."""
    (source,) = copy.args
    assert isinstance(source, Value)
    slot, other = slot_of(source), copy.result.type.slots["element"]
    for value in _values(function):
        if slot_of(value) is slot:  # what is written by one name is read by another
            value.type = array_of(other, rank_of(value.type))
    if _variable(source) not in (None, _variable(copy.result)):
        # ``a_bar = total_bar``: both have a name that tells something.
        again = Op(COPY, (source,), copy.results, site=copy.site, order=copy.order)
        return function.with_body(_put(function.body, copy, again))
    if _variable(source) is None:
        source.adjoint_of, source.name = copy.result.adjoint_of, copy.result.name
    renamed: dict[Value, Atom] = {copy.result: source}
    results = function.body.results
    if results is not None:
        results = tuple(source if atom is copy.result else atom for atom in results)
    body = _put(function.body, copy, None)
    return function.with_body(body.replace(substituted(body.ops, renamed), results))


def _variable(value: Value) -> str | None:
    """The variable that a value is, or is the adjoint of."""
    return value.name if value.adjoint_of is None else value.adjoint_of.name


def _put(region: Region, old: Op, new: Op | None) -> Region:
    """A region with another operation in the place of one, or none."""
    ops = []
    for op in region.ops:
        if op is old:
            ops += [] if new is None else [new]
        elif op.regions:
            ops.append(op.replace(regions=tuple(_put(part, old, new) for part in op.regions)))
        else:
            ops.append(op)
    return region.replace(ops, region.results)


def _values(function: Function) -> list[Value]:
    found = list(function.parameters)
    for op in walk(function.body):
        found += op.results
        for part in op.regions:
            found += part.parameters
    return found
