"""Gradients with respect to objects and dicts: in the structure of the argument, to order two."""

import importlib.util
from array import array
from dataclasses import dataclass
from types import SimpleNamespace
from typing import ClassVar

import pytest

from sourcediff import DifferentiationError, grad, tape, value_and_grad, vjp
from tests.argument_functions import PROGRAMS, Belief, Layer, Params, Point, Segment, linear
from tests.object_functions import Pair

each_program = pytest.mark.parametrize(
    ("function", "args"), [pytest.param(f, a, id=f.__name__) for f, a in PROGRAMS]
)


def parts(tree):
    """What a structure holds, each with where it is; None where it is a leaf."""
    if isinstance(tree, dict):
        return tree.items()
    if isinstance(tree, list | tuple):
        return enumerate(tree)
    if hasattr(tree, "__dataclass_fields__"):
        return [(name, getattr(tree, name)) for name in tree.__dataclass_fields__]
    if (hasattr(tree, "__dict__") and not callable(tree)) or isinstance(tree, Layer):
        return vars(tree).items()
    return None


def shape(tree):
    """A structure as plain data that can be compared."""
    found = parts(tree)
    if found is None:
        return tree
    return [type(tree).__name__, *((where, shape(part)) for where, part in found)]


def leaves(tree):
    found = parts(tree)
    if found is None:
        return [tree] if isinstance(tree, float) else []
    return [leaf for _, part in found for leaf in leaves(part)]


def moved(tree, place, step):
    """A copy of a structure with one of its floats moved."""
    count = [0]

    def walk(node):
        if isinstance(node, float):
            count[0] += 1
            return node + step * (count[0] - 1 == place)
        if isinstance(node, list | tuple):
            made = [walk(part) for part in node]
            return type(node)(*made) if hasattr(node, "_fields") else type(node)(made)
        if isinstance(node, dict):
            return {key: walk(part) for key, part in node.items()}
        if parts(node) is None:
            return node
        made = SimpleNamespace() if type(node) is SimpleNamespace else object.__new__(type(node))
        for name, part in parts(node):
            object.__setattr__(made, name, walk(part))
        return made

    return walk(tree)


@each_program
def test_gradients_are_those_of_the_tape(function, args):
    given = args()
    value, gradient = value_and_grad(function)(*given)
    expected = tape.gradient(function, *args())
    assert shape(given) == shape(args()), "the arguments were changed"
    assert value == function(*args())
    assert type(gradient) is type(given[0])
    assert shape(moved(gradient, -1, 0.0)) == near(shape(moved(expected, -1, 0.0)))


class near:
    """Equal up to rounding, to any depth."""

    def __init__(self, expected):
        self.expected = expected

    def __eq__(self, actual):
        if isinstance(self.expected, list | tuple):
            return len(actual) == len(self.expected) and all(
                near(e) == a for e, a in zip(self.expected, actual, strict=True)
            )
        if isinstance(self.expected, float):
            return actual == pytest.approx(self.expected, rel=1e-9, abs=1e-12)
        return actual is self.expected or actual == self.expected

    def __repr__(self):
        return repr(self.expected)


@each_program
def test_gradients_are_those_of_differences(function, args):
    gradient = grad(function)(*args())
    for place, leaf in enumerate(leaves(as_floats(args()[0], gradient))):
        sides = []
        for sign in (1e-6, -1e-6):
            first, *rest = args()
            sides.append(function(moved(first, place, sign), *rest))
        assert leaf == pytest.approx((sides[0] - sides[1]) / 2e-6, rel=1e-5, abs=1e-6)


def as_floats(argument, gradient):
    """The gradient at the floats of the argument alone: an int counts as real."""
    found = parts(argument)
    if found is None:
        return gradient if isinstance(argument, float) else None
    inner = dict(parts(gradient))
    return [as_floats(part, inner[where]) for where, part in found]


#: Of the gradient of a program, one number.
SECOND = {
    "linear": lambda g: lambda p, x, y: g(p, x, y).w * g(p, x, y).b,
    "nested_dataclasses": lambda g: lambda p, x: g(p, x).kernel.length + g(p, x).points[1],
    "lstm": lambda g: lambda p, xs: g(p, xs)["f"]["u"][0][1] + g(p, xs)["g"]["b"][1],
    "kalman_filter": lambda g: lambda b, zs, q, r: g(b, zs, q, r).x * g(b, zs, q, r).pxx,
    "bodies_in_a_line": lambda g: lambda b, n: g(b, n)[1].x * g(b, n)[0].mass,
    "nested_records": lambda g: lambda p, x: g(p, x)["layers"]["two"]["w"] * g(p, x)["scale"],
    "account": lambda g: lambda a, n: g(a, n).rate * g(a, n).balance,
    "setter": lambda g: lambda t: g(t)._kelvin,
    "namespace": lambda g: lambda p, k: g(p, k).inner.y * g(p, k).ws[1],
    "named_tuples_inside": lambda g: lambda s: g(s).start.x + g(s).weights[0],
    "network": lambda g: lambda ls, xs: g(ls, xs)[0].weights[0][1] * g(ls, xs)[1].bias,
}


@pytest.mark.parametrize(
    ("function", "args"),
    [pytest.param(f, a, id=f.__name__) for f, a in PROGRAMS if f.__name__ in SECOND],
)
def test_second_derivatives_are_those_of_differences(function, args):
    entry = SECOND[function.__name__](grad(function))
    gradient = grad(entry)(*args())
    for place, leaf in enumerate(leaves(as_floats(args()[0], gradient))):
        sides = []
        for step in (1e-5, -1e-5):
            first, *rest = args()
            sides.append(entry(moved(first, place, step), *rest))
        assert leaf == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=1e-5, abs=1e-5)


# The structure of a gradient ----------------------------------------------------------------


def test_what_is_no_number_has_the_gradient_none():
    gradient = grad(linear)(Params(0.5, 2, note=abs), 3.0, 4.0)
    assert (gradient.w, gradient.b) == (-3.0, -1.0)
    assert (gradient.name, gradient.bias, gradient.note) == (None, None, None)


def test_a_gradient_is_made_without_the_code_of_its_class():
    made = []

    class Counted:
        def __init__(self, x):
            made.append(x)
            self.x = x

    def f(c):
        return c.x * c.x

    given = Counted(3.0)
    gradient = grad(f)(given)
    assert type(gradient) is Counted and gradient.x == 6.0
    assert made == [3.0]


def test_a_variable_of_the_class_is_no_part_of_the_gradient():
    @dataclass
    class Rate:
        unit: ClassVar[float] = 2.0
        x: float = 3.0

    gradient = grad(lambda r: r.x * r.unit)(Rate())
    assert vars(gradient) == {"x": 2.0}


def test_a_method_is_a_function_of_the_other_arguments():
    belief = Belief(0.0, 1.0)
    assert grad(belief.update)(0.3, 0.5) == pytest.approx(0.3 / 1.5)
    assert belief == Belief(0.0, 1.0)


# Aliases ------------------------------------------------------------------------------------


def moved_by(p, q):
    p.left += q.left * q.right
    return p.left * p.right


def test_one_object_in_two_places_is_refused_where_it_is_changed():
    assert grad(moved_by)(Pair(1.0, 2.0), Pair(3.0, 4.0)).left == 2.0
    shared = Pair(1.0, 2.0)
    with pytest.raises(DifferentiationError, match="the same Pair is in two places"):
        grad(moved_by)(shared, shared)
    assert shared == Pair(1.0, 2.0)


def test_one_object_in_two_places_is_fine_where_nothing_changes():
    def f(p, q):
        return p.left * q.right

    shared = Pair(3.0, 2.0)
    assert grad(f)(shared, shared).left == 2.0


def test_a_list_in_two_objects_is_refused_where_it_is_changed():
    def f(p, q):
        p.xs[0] *= 2.0
        return q.xs[0] * p.xs[0]

    row = [1.5]
    with pytest.raises(DifferentiationError, match="the same list is in two places"):
        grad(f)(SimpleNamespace(xs=row), SimpleNamespace(xs=row))
    assert row == [1.5]


@pytest.mark.usefixtures("clean_road_only")
def test_whether_two_arguments_are_one_object_is_asked_at_the_call():
    def f(p, q):
        return p.left * (2.0 if p is q else 1.0)

    assert grad(f)(Pair(3.0, 2.0), Pair(3.0, 2.0)).left == 1.0
    shared = Pair(3.0, 2.0)
    with pytest.raises(DifferentiationError, match="in two places"):
        grad(f)(shared, shared)


SETTINGS = Pair(2.0, 3.0)


def test_an_object_that_is_also_outside_is_refused_where_it_is_changed():
    def f(p):
        p.left += 1.0
        return p.left * SETTINGS.left

    assert grad(f)(Pair(1.0, 1.0)).left == 2.0
    with pytest.raises(DifferentiationError, match="variables outside"):
        grad(f)(SETTINGS)


@pytest.mark.usefixtures("clean_road_only")
def test_an_object_that_leads_back_to_itself():
    def f(p):
        return p.x * p.x

    ring = SimpleNamespace(x=3.0)
    ring.me = ring
    with pytest.raises(DifferentiationError, match="of a kind that is not supported"):
        grad(lambda p: p.me.x)(ring)


def test_the_saved_gradient_needs_no_sourcediff(tmp_path):
    derivative = grad(linear)
    args = (Params(0.5, 2.0), 3.0, 4.0)
    expected = derivative(*args)
    derivative.save(tmp_path / "saved.py")
    assert "sourcediff" not in derivative.source
    spec = importlib.util.spec_from_file_location("saved", tmp_path / "saved.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.grad_linear(*args) == expected
    assert grad(Segment.length)(Segment(Point(0.0, 0.0), Point(3.0, 4.0))).end == (0.6, 0.8)


# What stands in for a list ------------------------------------------------------------------


def halved_if_list(xs):
    return 0.5 * xs[0] if isinstance(xs, list) else xs[0] * sum(xs)


@pytest.mark.parametrize("code", "df")
def test_an_array_of_the_standard_library_is_read_and_gets_one(code):
    given = array(code, [1.0, 2.0])
    found = grad(halved_if_list)(given)
    assert found == array(code, [4.0, 1.0])
    assert found.typecode == code
    assert grad(halved_if_list)([1.0, 2.0]) == [0.5, 0.0]
    assert grad(lambda d: d["x"][0] * max(d["x"]))({"x": given}) == {"x": array(code, [2.0, 1.0])}
    assert given == array(code, [1.0, 2.0])


def test_the_gradient_of_an_array_of_whole_numbers_is_one_of_floats():
    assert grad(halved_if_list)(array("i", [1, 2])) == array("d", [4.0, 1.0])


def test_an_array_beside_a_list_is_refused():
    def either(xs, ys):
        return (xs if ys[0] > 0 else ys)[1]

    with pytest.raises(DifferentiationError, match="an item of a value that has no one type"):
        grad(either)(array("d", [1.0, 2.0]), [1.0, 2.0])


def test_a_set_says_which_and_is_not_differentiated():
    def chosen(places, xs):
        return sum(x * x for k, x in enumerate(xs) if k in places)

    assert grad(chosen, argnums=1)({0, 2}, [1.0, 2.0, 3.0]) == [2.0, 0.0, 6.0]
    _, pullback = vjp(chosen, {0, 2}, [1.0, 2.0, 3.0])
    assert pullback(1.0) == (None, [2.0, 0.0, 6.0]) == pullback(1.0)
    with pytest.raises(DifferentiationError, match="cannot be differentiated"):
        grad(lambda s: sum(v for v in s))({1.5, 2.5})
