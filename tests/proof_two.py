"""Reverse mode that keeps everything, on all programs of the corpus: ``python -m tests.proof_two``.

For each program one line: exact, refused (why) or wrong (where), to order two against differences.
Names on the command line choose programs.
"""

import sys
import time
from collections import Counter

from tests.corpus.whole.table import PROGRAMS
from tests.whole_derivatives import verdict


def main(names: list[str]) -> int:
    totals: Counter[str] = Counter()
    begin = time.monotonic()
    for program in PROGRAMS:
        name = program.function.__name__
        if not program.argnums or (names and name not in names):
            continue
        try:
            word, detail = verdict(program)
        except Exception as defect:
            word, detail = "internal error", repr(defect).splitlines()[0]
        totals[word] += 1
        if word != "exact" or names:
            print(f"{program.name}: {word} {detail}".rstrip())
    counts = ", ".join(f"{count} {word}" for word, count in totals.most_common())
    print(f"{counts} ({time.monotonic() - begin:.0f} s)")
    return 1 if totals["wrong"] or totals["internal error"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
