"""The table of derivative rules, and the one door through which a rule enters it.

A rule is one line that looks like the mathematics: the operation, then its partial
derivative in each argument, written in terms of the arguments and of the result ``y``::

    rule("math.exp(x)", "y")
    rule("x / z", "1 / z", "-y / z")

The partials are Python expressions. They are lowered by the compiler's own front end the
first time they are needed, so what they say appears in the output as ordinary code and can
be differentiated again. Multiplying by the adjoint, folding signs and constants, and dropping what
is not needed happen in one place (`sourcediff.transform.adjoint.pullback`), never here.

A conditional expression in a partial masks: the adjoint meets only the selected branch, so
a branch that is infinite where it is not selected does no harm.
"""

from __future__ import annotations

import ast
import importlib
import math
import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any

from sourcediff import types
from sourcediff.ir import Primitive
from sourcediff.types import Type

__all__ = ["RULES", "Rule", "define", "primitive_of", "rule"]


class Rule:
    """The partial derivatives of one primitive.

    partials  one expression an argument (None: not differentiable in that argument,
              ``"0"``: derivative zero), or the single expression for each of `variadic`
    domain    for each argument an interval of points on which the tests hold the rule
    kink      the convention at points where the function has no derivative
    """

    __slots__ = (
        "domain",
        "kink",
        "namespace",
        "parameters",
        "partials",
        "pattern",
        "primitive",
        "variadic",
    )

    def __init__(
        self,
        primitive: Primitive,
        pattern: str,
        parameters: tuple[str, ...],
        partials: tuple[str | None, ...],
        variadic: bool,
        domain: tuple[tuple[float, float], ...],
        kink: str | None,
        namespace: dict[str, Any],
    ) -> None:
        self.primitive = primitive
        self.pattern = pattern
        self.parameters = parameters
        self.partials = partials
        self.variadic = variadic
        self.domain = domain
        self.kink = kink
        self.namespace = namespace

    def partial(self, index: int) -> str | None:
        """The partial derivative in the argument at `index`, as the rule's author wrote it."""
        return self.partials[0] if self.variadic else self.partials[index]

    def __repr__(self) -> str:
        return f"rule({self.pattern!r}, {', '.join(map(repr, self.partials))})"


#: Every rule, in the order of definition; the tests run over this table.
RULES: dict[str, Rule] = {}
_primitives: dict[Any, Primitive] = {}

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.MatMult: operator.matmul,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}

_OPERATORS: dict[Any, Callable[..., Any]] = {**_BINARY, **_UNARY, **_COMPARE}


def primitive_of(what: Any, arity: int | None = None) -> Primitive | None:
    """The primitive for a Python callable or an operator node of `ast`, if there is one.

    Some functions are two: ``log(x)`` and ``log(x, base)``; `arity` tells which is meant.
    """
    if isinstance(what, ast.AST):
        what = _OPERATORS.get(type(what))
    try:
        return _primitives.get((what, arity)) or _primitives.get(what)
    except TypeError:  # unhashable: nothing that has a rule
        return None


def real_result(*operands: Type) -> Type | None:
    """A real number from numbers."""
    return types.REAL if all(map(types.is_number, operands)) else None


def define(function: Any, primitive: Primitive) -> Primitive:
    """Make `primitive` what calls of `function` become, without a derivative of its own."""
    _primitives[function] = primitive
    return primitive


def rule(
    pattern: str,
    *partials: str | None,
    function: Callable[..., Any] | None = None,
    domain: Sequence[tuple[float, float]] | None = None,
    kink: str | None = None,
    typing: Callable[..., Type | None] = real_result,
    raises: bool = True,
    bounded: bool = False,
    checks: bool = False,
    hint: str | None = None,
) -> Primitive | None:
    """Add the derivative of an operation on real numbers.

    Args:
        pattern: the operation as one writes it: ``"x / z"``, ``"math.atan2(a, b)"``,
            ``"math.hypot(*x)"``. The names are those that the partials use.
        partials: the partial derivative in each argument, as Python expressions in the
            arguments, the result ``y`` and the functions of `math`. ``"0"`` says that the
            derivative is zero, None that there is none. A pattern with one starred
            argument has one partial, in terms of the starred name as each argument in turn.
        function: the callable, where the pattern does not name it by module and name.
        domain: for each argument the interval on which the tests hold the rule against
            differences; (-3, 3) where it is left out.
        kink: what the rule returns where the function has no derivative.
        typing: the type of the result from the types of the operands.
        raises: whether the operation may raise on numbers.
        bounded: True if the function raises outside of its domain.
        checks: True if the function refuses arguments that its partials would accept.
        hint: a name for the result, where the output needs one.

    Returns:
        The primitive, or None where this Python has no such function.

    >>> import math
    >>> def softplus(x: float) -> float:
    ...     return max(x, 0.0) + math.log1p(math.exp(-abs(x)))
    >>> _ = rule("softplus(x)", "1 / (1 + math.exp(-x))", function=softplus)
    >>> primitive_of(softplus)
    softplus
    """
    _require_text(pattern, "the operation")
    node = whole = ast.parse(pattern, mode="eval").body
    if isinstance(node, ast.Subscript):  # one item of what the function returns
        node = node.value
    variadic = False
    operands: list[ast.expr]
    if isinstance(node, ast.BinOp):
        operands, target = [node.left, node.right], _BINARY[type(node.op)]
    elif isinstance(node, ast.UnaryOp):
        operands, target = [node.operand], _UNARY[type(node.op)]  # type: ignore[assignment]
    elif isinstance(node, ast.Call):
        operands = node.args
        if len(operands) == 1 and isinstance(operands[0], ast.Starred):
            operands, variadic = [operands[0].value], True
        found = function if function is not None else _lookup(node.func)
        if found is None:
            return None
        target = found
    else:
        raise ValueError(f"not an operation: {pattern!r}")
    parameters = tuple(n.id for n in operands if isinstance(n, ast.Name))
    if len(parameters) != len(operands) or len(partials) != len(parameters):
        raise ValueError(f"a rule needs one name and one partial for each argument: {pattern!r}")
    if "y" in parameters:
        raise ValueError(f"'y' names the result of a rule, not an argument: {pattern!r}")
    for text in partials:
        if text is not None:
            _require_text(text, "a partial derivative")
    namespace = {"math": math, **sys._getframe(1).f_globals}
    name = _name(whole, target, namespace)
    primitive = Primitive(
        name,
        target,
        pattern=pattern,
        typing=typing,
        raises=raises,
        bounded=bounded,
        checks=checks,
        hint=hint,
        cost=35 if "." in name else 45 if name == "pow" else 25 if "(" in pattern else 20,
    )
    _primitives[target if variadic else (target, len(parameters))] = primitive
    _primitives.setdefault(target, primitive)
    interval = tuple(domain) if domain is not None else ((-3.0, 3.0),) * len(parameters)
    primitive.rule = RULES[pattern] = Rule(
        primitive, pattern, parameters, partials, variadic, interval, kink, namespace
    )
    return primitive


def _name(whole: ast.expr, target: Any, namespace: dict[str, Any]) -> str:
    """The name of the primitive; what has one name is one operation.

    So the halves of ``modf`` have two, and a user's function ``mul`` is not the operator.
    """
    if isinstance(whole, ast.Subscript):
        assert isinstance(whole.value, ast.Call)
        return f"{ast.unparse(whole.value.func)}[{ast.unparse(whole.slice)}]"
    if not isinstance(whole, ast.Call):
        return str(target.__name__)
    name = ast.unparse(whole.func)
    is_own = str(namespace.get("__name__")).partition(".")[0] == "sourcediff"
    module = getattr(target, "__module__", None)  # a ufunc has none
    if is_own or module is None or name.startswith(f"{module}."):
        return name
    return f"{module}.{name}"


def _require_text(text: Any, what: str) -> None:
    if not isinstance(text, str):
        raise TypeError(
            f"{what} of a rule is given as text, as in "
            f'rule("f(x)", "2 * x", function=f), not as a {type(text).__name__}'
        )


def _lookup(callee: ast.expr) -> Any:
    """What ``math.exp`` or ``abs`` names, or None if this Python does not have it."""
    if isinstance(callee, ast.Name):
        return getattr(importlib.import_module("builtins"), callee.id, None)
    module, _, name = ast.unparse(callee).rpartition(".")
    return getattr(importlib.import_module(module), name, None)
