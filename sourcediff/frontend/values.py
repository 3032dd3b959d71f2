"""What a name is bound to while a function is lowered.

Numbers, truth values and text are atoms of the IR. Everything whose shape is known dissolves
while compiling: tuples become their items, functions and modules what they are. They are put
together again only where they leave the function.
"""

from __future__ import annotations

import ast
import enum
from typing import TYPE_CHECKING, Any

from sourcediff.errors import Span
from sourcediff.ir import Atom, Const, Function, Value, Variable
from sourcediff.types import Slot

if TYPE_CHECKING:
    from sourcediff.frontend.frames import Frame

__all__ = [
    "Binding",
    "Bound",
    "Choice",
    "Closure",
    "Columns",
    "Conflict",
    "Dissolved",
    "Grouped",
    "Heap",
    "Item",
    "Kept",
    "Method",
    "Once",
    "Part",
    "Picked",
    "Rec",
    "Ref",
    "SharedName",
    "Spread",
    "Static",
    "Stream",
    "Super",
    "Tup",
    "View",
    "declared",
]


class Ref:
    """A path by which Python finds an object outside the function: live, and printable.

    root    "global" (a name in a module's dictionary), "cell" (a variable of an enclosing
            function), "module" or "class" (an attribute of one), "object" (the very object),
            "declared" (what a class or its bases declare), "absent" (True while a module's
            dictionary lacks a name, so that the built-in one is meant), "item" and "length" (of a
            table of functions)
    where   the dictionary, the cell, the module, the class, or the object
    names   the name and the attributes that follow
    """

    __slots__ = ("names", "root", "where")

    def __init__(self, root: str, where: Any, names: tuple[str, ...]) -> None:
        self.root = root
        self.where = where
        self.names = names

    def attribute(self, name: str) -> Ref:
        """The path to an attribute of what this path leads to."""
        return Ref(self.root, self.where, (*self.names, name))

    def read(self) -> Any:
        """The object that is there now."""
        if self.root == "cell":
            found, rest = self.where.cell_contents, self.names[1:]
        elif self.root == "global":
            found, rest = self.where[self.names[0]], self.names[1:]
        elif self.root == "object":
            found, rest = self.where, self.names[1:]
        elif self.root == "absent":
            return self.names[0] not in self.where
        elif self.root == "item":
            return self.where[self.names[0]]
        elif self.root == "length":
            return len(self.where)
        elif self.root == "declared":
            return declared(self.where, self.names[0])
        else:
            found, rest = self.where, self.names
        for name in rest:
            found = getattr(found, name)
        return found

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two paths the same."""
        return (self.root, id(self.where), self.names)

    def __repr__(self) -> str:
        start = (self.where.__name__,) if self.root == "module" else ()
        return ".".join((*start, *self.names))


def declared(cls: type, name: str) -> Any:
    """What the class or a base of it declares under a name, unbound; None if nothing."""
    for base in cls.__mro__:
        if name in base.__dict__:
            return base.__dict__[name]
    return None


class Static:
    """A Python object known while compiling, with the path by which the user names it."""

    __slots__ = ("object", "ref")

    def __init__(self, object: Any, ref: Ref | None = None) -> None:
        self.object = object
        self.ref = ref

    @property
    def is_member(self) -> bool:
        """Whether it is a member of an enumeration."""
        return isinstance(self.object, enum.Enum)


class Tup:
    """A tuple (or list that nobody writes) of known length.

    `cls` is its class, and `ref` where that was found, for a named tuple. `site` is the place of
    the program where a list is made; `parameter` the name of the argument that it is.
    """

    __slots__ = ("cls", "items", "parameter", "ref", "site")

    def __init__(
        self,
        items: list[Binding],
        cls: type = tuple,
        ref: Ref | None = None,
        site: tuple[Any, ...] | None = None,
    ) -> None:
        self.items = items
        self.cls = cls
        self.ref = ref
        self.site = site
        self.parameter: str | None = None


class Once(Tup):
    """What ``map``, ``zip``, ``reversed`` or ``enumerate`` gives: good for one pass.

    It may be consumed where it is made, and not be kept: a second pass would find nothing.
    `wholes` are the dicts that it goes through.
    """

    __slots__ = ("wholes",)

    def __init__(
        self,
        items: list[Binding],
        cls: type = tuple,
        ref: Ref | None = None,
        site: tuple[Any, ...] | None = None,
    ) -> None:
        super().__init__(items, cls, ref, site)
        self.wholes: list[Dissolved] = []


class View(Once):
    """The keys, values or items of a dict, which show what the dict holds when they are asked."""

    __slots__ = ("what",)

    def __init__(self, items: list[Binding], whole: Dissolved, what: str) -> None:
        super().__init__(items)
        self.wholes = [whole]
        self.what = what


class Stream:
    """What gives its items one by one as they are asked for, for one pass: see `streams`.

    run      lowers the loop that goes through it
    sources  what is gone through side by side, where each turn takes an item of each of them
    make     what an item is made of: the number of the turn (if `counted`), an item of each source
    stops    it may end before its source does
    nested   it is more than one loop
    whole    makes the list of all items, where they are made at once
    copied   the lists of which it gives what they held before the first item was asked for
    leave    notes that nobody knows how far it will be gone through, where others can go on with it
    lasting  the lists whose length may not change meanwhile
    opened   gives the same side by side with others, where it is a view of the items of a dict
    viewed   the dict that it is a view of
    views    such dicts that it looked at early, each with the operations then and their number
    kept     makes the list that it is, where it is a part of a list and no iterator
    """

    __slots__ = (
        "copied",
        "counted",
        "kept",
        "lasting",
        "leave",
        "make",
        "nested",
        "opened",
        "run",
        "sources",
        "stops",
        "viewed",
        "views",
        "whole",
    )

    def __init__(
        self,
        run: Any,
        sources: list[Binding] | None = None,
        make: Any = None,
        counted: bool = False,
    ) -> None:
        self.run = run
        self.sources = sources
        self.make = make
        self.counted = counted
        self.stops = False
        self.nested = False
        self.whole: Any = None
        self.leave: Any = None
        self.copied: list[Value] = []
        self.lasting: list[Value] = []
        self.opened: Any = None
        self.viewed: Value | None = None
        self.views: list[tuple[Value, list[Any], int]] = []
        self.kept: Any = None


class Rec:
    """A dict with constant keys that nobody writes, such as ``**options``.

    It also says how an argument is put together: `cls` is the class of the object that it is.
    """

    __slots__ = ("cls", "items", "site")

    def __init__(
        self,
        items: dict[Any, Binding],
        site: tuple[Any, ...] | None = None,
        cls: type = dict,
    ) -> None:
        self.items = items
        self.site = site
        self.cls = cls


class Dissolved:
    """An object or a dict that is known while compiling: its attributes, or keys, are variables.

    They stand in the table of all variables, so that branches and loops treat them as those, and
    whatever names the object has, it is this one.

    cls      its class
    name     what the user calls it first; its variables are named after that
    serial   its age among activations and objects
    fields   the attributes that it has ever had, in their order
    settled  why nothing may be written to it any more; None while it may be
    given    whether it was handed in
    changed  its age when it was last written to, in the same count
    site     where a dict is made; None of any other object
    """

    __slots__ = ("changed", "cls", "fields", "given", "name", "serial", "settled", "site")

    _made = 0

    def __init__(self, cls: type, name: str | None = None, serial: int | None = None) -> None:
        self.cls = cls
        self.name = name
        self.serial = Dissolved.older() if serial is None else serial
        self.fields: dict[Any, None] = {}
        self.settled: str | None = None
        self.given = False
        self.changed = self.serial
        self.site: tuple[Any, ...] | None = None

    @staticmethod
    def older() -> int:
        """The next number by which activations and objects are told older from younger."""
        Dissolved._made += 1
        return Dissolved._made

    @staticmethod
    def count() -> int:
        """How many there have been: those of a higher serial number are younger."""
        return Dissolved._made

    def hint(self, field: Any) -> str | None:
        """What the variable of an attribute is called."""
        word = str(field).lstrip("_")
        if not word and isinstance(field, str):
            return self.name  # it stands for the object: see `rules.container_definitions`
        if not word.isidentifier():
            word = "".join(c if c.isidentifier() or c.isdigit() else "_" for c in word)
        if self.name is None:
            return None
        return f"{self.name}_{word}"


class Columns:
    """A list of objects of one class: a list for each of their attributes (see `columns`).

    shape  what an object is made of
    lists  the lists of its leaves, in their order
    slot   what stands for all lists that are made at the same place of the program
    given  whether the objects were handed in
    is_pool  whether it is no list of the program, but all objects of a class (see `pools`)
    """

    __slots__ = ("given", "is_pool", "lists", "shape", "slot")

    def __init__(self, shape: Any, lists: list[Value], slot: Slot, given: bool = False) -> None:
        self.shape = shape
        self.lists = lists
        self.slot = slot
        self.given = given
        self.is_pool = False


class Heap:
    """A heap: what is in order, and what its items hold by their numbers (see `heaps`).

    shape  what an item is made of
    order  the items, each with its number behind it
    lists  what the items hold, in the order in which they were put there
    slot   what stands for all heaps that are made at the same place of the program
    """

    __slots__ = ("lists", "order", "shape", "slot")

    def __init__(self, shape: Any, order: Value, lists: list[Value], slot: Slot) -> None:
        self.shape = shape
        self.order = order
        self.lists = lists
        self.slot = slot


class Grouped:
    """A dict of lists under keys that the run computes (see `grouped`).

    places  the places of the lists, by key
    lists   the lists: those of numbers, or for tuples those of each place in them
    shape   what an item of a list is made of (see `columns`)
    slot    what stands for all such dicts that are made at the same place of the program
    makes   where a list is made for a key that is not there, the node that makes the dict
    known   keys that are there, as something goes through them
    """

    __slots__ = ("known", "lists", "makes", "places", "shape", "slot")

    def __init__(
        self, places: Value, lists: list[Value], shape: Any, slot: Slot, makes: ast.AST | None
    ) -> None:
        self.places = places
        self.lists = lists
        self.shape = shape
        self.slot = slot
        self.makes = makes
        self.known: set[Value] = set()


class Item(Dissolved):
    """An object in such a list, by its place, or an object that it holds.

    counted  whether the place is no negative number
    shape    what it is made of
    path     the attributes that lead to it from the object in the list
    """

    __slots__ = ("columns", "counted", "index", "path", "shape")

    def __init__(
        self,
        columns: Columns,
        index: Atom,
        counted: bool,
        shape: Any = None,
        path: tuple[Any, ...] = (),
    ) -> None:
        self.shape = columns.shape if shape is None else shape
        super().__init__(self.shape[1])
        self.columns = columns
        self.index = index
        self.counted = counted
        self.path = path
        self.fields = {field: None for field, _ in self.shape[2]}

    def at(self, index: Atom, counted: bool | None = None) -> Item:
        """The object at another place of the same list."""
        counted = self.counted if counted is None else counted
        return Item(self.columns, index, counted, self.shape, self.path)

    def may_stand_for(self, other: Item) -> bool:
        """Whether both are objects of one list, or the same part of such."""
        return self.columns.lists == other.columns.lists and self.path == other.path


class Part(Dissolved):
    """What an object in a list holds, where that object is read: it is not changed by this name."""

    __slots__ = ("item",)

    def __init__(self, item: Item) -> None:
        super().__init__(item.cls)
        self.item = item


class Closure:
    """A function defined inside the lowered one; it sees the variables of `frame`.

    Where calls are kept, `value` is the function as a value, and `kept` what is made of it;
    `scopes` are those of the comprehensions that it stands in.
    """

    __slots__ = ("defaults", "frame", "kept", "kw_defaults", "name", "node", "scopes", "value")

    def __init__(
        self,
        node: ast.FunctionDef | ast.Lambda,
        frame: Frame,
        defaults: list[Binding],
        kw_defaults: dict[str, Binding],
        value: Value | None = None,
        kept: Kept | None = None,
    ) -> None:
        self.node = node
        self.frame = frame
        self.defaults = defaults
        self.kw_defaults = kw_defaults
        self.name = getattr(node, "name", "<lambda>")
        self.value = value
        self.kept = kept
        self.scopes = [*frame.scopes, *frame.hidden]

    def seen_as(self, value: Value) -> Closure:
        """The same function, held by another value."""
        made = Closure(self.node, self.frame, self.defaults, self.kw_defaults, value, self.kept)
        made.scopes = self.scopes
        return made


class Kept:
    """A function that calls go to, in the IR: what is known of it over all its calls.

    key        what tells it apart from other functions, and over attempts
    statics    the arguments that are known while compiling: always the same
    returns    the types that it returned
    returned   the function that it returns, where it returns one
    state      "new", "open" while it is lowered, "done"
    """

    __slots__ = ("function", "key", "returned", "returns", "state", "statics")

    def __init__(self, key: tuple[Any, ...], function: Function, returns: Slot) -> None:
        self.key = key
        self.function = function
        self.returns = returns
        self.returned: Binding | None = None
        self.state = "new"
        self.statics: dict[str, Binding] = {}


class Picked:
    """What is known of a value that is the place of one of several functions.

    `home` is the function whose values the functions may hold.
    """

    __slots__ = ("functions", "home")

    def __init__(self, functions: list[Binding], home: Kept | None) -> None:
        self.functions = functions
        self.home = home


class SharedName:
    """A variable of a comprehension that a function inside sees: it lives in memory."""

    __slots__ = ("variable",)

    def __init__(self, variable: Variable) -> None:
        self.variable = variable


class Method:
    """A method of a container or a text."""

    __slots__ = ("name", "subject")

    def __init__(self, subject: Value | Const, name: str) -> None:
        self.subject = subject
        self.name = name


class Spread:
    """``*value`` in a call, where only the run knows how many items there are."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value


class Super:
    """What ``super()`` gives in a method of `cls`: the methods of the classes behind it."""

    __slots__ = ("cls", "subject")

    def __init__(self, cls: type, subject: Binding) -> None:
        self.cls = cls
        self.subject = subject


class Bound:
    """A function with arguments already given: a bound method, or (`is_partial`) a partial."""

    __slots__ = ("args", "function", "is_partial", "kwargs")

    def __init__(
        self,
        function: Binding,
        args: list[Binding],
        kwargs: dict[str, Binding] | None = None,
        is_partial: bool = False,
    ) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs or {}
        self.is_partial = is_partial


class Choice:
    """One of two functions, by a test that only the run decides."""

    __slots__ = ("orelse", "test", "then")

    def __init__(self, test: Atom, then: Binding, orelse: Binding) -> None:
        self.test = test
        self.then = then
        self.orelse = orelse


class Conflict:
    """Two bindings that cannot be one value; an error only if somebody reads it.

    Where one is a list that is written out, `written_out`, both could be lists in memory.
    """

    __slots__ = ("message", "span", "written_out")

    def __init__(
        self, message: str, span: Span | None = None, written_out: Tup | None = None
    ) -> None:
        self.message = message
        self.span = span
        self.written_out = written_out


Binding = (
    Value
    | Const
    | Static
    | Tup
    | Rec
    | Dissolved
    | Columns
    | Heap
    | Grouped
    | Closure
    | Bound
    | Choice
    | Conflict
    | Super
    | Spread
    | Method
    | SharedName
    | Stream
)
