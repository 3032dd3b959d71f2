"""What the normal form has brought in and nothing uses.

Most variables that a loop hands on are never looked at again.
"""

from __future__ import annotations

from collections.abc import Callable

from sourcediff import ir, memory
from sourcediff.frontend.primitives import COPY, TUPLE
from sourcediff.ir import (
    Function,
    Op,
    Region,
    Value,
    Variable,
)

__all__ = ["drop_unused", "uses_in"]


def uses_in(region: Region) -> dict[Value, int]:
    """How often each value is an operand, or what a region yields."""
    found: dict[Value, int] = {}
    for op in ir.walk(region):
        atoms = [*op.args, *(a for r in op.regions for a in r.results or ())]
        for atom in atoms:
            if isinstance(atom, Value):
                found[atom] = found.get(atom, 0) + 1
    return found


def drop_unused(function: Function, own: set[Variable]) -> None:
    """Leave out reads that nobody uses, and writes of variables that nothing reads.

    Only of variables that the normal form has brought in: reading one of the user's may raise.
    """
    while True:
        uses = uses_in(function.body)
        reads = {
            op.attribute
            for op in ir.walk(function.body)
            if op.primitive is memory.READ and uses.get(op.result)
        }

        def unused(op: Op, uses: dict[Value, int] = uses, reads: set[Variable] = reads) -> bool:
            if op.primitive is memory.READ:
                return op.attribute in own and not uses.get(op.result)
            if op.primitive is memory.WRITE:
                return op.attribute in own and op.attribute not in reads
            return op.primitive in (TUPLE, COPY) and not uses.get(op.result)

        before = sum(1 for _ in ir.walk(function.body))
        function.body = _without(function.body, unused)
        if sum(1 for _ in ir.walk(function.body)) == before:
            break
    seen = {op.attribute for op in ir.walk(function.body) if op.primitive is memory.READ}
    function.variables = tuple(v for v in function.variables if v not in own or v in seen)


def _without(region: Region, unused: Callable[[Op], bool]) -> Region:
    ops = [
        op.replace(regions=tuple(_without(inner, unused) for inner in op.regions))
        if op.regions
        else op
        for op in region.ops
        if not unused(op)
    ]
    return Region(ops, region.results, region.site, region.parameters)
