"""The generator writes valid, varied and mostly exception-free programs, and finds mutants."""

import ast
import inspect
import math
import traceback
from collections import Counter
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.compare import AGREED, RAISED, REFUSED, WRONG, Verdict, compare
from tests.generator import (
    GeneratedProgram,
    SeededChoices,
    construct_names,
    generate,
    load,
    load_source,
    programs,
    seeded,
    shrink,
    shrink_source,
)
from tests.generator.command import Failure, failing_test, judge_seeds, main, shrunk
from tests.generator.shrink import size
from tests.mutants import (
    HONEST,
    differences_engine,
    is_call_of,
    is_of_kind,
    is_operation,
    mutant,
    mutated,
)
from tests.outcome import run

EXPECTED_EXCEPTIONS = (ArithmeticError, AssertionError, RuntimeError, UnboundLocalError, ValueError)


@cache
def sample() -> list[GeneratedProgram]:
    return [seeded(f"sample:{number}") for number in range(300)]


# The programs. -----------------------------------------------------------------------------


def test_a_seed_gives_one_program():
    assert [seeded(k) for k in range(20)] == [seeded(k) for k in range(20)]


def test_seeds_give_different_programs():
    assert len({program.source for program in sample()}) == 300


def test_programs_run_to_a_number_or_an_exception_that_is_meant():
    outcomes = [
        run(lambda: load(program)(*point)) for program in sample() for point in program.points
    ]
    for outcome in outcomes:
        if outcome.exception is None:
            assert type(outcome.value) in (float, int)
        else:
            assert isinstance(outcome.exception, EXPECTED_EXCEPTIONS), outcome
    raised = sum(outcome.exception is not None for outcome in outcomes)
    assert 0 < raised < 0.15 * len(outcomes)


def test_values_are_finite_and_of_moderate_size():
    for program in sample():
        if "operations that may raise" in program.constructs:
            continue
        for point in program.points:
            outcome = run(lambda: load(program)(*point))
            assert outcome.exception is not None or abs(outcome.value) < 1e3


def test_most_programs_depend_on_their_arguments():
    changed = total = 0
    for program in sample():
        function = load(program)
        for point in program.points:
            outcome = run(lambda: HONEST.grad(function, program.argnums)(*point))
            if outcome.exception is None:
                total += 1
                changed += any(outcome.value)
    assert changed > 0.7 * total > 0


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


@pytest.mark.parametrize(
    ("name", "node"),
    [
        ("lambda", ast.Lambda),
        ("match on an int", ast.Match),
        ("nonlocal", ast.Nonlocal),
        ("if", ast.If),
        ("starred unpacking", ast.Starred),
        ("conditional expression", ast.IfExp),
        ("walrus", ast.NamedExpr),
        ("raise under a condition", ast.Raise),
    ],
)
def test_constructs_are_in_the_text_that_notes_them(name, node):
    for program in sample():
        if name in program.constructs:
            assert any(isinstance(n, node) for n in ast.walk(ast.parse(program.source)))


def test_lambdas_are_counted_one_by_one():
    # What is written and thrown away would still be counted.
    for program in sample():
        tree = ast.parse(program.source)
        lambdas = sum(isinstance(node, ast.Lambda) for node in ast.walk(tree))
        assert program.constructs["lambda"] == lambdas


def test_a_construct_can_be_left_out():
    without = frozenset({"lambda", "match on an int", "match on a string", "nonlocal"})
    for number in range(150):
        tree = ast.parse(seeded(number, without).source)
        kinds = {type(node) for node in ast.walk(tree)}
        assert not kinds & {ast.Match, ast.Nonlocal}


def test_floats_are_differentiated_and_nothing_else():
    for program in sample():
        for point in program.points:
            assert len(point) >= len(program.argnums) > 0
            for argnum in program.argnums:
                assert type(point[argnum]) in (float, int)
        assert program.args == program.points[0]


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_hypothesis_draws_programs_of_the_same_kind(program):
    outcome = run(lambda: load(program)(*program.args))
    assert outcome.exception is None or isinstance(outcome.exception, EXPECTED_EXCEPTIONS)


@settings(max_examples=30, deadline=None)
@given(st.integers(-5, 5), st.integers(0, 9), st.integers(0, 10_000))
def test_choices_stay_in_their_bounds(low, width, seed):
    choices = SeededChoices(seed)
    assert low <= choices.integer(low, low + width) <= low + width
    assert choices.choose("abc") in "abc"
    assert sorted(choices.shuffled(range(5))) == list(range(5))
    assert choices.weighted([("never", 0), ("always", 3)]) == "always"
    assert (choices.chance(0.0), choices.chance(1.0)) == (False, True)


def test_chances_are_as_frequent_as_they_say():
    choices = SeededChoices(0)
    # 5 standard deviations of 10,000 draws
    assert sum(choices.chance(0.3) for _ in range(10_000)) == pytest.approx(3000, abs=230)
    drawn = Counter(choices.weighted([("a", 1), ("b", 3)]) for _ in range(10_000))
    assert drawn["b"] == pytest.approx(7500, abs=220)


# Loading. ----------------------------------------------------------------------------------


def test_loaded_functions_show_their_source():
    for program in sample()[:20]:
        function = load(program)
        definition = ast.get_source_segment(program.source, ast.parse(program.source).body[-1])
        assert inspect.getsource(function).strip() == definition


def test_a_traceback_shows_the_line():
    function = load_source("def f(x):\n    return 1 / x  # here\n")
    outcome = run(lambda: function(0))
    assert "return 1 / x  # here" in "".join(traceback.format_exception(outcome.exception))


def test_modules_do_not_share_names():
    first = load_source("k = 1.0\ndef f(x):\n    return x * k\n")
    second = load_source("k = 2.0\ndef f(x):\n    return x * k\n")
    assert (first(1.0), second(1.0)) == (1.0, 2.0)
    assert first.__globals__["__name__"] == first.__module__


# Shrinking. --------------------------------------------------------------------------------

PLANTED = """
import math

def helper(a, b=2.0):
    c = math.sin(a) * b
    if c > 0:
        c = c + 1
    return c

def f(x, y):
    u = helper(x) + helper(y, x)
    if x > y:
        v = math.atan2(u, y) + 3 * x
    else:
        v = u - y
    print('v', v)
    w = (v, u, x)
    return w[0] * w[2] + helper(u)
"""


def test_shrink_keeps_the_failure_and_little_else():
    source = shrink_source(PLANTED, lambda text: "atan2" in text)
    assert "atan2" in source
    assert size(source) <= 12


def test_shrink_keeps_what_the_failure_needs():
    def still_fails(source):
        try:
            return run(lambda: load_source(source)(2.0, 1.0)).value > 10
        except (KeyError, NameError, TypeError):
            return False

    source = "def f(x, y):\n    a = x * 7\n    b = y - 1\n    print(b)\n    return a + y * b\n"
    small = shrink_source(source, still_fails)
    assert still_fails(small)
    assert size(small) < size(source) / 1.5
    assert "print" not in small


def test_shrink_keeps_entry_and_arguments():
    program = next(p for p in sample() if "math.sin" in p.source)
    small = shrink(program, lambda source: "math.sin" in source)
    assert (small.entry, small.points, small.argnums) == (
        program.entry,
        program.points,
        program.argnums,
    )
    assert size(small.source) < size(program.source)


def test_shrink_leaves_alone_what_does_not_fail():
    assert shrink_source("a = 1  # x\n", lambda source: "# x" in source) == "a = 1  # x\n"


def test_shrink_stops_after_its_attempts():
    asked = []
    shrink_source(PLANTED, lambda source: asked.append(source) is None, attempts=5)
    assert len(asked) <= 6


# Mutants. ----------------------------------------------------------------------------------

MUTANTS = {
    **{
        operator.__name__: is_operation(operator)
        for operator in (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.Mod)
    },
    **{
        kind.__name__: is_of_kind(kind)
        for kind in (ast.UnaryOp, ast.IfExp, ast.BoolOp, ast.Subscript, ast.NamedExpr)
    },
    **{
        name: is_call_of(name)
        for name in (
            *("abs", "max", "min", "sum", "damp", "mix", "MODEL.apply", "step"),
            *("math.sin", "math.exp", "math.sqrt", "math.atan2", "math.hypot", "math.copysign"),
        )
    },
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_flipped_rule_is_found(name):
    for number in range(1500):
        program = seeded(f"mutant:{number}")
        engine = mutant(program.source, MUTANTS[name])
        if engine is None:
            continue
        verdict = compare(load(program), program.args, program.argnums, engine)
        if verdict.reason == "gradient differs from differences":
            return
    pytest.fail("no program finds it")


def test_an_honest_derivative_is_not_found_wrong():
    kinds = Counter(
        compare(load(program), point, program.argnums, HONEST).kind
        for program in sample()
        for point in program.points
    )
    assert kinds.keys() <= {AGREED, RAISED, REFUSED}
    assert kinds[AGREED] > 0.85 * kinds.total()


def test_a_dropped_branch_is_found():
    source = "def f(x, y):\n    if x > y:\n        return x * y + y\n    return x - y * y\n"
    dropped = load_source(source.replace("x * y + y", "x * y + 1.5"))
    engine = differences_engine(lambda function, args: dropped)
    function = load_source(source)
    found = [compare(function, point, (0, 1), engine).kind for point in [(2.0, 1.5), (1.0, 2.0)]]
    assert found == [WRONG, AGREED]


def test_mutated_programs_have_the_value_of_the_program():
    program = next(p for p in sample() if "multiplication" in p.constructs)
    text = mutated(program.source, is_operation(ast.Mult))
    wrapped = load_source(text, names={"_mirror": lambda value: value})
    assert run(lambda: wrapped(*program.args)) == run(lambda: load(program)(*program.args))


# The command. ------------------------------------------------------------------------------

FLIPPED_SINE = differences_engine(
    lambda function, args: lambda *moved: 2 * function(*args) - function(*moved)
)


def test_the_command_succeeds_where_all_is_right(capsys):
    assert main(["--seed", "1", "--count", "10"], HONEST) == 0
    printed = capsys.readouterr().out
    assert "10 programs" in printed
    assert "agreed" in printed


def test_the_command_writes_a_failing_test_that_is_small(tmp_path, capsys):
    arguments = ["--seed", "2", "--count", "6", "--write-failures", str(tmp_path)]
    assert main(arguments, FLIPPED_SINE) == 1
    assert "gradient differs from differences" in capsys.readouterr().out
    (path,) = tmp_path.glob("test_found_*.py")
    text = path.read_text()
    assert "def test_" in text
    assert "SOURCEDIFF" in text
    assert len(text.splitlines()) < 30
    compile(text, str(path), "exec")


def test_the_command_stops_at_its_budget():
    assert judge_seeds("0", range(1000), HONEST, seconds=0.0).programs <= 1


def test_the_command_refuses_unknown_constructs(capsys):
    with pytest.raises(SystemExit):
        main(["--without", "teleportation"], HONEST)
    assert "teleportation" in capsys.readouterr().err


def test_a_failure_shrinks_for_its_own_reason():
    source = "import math\ndef f(x):\n    y = math.sin(x)\n    z = y * 3\n    return z + y\n"
    program = GeneratedProgram(source, "f", ((0.5,),), (0,))
    verdict = compare(load(program), (0.5,), (0,), FLIPPED_SINE)
    small = shrunk(Failure("0", 0, program, (0.5,), verdict), FLIPPED_SINE)
    assert small.verdict.reason == verdict.reason
    assert size(small.program.source) < size(source)
    name, text = failing_test(small)
    assert name.startswith("test_found_")
    assert small.program.source in text


def test_generate_takes_any_source_of_choices():
    assert isinstance(generate(SeededChoices("any text")), GeneratedProgram)
    assert isinstance(compare(math.sin, (0.5,), 0, HONEST), Verdict)
