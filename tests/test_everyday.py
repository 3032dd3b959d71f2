"""Programs as people have them, which one road or the other once refused."""

import itertools
import math
from typing import Any

import pytest

from sourcediff import grad, hvp, jvp, tape


def interpolated(curve, t):
    tenors = sorted(curve.keys())
    if t <= tenors[0]:
        return curve[tenors[0]]
    for lo, hi in itertools.pairwise(tenors):
        if lo <= t <= hi:
            w = (t - lo) / (hi - lo)
            return (1 - w) * curve[lo] + w * curve[hi]
    return curve[tenors[-1]]


def swap(curve, fixed):
    leg = 0.0
    for t in [0.5, 1.0, 1.5, 2.0, 2.5]:
        leg += 0.5 * fixed * math.exp(-interpolated(curve, t) * t)
    return 1.0 - math.exp(-interpolated(curve, 2.5) * 2.5) - leg


def keys_as_numbers(table):
    keys = list(table)
    keys.append(table[1.5] * keys[0])
    return sum(keys) + sum(k * v * v for k, v in table.items())


def dense(layer, x, activation):
    rows = zip(layer["W"], layer["b"], strict=True)
    return [activation(sum(w * v for w, v in zip(row, x, strict=True)) + b) for row, b in rows]


ACTIVATIONS = {"tanh": math.tanh, "linear": lambda z: z, "square": lambda z: z * z}


def network(parameters, x):
    for layer, name in zip(parameters["layers"], parameters["activations"], strict=True):
        x = dense(layer, x, ACTIVATIONS[name])
    return sum(v * v for v in x)


CURVE = {1.0: 0.02, 2.0: 0.025, 3.0: 0.03}
LAYERS = {
    "layers": [
        {"W": [[0.1, 0.4], [-0.3, 0.2]], "b": [0.0, 0.1]},
        {"W": [[0.3, -0.2]], "b": [0.05]},
    ],
    "activations": ["tanh", "square"],
}


@pytest.mark.parametrize(
    ("function", "arguments"),
    [(swap, (CURVE, 0.024)), (keys_as_numbers, ({0.5: 1.0, 1.5: 2.0},))],
    ids=["swap", "keys_as_numbers"],
)
def test_dicts_with_numbers_as_keys(function, arguments):
    """The keys of a dict that is handed in never vary."""
    expected = tape.gradient(function, *arguments)
    found = grad(function)(*arguments)
    assert found == pytest.approx(expected, rel=1e-12)
    direction = {key: float(k + 1) for k, key in enumerate(arguments[0])}
    rest = [None] * (len(arguments) - 1)
    _, slope = jvp(function, arguments, (direction, *rest))
    assert slope == pytest.approx(sum(direction[key] * expected[key] for key in expected))


def test_a_table_of_functions_by_texts_in_an_argument():
    x = [1.0, 2.0]
    found: Any = grad(network)(LAYERS, x)
    assert found["activations"] in (None, [None, None])

    def along(t: float) -> float:
        moved = [
            {"W": [[w + t for w in row] for row in layer["W"]], "b": [b + t for b in layer["b"]]}
            for layer in LAYERS["layers"]  # type: ignore[attr-defined]
        ]
        return float(network({**LAYERS, "layers": moved}, x))

    total = sum(sum(map(sum, layer["W"])) + sum(layer["b"]) for layer in found["layers"])
    assert total == pytest.approx((along(1e-6) - along(-1e-6)) / 2e-6, rel=1e-6)
    ones = [
        {"W": [[1.0] * len(row) for row in layer["W"]], "b": [1.0] * len(layer["b"])}
        for layer in LAYERS["layers"]  # type: ignore[attr-defined]
    ]
    product: Any = hvp(network, (LAYERS, x), ({"layers": ones, "activations": None}, None))[0]
    total = sum(sum(map(sum, layer["W"])) + sum(layer["b"]) for layer in product["layers"])
    second = (along(1e-4) - 2 * along(0.0) + along(-1e-4)) / 1e-8
    assert total == pytest.approx(second, rel=1e-4)
