"""Members of enumerations: in conditions, in variables, in lists and dicts, in arguments."""

import enum
from dataclasses import dataclass
from typing import Any

import pytest

from sourcediff import DifferentiationError, grad, hvp, jvp, tape, value_and_grad, vjp
from sourcediff.modes.keys import classes_in


class Mode(enum.Enum):
    IDLE = 0
    HEATING = 1
    COOLING = 2


class Kind(enum.Enum):
    CALL = "call"
    PUT = "put"

    @property
    def sign(self):
        return 1.0 if self is Kind.CALL else -1.0

    def payoff(self, spot, strike):
        return max(self.sign * (spot - strike), 0.0) * spot


class Planet(enum.Enum):
    MERCURY = (3.3, 2.4)
    EARTH = (5.9, 6.3)

    def __init__(self, mass, radius):
        self.mass = mass
        self.radius = radius

    @property
    def gravity(self):
        return self.mass / self.radius**2

    def weight(self, x, k=2.0):
        return x * self.gravity * k * x


class Name(enum.StrEnum):
    A = "a"
    B = "b"


class Switch(enum.Enum):
    OFF = 0
    ON = 1

    def __bool__(self):
        return self is Switch.ON


class Alike(enum.Enum):
    ONE = 1
    TWO = 2

    def __eq__(self, other):
        return True

    __hash__ = enum.Enum.__hash__


@dataclass
class Option:
    strike: float
    kind: Kind = Kind.CALL


WEIGHTS = {Mode.IDLE: 1.0, Mode.HEATING: 2.0, Mode.COOLING: 0.5}
NEXT = {Mode.IDLE: Mode.HEATING, Mode.HEATING: Mode.COOLING, Mode.COOLING: Mode.IDLE}


def by_branch(x):
    mode = Mode.IDLE
    if x > 1:
        mode = Mode.HEATING
    return x * x if mode is Mode.HEATING else x * 3


def perhaps_none(x):
    mode = None
    if x > 1:
        mode = Mode.COOLING
    if mode is None:
        return x * 3
    return x * x * mode.value


def thermostat(x):
    mode = Mode.IDLE
    for _ in range(7):
        if mode == Mode.IDLE:
            x *= 1.1
            if x > 1.5:
                mode = Mode.COOLING
        elif mode is not Mode.IDLE:
            x *= x * 0.5
            mode = Mode.IDLE
    return x


class Machine:
    def __init__(self, temperature):
        self.temperature = temperature
        self.mode = Mode.IDLE
        self.seen = []

    def step(self, gain):
        if self.mode is Mode.IDLE and self.temperature < 1.4:
            self.mode = Mode.HEATING
        elif self.mode is Mode.HEATING and self.temperature > 1.6:
            self.mode = Mode.IDLE
        if self.mode is Mode.HEATING:
            self.temperature += gain
        self.temperature *= 0.9 * gain
        self.seen.append(self.mode)


def machine(x):
    run = Machine(x)
    for _ in range(6):
        run.step(x)
    return run.temperature * len(run.seen)


def by_value(x):
    mode = Mode(0)
    for _ in range(4):
        x = x * (1 + mode.value)
        mode = Mode((mode.value + 1) % 3)
    return x * Mode["HEATING"].value


def by_table(x):
    mode, total = Mode.IDLE, 0.0
    for _ in range(4):
        mode = NEXT[mode]
        total += WEIGHTS[mode] * x**2
    return total


def through_all(x):
    return sum(WEIGHTS[mode] * x**mode.value for mode in Mode)


def as_keys(x):
    table = {mode: x * mode.value for mode in Mode}
    return sum(table.values()) * table[Mode.COOLING]


def in_a_list(x):
    seen = [Mode.IDLE]
    for _ in range(4):
        if seen[-1] is Mode.IDLE:
            seen.append(Mode.HEATING)
            x *= 1.2
        else:
            seen.append(Mode.IDLE)
            x *= x
    return x + len(seen)


def of_a_closure(x):
    mode = Mode.IDLE

    def turn():
        nonlocal mode
        mode = Mode.HEATING if mode is Mode.IDLE else Mode.IDLE
        return x * (mode.value + 1)

    return turn() * turn() * x + mode.value


def with_attributes(x):
    planet = Planet.EARTH if x > 1 else Planet.MERCURY
    return planet.weight(x, k=3.0) + planet.gravity * x + planet.mass * x


def best_of(x):
    best, highest = None, -1e9
    for mode in Mode:
        value = x * mode.value - mode.value**2
        if value > highest:
            best, highest = mode, value
    return highest + best.value * x


def with_a_text(x):
    name = Name.A
    if x > 1:
        name = Name.B
    return x * x if name == "b" else x * 3


def by_truth(x):
    switch = Switch.OFF
    if x > 1:
        switch = Switch.ON
    return x * x if switch else x * 3


def by_its_own_equality(x):
    one = Alike.ONE
    if x > 1:
        one = Alike.TWO
    return x * x if one == Alike.ONE else x * 3


def matched(x):
    mode = Mode.IDLE
    while True:
        match mode:
            case Mode.IDLE:
                mode = Mode.HEATING
                x *= 1.1
            case Mode.HEATING if x < 3:
                x = x * x + 0.5
            case _:
                break
    return x


def first_above(x):
    found = None
    for mode in Mode:
        if mode.value * x > 1:
            found = mode
            break
    return x * x * (1 if found is None else found.value) * len(Mode)


def by_functions(x):
    rules = {Mode.IDLE: lambda v: v * v, Mode.HEATING: lambda v: v + 1}
    mode = Mode.IDLE
    for _ in range(3):
        x = rules[mode](x)
        mode = Mode.HEATING if mode is Mode.IDLE else Mode.IDLE
    return x * rules[Mode.HEATING](x)


PROGRAMS = [
    first_above, by_functions,
    by_branch, perhaps_none, thermostat, machine, by_value, by_table, through_all, as_keys,
    in_a_list, of_a_closure, with_attributes, best_of, with_a_text, by_truth, by_its_own_equality,
    matched,
]  # fmt: skip


@pytest.mark.parametrize("x", [0.3, 1.3])
@pytest.mark.parametrize("function", PROGRAMS, ids=lambda f: f.__name__)
def test_a_member_is_known_or_a_value(function, x):
    expected = pytest.approx(tape.gradient(function, x), rel=1e-12)
    assert grad(function)(x) == expected
    value, slope = jvp(function, (x,), (1.0,))
    assert (value, slope) == (function(x), expected)
    assert vjp(function, x)[1](1.0) == (expected,)
    h = 1e-6
    second = (grad(function)(x + h) - grad(function)(x - h)) / (2 * h)
    assert grad(grad(function))(x) == pytest.approx(second, rel=1e-6, abs=1e-6)


def options(book, spot):
    total = 0.0
    for option in book:
        if option.kind is Kind.CALL:
            total += max(spot - option.strike, 0.0) * spot
        else:
            total += option.kind.payoff(spot, option.strike)
    return total


def of_one(option, spot):
    return option.kind.payoff(spot, option.strike)


def in_turn(modes, x):
    for mode in modes:
        match mode:
            case Mode.IDLE:
                x = x * 1.1
            case Mode.HEATING:
                x = x * x
            case _:
                x = x + 1
    return x


def of_a_dict(table):
    return table[Mode.IDLE] * table[Mode.HEATING] ** 2


def test_members_in_arguments():
    """A member that is part of an argument has no derivative; which it is, each call tells."""
    book = [Option(1.0), Option(2.0, Kind.PUT)]
    parts, slope = grad(options, argnums=(0, 1))(book, 1.5)
    assert [part.strike for part in parts] == [-1.5, 1.5]
    assert [part.kind for part in parts] == [None, None]
    assert slope == 2.0 + -1.0
    assert grad(options, argnums=1)(book[::-1], 1.5) == slope
    one, slope = grad(of_one, argnums=(0, 1))(Option(1.0, Kind.PUT), 0.5)
    assert (one.strike, one.kind, slope) == (0.5, None, 0.0)
    tangent = Option(1.0, None)  # type: ignore[arg-type]
    assert jvp(of_one, (Option(1.0, Kind.PUT), 0.5), (tangent, None)) == (0.25, 0.5)
    modes = [Mode.HEATING, Mode.COOLING, Mode.IDLE]
    assert value_and_grad(in_turn, argnums=1)(modes, 2.0) == pytest.approx((5.5, 4.4))
    assert grad(in_turn, argnums=1)(modes[1:], 2.0) == 1.1
    table = {Mode.IDLE: 2.0, Mode.HEATING: 3.0}
    assert grad(of_a_dict)(table) == {Mode.IDLE: 9.0, Mode.HEATING: 12.0}
    (product,) = hvp(of_a_dict, (table,), ({Mode.IDLE: 1.0, Mode.HEATING: 0.0},))
    assert product == {Mode.IDLE: 0.0, Mode.HEATING: 6.0}


class Other(enum.Enum):
    IDLE = 0


def of_two_classes(x):
    mode = Mode.IDLE if x > 1 else Other.IDLE
    return x * x if mode is Mode.IDLE else x


def test_members_of_two_classes_do_not_meet():
    with pytest.raises(DifferentiationError, match="a Mode on one path and a Other on the other"):
        grad(of_two_classes)(1.3)


def test_keys_of_results_that_cannot_be_written():
    with pytest.raises(DifferentiationError, match="a dict with the key"):
        classes_in({(Mode.IDLE, 1): 1.0}, "f")


def pairs_beside(x: float, table: Any) -> float:
    for place in range(3):
        _, factor = table[place]
        x = x * factor
    return x


def test_a_dict_of_tuples_that_does_not_vary():
    """What has no tangent within a dict was taken for one with a list as its tangent."""
    table = {0: (1, 2.0), 1: (2, 3.0), 2: (0, 0.5)}
    assert jvp(pairs_beside, (1.5, table), (1.0, None)) == (4.5, 3.0)


def test_the_text_has_the_members_as_the_user_writes_them(tmp_path):
    gradient = grad(thermostat)
    assert gradient(1.0) == pytest.approx(tape.gradient(thermostat, 1.0))
    assert "mode = Mode.COOLING" in gradient.source
    gradient.save(tmp_path / "saved.py")
    space: dict[str, Any] = {}
    exec((tmp_path / "saved.py").read_text(), space)
    assert space["grad_thermostat"](1.0) == gradient(1.0)
    assert "import Mode" in (tmp_path / "saved.py").read_text()
