"""Dicts outside that are spread out or copied: their keys are relied on, what they hold is live."""

from typing import Any

import pytest

from sourcediff import DifferentiationError, grad, value_and_grad

DEFAULTS: dict[str, Any] = {"beta": 0.5, "sigma": 0.2, "gamma": 0.1}
ROWS: dict[str, Any] = {"a": [1.0, 2.0], "b": [3.0]}


def spread(beta):
    p = {**DEFAULTS, "beta": beta}
    return p["beta"] * p["sigma"] + p["gamma"]


def model(x, beta=1.0, sigma=1.0, gamma=1.0):
    return x * x * beta + sigma**2 * gamma


def as_keywords(x):
    return model(x, **DEFAULTS)


def copied(x):
    p = dict(DEFAULTS, beta=x)
    q = DEFAULTS.copy()
    q["sigma"] = x
    q.update(gamma=x * x)
    return model(x, **p) + sum(q.values()) * p["beta"]


def in_a_loop(x):
    total = 0.0
    for k in range(3):
        p = {**DEFAULTS, "beta": x * k}
        total += p["beta"] ** 2 * p["gamma"]
    return total


def lists_inside(x):
    rows = {**ROWS, "b": [x]}
    return sum(rows["a"]) * rows["b"][0]


@pytest.mark.parametrize("f", [spread, as_keywords, copied, in_a_loop, lists_inside])
def test_like_differences(f):
    x, h = 1.3, 1e-6
    expected = pytest.approx((f(x + h) - f(x - h)) / (2 * h))
    assert value_and_grad(f)(x) == (f(x), expected)
    assert "def back" not in grad(f).source


def test_what_they_hold_is_live(monkeypatch):
    g = grad(spread)
    assert g(1.0) == 0.2
    monkeypatch.setitem(DEFAULTS, "sigma", 0.7)
    assert g(1.0) == 0.7
    monkeypatch.setitem(DEFAULTS, "beta", 3)
    monkeypatch.setitem(DEFAULTS, "more", 2.0)
    assert g(1.0) == 0.7
    monkeypatch.delitem(DEFAULTS, "gamma")
    with pytest.raises((KeyError, DifferentiationError)):
        g(1.0)


def other_keys(x):
    DEFAULTS["more"] = x
    p = {**DEFAULTS}
    return p["more"] * x


def test_one_that_is_changed_is_refused():
    with pytest.raises(DifferentiationError):
        grad(other_keys)(2.0)
    DEFAULTS.pop("more", None)


def sum_of(x):
    p = {**DEFAULTS, "x": x}
    return sum(p.values()) * x


def test_a_key_that_is_added_counts(monkeypatch):
    g = grad(sum_of)
    assert g(1.0) == pytest.approx(0.8 + 2.0)
    monkeypatch.setitem(DEFAULTS, "more", 1.0)
    assert g(1.0) == pytest.approx(1.8 + 2.0)
