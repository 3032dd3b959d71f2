"""What may be an array or None, or an array or a number, is differentiated as what it is."""

import pytest

np = pytest.importorskip("numpy")

from sourcediff import DifferentiationError, grad, hvp, jvp, vjp  # noqa: E402
from tests.differences import difference  # noqa: E402

X = np.array([0.3, 0.7, 0.2])
W = np.array([[0.5, 0.2, -0.3], [0.4, -0.5, 0.6], [0.1, 0.2, 0.3]])
ALONG = np.array([0.4, -1.1, 0.7])


class Kept:
    def __init__(self):
        self.out = None

    def forward(self, x):
        self.out = np.tanh(x)
        return self.out


def functions(x):
    h = [None, None]
    h[0] = x
    total = np.sum(np.sin(h[0])) + np.sum(np.cos(h[0]) * x) + np.sum(np.tan(h[0]) / (1.0 + x))
    total += np.sum(np.arcsin(h[0])) + np.sum(np.arctan(h[0]) * x) + np.sum(np.sinh(h[0]) - x)
    total += np.sum(np.cosh(h[0])) * np.sum(np.tanh(h[0])) + np.sum(np.arcsinh(h[0]))
    total += np.sum(np.arctanh(h[0])) - np.sum(np.exp(h[0]) * x) + np.sum(np.expm1(h[0]))
    total += np.sum(np.exp2(h[0])) + np.sum(np.log(h[0])) - np.sum(np.log1p(h[0]) * x)
    total += np.sum(np.log2(h[0])) + np.sum(np.log10(h[0]) * x) + np.sum(np.sqrt(h[0]))
    total += np.sum(np.cbrt(h[0])) + np.sum(np.reciprocal(h[0])) + np.sum(np.abs(h[0]) * x)
    return total + np.sum(np.square(h[0]) * x) + np.sum(np.negative(h[0]) * x)


def operators(x):
    h = [None, None]
    h[0] = x
    y = h[0] * h[0] + h[0] ** 2 - 1.5 / h[0] + 2.0 ** h[0] + (x - h[0] / x) - -h[0]
    return np.sum(y * y) + h[0] @ y


def reductions(x):
    h = [None, None]
    h[0] = x
    h[1] = np.array(h[0]) ** 2 + h[0].copy() + np.zeros_like(h[0])
    total = h[0].sum() * h[1].mean() + np.sum(h[1]) ** 2 - np.mean(h[0]) / h[0].size
    total += np.dot(h[0], h[1]) * h[1].dot(h[0]) + np.sum(np.outer(h[0], h[1]) * W)
    return total + h[0][0] * np.sum(h[1][1:]) + np.sum(h[0][::-1] * h[1].T) * h[1].shape[0]


def matrices(x):
    p = [None, None]
    p[0] = np.outer(x, x) + W
    p[1] = p[0] @ W + np.dot(W.T, p[0]) + p[0].T + np.matmul(p[0], p[0])
    total = np.sum(np.sum(p[1], axis=0) * x) + np.mean(p[1], axis=1) @ x
    return total + np.sum(p[1].sum(axis=1) * x) + p[1].mean(axis=0)[1] * p[1][0, 1]


def squares(x):
    hidden = [None] * 2
    for t in range(2):
        hidden[t] = (x * t + x) @ W
    return sum(np.dot(a, a) for a in hidden)


def in_place(x):
    h = [None, None]
    h[0], h[1] = x.copy(), x * 2
    h[0] += h[1]
    h[1] *= h[0]
    h[1] /= h[0]
    h[0] **= 2
    h[0][1] = h[1][0] ** 2
    h[0][1:] += h[1][0]
    h[1][:] = np.tanh(h[0])
    return np.sum(h[0] * h[1])


def stored(x):
    h, y = [None] * 3, np.zeros(3)
    for i in range(3):
        h[i] = x * i
    for i in range(3):
        y[i] = h[i].sum()
        y[:] = h[i] * y
        y += h[i]
        y -= np.exp(h[i])
    return np.sum(y * y)


def layers(x):
    for layer in [Kept() for _ in range(2)]:
        x = layer.forward(x)
    return np.sum(x)


def activations(x):
    a, z = [None] * 3, [None] * 3
    for n in range(3):
        z[n] = (x if n == 0 else a[n - 1]) * 2
        a[n] = np.tanh(z[n])
    return np.sum(a[2])


def number_or_array(x):
    total = 0
    for a in [0.3, np.tanh(x), x[0] * x[1]]:
        total = total + np.exp(a) * np.mean(a) - np.sum(a) ** 2 + a / (1.0 + np.square(a))
    return np.sum(np.sin(total))


def number_array_or_none(x):
    h = [0.0, None, None, None]
    h[1], h[2] = np.tanh(x), x[0] * x[1]
    total = 0.0
    for a in h:
        if a is not None:
            total += np.exp(a) * np.mean(a) - np.sum(a) ** 2
            total *= a + 0.5
            total = -total + np.negative(a)
    return np.sum(total)


def skipped(x):
    skip = 0
    for w in [0.3, 0.7]:
        h = np.zeros(len(x))
        for t in range(len(x)):
            h[t] += w * x[t]
        x = x + np.tanh(h)
        skip = skip + h
    return np.mean(skip**2)


def masked(x):
    h = [None, None]
    h[0] = x.copy()
    low = h[0] <= 0.25
    h[0][low] = 0.5
    h[0][low] *= x[0]
    h[0][(h[0] > 0.1) & (h[0] < 0.35)] += x[1] * h[0][0]
    part = h[0][1:]
    part[part > 0.3] = part[part > 0.3] ** 2
    apart = part[part > 0.1]
    apart *= 2
    low[0] = True
    return np.sum(h[0] ** 2) + np.sum(h[0] * low) + np.sum(apart) * np.mean(low)


def masked_rows(x):
    h = [None, None]
    h[0] = np.outer(x, x)
    low, high = x < 0.25, h[0] > 0.1
    h[1] = h[0][high]
    h[0][low] = x
    h[0][low] += h[0][low] * 2
    h[0][high] = h[1] ** 2
    h[0][h[0] == 0] = 1.5
    return np.sum(h[0] ** 2 * x) + np.sum(h[1]) * np.sum(high)


def chosen(x):
    h = [None, None]
    h[0] = x * 2
    h[1] = np.maximum(h[0], 0.5) * np.minimum(x, 0.5) + np.maximum(0, h[0] - 1)
    h[1] += np.maximum(h[0], x[:1] * 3) + np.where(h[0] > 0.5, h[0] ** 2, 0.0)
    return np.sum(np.where(x >= 0.25, h[1], x) ** 2)


def largest(x):
    s = [None, None]
    s[0] = np.outer(x, x) + x
    s[0] -= s[0].max()
    s[1] = s[0].max(1) * x + np.max(s[0], axis=0) * s[0].min(axis=1)
    s[0] = s[0].max(1, keepdims=True) * s[0] + np.min(s[0], 0, keepdims=True)
    return np.sum(s[0] ** 2) + np.sum(s[1]) + s[1].max() * s[1].min(0) * np.max(s[0])


def kept_axes(x):
    s = [None]
    s[0] = np.outer(x, x) + x
    y = s[0].sum(1, keepdims=True) * s[0] - np.mean(s[0], axis=0, keepdims=True)
    return np.sum(y * y) + np.sum(s[0].sum(keepdims=True) * s[0]) + np.sum(s[0].mean(0) * x)


def chosen_number_or_array(x):
    total = 0
    for a in [0.35, np.tanh(x), x[0]]:
        total = total + np.maximum(a, 0.2) * (a > 0.1) + np.where(a > 0.33, a, a * a)
    return np.sum(total)


def reshaped(x):
    h = [None]
    h[0] = x.copy()
    y = h[0].reshape(3, 1) * h[0].reshape((1, 3))
    z = y.reshape(-1)
    z[1] = x[0]
    z[2:4] *= 2
    w = y.ravel()
    w += z * z
    row = h[0].reshape(3, 1)
    row[0, 0] = x[1] * 2
    row *= row
    return np.sum(y * y) + np.sum(h[0].reshape(1, -1) @ x) * len(h[0])


def reshaped_copies(x):
    h = [None, None]
    h[0] = np.outer(x, x * x)
    h[1] = h[0].T.reshape(-1)
    h[1][2] *= x[0]
    column = h[0][:, 1].reshape(3, 1)
    column[1] = 5 * x[0]
    for _ in range(2):
        h[0] = np.tanh(h[0].reshape(9)).reshape(h[0].shape)
    return np.sum(h[0] ** 2) + np.sum(h[1][1:] ** 2)


def by_other_names(x):
    h = [None, None]
    h[0] = x * 2
    total = np.sum(np.power(h[0], 2) * np.multiply(h[0], x) - np.divide(h[0], 1 + x))
    return total + np.sum(abs(h[0] - 1) * np.subtract(1, np.add(h[0], x)))


def put_together(x):
    h = [None, None]
    h[0] = x * 2
    return np.sum(np.stack([h[0], x]) ** 2 * np.array([h[0], h[0] * x]))


def added_up(x):
    h = [None, None]
    h[0] = x * 2
    total = np.sum(h[0])
    total += np.sum(h[0] ** 2 * (h[0] * x) - h[0] / (1 + x))
    return total


class Rectifier:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = x <= 0.25
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, d):
        d[self.mask] = 0
        return d


def rectified(x):
    rectifiers = {"one": Rectifier(), "two": Rectifier()}
    for name in sorted(rectifiers):
        x = rectifiers[name].forward(x) * 0.9
    d = x * x
    for name in sorted(rectifiers):
        d = rectifiers[name].backward(d)
    return np.sum(d * x)


class Momentum:
    def __init__(self):
        self.m = None

    def update(self, params, slopes):
        if self.m is None:
            self.m = {}
            for key, value in params.items():
                self.m[key] = np.zeros_like(value)
        for key in params.keys():
            self.m[key] += 0.1 * (slopes[key] - self.m[key])
            params[key] -= 0.5 * self.m[key]


def optimised(x):
    params, momentum = {"w": np.outer(x, x), "b": x.copy()}, Momentum()
    for _ in range(2):
        error = W @ params["w"] + params["b"] - x
        momentum.update(params, {"w": W.T @ error, "b": error.sum(axis=0)})
    return np.sum((W @ params["w"] + params["b"]) ** 2)


PROGRAMS = [functions, operators, reductions, matrices, squares, in_place, stored, layers]
PROGRAMS += [masked, masked_rows, chosen, largest, kept_axes, chosen_number_or_array]
PROGRAMS += [reshaped, reshaped_copies, by_other_names, put_together, rectified, added_up]
PROGRAMS += [activations, number_or_array, number_array_or_none, skipped, optimised]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_it_is_differentiated_as_what_it_is(program):
    derivative = grad(program)
    found = derivative(X.copy())
    for place, given in enumerate(found):
        unit = np.eye(3)[place]
        expected = difference(lambda step, unit=unit: program(X + unit * step), (0.0,), 0)
        assert expected is not None
        assert given == pytest.approx(expected.value, rel=1e-7, abs=1e-7)
    value, pullback = vjp(program, X.copy())
    assert value == pytest.approx(program(X))
    np.testing.assert_allclose(pullback(2.0)[0], 2.0 * found)
    assert jvp(program, (X.copy(),), (ALONG,)) == pytest.approx((value, found @ ALONG))
    (second,) = hvp(program, (X.copy(),), (ALONG,))
    for place, given in enumerate(second):
        expected = difference(
            lambda step, place=place: derivative(X + ALONG * step)[place], (0.0,), 0
        )
        assert expected is not None
        assert given == pytest.approx(expected.value, rel=1e-6, abs=1e-6)


def shared_by_all(x):
    s = [None]
    s[0] = x * 2
    return s[0].max() + np.max(np.outer(s[0], s[0]), axis=1)[2]


def handed_in(x, mask, caps):
    s = [None]
    s[0] = x * 2
    s[0][mask] = 1.0
    return np.sum(s[0][caps != 0] ** 2)


def without_low(x):
    out = x.copy()
    out[x <= 0.25] = 0
    return np.sum(out)


def test_all_that_are_the_largest_share_the_adjoint():
    np.testing.assert_allclose(grad(shared_by_all)(np.full(3, 0.5)), [4 / 3, 4 / 3, 10 / 3])


def test_a_mask_that_is_handed_in():
    found = grad(handed_in)(X, np.array([True, False, False]), np.array([0, 1, 2]))
    np.testing.assert_allclose(found, [0.0, 8 * X[1], 8 * X[2]])


def test_a_masked_copy_in_forward_mode():
    assert jvp(without_low, (X,), (ALONG,)) == pytest.approx((1.0, -0.7))


class Weights:
    def __init__(self, w):
        self.w = w


def roots(weights, x):
    return np.sum(np.roots(weights.w)) * x[0]


def test_a_refusal_is_not_put_on_the_tangents():
    arguments, tangents = (Weights(X + 1), X), (Weights(X * 2), X * 3)
    with pytest.raises(DifferentiationError, match="roots"):
        jvp(roots, arguments, tangents)
