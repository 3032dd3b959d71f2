"""Random programs of lists in lists, dicts and objects: their gradients are those of the tape."""

import pytest

from tests.container_programs import CONTAINERS, written

COUNT = 100


@pytest.mark.parametrize("number", range(COUNT))
def test_the_gradient_is_that_of_the_tape(number):
    kinds = [verdict.partition(":")[0] for verdict in CONTAINERS.judged("suite", number)]
    assert kinds
    assert all(kind in ("right", "refused", "no gradient by the tape") for kind in kinds), kinds


def test_programs_write_through_every_name():
    texts = [written("suite", number).partition("def f(")[2] for number in range(COUNT)]
    for word in (".items = ", "= fill(", "keep(", ".push(", ".pop(", "list(row)", "added("):
        assert sum(word in text for text in texts) >= 3, word
    for word in ("m[0] = ", " is ", ".setdefault(", ".append(", "for l", "] = m", "break"):
        assert any(word in text for text in texts), word
