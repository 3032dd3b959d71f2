"""Operations of the IR that have no derivative rule of their own: structure and effects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sourcediff.ir import Primitive
from sourcediff.types import OBJECT, STR

__all__ = [
    "ASSERT",
    "BOUND",
    "CALL",
    "CHECKPOINT",
    "COLUMN",
    "COPY",
    "ENTERED",
    "FORMAT",
    "GETATTR",
    "GETITEM",
    "ISINSTANCE",
    "LEFT",
    "LOAD",
    "METHOD",
    "NARROWED",
    "PULLBACK",
    "PURE_CALL",
    "RAISE",
    "RECORDS",
    "REQUIRED",
    "TUPLE",
    "UNPACK",
    "YIELDED",
    "CallSpec",
]


class CallSpec:
    """How an opaque call is written: the callee, and the names of its last arguments.

    Without a path, the callee is a method of its first argument.
    `stars` are the places of arguments whose items are spread out; `numpy` is the name of a
    function of NumPy whose derivative is known; `looks`, where it is known, says whether what it
    gives is a view.
    """

    __slots__ = ("function", "keywords", "looks", "numpy", "ref", "stars")

    def __init__(
        self,
        function: Any,
        ref: Any,
        keywords: tuple[str, ...] = (),
        stars: frozenset[int] = frozenset(),
        numpy: str | None = None,
        looks: bool | None = None,
    ) -> None:
        self.numpy = numpy
        self.looks = looks
        self.function = function
        self.ref = ref
        self.keywords = keywords
        self.stars = stars

    def looking(self, looks: bool) -> CallSpec:
        """The same, where it is known whether it gives a view."""
        return CallSpec(self.function, self.ref, self.keywords, self.stars, self.numpy, looks)

    def __repr__(self) -> str:
        callee = f".{self.function.__name__}" if self.ref is None else repr(self.ref)
        return ", ".join([callee, *self.keywords])


def _call(spec: CallSpec, *args: Any) -> Any:
    split = len(args) - len(spec.keywords)
    positions: list[Any] = []
    for place, arg in enumerate(args[:split]):
        if place in spec.stars:
            positions.extend(arg)
        else:
            positions.append(arg)
    return spec.function(*positions, **dict(zip(spec.keywords, args[split:], strict=True)))


def _column(path: tuple[str, ...], whole: list[Any]) -> list[Any]:
    """What is at the end of a path of ``.name`` and ``[key]``, of each item."""
    read = eval(f"lambda item: item{''.join(path)}")
    return [read(item) for item in whole]


_CONVERSIONS: dict[str, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}


def _format(parts: tuple[Any, ...], *args: Any) -> str:
    values = iter(args)
    text = []
    for part in parts:
        if isinstance(part, str):
            text.append(part)
            continue
        conversion, spec = part
        value = next(values)
        if conversion != -1:
            value = _CONVERSIONS[chr(conversion)](value)
        text.append(format(value, spec))
    return "".join(text)


def _raise(exception: BaseException | type[BaseException], *cause: Any) -> None:
    if cause:
        raise exception from cause[0]
    raise exception


def _required(value: Any) -> None:
    if value is None:
        raise TypeError("unsupported operand type: 'NoneType'")


def _checked(*_: Any) -> Any:
    raise AssertionError("run by the interpreter itself")


#: A tuple from its items; its attribute is the class where it is not `tuple`.
TUPLE = Primitive("tuple", lambda *items: items, cost=15)
#: The items of a tuple argument; raises where there are more or fewer than the code is for.
UNPACK = Primitive("unpack", _checked, effect=True, raises=True, cost=20)
#: An item of a tuple whose place is known while compiling.
GETITEM = Primitive("getitem", lambda place, whole: whole[place], cost=10, hint="item")
#: An attribute of an object that was handed in.
GETATTR = Primitive("getattr", lambda name, whole: getattr(whole, name), raises=True, cost=15)
#: What each object of a list that was handed in holds at the end of a path, as a list; and back:
#: objects made of such lists, or None for what they do not hold.
COLUMN = Primitive("column", lambda path, whole: _column(path, whole), raises=True, cost=60)
RECORDS = Primitive("records", lambda spec, *lists: spec.made(lists), raises=True, cost=100)
#: A global, a variable of an enclosing function, an attribute of a module: read live.
LOAD = Primitive("load", lambda ref: ref.read(), cost=5)
#: The same value under another name.
COPY = Primitive("copy", lambda value: value, pattern="x", cost=3)
#: A value that may be None, where a test or a check has shown that it is not.
NARROWED = Primitive("narrowed", lambda value: value, pattern="x", cost=3)
#: The check of Python that an operand is not None: raises TypeError.
REQUIRED = Primitive("required", _required, effect=True, raises=True, cost=3)
#: The adjoint that an arm of a branch leaves behind, under the name of what it belongs to.
YIELDED = Primitive("yielded", lambda value: value, pattern="x", cost=3)
#: The value of a name that some paths do not bind: raises UnboundLocalError there.
BOUND = Primitive("bound", _checked, effect=True, raises=True, cost=3)
#: ``x: float`` without a value, which does nothing; its site holds the name and the annotation.
DECLARED = Primitive("declared", lambda: None, cost=0)
#: What a loop goes through, marked as `sourcediff.checkpoint` has it; maybe the number of segments.
CHECKPOINT = Primitive("checkpoint", lambda whole, *segments: whole, cost=3)
#: Where the code of a call begins that is computed again rather than kept, and where it ends.
ENTERED = Primitive("entered", lambda: None, effect=True, cost=0)
LEFT = Primitive("left", lambda: None, effect=True, cost=0)
#: A call that carries no derivative; executed in order, exactly once.
CALL = Primitive("call", _call, effect=True, raises=True, cost=100)
#: A call without effect that carries no derivative.
PURE_CALL = Primitive("pure_call", _call, raises=True, cost=100)
#: A method of a text.
METHOD = Primitive(
    "method",
    lambda spec, text, *args: getattr(text, spec)(*args),
    raises=True,
    typing=lambda *_: STR,
    cost=100,
)
#: A function inside, as a value: the `Function` that its attribute is. Its operands are the values
#: of the function around that it sees.
PULLBACK = Primitive("pullback", _checked, effect=True, opaque=True)
#: An f-string: its attribute holds the literal parts and the (conversion, format) of others.
FORMAT = Primitive("format", _format, raises=True, typing=lambda *_: STR, cost=200)
ISINSTANCE = Primitive("isinstance", lambda classes, x: isinstance(x, classes[0]), cost=40)
RAISE = Primitive("raise", _raise, effect=True, raises=True, typing=lambda *_: OBJECT)
#: ``assert test, message``; the message is a region, evaluated only on failure.
ASSERT = Primitive("assert", _checked, effect=True, raises=True)
