"""The compiler against whole programs: the corpus, its kinks, and what the generator writes."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from sourcediff import DifferentiationError, grad, value_and_grad
from tests.compare import AGREED, RAISED, REFUSED, WRONG, Comparison, compare
from tests.corpus.program import Kink, Program
from tests.corpus.scalars import EXTRAS, KINKS, PROGRAMS
from tests.engine import SOURCEDIFF
from tests.generator import load, programs, seeded
from tests.generator.command import Summary, judge_seeds
from tests.outcome import close, run, same_bits

SEEDED = 300
# What the compiler may refuse in generated programs, by the first words of the message: each is
# on the page of known limitations.
ACCEPTED_REFUSALS: frozenset[str] = frozenset()


def cases(table: list[Program]) -> list:
    return [
        pytest.param(program, point, id=f"{program.name}-{number}")
        for program in table
        for number, point in enumerate(program.points)
    ]


# The corpus. -------------------------------------------------------------------------------


@pytest.mark.parametrize(("program", "point"), cases(PROGRAMS))
def test_corpus_gradient_value_and_output(program, point):
    verdict = compare(program.function, point, program.argnums, SOURCEDIFF)
    assert verdict.kind == AGREED, verdict
    # The points are away from kinks, and the reference knows every construct of the corpus.
    assert verdict.unchecked == ()


@pytest.mark.parametrize(
    ("program", "point"),
    [
        pytest.param(program, point, id=f"{program.name}-{number}")
        for program in PROGRAMS
        for number, point in enumerate(program.raising)
    ],
)
def test_corpus_exceptions(program, point):
    assert compare(program.function, point, program.argnums, SOURCEDIFF).kind == RAISED


@pytest.mark.parametrize(("program", "point"), cases(PROGRAMS))
def test_corpus_one_argument_at_a_time(program, point):
    argnums = program.argnums if isinstance(program.argnums, tuple) else (program.argnums,)
    together = grad(program.function, argnums)(*point)
    for argnum, expected in zip(argnums, together, strict=True):
        alone = grad(program.function, argnum)(*point)
        assert close(alone, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(("program", "point"), cases(EXTRAS))
def test_corpus_beyond_what_is_promised_is_right_or_refused(program, point):
    verdict = compare(program.function, point, program.argnums, SOURCEDIFF)
    assert verdict.kind in (AGREED, REFUSED), verdict


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_corpus_source_is_the_same_each_time(program):
    sources = set()
    for _ in range(2):
        derivative = value_and_grad(program.function, program.argnums)
        run(lambda: derivative(*program.points[0]))
        sources.add(derivative.source)
    assert len(sources) == 1


SOURCES = """
import contextlib, hashlib, io
from sourcediff import grad
from tests.corpus.scalars import PROGRAMS
for program in PROGRAMS:
    derivative = grad(program.function, program.argnums)
    with contextlib.redirect_stdout(io.StringIO()):
        derivative(*program.points[0])
    print(program.name, hashlib.sha1(derivative.source.encode()).hexdigest())
"""


@cache
def source_digests(hash_seed: str) -> str:
    completed = subprocess.run(
        [sys.executable, "-c", SOURCES],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert completed.returncode == 0, completed.stderr
    return completed.stdout


def test_corpus_source_does_not_depend_on_the_order_of_sets():
    first, second = source_digests("1").splitlines(), source_digests("2").splitlines()
    assert [a for a, b in zip(first, second, strict=True) if a != b] == []
    assert len(first) == len(second) == len(PROGRAMS)


# Kinks. ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kink", KINKS, ids=lambda kink: f"{kink.function.__name__}{kink.args}")
def test_kinks(kink: Kink):
    derivative = grad(kink.function, kink.argnums)
    if isinstance(kink.expected, type):
        with pytest.raises(kink.expected):
            derivative(*kink.args)
        return
    assert close(derivative(*kink.args), kink.expected, rtol=1e-14, atol=0.0), kink.why


@pytest.mark.parametrize("kink", KINKS, ids=lambda kink: f"{kink.function.__name__}{kink.args}")
def test_kinks_leave_the_value_alone(kink: Kink):
    expected = run(lambda: kink.function(*kink.args))
    actual = run(lambda: value_and_grad(kink.function, kink.argnums)(*kink.args))
    if actual.exception is None:
        assert same_bits(actual.value[0], expected.value)
    else:
        assert actual.exception.__class__ is kink.expected


# Generated programs. -----------------------------------------------------------------------


@cache
def summary() -> Summary:
    return judge_seeds("suite", range(SEEDED), SOURCEDIFF)


def test_seeded_programs_are_never_wrong():
    failures = [
        f"program {f.number} of seed {f.seed} at {f.point}: {f.verdict.reason}: "
        f"{f.verdict.detail}\n{f.program.source}"
        for f in summary().failures
    ]
    assert not failures, "\n".join(failures[:3])


def test_seeded_programs_are_refused_only_for_known_reasons():
    assert summary().refusals.keys() <= ACCEPTED_REFUSALS, summary().refusals


def test_seeded_programs_are_mostly_compared():
    runs, unchecked = summary().runs, summary().unchecked
    assert runs[AGREED] > 0.8 * runs.total()
    # Differences may say nothing at a kink; the reference has an answer almost everywhere.
    assert unchecked["differences undecided"] < 0.15 * runs.total()
    assert unchecked.total() - unchecked["differences undecided"] < 0.02 * runs.total()


# Without Hypothesis' shrinking, which takes minutes on whole programs: the command shrinks.
@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(programs())
def test_drawn_programs_are_never_wrong(program):
    comparison = Comparison(load(program), program.argnums, SOURCEDIFF)
    for point in program.points:
        verdict = comparison.at(point)
        assert verdict.kind != WRONG, f"{verdict} at {point}\n{program.source}"


def test_generated_source_is_the_same_each_time():
    for number in range(40):
        program = seeded(f"deterministic:{number}")
        sources = set()
        for _ in range(2):
            # Loaded twice: another code object, so that no cache can answer.
            derivative = grad(load(program), program.argnums)
            outcome = run(lambda: derivative(*program.args))
            if not isinstance(outcome.exception, DifferentiationError):
                sources.add(derivative.source)
        assert len(sources) <= 1
