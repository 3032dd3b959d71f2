"""Deliberately wrong compilers, to test that the programs and the comparison catch them.

A mutant takes the place of a compiler with one defect: it runs the program's own functions after
an edit of their syntax tree, such as a dropped ``break``, or a copy where there should be a
second name for the same list.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from typing import Any

from tests.language.compare import Engine

# An edit changes the tree in place when it is called.
Edit = Callable[[], object]
Mutation = Callable[[ast.Module], Iterator[Edit]]
# What a mutant cannot share with the program: its functions are others.
NOT_MUTATED = frozenset({"global name changed by a function", "default argument that is a list"})


class NotMutated(Exception):
    """There is nothing to mutate."""


def _functions(tree: ast.Module) -> Iterator[ast.AST]:
    """Yields the nodes of the functions; classes are those of the program."""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) and not statement.name.startswith("arguments_"):
            yield from ast.walk(statement)


def _blocks(tree: ast.Module) -> Iterator[list[ast.stmt]]:
    for node in _functions(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield block


def dropped(matches: Callable[[ast.stmt], bool]) -> Mutation:
    """Returns the mutation that leaves out statements."""

    def edits(tree: ast.Module) -> Iterator[Edit]:
        for block in _blocks(tree):
            for place, statement in enumerate(block):
                if matches(statement):
                    yield lambda b=block, p=place: b.__setitem__(p, ast.Pass())

    return edits


def replaced(change: Callable[[ast.AST], Edit | None]) -> Mutation:
    """Returns the mutation that changes nodes; ``change`` gives None where nothing applies."""

    def edits(tree: ast.Module) -> Iterator[Edit]:
        for node in _functions(tree):
            edit = change(node)
            if edit is not None:
                yield edit

    return edits


def _is_mutation(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        return isinstance(statement.value.func, ast.Attribute)
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AugAssign):
        targets = [statement.target]
    return any(isinstance(target, ast.Subscript | ast.Attribute) for target in targets)


def _copied(node: ast.expr) -> ast.expr:
    call = ast.parse("__import__('copy').copy(x)", mode="eval").body
    assert isinstance(call, ast.Call)
    call.args = [node]
    return call


def copied_alias(node: ast.AST) -> Edit | None:
    """``ys = xs`` becomes ``ys = copy(xs)``."""
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return None
    if not isinstance(node.value, ast.Name | ast.Subscript | ast.Attribute):
        return None
    return lambda: setattr(node, "value", _copied(node.value))


def copied_items(node: ast.AST) -> Edit | None:
    """``for p in ps`` runs over copies of the objects."""
    if not isinstance(node, ast.For) or not isinstance(node.target, ast.Name):
        return None
    copies = ast.parse("map(__import__('copy').copy, x)", mode="eval").body
    assert isinstance(copies, ast.Call)
    copies.args[1] = node.iter
    return lambda: setattr(node, "iter", copies)


def copied_arguments(node: ast.AST) -> Edit | None:
    """Helpers get copies of what is passed by name."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return None
    names = [argument for argument in node.args if isinstance(argument, ast.Name)]
    if not names:
        return None
    arguments = [_copied(a) if a in names else a for a in node.args]
    return lambda: setattr(node, "args", arguments)


def iterated_copy(node: ast.AST) -> Edit | None:
    """``for x in xs`` runs over the list as it was at the start."""
    if not isinstance(node, ast.For) or not isinstance(node.iter, ast.Name):
        return None
    return lambda: setattr(node, "iter", _copied(node.iter))


def swapped_arms(node: ast.AST) -> Edit | None:
    if not isinstance(node, ast.If) or not node.orelse:
        return None
    return lambda: node.__dict__.update(body=node.orelse, orelse=node.body)


def no_filter(node: ast.AST) -> Edit | None:
    if not isinstance(node, ast.comprehension) or not node.ifs:
        return None
    return lambda: node.ifs.clear()


def no_loop_else(node: ast.AST) -> Edit | None:
    if not isinstance(node, ast.For | ast.While) or not node.orelse:
        return None
    return lambda: node.orelse.clear()


def no_try_else(node: ast.AST) -> Edit | None:
    if not isinstance(node, ast.Try) or not node.orelse:
        return None
    return lambda: node.orelse.clear()


def caught_nothing(node: ast.AST) -> Edit | None:
    """Handlers do nothing."""
    if not isinstance(node, ast.ExceptHandler):
        return None
    return lambda: setattr(node, "body", [ast.Pass()])


def _block(statements: list[ast.stmt]) -> ast.If:
    """Returns one statement that stands for several."""
    return ast.If(ast.Constant(True), statements, [])


def _become(node: ast.AST, other: ast.AST) -> None:
    """Puts another node in the place of this one."""
    node.__class__ = other.__class__  # type: ignore[assignment]
    node.__dict__ = other.__dict__


def new_object_in_place(node: ast.AST) -> Edit | None:
    """``xs += ys`` makes a new list, so that no other name for the old one sees it."""
    if not isinstance(node, ast.AugAssign) or not isinstance(node.target, ast.Name):
        return None
    name = node.target.id
    copied = ast.parse(f"{name} = list({name}) if isinstance({name}, list) else {name}").body
    return lambda: _become(node, _block([*copied, copy.copy(node)]))


def sequential_swap(node: ast.AST) -> Edit | None:
    """``a, b = b, a`` becomes ``a = b; b = a``."""
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Tuple):
        return None
    left, right = node.targets[0], node.value
    if not isinstance(right, ast.Tuple) or len(right.elts) != len(left.elts):
        return None
    if any(isinstance(e, ast.Starred) for e in (*left.elts, *right.elts)):
        return None
    pairs = zip(left.elts, right.elts, strict=True)
    body: list[ast.stmt] = [ast.Assign([a], b) for a, b in pairs]
    return lambda: _become(node, _block(body))


def reassociated(node: ast.AST) -> Edit | None:
    """``a + b + c`` becomes ``a + (b + c)``, which differs in the last bit."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)):
        return None
    inner = node.left
    if not (isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Add)):
        return None
    outer = ast.BinOp(inner.right, ast.Add(), node.right)
    return lambda: node.__dict__.update(left=inner.left, right=outer)


MUTATIONS: dict[str, Mutation] = {
    "break dropped": dropped(lambda s: isinstance(s, ast.Break)),
    "continue dropped": dropped(lambda s: isinstance(s, ast.Continue)),
    "return in a block dropped": dropped(lambda s: isinstance(s, ast.Return)),
    "raise dropped": dropped(lambda s: isinstance(s, ast.Raise)),
    "print dropped": dropped(lambda s: ast.unparse(s).startswith("print(")),
    "write dropped": dropped(_is_mutation),
    "arms swapped": replaced(swapped_arms),
    "alias copied": replaced(copied_alias),
    "items copied": replaced(copied_items),
    "arguments copied": replaced(copied_arguments),
    "list copied before iteration": replaced(iterated_copy),
    "filter dropped": replaced(no_filter),
    "loop else dropped": replaced(no_loop_else),
    "try else dropped": replaced(no_try_else),
    "handler dropped": replaced(caught_nothing),
    "in-place operator makes a new list": replaced(new_object_in_place),
    "swap in sequence": replaced(sequential_swap),
    "sum re-associated": replaced(reassociated),
}


def count(source: str, mutation: Mutation) -> int:
    """Returns in how many places a program can be mutated."""
    return sum(1 for _ in mutation(ast.parse(source)))


def mutated(source: str, mutation: Mutation, place: int | None = None) -> str:
    """Returns the text after the mutation of one place, or of all of them.

    >>> print(mutated("def f(a):\\n    while a:\\n        break", MUTATIONS["break dropped"]))
    def f(a):
        while a:
            pass
    """
    tree = ast.parse(source)
    edits = list(mutation(tree))
    for edit in edits if place is None else edits[place : place + 1]:
        edit()
    return ast.unparse(ast.fix_missing_locations(tree))


def mutant(source: str, mutation: Mutation, place: int | None = None) -> Engine | None:
    """Returns an engine that runs the mutated functions, None where there is nothing to mutate."""
    if not count(source, mutation):
        return None
    tree = ast.parse(mutated(source, mutation, place))
    tree.body = [s for s in tree.body if isinstance(s, ast.FunctionDef)]
    code = compile(tree, "<mutant>", "exec")

    def compiled(function: Callable[..., Any], args: tuple[Any, ...]) -> dict[str, Any]:
        # Its own functions, in a copy of the module: classes and lists are those of the program.
        namespace = dict(function.__globals__)
        exec(code, namespace)
        return {"mutant": namespace[function.__name__]}

    return Engine(compiled, NotMutated)


HONEST = Engine(lambda function, args: {"plain": function}, NotMutated)
