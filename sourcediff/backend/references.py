"""What a function refers to outside of itself, and the names that it has inside."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from sourcediff.frontend.primitives import CALL, ISINSTANCE, LOAD, PURE_CALL, RECORDS
from sourcediff.frontend.values import Ref
from sourcediff.guards import GUARD, Context
from sourcediff.ir import INVOKE, TRY, Function, walk
from sourcediff.memory import MAKE_FUNCTION

__all__ = ["local_names", "references", "wanted_name"]


def references(function: Function) -> Iterator[Any]:
    """Paths to what a function refers to, it and those inside it; and the functions it calls."""
    for op in walk(function.body):
        primitive, attribute = op.primitive, op.attribute
        if primitive is LOAD:
            yield attribute
        elif primitive in (CALL, PURE_CALL):
            yield from [] if attribute.ref is None else [attribute.ref]
        elif primitive is RECORDS:
            yield from attribute.refs
        elif primitive is ISINSTANCE:
            yield from attribute[1]
        elif primitive is GUARD:
            yield from [attribute.ref] if isinstance(attribute, Context) else attribute.refs
        elif primitive is TRY:
            for handler in attribute.handlers:
                yield from handler.refs
            if attribute.suppress is not None:
                yield attribute.suppress
        elif primitive is INVOKE:
            if attribute.how == "function":
                yield attribute.function
            elif attribute.how in ("class", "super") and attribute.ref is not None:
                yield attribute.ref
            for _, given in attribute.written or ():
                if isinstance(given, Ref):
                    yield given
        elif primitive is MAKE_FUNCTION:
            yield from references(attribute)


def wanted_name(ref: Any) -> str:
    """The name that a reference begins with, if nothing else has it."""
    if isinstance(ref, Function):
        return ref.name
    assert isinstance(ref, Ref)
    return ref.names[0] if ref.names else ""


def local_names(function: Function) -> Iterator[str]:
    """The names of the parameters and variables of a function and of those inside it."""
    yield from (p.name for p in function.parameters if p.name)
    node = getattr(getattr(function.origin, "source", None), "node", None)
    if node is not None:
        yield from (n.arg for n in ast.walk(node.args) if isinstance(n, ast.arg))
    yield from (v.name for v in function.variables)
    for op in walk(function.body):
        if op.primitive is MAKE_FUNCTION:
            yield from local_names(op.attribute)
