"""``with`` on an object of the user's own class, by its ``__enter__`` and ``__exit__``.

    with Timer(scale) as t:                t = Timer(scale).__enter__()
        body                               body
                                           t.__exit__(None, None, None)

An exception in the body goes on to whoever called, as ``__exit__`` neither looks at it nor keeps it
back; what the object holds is then no one's concern. Where ``__exit__`` does more than compute, a
``return`` or ``break`` is in the body, or a ``try`` stands around it, the call stands in a
``finally`` clause.

>>> _lets_through(ast.parse("def __exit__(self, *exc): self.n += 1").body[0])
True
>>> _lets_through(ast.parse("def __exit__(self, kind, *_): return kind is ValueError").body[0])
False
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import textwrap
import types as python_types
from typing import Any

from sourcediff.frontend.expressions import Known, lower_expression
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.source import own_nodes
from sourcediff.frontend.values import Binding, Closure, Dissolved, Static
from sourcediff.ir import Value

__all__ = ["managed", "only_computes"]

#: Contexts of these say what becomes of errors and warnings.
_LIBRARIES = ("contextlib", "warnings", "numpy")
#: The modules whose functions an ``__exit__`` may call that only computes.
_COMPUTES = ("math", "time", "len", "sum", "max", "min", "abs")
#: The methods of what an object holds that only change it.
_CHANGES = ("append", "pop", "clear", "extend")


def managed(lowering: Lowering, node: ast.With) -> list[ast.stmt] | None:
    """The statements that a with statement stands for; None where its object is no user's."""
    (first, *others) = node.items
    manager = _manager(lowering, first.context_expr)
    if manager is None:
        return None
    cls = _class_of(manager)
    if cls is None:
        return None
    enter, leave = (getattr(cls, name, None) for name in ("__enter__", "__exit__"))
    if not all(isinstance(f, python_types.FunctionType) for f in (enter, leave)):
        return None
    written = _written(leave)
    if written is None or not _lets_through(written):
        lowering.error(
            f"a {cls.__name__}, whose __exit__ looks at the exception or may keep it back, is not "
            "supported in a with statement",
            first.context_expr,
            "let it take *_, return None, and use try: … except: … for the exception",
        )
    body: list[ast.stmt] = [ast.With(others, node.body)] if others else node.body
    known = Known(manager)
    none: list[ast.expr] = [ast.Constant(None) for _ in range(3)]
    entered = ast.Call(ast.Attribute(known, "__enter__", ast.Load()), [], [])
    left = ast.Expr(ast.Call(ast.Attribute(known, "__exit__", ast.Load()), none, []))
    begin: ast.stmt = ast.Expr(entered)
    if first.optional_vars is not None:
        begin = ast.Assign([first.optional_vars], entered)
    straight = (
        not _leaves(node)
        and only_computes(written.body)
        and not lowering.attempts
        and not lowering.guarded_by
    )
    after = [*body, left] if straight else [ast.Try(body, [], [], [left])]
    made = [begin, *after]
    for statement in made:
        if statement not in node.body:
            ast.fix_missing_locations(ast.copy_location(statement, node))
    return made


def _manager(lowering: Lowering, node: ast.expr) -> Binding | None:
    """The object of a with statement, if it may be of a class of the user's."""
    if isinstance(node, ast.Name | ast.Attribute):
        return lower_expression(lowering, node)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
        return None
    function = lower_expression(lowering, node.func)
    found = function.object if isinstance(function, Static) else None
    of_user = isinstance(found, type) and isinstance(
        getattr(found, "__enter__", None), python_types.FunctionType
    )
    if of_user and str(found.__module__).partition(".")[0] in _LIBRARIES:
        return None
    plain = isinstance(found, python_types.FunctionType) and not hasattr(found, "__wrapped__")
    if of_user or isinstance(function, Closure) or (plain and found is not contextlib.suppress):
        return lower_expression(lowering, node)
    return None


def _class_of(manager: Binding) -> Any:
    if isinstance(manager, Dissolved):
        return manager.cls
    return manager.type.cls if isinstance(manager, Value) else None


def _written(function: Any) -> ast.FunctionDef | None:
    """The definition of a method, if its text is at hand."""
    try:
        (found,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    return found if isinstance(found, ast.FunctionDef) else None


def _lets_through(definition: ast.FunctionDef) -> bool:
    """Whether ``__exit__`` does not look at the exception, and returns what is false."""
    signature = definition.args
    told = [*signature.posonlyargs, *signature.args][1:]
    names = {a.arg for a in (*told, *filter(None, [signature.vararg, signature.kwarg]))}
    for node in own_nodes(definition):
        if isinstance(node, ast.Name) and node.id in names:
            return False
        if isinstance(node, ast.Return) and node.value is not None:
            if not isinstance(node.value, ast.Constant) or node.value.value:
                return False
    return not any(isinstance(n, ast.Yield | ast.YieldFrom) for n in own_nodes(definition))


def _leaves(node: ast.With) -> bool:
    """Whether control may leave the body but by its end or by an exception."""
    holder = ast.Module(body=list(node.body), type_ignores=[])
    return any(isinstance(n, ast.Return | ast.Break | ast.Continue) for n in own_nodes(holder))


def only_computes(statements: list[ast.stmt]) -> bool:
    """Whether nobody can tell afterwards that statements were not executed."""
    for node in own_nodes(ast.Module(statements, [])):
        if isinstance(node, ast.Call):
            (root, *path) = ast.unparse(node.func).split(".")
            if root not in _COMPUTES and not (1 <= len(path) <= 2 and path[-1] in _CHANGES):
                return False
        if isinstance(node, ast.Nonlocal | ast.Global | ast.With | ast.Raise | ast.Assert):
            return False
    return True
