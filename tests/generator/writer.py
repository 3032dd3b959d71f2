"""The state of one program that is being written, and the registry of constructs.

A construct is a function that takes the ``Writer`` and returns text: an expression, a condition
or a statement.  It registers itself with a name and a weight; to extend the generator, write
another such function.  The writer records the name each time, so that the constructs of every
program are known.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.generator.kinds import LIMIT, Expression, Integer, Kind, Pack, Scalar
from tests.generator.registry import Construct, Recorder, registering
from tests.generator.scope import Scope

NAMES = ["x", "y", "z", "a", "b", "c", "t", "s", "u", "v", "w", "total", "rate", "e", "result"]
BAR_NAMES = ["x_bar", "y_bar", "x_adj", "x_1", "y_2", "x_dot", "z_bar"]
FLAGS = ["big", "near", "flag", "is_open", "positive", "ok"]
HELPERS = ["damp", "mix", "ramp", "blend", "gate", "wave"]
LOCALS = ["step", "bump", "shift", "inner", "local", "visit"]
CONSTANTS = ["GAIN", "OFFSET", "RATE", "LEVEL"]
SHADOWED = ["sum", "len", "round", "pow"]

# Choices can be adversarial: without limits the worst program has no end.
DEEPEST_EXPRESSION = 7
MOST_CONSTRUCTS = 400

Number = Callable[["Writer", int], Expression]
Condition = Callable[["Writer", int], str]


@dataclass(frozen=True)
class Block:
    """Lines of text; ``ends`` where control never runs past them."""

    lines: list[str]
    ends: bool = False


Statement = Callable[["Writer"], Block]


EXPRESSIONS: list[Construct] = []
CONDITIONS: list[Construct] = []
STATEMENTS: list[Construct] = []
# Constructs that are noted while another one is written.
DETAILS: set[str] = set()


expression = registering(EXPRESSIONS)
condition = registering(CONDITIONS)
statement = registering(STATEMENTS)


def details(*names: str) -> None:
    """Declares constructs that are only noted, so that the tests can ask for each."""
    DETAILS.update(names)


details("re-binding", "rescaling")


def construct_names() -> set[str]:
    """Returns every construct that a program can contain."""
    return DETAILS | {c.name for c in (*EXPRESSIONS, *CONDITIONS, *STATEMENTS)}


@dataclass
class Writer(Recorder):
    """Writes one program.

    ``raw`` programs use operations that may raise; ``unbound`` programs may read a name that
    is not bound.
    """

    raw: bool = False
    unbound: bool = False
    pool: list[str] = field(default_factory=lambda: list(NAMES))
    shadowed: set[str] = field(default_factory=set)
    module: list[str] = field(default_factory=list)
    module_names: dict[str, Kind] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)
    result: Kind = field(default_factory=Scalar)
    # How deep blocks, functions and expressions are nested at this point.
    depth: int = 0
    function_depth: int = 0
    level: int = 0
    # Whether what is written now is certain to be evaluated, once, by this function.
    certain: bool = True
    # Names bound by := in the statement that is being written.
    pending: dict[str, Kind] = field(default_factory=dict)
    used_names: set[str] = field(default_factory=set)

    # Names.

    def readable(self, *kinds: type) -> list[str]:
        """Returns the names of these kinds that can be read here, locals first."""
        local = [n for n, kind in self.scope.names.items() if isinstance(kind, kinds)]
        shadowed = self.scope.names
        outer = [
            n
            for n, kind in self.module_names.items()
            if isinstance(kind, kinds) and n not in shadowed
        ]
        return local + outer

    def kind_of(self, name: str) -> Any:
        return self.scope.names.get(name) or self.module_names[name]

    def bound_of(self, name: str) -> float:
        kind = self.kind_of(name)
        assert isinstance(kind, Scalar | Integer)
        return LIMIT if name in self.scope.loose or name in self.pending else kind.bound

    def fresh(self, pool: list[str] | None = None) -> str:
        """Returns a name that this function does not know yet."""
        taken = {*self.scope.names, *self.scope.outer, *self.scope.fixed, *self.pending}
        taken |= {n for names in self.scope.partial.values() for n in names}
        # A closure of another branch still reads or changes these.
        taken |= self.scope.captured | self.scope.loose
        taken |= set(self.module_names)
        pool = self.pool if pool is None else pool
        free = [name for name in pool if name not in taken]
        if free:
            return self.choices.choose(free[:4])
        number = len(taken)
        return next(name for k in range(number + 1) if (name := f"{pool[0]}{k + 2}") not in taken)

    def target(self, kind: Kind) -> str:
        """Returns a name to bind: a new one, or one that is bound again."""
        old = [n for n in self.scope.names if self.scope.can_bind(n, kind)]
        if old and self.may("re-binding", 0.45):
            return self.choices.choose(old)
        return self.fresh()

    def bind(self, name: str, kind: Kind) -> None:
        self.scope.bind(name, kind)

    def flush(self) -> None:
        """Makes the names bound by := in the last statement known."""
        for name, kind in self.pending.items():
            self.bind(name, kind)
        self.pending.clear()

    # Numbers, conditions, statements.

    @property
    def is_full(self) -> bool:
        """Whether the program is so large that it must come to an end."""
        return self.picked > MOST_CONSTRUCTS

    def number(self, depth: int = 2) -> Expression:
        if depth <= 0 or self.level >= DEEPEST_EXPRESSION or self.is_full:
            return self.leaf()
        if not self.choices.chance(0.85):
            return self.leaf()
        # The arguments of a call count their depth anew; the level counts through.
        self.level += 1
        try:
            written: Expression = self.pick(EXPRESSIONS).write(self, depth - 1)
        finally:
            self.level -= 1
        return written

    def value(self, depth: int = 2, limit: float = LIMIT) -> Expression:
        """Returns a number whose magnitude stays within the limit."""
        return self.squashed(self.number(depth), limit)

    def squashed(self, e: Expression, limit: float = LIMIT) -> Expression:
        if e.bound <= limit:
            return e
        factor = 10.0 ** -(len(str(int(e.bound / limit))))
        if factor >= 1e-4 and self.may("rescaling", 0.4):
            return Expression(f"({e.text}) * {factor:g}", e.bound * factor)
        wrapper, bound = self.choices.choose(
            [("math.sin({})", 1.0), ("math.tanh({})", 1.0), ("math.atan({})", 1.6)]
        )
        return Expression(wrapper.format(e.text), bound)

    def local_numbers(self) -> list[str]:
        return [n for n, kind in self.scope.names.items() if isinstance(kind, Scalar)]

    def read(self, name: str) -> Expression:
        self.scope.unread.discard(name)
        return Expression(name, self.bound_of(name))

    def leaf(self) -> Expression:
        local = self.local_numbers()
        unread = [name for name in local if name in self.scope.unread]
        if local and self.choices.chance(0.9):
            # Names that nobody has read come first: else much of the code is dead.
            if unread and self.choices.chance(0.6):
                return self.read(self.choices.choose(unread))
            return self.read(self.choices.choose(local))
        outer = [n for n in self.readable(Scalar) if n not in self.scope.names]
        if outer and self.choices.chance(0.3):
            return self.read(self.choices.choose(outer))
        return self.constant()

    def variable(self) -> Expression:
        """Returns a name of this function if there is one: conditions on constants are dull."""
        local = self.local_numbers()
        return self.read(self.choices.choose(local)) if local else self.leaf()

    def other_than(self, text: str) -> Expression:
        """Returns a leaf to compare with: x < x decides nothing."""
        others = [name for name in self.local_numbers() if name != text]
        if others and self.choices.chance(0.7):
            return self.read(self.choices.choose(others))
        value = self.choices.choose(["0.5", "1", "-0.5", "0", "0.25", "1.5", "-1"])
        return Expression(value, abs(float(value)))

    def constant(self) -> Expression:
        text = self.choices.choose(
            ["1", "2", "0.5", "3.0", "1.5", "0", "-1", "-0.75", "0.1", "2.25", "1e-2", "3", "10"]
        )
        return Expression(f"({text})", abs(float(text)))

    def condition(self, depth: int = 1) -> str:
        text: str = self.pick(CONDITIONS).write(self, depth)
        return text

    def statement(self) -> Block:
        block: Block = self.pick(STATEMENTS).write(self)
        self.flush()
        return block

    @contextmanager
    def maybe(self) -> Iterator[None]:
        """What is written inside may not be evaluated, so it binds no name."""
        before, self.certain = self.certain, False
        try:
            yield
        finally:
            self.certain = before

    @contextmanager
    def inside(self, scope: Scope, result: Kind) -> Iterator[None]:
        """What is written inside is the body of another function."""
        saved = (self.scope, self.result, self.certain, self.pending, self.depth)
        self.scope, self.result, self.certain, self.pending = scope, result, True, {}
        self.depth += 1
        self.function_depth += 1
        try:
            yield
        finally:
            self.scope, self.result, self.certain, self.pending, self.depth = saved
            self.function_depth -= 1

    def block(self, size: int) -> Block:
        """Writes statements until one ends the block."""
        lines: list[str] = []
        for _ in range(size):
            if self.is_full:
                break
            block = self.statement()
            lines += block.lines
            if block.ends:
                return Block(lines, True)
        return Block(lines)

    def return_value(self) -> str:
        """Returns the text of a result of the function that is being written."""
        if isinstance(self.result, Pack):
            return ", ".join(self.value(2).text for _ in self.result.items)
        e = self.value(3)
        local = self.local_numbers()
        unread = [name for name in local if name in self.scope.unread]
        names = unread[-4:] or self.choices.shuffled(local)[:2]
        if self.choices.chance(0.85):
            # A result that gathers many names leaves little code dead.
            for name in names:
                form = self.choices.choose(["{} + {}", "{} - {}", "({}) * {}"])
                other = self.read(name)
                bound = e.bound * other.bound if "*" in form else e.bound + other.bound
                e = self.squashed(Expression(form.format(e.text, name), bound))
        return e.text


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines] or ["    pass"]
