"""Texts that steer numbers: state machines, small languages, run lengths."""

import math

from tests.corpus.loops.registry import program


@program([(0.5, "+*+-"), (1.5, "**"), (0.3, "")], argnums=0)
def one_letter_commands(x, commands):
    y = x
    for c in commands:
        if c == "+":
            y += x
        elif c == "*":
            y *= 1 + x
        elif c == "-":
            y -= 0.5 * x * x
        else:
            raise ValueError(f"unknown command {c!r}")
    return y


@program([(0.5, 1.2, "FLFRF"), (0.3, 0.1, "FF")], argnums=(0, 1))
def turtle(step, angle, path):
    x = y = heading = 0.0
    for letter in path:
        if letter == "F":
            x += step * math.cos(heading)
            y += step * math.sin(heading)
        elif letter == "L":
            heading += angle
        elif letter == "R":
            heading -= angle
    return x * x + y


@program([(0.8, "aabbbc"), (1.2, "z")], argnums=0)
def run_lengths(x, text):
    """Runs of one letter are counted, and each run weighs a power."""
    total, count = 0.0, 1
    for i in range(1, len(text) + 1):
        if i < len(text) and text[i] == text[i - 1]:
            count += 1
            continue
        total += x**count
        count = 1
    return total


@program([(0.8, [1, 1, 2, 2, 2, 5]), (1.2, [4])], argnums=0)
def run_lengths_of_numbers(x, codes):
    total, count, last = 0.0, 0, None
    for code in codes:
        if code == last:
            count += 1
        else:
            total += x**count if last is not None else 0
            last, count = code, 1
    return total + x**count


@program([(0.7, 0.2, "idle"), (1.4, 0.6, "up")], argnums=(0, 1))
def state_machine(x, y, state):
    turns = 0
    while state != "done":
        if state == "idle":
            x += y
            state = "up" if turns < 3 else "done"
        elif state == "up":
            x *= 1 + 0.1 * y
            state = "down"
        else:
            x -= y * y
            state = "idle"
        turns += 1
    return x


@program([(0.7, 1.3, "x y + x *"), (2.0, 0.5, "x x *")], argnums=(0, 1))
def reverse_polish(x, y, code):
    stack = []
    for token in code.split():
        if token == "x":
            stack.append(x)
        elif token == "y":
            stack.append(y)
        else:
            b = stack.pop()
            a = stack.pop()
            stack.append(a + b if token == "+" else a * b)
    return stack.pop()


@program([(0.7, "1101"), (2.0, "0")], argnums=0)
def bits_in_text(x, bits):
    value = 0.0
    for bit in bits:
        value = value * x + int(bit)
    return value


@program([(1.5, "sin"), (0.4, "square"), (0.4, "none")], argnums=0)
def by_name(x, kind):
    if kind == "sin":
        return math.sin(x)
    if kind in ("square", "squared"):
        return x * x
    return x


@program([(1.5, ["sin", "exp", "sin"]), (0.4, [])], argnums=0)
def pipeline_of_names(x, names):
    functions = {"sin": math.sin, "exp": lambda v: math.exp(-v), "cos": math.cos}
    for name in names:
        x = functions[name](x) + 0.1 * x
    return x


@program([(1.1, 0.4, "((x))"), (1.1, 0.4, "")], argnums=(0, 1))
def depth_of_brackets(x, decay, text):
    depth, total = 0, 0.0
    for c in text:
        if c == "(":
            depth += 1
        elif c == ")":
            depth -= 1
        else:
            total += x * decay**depth
    return total + x


@program([(0.9, 0.1), (0.2, 0.6)], argnums=(0, 1))
def match_on_words(x, y):
    total = x
    for command, times in (("add", 2), ("scale", 1), ("stop", 0), ("add", 5)):
        match command:
            case "add":
                total += times * y
            case "scale":
                total *= 1 + y
            case "stop":
                break
    return total


@program([(0.6, "a=2;b=3"), (0.6, "b=1")], argnums=0)
def settings_in_text(x, text):
    """Numbers in a text are constants; they scale what is differentiated."""
    total = 0.0
    for part in text.split(";"):
        name, _, number = part.partition("=")
        total += float(number) * (x if name == "a" else x * x)
    return total
