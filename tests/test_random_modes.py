"""Random programs in the other modes: `vjp`, `jvp` and `hvp` agree with the gradient."""

from collections import Counter

import pytest

from tests.container_programs import CONTAINERS
from tests.iteration_programs import ITERATORS
from tests.list_programs import LISTS
from tests.listed_object_programs import LISTED_OBJECTS
from tests.matrix_programs import MATRICES
from tests.object_programs import OBJECTS
from tests.random_modes import judged
from tests.random_programs import Kind

KINDS = (LISTS, ITERATORS, CONTAINERS, MATRICES, OBJECTS, LISTED_OBJECTS)
EXPECTED = ("pullback", "tangent", "second order", "refused", "no gradient")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_mode_agrees_with_the_gradient(kind):
    counts = Counter()
    for number in range(8):
        found = [verdict.partition(":")[0] for verdict in judged(kind, "suite", number)]
        assert all(word in EXPECTED for word in found), (number, found)
        counts.update(found)
    assert min(counts[word] for word in ("pullback", "tangent", "second order")) >= 6


def square(seed, number):
    return "def f(xs, a):\n    return xs[0] * xs[0] * a\n"


@pytest.mark.parametrize("mode", ["vjp", "jvp", "hvp"])
def test_a_wrong_mode_is_seen(mode, monkeypatch):
    def wrong(function, *args):
        if mode == "vjp":
            value, pullback = right(function, *args)
            return value, lambda seed: ([0.5 * v for v in pullback(seed)[0]], pullback(seed)[1])
        if mode == "jvp":
            value, tangent = right(function, *args)
            return value, 0.5 * tangent
        xs, a = right(function, *args)
        return [0.5 * v for v in xs], a

    right = getattr(judged.__globals__["sys"].modules["sourcediff"], mode)
    kind = Kind("square", square, lambda _: [([1.5], 0.7)])
    assert list(judged(kind, mode, 0)) == ["pullback", "tangent", "second order"]
    monkeypatch.setitem(judged.__globals__, mode, wrong)
    [found] = [v for v in judged(kind, mode, 0) if v.startswith("wrong")]
    assert found.startswith(f"wrong: {mode}")
