"""The reverse of what makes arrays, or numbers of arrays, and changes none.

Each new array has a shadow of zeros; the reverse sweep adds what the operands get of it to their
shadows, summed along the axes along which they were broadcast. A view has the view of the shadow.
"""

from __future__ import annotations

from collections.abc import Callable

from sourcediff import memory
from sourcediff.frontend.primitives import GETATTR, GETITEM, LOAD, PURE_CALL, TUPLE
from sourcediff.ir import Atom, Const, Op
from sourcediff.rules.array_helpers import is_view_of, reshaped_alike
from sourcediff.transform.whole import made as made_before
from sourcediff.transform.whole import places
from sourcediff.transform.whole.array_adjoints import contribute, fresh, wanted
from sourcediff.transform.whole.array_code import (
    ELLIPSIS,
    LIFT,
    Arrays,
    holds_array,
    is_array_type,
    is_either,
    is_mask,
    new_array,
)
from sourcediff.transform.whole.array_forms import is_of_numpy
from sourcediff.transform.whole.array_products import dot, outer_product, product
from sourcediff.transform.whole.build import Code
from sourcediff.transform.whole.shapes import inner, rank_of
from sourcediff.transform.whole.sweep import Back, Sweep, plain
from sourcediff.types import BOOL, INT, NONE, OBJECT, REAL, Slot, array_of, sequence_of, tuple_of

__all__ = ["give_operands"]

#: Modules whose handlers are asked for all that is not done to arrays.
_BEFORE = (made_before, places)

#: The derivative of a function of one operand: in terms of it, `x`, and of the result, `y`.
PARTIALS = {
    "sin": "cos(x)",
    "cos": "-sin(x)",
    "tan": "1 + y * y",
    "arcsin": "1 / sqrt(1 - x * x)",
    "arccos": "-(1 / sqrt(1 - x * x))",
    "arctan": "1 / (1 + x * x)",
    "sinh": "cosh(x)",
    "cosh": "sinh(x)",
    "tanh": "1 - y * y",
    "arcsinh": "1 / sqrt(x * x + 1)",
    "arccosh": "1 / sqrt(x * x - 1)",
    "arctanh": "1 / (1 - x * x)",
    "exp": "y",
    "expm1": "y + 1",
    "exp2": "0.6931471805599453 * y",
    "log": "1 / x",
    "log1p": "1 / (1 + x)",
    "log2": "1.4426950408889634 / x",
    "log10": "0.4342944819032518 / x",
    "sqrt": "0.5 / y",
    "cbrt": "1 / (3 * y * y)",
    "reciprocal": "-(y * y)",
    "square": "2 * x",
    "negative": "-1",
    "absolute": "sign(x)",
}
#: The same of several operands: what each gets of the adjoint `g`; None where it gets nothing.
CHOICES: dict[str, tuple[str | None, ...]] = {
    "maximum": ("where(a >= b, g, 0.0)", "where(a >= b, 0.0, g)"),
    "minimum": ("where(a <= b, g, 0.0)", "where(a <= b, 0.0, g)"),
    "where": (None, "where(a, g, 0.0)", "where(a, 0.0, g)"),
}
#: Methods that show the same numbers in another shape.
RESHAPING = ("reshape", "ravel")
#: The largest or the smallest of an array.
EXTREMA = ("max", "min", "amax", "amin")
#: What the operands of an operator get of the adjoint `g` of the result.
OPERATORS = {
    "+": ("g", "g"),
    "-": ("g", "-g"),
    "*": ("g * b", "g * a"),
    "/": ("g / b", "-(g * (a / b) / b)"),
    "**": ("g * (b * a ** (b - 1))", "g * (a ** b * log(a))"),
}


# Operators ------------------------------------------------------------------------------------


def operate(self: Sweep, op: Op) -> Back | None:
    """``a + b``, …: of arrays and numbers."""
    if not (holds_array(op.args) or (op.results and op.result.type is REAL)):
        return plain(self, op)
    if op.attribute not in (*OPERATORS, "@"):
        return plain(self, op)
    a, b = op.args
    if op.attribute == "@":
        return fresh(self, op, lambda g: product(self, a, b, g))
    return fresh(self, op, lambda g: give_operands(self, op.attribute, a, b, g))


def give_operands(self: Sweep, symbol: str, a: Atom, b: Atom, g: Atom) -> None:
    """What the operands of an operator get of the adjoint of the result."""
    names = {"a": a, "b": b, "g": g}
    for atom, text in zip((a, b), OPERATORS[symbol], strict=True):

        def found(arrays: Arrays, text: str = text) -> Atom:
            return arrays.formula(text, names)

        contribute(self, atom, found)


def negate(self: Sweep, op: Op) -> Back | None:
    """``-a``."""
    return fresh(self, op, lambda g: contribute(self, op.args[0], lambda arrays: arrays.negate(g)))


def lift(self: Sweep, op: Op) -> Back | None:
    """A number where an array may be."""
    self.code.append(op)
    if not self.refers(op.result):
        return None
    kind = self.program.shadows.of(op.result.type)
    shadow = self.shadow[op.result] = Arrays(self.code).number_shadow(kind)
    return lambda: contribute(self, op.args[0], lambda arrays: shadow)


# Reductions -----------------------------------------------------------------------------------


def name_of(op: Op) -> str:
    """The name of a function, or of a method."""
    found: str = getattr(op.attribute, "name", None) or op.attribute.function.__name__
    return found


def reduced(op: Op) -> tuple[Atom | None, bool]:
    """The axis of a reduction, where it is along one, and whether that is left with length 1."""
    keywords = tuple(op.attribute.keywords)
    count = len(op.args) - len(keywords)
    given = dict(zip(keywords, op.args[count:], strict=True))
    axis = op.args[1] if count > 1 else given.get("axis")
    keeps = given.get("keepdims")
    if axis is not None and axis.type is NONE:
        axis = None
    return axis, isinstance(keeps, Const) and bool(keeps.value)


def _spread(arrays: Arrays, whole: Atom, g: Atom, axis: Atom | None, keeps: bool) -> Atom:
    """What belongs to a reduction of an array, with as many axes as this."""
    if axis is None or keeps or rank_of(whole.type) == 1:
        return g
    kind = array_of(inner(g.type).slots["element"], rank_of(whole.type))
    return arrays.numpy("expand_dims", g, axis, type=kind)


def picked(arrays: Arrays, op: Op) -> tuple[Atom, Atom]:
    """Where an array is as large as what `max` gave, as truth values, and how many are."""
    axis, keeps = reduced(op)
    whole = op.args[0]
    chosen = arrays.compare("==", whole, _spread(arrays, whole, op.result, axis, keeps))
    sized: tuple[Atom, ...] = (chosen,) if axis is None else (chosen, axis)
    if rank_of(op.result.type) == 0 or axis is None:
        return chosen, arrays.numpy("sum", chosen, type=INT)
    kind = array_of(Slot(INT), rank_of(op.result.type))
    if keeps:
        true = Const(True, BOOL)
        keywords = ("axis", "keepdims")
        return chosen, arrays.numpy("sum", *sized, true, type=kind, keywords=keywords)
    return chosen, arrays.numpy("sum", *sized, type=kind)


def extremum(self: Sweep, op: Op) -> Back | None:
    """The largest or the smallest: all that are it share the adjoint."""
    axis, keeps = reduced(op)
    whole = op.args[0]

    def found(arrays: Arrays, g: Atom) -> Atom:
        chosen, count = picked(arrays, op)
        share = _spread(arrays, whole, arrays.operate("/", g, count), axis, keeps)
        return arrays.formula("where(a, g, 0.0)", {"a": chosen, "g": share})

    return fresh(self, op, lambda g: contribute(self, whole, lambda arrays: found(arrays, g)))


def reduction(self: Sweep, op: Op) -> Back | None:
    """A sum or a mean, of all numbers or along one axis."""
    whole = op.args[0]
    axis, keeps = reduced(op)
    mean = name_of(op) == "mean"

    def found(arrays: Arrays, g: Atom) -> Atom:
        sized = (whole,) if axis is None else (whole, axis)
        if mean:
            g = arrays.operate("/", g, arrays.numpy("size", *sized, type=INT))
        return _spread(arrays, whole, g, axis, keeps)

    return fresh(self, op, lambda g: contribute(self, whole, lambda arrays: found(arrays, g)))


def query(self: Sweep, op: Op) -> Back | None:
    """A method of an array."""
    name = op.attribute.name
    if not is_array_type(op.args[0].type):
        return plain(self, op)
    if name in ("sum", "mean"):
        return reduction(self, op)
    if name in EXTREMA:
        return extremum(self, op)
    if name == "copy":
        return copy(self, op)
    if name == "dot":
        return dot(self, op)
    if name in RESHAPING:
        return reshaped(self, op)
    return plain(self, op)


def reshaped(self: Sweep, op: Op) -> Back | None:
    """The same numbers in another shape: a view, or a copy where they do not lie in that order."""
    self.code.append(op)
    if not op.results or not self.refers(op.result):
        return None
    whole, made = op.args[0], op.result
    own = self.shadow_of(whole, whole.type)
    kind = self.program.shadows.of(made.type)
    is_view = self.code.call(is_view_of, made, whole, type=BOOL)
    shadow = self.code.call(reshaped_alike, made, whole, own, type=kind)
    self.shadow[made] = shadow
    return lambda: unless_view(self.back, is_view, own, shadow)


def unless_view(code: Code, is_view: Atom, whole: Atom, part: Atom) -> None:
    """Add what a shadow holds to another of another shape, unless it is a view of that."""

    def add() -> None:
        shape = code.op(GETATTR, (whole,), sequence_of(INT), "shape")
        spec = memory.MethodSpec("reshape")
        kind = new_array(rank_of(whole.type) or None)
        Arrays(code).add_to(whole, code.op(memory.QUERY, (part, shape), kind, spec))

    code.branch(code.negated(is_view), add)


def copy(self: Sweep, op: Op) -> Back | None:
    """A new array with the same numbers."""
    return fresh(self, op, lambda g: contribute(self, op.args[0], lambda _: g))


# Functions ------------------------------------------------------------------------------------


def _elementwise(self: Sweep, op: Op) -> Back | None:
    text = f"g * ({PARTIALS[op.attribute.function.__name__]})"

    def give(g: Atom) -> None:
        names = {"x": op.args[0], "y": op.result, "g": g}
        contribute(self, op.args[0], lambda arrays: arrays.formula(text, names))

    return fresh(self, op, give)


def _choice(self: Sweep, op: Op) -> Back | None:
    """A function of several operands that hands on one of two at each place."""

    def give(g: Atom) -> None:
        names = dict(zip("abc", op.args, strict=False), g=g)
        for atom, text in zip(op.args, CHOICES[name_of(op)], strict=True):
            if text is not None:
                contribute(self, atom, lambda arrays, t=text: arrays.formula(t, names))  # type: ignore[misc]

    return fresh(self, op, give)


def _inert(self: Sweep, op: Op) -> Back | None:
    """A new array that depends on nothing, but may be written later."""
    fresh(self, op, lambda _: None)
    return None


def _view_of(place: int) -> Callable[[Sweep, Op], Back | None]:
    """A function that gives a view of one operand: the same view of its shadow."""

    def view(self: Sweep, op: Op) -> Back | None:
        self.code.append(op)
        if op.results and self.refers(op.result):
            args = list(op.args)
            args[place] = self.shadow_of(args[place], args[place].type)
            kind = self.program.shadows.of(op.result.type)
            self.shadow[op.result] = self.code.op(PURE_CALL, args, kind, op.attribute)
        return None

    return view


_FUNCTIONS: dict[str, Callable[[Sweep, Op], Back | None]] = {
    **dict.fromkeys(PARTIALS, _elementwise),
    **dict.fromkeys(("sum", "mean"), reduction),
    **dict.fromkeys(("array", "copied", "sum_to"), copy),
    **dict.fromkeys(
        ("zeros", "ones", "zeros_like", "ones_like", "arange", "eye", "identity", "sign"), _inert
    ),
    **dict.fromkeys(("zeros_for", "zeros_for_stack"), _inert),
    **dict.fromkeys(("dot", "matmul"), dot),
    **dict.fromkeys(EXTREMA, extremum),
    **dict.fromkeys(CHOICES, _choice),
    "outer": outer_product,
    "expand_dims": _view_of(0),
    "owner": _view_of(0),
    **dict.fromkeys(("seen_alike", "reshaped_alike"), _view_of(2)),
}


def pure_call(self: Sweep, op: Op) -> Back | None:
    """A function of NumPy, or of our own that is called for arrays."""
    if is_of_numpy(op):
        found = _FUNCTIONS.get(op.attribute.function.__name__)
        if found is not None:
            return found(self, op)
    return _OTHER[PURE_CALL](self, op)


# Views ----------------------------------------------------------------------------------------


def subscript(self: Sweep, op: Op) -> Back | None:
    """An item of what may have any number of axes: the shadow's is an array in any case."""
    whole, index = op.args
    if is_array_type(whole.type) and is_mask(index.type):
        return _masked(self, op)
    if not is_array_type(whole.type) or not is_either(op.result.type):
        return _OTHER[memory.SUBSCRIPT](self, op)
    self.code.append(op)
    if self.refers(op.result):
        shadow = self.shadow_of(whole, whole.type)
        kind = self.program.shadows.of(op.result.type)
        self.shadow[op.result] = self.code.at(shadow, _with_rest(self, index), kind)
    return None


def _masked(self: Sweep, op: Op) -> Back | None:
    """The items at which an array of truth values has True: a new array."""
    whole, mask = op.args

    def give(g: Atom) -> None:
        if not wanted(self, whole):
            return
        shadow = self.shadow_of(whole, whole.type)
        found = self.back.at(shadow, mask, new_array(rank_of(op.result.type)))
        self.back.put(shadow, mask, Arrays(self.back).operate("+", found, g))

    return fresh(self, op, give)


def _with_rest(self: Sweep, index: Atom) -> Atom:
    """The index of what is left, as an array also where that is a number."""
    kinds = index.type.items if index.type.kind == "Tuple" else (index.type,)
    if OBJECT in kinds:
        return index
    parts: list[Atom] = [index]
    if index.type.kind == "Tuple":
        parts = [self.code.op(GETITEM, (index,), kind, i) for i, kind in enumerate(kinds)]
    return self.code.op(TUPLE, (*parts, ELLIPSIS), tuple_of((*kinds, OBJECT)))


def load(self: Sweep, op: Op) -> Back | None:
    """An array from outside, of which nothing is wanted: nobody writes it here."""
    self.code.append(op)
    if op.results and self.refers(op.result):
        if not is_array_type(op.result.type):
            raise self.error(op, "an object from outside that varies has no derivative here")
        kind = self.program.shadows.of(op.result.type)
        self.shadow[op.result] = Arrays(self.code).zeros(op.result, kind)
    return None


_OTHER = {p: Sweep.handlers[p] for p in (memory.SUBSCRIPT, PURE_CALL)}
Sweep.handlers.update(
    {
        memory.OPERATE: operate,
        memory.NEGATE: negate,
        memory.QUERY: query,
        memory.SUBSCRIPT: subscript,
        PURE_CALL: pure_call,
        LIFT: lift,
        LOAD: load,
    }
)
