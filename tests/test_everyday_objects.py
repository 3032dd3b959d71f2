"""Everyday programs of objects come out as one writes them, not in the general form."""

import pytest

from sourcediff import DifferentiationError, grad
from tests.corpus.objects.table import PROGRAMS
from tests.test_object_corpus import gradient_of

#: Programs in which an object has two names, or the like: the general form takes them.
GENERAL = (
    "last_is_another_name",
    "grows_while_gone_through",
    "one_object_twice",
    "no_objects",
    "one_of_two",
    "views_of_what_changes",
    "bound_again",
)
HOMES = ("everyday", "handed_in", "listed", "queues", "keys", "pooled", "known_lists")
EVERYDAY = [p for p in PROGRAMS if p.name.split(".")[0] in HOMES]


@pytest.mark.parametrize("program", EVERYDAY, ids=lambda program: program.name)
def test_the_gradient_takes_the_clean_road_unless_it_is_known_not_to(program):
    gradient = gradient_of(program)
    gradient(*program.args(0))
    latest = gradient.__sourcediff__.latest
    assert latest.is_general is (program.name.split(".")[1] in GENERAL)


def test_a_copy_of_rows_that_may_be_one_row_is_refused():
    import copy

    def later(m):
        m.append(m[0])
        c = copy.deepcopy(m)
        c[0][0] *= 2.0
        return c[-1][0]

    def handed_in(m):
        c = copy.deepcopy(m)
        c[0][0] *= 2.0
        return c[1][0]

    def held(d):
        c = copy.deepcopy(d)
        c["a"][0] *= 2.0
        return c["b"][0]

    row = [1.0, 2.0]
    for function, argument in (
        (later, [[1.0], [2.0]]),
        (handed_in, [row, row]),
        (held, {"a": row, "b": row}),
    ):
        with pytest.raises(DifferentiationError):
            grad(function)(argument)
    assert grad(handed_in)([[1.0], [2.0]]) == [[0.0], [1.0]]
