"""What the functions of NumPy give that put the elements of arrays in another order or shape."""

from __future__ import annotations

from sourcediff import types
from sourcediff.frontend.arrays.numpy_call import Call, gives, made, view
from sourcediff.frontend.arrays.unit_axes import unit_axes
from sourcediff.frontend.values import Tup
from sourcediff.ir import Const, Value
from sourcediff.types import Type, rank_of


@gives("reshape", "broadcast_to")
def _reshaped(call: Call) -> Type:
    return view(call, call.length("shape"))


@gives("ravel")
def _flat(call: Call) -> Type:
    return view(call, 1)


@gives("flatten")
def _flattened(call: Call) -> Type:
    return made(call.element(), 1)


@gives("transpose")
def _transposed(call: Call) -> Type:
    call.constant("axes")
    return view(call, call.rank())


@gives("swapaxes")
def _swapped(call: Call) -> Type:
    call.constant("axis1"), call.constant("axis2")
    return view(call, call.rank())


@gives("moveaxis")
def _moved(call: Call) -> Type:
    call.constant("source"), call.constant("destination")
    return view(call, call.rank())


@gives("squeeze")
def _squeezed(call: Call) -> Type:
    axes = call.axes()
    if axes is None:
        units = unit_axes(call.lowering, call.atom(call.given["a"]))
        if None in units:
            call.refuse("no axis", "say which: squeeze(axis=0)")
        axes = sum(unit is True for unit in units)
    return view(call, call.rank() - axes)


@gives("expand_dims")
def _expanded(call: Call) -> Type:
    call.constant("axis")
    return view(call, call.rank() + (call.axes() or 0))


@gives("flip")
def _flipped(call: Call) -> Type:
    call.constant("axis")
    return view(call, call.rank())


@gives("roll")
def _rolled(call: Call) -> Type:
    return made(call.element(), call.rank())


@gives("repeat")
def _repeated(call: Call) -> Type:
    call.constant("axis")
    return made(call.element(), 1 if call.axes() is None else call.rank())


@gives("diff")
def _differences(call: Call) -> Type:
    call.constant("axis")
    if call.constant("n", 1) < 1:
        call.refuse("less than one for 'n'")
    return made(call.element(), call.rank())


@gives("gradient")
def _slopes(call: Call) -> Type:
    """Along one axis; by the distances, the call is known under a name of its own."""
    if "axis" not in call.given and call.rank() > 1:
        call.refuse("no axis of several")
    if call.constant("edge_order", 1) not in (1, 2):
        call.refuse("this 'edge_order'", "give 1 or 2")
    axis = call.constant("axis", 0)
    if 2 < axis % call.rank() < call.rank() - 1:
        call.refuse("this axis", "move it to the front: np.moveaxis")
    places = call.rank("spacing") if "spacing" in call.given else 0
    if places > 1:
        call.refuse("places of several axes", "give those along the axis")
    if places:
        call.name = "gradient between places"
    return made(types.REAL, call.rank())


@gives("add.reduceat")
def _sums_of_groups(call: Call) -> Type:
    call.constant("axis")
    if call.places("indices") != 1 or not call.rank():
        call.refuse("these arguments", "give an array, and where its groups begin")
    return made(types.INT if call.element() is types.BOOL else call.element(), call.rank())


@gives("sliding_window_view")
def _windows(call: Call) -> Type:
    call.constant("axis")
    return view(call, call.rank() + call.length("window_shape"))


@gives("unwrap")
def _unwrapped(call: Call) -> Type:
    return made(types.REAL, call.rank())


@gives("rot90")
def _turned(call: Call) -> Type:
    call.constant("k"), call.constant("axes")
    return view(call, call.rank())


@gives("flipud", "fliplr")
def _mirrored(call: Call) -> Type:
    return view(call, call.rank())


@gives("tile")
def _tiled(call: Call) -> Type:
    count, rank = call.axes("reps") or 0, call.rank()
    tuples = isinstance(call.given["reps"], Tup)
    if tuples and not (1 < count < 4 and rank <= count):
        call.refuse("these arguments", "give a number, or two or three for at most as many axes")
    return made(call.element(), max(count, rank, 1))


@gives("pad")
def _padded(call: Call) -> Type:
    mode = call.constant("mode", "constant")
    if mode not in ("constant", "edge", "reflect", "symmetric", "wrap"):
        call.refuse(f"the mode {mode!r}", "pad with a constant, 'edge', 'reflect' or 'wrap'")
    if mode == "constant" and call.rank() > 5:
        call.refuse("an array of more than five axes", "write into a part of an array of zeros")
    if isinstance(call.given.get("constant_values"), Value):
        if call.rank("constant_values") or not types.varies(call.element()):
            call.refuse("these 'constant_values'", "give a number")
    else:
        call.constant("constant_values")
    return made(call.element(), call.rank())


# Parts and order ------------------------------------------------------------------------------


@gives("take")
def _taken(call: Call) -> Type:
    axis, rank = call.constant("axis"), call.rank()
    call.constant("mode")
    places = call.places("indices")
    return made(call.element(), places + (0 if axis is None else rank - 1))


@gives("take_along_axis")
def _taken_along(call: Call) -> Type:
    call.constant("axis")
    if call.rank("indices") != call.rank() or "axis" not in call.given:
        call.refuse("these arguments", "give as many axes, and the axis")
    return made(call.element(), call.rank())


@gives("bincount")
def _counted(call: Call) -> Type:
    return made(types.REAL if "weights" in call.given else types.INT, 1)


@gives("delete")
def _left(call: Call) -> Type:
    call.constant("axis")
    return made(call.element(), 1 if call.axes() is None else call.rank())


@gives("insert")
def _with_more(call: Call) -> Type:
    axis, rank, more = call.constant("axis"), call.rank(), call.rank("values")
    if call.places("obj") or not isinstance(call.given["obj"], Value | Const):
        call.refuse("several places", "insert at one place, or concatenate the parts")
    if more > (1 if axis is None or rank == 1 else rank - 1):
        call.refuse("these values", "concatenate the parts")
    if rank > 2 and axis is not None:
        call.refuse("an array of more than two axes", "concatenate the parts")
    if call.element() is not types.REAL and call.element("values") is types.REAL:
        call.refuse("real numbers put among whole ones", "make the array one of floats")
    return made(call.element(), 1 if axis is None else rank)


@gives("partition", "argpartition")
def _partitioned(call: Call) -> Type:
    none = "axis" in call.given and call.constant("axis") is None
    kind = call.element() if call.name == "partition" else types.INT
    return made(kind, 1 if none else call.rank())


@gives("sort")
def _sorted(call: Call) -> Type:
    call.constant("axis")
    none = "axis" in call.given and call.axes() is None
    return made(call.element(), 1 if none else call.rank())


@gives("argsort")
def _order(call: Call) -> Type:
    none = "axis" in call.given and call.axes() is None
    return made(types.INT, 1 if none else call.rank())


@gives("searchsorted")
def _found(call: Call) -> Type:
    return made(types.INT, call.rank("v"))


@gives("lexsort")
def _order_by_several(call: Call) -> Type:
    kinds = call.parts()
    if {rank_of(kind) for kind in kinds} != {1}:
        call.refuse("these arrays", "give several of one axis")
    return made(types.INT, 1)


# Several arrays in one ----------------------------------------------------------------------


@gives("concatenate")
def _concatenated(call: Call) -> Type:
    kinds = call.parts()
    if call.constant("axis", 0) is None or not all(kind.kind == "Array" for kind in kinds):
        call.refuse("these arguments", "give arrays and an axis")
    ranks = {rank_of(kind) for kind in kinds}
    if len(ranks) > 1:
        call.refuse("arrays of different numbers of axes")
    return made(call.joined(kinds), next(iter(ranks)) or 0)


@gives("stack")
def _stacked(call: Call) -> Type:
    kinds = call.parts()
    call.constant("axis", 0)
    ranks = {rank_of(kind) for kind in kinds}
    if len(ranks) > 1:
        call.refuse("arrays of different numbers of axes")
    return made(call.joined(kinds), 1 + (next(iter(ranks)) or 0))


@gives("vstack")
def _above_each_other(call: Call) -> Type:
    kinds = call.parts()
    if not {rank_of(kind) for kind in kinds} <= {1, 2}:
        call.refuse("these arrays", "give several of one axis or two")
    return made(call.joined(kinds), 2)


@gives("hstack")
def _beside_each_other(call: Call) -> Type:
    kinds = call.parts()
    ranks = {rank_of(kind) for kind in kinds}
    if ranks not in ({1}, {2}):
        call.refuse("these arrays", "give several of one axis, or several of two")
    return made(call.joined(kinds), next(iter(ranks)) or 0)


@gives("column_stack")
def _columns(call: Call) -> Type:
    kinds = call.parts()
    if not {rank_of(kind) for kind in kinds} <= {1, 2}:
        call.refuse("these arrays", "give several of one axis or two")
    return made(call.joined(kinds), 2)
