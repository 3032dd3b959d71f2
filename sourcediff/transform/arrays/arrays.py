"""Adjoints of arrays: as values, fitted to the shape of what they belong to.

The adjoint of an array is a value like that of a number. It may be smaller as long as it is
broadcast to the array's shape: that of a sum is one number for all. It is made as large as the
array where something looks at its shape (`full`), and summed where the operation broadcast
(`fitted`). What items contribute is added into an array of zeros, at their place.

NumPy's product rule for ``y = x * s``, with a number `s`, shows both: ``x_bar = y_bar * s`` and
``s_bar = (y_bar * x).sum()``.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.arrays.numpy_signatures import name_of
from sourcediff.frontend.primitives import COPY, GETATTR, LOAD, PURE_CALL
from sourcediff.ir import DEAD, IF, LOOPS, Atom, Const, Op, Region, Value, walk
from sourcediff.memory import OPERATE, QUERY, SNAPSHOT, SUBSCRIPT, UNPACK_ITERABLE
from sourcediff.transform.adjoint.adjoints import defined_in
from sourcediff.transform.adjoint.conjugates import is_complex, real_part
from sourcediff.transform.adjoint.masks import is_zero, mask_of, stands_by, through_branches
from sourcediff.transform.adjoint.pullback import pull_back, rule_of
from sourcediff.transform.adjoint.scaled import ADD, EQUAL, MUL, Scaled
from sourcediff.transform.arrays.aliases import Aliases
from sourcediff.transform.arrays.code import (
    adjoint_type,
    is_array,
    is_real,
    numbers_of,
    real_array,
    real_like,
)
from sourcediff.transform.arrays.dtype_looks import looks_for
from sourcediff.transform.arrays.indices import Indices
from sourcediff.transform.arrays.items import Items
from sourcediff.transform.arrays.joined_masks import may_be_infinite, where_not_zero
from sourcediff.transform.arrays.moved_masks import moved_mask
from sourcediff.transform.arrays.parts import Parts, gives_several
from sourcediff.transform.arrays.reads import WRITES, is_view
from sourcediff.transform.arrays.shapes import Axis
from sourcediff.transform.arrays.whole_numbers import WholeNumbers
from sourcediff.transform.arrays.writes import ArrayWrites
from sourcediff.transform.branches.arms import Arms
from sourcediff.transform.lists.contents import is_list, slot_of
from sourcediff.types import rank_of

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.adjoint.reverse import Reverse

__all__ = ["Arrays"]

_ZERO = Const(0.0, types.REAL)
_LOOKS = (SUBSCRIPT, SNAPSHOT, GETATTR, OPERATE, QUERY, PURE_CALL)


class Arrays(Indices):
    """The arrays of one function that is turned round."""

    def __init__(self, run: Reverse) -> None:
        super().__init__(run)
        self.writes = ArrayWrites(self)
        self.arms: Arms | None = None
        self.aliases: Aliases | None = None
        self.items = Items(self)
        self.parts = Parts(self, run.function.body)
        self.parameters = set(run.function.parameters)
        #: By what a loop carries, what a turn starts its reverse with, of the same shape.
        self.seeds: dict[Value, tuple[Value, ...]] = {}
        #: What is defined in loops, and would be kept of every turn.
        self.of_turns = {
            value
            for op in walk(run.function.body)
            if op.primitive in LOOPS
            for value in defined_in(op)
        }
        self.whole: WholeNumbers | None = None
        #: The tests of sums of masked adjoints, by what they ask.
        self.joined: dict[Any, Value] = {}
        run.builder.written += [
            op.args[0] for op in walk(run.function.body) if op.primitive.writes and op.args
        ]
        #: Whether all arrays that come in are of Python's own type of numbers.
        outside = [op.result for op in walk(run.function.body) if op.primitive is LOAD]
        come_in = filter(is_real, (*run.function.parameters, *outside))
        self.doubles = all(value.type.cls is float for value in come_in)

    def shown(self, whole: Atom) -> Atom:
        """An array of the same shape, and of the same type of numbers, that is at hand.

        It stands where the array itself would have to be made, or kept of a turn, for no more.
        """
        made = self.run.builder.definitions.get(whole) if isinstance(whole, Value) else None
        if made is None or made.primitive.rule is None:
            return self._of_that_shape(whole) if whole in self.of_turns else whole
        if whole.name is not None and whole not in self.of_turns:
            return whole
        arrays = [arg for arg in made.args if is_array(arg)]
        if not self.doubles and len(arrays) > 1:
            return whole
        for arg in arrays:
            same = self.shapes.fill(self.shapes.of(arg), self.shapes.of(whole))
            fits = is_real(arg) and not self._may_be_whole(arg)
            if same and fits and not is_complex(whole):
                return self.shown(arg)
        return whole

    def _of_that_shape(self, whole: Atom) -> Atom:
        """An argument of the same shape, where nothing has to be kept of a turn for it."""
        wanted = self.shapes.of(whole)
        if self.doubles and is_real(whole):
            for other in self.run.function.parameters:
                if is_real(other) and self.shapes.of(other) == wanted:
                    return other
        return whole

    # Shapes of adjoints -------------------------------------------------------------------

    def zero(self, value: Value) -> Atom:
        """The adjoint of a value that nothing contributed to."""
        if adjoint_type(value).kind != "Array":
            return _ZERO
        if not is_array(value):
            return self._zero_unbound(value)
        like = self.shown(value)
        if like is value and value in self.seeds and self.run.lists.is_memory(value):
            (like,) = self.seeds[value]  # nothing has to be kept for its shape alone
        return self.code.like("zeros_like", (like,), adjoint_type(value), self._wants_floats(value))

    def _zero_unbound(self, value: Value) -> Atom:
        """The same of a name that may not be bound: as long as another array."""
        wanted = self.shapes.of(value)
        for other in (*self.seeds.get(value, ()), *self.run.function.parameters):
            if is_real(other) and self.shapes.of(other) == wanted:
                made = self.code.call("zeros_like", (other,), adjoint_type(value))
                self.shapes.known[made] = wanted
                return made
        raise DifferentiationError(
            f"{value.name or 'an array'!r}, which is first bound in a loop, is not supported here",
            None if self.run.builder.site is None else self.run.builder.site.span,
            "bind it before the loop",
        )

    def zero_in_arm(self, value: Value, branch: Op, arm: int) -> Atom:
        """The same in an arm of a branch, which may have no such value."""
        if is_array(value):
            self.arms = self.arms or Arms(self.run.function.body, self.run.builder.definitions)
            if self.arms.lacks(value, branch, arm):
                # A loop keeps what it hands on, although nothing looks at this.
                return DEAD if self.run.turn is None else Const(0.0, adjoint_type(value))
        return self.zero(value)

    def full(self, value: Value, adjoint: Scaled, may_be_real: bool = False) -> Atom:
        """An adjoint as an atom of the shape of the value that it belongs to.

        Args:
            may_be_real: whether that of complex numbers may be an array of real ones.
        """
        builder = self.run.builder
        if adjoint_type(value).kind != "Array":
            return builder.real_atom(adjoint)
        if adjoint.is_zero:
            return self.zero(value)
        atom = builder.real_atom(adjoint)
        if is_array(atom) and value in self.run.lists.maybe_zero:
            return atom
        wanted, found = self.shapes.of(value), self.shapes.of(atom)
        kind = adjoint_type(value)
        if self.shapes.fill(found, wanted):
            return self._as_complex(atom) if is_complex(value) and not may_be_real else atom
        if isinstance(atom, Const) and atom.value == 1.0:
            args: tuple[Atom, ...] = (self.shown(value),)
            made = self.code.like("ones_like", args, kind, self._wants_floats(value))
        elif not is_array(atom):
            args = (self.shown(value), atom)
            made = self.code.like("full_like", args, kind, self._wants_floats(value))
        else:
            shape = self.code.shape(self.shown(value))
            atom = self._as_complex(atom) if is_complex(value) and not may_be_real else atom
            kind = real_array(rank_of(kind) or 0, numbers_of(atom.type))
            made = self.code.call("broadcast_to", (atom, shape), kind)
        self.shapes.known[made] = wanted
        return made

    def _as_complex(self, atom: Atom) -> Atom:
        """An adjoint of complex numbers as an array of such, also where all of it is real."""
        if is_complex(atom):
            return atom
        return self.run.builder.emit(ADD, (atom, Const(0j, types.COMPLEX)))

    def owned(self, atom: Atom) -> Atom:
        """An array that nobody else refers to: a copy, which is dropped later if it need not be."""
        if not is_array(atom):
            return atom
        if self._may_be_whole(atom):
            copy = self.code.of_floats(atom)
        else:
            copy = self.code.method("copy", atom, kind=real_like(atom))
        if isinstance(atom, Value):
            self.shapes.known[copy] = self.shapes.of(atom)
        return copy

    def _wants_floats(self, value: Value) -> bool:
        """Whether the adjoint of an array has to be told that it is one of floats."""
        return bool(looks_for()) and self._may_be_whole(value)

    def _may_be_whole(self, atom: Atom) -> bool:
        """Whether an array is one of whole numbers, which holds no fractions."""
        if not is_real(atom):
            return not is_complex(atom)
        if self.whole is None:
            self.whole = WholeNumbers(self.run.function)
            self.whole.definitions = self.run.builder.definitions
        return bool(self.whole.of(atom))

    def seed(self, carried: Value, result: Value) -> Value:
        """A new value for the adjoint of what a turn of a loop hands on."""
        made = self.run.adjoint_of(carried)
        self.seeds[carried] = (made,)
        if is_array(made) and self.shapes.of(carried) != self.shapes.of(result):
            del self.shapes.known[made]  # it has another shape in every turn
        return made

    def seed_with(self, shadow: Value, carried: Value, result: Value) -> None:
        """The same of an array that is written to, and of its adjoints."""
        if self.shapes.of(carried) == self.shapes.of(result):
            self.shapes.known[shadow] = self.shapes.of(carried)
            self.seeds[carried] = (shadow,)

    def exactly(self, atom: Atom, adjoint: Scaled) -> Scaled:
        """An adjoint that is known to have the shape of what it belongs to."""
        core = adjoint.core
        if core is None or not is_array(core):
            return adjoint
        if not self.shapes.fill(self.shapes.of(core), self.shapes.of(atom)):
            core = self.run.builder.emit(COPY, (core,), core.type)
            self.shapes.known[core] = self.shapes.of(atom)
        return Scaled(adjoint.coefficient, core, adjoint.pending)

    def handed_out(self, value: Value, adjoint: Scaled) -> Atom:
        """A derivative that shares memory with nothing, and not with another derivative."""
        atom = self.full(value, adjoint)
        return self.owned(atom)

    def pull_back(self, op: Op, place: int, adjoint: Scaled) -> Scaled:
        """What an operation element by element contributes to the adjoint of an argument.

        Where the adjoint has been masked, so is what is made of it: a partial derivative that is
        infinite where nothing was chosen does no harm.
        """
        arg = op.args[place]
        assert isinstance(arg, Value)
        return self.fitted(op, arg, self._masked(op, place, adjoint))

    def _masked(
        self, op: Op, place: int, adjoint: Scaled, put: tuple[tuple[Atom, int], ...] = ()
    ) -> Scaled:
        """The same before it is summed; where one mask is put on another, with both.

        Args:
            put: the masks that are put on what this gives: tests, and which side is zero.
        """
        mask = self._mask(adjoint)
        builder = self.run.builder
        if rule_of(op).partial(place) in ("0", "1", "-1"):
            return pull_back(builder, op, place, adjoint)
        if mask is None:
            return self._masked_as_sum(op, place, adjoint, put)
        test, chosen, other = mask.args
        here = (through_branches(builder.definitions, test), 1 if is_zero(chosen) else 2)
        side = other if is_zero(chosen) else chosen
        core = adjoint.core
        if core is None or not stands_by(builder.definitions, core):
            share = builder.atom(pull_back(builder, op, place, adjoint))
        elif core.adjoint_of is None:
            inner = builder.multiply(Scaled(adjoint.coefficient), builder.scaled(side))
            share = builder.atom(self._masked(op, place, inner, (*put, here)))
        else:
            scaled = self._masked_as_sum(op, place, adjoint, (*put, here), side)
            share = builder.atom(scaled)
        if here in put:
            return builder.scaled(share)
        sides = (_ZERO, share) if is_zero(chosen) else (share, _ZERO)
        return Scaled(1.0, builder.emit(mask.primitive, (test, *sides)))

    def _masked_as_sum(
        self,
        op: Op,
        place: int,
        adjoint: Scaled,
        put: tuple[tuple[Atom, int], ...],
        side: Atom | None = None,
    ) -> Scaled:
        """The same where the adjoint is no masked one, but maybe a sum of such.

        Args:
            side: what has been masked, where the adjoint has a name.
        """
        builder = self.run.builder
        core = adjoint.core if side is None else side
        test = None
        if adjoint.pending is None and isinstance(core, Value) and is_array(core):
            moved = partial(moved_mask, builder, self.shapes)
            test = where_not_zero(builder, core, moved, self.joined)
        found = pull_back(builder, op, place, adjoint)
        if test is None or found.is_zero or (test, 2) in put:
            return found
        if not may_be_infinite(builder.definitions, op):
            return found
        share = builder.atom(found)
        return Scaled(1.0, builder.emit(self.code.primitive("where"), (test, share, _ZERO)))

    def _mask(self, adjoint: Scaled) -> Op | None:
        """The `numpy.where` that set an adjoint to zero where something was not chosen."""
        core = adjoint.core
        if core is None or adjoint.pending is not None or not is_array(core):
            return None
        builder = self.run.builder
        made = mask_of(builder.definitions, core, builder.order, builder.arms)
        return None if made is None or made.order == 0 else made

    def fitted(self, op: Op, arg: Value, contribution: Scaled) -> Scaled:
        """What an operation element by element contributes, summed where it broadcast `arg`."""
        if contribution.is_zero or not any(map(is_array, (*op.args, *op.results))):
            return contribution
        return self.summed(op.result, arg, contribution)

    def summed(self, whole: Value, arg: Value, adjoint: Scaled) -> Scaled:
        """An adjoint of `whole` as one of `arg`, which was broadcast to it."""
        found, wanted = self.shapes.of(whole), self.shapes.of(arg)
        extra = len(found) - len(wanted)
        aligned = list(zip(range(extra, len(found)), wanted, strict=True))
        gone = [place for place, axis in aligned if axis == 1 and found[place] != 1]
        maybe = [
            place
            for place, axis in aligned
            if axis != found[place] and axis != 1 and not self.shapes.not_one(axis)
        ]
        adjoint = self.run.builder.settled(adjoint)
        if not extra and not gone and not maybe:
            return adjoint
        coefficient, core = adjoint.coefficient, adjoint.core
        if core is None or not is_array(core):
            times = self._times(whole, arg, [*range(extra), *gone], maybe)
            return self.run.builder.multiply(adjoint, times)
        if not self.shapes.fill(self.shapes.of(core), found):
            made = self.full(whole, Scaled(1.0, core), may_be_real=True)
            assert isinstance(made, Value)
            core = made
        if not is_array(arg):
            return Scaled(coefficient, self._total(core))
        if extra:
            core = self.code.sum(core, range(extra))
        if gone:
            core = self.code.sum(core, [place - extra for place in gone], keeps=True)
        for place in maybe:
            core = self._summed_if_one(arg, core, place - extra)
        self.shapes.known[core] = wanted
        return Scaled(coefficient, core)

    def _times(self, whole: Value, arg: Value, gone: list[int], maybe: list[int]) -> Scaled:
        """How many numbers of `whole` there are for one of `arg`, which was broadcast to it."""
        builder, shown = self.run.builder, self.shown(whole)
        if not is_array(arg):
            return Scaled(1.0, self.size(shown))
        times = Scaled(1.0)
        extra = len(self.shapes.of(whole)) - len(self.shapes.of(arg))
        for axis in gone:
            times = builder.multiply(times, Scaled(1.0, self.code.length(shown, axis)))
        for axis in maybe:
            test = self._is_one(arg, axis - extra)
            with builder.block() as code:
                count = self.code.length(shown, axis)
            chosen = self._chosen(test, Region(code, (count,)), Const(1, types.INT), types.INT)
            times = builder.multiply(times, Scaled(1.0, chosen))
        return times

    def _total(self, whole: Value) -> Value:
        """The sum of all numbers; of a product of two vectors ``one @ other``."""
        made = self.run.builder.definitions.get(whole)
        own = made is not None and made.order == self.run.builder.order
        if made is not None and own and made.primitive is MUL and rank_of(whole.type) == 1:
            one, other = made.args
            if self._are_beside(one, other) and is_real(one) and is_real(other):
                return self.code.product(one, other)
        return self.code.sum(whole)

    def _are_beside(self, one: Atom, other: Atom) -> bool:
        """Whether neither of two vectors that have been multiplied was stretched."""
        found = [self.shapes.of(one), self.shapes.of(other)]
        if found[0] == found[1]:
            return True
        return all(len(shape) == 1 and self.shapes.not_one(shape[0]) for shape in found)

    def _is_one(self, arg: Value, axis: int) -> Value:
        """``arg.shape[axis] == 1``; of a part of an argument, ``argument.shape[axis] == 2``."""
        wanted, found = 1, self.shapes.of(arg)[axis]
        if isinstance(found, tuple) and found[0] == "plus":
            _, found, more = found
            wanted -= more
        if isinstance(found, tuple) and found[0] == "axis" and found[1] in self.parameters:
            _, arg, axis = found
        else:
            wanted = 1
        length = self.code.length(arg, axis)
        return self.run.builder.emit(EQUAL, (length, Const(wanted, types.INT)), types.BOOL)

    def _chosen(self, test: Value, arm: Region, other: Atom, kind: types.Type) -> Value:
        """``… if test else other``."""
        builder, result = self.run.builder, Value(kind)
        arms = (arm, Region([], (other,)))
        builder.append(Op(IF, (test,), (result,), arms, "expression", builder.site, builder.order))
        return result

    def _summed_if_one(self, arg: Value, adjoint: Value, axis: int) -> Value:
        """``adjoint.sum(axis=…, keepdims=True) if arg.shape[axis] == 1 else adjoint``."""
        test = self._is_one(arg, axis)
        with self.run.builder.block() as code:
            total = self.code.sum(adjoint, [axis], keeps=True)
        whole = not types.varies(adjoint.type.slots["element"].type)
        kind = total.type if whole else adjoint.type
        return self._chosen(test, Region(code, (total,)), adjoint, kind)

    # Operations ---------------------------------------------------------------------------

    def turn_round(self, op: Op, adjoints: Adjoints) -> bool:
        """Append the reverse of an operation on arrays that is none element by element."""
        from sourcediff.transform.arrays.pullbacks import pullback_of

        if op.primitive is UNPACK_ITERABLE and is_array(op.args[0]):
            self._unpack(op, adjoints)
            return True
        if op.primitive in WRITES and is_array(op.args[0]):
            self.writes.turn_round(op, adjoints)
            return True
        if self.parts.waits(op, adjoints):
            return True
        if op.primitive not in _LOOKS or len(op.results) != 1:
            return False
        if op.result not in self.run.active:
            return False
        if op.primitive is SUBSCRIPT and is_list(op.args[0]):
            return False  # an array in a list is an item of it, as a number is
        if gives_several(op):
            self.parts.turn_round(op, name_of(op) or "", adjoints)
            return True
        if op.primitive is GETATTR and not is_array(op.args[0]):
            return True  # an array read out of an argument: its adjoint is the gradient
        if is_view(op) and self.run.lists.is_memory(op.result):
            return True  # what is added to its adjoint is added to that of what it looks at
        name = name_of(op)
        if name is None and not any(map(is_array, (*op.args, op.result))):
            return False
        if op.primitive is SUBSCRIPT:
            name = "[]"
        elif op.primitive is GETATTR:
            name = f".{op.attribute}"
        elif op.primitive is OPERATE:
            name = op.attribute
        elif op.primitive is SNAPSHOT:
            name = "snapshot"
        pullback = pullback_of(name or "")
        if pullback is None and name is not None:
            self.run.settle(op.result, adjoints)  # nothing that it is made of has a derivative
            return True
        if pullback is None:
            return False
        run = self.run
        if op.site is not None:
            run.enter(op.site)
        if not self.is_known(op.result, adjoints):
            return True
        adjoint = run.settle(op.result, adjoints)
        if not adjoint.is_zero:
            pullback(self, op, adjoint, adjoints)
        return True

    def _unpack(self, op: Op, adjoints: Adjoints) -> None:
        """``a, b = whole``: items, or rows."""
        run = self.run
        (whole,) = op.args
        assert isinstance(whole, Value)
        if whole not in run.active:
            return
        for place, result in enumerate(op.results):
            if run.lists.is_memory(result):
                self.writes.refuse(op, "unpacking an array that is written to")
            adjoint = run.settle(result, adjoints)
            if adjoint.is_zero:
                continue
            if op.attribute is not None:
                self.writes.refuse(op, "unpacking an array with a starred target")
            shadow = run.lists.shadow(whole, adjoints)
            at = Const(place, types.INT)
            run.lists.add_at(shadow, at, run.builder.real_atom(adjoint))

    def is_known(self, value: Value, adjoints: Adjoints) -> bool:
        """Whether something has contributed to the adjoint of a value."""
        return (
            value in adjoints.here
            or value in adjoints.items
            or value in self.run.per_turn
            or self.run.lists.known(value, adjoints) is not None
        )

    def give(self, atom: Atom, contribution: Scaled | Atom, adjoints: Adjoints) -> None:
        """Contribute to the adjoint of an operand, if it has one."""
        if not isinstance(atom, Value) or atom not in self.run.active:
            return
        if not isinstance(contribution, Scaled):
            if is_array(contribution) and is_array(atom):
                assert isinstance(contribution, Value)
                if rank_of(contribution.type) == rank_of(atom.type):
                    self.shapes.known.setdefault(contribution, self.shapes.of(atom))
            contribution = self.run.builder.scaled(contribution)
        if not is_complex(atom):
            contribution = self._real(contribution)
        self.run.contribute(atom, contribution, adjoints)

    def _real(self, contribution: Scaled) -> Scaled:
        """What goes to a real number: the real part of a complex contribution."""
        found = real_part(self.run.builder, contribution)
        same = found.core is contribution.core or not is_array(found.core)
        if not same and is_array(contribution.core):
            assert found.core is not None and contribution.core is not None
            shape = self.shapes.of(contribution.core)
            self.shapes.known.setdefault(found.core, shape)
        return found

    def size(self, whole: Atom) -> Value:
        """How many numbers an array has: of a vector as long as an argument, the length of that."""
        shape = self.shapes.of(whole)
        if len(shape) == 1 and isinstance(shape[0], tuple) and shape[0][0] == "axis":
            _, value, place = shape[0]
            if value in self.parameters:
                return self.code.length(value, place)
        return self.code.size(whole)

    def first(self, whole: Value, home: Adjoints, adjoints: Adjoints) -> Value:
        """Where the adjoints of the items of an array are added up: zeros, or a view of others."""
        found = None
        if not self.run.lists.is_memory(whole):
            found = self.items.first(whole, home, adjoints)
        return self.writes.first(whole, home) if found is None else found

    def add_into(self, whole: Value, contribution: Scaled, adjoints: Adjoints) -> None:
        """Contribute to the adjoint of an array that is written to."""
        self.writes.add_into(whole, contribution, adjoints)

    def take_over(self, whole: Value, loop: Op) -> None:
        """Refuse an array that a loop carries and changes, and that has other uses from there."""
        if not is_array(whole) or whole not in self.run.active:
            return
        self.aliases = self.aliases or Aliases(self.run.function)
        if not self.aliases.is_taken_over(whole, loop):
            self.writes.refuse(loop, "an array that is written to and has two names")

    def link(self, whole: Value, shadow: Value | Scaled, adjoints: Adjoints) -> None:
        """Take an array of adjoints for those of another array.

        Where it comes from a variable that is no memory, others may look at it: a copy is taken.
        """
        kind = self.run.lists.kind(whole.type)
        if isinstance(shadow, Value) and slot_of(shadow) is not slot_of(Value(kind)):
            found = self.owned(shadow)
            assert isinstance(found, Value)
            shadow = found
        self.writes.link(whole, shadow, adjoints)

    def with_items(self, value: Value, adjoint: Scaled, adjoints: Adjoints) -> Scaled:
        """An adjoint, and what items of the array contributed to it."""
        buffer = self.run.lists.known(value, adjoints)
        if buffer is None or not is_array(value):
            return self.items.settled(value, adjoint, adjoints) or adjoint
        assert isinstance(buffer, Value)
        adjoints.lists.pop(value, None)
        if value in adjoints.views:
            return adjoint  # what items contributed is where it belongs
        found = Scaled(1.0, buffer)
        return found if adjoint.is_zero else self.run.builder.add(adjoint, found)

    def axis(self, atom: Atom, place: int) -> Axis:
        """An axis of an array."""
        return self.shapes.of(atom)[place]
