"""Random programs with lists of objects: values and gradients are those of Python and the tape."""

import pytest

from tests.listed_object_programs import LISTED_OBJECTS, written

COUNT = 30


@pytest.mark.parametrize("number", range(COUNT))
def test_the_gradient_is_that_of_the_tape(number):
    kinds = [verdict.partition(":")[0] for verdict in LISTED_OBJECTS.judged("suite", number)]
    assert kinds
    assert all(kind in ("right", "refused", "no gradient by the tape") for kind in kinds), written(
        "suite", number
    )


def test_programs_change_objects_and_give_them_names():
    texts = [written("suite", number).partition("def f(")[2] for number in range(COUNT)]
    for word in (
        ".x ",
        ".append(",
        "enumerate(",
        " is ",
        "key=lambda",
        "os = ",
        ".push(",
        "moved(",
    ):
        assert any(word in text for text in texts), word
