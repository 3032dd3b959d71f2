"""Pullbacks that are written in Python with NumPy, put into the code of a derivative.

A function of `rules.numpy_pullbacks` says what a function of NumPy contributes to the adjoints of
its arguments. Our own front end lowers it, for the types and the constants of one call, and its
operations are copied there: what comes out is as if the function had been entered, tests of what is
known decided, and it can be differentiated again.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any

from sourcediff import types
from sourcediff.errors import DifferentiationError, InternalError
from sourcediff.frontend.arrays.numpy_signatures import WHOLE, Given, arguments_of, name_of
from sourcediff.frontend.primitives import GETITEM, LOAD, PURE_CALL, TUPLE, CallSpec
from sourcediff.frontend.values import Binding, Ref, Tup
from sourcediff.ir import Atom, Const, Function, Op, Region, Value, walk
from sourcediff.memory import INPLACE, SUBSCRIPT
from sourcediff.transform.adjoint.scaled import AdjointBuilder, Scaled
from sourcediff.transform.arrays.code import is_array
from sourcediff.transform.arrays.table import refuse
from sourcediff.transform.arrays.transforms import without_idle_length
from sourcediff.transform.smaller.optimise import eliminate_dead
from sourcediff.types import Slot, Type, array_of, rank_of

if TYPE_CHECKING:
    from sourcediff.transform.adjoint.adjoints import Adjoints
    from sourcediff.transform.arrays.arrays import Arrays

__all__ = ["expand", "from_template", "is_written", "parameters_of"]

Template = Callable[..., Any]


def is_written(name: str) -> bool:
    """Whether `rules.numpy_pullbacks` has a pullback; it is not imported before NumPy is."""
    if "numpy" not in sys.modules:
        return False
    from sourcediff.rules import (
        numpy_chosen_pullbacks,
        numpy_difference_pullbacks,
        numpy_order_pullbacks,
        numpy_product_pullbacks,
        numpy_pullbacks,
        numpy_several_pullbacks,
        numpy_stacks,
        numpy_transform_pullbacks,
    )

    assert numpy_product_pullbacks is not None and numpy_several_pullbacks is not None
    assert numpy_difference_pullbacks is not None and numpy_order_pullbacks is not None
    assert numpy_chosen_pullbacks is not None
    assert numpy_stacks is not None and numpy_transform_pullbacks is not None
    return name in numpy_pullbacks.PULLBACKS


def parameters_of(template: Template) -> Iterable[str]:
    """What the parameters of a pullback are called."""
    return inspect.signature(template).parameters


def from_template(name: str) -> Callable[[Arrays, Op, Scaled, Adjoints], None]:
    """The pullback of an operation that `rules.numpy_pullbacks` has under a name."""

    def pullback(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
        from sourcediff.rules import numpy_pullbacks  # NumPy is there: the program has arrays

        template = numpy_pullbacks.PULLBACKS[name]
        given: dict[str, Given] = dict(arguments_of(op))
        operands = [atom for atom in given.values() if not isinstance(atom, tuple)]
        names = [key for key, atom in given.items() if not isinstance(atom, tuple)]
        given["y"] = op.result
        given["y_bar"] = arrays.full(op.result, adjoint, may_be_real=name.startswith("fft."))
        wanted = numpy_pullbacks.DIFFERENTIATED[name]
        for key, atom in zip(names, operands, strict=True):
            if key not in wanted and key not in WHOLE and atom in arrays.run.active:
                refuse(op, f"{name}() has no derivative in its argument {key!r}")
        given = without_idle_length(name, given, arrays.shapes)
        shares = expand(arrays.run.builder, template, given, op)
        for key, share in zip(wanted, shares, strict=True):
            if key in names and share is not None:
                arrays.give(operands[names.index(key)], share, adjoints)

    return pullback


def expand(
    builder: AdjointBuilder, template: Template, given: Mapping[str, Given], op: Op
) -> tuple[Atom | None, ...]:
    """Append what a template does with operands; what it returns, None where that is None.

    Raises:
        DifferentiationError: it is not for such operands; with the line of the operation.
    """
    assert isinstance(template, FunctionType)
    arguments: dict[str, Type | Binding] = {}
    operands: list[Atom] = []
    for name, parameter in inspect.signature(template).parameters.items():
        if name not in given:
            default = parameter.default
            kind = {type(None): types.NONE, bool: types.BOOL, int: types.INT, float: types.REAL}
            arguments[name] = Const(default, kind.get(type(default), types.STR))
            continue
        binding, reads = _argument(builder, name, given[name])
        arguments[name] = binding
        operands.extend(reads)
    whose = {f"{name}_bar": atom for name, atom in given.items() if isinstance(atom, Value)}
    try:
        function = _lowered(template, arguments)
    except InternalError:
        raise
    except DifferentiationError as error:
        refuse(
            op, f"{name_of(op)}() has no derivative for these arguments: {error.msg}", error.help
        )
    return _Copy(builder, whose).of(function, operands)


def _lowered(template: FunctionType, arguments: Mapping[str, Type | Binding]) -> Function:
    from sourcediff.frontend.lower import lower_function

    made = eliminate_dead(lower_function(template, arguments, several=True))
    _forget_parts(made)
    return made


def _forget_parts(function: Function) -> None:
    """Take the names of parts that are there to be changed: ``x_bar[1:] += …``."""
    uses: dict[Atom, list[Op]] = {}
    for op in walk(function.body):
        for arg in op.args:
            uses.setdefault(arg, []).append(op)
    for op in walk(function.body):
        if op.primitive is SUBSCRIPT and is_array(op.result):
            changes = uses.get(op.result, [])
            if len(changes) == 1 and changes[0].primitive is INPLACE:
                op.result.name = None


#: Parameters of which a list is looked into: of pairs, one for each axis.
_IN_PAIRS = ("pad_width",)


def _argument(
    builder: AdjointBuilder, name: str, given: Given
) -> tuple[Type | Binding, list[Atom]]:
    """What a parameter of a template is bound to, and the operand where that is one."""
    known = _known(builder, given)
    if known is not None:
        return known, []
    assert isinstance(given, Value)
    kind = given.type
    made = builder.definitions.get(given)
    listed = made is not None and made.primitive is TUPLE and made.attribute is list
    rank = _axes_of(kind) if listed else None
    if rank is not None and not (name in _IN_PAIRS and rank > 1):
        return array_of(Slot(types.INT), rank), [given]  # places that the run computes, in a list
    if kind.kind == "Array":
        kind = array_of(Slot(kind.slots["element"].type), rank_of(kind))
    return kind, [given]


def _axes_of(kind: Type) -> int | None:
    """How many axes an array has that is made of lists of numbers; None of anything else."""
    if types.is_number(kind):
        return 0
    inner = {_axes_of(item) for item in kind.items} if kind.kind == "Tuple" else {None}
    found = next(iter(inner)) if len(inner) == 1 else None
    return None if found is None else found + 1


def _known(builder: AdjointBuilder, given: Given) -> Binding | None:
    """What is known of an operand while compiling."""
    if isinstance(given, Const):
        return given
    items: tuple[Atom, ...] | None = given if isinstance(given, tuple) else None
    cls: type = tuple
    if isinstance(given, Value):
        made = builder.definitions.get(given)
        if made is not None and made.primitive is TUPLE:
            items, cls = made.args, made.attribute or tuple
    found = None if items is None else [_known(builder, item) for item in items]
    if found is None or None in found:
        return None
    return Tup([item for item in found if item is not None], cls)


class _Copy:
    """One copy of the operations of a lowered template.

    What the template calls ``a_bar`` is the adjoint of the argument `a`, as the user calls that.
    """

    def __init__(self, builder: AdjointBuilder, whose: Mapping[str, Value]) -> None:
        self.builder = builder
        self.whose = whose
        self.copied: dict[Value, Atom] = {}

    def of(self, function: Function, operands: list[Atom]) -> tuple[Atom | None, ...]:
        self.copied.update(zip(function.parameters, operands, strict=True))
        for op in function.body.ops:
            self.append(op)
        assert function.body.results is not None
        (result,) = map(self.read, function.body.results)
        made = self.builder.definitions.get(result) if isinstance(result, Value) else None
        shares = (result,) if made is None or made.primitive is not TUPLE else made.args
        return tuple(None if share.type is types.NONE else share for share in shares)

    def read(self, atom: Atom) -> Atom:
        return self.copied[atom] if isinstance(atom, Value) else atom

    def append(self, op: Op) -> None:
        builder = self.builder
        args = tuple(map(self.read, op.args))
        regions = tuple(map(self.region, op.regions))
        if op.primitive is TUPLE and self.is_shape(args):
            self.copied[op.result] = self.builder.definitions[args[0]].args[0]  # type: ignore[index]
            return
        results = tuple(self.fresh(result) for result in op.results)
        attribute = _attribute(op)
        builder.append(
            Op(
                op.primitive,
                args,
                results,
                regions,
                attribute,
                builder.site,
                builder.order,
                op.kept,
                op.family,
            )
        )

    def fresh(self, value: Value) -> Value:
        name, named_after = value.name, None
        if name is not None and name.endswith("_bar"):
            named_after = self.whose.get(name)
            named_after = named_after if named_after is not None and named_after.name else None
            name = None
        made = self.copied[value] = Value(value.type, name, named_after)
        return made

    def is_shape(self, items: tuple[Atom, ...]) -> bool:
        """Whether a tuple is that of all the items of ``x.shape``."""
        made = [self.builder.definitions.get(a) if isinstance(a, Value) else None for a in items]
        whole = None if not made or made[0] is None else made[0].args[0]
        return (
            isinstance(whole, Value)
            and len(whole.type.items) == len(items)
            and getattr(self.builder.definitions.get(whole), "attribute", None) == "shape"
            and all(
                op is not None
                and op.primitive is GETITEM
                and op.args[0] is whole
                and op.attribute == place
                for place, op in enumerate(made)
            )
        )

    def region(self, region: Region) -> Region:
        parameters = tuple(map(self.fresh, region.parameters))
        with self.builder.block() as ops:
            for op in region.ops:
                self.append(op)
        results = None if region.results is None else tuple(map(self.read, region.results))
        return Region(ops, results, None, parameters)


def _attribute(op: Op) -> Any:
    """The attribute of an operation, what is NumPy's named as NumPy has it and not as we do."""
    spec = op.attribute
    if op.primitive is PURE_CALL and isinstance(spec, CallSpec):
        return CallSpec(spec.function, _of_numpy(spec.ref), spec.keywords, spec.stars, spec.numpy)
    return _of_numpy(spec) if op.primitive is LOAD else spec


def _of_numpy(ref: Ref) -> Ref:
    if ref.root == "global" and ref.names[0] == "np":
        return Ref("module", sys.modules["numpy"], ref.names[1:])
    return ref
