"""Lowering of built-in functions, and of those of `math` whose form needs a word more.

Each handler gets the call's bindings and gives back a binding; what is a plain operation of
the table of rules does not need one.
"""

from __future__ import annotations

import ast
import builtins
import functools
import logging
import math
import operator
import random
import time
import warnings
from collections.abc import Callable
from typing import Any

from sourcediff import types
from sourcediff.frontend.arrays.arrays import is_array
from sourcediff.frontend.arrays.numpy_entered import enter_definition
from sourcediff.frontend.containers.containers import make_list, slice_of
from sourcediff.frontend.describe import describe
from sourcediff.frontend.lowering import Lowering
from sourcediff.frontend.objects import attributes
from sourcediff.frontend.objects.columns import made_of, registered
from sourcediff.frontend.objects.members import members_of
from sourcediff.frontend.objects.tuple_columns import register_tuple
from sourcediff.frontend.operators import operate, says_what_operators_do
from sourcediff.frontend.primitives import CALL, METHOD, PURE_CALL, CallSpec
from sourcediff.frontend.values import Binding, Bound, Once, Rec, Static, Tup
from sourcediff.ir import Atom, Const, Primitive, Value
from sourcediff.rules import builtin_functions, library_definitions, mathematics
from sourcediff.rules.operators import arithmetic
from sourcediff.rules.table import primitive_of

__all__ = ["HANDLERS", "Kwargs", "handles", "only"]

Kwargs = dict[str, Binding]
Handler = Callable[[Lowering, Static, list[Binding], Kwargs], Binding]
HANDLERS: dict[Any, Handler] = {}


def handles(*functions: Any) -> Callable[[Handler], Handler]:
    """Register a handler for calls of these functions."""

    def register(handler: Handler) -> Handler:
        for function in functions:
            HANDLERS[function] = handler
        return handler

    return register


def _primitive(what: Any, arity: int | None = None) -> Primitive:
    found = primitive_of(what, arity)
    assert found is not None
    return found


def only(
    lowering: Lowering, name: str, args: list[Binding], kwargs: Kwargs, low: int, high: int
) -> None:
    if kwargs:
        lowering.error(f"{name}() with the keyword {next(iter(kwargs))!r} is not supported")
    if not low <= len(args) <= high:
        wanted = str(low) if low == high else f"{low} to {high}"
        lowering.error(f"{name}() takes {wanted} arguments, not {len(args)}")


def items_of(lowering: Lowering, binding: Binding, what: str) -> list[Binding]:
    """The items of a tuple (or keys of a record)."""
    if isinstance(binding, Static):
        binding = members_of(binding) or binding
    if isinstance(binding, Tup) and binding.cls is not complex:
        return binding.items
    if isinstance(binding, Rec):
        return [Const(k, types.STR) for k in binding.items]
    lowering.error(f"{what} over {describe(binding)} is not supported", help="use a tuple")


def _always(binding: Binding) -> Callable[[], Binding]:
    """An arm of a branch that has been lowered already."""
    return lambda: binding


# Numbers ---------------------------------------------------------------------------------


@handles(builtins.float)
def _float(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "float", args, kwargs, 0, 1)
    if not args:
        return Const(0.0, types.REAL)
    argument = args[0]
    if isinstance(argument, Const) and argument.type in (types.STR, types.INT, types.BOOL):
        try:
            return Const(float(argument.value), types.REAL)
        except (ValueError, OverflowError) as reason:
            lowering.error(f"float({argument.value!r}): {reason}")
    return lowering.apply(_primitive(float), (lowering.number(argument, "float"),))


@handles(builtins.int)
def _int(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "int", args, kwargs, 0, 1)
    if not args:
        return Const(0, types.INT)
    return lowering.apply(_primitive(int), (lowering.number(args[0], "int"),))


@handles(builtins.bool)
def _bool(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "bool", args, kwargs, 0, 1)
    known = lowering.truth(args[0]) if args else False
    if isinstance(known, bool):
        return Const(known, types.BOOL)
    return known if known.type is types.BOOL else lowering.apply(_primitive(bool), (known,))


@handles(builtins.round)
def _round(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    if "ndigits" in kwargs:
        args = [*args, kwargs.pop("ndigits")]
    only(lowering, "round", args, kwargs, 1, 2)
    number = lowering.number(args[0], "round")
    if len(args) == 1 or (isinstance(args[1], Const) and args[1].value is None):
        return lowering.apply(_primitive(round), (number,))
    assert builtin_functions.ROUND is not None
    return lowering.emit(builtin_functions.ROUND, (number, lowering.number(args[1], "round")))


@handles(builtins.pow)
def _pow(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    if kwargs or len(args) == 3:
        lowering.error("pow() with a modulus is defined on integers only")
    only(lowering, "pow", args, kwargs, 2, 2)
    from operator import pow as power

    atoms = [lowering.number(a, "pow") for a in args]
    if lowering.faithful:
        return lowering.apply(builtin_functions.POW, atoms)
    return lowering.apply(_primitive(power), atoms)


@handles(builtins.divmod)
def _divmod(lowering: Lowering, f: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "divmod", args, kwargs, 2, 2)
    import operator

    atoms = [lowering.number(a, "divmod") for a in args]
    kind = arithmetic(*(atom.type for atom in atoms))
    if lowering.faithful and kind is not None:
        spec = CallSpec(divmod, lowering.reference_to(f))
        return lowering.emit(PURE_CALL, atoms, types.tuple_of((kind, kind)), attribute=spec)
    quotient = lowering.apply(_primitive(operator.floordiv), atoms)
    return Tup([quotient, lowering.apply(_primitive(operator.mod), atoms)])


@handles(builtins.max, builtins.min)
def _extremum(lowering: Lowering, f: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    name = f.object.__name__
    key = kwargs.pop("key", None)
    default = kwargs.pop("default", None)
    if kwargs:
        lowering.error(f"{name}() with the keyword {next(iter(kwargs))!r} is not supported")
    if len(args) == 1:
        args = items_of(lowering, args[0], name)
    if not args:
        if default is not None:
            return default
        lowering.error(f"{name}() of nothing")
    if key is not None and not (isinstance(key, Const) and key.value is None):
        return _extremum_by_key(lowering, f.object, args, key)
    best = lowering.number(args[0], name)
    for other in args[1:]:
        best = lowering.apply(_primitive(f.object), (best, lowering.number(other, name)))
    return best


def _extremum_by_key(
    lowering: Lowering, function: Any, args: list[Binding], key: Binding
) -> Binding:
    """``max(…, key=…)``: a real branch between neighbours, as Python compares them."""
    import operator

    from sourcediff.frontend.calls.calls import call

    compare = _primitive(operator.gt if function is max else operator.lt)
    best, rank = args[0], call(lowering, key, [args[0]], {}, lowering.node)
    for other in args[1:]:
        other_rank = call(lowering, key, [other], {}, lowering.node)
        test = lowering.apply(
            compare, (lowering.number(other_rank, "a key"), lowering.number(rank, "a key"))
        )
        this, that = Tup([other, other_rank]), Tup([best, rank])
        chosen = lowering.choose(test, _always(this), _always(that))
        if not isinstance(chosen, Tup):
            lowering.error(
                f"{function.__name__}() of {describe(best)} and {describe(other)} is not supported"
            )
        best, rank = chosen.items
    return best


@handles(builtins.sum)
def _sum(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    if "start" in kwargs:
        args = [*args, kwargs.pop("start")]
    only(lowering, "sum", args, kwargs, 1, 2)
    given = items_of(lowering, args[0], "sum")
    if any(is_array(item) or says_what_operators_do(item) for item in given):
        # The first sum is a new array, also where there is one item only; of objects it is what
        # their class says.
        total = args[1] if len(args) == 2 else Const(0, types.INT)
        for item in given:
            total = operate(lowering, ast.Add(), total, item)
        return total
    items = [lowering.number(i, "sum") for i in given]
    if not items:
        return args[1] if len(args) == 2 else Const(0, types.INT)
    assert builtin_functions.SUM is not None
    if len(args) == 2:
        assert builtin_functions.SUM_FROM is not None
        return lowering.emit(builtin_functions.SUM_FROM, (lowering.number(args[1], "sum"), *items))
    return lowering.emit(builtin_functions.SUM, items)


@handles(math.fsum)
def _fsum(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "math.fsum", args, kwargs, 1, 1)
    items = [lowering.number(i, "fsum") for i in items_of(lowering, args[0], "fsum")]
    if not items:
        return Const(0.0, types.REAL)
    assert builtin_functions.FSUM is not None
    return lowering.emit(builtin_functions.FSUM, items)


@handles(math.prod)
def _prod(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    start = kwargs.pop("start", None)
    only(lowering, "math.prod", args, kwargs, 1, 1)
    import operator

    items = items_of(lowering, args[0], "math.prod")
    factors = [lowering.number(i, "math.prod") for i in ([start] if start else []) + items]
    if not factors:
        return Const(1, types.INT)
    product = factors[0]  # 1 * x is x, to the last bit
    for factor in factors[1:]:
        product = lowering.apply(_primitive(operator.mul), (product, factor))
    return product


@handles(*(f for f in (getattr(math, "sumprod", None),) if f))
def _sumprod(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "math.sumprod", args, kwargs, 2, 2)
    left, right = (items_of(lowering, a, "math.sumprod") for a in args)
    if len(left) != len(right):
        lowering.error(f"math.sumprod of {len(left)} and {len(right)} numbers")
    atoms = [lowering.number(i, "math.sumprod") for i in (*left, *right)]
    assert builtin_functions.SUMPROD is not None
    return lowering.emit(builtin_functions.SUMPROD, atoms)


@handles(math.dist)
def _dist(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "math.dist", args, kwargs, 2, 2)
    left, right = (items_of(lowering, a, "math.dist") for a in args)
    if len(left) != len(right):
        lowering.error(f"math.dist between {len(left)} and {len(right)} dimensions")
    atoms = [lowering.number(i, "math.dist") for i in (*left, *right)]
    assert builtin_functions.DIST is not None
    return lowering.emit(builtin_functions.DIST, atoms)


@handles(math.modf)
def _modf(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "math.modf", args, kwargs, 1, 1)
    number = lowering.number(args[0], "math.modf")
    parts = (mathematics.modf_fraction, mathematics.modf_whole)
    return Tup([lowering.emit(_primitive(part), (number,)) for part in parts])


@handles(math.frexp)
def _frexp(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "math.frexp", args, kwargs, 1, 1)
    number = lowering.number(args[0], "math.frexp")
    parts = (mathematics.frexp_mantissa, mathematics.frexp_exponent)
    return Tup([lowering.emit(_primitive(part), (number,)) for part in parts])


@handles(math.nextafter)
def _nextafter(lowering: Lowering, f: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    if kwargs:
        lowering.error("math.nextafter with steps is not supported")
    only(lowering, "math.nextafter", args, kwargs, 2, 2)
    atoms = [lowering.number(a, "math.nextafter") for a in args]
    return lowering.emit(_primitive(math.nextafter), atoms)


@handles(math.isclose)
def _isclose(lowering: Lowering, f: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    atoms = [lowering.number(a, "math.isclose") for a in (*args, *kwargs.values())]
    spec = CallSpec(f.object, lowering.reference_to(f), tuple(kwargs))
    return lowering.emit(PURE_CALL, atoms, types.BOOL, attribute=spec)


# Structure -------------------------------------------------------------------------------


@handles(builtins.len)
def _len(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "len", args, kwargs, 1, 1)
    if isinstance(args[0], Const) and args[0].type is types.STR:
        return Const(len(args[0].value), types.INT)
    return Const(len(items_of(lowering, args[0], "len")), types.INT)


@handles(operator.itemgetter)
def _itemgetter(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "itemgetter", args, kwargs, 1, 3)
    definition = library_definitions.GETTERS[len(args) - 1]
    assert lowering.node is not None
    return enter_definition(lowering, definition, args, kwargs, lowering.node)


@handles(operator.attrgetter)
def _attrgetter(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "attrgetter", args, kwargs, 1, 1)
    if not isinstance(args[0], Const) or "." in str(args[0].value):
        lowering.error("attrgetter() of anything but one name is not supported")
    assert lowering.node is not None
    return enter_definition(lowering, library_definitions.attrgetter, args, kwargs, lowering.node)


@handles(builtins.slice)
def _slice(lowering: Lowering, function: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    """What stands between the brackets of ``whole[start:stop:step]``, as a value."""
    if kwargs or not 1 <= len(args) <= 3:
        lowering.error("slice() takes one to three numbers")
    none = Const(None, types.NONE)
    bounds: list[Binding] = [none, *args, none][:3] if len(args) == 1 else [*args, none][:3]
    for bound in bounds:
        if not isinstance(bound, Value | Const):
            lowering.error("slice() takes whole numbers")
    return slice_of(lowering, bounds)


@handles(builtins.tuple, builtins.list)
def _tuple(lowering: Lowering, f: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, f.object.__name__, args, kwargs, 0, 1)
    items = items_of(lowering, args[0], f.object.__name__) if args else []
    if f.object is tuple:
        return Tup(list(items))
    assert lowering.node is not None
    if (*lowering.path, lowering.node) in lowering.memo.written:
        if registered(lowering, lowering.node):
            return made_of(lowering, lowering.node, list(items))
        register_tuple(lowering, lowering.slot(lowering.node, "List"), items)
        return make_list(lowering, lowering.node, list(items))
    return lowering.known_list(lowering.node, list(items))


@handles(builtins.dict)
def _dict(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    if args and isinstance(args[0], Rec) and len(args) == 1:
        return Rec({**args[0].items, **kwargs})
    if args:
        lowering.error("dict() of this argument is not supported", help="use keywords")
    return Rec(dict(kwargs))


@handles(builtins.iter)
def _iter(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "iter", args, kwargs, 1, 1)
    return Once(list(items_of(lowering, args[0], "iter")))


@handles(builtins.reversed)
def _reversed(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "reversed", args, kwargs, 1, 1)
    return Once(items_of(lowering, args[0], "reversed")[::-1])


@handles(builtins.zip)
def _zip(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    strict = kwargs.pop("strict", None)
    only(lowering, "zip", args, kwargs, 0, len(args))
    columns = [items_of(lowering, a, "zip") for a in args]
    if isinstance(strict, Const) and strict.value and len({len(c) for c in columns}) > 1:
        lowering.error("zip() of different lengths with strict=True")
    return Once([Tup(list(row)) for row in zip(*columns, strict=False)])


@handles(builtins.enumerate)
def _enumerate(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    start = kwargs.pop("start", None)
    only(lowering, "enumerate", args, kwargs, 1, 2)
    items = items_of(lowering, args[0], "enumerate")
    if start is None:
        start = args[1] if len(args) == 2 else Const(0, types.INT)
    if not isinstance(start, Const) or start.type is not types.INT:
        lowering.error("enumerate() from a computed number is not supported here")
    return Once([Tup([Const(start.value + i, types.INT), v]) for i, v in enumerate(items)])


@handles(builtins.map)
def _map(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    from sourcediff.frontend.calls.calls import call

    only(lowering, "map", args, kwargs, 2, len(args))
    columns = [items_of(lowering, a, "map") for a in args[1:]]
    rows = zip(*columns, strict=False)
    return Once([call(lowering, args[0], list(row), {}, lowering.node) for row in rows])


@handles(functools.reduce)
def _reduce(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    from sourcediff.frontend.calls.calls import call

    only(lowering, "reduce", args, kwargs, 2, 3)
    items = items_of(lowering, args[1], "reduce")
    if len(args) == 3:
        items = [args[2], *items]
    if not items:
        lowering.error("reduce() of nothing")
    total = items[0]
    for item in items[1:]:
        total = call(lowering, args[0], [total, item], {}, lowering.node)
    return total


@handles(functools.partial)
def _partial(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    return Bound(args[0], args[1:], kwargs, is_partial=True)


@handles(builtins.any, builtins.all)
def _any_all(lowering: Lowering, f: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, f.object.__name__, args, kwargs, 1, 1)
    whole = f.object is all
    result: Binding = Const(whole, types.BOOL)
    for item in items_of(lowering, args[0], f.object.__name__):
        one, other = _always(_bool(lowering, f, [item], {})), _always(result)
        if whole:
            result = lowering.choose(result, one, other, "and")
        else:
            result = lowering.choose(result, other, one, "or")
    return result


@handles(attributes._get)
def _get(lowering: Lowering, _: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, "get", args, kwargs, 2, 3)
    record, key = args[0], args[1]
    assert isinstance(record, Rec)
    if not isinstance(key, Const):
        lowering.error("a computed key is not supported", help="use a constant key")
    default = args[2] if len(args) == 3 else Const(None, types.NONE)
    return record.items.get(key.value, default)


@handles(attributes._keys, attributes._values, attributes._items)
def _views(lowering: Lowering, f: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, f.object.__name__.strip("_"), args, kwargs, 1, 1)
    record = args[0]
    assert isinstance(record, Rec)
    keys: list[Binding] = [Const(k, types.STR) for k in record.items]
    if f.object is attributes._keys:
        return Tup(keys)
    values = list(record.items.values())
    if f.object is attributes._values:
        return Tup(values)
    return Tup([Tup([k, v]) for k, v in zip(keys, values, strict=True)])


# Effects and texts -----------------------------------------------------------------------


@handles(
    builtins.print,
    logging.debug,
    logging.info,
    logging.warning,
    logging.error,
    logging.critical,
    time.sleep,
    random.seed,
    warnings.simplefilter,
    warnings.filterwarnings,
)
def _effect(lowering: Lowering, f: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    atoms: list[Atom] = [lowering.printable(a) for a in (*args, *kwargs.values())]
    spec = CallSpec(f.object, lowering.reference_to(f), tuple(kwargs))
    lowering.effect(CALL, atoms, attribute=spec)
    return Const(None, types.NONE)


@handles(
    random.random,
    random.uniform,
    random.gauss,
    random.normalvariate,
    random.lognormvariate,
    random.expovariate,
    random.gammavariate,
    random.betavariate,
    random.triangular,
    random.paretovariate,
    random.weibullvariate,
    random.vonmisesvariate,
    time.time,
    time.perf_counter,
    time.monotonic,
)
def _impure_number(lowering: Lowering, f: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    """A number that depends on no argument one could vary; drawn once, in order."""
    atoms = [lowering.number(a, f.object.__name__) for a in (*args, *kwargs.values())]
    spec = CallSpec(f.object, lowering.reference_to(f), tuple(kwargs))
    return lowering.emit(CALL, atoms, types.REAL, attribute=spec)


@handles(random.randint, random.randrange)
def _impure_integer(lowering: Lowering, f: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    """A whole number; drawn once, in order."""
    atoms = [lowering.number(a, f.object.__name__) for a in (*args, *kwargs.values())]
    spec = CallSpec(f.object, lowering.reference_to(f), tuple(kwargs))
    return lowering.emit(CALL, atoms, types.INT, attribute=spec)


def _text_method(lowering: Lowering, f: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, f"str.{f.object.__name__}", args, kwargs, 1, len(args))
    if f.object.__name__ in attributes.TEXT_PARTS:
        return _parts_of_text(lowering, f, args)
    atoms = [lowering.printable(a) for a in args]
    return lowering.emit(METHOD, atoms, attribute=f.object.__name__)


def _parts_of_text(lowering: Lowering, f: Static, args: list[Binding]) -> Binding:
    """``text.split(";")``, ``text.partition("=")`` of a text that is known."""
    known = [arg.value for arg in args if isinstance(arg, Const)]
    if len(known) < len(args):
        lowering.error(f"str.{f.object.__name__}() of a text that the run makes is not supported")
    try:
        parts = f.object(*known)
    except (TypeError, ValueError) as reason:
        lowering.error(f"str.{f.object.__name__}(): {reason}")
    items: list[Binding] = [Const(part, types.STR) for part in parts]
    return Tup(items) if isinstance(parts, tuple) else lowering.known_list(lowering.node, items)


for _name in (*attributes._TEXT_METHODS, *attributes.TEXT_PARTS):
    HANDLERS[getattr(str, _name)] = _text_method


@handles(builtins.str, builtins.repr)
def _text(lowering: Lowering, f: Static, args: list[Binding], kwargs: Kwargs) -> Binding:
    only(lowering, f.object.__name__, args, kwargs, 1, 1)
    (found,) = args
    if not lowering.faithful and isinstance(found, Const) and type(found.value) in (int, str):
        return Const(f.object(found.value), types.STR)
    return lowering.emit(_primitive(f.object), (lowering.printable(args[0]),))
