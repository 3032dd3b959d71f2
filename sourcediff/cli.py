"""The command line: ``sourcediff show``, ``save``, ``explain`` and ``check``.

A thin client: what it prints comes from ``api``, ``check`` and, through that, the tape.

    $ sourcediff show bank.py:interest --wrt rate
    def grad_interest(capital, rate):
        return capital
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import inspect
import io
import os
import re
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sourcediff import __version__, api, check
from sourcediff.highlight import COLOURS, RESET, highlighted, is_wanted
from sourcediff.userfile import STAND_IN, Problem, import_state_restored, load, split

__all__ = ["main"]

ArgNums = int | str | tuple[int | str, ...]


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command.

    Args:
        argv: the words after "sourcediff"; those that the process was started with if None.

    Returns:
        The exit status: 0; 1 if ``check`` found a deviation or could not check; 2 if the
        command is wrong or the function is refused.
    """
    try:
        options = _parser().parse_args(_joined(sys.argv[1:] if argv is None else argv))
        with import_state_restored():
            status: int = options.run(options)
        sys.stdout.flush()
        return status
    except SystemExit as ended:  # argparse has printed help, the version or an error
        return ended.code if isinstance(ended.code, int) else 0
    except SyntaxError as error:  # a DifferentiationError is one; its notes are printed too
        print("".join(traceback.format_exception_only(error)), end="", file=sys.stderr)
    except BrokenPipeError:  # the reader, say `head`, had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except UnicodeEncodeError as error:
        letter = ascii(error.object[error.start])
        _complain(
            f"the output is in {error.encoding}, without {letter}; set PYTHONIOENCODING=utf-8"
        )
    except (Problem, check.NoValue, OSError) as problem:
        _complain(str(problem))
    return 2


def _complain(problem: str) -> None:
    print(f"sourcediff: error: {problem}", file=sys.stderr)


# The commands. -----------------------------------------------------------------------------


def _show(options: argparse.Namespace) -> int:
    derivative = _derivative(options)
    coloured = is_wanted(options.color, sys.stdout)
    paint = highlighted if coloured else str
    if not options.stages:
        print(paint(str(derivative.source).rstrip()))
        return 0
    begin, end = (COLOURS["comment"], RESET) if coloured else ("", "")
    for place, (name, form) in enumerate(api.stages(derivative).items()):
        is_python = name in ("source", "emitted")
        print("\n" * (place > 0) + f"{begin}--- {name} ---{end}")
        print(paint(form.rstrip()) if is_python else form.rstrip())
    return 0


def _explain(options: argparse.Namespace) -> int:
    print(api.explain(_derivative(options)))
    return 0


def _save(options: argparse.Namespace) -> int:
    file, _ = split(options.target)
    out = Path(options.output)
    if out.exists():
        if out.samefile(file):
            raise Problem(f"{out} is the file to read from; give another name with -o")
        if not options.force:
            raise Problem(f"{out} exists; use --force to overwrite it")
    derivative = _derivative(options)
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder, "derivative.py")
        derivative.save(written)
        text = written.read_text(encoding="utf-8")
    name, imported = _checked(text)
    out.write_text(text, encoding="utf-8")
    print(f"wrote {out}: {name}, which imports {', '.join(imported) or 'nothing'}")
    return 0


def _checked(text: str) -> tuple[str, list[str]]:
    """The function of a saved text and what it imports, if it compiles and can stand alone."""
    try:
        tree = ast.parse(text)
        compile(tree, "<saved>", "exec", dont_inherit=True)
    except SyntaxError as error:
        raise Problem(
            f"nothing written: the text is not Python, please report it: {error}"
        ) from None
    found = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    found |= {n.module or "." for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    for name in found:
        if name.partition(".")[0] == "sourcediff":
            raise Problem(f"nothing written: the text needs {name}, please report it")
        if name.startswith(STAND_IN):
            raise Problem(
                "nothing written: the derivative imports from your file, and another module is"
                f" called {name.removeprefix(STAND_IN)!r} too; rename the file"
            )
    functions = [n.name for n in tree.body if isinstance(n, ast.FunctionDef)]
    return functions[-1], sorted(found)


def _check(options: argparse.Namespace) -> int:
    primal, argnums = _differentiated(load(options.target), options.wrt)
    gradient = api.grad(primal, argnums)
    wanted = argnums if isinstance(argnums, tuple) else (argnums,)
    points = [_values(text, primal) for text in options.at]
    verdicts = set()
    for place, values in enumerate(points):
        report = check.check_at(
            primal, gradient, values, wanted, rtol=options.rtol, atol=options.atol
        )
        print("\n" * (place > 0) + str(report))
        verdicts.add(report.verdict)
    return 0 if verdicts == {check.OK} else 1


def _derivative(options: argparse.Namespace) -> Any:
    """What ``show`` and ``save`` are about, compiled."""
    found = load(options.target)
    made = getattr(found, "__sourcediff__", None)
    if made is not None and options.wrt is None and (made.with_value or not options.value):
        derivative = found
    else:
        make = api.value_and_grad if options.value else api.grad
        derivative = make(*_differentiated(found, options.wrt))
    try:
        if options.at is None:
            str(derivative.source)
        else:
            _run(derivative, _values(options.at, derivative))
    except SyntaxError as error:
        if options.at is None and re.search(r"a number|types of the arguments", error.msg):
            error.add_note("help: if an argument is not a number, give examples with --at")
        raise
    return derivative


def _run(derivative: Any, values: tuple[Any, ...]) -> None:
    """A call, which compiles for arguments of these kinds; what becomes of it does not matter."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            derivative(*values)
    except SyntaxError:
        raise
    except Exception:
        return


def _differentiated(found: Any, wrt: str | None) -> tuple[Any, ArgNums]:
    """The function and the arguments to differentiate; of a derivative, its own."""
    made = getattr(found, "__sourcediff__", None)
    primal = found if made is None else found.primal
    if wrt is not None:
        parts = [part.strip() for part in wrt.split(",")]
        if not all(parts):
            raise Problem(f"--wrt takes names or positions, separated by commas, not {wrt!r}")
        wanted = [int(part) if re.fullmatch(r"-?\d+", part) else part for part in parts]
        return primal, wanted[0] if len(wanted) == 1 else tuple(wanted)
    if made is None:
        return primal, 0
    names = made.wrt.names()
    if any("[" in name for name in names):
        raise Problem("the derivative is one of *arguments; give their positions with --wrt")
    return primal, names[0] if len(names) == 1 else tuple(names)


def _literal(node: ast.expr) -> Any:
    """The value of a literal, in which ``np.array([1.0, 2.0])`` is one too."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("array", "np.array"):
        import numpy as np

        (numbers,) = node.args
        return np.array(ast.literal_eval(numbers))
    if isinstance(node, ast.Tuple | ast.List):
        items = map(_literal, node.elts)
        return tuple(items) if isinstance(node, ast.Tuple) else list(items)
    if isinstance(node, ast.Dict) and None not in node.keys:
        keys = [ast.literal_eval(key) for key in node.keys if key is not None]
        return dict(zip(keys, map(_literal, node.values), strict=True))
    return ast.literal_eval(node)


def _values(text: str, function: Callable[..., Any]) -> tuple[Any, ...]:
    """The arguments that --at gives, which must be such that the function can be called."""
    try:
        whole = ast.parse(f"({text.strip().removesuffix(',')},)", mode="eval").body
        values = _literal(whole)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        allowed = "numbers, strings, tuples, lists, dicts and np.array(…), separated by commas"
        raise Problem(f"--at takes {allowed}, not {text!r}") from None
    signature = inspect.signature(function)
    try:
        signature.bind(*values)
    except TypeError as error:
        name = getattr(function, "__name__", "function")
        raise Problem(f"--at {text} does not fit {name}{signature}: {error}") from None
    return tuple(values)


# The words of the command line. ------------------------------------------------------------

_ABOUT = "Writes the gradient of a Python function as a plain Python function."
_EXAMPLES = """examples:
  sourcediff show bank.py:interest                 the gradient by the first argument
  sourcediff show bank.py:interest --wrt rate,years --value
  sourcediff save bank.py:interest -o interest_gradient.py
  sourcediff explain bank.py:interest
  sourcediff check bank.py:interest --at 100,0.05,2 --wrt 0,1

FILE is run as `import` would run it: what stands under `if __name__ == "__main__":` is not
run. `sourcediff COMMAND --help` explains each command. Exit status: 0 if all is well, 1 if a
check failed, 2 if the command is wrong or the function is not supported."""
_SHOW = """examples:
  sourcediff show bank.py:interest
  sourcediff show bank.py:interest --wrt rate,years --value
  sourcediff show shapes.py:norm --at "(3.0, 4.0)"      for an argument that is a tuple
  sourcediff show bank.py:interest --color always | less -R"""
_EXPLAIN = """examples:
  sourcediff explain bank.py:interest
  sourcediff explain bank.py:total --at "[1.0, 2.0], 0.05" --wrt 1

By the lines of the source: which values of a turn of a loop the gradient keeps, with the bytes
that each takes, which it computes again, and why."""
_SAVE = """examples:
  sourcediff save bank.py:interest -o interest_gradient.py
  sourcediff save bank.py:interest -o interest_gradient.py --wrt rate --value --force

The file needs no sourcediff to run. It imports what the derivative uses, which can be
functions of FILE; values of constants of FILE are copied. Nothing is written on an error."""
_CHECK = f"""examples:
  sourcediff check bank.py:interest --at 100,0.05,2
  sourcediff check bank.py:interest --at 100,0.05,2 --at 100,-0.05,2 --wrt rate,years
  sourcediff check shapes.py:norm --at "(3.0, 4.0)"

For each point a table with a line for each derivative:
  compiled     what the compiled gradient gives
  tape         what a simple engine gives that records the function as it runs, or the
               error that it ends in
  differences  central differences, extrapolated, ± an estimate of their own error; none
               where the function has no value to both sides
  deviation    the larger relative deviation of the compiled derivative from the other two,
               less {check.SAFETY:g} times the error of the differences
and "{check.OK}", "{check.DIFFERS}" or, if neither tape nor differences decide, "{check.UNCHECKED}".
Exit status: 0 if all are ok, 1 if not, 2 if the command is wrong or the function is refused."""


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="sourcediff", description=_ABOUT, epilog=_EXAMPLES, formatter_class=raw
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {__version__}", help="print the version"
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def command(
        name: str, run: Callable[[argparse.Namespace], int], about: str, epilog: str
    ) -> Any:
        made = commands.add_parser(
            name, help=about, description=about, epilog=epilog, formatter_class=raw
        )
        made.set_defaults(run=run)
        made.add_argument(
            "target",
            metavar="FILE:FUNCTION",
            help="a Python file and a function at its top level; if that is decorated with @grad,"
            " it is taken as it is, or with --wrt the function beneath",
        )
        made.add_argument(
            "--wrt",
            metavar="ARGUMENTS",
            help="what to differentiate with respect to: names or positions (from 0), separated by"
            " commas; the first argument if left out",
        )
        return made

    show = command("show", _show, "Print the source of the gradient of a function.", _SHOW)
    save = command("save", _save, "Write the gradient of a function to a file of its own.", _SAVE)
    explained = command(
        "explain", _explain, "Say what the gradient of a function keeps, and why.", _EXPLAIN
    )
    for made in (show, save, explained):
        made.add_argument(
            "--value",
            action="store_true",
            help="return the function's value too, as (value, gradient)",
        )
        made.add_argument(
            "--at",
            metavar="VALUES",
            help="example arguments, needed where the signature does not tell their kinds (tuples,"
            " *arguments): Python literals by position, separated by commas; real numbers if left"
            " out",
        )
    show.add_argument(
        "--stages",
        action="store_true",
        help="print every intermediate form, from the source to the gradient",
    )
    show.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="highlight the source; auto, the default: on a terminal, unless NO_COLOR is set",
    )
    save.add_argument("-o", "--output", metavar="OUT.py", required=True, help="the file to write")
    save.add_argument("--force", action="store_true", help="overwrite OUT.py if it exists")
    checked = command(
        "check",
        _check,
        "Compare the gradient of a function with the tape's and with differences.",
        _CHECK,
    )
    checked.add_argument(
        "--at",
        metavar="VALUES",
        required=True,
        action="append",
        help="the point: Python literals by position, separated by commas; may be repeated",
    )
    for name, default in (("rtol", check.RTOL), ("atol", check.ATOL)):
        kind = "relative" if name == "rtol" else "absolute"
        checked.add_argument(
            f"--{name}",
            type=float,
            default=default,
            metavar="X",
            help=f"the {kind} deviation that is taken for rounding (default: {default:g})",
        )
    return parser


def _joined(words: Sequence[str]) -> list[str]:
    """With ``--at -1,2`` as ``--at=-1,2``: argparse would take the ``-1,2`` for an option."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] in ("--at", "--wrt") and re.match(r"-[\d.]", word):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined
