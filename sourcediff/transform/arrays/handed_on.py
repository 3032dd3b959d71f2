"""Arrays that are written to and that a branch or a turn of a loop hands on: its own, or a copy.

The adjoints of what an arm gives are those of what the branch gives, as long as the arm has made
it. Where it gives an array that was there before, or a view of one, and nobody has a use for that
afterwards, it may give a copy as well, and does, so that this holds of all arms:

    if relu:
        h = np.maximum(h, 0.0)      # else: h = h.copy()
    h += b
"""

from __future__ import annotations

from sourcediff.frontend.primitives import GETITEM, TUPLE
from sourcediff.ir import IF, LOOPS, Atom, Function, Op, Region, Value, walk
from sourcediff.memory import SNAPSHOT
from sourcediff.transform.adjoint.adjoints import defined_in
from sourcediff.transform.arrays.aliases import Aliases, is_of_others
from sourcediff.transform.arrays.code import is_array
from sourcediff.transform.arrays.reads import is_view, written_slots
from sourcediff.transform.arrays.table import refuse
from sourcediff.transform.lists.contents import slot_of
from sourcediff.transform.smaller.optimise import eliminate_dead, substituted
from sourcediff.types import Slot, Type

__all__ = ["hand_on_copies"]


def hand_on_copies(function: Function) -> Function:
    """Let arms and turns hand on copies of arrays that are written to and are not their own."""
    writes = written_slots(function)
    if not writes:
        return function
    function = _without_tuples(function, writes)
    return function.with_body(_HandingOn(function, writes).region(function.body))


def _without_tuples(function: Function, writes: dict[Slot, list[Op]]) -> Function:
    """Arrays that are written to by their own names, where a tuple of known items holds them.

    A tuple would count as one that reads its items: what it holds would be copies.
    """
    made: dict[Value, Op] = {}
    own: dict[Value, Atom] = {}
    for op in walk(function.body):
        if op.primitive is TUPLE:
            made[op.result] = op
        elif op.primitive is GETITEM and is_array(op.result) and slot_of(op.result) in writes:
            whole = made.get(op.args[0]) if isinstance(op.args[0], Value) else None
            if whole is not None and isinstance(op.attribute, int):
                own[op.result] = whole.args[op.attribute]
    if not own:
        return function
    ops = substituted(function.body.ops, own)
    results = substituted([Op(TUPLE, function.body.results or (), ())], own)[0].args
    ended = None if function.body.results is None else results
    return eliminate_dead(function.with_body(function.body.replace(ops, ended)))


class _HandingOn:
    def __init__(self, function: Function, writes: dict[Slot, list[Op]]) -> None:
        self.writes = writes
        self.function = function
        self.aliases: Aliases | None = None
        self.definitions: dict[Value, Op] = {}
        #: What is made in a turn of the innermost loop around, or taken by it.
        self.of_turn: set[Value] | None = None

    def region(self, region: Region) -> Region:
        ops = []
        for op in region.ops:
            self.definitions.update(dict.fromkeys(op.results, op))
            if op.regions:
                outer = self.of_turn
                if op.primitive in LOOPS:
                    self.of_turn = set(defined_in(op))
                    self.of_turn.update(p for r in op.regions for p in r.parameters)
                parts = list(map(self.region, op.regions))
                self.of_turn = outer
                if op.primitive is IF or op.primitive in LOOPS:
                    parts = self.owning(op, parts)
                op = op.replace(regions=tuple(parts))
            ops.append(op)
        return region.replace(ops, region.results)

    def owning(self, op: Op, parts: list[Region]) -> list[Region]:
        """The regions of a branch or a loop, which hand on what is their own."""
        if any(self._holds_written(result.type) for result in op.results):
            refuse(
                op,
                "a tuple or list of arrays that are written to is not supported here",
                "carry each array in a variable of its own",
            )
        places = [k for k, r in enumerate(op.results) if is_array(r) and slot_of(r) in self.writes]
        if not places:
            return parts
        self.aliases = self.aliases or Aliases(self.function)
        body = len(parts) - 1  # that of a loop, behind the test of a while
        found = []
        for number, part in enumerate(parts):
            if part.results is None or (op.primitive in LOOPS and number != body):
                found.append(part)
                continue
            ops, results = list(part.ops), list(part.results)
            for place in places:
                atom = results[place]
                if isinstance(atom, Value) and self._is_foreign(atom, op, part, results):
                    made = Value(atom.type, atom.name)
                    ops.append(Op(SNAPSHOT, (atom,), (made,), (), "apart", op.site, op.order))
                    results[place] = made
                elif op.primitive is IF and self._has_two_names(atom, op, part, place):
                    refuse(
                        op,
                        "an array that is written to and has two names is not supported",
                        "make a new array, or write to a copy",
                    )
            found.append(part.replace(ops, tuple(results)))
        return found

    def _holds_written(self, kind: Type) -> bool:
        """Whether a type is one of a tuple with an array that is written to, by whatever name."""
        if kind.kind not in ("Tuple", "Sequence", "Optional", "MaybeUnbound"):
            return False
        for item in kind.items:
            if item.kind == "Array" and item.slots["element"].root in self.writes:
                return kind.kind in ("Tuple", "Sequence")
            if self._holds_written(item):
                return True
        return False

    def _has_two_names(self, atom: Atom, op: Op, part: Region, place: int) -> bool:
        """Whether what a branch gives is written to, and looked at by a name from before."""
        if not isinstance(atom, Value):
            return False
        assert self.aliases is not None
        root, made = atom, self.definitions.get(atom)
        while made is not None and is_view(made):
            root = next(a for a in made.args if is_array(a))  # type: ignore[assignment]
            made = self.definitions.get(root)
        if root in set(defined_in(op)) and root not in part.parameters:
            return False
        end, uses = self.aliases.ends[op], self.aliases.uses
        later = set(self.aliases.names(op.results[place]))
        written = any(
            at > end and use is not None and use.primitive.writes and use.args[0] in later
            for name in later
            for at, use in uses.get(name, ())
        )
        before = self.aliases.names(root)
        return written and any(at > end for name in before for at, _ in uses.get(name, ()))

    def _is_foreign(self, atom: Value, op: Op, part: Region, results: list[Atom]) -> bool:
        """Whether an array was there before, or is a view, and nobody uses it afterwards."""
        assert self.aliases is not None
        inside = set(defined_in(op))
        root, made = atom, self.definitions.get(atom)
        while made is not None and is_view(made):
            root = next(a for a in made.args if is_array(a))  # type: ignore[assignment]
            made = self.definitions.get(root)
        own = root in inside and root not in part.parameters
        if own and root is atom:
            return False
        if made is not None and is_of_others(made):
            return False
        if op.primitive in LOOPS and root not in inside:
            return False  # the next turn has it, too
        if self.of_turn is not None and root not in self.of_turn:
            return False
        if op.primitive in LOOPS and root is atom:
            return False  # what a turn takes changes places
        names = set(self.aliases.names(root))
        if sum(result in names for result in results) != 1:
            return False
        end = self.aliases.ends[op]
        if root in inside:
            return True
        return not any(at > end for name in names for at, _ in self.aliases.uses.get(name, ()))
