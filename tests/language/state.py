"""What a module keeps from call to call: global names, default arguments, attributes of classes.

Each run of a program begins with the state that the module had when it was loaded, in the very
same objects: emitted code refers to them.
"""

import copy
import types
from collections.abc import Iterator
from typing import Any

PLAIN = (int, float, str, tuple, type(None))
CONTAINERS = (list, dict, set)


class ModuleState:
    """The state of a module, to be put back before each run.

    >>> module = types.ModuleType("m")
    >>> exec("def f(xs=[]):\\n    xs.append(1)\\n    return xs", vars(module))
    >>> state = ModuleState(vars(module))
    >>> module.f(), state.restore(), module.f()
    ([1], None, [1])
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._names = {n: v for n, v in namespace.items() if _is_state(n, v)}
        self._attributes = [
            (cls, {n: v for n, v in vars(cls).items() if _is_state(n, v)})
            for cls in namespace.values()
            if isinstance(cls, type) and cls.__module__ == namespace.get("__name__")
        ]
        found = [c for c in self.values() if isinstance(c, CONTAINERS)]
        self._contents = [(c, copy.deepcopy(c)) for c in found]

    def values(self) -> Iterator[Any]:
        """Yields everything that the module keeps, in a fixed order."""
        for name, value in self._namespace.items():
            if isinstance(value, types.FunctionType):
                yield from value.__defaults__ or ()
                yield from (value.__kwdefaults__ or {}).values()
            elif name in self._names:
                yield value
        for cls, attributes in self._attributes:
            for name in attributes:
                yield getattr(cls, name)

    def restore(self) -> None:
        self._namespace.update(self._names)
        for cls, attributes in self._attributes:
            for name, value in attributes.items():
                setattr(cls, name, value)
        for container, contents in self._contents:
            fresh = copy.deepcopy(contents)
            if isinstance(container, list):
                container[:] = fresh
            else:
                container.clear()
                container.update(fresh)


def _is_state(name: str, value: Any) -> bool:
    return not name.startswith("__") and isinstance(value, PLAIN + CONTAINERS)
