"""The text of gradients of functions of arrays, held in `tests/golden_arrays`.

``pytest tests/test_golden_arrays.py --update-golden`` writes the files anew.
"""

from __future__ import annotations

import ast
import copy
from pathlib import Path

import numpy as np
import pytest

from sourcediff import grad
from tests.array_functions import CASES
from tests.test_arrays import difference

FOLDER = Path(__file__).parent / "golden_arrays"
MAX_LINE = 110

each_case = pytest.mark.parametrize("name", CASES)


def text_of(name):
    return (FOLDER / f"{name}.py").read_text(encoding="utf-8")


def derivative_of(name):
    case = CASES[name]
    return grad(case.function, argnums=case.argnums)


@each_case
def test_golden(name, update_golden):
    derivative = derivative_of(name)
    derivative(*CASES[name].args)
    if update_golden:
        (FOLDER / f"{name}.py").write_text(derivative.source, encoding="utf-8")
    assert text_of(name) == derivative.source


def test_no_golden_file_is_left_over():
    assert {path.stem for path in FOLDER.iterdir() if path.is_file()} == set(CASES)


@each_case
def test_the_text_stands_alone_and_is_right(name):
    text, case = text_of(name), CASES[name]
    assert "sourcediff" not in text and "class " not in text
    namespace = {}
    exec(compile(text, name, "exec"), namespace)
    given = copy.deepcopy(case.args)
    found = namespace[f"grad_{name}"](*given)
    for one, other in zip(given, case.args, strict=True):
        np.testing.assert_array_equal(one, other)
    places = [case.function.__code__.co_varnames.index(n) for n in case.argnums]
    for place, part in zip(places, found, strict=True):
        expected = difference(case.function, case.args, place, 1e-6)
        np.testing.assert_allclose(part, expected, rtol=2e-6, atol=2e-7)


@each_case
def test_lines_are_short(name):
    assert all(len(line) <= MAX_LINE for line in text_of(name).splitlines())


@each_case
def test_an_adjoint_is_added_to_in_place(name):
    written = []
    for node in ast.walk(ast.parse(text_of(name))):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
            target = ast.unparse(node.targets[0])
            if target.endswith("_bar") and target == ast.unparse(node.value.left):
                written.append(target)
    # A number that becomes an array cannot be.
    assert written == (["logs_bar"] if name == "mixture" else [])


def test_nothing_as_large_as_an_array_is_made_for_an_element():
    """The loops of the reverse of a sweep by elements call nothing."""
    (function,) = [
        n for n in ast.parse(text_of("gauss_seidel")).body if isinstance(n, ast.FunctionDef)
    ]
    loops = [n for n in ast.walk(function) if isinstance(n, ast.For)]
    inner = [n for n in loops if not any(isinstance(m, ast.For) for m in ast.walk(n) if m is not n)]
    assert len(inner) == 2
    for loop in inner:
        assert not any(
            isinstance(n, ast.Call) for statement in loop.body for n in ast.walk(statement)
        )
