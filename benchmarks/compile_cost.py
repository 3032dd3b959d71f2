"""What compiling costs: a 30-statement function, and functions of up to 10,000 statements.

    python benchmarks/compile_cost.py

prints milliseconds of processor time for the whole way from source to function, and by stage,
the best of several runs. The functions are straight-line code with some branches
and calls.
"""

from __future__ import annotations

import gc
import importlib.util
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from sourcediff import grad
from sourcediff.backend.generate import generate
from sourcediff.backend.loader import load
from sourcediff.frontend import source
from sourcediff.frontend.lower import lower_function
from sourcediff.transform.pipeline import differentiate, optimise_derivative, optimise_primal
from sourcediff.types import REAL


def program(statements: int) -> str:
    """The text of a module with one function `f` of about that many statements."""
    lines = ["import math", "", "def helper(a, b):", "    return a * b + math.sin(a)", ""]
    lines += ["def f(x, y):", "    v0 = x", "    v1 = y"]
    for k in range(2, statements):
        a, b = f"v{k - 1}", f"v{k - 2}"
        match k % 10:
            case 3:
                lines += [f"    if {a} > {b}:", f"        v{k} = {a} * 0.5"]
                lines += ["    else:", f"        v{k} = {b} - {a}"]
            case 7:
                lines.append(f"    v{k} = helper({a}, {b})")
            case 9:
                lines.append(f"    v{k} = math.tanh({a} / (1 + {b} * {b}))")
            case _:
                lines.append(f"    v{k} = 0.3 * {a} * {b} + x - {a} / 7.0")
    lines.append(f"    return v{statements - 1}")
    return "\n".join(lines) + "\n"


def module_of(text: str, folder: Path, name: str) -> ModuleType:
    """Import a module from its text."""
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def milliseconds(action: Callable[[], Any], repeats: int) -> float:
    """The best time of several runs, in milliseconds."""
    best = float("inf")
    for _ in range(repeats):
        gc.collect()
        start = time.process_time()
        action()
        best = min(best, time.process_time() - start)
    return 1000 * best


def stages(f: Any) -> list[tuple[str, Callable[[], Any]]]:
    """The stages of compiling `f`, each on the result of the one before."""
    kinds = {"x": REAL, "y": REAL}
    lowered = lower_function(f, kinds)
    optimised = optimise_primal(lowered)
    inputs = [lowered.origin.bindings["x"]]
    derivative = differentiate(optimised, inputs, as_tuple=False, with_value=False)
    final = optimise_derivative(derivative)
    generated = generate(final, "grad_f")
    text = generated.source
    return [
        ("lower", lambda: lower_function(f, kinds)),
        ("optimise", lambda: optimise_primal(lowered)),
        (
            "differentiate",
            lambda: differentiate(optimised, inputs, as_tuple=False, with_value=False),
        ),
        ("simplify", lambda: optimise_derivative(derivative)),
        ("emit and print", lambda: generate(final, "grad_f")),
        ("load", lambda: load(text, "grad_f", {}, "benchmark")),
    ]


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'statements':>10} {'total ms':>9} {'us/statement':>13}")
        for count in (30, 100, 300, 1000, 3000, 10000):
            module = module_of(program(count), Path(folder), f"program_{count}")
            grad(module.f)  # fills the caches that every first use fills

            def whole(module: ModuleType = module) -> None:
                source._cache.clear()
                grad(module.f)

            total = milliseconds(whole, 7 if count <= 300 else 2)
            print(f"{count:10} {total:9.2f} {1000 * total / count:13.0f}")
        module = module_of(program(30), Path(folder), "program_stages")
        print("\nby stage, 30 statements:")
        for name, action in stages(module.f):
            print(f"  {name:16} {milliseconds(action, 7):7.2f} ms")


if __name__ == "__main__":
    main()
