"""The entry calls code for arrays itself, and gives what goes the long way gives."""

import numpy as np
import pytest

import sourcediff.specialise
from sourcediff import grad, value_and_grad


def loss(w, b, x, rate):
    return rate * np.sum((x @ w - b) ** 2)


W, B, X = np.arange(3.0), np.ones(4), np.arange(12.0).reshape(4, 3)


@pytest.fixture
def dispatched(monkeypatch):
    """The arguments of the calls that the entry did not decide itself."""
    calls = []
    plain = sourcediff.specialise.Derivative.specialisation_for

    def counted(self, values):
        calls.append(values)
        return plain(self, values)

    monkeypatch.setattr(sourcediff.specialise.Derivative, "specialisation_for", counted)
    return calls


@pytest.mark.parametrize("argnums", [0, "b", ("w", "b"), ("rate", "w"), ("w",)])
@pytest.mark.parametrize("make", [grad, value_and_grad])
def test_second_call_is_direct_and_gives_the_same(make, argnums, dispatched):
    derivative = make(loss, argnums=argnums)
    first = derivative(W, B, X, 0.5)
    del dispatched[:]
    second = derivative(W, B, X, 0.5)
    assert not dispatched
    assert repr(first) == repr(second)


def test_derivative_of_a_number_is_a_float():
    derivative = grad(loss, argnums=("w", "rate"))
    for _ in range(2):
        _, rate_bar = derivative(W, B, X, 0.5)
        assert type(rate_bar) is float


@pytest.mark.parametrize(
    "args",
    [
        (W.astype(np.float32), B, X, 0.5),
        (W, B.astype(np.float32), X, 0.5),
        (W, np.ones(1), X, 0.5),
        (W, 1.0, X, 0.5),
        (W, B[:, None] * np.ones(4), X, 0.5),
        (W, B, X.astype(int), 0.5),
        (W, B, X[:1], 0.5),
        (W.astype(">f8"), B, X, 0.5),
        (np.arange(6.0)[::2] / 2, B, X, 0.5),
        (W, B, X, np.float64(0.5)),
        (W, B, X, 1),
    ],
    ids=str,
)
def test_other_kinds_of_arrays_find_their_code(args):
    derivative = grad(loss, argnums=(0, 1))
    derivative(W, B, X, 0.5)
    derivative(W, B, X, 0.5)
    for _ in range(2):
        for place, found in enumerate(derivative(*args)):
            np.testing.assert_allclose(found, by_complex_step(args, place), rtol=1e-6, atol=1e-12)
            assert np.shape(found) == np.shape(args[place])
            assert np.asarray(found).dtype == np.asarray(args[place]).dtype


def by_complex_step(args, place):
    """The derivative of the loss with respect to one of its arguments."""
    whole = np.asarray(args[place], complex)
    found = np.empty(whole.shape)
    for at in np.ndindex(whole.shape):
        moved = whole.copy()
        moved[at] += 1e-20j
        found[at] = loss(*args[:place], moved, *args[place + 1 :]).imag / 1e-20
    return found


def test_a_subclass_is_not_taken_for_an_array(dispatched):
    class Named(np.ndarray):
        pass

    derivative = grad(lambda x: np.sum(x * x))
    derivative(W)
    derivative(W)
    before = len(dispatched)
    try:
        derivative(W.view(Named))
    except SyntaxError:
        pass
    assert len(dispatched) == before + 1


def test_what_is_cast_on_the_way_is_cast_back():
    derivative = grad(lambda x: np.sum(x.astype(np.float32) ** 2))
    for _ in range(2):
        assert derivative(W).dtype == np.float64


def test_kinds_that_come_by_turns_are_compiled_and_written_once():
    derivative = grad(loss)
    written = derivative.__sourcediff__
    for _ in range(3):
        derivative(W, B, X, 0.5)
        derivative(W, B, X[:1], 0.5)
    assert len(written.specialisations) == 2
    assert all(made.was_direct for made in written.specialisations.values())


def test_an_outside_number_that_changes_is_seen():
    global scale
    scale = 2.0
    derivative = grad(scaled)
    assert derivative(W).tolist() == [2.0, 2.0, 2.0]
    assert derivative(W).tolist() == [2.0, 2.0, 2.0]
    scale = 3.0
    assert derivative(W).tolist() == [3.0, 3.0, 3.0]


scale = 2.0


def scaled(x):
    return np.sum(scale * x)


def test_a_method_of_a_ufunc_is_the_same_each_time():
    """Python makes it anew whenever it is looked up."""
    derivative = grad(lambda x: np.sum(np.maximum.accumulate(x) ** 2))
    derivative(X[0])
    made = derivative.__sourcediff__.latest
    for _ in range(3):
        derivative(X[0])
    assert derivative.__sourcediff__.latest is made
