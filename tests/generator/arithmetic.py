"""Expressions of numbers: operators, builtins and the functions of math.

Safe forms (``math.log(1 + v**2)``) have a value and a derivative wherever their operands have
one.  Raw forms (``math.log(v)``) may raise; few programs use them.
"""

from tests.generator.kinds import Expression, Integer, Scalar
from tests.generator.writer import Writer, details, expression


def operand(w: Writer, depth: int) -> Expression:
    e = w.number(depth)
    return Expression(f"({e.text})", e.bound)


def squared(w: Writer, e: Expression) -> str:
    """Returns the text of a square, in one of the ways people write it."""
    if e.text.strip("()").isidentifier() and w.choices.chance(0.5):
        return f"{e.text} * {e.text}"
    return f"{e.text} ** 2"


@expression("addition", 7)
def addition(w: Writer, depth: int) -> Expression:
    a, b = operand(w, depth), operand(w, depth)
    return Expression(f"{a.text} + {b.text}", a.bound + b.bound)


@expression("subtraction", 5)
def subtraction(w: Writer, depth: int) -> Expression:
    a, b = operand(w, depth), operand(w, depth)
    return Expression(f"{a.text} - {b.text}", a.bound + b.bound)


@expression("multiplication", 9)
def multiplication(w: Writer, depth: int) -> Expression:
    a, b = operand(w, depth), operand(w, depth)
    return Expression(f"{a.text} * {b.text}", a.bound * b.bound)


@expression("safe division", 4)
def safe_division(w: Writer, depth: int) -> Expression:
    a, b = operand(w, depth), operand(w, depth)
    return Expression(f"{a.text} / (1 + {squared(w, b)})", a.bound)


@expression("division by a constant", 2)
def constant_division(w: Writer, depth: int) -> Expression:
    a = operand(w, depth)
    return Expression(f"{a.text} / {w.choices.choose(['2', '3.0', '-4'])}", a.bound / 2)


@expression("unary minus", 3)
def unary_minus(w: Writer, depth: int) -> Expression:
    a = operand(w, depth)
    return Expression(f"-{a.text}", a.bound)


@expression("unary plus", 1)
def unary_plus(w: Writer, depth: int) -> Expression:
    a = operand(w, depth)
    return Expression(f"+{a.text}", a.bound)


@expression("constant power", 4)
def constant_power(w: Writer, depth: int) -> Expression:
    a = operand(w, depth)
    exponent = w.choices.choose([2, 3, 1, 0, 2.0])
    return Expression(f"{a.text} ** {exponent}", max(1.0, a.bound) ** exponent)


POSITIVE_POWERS = [
    ("(1 + {s}) ** 0.5", lambda b, c: 1 + b),
    ("(1 + {s}) ** -1", lambda b, c: 1.0),
    ("2 ** math.sin({v})", lambda b, c: 2.0),
    ("(1 + {s}) ** math.tanh({w})", lambda b, c: 1 + b**2),
    ("math.pow(1.5 + math.sin({v}), math.cos({w}))", lambda b, c: 2.5),
    ("pow(2 + math.cos({v}), 3)", lambda b, c: 27.0),
]


@expression("power of a positive base", 2)
def positive_power(w: Writer, depth: int) -> Expression:
    rows = POSITIVE_POWERS[:-1] if "pow" in w.shadowed else POSITIVE_POWERS
    form, bound = w.choices.choose(rows)
    text, bounds = filled(w, depth, form)
    return Expression(text, bound(*bounds))


def filled(w: Writer, depth: int, form: str) -> tuple[str, tuple[float, float]]:
    """Returns the form with operands written for {v}, its square {s}, and {w}.

    Nothing is written that the form does not use: a name bound by := must stand in the text.
    """
    first = operand(w, depth)
    square = squared(w, first) if "{s}" in form else ""
    second = operand(w, depth) if "{w}" in form else Expression("", 0.0)
    return form.format(v=first.text, s=square, w=second.text), (first.bound, second.bound)


# {v} is the operand, {s} its square; the bound as a function of the operand's.
SAFE_FUNCTIONS = [
    ("math.sin", "math.sin({v})", lambda b: 1.0),
    ("math.cos", "math.cos({v})", lambda b: 1.0),
    ("math.tanh", "math.tanh({v})", lambda b: 1.0),
    ("math.exp", "math.exp(-({s}))", lambda b: 1.0),
    ("math.sqrt", "math.sqrt(1 + {s})", lambda b: 1 + b),
    ("math.log", "math.log(1 + {s})", lambda b: 2 + b),
    ("math.log1p", "math.log1p({s})", lambda b: 2 + b),
    ("math.log2", "math.log2(2 + {s})", lambda b: 3 + b),
    ("math.log10", "math.log10(1 + {s})", lambda b: 2 + b),
    ("math.log with a base", "math.log(1.5 + {s}, 3)", lambda b: 2 + b),
    ("math.atan", "math.atan({v})", lambda b: 1.6),
    ("math.asin", "math.asin(math.sin({v}) / 2)", lambda b: 0.6),
    ("math.acos", "math.acos(math.cos({v}) / 2)", lambda b: 2.2),
    ("math.tan", "math.tan(math.sin({v}))", lambda b: 1.6),
    ("math.sinh", "math.sinh(math.cos({v}))", lambda b: 1.2),
    ("math.cosh", "math.cosh(math.sin({v}))", lambda b: 1.6),
    ("math.asinh", "math.asinh({v})", lambda b: 1 + b),
    ("math.acosh", "math.acosh(2 + {s})", lambda b: 2 + b),
    ("math.atanh", "math.atanh(math.sin({v}) / 2)", lambda b: 0.6),
    ("math.erf", "math.erf({v})", lambda b: 1.0),
    ("math.erfc", "math.erfc({v})", lambda b: 2.0),
    ("math.expm1", "math.expm1(-({s}))", lambda b: 1.0),
    ("math.exp2", "math.exp2(math.sin({v}))", lambda b: 2.0),
    ("math.cbrt", "math.cbrt(1 + {s})", lambda b: 1 + b),
    ("math.gamma", "math.gamma(2.5 + math.sin({v}))", lambda b: 3.5),
    ("math.lgamma", "math.lgamma(2.5 + math.sin({v}))", lambda b: 1.3),
    ("math.fabs", "math.fabs({v})", lambda b: b),
    ("math.radians", "math.radians({v})", lambda b: b),
    ("math.degrees", "math.degrees(math.sin({v})) / 30", lambda b: 2.0),
    ("math.fmod", "math.fmod({v}, 1.5)", lambda b: 1.5),
    ("math.remainder", "math.remainder({v}, 1.5)", lambda b: 0.75),
    ("math.ldexp", "math.ldexp({v}, -1)", lambda b: b),
    ("math.floor", "math.floor({v})", lambda b: b + 1),
    ("math.ceil", "math.ceil({v})", lambda b: b + 1),
    ("math.trunc", "math.trunc({v})", lambda b: b),
]
COMMON = 6
SAFE_BINARY = [
    ("math.atan2", "math.atan2({v}, 1 + {w} ** 2)", lambda b, c: 1.6),
    ("math.hypot", "math.hypot({v}, {w})", lambda b, c: b + c),
    ("math.hypot of three", "math.hypot({v}, {w}, 1)", lambda b, c: b + c + 1),
    ("math.copysign", "math.copysign({v}, {w})", lambda b, c: b),
    ("math.dist", "math.dist(({v}, 1.0), ({w}, 0.5))", lambda b, c: b + c + 1),
    ("math.prod", "math.prod(({v}, {w}))", lambda b, c: b * c),
    ("math.fsum", "math.fsum(({v}, {w}, 1.5))", lambda b, c: b + c + 2),
]
details(*(row[0] for row in SAFE_FUNCTIONS), *(row[0] for row in SAFE_BINARY))


@expression("math function", 14)
def safe_function(w: Writer, depth: int) -> Expression:
    rows = SAFE_FUNCTIONS[:COMMON] if w.choices.chance(0.4) else SAFE_FUNCTIONS
    rows = [row for row in rows if w.allowed(row[0])]
    name, form, bound = w.choices.choose(rows)
    w.note(name)
    text, bounds = filled(w, depth, form)
    return Expression(text, bound(bounds[0]))


@expression("math function of two", 3)
def safe_binary(w: Writer, depth: int) -> Expression:
    rows = [row for row in SAFE_BINARY if w.allowed(row[0])]
    name, form, bound = w.choices.choose(rows)
    w.note(name)
    text, bounds = filled(w, depth, form)
    return Expression(text, bound(*bounds))


# A negative number to the power of a float is complex, which no scalar program is.
RAW = [
    "{v} / {w}",
    "math.log({v})",
    "math.sqrt({v})",
    "abs({v}) ** {w}",
    "math.exp({v})",
    "math.acos({v})",
    "math.asin({v})",
    "{v} ** -1",
    "math.atan2({v}, {w})",
    "{v} % {w}",
    "{v} // {w}",
    "abs({v}) ** 0.5",
]


@expression("operation that may raise", 5, lambda w: w.raw)
def raw_operation(w: Writer, depth: int) -> Expression:
    text, bounds = filled(w, depth, w.choices.choose(RAW))
    return Expression(text, max(*bounds, 2.0))


@expression("abs", 2)
def absolute(w: Writer, depth: int) -> Expression:
    a = w.number(depth)
    return Expression(f"abs({a.text})", a.bound)


@expression("min and max", 4)
def extreme(w: Writer, depth: int) -> Expression:
    items = [w.number(depth) for _ in range(w.choices.integer(2, 3))]
    name = w.choices.choose(["max", "min"])
    text = ", ".join(e.text for e in items)
    return Expression(f"{name}({text})", max(e.bound for e in items))


@expression("round", 1, lambda w: "round" not in w.shadowed)
def rounding(w: Writer, depth: int) -> Expression:
    a = w.number(depth)
    digits = w.choices.choose(["", ", 1"])
    return Expression(f"round({a.text}{digits})", a.bound + 1)


@expression("conversion", 2)
def conversion(w: Writer, depth: int) -> Expression:
    a = w.number(depth)
    form, bound = w.choices.choose(
        # Never a bare bool: it could become the result, which has to be a number.
        [
            ("float({})", a.bound),
            ("int({})", a.bound),
            ("float(bool({}))", 1.0),
            ("bool({}) * 2", 2.0),
        ]
    )
    return Expression(form.format(a.text), bound)


@expression("remainder and floor division", 2)
def remainder(w: Writer, depth: int) -> Expression:
    a = operand(w, depth)
    form, bound = w.choices.choose(
        [
            ("{} % 1.5", 1.5),
            ("{} // 1", a.bound + 1),
            ("{} % -2", 2.0),
            ("divmod({}, 1.25)[1]", 1.25),
        ]
    )
    return Expression(form.format(a.text), bound)


def integer(w: Writer, depth: int = 1) -> Expression:
    """Returns an int that does not depend on any float."""
    names = w.readable(Integer)
    if depth <= 0 or not names or w.choices.chance(0.3):
        if names and w.choices.chance(0.7):
            name = w.choices.choose(names)
            return Expression(name, w.bound_of(name))
        return Expression(str(w.choices.integer(0, 5)), 5.0)
    a, b = integer(w, depth - 1), integer(w, depth - 1)
    form, bound = w.choices.choose(
        [
            (f"({a.text} + {b.text})", a.bound + b.bound),
            (f"({a.text} - {b.text})", a.bound + b.bound),
            (f"({a.text} % 3)", 3.0),
            (f"({a.text} // 2)", a.bound),
            (f"(-{a.text})", a.bound),
            (f"({a.text} * 2)", 2 * a.bound),
            (f"(2 ** ({a.text} % 3))", 4.0),
        ]
    )
    return Expression(form, bound)


@expression("integer arithmetic", 3)
def integer_arithmetic(w: Writer, depth: int) -> Expression:
    return integer(w, 2)


@expression("module constant", 2, lambda w: bool(w.module_names))
def module_constant(w: Writer, depth: int) -> Expression:
    names = [n for n in w.readable(Scalar, Integer) if n in w.module_names]
    if not names:
        return w.constant()
    name = w.choices.choose(names)
    return Expression(name, w.bound_of(name))
