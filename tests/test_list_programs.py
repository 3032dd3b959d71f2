"""Random programs with lists: their gradients are those of the tape."""

import pytest

from tests.iteration_programs import ITERATORS
from tests.list_programs import LISTS, written

COUNT = 150


@pytest.mark.parametrize("number", range(COUNT))
def test_the_gradient_is_that_of_the_tape(number):
    kinds = [verdict.partition(":")[0] for verdict in LISTS.judged("suite", number)]
    assert kinds
    assert all(kind in ("right", "refused", "no gradient by the tape") for kind in kinds), kinds


@pytest.mark.parametrize("number", range(40))
def test_the_gradient_of_what_goes_through_iterators_is_that_of_the_tape(number):
    kinds = [verdict.partition(":")[0] for verdict in ITERATORS.judged("suite", number)]
    assert kinds
    assert all(kind in ("right", "refused", "no gradient by the tape") for kind in kinds), kinds


def test_most_programs_are_taken_and_change_lists():
    texts = [written("suite", number) for number in range(COUNT)]
    taken = sum("right" in LISTS.judged("suite", number) for number in range(COUNT))
    assert taken >= 0.75 * COUNT
    for word in (
        "append(",
        ".pop()",
        "+= helper(",
        "[:3]",
        "if v > 0.4",
        "+= ",
        "] = ",
        "break",
        "continue",
    ):
        assert sum(word in text for text in texts) >= 5, word
