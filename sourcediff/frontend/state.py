"""The state of a lowering: where operations go, what was relied on, and how to emit.

`State` holds what every construct needs and knows no syntax. On it stand `Outside` (objects that
the function finds outside of itself), `Names` (variables) and `Branches`; `Lowering` is the whole.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any, NoReturn

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.control.joins import Diverged
from sourcediff.frontend.describe import describe, describe_type, operator_in_words
from sourcediff.frontend.frames import Frame, Key, Variables
from sourcediff.frontend.objects.places import (
    as_object,
    as_place,
    blame,
    is_under_way,
    place_under_way,
)
from sourcediff.frontend.origin import Guard
from sourcediff.frontend.primitives import (
    GETITEM,
    LOAD,
    NARROWED,
    PURE_CALL,
    REQUIRED,
    TUPLE,
    UNPACK,
    CallSpec,
)
from sourcediff.frontend.reflect import type_of_member
from sourcediff.frontend.values import (
    Binding,
    Closure,
    Columns,
    Conflict,
    Dissolved,
    Grouped,
    Heap,
    Kept,
    Picked,
    Rec,
    Ref,
    Static,
    Tup,
)
from sourcediff.ir import Atom, Const, Op, Primitive, Region, Site, Value, Variable
from sourcediff.memory import LIST, METHOD_OF
from sourcediff.types import Slot, Type

__all__ = ["CONSTANT_TYPES", "ONLY_NONE", "Loop", "Memo", "State", "all_values"]

#: Operations that one function may grow to, so that calls of calls do not explode.
MAX_OPERATIONS = 400_000

#: The kind of an argument that has only been None.
ONLY_NONE = "None"

_ORDERING = ("lt", "le", "gt", "ge")


CONSTANT_TYPES: dict[type, Type] = {
    bool: types.BOOL,
    int: types.INT,
    float: types.REAL,
    str: types.STR,
    type(None): types.NONE,
}


class Loop:
    """A loop that is being lowered: where control may leave it, and what was bound there.

    A site is the operation that leaves, and what it leaves bound to the variables that were
    re-bound since the turn began at a `depth` of arms. `unbound` are variables that had no
    value before the loop, and `wanted` those of them that are read before the turn binds them.
    `left` is a variable that a break statement makes true.
    """

    __slots__ = (
        "breaks",
        "complexes",
        "continues",
        "depth",
        "frame",
        "frames",
        "joined",
        "left",
        "place",
        "start",
        "unbound",
        "wanted",
    )

    def __init__(self, frame: Frame, depth: int, unbound: set[Any], left: Any = None) -> None:
        self.frame = frame
        self.depth = depth
        self.breaks: list[tuple[Op, dict[Any, Binding | None]]] = []
        self.continues: list[tuple[Op, dict[Any, Binding | None]]] = []
        self.unbound = unbound
        self.left = left
        #: Variables that are another object in every turn, by the object that stands for all.
        self.joined: dict[Any, Dissolved] = {}
        self.wanted: set[Any] = set()
        #: The variables that it carries as complex numbers.
        self.complexes: set[Any] = set()
        #: What the place in a list of objects is called that it goes through.
        self.place: str | None = None
        #: Objects of a higher serial number are made in a turn.
        self.start = Dissolved.count()
        #: Functions of a higher one are entered in a turn, and left: it carries none of theirs.
        self.frames = Frame.count()


class Memo:
    """What one attempt at lowering a function tells the next, where types turned out wider.

    slots       what a list or another object may hold, by where it is made
    carried     the types of the variables that a loop carries
    written     the displays that are objects in memory, as something writes to them
    """

    def __init__(self) -> None:
        self.slots: dict[tuple[Any, ...], Slot] = {}
        self.classes: dict[Any, dict[str, Slot]] = {}
        self.carried: dict[tuple[Any, ...], dict[Any, Type]] = {}
        self.written: set[tuple[Any, ...]] = set()
        #: The loops of few turns that are written turn by turn (module `unrolling`), and the whole
        #: numbers outside that are taken for constants, as they tell how many turns those have.
        self.unrolled: set[tuple[Any, ...]] = set()
        self.constants: set[tuple[Any, ...]] = set()
        #: Whether dicts of numbers that are handed in are taken for what their keys are known of.
        self.keeps_records = False
        #: The kinds of arguments that a function is lowered for, and whether None has its own.
        self.families: dict[tuple[Any, ...], list[tuple[str, ...]]] = {}
        self.none_joined = self.none_apart = False
        #: The names that are bound to arrays without axes, by the function; whether to views.
        self.without_axes: dict[tuple[ast.AST, str], bool] = {}
        #: Whether there are arrays, whose items are numbers of NumPy's own classes.
        self.arrays = False
        #: Whether complex numbers are computed without the zeros in them, whether a function is
        #: called that the sign of such a zero matters to, and whether all zeros are kept.
        self.drops_zeros = self.has_cuts = self.exact_zeros = False
        #: Whether a real number has become a complex one, as it is one on another path; whether one
        #: is asked for its class.
        self.lifts_reals = self.asks_class = False
        #: The types of what lies outside, by the paths to it.
        self.outside: dict[tuple[Any, ...], Type] = {}
        #: The keys of dicts that are known while compiling: equal ones are one object.
        self.layouts: dict[tuple[Any, ...], Static] = {}
        #: Where a dict is made, by the slot of its values; and what is found to be in a record.
        self.sites: dict[Slot, tuple[Any, ...]] = {}
        self.records: dict[tuple[Any, ...], dict[str, Slot]] = {}
        #: What the objects are made of that are put into a list, by its slot (module `columns`);
        #: the lists whose items are changed (and the objects in these, by the way to them), or are
        #: in another place too.
        self.columns: dict[Slot, Any] = {}
        self.changed_columns: set[tuple[Slot, tuple[Any, ...]]] = set()
        self.shared_columns: set[tuple[Slot, tuple[Any, ...]]] = set()
        #: The lists of tuples of numbers that are such lists too; whether no list of tuples is.
        self.rows: set[Slot] = set()
        #: The lists that are heaps (module `heaps`).
        self.heaps: set[Slot] = set()
        #: The dicts that hold lists (module `grouped`) by the slots of what they hold, and what the
        #: items of these are made of, once that is known.
        self.grouped: dict[Slot, Any] = {}
        #: Those of them that keys are taken out of; whether there are no such dicts and heaps.
        self.shrinking: set[Slot] = set()
        self.keeps_groups = False
        self.keeps_tuples = False
        #: The classes whose objects are places in lists of all that they hold (module `pools`),
        #: with what they are made of, once that is known.
        self.pools: dict[type, Any] = {}
        #: The classes of pools whose ``__init__`` puts the object somewhere.
        self.early: frozenset[type] = frozenset()
        #: The lists that grow while compiling, by where they are made (module `known_lists`).
        self.known_lists: frozenset[tuple[Any, ...]] = frozenset()
        #: The branches with what follows in both arms: behind them a variable would be one of two
        #: arrays of different numbers of axes.
        self.parted: frozenset[tuple[Any, ...]] = frozenset()
        #: The dicts that stay known, by where they are made, as the loop around what fills them is
        #: written turn by turn; and those that were put in memory where it might have been.
        self.known_dicts: frozenset[tuple[Any, ...]] = frozenset()
        self.tried: set[tuple[Any, ...]] = set()
        #: The keys that objects of dataclasses are put in order by (module `own_order`).
        self.own_keys: dict[type, ast.Lambda] = {}
        #: The functions that are lowered apart, with why ("recursive" or "large"); those that are
        #: entered all the same; and the shape of what the former return (module `apart`).
        self.apart: dict[ast.AST, str] = {}
        self.inlined: set[ast.AST] = set()
        self.returned: dict[tuple[Any, ...], Any] = {}

    def anew(self, **decided: Any) -> Memo:
        """A memo that knows only what is decided for all attempts."""
        made = Memo()
        made.keeps_tuples, made.keeps_records = self.keeps_tuples, self.keeps_records
        made.keeps_groups = self.keeps_groups
        made.pools, made.known_lists = dict.fromkeys(self.pools), self.known_lists
        made.early, made.known_dicts = self.early, self.known_dicts
        made.parted = self.parted
        for name, value in decided.items():
            setattr(made, name, value)
        return made

    def plainer(self) -> Memo | None:
        """A memo for another attempt, after one with lists of tuples, heaps or dicts of lists."""
        if any(shape[0] == "tuple" for shape in self.columns.values()) and not self.keeps_tuples:
            return self.anew(keeps_tuples=True)
        if self.heaps or self.grouped:
            return self.anew(keeps_tuples=True, keeps_groups=True)
        return None

    def family(self, code: Any, statics: tuple[Any, ...], kinds: tuple[str, ...]) -> Any:
        """Which lowering of a function serves a call with arguments of these kinds.

        An argument that is only None goes with any other: the function tests for it.
        """
        if self.none_apart:
            return kinds
        known = self.families.setdefault((code, statics), [])
        for place, others in enumerate(known):
            pairs = list(zip(kinds, others, strict=True))
            if all(a == b or ONLY_NONE in (a, b) for a, b in pairs):
                self.none_joined |= kinds != others
                known[place] = tuple(b if a == ONLY_NONE else a for a, b in pairs)
                return place
        known.append(kinds)
        return len(known) - 1

    def attributes_of(self, cls: Any) -> dict[str, Slot]:
        """The slots of the attributes of a class, which all its objects share."""
        return self.classes.setdefault(cls, {})


class State:
    """The state of one lowering: where operations go, what names mean, what was relied on.

    Where it is `faithful`, what comes out is to be written as it was read: every binding is an
    operation, calls of functions are kept, and nothing that the run could know is decided now.
    """

    def __init__(
        self, faithful: bool = False, memo: Memo | None = None, several: bool = False
    ) -> None:
        #: Whether the function may return more than one number.
        self.several = several
        self.faithful = faithful
        self.memo = Memo() if memo is None else memo
        #: The calls, loops and comprehensions that control is in: where a display stands.
        self.path: tuple[Any, ...] = ()
        #: The function of the IR that is being made, and those that calls go to.
        self.variables_made: list[Variable] = []
        self.kept: dict[tuple[Any, ...], Kept] = {}
        #: The bodies of try statements that control is in, and within which of them a variable that
        #: lives in memory was bound to what is known while compiling.
        self.guarded_by: list[object] = []
        self.known_within: dict[tuple[Frame, str], tuple[object, ...]] = {}
        #: The variables of comprehensions that functions inside see.
        self.seen_inside: dict[tuple[Any, ...], Variable] = {}
        self.current: Kept | None = None
        self.loops: list[Loop] = []
        #: The loops around that could be written turn by turn (module `unrolling`).
        self.countable: list[Any] = []
        #: How many handlers of exceptions control is in, where a derivative is made.
        self.handling = 0
        #: The bodies of try statements around what is lowered.
        self.attempts = 0
        #: The loops whose variables may be read before they are bound: those, and their ``else``.
        self.watched: list[Loop] = []
        self.frames: list[Frame] = []
        self.refusals: list[DifferentiationError] = []
        #: What was asked of numbers that only a complex one answers otherwise: as refusals, for
        #: where one of them may be complex (module `leaving_reals`).
        self.asked: list[DifferentiationError] = []
        #: The complex numbers that are one value, by their parts (`complexes.arrays`).
        self.wholes: dict[tuple[Atom, Atom], Value] = {}
        self.ops: list[Op] = []
        #: The numbers that are arrays without axes; whether they are views (module `without_axes`).
        self.without_axes: dict[Value, bool] = {}
        #: The attributes that hold such, None for items of lists; and those that are updated.
        self.held_without_axes: set[Any] = set()
        self.updated_parts: dict[Any, ast.AST] = {}
        #: The operations around an arm that is lowered now.
        self.around: list[list[Op]] = []
        self.variables = Variables()
        self.frame: Frame = None  # type: ignore[assignment]  # set before anything is lowered
        self.site: Site | None = None
        self.node: ast.AST | None = None
        self.guards: dict[tuple[Any, ...], Guard] = {}
        self.loads: dict[tuple[Any, ...], Op] = {}
        #: Values that are there before anything is executed: what is loaded, and parameters.
        self.outside: set[Value] = set()
        #: The arguments of the function whose derivative is wanted, and what was read from them.
        self.handed_in: set[Value] = set()
        #: The names of those that are numbers, arrays, lists.
        self.arguments: dict[Atom, str] = {}
        self.spelling: dict[str, str | None] = {}
        #: The groups of `itertools.groupby` in whose turns control is.
        self.groups: set[Dissolved] = set()
        #: Lists that several iterators share, with what is computed where these are made, and that.
        self.shared_lists: list[tuple[list[Value], Atom, ast.AST]] = []
        #: The bounds of slices that are held by a name, by the slice.
        self.bounds: dict[Value, tuple[Atom, ...]] = {}
        #: Tuples that were spread out as arguments, with all the items, by the first of these.
        self.spread_out: dict[Value, tuple[Value, list[Binding]]] = {}
        #: What an assignment within an expression has bound, by what the expression is.
        self.named_inside: dict[Value, Value] = {}
        self.active_calls: list[tuple[Any, int]] = []
        self.branch_depth = 0
        self.count = 0
        #: The functions that are lowered apart, and how many of them control is in; how often each
        #: other function was entered.
        self.apart_functions: dict[Any, Any] = {}
        self.apart_depth = 0
        self.call_counts: dict[ast.AST, int] = {}
        #: The function whose derivative is wanted: where it returns None it has none.
        self.outermost: Frame | None = None
        self.returns_none = False
        #: Whether the kind of an argument has decided about a branch.
        self.decided = False
        #: The call whose result is about to be bound to a name, and that name.
        self.naming: tuple[ast.AST, str] | None = None
        #: Whether an object that was handed in is written to, or told from another.
        self.changes_given = False
        #: Whether a derivative is called that may store numbers in arrays of whole ones.
        self.in_doubt = False
        #: The lists of objects of which an item has been taken at a place that may be negative.
        self.counted_back: set[Slot] = set()
        #: The lists of objects and tuples that are a list for each of their parts.
        self.columns: list[Columns | Heap | Grouped] = []
        #: The lists of pools by the first of them, and the classes that want one of their own.
        self.pool_columns: dict[Value, Columns] = {}
        self.blamed: dict[type, None] = {}
        #: The objects of pools whose ``__init__`` runs, by the place that they will have; how many
        #: have been made.
        self.under_way: dict[Dissolved, Value | None] = {}
        self.pooled_count = 0
        #: The lists that want to be known while compiling.
        self.unknown_lists: set[tuple[Any, ...]] = set()
        #: The branches that are being lowered, and those that leave arrays of unlike axes behind.
        self.branches: list[tuple[Any, ...] | None] = []
        self.unlike: set[tuple[Any, ...]] = set()
        #: Whether a dict is an ``OrderedDict``, which stands for a dict here.
        self.has_ordered = False
        #: The classes in whose pools something is that was handed in.
        self.given_pools: set[type] = set()
        #: What was read in them that may be None, by the block, the list and the place.
        self.read_there: dict[tuple[int, Value, Atom], tuple[list[Op], Binding]] = {}
        #: How often what is called in it has been differentiated.
        self.order = 0

    def want(self, key: Key) -> None:
        """A variable that has no value here: where a loop binds it later in a turn, it may have."""
        for loop in self.watched:
            if key in loop.unbound or isinstance(key[0], Dissolved):
                loop.wanted.add(key)

    def name_of_made(self) -> str | None:
        """The name that an object gets which is being made."""
        return self.naming[1] if self.naming is not None and self.naming[0] is self.node else None

    # Errors -------------------------------------------------------------------------------

    def error(
        self,
        message: str,
        node: ast.AST | None = None,
        help: str | None = None,
        certain: bool = False,
    ) -> NoReturn:
        """Refuse, showing the user's line.

        `certain` says that the construct is refused whatever the types of the arguments are;
        where a known test has decided which statements are reached, other types may still
        lead past it.
        """
        span = self.frame.source.span(node or self.node or self.frame.node)
        if self.frame.is_ours and self.frame.call_site is not None:
            span = self.frame.call_site.span
        refusal = DifferentiationError(message, span, help, certain and not self.decided)
        if self.faithful:
            # What this refuses may be a type that is not known fully yet: go on as where an
            # exception is raised, and refuse in the end if no other type has turned up.
            self.refusals.append(refusal)
            raise Diverged
        raise refusal

    def asks_for_kind(self, what: str) -> None:
        """A number is asked for something that one which is complex after all would answer."""
        message = (
            f"{what} is not supported beside a power of what may be negative, "
            "which is a complex number then"
        )
        help = "write math.pow(x, p) or math.sqrt(x), or abs(x) ** p, where the result is real"
        span = self.frame.source.span(self.node or self.frame.node)
        self.asked.append(DifferentiationError(message, span, help))

    # Emission of operations ---------------------------------------------------------------

    def emit(
        self,
        primitive: Primitive,
        args: Sequence[Atom],
        type: Type | None = None,
        attribute: Any = None,
        name: str | None = None,
    ) -> Value:
        """Append one operation with one result."""
        numeric = primitive.rule is not None and primitive.name != "bool"  # bool(None) is False
        if numeric or primitive.name in _ORDERING:
            if self.faithful:
                if any(arg.type is types.NONE for arg in args):
                    self.effect_of_none(primitive, args)
            optional = dict.fromkeys(a for a in args if a.type.kind == "Optional")
            shown = {a: self.required(a) for a in optional}
            args = [shown.get(a, a) for a in args]
        if type is None:
            assert primitive.typing is not None
            type = primitive.typing(*[a.type for a in args])
            if type is None:
                self.refuse_types(primitive, args)
        self.count += 1
        if self.count > MAX_OPERATIONS:
            self.error("the function is too large once all calls are entered")
        result = Value(type, name)
        op = Op(primitive, tuple(args), (result,), attribute=attribute, site=self.site)
        self.ops.append(op)
        if primitive is LIST:
            self.hold(None, args)
        return result

    def hold(self, part: Any, held: Sequence[Any]) -> None:
        """Note what an attribute, or an item of a list where that is None, holds."""
        if self.without_axes and any(
            isinstance(one, Value) and one in self.without_axes for one in held
        ):
            self.held_without_axes.add(part)
            self._require_parts_apart()

    def update_part(self, part: Any, node: ast.AST) -> None:
        """Note that what an attribute or an item of a list holds, a number, is updated."""
        self.updated_parts.setdefault(part, node)
        self._require_parts_apart()

    def _require_parts_apart(self) -> None:
        for part in self.held_without_axes & self.updated_parts.keys():
            self.error(
                "an array without axes that has another name is changed in place here",
                self.updated_parts[part],
                "read a number, x[0], or write t = t + …",
            )

    def effect_of_none(self, primitive: Primitive, args: Sequence[Atom]) -> NoReturn:
        """An operation on None, which raises."""
        result = Value(types.NEVER)
        self.ops.append(Op(primitive, tuple(args), (result,), site=self.site))
        raise Diverged

    def required(self, atom: Atom) -> Atom:
        """A value that may be None as an operand: Python raises TypeError where it is."""
        if not self.faithful:
            self.effect(REQUIRED, (atom,))
        return self.narrowed(atom)

    def narrowed(self, atom: Atom) -> Value:
        """A value that may be None, known not to be."""
        name = atom.name if isinstance(atom, Value) else None
        return self.emit(NARROWED, (atom,), atom.type.items[0], name=name)

    def load(self, ref: Ref, type: Type) -> Value:
        """Read an object of the outside world; once, at the entry, as nothing changes it."""
        found = self.loads.get(ref.key)
        if found is None:
            result = Value(type)
            found = self.loads[ref.key] = Op(LOAD, (), (result,), attribute=ref)
            self.outside.add(result)
        return found.result

    def effect(
        self,
        primitive: Primitive,
        args: Sequence[Atom],
        attribute: Any = None,
        regions: tuple[Region, ...] = (),
    ) -> None:
        """Append an operation that is there for its effect."""
        self.ops.append(Op(primitive, tuple(args), (), regions, attribute, self.site))
        if primitive is METHOD_OF:
            self.hold(None, args)

    def refuse_types(self, primitive: Primitive, args: Sequence[Atom]) -> NoReturn:
        """Say that an operation is not defined on operands of these types."""
        kinds = " and ".join(describe_type(a.type) for a in args)
        self.error(
            f"{operator_in_words(primitive.name)} of {kinds} is not supported",
            help="differentiated code works on numbers; see the table of what is supported",
        )

    def apply(self, primitive: Primitive, args: Sequence[Atom]) -> Atom:
        """Emit an operation, or its result at once where that is known and no real number."""
        if all(isinstance(a, Const) and a.type is not types.NONE for a in args) and (
            not self.faithful or primitive.name in ("neg", "not_")
        ):
            folded = self.fold(primitive, [a for a in args if isinstance(a, Const)])
            if folded is not None:
                return folded
        return self.emit(primitive, args)

    def fold(self, primitive: Primitive, args: list[Const]) -> Const | None:
        """The result on constants: of integers, texts and tests; arithmetic stays as written."""
        assert primitive.typing is not None
        type = primitive.typing(*[a.type for a in args])
        negated = primitive.name == "neg" and type is types.REAL
        if type not in (types.BOOL, types.INT, types.STR) and not negated:
            return None
        if any(a.type in (types.UNBOUND, types.NEVER) for a in args):
            return None
        try:
            result = primitive.evaluate(*[a.value for a in args])
        except Exception:  # it raises where the user's function would: at run time
            return None
        return self.constant(result)

    @staticmethod
    def constant(value: Any) -> Const | None:
        """A Python object as a constant of the IR, if it is one."""
        kind = CONSTANT_TYPES.get(value.__class__)
        return None if kind is None else Const(value, kind)

    # Bindings and atoms -------------------------------------------------------------------

    def atom(self, binding: Binding) -> Atom:
        """A binding as one value of the IR; a tuple is put together."""
        if isinstance(binding, Value | Const):
            if isinstance(binding.type.of, Picked):
                self.error("one of several functions cannot be used as a value here")
            return binding
        if isinstance(binding, Tup):
            if binding.cls is complex:
                self.error(
                    "a complex number cannot be used as a whole here",
                    help="use its real and its imaginary part, or its size: abs(z)",
                )
            named = hasattr(binding.cls, "_fields")
            if named and not self.faithful:
                self.error(
                    f"a {binding.cls.__name__} cannot be used as a whole here",
                    help="use its fields",
                )
            items = [self.atom(item) for item in binding.items]
            if named:
                kind = types.tuple_of((i.type for i in items), binding.cls)
                path = binding.ref or self.reference_to(Static(binding.cls))
                return self.emit(PURE_CALL, items, kind, attribute=CallSpec(binding.cls, path))
            whole = self.emit(
                TUPLE,
                items,
                types.tuple_of(i.type for i in items),
                attribute=None if binding.cls is tuple else binding.cls,
            )
            return whole
        if isinstance(binding, Conflict):
            self.refuse_conflict(binding)
        if isinstance(binding, Closure) and binding.value is not None:
            return binding.value
        if isinstance(binding, Static) and binding.is_member:
            return self.load(self.reference_to(binding), type_of_member(binding.object))
        if isinstance(binding, Dissolved | Columns):
            place = as_place(binding)
            if isinstance(place, Value):
                return place
            if isinstance(binding, Dissolved) and is_under_way(self, binding):
                return place_under_way(self, binding)
            blame(self, binding)
        self.error(f"{describe(binding)} cannot be used as a value here")

    def slot(self, node: ast.AST, what: str) -> Slot:
        """The slot of an object that is made at a place of the program."""
        key = (*self.path, node, what)
        found = self.memo.slots.get(key)
        if found is None:
            found = self.memo.slots[key] = Slot()
        return found

    def want_known(self, slot: Slot) -> None:
        """Something is put into a list that no list of the run can hold (module `known_lists`)."""
        if self.branch_depth and not self.countable:
            return
        for key, found in self.memo.slots.items():
            if key[-1] == "List" and found.root is slot.root:
                self.unknown_lists.add(key[:-1])

    def attributes_of(self, cls: Any) -> dict[str, Slot]:
        """The slots of the attributes of a class."""
        return self.memo.attributes_of(cls)

    def meet_arrays(self) -> None:
        """There are arrays: what was decided before that was known is lowered again."""
        if not self.memo.arrays:
            self.memo.arrays = True
            raise types.Widened

    def put(self, slot: Slot, kind: Type, what: str) -> None:
        """Something of a type is written to a slot of an object."""
        before = slot.type
        if not slot.write(kind):
            self.error(
                f"{what} holds {describe_type(before)} and {describe_type(kind)}",
                help="keep things of one type in it",
            )

    def in_memory(self, binding: Binding) -> Binding:
        """A binding that has to be an object in memory, if it is one that could change.

        Raises:
            Widened: it was taken for one that nobody changes: to be lowered again.
        """
        if isinstance(binding, Tup) and binding.cls is list:
            if binding.site is None:
                self.error("this list cannot be changed or kept", help="write it as [a, b, …]")
            if binding.site in self.memo.written:
                self.register_objects(binding)
                known = next(
                    (i for i in binding.items if not isinstance(i, Value | Const)), binding
                )
                self.error(f"a list that holds {describe(known)} cannot be changed or kept")
            self.memo.written.add(binding.site)
            raise types.Widened
        if isinstance(binding, Tup) and any(isinstance(i, Tup) for i in binding.items):
            items = [self.in_memory(item) for item in binding.items]
            return Tup(items, binding.cls, binding.ref)
        if isinstance(binding, Rec):
            if binding.site is None:
                self.error("this dict cannot be changed or kept", help="write it as {…}")
            self.memo.written.add(binding.site)
            raise types.Widened
        return binding

    def refuse_conflict(self, binding: Conflict, node: ast.AST | None = None) -> NoReturn:
        """Refuse what is one thing on one path and another on the other.

        Raises:
            Widened: two lists, which are to be lowered again as lists in memory.
        """
        if binding.written_out is not None and not self.faithful:
            self.in_memory(binding.written_out)
        self.error(binding.message, node, help="give it one type on every path")

    def register_objects(self, whole: Tup) -> None:
        """Note that objects are put into a list, if it holds such; see `columns`."""
        first = whole.items[0] if whole.items else None
        if is_under_way(self, first):
            return
        if isinstance(first, Dissolved) and first.cls is not dict:
            from sourcediff.frontend.objects.columns import register

            assert whole.site is not None
            register(self, self.memo.slots.setdefault((*whole.site, "List"), Slot()), first)  # type: ignore[arg-type]

    def known_list(self, node: ast.AST | None, items: list[Binding], *parts: Binding) -> Tup:
        """A list of known length that is made at a place of the program, of parts that are known.

        Raises:
            Widened: it is changed, or more than its length is left to the run: so are its parts.
        """
        site = (*self.path, node)
        if site in self.memo.written:
            for part in parts:
                self.in_memory(part)
        return Tup(items, list, site=site)

    def taken(self, value: Value) -> Binding:
        """A value that a region takes, as it is bound: a tuple dissolves."""
        if value.type.kind == "Tuple" and not self.faithful:
            return self.dissolve(value, value.type.cls or tuple)
        if value.type is types.COMPLEX and not self.faithful:
            from sourcediff.frontend.complexes.arrays import apart

            return apart(self, value)  # type: ignore[arg-type]
        if value.type.kind == "Place":
            return as_object(self, value)
        return value

    @property
    def flat(self) -> bool:
        """Whether a return leaves at once, instead of yielding its value at the end."""
        return self.faithful

    def number(self, binding: Binding, what: str) -> Atom:
        """A binding that must be a number."""
        if isinstance(binding, Value | Const) and types.is_number(binding.type):
            return binding
        if self.faithful and isinstance(binding, Value | Const) and binding.type is types.NONE:
            return binding  # the operation raises
        if isinstance(binding, Conflict):
            self.error(binding.message)
        self.error(f"{what} needs a number, not {describe(binding)}")

    def reference_to(self, static: Static) -> Ref:
        """A path to a known object: the one the user took, or the object itself."""
        if static.ref is not None:
            return static.ref
        if static.is_member and static.object.name in type(static.object).__members__:
            return Ref("class", type(static.object), (static.object.name,))
        name = getattr(static.object, "__name__", None) or type(static.object).__name__.lower()
        return Ref("object", static.object, (str(name).replace("<lambda>", "function"),))

    def printable(self, binding: Binding) -> Atom:
        """A binding that is only handed on: to print, into a text."""
        if isinstance(binding, Static):
            return self.load(self.reference_to(binding), types.OBJECT)
        if isinstance(binding, Dissolved):
            self.error(
                f"{describe(binding)} cannot be printed, logged or put into a text here",
                help="print or log its numbers one by one",
            )
        return self.atom(binding)

    def exception(self, binding: Binding) -> Atom:
        """What a raise statement raises: an exception, or the class of one."""
        known = binding.object if isinstance(binding, Static) else None
        if isinstance(known, BaseException) or (
            isinstance(known, type) and issubclass(known, BaseException)
        ):
            return self.printable(binding)
        if isinstance(binding, Value) and binding.type is types.OBJECT:
            return binding
        if isinstance(binding, Const) and binding.type is types.NONE:
            return binding
        self.error(f"{describe(binding)} is not an exception")

    def unpack(self, whole: Value) -> Tup:
        """A tuple argument as its items, to any depth; its length is checked at each call."""
        results = tuple(Value(kind) for kind in whole.type.items)
        self.ops.append(Op(UNPACK, (whole,), results, site=self.site))
        items: list[Binding] = [
            self.unpack(item) if item.type.kind == "Tuple" else item for item in results
        ]
        return Tup(items, whole.type.cls or tuple)

    def spread(self, whole: Value) -> list[Binding]:
        """The items of a tuple value that is spread out: ``*whole``."""
        items = self.dissolve(whole).items
        if items and isinstance(items[0], Value):
            self.spread_out[items[0]] = whole, items
        return items

    def dissolve(self, whole: Value, cls: type = tuple) -> Tup:
        """A tuple value as its items, to any depth."""
        items: list[Binding] = []
        for place, kind in enumerate(whole.type.items):
            item = self.emit(GETITEM, (whole,), kind, attribute=place)
            inner: Binding = item
            if kind.kind == "Tuple":
                inner = self.dissolve(item, kind.cls or tuple)
            elif kind is types.COMPLEX or kind.kind == "Place":
                inner = self.taken(item)
            items.append(inner)
        return Tup(items, cls)


def all_values(whole: Tup) -> bool:
    """Whether a tuple can be one value: nothing in it is known only while compiling."""
    return all(
        all_values(item) if isinstance(item, Tup) else isinstance(item, Value | Const)
        for item in whole.items
    )
