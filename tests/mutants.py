"""Deliberately wrong derivatives, to test that the programs and the comparison catch them.

A mutant takes the place of a compiler with one wrong rule.  In the program's text each operation
of one kind is wrapped: at the point itself it has its value, beside it the value mirrored at that
point.  Central differences of that program are the exact derivative with the sign of the rule
flipped, and nothing of the compiler is needed to make them.
"""

import ast
import contextlib
import io
from collections.abc import Callable, Iterator
from typing import Any

from tests.compare import Argnums, Engine
from tests.differences import difference
from tests.generator import load_source

Matches = Callable[[ast.expr], bool]


class NoGradient(Exception):
    """Differences do not settle the gradient: there is nothing to compare."""


class Mirror:
    """Mirrors each value at the one that the same operation had at the point."""

    def __init__(self) -> None:
        self._record: list[float] = []
        self._replay: Iterator[float] | None = None

    def __call__(self, value: Any) -> Any:
        if type(value) is not float:
            return value
        if self._replay is None:
            self._record.append(value)
            return value
        return 2 * next(self._replay) - value

    def around(self, function: Callable[..., Any], args: tuple[Any, ...]) -> Callable[..., Any]:
        """Records at the point; returns the function with its operations mirrored there."""
        self._replay, self._record = None, []
        with contextlib.redirect_stdout(io.StringIO()):
            function(*args)

        def mirrored(*moved: Any) -> Any:
            self._replay = iter(self._record)
            return function(*moved)

        return mirrored


class _Wrap(ast.NodeTransformer):
    def __init__(self, matches: Matches) -> None:
        self.matches = matches
        self.count = 0

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.pattern):
            # A -1 in a case is a pattern; wrapped it would be a class.
            return node
        self.generic_visit(node)
        if not isinstance(node, ast.expr) or not self.matches(node):
            return node
        if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
            return node
        self.count += 1
        return ast.copy_location(ast.Call(ast.Name("_mirror", ast.Load()), [node], []), node)


def mutated(source: str, matches: Matches) -> str | None:
    """Returns the text with the operations wrapped, None where it has none of them.

    >>> print(mutated("y = a * b + c", is_operation(ast.Mult)))
    y = _mirror(a * b) + c
    """
    wrap = _Wrap(matches)
    tree = ast.fix_missing_locations(wrap.visit(ast.parse(source)))
    return ast.unparse(tree) if wrap.count else None


def mutant(source: str, matches: Matches) -> Engine | None:
    """Returns an engine with the rule of these operations flipped, None if there are none."""
    text = mutated(source, matches)
    if text is None:
        return None
    mirror = Mirror()
    wrapped = load_source(text, names={"_mirror": mirror})
    return differences_engine(lambda function, args: mirror.around(wrapped, args))


def differences_engine(
    differentiated: Callable[[Callable[..., Any], tuple[Any, ...]], Callable[..., Any]],
) -> Engine:
    """Returns an engine that takes the differences of another function at the point.

    Where differences settle nothing it refuses with ``NoGradient``.
    """

    def gradient(function: Callable[..., Any], args: tuple[Any, ...], argnums: Argnums) -> Any:
        wanted = argnums if isinstance(argnums, tuple) else (argnums,)
        other = differentiated(function, args)
        estimates = [difference(other, args, argnum) for argnum in wanted]
        values = tuple(e.value for e in estimates if e is not None)
        if len(values) < len(wanted):
            raise NoGradient
        return values if isinstance(argnums, tuple) else values[0]

    def grad(function: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
        # The call before it raises and prints what the function raises and prints.
        return lambda *args: (function(*args), gradient(function, args, argnums))[1]

    def value_and_grad(function: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
        return lambda *args: (function(*args), gradient(function, args, argnums))

    return Engine(grad, value_and_grad, reference=None, refusal=NoGradient)


HONEST = differences_engine(lambda function, args: function)


def is_call_of(name: str) -> Matches:
    return lambda node: isinstance(node, ast.Call) and ast.unparse(node.func) == name


def is_operation(operator: type[ast.operator]) -> Matches:
    return lambda node: isinstance(node, ast.BinOp) and isinstance(node.op, operator)


def is_of_kind(kind: type[ast.expr]) -> Matches:
    return lambda node: isinstance(node, kind)
