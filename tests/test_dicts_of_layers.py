"""Networks whose layers stand in an ordered dict, by names that a loop computes."""

import math
from collections import OrderedDict

import pytest

from sourcediff import DifferentiationError, grad
from tests.differences import difference
from tests.every_mode import check_in_every_mode


class Scale:
    def __init__(self, factor):
        self.factor = factor

    def forward(self, x):
        self.x = x
        return x * self.factor

    def backward(self, out):
        self.d_factor = out * self.x
        return out * self.factor


class Tanh:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = math.tanh(x)
        return self.out

    def backward(self, out):
        return out * (1.0 - self.out**2)


class Net:
    def __init__(self, weights):
        self.params = {}
        for i in range(1, 3):
            self.params["W" + str(i)] = weights[i - 1] * i
        self.layers = OrderedDict()
        for i in range(1, 3):
            self.layers["Scale" + str(i)] = Scale(self.params["W" + str(i)])
            self.layers["Tanh" + str(i)] = Tanh()
        self.layers["last"] = Scale(weights[2])

    def forward(self, x):
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def gradient(self, x):
        out = self.forward(x)
        layers = list(self.layers.values())
        layers.reverse()
        for layer in layers:
            out = layer.backward(out)
        return self.layers["Scale1"].d_factor


def predicts(xs):
    return Net(xs).forward(0.7)


def its_own_gradient(xs):
    return Net(xs).gradient(0.7) ** 2


def one_after_the_other(xs):
    layers = OrderedDict()
    layers["first"] = Scale(xs[0])
    layers["then"] = Tanh()
    layers.update(last=Scale(xs[1]))
    return sum(layers[name].forward(xs[2]) for name in layers)


def from_pairs(xs):
    layers = OrderedDict([("a", Scale(xs[0])), ("b", Tanh()), ("c", Scale(xs[1]))])
    x = xs[2]
    for _, layer in reversed(layers.items()):
        x = layer.forward(x)
    return x


def turned_round(xs):
    layers = [Scale(xs[0]), Tanh(), Scale(xs[1])]
    same, copied = layers, list(layers)
    same.reverse()
    layers.append(Scale(xs[2]))
    return layers[0].forward(xs[2]) * copied[0].forward(xs[1]) + same[-1].forward(xs[0])


def functions_turned_round(xs):
    steps = [math.sin, math.exp, lambda x: x * xs[1]]
    steps.reverse()
    x = xs[0]
    for step in steps:
        x = step(x) + xs[2]
    return x


PROGRAMS = [
    predicts,
    its_own_gradient,
    one_after_the_other,
    from_pairs,
    turned_round,
    functions_turned_round,
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_layers_in_dicts(program):
    check_in_every_mode(program, (0.8, 1.3, 0.4))


def test_what_an_ordered_dict_is_asked_that_a_dict_does_not_tell():
    def equal(x):
        return x * x if OrderedDict(a=x, b=1.0) == OrderedDict(b=1.0, a=x) else 3.0 * x

    def is_one(x):
        found = OrderedDict(a=x)
        return x * x if isinstance(found, OrderedDict) else 3.0 * x

    def its_class(x):
        found = OrderedDict(a=x)
        return x * x if type(found) is OrderedDict else 3.0 * x

    for function in (equal, is_one, its_class):
        try:
            found = grad(function)(0.5)
        except DifferentiationError:
            continue
        expected = difference(function, (0.5,), 0)
        assert expected is not None
        assert found == pytest.approx(expected.value)


def test_a_list_of_layers_that_is_turned_round_in_a_branch_is_refused():
    def program(x):
        layers = [Scale(x), Tanh()]
        if x > 0.0:
            layers.reverse()
        return layers[0].forward(x)

    with pytest.raises(DifferentiationError, match="that changes in a branch or in a loop"):
        grad(program)(0.5)


def test_an_axis_that_an_array_does_not_have_is_one_of_an_arm_that_is_not_taken():
    np = pytest.importorskip("numpy")

    def loss(y, labels):
        if labels.size == y.size:
            labels = labels.argmax(axis=1)
        return -np.sum(np.log(y[np.arange(len(y)), labels]))

    y, labels = np.array([[0.2, 0.8], [0.5, 0.5], [0.9, 0.1]]), np.array([1, 0, 0])
    expected = np.zeros_like(y)
    expected[np.arange(3), labels] = -1.0 / y[np.arange(3), labels]
    np.testing.assert_allclose(grad(loss)(y, labels), expected)


def test_arrays_are_padded_by_lists_of_pairs_and_squeezed_where_axis_is_none():
    np = pytest.importorskip("numpy")

    def padded(x):
        return np.sum(np.pad(x, [(0, 0), (1, 2)], "constant")[:, 2:] ** 2)

    def spread(x, axis=None):
        top = np.max(x, axis=axis, keepdims=True)
        total = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
        return np.squeeze(total, axis=axis)

    x = np.array([[0.5, 1.0, -2.0], [0.3, -0.7, 1.1]])
    expected = 2.0 * x
    expected[:, 0] = 0.0
    np.testing.assert_allclose(grad(padded)(x), expected)
    softmax = np.exp(x) / np.exp(x).sum()
    np.testing.assert_allclose(grad(spread, argnums=0)(x), softmax)
