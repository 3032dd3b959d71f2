"""Random programs with lists: their gradients are those of the tape."""

import pytest

from tests import iteration_programs
from tests.list_programs import loaded, verdicts, written

COUNT = 150


@pytest.mark.parametrize("number", range(COUNT))
def test_the_gradient_is_that_of_the_tape(number):
    text = written("suite", number)
    found = list(verdicts(loaded(text, f"suite:{number}")))
    assert found
    kinds = [verdict.partition(":")[0] for verdict in found]
    assert all(kind in ("right", "refused", "no gradient by the tape") for kind in kinds), text


@pytest.mark.parametrize("number", range(40))
def test_the_gradient_of_what_goes_through_iterators_is_that_of_the_tape(number):
    text = iteration_programs.written("suite", number)
    found = list(verdicts(loaded(text, f"iteration:{number}")))
    assert found
    kinds = [verdict.partition(":")[0] for verdict in found]
    assert all(kind in ("right", "refused", "no gradient by the tape") for kind in kinds), text


def test_most_programs_are_taken_and_change_lists():
    texts = [written("suite", number) for number in range(COUNT)]
    taken = sum("right" in verdicts(loaded(t, f"suite:{n}")) for n, t in enumerate(texts))
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
