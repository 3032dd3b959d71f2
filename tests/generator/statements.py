"""Statements that bind, print, assert or raise."""

from tests.generator.arithmetic import integer
from tests.generator.kinds import LIMIT, Flag, Integer, Scalar, Text
from tests.generator.writer import FLAGS, Block, Writer, details, statement

details("annotated assignment")


@statement("assignment", 12)
def assignment(w: Writer) -> Block:
    e = w.value(3)
    name = w.target(Scalar(e.bound))
    w.flush()
    w.bind(name, Scalar(e.bound))
    annotation = ": float" if w.may("annotated assignment", 0.05) else ""
    return Block([f"{name}{annotation} = {e.text}"])


@statement("assignment to several targets", 2)
def several_targets(w: Writer) -> Block:
    e = w.value(2)
    kind = Scalar(e.bound)
    names = [w.target(kind) for _ in range(w.choices.integer(2, 3))]
    w.flush()
    for name in names:
        w.bind(name, kind)
    return Block([f"{' = '.join(dict.fromkeys(names))} = {e.text}"])


@statement("augmented assignment", 8, lambda w: bool(_augmentable(w)))
def augmented(w: Writer) -> Block:
    name = w.choices.choose(_augmentable(w))
    old = w.bound_of(name)
    operator = w.choices.choose(["+=", "-=", "*="])
    if w.choices.chance(0.2):
        operator, text, bound = w.choices.choose(
            [
                ("/=", "-2.5", old / 2),
                ("**=", "2", max(1.0, old) ** 2),
                ("%=", "1.75", 1.75),
                ("//=", "0.5", 2 * old + 1),
            ]
        )
    else:
        e = w.value(2)
        text, bound = e.text, old * e.bound if operator == "*=" else old + e.bound
    w.flush()
    lines = [f"{name} {operator} {text}"]
    if bound > LIMIT:
        lines.append(f"{name} = math.sin({name})")
        bound = 1.0
    w.bind(name, Scalar(bound))
    return Block(lines)


def _augmentable(w: Writer) -> list[str]:
    return [
        n
        for n, kind in w.scope.names.items()
        if isinstance(kind, Scalar) and w.scope.can_bind(n, Scalar())
    ]


@statement("integer variable", 3)
def integer_variable(w: Writer) -> Block:
    e = integer(w, 2)
    if e.bound > 1000:
        e = type(e)(f"({e.text}) % 7", 7.0)
    old = [
        n
        for n, kind in w.scope.names.items()
        if isinstance(kind, Integer) and w.scope.can_bind(n, Integer())
    ]
    if old and w.choices.chance(0.4):
        name = w.choices.choose(old)
        w.bind(name, Integer(e.bound))
        return Block([f"{name} = {e.text}"])
    name = w.fresh(["n", "k", "count", "m"])
    w.bind(name, Integer(e.bound))
    return Block([f"{name} = {e.text}"])


@statement("flag variable", 3)
def flag_variable(w: Writer) -> Block:
    text = w.condition(1)
    w.flush()
    name = w.fresh(FLAGS)
    # A flag says which names are bound, so it never changes.
    w.bind(name, Flag())
    w.scope.fixed.add(name)
    return Block([f"{name} = bool({text})"])


@statement("string variable", 1)
def string_variable(w: Writer) -> Block:
    options = ("low", "high", "out")
    if w.may("string chosen at run time", 0.3):
        text = f"'low' if {w.condition(0)} else 'high'"
        w.flush()
    else:
        text = repr(w.choices.choose(options))
    name = w.fresh(["mode", "label"])
    w.bind(name, Text(options))
    return Block([f"{name} = {text}"])


details("string chosen at run time")


@statement("print", 2)
def printing(w: Writer) -> Block:
    form = w.choices.choose(
        [
            "print({})",
            "print('value', {})",
            "print(f'value {{({}):.6f}}')",
            "print({}, 'and', {}, sep=' | ')",
            "print('no newline', end='; ')",
        ]
    )
    # Python 3.11 allows no quotes of the same kind inside of an f-string.
    texts = [w.value(0 if "f'" in form else 1).text for _ in range(form.count("{}"))]
    return Block([form.format(*texts)])


@statement("assert that holds", 2)
def assertion(w: Writer) -> Block:
    e = w.leaf()
    form = w.choices.choose(
        ["assert {v} == {v}", "assert {v} * {v} >= 0, 'negative'", "assert True, f'not {{{v}}}'"]
    )
    return Block([form.format(v=e.text)])


@statement("raise under a condition", 1)
def guard(w: Writer) -> Block:
    if w.choices.chance(0.75):
        # Rarely true: values stay small.
        test = f"abs({w.leaf().text}) > {w.choices.integer(15, 30)}"
    else:
        test = w.condition(1)
    w.flush()
    exception = w.choices.choose(["ValueError", "ArithmeticError", "RuntimeError"])
    message = w.choices.choose(["'out of range'", f"f'bad value {{{w.leaf().text}}}'"])
    return Block([f"if {test}:", f"    raise {exception}({message})"])


@statement("failing assert under a condition", 1)
def failing_assert(w: Writer) -> Block:
    return Block([f"assert {w.leaf().text} < {w.choices.integer(4, 25)}, 'too large'"])


@statement("expression statement", 1)
def expression_statement(w: Writer) -> Block:
    e = w.value(2)
    return Block([e.text])


@statement("pass", 1)
def nothing(w: Writer) -> Block:
    return Block(["pass"])
