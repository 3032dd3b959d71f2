"""What gradients of functions of arrays cost, against gradients written by hand, in one run.

    python benchmarks/array_cost.py

For each function of `array_gradients.py`: the time of the primal, of the gradient by hand and of
the generated one in microseconds of processor time, their ratios, and how many times slower than
the generated gradient autograd, JAX and PyTorch are, where they are installed and can run the
function (see `array_rivals.py`). What the user calls is measured, with the tests on the types of
the arguments, and not the code behind it.

Times are of repeats that take turns, so that what slows the machine slows all alike; a ratio is the
median of the ratios of the repeats. Processor time is of all threads: set OMP_NUM_THREADS=1 where
products of matrices use several. The exit status tells whether the bar is met.
"""

from __future__ import annotations

import statistics
import sys

import numpy as np
from array_gradients import Case, cases
from array_rivals import Gradient, rivals
from loop_cost import interleaved

from sourcediff import grad

#: What is asked for: the median and the worst ratio to what is written by hand.
MEDIAN, WORST = 1.3, 1.6


def checked(case: Case) -> Gradient:
    """The generated gradient, which agrees with what is written by hand.

    Raises:
        AssertionError: it does not.
    """
    gradient: Gradient = grad(case.primal, argnums=case.argnums)
    for got, want in zip(gradient(*case.args), case.hand(*case.args), strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12, err_msg=case.primal.__name__)
    return gradient


def main() -> int:
    """Print the table; the exit status says whether the bar is met."""
    print(
        f"{'':20}{'primal':>9}{'hand':>9}{'ours':>9}   ours / hand   ours / primal   rival / ours"
    )
    to_hand = []
    for case in cases():
        others = dict(rivals(case))
        able = [f for f in others.values() if f is not None]
        rows = interleaved([case.primal, case.hand, checked(case), *able], case.args)
        primal, hand, ours, *_ = (statistics.median(column) for column in zip(*rows, strict=True))
        to_hand.append(statistics.median(row[2] / row[1] for row in rows))
        to_primal = statistics.median(row[2] / row[0] for row in rows)
        ratios = iter([statistics.median(r[3 + k] / r[2] for r in rows) for k in range(len(able))])
        beside = [
            f"{name} {'–' if f is None else f'{next(ratios):.1f}'}" for name, f in others.items()
        ]
        print(
            f"{case.primal.__name__:20}{primal:9.1f}{hand:9.1f}{ours:9.1f}"
            f"{to_hand[-1]:14.2f}{to_primal:16.2f}   {', '.join(beside)}"
        )
    median, worst = statistics.median(to_hand), max(to_hand)
    met = median <= MEDIAN and worst <= WORST
    print(
        f"ours / hand: median {median:.2f} (at most {MEDIAN}), worst {worst:.2f} (at most {WORST}):"
        f" {'met' if met else 'NOT MET'}"
    )
    return int(not met)


if __name__ == "__main__":
    sys.exit(main())
