"""Random expressions on arrays of known shapes: views, items, arithmetic, reductions."""

import random

from tests.views.names import Names, Shape

#: How often a place that wants a shape tries views of what there is before it makes an array.
ATTEMPTS = 12
#: What is in some programs only, so that the others are not refused for it.
RARE = ("squeeze", "flip", "swapaxes", "mask", "places", "new axis", "ellipsis", "concatenate")
RARE += ("out", "swap", "fill", "at", "collection", "collect", "where", "T", "reshape", "asarray")
ELEMENTWISE = ("np.sin({})", "np.tanh({})", "np.exp(-np.abs({}))", "np.cos({})", "-{}", "{} ** 2")


def size(shape: Shape) -> int:
    product = 1
    for length in shape:
        product *= length
    return product


class Expressions:
    """Writes expressions; the same for the same random numbers."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.made = 0
        self.allowed = {kind for kind in RARE if rng.random() < 0.3}

    def allows(self, kind: str) -> bool:
        """Whether the program may have a construct."""
        return kind in self.allowed

    def fresh(self, prefix: str) -> str:
        self.made += 1
        return f"{prefix}{self.made}"

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def one_of(self, options):  # type: ignore[no-untyped-def]
        return self.rng.choice(list(options))

    # Views ----------------------------------------------------------------------------------

    def view(self, names: Names, steps: int | None = None) -> tuple[str, Shape]:
        """An array of the program, or a view of it, with its shape."""
        text, shape = self.one_of(sorted(names.arrays.items()))
        if names.lists and self.chance(0.12):
            text, (length, shape) = self.one_of(sorted(names.lists.items()))
            text = f"{text}[{self.rng.randrange(-length, length)}]"
        for _ in range(self.rng.choice([0, 0, 1, 1, 1, 2]) if steps is None else steps):
            text, shape = self.looked_at(text, shape, names)
        return text, shape

    def looked_at(self, text: str, shape: Shape, names: Names) -> tuple[str, Shape]:
        """A view of an array."""
        if not shape:
            return text, shape
        if self.chance(0.6):
            index, left = self.index(shape, names)
            return f"{text}[{index}]", left
        total = size(shape)
        square = (total // shape[0], shape[0])
        around = (shape[-1], *shape[1:-1], shape[0])[: len(shape)]
        forms: list[tuple[str, str, Shape]] = [
            ("T", f"{text}.T", shape[::-1]),
            ("reshape", f"{text}.reshape(-1)", (total,)),
            ("reshape", f"{text}.ravel()", (total,)),
            ("asarray", f"np.asarray({text})", shape),
            ("reshape", f"{text}.reshape({square[0]}, {square[1]})", square),
            ("squeeze", f"np.squeeze({text})", tuple(n for n in shape if n != 1)),
            ("swapaxes", f"np.swapaxes({text}, 0, -1)", around),
            ("flip", f"np.flip({text}, 0)", shape),
        ]
        kind, made, found = self.rng.choice(forms)
        return (made, found) if self.allows(kind) else (text, shape)

    def index(self, shape: Shape, names: Names) -> tuple[str, Shape]:
        """A basic index, and the shape of what it leaves."""
        parts: list[str] = []
        left: list[int] = []
        count = self.rng.randint(1, len(shape))
        for length in shape[:count]:
            if self.chance(0.5):
                parts.append(self.place(length, names))
            else:
                part, kept = self.slice(length)
                parts.append(part)
                left.append(kept)
        rest = shape[count:]
        if self.allows("new axis") and self.chance(0.15) and len(shape) < 3:
            parts.insert(0, self.rng.choice(["None", "np.newaxis"]))
            left.insert(0, 1)
        if self.allows("ellipsis") and self.chance(0.3):
            parts.insert(len(parts) if rest else self.rng.randint(0, len(parts)), "...")
        return ", ".join(parts), (*left, *rest)

    def place(self, length: int, names: Names) -> str:
        if names.integers and self.chance(0.5):
            return f"{self.one_of(names.integers)} % {length}"
        return str(self.rng.randrange(-length, length))

    def slice(self, length: int) -> tuple[str, int]:
        """A slice that leaves something."""
        forms = [":", "1:", ":-1", "::-1", "::2", "1::2", ":2", "-2:", "1:-1", "-1:0:-1"]
        text = self.rng.choice(forms)
        parts = [int(part) if part else None for part in text.split(":")]
        kept = len(range(length)[slice(*parts)])
        return (text, kept) if kept else (":", length)

    # Arrays ---------------------------------------------------------------------------------

    def array(self, shape: Shape, names: Names, depth: int = 2) -> str:
        """An expression for an array of a shape; for a number where it is empty."""
        if not shape:
            return self.number(names, depth)
        if depth == 0 or self.chance(0.25):
            return self.leaf(shape, names)
        forms = [
            *[self.operated] * 5,
            *[self.applied] * 3,
            self.chosen,
            self.product,
            self.reduced,
            self.joined,
            self.gathered,
            self.called,
        ]
        return self.rng.choice(forms)(shape, names, depth - 1)

    def leaf(self, shape: Shape, names: Names) -> str:
        """A view of that shape, or something made of numbers."""
        for _ in range(ATTEMPTS):
            text, found = self.view(names)
            if found == shape:
                return text
        flat = f"np.full({shape}, {self.leaf_number(names)})"
        weights = f"np.linspace(0.2, 0.9, {size(shape)}).reshape({shape})"
        return self.rng.choice([flat, f"({weights} * {self.leaf_number(names)})"])

    def operand(self, shape: Shape, names: Names, depth: int) -> str:
        """What broadcasts to a shape."""
        smaller = shape
        if self.chance(0.35):
            smaller = shape[self.rng.randint(1, len(shape)) :]
        elif self.chance(0.15):
            smaller = tuple(1 if self.chance(0.5) else n for n in shape)
        return self.array(smaller, names, depth)

    def operated(self, shape: Shape, names: Names, depth: int) -> str:
        one, other = self.array(shape, names, depth), self.operand(shape, names, depth)
        if self.chance(0.3):
            one, other = other, one
            if self.chance(0.5):
                return f"({other} / (2.0 + np.cos({one})))"
        form = self.rng.choice(["({} + {})", "({} - {})", "({} * {})", "({} * {})"])
        text = form.format(one, other)
        return text if self.chance(0.9) else f"np.maximum({one}, {other}) + np.zeros({shape})"

    def applied(self, shape: Shape, names: Names, depth: int) -> str:
        return self.rng.choice(ELEMENTWISE).format(self.array(shape, names, depth))

    def chosen(self, shape: Shape, names: Names, depth: int) -> str:
        if not self.allows("where"):
            return self.operated(shape, names, depth)
        test = self.leaf(shape, names)
        one, other = self.array(shape, names, depth), self.operand(shape, names, 0)
        return f"np.where({test} > {self.threshold()}, {one}, {other})"

    def product(self, shape: Shape, names: Names, depth: int) -> str:
        if len(shape) > 2:
            return self.applied(shape, names, depth)
        inner = self.rng.choice([2, 3, 4])
        one = self.array((shape[0], inner), names, depth - 1 if depth else 0)
        other = self.array((inner, *shape[1:]), names, 0)
        return f"({one} @ {other}) * 0.3"

    def reduced(self, shape: Shape, names: Names, depth: int) -> str:
        if len(shape) > 2:
            return self.operated(shape, names, depth)
        axis = self.rng.randint(0, len(shape))
        whole = (*shape[:axis], self.rng.choice([2, 3]), *shape[axis:])
        inner = self.array(whole, names, min(depth, 1))
        name = self.rng.choice(["sum", "mean", "sum", "max"])
        return self.rng.choice(
            [f"np.{name}({inner}, axis={axis})", f"np.{name}({inner}, {axis - len(whole)})"]
        )

    def joined(self, shape: Shape, names: Names, depth: int) -> str:
        first, rest = shape[0], shape[1:]
        if not self.allows("concatenate"):
            return self.operated(shape, names, depth)
        if first == 1 or self.chance(0.5):
            rows = ", ".join(self.array(rest, names, 0) for _ in range(first))
            return f"np.stack([{rows}])" if rest else f"np.array([{rows}])"
        cut = self.rng.randint(1, first - 1)
        one, other = self.array((cut, *rest), names, 0), self.array((first - cut, *rest), names, 0)
        return f"np.concatenate(({one}, {other}))"

    def gathered(self, shape: Shape, names: Names, depth: int) -> str:
        """Places that an array of whole numbers names."""
        for _ in range(ATTEMPTS if self.allows("places") else 0):
            text, found = self.view(names)
            if len(found) == len(shape) and found[1:] == shape[1:]:
                places = [self.rng.randrange(-found[0], found[0]) for _ in range(shape[0])]
                forms = [f"{text}[np.array({places})]", f"{text}[{places}]"]
                if len(shape) == 1:
                    forms.append(f"np.take({text}, {places})")
                return self.rng.choice(forms)
        return self.leaf(shape, names)

    def called(self, shape: Shape, names: Names, depth: int) -> str:
        fitting = [h for h in names.helpers if h.returns == shape]
        if not fitting:
            return self.operated(shape, names, depth)
        helper = self.rng.choice(fitting)
        args = ", ".join(self.array(p, names, 0) for p in helper.parameters)
        return f"{helper.name}({args})"

    # Numbers --------------------------------------------------------------------------------

    def number(self, names: Names, depth: int = 1) -> str:
        if depth == 0 or self.chance(0.3):
            return self.leaf_number(names)
        text, shape = self.view(names)
        a = self.leaf_number(names)
        if not shape:
            return f"({text} * {a})"
        forms = [
            f"np.sum({text})",
            f"{text}.sum()",
            f"np.mean({text})",
            f"np.max({text})",
            f"np.sum({text} * {self.operand(shape, names, 0)})",
            f"np.linalg.norm({text})",
        ]
        if self.allows("mask"):
            forms.append(f"np.sum({text}[{text} > {self.threshold()}])")
        if self.allows("where"):
            forms.append(f"np.sum(np.where({text} > {self.threshold()}, {text}, {a}))")
        if len(shape) == 1:
            forms.append(f"({text} @ {self.array(shape, names, 0)})")
        if self.chance(0.3):
            return f"math.tanh({a})" if self.chance(0.5) else f"({a} * {self.leaf_number(names)})"
        return f"np.tanh({self.rng.choice(forms)})"

    def leaf_number(self, names: Names) -> str:
        if self.chance(0.4):
            for _ in range(4):
                text, shape = self.view(names, 1)
                if not shape:
                    return text
        if self.chance(0.15):
            return repr(round(self.rng.uniform(-1.5, 1.5), 2))
        return self.rng.choice(names.numbers)

    def threshold(self) -> str:
        return repr(round(self.rng.uniform(-0.7, 0.7), 2))

    def condition(self, names: Names) -> str:
        if names.integers and self.chance(0.4):
            return f"{self.one_of(names.integers)} % 2 == {self.rng.randint(0, 1)}"
        side = self.rng.choice("<>")
        return f"{self.number(names, 1)} {side} {self.threshold()}"
