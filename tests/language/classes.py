"""Classes of the program: plain, inherited, data classes, named tuples, name spaces."""

from collections.abc import Callable

from tests.language.functions import function_body
from tests.language.kinds import (
    INTEGER,
    NUMBER,
    NUMBERS,
    Function,
    Kind,
    Maybe,
    Parameter,
    Thing,
)
from tests.language.scope import Scope
from tests.language.writer import ClassInfo, Writer, details, indented

NAMES = ["Point", "Particle", "Model", "Cell"]
FIELDS = ["x", "y", "gain", "speed"]
STYLES: list[tuple[str, int]] = [
    ("plain class", 6),
    ("data class", 5),
    ("frozen data class", 2),
    ("inherited class", 10),
    ("named tuple", 2),
    ("name space", 3),
]
details(
    *(style for style, _ in STYLES),
    "object that holds a list",
    "object that holds an object",
    "optional link to an object",
    "class attribute",
    "method",
    "property",
    "method that returns self",
    "operator method",
    "operator in place",
    "call method",
    "len method",
    "item method",
    "overridden method",
    "class method",
    "static method",
    "field with a default",
    "field with a default factory",
    "__post_init__",
)


def write_class(w: Writer) -> None:
    """Adds a class to the module."""
    styles = [(style, weight) for style, weight in STYLES if w.allowed(style)]
    style = w.choices.weighted(styles or STYLES[:1])
    parents = [c for c in w.classes.values() if c.style in ("plain class", "inherited class")]
    if style == "inherited class" and not parents:
        style = "plain class"
    w.note(style)
    name = next(n for n in [*NAMES, "Extra", "Thing"] if n not in w.classes)
    if style == "inherited class":
        _inherited(w, name, w.choices.choose(parents))
    elif style == "plain class":
        _plain(w, name)
    elif style == "name space":
        _name_space(w, name)
    elif style == "named tuple":
        _named_tuple(w, name)
    else:
        _data_class(w, name, style == "frozen data class")
    w.known_routes.clear()
    w.module += ["", ""]


def _fields(w: Writer, name: str, own: list[str] = FIELDS) -> dict[str, Kind]:
    fields: dict[str, Kind] = dict.fromkeys(own[: w.choices.integer(1, 2)], NUMBER)
    if w.may("object that holds a list", 0.35):
        fields["items"] = NUMBERS
    if w.choices.chance(0.2):
        fields["count"] = INTEGER
    others = [c for c in w.classes if c != name]
    if others and w.may("object that holds an object", 0.35):
        fields["inner"] = Thing(w.choices.choose(others))
    return fields


def _plain(w: Writer, name: str) -> None:
    fields = _fields(w, name)
    link = w.may("optional link to an object", 0.15)
    places = ", ".join("{}" for _ in fields)
    info = ClassInfo(name, fields, f"{name}({places})", "plain class")
    lines = [f"class {name}:"]
    if w.may("class attribute", 0.25):
        lines += ["    made = 0", "    scale = 0.5", ""]
    extra = ", link=None" if link else ""
    lines.append(f"    def __init__(self, {', '.join(fields)}{extra}):")
    lines += [f"        self.{n} = {n}" for n in fields]
    if link:
        lines.append("        self.link = link")
    if "    made = 0" in lines:
        lines.append(f"        {name}.made += 1")
    w.classes[name] = info
    _finish(w, info, lines)
    if "    scale = 0.5" in lines:
        w.module_names[f"{name}.scale"] = NUMBER
        w.module_names[f"{name}.made"] = INTEGER
    if link:
        info.hidden["link"] = Maybe(Thing(name))


def _inherited(w: Writer, name: str, parent: ClassInfo) -> None:
    fields = {**parent.fields, "extra": NUMBER}
    places = ", ".join("{}" for _ in fields)
    info = ClassInfo(name, fields, f"{name}({places})", "inherited class")
    # Methods of the parent take and return objects of the parent.
    info.hidden = dict(parent.hidden)
    info.methods = {n: f for n, f in parent.methods.items() if n.startswith(".")}
    lines = [
        f"class {name}({parent.name}):",
        f"    def __init__(self, {', '.join(fields)}):",
        f"        super().__init__({', '.join(parent.fields)})",
        "        self.extra = extra",
    ]
    w.classes[name] = info
    value = info.methods.get(".value")
    if value is not None and value.result == NUMBER and w.may("overridden method", 0.6):
        with w.inside(Scope({"self": Thing(name), "t": NUMBER}), NUMBER):
            result = f"super().value({w.value(NUMBER, 1)}) + {w.value(NUMBER, 1)}"
        lines += ["", "    def value(self, t):", f"        return {result}"]
    _finish(w, info, lines)


def _data_class(w: Writer, name: str, is_frozen: bool) -> None:
    w.imports.add("import dataclasses")
    fields = _fields(w, name)
    info = ClassInfo(
        name, fields, f"{name}({', '.join('{}' for _ in fields)})", "data class", is_frozen
    )
    lines = [f"@dataclasses.dataclass{'(frozen=True)' if is_frozen else ''}", f"class {name}:"]
    words = {NUMBER: "float", INTEGER: "int", NUMBERS: "list"}
    lines += [f"    {n}: {words.get(k, 'object')}" for n, k in fields.items()]
    if w.may("field with a default", 0.3):
        lines.append("    tag: float = 0.5")
        info.hidden["tag"] = NUMBER
    if w.may("field with a default factory", 0.2):
        lines.append("    history: list = dataclasses.field(default_factory=list)")
        info.hidden["history"] = NUMBERS
    w.classes[name] = info
    if not is_frozen and w.may("__post_init__", 0.2):
        field = next(n for n, k in fields.items() if k == NUMBER)
        lines += ["", "    def __post_init__(self):", f"        self.{field} = self.{field} * 0.5"]
    _finish(w, info, lines)


def _named_tuple(w: Writer, name: str) -> None:
    fields: dict[str, Kind] = dict.fromkeys(FIELDS[: w.choices.integer(2, 3)], NUMBER)
    info = ClassInfo(
        name, fields, f"{name}({', '.join('{}' for _ in fields)})", "named tuple", True
    )
    w.classes[name] = info
    if w.choices.chance(0.5):
        w.imports.add("import collections")
        names = " ".join(fields)
        w.module.append(f"{name} = collections.namedtuple('{name}', '{names}')")
        return
    w.imports.add("import typing")
    lines = [f"class {name}(typing.NamedTuple):", *(f"    {n}: float" for n in fields)]
    _finish(w, info, lines)


def _name_space(w: Writer, name: str) -> None:
    w.imports.add("import types")
    fields = _fields(w, name)
    make = ", ".join(f"{n}={{}}" for n in fields)
    w.classes[name] = ClassInfo(name, fields, f"types.SimpleNamespace({make})", "name space")


# Methods. ----------------------------------------------------------------------------------


def _finish(w: Writer, info: ClassInfo, lines: list[str]) -> None:
    """Writes the methods, then adds the class to the module."""
    for name, write in METHODS:
        if w.may(name, 0.5 if name == "method" else 0.3):
            lines += ["", *indented(write(w, info))]
    w.module += lines
    w.unused += [f"{info.name}{method}" for method in info.methods]


def _method(
    w: Writer, info: ClassInfo, head: str, parameters: dict[str, Kind], result: Kind, size: int = 2
) -> list[str]:
    scope = Scope({"self": Thing(info.name), **parameters})
    scope.fixed = {"self"}
    with w.inside(scope, result):
        body = function_body(w, w.choices.integer(0, size))
    return [f"{head}({', '.join(['self', *parameters])}):", *indented(body)]


def _plain_method(w: Writer, info: ClassInfo) -> list[str]:
    result = w.choices.choose([NUMBER, NUMBER, Maybe(NUMBER)])
    lines = _method(w, info, "def value", {"t": NUMBER}, result)
    info.methods[".value"] = Function((Parameter("t", NUMBER),), result)
    return lines


def _property(w: Writer, info: ClassInfo) -> list[str]:
    lines = ["@property", *_method(w, info, "def size", {}, NUMBER, 1)]
    info.methods[".size!"] = Function((), NUMBER)
    return lines


def _fluent(w: Writer, info: ClassInfo) -> list[str]:
    if info.is_frozen:
        return _property(w, info)
    field = w.choices.choose([n for n, k in info.fields.items() if k == NUMBER])
    with w.inside(Scope({"self": Thing(info.name), "step": NUMBER}), NUMBER):
        value = w.value(NUMBER, 2)
    info.methods[".move"] = Function((Parameter("step", NUMBER),), Thing(info.name))
    return ["def move(self, step=0.5):", f"    self.{field} += {value}", "    return self"]


def _operator(w: Writer, info: ClassInfo) -> list[str]:
    symbol, name = w.choices.choose([("+", "__add__"), ("-", "__sub__"), ("*", "__mul__")])
    other = Thing(info.name) if symbol != "*" else NUMBER
    result = Thing(info.name)
    with w.inside(Scope({"self": result, "other": other}), result):
        made = w.display(result, 1)
    info.methods[symbol] = Function((Parameter("other", other),), result)
    return [f"def {name}(self, other):", f"    return {made}"]


def _in_place(w: Writer, info: ClassInfo) -> list[str]:
    if info.is_frozen:
        return _operator(w, info)
    field = w.choices.choose([n for n, k in info.fields.items() if k == NUMBER])
    info.methods["+="] = Function((Parameter("other", NUMBER),), Thing(info.name))
    return ["def __iadd__(self, other):", f"    self.{field} += other", "    return self"]


def _call(w: Writer, info: ClassInfo) -> list[str]:
    lines = _method(w, info, "def __call__", {"v": NUMBER}, NUMBER)
    info.methods["()"] = Function((Parameter("v", NUMBER),), NUMBER)
    return lines


def _len(w: Writer, info: ClassInfo) -> list[str]:
    if "items" not in info.fields:
        return _call(w, info)
    info.methods["len"] = Function((), INTEGER)
    return ["def __len__(self):", "    return len(self.items)"]


def _item(w: Writer, info: ClassInfo) -> list[str]:
    if "items" not in info.fields:
        return _property(w, info)
    info.methods["[]"] = Function((), NUMBER)
    return ["def __getitem__(self, place):", "    return self.items[place]"]


def _class_method(w: Writer, info: ClassInfo) -> list[str]:
    with w.inside(Scope({"t": NUMBER}), Thing(info.name)):
        values = [w.value(kind, 1) for kind in info.fields.values()]
    made = info.make.replace(info.name, "cls", 1).format(*values)
    function = Function((Parameter("t", NUMBER),), Thing(info.name))
    w.module_names[f"{info.name}.at"] = function
    w.unused.append(f"{info.name}.at")
    return ["@classmethod", "def at(cls, t):", f"    return {made}"]


def _static_method(w: Writer, info: ClassInfo) -> list[str]:
    with w.inside(Scope({"t": NUMBER, "bias": NUMBER}), NUMBER):
        body = function_body(w, w.choices.integer(0, 1))
    parameters = (Parameter("t", NUMBER), Parameter("bias", NUMBER, "0.5"))
    w.module_names[f"{info.name}.squash"] = Function(parameters, NUMBER)
    w.unused.append(f"{info.name}.squash")
    return ["@staticmethod", "def squash(t, bias=0.5):", *indented(body)]


METHODS: list[tuple[str, Callable[[Writer, ClassInfo], list[str]]]] = [
    ("method", _plain_method),
    ("property", _property),
    ("method that returns self", _fluent),
    ("operator method", _operator),
    ("operator in place", _in_place),
    ("call method", _call),
    ("len method", _len),
    ("item method", _item),
    ("class method", _class_method),
    ("static method", _static_method),
]
