"""The command: writes and judges many programs, and says what was in them."""

import argparse
from collections import Counter

from tests.turns.constructs import constructs
from tests.turns.judge import DEFECTS, loaded, verdicts
from tests.turns.writer import written


def main(arguments: list[str]) -> int:
    """Judge programs; the exit status says whether any was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.turns")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--show", action="store_true", help="print the programs")
    options = parser.parse_args(arguments)
    counts: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    for number in range(options.start, options.start + options.count):
        text = written(options.seed, number)
        if options.show:
            print(text)
        inside = constructs(text)
        tried.update(inside)
        found = list(verdicts(loaded(text, f"{options.seed}:{number}")))
        if "first order" in found:
            taken.update(inside)
        for verdict in found:
            counts[verdict.partition(":")[0].partition(" at")[0]] += 1
            if verdict.startswith(DEFECTS):
                print(f"program {number} of seed {options.seed}: {verdict}", flush=True)
    width = max(map(len, tried), default=0)
    print(f"{'construct':{width}}  programs  differentiated")
    for construct, count in sorted(tried.items()):
        print(f"{construct:{width}}  {count:8}  {taken[construct]:14}")
    print(", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())))
    return int(any(kind.startswith(DEFECTS) for kind in counts))
