# ruff: noqa: B905
"""Simulations with state in objects: accounts, stores, controllers, bodies, satellites."""

import math
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import NamedTuple

from tests.corpus.objects.registry import program


class Account:
    fee = 0.5

    def __init__(self, balance, rate):
        self.balance = balance
        self.rate = rate
        self.history = []

    def deposit(self, amount):
        self.balance += amount
        self.history.append(amount)

    def withdraw(self, amount):
        if amount > self.balance:
            self.balance -= self.fee
            return False
        self.balance -= amount
        self.history.append(-amount)
        return True

    def year(self):
        self.balance *= 1 + self.rate


class Savings(Account):
    fee = 2.0

    def __init__(self, balance, rate, bonus):
        super().__init__(balance, rate)
        self.bonus = bonus

    def year(self):
        super().year()
        self.balance += self.bonus * self.rate


@program([(100.0, 0.03, [50.0, -30.0, -500.0, 20.0]), (10.0, 0.1, [])], argnums=(0, 1, 2))
def bank(start, rate, moves):
    account = Account(start, rate)
    for move in moves:
        if move >= 0:
            account.deposit(move)
        else:
            account.withdraw(-move)
        account.year()
    return account.balance + 0.1 * sum(account.history)


@program([(100.0, 0.03, 7.0, 3)], argnums=(0, 1, 2))
def savings(start, rate, bonus, years):
    """A method that is overridden, and asks the one above."""
    one, other = Savings(start, rate, bonus), Account(start / 2, rate)
    for _ in range(years):
        for account in (one, other):
            account.year()
        if one.withdraw(5.0):
            other.deposit(5.0)
    return one.balance * other.balance


@program([(Account(100.0, 0.03), Account(20.0, 0.05), 30.0)], argnums=(0, 1, 2))
def transfer(one, other, amount):
    """Accounts that are handed in and changed."""
    if one.withdraw(amount):
        other.deposit(amount * 0.99)
    one.year()
    other.year()
    return one.balance * other.balance


@dataclass
class Item:
    stock: float
    price: float
    sold: float = 0.0


class Inventory:
    def __init__(self, items):
        self.items = items
        self.cash = 0.0

    def sell(self, name, amount):
        item = self.items[name]
        amount = min(amount, item.stock)
        item.stock -= amount
        item.sold += amount
        self.cash += amount * item.price

    def restock(self, name, amount, cost):
        self.items[name].stock += amount
        self.cash -= amount * cost


@program([(10.0, 2.0, 5.0, 3.0)], argnums=(0, 1, 2, 3))
def inventory(apples, price, pears, other):
    store = Inventory({"apple": Item(apples, price), "pear": Item(pears, other)})
    store.sell("apple", 4.0)
    store.sell("pear", 9.0)
    store.restock("pear", 3.0, 0.5 * other)
    store.sell("pear", 1.5)
    return store.cash + sum(i.stock * i.price for i in store.items.values())


@program([({"apple": Item(10.0, 2.0), "pear": Item(5.0, 3.0)}, [("apple", 4.0), ("pear", 9.0)])])
def orders(items, wanted):
    """A dict of objects, by names that the data has."""
    cash = 0.0
    for name, amount in wanted:
        item = items[name]
        amount = min(amount, item.stock)
        item.stock -= amount
        cash += amount * item.price
    return cash + sum(i.stock for i in items.values()) ** 2


class PID:
    def __init__(self, kp, ki, kd):
        self.kp, self.ki, self.kd = kp, ki, kd
        self.total = 0.0
        self.last = None

    def update(self, error, dt):
        self.total += error * dt
        slope = 0.0 if self.last is None else (error - self.last) / dt
        self.last = error
        return self.kp * error + self.ki * self.total + self.kd * slope


@program([(2.0, 0.5, 0.1, 1.0, 10), (1.0, 0.2, 0.0, 0.5, 0)], argnums=(0, 1, 2, 3))
def controlled(kp, ki, kd, target, steps):
    """A controller that remembers the last error, and is None before the first one."""
    pid = PID(kp, ki, kd)
    x = v = cost = 0.0
    for _ in range(steps):
        push = max(-5.0, min(5.0, pid.update(target - x, 0.1)))
        v += 0.1 * (push - 0.3 * v)
        x += 0.1 * v
        cost += (target - x) ** 2
    return cost + x


@dataclass
class Body:
    x: float
    y: float
    vx: float = 0.0
    vy: float = 0.0
    mass: float = 1.0


def attract(one, other, dt):
    dx, dy = other.x - one.x, other.y - one.y
    strength = dt / (dx * dx + dy * dy + 0.1) ** 1.5
    one.vx += other.mass * strength * dx
    one.vy += other.mass * strength * dy


@program([([Body(0.0, 0.0, mass=2.0), Body(1.0, 0.0, 0.0, 1.2), Body(0.0, 2.0, 0.8)], 0.05, 4)])
def bodies(stars, dt, steps):
    """A list of objects; each pulls each."""
    for _ in range(steps):
        for one in stars:
            for other in stars:
                if one is not other:
                    attract(one, other, dt)
        for star in stars:
            star.x += dt * star.vx
            star.y += dt * star.vy
    return stars[1].x * stars[2].y + stars[0].x


@program([([1.0, 0.0, 2.0], [0.0, 1.2, -0.4], 0.05, 5)], argnums=(0, 1))
def bodies_made(xs, ys, dt, steps):
    """Objects that are made of numbers and kept in a list."""
    stars = [Body(x, y, -0.1 * y, 0.1 * x) for x, y in zip(xs, ys)]
    for _ in range(steps):
        for i, one in enumerate(stars):
            for other in stars[i + 1 :]:
                attract(one, other, dt)
                attract(other, one, dt)
        for star in stars:
            star.x += dt * star.vx
            star.y += dt * star.vy
    return sum(s.x * s.y for s in stars)


class Satellite:
    def __init__(self, mean_motion, eccentricity, inclination):
        self.no = mean_motion
        self.ecco = eccentricity
        self.inclo = inclination
        self.error = 0


def initialise(sat):
    sat.ao = (0.0743669161 / sat.no) ** (2 / 3)
    cosio = math.cos(sat.inclo)
    sat.con41 = 3 * cosio * cosio - 1
    sat.mdot = sat.no * (1 + 0.001 * sat.con41 / sat.ao**2)
    if sat.ecco > 0.9:
        sat.error = 1


def propagate(sat, minutes):
    if sat.error != 0:
        return False
    mean = (sat.mdot * minutes) % (2 * math.pi)
    anomaly = mean
    for _ in range(5):
        anomaly -= (anomaly - sat.ecco * math.sin(anomaly) - mean) / (
            1 - sat.ecco * math.cos(anomaly)
        )
    sat.x = sat.ao * (math.cos(anomaly) - sat.ecco)
    sat.y = sat.ao * math.sqrt(1 - sat.ecco**2) * math.sin(anomaly)
    return True


@program([(0.06, 0.1, 0.9, 30.0), (0.06, 0.95, 0.9, 30.0)], argnums=(0, 1, 2))
def satellite(motion, eccentricity, inclination, minutes):
    """State that is passed along, gets attributes on the way, and has a flag for errors."""
    sat = Satellite(motion, eccentricity, inclination)
    initialise(sat)
    if not propagate(sat, minutes):
        return motion * inclination
    return sat.x * sat.y * math.cos(sat.inclo)


@program([(Satellite(0.06, 0.1, 0.9), 30.0)])
def satellite_handed_in(sat, minutes):
    """The same for an object that is handed in."""
    initialise(sat)
    propagate(sat, minutes)
    return sat.x + 2 * sat.y


class State(NamedTuple):
    s: float
    i: float
    r: float


@program([(State(0.9, 0.1, 0.0), 0.4, 0.1, 8)], argnums=(0, 1, 2))
def epidemic(state, beta, gamma, days):
    """Named tuples, each replaced by the next one."""
    peak = 0.0
    for _ in range(days):
        new, gone = beta * state.s * state.i, gamma * state.i
        state = state._replace(s=state.s - new, i=state.i + new - gone, r=state.r + gone)
        peak = max(peak, state.i)
    return peak + state.r


@dataclass(frozen=True)
class Config:
    rate: float
    decay: float = 0.9
    scales: tuple[float, ...] = (1.0, 2.0)


@program([(Config(0.3), 1.5, 4)], argnums=(0, 1))
def frozen(config, x, steps):
    """A frozen record, replaced in a loop."""
    for k in range(steps):
        x -= config.rate * x * config.scales[k % 2]
        config = replace(config, rate=config.rate * config.decay)
    return x * config.rate


@program([(0.3, 1.2, 5)], argnums=(0, 1))
def namespace(rate, x, steps):
    """Attributes that are written as the run goes."""
    s = SimpleNamespace(x=x, best=x, trace=[])
    for k in range(steps):
        s.x -= rate * math.sin(s.x) * (k + 1)
        if s.x < s.best:
            s.best = s.x
        s.trace.append(s.x)
    s.mean = sum(s.trace) / len(s.trace)
    return s.best + s.mean * s.x


@program([(SimpleNamespace(a=1.5, inner=SimpleNamespace(b=[0.5, 2.0])), 0.3)], argnums=(0, 1))
def namespaces(config, x):
    inner = config.inner
    inner.b[0] *= config.a
    inner.c = inner.b[0] + x
    return inner.c * config.inner.b[1]


@dataclass
class Tank:
    level: float
    pipes: list = field(default_factory=list)

    def join(self, other, width):
        self.pipes.append((other, width))


@program([(2.0, 1.0, 0.5, 0.2)], argnums=(0, 1, 2, 3))
def tanks(a, b, c, width):
    """Objects that hold each other."""
    one, two, three = Tank(a), Tank(b), Tank(c)
    one.join(two, width)
    two.join(three, 2 * width)
    for _ in range(3):
        for tank in (one, two, three):
            for other, w in tank.pipes:
                flow = w * (tank.level - other.level)
                tank.level -= flow
                other.level += flow
    return one.level + 2 * two.level * three.level


class Node:
    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right


def depth_sum(node, weight):
    if node is None:
        return 0.0
    below = depth_sum(node.left, weight) + depth_sum(node.right, weight)
    return node.value * weight + 0.5 * below * node.value


@program([(Node(1.5, Node(0.5), Node(2.0, Node(0.3))), 0.7)], argnums=(0, 1))
def tree(root, weight):
    """A tree of objects, gone through by a recursive function."""
    return depth_sum(root, weight)


class Elevator:
    LIMIT = 3.0

    def __init__(self, height):
        self._height = height

    @property
    def height(self):
        return self._height

    @height.setter
    def height(self, value):
        self._height = min(value, self.LIMIT)

    @classmethod
    def at_ground(cls, offset):
        return cls(0.1 * offset)

    @staticmethod
    def energy(mass, height):
        return mass * 9.81 * height


@program([(2.0, 1.2, 4), (2.0, 0.3, 2)], argnums=(0, 1))
def elevator(mass, step, turns):
    """Properties with setters, class methods, static methods, constants of a class."""
    lift = Elevator.at_ground(mass)
    total = 0.0
    for k in range(turns):
        lift.height += step * (k + 1)
        total += Elevator.energy(mass, lift.height) - lift.energy(0.5, lift._height)
    return total
