"""The variables of the functions that are being lowered, and how branches change them.

Every activation of a function (each inlined call is one) has a `Frame`. The bindings of all
frames live in one table, `Variables`, so that a closure sees its enclosing function's
variable and not the value it had when the closure was made, and so that the two arms of a
branch can be compared whichever function wrote to what.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sourcediff.frontend.calls.callables import LOWERED
from sourcediff.frontend.source import Source, own_nodes
from sourcediff.frontend.values import Binding, Dissolved
from sourcediff.ir import Op, Site, Variable

__all__ = [
    "RETURNED",
    "RETURN_VALUE",
    "Arm",
    "Frame",
    "Key",
    "Variables",
    "defined_in",
    "hint",
    "named_after",
]

Definition = ast.FunctionDef | ast.Lambda


_NAMED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.MatchAs | ast.MatchStar
_LOOPS = ast.For | ast.AsyncFor | ast.While
_TRY = (ast.Try, getattr(ast, "TryStar", ast.Try))


class Scope:
    """Which names a function's own body binds, and which it declares to be another's.

    guarded    the names that a try statement (or a with statement) binds
    captured   the names that functions inside read or bind
    settled    the names that one assignment outside of loops binds, and nothing else
    """

    __slots__ = ("captured", "globals", "guarded", "locals", "nonlocals", "settled")

    def __init__(self, node: Definition) -> None:
        self.locals: dict[str, None] = dict.fromkeys(parameter_names(node.args))
        self.nonlocals: set[str] = set()
        self.globals: set[str] = set()
        self.guarded: set[str] = set()
        self.captured: set[str] = set()
        inside = comprehension_targets(node)
        for inner in own_nodes(node):
            if isinstance(inner, (*_TRY, ast.With)):
                holder = ast.Module(body=[inner], type_ignores=[])
                self.guarded.update(Scope.bound_in(holder))
            elif isinstance(inner, ast.FunctionDef | ast.Lambda):
                self.captured.update(n.id for n in ast.walk(inner) if isinstance(n, ast.Name))
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del):
                if inner not in inside:
                    self.locals[inner.id] = None
            elif isinstance(inner, _NAMED | ast.ExceptHandler):
                if inner.name is not None:
                    self.locals[inner.name] = None
            elif isinstance(inner, ast.Import | ast.ImportFrom):
                for alias in inner.names:
                    self.locals[alias.asname or alias.name.partition(".")[0]] = None
            elif isinstance(inner, ast.Nonlocal):
                self.nonlocals.update(inner.names)
            elif isinstance(inner, ast.Global):
                self.globals.update(inner.names)
        for name in self.nonlocals | self.globals:
            self.locals.pop(name, None)
        self.guarded &= self.locals.keys()
        self.captured &= self.locals.keys()
        self.settled = settled_names(node)

    @staticmethod
    def bound_in(holder: ast.Module) -> list[str]:
        """The names that statements bind."""
        names: list[str] = []
        inside = comprehension_targets(holder)
        for inner in own_nodes(holder):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del):
                if inner not in inside:
                    names.append(inner.id)
            elif isinstance(inner, ast.ExceptHandler | _NAMED) and inner.name is not None:
                names.append(inner.name)
        return names


def settled_names(node: Definition) -> set[str]:
    """The names that one assignment outside of loops binds, and nothing else in the function.

    >>> settled_names(ast.parse("def f(x):\\n  n = 3; t = 0\\n  for i in x: t += n").body[0])
    {'n'}
    """
    bound = Counter(parameter_names(node.args))
    assigned: set[str] = set()
    for inner in ast.walk(node):
        bound.update(_stored_in(inner) if isinstance(inner, _LOOPS) else ())
        if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            bound[inner.id] += 1
        elif isinstance(inner, ast.Nonlocal | ast.Global):
            bound.update(inner.names * 2)
        elif isinstance(inner, ast.ExceptHandler | _NAMED) and inner.name is not None:
            bound[inner.name] += 2
        elif isinstance(inner, ast.Assign | ast.AnnAssign):
            assigned.update(_stored_in(inner))
    return {name for name in assigned if bound[name] == 1}


def _stored_in(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            yield inner.id


def comprehension_targets(node: ast.AST) -> set[ast.AST]:
    """The names that comprehensions bind, which are no variables of the function."""
    return {
        name
        for inner in own_nodes(node)
        if isinstance(inner, ast.comprehension)
        for name in ast.walk(inner.target)
    }


def parameter_names(args: ast.arguments) -> list[str]:
    """The names of all parameters, in the order of the signature."""
    names = [a.arg for a in (*args.posonlyargs, *args.args)]
    if args.vararg:
        names.append(args.vararg.arg)
    names.extend(a.arg for a in args.kwonlyargs)
    if args.kwarg:
        names.append(args.kwarg.arg)
    return names


def scope_of(node: Definition) -> Scope:
    """The scope of a definition, analysed once for each tree, which keeps it."""
    found: Scope | None = getattr(node, "scope", None)
    if found is None:
        found = Scope(node)
        node.scope = found  # type: ignore[union-attr]
    return found


def defined_in(function: Any) -> str | None:
    """The name of the class that a function is defined in, by its qualified name."""
    home = function.__qualname__.rpartition(".")[0].rpartition(".")[2]
    return home if home.isidentifier() else None


class Frame:
    """One activation of a function.

    parent     the frame of the enclosing function, for one that is defined inside
    cells      the real variables of enclosing functions, for one that Python made
    call_site  the statement of the caller, for a helper of one statement
    checkpoint how many segments its loops go in, where the function is marked with `checkpoint`
    shared     the variables that live in memory, by name
    scopes     the variables of the comprehensions that the definition of the function stands in
    inside     the name of the class that the function is defined in
    hidden     the variables of the comprehensions that control is in, innermost last: these have
               a scope of their own
    """

    __slots__ = (
        "call_site",
        "cells",
        "checkpoint",
        "globals",
        "hidden",
        "inside",
        "name",
        "node",
        "parent",
        "scope",
        "scopes",
        "serial",
        "shared",
        "source",
        "turns",
    )

    def __init__(
        self,
        name: str,
        node: Definition,
        source: Source,
        globals: dict[str, Any],
        *,
        parent: Frame | None = None,
        cells: dict[str, Any] | None = None,
        call_site: Site | None = None,
    ) -> None:
        self.name = name
        self.node = node
        self.inside: str | None = None if parent is None else parent.inside
        self.source = source
        self.globals = globals
        self.parent = parent
        self.cells = cells or {}
        self.call_site = call_site
        self.checkpoint: tuple[int | None] | None = None
        self.scope = scope_of(node)
        self.shared: dict[str, Variable] = {}
        self.hidden: list[dict[str, Binding]] = []
        self.scopes: list[dict[str, Binding]] = []
        #: What is done with what a generator yields (module `generator_functions`).
        self.turns: Any = None
        self.serial = Dissolved.older()

    @staticmethod
    def count() -> int:
        """How many frames there have been: those of a higher serial number are younger."""
        return Dissolved.count()

    @property
    def is_ours(self) -> bool:
        """Whether it is a call of a function of this library that stands for one of Python's."""
        return self.globals.get("__name__") in LOWERED

    def owner(self, name: str) -> Frame | None:
        """The frame whose variable `name` means here, or None for a global or a real cell."""
        if name in self.scope.globals:
            return None
        frame: Frame | None = self
        while frame is not None:
            if name in frame.scope.locals:
                return frame
            if name in frame.scope.globals:
                return None
            frame = frame.parent
        return None

    def real_cell(self, name: str) -> Any | None:
        """The cell of a variable of an enclosing function that has already run."""
        if name in self.scope.globals:
            return None
        frame: Frame | None = self
        while frame is not None:
            if name in frame.cells:
                return frame.cells[name]
            frame = frame.parent
        return None


#: A variable of an activation, or an attribute of a known object.
Key = tuple[Frame | Dissolved, Any]


#: Whether a function returned inside of a loop, and what: carried like its variables.
RETURNED, RETURN_VALUE = "<returned>", "<returned value>"


def hint(key: Key) -> str | None:
    """What the values of a variable are called; those that the user did not name have brackets."""
    owner, name = key
    if isinstance(owner, Dissolved):
        return owner.hint(name)
    if name.startswith("<as "):
        return str(name[4:-1])
    if name.startswith("<"):
        return "returned" if name == RETURNED else None
    return str(name)


def named_after(name: str) -> str:
    """A variable that is none of the user's, whose values are called by a name all the same."""
    return f"<as {name}>"


class Arm:
    """One arm of a branch while it is lowered: its operations and what it re-binds."""

    __slots__ = ("changes", "ops", "site", "start")

    def __init__(self) -> None:
        #: What is younger was made in it, or in one that was begun later.
        self.start = Dissolved.count()
        self.site: Site | None = None
        self.ops: list[Op] = []
        self.changes: dict[Key, Binding | None] = {}


class Variables:
    """What every variable of every frame is bound to now."""

    def __init__(self) -> None:
        self._bindings: dict[Key, Binding] = {}
        self._journals: list[dict[Key, Binding | None]] = []

    def get(self, frame: Frame | Dissolved, name: Any) -> Binding | None:
        """The binding, or None while there is none."""
        return self._bindings.get((frame, name))

    def set(self, key: Key, binding: Binding | None) -> None:
        """Bind a variable; None unbinds it."""
        if self._journals and key not in self._journals[-1]:
            self._journals[-1][key] = self._bindings.get(key)
        if binding is None:
            self._bindings.pop(key, None)
        else:
            self._bindings[key] = binding

    def all(self) -> dict[Key, Binding]:
        """What every variable is bound to, as it is now."""
        return dict(self._bindings)

    def bound_to(self, binding: Binding) -> list[Key]:
        """The variables that are bound to this very binding."""
        return [key for key, found in self._bindings.items() if found is binding]

    def forget(self, frame: Frame) -> None:
        """Drop the variables of a function that is done with."""
        for key in [key for key in self._bindings if key[0] is frame]:
            del self._bindings[key]
        for journal in self._journals:
            for key in [key for key in journal if key[0] is frame]:
                del journal[key]

    @property
    def depth(self) -> int:
        """How many arms control is in."""
        return len(self._journals)

    def changed_since(self, depth: int) -> dict[Key, Binding | None]:
        """What is bound now to every variable re-bound in the arms beyond a depth."""
        keys = {key: None for journal in self._journals[depth:] for key in journal}
        return {key: self._bindings.get(key) for key in keys}

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Bind variables of a function of its own, whatever arms control is in outside of it."""
        journals, self._journals = self._journals, []
        try:
            yield
        finally:
            self._journals = journals

    @contextmanager
    def within(self, arm: Arm) -> Iterator[None]:
        """Apply what `arm` has changed so far, collect what it changes now, undo it on leaving."""
        self._journals.append({})
        for key, binding in arm.changes.items():
            self.set(key, binding)
        try:
            yield
        finally:
            journal = self._journals.pop()
            arm.changes = {key: self._bindings.get(key) for key in journal}
            for key, before in journal.items():
                if before is None:
                    self._bindings.pop(key, None)
                else:
                    self._bindings[key] = before
