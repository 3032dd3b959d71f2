"""Runs a function that was never told about it with stand-ins for some things it uses.

The tape hands a user's function numbers that record what is done to them.  Operators reach
such a number by themselves; ``math.exp`` or ``float`` do not.  While the function runs, every
place from which it could fetch one of those holds a stand-in, and afterwards every place is
as it was.  Nothing in here knows what a derivative is: which stand-in goes in for what is
passed in.

Before, while the function runs, and after:

>>> import math
>>> def power(x):
...     return math.exp(x)
>>> noisy = StandInFunction(math.exp, lambda x: f"exp({x})")
>>> with stand_ins({math.exp: noisy}, {}, lambda value: value, [power, 3.0]):
...     power(3.0)
'exp(3.0)'
>>> power(0.0)
1.0

A *holder* is whatever has places: a dict, a list, a cell of a closure, the attributes of an
object or of a class, the default arguments of a function.  From the function on, what it
mentions is followed: names in its code (looked up in its globals, through modules), closures,
defaults, decorators, methods, containers, objects.  Code of the standard library and of NumPy
is not followed; what it does to a number it does not know ends in a TypeError.

Known limits.  While the function runs, ``float`` is a stand-in that is equal to float, and
identical to what ``type(x)`` gives, but not identical to a float that comes from elsewhere (the
type of a dataclass field, ``x.__class__``), and no base class to derive from in the function.
An argument is a copy: it is another object than a global that the caller passed (refused if it
is differentiated), and structures are copied by recursion.  Other threads meet the stand-ins
too, which to plain numbers are the originals.
"""

from __future__ import annotations

import builtins
import collections
import copy
import enum
import functools
import numbers
import operator
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import CellType, CodeType, FunctionType, MethodType, ModuleType, SimpleNamespace
from types import MemberDescriptorType as Slot
from typing import Any

# Code that is run as it is: following it would lead through half of what is installed.
_NOT_FOLLOWED = sys.stdlib_module_names | {"numpy", "scipy"}
_MADE_BY_CLASS_STATEMENT = 1 << 9  # Py_TPFLAGS_HEAPTYPE
_CONTAINERS = (dict, list, collections.deque)
_ATOMS = (float, int, str, bool, complex, bytes, type(None))

_running = threading.RLock()
_active: list[_Session] = []


class StandInFunction:
    """Is called in place of a function, and is equal to it as a key or in a comparison.

    Not a Python function: kept in a class it must stay what a built-in function is there,
    one that does not take ``self``.
    """

    __slots__ = ("_call", "_original")

    def __init__(self, original: Callable[..., Any], call: Callable[..., Any]) -> None:
        self._original = original
        self._call = call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    def __eq__(self, other: object) -> bool:
        return other is self or other is self._original

    def __hash__(self) -> int:
        return hash(self._original)

    def __repr__(self) -> str:
        return repr(self._original)

    @property
    def __module__(self) -> str:  # type: ignore[override]
        return self._original.__module__

    def __reduce__(self) -> str:
        return self._original.__name__  # a copy of a function is the function


class _StandInType(type):
    """The type of classes that stand in for a built-in class and are called differently."""

    _original: type
    _lifted: Callable[..., Any]

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return cls._lifted(*args, **kwargs)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls._original)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls._original)

    def __eq__(cls, other: object) -> bool:
        return other is cls or other is cls._original

    def __hash__(cls) -> int:
        return hash(cls._original)

    def __repr__(cls) -> str:
        return repr(cls._original)


def stand_in_type(original: type, call: Callable[..., Any]) -> type:
    """Returns a class that is the original to isinstance, ``match`` and ``==``, but calls call.

    >>> percent = stand_in_type(float, lambda text: float(text) / 100)
    >>> percent("50"), isinstance(0.5, percent), percent == float
    (0.5, True, True)
    """
    namespace = {"_original": original, "_lifted": staticmethod(call)}
    return _StandInType(original.__name__, (original,), namespace)


def copied(value: Any, leaf: Callable[[Any], Any], memo: dict[int, tuple[Any, Any]]) -> Any:
    """Returns the structure value with leaf(item) in place of each of its leaves.

    Args:
        value: lists, tuples, dicts, deques and objects with attributes, nested; everything
            else is a leaf. Objects are copied without running ``__init__``; a method is a
            leaf, but of the copied object.
        leaf: what to put in place of a leaf.
        memo: empty at first. Structures copied with one memo keep their aliases: what was one
            list in two places is one list in the copies.

    >>> row = [1, 2]
    >>> first, second = copied((row, row), lambda number: number * 10, {})
    >>> first, first is second, row
    ([10, 20], True, [1, 2])
    """
    if id(value) in memo:
        return memo[id(value)][1]
    result: Any
    if type(value) is tuple or (isinstance(value, tuple) and hasattr(value, "_fields")):
        result = tuple.__new__(type(value), [copied(item, leaf, memo) for item in value])
    elif isinstance(value, MethodType) and is_record(value.__self__):
        result = leaf(MethodType(value.__func__, copied(value.__self__, leaf, memo)))
    elif isinstance(value, _CONTAINERS) or (is_record(value) and _entries(value)):
        result = copy.copy(value)
        memo[id(value)] = (value, result)  # before its items: it may contain itself
        for key, item in _entries(value):
            _assign(result, key, copied(item, leaf, memo))
    else:
        result = leaf(value)
        if isinstance(value, numbers.Number):
            return result  # the same float in two places is two numbers, not an alias
    memo[id(value)] = (value, result)  # the original too, or its id could be taken by another
    return result


def is_holder(value: object) -> bool:
    """Whether value is a container or an object of the user, whose places can be written to."""
    return isinstance(value, _CONTAINERS) or is_record(value)


def is_record(value: object) -> bool:
    """Whether value is an object of a class of the user, known by its attributes.

    >>> is_record(SimpleNamespace(x=1.0)), is_record("text"), is_record([1.0])
    (True, False, False)
    """
    if isinstance(value, type | enum.Enum | numbers.Number | str | bytes | set | frozenset):
        return False
    if isinstance(value, (*_CONTAINERS, tuple, StandInFunction)):
        return False
    return type(value) is SimpleNamespace or _is_user_class(type(value))


def _is_user_class(cls: type) -> bool:
    if not cls.__flags__ & _MADE_BY_CLASS_STATEMENT:
        return False
    # A class made by exec in an empty namespace says that it comes from builtins.
    return cls.__module__ == "builtins" or _top(cls.__module__) not in _NOT_FOLLOWED


def _top(module: object) -> str:
    return str(module).partition(".")[0]


def _entries(holder: Any) -> list[tuple[Any, Any]]:
    """Returns (key, value) of each place of the holder; _assign takes the keys."""
    if isinstance(holder, dict):
        return list(holder.items())
    if isinstance(holder, list | collections.deque):
        return list(enumerate(holder))
    if isinstance(holder, CellType):
        try:
            return [(None, holder.cell_contents)]
        except ValueError:  # a variable that is not bound yet
            return []
    if isinstance(holder, FunctionType):
        return [("__defaults__", holder.__defaults__)]
    found = list(getattr(holder, "__dict__", {}).items())
    for cls in filter(_is_user_class, type(holder).__mro__):
        for slot in vars(cls).values():
            if isinstance(slot, Slot):
                try:
                    found.append((slot, slot.__get__(holder)))
                except AttributeError:  # not set
                    continue
    return found


def _assign(holder: Any, key: Any, value: Any) -> None:
    # Through the base class: what a subclass does when it is written to is not wanted here.
    if isinstance(holder, dict):
        dict.__setitem__(holder, key, value)
    elif isinstance(holder, list):
        list.__setitem__(holder, key, value)
    elif isinstance(holder, collections.deque):
        holder[key] = value
    elif isinstance(holder, CellType):
        holder.cell_contents = value
    elif isinstance(holder, FunctionType):
        setattr(holder, key, value)
    elif isinstance(holder, type):
        type.__setattr__(holder, key, value)
    elif isinstance(key, Slot):
        key.__set__(holder, value)  # also of a frozen dataclass
    else:
        holder.__dict__[key] = value


def _replaced(value: Any, replace: Callable[[Any], Any]) -> Any:
    """Returns replace(value), or value rebuilt where only something inside is replaced."""
    new = replace(value)
    if new is not value:
        return new
    if isinstance(value, tuple):
        parts = list(value)
    elif isinstance(value, staticmethod):
        parts = [value.__func__]
    elif type(value) is functools.partial:
        parts = [value.func, *value.args]
    else:
        return value
    new_parts = [_replaced(part, replace) for part in parts]
    if all(map(operator.is_, parts, new_parts)):
        return value
    if isinstance(value, tuple):
        return tuple.__new__(type(value), new_parts)
    if isinstance(value, staticmethod):
        return staticmethod(new_parts[0])
    return functools.partial(new_parts[0], *new_parts[1:], **value.keywords)


class _Session:
    """What was put where during one call, so that it can be taken out again."""

    def __init__(
        self,
        replacements: Iterable[tuple[object, object]],
        shadows: Mapping[str, object],
        settle: Callable[[Any], Any],
        unreachable: Iterable[Any],
    ) -> None:
        pairs = list(replacements)
        self._stand_in = {id(original): stand_in for original, stand_in in pairs}
        self._original = {id(stand_in): original for original, stand_in in pairs}
        self._kept_alive: list[object] = [pairs]  # tables by id hold only while objects live
        self._shadows = shadows
        self._settle = settle
        self._unreachable = {id(value): value for value in unreachable if is_holder(value)}
        self._modules = set(sys.modules)
        # Not to be entered: the built-in names, whoever keeps their dict among his own things.
        self._visited: dict[int, object] = {id(vars(builtins)): vars(builtins)}
        self._present: dict[int, object] = {}  # what the user's places held before
        self._namespaces: dict[int, dict[str, Any]] = {}
        self._shadowed: dict[int, tuple[dict[str, Any], list[str]]] = {}
        self._holders: list[Any] = []

    def enter(self, roots: Iterable[Any]) -> None:
        """Puts stand-ins into every place that can be reached from the roots."""
        pending = list(roots)
        while pending:
            value = pending.pop()
            if type(value) not in _ATOMS and id(value) not in self._visited:
                if id(value) in self._unreachable:
                    raise TypeError(
                        f"a {type(value).__name__} that is differentiated as an argument is"
                        " reached by the function in another way too (a global, a closure, an"
                        " attribute): let it come in as an argument only"
                    )
                self._visited[id(value)] = value
                pending.extend(self._reached_from(value))

    def note_what_is_there(self) -> None:
        self._present = {
            id(value): value
            for holder in [*self._namespaces.values(), *self._holders]
            for _, value in _entries(holder)
        }

    def enter_namespace(self, namespace: dict[str, Any], *, shadow: bool) -> None:
        if id(namespace) not in self._namespaces:
            self._namespaces[id(namespace)] = namespace
            self._put_stand_ins(namespace)
        if shadow and id(namespace) not in self._shadowed:
            added = [name for name in self._shadows if name not in namespace]
            self._shadowed[id(namespace)] = (namespace, added)
            namespace.update({name: self._shadows[name] for name in added})

    def leave(self) -> None:
        """Takes all stand-ins out, and settles what the function left in the user's places."""
        for namespace, added in self._shadowed.values():
            for name in added:
                if namespace.get(name) is self._shadows[name]:
                    del namespace[name]
        for namespace in self._namespaces.values():
            self._take_stand_ins(namespace)
        for name in set(sys.modules) - self._modules:  # imported while the function ran
            self._holders.append(getattr(sys.modules[name], "__dict__", {}))
        while self._holders:
            for value in self._take_stand_ins(self._holders.pop()):
                if is_holder(value) and id(value) not in self._visited:
                    self._visited[id(value)] = value
                    self._holders.append(value)

    def _put_stand_ins(self, holder: Any) -> list[Any]:
        entries = _entries(holder)
        for key, value in entries:
            new = _replaced(value, lambda item: self._stand_in.get(id(item), item))
            if new is not value:
                self._stand_in[id(value)] = new
                self._original[id(new)] = value
                self._kept_alive += [value, new]
                _assign(holder, key, new)
        return [value for _, value in entries]

    def _take_stand_ins(self, holder: Any) -> list[Any]:
        entries = _entries(holder)
        for key, value in entries:
            new = _replaced(value, self._settled)
            if new is not value:
                _assign(holder, key, new)
        return [value for _, value in entries]

    def _settled(self, value: Any) -> Any:
        if id(value) in self._original:
            return self._original[id(value)]
        return value if id(value) in self._present else self._settle(value)

    def _reached_from(self, value: Any) -> Iterable[Any]:
        """Puts stand-ins into the value, and returns what it leads to."""
        if isinstance(value, FunctionType):
            self._hold(value)
            cells = value.__closure__ or ()
            defaults = value.__defaults__ or ()
            found = [*cells, *defaults, value.__kwdefaults__, value.__dict__]
            return found + self._named_by(value)
        if isinstance(value, MethodType):
            return [value.__func__, value.__self__]
        if isinstance(value, staticmethod | classmethod):
            return [value.__func__]
        if isinstance(value, property):
            return [value.fget, value.fset, value.fdel]
        if isinstance(value, functools.partial):
            return [value.func, *value.args, value.keywords]  # not a copy of them
        if isinstance(value, functools.cached_property | functools.partialmethod):
            return [value.func]
        if isinstance(value, functools._lru_cache_wrapper):
            return [value.__wrapped__]
        if isinstance(value, tuple | set | frozenset):
            return value
        if isinstance(value, CellType):  # modules in it: _named_by
            return [item for item in self._hold(value) if not isinstance(item, ModuleType)]
        if isinstance(value, _CONTAINERS):
            return self._hold(value)
        if isinstance(value, ModuleType) and _is_followed(vars(value)):
            self.enter_namespace(vars(value), shadow=False)
            return list(vars(value).values())
        if isinstance(value, _StandInType):
            return []
        if isinstance(value, type):
            return [*value.__mro__, *self._hold(value)] if _is_user_class(value) else []
        return [type(value), *self._hold(value)] if is_record(value) else []

    def _hold(self, holder: Any) -> list[Any]:
        self._holders.append(holder)
        return self._put_stand_ins(holder)

    def _named_by(self, function: FunctionType) -> list[Any]:
        """Returns what the names in the function's code mean in its globals and modules."""
        if not _is_followed(function.__globals__):
            return []
        self.enter_namespace(function.__globals__, shadow=True)
        names = _names(function.__code__)
        package = str(function.__globals__.get("__package__") or "").split(".")
        parents = [".".join(package[: end + 1]) for end in range(len(package))]
        imports = [*names, *(f"{parent}.{name}" for parent in parents for name in names)]
        found: list[Any] = [sys.modules.get(name) for name in imports]  # imports inside of it
        found += [function.__globals__.get(name) for name in names]
        found += [value for cell in function.__closure__ or () for _, value in _entries(cell)]
        modules: dict[int, ModuleType] = {}
        values = []
        while found:
            value = found.pop()
            if not isinstance(value, ModuleType):
                values.append(value)
            elif id(value) not in modules and _is_followed(vars(value)):
                modules[id(value)] = value
                self.enter_namespace(vars(value), shadow=False)
                found += [vars(value).get(name) for name in names]
        return values


def _names(code: CodeType) -> set[str]:
    inner = [_names(constant) for constant in code.co_consts if isinstance(constant, CodeType)]
    # In a test module, pytest makes each assert refer to itself, by names that nobody can write.
    return {name for name in code.co_names if "@" not in name}.union(*inner)


def _is_followed(namespace: dict[str, Any]) -> bool:
    name = str(namespace.get("__name__"))
    module = sys.modules.get(name)
    if module is not None and vars(module) is namespace and _top(name) == _top(__name__):
        return False  # sourcediff itself; a doctest of it runs in a copy of the namespace
    return _top(name) not in _NOT_FOLLOWED


@contextmanager
def stand_ins(
    replacements: Mapping[Any, Any],
    shadows: Mapping[str, object],
    settle: Callable[[Any], Any],
    call: list[Any],
    unreachable: Iterable[Any] = (),
) -> Iterator[None]:
    """While the context is open, the function call[0] meets stand-ins.

    Args:
        replacements: what stands in for what. Every reachable place that holds an original
            holds its stand-in, the originals' own modules included.
        shadows: built-in names and their stand-ins, defined in the globals of each Python
            function that is reached, unless the name is defined there.
        settle: what to leave, for a value that the function left in a place of the user's.
        call: the function and its arguments; a place like others, so that an original among
            them becomes its stand-in.
        unreachable: objects that the arguments are copies of, and that must not be seen.

    Raises:
        TypeError: one of them can be reached.
        NotImplementedError: a context is open in this thread. (Another thread waits.)
    """
    with _running:
        if _active:
            raise NotImplementedError(
                "the reference tape gives first derivatives only: gradient was called by a"
                " function whose gradient is being taken"
            )
        session = _Session(replacements.items(), shadows, settle, unreachable)
        _active.append(session)
        try:
            for module in {getattr(original, "__module__", None) for original in replacements}:
                if module in sys.modules and module != "builtins":
                    session.enter_namespace(vars(sys.modules[module]), shadow=False)
            session.enter(call[:1])
            session.note_what_is_there()
            session.enter([call])
            yield
        finally:
            try:
                session.leave()
            finally:
                _active.clear()
