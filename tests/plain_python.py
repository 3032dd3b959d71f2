"""The IR as Python text, as plainly as possible: one statement for each operation.

The interpreter of the IR is the judge of what it means; this is the same in a hundredth of the
time, for derivatives whose runs are long. It knows the operations that derivatives of whole
programs consist of, and no loops that carry values.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from sourcediff import ir, memory
from sourcediff.frontend import primitives
from sourcediff.ir import UNDEFINED, Atom, Const, Function, Op, Region, Value, Variable

_numbers = itertools.count()


class Unbound:
    """What a name holds that nothing has been bound to."""


def compiled(function: Function) -> Callable[..., Any]:
    """The function as one of Python's."""
    writer = _Writer()
    name = writer.module_function(function)
    while writer.pending:
        one, called = writer.pending.pop()
        writer.lines += writer.function(one, called, frozenset())
    text = "\n".join(writer.lines)
    namespace = dict(writer.namespace)
    exec(compile(text, f"<plain {function.name} {next(_numbers)}>", "exec"), namespace)
    found: Callable[..., Any] = namespace[name]
    return found


def _bound(name: str, value: Any) -> Any:
    if value is Unbound:
        raise UnboundLocalError(
            f"cannot access local variable {name!r} where it is not associated with a value"
        )
    return value


def _unpacked(count: int, star: int | None, whole: Any) -> tuple[Any, ...]:
    names = "".join(f"{'*' * (place == star)}x{place}, " for place in range(count))
    made: dict[str, Any] = {"whole": whole}
    exec(f"({names}) = whole\nfound = ({names.replace('*', '')})", made)
    found: tuple[Any, ...] = made["found"]
    return found


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.pending: list[tuple[Function, str]] = []
        self.named: dict[Any, str] = {}
        self.namespace: dict[str, Any] = {
            "Unbound": Unbound,
            "_bound": _bound,
            "_unpacked": _unpacked,
            "_set": object.__setattr__,
        }

    # Names --------------------------------------------------------------------------------

    def name(self, what: Value | Variable | Function, prefix: str) -> str:
        found = self.named.get(what)
        if found is None:
            found = self.named[what] = f"{prefix}{len(self.named)}"
        return found

    def known(self, what: Any) -> str:
        name = f"k{len(self.namespace)}"
        self.namespace[name] = what
        return name

    def atom(self, atom: Atom) -> str:
        if isinstance(atom, Const):
            if atom is UNDEFINED:
                return "Unbound"
            if type(atom.value) in (int, bool, str, type(None)):
                return repr(atom.value)
            if type(atom.value) is float and abs(atom.value) < float("inf"):
                return repr(atom.value)
            return self.known(atom.value)
        return self.name(atom, "v")

    def module_function(self, function: Function) -> str:
        name = self.named.get(function)
        if name is None:
            name = self.name(function, "f")
            self.pending.append((function, name))
        return name

    # Functions ----------------------------------------------------------------------------

    def function(self, function: Function, name: str, outer: frozenset[Variable]) -> list[str]:
        parameters = ", ".join(self.name(p, "v") for p in function.parameters)
        seen = outer | set(function.variables)
        written = [self.name(v, "x") for v in dict.fromkeys(_written(function.body)) if v in outer]
        lines = [f"def {name}({parameters}):"]
        if written:
            lines.append(f" nonlocal {', '.join(written)}")
        for variable in function.variables:  # a name that is bound nowhere here is still local
            lines.append(f" if False: {self.name(variable, 'x')} = None")
        lines += [f" {line}" for line in self.region(function.body, frozenset(seen))]
        if function.body.results is not None:
            lines.append(f" return {self.atom(function.body.results[0])}")
        return lines

    def region(
        self, region: Region, seen: frozenset[Variable], results: tuple[Value, ...] = ()
    ) -> list[str]:
        lines = [line for op in region.ops for line in self.op(op, seen)]
        if region.results:
            names = [self.name(r, "v") for r in results]
            lines += [f"{n} = {self.atom(a)}" for n, a in zip(names, region.results, strict=True)]
        return lines or ["pass"]

    def op(self, op: Op, seen: frozenset[Variable]) -> Iterator[str]:
        p, args = op.primitive, [self.atom(a) for a in op.args]

        def block(region: Region, results: tuple[Value, ...] = ()) -> list[str]:
            return [f" {line}" for line in self.region(region, seen, results)]

        if p is ir.IF:
            yield f"if {args[0]}:"
            yield from block(op.regions[0], op.results)
            if op.regions[1].ops or op.regions[1].results:
                yield "else:"
                yield from block(op.regions[1], op.results)
        elif p is ir.WHILE:
            assert not op.args and not op.results and len(op.regions) == 2
            yield "while True:"
            yield from block(op.regions[1])
        elif p is ir.FOR:
            assert len(op.args) == 1 and not op.results and len(op.regions) == 1
            yield f"for {self.name(op.regions[0].parameters[0], 'v')} in {args[0]}:"
            yield from block(op.regions[0])
        elif p is ir.TRY:
            yield from self.guarded(op, block)
        elif p is ir.RETURN:
            yield f"return {args[0]}"
        elif p in (ir.BREAK, ir.CONTINUE):
            yield p.name
        elif p is memory.MAKE_FUNCTION:
            assert not op.args
            name = self.name(op.result, "v")
            yield from self.function(op.attribute, name, seen)
        elif p is primitives.ASSERT:
            yield f"if not {args[0]}:"
            message = op.regions[0] if op.regions else Region([], ())
            yield from block(Region(message.ops, ()))
            atoms = ", ".join(map(self.atom, message.results or ()))
            yield f" raise AssertionError({atoms})"
        else:
            yield from self.plain(op, args)

    def guarded(self, op: Op, block: Callable[..., list[str]]) -> Iterator[str]:
        spec: ir.TrySpec = op.attribute
        regions = list(op.regions)
        yield "try:"
        yield from block(regions.pop(0))
        for handler in spec.handlers:
            region = regions.pop(0)
            classes = "" if handler.classes is None else f" {self.known(handler.classes)}"
            yield f"except{classes or ' BaseException'} as caught:"
            for parameter in region.parameters:
                yield f" {self.name(parameter, 'v')} = caught"
            if handler.variable is not None:
                yield f" {self.name(handler.variable, 'x')} = caught"
            yield from block(region)
        if spec.has_else:
            yield "else:"
            yield from block(regions.pop(0))
        if spec.has_finally:
            yield "finally:"
            yield from block(regions.pop(0))

    # Plain operations ---------------------------------------------------------------------

    def plain(self, op: Op, args: list[str]) -> Iterator[str]:
        if op.primitive in (memory.WRITE, memory.FORGET):
            variable = op.attribute[0] if isinstance(op.attribute, tuple) else op.attribute
            name = self.name(variable, "x")
            if op.primitive is memory.WRITE:
                yield f"{name} = {args[0]}"
            elif isinstance(op.attribute, tuple) and not op.attribute[1]:
                yield f"{name} = None"
                yield f"del {name}"
            else:
                yield f"del {name}"
            return
        text = self.expression(op, args)
        if op.primitive in (primitives.UNPACK, memory.UNPACK_ITERABLE):
            text = f"_unpacked({len(op.results)}, {op.attribute!r}, {args[0]})"
            names = "".join(f"{self.name(r, 'v')}, " for r in op.results)
            yield f"{names} = {text}" if names else text
        elif op.results:
            keep = "" if op.primitive is primitives.RAISE else f"{self.name(op.result, 'v')} = "
            yield f"{keep}{text}"
        else:
            yield text

    def expression(self, op: Op, args: list[str]) -> str:
        p, attribute = op.primitive, op.attribute
        simple = _SIMPLE.get(p)
        if simple is not None:
            return simple.format(*args)
        if p is memory.READ:
            return self.name(attribute, "x")
        if p in (memory.LIST, primitives.TUPLE):
            inside = "".join(f"{arg}, " for arg in args)
            if p is memory.LIST:
                return f"[{inside}]"
            if attribute is not None:
                return f"tuple.__new__({self.known(attribute)}, ({inside}))"
            return f"({inside})"
        if p is memory.DICT:
            pairs = zip(args[::2], args[1::2], strict=True)
            return f"{{{', '.join(f'{k}: {v}' for k, v in pairs)}}}"
        if p in (memory.METHOD_OF, memory.QUERY):
            whole, *rest = args
            names = attribute.keywords
            split = len(rest) - len(names)
            given = [*rest[:split], *(f"{k}={v}" for k, v in zip(names, rest[split:], strict=True))]
            return f"{whole}.{attribute.name}({', '.join(given)})"
        if p is primitives.GETITEM:
            return f"{args[0]}[{attribute}]"
        if p is primitives.GETATTR:
            return f"{args[0]}.{attribute}"
        if p is memory.SET_ATTRIBUTE:
            if op.site is None:
                return f"_set({args[0]}, {attribute!r}, {args[1]})"
            return f"{args[0]}.{attribute} = {args[1]}"
        if p is memory.DELETE_ATTRIBUTE:
            return f"del {args[0]}.{attribute}"
        if p is memory.SET:
            return f"{{{', '.join(args)}}}" if args else "set()"
        if p is primitives.RAISE:
            return f"raise {' from '.join(args)}"
        if p is memory.CONTAINS:
            return f"{args[0]} {'not in' if attribute else 'in'} {args[1]}"
        if p is ir.INVOKE:
            if attribute.how == "closure":
                return f"{args[0]}({', '.join(args[1:])})"
            assert attribute.how == "function", attribute.how
            return f"{self.module_function(attribute.function)}({', '.join(args)})"
        if p in (primitives.CALL, primitives.PURE_CALL) and not attribute.stars:
            split = len(args) - len(attribute.keywords)
            named = zip(attribute.keywords, args[split:], strict=True)
            given = [*args[:split], *(f"{k}={v}" for k, v in named)]
            return f"{self.known(attribute.function)}({', '.join(given)})"
        if p is primitives.BOUND:
            return f"_bound({attribute!r}, {args[0]})"
        given = args if attribute is None else [self.known(attribute), *args]
        return f"{self.known(p.evaluate)}({', '.join(given)})"


_SIMPLE = {
    memory.SUBSCRIPT: "{}[{}]",
    memory.SET_ITEM: "{}[{}] = {}",
    memory.DELETE_ITEM: "del {}[{}]",
    memory.ASSIGN: "{}",
    primitives.COPY: "{}",
    primitives.NARROWED: "{}",
    primitives.YIELDED: "{}",
}


def _written(region: Region) -> Iterator[Variable]:
    for op in ir.walk(region):
        if op.primitive is memory.WRITE:
            yield op.attribute
        elif op.primitive is memory.FORGET:
            yield op.attribute[0] if isinstance(op.attribute, tuple) else op.attribute
        elif op.primitive is ir.TRY:
            for handler in op.attribute.handlers:
                if handler.variable is not None:
                    yield handler.variable
