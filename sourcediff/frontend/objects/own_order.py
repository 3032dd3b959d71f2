"""Objects that say by ``__lt__`` how they are put in order, as objects that are compared by a key.

``sorted(ps)``, ``ps.sort()``, ``max(ps)`` and ``min(ps)`` ask ``__lt__``. Where that compares the
same of both objects, as it mostly does, it is the key:

    def __lt__(self, other):                   sorted(ps, key=lambda self: self.cost)
        return self.cost < other.cost

A dataclass with ``order=True`` is compared by the tuple of its fields.
"""

from __future__ import annotations

import ast
import copy
import types as python_types
from typing import Any

from sourcediff import types
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects.dissolved_objects import is_generated, relied_on
from sourcediff.frontend.source import source_of
from sourcediff.frontend.values import Binding, Closure, Columns, Method, Static, declared
from sourcediff.ir import Const, Value
from sourcediff.rules.total_orderings import DEFINITIONS, gt_from_lt

__all__ = ["class_of_items", "with_own_order"]

Kwargs = dict[str, Binding]


def with_own_order(
    lowering: Lowering, function: Binding, args: list[Binding], kwargs: Kwargs
) -> Kwargs | None:
    """The keywords of a call that puts objects in order, with the key of their class.

    None for any other call, and where the class tells no key.
    """
    name = _name_of(function)
    whole = function.subject if isinstance(function, Method) else args[0] if args else None
    one = len(args) == (0 if isinstance(function, Method) else 1)
    cls = class_of_items(whole)
    if name is None or cls is None or not one or kwargs.keys() - {"reverse"}:
        return None
    found = _key(lowering, cls, "__lt__")
    if found is None or (name == "max" and not _is_usual_gt(lowering, cls, found)):
        return None
    key, downwards = found
    made: Kwargs = {**kwargs, "key": key}
    if name in ("max", "min"):
        return None if downwards else made
    if downwards:
        reverse = kwargs.get("reverse", Const(False, types.BOOL))
        if not isinstance(reverse, Const):
            return None
        made["reverse"] = Const(not reverse.value, types.BOOL)
    return made


def _name_of(function: Binding) -> str | None:
    if isinstance(function, Method):
        return "sort" if function.name == "sort" else None
    known = isinstance(function, Static) and function.object in (sorted, max, min)
    return function.object.__name__ if known else None  # type: ignore[union-attr]


def class_of_items(whole: Binding | None) -> type | None:
    """The class of the objects in a list."""
    if isinstance(whole, Columns):
        cls: type | None = whole.shape[1] if whole.shape[0] == "object" else None
        return cls
    if isinstance(whole, Value) and whole.type.kind == "List":
        item = whole.type.slots["element"].read()
        return item.cls if item.kind == "Place" else None
    return None


def _key(lowering: Lowering, cls: Any, name: str) -> tuple[Closure, bool] | None:
    """What a method compares of both objects, and whether the larger is the less."""
    found = relied_on(lowering, cls, name)
    if not isinstance(found, python_types.FunctionType):
        return None
    if is_generated(found):
        return _key_of_dataclass(lowering, cls), False
    source = source_of(found)
    compared = _compared(source.node)
    if compared is None:
        return None
    cells = dict(zip(found.__code__.co_freevars, found.__closure__ or (), strict=True))
    frame = Frame(name, source.node, source, found.__globals__, cells=cells)  # type: ignore[arg-type]
    node, downwards = compared
    return Closure(node, frame, [], {}), downwards


def _compared(node: Any) -> tuple[ast.Lambda, bool] | None:
    """The key of ``def __lt__(self, other): return self.key < other.key``."""
    parameters = node.args.args if isinstance(node, ast.FunctionDef) else []
    body = [s for s in getattr(node, "body", []) if not _is_docstring(s)]
    if len(parameters) != 2 or len(body) != 1 or not isinstance(body[0], ast.Return):
        return None
    test = body[0].value
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    if not isinstance(test.ops[0], ast.Lt | ast.Gt | ast.Eq):
        return None
    one, other = (parameter.arg for parameter in parameters)
    left, (right,) = test.left, test.comparators
    flipped = _reads(left, other)
    if flipped:
        left, right = right, left  # other.key > self.key
    if _reads(left, other) or _reads(right, one) or not _reads(left, one):
        return None
    if ast.dump(_renamed(left, one, "")) != ast.dump(_renamed(right, other, "")):
        return None
    if any(isinstance(part, ast.NamedExpr | ast.Lambda) for part in ast.walk(left)):
        return None
    key = ast.parse(f"lambda {one}: 0", mode="eval").body
    assert isinstance(key, ast.Lambda)
    ast.copy_location(key, left)
    key.body = left
    return key, isinstance(test.ops[0], ast.Gt) is not flipped


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _reads(node: ast.AST, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))


def _renamed(node: ast.expr, name: str, new: str) -> ast.expr:
    made = copy.deepcopy(node)
    for part in ast.walk(made):
        if isinstance(part, ast.Name) and part.id == name:
            part.id = new
    return made


def _key_of_dataclass(lowering: Lowering, cls: Any) -> Closure:
    """The fields that the objects of a dataclass are compared by."""
    fields = [f.name for f in cls.__dataclass_fields__.values() if f.compare]
    text = ", ".join(f"self.{name}" for name in fields)
    node = ast.parse(f"lambda self: {text if len(fields) == 1 else f'({text})'}", mode="eval").body
    assert isinstance(node, ast.Lambda)
    where = lowering.node or lowering.frame.node
    for part in ast.walk(node):
        ast.copy_location(part, where)
    memo = lowering.memo.own_keys.setdefault(cls, node)
    return Closure(memo, lowering.frame, [], {})


def _is_usual_gt(lowering: Lowering, cls: Any, key: tuple[Closure, bool]) -> bool:
    """Whether ``>`` says the same of two objects as ``<`` of them the other way round."""
    found: Any = declared(cls, "__gt__")
    if found is object.__dict__["__gt__"] or is_generated(found):
        return True
    if DEFINITIONS.get(found) is not gt_from_lt:
        return False
    equal = _key(lowering, cls, "__eq__")
    return equal is not None and ast.dump(equal[0].node) == ast.dump(key[0].node)
