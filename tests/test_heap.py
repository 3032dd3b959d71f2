"""The memory of the interpreter: what it holds is replaced and never changed."""

import collections
import functools
import random
from types import SimpleNamespace

import pytest

from sourcediff.heap import Memory
from sourcediff.snapshot import fill, fresh, holding, is_mutable
from tests.held import Counted, Key, Point, Slotted, slotted


@pytest.mark.parametrize(
    ("given", "operation"),
    [
        ([1.0, 2.0], lambda whole: whole.append(3.0)),
        ({"a": [1.0]}, lambda whole: whole.update(b=2.0)),
        (collections.deque([1.0], maxlen=3), lambda whole: whole.appendleft(2.0)),
        ({1.0, 2.0}, lambda whole: whole.add(3.0)),
        (SimpleNamespace(a=1.0), lambda whole: setattr(whole, "b", 2.0)),
        (slotted(1.0), lambda whole: setattr(whole, "b", 2.0)),
    ],
)
def test_contents_are_replaced_and_never_changed(given, operation):
    memory = Memory()
    reference = memory.lower(given)
    before = memory.contents[reference]
    copy = before.map(lambda held: held)
    memory.change(reference, operation)
    assert before == copy
    assert memory.contents[reference] != before
    assert memory.images[reference] is given
    memory.update()
    assert holding(given).map(memory.lower) == memory.contents[reference]


def test_one_reference_for_one_object():
    memory, row = Memory(), [1.0]
    one, (two, rows) = memory.lower(row), memory.lower((row, [row, row]))
    assert one is two
    assert memory.contents[rows].items == (one, one)
    assert memory.lift(rows)[0] is row


def test_tuples_keep_their_identity():
    memory, whole = Memory(), ([1.0], 2.0)
    assert memory.lift(memory.lower(whole)) is whole
    low = (memory.lower([1.0]),)
    assert memory.lower(memory.lift(low)) is low
    pair = collections.namedtuple("Pair", "a b")([1.0], 2.0)
    assert type(memory.lower(pair)) is type(pair)


def test_what_code_outside_changed_is_read_again():
    memory, inner = Memory(), [1.0]
    outer = memory.lower([(inner,)])
    inner.append(2.0)
    memory.absorb([outer])
    assert memory.contents[memory.lower(inner)].items == (1.0, 2.0)


@pytest.mark.parametrize(
    "value",
    [
        1.0, "a", None, (1.0,), len, random, Key, ValueError("a"), frozenset({1}), object(),
        range(3), iter([]), random.Random(), functools.partial(len), slice(1),
    ],
)  # fmt: skip
def test_values_that_are_no_objects_in_memory(value):
    assert not is_mutable(type(value))


@pytest.mark.parametrize(
    "value",
    [
        [], {}, set(), collections.deque(maxlen=2), collections.defaultdict(list),
        collections.OrderedDict(), collections.Counter("aab"), SimpleNamespace(x=1), Point(1.0),
        slotted(1.0), Key("a"), Counted([1]),
    ],
)  # fmt: skip
def test_objects_are_rebuilt_from_what_they_hold(value):
    assert is_mutable(type(value))
    blank = fresh(value)
    fill(blank, holding(value))
    assert type(blank) is type(value)
    assert holding(blank) == holding(value)
    assert repr(blank) == repr(value) or type(value) is Slotted
