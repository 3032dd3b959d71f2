"""What stands above a generated function: imports, constants, and helpers it carries along."""

from __future__ import annotations

import ast
import builtins
import inspect
from typing import Any

from sourcediff.backend.templates import attribute_path
from sourcediff.errors import DifferentiationError
from sourcediff.frontend.primitives import CALL, ISINSTANCE, LOAD, PURE_CALL
from sourcediff.frontend.values import Ref
from sourcediff.ir import Function, walk
from sourcediff.rules import special

__all__ = ["Header"]


class Header:
    """Collects what the text of a function refers to while it is written.

    imports    module name → the name it is called by
    members    module name → names imported from it
    constants  name → the path of a number outside, with the number it led to
    objects    name → an object that the text names and only this process has for certain
    support    name → the text of a helper function
    """

    def __init__(self, spelling: dict[str, str | None]) -> None:
        self.spelling = spelling
        self.imports: dict[str, str] = {}
        self.members: dict[str, dict[str, None]] = {}
        self.constants: dict[str, tuple[Ref, Any]] = {}
        self.objects: dict[str, Any] = {}
        self.support: dict[str, str] = {}
        self.avoid: set[str] = set()

    def reserved(self, function: Function) -> set[str]:
        """The names that no variable may take, as the text means something else by them."""
        self.avoid = {p.name for p in function.parameters if p.name is not None}
        names: set[str] = {"float", "UnboundLocalError"}
        called: dict[str, Any] = {}
        for op in walk(function.body):
            pattern = op.primitive.pattern
            if op.primitive in (LOAD, CALL, PURE_CALL):
                ref = op.attribute if op.primitive is LOAD else op.attribute.ref
                names.update(_names_in(self.reference(ref)))
            elif op.primitive is ISINSTANCE:
                names.add("isinstance")
                for ref in op.attribute[1]:
                    names.update(_names_in(self.reference(ref)))
            elif pattern is not None and "(" in pattern:
                called.setdefault(pattern, op.primitive.evaluate)
        for pattern, function in called.items():
            call = ast.parse(pattern, mode="eval").body
            call = call.value if isinstance(call, ast.Subscript) else call
            if isinstance(call, ast.Call):
                self._support(call, function)
                names.update(_names_in(self.spelled(call.func)))
        return names

    def _support(self, call: ast.Call, function: Any) -> None:
        """Provide a function that is neither built in nor in a module that one imports."""
        if not isinstance(call.func, ast.Name) or hasattr(builtins, call.func.id):
            return
        name = call.func.id
        if hasattr(special, name):
            self.support[name] = inspect.getsource(getattr(special, name))
            self.imports.setdefault("math", "math")
            self.spelling["math"] = "math"
        elif name not in ("sum_from",):
            self.objects[name] = function

    # References ---------------------------------------------------------------------------

    def spelled(self, node: ast.expr) -> ast.expr:
        """An expression that names functions of `math`, in the way the user names them."""
        for inner in ast.walk(node):
            for field, child in ast.iter_fields(inner):
                if isinstance(child, ast.Attribute) and _is_math(child):
                    setattr(inner, field, self._member("math", child.attr))
        if isinstance(node, ast.Attribute) and _is_math(node):
            return self._member("math", node.attr)
        return node

    def _member(self, module: str, name: str) -> ast.expr:
        alias = self.spelling.get(module, module)
        if alias is None and name not in self.avoid:
            self.members.setdefault(module, {})[name] = None
            return ast.Name(name, ast.Load())
        alias = alias or module.rpartition(".")[2]
        while alias in self.avoid:
            alias += "_module"
        self.imports[module] = alias
        return ast.Attribute(ast.Name(alias, ast.Load()), name, ast.Load())

    def reference(self, ref: Ref) -> ast.expr:
        """An expression for an object of the outside world."""
        if ref.root == "module":
            if ref.where is builtins:
                return attribute_path(ref.names)
            node = self._member(ref.where.__name__, ref.names[0])
            for name in ref.names[1:]:
                node = ast.Attribute(node, name, ast.Load())
            return node
        found = ref.read()
        name = "_".join(ref.names)
        if ref.root == "class":
            name = f"{ref.where.__name__}_{name}"
        while name in self.avoid:
            name += "_"
        if isinstance(found, int | float | str | tuple) or found is None:
            self.constants[name] = (ref, found)
        else:
            self.objects[name] = found
        return ast.Name(name, ast.Load())

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
        members = {module: dict(names) for module, names in self.members.items()}
        for name, found in self.objects.items():
            module = getattr(found, "__module__", None)
            known = getattr(found, "__qualname__", None)
            if module in (None, "__main__") or known != name:
                if standalone:
                    raise DifferentiationError(
                        f"{name!r} cannot be imported by the saved file",
                        help="define it at the top level of a module",
                    )
                continue
            members.setdefault(str(module), {})[name] = None
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
            }.get(ref.root)
            if where is None:
                where = f"of {ref.where.get('__name__', 'the module')}"
            lines.append(f"{name} = {_constant_text(found)}  # {'.'.join(ref.names)} {where}")
        return lines


def _constant_text(found: Any) -> str:
    from sourcediff.backend.emit import literal

    if isinstance(found, tuple):
        items = ", ".join(_constant_text(item) for item in found)
        return f"({items},)" if len(found) == 1 else f"({items})"
    if isinstance(found, float | int) and not isinstance(found, bool):
        plain = float(found) if isinstance(found, float) else int(found)
        return ast.unparse(literal(plain))
    return repr(found)


def _is_math(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id == "math"


def _names_in(node: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
