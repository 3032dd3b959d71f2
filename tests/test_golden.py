"""The text of generated derivatives, held in `tests/golden`.

``pytest tests/test_golden.py --update-golden`` writes the files anew; read the difference before
you keep it. What every text must be, whatever it says, is tested on the files below: plain
Python, nothing superfluous, no line too long.
"""

import ast
import difflib
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.golden_functions import CASES

FOLDER = Path(__file__).parent / "golden"
MAX_LINE = 100

each_case = pytest.mark.parametrize("name", CASES)


def path_of(name: str) -> Path:
    return FOLDER / f"{name}.py"


def text_of(name: str) -> str:
    return path_of(name).read_text(encoding="utf-8")


def tree_of(name: str) -> ast.Module:
    return ast.parse(text_of(name))


# The files ----------------------------------------------------------------------------------


@each_case
def test_golden(name: str, update_golden: bool) -> None:
    actual = CASES[name].source()
    path = path_of(name)
    if update_golden:
        FOLDER.mkdir(exist_ok=True)
        path.write_text(actual, encoding="utf-8")
    expected = path.read_text(encoding="utf-8") if path.exists() else ""
    if expected != actual:
        difference = difflib.unified_diff(
            expected.splitlines(),
            actual.splitlines(),
            f"golden/{path.name}",
            "what is generated now",
            lineterm="",
        )
        pytest.fail("\n".join([*difference, "", "pytest --update-golden accepts it"]), False)


def test_no_golden_file_is_left_over() -> None:
    assert {p.name for p in FOLDER.iterdir() if p.is_file()} == {f"{name}.py" for name in CASES}


# What every text is ---------------------------------------------------------------------------


@each_case
def test_it_parses_and_survives_a_round_trip(name: str) -> None:
    tree = tree_of(name)
    again = ast.parse(ast.unparse(tree))
    assert ast.dump(again) == ast.dump(tree)
    assert text_of(name).endswith("\n") and not text_of(name).endswith("\n\n")


@each_case
def test_it_is_plain_python(name: str) -> None:
    for node in ast.walk(tree_of(name)):
        assert not isinstance(node, ast.ClassDef | ast.Lambda | ast.Try | ast.With)
        if isinstance(node, ast.Import):
            assert {a.name for a in node.names} <= {"math"}
        if isinstance(node, ast.ImportFrom):
            assert node.module == "math"
    assert "import sourcediff" not in text_of(name)
    assert "from sourcediff" not in text_of(name)


@each_case
def test_no_line_is_too_long_or_ends_in_blanks(name: str) -> None:
    for line in text_of(name).splitlines():
        assert len(line) <= MAX_LINE
        assert line == line.rstrip()


@each_case
def test_nothing_is_multiplied_by_one_or_added_to_nothing(name: str) -> None:
    assert [ast.unparse(n) for n in neutral_operations(tree_of(name))] == []


@each_case
def test_no_statement_is_dead(name: str) -> None:
    assert dead_statements(text_of(name)) == []


@pytest.mark.skipif(importlib.util.find_spec("ruff") is None, reason="needs ruff")
def test_ruff_finds_nothing() -> None:
    # --isolated: the configuration of the project leaves these files out
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache"]
    done = subprocess.run(
        [*command, "--select", "F,E9", str(FOLDER)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


# The three of the gallery -------------------------------------------------------------------


def calls_of(name: str, function: str) -> int:
    return sum(
        isinstance(n, ast.Call) and ast.unparse(n.func) == function for n in ast.walk(tree_of(name))
    )


def test_sigmoid_is_what_an_expert_writes() -> None:
    tree = tree_of("sigmoid")
    assert calls_of("sigmoid", "math.exp") == 1
    assert not any(isinstance(n, ast.Pow) for n in ast.walk(tree))
    (returned,) = [n.value for n in ast.walk(tree) if isinstance(n, ast.Return)]
    assert returned is not None and ast.unparse(returned) == "y * (y * e)"


def test_rebind_computes_sine_and_cosine_once() -> None:
    assert calls_of("rebind", "math.sin") == 1
    assert calls_of("rebind", "math.cos") == 1
    assigned = [n.id for n in stores(tree_of("rebind"))]
    assert {"x_1", "x_2"} <= {*assigned}
    assert "x" not in assigned  # the user's first x is still there in the reverse sweep


def test_huber_tests_once() -> None:
    branches = [n for n in ast.walk(tree_of("huber")) if isinstance(n, ast.If | ast.IfExp)]
    assert len(branches) == 1
    assert calls_of("huber", "abs") <= 2


# The checkers -------------------------------------------------------------------------------


def stores(tree: ast.AST) -> Iterator[ast.Name]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node


def loads(tree: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def neutral_operations(tree: ast.AST) -> Iterator[ast.BinOp]:
    """``1 * x``, ``-1 * x``, ``x * 1.0``, ``x / 1``, ``x ** 1``, ``0 + x``, ``x - 0``."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.BinOp):
            continue
        sides = [number(node.right)]
        if isinstance(node.op, ast.Mult | ast.Add):
            sides.append(number(node.left))
        if isinstance(node.op, ast.Mult | ast.Div) and any(s in (1, -1) for s in sides):
            yield node
        if isinstance(node.op, ast.Pow) and 1 in sides:
            yield node
        if isinstance(node.op, ast.Add | ast.Sub) and 0 in sides:
            yield node


def number(node: ast.expr) -> float | None:
    """The number that an expression spells out."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = number(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    return None


def dead_statements(text: str) -> list[str]:
    """Assignments that nothing reads before the next one, and expressions without effect.

    A bare call is kept for the exception it may raise, where a comment ``# domain of`` says so,
    and for its effect, where it is a `print` of the user's.
    """
    tree = ast.parse(text)
    lines = text.splitlines()
    found = []
    body = [n for n in tree.body if not isinstance(n, ast.Import | ast.ImportFrom)]
    for statement in body:
        if isinstance(statement, ast.FunctionDef):
            found.extend(dead_in(statement))
        elif isinstance(statement, ast.Assign):
            names = {n.id for n in stores(statement)}
            if not names & loads(tree):
                found.append(ast.unparse(statement))
    imported = {
        a.asname or a.name
        for n in tree.body
        if isinstance(n, ast.Import | ast.ImportFrom)
        for a in n.names
    }
    found.extend(f"import {name}" for name in imported - loads(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Expr) or isinstance(node.value, ast.Constant):
            continue
        is_call = isinstance(node.value, ast.Call)
        said = under_domain_comment(lines, node.lineno)
        printed = is_call and ast.unparse(node.value).startswith("print(")
        if not is_call or not (said or printed):
            found.append(ast.unparse(node))
    return found


def under_domain_comment(lines: list[str], number: int) -> bool:
    """Whether the nearest comment above a line is ``# domain of``."""
    above = number - 2
    while above > 0 and not lines[above].lstrip().startswith(("#", "def ")):
        above -= 1
    return lines[above].lstrip().startswith("# domain of: ")


def dead_in(function: ast.FunctionDef) -> list[str]:
    """The dead assignments of a function: by liveness, or by name alone where it has a loop."""
    if any(isinstance(n, ast.For | ast.While) for n in ast.walk(function)):
        read = loads(function) | {"_"}
        return [n.id for n in stores(function) if n.id not in read]
    found: list[str] = []
    live_before(function.body, set(), found)
    return found


def live_before(statements: list[ast.stmt], live: set[str], found: list[str]) -> set[str]:
    """The variables read from here on, given those read after these statements."""
    live = set(live)
    for statement in reversed(statements):
        if isinstance(statement, ast.If):
            one = live_before(statement.body, live, found)
            other = live_before(statement.orelse, live, found)
            live = one | other | loads(statement.test)
            continue
        if isinstance(statement, ast.Return | ast.Raise):
            live = loads(statement)
            continue
        assert isinstance(statement, ast.Assign | ast.AugAssign | ast.Expr | ast.Assert)
        written = {n.id for n in stores(statement)}
        if written and not written & live:
            found.append(ast.unparse(statement))
        live = (live - written) | loads(statement)
        if isinstance(statement, ast.AugAssign):
            live |= written
    return live


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(x):\n    y = x\n    return x\n", ["y = x"]),
        ("def f(x):\n    y = x\n    y = 2 * x\n    return y\n", ["y = x"]),
        ("def f(x):\n    y = x\n    y += x\n    return x\n", ["y += x"]),
        ("def f(x):\n    if x:\n        y = x\n    else:\n        y = 2\n    return x\n", 2),
        ("def f(x):\n    y = x\n    if x:\n        y = 2\n    return y\n", []),
        ("def f(x):\n    exp(x)\n    return x\n", ["exp(x)"]),
        ("def f(x):\n    # domain of: return exp(x)\n    exp(x)\n    return x\n", []),
        ("def f(x):\n    # domain of: return exp(x)\n    x * x\n    return x\n", ["x * x"]),
        ("import math\n\ndef f(x):\n    return x\n", ["import math"]),
        ("k = 2.0\n\ndef f(x):\n    return x\n", ["k = 2.0"]),
        ("def f(x):\n    for _ in g(x):\n        y = x\n    return x\n", ["y"]),
    ],
)
def test_the_checker_of_dead_statements(text: str, expected: list[str] | int) -> None:
    found = dead_statements(text)
    assert (len(found) if isinstance(expected, int) else found) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.0 * x", 1),
        ("x * 1", 1),
        ("-1.0 * x", 1),
        ("x + 0.0", 1),
        ("x - 0", 1),
        ("x / 1.0", 1),
        ("x ** 1", 1),
        ("1 / x + (1 - x) * 2 + (0.0 - x)", 0),
        ("(-1.0) ** n", 0),
    ],
)
def test_the_checker_of_neutral_operations(text: str, expected: int) -> None:
    assert len(list(neutral_operations(ast.parse(text)))) == expected
