"""Conditions, and the expressions that choose between values."""

from tests.generator.arithmetic import operand
from tests.generator.kinds import LIMIT, Expression, Flag, Integer, Scalar, Text
from tests.generator.writer import Writer, condition, details, expression

ORDER = ["<", ">", "<=", ">="]
details("re-binding in an expression")


def subject(w: Writer, depth: int) -> str:
    """Returns the text of a number that is worth a question."""
    if depth > 0 and w.choices.chance(0.4):
        return operand(w, depth).text
    return w.variable().text


def compared(w: Writer, depth: int, operators: list[str]) -> str:
    """Returns a comparison, chained where there are several operators."""
    last = subject(w, depth)
    texts = [last]
    for place, operator in enumerate(operators):
        if place == 0:
            last = w.other_than(last).text
        else:
            # Python does not evaluate what follows a comparison that is false.
            with w.maybe():
                last = w.other_than(last).text
        texts += [operator, last]
    return " ".join(texts)


@condition("comparison", 10)
def comparison(w: Writer, depth: int) -> str:
    return compared(w, depth, [w.choices.choose(ORDER)])


@condition("comparison with zero", 4)
def comparison_with_zero(w: Writer, depth: int) -> str:
    return f"{subject(w, depth)} {w.choices.choose(ORDER)} 0"


@condition("equality", 1)
def equality(w: Writer, depth: int) -> str:
    return compared(w, 0, [w.choices.choose(["==", "!="])])


@condition("comparison of integers", 4, lambda w: bool(w.readable(Integer)))
def comparison_of_integers(w: Writer, depth: int) -> str:
    name = w.choices.choose(w.readable(Integer))
    form = w.choices.choose(["{n} % 2 == {k}", "{n} > {k}", "{n} <= {k}", "{n} != {k}"])
    return form.format(n=name, k=w.choices.integer(0, 3 if "%" not in form else 1))


@condition("chained comparison", 3)
def chained_comparison(w: Writer, depth: int) -> str:
    operators = w.choices.choose(
        [["<", "<="], [">", ">="], ["<=", "!="], ["<", ">"], ["<", "<=", "<"], [">", "!=", ">"]]
    )
    return compared(w, depth, operators)


@condition("not", 2)
def negation(w: Writer, depth: int) -> str:
    return f"not ({w.condition(depth - 1)})" if depth > 0 else f"not {w.variable().text} > 1"


@condition("and in a condition", 3)
def conjunction(w: Writer, depth: int) -> str:
    return _joined(w, depth, "and")


@condition("or in a condition", 3)
def disjunction(w: Writer, depth: int) -> str:
    return _joined(w, depth, "or")


def _joined(w: Writer, depth: int, operator: str) -> str:
    if depth <= 0:
        return comparison_with_zero(w, 0)
    first = w.condition(depth - 1)
    with w.maybe():
        return f"({first}) {operator} ({w.condition(depth - 1)})"


@condition("truth of a number", 1)
def truth(w: Writer, depth: int) -> str:
    return subject(w, depth)


@condition("flag", 3, lambda w: bool(w.readable(Flag)))
def flag(w: Writer, depth: int) -> str:
    return w.choices.choose(w.readable(Flag))


@condition("comparison of strings", 3, lambda w: bool(w.readable(Text)))
def comparison_of_strings(w: Writer, depth: int) -> str:
    name = w.choices.choose(w.readable(Text))
    text = w.choices.choose(w.kind_of(name).options)
    return f"{name} {w.choices.choose(['==', '!='])} {text!r}"


@condition("walrus in a condition", 2, lambda w: w.certain)
def walrus_condition(w: Writer, depth: int) -> str:
    e = walrus(w, depth)
    return f"{e.text} {w.choices.choose(ORDER)} {w.other_than('').text}"


@expression("conditional expression", 5)
def conditional(w: Writer, depth: int) -> Expression:
    test = w.condition(1)
    with w.maybe():
        a, b = w.number(depth), w.number(depth)
    return Expression(f"({a.text} if {test} else {b.text})", max(a.bound, b.bound))


@expression("and / or as a value", 3)
def value_of_and_or(w: Writer, depth: int) -> Expression:
    operator = w.choices.choose(["or", "and"])
    first = operand(w, depth)
    with w.maybe():
        rest = [operand(w, depth) for _ in range(w.choices.integer(1, 2))]
    text = f" {operator} ".join(e.text for e in (first, *rest))
    return Expression(f"({text})", max(e.bound for e in (first, *rest)))


@expression("bool arithmetic", 2)
def bool_arithmetic(w: Writer, depth: int) -> Expression:
    a = operand(w, depth)
    test = w.choices.choose([comparison, chained_comparison, equality])(w, 0)
    return Expression(f"({test}) * {a.text}", a.bound)


@expression("walrus", 2, lambda w: w.certain)
def walrus(w: Writer, depth: int) -> Expression:
    e = w.value(depth)
    # A name that is bound again is a trap: operands to its left have its old value.
    old = [n for n in w.readable(Scalar) if n in w.scope.names and w.scope.can_bind(n, Scalar())]
    if old and w.may("re-binding in an expression", 0.3):
        name = w.choices.choose(old)
    else:
        name = w.fresh()
    w.pending[name] = Scalar(LIMIT)
    return Expression(f"({name} := {e.text})", e.bound)
