"""Derivatives of whole programs held against differences, to order two.

The first derivative is held against differences of Python's own function, the second against
differences of the first, both at every point at which the corpus says that the program is smooth.
"""

import contextlib
import inspect
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.interpret import run
from sourcediff.ir import Function
from sourcediff.primal import lower_for
from sourcediff.transform.whole import gradient
from sourcediff.transform.whole.normal import normal_form
from sourcediff.verify import verify
from tests.corpus.whole.registry import Case, WholeProgram
from tests.corpus.whole.trees import leaves, replaced, snapshot
from tests.differences import Estimate, difference
from tests.directional import directional
from tests.plain_python import compiled

#: How far a derivative may be from the differences, as a share of itself and as such.
RELATIVE, ABSOLUTE = 1e-6, 1e-8
#: Numbers of an argument in which the second derivative is looked at.
LEAVES = 12

#: Points at which a program takes a path that no other point beside it takes: the loop stops
#: because something vanishes there exactly. The derivative is that of the path, from this order on.
ISOLATED = {"newton_sqrt-points-1": 1, "conjugate_gradient-points-1": 2}
#: Points at which the derivative raises: a square root of an exact zero that no input reaches. What
#: varies is followed by attribute, not by object, so the derivative of the root is asked for.
RAISING = {"charged_particle-points-1": ZeroDivisionError}


@dataclass(frozen=True)
class Derivative:
    """A function of numbers in a structure, and its gradient as the compiler has it."""

    value: Callable[..., Any]
    gradient: Callable[..., Any]
    form: Function


def examples(program: WholeProgram) -> list[tuple[Any, ...]]:
    return [case.args() for case in program.cases()]


def bound(case: Case) -> list[Any]:
    """The arguments of a case with those that it leaves out, made anew."""
    full = inspect.signature(case.program.function).bind(*case.args())
    full.apply_defaults()
    return list(full.arguments.values())


def lowered(program: WholeProgram) -> Function:
    """The program in the IR, its result made one number.

    Raises:
        DifferentiationError: the front end refuses it.
    """
    function = verify(lower_for(program.function, *examples(program)))
    return function if program.scalar or function.returns is types.NEVER else directional(function)


def derivatives(function: Function, argnums: tuple[int, ...], orders: int = 2) -> list[Derivative]:
    """The derivatives of a function up to an order, each the gradient of the one before."""
    found = []
    for _ in range(orders):
        form = verify(gradient(function, argnums, as_tuple=True))
        found.append(Derivative(compiled(normal_form(function)), compiled(form), form))
        function = directional(form)
        verify(function)
    return found


def at(tree: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        tree = tree[key] if hasattr(tree, "__getitem__") else getattr(tree, key)
    return tree


def silently(function: Callable[..., Any], *args: Any) -> Any:
    with contextlib.redirect_stdout(io.StringIO()):
        return function(*args)


def agrees(found: float, expected: Estimate) -> bool:
    allowed = max(4 * expected.error, RELATIVE * abs(expected.value) + ABSOLUTE)
    return abs(found - expected.value) <= allowed


def mismatch(
    derivative: Derivative, case: Case, argnums: tuple[int, ...], limit: int | None = None
) -> str | None:
    """What is wrong with a derivative at a case, or None."""
    args = bound(case)
    before = snapshot(args)
    found = silently(derivative.gradient, *args)
    if snapshot(args) != before:
        return "the arguments were changed"
    for place, argnum in enumerate(argnums):
        for path, value in list(leaves(bound(case)[argnum]))[:limit]:

            def along(x: float, argnum: int = argnum, path: tuple[Any, ...] = path) -> float:
                moved = bound(case)
                moved[argnum] = replaced(moved[argnum], path, x)
                return float(silently(derivative.value, *moved))

            expected = difference(along, (value,), 0)
            here = at(found[place], path)
            if expected is not None and not agrees(here, expected):
                return f"{case.id} in {argnum}{list(path)}: {here!r}, differences: {expected}"
    return None


def is_exempt(case: Case, order: int) -> bool:
    """Whether the derivative of an order is not that of the differences at a case."""
    name = case.id.partition(".")[2]
    return order >= ISOLATED.get(name, 3) or name in RAISING


def verdict(program: WholeProgram, orders: int = 2) -> tuple[str, str]:
    """What became of a program: a word, and what there is to say about it."""
    try:
        function = lowered(program)
    except DifferentiationError as reason:
        return "not lowered", str(reason)
    except AssertionError as reason:
        return "ill-formed", str(reason).splitlines()[0]
    try:
        found = derivatives(function, program.argnums, orders)
    except DifferentiationError as reason:
        return "refused", str(reason)
    for order, derivative in enumerate(found, start=1):
        for case in program.cases("points"):
            if not is_exempt(case, order):
                wrong = mismatch(derivative, case, program.argnums, None if order == 1 else LEAVES)
                if wrong is not None:
                    return "wrong", f"order {order}: {wrong}"
    return "exact", ""


def interpreted(derivative: Derivative, case: Case) -> Any:
    """The gradient by the interpreter of the IR."""
    return silently(run, derivative.form, *bound(case))
