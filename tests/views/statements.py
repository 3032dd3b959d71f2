"""Random statements: arrays made, looked at and written to, helpers, branches and loops."""

from tests.views.contents import KINDS, Contents
from tests.views.names import Names, Shape

#: From so many lines on a program ends soon.
LONG = 30
UPDATES = ("+=", "-=", "*=", "=", "=")


class Statements(Contents):
    """Writes statements, line by line."""

    def block(self, names: Names, in_loop: bool, count: int) -> Names:
        names = names.copy()
        for _ in range(count):
            self.statement(names, in_loop)
        return names

    def indented(self, names: Names, in_loop: bool, count: int) -> None:
        self.level += 1
        self.block(names, in_loop, count)
        self.level -= 1

    def statement(self, names: Names, in_loop: bool) -> None:
        nested = self.level < 4 and len(self.lines) < LONG
        kinds = [
            *[self.bind] * 4,
            *[self.alias] * 4,
            *[self.write] * 7,
            *[self.whole] * 2,
            *[self.rarer] * 5,
            *[self.contents] * (6 if any(map(self.allows, KINDS)) else 0),
        ]
        if nested:
            kinds += [self.branch] * 2 + [self.loop] * 4
        self.rng.choice(kinds)(names, in_loop)

    # Names ----------------------------------------------------------------------------------

    def any_shape(self) -> Shape:
        return self.rng.choice([(), (2,), (3,), (4,), (4,), (3, 4), (3, 4), (2, 3), (2, 3, 4)])

    def bind(self, names: Names, in_loop: bool) -> None:
        """A new array, or a name bound anew."""
        if self.chance(0.3):
            target, shape = self.one_of(sorted(names.arrays.items()))
        else:
            target, shape = self.fresh("v"), self.any_shape()
        text = self.array(shape, names)
        if shape and self.chance(0.2):
            text = self.rng.choice(
                [f"np.zeros({shape})", f"np.zeros_like({text})", f"({text}).copy()"]
            )
        self.line(f"{target} = {text}")
        if shape:
            names.arrays[target] = shape
        else:
            names.numbers.append(target)

    def alias(self, names: Names, in_loop: bool) -> None:
        """Another name of an array or of a part."""
        text, shape = self.view(names)
        target = self.fresh("w")
        self.line(f"{target} = {text}")
        if shape:
            names.arrays[target] = shape
        else:
            names.numbers.append(target)

    # Writes ---------------------------------------------------------------------------------

    def write(self, names: Names, in_loop: bool) -> None:
        """A part of an array is written to."""
        target, shape = self.one_of(sorted(names.arrays.items()))
        if self.allows("T") and self.chance(0.3) and len(shape) > 1:
            target, shape = f"{target}.T", shape[::-1]
        ways = [kind for kind in ("mask", "places") if self.allows(kind)]
        if ways and self.chance(0.35):
            self.write_where(target, shape, self.rng.choice(ways), names)
            return
        index, left = self.index(shape, names)
        value = self.array(left, names) if self.chance(0.7) else self.leaf_number(names)
        if not left or self.chance(0.4):
            value = f"np.tanh({value})"
        self.line(f"{target}[{index}] {self.rng.choice(UPDATES)} {value}")

    def write_where(self, target: str, shape: Shape, way: str, names: Names) -> None:
        """By a mask, or at places that an array names."""
        update = self.rng.choice(UPDATES)
        if way == "mask":
            mask = f"{target} > {self.threshold()}"
            value = self.leaf_number(names)
            if update == "=" and self.chance(0.5):
                value = f"{self.leaf(shape, names)}[{mask}]"
            self.line(f"{target}[{mask}] {update} {value}")
            return
        count = self.rng.randint(1, 3)
        places = [self.rng.randrange(-shape[0], shape[0]) for _ in range(count)]
        if self.chance(0.5):
            places = self.rng.sample(range(shape[0]), min(count, shape[0]))
        value = self.array((len(places), *shape[1:]), names, 1)
        if self.allows("at") and self.chance(0.5):
            self.line(f"np.add.at({target}, {places}, {value})")
        else:
            at = self.rng.choice([str(places), f"np.array({places})"])
            self.line(f"{target}[{at}] {update} {value}")

    def whole(self, names: Names, in_loop: bool) -> None:
        """All of an array is written to."""
        target, shape = self.one_of(sorted(names.arrays.items()))
        value = self.operand(shape, names, 1)
        forms = [
            f"{target}[:] = {value}",
            f"{target} += {value}",
            f"{target} -= {value}",
            f"{target} *= np.cos({value})",
            f"{target} /= 2.0 + np.sin({value})",
        ]
        if self.allows("ellipsis"):
            forms.append(f"{target}[...] = {value}")
        if self.allows("fill"):
            forms.append(f"{target}.fill({self.leaf_number(names)})")
        self.line(self.rng.choice(forms))

    def rarer(self, names: Names, in_loop: bool) -> None:
        kinds = [("out", self.out), ("swap", self.swap), ("collection", self.collection)]
        kinds += [("collect", self.collect)]
        ways = [way for kind, way in kinds if self.allows(kind)]
        self.rng.choice([self.helper_writes, *ways])(names, in_loop)

    def out(self, names: Names, in_loop: bool) -> None:
        """A function that writes what it computes to an array."""
        target, shape = self.one_of(sorted(names.arrays.items()))
        one, other = self.array(shape, names, 1), self.operand(shape, names, 0)
        call = self.rng.choice(["multiply({}, {}", "add({}, {}", "subtract({}, {}", "sin({}"])
        self.line(f"np.{call.format(one, other)}, out={target})")

    def swap(self, names: Names, in_loop: bool) -> None:
        """Rows change places."""
        target, shape = self.one_of(sorted(names.arrays.items()))
        i, j = self.place(shape[0], names), self.place(shape[0], names)
        copied = ".copy()" if len(shape) > 1 else ""
        forms = [f"{target}[{i}], {target}[{j}] = {target}[{j}]{copied}, {target}[{i}]{copied}"]
        forms.append(f"{target}[[{i}, {j}]] = {target}[[{j}, {i}]]")
        self.line(self.rng.choice(forms))

    def helper_writes(self, names: Names, in_loop: bool) -> None:
        """An array, or a view of one, is given to a function that writes to it."""
        writers = [h for h in names.helpers if h.returns is None]
        for _ in range(8):
            text, shape = self.view(names)
            fitting = [h for h in writers if h.parameters[0] == shape]
            if fitting:
                helper = self.rng.choice(fitting)
                rest = [self.array(p, names, 0) for p in helper.parameters[1:]]
                self.line(f"{helper.name}({', '.join([text, *rest])})")
                return
        self.write(names, in_loop)

    def collection(self, names: Names, in_loop: bool) -> None:
        """Arrays in a list or a tuple."""
        shape, target = self.rng.choice([(4,), (3, 4), (2,)]), self.fresh("p")
        items = [self.leaf(shape, names), self.array(shape, names, 1)]
        if self.chance(0.4):
            a, b = self.fresh("q"), self.fresh("q")
            self.line(f"{a}, {b} = {items[0]}, {items[1]}")
            names.arrays.update({a: shape, b: shape})
            return
        form = self.rng.choice(["[{}, {}]", "({}, {})"])
        self.line(f"{target} = {form.format(*items)}")
        if form.startswith("("):
            self.tuples.add(target)
        names.lists[target] = (2, shape)

    def collect(self, names: Names, in_loop: bool) -> None:
        """A list that a loop fills with arrays."""
        if self.level > 2:
            self.whole(names, in_loop)
            return
        shape, target, i = self.rng.choice([(4,), (2,), (3,)]), self.fresh("hs"), self.fresh("i")
        h, count = self.fresh("h"), self.rng.randint(2, 3)
        self.line(f"{target} = []")
        self.line(f"{h} = {self.array(shape, names, 1)}")
        names.arrays[h] = shape
        self.line(f"for {i} in range({count}):")
        self.level += 1
        inner = names.copy()
        inner.integers.append(i)
        if self.chance(0.5):
            self.line(f"{h} = np.tanh({self.array(shape, inner, 1)}) * {h}")
        else:
            self.write(inner, True)
        self.line(f"{target}.append({self.rng.choice([h, f'{h}.copy()', f'{h} * 0.5'])})")
        self.level -= 1
        if self.chance(0.6):
            stacked = self.fresh("v")
            self.line(f"{stacked} = np.stack({target})")
            names.arrays[stacked] = (count, *shape)
        else:
            names.lists[target] = (count, shape)

    # Branches and loops ---------------------------------------------------------------------

    def branch(self, names: Names, in_loop: bool) -> None:
        self.line(f"if {self.condition(names)}:")
        self.indented(names, in_loop, self.rng.randint(1, 2))
        if in_loop and self.chance(0.15):
            self.level += 1
            self.line(self.rng.choice(["break", "continue"]))
            self.level -= 1
        elif self.chance(0.4):
            self.line("else:")
            self.indented(names, in_loop, 1)

    def loop(self, names: Names, in_loop: bool) -> None:
        inner = names.copy()
        i, r = self.fresh("i"), self.fresh("r")
        text, shape = self.view(names)
        form = self.rng.choice(
            ["range", "range", "n", "while", "items", "items", "enumerate", "zip"]
        )
        if form in ("items", "enumerate", "zip") and not shape:
            form = "range"
        if form == "while":
            self.line(f"{i} = 0")
            more = f" and {self.condition(names)}" if self.chance(0.4) else ""
            self.line(f"while {i} < {self.rng.randint(1, 3)}{more}:")
            inner.integers.append(i)
        elif form in ("range", "n"):
            target, whole = self.one_of(sorted(names.arrays.items()))
            forms = [
                f"range({whole[0]})",
                f"range(1, len({target}))",
                "range(2)",
                "range(2, -1, -1)",
            ]
            self.line(f"for {i} in {'range(n)' if form == 'n' else self.rng.choice(forms)}:")
            inner.integers.append(i)
        else:
            other, beside = self.view(names, 0)
            head = {
                "items": f"for {r} in {text}:",
                "enumerate": f"for {i}, {r} in enumerate({text}):",
                "zip": f"for {r}, z{r} in zip({text}, {other}):",
            }[form]
            self.line(head)
            held = {r: shape[1:], **({f"z{r}": beside[1:]} if form == "zip" else {})}
            for name, row in held.items():
                if row:
                    inner.arrays[name] = row
                else:
                    inner.numbers.append(name)
            if form == "enumerate":
                inner.integers.append(i)
        self.level += 1
        if form == "while":
            self.line(f"{i} += 1")
        self.block(inner, True, self.rng.randint(1, 2))
        self.level -= 1
