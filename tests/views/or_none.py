"""Random programs with arrays that may be None: what was computed in an earlier turn, if any was.

python -m tests.views --or-none --seed 1 --count 500
"""

import random

__all__ = ["with_none"]

VALUES = ("x", "w", "x * (k + 1)", "np.sin(x)")
#: What becomes of a variable that is an array.
CHANGED = ("{0} * {1}", "0.9 * {0} + {1}", "{0} + {1}", "{0}", "{0} - w")
#: What is done where it is one.
THERE = ("{0} = {0} * {1}", "{2} = {0}", "{2} = {0} + {1}", "s += np.sum({0} * {1})")


def with_none(seed: str, number: int) -> str:
    """The text of a program."""
    rng = random.Random(f"{seed}:{number}")
    lines = ["w = A[0]", "p = None", rng.choice(["q = None", "q = x * w", "q = x"]), "s = s * 0.5"]
    inner = "    "
    if rng.random() < 0.8:
        lines.append(f"for k in range({rng.choice(['n', '3'])}):")
    else:
        lines.append("if n > 0:")
        lines.append("    k = n")
    for _ in range(rng.randint(2, 6)):
        lines += [inner + line for line in _statement(rng)]
    for name in "pq":
        lines.append(f"if {name} is not None: s += np.sum({name}**2 * w)")
    lines.append("return s + np.sum(x * w)")
    body = "\n".join("    " + line for line in lines)
    return f"import numpy as np\n\n\ndef f(x, A, T, s, n):\n{body}\n"


def _statement(rng: random.Random) -> list[str]:
    name, other = rng.choice(["pq", "qp"])
    kind = rng.random()
    value = _value(rng, 1)
    if kind < 0.3:
        changed = rng.choice(CHANGED).format(name, value)
        return [f"{name} = {_value(rng)} if {name} is None else {changed}"]
    if kind < 0.5:
        again = rng.choice(["", f" * {name}"])
        return [f"if {name} is not None:", f"    s += np.sum({name} * {value}{again})"]
    if kind < 0.65:
        lines = [f"if {name} is not None:", "    " + rng.choice(THERE).format(name, value, other)]
        if rng.random() < 0.4:
            lines += ["else:", f"    {name} = {_value(rng)}"]
        return lines
    return [f"{name} = {_value(rng) if kind < 0.85 else other}"]


def _value(rng: random.Random, depth: int = 0) -> str:
    kind = rng.random()
    if kind < 0.25 or depth > 2:
        return rng.choice(VALUES)
    if kind < 0.6:
        return f"({_value(rng, depth + 1)} {rng.choice('+-*')} {_value(rng, depth + 1)})"
    if kind < 0.85:
        return f"np.tanh({_value(rng, depth + 1)})"
    return f"(0.9 * {_value(rng, depth + 1)})"
