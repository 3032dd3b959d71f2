"""From the IR to Python's syntax tree: statements in the user's order, under the user's names.

A comment precedes the code that a statement of the user gave rise to in the reverse sweep.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from functools import cached_property

from sourcediff import ir, memory
from sourcediff.backend import assignments, attempts, branches, jumps, loops, nested, tries
from sourcediff.backend.calls import CALLS
from sourcediff.backend.comprehensions import comprehension
from sourcediff.backend.conditions import conditional, link_placeholder
from sourcediff.backend.folding import is_named
from sourcediff.backend.header import Header
from sourcediff.backend.named_numbers import NamedNumbers, key_of
from sourcediff.backend.names import Namer
from sourcediff.backend.plan import Plan
from sourcediff.backend.printer import Comment
from sourcediff.backend.scope import Scope, hidden_in
from sourcediff.backend.templates import template_of
from sourcediff.frontend import primitives
from sourcediff.frontend.primitives import COPY, NARROWED, TUPLE, YIELDED
from sourcediff.guards import COMPLETED, EXCEPTION, GUARD
from sourcediff.ir import Atom, Const, Function, Op, Region, Site, Value
from sourcediff.transform.arrays.owned import Owned

__all__ = ["Emitter"]

_COMMENT_WIDTH = 88

Write = Callable[["Emitter", Op], list[ast.stmt]]


class Emitter:
    """Writes the body of one function."""

    def __init__(
        self,
        function: Function,
        header: Header,
        plan: Plan | None = None,
        scope: Scope | None = None,
        given: Mapping[Value, str] | None = None,
        numbers: NamedNumbers | None = None,
    ) -> None:
        self.function = function
        self.header = header
        self.plan = plan if plan is not None else Plan(function)
        reserved = header.reserved(function)
        for op in function.body.ops:
            if op.primitive is primitives.PULLBACK:
                reserved |= header.reserved(op.attribute)

        #: The numbers that the user named; those of a pullback are those of the function around.
        self.numbers = numbers if numbers is not None else NamedNumbers(function, reserved)
        reserved |= set(self.numbers.names.values())

        def named() -> Namer:
            self.scope = scope if scope is not None else Scope(function, hidden_in(self.plan))
            self.plan.seen = tuple(given or ())
            return Namer(self.plan, reserved, self.scope.seen_by(function), given)

        self.namer = named()
        if self.namer.initialised and self.plan.faithful:
            # Some name holds None where it is unbound, so that reading it is no check.
            self.plan = Plan(function, checks=True, refused=self.plan.refused)
            self.namer = named()
        while apart := self.namer.apart():
            # An expression cannot bind under one name what is read under another.
            self.plan = Plan(function, self.plan.checks, self.plan.refused | apart)
            self.namer = named()
        self.renamed: dict[Value, Atom] = {}
        self.last_comment: Site | None = None
        self.last_domain: Site | None = None
        #: The names that the text so far, or the loops around, may have bound.
        self.bound: set[str] = {
            name for p in function.parameters if (name := self.namer.names.get(p, p.name))
        }

    @cached_property
    def owned(self) -> Owned:
        """Which arrays are the function's own."""
        return Owned(self.function, self.plan.folded)

    # Statements ---------------------------------------------------------------------------

    def body(self) -> list[ast.stmt]:
        """The statements of the function."""
        body = self.function.body
        statements = self.block(body)
        if body.results is not None and not branches.has_returned(self, body):
            statements += jumps.returned(self, body)
        statements = [*jumps.declarations(self, statements), *statements]
        return self.numbers.assigned_above(self.function, statements)

    def site_of(self, atom: Atom) -> Site | None:
        """The statement behind derivative code that is folded into a return."""
        if not isinstance(atom, Value) or atom not in self.plan.folded:
            return None
        op = self.plan.definitions[atom]
        if op.primitive is TUPLE:
            sites = [s for a in op.args if (s := self.site_of(a)) is not None]
            return sites[0] if sites else None
        return op.site if op.order > 0 else None

    def comment_of(self, site: Site | None) -> list[ast.stmt]:
        """A comment that says which statement the next ones are the adjoint of."""
        if site is None or site.order == 0 or site is self.last_comment:
            return []
        if site.text.endswith(":"):
            return []  # a compound statement; the statements in it speak for themselves
        self.last_comment = site
        text = "adjoint of the " * (site.order - 1) + f"adjoint of: {site.text}"
        return [Comment(shortened(text))]

    def block(self, region: Region) -> list[ast.stmt]:
        """The statements of a region."""
        statements: list[ast.stmt] = []
        here: Op | None = None
        for op in self.plan.statements(region):
            write = _COMPOUND.get(op.primitive)
            if write is not None and op not in self.plan.ternary:
                if op not in self.plan.comprehensions:
                    statements += write(self, op)
                    continue
            last, here = here, op
            comment = self.last_comment
            above = self.comment_of(op.site) if op.order > 0 else []
            written = assignments.annotated(self, op, self._statement(op))
            if written:
                if not assignments.joined(statements, written, op, last):
                    statements += [*above, *written]
            else:
                self.last_comment = comment
        return attempts.with_finally(statements)

    def _statement(self, op: Op) -> list[ast.stmt]:
        write = _SIMPLE.get(op.primitive)
        if write is not None and not (op.primitive is memory.READ and op.results):
            return write(self, op)
        value = self.plan.result(op)
        if value is None:
            return [ast.Expr(self.operation(op))]
        if op.primitive in (COPY, YIELDED, NARROWED):
            source = op.args[0]
            if isinstance(source, Value) and self.variable(source) == self.namer.names.get(value):
                return []
            return [self.assign(value, self.expression(source))]
        if self.plan.uses.get(value, 0) == 0 and not (self.plan.faithful and is_named(value)):
            check = ast.Expr(self.operation(op))
            changes = op.primitive is memory.METHOD_OF
            if changes or self.plan.faithful or op.site is None or op.site is self.last_domain:
                return [check]
            self.last_domain = op.site
            return [Comment(shortened(f"domain of: {op.site.text}")), check]
        return [assignments.update(self, op) or self.assign(value, self.operation(op))]

    def assign(self, value: Value, expression: ast.expr) -> ast.stmt:
        """Bind the variable of a value."""
        name = self.namer.names[value]
        self.bound.add(name)
        return ast.Assign([ast.Name(name, ast.Store())], expression)

    def fresh(self, name: str) -> str:
        """A name for a variable that belongs to no value."""
        taken = {*self.namer.taken, *self.namer.reserved}
        count = 0
        wanted = name
        while wanted in taken:
            count += 1
            wanted = f"{name}_{count}"
        self.namer.taken[wanted] = self
        return wanted

    # Variables ----------------------------------------------------------------------------

    def variable(self, atom: Atom) -> str | None:
        """The name of the variable that holds an atom, if one does."""
        if not isinstance(atom, Value):
            return None
        atom = self._latest(atom)
        while isinstance(atom, Value) and atom in self.plan.folded:
            op = self.plan.definitions[atom]
            if op in self.plan.named and op in self.plan.standing:
                return self.namer.names[op.results[0]]
            if op.primitive not in _TRANSPARENT:
                return None
            if op.primitive is not NARROWED and not self.plan.faithful:
                return None
            atom = op.args[0]
        return self.namer.names[atom] if isinstance(atom, Value) else None

    def _latest(self, atom: Atom) -> Atom:
        while isinstance(atom, Value) and atom in self.renamed:
            atom = self.renamed[atom]
        return atom

    # Expressions --------------------------------------------------------------------------

    def expression(self, atom: Atom) -> ast.expr:
        """An atom as an expression: a literal, a variable, or what is folded into it."""
        atom = self._latest(atom)
        if isinstance(atom, Const):
            name = self.numbers.names.get(key_of(atom))
            return ast.Name(name, ast.Load()) if name else self.header.constant(atom.value)
        if atom in self.plan.folded:
            return self.operation(self.plan.definitions[atom])
        return ast.Name(self.namer.names[atom], ast.Load())

    def operation(self, op: Op) -> ast.expr:
        """An operation as an expression."""
        primitive = op.primitive
        if op in self.plan.named:
            return assignments.named_expression(self, op)
        if primitive is ir.IF:
            return conditional(self, op)
        if primitive is ir.FOR:
            return comprehension(self, op)
        if primitive in _TRANSPARENT:
            return self.expression(op.args[0])
        write = CALLS.get(primitive)
        if write is not None:
            return write(self, op)
        operands = self.operands(op)
        if primitive.rule is not None and primitive.rule.variadic:
            call = ast.parse(primitive.pattern or "", mode="eval").body
            assert isinstance(call, ast.Call)
            call.args = operands
            return self.header.spelled(call, primitive)
        written = template_of(primitive)(*operands)
        if primitive.pattern is not None and "(" in primitive.pattern:
            return self.header.spelled(written, primitive)
        return written

    def operands(self, op: Op) -> list[ast.expr]:
        """The operands of an operation as expressions."""
        if op in self.plan.links:
            return [link_placeholder(), *map(self.expression, op.args[1:])]
        return list(map(self.expression, op.args))


def shortened(text: str) -> str:
    """A text that fits in a comment."""
    return text if len(text) <= _COMMENT_WIDTH else text[: _COMMENT_WIDTH - 2].rstrip() + " …"


_TRANSPARENT = (COPY, YIELDED, NARROWED, primitives.BOUND)
_COMPOUND: dict[ir.Primitive, Write] = {
    ir.IF: branches.branch,
    ir.FOR: loops.for_loop,
    ir.WHILE: loops.while_loop,
    ir.TRY: tries.try_statement,
}
#: How the operations are written that are statements and no expressions.
_SIMPLE: dict[ir.Primitive, Write] = {
    ir.RETURN: jumps.return_statement,
    ir.BREAK: jumps.break_statement,
    ir.CONTINUE: jumps.continue_statement,
    primitives.RAISE: jumps.raise_statement,
    primitives.ASSERT: jumps.assertion,
    primitives.BOUND: jumps.bound,
    primitives.REQUIRED: jumps.required,
    primitives.DECLARED: jumps.declared,
    primitives.UNPACK: assignments.assignment,
    memory.UNPACK_ITERABLE: assignments.assignment,
    memory.ASSIGN: assignments.assignment,
    memory.READ: jumps.read,
    memory.WRITE: assignments.assignment,
    memory.SET_ITEM: assignments.assignment,
    memory.SET_PART: assignments.part_assignment,
    memory.SWAP_ITEMS: assignments.swap,
    memory.SET_ATTRIBUTE: assignments.assignment,
    memory.INPLACE: assignments.in_place,
    memory.DELETE_ITEM: assignments.deletion,
    memory.DELETE_ATTRIBUTE: assignments.deletion,
    memory.FORGET: assignments.deletion,
    memory.MAKE_FUNCTION: nested.definition,
    primitives.PULLBACK: nested.pullback,
    GUARD: attempts.nothing,
    EXCEPTION: attempts.nothing,
    COMPLETED: attempts.completion,
}
