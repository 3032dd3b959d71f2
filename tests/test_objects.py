"""Gradients of functions that make objects and dicts, to order two."""

import copy
from pathlib import Path
from types import SimpleNamespace

import pytest

from sourcediff import DifferentiationError, grad, tape, value_and_grad
from tests import argument_functions, object_functions
from tests.object_functions import PROGRAMS, Account, Pair, Vec3

each_program = pytest.mark.parametrize(
    ("function", "args"), [pytest.param(f, a, id=f.__name__) for f, a in PROGRAMS]
)


def wrt(args):
    return tuple(k for k, arg in enumerate(args) if isinstance(arg, float))


def differences(function, args, step=1e-6):
    found = []
    for place in wrt(args):
        sides = []
        for sign in (1, -1):
            moved = list(args)
            moved[place] += sign * step
            sides.append(function(*moved))
        found.append((sides[0] - sides[1]) / (2 * step))
    return found


@each_program
def test_gradients_are_those_of_differences(function, args):
    value, gradient = value_and_grad(function, argnums=wrt(args))(*args)
    assert value == function(*args)
    assert list(gradient) == pytest.approx(differences(function, args), rel=1e-6, abs=1e-7)


@each_program
def test_gradients_are_those_of_the_tape(function, args):
    expected = tape.gradient(function, *args, argnums=wrt(args))
    assert list(grad(function, argnums=wrt(args))(*args)) == pytest.approx(list(expected))


SPELLED = {
    (1, 1): lambda g: lambda x: 0.5 * g(x)[0],
    (2, 1): lambda g: lambda x, y: 0.5 * g(x, y)[0],
    (3, 1): lambda g: lambda x, y, z: 0.5 * g(x, y, z)[0],
    (2, 2): lambda g: lambda x, y: 0.5 * g(x, y)[0] + 1.5 * g(x, y)[1],
    (3, 2): lambda g: lambda x, y, z: 0.5 * g(x, y, z)[0] + 1.5 * g(x, y, z)[1],
    (3, 3): lambda g: (
        lambda x, y, z: 0.5 * g(x, y, z)[0] + 1.5 * g(x, y, z)[1] + 2.5 * g(x, y, z)[2]
    ),
}


@each_program
def test_second_derivatives_are_those_of_differences(function, args):
    first = grad(function, argnums=wrt(args))
    along = SPELLED[len(args), len(wrt(args))](first)
    expected = differences(along, args, 1e-5)
    second = grad(along, argnums=wrt(args))(*args)
    assert list(second) == pytest.approx(expected, rel=1e-5, abs=1e-5)


def refused(function, *args):
    with pytest.raises(DifferentiationError) as caught:
        grad(function)(*args)
    message = str(caught.value)
    assert "internal error" not in message
    return message


# What paths cannot tell: objects are places in lists of what their class holds -----------------


def agrees(function, *args):
    """Hold the gradient, from text by hand, against differences."""
    found = grad(function, argnums=wrt(args))(*args)
    assert list(found) == pytest.approx(differences(function, args), rel=1e-6, abs=1e-7)


@pytest.mark.usefixtures("clean_road_only")
def test_a_write_through_one_of_two_objects():
    def f(x):
        p, q = Pair(x, 1.0), Pair(2.0, x)
        r = p if x > 0.0 else q
        r.left += 1.0
        return p.left * q.left * x

    agrees(f, 1.5)
    agrees(f, -1.5)


@pytest.mark.usefixtures("clean_road_only")
def test_a_write_to_what_another_name_may_mean():
    def f(x):
        p, q = Pair(x, 1.0), Pair(2.0, x)
        r = p if x > 0.0 else q
        p.left += 1.0
        return r.left * x

    agrees(f, 1.5)
    agrees(f, -1.5)


@pytest.mark.usefixtures("clean_road_only")
def test_a_write_to_what_another_name_meant_in_an_earlier_turn():
    def f(x, n):
        first = Pair(x, 1.0)
        p = first
        total = 0.0
        for _ in range(n):
            first.left += 1.0
            total += p.left
            p = Pair(p.left * x, 2.0)
        return total

    agrees(f, 1.5, 3)
    agrees(f, 1.5, 0)


def test_two_names_of_what_is_made_in_a_branch():
    def f(x):
        if x > 0.0:
            p = Pair(x, 1.0)
            q = p
        else:
            p = Pair(1.0, x)
            q = p
        p.left += x
        return q.left * p.left

    assert grad(f)(1.5) == pytest.approx(12.0)


@pytest.mark.usefixtures("clean_road_only")
def test_two_names_of_which_one_branch_makes_one_object():
    def f(x):
        if x > 0.0:
            p = Pair(x, 1.0)
            q = p
        else:
            p = Pair(1.0, x)
            q = Pair(2.0, x)
        p.left += x
        return q.left * p.left

    agrees(f, 1.5)
    agrees(f, -1.5)


@pytest.mark.usefixtures("clean_road_only")
def test_an_attribute_that_a_branch_sets_first_is_refused():
    def f(x):
        p = SimpleNamespace(a=x)
        if x > 0.0:
            p.b = x * x
        return p.a * p.b

    assert "on some paths only" in refused(f, 1.0)


@pytest.mark.usefixtures("clean_road_only")
def test_an_attribute_that_a_loop_sets_first_is_refused():
    def f(x, n):
        p = SimpleNamespace(a=x)
        for _ in range(n):
            p.b = x * x
        return p.a * p.b

    assert "on some paths only" in refused(f, 1.0, 2.0)


@pytest.mark.usefixtures("clean_road_only")
def test_an_attribute_of_the_class_that_a_loop_shadows_is_refused():
    def f(x, n):
        account = Account(x, 0.1)
        total = 0.0
        for _ in range(n):
            total += account.fee * x
            account.fee = x
        return total

    assert "on some paths only" in refused(f, 1.0, 2.0)


@pytest.mark.usefixtures("clean_road_only")
def test_a_key_that_a_branch_adds():
    def f(x):
        d = {"a": x}
        if x > 0.0:
            d["b"] = x
        return sum(d.values())

    assert grad(f)(1.0) == 2.0
    assert grad(f)(-1.0) == 1.0


@pytest.mark.usefixtures("clean_road_only")
def test_a_dict_that_grows_under_a_loop_is_refused():
    def f(x):
        d = {"a": x}
        for key in d:
            d["b"] = d[key]
        return d["b"]

    assert "other keys while a loop" in refused(f, 1.0)


@pytest.mark.usefixtures("clean_road_only")
def test_a_dict_that_changes_under_a_zip_is_refused():
    def f(x):
        d = {"a": x, "b": 1.0}
        total = 0.0
        for _, value in enumerate(d.values()):
            d["b"] = d["b"] + x
            total += value
        return total

    assert "a loop goes through it" in refused(f, 1.0)


def test_assignment_to_what_is_frozen_is_refused():
    def f(x):
        v = Vec3(x, 1.0)
        v.x = 2.0 * x
        return v.x

    assert "is frozen" in refused(f, 1.0)


@pytest.mark.usefixtures("clean_road_only")
def test_an_object_in_a_list_that_grows():
    def f(x):
        found = [Pair(x, 1.0)]
        found.append(Pair(x, 2.0))
        return found[1].left

    assert grad(f)(1.5) == 1.0


@pytest.mark.usefixtures("clean_road_only")
def test_a_deep_copy_of_a_list():
    def f(x):
        d = {"w": [x, 2.0]}
        e = copy.deepcopy(d)
        e["w"][0] = 1.0
        return d["w"][0] * e["w"][1]

    assert grad(f)(1.5) == 2.0


# As text ------------------------------------------------------------------------------------

FOLDER = Path(__file__).parent / "golden_objects"
GOLDEN = {
    "bank_account": object_functions.bank_account,
    "dict_of_numbers": object_functions.dict_of_numbers,
    "kalman_filter": argument_functions.kalman_filter,
    "linear": argument_functions.linear,
    "nested_records": argument_functions.nested_records,
    "physics_step": object_functions.physics_step,
    "pid_controller": object_functions.pid_controller,
}


def arguments_of(name):
    made = [args for f, args in PROGRAMS + argument_functions.PROGRAMS if f.__name__ == name][0]
    return made() if callable(made) else made


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name, update_golden):
    derivative = grad(GOLDEN[name])
    derivative(*arguments_of(name))
    path = FOLDER / f"{name}.py"
    if update_golden:
        path.write_text(derivative.source, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == derivative.source


def test_no_golden_file_is_left_over():
    assert {path.stem for path in FOLDER.iterdir() if path.is_file()} == set(GOLDEN)
