"""Random programs of matrices as lists of lists: their gradients are those of the tape."""

import pytest

from tests.matrix_programs import MATRICES, written

COUNT = 60


@pytest.mark.parametrize("number", range(COUNT))
def test_the_gradient_is_that_of_the_tape(number):
    kinds = [verdict.partition(":")[0] for verdict in MATRICES.judged("suite", number)]
    assert kinds
    assert all(kind in ("right", "refused", "no gradient by the tape") for kind in kinds), kinds


def test_programs_make_matrices_and_write_to_them():
    texts = [written("suite", number).partition("def f(")[2] for number in range(COUNT)]
    for word in ("= product(", "= product_in_place(", "= smoothed(", ".append(", "for i", "*= "):
        assert sum(word in text for text in texts) >= 3, word
    for word in ("scale(", "bump(", "] = r", "L1 = [B, A]", "if ", "[list(row)"):
        assert any(word in text for text in texts), word
