"""What is in a program, so that a table can say how often each construct was tried."""

import ast
from collections.abc import Iterator

LOOPS = (ast.For, ast.While)
VIEWS = ("T", "reshape", "ravel", "asarray", "squeeze", "swapaxes", "flip")
#: What several indices are named after.
RAREST = ("new axis", "ellipsis", "mask", "places", "slice by a step", "slice", "item")


def constructs(text: str) -> set[str]:
    """The constructs of a program, by the names under which they are counted.

    >>> sorted(constructs("def f(x):\\n    y = x[1:]\\n    y[0] += 2.0\\n    return y"))
    ['alias: slice', 'read: slice', 'write: item op=']
    """
    tree = ast.parse(text)
    return {found for node in ast.walk(tree) for found in _of(node)}


def _of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.For):
        yield "loop over a range" if "range(" in ast.unparse(node.iter) else "loop over rows"
    elif isinstance(node, ast.While):
        yield "while"
    elif isinstance(node, ast.If):
        yield "branch"
    elif isinstance(node, ast.Break | ast.Continue):
        yield type(node).__name__.lower()
    elif isinstance(node, ast.Assign | ast.AugAssign):
        yield from _assignment(node)
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield f"read: {_index(node.slice)}"
    elif isinstance(node, ast.MatMult):
        yield "matmul"
    elif isinstance(node, ast.Attribute) and node.attr in VIEWS:
        yield f"read: {node.attr}"
    elif isinstance(node, ast.List | ast.Tuple) and isinstance(node.ctx, ast.Load):
        if not all(isinstance(item, ast.Constant) for item in node.elts):
            yield f"display of a {type(node).__name__.lower()}"
    elif isinstance(node, ast.Call):
        name = ast.unparse(node.func).rpartition(".")[2]
        if any(k.arg == "out" for k in node.keywords):
            yield "write: out="
        elif name in ("at", "fill"):
            yield f"write: {name}"
        elif name.startswith("h") and name[1:].isdigit():
            yield "call of a helper"
        elif name in ("where", "stack", "concatenate", "append", "take", "sum", "max", "mean"):
            yield f"call of {name}"


def _assignment(node: ast.Assign | ast.AugAssign) -> Iterator[str]:
    target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
    sign = "=" if isinstance(node, ast.Assign) else "op="
    if isinstance(target, ast.Subscript):
        of = " of .T" if isinstance(target.value, ast.Attribute) else ""
        yield f"write: {_index(target.slice)}{of} {sign}"
    elif isinstance(target, ast.Tuple):
        yield "swap" if isinstance(target.elts[0], ast.Subscript) else "unpacking"
    elif isinstance(node, ast.AugAssign):
        yield "write: whole op="
    elif isinstance(node.value, ast.Name):
        yield "alias: name"
    elif isinstance(node.value, ast.Subscript):
        yield f"alias: {_index(node.value.slice)}"
    elif ast.unparse(node.value).endswith((".T", ".ravel()", ".reshape(-1)")):
        yield "alias: view"


def _index(node: ast.expr) -> str:
    """The kind of an index."""
    if isinstance(node, ast.Tuple):
        kinds = {_index(item) for item in node.elts}
        return f"several, {next(kind for kind in RAREST if kind in kinds)}"
    if isinstance(node, ast.Slice):
        return "slice by a step" if node.step is not None else "slice"
    if isinstance(node, ast.Compare):
        return "mask"
    if isinstance(node, ast.List) or (
        isinstance(node, ast.Call) and "array" in ast.dump(node.func)
    ):
        return "places"
    if isinstance(node, ast.Constant) and node.value in (None, ...):
        return "new axis" if node.value is None else "ellipsis"
    return "new axis" if isinstance(node, ast.Attribute) else "item"
