"""Whole programs in three ways: plain Python, the interpreter of the IR, and emitted Python.

The second half tests the generator and the comparison themselves, with mutants of the programs.
"""

import ast
from collections import Counter
from functools import cache

import pytest

from tests.generator.loading import load_source, traced
from tests.generator.shrink import size
from tests.language import LanguageProgram, construct_names, load, seeded
from tests.language.command import Failure, failing_test, judge, judge_seeds, main, shrunk
from tests.language.compare import (
    INTERNAL,
    REFUSED,
    SAME,
    UNUSABLE,
    WRONG,
    Comparison,
    Engine,
    compare,
    kinds_of,
    rule_of,
)
from tests.language.guard import TooSlow, within
from tests.language.mutants import HONEST, MUTATIONS, NOT_MUTATED, count, mutant
from tests.language.snapshot import Again, First, Snapshots
from tests.outcome import run

SEEDED = 300
SAMPLE = 250


# The compiler. -----------------------------------------------------------------------------


def test_seeded_programs_behave_the_same():
    pytest.importorskip("sourcediff.primal", exc_type=ImportError)
    from tests.language.engine import SOURCEDIFF

    summary = judge_seeds("suite", range(SEEDED), SOURCEDIFF)
    failures = [
        f"program {f.number} of seed {f.seed}: {f.verdict.reason}: {f.verdict.detail}\n"
        f"{f.program.source}"
        for f in summary.failures
    ]
    assert not failures, f"{len(failures)} of {SEEDED}:\n" + "\n".join(failures[:3])
    assert summary.runs[UNUSABLE] == 0


# The programs. -----------------------------------------------------------------------------


@cache
def sample() -> list[LanguageProgram]:
    return [seeded(f"sample:{number}") for number in range(SAMPLE)]


@cache
def outcomes() -> list:
    return [
        run(lambda make=make, entry=module.entry: entry(*make()))
        for module in map(load, sample())
        for make in module.makers
    ]


def test_a_seed_gives_one_program():
    assert [seeded(k) for k in range(20)] == [seeded(k) for k in range(20)]


def test_seeds_give_different_programs():
    assert len({program.source for program in sample()}) == SAMPLE


def test_most_runs_raise_nothing_and_some_do():
    raised = sum(outcome.exception is not None for outcome in outcomes())
    assert 0.03 < raised / len(outcomes()) < 0.3


def test_many_kinds_of_exceptions_leave_a_program():
    kinds = {type(o.exception).__name__ for o in outcomes() if o.exception is not None}
    assert {"IndexError", "KeyError", "ValueError", "ZeroDivisionError"} <= kinds


def test_exceptions_of_the_program_itself_leave_it():
    for number in range(1000):  # about one program in a hundred
        module = load(seeded(f"exceptions:{number}"))
        for make in module.makers:
            exception = run(lambda make=make, entry=module.entry: entry(*make())).exception
            if type(exception).__name__ in ("Stop", "Limit"):
                return
    raise AssertionError("no program raised an exception of its own")


def test_results_are_of_many_classes():
    values = [outcome.value for outcome in outcomes()]
    values += [item for value in values if isinstance(value, tuple | list) for item in value]
    classes = set(map(type, values))
    assert {float, int, tuple, list, type(None)} <= classes
    assert any(cls.__module__.startswith("generated_") for cls in classes)


def test_numbers_stay_tame():
    texts = [outcome.printed for outcome in outcomes()]
    wild = sum("inf" in text or "nan" in text for text in texts)
    assert wild < 0.05 * len(texts)


def test_every_construct_appears():
    missing = construct_names()
    for number in range(3000):
        missing -= seeded(f"constructs:{number}").constructs.keys()
        if not missing:
            return
    pytest.fail(f"not in 3000 programs: {sorted(missing)}")


def test_constructs_that_are_noted_are_declared():
    for program in sample():
        assert program.constructs.keys() <= construct_names()


def test_names_of_constructs_can_be_listed():
    # The command takes them with commas between them.
    assert not [name for name in construct_names() if "," in name]


def test_a_construct_can_be_left_out():
    without = frozenset({"lambda", "match", "nonlocal", "suppress", "nullcontext"})
    for number in range(60):
        tree = ast.parse(seeded(number, without).source)
        kinds = {type(node) for node in ast.walk(tree)}
        assert not kinds & {ast.Match, ast.Nonlocal, ast.With}


def test_most_of_each_program_runs():
    shares = []
    for program in sample():
        module, ran = load(program), Counter()
        filename = module.entry.__code__.co_filename
        for make in module.makers:
            ran += traced(lambda: module.entry(*make()), filename)[1]
        lines = {
            node.lineno
            for definition in ast.parse(program.source).body
            if isinstance(definition, ast.FunctionDef) and definition.name not in program.makers
            for node in ast.walk(definition)
            if isinstance(node, ast.stmt) and node is not definition
        }
        shares.append(len(lines & ran.keys()) / max(len(lines), 1))
    assert sum(shares) / len(shares) > 0.65


EXITS = {ast.Break: 0.4, ast.Continue: 0.25, ast.Raise: 0.2, ast.ExceptHandler: 0.25}


def test_exits_are_taken():
    written, taken = Counter(), Counter()
    for program in sample():
        module, ran = load(program), Counter()
        filename = module.entry.__code__.co_filename
        for make in module.makers:
            ran += traced(lambda: module.entry(*make()), filename)[1]
        for node in ast.walk(ast.parse(program.source)):
            if isinstance(node, ast.Break | ast.Continue | ast.Raise | ast.ExceptHandler):
                line = node.body[0].lineno if isinstance(node, ast.ExceptHandler) else node.lineno
                written[type(node)] += 1
                taken[type(node)] += line in ran
    for kind, least in EXITS.items():
        assert written[kind] > SAMPLE / 10
        assert taken[kind] > least * written[kind], (kind, taken[kind], written[kind])


# The comparison. ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plain", "compiled", "reason"),
    [
        ("return 0.0", "return -0.0", "other: result differs"),
        ("return 1", "return True", "other: result differs"),
        ("return (1, 2)", "return [1, 2]", "other: result differs"),
        ("return float('nan')", "return float('nan')", ""),
        ("return {'a': 1, 'b': 2}", "return {'b': 2, 'a': 1}", "other: result differs"),
        ("return {1, 2}", "return {2, 1}", ""),
        ("return xs", "return list(xs)", "other: aliasing differs"),
        ("return xs, xs", "return xs, xs[:]", "other: aliasing differs"),
        ("return [xs], [xs]", "return ([list(xs)],) * 2", "other: aliasing differs"),
        ("xs[0] = 0.5", "pass", "other: arguments differs"),
        ("print(x)", "print(x + 0.25)", "other: output differs"),
        ("raise KeyError(x)", "raise IndexError(x)", "other: IndexError for KeyError"),
        ("raise KeyError(x)", "raise KeyError(-x)", "other: message differs"),
        ("raise KeyError(x)", "return 1", "other: none for KeyError"),
        ("return xs[2 - 2]", "while True: pass", "other: does not end"),
        ("print(x); y = z; z = 1", "print(x); z = y; y = 1", ""),
    ],
)
def test_what_differs_is_told(plain, compiled, reason):
    head = "def f(xs, x):\n    "
    comparison = Comparison(load_source(head + plain), other_text(head + compiled), seconds=0.2)
    verdict = comparison.at(lambda: ([1.0, 2.0], 0.5))
    assert (verdict.kind, verdict.reason) == (WRONG if reason else SAME, reason)


def other_text(text: str) -> Engine:
    """Returns an engine that runs another text in the place of the program."""

    def compile_other(function, args):
        namespace = dict(function.__globals__)
        exec(text, namespace)
        return {"other": namespace["f"]}

    return Engine(compile_other, SyntaxError)


def test_each_run_begins_with_the_first_state_of_the_module():
    text = """
COUNT = 0
LEVELS = [1.0]

class Cell:
    made = 0

def f(x, log=[]):
    global COUNT
    COUNT += 1
    LEVELS.append(x)
    log.append(COUNT)
    Cell.made += 1
    return COUNT, LEVELS, log, Cell.made
"""
    entry = load_source(text)
    assert compare(entry, lambda: (0.5,), HONEST).kind == SAME
    lost = Engine(lambda f, args: {"other": lambda x: (1, [1.0, x], [1], 1)}, SyntaxError)
    assert compare(entry, lambda: (0.5,), lost).reason == "other: state differs"


def test_a_value_that_was_compiled_in_is_found():
    def baked(function, args):
        return {"emitted": lambda xs, x: sum(xs) * args[1]}

    entry = load_source("def f(xs, x):\n    return sum(xs) * x\n")
    comparison = Comparison(entry, Engine(baked, SyntaxError))
    assert comparison.at(lambda: ([1.0], 0.5)).kind == SAME
    verdict = comparison.at(lambda: ([1.0, 2.0], 1.5))
    assert verdict.reason == "emitted for other values: result differs"


def test_kinds_of_arguments():
    assert kinds_of(([1.0], 2)) == kinds_of(([2.0, 3.0], 5))
    assert kinds_of(([1.0],)) != kinds_of(([1],))
    assert kinds_of(("low",)) != kinds_of(("high",))
    shared = [1.0]
    assert kinds_of((shared, shared)) != kinds_of(([1.0], [1.0]))


def test_refusals_and_defects_of_the_compiler_are_told_apart():
    def failing(exception):
        def compile_nothing(function, args):
            raise exception

        return Engine(compile_nothing, SyntaxError)

    entry = load_source("def f(x):\n    return x\n")
    refused = compare(entry, lambda: (1.0,), failing(SyntaxError("no 'xs' of 3 items")))
    assert (refused.kind, refused.reason) == (REFUSED, "no … of … items")
    broken = compare(entry, lambda: (1.0,), failing(KeyError("v1")))
    assert (broken.kind, broken.reason) == (INTERNAL, "compiling: KeyError")
    polite = compare(entry, lambda: (1.0,), failing(SyntaxError("internal error in lowering")))
    assert polite.kind == INTERNAL


def test_rules_are_counted_without_names_and_numbers():
    assert rule_of("`a.b` at 3.5 is 'new'\nhelp") == rule_of("`c` at -1e-3 is 'old'")


def test_objects_are_numbered_through_all_that_is_seen():
    first, second = [1.0], [1.0]
    assert Snapshots().of((first, second)) != Snapshots().of((first, first))
    loop: list = []
    loop.append(loop)
    assert Snapshots().of(loop) == First(0, (list, (Again(0),)))


def test_what_never_ends_is_stopped_even_if_it_swallows_exceptions():
    text = """
def f():
    while True:
        try:
            pass
        except Exception:
            pass
"""
    with pytest.raises(TooSlow):
        within(0.1, load_source(text))


# Mutants. ----------------------------------------------------------------------------------

# The share of the mutated programs, and of the single mutated places, that are found out at the
# least.  A copied number or an empty loop is no defect, so no mutation is found everywhere.
LEAST_FOUND = {
    "break dropped": 0.3,
    "continue dropped": 0.2,
    "return in a block dropped": 0.7,
    "raise dropped": 0.2,
    "print dropped": 0.7,
    "write dropped": 0.6,
    "arms swapped": 0.4,
    "alias copied": 0.15,
    "items copied": 0.03,
    "arguments copied": 0.07,
    "list copied before iteration": 0.03,
    "filter dropped": 0.15,
    "loop else dropped": 0.1,
    "try else dropped": 0.05,
    "handler dropped": 0.25,
    "in-place operator makes a new list": 0.03,
    "swap in sequence": 0.15,
    "sum re-associated": 0.02,
}
MUTATED = 200
SECONDS = 0.3


@cache
def mutable_sample() -> list[LanguageProgram]:
    return [seeded(f"mutant:{number}", NOT_MUTATED) for number in range(MUTATED)]


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutants_are_found(name):
    applied = found = 0
    for program in mutable_sample():
        engine = mutant(program.source, MUTATIONS[name])
        if engine is not None:
            applied += 1
            found += judge(program, engine, SECONDS)[-1].kind == WRONG
    assert applied >= 5
    assert found > LEAST_FOUND[name] * applied, (found, applied)


def test_dropping_a_single_break_is_found():
    mutation = MUTATIONS["break dropped"]
    applied = found = 0
    for program in mutable_sample():
        for place in range(count(program.source, mutation)):
            applied += 1
            engine = mutant(program.source, mutation, place)
            found += judge(program, engine, SECONDS)[-1].kind == WRONG
    assert found > 0.3 * applied > 0, (found, applied)


def test_an_honest_compiler_is_not_found_wrong():
    kinds = Counter(v.kind for program in sample() for v in judge(program, HONEST))
    assert kinds.keys() == {SAME}


# The command. ------------------------------------------------------------------------------

NO_RESULT = Engine(
    lambda function, args: {"emitted": lambda *values: function(*values) and None}, SyntaxError
)


def test_the_command_succeeds_where_all_is_right(capsys):
    assert main(["--seed", "1", "--count", "10"], HONEST) == 0
    printed = capsys.readouterr().out
    assert "10 programs" in printed
    assert "same" in printed


def test_the_command_writes_a_failing_test_that_is_small(tmp_path, capsys):
    arguments = ["--seed", "2", "--count", "6", "--shrink", "1", "--write-failures", str(tmp_path)]
    assert main(arguments, NO_RESULT) == 1
    assert "emitted: result differs" in capsys.readouterr().out
    paths = list(tmp_path.glob("test_found_*.py"))
    assert paths
    for path in paths:
        text = path.read_text()
        assert "Comparison(f, SOURCEDIFF)" in text
        assert len(text.splitlines()) < 30
        compile(text, str(path), "exec")


def test_the_command_stops_at_its_budget():
    assert judge_seeds("0", range(1000), HONEST, seconds=0.0).programs <= 1


def test_the_command_takes_constructs():
    summary = judge_seeds("0", range(100), HONEST, only=frozenset({"nonlocal"}))
    assert summary.programs == summary.constructs["nonlocal"] > 0
    without = judge_seeds("0", range(40), HONEST, without=frozenset({"nonlocal", "for"}))
    assert without.constructs["nonlocal"] == without.constructs["for"] == 0


def test_the_command_refuses_unknown_constructs(capsys):
    with pytest.raises(SystemExit):
        main(["--without", "teleportation"], HONEST)
    assert "teleportation" in capsys.readouterr().err


def test_a_failure_shrinks_for_its_own_reason():
    program = next(p for p in sample() if judge(p, NO_RESULT)[-1].kind == WRONG)
    verdict = judge(program, NO_RESULT)[-1]
    small = shrunk(Failure("0", 0, program, verdict), NO_RESULT)
    assert small.verdict.reason == verdict.reason
    assert size(small.program.source) < 60
    name, text = failing_test(small)
    assert name.startswith("test_found_")
    assert small.program.source in text
