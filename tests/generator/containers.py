"""Tuples of known shape: packed, unpacked, indexed, swapped, nested, starred."""

from tests.generator.arithmetic import operand
from tests.generator.kinds import Expression, Integer, Kind, Pack, Scalar
from tests.generator.writer import Block, Writer, details, expression, statement

details("nested tuple", "negative index")


def flat_packs(w: Writer) -> list[str]:
    """Returns the names of tuples whose items are all numbers."""
    return [
        n
        for n in w.readable(Pack)
        if all(isinstance(item, Scalar | Integer) for item in w.kind_of(n).items)
        and w.kind_of(n).items
    ]


def bound_of(kind: Kind) -> float:
    if isinstance(kind, Pack):
        return max(map(bound_of, kind.items), default=0.0)
    assert isinstance(kind, Scalar | Integer)
    return kind.bound


@expression("tuple index", 6, lambda w: bool(w.readable(Pack)))
def index(w: Writer, depth: int) -> Expression:
    name = w.choices.choose(w.readable(Pack))
    kind, text = w.kind_of(name), name
    while isinstance(kind, Pack):
        if not kind.items:
            return w.constant()
        place = w.choices.integer(0, len(kind.items) - 1)
        kind = kind.items[place]
        if w.may("negative index", 0.3):
            place -= len(w.kind_of(name).items) if text == name else 0
        text += f"[{place}]"
    return Expression(text, bound_of(kind))


@expression("tuple display indexed", 2)
def indexed_display(w: Writer, depth: int) -> Expression:
    items = [w.number(depth) for _ in range(w.choices.integer(2, 3))]
    place = w.choices.integer(-len(items), len(items) - 1)
    return Expression(f"({', '.join(e.text for e in items)})[{place}]", items[place].bound)


@expression("sum and len of a tuple", 3, lambda w: bool(flat_packs(w)))
def fold(w: Writer, depth: int) -> Expression:
    name = w.choices.choose(flat_packs(w))
    items = w.kind_of(name).items
    bound = bound_of(w.kind_of(name))
    forms = [
        ("sum", f"sum({name})", bound * len(items)),
        ("sum", f"sum({name}, 1.5)", bound * len(items) + 1.5),
        ("len", f"len({name})", float(len(items))),
        ("", f"max({name}) - min({name})", 2 * bound),
        ("", f"math.prod({name})", max(1.0, bound) ** len(items)),
        ("", f"math.fsum({name})", bound * len(items)),
    ]
    if len(items) > 1:
        forms.append(("", f"min(*{name})", bound))
    _, text, bound = w.choices.choose([form for form in forms if form[0] not in w.shadowed])
    return Expression(f"({text})", bound)


@expression("sum of a display", 1, lambda w: "sum" not in w.shadowed)
def sum_of_display(w: Writer, depth: int) -> Expression:
    items = [w.number(depth) for _ in range(w.choices.integer(2, 3))]
    brackets = w.choices.choose(["({})", "[{}]"])
    text = brackets.format(", ".join(e.text for e in items))
    return Expression(f"sum({text})", sum(e.bound for e in items))


def pack_text(w: Writer, nested: bool = True) -> tuple[str, Pack]:
    """Returns the text of a tuple display, and what it holds."""
    texts: list[str] = []
    kinds: list[Kind] = []
    for _ in range(w.choices.integer(2, 4)):
        if nested and w.may("nested tuple", 0.2):
            text, kind = pack_text(w, nested=False)
            texts.append(text)
            kinds.append(kind)
        else:
            e = w.value(1)
            texts.append(e.text)
            kinds.append(Scalar(e.bound))
    return f"({', '.join(texts)})", Pack(tuple(kinds))


def targets(w: Writer, kind: Pack, used: set[str]) -> tuple[str, list[tuple[str, Kind]]]:
    """Returns the text of a target list for a tuple, and what it binds, each name once."""
    texts, bound = [], []
    for item in kind.items:
        if isinstance(item, Pack) and w.choices.chance(0.8):
            text, inner = targets(w, item, used)
            texts.append(f"({text})")
            bound += inner
            continue
        name = unused_target(w, item, used)
        texts.append(name)
        bound.append((name, item))
    return ", ".join(texts), bound


def unused_target(w: Writer, kind: Kind, used: set[str]) -> str:
    name = w.target(kind)
    while name in used:
        name = w.fresh([n for n in w.pool if n not in used] or [f"item{len(used)}"])
        if name in used:
            name = f"item{len(used)}"
    used.add(name)
    return name


@statement("tuple packing", 3)
def packing(w: Writer) -> Block:
    text, kind = pack_text(w)
    name = w.target(kind)
    w.flush()
    w.bind(name, kind)
    # Brackets around a tuple are optional.
    return Block([f"{name} = {text[1:-1] if w.choices.chance(0.3) else text}"])


@statement("tuple unpacking", 5)
def unpacking(w: Writer) -> Block:
    old = [n for n in w.readable(Pack) if w.kind_of(n).items]
    if old and w.choices.chance(0.6):
        text = w.choices.choose(old)
        kind = w.kind_of(text)
    else:
        text, kind = pack_text(w)
    left, bound = targets(w, kind, set())
    w.flush()
    for name, item in bound:
        w.bind(name, item)
    return Block([f"{left}{',' if len(kind.items) == 1 else ''} = {text}"])


@statement("starred unpacking", 3)
def starred(w: Writer) -> Block:
    old = [n for n in w.readable(Pack) if w.kind_of(n).items]
    if old and w.choices.chance(0.5):
        text = w.choices.choose(old)
        kind = w.kind_of(text)
    else:
        text, kind = pack_text(w, nested=False)
    first = w.choices.integer(0, len(kind.items))
    last = w.choices.integer(first, len(kind.items))
    used: set[str] = set()
    left, before = targets(w, Pack(kind.items[:first]), used)
    right, after = targets(w, Pack(kind.items[last:]), used)
    rest = Pack(kind.items[first:last], is_list=True)
    name = unused_target(w, rest, used)
    w.flush()
    for target, item in (*before, (name, rest), *after):
        w.bind(target, item)
    parts = [left, f"*{name}", right]
    return Block([f"{', '.join(part for part in parts if part)}, = {text}".replace(", , ", ", ")])


@statement("swap", 4, lambda w: len(_swappable(w)) > 1)
def swap(w: Writer) -> Block:
    names = w.choices.shuffled(_swappable(w))[: w.choices.integer(2, 3)]
    rotated = [*names[1:], names[0]]
    kinds = [Scalar(w.bound_of(name)) for name in rotated]
    right = list(rotated)
    if w.choices.chance(0.4):
        e = w.value(1)
        right[0], kinds[0] = e.text, Scalar(e.bound)
    w.flush()
    for name, kind in zip(names, kinds, strict=True):
        w.bind(name, kind)
    return Block([f"{', '.join(names)} = {', '.join(right)}"])


def _swappable(w: Writer) -> list[str]:
    return [
        n
        for n, kind in w.scope.names.items()
        if isinstance(kind, Scalar) and w.scope.can_bind(n, Scalar())
    ]


@expression("nested display indexed twice", 1)
def indexed_twice(w: Writer, depth: int) -> Expression:
    a, b, c = operand(w, depth), operand(w, 0), operand(w, 0)
    return Expression(f"(({a.text}, {b.text}), {c.text})[0][{w.choices.integer(0, 1)}]",
                      max(a.bound, b.bound))  # fmt: skip
