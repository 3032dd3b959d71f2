"""Functions that make objects and dicts, as users write them: what they hold is in variables."""

import copy
import dataclasses
import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple

PROGRAMS: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []


def program(*args):
    """Register a function with the arguments at which its derivatives are held against others."""

    def register(function):
        PROGRAMS.append((function, args))
        return function

    return register


# Simulations --------------------------------------------------------------------------------


class Account:
    fee = 0.5

    def __init__(self, balance, rate):
        self.balance = balance
        self.rate = rate
        self.earned = 0.0

    def deposit(self, amount):
        self.balance += amount

    def accrue(self):
        interest = self.balance * self.rate
        self.balance += interest - self.fee
        self.earned += interest

    @property
    def worth(self):
        return self.balance - 0.1 * self.earned


@program(1.3, 0.05)
def bank_account(x, rate):
    account = Account(100.0 * x, rate)
    for _ in range(5):
        account.deposit(x * x)
        account.accrue()
    return account.worth


class Inventory:
    def __init__(self, stock, price):
        self.stock = stock
        self.price = price
        self.revenue = 0.0
        self.lost = 0.0

    def sell(self, demand):
        if demand > self.stock:
            self.lost += demand - self.stock
            demand = self.stock
        self.stock -= demand
        self.revenue += demand * self.price

    def order(self, level):
        if self.stock < level:
            self.revenue -= 0.4 * (level - self.stock) * self.price
            self.stock = level


@program(8.0, 2.5, 6.0)
def inventory(stock, price, level):
    shop = Inventory(stock, price)
    for day in range(7):
        shop.sell(3.0 + math.sin(day) * price)
        if day % 2 == 0:
            shop.order(level)
    return shop.revenue - 0.3 * shop.lost * shop.lost


class Controller:
    def __init__(self, kp, ki, kd):
        self.kp, self.ki, self.kd = kp, ki, kd
        self.integral = 0.0
        self.before = None

    def update(self, error, dt):
        self.integral += error * dt
        slope = 0.0 if self.before is None else (error - self.before) / dt
        self.before = error
        return self.kp * error + self.ki * self.integral + self.kd * slope


class Plant:
    def __init__(self, value=0.0):
        self.value = value
        self.speed = 0.0

    def step(self, force, dt):
        self.speed += (force - 0.5 * self.speed) * dt
        self.value += self.speed * dt


@program(2.0, 0.6, 0.3)
def pid_controller(kp, ki, kd):
    pid = Controller(kp, ki, kd)
    pid.before = 1.0
    plant = Plant()
    cost = 0.0
    for _ in range(12):
        error = 1.0 - plant.value
        plant.step(pid.update(error, 0.1), 0.1)
        cost += error * error
    return cost


# Values with operators ----------------------------------------------------------------------


@dataclass(frozen=True)
class Vec3:
    x: float
    y: float
    z: float = 0.0

    def __add__(self, other):
        return Vec3(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other):
        return self + other * -1.0

    def __mul__(self, k):
        return Vec3(self.x * k, self.y * k, self.z * k)

    __rmul__ = __mul__

    def __neg__(self):
        return Vec3(-self.x, -self.y, -self.z)

    def __abs__(self):
        return math.sqrt(self.dot(self))

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z


@program(0.8, 0.1, 6)
def physics_step(speed, dt, n):
    position = Vec3(0.0, 1.0, 0.2)
    velocity = Vec3(speed, 0.5 * speed)
    for _ in range(n):
        pull = -position * (1.0 / abs(position) ** 3)
        velocity = velocity + dt * pull
        position = position + velocity * dt
    return position.dot(velocity) - abs(position - velocity)


class Polynomial:
    def __init__(self, coefficients):
        self.coefficients = coefficients

    def __call__(self, x):
        total = 0.0
        for k in range(len(self) - 1, -1, -1):
            total = total * x + self[k]
        return total

    def __add__(self, other):
        return Polynomial([self[k] + other[k] for k in range(len(self))])

    def __mul__(self, other):
        product = [0.0] * (len(self) + len(other) - 1)
        for i in range(len(self)):
            for j in range(len(other)):
                product[i + j] += self[i] * other[j]
        return Polynomial(product)

    def __getitem__(self, power):
        return self.coefficients[power]

    def __len__(self):
        return len(self.coefficients)


@program(0.7, 1.2)
def polynomials(a, x):
    p = Polynomial([a, 2.0, a * a])
    q = p + Polynomial([1.0, x, 0.5])
    return (p * q)(x) * p[1] + len(q) * q[2]


class Dual:
    def __init__(self, value, slope):
        self.value = value
        self.slope = slope

    def __mul__(self, other):
        if not isinstance(other, Dual):
            return NotImplemented
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def __add__(self, other):
        if isinstance(other, float):
            return Dual(self.value + other, self.slope)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __radd__(self, other):
        return self + other

    def __iadd__(self, other):
        self.value += other.value
        self.slope += other.slope
        return self

    def __bool__(self):
        return self.value > 0.0

    def __lt__(self, other):
        return self.value < other.value


@program(1.4)
def dual_numbers(x):
    a = Dual(x, 1.0)
    b = a * a + a
    b += a
    c = 2.0 + b
    if c and a < c:
        return c.slope * c.value
    return 0.0


# Classes ------------------------------------------------------------------------------------


class Shape:
    unit = 2.0

    def __init__(self, name):
        self.name = name

    def area(self):
        return 1.0

    def scaled(self):
        return self.area() * self.unit

    @staticmethod
    def half(x):
        return 0.5 * x

    @classmethod
    def square(cls, side):
        return cls(side, side)


class Box(Shape):
    def __init__(self, width, height):
        super().__init__("box")
        self.width = width
        self.__height = height

    def area(self):
        return super().area() + self.width * self.__height


class Crate(Box):
    def __init__(self, width, height):
        super().__init__(width, height)
        self.unit = width

    @functools.cached_property
    def cost(self):
        return self.scaled() * 1.5


@program(1.3, 0.7)
def inheritance(a, b):
    box, crate = Box(a, b), Crate.square(b)
    total = box.scaled() + crate.cost * crate.cost
    if isinstance(box, Shape) and box.name == "box":
        total += Shape.half(type(box)(b, a).area())
    return total


class Celsius:
    def __init__(self, degrees):
        self._kelvin = degrees + 273.15

    @property
    def degrees(self):
        return self._kelvin - 273.15

    @degrees.setter
    def degrees(self, value):
        self._kelvin = value + 273.15


@program(20.0)
def property_with_a_setter(x):
    t = Celsius(x)
    t.degrees *= 2.0
    t.degrees = t.degrees + x * t._kelvin
    return t.degrees * t._kelvin


@dataclass
class Line:
    slope: float
    offset: float = 1.0
    kind: str = "line"
    norm: float = field(init=False)
    twice: dataclasses.InitVar[float] = 2.0

    def __post_init__(self, twice):
        self.norm = math.hypot(self.slope, twice * self.offset)


@program(0.6, 1.1)
def post_init(a, b):
    one = Line(a, offset=b)
    two = dataclasses.replace(one, slope=b * b, twice=a)
    return one.norm * two.norm + (two.offset if two.kind == "line" else 0.0)


@dataclass(frozen=True)
class Ratio:
    top: float
    bottom: float

    def __post_init__(self):
        object.__setattr__(self, "top", self.top / self.bottom)


@program(3.0, 2.0)
def frozen_with_setattr(a, b):
    r = Ratio(a * a, b)
    return r.top + r.bottom * r.top


@dataclass(slots=True)
class Pair:
    left: float
    right: float


class State(NamedTuple):
    x: float
    v: float

    @property
    def energy(self):
        return self.x * self.x + self.v * self.v

    def moved(self, dt):
        return State(self.x + self.v * dt, self.v - self.x * dt)


@program(0.5, 0.2)
def named_tuple_state(v, dt):
    s = State(1.0, v)
    for _ in range(3):
        s = s.moved(dt)
    return s.energy


@program(1.2, 0.4)
def namespaces(a, b):
    p = SimpleNamespace(x=a, y=b)
    p.z = p.x * p.y
    p.x += p.z
    del p.y
    return p.x * p.z if hasattr(p, "z") and not hasattr(p, "y") else 0.0


# Aliases ------------------------------------------------------------------------------------


@program(1.5)
def two_names(x):
    p = Pair(x, 2.0)
    q = p
    q.left *= x
    p.right = q.left
    return p.left * q.right + (1.0 if p is q else 0.0)


@program(1.5, 3)
def two_names_in_a_loop(x, n):
    p = Pair(x, 1.0)
    q = p
    for _ in range(n):
        q.left = p.left * p.right
        p.right += q.left
    return p.left + q.right


@program(1.5)
def rebound_name(x):
    p = Pair(x, 1.0)
    q = p
    p = Pair(q.left * 2.0, x)
    p.left += 1.0
    return p.left * q.left * p.right


@program(1.1)
def stored_and_changed_after(x):
    inner = Pair(x, 1.0)
    outer = SimpleNamespace(part=inner, twice=(inner, inner))
    inner.left = x * x
    outer.twice[1].right += inner.left
    return outer.part.left * outer.part.right


@program(0.9)
def copies_are_apart(x):
    one = Pair(x, x)
    two = copy.copy(one)
    two.left *= 3.0
    deep = copy.deepcopy(SimpleNamespace(a=one, b=one))
    deep.a.right += 1.0
    return one.left * two.left * deep.b.right


def swap(p):
    p.left, p.right = p.right, p.left


def doubled(p, by=2.0):
    p.left *= by
    return p


@program(1.5, 0.5)
def changed_by_a_helper(x, y):
    p = Pair(x, y)
    swap(p)
    same = doubled(p, by=x)
    return same.left * p.right + p.left


@program(1.2)
def changed_in_a_closure(x):
    p = Pair(x, 0.0)

    def add(v):
        p.right += v * p.left

    add(x)
    add(2.0)
    return p.right


# Branches -----------------------------------------------------------------------------------


@program(1.2)
@program(-0.4)
def changed_in_a_branch(x):
    p = Pair(x, 1.0)
    if x > 0.0:
        p.left *= x
    else:
        p.right = x * 3.0
    return p.left * p.right


@program(1.2)
@program(-0.4)
def made_in_a_branch(x):
    if x > 0.0:
        p = Pair(x, 1.0)
    else:
        p = Pair(2.0, x * x)
    p.left += 1.0
    return p.left * p.right


@program(1.2)
@program(-0.4)
def one_of_two(x):
    p, q = Vec3(x, 1.0), Vec3(2.0, x)
    r = p if x > 0.0 else q
    return r.dot(p) + (r + q).x


def chosen(x):
    if x > 1.0:
        return Vec3(x, x)
    v = Vec3(1.0, x * x)
    if x > 0.5:
        return v * 2.0
    return -v


@program(1.2)
@program(0.7)
@program(0.2)
def returned_early(x):
    v = chosen(x)
    return v.x * v.y


@program(1.2)
@program(-0.4)
def shadowed_in_a_branch(x):
    box = Box(x, 2.0)
    box.unit = 3.0
    if x > 0.0:
        box.unit = x
    return box.scaled()


@program(0.7, 4)
@program(0.7, 0)
def best_so_far(x, n):
    best = Vec3(0.0, 0.0)
    for i in range(n):
        v = Vec3(x * i, 1.0 - 0.2 * i * x)
        if v.y > best.y:
            best = v
    return best.x * best.x + best.y


@program(0.7, 5)
def left_early(x, n):
    v = Vec3(x, 1.0)
    for i in range(n):
        v = v + Vec3(x * i, 0.1)
        if v.x > 3.0:
            break
        v = v * 1.1
    return v.x * v.y


@program(0.7, 3)
def swapped_in_a_loop(x, n):
    a, b = Vec3(x, 1.0), Vec3(0.5, x)
    for _ in range(n):
        a, b = b, a + b * x
    return a.dot(b)


@program(0.7, 3, 2)
def nested_loops(x, n, m):
    total = Vec3(0.0, 0.0)
    for i in range(n):
        row = Vec3(x, 1.0)
        for j in range(m):
            row = row + total * 0.1 + Vec3(i * x, j)
        total = total + row * x
    return abs(total)


# Dicts --------------------------------------------------------------------------------------


@program(1.7)
@program(0.6)
def dict_of_numbers(x):
    d = {"a": x, "b": 2.0}
    d["a"] *= x
    d["c"] = d["a"] + d.get("z", 1.0)
    total = 0.0
    for value in d.values():
        total += value * value
    for key in ("a", "c"):
        total += d[key]
    e = {**d, "total": total}
    if x > 1.0:
        e["total"] += x
    return e["total"] * sum(d.values()) + len(e)


@program(1.7)
def changed_while_gone_through(x):
    d = {"a": x, "b": 2.0, "c": x}
    total = 0.0
    for key, value in d.items():
        d["c"] = d["c"] + value
        total += value * x if key != "b" else value
    return total * d["c"]


@program(0.8)
def dict_methods(x):
    d = dict(a=x, b=x * x)  # noqa: C408
    d.update(c=3.0, a=2.0 * x)
    d.setdefault("d", d.pop("b"))
    other = d.copy()
    other["a"] = 1.0
    if "b" not in d and "d" in d:
        return d["a"] * d["d"] * other["a"] + (d | {"a": x})["a"]
    return 0.0


@program(0.8)
def dict_comprehension(x):
    weights = {"w": x, "b": 2.0}
    squares = {k: v * v for k, v in weights.items()}
    names = {name: x * k for k, name in enumerate(("p", "q"))}
    return squares["w"] * squares["b"] + names["q"]


def keywords(x, **options):
    total = x
    for name, value in options.items():
        total = total * value if name == "gain" else total + value
    return total


@program(0.8)
def spread_as_keywords(x):
    options = {"gain": x, "bias": x * x}
    return keywords(x, **options) + keywords(x=x, gain=3.0)


def default_dict(x, cache=None):
    cache = {} if cache is None else cache
    cache["last"] = x * x
    return cache


@program(0.8)
def nested_dicts(x):
    net = {"layer": {"w": [x, 2.0], "b": x}, "scale": 3.0}
    net["layer"]["b"] += net["layer"]["w"][0] * net["scale"]
    net["layer"]["w"][1] *= x
    cache = default_dict(net["layer"]["b"])
    return sum(net["layer"]["w"]) * cache["last"]


# With lists ---------------------------------------------------------------------------------


class Layer:
    def __init__(self, size, x):
        self.weights = [x * (k + 1.0) for k in range(size)]
        self.seen = []

    def forward(self, x):
        total = 0.0
        for w in self.weights:
            total += w * x
        self.seen.append(total)
        return math.tanh(total)

    def nudge(self, by):
        for k in range(len(self.weights)):
            self.weights[k] += by * self.weights[k]


@program(0.3, 0.5)
def fields_that_are_lists(x, rate):
    layer = Layer(3, x)
    total = 0.0
    for _ in range(3):
        total += layer.forward(x)
        layer.nudge(rate)
    return total + sum(layer.seen) + layer.weights[1]


class Body:
    def __init__(self, x, v, mass):
        self.x = x
        self.v = v
        self.mass = mass


@program(1.0, 0.4, 4)
def bodies_in_a_tuple(x, v, n):
    bodies = (Body(x, 0.0, 3.0), Body(2.0 * x, v, 1.0), Body(-x, -v, 0.5))
    for _ in range(n):
        for a in bodies:
            for b in bodies:
                if a is not b:
                    r = b.x - a.x
                    a.v += 0.01 * b.mass * r / (abs(r) ** 3 + 0.1)
        for body in bodies:
            body.x += 0.01 * body.v
    return sum(0.5 * b.mass * b.v * b.v for b in bodies) + bodies[0].x


# With what is outside -----------------------------------------------------------------------

GRAVITY = Vec3(0.0, -9.8, 1.0)


class Scale:
    def __init__(self, by):
        self.by = by

    def __mul__(self, other):
        return self.by * other.x

    def __rmul__(self, other):
        return -1.0

    def __eq__(self, other):
        return self.by > 0.0


DOUBLE = Scale(2.0)


@program(1.5)
def operators_of_what_is_outside(x):
    v = Vec3(x, 1.0)
    total = (v + GRAVITY).y * x + (GRAVITY + v).x * x + DOUBLE * v
    return total * x if DOUBLE == v else total


@program(1.5)
def matched_by_class(x):
    match Pair(x, 2.0):
        case Pair(left=a, right=b):
            return a * b
    return x


@program(1.5)
def stored_in_each_other(x):
    p = Pair(x, Pair(x, 2.0))
    p.right.left, p.left = p.left, p.right.left * x
    return p.left * p.right.left


@program(1.5)
def functions_that_see_an_object(x):
    p = Pair(x, 1.0)
    reads = [lambda: p.left, lambda: p.right]
    p.left = x * x
    return reads[0]() * reads[1]()


@program(1.5)
def default_that_is_an_object(x):
    def count(p=Pair(x, 2.0)):
        p.left += 1.0
        return p.left

    return count() * count()


@program(1.5)
def objects_in_a_dict(x):
    pairs = {"a": Pair(x, 1.0), "b": Pair(2.0, x)}
    for pair in pairs.values():
        pair.left *= x
    return sum(p.left * p.right for p in pairs.values())
