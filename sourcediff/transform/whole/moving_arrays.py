"""Forward mode of what is done to arrays: the tangent of an array is an array of its shape.

A new array has a shadow of zeros to which the terms of its tangent are added, broadcast as NumPy
does. An operator or a function of one operand has the partial derivatives that reverse mode has;
what is linear in each of its operands is done to the tangent of one at a time.
"""

from __future__ import annotations

from collections.abc import Sequence

from sourcediff import memory
from sourcediff.frontend.primitives import LOAD, PURE_CALL
from sourcediff.ir import Atom, Op
from sourcediff.rules.array_helpers import is_view_of
from sourcediff.transform.whole import array_rules
from sourcediff.transform.whole.array_adjoints import wanted
from sourcediff.transform.whole.array_code import (
    ELLIPSIS,
    LIFT,
    RANKED,
    Arrays,
    holds_array,
    is_array_type,
    is_either,
    is_mask,
    new_array,
)
from sourcediff.transform.whole.array_forms import is_of_numpy
from sourcediff.transform.whole.array_products import same
from sourcediff.transform.whole.build import ZERO
from sourcediff.transform.whole.moving import HANDLERS, Moving, load, python, store
from sourcediff.transform.whole.shapes import rank_of
from sourcediff.transform.whole.sweep import plain
from sourcediff.types import BOOL, REAL

__all__: list[str] = []


def _terms(self: Moving, symbol: str, a: Atom, b: Atom) -> list[Atom]:
    """The terms of the tangent of ``a symbol b``."""
    arrays = Arrays(self.code)
    found: list[Atom] = []
    for place, atom in enumerate((a, b)):
        if not wanted(self, atom):
            continue
        g = self.shadow_of(atom, atom.type)
        if symbol == "@":
            operands = (g, b) if place == 0 else (a, g)
            found.append(arrays.operate("@", *operands))
        else:
            text = array_rules.OPERATORS[symbol][place]
            found.append(arrays.formula(text, {"a": a, "b": b, "g": g}))
    return found


def _fresh(self: Moving, op: Op, terms: Sequence[Atom]) -> None:
    """The tangent of a new array, or of a number, is the sum of terms."""
    if not op.results:
        return
    result, code = op.result, self.code
    arrays = Arrays(code)
    if self.refers(result):
        kind = self.program.shadows.of(result.type)
        shadow = self.shadow[result] = arrays.zeros(result, kind)
        for term in terms:
            arrays.add_to(shadow, term)
    elif self.active(result):
        total = code.scaled(ZERO)
        for term in terms:
            number = arrays.total(term) if is_array_type(term.type) else term
            total = code.add(total, code.scaled(number))
        self.tangents[result] = code.real_atom(total)


def _operate(self: Moving, op: Op) -> None:
    if not (holds_array(op.args) or (op.results and op.result.type is REAL)):
        plain(self, op)
        return
    if op.attribute not in (*array_rules.OPERATORS, "@"):
        plain(self, op)
        return
    self.code.append(op)
    _fresh(self, op, _terms(self, op.attribute, *op.args))


def _negate(self: Moving, op: Op) -> None:
    self.code.append(op)
    (whole,) = op.args
    found = wanted(self, whole)
    dot = [Arrays(self.code).negate(self.shadow_of(whole, whole.type))] if found else []
    _fresh(self, op, dot)


def _lift(self: Moving, op: Op) -> None:
    self.code.append(op)
    if self.refers(op.result):
        kind = self.program.shadows.of(op.result.type)
        shadow = self.shadow[op.result] = Arrays(self.code).number_shadow(kind)
        Arrays(self.code).add_to(shadow, self.tangent(op.args[0]))


def _multilinear(self: Moving, op: Op, places: Sequence[int]) -> None:
    """What is linear in each of some operands."""
    self.code.append(op)
    terms: list[Atom] = []
    for place in places:
        atom = op.args[place]
        if wanted(self, atom) and op.results:
            args = list(op.args)
            args[place] = self.shadow_of(atom, atom.type)
            kind = REAL if op.result.type is REAL else new_array(rank_of(op.result.type))
            terms.append(self.code.op(op.primitive, args, kind, op.attribute))
    _fresh(self, op, terms)


def _query(self: Moving, op: Op) -> None:
    if not is_array_type(op.args[0].type):
        plain(self, op)
    elif op.attribute.name in ("sum", "mean", "copy"):
        _multilinear(self, op, (0,))
    elif op.attribute.name in array_rules.EXTREMA:
        _extremum(self, op)
    elif op.attribute.name in array_rules.RESHAPING:
        _reshaped(self, op)
    elif op.attribute.name == "dot":
        _multilinear(self, op, (0, 1))
    else:
        plain(self, op)


def _extremum(self: Moving, op: Op) -> None:
    """The largest: of several that are, the mean of their tangents."""
    self.code.append(op)
    whole = op.args[0]
    if not wanted(self, whole) or not op.results:
        _fresh(self, op, ())
        return
    arrays = Arrays(self.code)
    chosen, count = array_rules.picked(arrays, op)
    names = {"a": chosen, "g": self.shadow_of(whole, whole.type)}
    at_them = arrays.formula("where(a, g, 0.0)", names)
    kind = REAL if rank_of(op.result.type) == 0 else new_array(rank_of(op.result.type))
    total = arrays.numpy("sum", at_them, *op.args[1:], type=kind, keywords=op.attribute.keywords)
    _fresh(self, op, [arrays.operate("/", total, count)])


def _choice(self: Moving, op: Op) -> None:
    """What hands on one of two operands at each place hands on its tangent."""
    self.code.append(op)
    terms: list[Atom] = []
    for atom, text in zip(op.args, array_rules.CHOICES[array_rules.name_of(op)], strict=True):
        if text is not None and wanted(self, atom):
            names = dict(zip("abc", op.args, strict=False), g=self.shadow_of(atom, atom.type))
            terms.append(Arrays(self.code).formula(text, names))
    _fresh(self, op, terms)


def _masked(self: Moving, op: Op) -> None:
    """The items at which an array of truth values has True: a new array."""
    self.code.append(op)
    whole, mask = op.args
    terms: list[Atom] = []
    if wanted(self, whole):
        shadow = self.shadow_of(whole, whole.type)
        terms = [self.code.at(shadow, mask, new_array(rank_of(op.result.type)))]
    _fresh(self, op, terms)


def _reshaped(self: Moving, op: Op) -> None:
    """The same numbers in another shape, and so the tangent."""
    array_rules.reshaped(self, op)
    if op.results and self.refers(op.result):
        whole, code = op.args[0], self.code
        is_view = code.call(is_view_of, op.result, whole, type=BOOL)
        own = self.shadow_of(whole, whole.type)
        array_rules.unless_view(code, is_view, self.shadow[op.result], own)


def _elementwise(self: Moving, op: Op, name: str) -> None:
    self.code.append(op)
    (x,) = op.args
    if not wanted(self, x) or not op.results:
        _fresh(self, op, ())
        return
    names = {"x": x, "y": op.result, "g": self.shadow_of(x, x.type)}
    text = f"g * ({array_rules.PARTIALS[name]})"
    _fresh(self, op, [Arrays(self.code).formula(text, names)])


#: Functions that are linear in each of these operands.
_LINEAR = {
    **dict.fromkeys(("sum", "mean", "array", "copied", "sum_to"), (0,)),
    **dict.fromkeys(("dot", "matmul", "outer"), (0, 1)),
}
#: Those that give a view of an operand, or what depends on none: as in the forward sweep.
_AS_BEFORE = {
    "expand_dims",
    "owner",
    "seen_alike",
    "reshaped_alike",
    "zeros_for",
    "zeros_for_stack",
}.union(("zeros", "ones", "zeros_like", "ones_like", "arange", "eye", "identity", "sign"))


def _pure_call(self: Moving, op: Op) -> None:
    if not is_of_numpy(op):
        python(self, op)
        return
    name = op.attribute.function.__name__
    if name in array_rules.PARTIALS:
        _elementwise(self, op, name)
    elif name in array_rules.EXTREMA:
        _extremum(self, op)
    elif name in array_rules.CHOICES:
        _choice(self, op)
    elif name in _LINEAR:
        _multilinear(self, op, _LINEAR[name])
    elif name in _AS_BEFORE:
        array_rules.pure_call(self, op)
    else:
        plain(self, op) if any(map(self.refers, op.args)) else python(self, op)


def _subscript(self: Moving, op: Op) -> None:
    if is_array_type(op.args[0].type) and is_mask(op.args[1].type):
        _masked(self, op)
    elif is_array_type(op.args[0].type) and is_either(op.result.type):
        array_rules.subscript(self, op)
    else:
        load(self, op)


def _set_item(self: Moving, op: Op) -> None:
    whole, index, value = op.args
    if not is_array_type(whole.type):
        store(self, op)
        return
    self.code.append(op)
    if self.refers(whole):
        dot = self.shadow_of(value, value.type) if wanted(self, value) else ZERO
        self.code.put(self.shadow_of(whole, whole.type), index, dot)


def _inplace(self: Moving, op: Op) -> None:
    whole, other = op.args
    if not is_array_type(whole.type):
        plain(self, op)
        return
    if op.attribute not in array_rules.OPERATORS:
        raise self.error(op, f"{op.attribute}= on an array has no derivative here")
    code, arrays = self.code, Arrays(self.code)
    terms = _terms(self, op.attribute, whole, other)
    total: Atom = ZERO
    for number, term in enumerate(terms):
        total = term if number == 0 else arrays.operate("+", total, term)
    if not op.results:
        code.append(op)
        if self.refers(whole):
            code.put(self.shadow_of(whole, whole.type), ELLIPSIS, total)
        return
    changed = arrays.is_array(whole)
    code.append(op)
    if not self.refers(op.result):
        return
    kind = self.program.shadows.of(op.result.type)
    own = self.shadow_of(whole, whole.type)
    held = code.variable("tangent", kind)

    def in_place() -> None:
        code.put(own, ELLIPSIS, total)
        code.write(held, own)

    def another() -> None:
        made = arrays.zeros(op.result, kind)
        arrays.add_to(made, total)
        code.write(held, made)

    code.branch(changed, in_place, another)
    self.shadow[op.result] = code.read(held)


HANDLERS.update(
    {
        memory.OPERATE: _operate,
        memory.NEGATE: _negate,
        memory.QUERY: _query,
        memory.SUBSCRIPT: _subscript,
        memory.SET_ITEM: _set_item,
        memory.INPLACE: _inplace,
        PURE_CALL: _pure_call,
        LIFT: _lift,
        LOAD: array_rules.load,
        RANKED: same,
    }
)
