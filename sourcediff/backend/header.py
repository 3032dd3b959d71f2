"""What stands above a generated function: imports, constants, and helpers it carries along."""

from __future__ import annotations

import ast
import builtins
import enum
import inspect
import re
import sys
from collections.abc import Sequence
from functools import cache
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import FunctionType, MethodType, ModuleType
from typing import Any

from sourcediff.backend.literals import constant_text, is_literal, literal
from sourcediff.backend.references import local_names, references, wanted_name
from sourcediff.backend.templates import attribute_path
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import ISINSTANCE
from sourcediff.frontend.reflect import is_numpy_array
from sourcediff.frontend.values import Ref
from sourcediff.ir import Function, Primitive, walk
from sourcediff.rules import array_helpers, special
from sourcediff.rules.builtin_functions import SUM, SUM_FROM
from sourcediff.rules.table import primitive_of

__all__ = ["Header"]


class Header:
    """Collects what the text of a function refers to while it is written.

    Every name in it has one owner, so that two constants of the same name, of two modules,
    are told apart.

    imports    module name → the name it is called by
    members    (module, name) → the name it is imported as
    constants  name → the path of a number outside, with the number it led to
    objects    name → an object that the text names
    paths      name → where the user's text finds that object
    support    name → the text of a helper function
    """

    def __init__(self, spelling: dict[str, str | None], faithful: bool = False) -> None:
        self.spelling = spelling
        #: Whether the text is that of the user's own functions; their names in it.
        self.faithful = faithful
        self.written: dict[FunctionType, str] = {}
        self.imports: dict[str, str] = {}
        self.members: dict[tuple[str, str], str] = {}
        self.constants: dict[str, tuple[Ref, Any]] = {}
        self.objects: dict[str, Any] = {}
        self.paths: dict[str, Ref] = {}
        self.support: dict[str, str] = {}
        self.called: dict[Primitive, str] = {}
        self._owners: dict[str, Any] = {}
        self._callees: dict[Function, str] = {}
        #: Names that something inside of a function has, so that nothing outside may have them.
        self._blocked: set[str] = set()

    def meet(self, function: Function) -> None:
        """Learn of a function that will stand in the text: what it refers to keeps clear of it.

        Where a parameter has the name of something outside that the function, or one within it,
        refers to, what is outside gets another name.
        """
        local = set(local_names(function))
        for ref in references(function):
            if wanted_name(ref) in local:
                self._blocked.add(wanted_name(ref))

    def reserved(self, function: Function) -> set[str]:
        """Meet everything the function refers to; the names that no variable may take."""
        derived = function.order > 0
        if derived:
            for parameter in function.parameters:
                self._owners[parameter.name or ""] = parameter
        names: set[str] = {"float", "slice", "UnboundLocalError", "TypeError"}
        called: dict[Primitive, None] = {}
        for ref in references(function):
            if isinstance(ref, Function):
                names.add(self.callee(ref))
            else:
                names.update(_names_in(self.reference(ref)))
        for op in walk(function.body):
            pattern = op.primitive.pattern
            if op.primitive is ISINSTANCE:
                names.add("isinstance")
            elif pattern is not None and "(" in pattern:
                called.setdefault(op.primitive)
        for primitive in called:
            self._provide(primitive)
        for primitive in called:
            path, _ = _callee(primitive.pattern or "")
            call = ast.Call(attribute_path(path), [], [])
            names.update(_names_in(self.spelled(call, primitive)))
        return names | self._owners.keys() if derived else names

    def forget(self, function: Function) -> None:
        """A function has been written: others may have variables called like its parameters."""
        for parameter in function.parameters:
            if self._owners.get(parameter.name or "") is parameter:
                del self._owners[parameter.name or ""]

    def callee(self, function: Function) -> str:
        """The name of a function that stands in the text."""
        name = self._callees.get(function)
        if name is None:
            wanted = function.name if function.name.isidentifier() else "function"
            name = self._callees[function] = self._fresh(wanted, ("callee", id(function)))
        return name

    def share(self, functions: Sequence[Function]) -> None:
        """Give several functions one name, as they are to have one text."""
        name = self.callee(functions[0])
        for function in functions:
            self._callees[function] = name
        found = getattr(functions[0].origin, "function", None)
        if isinstance(found, FunctionType):
            # Where an argument was known while compiling, the text is for that one only.
            code = found.__code__
            count = code.co_argcount + code.co_kwonlyargcount
            count += bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
            if all(len(function.parameters) == count for function in functions):
                self.written[found] = name

    def object(self, name: str, found: Any) -> ast.expr:
        """A name for an object."""
        name = self._fresh(name, ("object", id(found)))
        self.objects[name] = found
        return ast.Name(name, ast.Load())

    def _class(self, cls: type) -> ast.expr:
        """A class, by its name."""
        if getattr(builtins, cls.__name__, None) is cls:
            return ast.Name(cls.__name__, ast.Load())
        return self.object(cls.__name__, cls)

    def constant(self, value: Any) -> ast.expr:
        """A constant of the program: a literal, or the name of a class."""
        return self._class(value) if isinstance(value, type) else literal(value)

    def importable_object(self, name: str, found: Any) -> ast.expr | None:
        """A name for an object that a file can import; None for any other."""
        if isinstance(found, ModuleType):
            self.imports[found.__name__] = name = self._fresh(name, ("module", found.__name__))
            return ast.Name(name, ast.Load())
        return None if _importable(found) is None else self.object(name, found)

    def _fresh(self, name: str, owner: Any) -> str:
        """The name, or one like it that nobody else has."""
        count = 0
        wanted = name
        while wanted in self._blocked or self._owners.setdefault(wanted, owner) != owner:
            count += 1
            wanted = f"{name}_{count}"
        return wanted

    def _provide(self, primitive: Primitive) -> None:
        """A function that is neither built in nor in a module that one imports."""
        path, arity = _callee(primitive.pattern or "")
        if len(path) > 1:
            return
        (name,), function = path, primitive.evaluate
        builtin = getattr(builtins, name, None)
        if builtin is not None and primitive_of(builtin, arity) is primitive:
            return
        if primitive is SUM or primitive is SUM_FROM:
            return
        written = self.called[primitive] = self._fresh(name, ("function", id(function)))
        if function is getattr(special, name, None):
            text = inspect.getsource(function)
            self.support[name] = re.sub(rf"\b{name}\b(?=\()", written, text)
            self.spelling["math"] = "math"
            self.imports["math"] = self._fresh("math", ("module", "math"))
        else:
            self.objects[written] = function

    # References ---------------------------------------------------------------------------

    def spelled(self, node: ast.expr, primitive: Primitive | None = None) -> ast.expr:
        """An expression that calls functions of a module, in the way the user names them."""
        for inner in ast.walk(node):
            for field, child in ast.iter_fields(inner):
                module = _module_of(child)
                if module is not None:
                    setattr(inner, field, self._member(module, child.attr))
        written = None if primitive is None else self.called.get(primitive)
        if written is not None and isinstance(node, ast.Call):
            node.func = ast.Name(written, ast.Load())
        return node

    def _member(self, module: str, name: str) -> ast.expr:
        package, _, inner = module.rpartition(".")
        if package == "numpy" and module not in self.spelling:
            return ast.Attribute(self._member(package, inner), name, ast.Load())
        alias = self.spelling.get(module, module)
        owner = ("member", module, name)
        if self.faithful and f"{module}.{name}" in self.spelling:
            alias = None  # the user imports this one by name, whatever becomes of the others
        if alias is None and self._owners.get(name, owner) == owner:
            self.members[module, name] = self._fresh(name, owner)
            return ast.Name(name, ast.Load())
        alias = self.imports.get(module) or alias or module.rpartition(".")[2]
        self.imports[module] = self._fresh(alias, ("module", module))
        return ast.Attribute(ast.Name(self.imports[module], ast.Load()), name, ast.Load())

    def reference(self, ref: Ref) -> ast.expr:
        """An expression for an object of the outside world."""
        if ref.root == "module":
            if ref.where is builtins:
                return attribute_path(ref.names)
            node = self._member(ref.where.__name__, ref.names[0])
            for name in ref.names[1:]:
                node = ast.Attribute(node, name, ast.Load())
            return node
        if ref.root == "class" and (self.faithful or isinstance(ref.where, enum.EnumType)):
            node = self._class(ref.where)
            for name in ref.names:
                node = ast.Attribute(node, name, ast.Load())
            return node
        found = ref.read()
        if self.faithful and isinstance(found, FunctionType) and found in self.written:
            return ast.Name(self.written[found], ast.Load())
        owner = getattr(found, "__self__", None)
        name = owner.__name__ if isinstance(owner, type) else ""
        if name and getattr(builtins, name, None) is owner:
            return attribute_path((name, ref.names[-1]))  # dict.fromkeys
        if isinstance(found, MethodType) and len(ref.names) > 1:
            whole = self.reference(Ref(ref.root, ref.where, ref.names[:-1]))
            return ast.Attribute(whole, ref.names[-1], ast.Load())
        if ref.root == "object":
            known = self._known_object(ref.names[0], found)
            if known is not None:
                return known
        name = "_".join(ref.names)
        if ref.root == "class":
            name = f"{ref.where.__name__}_{name}"
        if is_literal(found):
            name = self._fresh(name, ("constant", ref.key))
            self.constants[name] = (ref, found)
        else:
            # An array may be replaced by another at each of the places where it is found.
            owner = ref.key if is_numpy_array(found) else id(found)
            name = self._fresh(name, ("object", owner))
            self.objects[name] = found
            self.paths[name] = ref
        return ast.Name(name, ast.Load())

    def _known_object(self, name: str, found: Any) -> ast.expr | None:
        """A function that is built in, or one whose text comes along."""
        if getattr(builtins, name, None) is found and name not in self._blocked:
            if self._owners.setdefault(name, ("builtin", name)) == ("builtin", name):
                return ast.Name(name, ast.Load())
        if getattr(array_helpers, name, None) is found:
            return ast.Name(self._carried(name, found), ast.Load())
        return None

    def _carried(self, name: str, found: Any) -> str:
        """The name of a function for arrays whose text stands above the others."""
        written = self._fresh(name, ("function", id(found)))
        if written not in self.support:
            text = inspect.getsource(found)
            text = re.sub(rf"\b{name}\b(?=\()", written, text)
            if "np." in text:
                np = self.imports.get("numpy") or self.spelling.get("numpy") or "np"
                self.imports["numpy"] = np = self._fresh(np, ("module", "numpy"))
                text = re.sub(r"\bnp\.", f"{np}.", text)
            self.support[written] = text.replace("  # type: ignore[no-untyped-def]", "")
        return written

    # Text ---------------------------------------------------------------------------------

    def text(self, standalone: bool = False) -> str:
        """The lines above the function.

        Args:
            standalone: import the user's own objects too, for a file that others run.

        Raises:
            DifferentiationError: an object cannot be imported.
        """
        lines = [
            f"import {module}" if module == alias else f"import {module} as {alias}"
            for module, alias in sorted(self.imports.items())
        ]
        members: dict[str, list[str]] = {}
        for (module, name), alias in self.members.items():
            members.setdefault(module, []).append(_imported_as(name, alias))
        for name, found in self.objects.items():
            source = _importable(found) or _global(self.paths.get(name))
            if source is not None:
                members.setdefault(source[0], []).append(_imported_as(source[1], name))
            elif standalone:
                raise DifferentiationError(
                    f"{name!r} cannot be imported by the saved file",
                    help="define it at the top level of a module",
                )
        lines += [
            f"from {module} import {', '.join(sorted(names))}"
            for module, names in sorted(members.items())
        ]
        if self.constants:
            lines += ["", *self._constants()]
        text = "\n".join(lines).strip("\n")
        blocks = [text] if text else []
        blocks += [source.rstrip() for source in self.support.values()]
        return "\n\n\n".join(blocks) + "\n\n\n" if blocks else ""

    def _constants(self) -> list[str]:
        lines = []
        for name, (ref, found) in self.constants.items():
            where = {
                "cell": "of the enclosing function",
                "class": f"of the class {getattr(ref.where, '__name__', '')}",
                "object": "of the arguments",
            }.get(ref.root)
            if where is None:
                where = f"of {ref.where.get('__name__', 'the module')}"
            lines.append(f"{name} = {constant_text(found)}  # {'.'.join(ref.names)} {where}")
        return lines


def _importable(found: Any) -> tuple[str, str] | None:
    """The module and name by which a file can import an object, if it can."""
    module, name = getattr(found, "__module__", None), getattr(found, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str) or module == "__main__":
        return None
    known = getattr(sys.modules.get(module), name, None)
    return (module, name) if known is found else None


def _global(ref: Ref | None) -> tuple[str, str] | None:
    """The module and name of what is bound at the top level of a module."""
    if ref is None or ref.root != "global" or len(ref.names) != 1:
        return None
    module = ref.where.get("__name__")
    known = getattr(sys.modules.get(module), "__dict__", None)
    return (module, ref.names[0]) if known is ref.where and module != "__main__" else None


def _imported_as(name: str, alias: str) -> str:
    return name if name == alias else f"{name} as {alias}"


@cache
def _callee(pattern: str) -> tuple[tuple[str, ...], int]:
    """The path of the function that a pattern calls, and with how many arguments."""
    call = ast.parse(pattern, mode="eval").body
    call = call.value if isinstance(call, ast.Subscript) else call
    assert isinstance(call, ast.Call)
    return tuple(ast.unparse(call.func).split(".")), len(call.args)


def _module_of(node: Any) -> str | None:
    """The module that an attribute in a pattern is one of."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id if node.value.id in ("math", "numpy") else None
    return None


def _names_in(node: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
