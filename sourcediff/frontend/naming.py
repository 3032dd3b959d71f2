"""Names: what they mean where control is, and what binding one does."""

from __future__ import annotations

import ast
import builtins
import types as python_types

from sourcediff import types
from sourcediff.frontend.arrays.without_axes import note_bound
from sourcediff.frontend.control.joins import Diverged, values_in
from sourcediff.frontend.describe import describe
from sourcediff.frontend.frames import Frame
from sourcediff.frontend.objects.dissolved import name_after
from sourcediff.frontend.objects.outside import Outside
from sourcediff.frontend.primitives import BOUND
from sourcediff.frontend.state import all_values
from sourcediff.frontend.values import (
    Binding,
    Choice,
    Closure,
    Conflict,
    Once,
    Rec,
    Ref,
    SharedName,
    Static,
    Stream,
    Tup,
)
from sourcediff.ir import UNDEFINED, Atom, Const, Value, Variable
from sourcediff.memory import ASSIGN, FORGET, READ, WRITE

__all__ = ["Names"]


class Names(Outside):
    """Variables: those of functions and comprehensions, in values or in memory."""

    def lookup(self, name: str, node: ast.AST | None = None) -> Binding:
        """What a name means where control is now."""
        for scope in reversed(self.frame.hidden):
            if name in scope:
                return self.read_hidden(scope[name], name)
        if name not in self.frame.scope.locals:
            for scope in reversed(self.frame.scopes):
                if isinstance(scope.get(name), SharedName):
                    return self.read_hidden(scope[name], name)
        owner = self.frame.owner(name)
        if owner is not None:
            binding = self.variables.get(owner, name)
            if owner is not self.frame and self.faithful and self.is_bound_up(binding):
                self.error(f"{name!r} of the enclosing function is one of several things", node)
            shared = owner.shared.get(name)
            if shared is not None:
                return self.read_shared(shared, binding)
            return self.read_variable(owner, name, binding, node)
        cell = self.frame.real_cell(name)
        if cell is not None:
            try:
                found = cell.cell_contents
            except ValueError:
                self.error(f"{name!r} of the enclosing function has no value yet", node)
            return self.from_object(found, Ref("cell", cell, (name,)))
        if name in self.frame.globals:
            found = self.frame.globals[name]
            if isinstance(found, python_types.ModuleType):
                self.spelled(found.__name__, name)
            elif getattr(found, "__module__", None) == "math":
                self.spelled("math", None)
                if found.__name__ == name:
                    self.spelled(f"math.{name}", name)
            return self.from_object(found, Ref("global", self.frame.globals, (name,)))
        if hasattr(builtins, name):
            self.rely_on(Ref("absent", self.frame.globals, (name,)), True)
            return Static(getattr(builtins, name), Ref("module", builtins, (name,)))
        self.error(
            f"name {name!r} is not defined",
            node,
            help=f"define {name!r} before the derivative is called",
        )

    @staticmethod
    def is_bound_up(binding: Binding | None) -> bool:
        """Whether something that is known while compiling holds values of the run."""
        if binding is None or isinstance(binding, Value | Const | Closure):
            return False
        return any(True for _ in values_in(binding)) or isinstance(binding, Choice)

    def read_hidden(self, binding: Binding, name: str) -> Binding:
        """A variable of a comprehension."""
        if isinstance(binding, SharedName):
            return self.read_shared(binding.variable, None)
        if isinstance(binding, Const) and binding.type is types.UNBOUND:
            self.error(f"{name!r} is read before the comprehension binds it")
        return binding

    def read_shared(self, variable: Variable, binding: Binding | None) -> Binding:
        """A variable that lives in memory; `binding` is what is known of it."""
        if isinstance(binding, Conflict):
            binding = None  # known on some paths only: the value itself tells
        if binding is not None and not isinstance(binding, Closure):
            if not self.still_within(variable):
                self.error(
                    f"{variable.name!r} is {describe(binding)}, bound where exceptions are caught",
                    help="bind it before the try statement",
                )
            return binding  # a module, a class: nothing that lives in memory
        if binding is None and ("known", variable.key) in self.memo.written:
            self.error(f"{variable.name!r} is one of several things here", help="use two names")
        kind = variable.slot.read()
        if kind is types.NEVER:
            self.effect(READ, (), attribute=variable)
            raise Diverged
        value = self.emit(READ, (), kind, attribute=variable)
        if isinstance(binding, Closure):
            return binding.seen_as(value)
        return value

    def still_within(self, variable: Variable) -> bool:
        """Whether control is still where what a variable is known to be was bound.

        Out of the body of a try statement it may have been left before that.
        """
        homes = [
            home for key, home in self.known_within.items() if key[0].shared.get(key[1]) is variable
        ]
        now = tuple(self.guarded_by)
        return all(now[: len(home)] == home for home in homes)

    def read_variable(
        self, owner: Frame, name: str, binding: Binding | None, node: ast.AST | None
    ) -> Binding:
        """A local variable; where a path may not have bound it, the check that Python makes."""
        if binding is None or binding is UNDEFINED:
            self.want((owner, name))
            self.effect(BOUND, (UNDEFINED,), attribute=name)
            raise Diverged
        if isinstance(binding, Conflict):
            self.refuse_conflict(binding, node)
        if isinstance(binding, Tup) and any(
            v.type.kind == "MaybeUnbound" for v in values_in(binding)
        ):
            return self._bound_items(binding, name)
        if isinstance(binding, Value) and binding.type.kind == "MaybeUnbound":
            checked = self.emit(
                BOUND,
                (binding,),
                binding.type.items[0],
                attribute=name,
                name=binding.name,
            )
            if self.branch_depth == 0:
                self.variables.set((owner, name), checked)
            return self.taken(checked)
        return binding

    def _bound_items(self, whole: Tup, name: str) -> Tup:
        """The items of a tuple variable that some paths do not bind, each checked."""
        items: list[Binding] = []
        for item in whole.items:
            if isinstance(item, Tup):
                items.append(self._bound_items(item, name))
            elif isinstance(item, Value) and item.type.kind == "MaybeUnbound":
                kind = item.type.items[0]
                items.append(self.emit(BOUND, (item,), kind, attribute=name, name=item.name))
            else:
                items.append(item)
        return Tup(items, whole.cls)

    def refuse_iterator(self, binding: Binding, node: ast.AST | None = None) -> None:
        """An iterator is consumed where it is made: kept, it would be empty the second time."""
        if isinstance(binding, Once | Stream):
            message = "an iterator that is kept is not supported"
            self.error(message, node, "make it a list, list(…), or use it where it is made")

    def bind(self, name: str, binding: Binding, node: ast.AST | None = None) -> None:
        """Assign to a variable; a value that has no name yet is called after it."""
        self.refuse_iterator(binding, node)
        if self.frame.hidden and name in self.frame.hidden[-1]:
            known = self.frame.hidden[-1][name]
            if isinstance(known, SharedName):
                atom = self.atom(binding)
                self.put(known.variable.slot, atom.type, repr(name))
                self.effect(WRITE, (atom,), attribute=known.variable)
                return
            if isinstance(binding, Value) and binding.name is None:
                binding.name = name
            self.frame.hidden[-1][name] = binding
            return
        owner = self.frame.owner(name)
        if owner is None:
            self.error(
                f"assignment to {name!r}, a variable outside of the differentiated function",
                node,
                help="pass the value in and return it instead",
            )
        shared = owner.shared.get(name)
        if shared is not None:
            self.write_shared(owner, shared, binding)
            return
        if self.faithful:
            binding = self.named(name, binding)
        elif isinstance(binding, Const):
            if name in owner.scope.settled:
                place = len(self.frames), getattr(node, "lineno", 0)
                binding = _called(binding, name, place)
        else:
            name_after(self, binding, name)
        note_bound(self, owner, name, binding)
        self.variables.set((owner, name), binding)

    def named(self, name: str, binding: Binding) -> Binding:
        """A binding that is about to get a name, as a value of its own under that name."""
        if isinstance(binding, Tup):
            if not all_values(binding):
                return binding
            binding = self.atom(binding)
        if isinstance(binding, Const):
            return self.assign(name, binding)
        if isinstance(binding, Closure) and binding.value is not None:
            if binding.value.name is not None and binding.value.name != name:
                return binding.seen_as(self.assign(name, binding.value))
            binding.value.name = name
            return binding
        if isinstance(binding, Value):
            apart = binding in self.outside or binding in self.named_inside
            if binding.name is not None or apart:
                return self.assign(name, binding)
            binding.name = name
        return binding

    def assign(self, name: str, atom: Atom) -> Value:
        """Another name for an atom."""
        return self.emit(ASSIGN, (atom,), atom.type, name=name)

    def write_shared(self, owner: Frame, variable: Variable, binding: Binding) -> None:
        """Bind a variable that lives in memory."""
        key = (owner, variable.name)
        known = self.variables.get(*key)
        if isinstance(binding, Closure) and binding.value is not None:
            if isinstance(known, Closure) and known.node is not binding.node:
                self.error(f"{variable.name!r} is one of several functions", help="use two names")
            self.variables.set(key, binding)
        elif isinstance(binding, Value | Const | Tup | Rec):
            binding = self.atom(binding)
        else:
            mark = ("known", variable.key)
            self.known_within[key] = tuple(self.guarded_by)
            if mark not in self.memo.written:
                self.memo.written.add(mark)
                raise types.Widened
            self.variables.set(key, binding)
            return
        atom = self.atom(binding)
        self.put(variable.slot, atom.type, repr(variable.name))
        self.effect(WRITE, (atom,), attribute=variable)

    def unbind(self, name: str, node: ast.AST, must: bool = True) -> None:
        """``del name``."""
        owner = self.frame.owner(name)
        if owner is None:
            self.error(f"del of {name!r}, which is not a local variable", node)
        shared = owner.shared.get(name)
        if shared is not None:
            self.effect(FORGET, (), attribute=(shared, must))
            return
        self.lookup(name, node)
        self.variables.set((owner, name), None)


def _called(number: Const, name: str, place: tuple[int, int]) -> Const:
    """A number that has no name yet, under that of the variable that always holds it."""
    if number.name is not None or number.type not in (types.REAL, types.INT):
        return number
    return Const(number.value, number.type, name, place)
