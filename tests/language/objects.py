"""Objects: reads, writes and calls of methods, through every path that leads to one."""

from tests.language.kinds import INTEGER, NUMBER, Flag, Integer, Kind, Maybe, Number, Row, Thing
from tests.language.writer import Block, ClassInfo, Writer, expression, statement


def things(w: Writer, *, mutable: bool = False) -> list[tuple[str, tuple, ClassInfo]]:
    """Returns the places of objects, with their classes."""
    return [
        (name, route, info)
        for info in w.classes.values()
        if not (mutable and info.is_frozen)
        for name, route in w.places(Thing(info.name))
        if not w.focus or name == w.focus
    ]


def any_thing(w: Writer, *, mutable: bool = False) -> tuple[str, ClassInfo]:
    name, route, info = w.choices.choose(things(w, mutable=mutable))
    return w.path(name, route), info


def has_things(w: Writer, *_: object) -> bool:
    return bool(things(w))


def has_mutable_things(w: Writer, *_: object) -> bool:
    return bool(things(w, mutable=True))


def with_methods(w: Writer, result: Kind) -> list[tuple[str, tuple, str]]:
    """Returns the places of objects with a method of this result, and the method."""
    return [
        (name, route, method)
        for name, route, info in things(w)
        for method, function in info.methods.items()
        if function.result == result and method != "+="
    ]


@expression(Thing, "object by name", 8, applies=lambda w, kind: bool(w.places(kind)))
def named_object(w: Writer, kind: Thing, depth: int) -> str:
    return w.place(kind) or w.display(kind, depth)


@expression(Thing, "changed copy of an object", 3, applies=lambda w, kind: _replaceable(w, kind))
def replaced(w: Writer, kind: Thing, depth: int) -> str:
    info = w.classes[kind.name]
    field = number_field(w, kind)
    value = w.value(NUMBER, depth)
    if info.style == "named tuple":
        return f"{w.leaf(kind)}._replace({field}={value})"
    return f"dataclasses.replace({w.leaf(kind)}, {field}={value})"


def _replaceable(w: Writer, kind: Thing) -> bool:
    return w.classes[kind.name].style in ("named tuple", "data class")


@expression(Thing, "copy of an object", 1, applies=lambda w, kind: _is_mutable(w, kind))
def copied(w: Writer, kind: Thing, depth: int) -> str:
    w.imports.add("import copy")
    return f"copy.{w.choices.choose(['copy', 'deepcopy'])}({w.leaf(kind)})"


def _is_mutable(w: Writer, kind: Thing) -> bool:
    return not w.classes[kind.name].is_frozen


@expression(None, "method call", 7, applies=lambda w, kind: bool(with_methods(w, kind)))
def method_call(w: Writer, kind: Kind, depth: int) -> str:
    name, route, method = w.choices.choose(with_methods(w, kind))
    owner_kind = route[-1][1] if route else w.readable()[name]
    assert isinstance(owner_kind, Thing)
    return method_text(w, w.path(name, route), w.classes[owner_kind.name], method, depth)


def method_text(w: Writer, owner: str, info: ClassInfo, method: str, depth: int = 1) -> str:
    """Returns the call of a method, the read of a property, or the operator."""
    w.use(f"{info.name}{method}")
    values = [w.value(p.kind, depth) for p in info.methods[method].parameters]
    if method == "[]":
        return f"{owner}[{w.choices.choose(['0', '-1'])}]"
    if method == "len":
        return f"len({owner})"
    if method == "()":
        return f"{owner}({values[0]})"
    if method.endswith("!"):
        return f"{owner}{method[:-1]}"
    if method.startswith("."):
        return f"{owner}{method}({', '.join(values)})"
    return f"{owner} {method} {values[0]}"


@expression(None, "field of a value", 3, applies=lambda w, kind: bool(_with_field(w, kind)))
def field_of_value(w: Writer, kind: Kind, depth: int) -> str:
    name, field = w.choices.choose(_with_field(w, kind))
    return f"{w.value(Thing(name), depth)}.{field}"


def _with_field(w: Writer, kind: Kind) -> list[tuple[str, str]]:
    return [(c.name, n) for c in w.classes.values() for n, k in c.fields.items() if k == kind]


@expression(Row, "sorted objects", 7, applies=lambda w, kind: isinstance(kind.item, Thing))
def sorted_objects(w: Writer, kind: Row, depth: int) -> str:
    return f"sorted({w.leaf(kind)}, key=lambda item: item.{number_field(w, kind.item)})"


@expression(Thing, "extremum of objects", 3, applies=lambda w, kind: bool(w.places(Row(kind))))
def extremum(w: Writer, kind: Thing, depth: int) -> str:
    form = w.choices.choose(["max", "min"])
    key = f"lambda item: item.{number_field(w, kind)}"
    return f"{form}({w.place(Row(kind))}, key={key})"


@expression(Maybe, "first object that fits", 20, applies=lambda w, kind: _is_searched(w, kind))
def first(w: Writer, kind: Maybe, depth: int) -> str:
    row = w.place(Row(kind.item))
    with w.local({"item": kind.item}):
        test = f"item.{number_field(w, kind.item)} > {w.leaf(NUMBER)}"
    return f"next((item for item in {row} if {test}), None)"


def _is_searched(w: Writer, kind: Maybe) -> bool:
    return isinstance(kind.item, Thing) and bool(w.places(Row(kind.item)))


def number_field(w: Writer, kind: Kind) -> str:
    assert isinstance(kind, Thing)
    fields = w.classes[kind.name].fields
    return w.choices.choose([name for name, item in fields.items() if item == NUMBER])


@expression(Flag, "isinstance of an object", 2, applies=lambda w, kind: bool(_checked(w)))
def is_instance(w: Writer, kind: Kind, depth: int) -> str:
    classes = [c.name for c in w.classes.values() if c.style != "name space"]
    name = w.read(w.choices.choose(_checked(w)))
    return f"isinstance({name}, {w.choices.choose(classes)})"


def _checked(w: Writer) -> list[str]:
    if all(c.style == "name space" for c in w.classes.values()):
        return []
    return w.named(Thing, Maybe)


@expression(Flag, "comparison of objects", 3, applies=lambda w, kind: has_things(w))
def compared(w: Writer, kind: Kind, depth: int) -> str:
    _, _, info = w.choices.choose(things(w))
    first, second = w.leaf(Thing(info.name)), w.leaf(Thing(info.name))
    if w.places(Row(Thing(info.name))) and w.choices.chance(0.5):
        return f"{first} in {w.place(Row(Thing(info.name)))}"
    return f"{first} {w.choices.choose(['==', '!=', 'is'])} {second}"


# Statements. -------------------------------------------------------------------------------


@statement("attribute assignment", 8, has_mutable_things)
def assign(w: Writer) -> Block:
    owner, info = any_thing(w, mutable=True)
    fields = info.fields | info.hidden
    field = w.choices.choose(list(fields))
    return Block([f"{owner}.{field} = {w.value(fields[field])}"])


@statement("augmented attribute", 9, has_mutable_things)
def augment(w: Writer) -> Block:
    owner, info = any_thing(w, mutable=True)
    numbers = [n for n, k in info.fields.items() if isinstance(k, Number | Integer)]
    field = w.choices.choose(numbers)
    operator = w.choices.choose(["+=", "-=", "+="])
    return Block([f"{owner}.{field} {operator} {w.value(info.fields[field])}"])


@statement("method call statement", 8, lambda w: bool(_statement_methods(w)))
def call(w: Writer) -> Block:
    name, route, method = w.choices.choose(_statement_methods(w))
    owner_kind = route[-1][1] if route else w.readable()[name]
    function = w.classes[owner_kind.name].methods[method]
    w.use(f"{owner_kind.name}{method}")
    owner, value = w.path(name, route), w.value(function.parameters[0].kind)
    if method == "+=":
        is_bare = not route and not w.scope.can_bind(name, owner_kind)
        return Block([f"{owner}.__iadd__({value})" if is_bare else f"{owner} += {value}"])
    chained = f".move({w.value(NUMBER, 1)})" if method == ".move" and w.choices.chance(0.3) else ""
    return Block([f"{owner}{method}({value}){chained}"])


def _statement_methods(w: Writer) -> list[tuple[str, tuple, str]]:
    return [
        (name, route, method)
        for name, route, info in things(w, mutable=True)
        for method in info.methods
        if method in (".move", ".value", "+=") and (method != "+=" or w.can_store(name, route))
    ]


@statement("objects that share a list", 15, lambda w: len(_with_items(w)) > 1)
def share(w: Writer) -> Block:
    first, second = w.choices.shuffled(_with_items(w))[:2]
    return Block([f"{w.path(*first)}.items = {w.path(*second)}.items"])


def _with_items(w: Writer) -> list[tuple[str, tuple]]:
    return [(n, r) for n, r, info in things(w, mutable=True) if "items" in info.fields]


@statement("best of a list of objects", 5, lambda w: bool(_searchable(w)))
def best(w: Writer) -> Block:
    """A loop that keeps a reference to one object of a list, and changes it afterwards."""
    name, info = w.choices.choose(_searchable(w))
    field = number_field(w, Thing(info.name))
    target = w.fresh(Thing(info.name), ["best", "top", "worst"])
    each = w.fresh(Thing(info.name), ["each", "one"])
    lines = [
        f"{target} = {w.read(name)}[0]",
        f"for {each} in {name}:",
        f"    if {each}.{field} {w.choices.choose(['>', '<'])} {target}.{field}:",
        f"        {target} = {each}",
    ]
    w.bind(target, Thing(info.name))
    if not info.is_frozen:
        lines.append(f"{target}.{field} += {w.value(NUMBER)}")
    return Block(lines)


def _searchable(w: Writer) -> list[tuple[str, ClassInfo]]:
    return [
        (name, w.classes[kind.item.name])
        for name, kind in w.scope.names.items()
        if isinstance(kind, Row) and isinstance(kind.item, Thing)
    ]


@statement("chain of objects", 18, lambda w: bool(_linked(w)))
def chain(w: Writer) -> Block:
    """Objects that hold the next one, and a walk along them."""
    info = w.choices.choose(_linked(w))
    kind = Thing(info.name)
    head, node = w.fresh(kind, ["head", "start"]), w.fresh(kind, ["current", "walker"])
    field = number_field(w, kind)
    lines = [f"{head} = {w.display(kind, 1)}"]
    w.bind(head, kind)
    lines += [f"{head}.link = {w.leaf(kind)}" if w.choices.chance(0.3) else
              f"{head}.link = {w.display(kind, 1)}"]  # fmt: skip
    if w.choices.chance(0.4):
        lines.append(f"{head}.link.link = {w.display(kind, 1)}")
    step = w.fresh(INTEGER, ["hops"])
    w.bind(step, INTEGER)
    change = f"{node}.{field} += {w.value(NUMBER)}"
    lines += [
        f"{node}, {step} = {head}, 0",
        f"while {node} is not None and {step} < 4:",
        f"    {w.choices.choose([change, f'print({node}.{field})'])}",
        f"    {node}, {step} = {node}.link, {step} + 1",
    ]
    return Block(lines)


def _linked(w: Writer) -> list[ClassInfo]:
    return [info for info in w.classes.values() if "link" in info.hidden]


@statement("unpacking of a named tuple", 6, lambda w: bool(_named_tuples(w)))
def unpack(w: Writer) -> Block:
    kind = Thing(w.choices.choose(_named_tuples(w)))
    text = w.value(kind)
    names = []
    for item in w.classes[kind.name].fields.values():
        names.append(w.fresh(item))
        w.bind(names[-1], item)
    return Block([f"{', '.join(names)} = {text}"])


def _named_tuples(w: Writer) -> list[str]:
    return [c.name for c in w.classes.values() if c.style == "named tuple"]
