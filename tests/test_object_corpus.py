"""The corpus of lists, dicts and objects: every gradient against the tape and differences."""

import math
from functools import cache

import pytest

from sourcediff import DifferentiationError, grad, tape, value_and_grad, vjp
from tests.corpus.loops.registry import LoopProgram
from tests.corpus.objects.table import PROGRAMS
from tests.corpus.whole.trees import leaves, replaced, snapshot
from tests.differences import difference

#: Programs that `grad` refuses today, by what they ask for.
REFUSED: dict[str, tuple[str, ...]] = {
    "the distance of points of any dimension, in the general form": ("filters.k_means_step",),
    "a list of objects of several classes": ("classes.shapes_in_a_list",),
    "a heap": ("changes.heap",),
}
#: What stops the tape: a number of its own where the program needs a float.
STOPS = (TypeError, NotImplementedError, AttributeError)
#: Numbers of an argument that differences look at.
LEAVES = 5

every_program = pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)


@cache
def gradient_of(program: LoopProgram):
    """The gradient, compiled once for all tests."""
    return grad(program.function, argnums=program.argnums)


def taken(program: LoopProgram) -> None:
    """Skips a program that is listed as refused; fails for one that is refused and not listed."""
    try:
        gradient_of(program)(*program.args(0))
    except DifferentiationError as reason:
        if not any(program.name in names for names in REFUSED.values()) or "internal" in reason.msg:
            raise
        pytest.skip(str(reason.msg))


def unless_refused(compute):
    """What is computed; None where it is refused."""
    try:
        return compute()
    except DifferentiationError as reason:
        if "internal" in reason.msg:
            raise
        return None


def close(found: float, wanted: float, relative: float, absolute: float) -> bool:
    return math.isclose(found, wanted, rel_tol=relative, abs_tol=absolute)


def same(found: object, wanted: object, scale: float = 1.0) -> None:
    """Two gradients have the same numbers at the same places."""
    one, other = dict(leaves(found)), dict(leaves(wanted))
    assert one.keys() == other.keys()
    for path in one:
        assert close(one[path], other[path], 1e-10, 1e-12 * scale), path


def test_the_corpus_is_large_and_its_names_are_unique():
    names = [program.name for program in PROGRAMS]
    assert len(names) == len(set(names)) >= 110
    refused = [name for listed in REFUSED.values() for name in listed]
    assert len(refused) == len(set(refused)) <= 5
    assert set(refused) <= set(names)


@every_program
def test_the_gradient_is_that_of_the_tape_and_of_differences(program):
    taken(program)
    for number in range(len(program.points)):
        args = program.args(number)
        gradient = gradient_of(program)(*args)
        found = dict(leaves(gradient))
        assert snapshot(args) == snapshot(program.args(number)), "the arguments were changed"
        scale = max(map(abs, found.values()), default=0.0) or 1.0
        try:
            reference = tape.gradient(
                program.function, *program.args(number), argnums=program.argnums
            )
        except STOPS:
            reference = ()
        for path, wanted in leaves(reference):
            assert close(found[path], wanted, 1e-9, 1e-12 * scale), (path, "tape")
        judged = bool(reference)
        for place, argnum in enumerate(program.argnums):
            for path, here in list(leaves(args[argnum]))[:LEAVES]:

                def along(x, argnum=argnum, path=path, number=number):
                    return program.function(*replaced(program.args(number), (argnum, *path), x))

                estimate = difference(along, (here,), 0)
                if estimate is None:
                    continue
                allowed = max(4 * estimate.error, 1e-6 * abs(estimate.value), 1e-8 * scale)
                assert abs(found[place, *path] - estimate.value) <= allowed, (path, estimate)
                judged = True
        assert judged or not found, "nothing has judged the gradient"


@every_program
def test_the_gradient_has_the_structure_of_the_arguments(program):
    taken(program)
    args = program.args(0)
    for argnum, part in zip(program.argnums, gradient_of(program)(*args), strict=True):
        assert type(part) is type(args[argnum])
        inside = {path for path, _ in leaves(part)}
        assert {path for path, _ in leaves(args[argnum])} <= inside


@every_program
def test_the_value_and_the_pullback_agree_with_the_gradient(program):
    taken(program)
    both = value_and_grad(program.function, argnums=program.argnums)
    for number in range(len(program.points)):
        args = program.args(number)
        gradient = gradient_of(program)(*args)
        value, beside = both(*args)
        assert snapshot(args) == snapshot(program.args(number))
        assert snapshot(value) == snapshot(program.function(*program.args(number)))
        same(beside, gradient)
        pair = unless_refused(lambda args=args: vjp(program.function, *args))
        if pair is None:
            continue
        value, pullback = pair
        assert snapshot(value) == snapshot(program.function(*program.args(number)))
        for _ in range(2):
            bars = pullback(1.0)
            for argnum, wanted in zip(program.argnums, gradient, strict=True):
                same(bars[argnum], wanted)
        assert snapshot(args) == snapshot(program.args(number))


@every_program
def test_the_second_order_is_the_difference_of_the_first(program):
    taken(program)
    point = program.points[0]
    argnum = next((a for a in program.argnums if type(point[a]) is float), None)
    if argnum is None:
        pytest.skip("no argument is a number")
    slope = grad(program.function, argnums=argnum)
    found = unless_refused(lambda: grad(slope, argnums=argnum)(*program.args(0)))
    if found is None:
        pytest.skip("refused in this order")

    def along(x):
        return slope(*replaced(program.args(0), (argnum,), x))

    estimate = difference(along, (point[argnum],), 0)
    if estimate is not None:
        allowed = max(4 * estimate.error, 1e-6 * abs(estimate.value), 1e-8)
        assert abs(found - estimate.value) <= allowed, estimate
