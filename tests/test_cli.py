"""The command line as its user meets it: what is printed where, and the exit status."""

import ast
import io
import math
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import sourcediff
from sourcediff import api, check
from sourcediff.cli import main
from sourcediff.highlight import highlighted, is_wanted
from tests.outcome import close

BANK = '''
    """Savings."""
    import math
    from functools import lru_cache

    import market
    from market import inflation
    from sourcediff import grad, value_and_grad

    FEE = 0.5
    print("the bank opens")


    def interest(capital, rate=0.05, years=2.0):
        """What a deposit brings."""
        return capital * math.exp(rate * years) - capital - FEE


    def real(capital, rate):
        return capital * (rate - inflation(market.YEAR))


    def make(share):
        def part(x):
            return share * x * x

        return part


    part = make(0.25)


    @grad
    def slope(x, y):
        return x * x * y


    @value_and_grad(argnums=("x", "y"))
    def both(x, y):
        return x * x * y


    def mean(*amounts):
        return sum(amounts) / len(amounts)


    def norm(v):
        x, y = v
        return math.hypot(x, y)


    def by_kind(x, kind, *, scale=3.0):
        return scale * x if kind == "linear" else scale * x * x


    def positive(x):
        if x <= 0:
            raise ValueError("only gains")
        print("gain", x)
        return math.sqrt(x)


    def root(x):
        return math.sqrt(x)


    def absolute(x):
        return abs(x)


    @lru_cache
    def cached(x):
        return x * x


    def kinetic(v):  # is computed as 0.0 for a slow v
        return 9e16 * (1 / math.sqrt(1 - v * v / 9e16) - 1)


    def jump(x):
        return math.floor(x) * x


    class Account:
        share = 2.0

        def __init__(self, start):
            self.start = start

        def worth(self, x):
            return self.share * x * x + self.start


    account = Account(1.0)


    def reads_a_file(x):
        return open(x)


    def ångström(λ):
        return λ * λ


    if __name__ == "__main__":
        raise SystemExit("the main block was run")
'''
MARKET = """
    YEAR = 2024.0


    def inflation(year):
        return 0.02 + 0.0 * year
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return folder


@pytest.fixture
def bank(tmp_path):
    return write(tmp_path, bank=BANK, market=MARKET) / "bank.py"


class Ran:
    """What a command left: its exit status, and what it printed where."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def run(capsys):
    def run(*words: object) -> Ran:
        status = main([str(word) for word in words])
        return Ran(status, *capsys.readouterr())

    return run


def gradient_of(text: str) -> object:
    """The function that a printed or saved text defines, run on its own."""
    namespace: dict[str, object] = {}
    exec(text, namespace)
    name = [n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)][-1]
    return namespace[name]


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


# show -------------------------------------------------------------------------------------


# Derivatives that anyone can work out: name, options, a point, what is expected there.
SHOWN = [
    ("interest", [], (100.0,), math.exp(0.1) - 1),
    ("interest", ["--wrt", "rate"], (100.0,), 200 * math.exp(0.1)),
    ("interest", ["--wrt", "-1"], (100.0,), 5 * math.exp(0.1)),
    ("interest", ["--wrt", "0, years"], (100.0,), (math.exp(0.1) - 1, 5 * math.exp(0.1))),
    ("interest", ["--value"], (100.0,), (100 * math.exp(0.1) - 100.5, math.exp(0.1) - 1)),
    ("part", [], (3.0,), 1.5),
    ("slope", [], (2.0, 3.0), 12.0),
    ("slope", ["--wrt", "y"], (2.0, 3.0), 4.0),
    ("slope", ["--value"], (2.0, 3.0), (12.0, 12.0)),
    ("both", [], (2.0, 3.0), (12.0, (12.0, 4.0))),
    ("both", ["--value"], (2.0, 3.0), (12.0, (12.0, 4.0))),
    ("both", ["--wrt", "x"], (2.0, 3.0), 12.0),
    ("mean", ["--at", "1,2,3,4"], (1.0, 2.0, 3.0, 4.0), 0.25),
    ("norm", ["--at", "(3.0, 4.0)"], ((3.0, 4.0),), (0.6, 0.8)),
    ("by_kind", ["--at", "1.0, 'linear'"], (2.0,), 3.0),
    ("positive", ["--at", "-1.0"], (4.0,), 0.25),
    ("ångström", [], (3.0,), 6.0),
]


@pytest.mark.parametrize(("name", "options", "point", "expected"), SHOWN)
def test_show_prints_a_source_that_computes_the_derivative(
    run, bank, name, options, point, expected
):
    shown = run("show", f"{bank}:{name}", *options)
    assert shown.status == 0, shown.err
    actual = gradient_of(shown.out)(*point)
    assert close(actual, expected, rtol=1e-12, atol=0.0), actual


def test_show_prints_nothing_else_than_the_source(run, bank):
    shown = run("show", f"{bank}:part")
    assert shown.out.startswith("share = 0.25  # share of the enclosing function\n")
    assert shown.out.endswith("\n")
    assert not shown.out.endswith("\n\n")
    assert shown.err == "the bank opens\n"  # what the file prints does not get into a pipe


def test_show_follows_functions_of_modules_beside_the_file(run, bank):
    shown = run("show", f"{bank}:real", "--wrt", "capital,rate")
    assert shown.status == 0
    assert "grad_real(capital, rate)" in shown.out


def test_show_of_a_method_of_an_object(run, bank):
    shown = run("show", f"{bank}:account.worth")
    assert shown.status == 0
    assert "share" in shown.out


def test_show_stages(run, bank):
    shown = run("show", f"{bank}:interest", "--stages")
    headings = re.findall(r"^--- (\w+) ---$", shown.out, re.MULTILINE)
    assert headings[0] == "source"
    assert headings[-1] == "emitted"
    assert headings == list(api.stages(lambda x: x * x))
    assert "interest(capital: Real" in shown.out
    assert "def grad_interest(" in shown.out.partition("--- emitted ---")[2]


def test_explain(run, bank):
    explained = run("explain", f"{bank}:interest")
    assert explained.status == 0
    assert explained.out.startswith("interest, differentiated in capital\n")
    assert run("explain", f"{bank}:nothing").status == 2


def test_show_leaves_the_process_as_it_was(run, bank):
    path, argv, modules = list(sys.path), list(sys.argv), set(sys.modules)
    run("show", f"{bank}:real")
    run("show", f"{bank}:nothing")
    assert (sys.path, sys.argv) == (path, argv)
    left = {n.partition(".")[0] for n in sys.modules.keys() - modules}
    assert left.isdisjoint({"bank", "market"})


def test_files_of_one_name_do_not_get_in_each_others_way(run, tmp_path):
    for place, factor in (("one", "2"), ("two", "3")):
        folder = tmp_path / place
        folder.mkdir()
        model = "import helper\n\n\ndef f(x):\n    return helper.FACTOR * x\n"
        write(folder, helper=f"FACTOR = {factor}.0", model=model)
        checked = run("check", f"{folder / 'model.py'}:f", "--at", "1.0")
        assert table(checked.out)["x"][0] == factor


def test_relative_imports_in_a_package(run, tmp_path):
    package = tmp_path / "shop" / "prices"
    package.mkdir(parents=True)
    write(tmp_path / "shop", __init__="", tax="def net(x):\n    return 0.8 * x\n")
    write(
        package,
        __init__="def plain(x):\n    return 5.0 * x\n",
        gross="from ..tax import net\n\n\ndef price(x):\n    return net(x) * x\n",
    )
    shown = run("show", f"{package / 'gross.py'}:price")
    assert gradient_of(shown.out)(10.0) == pytest.approx(16.0, rel=1e-12, abs=0)
    assert gradient_of(run("show", f"{package / '__init__.py'}:plain").out)(1.0) == 5.0


@pytest.mark.parametrize("stem", ["statistics", "math", "sourcediff", "my-model", "__main__"])
def test_a_file_may_have_the_name_of_another_module(run, tmp_path, stem):
    write(tmp_path, **{stem: "import math\n\n\ndef f(x):\n    return math.exp(2.0 * x)\n"})
    target = f"{tmp_path / stem}.py:f"
    before = sys.modules.get(stem)
    assert gradient_of(run("show", target).out)(0.0) == 2.0
    assert run("check", target, "--at", "0.5").status == 0
    assert sys.modules.get(stem) is before


def test_a_file_sees_no_arguments_of_ours(run, tmp_path):
    write(
        tmp_path, script="import sys\nN = float(len(sys.argv))\n\n\ndef f(x):\n    return N * x\n"
    )
    shown = run("show", f"{tmp_path / 'script.py'}:f", "--wrt", "x")
    assert gradient_of(shown.out)(1.0) == 1.0


# Colours ----------------------------------------------------------------------------------


def test_colours_only_where_they_are_wanted(run, bank, monkeypatch):
    target = f"{bank}:interest"
    uncoloured = run("show", target).out  # what is captured is no terminal
    assert uncoloured == plain(uncoloured)
    assert run("show", target, "--color", "never").out == uncoloured
    coloured = run("show", target, "--color", "always").out
    assert coloured != uncoloured
    assert plain(coloured) == uncoloured
    stages = run("show", target, "--color", "always", "--stages").out
    assert plain(stages) == run("show", target, "--stages").out


@pytest.mark.parametrize(
    ("choice", "terminal", "environment", "expected"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", True, {"TERM": "dumb"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {}, False),
    ],
)
def test_whether_to_colour(monkeypatch, choice, terminal, environment, expected):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: terminal, raising=False)
    assert is_wanted(choice, stream) == expected


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        (
            "def f(x):\n    return 2.5  # half of five\n",
            ["def", "f", "return", "2.5", "# half of five"],
        ),
        ("class Ünicode:\n    ä = 'ö'\n", ["class", "Ünicode", "'ö'"]),
        ('x = """one\ntwo"""\n', ['"""one\ntwo"""']),
        ("match = case = 1", ["1"]),
        ("", []),
        ("%1 = mul x ?", []),
        ("f(x: Real):\n    %1 = 'never closed", []),
        ("    return 1\n  x = 2\n", None),
    ],
)
def test_highlighted(source, parts):
    coloured = highlighted(source)
    assert plain(coloured) == source
    found = re.findall(r"\x1b\[[\d;]+m(.*?)\x1b\[0m", coloured, re.DOTALL)
    if parts is not None:
        assert [part for part in found if part not in "%1"] == [p for p in parts if p not in "%1"]


def test_highlighting_keeps_every_letter_of_this_project():
    for path in sorted(Path(sourcediff.__file__).parent.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if "\x1b" not in source:
            assert plain(highlighted(source)) == source, path


# save -------------------------------------------------------------------------------------


def test_save_writes_a_module_that_stands_alone(run, bank, tmp_path):
    out = tmp_path / "slope_of_interest.py"
    saved = run("save", f"{bank}:interest", "-o", out, "--wrt", "rate", "--value")
    assert saved.status == 0
    assert saved.out == f"wrote {out}: value_and_grad_interest, which imports math\n"
    program = "import slope_of_interest as s; print(s.value_and_grad_interest(100.0)[1])"
    # -I -S: neither sourcediff nor anything else that is installed can be imported.
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, '.'); {program}"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert float(ran.stdout) == pytest.approx(200 * math.exp(0.1), rel=1e-12, abs=0), ran.stderr


def test_save_overwrites_only_when_forced(run, bank, tmp_path):
    out = tmp_path / "out.py"
    out.write_text("precious")
    refused = run("save", f"{bank}:part", "-o", out)
    assert (refused.status, out.read_text()) == (2, "precious")
    assert "--force" in refused.err
    assert run("save", f"{bank}:part", "-o", out, "--force").status == 0
    assert "def grad_part(x)" in out.read_text()


def test_save_never_overwrites_its_input(run, bank):
    before = bank.read_text(encoding="utf-8")
    same = bank.parent / "." / "bank.py"
    refused = run("save", f"{bank}:part", "-o", same, "--force")
    assert refused.status == 2
    assert "the file to read from" in refused.err
    assert bank.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("import sourcediff\n\n\ndef grad_f(x):\n    return x\n", "needs sourcediff"),
        ("def grad_f(x):\n    from sourcediff.rules import special\n", "needs sourcediff.rules"),
        ("def grad_f(x:\n", "not Python"),
        ("from user_file_statistics import h\n\n\ndef grad_f(x):\n    return h(x)\n", "rename"),
    ],
)
def test_save_writes_nothing_that_cannot_stand_alone(
    run, bank, tmp_path, monkeypatch, text, complaint
):
    def save(path):
        Path(path).write_text(text, encoding="utf-8")

    def grad(f, argnums=0):
        derivative = lambda x: x
        derivative.source, derivative.save = "", save
        return derivative

    monkeypatch.setattr(api, "grad", grad)
    out = tmp_path / "out.py"
    refused = run("save", f"{bank}:part", "-o", out)
    assert refused.status == 2
    assert "nothing written" in refused.err
    assert complaint in refused.err
    assert not out.exists()


# check ------------------------------------------------------------------------------------


def table(text: str) -> dict[str, list[str]]:
    """The cells of the rows of a printed table, by argument; the head under "argument"."""
    rows = [re.split(r" {2,}", line.strip()) for line in text.splitlines() if line[:2] == "  "]
    return {cells[0]: cells[1:] for cells in rows}


CHECKED = [
    ("interest", ["--at", "100"], {"capital"}),
    ("interest", ["--at", "100", "--wrt", "capital,rate,years"], {"capital", "rate", "years"}),
    ("interest", ["--at", "-100,-0.5,2", "--wrt", "-1"], {"years"}),
    ("real", ["--at", "100,0.03", "--wrt", "0,1"], {"capital", "rate"}),
    ("part", ["--at", "0"], {"x"}),
    ("slope", ["--at", "2,3"], {"x"}),
    ("slope", ["--at", "2,3", "--wrt", "y"], {"y"}),
    ("both", ["--at", "2,3"], {"x", "y"}),
    ("mean", ["--at", "1,2,3,4", "--wrt", "0,3"], {"amounts[0]", "amounts[3]"}),
    ("norm", ["--at", "(3.0, 4.0)"], {"v[0]", "v[1]"}),
    ("by_kind", ["--at", "2.0, 'square', "], {"x"}),
    ("by_kind", ["--at", "2.0, 'linear'", "--wrt", "scale"], {"scale"}),
    ("positive", ["--at", "4.0"], {"x"}),
    ("absolute", ["--at", "0.0"], {"x"}),
    ("jump", ["--at", "2.5"], {"x"}),
    ("kinetic", ["--at", "1.5"], {"v"}),
    ("account.worth", ["--at", "2.5"], {"x"}),
    ("ångström", ["--at", "-2.5"], {"λ"}),
]


@pytest.mark.parametrize(("name", "options", "arguments"), CHECKED)
def test_check_of_what_is_right(run, bank, name, options, arguments):
    checked = run("check", f"{bank}:{name}", *options)
    assert checked.status == 0, checked.out + checked.err
    rows = table(checked.out)
    assert rows.pop("argument") == ["compiled", "tape", "differences", "deviation"]
    assert rows.keys() == arguments
    assert {row[-1] for row in rows.values()} == {"ok"}
    assert "gain" not in checked.out  # what the function prints does not get into the table


def test_check_prints_the_figures(run, bank):
    rows = table(run("check", f"{bank}:part", "--at", "3.0").out)
    compiled, tape, differences, deviation, verdict = rows["x"]
    assert (compiled, tape, deviation, verdict) == ("1.5", "1.5", "0", "ok")
    value, sign, error = differences.split()
    assert (value, sign) == ("1.5", "±")
    assert 0 < float(error) < 1e-10


def test_check_columns_are_aligned(run, bank):
    lines = run("check", f"{bank}:both", "--at", "1e-7,123.456").out.splitlines()
    assert lines[0].startswith("both(1e-07, 123.456) = ")
    starts = [[m.start() for m in re.finditer(r"(?<=  )\S", line)] for line in lines[1:]]
    assert starts[1] == starts[2]
    assert starts[0] == starts[1][:-1]


def test_check_of_several_points(run, bank):
    checked = run("check", f"{bank}:part", "--at", "3.0", "--at=-1", "--at", "-.5")
    assert re.findall(r"^\w+\(.*\)", checked.out, re.MULTILINE) == [
        "part(3.0)",
        "part(-1)",
        "part(-0.5)",
    ]
    assert checked.status == 0


def planted(change):
    """A stand-in for api.grad whose derivatives are changed: a compiler with a defect."""
    true_grad = api.grad

    def grad(f, argnums=0):
        true = true_grad(f, argnums)
        return lambda *args: change(true(*args))

    return grad


@pytest.mark.parametrize(
    "change",
    [
        lambda g: -g,
        lambda g: g * (1 + 1e-8),
        lambda g: 0.0,
        lambda g: math.nan,
        lambda g: math.inf,
        lambda g: 1 / 0,
    ],
)
def test_check_finds_a_wrong_gradient(run, bank, monkeypatch, change):
    monkeypatch.setattr(api, "grad", planted(change))
    checked = run("check", f"{bank}:part", "--at", "3.0", "--at", "1.0")
    assert checked.status == 1
    assert checked.out.count("DIFFERS") == 2


def test_check_finds_the_one_wrong_derivative(run, bank, monkeypatch):
    monkeypatch.setattr(api, "grad", planted(lambda g: (g[0], 1.5 * g[1], g[2])))
    checked = run("check", f"{bank}:interest", "--at", "100", "--wrt", "0,1,2")
    assert checked.status == 1
    verdicts = {name: row[-1] for name, row in table(checked.out).items()}
    assert verdicts.pop("argument")
    assert verdicts == {"capital": "ok", "rate": "DIFFERS", "years": "ok"}


@pytest.mark.parametrize(
    ("change", "verdict"), [(lambda g: g, "ok"), (lambda g: 1.001 * g, "DIFFERS")]
)
def test_check_where_the_tape_cannot_run(run, bank, monkeypatch, change, verdict):
    # The cache asks for the hash of the number, which a number of the tape does not have.
    monkeypatch.setattr(api, "grad", planted(change))
    checked = run("check", f"{bank}:cached", "--at", "3.0")
    assert table(checked.out)["x"][1] == "TypeError"
    assert table(checked.out)["x"][-1] == verdict
    assert re.search(r"^  tape: TypeError: .*hash", checked.out, re.MULTILINE)
    assert checked.status == (0 if verdict == "ok" else 1)


def test_check_does_not_call_ok_what_nothing_could_decide(run, bank, monkeypatch):
    def no_tape(*args, **kwargs):
        raise TypeError("not today")

    monkeypatch.setattr(check.tape, "gradient", no_tape)
    checked = run("check", f"{bank}:absolute", "--at", "0.0")
    assert table(checked.out)["x"][-1] == "unchecked"
    assert checked.status == 1


def test_check_where_there_is_no_derivative(run, bank):
    checked = run("check", f"{bank}:root", "--at", "0.0")
    assert table(checked.out)["x"] == ["ZeroDivisionError", "ZeroDivisionError", "none", "ok"]
    assert checked.status == 0


def test_check_tolerances(run, bank, monkeypatch):
    monkeypatch.setattr(api, "grad", planted(lambda g: g * (1 + 1e-5)))
    target = f"{bank}:part"
    assert run("check", target, "--at", "3.0").status == 1
    assert run("check", target, "--at", "3.0", "--rtol", "1e-4").status == 0
    assert run("check", target, "--at", "3.0", "--atol", "1e-4").status == 0


# Differences: derivative known, error within ten times of what is claimed.
@pytest.mark.parametrize(
    ("function", "x", "derivative", "known_to"),
    [
        (math.exp, 0.0, 1.0, 1e-10),
        (math.log, 1e-8, 1e8, 1e-2),
        (lambda x: 3.0, 2.0, 0.0, 1e-9),
        (lambda x: x * x, 1e-200, 2e-200, 1e-100),  # is 0.0 there
        (lambda x: 1e200 * x, 1e50, 1e200, 1e190),
        (lambda x: math.sin(50 * x), 1.0, 50 * math.cos(50.0), 1e-4),
        # Equal at all distances that are multiples of its period.
        (lambda x: math.sin(2 * math.pi * 64 * x), 0.5, 128 * math.pi, 1.0),
        (abs, 1e-3, 1.0, 1e-9),
        (lambda x: max(x, 1.0), 1.0, 0.5, math.inf),
        (lambda x: float(round(x)), 2.4999, 0.0, math.inf),
    ],
)
def test_differences_are_honest(function, x, derivative, known_to):
    estimate = check.difference(function, x)
    assert abs(estimate.value - derivative) <= 10 * estimate.error
    assert estimate.error <= known_to


@pytest.mark.parametrize("x", [0.0, math.inf, math.nan])
def test_no_differences_at_an_edge(x):
    assert check.difference(lambda x: x if x > 0 else math.nan, x) is None


# What goes wrong --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["show", "{bank}"], "FILE:FUNCTION"),
        (["show", "bank.py:"], "FILE:FUNCTION"),
        (["show", ":interest"], "FILE:FUNCTION"),
        (["show", "{folder}/nowhere.py:f"], "there is no file"),
        (["show", "{folder}:f"], "is a folder"),
        (["show", "{bank}:intrest"], "has no 'intrest'; did you mean interest?"),
        (["show", "{bank}:zzz"], "has no 'zzz'; it defines interest, real, make"),
        (["show", "{bank}:interest.zzz"], "has no 'interest.zzz'"),
        (["show", "{bank}:interest", "--wrt", "rate,,years"], "--wrt takes names or positions"),
        (["show", "{bank}:interest", "--wrt", ""], "--wrt takes names or positions"),
        (["show", "{bank}:mean", "--at", "one"], "--at takes numbers, strings, tuples, lists"),
        (["check", "{bank}:interest", "--at", "capital"], "--at takes"),
        (["check", "{bank}:interest", "--at", "1 +"], "--at takes"),
        (["check", "{bank}:interest", "--at", ""], "--at takes"),
        (["check", "{bank}:interest", "--at", "(1, 2"], "--at takes"),
        (["check", "{bank}:interest", "--at", "__import__('os')"], "--at takes"),
        (["check", "{bank}:interest", "--at", "1,2,3,4"], "too many positional arguments"),
        (["check", "{bank}:real", "--at", "1"], "missing a required argument: 'rate'"),
        (["check", "{bank}:positive", "--at", "-1"], "positive(-1) raises ValueError: only gains"),
        (["save", "{bank}:part", "-o", "{folder}/none/out.py"], "No such file or directory"),
        (["show", "{folder}/no_module.py:f"], "line 1: ModuleNotFoundError: No module named 'n"),
        (["show", "{folder}/divides.py:f"], "divides.py, line 3: ZeroDivisionError"),
        (["show", "{folder}/exits.py:f"], "exits.py, line 2: SystemExit: 3"),
        (["show", "{folder}/beside.py:f"], "beside.py, line 1: ZeroDivisionError"),
    ],
)
def test_one_line_for_what_is_wrong(run, bank, words, complaint):
    write(
        bank.parent,
        no_module="import not_installed\n",
        divides="def g():\n    # comment\n    1 / 0\n\n\ng()\n",
        exits="import sys\nsys.exit(3)\n",
        beside="import divides\n",
    )
    known = {"bank": bank, "folder": bank.parent}
    ran = run(*(word.format(**known) for word in words))
    assert ran.status == 2
    assert ran.out == ""
    assert ran.err.splitlines()[-1].startswith("sourcediff: error: ")
    assert complaint in ran.err
    assert len(ran.err.splitlines()) == 1 + ran.err.startswith("the bank opens\n")


@pytest.mark.parametrize("words", [["show"], ["save"], ["check", "--at", "1.0"]])
def test_a_refusal_is_printed_as_a_syntax_error_is(run, bank, tmp_path, words):
    command, *options = words
    options += ["-o", str(tmp_path / "out.py")] if command == "save" else []
    ran = run(command, f"{bank}:reads_a_file", *options)
    assert (ran.status, ran.out) == (2, "")
    opening, file, code, caret, message, *notes = ran.err.splitlines()
    line = bank.read_text(encoding="utf-8").splitlines().index("    return open(x)") + 1
    assert opening == "the bank opens"
    assert re.fullmatch(rf'  File "\S+bank\.py", line {line}', file)
    assert code == "    return open(x)"
    assert caret == "           ^^^^^^^"
    assert message.startswith("sourcediff.errors.DifferentiationError: ")
    assert "'open'" in message
    assert notes
    assert notes[0].startswith("help: ")
    assert not (tmp_path / "out.py").exists()


def test_a_refusal_while_the_file_is_imported(run, tmp_path):
    text = "from sourcediff import grad\n\n\n@grad(argnums='z')\ndef f(x):\n    return x\n"
    ran = run("show", f"{write(tmp_path, refused=text) / 'refused.py'}:f")
    assert ran.status == 2
    assert "DifferentiationError: f() has no argument 'z'" in ran.err
    assert "Traceback" not in ran.err


def test_a_file_that_is_not_python(run, tmp_path):
    write(tmp_path, broken="def f(x):\n    return (\n")
    ran = run("show", f"{tmp_path / 'broken.py'}:f")
    assert ran.status == 2
    assert ran.err.startswith(f'  File "{tmp_path / "broken.py"}", line 2\n')
    assert ran.err.splitlines()[-1].startswith("SyntaxError: ")


@pytest.mark.parametrize("name", ["mean", "norm"])
def test_a_refusal_for_want_of_arguments_points_to_the_option(run, bank, name):
    ran = run("show", f"{bank}:{name}")
    assert ran.status == 2
    assert "--at" in ran.err.splitlines()[-1]


def test_an_output_that_cannot_hold_a_letter(bank):
    ran = subprocess.run(
        [sys.executable, "-m", "sourcediff", "show", f"{bank}:ångström"],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="ascii",
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stderr.splitlines()[-1].startswith("sourcediff: error: the output is in ascii")


# Help -------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [[], ["shw"], ["show"], ["save", "a.py:f"], ["check", "a.py:f"]])
def test_usage(run, words):
    ran = run(*words)
    assert ran.status == 2
    assert ran.err.startswith("usage: sourcediff")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            [],
            [
                "show",
                "save",
                "explain",
                "check",
                "--version",
                "examples:",
                "Exit status",
                "__main__",
            ],
        ),
        (["show"], ["--wrt", "--value", "--at", "--stages", "--color", "NO_COLOR", "examples:"]),
        (["explain"], ["--wrt", "--value", "--at", "keeps", "examples:"]),
        (["save"], ["--output OUT.py", "--force", "--wrt", "--value", "--at", "examples:"]),
        (["check"], ["--wrt", "--at", "--rtol", "--atol", "DIFFERS", "unchecked", "examples:"]),
    ],
)
def test_help_tells_all(run, monkeypatch, words, told):
    monkeypatch.setenv("COLUMNS", "100")
    ran = run(*words, "--help")
    assert ran.status == 0
    assert [word for word in told if word not in ran.out] == []
    about = ran.out.split("\n\n")[1]
    assert about.endswith(".")
    assert about.count("\n") == 0


def test_version(run):
    assert run("--version").out == f"sourcediff {sourcediff.__version__}\n"


# As a command -----------------------------------------------------------------------------


def test_the_command_in_a_process_of_its_own(bank):
    ran = subprocess.run(
        [sys.executable, "-m", "sourcediff", "show", "bank.py:part"],
        cwd=bank.parent,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert gradient_of(ran.stdout)(3.0) == 1.5
    assert ran.stderr == "the bank opens\n"


@pytest.mark.parametrize(("color", "is_coloured"), [("always", True), ("never", False)])
def test_colours_of_the_command(bank, color, is_coloured):
    command = [sys.executable, "-m", "sourcediff", "show", f"{bank}:part", "--color", color]
    ran = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert ("\x1b[" in ran.stdout) == is_coloured


def test_check_at_lists_dicts_and_arrays(run, tmp_path):
    path = tmp_path / "held.py"
    path.write_text(
        """
import numpy as np

def total(ws, scale={"a": 2.0}):
    ws[0] *= scale["a"]
    return sum(w * w for w in ws) * scale["a"]

def squares(x):
    return np.sum(x**2)
"""
    )
    ran = run("check", f"{path}:total", "--at", "[1.0, 3.0], {'a': 2.0}", "--wrt", "ws,scale")
    assert ran.status == 0
    rows = [line.split() for line in ran.out.splitlines()[2:]]
    assert [(row[0], row[1], row[2]) for row in rows] == [
        ("ws[0]", "16", "16"),
        ("ws[1]", "12", "12"),
        ("scale['a']", "21", "21"),
    ]
    ran = run("check", f"{path}:squares", "--at", "np.array([1.0, 3.0])")
    assert (ran.status, ran.out.splitlines()[3].split()[:2]) == (0, ["x[1]", "6"])
