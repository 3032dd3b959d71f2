"""The fuzzer: generates programs, runs each in three ways, shrinks what differs.

    python -m tests.language --seed 1 --count 1000 --write-failures tests/found

Program number k of a seed is the same whatever the count, so ``--start`` continues a run and
repeats a single program.  The exit status is 1 if any run was wrong or broke the compiler.
"""

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha1
from pathlib import Path

from tests.generator.shrink import shrink_source
from tests.language import LanguageProgram, construct_names, load, seeded
from tests.language.compare import INTERNAL, REFUSED, WRONG, Comparison, Engine, Verdict
from tests.outcome import run

SECONDS_BETWEEN_REPORTS = 10.0
SHRINK_ATTEMPTS = 2500
# A form that does not end takes this long at every attempt to shrink it.
SHRINK_SECONDS = 2.0
SHRUNK_OF_A_KIND = 2
FAILED = (WRONG, INTERNAL)

FAILURE = '''"""Found by program {number} of seed {seed}: {reason}.

{detail}
"""

from tests.language.compare import SAME, Comparison
from tests.language.engine import SOURCEDIFF
{source}

def test_{digest}():
    comparison = Comparison(f, SOURCEDIFF)
    for make in ({makers},):
        verdict = comparison.at(make)
        assert verdict.kind == SAME, verdict
'''


@dataclass
class Failure:
    """A program that behaves differently, and how."""

    seed: str
    number: int
    program: LanguageProgram
    verdict: Verdict


@dataclass
class Summary:
    """What a run has counted; a run is one program with one tuple of arguments."""

    programs: int = 0
    refused: int = 0
    seconds: float = 0.0
    runs: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    constructs: Counter[str] = field(default_factory=Counter)
    refused_constructs: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)

    def line(self) -> str:
        runs = ", ".join(f"{count} {kind}" for kind, count in sorted(self.runs.items()))
        share = f"{self.refused / max(self.programs, 1):.1%} refused"
        return f"{self.programs} programs ({share}), runs: {runs}"

    def report(self) -> str:
        lines = ["programs with each construct, and how many of them were refused:"]
        for name in sorted(construct_names(), key=lambda name: (-self.constructs[name], name)):
            lines.append(f"  {self.constructs[name]:7} {self.refused_constructs[name]:6}  {name}")
        lines.append("programs refused by each rule:")
        lines += [f"  {n:7} {n / self.programs:6.1%}  {k}" for k, n in self.refusals.most_common()]
        reasons = Counter(f.verdict.reason for f in self.failures)
        lines.append("programs that failed:")
        lines += [f"  {n:7}  {reason}" for reason, n in reasons.most_common()]
        return "\n".join([*lines, self.line()])


def judge(program: LanguageProgram, engine: Engine, seconds: float | None = None) -> list[Verdict]:
    """Compares a program for its arguments, up to those that fail."""
    module = load(program)
    comparison = Comparison(module.entry, engine)
    if seconds is not None:
        comparison.seconds = seconds
    verdicts = []
    for make in module.makers:
        verdicts.append(comparison.at(make))
        if verdicts[-1].kind in FAILED:
            break
    return verdicts


def judge_seeds(
    seed: str,
    numbers: range,
    engine: Engine,
    *,
    seconds: float = float("inf"),
    without: frozenset[str] = frozenset(),
    only: frozenset[str] = frozenset(),
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
        if only and not only & program.constructs.keys():
            continue
        summary.programs += 1
        summary.constructs.update(program.constructs.keys())
        verdicts = judge(program, engine)
        summary.runs.update(verdict.kind for verdict in verdicts)
        # A program counts once for each rule that refuses it.
        rules = {verdict.reason for verdict in verdicts if verdict.kind == REFUSED}
        summary.refusals.update(rules)
        if rules:
            summary.refused += 1
            summary.refused_constructs.update(program.constructs.keys())
        if verdicts[-1].kind in FAILED:
            summary.failures.append(Failure(seed, number, program, verdicts[-1]))
            if progress:
                print(f"program {number} of seed {seed}: {verdicts[-1].reason}", flush=True)
    return summary


def shrunk(failure: Failure, engine: Engine, attempts: int = SHRINK_ATTEMPTS) -> Failure:
    """Returns the failure with a program as small as possible that fails for the same reason."""
    program = failure.program

    def verdict_of(candidate: LanguageProgram) -> Verdict | None:
        try:
            verdict = judge(candidate, engine, SHRINK_SECONDS)[-1]
        except Exception:
            return None
        is_same = (verdict.kind, verdict.reason) == (failure.verdict.kind, failure.verdict.reason)
        return verdict if is_same else None

    for maker in program.makers:
        # Most failures need no other arguments than their own.
        single = replace(program, makers=(maker,))
        if verdict_of(single) is not None:
            program = single
            break
    source = shrink_source(
        program.source,
        lambda text: verdict_of(replace(program, source=text)) is not None,
        attempts,
    )
    small = replace(program, source=source)
    verdict = verdict_of(small) or failure.verdict
    return Failure(failure.seed, failure.number, small, verdict)


def failing_test(failure: Failure) -> tuple[str, str]:
    """Returns the name and the text of a test file that holds the failure."""
    program = failure.program
    digest = sha1(program.source.encode()).hexdigest()[:8]
    text = FAILURE.format(
        number=failure.number,
        seed=failure.seed,
        reason=failure.verdict.reason,
        detail=failure.verdict.detail.replace("\\", "\\\\").replace('"""', "'''"),
        source=f"\n{program.source}",
        digest=digest,
        makers=", ".join(program.makers),
    )
    return f"test_found_{digest}.py", text


def main(arguments: Sequence[str], engine: Engine) -> int:
    """Runs the fuzzer; returns the exit status."""
    options = _options(arguments)
    summary = judge_seeds(
        options.seed,
        range(options.start, options.start + options.count),
        engine,
        seconds=options.budget,
        without=options.without,
        only=options.only,
        progress=True,
    )
    print(summary.report(), flush=True)
    # A defect shows itself in many programs: the shortest of each kind are shrunk.
    kinds: dict[str, list[Failure]] = {}
    for failure in sorted(summary.failures, key=lambda failure: len(failure.program.source)):
        kinds.setdefault(failure.verdict.reason, []).append(failure)
    for failures in kinds.values():
        for failure in failures[: options.shrink]:
            _show(shrunk(failure, engine), engine, options.write_failures)
    return 1 if summary.failures else 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.language",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", default="0", help="any text")
    parser.add_argument("--count", type=int, default=1000, help="number of programs")
    parser.add_argument("--start", type=int, default=0, help="number of the first program")
    parser.add_argument("--budget", type=float, default=float("inf"), metavar="SECONDS")
    parser.add_argument("--without", type=_constructs, default=frozenset(), metavar="CONSTRUCTS",
                        help="constructs to leave out, with commas between them")  # fmt: skip
    parser.add_argument("--only", type=_constructs, default=frozenset(), metavar="CONSTRUCTS",
                        help="programs with at least one of these constructs")  # fmt: skip
    parser.add_argument("--shrink", type=int, default=SHRUNK_OF_A_KIND, metavar="N",
                        help="failures of each kind to shrink")  # fmt: skip
    parser.add_argument("--write-failures", type=Path, metavar="DIR",
                        help="write a test for each failure that was shrunk")  # fmt: skip
    return parser.parse_args(arguments)


def _constructs(text: str) -> frozenset[str]:
    names = frozenset(text.split(","))
    unknown = names - construct_names()
    if unknown:
        raise argparse.ArgumentTypeError(f"no such construct: {', '.join(sorted(unknown))}")
    return names


def _show(failure: Failure, engine: Engine, folder: Path | None) -> None:
    module = load(failure.program)
    compiled = run(lambda: engine.source(module.entry, module.makers[0]()))
    print(f"\nprogram {failure.number} of seed {failure.seed}:")
    print(
        f"{failure.verdict.reason}: {failure.verdict.detail}\n{failure.program.source}", flush=True
    )
    if compiled.value:
        print(f"compiled to:\n\n{compiled.value}", flush=True)
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    name, text = failing_test(failure)
    (folder / name).write_text(text, encoding="utf-8")
    print(f"written: {folder / name}")
