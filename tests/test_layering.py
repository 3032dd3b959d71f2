"""Dependencies run one way, and importing sourcediff costs next to nothing.

The package is a stack of layers.  A module may import its own layer and those below it.
Every import counts, also one inside a function or under ``TYPE_CHECKING``: an import that is
put off is a dependency all the same.  The few that must be put off are listed.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import sourcediff

PACKAGE = Path(sourcediff.__file__).parent

# Top to bottom, one layer a line.  A name is that of a module or of a folder of sourcediff;
# "sourcediff" itself stands for the public names in sourcediff/__init__.py.
LAYERS = [
    ["__main__"],
    ["cli"],
    ["check", "highlight", "userfile"],
    ["sourcediff"],
    ["calculus"],
    ["api"],
    ["derive", "explain", "modes"],
    ["pending"],
    ["specialise", "entry", "direct", "whole_road"],
    ["specialisation", "assumed", "fractions_lost", "passing"],
    ["annotated", "wrapped", "wrt"],
    ["general", "primal"],
    ["kinds", "distinct", "reals"],
    ["joined_kinds"],
    ["backend"],
    ["transform"],
    ["frontend"],
    ["rules"],
    ["interpret", "verify"],
    ["operations"],
    ["machine", "flow"],
    ["heap", "memory", "called", "guards"],
    ["snapshot", "ir"],
    ["types", "numbers_held"],
    ["errors", "compiling", "checkpoint"],
]

# Stand beside the stack: they import nothing of sourcediff, and only these import them.
APART = {"tape": {"cli", "check"}, "tape_lift": {"tape"}}

# The public names come from here and from nowhere else.
PUBLIC_NAMES_COME_FROM = {"api", "calculus", "checkpoint", "errors", "rules"}

# (importer, imported): upward imports that are allowed inside of a function.
PUT_OFF = {
    ("rules", "frontend"),  # a pullback that is written in Python is lowered when first used
}

DEPTH = {name: depth for depth, layer in enumerate(LAYERS) for name in layer}


class Dependency(NamedTuple):
    importer: str
    imported: str
    where: str
    in_function: bool


def layer_of(module: str) -> str:
    """Returns the layer's name of a dotted module name: sourcediff.rules.math is of rules."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "sourcediff"


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_module(name: str) -> bool:
    place = PACKAGE.parent.joinpath(*name.split("."))
    return place.is_dir() or place.with_suffix(".py").is_file()


def imported_modules(node: ast.Import | ast.ImportFrom, package: str) -> list[str]:
    """Returns the dotted names of the modules that the statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        parents = package.split(".")
        above = parents[: len(parents) - node.level + 1]
        base = ".".join([*above, base] if base else above)
    # "from sourcediff import ir" imports a module, "from sourcediff.ir import Value" a name.
    names = [f"{base}.{alias.name}" for alias in node.names]
    return [name if is_module(name) else base for name in names]


def imports_of(tree: ast.AST, in_function: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node, in_function
        else:
            inner = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            yield from imports_of(node, in_function or inner)


def dependencies() -> list[Dependency]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        module = module_name(path)
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        for node, in_function in imports_of(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{path.relative_to(PACKAGE.parent)}:{node.lineno}"
            found += [
                Dependency(layer_of(module), layer_of(imported), where, in_function)
                for imported in imported_modules(node, package)
                if imported.partition(".")[0] == "sourcediff"
            ]
    return found


def is_downward(dependency: Dependency) -> bool:
    importer, imported, _, in_function = dependency
    if importer == imported:
        return True
    if imported in APART:
        return importer in APART[imported]
    if importer in APART:
        return False
    if in_function and (importer, imported) in PUT_OFF:
        return True
    if importer == "sourcediff":
        return imported in PUBLIC_NAMES_COME_FROM
    return DEPTH[importer] <= DEPTH[imported]


def test_every_module_has_a_layer():
    modules = {layer_of(module_name(path)) for path in PACKAGE.rglob("*.py")}
    assert modules - DEPTH.keys() - APART.keys() == set(), "name them in LAYERS"


def test_dependencies_run_one_way():
    upward = [
        f"{dependency.where}: {dependency.importer} imports {dependency.imported}"
        for dependency in dependencies()
        if not is_downward(dependency)
    ]
    assert upward == []


def test_the_parser_of_imports_finds_them():
    # A layering test that overlooks imports would pass for ever.
    found = {(dependency.importer, dependency.imported) for dependency in dependencies()}
    assert ("sourcediff", "api") in found
    assert ("cli", "api") in found or ("cli", "sourcediff") in found
    assert len(found) >= 10


@pytest.mark.parametrize(
    ("statement", "package", "expected"),
    [
        ("import math", "sourcediff", ["math"]),
        ("import sourcediff.ir as ir", "sourcediff", ["sourcediff.ir"]),
        ("from sourcediff import ir, grad", "sourcediff", ["sourcediff.ir", "sourcediff"]),
        ("from sourcediff.ir import Value", "sourcediff.rules", ["sourcediff.ir"]),
        ("from . import ir", "sourcediff", ["sourcediff.ir"]),
        ("from .ir import Value", "sourcediff", ["sourcediff.ir"]),
        ("from ..ir import Value", "sourcediff.rules", ["sourcediff.ir"]),
        ("from .. import ir", "sourcediff.rules", ["sourcediff.ir"]),
    ],
)
def test_imported_modules(statement, package, expected):
    assert imported_modules(ast.parse(statement).body[0], package) == expected


@pytest.mark.parametrize(
    ("importer", "imported", "in_function", "expected"),
    [
        ("api", "backend", False, True),
        ("backend", "api", False, False),
        ("backend", "api", True, False),
        ("frontend", "rules", False, True),
        ("rules", "frontend", False, False),
        ("rules", "frontend", True, True),
        ("sourcediff", "api", False, True),
        ("sourcediff", "ir", False, False),
        ("ir", "sourcediff", False, False),
        ("cli", "tape", False, True),
        ("check", "tape", False, True),
        ("api", "check", False, False),
        ("api", "tape", True, False),
        ("tape", "errors", False, False),
    ],
)
def test_is_downward(importer, imported, in_function, expected):
    assert is_downward(Dependency(importer, imported, "", in_function)) == expected


def test_import_brings_in_nothing_but_the_standard_library():
    program = (
        "import json, sys; before = set(sys.modules); import sourcediff; "
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )
    imported = json.loads(run.stdout)
    assert "sourcediff" in imported
    foreign = {module.partition(".")[0] for module in imported} - sys.stdlib_module_names
    # NumPy only with the arrays that bring it, astor only when a gradient is printed.
    assert foreign == {"sourcediff"}
    not_for_users = {"sourcediff.cli", "sourcediff.check", "sourcediff.tape", "argparse"}
    assert not_for_users.isdisjoint(imported)
