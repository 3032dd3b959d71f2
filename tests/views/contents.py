"""Random statements: lists of arrays, places in arrays, functions of several results, objects."""

from tests.views.expressions import Expressions
from tests.views.names import Names, Shape

UPDATES = ("+=", "-=", "*=", "=")
#: What is in some programs only.
KINDS = ("lists", "places written", "several", "buffers", "objects")


class Contents(Expressions):
    """Writes statements on what holds arrays and on the numbers in them."""

    def __init__(self, rng) -> None:  # type: ignore[no-untyped-def]
        super().__init__(rng)
        self.lines: list[str] = []
        self.level = 0
        self.tuples: set[str] = set()
        self.allowed |= {kind for kind in KINDS if rng.random() < 0.25}

    def line(self, text: str) -> None:
        self.lines.append("    " * self.level + text)

    def contents(self, names: Names, in_loop: bool) -> None:
        """A statement of one of the kinds that the program may have."""
        ways = {
            "lists": self.listed,
            "places written": self.placed,
            "several": self.several,
            "buffers": self.buffers,
            "objects": self.objects,
        }
        kinds = [kind for kind in KINDS if self.allows(kind)]
        if kinds:
            ways[self.rng.choice(kinds)](names)
        else:
            self.line(f"{self.fresh('v')} = {self.number(names)}")

    # Lists of arrays ------------------------------------------------------------------------

    def listed(self, names: Names) -> None:
        lists = [name for name in sorted(names.lists) if name not in self.tuples]
        if not lists or self.chance(0.2):
            self.new_list(names)
            return
        ways = [self.item_written] * 3 + [self.moved] * 3 + [self.gone_through] * 2
        ways += [self.other_list] * 2
        self.rng.choice(ways)(self.rng.choice(lists), names)

    def new_list(self, names: Names) -> None:
        shape, target = self.rng.choice([(4,), (2,), (3, 4)]), self.fresh("hs")
        k = self.fresh("k")
        item = self.array(shape, names, 1)
        forms = [
            f"[{item}, {self.leaf(shape, names)}, {self.array(shape, names, 1)}]",
            f"[({item}) * {k} for {k} in range(3)]",
            f"[({item}).copy() for _ in range(3)]",
            f"[np.zeros({shape}) for _ in range(3)]",
            f"[{self.leaf(shape, names)}] * 3",
        ]
        self.line(f"{target} = {self.rng.choice(forms)}")
        names.lists[target] = (3, shape)

    def item_written(self, target: str, names: Names) -> None:
        length, shape = names.lists[target]
        item = f"{target}[{self.place(length, names)}]"
        update = self.rng.choice(UPDATES)
        index, left = self.index(shape, names)
        forms = [
            f"{item} {update} {self.array(shape, names, 1)}",
            f"{item} = np.tanh({item} + {self.leaf(shape, names)})",
            f"{item}[{index}] {update} {self.array(left, names, 1)}",
            f"{item}[{index}] {update} {self.array(left, names, 0)}",
            f"{item}[:] = {self.array(shape, names, 1)}",
        ]
        self.line(self.rng.choice(forms))

    def moved(self, target: str, names: Names) -> None:
        """Items come, go and change places; fewer than are known there are never."""
        length, shape = names.lists[target]
        item = self.array(shape, names, 1)
        at_top = self.level == 1 and length > 2
        forms = ["append", "append", "insert", "reverse", "swap", *(["pop", "del"] * at_top)]
        form = self.rng.choice(forms)
        i, j = self.place(length, names), self.place(length, names)
        if form == "swap":
            self.line(f"{target}[{i}], {target}[{j}] = {target}[{j}], {target}[{i}]")
        elif form == "reverse":
            self.line(f"{target}.reverse()")
        elif form == "del":
            self.line(f"del {target}[0]")
        elif form == "insert":
            self.line(f"{target}.insert({i}, {item})")
        elif form == "append":
            self.line(f"{target}.append({item})")
        if form == "pop" or (form == "append" and self.chance(0.4)):
            taken = self.fresh("w")
            self.line(f"{taken} = {target}.pop({self.rng.choice(['', '0', '-1'])})")
            names.arrays[taken] = shape
        if form in ("pop", "del"):
            names.lists[target] = (length - 1, shape)

    def other_list(self, target: str, names: Names) -> None:
        """Another name of a list, or a list made of one."""
        length, shape = names.lists[target]
        other, a = self.fresh("gs"), self.fresh("a")
        forms = [
            (target, length),
            (f"list({target})", length),
            (f"{target}[::-1]", length),
            (f"{target}[1:]", length - 1),
            (f"{target} + [{self.array(shape, names, 1)}]", length + 1),
            (f"[{a} * {self.leaf_number(names)} for {a} in {target}]", length),
            (f"[{a}[::-1] for {a} in {target}]", length),
        ]
        text, length = self.rng.choice([form for form in forms if form[1] > 1])
        self.line(f"{other} = {text}")
        names.lists[other] = (length, shape)

    def gone_through(self, target: str, names: Names) -> None:
        if self.level > 3:
            self.item_written(target, names)
            return
        shape, a, b = names.lists[target][1], self.fresh("a"), self.fresh("b")
        inner = names.copy()
        inner.arrays[a] = shape
        other = self.rng.choice([name for name, (_, s) in names.lists.items() if s == shape])
        form = self.rng.choice(["plain", "enumerate", "zip"])
        if form == "plain":
            self.line(f"for {a} in {self.rng.choice([target, f'reversed({target})'])}:")
        elif form == "enumerate":
            self.line(f"for {b}, {a} in enumerate({target}):")
            inner.integers.append(b)
        else:
            self.line(f"for {a}, {b} in zip({target}, {other}):")
            inner.arrays[b] = shape
        self.level += 1
        for _ in range(self.rng.randint(1, 2)):
            written, left = self.index(shape, names)
            into = self.rng.choice([f"{a}[{written}]", a])
            value = self.array(left if "[" in into else shape, inner, 1)
            outer, wanted = self.one_of(sorted(names.arrays.items()))
            forms = [
                f"{into} {self.rng.choice(UPDATES)} {value}",
                f"{outer}[0] += {self.array(wanted[1:], inner, 1)}",
                f"{outer} = {outer} + {self.array(wanted, inner, 1)}",
            ]
            self.line(self.rng.choice(forms))
        self.level -= 1

    # Places ---------------------------------------------------------------------------------

    def placed(self, names: Names) -> None:
        """Numbers of an array are named by places of all kinds."""
        target, shape = self.one_of(sorted(names.arrays.items()))
        total = 1
        for length in shape:
            total *= length
        update, number = self.rng.choice(UPDATES), self.number(names, 1)
        place = self.place(total, names)
        places = [self.rng.randrange(-total, total) for _ in range(self.rng.randint(1, 3))]
        values = self.rng.choice([number, self.array((len(places),), names, 1)])
        made, i = self.fresh("v"), self.fresh("i")
        indices = ", ".join(f"{i}{n}" for n in range(len(shape)))
        forms = [
            f"{target}.flat[{place}] {update} {number}",
            f"{target}.ravel()[{place}] {update} {number}",
            f"{target}.reshape(-1)[{place}] {update} {number}",
            f"np.put({target}, {places}, {values})",
            f"np.copyto({target}, {self.array(shape, names, 1)})",
            f"np.multiply({target}, {number}, out={target}, where={target} > {self.threshold()})",
            f"{made} = np.insert({target}, {places[0]}, {number})",
            f"{made} = np.append({target}, {number})",
            f"for {indices}{',' * (len(shape) == 1)} in np.ndindex({target}.shape):",
            f"for {i}, {i}v in np.ndenumerate({target}):",
        ]
        if len(shape) == 2:
            forms += [
                f"np.fill_diagonal({target}, {number})",
                f"{made} = np.diagonal({target})",
                f"{made} = np.diag({target}).copy()",
            ] * 2
        text = self.rng.choice(forms)
        self.line(text)
        if text.startswith("for"):
            at, inner = (indices, names) if "ndindex" in text else (i, names.copy())
            if at == i:
                inner.numbers.append(f"{i}v")
            value = f"np.tanh({self.number(inner, 1)})"
            self.line(f"    {target}[{at}] {update} {value}")
        elif "np.diag" in text:
            length = min(shape)
            names.arrays[made] = (length,)
            if "diagonal" in text:
                self.line(f"{made} = {made} * {self.leaf_number(names)}")
        elif text.startswith(made):
            names.arrays[made] = (total + 1,)

    # Several results ------------------------------------------------------------------------

    def several(self, names: Names) -> None:
        """Functions of several results; matrices are such that these have a derivative."""
        k = self.rng.choice([2, 3])
        square = f"(np.tanh({self.array((k, k), names, 1)}) + np.diag([3.0, 6.0, 9.0][:{k}]))"
        tall = f"(np.tanh({self.array((3, 2), names, 1)}) + 2.0 * np.eye(3, 2))"
        m, one, other = self.fresh("m"), self.fresh("v"), self.fresh("v")
        form = self.rng.choice(["slogdet", "eigh", "svd", "qr", "lstsq", "modf", "frexp", "solve"])
        if form == "slogdet":
            self.line(f"{one}, {other} = np.linalg.slogdet({square})")
            names.numbers.append(other)
        elif form == "eigh":
            self.line(f"{m} = {square}")
            self.line(f"{one}, {other} = np.linalg.eigh({m} + {m}.T)")
            self.line(f"{other} = {other} * {other}")
            names.arrays.update({one: (k,), other: (k, k)})
        elif form == "svd":
            self.line(f"{m}, {one}, {other} = np.linalg.svd({square}, full_matrices=False)")
            self.line(f"{m} = ({m} * {one}) @ {other}")
            names.arrays.update({one: (k,), m: (k, k)})
        elif form == "qr":
            self.line(f"{one}, {other} = np.linalg.qr({tall})")
            names.arrays.update({one: (3, 2), other: (2, 2)})
        elif form == "lstsq":
            right = self.array((3,), names, 1)
            self.line(f"{one} = np.linalg.lstsq({tall}, {right}, rcond=None)[0]")
            names.arrays[one] = (2,)
        elif form == "solve":
            self.line(f"{one} = np.linalg.solve({square}, {self.array((k,), names, 1)})")
            names.arrays[one] = (k,)
        else:
            shape: Shape = self.rng.choice([(4,), (2,), (3, 4)])
            self.line(f"{one}, {other} = np.{form}({self.array(shape, names, 1)} * 3.7)")
            names.arrays[one] = shape

    # Buffers and objects --------------------------------------------------------------------

    def buffers(self, names: Names) -> None:
        """Two arrays change their names, often in a loop."""
        one, shape = self.one_of(sorted(names.arrays.items()))
        other = self.rng.choice([name for name, s in names.arrays.items() if s == shape])
        if other == one or self.level > 3:
            made = self.fresh("v")
            self.line(f"{made} = {self.rng.choice([f'np.zeros_like({one})', f'{one}.copy()'])}")
            names.arrays[made] = shape
            return
        looped = self.chance(0.6)
        inner = names.copy()
        if looped:
            i = self.fresh("i")
            self.line(f"for {i} in range({self.rng.choice(['n', '2'])}):")
            inner.integers.append(i)
            self.level += 1
            index, left = self.index(shape, inner)
            into = f"{one}[{index}]" if self.chance(0.7) else one
            value = self.array(left if "[" in into else shape, inner, 1)
            self.line(f"{into} {self.rng.choice(UPDATES)} np.tanh({value})")
        forms = [f"{one}, {other} = {other}, {one}", f"{one} = {other}"]
        forms += [f"{one}, {other} = {other}, {self.array(shape, inner, 1)}"]
        self.line(self.rng.choice(forms))
        self.level -= looped

    def objects(self, names: Names) -> None:
        """Objects that hold arrays, in a list; what is done with their attributes."""
        shape: Shape = self.rng.choice([(4,), (2,)])
        ps, p, taken = self.fresh("ps"), self.fresh("p"), self.fresh("w")
        items = ", ".join(
            f"P({self.array(shape, names, 1)}, {self.leaf_number(names)})" for _ in range(2)
        )
        k = self.fresh("k")
        made = f"[P({self.array(shape, names, 1)} * {k}, {self.number(names)}) for {k} in range(3)]"
        self.line(f"{ps} = {self.rng.choice([f'[{items}]', made])}")
        inner = names.copy()
        looped = self.level < 3 and self.chance(0.7)
        if looped:
            self.line(f"for {p} in {ps}:")
            self.level += 1
        else:
            self.line(f"{p} = {ps}[{self.place(2, names)}]")
        inner.arrays[f"{p}.u"] = shape
        inner.numbers.append(f"{p}.m")
        for _ in range(self.rng.randint(1, 2)):
            index, left = self.index(shape, names)
            forms = [
                f"{p}.u {self.rng.choice(UPDATES)} {self.array(shape, inner, 1)}",
                f"{p}.u[{index}] {self.rng.choice(UPDATES)} {self.array(left, inner, 1)}",
                f"{p}.m {self.rng.choice(UPDATES)} {self.number(inner, 1)}",
            ]
            self.line(self.rng.choice(forms))
        self.level -= looped
        self.line(f"{taken} = {ps}[{self.rng.choice([0, 1, -1])}].u")
        names.arrays[taken] = shape
