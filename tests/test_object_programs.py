"""Random programs with objects and dicts: values and gradients are those of Python and the tape."""

import pytest

from tests.object_programs import OBJECTS, written

COUNT = 100


def judged(number):
    return OBJECTS.judged("suite", number)


@pytest.mark.parametrize("number", range(COUNT))
def test_the_gradient_is_that_of_the_tape(number):
    kinds = [verdict.partition(":")[0] for verdict in judged(number)]
    assert kinds
    assert all(kind in ("right", "refused", "no gradient by the tape") for kind in kinds), written(
        "suite", number
    )


def test_most_programs_are_taken_and_change_objects():
    texts = [written("suite", number).partition("def f(")[2] for number in range(COUNT)]
    taken = sum("right" in judged(number) for number in range(COUNT))
    assert taken >= 0.75 * COUNT
    for word in ("Cell(", ".inner = ", ".scale(", "chosen(", "helper(", ".mean", ".items()"):
        assert sum(word in text for text in texts) >= 5, word
    for word in (" is ", "break", "Vec(", ".rate = ", "['s'] += ", "{**d", ".update("):
        assert any(word in text for text in texts), word
