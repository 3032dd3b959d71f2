"""Values under other names, in a region and all that is in it.

>>> from sourcediff.ir import Const, Function, Value
>>> from sourcediff.types import REAL
>>> x = Value(REAL, "x")
>>> print(Function("f", [], renamed(Region([], (x,)), {x: Const(1.0, REAL)})))
f():
    yield 1.0
"""

from __future__ import annotations

from collections.abc import Mapping

from sourcediff.ir import Atom, Region, Value

__all__ = ["renamed"]


def renamed(region: Region, names: Mapping[Value, Atom]) -> Region:
    """A copy of a region, in which other atoms stand for some values."""

    def atom(found: Atom) -> Atom:
        while isinstance(found, Value) and found in names and names[found] is not found:
            found = names[found]
        return found

    def inside(region: Region) -> Region:
        ops = [
            op.replace(args=tuple(map(atom, op.args)), regions=tuple(map(inside, op.regions)))
            for op in region.ops
        ]
        results = None if region.results is None else tuple(map(atom, region.results))
        return Region(ops, results, region.site, region.parameters)

    return inside(region) if names else region
