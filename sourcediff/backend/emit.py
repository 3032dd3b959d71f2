"""From the IR to Python's syntax tree: statements in the user's order, under the user's names.

A comment precedes the code that a statement of the user gave rise to in the reverse sweep.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from sourcediff.backend.calls import CALLS
from sourcediff.backend.header import Header
from sourcediff.backend.literals import literal
from sourcediff.backend.names import Namer
from sourcediff.backend.plan import Plan
from sourcediff.backend.printer import Comment
from sourcediff.backend.templates import template_of
from sourcediff.frontend.primitives import (
    ASSERT,
    BOUND,
    COPY,
    NARROWED,
    RAISE,
    REQUIRED,
    TUPLE,
    UNPACK,
    YIELDED,
)
from sourcediff.ir import DEAD, IF, UNDEFINED, Atom, Const, Function, Op, Region, Site, Value
from sourcediff.rules.table import primitive_of
from sourcediff.types import BOOL

__all__ = ["Emitter"]

_AUGMENTED: dict[str, type[ast.operator]] = {}
for _node in (
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.FloorDiv,
    ast.Mod,
    ast.Pow,
):
    _operation = primitive_of(_node())
    assert _operation is not None
    _AUGMENTED[_operation.name] = _node

_COMMENT_WIDTH = 88


class Emitter:
    """Writes the body of one function."""

    def __init__(self, function: Function, header: Header) -> None:
        self.function = function
        self.header = header
        self.plan = Plan(function)
        self.namer = Namer(self.plan, header.reserved(function))
        self.renamed: dict[Value, Atom] = {}
        self.last_comment: Site | None = None
        self.last_domain: Site | None = None

    # Statements ---------------------------------------------------------------------------

    def body(self) -> list[ast.stmt]:
        """The statements of the function."""
        results = self.function.body.results
        statements = self.block(self.function.body)
        if results is not None and not self._has_returned(self.function.body):
            statements += self._return(results[0])
        return statements

    def _has_returned(self, body: Region) -> bool:
        last = list(self.plan.statements(body))[-1:]
        return bool(last) and last[0] in self.plan.returning

    def _return(self, atom: Atom) -> list[ast.stmt]:
        comment = self._comment_of(self._site_of(atom))
        return [*comment, ast.Return(self.expression(atom))]

    def _site_of(self, atom: Atom) -> Site | None:
        """The statement behind derivative code that is folded into a return."""
        if not isinstance(atom, Value) or atom not in self.plan.folded:
            return None
        op = self.plan.definitions[atom]
        if op.primitive is TUPLE:
            sites = [s for a in op.args if (s := self._site_of(a)) is not None]
            return sites[0] if sites else None
        return op.site if op.order > 0 else None

    def _comment_of(self, site: Site | None) -> list[ast.stmt]:
        """A comment that says which statement the next ones are the adjoint of."""
        if site is None or site.order == 0 or site is self.last_comment:
            return []
        if site.text.endswith(":"):
            return []  # a compound statement; the statements in it speak for themselves
        self.last_comment = site
        text = "adjoint of the " * (site.order - 1) + f"adjoint of: {site.text}"
        return [Comment(_shortened(text))]

    def block(self, region: Region) -> list[ast.stmt]:
        """The statements of a region."""
        statements: list[ast.stmt] = []
        for op in self.plan.statements(region):
            if op.primitive is IF and op not in self.plan.ternary:
                statements += self._branch(op)
                continue
            comment = self.last_comment
            above = self._comment_of(op.site) if op.order > 0 else []
            written = self._statement(op)
            if written:
                statements += [*above, *written]
            else:
                self.last_comment = comment
        return statements

    def _statement(self, op: Op) -> list[ast.stmt]:
        if op.primitive is RAISE:
            exception, *cause = map(self.expression, op.args)
            return [ast.Raise(exception, cause[0] if cause else None)]
        if op.primitive is ASSERT:
            return [self._assertion(op)]
        if op.primitive is BOUND:
            return self._bound(op)
        if op.primitive is REQUIRED:
            return [_raise_if_none(self.expression(op.args[0]), "TypeError", "it is None")]
        if op.primitive is UNPACK:
            names: list[ast.expr] = [
                ast.Name(self.namer.names[item], ast.Store()) for item in op.results
            ]
            return [ast.Assign([ast.Tuple(names, ast.Store())], self.expression(op.args[0]))]
        if not op.results:
            return [ast.Expr(self.operation(op))]
        value = op.result
        if op.primitive in (COPY, YIELDED):
            source = op.args[0]
            if isinstance(source, Value) and self._variable(source) == self.namer.names.get(value):
                return []
            return [self._assign(value, self.expression(source))]
        if self.plan.uses.get(value, 0) == 0:
            check = ast.Expr(self.operation(op))
            if op.site is None or op.site is self.last_domain:
                return [check]
            self.last_domain = op.site
            return [Comment(_shortened(f"domain of: {op.site.text}")), check]
        return [self._update(op) or self._assign(value, self.operation(op))]

    def _variable(self, atom: Atom) -> str | None:
        if not isinstance(atom, Value):
            return None
        atom = self._latest(atom)
        if isinstance(atom, Value) and atom not in self.plan.folded:
            return self.namer.names[atom]
        return None

    def _latest(self, atom: Atom) -> Atom:
        while isinstance(atom, Value) and atom in self.renamed:
            atom = self.renamed[atom]
        return atom

    def _assign(self, value: Value, expression: ast.expr) -> ast.stmt:
        target = ast.Name(self.namer.names[value], ast.Store())
        return ast.Assign([target], expression)

    def _update(self, op: Op) -> ast.stmt | None:
        """``x += e``, where the result takes over the variable of an operand."""
        operator = _AUGMENTED.get(op.primitive.name)
        if operator is None or len(op.args) != 2:
            return None
        name = self.namer.names[op.result]
        left, right = op.args
        if self._variable(left) != name:
            commutes = op.order > 0 and op.primitive.name in ("add", "mul")
            if not commutes or self._variable(right) != name:
                return None
            left, right = right, left
        return ast.AugAssign(ast.Name(name, ast.Store()), operator(), self.expression(right))

    def _assertion(self, op: Op) -> ast.stmt:
        message = None
        if op.regions:
            (region,) = op.regions
            assert region.results is not None
            message = self.expression(region.results[0])
        return ast.Assert(self.expression(op.args[0]), message)

    def _bound(self, op: Op) -> list[ast.stmt]:
        (source,) = op.args
        text = (
            f"cannot access local variable {op.attribute!r} where it is not associated with a value"
        )
        if source is UNDEFINED:
            call = ast.Call(ast.Name("UnboundLocalError", ast.Load()), [ast.Constant(text)], [])
            return [ast.Raise(call, None)]
        checked = source in self.namer.initialised
        target = self.namer.names.get(op.result) if op.results else None
        wanted = target is not None and self.plan.uses.get(op.result, 0) > 0
        renamed = wanted and self._variable(source) != target
        statements: list[ast.stmt] = []
        if checked:
            statements = [_raise_if_none(self.expression(source), "UnboundLocalError", text)]
        if renamed:
            statements.append(self._assign(op.result, self.expression(source)))
        return statements or [ast.Expr(self.expression(source))]

    # Branches -----------------------------------------------------------------------------

    def _branch(self, op: Op) -> list[ast.stmt]:
        then, orelse = op.regions
        returning = op in self.plan.returning
        comment = self.last_comment
        bodies = []
        for region in (then, orelse):
            self.last_comment = comment
            bodies.append(self._arm(op, region))
        self.last_comment = None
        test = self.expression(op.args[0])
        first, second = bodies
        ends_first = returning or then.results is None
        ends_second = returning or orelse.results is None
        if not first and not second:
            return []
        if not first or (ends_second and not ends_first):
            # The arm that ends goes first, as a guard clause.
            test = _negated(test)
            first, second, ends_first = second, first, ends_second
        if ends_first:
            return [ast.If(test, first, []), *second]
        return [ast.If(test, first, second)]

    def _arm(self, op: Op, region: Region) -> list[ast.stmt]:
        if op not in self.plan.returning or region.results is None:
            statements = self.block(region)
            return statements if region.results is None else statements + self._copies(op, region)
        saved = dict(self.renamed)
        # The results of this branch are read as what this arm yields.
        self.renamed.update(zip(op.results, region.results, strict=True))
        statements = self.block(region)
        if not self._has_returned(region):
            answer = self.function.body.results
            assert answer is not None
            sites = [s for atom in region.results if (s := self._site_of(atom)) is not None]
            statements += self._comment_of(sites[0] if sites else None)
            statements.append(ast.Return(self.expression(answer[0])))
        self.renamed = saved
        return statements

    def _copies(self, op: Op, region: Region) -> list[ast.stmt]:
        """What an arm yields, into the variables of the results."""
        assert region.results is not None
        copies: list[tuple[str, Atom]] = []
        for result, atom in zip(op.results, region.results, strict=True):
            if (atom is UNDEFINED or atom is DEAD) and result not in self.namer.initialised:
                continue
            name = self.namer.names[result]
            if self._variable(atom) != name:
                copies.append((name, atom))
        statements: list[ast.stmt] = []
        for place, (_, atom) in enumerate(copies):
            written = {name for name, _ in copies[:place]}
            if any(self.namer.names.get(leaf) in written for leaf in self.plan.leaves(atom)):
                targets: list[ast.expr] = [ast.Name(name, ast.Store()) for name, _ in copies]
                values = [self.expression(atom) for _, atom in copies]
                left, right = ast.Tuple(targets, ast.Store()), ast.Tuple(values, ast.Load())
                return [ast.Assign([left], right)]
        for name, atom in copies:
            statements += self._copy(name, atom, statements)
        return statements

    def _copy(self, name: str, atom: Atom, before: Sequence[ast.stmt]) -> list[ast.stmt]:
        target = ast.Name(name, ast.Store())
        last = before[-1] if before else None
        if (
            isinstance(atom, Const)
            and isinstance(last, ast.Assign)
            and isinstance(last.value, ast.Constant)
            and atom.same_as(Const(last.value.value, atom.type))
        ):
            last.targets.append(target)  # a_bar = b_bar = 0.0
            return []
        site = self._site_of(atom)
        if isinstance(atom, Value) and atom in self.plan.folded:
            update = self._folded_update(name, atom)
            if update is not None:
                return [*self._comment_of(site), update]
        return [*self._comment_of(site), ast.Assign([target], self.expression(atom))]

    def _folded_update(self, name: str, atom: Value) -> ast.stmt | None:
        op = self.plan.definitions[atom]
        operator = _AUGMENTED.get(op.primitive.name)
        if operator is None or len(op.args) != 2 or self._variable(op.args[0]) != name:
            return None
        return ast.AugAssign(ast.Name(name, ast.Store()), operator(), self.expression(op.args[1]))

    # Expressions --------------------------------------------------------------------------

    def expression(self, atom: Atom) -> ast.expr:
        """An atom as an expression: a literal, a variable, or what is folded into it."""
        atom = self._latest(atom)
        if isinstance(atom, Const):
            return literal(atom.value)
        if atom in self.plan.folded:
            return self.operation(self.plan.definitions[atom])
        return ast.Name(self.namer.names[atom], ast.Load())

    def operation(self, op: Op) -> ast.expr:
        """An operation as an expression."""
        if op.primitive is IF:
            return self._conditional(op)
        if op.primitive in (COPY, YIELDED, NARROWED):
            return self.expression(op.args[0])
        primitive = op.primitive
        write = CALLS.get(primitive)
        if write is not None:
            return write(self, op)
        operands = list(map(self.expression, op.args))
        if primitive.rule is not None and primitive.rule.variadic:
            call = ast.parse(primitive.pattern or "", mode="eval").body
            assert isinstance(call, ast.Call)
            call.args = operands
            return self.header.spelled(call, primitive)
        written = template_of(primitive)(*operands)
        if primitive.pattern is not None and "(" in primitive.pattern:
            return self.header.spelled(written, primitive)
        return written

    def _conditional(self, op: Op) -> ast.expr:
        then, orelse = (r.results[0] for r in op.regions if r.results is not None)
        test = op.args[0]
        boolean = test.type is BOOL
        if self._same(orelse, test) or (boolean and _is(orelse, False)):
            return self._boolean(ast.And(), test, then)
        if self._same(then, test) or (boolean and _is(then, True)):
            return self._boolean(ast.Or(), test, orelse)
        return ast.IfExp(
            self.expression(op.args[0]), self.expression(then), self.expression(orelse)
        )

    def _same(self, a: Atom, b: Atom) -> bool:
        return a is b or (isinstance(a, Const) and a.same_as(b))

    def _boolean(self, operator: ast.boolop, left: Atom, right: Atom) -> ast.expr:
        values: list[ast.expr] = []
        for atom in (left, right):
            node = self.expression(atom)
            if values and isinstance(operator, ast.And) and _continues(values[-1], node):
                chain, link = values[-1], node
                assert isinstance(chain, ast.Compare) and isinstance(link, ast.Compare)
                chain.ops += link.ops
                chain.comparators += link.comparators
            elif isinstance(node, ast.BoolOp) and isinstance(node.op, type(operator)):
                values += node.values
            else:
                values.append(node)
        return ast.BoolOp(operator, values)


def _raise_if_none(value: ast.expr, error: str, message: str) -> ast.stmt:
    call = ast.Call(ast.Name(error, ast.Load()), [ast.Constant(message)], [])
    missing = ast.Compare(value, [ast.Is()], [ast.Constant(None)])
    return ast.If(missing, [ast.Raise(call, None)], [])


def _shortened(text: str) -> str:
    return text if len(text) <= _COMMENT_WIDTH else text[: _COMMENT_WIDTH - 2].rstrip() + " …"


def _is(atom: Atom, truth: bool) -> bool:
    return isinstance(atom, Const) and atom.value is truth


def _continues(chain: ast.expr, link: ast.expr) -> bool:
    """Whether ``a < b and b < c`` can be written ``a < b < c``."""
    if not isinstance(chain, ast.Compare) or not isinstance(link, ast.Compare):
        return False
    last, first = chain.comparators[-1], link.left
    return isinstance(last, ast.Name) and isinstance(first, ast.Name) and last.id == first.id


def _negated(test: ast.expr) -> ast.expr:
    """``not test``; comparisons for equality and identity are turned, which is always the same."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return test.operand
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        turned = {
            ast.Eq: ast.NotEq,
            ast.NotEq: ast.Eq,
            ast.Is: ast.IsNot,
            ast.IsNot: ast.Is,
        }.get(type(test.ops[0]))
        if turned is not None:
            return ast.Compare(test.left, [turned()], test.comparators)
    return ast.UnaryOp(ast.Not(), test)
