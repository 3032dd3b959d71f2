"""Where the forward sweep leaves what the reverse sweep needs.

A `Store` holds one value, or one for each time that the forward sweep came by. The code of both
sweeps is made first, with marks in it: the forward sweep says what could be kept, the reverse
sweep uses values of the forward sweep as if it could see them. When both are complete it is known
what is used, and the marks become the operations that keep it and look it up (or nothing).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sourcediff import ir, memory
from sourcediff.ir import Atom, Const, Function, Op, Primitive, Region, Value, Variable
from sourcediff.memory import MethodSpec
from sourcediff.transform.whole.build import Code, integer
from sourcediff.transform.whole.hints import hint_of
from sourcediff.types import FUNCTION, INT, OBJECT, Slot, Type, list_of

__all__ = [
    "ARMS",
    "DISPATCH",
    "DROP",
    "KEPT",
    "PULLBACKS",
    "SAVE",
    "TURNS",
    "Labels",
    "Store",
    "Stores",
]


#: The type of a list of functions that go back.
PULLBACKS = list_of(Slot(FUNCTION))
#: The type of a list of all that the reverse changes.
KEPT = list_of(Slot(OBJECT))


def _mark(*_: object) -> None:
    raise AssertionError("a mark is no operation")


#: In the forward sweep: keep the operand in the store that is the attribute.
SAVE = Primitive("save", _mark, writes=True)
#: In the reverse sweep: the time at which that was kept is over.
DROP = Primitive("drop", _mark, writes=True)
#: In the reverse sweep: the arms of a branch; the attribute is the store of which was taken.
ARMS = Primitive("arms", _mark, writes=True)
#: In the reverse sweep: a turn of a loop, whose parameter is the code of how it ended; the
#: attribute is the store of these codes, with -1 before the first turn.
TURNS = Primitive("turns", _mark, writes=True)
#: In the reverse sweep: the last turn of a loop, which its only exit ended, and one of those before
#: it; the attribute is the store of how many these were.
COUNTED = Primitive("counted", _mark, writes=True)
#: In the reverse sweep: one region for each step of the forward sweep that has a label, until -1;
#: the attribute is the store of the labels and the label of each region.
DISPATCH = Primitive("dispatch", _mark, writes=True)


class Store:
    """One thing that is kept: in a variable, or in a list where there may be several of it."""

    def __init__(self, name: str, kind: Type, several: bool) -> None:
        self.kind = kind
        self.several = several
        self.used = False
        held = PULLBACKS if kind is FUNCTION else list_of(Slot(kind))
        self.variable = Variable(name, Slot(held if several else kind))

    def save(self, code: Code, atom: Atom) -> None:
        """Keep an atom."""
        if self.several:
            code.push(code.read(self.variable), atom)
        else:
            code.write(self.variable, atom)

    def last(self, code: Code) -> Value:
        """What was kept last."""
        whole = code.read(self.variable)
        return code.at(whole, integer(-1), self.kind) if self.several else whole

    def drop(self, code: Code) -> None:
        """Forget what was kept last."""
        if self.several:
            code.op(
                memory.METHOD_OF, (code.read(self.variable),), None, MethodSpec("pop", (), True)
            )

    def take(self, code: Code) -> Value:
        """What was kept last, which is then forgotten."""
        whole = code.read(self.variable)
        self.used = True
        return code.method("pop", whole, type=self.kind) if self.several else whole


class Labels(Store):
    """The labels of the steps that were taken, and those that have a reverse at all."""

    def __init__(self) -> None:
        super().__init__("steps", INT, True)
        self.live: set[int] = set()


class Stores:
    """What one function keeps."""

    def __init__(self, order: int) -> None:
        self.order = order
        self.values: dict[Value, Store] = {}
        #: What values are called, or could be.
        self.hints: dict[Value, str] = {}
        #: Values that the reverse sweep finds again, and how.
        self.again: dict[Value, Op] = {}
        self.others: list[Store] = []

    def make(self, name: str, kind: Type, several: bool) -> Store:
        """A store for something else than a value."""
        made = Store(name, kind, several)
        self.others.append(made)
        return made

    def labels(self) -> Labels:
        """A store for labels."""
        made = Labels()
        self.others.append(made)
        return made

    def of(self, value: Value, several: bool, made: Op | None = None) -> Store:
        """The store of a value of the forward sweep, which an operation has made."""
        found = self.values.get(value)
        if found is None:
            name = self.hints[value] = hint_of(value, made, self.hints)
            found = self.values[value] = Store(f"{name}_kept", value.type, several)
        return found

    def behind(self, atoms: Iterable[Atom]) -> set[Atom]:
        """Some atoms, and those by which they are found again."""
        found: set[Atom] = set()
        pending = list(atoms)
        while pending:
            atom = pending.pop()
            if atom not in found:
                found.add(atom)
                made = self.again.get(atom) if isinstance(atom, Value) else None
                pending += () if made is None else made.args
        return found

    def resolve(self, forward: Function, backward: Function) -> None:
        """Turn the marks in both sweeps into operations."""
        backward.body = self._lookups(backward.body, set(backward.parameters), {})
        backward.body = self._without_marks(backward.body)
        forward.body = self._saves(forward.body)
        used = [s for s in (*self.values.values(), *self.others) if s.used]
        code = Code({}, self.order)
        for store in used:
            if store.several:
                made = code.op(memory.LIST, (), store.variable.slot.type)
                code.write(store.variable, made)
        body = forward.body
        forward.body = Region([*code.ops, *body.ops], body.results, body.site)
        forward.variables = (*forward.variables, *(store.variable for store in used))

    # The reverse sweep --------------------------------------------------------------------

    def _lookups(self, region: Region, seen: set[Value], known: dict[Value, Value]) -> Region:
        """Look up each value of the forward sweep where it is first used in a region."""
        seen, known = set(seen) | set(region.parameters), dict(known)
        code = Code({}, self.order)

        def local(atom: Atom) -> Atom:
            if not isinstance(atom, Value) or atom in seen:
                return atom
            found = known.get(atom)
            made = self.again.get(atom)
            if found is None and made is not None:
                found = known[atom] = Value(atom.type, atom.name)
                args = tuple(map(local, made.args))
                again = Op(made.primitive, args, (found,), (), made.attribute, order=self.order)
                code.ops.append(again)
            elif found is None:
                store = self.values[atom]
                store.used = True
                found = known[atom] = store.last(code)
                found.name = atom.name
            return found

        for op in region.ops:
            args = tuple(map(local, op.args))
            regions = tuple(self._lookups(inner, seen, known) for inner in op.regions)
            code.ops.append(op.replace(args=args, regions=regions))
            seen.update(op.results)
        results = None if region.results is None else tuple(map(local, region.results))
        return Region(code.ops, results, region.site, region.parameters)

    def _without_marks(self, region: Region) -> Region:
        code = Code({}, self.order)
        for op in region.ops:
            if op.primitive is DROP:
                if op.attribute.used:
                    op.attribute.drop(code)
                continue
            regions = tuple(map(self._without_marks, op.regions))
            if op.primitive is DISPATCH:
                labels: Labels = op.attribute[0]
                arms = [
                    (label, arm)
                    for label, arm in zip(op.attribute[1], regions, strict=True)
                    if arm.ops
                ]
                labels.live.update(label for label, _ in arms)
                _back(code, labels, Value(INT), _chooser(code, arms))
            elif op.primitive is TURNS:
                body = regions[0]
                if body.ops:
                    (left,) = body.parameters
                    _back(code, op.attribute, left, _adder(code, body.ops))
            elif op.primitive is COUNTED:
                last, before = regions
                code.ops.extend(last.ops)
                if before.ops:
                    count = op.attribute.take(code)
                    code.count(count, _adder(code, before.ops))
            elif op.primitive is ARMS:
                if any(region.ops for region in regions):
                    test = op.attribute.take(code)
                    code.op(ir.IF, (test,), None, "statement", regions)
            elif op.primitive is ir.IF and not any(region.ops for region in regions):
                if not op.results:
                    continue
                code.ops.append(op.replace(regions=regions))
            else:
                code.ops.append(op.replace(regions=regions))
        return Region(code.ops, region.results, region.site, region.parameters)

    # The forward sweep --------------------------------------------------------------------

    def _saves(self, region: Region) -> Region:
        code = Code({}, self.order)
        for op in region.ops:
            if op.primitive is SAVE:
                store: Store = op.attribute
                atom = op.args[0]
                dead = (
                    isinstance(store, Labels)
                    and isinstance(atom, Const)
                    and atom.value >= 0
                    and atom.value not in store.live
                )
                if store.used and not dead:
                    store.save(code, atom)
                continue
            code.ops.append(op.replace(regions=tuple(map(self._saves, op.regions))))
        return Region(code.ops, region.results, region.site, region.parameters)


def _back(code: Code, store: Store, number: Value, body: Callable[[Value], object]) -> None:
    """A loop that takes numbers from a store until it comes to -1."""

    def turn() -> None:
        store.used = True
        whole = code.read(store.variable)
        pop = MethodSpec("pop", (), True)
        code.append(Op(memory.METHOD_OF, (whole,), (number,), (), pop, None, code.order))
        over = code.equal(number, integer(-1))
        code.branch(over, code.leave)
        body(number)

    code.loop(turn)


def _chooser(code: Code, arms: Sequence[tuple[int, Region]]) -> Callable[[Value], object]:
    return lambda label: _choose(code, label, arms)


def _adder(code: Code, ops: Sequence[Op]) -> Callable[[Value], object]:
    return lambda _: code.ops.extend(ops)


def _choose(code: Code, label: Atom, arms: Sequence[tuple[int, Region]]) -> None:
    """The arm of a label, found by halving."""
    if not arms:
        return
    if len(arms) == 1:
        code.ops.extend(arms[0][1].ops)
        return
    middle = len(arms) // 2
    test = code.less(label, integer(arms[middle][0]))
    with code.block() as low:
        _choose(code, label, arms[:middle])
    with code.block() as high:
        _choose(code, label, arms[middle:])
    code.op(ir.IF, (test,), None, "statement", (Region(low, ()), Region(high, ())))
