"""What a turn adds to the adjoint of a variable from outside is added where it is computed.

All that a turn adds is put together at its end, behind what it writes to arrays and lists. What it
computed before that would need a name until then:

    product = x_bar_i * w           →       w_bar += x_bar_i * w
    x_bar[i - 1] += x_bar_i * a             x_bar[i - 1] += x_bar_i * a
    w_bar += product
"""

from __future__ import annotations

from sourcediff.ir import Op, Region, Value
from sourcediff.transform.adjoint.scaled import ADD, SUB
from sourcediff.transform.arrays.code import is_array
from sourcediff.transform.arrays.copies import makes_an_array
from sourcediff.transform.lists.contents import slot_of
from sourcediff.types import Slot

__all__ = ["add_at_once"]


def add_at_once(region: Region) -> Region:
    """Move additions to what a turn was given to where what they add has been computed."""
    ops = list(region.ops)
    uses: dict[object, int] = {}
    _count(region, uses)
    for result in region.results or ():
        if isinstance(result, Value) and uses.get(result) == 1:
            _bring_forward(ops, result, region, uses)
    return region.replace(ops, region.results)


def _count(region: Region, uses: dict[object, int]) -> None:
    for op in region.ops:
        for atom in op.args:
            uses[atom] = uses.get(atom, 0) + 1
        for part in op.regions:
            _count(part, uses)
    for atom in region.results or ():
        uses[atom] = uses.get(atom, 0) + 1


def _bring_forward(ops: list[Op], result: Value, region: Region, uses: dict[object, int]) -> None:
    place = next((k for k, op in enumerate(ops) if result in op.results), None)
    if place is None or ops[place].primitive not in (ADD, SUB) or ops[place].order == 0:
        return
    total, added = ops[place].args
    if total not in region.parameters or not isinstance(added, Value) or uses[total] > 1:
        return
    if ops[place].site is None:
        return
    made = {r: k for k, op in enumerate(ops) for r in op.results}
    if is_array(added) and (added not in made or not makes_an_array(ops[made[added]])):
        return  # what is written to meanwhile may be seen in it
    moved, start = {place}, 0
    pending = [added]
    while pending:
        value = pending.pop()
        where = made.get(value)
        if where is None or where in moved:
            continue
        op = ops[where]
        if (
            op.site is ops[place].site
            and _moves(op, value, uses)
            and _is_apart(op, ops, made, uses)
        ):
            moved.add(where)
            pending += [atom for atom in op.args if isinstance(atom, Value)]
        else:
            start = max(start, where + 1)
    between = [ops[k] for k in range(start, place) if k not in moved]
    if not any(op.primitive.writes for op in between):
        return  # it is folded as it is
    site = ops[place].site
    if any(op.regions or (op.primitive.writes and op.site is not site) for op in between):
        return  # it stays among the adjoints of its statement
    for whole in (total, added):
        if is_array(whole) and any(_writes_to(op, slot_of(whole)) for op in between):
            return
    rest = [op for k, op in enumerate(ops[start : place + 1], start) if k not in moved]
    ops[start : place + 1] = [*(ops[k] for k in sorted(moved) if k >= start), *rest]


def _writes_to(op: Op, slot: Slot | None) -> bool:
    return op.primitive.writes and any(slot_of(arg) is slot for arg in op.args[:1])


def _moves(op: Op, value: Value, uses: dict[object, int]) -> bool:
    """Whether an operation is done anywhere before its one reader as well."""
    if uses.get(value) != 1 or value.name is not None or value.adjoint_of is not None:
        return False
    return len(op.results) == 1 and op.order > 0 and op.primitive.rule is not None


def _is_apart(op: Op, ops: list[Op], made: dict[Value, int], uses: dict[object, int]) -> bool:
    """Whether nothing that is written to meanwhile is seen in what an operation reads."""
    arrays = [arg for arg in op.args if isinstance(arg, Value) and is_array(arg)]
    return all(arg in made and uses[arg] == 1 and makes_an_array(ops[made[arg]]) for arg in arrays)
