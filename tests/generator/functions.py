"""Functions: module helpers with every kind of parameter, closures, lambdas, methods; and calls."""

import re

from tests.generator.control import can_nest
from tests.generator.kinds import (
    LIMIT,
    PARAMETER_BOUND,
    Expression,
    Function,
    Integer,
    Kind,
    Pack,
    Parameter,
    Scalar,
    Text,
    Unary,
)
from tests.generator.scope import Scope
from tests.generator.writer import (
    HELPERS,
    LOCALS,
    Block,
    Writer,
    details,
    expression,
    indented,
    statement,
)

NUMBER = Scalar(PARAMETER_BOUND)
WORDS = ("low", "high", "out")
FORMS = {
    "positional-only parameter": "positional only",
    "keyword-only parameter": "keyword only",
    "*args": "star",
    "**kwargs": "double star",
}
details(
    *FORMS,
    "default argument",
    "default argument that is an expression",
    "parameter that is a string",
    "parameter that is an int",
    "parameter that is a function",
    "parameter that is None or a number",
    "helper that returns a tuple",
    "helper that returns its argument",
    "keyword argument",
    "call with *tuple",
    "call with **dict",
    "closure",
    "nonlocal",
    "docstring",
    "function chosen at run time",
    "lambda with a default",
)


def signature_text(parameters: tuple[Parameter, ...], defaults: dict[str, str]) -> str:
    parts: list[str] = []
    forms = [p.form for p in parameters]
    for place, p in enumerate(parameters):
        if p.form == "keyword only" and not {"keyword only", "star"} & set(forms[:place]):
            parts.append("*")
        stars = {"star": "*", "double star": "**"}.get(p.form, "")
        default = f"={defaults[p.name]}" if p.has_default else ""
        parts.append(f"{stars}{p.name}{default}")
        if p.form == "positional only" and "positional only" not in forms[place + 1 :]:
            parts.append("/")
    return ", ".join(parts)


# Module helpers. ---------------------------------------------------------------------------


def write_helper(w: Writer) -> None:
    """Adds a function to the module; its local names are those of every other function."""
    name = next(h for h in [*HELPERS, *(f"helper{k}" for k in range(9))] if h not in w.module_names)
    pool = w.choices.shuffled(w.pool[:10])
    parameters, defaults, lines = _parameters(w, pool)
    scope = Scope({p.name: p.kind for p in parameters if p.form not in ("star", "double star")})
    scope.fixed = {p.name for p in parameters if not isinstance(p.kind, Scalar)}
    result: Kind = Scalar()
    if w.may("helper that returns a tuple", 0.2):
        result = Pack((Scalar(),) * w.choices.integer(2, 3))
    with w.inside(scope, result):
        body = list(lines)
        for p in parameters:
            body += _open_parameter(w, p)
        if w.may("docstring", 0.1):
            body.insert(0, "'''A helper.'''")
        if isinstance(result, Scalar) and w.may("helper that returns its argument", 0.1):
            body.append(f"return {next(p.name for p in parameters if p.kind == NUMBER)}")
        else:
            body += function_body(w, w.choices.integer(0, 3))
    header = f"def {name}({signature_text(parameters, defaults)}):"
    w.module += [header, *indented(body), "", ""]
    w.module_names[name] = Function(parameters, result)


def function_body(w: Writer, size: int) -> list[str]:
    block = w.block(size)
    if block.ends:
        return block.lines
    lines = [*block.lines, *_calls_of_unused(w), f"return {w.return_value()}"]
    w.flush()
    return lines


def _calls_of_unused(w: Writer) -> list[str]:
    """Returns calls of the functions that were defined here and not used yet."""
    lines = []
    for name in [n for n in callable_names(w) if n in w.scope.unread]:
        if w.choices.chance(0.8):
            text = call_text(w, name, w.kind_of(name))
            w.flush()
            target = w.target(Scalar())
            w.bind(target, Scalar())
            lines.append(f"{target} = {text}")
    return lines


def _parameters(
    w: Writer, pool: list[str]
) -> tuple[tuple[Parameter, ...], dict[str, str], list[str]]:
    """Returns parameters in an order that Python accepts, their defaults, opening lines."""
    parameters: list[Parameter] = []
    defaults: dict[str, str] = {}
    opening: list[str] = []
    count = w.choices.integer(1, 3)
    only = w.choices.integer(1, count) if w.may("positional-only parameter", 0.1) else 0
    for place in range(count):
        form = "positional only" if place < only else "plain"
        has_default = bool(defaults) or (place > 0 and w.may("default argument", 0.3))
        parameters.append(Parameter(pool[place], form, NUMBER, has_default))
        if has_default:
            defaults[pool[place]] = _default(w)
    spare = pool[count:]
    if w.may("parameter that is a function", 0.15):
        # Before all defaults, so that it can be passed by position.
        form = "positional only" if only else "plain"
        parameters.insert(0, Parameter("function", form, Unary()))
    if w.may("parameter that is a string", 0.12):
        parameters.append(Parameter("kind", "plain", Text(WORDS), True))
        defaults["kind"] = repr(w.choices.choose(WORDS))
    if w.may("parameter that is an int", 0.15):
        parameters.append(Parameter("order", "plain", Integer(), True))
        defaults["order"] = str(w.choices.integer(0, 4))
    if w.may("*args", 0.12):
        parameters.append(Parameter("args", "star", NUMBER))
    if w.may("keyword-only parameter", 0.15):
        has_default = w.choices.chance(0.7)
        parameters.append(Parameter(spare[0], "keyword only", NUMBER, has_default))
        if has_default:
            defaults[spare[0]] = _default(w)
    if w.may("parameter that is None or a number", 0.1):
        parameters.append(Parameter("scale", "keyword only", NUMBER, True))
        defaults["scale"] = "None"
        opening += ["if scale is None:", f"    scale = {w.choices.choose(['1.5', '2', '-0.5'])}"]
    if w.may("**kwargs", 0.08):
        parameters.append(Parameter("options", "double star", NUMBER))
    return tuple(parameters), defaults, opening


def _default(w: Writer) -> str:
    names = [n for n, kind in w.module_names.items() if isinstance(kind, Scalar)]
    if names and w.may("default argument that is an expression", 0.4):
        return f"{w.choices.choose(names)} * 0.5 + 1"
    return w.choices.choose(["1.0", "2", "-0.5", "0.25", "0"])


def _open_parameter(w: Writer, p: Parameter) -> list[str]:
    """Returns lines that turn *args and **kwargs into numbers that the body can use."""
    name = "folded" if p.form == "star" else "option"
    if p.form == "star":
        count = "0.0" if "len" in w.shadowed else "len(args)"
        w.bind(name, Scalar(LIMIT))
        return [
            w.choices.choose(
                [
                    f"{name} = math.sin(math.fsum(args)) + {count}",
                    f"{name} = args[0] if args else {count}",
                    f"{name} = math.tanh(math.prod(args))",
                ]
            )
        ]
    if p.form == "double star":
        w.bind(name, Scalar(LIMIT))
        return [
            w.choices.choose(
                [
                    f"{name} = options.get('gain', 1.5) * options.get('bias', 0.5)",
                    f"{name} = options['gain'] if 'gain' in options else 2.0",
                ]
            )
        ]
    return []


# Calls. ------------------------------------------------------------------------------------


def argument(w: Writer, p: Parameter) -> str:
    if isinstance(p.kind, Unary):
        return unary_function(w)
    if isinstance(p.kind, Text):
        texts = [n for n in w.readable(Text) if set(w.kind_of(n).options) <= set(p.kind.options)]
        if texts and w.choices.chance(0.5):
            return w.choices.choose(texts)
        return repr(w.choices.choose(p.kind.options))
    if isinstance(p.kind, Integer):
        names = [n for n in w.readable(Integer) if w.bound_of(n) <= p.kind.bound]
        return w.choices.choose([*names, "1", "3"])
    return w.value(1, PARAMETER_BOUND).text


def call_text(w: Writer, name: str, function: Function) -> str:
    """Returns a call with each argument passed in one of the ways that its parameter allows."""
    w.scope.unread.discard(name)
    positional: list[str] = []
    keywords: list[str] = []
    by_position = True
    star = any(p.form == "star" for p in function.parameters)
    for p in function.parameters:
        if p.form == "star":
            if by_position:
                count = w.choices.integer(0, 3)
                positional += [w.value(1, PARAMETER_BOUND).text for _ in range(count)]
        elif p.form == "double star":
            for word in w.choices.shuffled(["gain", "bias"])[: w.choices.integer(0, 2)]:
                keywords.append(f"{word}={w.value(1, PARAMETER_BOUND).text}")
        elif p.has_default and w.choices.chance(0.4):
            by_position = False
        elif p.form == "keyword only" or (
            p.form == "plain" and (not by_position or (not star and w.choices.chance(0.2)))
        ):
            w.note("keyword argument")
            keywords.append(f"{p.name}={argument(w, p)}")
            by_position = False
        elif by_position:
            positional.append(argument(w, p))
        elif not p.has_default:
            raise AssertionError("a positional-only parameter without default comes first")
    if len(positional) > 1 and w.may("call with *tuple", 0.1):
        positional = [positional[0], f"*({', '.join(positional[1:])},)"]
    if keywords and w.may("call with **dict", 0.1):
        items = ", ".join(f"{k!r}: {v}" for k, v in (word.split("=", 1) for word in keywords))
        keywords = [f"**{{{items}}}"]
    return f"{name}({', '.join([*positional, *w.choices.shuffled(keywords)])})"


def callable_names(w: Writer, result: type[Kind] = Scalar) -> list[str]:
    return [n for n in w.readable(Function) if isinstance(w.kind_of(n).result, result)]


@expression("helper call", 9, lambda w: bool(callable_names(w)))
def helper_call(w: Writer, depth: int) -> Expression:
    names = callable_names(w)
    unread = [name for name in names if name in w.scope.unread]
    name = w.choices.choose(unread if unread and w.choices.chance(0.6) else names)
    return Expression(call_text(w, name, w.kind_of(name)), LIMIT)


@expression("item of a helper's tuple", 3, lambda w: bool(callable_names(w, Pack)))
def item_of_call(w: Writer, depth: int) -> Expression:
    name = w.choices.choose(callable_names(w, Pack))
    function = w.kind_of(name)
    place = w.choices.integer(0, len(function.result.items) - 1)
    return Expression(f"{call_text(w, name, function)}[{place}]", LIMIT)


@statement("unpacking a helper's tuple", 4, lambda w: bool(callable_names(w, Pack)))
def unpack_call(w: Writer) -> Block:
    name = w.choices.choose(callable_names(w, Pack))
    function = w.kind_of(name)
    text = call_text(w, name, function)
    w.flush()
    names = []
    for item in function.result.items:
        target = w.target(item)
        while target in names:
            target = w.fresh()
        names.append(target)
        w.bind(target, item)
    return Block([f"{', '.join(names)} = {text}"])


def unary_function(w: Writer) -> str:
    """Returns the text of a function of one number: of math, of the user, or a lambda."""
    options = [n for n in w.readable(Function) if w.kind_of(n).is_unary] + w.readable(Unary)
    if options and w.choices.chance(0.5):
        return w.choices.choose(options)
    if w.choices.chance(0.5):
        return w.choices.choose(["math.sin", "math.cos", "math.tanh", "math.atan"])
    return lambda_text(w)


def lambda_text(w: Writer) -> str:
    w.note("lambda")
    name = w.choices.choose(["v", "x", "a", "t"])
    scope = w.scope.enclosed()
    scope.bind(name, NUMBER)
    extra = ""
    if w.may("lambda with a default", 0.15):
        other = "p" if name != "p" else "q"
        with w.maybe():
            extra = f", {other}={w.value(0, PARAMETER_BOUND).text}"
        scope.bind(other, NUMBER)
    with w.inside(scope, Scalar()), w.maybe():
        body = w.value(2)
    capture(w, body.text)
    return f"(lambda {name}{extra}: {body.text})"


def capture(w: Writer, text: str) -> None:
    """Notes which names of this function a closure reads: their kind may not change."""
    read = set(re.findall(r"[^\W\d]\w*", text)) & set(w.scope.names)
    if read:
        w.note("closure")
    w.scope.captured |= read
    for name in read:
        if isinstance(w.scope.names[name], Integer):
            w.scope.fixed.add(name)


details("lambda")


@expression("immediate lambda", 2)
def immediate_lambda(w: Writer, depth: int) -> Expression:
    text = lambda_text(w)
    return Expression(f"{text}({w.value(1, PARAMETER_BOUND).text})", LIMIT)


@expression("call of a function parameter", 8, lambda w: bool(w.readable(Unary)))
def call_parameter(w: Writer, depth: int) -> Expression:
    name = w.choices.choose(w.readable(Unary))
    return Expression(f"{name}({w.value(depth, PARAMETER_BOUND).text})", LIMIT)


ONE_NUMBER = Function((Parameter("v", "positional only", NUMBER),), Scalar())


@statement("function variable", 3)
def function_variable(w: Writer) -> Block:
    if w.may("function chosen at run time", 0.25):
        with w.maybe():
            first, second = unary_function(w), unary_function(w)
        text = f"{first} if {w.condition(0)} else {second}"
    else:
        text = unary_function(w)
    w.flush()
    name = w.fresh(LOCALS)
    w.bind(name, ONE_NUMBER)
    w.scope.fixed.add(name)
    return Block([f"{name} = {text}"])


@statement("nested function", 5, lambda w: can_nest(w) and w.function_depth < 3)
def nested_function(w: Writer) -> Block:
    name = w.fresh(LOCALS)
    count = w.choices.integer(0, 2)
    # Parameters may be called like names of the enclosing function, which they hide.
    names = w.choices.shuffled(w.pool[:8])[:count]
    parameters = tuple(Parameter(n, "plain", NUMBER) for n in names)
    scope = w.scope.enclosed()
    scope.outer -= set(names)
    for p in parameters:
        scope.fixed.discard(p.name)
        scope.bind(p.name, p.kind)
    lines: list[str] = []
    changed = [
        n
        for n, kind in w.scope.names.items()
        if isinstance(kind, Scalar)
        and n not in names
        and n not in w.scope.unsafe
        and w.scope.can_bind(n, Scalar())
    ]
    if changed and w.may("nonlocal", 0.5):
        outer = w.choices.choose(changed)
        w.scope.loose.add(outer)
        w.scope.bind(outer, Scalar())
        scope.names[outer] = Scalar(LIMIT)
        with w.inside(scope, Scalar()), w.maybe():
            form = w.choices.choose(
                ["{o} = {v}", "{o} = math.sin({o} + {v})", "{o} *= math.cos({v})"]
            )
            update = form.format(o=outer, v=w.value(2).text)
        lines += [f"nonlocal {outer}", update]
    with w.inside(scope, Scalar()):
        lines += function_body(w, w.choices.integer(0, 2))
    capture(w, "\n".join(lines))
    w.bind(name, Function(parameters, Scalar()))
    w.scope.fixed.add(name)
    return Block([f"def {name}({', '.join(names)}):", *indented(lines)])


# Methods. ----------------------------------------------------------------------------------


def write_class(w: Writer) -> None:
    """Adds a class whose instances hold constants, and one instance."""
    scope = Scope({"x": NUMBER, "self.gain": Scalar(3.0), "self.bias": Scalar(1.0)})
    scope.fixed = {"self.gain", "self.bias"}
    with w.inside(scope, Scalar()):
        body = function_body(w, w.choices.integer(0, 2))
    w.module += [
        "class Model:",
        "    def __init__(self, gain, bias):",
        "        self.gain = gain",
        "        self.bias = bias",
        "",
        "    def apply(self, x, power=1.0):",
        *indented(indented(body)),
        "",
        "    def twice(self, x):",
        "        return math.sin(self.apply(self.apply(math.tanh(x), 0.5))) * self.gain",
        "",
        "",
        f"MODEL = Model({w.choices.choose(['1.5', '2', '-0.5'])}, 0.25)",
        "",
        "",
    ]
    power = Parameter("power", "plain", NUMBER, True)
    plain = Parameter("x", "plain", NUMBER)
    w.module_names["MODEL.apply"] = Function((plain, power), Scalar())
    w.module_names["MODEL.twice"] = Function((plain,), Scalar())
    w.module_names["MODEL.gain"] = Scalar(2.0)


@expression("method call", 6, lambda w: "MODEL.apply" in w.module_names)
def method_call(w: Writer, depth: int) -> Expression:
    name = w.choices.choose(["MODEL.apply", "MODEL.twice"])
    return Expression(call_text(w, name, w.module_names[name]), LIMIT)


@expression("attribute of a constant", 3, lambda w: "MODEL.gain" in w.module_names)
def attribute(w: Writer, depth: int) -> Expression:
    return Expression("MODEL.gain", 2.0)
