"""The fuzzer: generates programs, compares each at its points, shrinks what is wrong.

    python -m tests.generator --seed 1 --count 1000 --write-failures tests/found

Program number k of a seed is the same whatever the count, so ``--start`` continues a run and
repeats a single program.  The exit status is 1 if any comparison was wrong.
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from pathlib import Path
from typing import Any

from tests.compare import REFUSED, WRONG, Comparison, Engine, Verdict, compare
from tests.generator import GeneratedProgram, construct_names, load, load_source, seeded, shrink

SECONDS_BETWEEN_REPORTS = 10.0
SHRINK_ATTEMPTS = 1500

FAILURE = '''"""Found by program {number} of seed {seed}: {reason}.

{detail}
"""

from tests.compare import WRONG, compare
from tests.engine import SOURCEDIFF
{source}

def test_{digest}():
    verdict = compare({entry}, {point!r}, {argnums!r}, SOURCEDIFF)
    assert verdict.kind != WRONG, verdict
'''


@dataclass
class Failure:
    """A wrong comparison: which program, at which point, and why."""

    seed: str
    number: int
    program: GeneratedProgram
    point: tuple[Any, ...]
    verdict: Verdict


@dataclass
class Summary:
    """What a run has counted; a run is one program at one point."""

    programs: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    unchecked: Counter[str] = field(default_factory=Counter)
    constructs: Counter[str] = field(default_factory=Counter)
    refused_constructs: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    def line(self) -> str:
        runs = ", ".join(f"{count} {kind}" for kind, count in sorted(self.runs.items()))
        return f"{self.programs} programs: {runs}"

    def report(self) -> str:
        lines = [self.line()]
        lines += [f"  refused {n:6}  {kind}" for kind, n in self.refusals.most_common()]
        lines += [f"  unchecked {n:4}  {kind}" for kind, n in self.unchecked.most_common()]
        lines.append("programs with each construct, and how many of them were refused:")
        for name in sorted(construct_names(), key=lambda name: (-self.constructs[name], name)):
            lines.append(f"  {self.constructs[name]:7} {self.refused_constructs[name]:6}  {name}")
        return "\n".join(lines)


def judge(program: GeneratedProgram, engine: Engine) -> list[tuple[tuple[Any, ...], Verdict]]:
    """Compares a program at its points, up to the first that is refused or wrong."""
    comparison = Comparison(load(program), program.argnums, engine)
    verdicts = []
    for point in program.points:
        verdict = comparison.at(point)
        verdicts.append((point, verdict))
        if verdict.kind in (REFUSED, WRONG):
            break
    return verdicts


def judge_seeds(
    seed: str,
    numbers: range,
    engine: Engine,
    *,
    seconds: float = float("inf"),
    without: frozenset[str] = frozenset(),
    progress: bool = False,
) -> Summary:
    """Judges the programs of these numbers, until the time is up."""
    summary = Summary()
    begin = reported = time.monotonic()
    for number in numbers:
        now = time.monotonic()
        if now - begin > seconds:
            break
        if progress and now - reported > SECONDS_BETWEEN_REPORTS:
            print(f"[{now - begin:.0f} s] {summary.line()}", flush=True)
            reported = now
        program = seeded(f"{seed}:{number}", without)
        summary.programs += 1
        summary.constructs.update(program.constructs.keys())
        for point, verdict in judge(program, engine):
            summary.runs[verdict.kind] += 1
            summary.unchecked.update(verdict.unchecked)
            if verdict.kind == REFUSED:
                summary.refusals[verdict.reason] += 1
                summary.refused_constructs.update(program.constructs.keys())
            elif verdict.kind == WRONG:
                summary.failures.append(Failure(seed, number, program, point, verdict))
    return summary


def shrunk(failure: Failure, engine: Engine, attempts: int = SHRINK_ATTEMPTS) -> Failure:
    """Returns the failure with a program as small as possible that is wrong for the same reason."""
    program = failure.program

    def verdict_of(source: str) -> Verdict | None:
        try:
            function = load_source(source, program.entry)
        except Exception:
            return None
        return compare(function, failure.point, program.argnums, engine)

    def still_fails(source: str) -> bool:
        verdict = verdict_of(source)
        return verdict is not None and (verdict.kind, verdict.reason) == (
            WRONG,
            failure.verdict.reason,
        )

    small = shrink(program, still_fails, attempts)
    verdict = verdict_of(small.source) or failure.verdict
    return Failure(failure.seed, failure.number, small, failure.point, verdict)


def failing_test(failure: Failure) -> tuple[str, str]:
    """Returns the name and the text of a test file that holds the failure."""
    program = failure.program
    digest = sha1(program.source.encode()).hexdigest()[:8]
    text = FAILURE.format(
        number=failure.number,
        seed=failure.seed,
        reason=failure.verdict.reason,
        detail=failure.verdict.detail.replace("\\", "\\\\"),
        source=f"\n{program.source}",
        digest=digest,
        entry=program.entry,
        point=failure.point,
        argnums=program.argnums,
    )
    return f"test_found_{digest}.py", text


def main(arguments: Sequence[str], engine: Engine) -> int:
    """Runs the fuzzer; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.generator",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", default="0", help="any text")
    parser.add_argument("--count", type=int, default=1000, help="number of programs")
    parser.add_argument("--start", type=int, default=0, help="number of the first program")
    parser.add_argument("--budget", type=float, default=float("inf"), metavar="SECONDS")
    parser.add_argument("--without", action="append", default=[], metavar="CONSTRUCT",
                        help="a construct to leave out, may be repeated")  # fmt: skip
    parser.add_argument("--write-failures", type=Path, metavar="DIR",
                        help="write a test for each kind of failure")  # fmt: skip
    options = parser.parse_args(arguments)
    unknown = set(options.without) - construct_names()
    if unknown:
        parser.error(f"no such construct: {', '.join(sorted(unknown))}")

    summary = judge_seeds(
        options.seed,
        range(options.start, options.start + options.count),
        engine,
        seconds=options.budget,
        without=frozenset(options.without),
        progress=True,
    )
    # One of each kind: a defect shows itself in many programs.
    kinds = {failure.verdict.reason: failure for failure in reversed(summary.failures)}
    for failure in kinds.values():
        small = shrunk(failure, engine)
        print(f"\nprogram {small.number} of seed {small.seed}, at {small.point!r}:")
        print(f"{small.verdict.reason}: {small.verdict.detail}\n{small.program.source}", flush=True)
        if options.write_failures:
            options.write_failures.mkdir(parents=True, exist_ok=True)
            name, text = failing_test(small)
            (options.write_failures / name).write_text(text, encoding="utf-8")
            print(f"written: {options.write_failures / name}")
    print(summary.report())
    return 1 if summary.failures else 0
