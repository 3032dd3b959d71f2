"""What functions of NumPy contribute to the adjoints of their arguments.

Each takes the adjoint of the result, which may be smaller than the result as long as it is
broadcast to it, and gives the operands their share. What works element by element has a rule of one
line instead (`rules.numpy_functions`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from sourcediff import types
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.numpy_signatures import Given, arguments_of, name_of
from sourcediff.frontend.primitives import TUPLE
from sourcediff.ir import Atom, Const, Op, Value
from sourcediff.memory import OPERATE, SUBSCRIPT
from sourcediff.transform.array_shapes import constant_of
from sourcediff.transform.numpy_code import ELLIPSIS, NONE, integer, is_array, real_array, real_like
from sourcediff.transform.scaled import ADD, EQUAL, MUL, Scaled
from sourcediff.types import Slot, array_of, rank_of

if TYPE_CHECKING:
    from sourcediff.transform.adjoints import Adjoints
    from sourcediff.transform.arrays import Arrays

__all__ = ["PULLBACKS"]

Pullback = Callable[["Arrays", Op, Scaled, "Adjoints"], None]
PULLBACKS: dict[str, Pullback] = {}


def _of(*names: str) -> Callable[[Pullback], Pullback]:
    def register(pullback: Pullback) -> Pullback:
        PULLBACKS.update(dict.fromkeys(names, pullback))
        return pullback

    return register


def refuse(op: Op, message: str, help: str | None = None) -> NoReturn:
    """Refuse an operation, with its line."""
    raise DifferentiationError(message, op.site.span if op.site else None, help)


def operand(given: dict[str, Given], name: str = "a") -> Atom:
    found = given[name]
    assert not isinstance(found, tuple)
    return found


def pair(op: Op) -> tuple[Atom, Atom]:
    """The two operands of a call."""
    given = arguments_of(op)
    return operand(given, "a"), operand(given, "b")


def rank(atom: Atom) -> int:
    return rank_of(atom.type) or 0


# Reductions -------------------------------------------------------------------------------


def reduced_axes(arrays: Arrays, op: Op) -> tuple[int, ...] | None:
    """The axes over which an operation reduces; None where only the run knows the one."""
    given = arguments_of(op)
    count = rank(operand(given))
    axis = given.get("axis")
    if axis is None or (isinstance(axis, Const) and axis.value is None):
        return tuple(range(count))
    axes = constant_of(axis, arrays.run.builder.definitions)
    if axes is None:
        return None
    axes = (axes,) if isinstance(axes, int) else axes
    return tuple(sorted(a % count for a in axes))


def spread(arrays: Arrays, op: Op, adjoint: Scaled) -> Scaled:
    """Something of the shape of a reduction, so that it is broadcast to what was reduced."""
    atom = arrays.run.builder.settled(adjoint)
    given = arguments_of(op)
    if atom.core is None or not is_array(atom.core) or "keepdims" in given:
        return atom
    axes = reduced_axes(arrays, op)
    if axes is None:
        axis = given["axis"]
        assert isinstance(axis, Value)
        count = rank(operand(given))
        made = arrays.code.call("expand_dims", (atom.core, axis), real_array(count))
        return Scaled(atom.coefficient, made)
    if axes == tuple(range(len(axes))):
        return atom  # the first axes are broadcast as it is
    count = rank(operand(given))
    parts: list[Atom] = []
    for place in range(axes[0], count):
        parts.append(NONE if place in axes else arrays.code.slice())
    if axes[0]:
        parts = [*(arrays.code.slice() for _ in range(axes[0])), *parts]
    while parts and parts[-1] is not NONE:
        parts.pop()
    kept = count - len(axes)
    trailing = kept - sum(part is not NONE for part in parts)
    assert trailing >= 0
    return Scaled(atom.coefficient, arrays.code.item(atom.core, parts, count))


def count_reduced(arrays: Arrays, op: Op) -> Atom:
    """How many numbers a reduction takes for one."""
    given = arguments_of(op)
    whole = arrays.shown(operand(given))
    axes = reduced_axes(arrays, op)
    code, builder = arrays.code, arrays.run.builder
    if axes is None:
        axis = given["axis"]
        assert isinstance(axis, Value)
        return builder.emit(SUBSCRIPT, (code.shape(arrays.shown(whole)), axis), types.INT)
    if len(axes) == rank(whole):
        return code.size(whole)
    found: Atom = code.length(whole, axes[0])
    for axis_ in axes[1:]:
        found = builder.emit(MUL, (found, code.length(whole, axis_)), types.INT)
    return found


@_of("sum")
def _sum(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    arrays.give(op.args[0], spread(arrays, op, adjoint), adjoints)


@_of("mean")
def _mean(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    builder = arrays.run.builder
    count = Scaled(1.0, count_reduced(arrays, op))  # type: ignore[arg-type]
    arrays.give(op.args[0], builder.divide(spread(arrays, op, adjoint), count), adjoints)


@_of("max", "min")
def _extremum(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    """All that are the largest share the adjoint."""
    builder, code = arrays.run.builder, arrays.code
    whole = operand(arguments_of(op))
    largest = spread(arrays, op, Scaled(1.0, op.result)).core
    assert largest is not None
    chosen = builder.emit(EQUAL, (whole, largest))
    axes = reduced_axes(arrays, op)
    if axes is None:
        refuse(op, f"{op.attribute.name}() along an axis that only the run knows")
    count: Value
    if len(axes) == rank(whole):
        count = code.call("count_nonzero", (chosen,), types.INT)
    else:
        count = code.sum(chosen, axes, keeps=True)
    share = builder.divide(spread(arrays, op, adjoint), Scaled(1.0, count))
    masked = code.apply("where", chosen, builder.atom(share), Const(0.0, types.REAL))
    arrays.give(whole, masked, adjoints)


@_of("var", "std")
def _spread_of(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    builder, code = arrays.run.builder, arrays.code
    given = arguments_of(op)
    whole = operand(given)
    axes = reduced_axes(arrays, op)
    if axes is None:
        refuse(op, "a variance along an axis that only the run knows")
    assert isinstance(whole, Value)
    every = len(axes) == rank(whole)
    keywords: dict[str, Atom] = {}
    if not every:
        keywords = {"axis": code.axes(axes), "keepdims": Const(True, types.BOOL)}
    kind = types.REAL if every else real_like(whole)
    mean = code.method("mean", whole, kind=kind, **keywords)
    apart = builder.add(Scaled(1.0, whole), Scaled(-1.0, mean))
    count = Scaled(1.0, count_reduced(arrays, op))  # type: ignore[arg-type]
    ddof = constant_of(given.get("ddof"), builder.definitions)
    if ddof:
        count = builder.add(count, Scaled(float(-ddof)))
    if name_of(op) == "std":
        root = code.apply("where", op.result, op.result, Const(1.0, types.REAL))
        scale = builder.divide(adjoint, Scaled(1.0, root))
    else:
        scale = builder.multiply(Scaled(2.0), adjoint)
    share = builder.divide(spread(arrays, op, scale), count)
    arrays.give(whole, builder.multiply(share, apart), adjoints)


@_of("cumsum")
def _running(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    code = arrays.code
    given = arguments_of(op)
    whole = operand(given)
    full = arrays.full(op.result, adjoint)
    kind = real_like(op.result)
    if rank(whole) == 1:
        backwards = code.slice(NONE, NONE, integer(-1))
        turned = code.item(full, [backwards], 1)
        total = code.method("cumsum", turned, kind=kind)
        arrays.give(whole, code.item(total, [code.slice(NONE, NONE, integer(-1))], 1), adjoints)
        return
    if "axis" not in given:
        refuse(op, "cumsum() of an array of several axes without an axis", "give an axis")
    axis = operand(given, "axis")
    turned = code.call("flip", (full, axis), kind)
    total = code.method("cumsum", turned, axis, kind=kind)
    arrays.give(whole, code.call("flip", (total, axis), kind), adjoints)


@_of("linalg.norm")
def _norm(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    """``x / norm(x)``, and 0 where the norm is 0."""
    builder, code = arrays.run.builder, arrays.code
    whole = operand(arguments_of(op))
    if reduced_axes(arrays, op) is None:
        refuse(op, "a norm along an axis that only the run knows")
    size = code.apply("where", op.result, op.result, Const(1.0, types.REAL))
    share = spread(arrays, op, builder.divide(adjoint, Scaled(1.0, size)))
    arrays.give(whole, builder.multiply(share, builder.scaled(whole)), adjoints)


# Products ---------------------------------------------------------------------------------


@_of("@", "matmul", "dot", "inner", "vdot")
def _product(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    builder, code, active = arrays.run.builder, arrays.code, arrays.run.active
    one, other = op.args if op.primitive is OPERATE else pair(op)
    left, right = rank(one), rank(other)
    if not left or not right or (left == right == 1):
        for arg, counterpart in ((one, other), (other, one)):
            if isinstance(arg, Value) and arg in active:
                share = builder.multiply(adjoint, builder.scaled(counterpart))
                if not left or not right:
                    share = arrays.fitted(op, arg, share)
                arrays.give(arg, share, adjoints)
        return
    if op.primitive.name != "operate" and getattr(op.attribute, "numpy", "") == "vdot":
        refuse(op, "vdot() of arrays of several axes", "use np.sum(a * b)")
    if max(left, right) > 2 and not (left == right and _same_batch(arrays, op)):
        refuse(op, "@ of stacks of matrices of which only the run knows the shapes", "use a loop")
    scaled = builder.settled(adjoint)
    full = arrays.full(op.result, Scaled(1.0, scaled.core) if scaled.core else Scaled(1.0))
    factor = scaled.coefficient
    if isinstance(one, Value) and one in active:
        if right == 1:
            made = code.call("outer", (full, other), real_array(2))
        elif left == 1:
            made = code.product(other, full)
        else:
            made = code.product(full, code.swapped(other))
        _give_scaled(arrays, one, factor, made, adjoints)
    if isinstance(other, Value) and other in active:
        if left == 1:
            made = code.call("outer", (one, full), real_array(2))
        elif right == 1:
            made = code.product(code.transposed(one), full)
        else:
            made = code.product(code.swapped(one), full)
        _give_scaled(arrays, other, factor, made, adjoints)


def _give_scaled(
    arrays: Arrays, arg: Value, factor: float, made: Value, adjoints: Adjoints
) -> None:
    arrays.shapes.known[made] = arrays.shapes.of(arg)
    arrays.give(arg, Scaled(factor, made), adjoints)


def _same_batch(arrays: Arrays, op: Op) -> bool:
    one, other = (arrays.shapes.of(a)[:-2] for a in op.args)
    return one == other or all(
        arrays.shapes.not_one(a) and arrays.shapes.not_one(b)
        for a, b in zip(one, other, strict=True)
    )


@_of("outer")
def _outer(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    one, other = pair(op)
    full = arrays.full(op.result, adjoint)
    if one in arrays.run.active:
        arrays.give(one, arrays.code.product(full, other), adjoints)
    if other in arrays.run.active:
        arrays.give(other, arrays.code.product(one, full), adjoints)


@_of("trace")
def _trace(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    code = arrays.code
    (whole,) = op.args
    ones = code.call("eye", (code.length(whole, 0), code.length(whole, 1)), real_array(2))
    arrays.shapes.known[ones] = arrays.shapes.of(whole)
    arrays.give(whole, arrays.run.builder.multiply(adjoint, Scaled(1.0, ones)), adjoints)


@_of("diag")
def _diagonal(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    whole = op.args[0]
    full = arrays.full(op.result, adjoint)
    if rank(whole) == 2:
        if isinstance(whole, Value) and whole in arrays.run.active:
            if len(op.args) > 1:
                refuse(op, "np.diag() beside the main diagonal", "use x[i, i + 1]")
            count = arrays.code.length(full)
            place = arrays.code.call("arange", (count,), array_of(Slot(types.INT), 1))
            shadow = arrays.run.lists.shadow(whole, adjoints)
            arrays.run.lists.add_at(shadow, arrays.code.tuple([place, place]), full)
        return
    arrays.give(whole, arrays.code.call("diag", (full,), real_array(1)), adjoints)


@_of("triu", "tril")
def _triangle(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    name = op.attribute.numpy
    whole, *offset = op.args
    full = arrays.full(op.result, adjoint)
    arrays.give(whole, arrays.code.call(name, (full, *offset), real_like(whole)), adjoints)


@_of("linalg.inv")
def _inverse(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    code = arrays.code
    turned = code.transposed(op.result)
    inner = code.product(code.product(turned, arrays.full(op.result, adjoint)), turned)
    whole = op.args[0]
    assert isinstance(whole, Value)
    _give_scaled(arrays, whole, -1.0, inner, adjoints)


@_of("linalg.det")
def _determinant(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    code, builder = arrays.code, arrays.run.builder
    whole = op.args[0]
    inverse = code.call("linalg.inv", (whole,), real_array(2))
    factor = builder.multiply(adjoint, Scaled(1.0, op.result))
    turned = code.transposed(inverse)
    assert isinstance(turned, Value)
    arrays.shapes.known[turned] = arrays.shapes.of(whole)
    arrays.give(whole, builder.multiply(factor, Scaled(1.0, turned)), adjoints)


@_of("linalg.solve")
def _solution(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    code, active = arrays.code, arrays.run.active
    matrix, right = pair(op)
    full = arrays.full(op.result, adjoint)
    solved = code.call("linalg.solve", (code.transposed(matrix), full), real_like(right))
    arrays.shapes.known[solved] = arrays.shapes.of(op.result)
    arrays.give(right, solved, adjoints)
    if isinstance(matrix, Value) and matrix in active:
        if rank(right) == 1:
            made = code.call("outer", (solved, op.result), real_array(2))
        else:
            made = code.product(solved, code.transposed(op.result))
        _give_scaled(arrays, matrix, -1.0, made, adjoints)


# Shapes -------------------------------------------------------------------------------------


@_of("reshape", "ravel", "flatten", "squeeze", "expand_dims")
def _reshaped(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    whole, code = operand(arguments_of(op)), arrays.code
    atom = arrays.run.builder.settled(adjoint)
    if atom.core is None or not is_array(atom.core):
        arrays.give(whole, atom, adjoints)  # one adjoint for all elements, whatever the shape
        return
    full = arrays.full(op.result, atom)
    if not is_array(whole):
        arrays.give(whole, code.sum(full), adjoints)
        return
    made = code.method("reshape", full, code.shape(whole), kind=real_like(whole))
    arrays.give(whole, made, adjoints)


@_of("transpose", ".T", "swapaxes")
def _transposed(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    whole, code, builder = op.args[0], arrays.code, arrays.run.builder
    atom = builder.settled(adjoint)
    if atom.core is None or not is_array(atom.core):
        arrays.give(whole, atom, adjoints)
        return
    full = arrays.full(op.result, Scaled(1.0, atom.core))
    axes: tuple[int, ...] | None = None
    if op.primitive.name != "getattr":
        given = arguments_of(op)
        if "axis1" in given:
            kind = real_like(whole)
            turned: Atom = code.call("swapaxes", (full, *op.args[1:]), kind)
            _give_known(arrays, whole, atom.coefficient, turned, adjoints)
            return
        found = constant_of(given.get("axes"), builder.definitions)
        axes = tuple(k % rank(whole) for k in found) if found is not None else None
    if axes is None:
        turned = code.transposed(full)
    else:
        back = tuple(sorted(range(len(axes)), key=lambda k: axes[k]))
        turned = code.call("transpose", (full, code.axes(back)), real_like(whole))
    _give_known(arrays, whole, atom.coefficient, turned, adjoints)


def _give_known(arrays: Arrays, arg: Atom, factor: float, made: Atom, adjoints: Adjoints) -> None:
    assert isinstance(made, Value) and isinstance(arg, Value)
    arrays.shapes.known[made] = arrays.shapes.of(arg)
    arrays.give(arg, Scaled(factor, made), adjoints)


@_of("broadcast_to")
def _broadcast(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    whole = op.args[0]
    assert isinstance(whole, Value)
    arrays.give(whole, arrays.summed(op.result, whole, adjoint), adjoints)


@_of("flip")
def _flipped(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    whole, *axis = op.args
    full = arrays.full(op.result, adjoint)
    arrays.give(whole, arrays.code.call("flip", (full, *axis), real_like(whole)), adjoints)


@_of("roll")
def _rolled(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    given, code, builder = arguments_of(op), arrays.code, arrays.run.builder
    whole, shift = operand(given), operand(given, "shift")
    if shift.type.kind in ("Tuple", "Array"):
        refuse(op, "roll() along several axes", "roll along one after the other")
    back: Atom
    if isinstance(shift, Const):
        back = integer(-shift.value)
    else:
        back = builder.atom(Scaled(-1.0, shift))
    axis = {"axis": operand(given, "axis")} if "axis" in given else {}
    full = arrays.full(op.result, adjoint)
    arrays.give(whole, code.call("roll", (full, back), real_like(whole), **axis), adjoints)


@_of("repeat")
def _repeated(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    given, code = arguments_of(op), arrays.code
    whole, count = operand(given), operand(given, "repeats")
    full = arrays.full(op.result, adjoint)
    if not is_array(whole):
        arrays.give(whole, code.sum(full), adjoints)
        return
    rows = code.method("reshape", full, integer(-1), count, kind=real_array(2))
    arrays.give(whole, code.sum(rows, [1]), adjoints)


@_of("diff")
def _differences(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    (whole,) = op.args
    if not isinstance(whole, Value) or whole not in arrays.run.active:
        return
    builder, code = arrays.run.builder, arrays.code
    shadow = arrays.run.lists.shadow(whole, adjoints)
    for factor, bounds in ((1.0, (integer(1), NONE)), (-1.0, (NONE, integer(-1)))):
        part: Atom = code.slice(*bounds)
        if rank(whole) > 1:
            part = code.tuple([ELLIPSIS, part])
        value = builder.atom(builder.multiply(adjoint, Scaled(factor)))
        arrays.run.lists.add_at(shadow, part, value)


# Several arrays in one ----------------------------------------------------------------------


def _parts(arrays: Arrays, op: Op) -> tuple[Atom, ...]:
    whole = operand(arguments_of(op), "arrays")
    made = arrays.run.builder.definitions.get(whole) if isinstance(whole, Value) else None
    if made is None or made.primitive is not TUPLE:
        refuse(op, "a sequence of arrays that is not written where it is used")
    return made.args


@_of("concatenate", "vstack", "hstack")
def _concatenated(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    builder, code = arrays.run.builder, arrays.code
    parts, name = _parts(arrays, op), op.attribute.numpy
    axis = constant_of(arguments_of(op).get("axis", integer(0)), builder.definitions)
    if name == "vstack" and rank(parts[0]) == 1:
        _stack_parts(arrays, parts, arrays.full(op.result, adjoint), 0, adjoints)
        return
    if name == "hstack":
        axis = 0 if rank(parts[0]) == 1 else 1
    axis = axis % rank(op.result)
    full = arrays.full(op.result, adjoint)
    start: Atom = NONE
    for place, part in enumerate(parts):
        last = place + 1 == len(parts)
        stop: Atom = NONE
        if not last:
            length = code.length(part, axis)
            stop = length if start is NONE else builder.emit(ADD, (start, length), types.INT)
        if part in arrays.run.active:
            index: list[Atom] = [*(code.slice() for _ in range(axis)), code.slice(start, stop)]
            arrays.give(part, code.item(full, index, rank(op.result)), adjoints)
        start = stop


@_of("stack", "column_stack")
def _stacked(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    axis = constant_of(arguments_of(op).get("axis", integer(0)), arrays.run.builder.definitions)
    if op.attribute.numpy == "column_stack":
        axis = 1
    full = arrays.full(op.result, adjoint)
    _stack_parts(arrays, _parts(arrays, op), full, axis % rank(op.result), adjoints)


def _stack_parts(
    arrays: Arrays, parts: tuple[Atom, ...], full: Atom, axis: int, adjoints: Adjoints
) -> None:
    code = arrays.code
    for place, part in enumerate(parts):
        if part in arrays.run.active:
            index: list[Atom] = [*(code.slice() for _ in range(axis)), integer(place)]
            arrays.give(part, code.item(full, index, rank(part)), adjoints)


@_of("array", "asarray", "copy", "astype")
def _array(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    whole = operand(arguments_of(op))
    made = arrays.run.builder.definitions.get(whole) if isinstance(whole, Value) else None
    if made is None or made.primitive is not TUPLE:
        arrays.give(whole, adjoint, adjoints)
        return
    _display(arrays, made, arrays.full(op.result, adjoint), [], adjoints)


def _display(arrays: Arrays, op: Op, full: Atom, places: list[Atom], adjoints: Adjoints) -> None:
    """What is in lists of lists takes the adjoint at its place."""
    for place, item in enumerate(op.args):
        index = [*places, integer(place)]
        made = arrays.run.builder.definitions.get(item) if isinstance(item, Value) else None
        if made is not None and made.primitive is TUPLE:
            _display(arrays, made, full, index, adjoints)
        elif item in arrays.run.active:
            arrays.give(item, arrays.code.item(full, index, rank(item)), adjoints)


@_of("full", "full_like")
def _filled(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    value = operand(arguments_of(op), "fill_value")
    if value in arrays.run.active:
        arrays.give(value, arrays.code.sum(arrays.full(op.result, adjoint)), adjoints)


@_of("snapshot")
def _snapshot(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    """What a copy of an array that is written to has, the array has as it was then."""
    arrays.give(op.args[0], adjoint, adjoints)


@_of("item")
def _only_item(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    arrays.give(op.args[0], adjoint, adjoints)


# Items --------------------------------------------------------------------------------------


@_of("[]")
def _item(arrays: Arrays, op: Op, adjoint: Scaled, adjoints: Adjoints) -> None:
    whole = op.args[0]
    if not isinstance(whole, Value) or whole not in arrays.run.active:
        return
    new = arrays.new_axes(op.args[1])
    if new is None:
        arrays.items.contribute(op, adjoint, adjoints)
        return
    # ``whole[:, None]``: all of it
    atom = arrays.run.builder.settled(adjoint)
    if atom.core is not None and is_array(atom.core):
        full = arrays.full(op.result, Scaled(1.0, atom.core))
        assert isinstance(full, Value)
        atom = Scaled(atom.coefficient, arrays.without(full, new))
        arrays.shapes.known[atom.core] = arrays.shapes.of(whole)  # type: ignore[index]
    arrays.give(whole, atom, adjoints)
