"""The names of a program that is being written, and the ways from them to parts of their values."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.generator.registry import Recorder
from tests.language.constructs import details
from tests.language.kinds import (
    INTEGER,
    NUMBER,
    Bag,
    Flag,
    Function,
    Integer,
    Kind,
    Maybe,
    Pack,
    Queue,
    Row,
    Series,
    Table,
    Text,
    Thing,
)
from tests.language.scope import Scope

LONGEST_ROUTE = 2

POOLS: dict[type, list[str]] = {
    Integer: ["n", "k", "count", "m", "steps"],
    Flag: ["ok", "flag", "found", "is_open"],
    Text: ["mode", "label", "word"],
    Maybe: ["best", "last", "hit"],
    Pack: ["pair", "both", "corner", "group"],
    Row: ["xs", "ys", "items", "values", "rows", "zs"],
    Table: ["table", "d", "seen", "weights"],
    Queue: ["queue", "recent"],
    Series: ["series", "parts"],
    Bag: ["marks", "chosen"],
    Thing: ["p", "q", "node", "body", "other"],
    Function: ["step", "bump", "shift", "visit", "local"],
}
NUMBER_POOL = ["x", "y", "z", "a", "b", "t", "s", "u", "v", "w", "total", "rate"]

details("re-binding", "re-binding to another kind", "path of two steps", "risky index")


@dataclass
class ClassInfo:
    """A class of the program; ``make`` is how an object is made, a form with one place a field.

    ``hidden`` are attributes that are no parameters of the constructor.
    ``methods`` maps a text to the kind of function: ``.move`` is a method, ``.size!`` a property
    (its function has no parameters), ``+`` an operator.
    """

    name: str
    fields: dict[str, Kind]
    make: str
    style: str
    is_frozen: bool = False
    hidden: dict[str, Kind] = field(default_factory=dict)
    methods: dict[str, Function] = field(default_factory=dict)


# A way from a value to a part of it, and what that part is; a name with a way from it.
Step = tuple[str, Kind]
Route = tuple[Step, ...]
Place = tuple[str, Route]


@dataclass
class Names(Recorder):
    """What is known of the program at the point that is being written."""

    module: list[str] = field(default_factory=list)
    imports: set[str] = field(default_factory=lambda: {"import math"})
    module_names: dict[str, Kind] = field(default_factory=dict)
    classes: dict[str, ClassInfo] = field(default_factory=dict)
    exceptions: list[str] = field(default_factory=list)
    # To be cleared when a class changes.
    known_routes: dict[Kind, dict[Kind, list[Route]]] = field(default_factory=dict)
    # Functions (``damp``) and methods (``Point.move``) of the module that nothing calls yet.
    unused: list[str] = field(default_factory=list)
    scope: Scope = field(default_factory=Scope)
    result: Kind = NUMBER
    # How deep blocks, loops and functions are nested here, and whether a handler is near.
    depth: int = 0
    loops: int = 0
    function_depth: int = 0
    tries: int = 0
    # The names that the innermost loop binds, and the one name that a statement is to change.
    turning: dict[str, Kind] = field(default_factory=dict)
    focus: str = ""
    is_entry: bool = False

    # Names. ------------------------------------------------------------------------------

    def fresh(self, kind: Kind | None = None, pool: list[str] | None = None) -> str:
        """Returns a name that this function does not know yet."""
        pool = pool or POOLS.get(type(kind), NUMBER_POOL)
        s = self.scope
        taken = {*s.names, *s.unsure, *s.outer, *s.fixed, *s.pinned, *self.module_names}
        free = [name for name in pool if name not in taken]
        if free:
            return self.choices.choose(free[:4])
        return next(n for k in range(2, 999) if (n := f"{pool[0]}{k}") not in taken)

    def target(self, kind: Kind) -> str:
        """Returns a name to bind: a new one, or one that is bound again."""
        names = {**self.scope.unsure, **self.scope.names}
        old = [n for n in names if self.scope.can_bind(n, kind)]
        same = [n for n in old if names[n] == kind]
        if same and self.may("re-binding", 0.5):
            return self.choices.choose(same)
        # What a loop or a handler leaves half-way has one kind.
        can_change = len(old) > len(same) and not self.loops and not self.tries
        if can_change and self.may("re-binding to another kind", 0.08):
            return self.choices.choose([n for n in old if n not in same])
        return self.fresh(kind)

    def bind(self, name: str, kind: Kind) -> None:
        self.scope.bind(name, kind)

    def read(self, name: str) -> str:
        self.scope.unread.discard(name)
        return name

    def use(self, name: str) -> None:
        """Notes that a function or a method of the module is called."""
        if name in self.unused:
            self.unused.remove(name)

    def readable(self) -> dict[str, Kind]:
        return {**self.module_names, **self.scope.names}

    def named(self, *kinds: type) -> list[str]:
        """Returns the names of this function, and of those around it, of these classes of kind."""
        return [n for n, kind in self.readable().items() if isinstance(kind, kinds)]

    def functions(self, result: Kind) -> list[str]:
        names = self.readable().items()
        return [n for n, k in names if isinstance(k, Function) and k.result == result]

    @contextmanager
    def local(self, names: dict[str, Kind]) -> Iterator[None]:
        """What is written inside sees these names, which only it binds."""
        before = self.scope
        self.scope = before.copy()
        for name, kind in names.items():
            self.scope.bind(name, kind)
        try:
            yield
        finally:
            before.unread &= self.scope.unread
            self.scope = before

    # Places: a name, or a path from a name to a part of its value. --------------------------

    def steps(self, kind: Kind) -> list[Step]:
        """Returns the ways from a value to its parts."""
        if isinstance(kind, Row):
            return [("[]", kind.item)]
        if isinstance(kind, Table):
            return [("[k]", kind.value)]
        if isinstance(kind, Queue | Series):
            return [("[]", NUMBER)]
        if isinstance(kind, Pack):
            return [(f"[{k}]", item) for k, item in enumerate(kind.items)]
        if isinstance(kind, Thing):
            info = self.classes[kind.name]
            return [(f".{n}", k) for n, k in (info.fields | info.hidden).items()]
        return []

    def routes(self, kind: Kind) -> dict[Kind, list[Route]]:
        """Returns the routes from a value to its parts, by the kind of the part."""
        if kind not in self.known_routes:
            found: dict[Kind, list[Route]] = {}
            reached: list[tuple[Route, Kind]] = [((), kind)]
            for _ in range(LONGEST_ROUTE + 1):
                for route, end in reached:
                    found.setdefault(end, []).append(route)
                reached = [
                    ((*route, step), step[1]) for route, end in reached for step in self.steps(end)
                ]
            self.known_routes[kind] = found
        return self.known_routes[kind]

    def places(self, kind: Kind, local: bool = False) -> list[Place]:
        """Returns names and routes that lead from them to a value of the kind."""
        found = []
        for name, owner in (self.scope.names if local else self.readable()).items():
            routes = self.routes(owner)
            found += [(name, route) for route in routes.get(kind, ())]
            if kind == NUMBER:
                found += [(name, route) for route in routes.get(INTEGER, ())]
        return found

    def path(self, name: str, route: Route) -> str:
        """Returns the text of a route, with an index or a key for each step that takes one."""
        text, kind = self.read(name), self.readable()[name]
        if len(route) > 1:
            self.note("path of two steps")
        for step, end in route:
            if step == "[]":
                text += f"[{self.index(text)}]"
            elif step == "[k]":
                text += f"[{self.key(kind)}]"
            else:
                text += step
            kind = end
        return text

    def can_store(self, name: str, route: Route) -> bool:
        """Whether ``path += value`` may store there: into no tuple and no frozen object."""
        owner = self.readable()[name]
        if not route:
            return self.scope.can_bind(name, owner)
        for _, end in route[:-1]:
            owner = end
        if isinstance(owner, Thing):
            return not self.classes[owner.name].is_frozen
        return isinstance(owner, Row | Table | Queue)

    def index(self, owner: str) -> str:
        """Returns an index that is most likely within the list."""
        known = [n for n, text in self.scope.indexes.items() if text == owner]
        if known and self.choices.chance(0.8):
            return self.read(self.choices.choose(known))
        integers = [n for n in self.named(Integer) if n not in known]
        if integers and self.choices.chance(0.15):
            return f"{self.read(self.choices.choose(integers))} % len({owner})"
        if integers and self.may("risky index", 0.25 if self.tries else 0.02):
            return self.read(self.choices.choose(integers))
        return self.choices.choose(["0", "-1", "0", "-1", "1"])

    def key(self, kind: Kind) -> str:
        assert isinstance(kind, Table)
        if kind.key == INTEGER:
            return self.choices.choose(["0", "1", "0", "1", "0", "2"])
        return repr(self.choices.choose(["a", "b", "a", "b", "a", "b", "c"]))
