"""What is in a program, so that a table can say how often each construct was tried."""

import ast
from collections.abc import Iterator

LOOPS = (ast.For, ast.While)
NAMED = {
    ast.Break: "break",
    ast.Continue: "continue",
    ast.While: "while",
    ast.Match: "match",
    ast.NamedExpr: "walrus",
    ast.IfExp: "conditional expression",
    ast.GeneratorExp: "generator expression",
    ast.Nonlocal: "nonlocal",
    ast.AugAssign: "augmented assignment",
}
CALLED = ("zip", "enumerate", "reversed", "range", "max", "min", "sum", "abs")


def constructs(text: str) -> set[str]:
    """The constructs of a program, by the names under which they are counted.

    >>> sorted(constructs("def f(x):\\n    for i in range(3):\\n        x = x * i\\n    return x"))
    ['call of range', 'for', 'name bound anew in a loop']
    """
    tree = ast.parse(text)
    found = set(_of(tree, (), set()))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            called = {n.func.id for n in ast.walk(function) if _calls(n)}  # type: ignore[attr-defined]
            found |= {"recursion"} if function.name in called else set()
    return found


def _calls(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


def _of(node: ast.AST, around: tuple[ast.AST, ...], helpers: set[str]) -> Iterator[str]:
    loops = [outer for outer in around if isinstance(outer, LOOPS)]
    if type(node) in NAMED:
        yield NAMED[type(node)]
    if isinstance(node, LOOPS):
        yield "for" if isinstance(node, ast.For) else "while"
        if loops:
            yield f"loop in {min(len(loops), 3)} loop{'s' * (len(loops) > 1)}"
        if node.orelse:
            yield "else of a loop"
        if isinstance(node, ast.While) and isinstance(node.test, ast.Constant):
            yield "while True"
    elif isinstance(node, ast.If):
        if any(isinstance(outer, ast.If) for outer in around):
            yield "branch in a branch"
        if loops:
            yield "branch in a loop"
    elif isinstance(node, ast.Return) and around and isinstance(around[-1], (*LOOPS, ast.If)):
        yield "return from a loop" if loops else "early return"
    elif isinstance(node, ast.FunctionDef) and around:
        yield "closure"
    elif isinstance(node, ast.Compare) and len(node.ops) > 1:
        yield "chained comparison"
    elif isinstance(node, ast.Subscript):
        nested = isinstance(node.value, ast.Subscript)
        part = isinstance(node.slice, ast.Slice)
        yield "slice" if part else "item of a row" if nested else "item of a list"
    elif isinstance(node, ast.Assign):
        if isinstance(node.targets[0], ast.Tuple):
            yield "names swapped"
        elif loops:
            yield "name bound anew in a loop"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield f"call of {node.func.id}" if node.func.id in CALLED else "call of a helper"
    inner = (*around, node) if isinstance(node, ast.stmt) else around
    if isinstance(node, ast.FunctionDef):
        inner = (node,)
    for child in ast.iter_child_nodes(node):
        yield from _of(child, inner, helpers)
