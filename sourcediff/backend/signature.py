"""The first line of a function, as the user wrote it."""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Sequence
from typing import Any

from sourcediff.backend.header import Header
from sourcediff.backend.literals import constant_text, is_literal
from sourcediff.backend.printer import Docstring
from sourcediff.ir import Function

__all__ = ["docstring", "node_of", "returns", "signature"]

Node = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def node_of(function: Function) -> Node | None:
    """The definition that a function was lowered from."""
    node = getattr(function.origin, "node", None)
    if node is None:
        node = getattr(getattr(function.origin, "source", None), "node", None)
    return node if isinstance(node, Node) else None


def signature(
    function: Function, header: Header, defaults: Sequence[ast.expr] = ()
) -> ast.arguments:
    """The parameters of a function.

    Args:
        defaults: those of a function inside another, which are evaluated where it is defined.
    """
    node = node_of(function)
    if node is None:
        names = [ast.arg(p.name or f"x{place}") for place, p in enumerate(function.parameters)]
        return ast.arguments([], names, None, [], [], None, list(defaults))
    given = node.args

    def parameters(args: Sequence[ast.arg]) -> list[ast.arg]:
        return [ast.arg(a.arg, annotation(a.annotation, function, header)) for a in args]

    def one(arg: ast.arg | None) -> ast.arg | None:
        return None if arg is None else parameters([arg])[0]

    positional = _defaults(function, header, given, defaults)
    return ast.arguments(
        posonlyargs=parameters(given.posonlyargs),
        args=parameters(given.args),
        vararg=one(given.vararg),
        kwonlyargs=parameters(given.kwonlyargs),
        kw_defaults=_keyword_defaults(function, header, given, defaults),
        kwarg=one(given.kwarg),
        defaults=positional,
    )


def _defaults(
    function: Function, header: Header, given: ast.arguments, made: Sequence[ast.expr]
) -> list[ast.expr]:
    if made:
        return list(made[: len(given.defaults)])
    found = getattr(function.origin, "function", None)
    values = getattr(found, "__defaults__", None)
    if values is None:
        return [copy.deepcopy(node) for node in given.defaults]
    names = [a.arg for a in (*given.posonlyargs, *given.args)][-len(values) :]
    return [
        _default(value, f"{function.name}_{name}", header, node)
        for value, name, node in zip(values, names, given.defaults, strict=False)
    ]


def _keyword_defaults(
    function: Function, header: Header, given: ast.arguments, made: Sequence[ast.expr]
) -> list[ast.expr | None]:
    rest = list(made[len(given.defaults) :])
    found = getattr(function.origin, "function", None)
    values = getattr(found, "__kwdefaults__", None) or {}
    defaults: list[ast.expr | None] = []
    for arg, node in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        if node is None:
            defaults.append(None)
        elif rest:
            defaults.append(rest.pop(0))
        elif arg.arg in values:
            name = f"{function.name}_{arg.arg}"
            defaults.append(_default(values[arg.arg], name, header, node))
        else:
            defaults.append(copy.deepcopy(node))
    return defaults


def _default(value: Any, name: str, header: Header, node: ast.expr) -> ast.expr:
    """The very object that is the default: a literal, or a name for it."""
    if is_literal(value):
        return ast.parse(constant_text(value), mode="eval").body
    if isinstance(node, ast.Name | ast.Attribute):
        name = node.id if isinstance(node, ast.Name) else node.attr
    return header.object(name, value)


def annotation(node: ast.expr | None, function: Function, header: Header) -> ast.expr | None:
    """An annotation, if all that it names can be named above the function."""
    if node is None:
        return None
    namespace = getattr(getattr(function.origin, "function", None), "__globals__", {})
    if not _names_are_known(node, namespace):
        return None
    renamed = _Annotation(namespace, header)
    made = renamed.visit(copy.deepcopy(node))
    return made if renamed.complete else None


def _names_are_known(node: ast.expr, namespace: dict[str, Any]) -> bool:
    return all(
        n.id in namespace or hasattr(builtins, n.id)
        for n in ast.walk(node)
        if isinstance(n, ast.Name)
    )


class _Annotation(ast.NodeTransformer):
    """Refers to the objects that an annotation names."""

    def __init__(self, namespace: dict[str, Any], header: Header) -> None:
        self.namespace = namespace
        self.header = header
        self.complete = True

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.namespace:
            return node
        return self._named(node.id, self.namespace[node.id])

    def _named(self, name: str, found: Any) -> ast.expr:
        written = self.header.importable_object(name, found)
        if written is None:
            self.complete = False
            return ast.Constant(None)
        return written


def returns(function: Function, header: Header) -> ast.expr | None:
    """The annotation of what is returned."""
    node = node_of(function)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return annotation(node.returns, function, header)
    return None


def docstring(function: Function) -> list[ast.stmt]:
    """The docstring, as a statement, if there is one."""
    node = node_of(function)
    if not isinstance(node, ast.FunctionDef) or not node.body:
        return []
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        if isinstance(first.value.value, str):
            return [Docstring(first.value.value)]
    return []
