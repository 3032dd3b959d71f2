"""Programs on arrays as users write them: networks, masks, forward algorithms, whole numbers."""

from itertools import pairwise

import numpy as np
import pytest

from sourcediff import grad, hvp
from sourcediff.derive import derivative_function

RNG = np.random.default_rng(8)
X = np.array([1.3, -0.4, 2.0])


def slopes(f, x):
    """The derivatives of a function of one array, by differences of the fourth order."""
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-4
        near, far = f(x + step) - f(x - step), f(x + 2 * step) - f(x - 2 * step)
        found[place] = (8.0 * near - far) / 12e-4
    return found


def holds(f, x, *others, order_two=True):
    """Holds the gradient in `x`, and the product with the Hessian, against differences."""
    derivative = grad(f)
    found = derivative(x, *others)
    assert not derivative.__sourcediff__.latest.is_general
    assert found == pytest.approx(slopes(lambda v: f(v, *others), x), rel=1e-7, abs=1e-7)
    if order_two:
        along = np.sin(1.0 + np.arange(x.size)).reshape(x.shape)
        second, *_ = hvp(f, (x, *others), (along, *[None] * len(others)))
        expected = slopes(lambda t: np.sum(along * derivative(x + t, *others)), np.zeros_like(x))
        assert second == pytest.approx(expected, rel=1e-6, abs=1e-6)


# Whole numbers --------------------------------------------------------------------------------


def by_mask(x, m):
    return np.sum(m * x) + 0.5 * x[0]


def of_full(x, n):
    y = np.full(3, n)
    return np.sum(y * x) * n + 0.5 * x[0]


def of_range(x, n):
    y = np.arange(n)
    return np.sum(y * x) + 0.5 * x[0] * x[1]


def of_parts(x, n):
    y = np.array([n, n + 1, 2 * n]) ** 2
    return y @ x + 0.5 * x[0]


def of_loop(x, n):
    y = np.full(3, n)
    for _ in range(2):
        y = y * 2
    z = y * x
    return z[0] * 0.5 + z[1] * 0.3 + 0.25 * x[0]


def of_list(x, n):
    s = 0.5 * x[0]
    for y in [np.full(3, n), np.arange(3) * n]:
        s += (y * x).sum()
    return s


def scaled_items(x, n):
    z = x * np.full(3, n)
    return 0.5 * z[0] + 0.3 * z[1] * z[2]


@pytest.mark.parametrize("m", [np.array([True, False, True]), np.array([1, 0, 2])])
def test_a_copy_of_whole_numbers_takes_fractions(m):
    holds(by_mask, X, m)


@pytest.mark.parametrize("f", [of_full, of_range, of_parts, of_loop, of_list, scaled_items])
def test_an_array_made_of_an_int_takes_fractions(f):
    holds(f, X, 3)


# Masks ----------------------------------------------------------------------------------------


def root_or_line(x):
    y = np.where(x > 0, np.sqrt(x), -x)
    return np.sum(y * y)


def logs_and_roots(x):
    r = np.sqrt(x)
    ln = np.log(x)
    y = np.where(x > 0, r * ln, x * x)
    return np.sum(y * y)


def several_masks(x):
    r = np.where(x > 0, x**0.5, 0.0) + np.where(x > 0, np.log(x), 0)
    r -= np.where(x > 0, 0.0, np.sqrt(-x))
    return np.sum(r * r)


def mask_and_items(x):
    z = x * x
    u = z[1] * 3
    y = np.where(x > 0, z, 0.0)
    return np.sum(y * y) + u


@pytest.mark.filterwarnings("ignore:invalid value encountered")
@pytest.mark.parametrize("f", [root_or_line, logs_and_roots, several_masks, mask_and_items])
def test_what_is_not_chosen_does_no_harm_in_second_derivatives(f):
    holds(f, X)


@pytest.mark.filterwarnings("ignore:invalid value encountered")
def test_masks_of_one_test_are_joined():
    derivative = grad(lambda x: np.sum(np.where(x > 0, np.sqrt(x), -x)))
    assert derivative(X)[1] == -1.0
    assert "np.where(x > 0, 0.5 / np.sqrt(x), -1.0)" in derivative.source


# Forward algorithms ---------------------------------------------------------------------------


def ctc(logits, labels):
    logp = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    extended = [0]
    for label in labels:
        extended.append(label)
        extended.append(0)
    count = len(extended)
    alpha = np.full((len(logp), count), -np.inf)
    alpha[0, 0] = logp[0, 0]
    alpha[0, 1] = logp[0, extended[1]]
    for t in range(1, len(logp)):
        for s in range(count):
            a = alpha[t - 1, s]
            if s > 0:
                a = np.logaddexp(a, alpha[t - 1, s - 1])
            if s > 1 and extended[s] != 0 and extended[s] != extended[s - 2]:
                a = np.logaddexp(a, alpha[t - 1, s - 2])
            alpha[t, s] = a + logp[t, extended[s]]
    return -np.logaddexp(alpha[-1, -1], alpha[-1, -2])


def test_states_that_are_not_reached_have_no_share():
    holds(ctc, RNG.standard_normal((6, 3)), [1, 2, 1, 2], order_two=False)


def cross_entropy(z, labels):
    logp = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    return -logp[range(len(labels)), labels].mean()


def items_in_ranges(x, k):
    y = x * x
    y[range(1, k)] = x[range(1, k)] * x[range(k - 1)]
    y[range(0, 3, 2)] += 1.0
    return np.sum(y**2)


def test_ranges_are_places():
    holds(cross_entropy, RNG.standard_normal((3, 4)), np.array([0, 3, 1]))
    holds(items_in_ranges, X, 2)


def pairs_written(a, i, j):
    b = a.copy()
    b[i, j] = a[j, i] * 2
    b[i, j] *= b[j, i]
    return np.sum(b**2 * np.arange(b.size).reshape(b.shape))


def planes_written(a, i, j):
    b = a * 1.0
    b[i, :, j] = a[j, :, i] ** 2
    return np.sum(b**3)


def test_places_that_several_arrays_name_are_written_to():
    i, j = np.array([0, 2, 0]), np.array([1, 1, 1])
    holds(pairs_written, RNG.standard_normal((3, 3)), i, j)
    holds(planes_written, RNG.standard_normal((3, 2, 3)), i, j)


def from_a_number(x):
    return np.sum(np.arange(x[0], x[0] + 2.9 * x[1], x[1]) ** 2) + np.sum(np.arange(x[2])) * x[1]


def test_the_numbers_of_arange_move_with_the_first_and_the_step():
    holds(from_a_number, np.array([1.3, 0.7, 2.5]))


def padded_and_tiled(x, p):
    y = np.pad(x, p, mode="constant", constant_values=0)
    z = np.tile(x, p)
    return np.sum(y[1:] ** 2 * y[:-1]) + np.sum(z**3)


def test_widths_and_counts_that_the_run_computes():
    holds(padded_and_tiled, X, 2)
    holds(padded_and_tiled, RNG.standard_normal((2, 3)), 1)


def heat(u0, kappa, count):
    u = u0.copy()
    for _ in range(count):
        un = u.copy()
        u[1:-1] = un[1:-1] + kappa * (un[2:] - 2 * un[1:-1] + un[:-2])
        u[0] = u[1]
    return np.sum(u**2)


def paths(s0, sigma, count):
    rng = np.random.default_rng(0)
    s = np.zeros((4, count))
    s[0] = s0
    for t in range(1, 4):
        s[t] = s[t - 1] * np.exp(sigma * rng.standard_normal(count))
    return np.maximum(s[1:].mean(axis=0) - 1.0, 0).mean()


def correlation(k, x):
    s = 0.0
    for i in range(len(x) - len(k) + 1):
        s += np.tanh(np.sum(x[i : i + len(k)] * k))
    return s


def test_no_array_is_kept_for_its_shape():
    holds(heat, np.array([0.3, 1.2, -0.4, 0.9]), 0.2, 3)
    derivative = grad(heat)
    derivative(np.ones(4), 0.2, 3)
    assert "un_bar = np.zeros_like(u0)" in derivative.source
    assert "kept" not in derivative.source


def test_the_shape_of_what_is_drawn_is_known():
    derivative = grad(paths)
    expected = (paths(1.001, 0.2, 5) - paths(0.999, 0.2, 5)) / 0.002
    assert derivative(1.0, 0.2, 5) == pytest.approx(expected, abs=1e-6)
    assert "keepdims" not in derivative.source


def test_what_turns_add_up_has_the_shape_of_what_it_belongs_to():
    holds(correlation, np.array([0.5, -0.3]), np.array([0.3, 1.2, -0.4, 0.9]))
    derivative = grad(correlation)
    derivative(np.ones(2), np.ones(4))
    assert "broadcast_to(k_bar" not in derivative.source


# Networks -------------------------------------------------------------------------------------


class Dense:
    def __init__(self, n_in, n_out):
        self.W = RNG.standard_normal((n_in, n_out))
        self.b = np.zeros(n_out)
        self.n_out = n_out

    def forward(self, x):
        return x @ self.W + self.b


class ReLU:
    def forward(self, x):
        return np.maximum(x, 0)


class Dropout:
    def __init__(self, p, seed):
        self.p = p
        self.seed = seed

    def forward(self, x):
        rng = np.random.default_rng(self.seed)
        return x * (rng.random(x.shape) > self.p) / (1 - self.p)


class Recurrent:
    def __init__(self, n):
        self.W = RNG.standard_normal((n, n))
        self.n = n

    def forward(self, x):
        np.random.seed(self.n)
        h = 0.1 * np.random.randn(self.n)
        for _ in range(self.n):
            h = np.tanh(self.W @ h + x) / self.n
        return h


class Convolution:
    def __init__(self, filters, stride, padding):
        self.W = RNG.standard_normal((filters, 1, 2, 2))
        self.stride, self.padding = stride, padding

    def forward(self, x):
        count, _, height, width = x.shape
        size = self.W.shape[2]
        pad = (self.padding, self.padding)
        padded = np.pad(x, ((0, 0), (0, 0), pad, pad), "constant")
        rows = (height + 2 * self.padding - size) // self.stride + 1
        columns = (width + 2 * self.padding - size) // self.stride + 1
        out = np.zeros((count, self.W.shape[0], rows, columns))
        for i in range(rows):
            for j in range(columns):
                a, b = i * self.stride, j * self.stride
                patch = padded[:, :, a : a + size, b : b + size]
                out[:, :, i, j] = np.tensordot(patch, self.W, axes=([1, 2, 3], [1, 2, 3]))
        return out


class Flatten:
    def forward(self, x):
        return x.reshape(x.shape[0], -1)


class Network:
    def __init__(self, *layers):
        self.layers = list(layers)

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x


def loss(network, x, y):
    return np.mean((network.forward(x) - y) ** 2)


def last_apart(layers, x, y):
    for layer in layers[:-1]:
        x = np.tanh(layer.forward(x))
    return np.mean((layers[-1].forward(x) - y) ** 2)


def of_recurrent(cells, x, y):
    s = 0.0
    for cell in cells:
        s += np.sum((cell.forward(x) - y) ** 2)
    return s


def check_weights(f, model, layers, n_in, shape):
    x, y = RNG.standard_normal((*shape, n_in)), RNG.standard_normal((*shape[:1], 1))
    derivative = derivative_function(f, 0, with_value=False)
    found = derivative(model, x, y)
    assert not derivative.__sourcediff__.latest.is_general
    for layer, slope in zip(
        layers, found if isinstance(found, list) else found.layers, strict=True
    ):
        if hasattr(layer, "W"):
            kept = layer.W
            assert slope.W == pytest.approx(
                slopes(lambda w: with_weights(w, layer, f, model, x, y), kept), abs=1e-7
            )
            layer.W = kept


def with_weights(w, layer, f, model, x, y):
    layer.W = w
    return f(model, x, y)


def test_layers_of_several_classes():
    layers = [Dense(3, 4), ReLU(), Dropout(0.3, 1), Dense(4, 1)]
    check_weights(loss, Network(*layers), layers, 3, (5,))


def test_convolutions_with_a_stride_of_their_own():
    layers = [Convolution(2, 2, 1), ReLU(), Flatten(), Dense(8, 1)]
    check_weights(loss, Network(*layers), layers, 2, (2, 1, 2))


@pytest.mark.parametrize("widths", [(3, 4, 2, 1), (3, 1, 1), (1, 3, 1)])
def test_layers_of_which_some_have_one_column(widths):
    layers = [Dense(*pair) for pair in pairwise(widths)]
    check_weights(last_apart, layers, layers, widths[0], (5,))
    check_weights(loss, Network(*layers), layers, widths[0], (5,))


def test_whole_numbers_of_objects_are_lengths_and_seeds():
    cells = [Recurrent(3), Recurrent(3)]
    check_weights(of_recurrent, cells, cells, 3, ())
    assert isinstance(cells[0].n, int)
