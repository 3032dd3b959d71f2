"""What is refused, and how: the message, the user's own line, the caret, and the help.

Each case is a module as a user would write it. The line that the refusal must show is the one
that ends in `# here`.
"""

import importlib.util
import linecache
import os
import sys
import textwrap
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

import sourcediff
from sourcediff import DifferentiationError, grad, stages, value_and_grad
from tests.outcome import run as outcome_of

PACKAGE = Path(sourcediff.__file__).parent
MARK = "  # here"


@dataclass(frozen=True)
class Refusal:
    """A module with a function `f`, what is done with it, and what must be said about it."""

    name: str
    text: str
    #: A part of the message.
    message: str
    #: What the caret stands under: how the user's line goes on from there.
    at: str
    #: A part of the help; empty where there is nothing to advise.
    help: str = ""
    #: What the user does; all in one, whether it is the decoration or the call that refuses.
    use: str = "grad(f)(0.7)"
    needs: str = ""
    xfail: str = ""

    def __str__(self) -> str:
        return self.name


STATEMENTS = [
    Refusal(
        "a tuple gone through",
        """
        def f(x, y):
            total = 0.0
            for v, (w, _) in ((x, (y, 1.0)), (y, (x, 2.0))):  # here
                if v > 1.0:
                    break
                total += v * w
            return total
        """,
        "a loop over a tuple of what is differentiated is not supported yet",
        "for v, (w, _) in ((x, (y, 1.0)), (y, (x, 2.0))):",
        "differentiate with respect to other arguments",
        use="grad(f)(0.7, 0.2)",
    ),
    Refusal(
        "except*",
        """
        def f(x):
            y = x
            try:  # here
                y = 1.0 / x
            except* ZeroDivisionError:
                y = 0.0
            return y
        """,
        "except* is not supported",
        "try:",
        "catch the exceptions with except",
    ),
    Refusal(
        "with",
        """
        import contextlib

        def f(x):
            with contextlib.ExitStack():  # here
                return x * x
        """,
        "a with statement is not supported",
        "with contextlib.ExitStack():",
        "enter the context around",
    ),
    Refusal(
        "async def",
        """
        async def f(x):  # here
            return x
        """,
        "'f' is a coroutine",
        "async def f(x):",
        "return the value",
    ),
    Refusal(
        "await",
        """
        async def other(x):
            return x

        async def f(x):  # here
            return await other(x)
        """,
        "'f' is a coroutine",
        "async def f(x):",
        "return the value",
    ),
    Refusal(
        "async def inside",
        """
        def f(x):
            async def g(y):  # here
                return y
            return x
        """,
        "an async function is not supported",
        "async def g(y):",
        "define a plain function",
    ),
    Refusal(
        "yield",
        """
        def f(x):  # here
            yield x * x
        """,
        "'f' is a generator",
        "def f(x):",
        "return the value",
    ),
    Refusal(
        "yield inside",
        """
        def f(x):
            def g(y):
                yield y
            return g(x)  # here
        """,
        "returns an iterator",
        "return g(x)",
        "",
    ),
    Refusal(
        "generator helper",
        """
        def parts(x):
            yield x

        def f(x):
            return parts(x)  # here
        """,
        "returns an iterator",
        "return parts(x)",
        "",
    ),
    Refusal(
        "class inside",
        """
        def f(x):
            class Point:  # here
                pass
            return x
        """,
        "a class defined inside",
        "class Point:",
        "define it outside",
    ),
    Refusal(
        "attribute assignment",
        """
        import dataclasses

        @dataclasses.dataclass(frozen=True)
        class Box:
            side: float

        def f(x, box):
            box.side = x  # here
            return x * box.side
        """,
        "is frozen: assignment to 'side'",
        "box.side = x",
        "make a new one with dataclasses.replace()",
        use="grad(f)(0.7, Box(2.0))",
    ),
    Refusal(
        "augmented attribute assignment",
        """
        class Box:
            def __init__(self, length):
                self.length = length

            @property
            def side(self):
                return self.length

        def f(x, box):
            box.side += x  # here
            return x
        """,
        "the property 'side' of 'box', a Box, cannot be set",
        "box.side += x",
        use="grad(f)(0.7, Box(2.0))",
    ),
    Refusal(
        "global assignment",
        """
        count = 0.0

        def f(x):
            global count
            count = count + 1.0  # here
            return x * count
        """,
        "assignment to 'count'",
        "count = count + 1.0",
        "pass the value in and return it",
    ),
    Refusal(
        "nonlocal assignment of an outer function",
        """
        def make():
            count = 0.0

            def f(x):
                nonlocal count
                count = count + 1.0  # here
                return x * count

            return f

        f = make()
        """,
        "assignment to 'count'",
        "count = count + 1.0",
        "pass the value in and return it",
    ),
    Refusal(
        "del of a part",
        """
        def f(x):
            items = [x, 2.0]
            del items[1:]  # here
            return items[0]
        """,
        "the derivative of del of this part of a list is not supported yet",
        "del items[1:]",
        "work on the items one by one",
    ),
    Refusal(
        "del in a branch",
        """
        def f(x):
            y = x * x
            if x > 0.0:
                del y  # here
            return x
        """,
        "del in a branch is not supported",
        "y",
        "bind the name to None",
    ),
    Refusal(
        "bare raise",
        """
        def f(x):
            if x > 0.0:
                raise  # here
            return x
        """,
        "a bare raise is not supported",
        "raise",
        "name the exception",
    ),
    Refusal(
        "raise of a number",
        """
        def f(x):
            if x > 0.0:
                raise x  # here
            return x
        """,
        "is not an exception",
        "raise x",
    ),
    Refusal(
        "unpacking the wrong number",
        """
        def f(x):
            a, b = x, 2.0, 3.0  # here
            return a * b
        """,
        "2 names for a tuple of 3",
        "a, b = x",
    ),
    Refusal(
        "unpacking too few",
        """
        def f(x):
            a, b, *c = (x,)  # here
            return a
        """,
        "at least 2 items are needed, not 1",
        "a, b, *c",
    ),
    Refusal(
        "unpacking a number",
        """
        def f(x):
            a, b = x * x  # here
            return a * b
        """,
        "cannot unpack a number",
        "a, b = x * x",
    ),
    Refusal(
        "match on the other keys of a mapping",
        """
        def f(x):
            match {"a": x}:
                case {"a": y, **rest}:  # here
                    return y
            return x
        """,
        "a pattern of the other keys is not supported",
        '{"a": y, **rest}',
        "name the keys",
    ),
    Refusal(
        "match with alternatives that capture",
        """
        def f(x):
            match (x, 2.0):
                case (1.0, y) | (y, 2.0):  # here
                    return y
            return x
        """,
        "alternatives that capture names",
        "(1.0, y) | (y, 2.0)",
    ),
]

EXPRESSIONS = [
    Refusal(
        "set comprehension",
        """
        def f(x):
            return max({k * x for k in (1.0, 2.0)})  # here
        """,
        "putting what is differentiated into anything but a list",
        "return max({k * x for k",
    ),
    Refusal(
        "dict comprehension",
        """
        def f(x):
            return {k * x: k * x for k in (1.0, 2.0)}[x]  # here
        """,
        "a key that is differentiated itself is not supported",
        "return {k * x: k * x for k",
    ),
    Refusal(
        "complex result",
        """
        def f(x):
            return x + 2j  # here
        """,
        "returns a complex number",
        "return x + 2j",
        "abs(z)",
    ),
    Refusal(
        "bytes literal",
        """
        def f(x):
            tag = b"tag"  # here
            return x
        """,
        "bytes literals are not supported",
        'b"tag"',
    ),
    Refusal(
        "starred call of a number",
        """
        def plus(a, b):
            return a + b

        def f(x):
            return plus(*x)  # here
        """,
        "cannot spread a number",
        "*x",
        "use a tuple",
    ),
    Refusal(
        "double-starred call of a number",
        """
        def plus(a, b):
            return a + b

        def f(x):
            return plus(**x)  # here
        """,
        "cannot spread a number as keywords",
        "x)",
    ),
    Refusal(
        "computed index",
        """
        def f(x, k):
            items = ((x, 1.0), (2.0 * x, 3.0 * x))
            return items[int(k)][0]  # here
        """,
        "an index that only the run knows, into a tuple",
        "return items[int(k)][0]",
        "differentiate with respect to other arguments",
        use="grad(f)(0.7, 1)",
    ),
    Refusal(
        "computed bounds of a slice",
        """
        def f(x, k):
            return sum((x, 2.0 * x, 3.0 * x)[int(k):])  # here
        """,
        "a slice with computed bounds",
        "int(k):",
        use="grad(f)(0.7, 1)",
    ),
    Refusal(
        "slice with step zero",
        """
        def f(x):
            return sum((x, 2.0 * x)[::0])  # here
        """,
        "slice step cannot be zero",
        "",
    ),
    Refusal(
        "index out of range",
        """
        def f(x):
            items = (x, 2.0 * x)
            return items[2]  # here
        """,
        "index 2 of a tuple of 2",
        "items[2]",
    ),
    Refusal(
        "text as index",
        """
        def f(x):
            items = (x, 2.0 * x)
            return items["first"]  # here
        """,
        "is not an index of a tuple",
        '"first"',
    ),
    Refusal(
        "item of a number",
        """
        def f(x):
            return x[0]  # here
        """,
        "an item of a number",
        "x[0]",
        "pass numbers or tuples",
    ),
    Refusal(
        "missing key",
        """
        def f(x):
            parts = {"a": x, "b": 2.0 * x}
            return parts["c"]  # here
        """,
        "there is no key 'c'",
        'parts["c"]',
    ),
    Refusal(
        "computed key",
        """
        def f(x):
            parts = {1.0: x}
            return parts[x]  # here
        """,
        "a key that is differentiated itself is not supported",
        "return parts[x]",
        "use constant keys, or a list",
    ),
    Refusal(
        "undefined name",
        """
        def f(x):
            return x * factor  # here
        """,
        "name 'factor' is not defined",
        "factor",
        "define 'factor' before",
    ),
    Refusal(
        "missing attribute of a module",
        """
        import math

        def f(x):
            return math.sine(x)  # here
        """,
        "module 'math' has no attribute 'sine'",
        "math.sine",
    ),
    Refusal(
        "missing attribute of an object",
        """
        class Box:
            def __init__(self):
                self.side = 2.0

        def f(x, box):
            return x * box.height  # here
        """,
        "'box', a Box, has no attribute 'height'",
        "box.height",
        use="grad(f)(0.7, Box())",
    ),
    Refusal(
        "attribute of a number",
        """
        def f(x):
            return x.real * x.magnitude  # here
        """,
        "the attribute 'magnitude'",
        "x.magnitude",
    ),
    Refusal(
        "matrix product",
        """
        def f(x):
            return x @ x  # here
        """,
        "the operator @ works on arrays",
        "x @ x",
    ),
    Refusal(
        "number plus text",
        """
        def f(x, unit):
            return x + unit  # here
        """,
        "is not supported",
        "x + unit",
        "works on numbers",
        use="grad(f)(0.7, 'm')",
    ),
    Refusal(
        "number plus tuple",
        """
        def f(x):
            return x + (1.0, 2.0)  # here
        """,
        "this operator on a number and a tuple of 2",
        "x + (1.0, 2.0)",
        "one by one",
    ),
    Refusal(
        "types that do not meet",
        """
        def f(x):
            if x > 0.0:
                y = x
            else:
                y = "negative"
            return y * x  # here
        """,
        "'y'",
        "y * x",
        "one type on every path",
    ),
    Refusal(
        "iterator kept in a variable",
        """
        def f(x):
            pairs = zip((x,), (2.0,))  # here
            ((a, b),) = pairs
            return a * b
        """,
        "an iterator that is kept",
        "pairs = zip",
        "make it a list",
    ),
    Refusal(
        "computed format",
        """
        def f(x, width):
            label = f"{x:{width}}"  # here
            return x
        """,
        "a computed format is not supported",
        "",
        use="grad(f)(0.7, 3)",
    ),
    Refusal(
        "tuple over several lines",
        """
        def f(x):
            y = (
                x * x
                + missing  # here
            )
            return y
        """,
        "name 'missing' is not defined",
        "missing",
        "define 'missing'",
    ),
    Refusal(
        "accented line",
        """
        def f(x):
            naïve = "é", x + größe  # here
            return naïve[1]
        """,
        "name 'größe' is not defined",
        "größe",
        "define 'größe'",
    ),
]

CALLS = [
    Refusal(
        "open",
        """
        def f(x):
            handle = open("values.txt")  # here
            return x
        """,
        "no derivative is known for",
        'open("values.txt")',
        "sourcediff.rule",
    ),
    Refusal(
        "slices sorted",
        """
        def f(x):
            xs = [x, 2.0, 1.0]
            xs[1:] = sorted(xs[:2])  # here
            return xs[0] * xs[1]
        """,
        "the derivative of an assignment of a list into a list is not supported yet",
        "xs[1:] = sorted(xs[:2])",
        "work on the items one by one",
    ),
    Refusal(
        "input",
        """
        def f(x):
            return x * float(input())  # here
        """,
        "no derivative is known for",
        "input()",
        "sourcediff.rule",
    ),
    Refusal(
        "function of the standard library",
        """
        import statistics

        def f(x):
            return statistics.mean((x, 2.0))  # here
        """,
        "no derivative is known for",
        "statistics.mean((x, 2.0))",
        "sourcediff.rule",
    ),
    Refusal(
        "numpy function",
        """
        import numpy as np

        def f(x):
            return np.i0(x) * x  # here
        """,
        "no derivative is known for the function 'i0' of NumPy",
        "np.i0(x)",
        "write it with functions that are supported",
        needs="numpy",
    ),
    Refusal(
        "helper without an argument",
        """
        def plus(a, b):
            return a + b

        def f(x):
            return plus(x)  # here
        """,
        "plus() is called without 'b'",
        "plus(x)",
    ),
    Refusal(
        "helper with too many arguments",
        """
        def plus(a, b):
            return a + b

        def f(x):
            return plus(x, 1.0, 2.0)  # here
        """,
        "plus() takes 2 positional arguments, 3 given",
        "plus(x, 1.0, 2.0)",
    ),
    Refusal(
        "helper with an unknown keyword",
        """
        def plus(a, b):
            return a + b

        def f(x):
            return plus(x, c=1.0)  # here
        """,
        "plus() has no parameter 'c'",
        "plus(x, c=1.0)",
    ),
    Refusal(
        "helper with two values for one parameter",
        """
        def plus(a, b):
            return a + b

        def f(x):
            return plus(x, a=1.0)  # here
        """,
        "plus() got two values for 'a'",
        "plus(x, a=1.0)",
    ),
    Refusal(
        "math function with a wrong number of arguments",
        """
        import math

        def f(x):
            return math.atan2(x)  # here
        """,
        "math.atan2 takes 2 arguments, not 1",
        "math.atan2(x)",
    ),
    Refusal(
        "math function with a keyword",
        """
        import math

        def f(x):
            return math.exp(x=x)  # here
        """,
        "math.exp takes no keyword arguments",
        "math.exp(x=x)",
    ),
    Refusal(
        "math function of a tuple",
        """
        import math

        def f(x):
            return math.sin((x, x))  # here
        """,
        "math.sin needs a number, not a tuple of 2",
        "math.sin((x, x))",
    ),
    Refusal(
        "max of nothing",
        """
        def f(x):
            return x * max(())  # here
        """,
        "max() of nothing",
        "max(())",
    ),
    Refusal(
        "recursion",
        """
        def power(x, n):
            if n < 1.0:
                return 1.0
            print(n)  # here
            return x * power(x, n - 1.0)

        def f(x, n):
            return power(x, n)
        """,
        "a recursive function that prints",
        "print(n)",
        "pass it what it needs",
        use="grad(f)(0.7, 3.0)",
    ),
    Refusal(
        "factorial of the argument",
        """
        import math

        def f(x):
            return math.factorial(x)  # here
        """,
        "math.factorial has no derivative",
        "return math.factorial(x)",
        "math.gamma(n + 1)",
        use="grad(f)(4.0)",
    ),
    Refusal(
        "pow with a modulus",
        """
        def f(x):
            return pow(x, 2, 5)  # here
        """,
        "pow() with a modulus",
        "pow(x, 2, 5)",
    ),
    Refusal(
        "call of a number",
        """
        def f(x):
            return x(2.0)  # here
        """,
        "a number cannot be called",
        "x(2.0)",
    ),
    Refusal(
        "object made inside",
        """
        class Box:
            def __new__(cls, side):
                return super().__new__(cls)

        def f(x):
            return Box(x).side  # here
        """,
        "making a Box inside",
        "Box(x)",
        "pass its numbers",
    ),
    Refusal(
        "decorator of an inner function",
        """
        def f(x):
            @abs  # here
            def g(y):
                return y
            return g(x)
        """,
        "abs needs a number, not a function",
        "abs",
    ),
    Refusal(
        "recursion that fills a list",
        """
        def fill(xs, x, n):
            if n > 0.0:
                xs.append(x)  # here
                fill(xs, x * x, n - 1.0)
            return n

        def f(x):
            xs = []
            fill(xs, x, x)
            return sum(xs)
        """,
        "a recursive function that changes a list which it is handed",
        "xs.append(x)",
        "return what it finds",
    ),
    Refusal(
        "derivative made inside",
        """
        from sourcediff import grad

        def f(x):
            return grad(lambda y: x * y)(x)  # here
        """,
        "making a derivative inside",
        "grad(lambda y: x * y)",
        "make it outside",
    ),
]

RESULTS = [
    Refusal(
        "returns a tuple",
        """
        def f(x):
            return x, 2.0 * x  # here
        """,
        "'f' returns a tuple of 2, not one real number",
        "",
        "a gradient is that of a number",
    ),
    Refusal(
        "returns a text",
        """
        def f(x):  # here
            return f"{x}"
        """,
        "not one real number",
        "def f(x):",
        "a gradient is that of a number",
    ),
    Refusal(
        "returns None",
        """
        def f(x):  # here
            y = x * x
        """,
        "'f' returns None, not one real number",
        "def f(x):",
        "return the number",
    ),
    Refusal(
        "returns a constant None",
        """
        def f(x):  # here
            return None
        """,
        "'f' returns None, not one real number",
        "def f(x):",
        "return the number",
    ),
    Refusal(
        "returns a truth value",
        """
        def f(x):  # here
            return x > 0.0
        """,
        "not one real number",
        "def f(x):",
        "a gradient is that of a number",
    ),
]

SQUARE = """
    def f(x, y=1.0):  # here
        return x * x * y
    """
DEF = "def f(x, y=1.0):"


def at_call(name: str, use: str, message: str, help: str = "", needs: str = "") -> Refusal:
    return Refusal(name, SQUARE, message, DEF, help, use, needs)


ARGUMENTS = [
    at_call("argnums out of range", "grad(f, argnums=2)(1.0)", "f() has no positional argument 2"),
    at_call("argnums below", "grad(f, argnums=-3)(1.0)", "f() has no positional argument -3"),
    at_call("argnums unknown", "grad(f, argnums='z')(1.0)", "has no argument 'z'; it has x, y"),
    at_call("argnums twice", "grad(f, argnums=(0, 'x'))(1.0)", "must name each argument once"),
    at_call("argnums empty", "grad(f, argnums=())(1.0)", "must name each argument once"),
    at_call("argnums of a float", "grad(f, argnums=0.0)(1.0)", "position or name, not 0.0"),
    at_call("argnums of a bool", "grad(f, argnums=True)(1.0)", "position or name, not True"),
    Refusal(
        "argnums of a text",
        """
        def f(x, kind):  # here
            if kind == "square":
                return x * x
            return x
        """,
        "the argument 'kind' of f() is a text, and cannot be differentiated",
        "def f(x, kind):",
        "choose a real number",
        use="grad(f, argnums='kind')(0.7, 'square')",
    ),
    at_call("a list of bytes", "grad(f)([b'1'])", "argument 'x' of f(): a bytes is not supported"),
    at_call("a list of several types", "grad(f)([1.0, 'a'])", "a list of several types is not"),
    at_call("a set", "grad(f)({1.0})", "argument 'x' of f(): a set is not supported"),
    at_call("a dict", "grad(f)({1.5: 1.0})", "argument 'x' of f(): a dict with many keys"),
    at_call(
        "a list of complex numbers",
        "grad(f)([1j])",
        "a list of complex numbers is not supported yet",
    ),
    at_call("bytes", "grad(f)(1.0, b'1')", "argument 'y' of f(): a bytes is not supported"),
    at_call(
        "a numpy array of texts",
        "grad(f)(__import__('numpy').array(['a']))",
        "argument 'x' of f(): an array of <U1 is not supported",
        needs="numpy",
    ),
    at_call(
        "value_and_grad of a list",
        "value_and_grad(f)([None])",
        "argument 'x' of f(): a list of NoneType is not supported",
    ),
    at_call("a list for stages", "stages(f, [b'1'])", "argument 'x' of f(): a bytes is not"),
    at_call(
        "too many for stages", "stages(f, 1.0, 2.0, 3.0)", "f(): too many positional arguments"
    ),
]

#: What stays outside: code and variables by text, variables of others, control that comes back.
OUTSIDE = [
    Refusal(
        "exec",
        """
        def f(x):
            exec("y = x * x")  # here
            return x
        """,
        "exec() runs text",
        'exec("y',
        "write the statements in its place",
    ),
    Refusal(
        "exec in a loop",
        """
        def f(x):
            for i in range(3):
                exec("x = x * i")  # here
            return x
        """,
        "exec() runs text",
        'exec("x',
        "write the statements in its place",
    ),
    Refusal(
        "eval",
        """
        def f(x):
            return 2 * eval("x * x")  # here
        """,
        "eval() runs text",
        'eval("x',
        "write the expression in its place",
    ),
    Refusal(
        "eval in a test",
        """
        def f(x, n):
            while eval("x < n"):  # here
                x = x * 2
            return x
        """,
        "eval() runs text",
        'eval("x',
        "write the expression in its place",
        use="grad(f)(0.7, 3)",
    ),
    Refusal(
        "compile",
        """
        def f(x):
            code = compile("x * x", "", "eval")  # here
            return x
        """,
        "compile() runs text",
        'compile("x',
        "write the code in its place",
    ),
    Refusal(
        "locals",
        """
        def f(x):
            y = x * x
            return locals()["y"]  # here
        """,
        "locals() gives variables by their names as text",
        "locals()",
        "read the variables by their names",
    ),
    Refusal(
        "locals in a loop",
        """
        def f(x):
            total = 0.0
            for name in ("x", "x"):
                total += locals()[name]  # here
            return total
        """,
        "locals() gives variables by their names as text",
        "locals()",
        "read the variables by their names",
    ),
    Refusal(
        "locals spread out",
        """
        def f(x):
            print("{x}".format(**locals()))  # here
            return x
        """,
        "locals() gives variables by their names as text",
        "locals()",
        "read the variables by their names",
    ),
    Refusal(
        "globals",
        """
        rate = 0.5

        def f(x):
            return x * globals()["rate"]  # here
        """,
        "globals() gives variables by their names as text",
        "globals()",
        "read the variables by their names",
    ),
    Refusal(
        "vars",
        """
        def f(x):
            return vars()["x"] * 2  # here
        """,
        "vars() gives variables by their names as text",
        "vars()",
        "read the variables by their names",
    ),
    Refusal(
        "setattr",
        """
        class Box:
            side = 1.0

        def f(x):
            setattr(Box, "side", x)  # here
            return Box.side
        """,
        "setattr() changes an attribute",
        "setattr(Box",
        "keep the value in a variable",
    ),
    Refusal(
        "delattr",
        """
        class Box:
            side = 1.0

        def f(x):
            delattr(Box, "side")  # here
            return x
        """,
        "delattr() removes an attribute",
        "delattr(Box",
        "keep the value in a variable",
    ),
    Refusal(
        "import by text",
        """
        def f(x):
            return __import__("math").sin(x)  # here
        """,
        "__import__() imports by text",
        '__import__("math")',
        "use an import statement",
    ),
    Refusal(
        "global assignment in a loop",
        """
        count = 0

        def f(x):
            global count
            for _ in range(3):
                count += 1  # here
                x = x * x
            return x
        """,
        "assignment to 'count'",
        "count += 1",
        "pass the value in and return it",
    ),
    Refusal(
        "global loop variable",
        """
        k = 0

        def f(x):
            global k
            for k in range(3):  # here
                x = x * x
            return x
        """,
        "assignment to 'k'",
        "k in range(3):",
        "pass the value in and return it",
    ),
    Refusal(
        "global bound in an expression",
        """
        best = 0

        def f(x):
            global best
            if (best := x) > 2:  # here
                return x * x
            return x
        """,
        "assignment to 'best'",
        "best := x",
        "pass the value in and return it",
    ),
    Refusal(
        "global function",
        """
        def f(x):
            global helper
            def helper(v):  # here
                return v * 2
            return helper(x)
        """,
        "assignment to 'helper'",
        "def helper(v):",
        "pass the value in and return it",
    ),
    Refusal(
        "global import",
        """
        def f(x):
            global m
            import math as m  # here
            return m.sin(x)
        """,
        "assignment to 'm'",
        "import math as m",
        "pass the value in and return it",
    ),
    Refusal(
        "global of a helper, from a loop",
        """
        calls = 0

        def helper(v):
            global calls
            calls += 1  # here
            return v * v

        def f(x):
            for _ in range(2):
                x = helper(x)
            return x
        """,
        "assignment to 'calls'",
        "calls += 1",
        "pass the value in and return it",
    ),
    Refusal(
        "nonlocal loop variable of an outer function",
        """
        def make():
            k = 0

            def f(x):
                nonlocal k
                for k in range(3):  # here
                    x = x * x
                return x

            return f

        f = make()
        """,
        "assignment to 'k'",
        "k in range(3):",
        "pass the value in and return it",
    ),
    Refusal(
        "yield in a loop",
        """
        def f(x):  # here
            for k in range(3):
                yield x * k
        """,
        "'f' is a generator",
        "def f(x):",
        "return the value",
    ),
    Refusal(
        "yield from",
        """
        def f(x):  # here
            yield from (x, x)
        """,
        "'f' is a generator",
        "def f(x):",
        "return the value",
    ),
    Refusal(
        "a value sent in",
        """
        def f(x):  # here
            got = yield x
            return got
        """,
        "'f' is a generator",
        "def f(x):",
        "return the value",
    ),
    Refusal(
        "async for",
        """
        async def f(x):  # here
            async for v in x:
                pass
            return x
        """,
        "'f' is a coroutine",
        "async def f(x):",
        "return the value",
    ),
    Refusal(
        "async with",
        """
        async def f(x):  # here
            async with x:
                return x
        """,
        "'f' is a coroutine",
        "async def f(x):",
        "return the value",
    ),
    Refusal(
        "a loop over a generator",
        """
        def halves(x):
            while x > 0.1:
                yield x
                x = x / 2

        def f(x):
            total = 0.0
            for v in halves(x):  # here
                if v < 0.5:
                    return total
                total += v
            return total
        """,
        "a loop over what 'halves' yields that has a 'return' in it",
        "for v in halves(x):",
        "return the values in a list",
    ),
    Refusal(
        "a lambda that yields",
        """
        def f(x):
            send = lambda: (yield x)  # here
            return x
        """,
        "a generator is not supported",
        "lambda: (yield x)",
        "return the value",
    ),
    Refusal(
        "del in a loop",
        """
        def f(x):
            for i in range(3):
                y = x * i
                x = x + y
                del y  # here
            return x
        """,
        "del in a branch is not supported",
        "y",
        "bind the name to None",
    ),
    Refusal(
        "del in a branch of a loop",
        """
        def f(x):
            for i in range(3):
                y = x
                if i == 1:
                    del y  # here
            return x
        """,
        "del in a branch is not supported",
        "y",
        "bind the name to None",
    ),
    Refusal(
        "class in a loop",
        """
        def f(x):
            for _ in range(2):
                class Point:  # here
                    pass
            return x
        """,
        "a class defined inside",
        "class Point:",
        "define it outside",
    ),
]

REFUSALS = [*STATEMENTS, *EXPRESSIONS, *CALLS, *RESULTS, *ARGUMENTS, *OUTSIDE]


def parameters() -> list[object]:
    return [
        pytest.param(r, id=r.name, marks=[pytest.mark.xfail(strict=True, reason=r.xfail)])
        if r.xfail
        else pytest.param(r, id=r.name)
        for r in REFUSALS
    ]


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """The modules of a test are gone after it."""
    before = {*sys.modules}
    yield
    for name in {*sys.modules} - before:
        if name.startswith("refused"):
            del sys.modules[name]
    linecache.clearcache()


def written(text: str, folder: Path, name: str = "refused") -> ModuleType:
    """The module of this text, from a file of its own."""
    path = folder / f"{name}.py"
    path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return loaded(path)


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def refused(module: ModuleType, use: str) -> DifferentiationError:
    """What is said when the user does this."""
    namespace = {"grad": grad, "value_and_grad": value_and_grad, "stages": stages, **vars(module)}
    with pytest.raises(DifferentiationError) as caught:
        eval(use, namespace)
    return caught.value


def compiler_frames(error: BaseException) -> list[str]:
    """The frames of the front end and the transformations in a traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    inner = (str(PACKAGE / "frontend"), str(PACKAGE / "transform"))
    return [f"{f.filename}:{f.lineno}" for f in frames if f.filename.startswith(inner)]


def test_the_table_is_large_and_its_names_are_unique() -> None:
    assert len({r.name for r in REFUSALS}) == len(REFUSALS) >= 40


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda r: r.name)
def test_what_is_refused_on_both_roads_shows_a_line_of_the_user(
    refusal: Refusal, tmp_path: Path
) -> None:
    if refusal.needs:
        pytest.importorskip(refusal.needs)
    module = written(refusal.text, tmp_path)
    namespace = {"grad": grad, "value_and_grad": value_and_grad, "stages": stages, **vars(module)}
    error = outcome_of(lambda: eval(refusal.use, namespace)).exception
    if error is None:
        return
    assert not isinstance(error, AssertionError)
    assert compiler_frames(error) == []
    if isinstance(error, DifferentiationError):  # else it is what Python itself says
        assert error.msg is not None and not error.msg.startswith("internal error")
        assert error.filename == module.__file__


@pytest.mark.usefixtures("clean_road_only")
@pytest.mark.parametrize("refusal", parameters())
def test_a_refusal_shows_the_users_line(refusal: Refusal, tmp_path: Path) -> None:
    if refusal.needs:
        pytest.importorskip(refusal.needs)
    module = written(refusal.text, tmp_path)
    assert module.__file__ is not None
    lines = Path(module.__file__).read_text(encoding="utf-8").splitlines()
    (expected,) = [n for n, line in enumerate(lines, 1) if line.endswith(MARK)]
    line = lines[expected - 1]

    error = refused(module, refusal.use)

    assert isinstance(error, SyntaxError)
    assert error.msg is not None and refusal.message in error.msg
    assert not error.msg.startswith("internal error")
    assert error.filename == module.__file__
    assert error.lineno == expected
    assert error.text is not None and error.text.rstrip("\n") == line
    assert error.offset is not None and error.offset >= 1
    assert line[error.offset - 1 :].startswith(refusal.at)
    assert error.end_offset is None or error.end_offset >= error.offset

    notes = getattr(error, "__notes__", [])
    if refusal.help:
        assert error.help is not None and refusal.help in error.help
    assert notes == ([f"help: {error.help}"] if error.help else [])

    shown = "".join(traceback.format_exception(error))
    assert f'File "{module.__file__}", line {expected}' in shown
    caret_lines = [
        after
        for before, after in zip(shown.splitlines(), shown.splitlines()[1:], strict=False)
        if before.strip() == line.strip()
    ]
    assert any("^" in c for c in caret_lines)
    assert refusal.help in shown

    assert compiler_frames(error) == []
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None


# No text to show ----------------------------------------------------------------------------


def test_text_given_to_exec_has_no_source() -> None:
    namespace: dict[str, object] = {}
    exec("def f(x):\n    return x * x\n", namespace)
    with pytest.raises(DifferentiationError, match="the source of 'f' is not available") as caught:
        grad(namespace["f"])(0.7)
    assert caught.value.help is not None and "exec()" in caught.value.help
    assert "internal error" not in str(caught.value)


@pytest.mark.parametrize(("use", "name"), [("abs", "abs"), ("print", "print")])
def test_what_is_not_written_in_python(use: str, name: str) -> None:
    with pytest.raises(DifferentiationError, match=f"cannot differentiate '?{name}") as caught:
        grad(eval(use))(0.7)
    assert caught.value.help is not None and "lambda x: f(x)" in caught.value.help


def test_a_file_that_changed_on_disk(tmp_path: Path) -> None:
    module = written("def f(x):\n    return x * x\n", tmp_path, "refused_changed")
    path = Path(str(module.__file__))
    linecache.getlines(str(path))
    path.write_text("# moved\ndef f(x):\n    return x * x * x\n", encoding="utf-8")
    os.utime(path, (1.0, 1.0))
    error = refused(module, "grad(f)(0.7)")
    assert "is not what was compiled" in str(error)
    assert error.filename == str(path)
    assert error.lineno == 1
    assert error.help is not None and "import it again" in error.help


def test_a_changed_file_that_is_no_python(tmp_path: Path) -> None:
    module = written("def f(x):\n    return x * x\n", tmp_path, "refused_broken")
    path = Path(str(module.__file__))
    path.write_text("def f(x:\n    return\n", encoding="utf-8")
    os.utime(path, (1.0, 1.0))
    error = refused(module, "grad(f)(0.7)")
    assert "is not what was compiled" in str(error)
    assert error.filename == str(path)
    assert error.help is not None and "import it again" in error.help


def test_a_helper_whose_file_changed(tmp_path: Path) -> None:
    """What is wrong lies in the helper's file; the caller's is as it was."""
    helper = written("def square(x):\n    return x * x\n", tmp_path, "refused_helper")
    path = Path(str(helper.__file__))
    caller = written(
        "from refused_helper import square\n\ndef f(x):\n    return square(x)\n",
        tmp_path,
        "refused_caller",
    )
    path.write_text("def square(x):\n    return x * x * x\n", encoding="utf-8")
    os.utime(path, (1.0, 1.0))
    error = refused(caller, "grad(f)(0.7)")
    assert "the source of 'square'" in str(error)
    assert error.filename == str(path)


# When -----------------------------------------------------------------------------------------


def test_a_refusal_at_a_call_can_be_repeated(tmp_path: Path) -> None:
    """Each call raises an error of its own: the traceback of the first is not in the second."""
    module = written(SQUARE, tmp_path)
    derivative = grad(module.f)
    errors = []
    for _ in range(2):
        with pytest.raises(DifferentiationError) as caught:
            derivative([1.0])
        errors.append(caught.value)
    assert errors[0] is not errors[1]
    depths = [len(traceback.extract_tb(e.__traceback__)) for e in errors]
    assert depths[0] == depths[1]


def test_a_refusal_for_some_arguments_leaves_the_others(tmp_path: Path) -> None:
    module = written(SQUARE, tmp_path)
    derivative = grad(module.f)
    with pytest.raises(DifferentiationError):
        derivative([1.0])
    assert derivative(3.0) == 6.0
