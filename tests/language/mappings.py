"""Dicts and their kin, sets of ints and deques."""

from tests.language.kinds import INTEGER, NUMBER, TEXT, Bag, Kind, Number, Queue, Row, Table
from tests.language.scalars import filled
from tests.language.writer import Block, Writer, expression, statement


def tables(w: Writer) -> list[str]:
    return focused(w, Table)


def focused(w: Writer, kind: type) -> list[str]:
    """Returns the names of this class of kind, only that in focus if there is one."""
    return [name for name in w.named(kind) if not w.focus or name == w.focus]


def has_table(w: Writer, *_: object) -> bool:
    return bool(tables(w))


def any_table(w: Writer) -> tuple[str, Table]:
    name = w.read(w.choices.choose(tables(w)))
    kind = w.readable()[name]
    assert isinstance(kind, Table)
    return name, kind


def new_key(w: Writer, kind: Table) -> str:
    """Returns a key that may be there or not."""
    if kind.key == TEXT:
        return repr(w.choices.choose(["a", "b", "c", "k"]))
    return w.choices.choose(["0", "1", f"{w.leaf(INTEGER)} % 4", "3"])


# Dicts. ------------------------------------------------------------------------------------


@statement("dict assignment", 8, has_table)
def assign(w: Writer) -> Block:
    name, kind = any_table(w)
    return Block([f"{name}[{new_key(w, kind)}] = {w.value(kind.value)}"])


@statement("dict update of a number", 8, lambda w: bool(_of_numbers(w)))
def augment(w: Writer) -> Block:
    name = w.read(w.choices.choose(_of_numbers(w)))
    kind = w.readable()[name]
    key, value = new_key(w, kind), w.value(kind.value)
    if kind.factory != "dict" or w.tries:
        return Block([f"{name}[{key}] += {value}"])
    return Block(
        w.choices.choose(
            [
                [f"{name}[{key}] = {name}.get({key}, 0) + {value}"],
                [f"if {key} in {name}:", f"    {name}[{key}] += {value}"],
            ]
        )
    )


@statement("dict method", 4, has_table)
def method(w: Writer) -> Block:
    name, kind = any_table(w)
    key, value = new_key(w, kind), w.value(kind.value)
    forms = [
        f"{name}.setdefault({key}, {value})",
        f"{name}.update({{{key}: {value}}})",
        f"{name}.pop({key}, None)",
        f"{name}.popitem()",
        f"{name} |= {{{key}: {value}}}",
    ]
    if kind.factory == "Counter":
        # Its update adds.
        forms = forms[:1] + forms[2:3]
    if not w.scope.can_bind(name, kind):
        forms = [form for form in forms if "|=" not in form]
    line = w.choices.choose(forms)
    return Block([line] if "popitem" not in line else [f"if {name}:", f"    {line}"])


@statement(
    "dict append", 8, lambda w: any(isinstance(w.readable()[n].value, Row) for n in w.named(Table))
)
def append(w: Writer) -> Block:
    name = w.choices.choose([n for n in w.named(Table) if isinstance(w.readable()[n].value, Row)])
    kind = w.readable()[name]
    key, value = new_key(w, kind), w.value(kind.value.item)
    line = f"{w.read(name)}.setdefault({key}, []).append({value})"
    return Block([f"if len({name}) < 5:", f"    {line}"] if not w.is_once else [line])


@statement("del of a key", 2, has_table)
def delete(w: Writer) -> Block:
    name, kind = any_table(w)
    key = new_key(w, kind)
    line = f"del {name}[{key}]"
    return Block([line] if w.tries else [f"if {key} in {name}:", f"    {line}"])


@expression(Table, "dict by name", 6, applies=lambda w, kind: bool(w.places(kind)))
def by_name(w: Writer, kind: Table, depth: int) -> str:
    return w.place(kind) or w.display(kind, depth)


@expression(Table, "copy of a dict", 2, applies=lambda w, kind: kind.factory == "dict")
def copied(w: Writer, kind: Table, depth: int) -> str:
    form = w.choices.choose(["dict({})", "{}.copy()", "{{**{}}}", "{} | {}"])
    return form.format(*(w.leaf(kind) for _ in range(form.count("{}"))))


@expression(Table, "same list for every key", 6, applies=lambda w, k: isinstance(k.value, Row))
def same_list(w: Writer, kind: Table, depth: int) -> str:
    keys = "range(3)" if kind.key == INTEGER else "['a', 'b']"
    return f"dict.fromkeys({keys}, {w.value(kind.value, depth)})"


@expression(Table, "dict of pairs", 2, applies=lambda w, kind: kind == Table(TEXT, NUMBER))
def of_pairs(w: Writer, kind: Table, depth: int) -> str:
    form = w.choices.choose(
        [
            "dict(zip(['a', 'b', 'c'], {numbers}))",
            "dict.fromkeys(['a', 'b'], {number})",
            "dict([('a', {number}), ('k', {number})])",
            "dict(a={number}, b={number})",
        ]
    )
    return filled(w, form, depth)


@expression(Number, "key of the largest value", 2, applies=lambda w, kind: bool(_of_numbers(w)))
def largest(w: Writer, kind: Kind, depth: int) -> str:
    name = w.read(w.choices.choose(_of_numbers(w)))
    return f"{name}[max({name}, key={name}.get)] if {name} else {w.leaf(kind)}"


def _of_numbers(w: Writer) -> list[str]:
    return [n for n in tables(w) if w.readable()[n].value in (NUMBER, INTEGER)]


@expression(Table, "dict comprehension", 3, applies=lambda w, kind: kind.factory == "dict")
def comprehension(w: Writer, kind: Table, depth: int) -> str:
    if kind.key == INTEGER:
        with w.local({"i": INTEGER}):
            return f"{{i: {w.value(kind.value, 1)} for i in range({w.choices.integer(1, 3)})}}"
    source = w.leaf(kind)
    with w.local({"value": kind.value}):
        result = w.value(kind.value, 1)
        test = f" if {w.condition(0)}" if w.choices.chance(0.3) else ""
    return f"{{key: {result} for key, value in {source}.items(){test}}}"


@expression(None, "item of a dict by get", 2, applies=lambda w, kind: bool(_with_value(w, kind)))
def get(w: Writer, kind: Kind, depth: int) -> str:
    name = w.read(w.choices.choose(_with_value(w, kind)))
    key = new_key(w, w.readable()[name])
    if w.tries or w.choices.chance(0.1):
        return f"{name}[{key}]"
    return w.choices.choose(
        [f"{name}.get({key}, {w.value(kind, depth)})", f"{name}.pop({key}, {w.leaf(kind)})"]
    )


def _with_value(w: Writer, kind: Kind) -> list[str]:
    return [n for n in w.named(Table) if w.readable()[n].value == kind]


# Sets of ints. -----------------------------------------------------------------------------


@statement("set method", 12, lambda w: bool(focused(w, Bag)))
def set_method(w: Writer) -> Block:
    name, value = w.read(w.choices.choose(focused(w, Bag))), w.value(INTEGER)
    forms = ["{}.add({})", "{}.discard({})", "{}.add({} % 5)", "{}.update([{}, 1])"]
    if w.tries:
        forms.append("{}.remove({})")
    if w.scope.can_bind(name, Bag()):
        forms += ["{} |= {{{}}}", "{} -= {{{}}}"]
    return Block([w.choices.choose(forms).format(name, value)])


@expression(Bag, "set operation", 3)
def set_operation(w: Writer, kind: Kind, depth: int) -> str:
    return f"{w.leaf(kind)} {w.choices.choose(['|', '&', '-', '^'])} {w.leaf(kind)}"


@expression(Bag, "set comprehension", 3)
def set_comprehension(w: Writer, kind: Kind, depth: int) -> str:
    with w.local({"i": INTEGER}):
        return f"{{{w.value(INTEGER, 1)} for i in range({w.choices.integer(2, 4)})}}"


@expression(Row, "sorted set", 8, applies=lambda w, kind: kind == Row(INTEGER))
def sorted_set(w: Writer, kind: Kind, depth: int) -> str:
    return f"sorted({w.value(Bag(), depth)})"


# Deques. -----------------------------------------------------------------------------------


@statement("deque method", 12, lambda w: bool(focused(w, Queue)))
def queue_method(w: Writer) -> Block:
    name = w.read(w.choices.choose(focused(w, Queue)))
    form = w.choices.choose(
        [
            "{q}.append({number})",
            "{q}.appendleft({number})",
            "{q}.rotate(1)",
            "{q}.extend({numbers}[:2])",
            "{q}[0] += {number}",
            "{q}.popleft()",
            "{q}.pop()",
        ]
    )
    line = filled(w, form.replace("{q}", name), 2)
    if "append" in form or "extend" in form:
        return Block([f"if len({name}) < 6:", f"    {line}"] if not w.is_once else [line])
    return Block([line] if w.tries else [f"if {name}:", f"    {line}"])


@expression(Number, "pop of a deque", 10, applies=lambda w, kind: bool(w.named(Queue)))
def queue_pop(w: Writer, kind: Kind, depth: int) -> str:
    name = w.read(w.choices.choose(w.named(Queue)))
    return f"{name}.{w.choices.choose(['pop', 'popleft'])}() if len({name}) > 1 else {w.leaf(kind)}"
