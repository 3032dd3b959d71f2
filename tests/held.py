"""Objects of every kind that a program may hold, for the tests of the interpreter's memory."""

from dataclasses import dataclass, field
from typing import Any

from sourcediff import types
from sourcediff.memory import MethodSpec
from sourcediff.types import REAL, STR, Slot

DICT_OF = types.dict_of(Slot(STR), Slot(REAL))


def method(name: str, writes: bool = False, *keywords: str) -> MethodSpec:
    return MethodSpec(name, keywords, writes)


@dataclass
class Point:
    x: float
    near: list[Any] = field(default_factory=list)


@dataclass(frozen=True, order=True)
class Key:
    name: str


class Slotted:
    __slots__ = ("a", "b")


class Counted(list):
    count = 0


def slotted(a: float) -> Slotted:
    made = Slotted()
    made.a = a
    return made
