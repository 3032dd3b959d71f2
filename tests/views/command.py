"""The command: writes and judges many programs, and says what was in them."""

import argparse
from collections import Counter
from itertools import count

from tests.views.compositions import composed
from tests.views.constructs import constructs
from tests.views.judge import judged
from tests.views.or_none import with_none
from tests.views.shrink import shrunk
from tests.views.writer import written

ROADS = ("clean", "general", "refused")
#: How many smaller programs are tried.
TRIALS = 1500


def smaller(text: str, kind: str) -> str:
    """The smallest program that is found to show a defect of a kind."""
    trials = count()

    def shows(candidate: str) -> bool:
        number = next(trials)
        if number >= TRIALS:
            return False
        orders = 2 if "order two" in kind else 1
        try:
            return any(v.kind == kind for v in judged(candidate, f"smaller {number}", orders))
        except Exception:
            return False  # it is no program any more

    return shrunk(text, shows)


def main(arguments: list[str]) -> int:
    """Judge programs; the exit status says whether any was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.views")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--orders", type=int, default=2)
    parser.add_argument("--compositions", action="store_true", help="of expressions of NumPy")
    parser.add_argument("--or-none", action="store_true", help="of arrays that may be None")
    parser.add_argument("--shrink", action="store_true", help="make what is wrong smaller")
    parser.add_argument("--show", action="store_true", help="print the programs")
    options = parser.parse_args(arguments)
    counts: Counter[str] = Counter()
    why: Counter[str] = Counter()
    tried: dict[str, Counter[str]] = {}
    defects = 0
    write = composed if options.compositions else with_none if options.or_none else written
    for number in range(options.start, options.start + options.count):
        text = write(options.seed, number)
        if options.show:
            print(text)
        found = judged(text, f"{options.seed}:{number}", options.orders)
        kinds = {verdict.kind for verdict in found}
        road = next((v.road for v in found if v.road), "refused" if "refused" in kinds else "other")
        for construct in constructs(text):
            tried.setdefault(construct, Counter())[road] += 1
        counts.update(kinds)
        why.update({f"{v.kind}: {v.detail}" for v in found if v.kind.startswith("refused")})
        for verdict in found:
            if verdict.is_defect:
                defects += 1
                again = "--compositions " * options.compositions + "--or-none " * options.or_none
                again += f"--seed {options.seed} --start {number} --count 1"
                print(f"program {number}: {verdict}\n{again}\n{text}", flush=True)
                if options.shrink:
                    print(f"smaller:\n{smaller(text, verdict.kind)}\n", flush=True)
    width = max(map(len, tried), default=0)
    print(f"{'construct':{width}}  programs  {'  '.join(ROADS)}")
    for construct, roads in sorted(tried.items()):
        columns = "  ".join(f"{roads[road]:{len(road)}}" for road in ROADS)
        print(f"{construct:{width}}  {sum(roads.values()):8}  {columns}")
    for reason, times in why.most_common():
        print(f"{times:5}  {reason}")
    print(", ".join(f"{times} {kind}" for kind, times in sorted(counts.items())))
    return int(defects > 0)
