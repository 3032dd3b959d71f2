"""Random programs with loops: their gradients are those of the tape."""

import pytest

from tests.turns import loaded, verdicts, written

COUNT = 60


@pytest.mark.parametrize("number", range(COUNT))
def test_the_gradient_is_that_of_the_tape(number):
    text = written("suite", number)
    found = list(verdicts(loaded(text, f"suite:{number}")))
    assert found
    assert all(v in ("first order", "second order", "both raise", "refused") for v in found), text


def test_most_programs_are_taken_and_many_leave_their_loops():
    texts = [written("suite", number) for number in range(COUNT)]
    taken = sum("first order" in verdicts(loaded(t, f"suite:{n}")) for n, t in enumerate(texts))
    assert taken >= 0.9 * COUNT
    for word in ("for ", "while ", "break", "continue", "return ", "else:", "zip(", "reversed("):
        assert sum(word in text for text in texts) >= 5, word
