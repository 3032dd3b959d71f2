"""What calling a derivative costs, against a gradient written by hand, in one run.

    python benchmarks/call_cost.py

For each function the time of the primal, of the gradient an expert would write, of the
generated gradient called directly (the body) and as users call it (the entry, which checks the
types), and of the reference tape. The ratio that matters is body / hand; what the entry adds is
a matter of nanoseconds. Each figure is the best of several repeats.
"""

from __future__ import annotations

import inspect
import math
import statistics
import timeit
from collections.abc import Callable
from typing import Any

from sourcediff import grad, tape


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def hand_sigmoid(x):
    e = math.exp(-x)
    y = 1 / (1 + e)
    return y * (y * e)


def rebind(x, y):
    x = x * y
    x = math.sin(x) + x
    return x * y


def hand_rebind(x, y):
    x_1 = x * y
    x_2 = math.sin(x_1) + x_1
    x_1_bar = y * math.cos(x_1) + y
    return x_1_bar * y, x_2 + x_1_bar * x


def huber(x, delta):
    if abs(x) <= delta:
        return 0.5 * x * x
    return delta * (abs(x) - 0.5 * delta)


def hand_huber(x, delta):
    if abs(x) <= delta:
        return x, 0.0
    return math.copysign(1.0, x) * delta, abs(x) - delta


def normal_cdf(x):
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


def call_price(spot, strike, maturity, rate, volatility):
    root = math.sqrt(maturity)
    d1 = (math.log(spot / strike) + (rate + volatility**2 / 2) * maturity) / (volatility * root)
    d2 = d1 - volatility * root
    return spot * normal_cdf(d1) - strike * math.exp(-rate * maturity) * normal_cdf(d2)


def hand_call_price(spot, strike, maturity, rate, volatility):
    # The Greeks in closed form: delta, dual delta, theta (as a derivative in maturity), rho, vega.
    root = math.sqrt(maturity)
    deviation = volatility * root
    d1 = (math.log(spot / strike) + (rate + volatility**2 / 2) * maturity) / deviation
    d2 = d1 - deviation
    discount = math.exp(-rate * maturity)
    n1, n2 = normal_cdf(d1), normal_cdf(d2)
    density = math.exp(-0.5 * d1 * d1) / math.sqrt(2 * math.pi)
    vega = spot * density * root
    theta = spot * density * volatility / (2 * root) + rate * strike * discount * n2
    return n1, -discount * n2, theta, strike * maturity * discount * n2, vega


CASES: list[tuple[Callable[..., Any], Callable[..., Any], tuple[float, ...], Any]] = [
    (sigmoid, hand_sigmoid, (0.7,), 0),
    (rebind, hand_rebind, (0.7, 1.3), (0, 1)),
    (huber, hand_huber, (-2.5, 1.2), (0, 1)),
    (call_price, hand_call_price, (100.0, 95.0, 0.5, 0.02, 0.3), (0, 1, 2, 3, 4)),
]


def nanoseconds(f: Callable[..., Any], args: tuple[float, ...]) -> float:
    """The best time of one call."""
    names = ", ".join(f"a{k}" for k in range(len(args)))
    values = {f"a{k}": value for k, value in enumerate(args)}
    timer = timeit.Timer(f"f({names})", globals={"f": f, **values})
    number, _ = timer.autorange()
    number = max(1, number // 4)
    return 1e9 * min(timer.repeat(7, number)) / number


def main() -> None:
    """Print the table."""
    print(f"{'':12}{'primal':>9}{'hand':>9}{'body':>9}{'entry':>9}{'tape':>10}   body / hand")
    ratios = []
    for primal, hand, args, argnums in CASES:
        derivative = grad(primal, argnums)
        got, want = derivative(*args), hand(*args)
        pairs = zip(got, want, strict=True) if isinstance(got, tuple) else [(got, want)]
        assert all(math.isclose(a, b, rel_tol=1e-12) for a, b in pairs), (primal, got, want)
        body = inspect.unwrap(derivative)

        def by_tape(*args: float, f: Any = primal, wrt: Any = argnums) -> Any:
            return tape.gradient(f, *args, argnums=wrt)

        times = [nanoseconds(f, args) for f in (primal, hand, body, derivative, by_tape)]
        ratios.append(times[2] / times[1])
        row = "".join(f"{t:9.0f}" for t in times[:4]) + f"{times[4]:10.0f}"
        print(f"{primal.__name__:12}{row}   {ratios[-1]:.2f}")
    print(f"median {statistics.median(ratios):.2f}, worst {max(ratios):.2f} (nanoseconds above)")


if __name__ == "__main__":
    main()
