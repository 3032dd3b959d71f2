"""What the interpreter does for each operation that is not control flow.

An operation that only looks is evaluated on the images of its operands; one that writes, on a
copy of what it changes, which then takes the place of the content.

>>> from sourcediff.ir import Const, Function, Op, Region, Value
>>> from sourcediff.types import REAL, Slot, list_of
>>> machine, t = Machine(), list_of(Slot(REAL))
>>> op = Op(memory.LIST, (Const(1.5, REAL),), (Value(t),))
>>> made = execute(machine, op, [1.5], Frame(Function("f", [], Region([], ())), (), None))[0]
>>> machine.memory.contents[made].items
(1.5,)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from sourcediff import ir, memory
from sourcediff.heap import Reference
from sourcediff.ir import Op, Primitive
from sourcediff.machine import SCALARS, Closure, Defect, Exit, Frame, Machine, Unbound

__all__ = ["execute"]


def execute(machine: Machine, op: Op, args: list[Any], frame: Frame) -> Sequence[Any]:
    """The values of an operation's results.

    Raises:
        whatever the operation raises on Python's own objects
    """
    special = _BY_PRIMITIVE.get(op.primitive) or _BY_NAME.get(op.primitive.name)
    if special is None:
        found = _plain(machine, op, args)
    else:
        found = special(machine, op, args, frame)
    if op.primitive.name in _SEVERAL:
        several: Sequence[Any] = found
        return several
    return (found,) if op.results else ()


def _plain(machine: Machine, op: Op, args: list[Any]) -> Any:
    """An operation on Python's own objects that changes none of them."""
    evaluate = op.primitive.evaluate
    extra = [] if op.attribute is None else [op.attribute]
    if op.args and op.primitive.name not in _CALLS and all(type(arg) in SCALARS for arg in args):
        return machine.memory.lower(machine.python(evaluate, *extra, *args))
    return machine.outside(evaluate, [*extra, *args])


def _changed(machine: Machine, op: Op, args: list[Any], _frame: Frame) -> Any:
    """An operation that changes its first operand."""
    whole, *rest = args
    if type(whole) is not Reference:
        return _plain(machine, op, args)
    extra = [] if op.attribute is None else [op.attribute]
    high = [machine.memory.lift(arg) for arg in rest]
    sorts = op.primitive is memory.METHOD_OF and op.attribute.name == "sort"
    change = machine.memory.sort if sorts else machine.memory.change
    return change(whole, lambda copy: machine.python(op.primitive.evaluate, *extra, copy, *high))


# Names ------------------------------------------------------------------------------------


def _assign(_machine: Machine, _op: Op, args: list[Any], _frame: Frame) -> Any:
    return args


def _read(machine: Machine, op: Op, _args: list[Any], frame: Frame) -> Any:
    owner = frame.owner(op.attribute)
    if op.attribute not in owner.cells:
        machine.fail(_not_bound(op.attribute.name, owner is frame))
    return owner.cells[op.attribute]


def _write(_machine: Machine, op: Op, args: list[Any], frame: Frame) -> None:
    frame.bind(op.attribute, args[0])


def _forget(machine: Machine, op: Op, _args: list[Any], frame: Frame) -> None:
    variable, must = op.attribute if isinstance(op.attribute, tuple) else (op.attribute, True)
    owner = frame.owner(variable)
    if must and variable not in owner.cells:
        machine.fail(_not_bound(variable.name, owner is frame))
    frame.unbind(variable)


def _bound(machine: Machine, op: Op, args: list[Any], _frame: Frame) -> Any:
    if args[0] is Unbound:
        machine.fail(_not_bound(op.attribute, True))
    return args[0]


def _not_bound(name: str, own: bool) -> NameError:
    if own:
        return UnboundLocalError(
            f"cannot access local variable {name!r} where it is not associated with a value"
        )
    return NameError(
        f"cannot access free variable {name!r} where it is not associated with a value "
        "in enclosing scope"
    )


# Functions --------------------------------------------------------------------------------


def _make_function(machine: Machine, op: Op, args: list[Any], frame: Frame) -> Any:
    return Closure(machine, op.attribute, frame, args)


def _invoke(machine: Machine, op: Op, args: list[Any], _frame: Frame) -> Any:
    spec: ir.Invocation = op.attribute
    if spec.how == "class":
        return _instance(machine, spec, args)
    if spec.function is None:
        raise Defect(f"no function to call for {spec}")
    if spec.how != "closure":
        return machine.call(spec.function, tuple(args), None)
    closure, *rest = args
    if not isinstance(closure, Closure):
        raise Defect(f"{closure!r} is called as a closure")
    left_out = [i for i, arg in enumerate(rest) if arg is ir.LEFT_OUT]
    for place in left_out:
        rest[place] = closure.defaults[place - len(rest)]
    # One of the functions that the call was made for: they are made at the same place.
    return machine.call(closure.function, tuple(rest), closure.frame)


def _instance(machine: Machine, spec: ir.Invocation, args: list[Any]) -> Any:
    cls: Any = spec.cls
    if spec.function is None:
        return machine.outside(cls, args)
    # An exception keeps what it is called with even before it is initialised.
    extra = args if issubclass(cls, BaseException) else []
    made = machine.outside(lambda *rest: cls.__new__(cls, *rest), extra)
    machine.call(spec.function, (made, *args), None)
    return made


def _call(machine: Machine, op: Op, args: list[Any], _frame: Frame) -> Any:
    """A call of a function that only Python knows, and that may change what it is given."""
    try:
        return _plain(machine, op, args)
    finally:
        machine.memory.absorb(args)


# Statements -------------------------------------------------------------------------------


def _assert(machine: Machine, op: Op, args: list[Any], frame: Frame) -> None:
    if machine.holds(args[0]):
        return
    message = machine.region(op.regions[0], frame) if op.regions else ()
    if isinstance(message, Exit):
        raise Defect("control leaves a message")
    machine.outside(_raise_assertion, list(message))


def _raise_assertion(*message: Any) -> None:
    raise AssertionError(*message)


def _raise(machine: Machine, op: Op, args: list[Any], _frame: Frame) -> Any:
    return machine.outside(op.primitive.evaluate if args else _raise_again, args)


def _raise_again() -> None:
    raise


def _unpack(machine: Machine, op: Op, args: list[Any], _frame: Frame) -> Any:
    return machine.outside(_unpacker(len(op.results), op.attribute), args)


@cache
def _unpacker(count: int, star: int | None) -> Callable[[Any], tuple[Any, ...]]:
    """Python's own assignment to as many names, for its errors."""
    names = "".join(f"{'*' * (place == star)}x{place}, " for place in range(count))
    made: dict[str, Any] = {}
    exec(f"def unpack(whole):\n    ({names}) = whole\n    return ({names.replace('*', '')})", made)
    found: Callable[[Any], tuple[Any, ...]] = made["unpack"]
    return found


# Objects ----------------------------------------------------------------------------------


def _tuple(_machine: Machine, op: Op, args: list[Any], _frame: Frame) -> Any:
    return tuple.__new__(op.attribute or tuple, args)


def _list(machine: Machine, op: Op, args: list[Any], _frame: Frame) -> Any:
    def make(*items: Any) -> list[Any]:
        made: list[Any] = []
        for place, item in enumerate(items):
            made += [*item] if place in (op.attribute or ()) else [item]
        return made

    return machine.outside(make, args)


def _set(machine: Machine, op: Op, args: list[Any], _frame: Frame) -> Any:
    def make(*items: Any) -> set[Any]:
        made: set[Any] = set()
        for place, item in enumerate(items):
            made.update([*item] if place in (op.attribute or ()) else [item])
        return made

    return machine.outside(make, args)


def _dict(machine: Machine, op: Op, args: list[Any], _frame: Frame) -> Any:
    def make(*items: Any) -> dict[Any, Any]:
        made: dict[Any, Any] = {}
        for place in range(0, len(items), 2):
            spread = place in (op.attribute or ())
            made |= {**items[place + 1]} if spread else {items[place]: items[place + 1]}
        return made

    return machine.outside(make, args)


def _subscript(machine: Machine, op: Op, args: list[Any], frame: Frame) -> Any:
    whole, index = args
    if type(whole) is Reference:
        image = machine.memory.images[whole]
        if hasattr(type(image), "__missing__"):  # it may put something there
            return _changed(machine, op, args, frame)
        items = machine.memory.contents[whole].items
        if type(image) is list and type(index) is int and -len(items) <= index < len(items):
            return items[index]
    return _plain(machine, op, args)


def _contains(machine: Machine, op: Op, args: list[Any], _frame: Frame) -> Any:
    return machine.outside(op.primitive.evaluate, [bool(op.attribute), *args])


def _set_attribute(machine: Machine, op: Op, args: list[Any], frame: Frame) -> Any:
    if op.site is not None or type(args[0]) is not Reference:
        return _changed(machine, op, args, frame)
    # The user did not write it: an initialiser that Python made sets also what is frozen.
    value = machine.memory.lift(args[1])
    return machine.memory.change(
        args[0], lambda copy: machine.python(object.__setattr__, copy, op.attribute, value)
    )


def _method(machine: Machine, op: Op, args: list[Any], frame: Frame) -> Any:
    spec: memory.MethodSpec = op.attribute
    return _changed(machine, op, args, frame) if spec.writes else _plain(machine, op, args)


_Execute = Callable[[Machine, Op, list[Any], Frame], Any]
_BY_PRIMITIVE: dict[Primitive, _Execute] = {
    ir.INVOKE: _invoke,
    memory.ASSIGN: _assign,
    memory.READ: _read,
    memory.WRITE: _write,
    memory.FORGET: _forget,
    memory.MAKE_FUNCTION: _make_function,
    memory.LIST: _list,
    memory.SET: _set,
    memory.DICT: _dict,
    memory.SUBSCRIPT: _subscript,
    memory.CONTAINS: _contains,
    memory.METHOD_OF: _method,
    memory.INPLACE: _changed,
    memory.UNPACK_ITERABLE: _unpack,
    memory.SET_ITEM: _changed,
    memory.SET_PART: _changed,
    memory.DELETE_ITEM: _changed,
    memory.SWAP_ITEMS: _changed,
    memory.SET_ATTRIBUTE: _set_attribute,
    memory.DELETE_ATTRIBUTE: _changed,
}
#: The operations that the front end defines, below which this module stands.
_BY_NAME: dict[str, _Execute] = {
    "assert": _assert,
    "bound": _bound,
    "call": _call,
    "raise": _raise,
    "tuple": _tuple,
    "unpack": _unpack,
}
_CALLS = ("call", "pure_call")
#: The operations that give as many values as they have results.
_SEVERAL = ("assign", "unpack", "unpack_iterable")
