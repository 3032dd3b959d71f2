"""What is multiplied with a choice that may be zero is multiplied where it is not zero.

``max(math.sqrt(x), 1.0)`` does not depend on `x` where it is 1, and that has to hold at 0 too,
where the derivative of the root is infinite:

    0.5 * (0.0 if 1.0 > root else 1.0) / root     becomes     0.0 if 1.0 > root else 0.5 / root

In forward mode it is computed there: ``root_dot = x_dot / root`` goes into the arm that reads it.
Only what derivatives brought in, and only a choice that is an expression and read once.
"""

from __future__ import annotations

from sourcediff.called import ENTERS
from sourcediff.guards import may_raise
from sourcediff.ir import IF, Const, Function, Op, Region, Value, free_values, walk
from sourcediff.types import REAL, is_memory

__all__ = ["into_choices", "is_choice", "is_zero"]


def into_choices(function: Function) -> Function:
    """Move products with choices, and quotients of them, to where they are not zero.

    Returns:
        The very same function where there are none.
    """
    if not any(op.primitive is IF and op.order > 0 for op in walk(function.body)):
        return function
    run = _Chosen()
    for op in walk(function.body):
        run.count(op.args)
        for part in op.regions:
            run.count(part.results or ())
    run.count(function.body.results or ())
    return function.with_body(run.region(function.body))


class _Chosen:
    def __init__(self) -> None:
        self.uses: dict[object, int] = {}

    def count(self, atoms: tuple[object, ...]) -> None:
        for atom in atoms:
            self.uses[atom] = self.uses.get(atom, 0) + 1

    def region(self, region: Region) -> Region:
        ops: list[Op] = []
        here: dict[Value, Op] = {}
        for op in region.ops:
            if op.regions:
                op = op.replace(regions=tuple(map(self.region, op.regions)))
            op = self.pushed(op, ops, here)
            if is_choice(op):
                op = self.sunk(op, ops, here)
            ops.append(op)
            here.update(dict.fromkeys(op.results, op))
        return region.replace(ops, region.results)

    def pushed(self, op: Op, ops: list[Op], here: dict[Value, Op]) -> Op:
        """The choice that an operation is, if an operand of it is one."""
        name = op.primitive.name
        if op.order == 0 or name not in ("mul", "truediv", "neg") or op.result.type is not REAL:
            return op
        for place in (0, 1) if name == "mul" else (0,):
            chosen = op.args[place]
            choice = here.get(chosen) if isinstance(chosen, Value) else None
            if choice is None or self.uses.get(chosen) != 1 or not is_choice(choice):
                continue
            ops.remove(choice)
            del here[choice.result]
            return self.inside(op, place, choice, ops, here)
        return op

    def inside(self, op: Op, place: int, choice: Op, ops: list[Op], here: dict[Value, Op]) -> Op:
        """A choice with an operation in the arm that is not zero."""
        before: list[Op] = []
        for other in op.args:
            made = here.get(other) if isinstance(other, Value) else None
            if made is None or other is choice.result or self.uses.get(other) != 1:
                continue
            if made.order > 0 and _is_pure(made) and made.result.name is None:
                ops.remove(made)
                before.append(made)
        regions = []
        for part in choice.regions:
            assert part.results is not None
            (given,) = part.results
            if is_zero(given):
                regions.append(part)
                continue
            result = Value(op.result.type)
            args = tuple(given if k == place else arg for k, arg in enumerate(op.args))
            made = op.replace(args, (result,))
            regions.append(part.replace([*part.ops, *before, made], (result,)))
        new = choice.replace(choice.args, op.results, tuple(regions))
        new.site, new.order = op.site, op.order
        return new

    def sunk(self, op: Op, ops: list[Op], here: dict[Value, Op]) -> Op:
        """A choice that computes in its arm what only the arm reads and what may raise."""
        regions = []
        for part in op.regions:
            wanted = list(free_values(part))
            moved: list[Op] = []
            while wanted:
                made = self.alone(wanted.pop(), here)
                if made is not None and self.raises(made, here):
                    ops.remove(made)
                    del here[made.result]
                    moved.insert(0, made)
                    wanted += [a for a in made.args if isinstance(a, Value)]
            regions.append(part.replace([*moved, *part.ops], part.results) if moved else part)
        return op.replace(regions=tuple(regions))

    def alone(self, value: Value, here: dict[Value, Op]) -> Op | None:
        """What computes a value in a derivative that is read once, if it may come later."""
        made = here.get(value)
        if made is None or self.uses.get(value) != 1 or made.order == 0 or not _is_pure(made):
            return None
        return made if self.is_closed(made) else None

    def is_closed(self, op: Op) -> bool:
        """Whether what is computed in an operation is read in it only; a later loop may read it."""
        inside: dict[object, int] = {}
        for part in op.regions:
            for inner in walk(part):
                for atom in (*inner.args, *(a for r in inner.regions for a in r.results or ())):
                    inside[atom] = inside.get(atom, 0) + 1
            for atom in part.results or ():
                inside[atom] = inside.get(atom, 0) + 1
        made = (r for part in op.regions for inner in walk(part) for r in inner.results)
        return all(self.uses.get(r, 0) == inside.get(r, 0) for r in made)

    def raises(self, op: Op, here: dict[Value, Op]) -> bool:
        """Whether an operation may raise, or one that is there for it alone."""
        operands = [self.alone(a, here) for a in op.args if isinstance(a, Value)]
        return may_raise(op) or any(made and self.raises(made, here) for made in operands)


def is_choice(op: Op) -> bool:
    """Whether an operation is a choice between zero and something else."""
    if op.primitive is not IF or op.attribute == "statement" or len(op.results) != 1:
        return False
    if (
        op.order == 0
        or op.result.type is not REAL
        or any(part.results is None for part in op.regions)
    ):
        return False
    zeros = [is_zero(part.results[0]) for part in op.regions if part.results is not None]
    pure = all(_is_pure(inner) for part in op.regions for inner in walk(part))
    return sum(zeros) == 1 and pure


def is_zero(atom: object) -> bool:
    return isinstance(atom, Const) and atom.value == 0.0


def _is_pure(op: Op) -> bool:
    """Whether an operation may be computed later, and not at all."""
    if len(op.results) != 1 or op.primitive in ENTERS:
        return False  # what a call leaves to its pullback is read behind it
    if op.primitive is IF:
        return all(_is_pure(inner) for part in op.regions for inner in part.ops)
    if op.primitive.effect or op.primitive.reads or op.regions:
        return False
    return not any(is_memory(atom.type) for atom in (*op.args, *op.results))
