# ruff: noqa: B905
"""Classes with state and operators: accounts, controllers, vectors, polynomials, particles."""

import math

from tests.corpus.whole.registry import program


class Account:
    """A balance that grows, is charged, and keeps its history."""

    def __init__(self, balance, rate):
        self.balance = balance
        self.rate = rate
        self.history = []

    def deposit(self, amount):
        if amount < 0:
            raise ValueError("a deposit is not negative")
        self.balance += amount
        self.history.append(amount)

    def withdraw(self, amount):
        if amount > self.balance:
            return False
        self.balance -= amount
        self.history.append(-amount)
        return True

    def month(self):
        self.balance *= 1 + self.rate / 12


@program(
    lambda: [(100.0, 0.05, [10.0, -30.0, -500.0, 25.0]), (20.0, 0.1, [])],
    argnums=(0, 1, 2),
)
def bank_account(start, rate, movements):
    """Deposits, withdrawals and one that is refused at a fee."""
    account = Account(start, rate)
    fees = 0.0
    for m in movements:
        if m >= 0:
            account.deposit(m)
        elif not account.withdraw(-m):
            fees += 0.01 * -m
        account.month()
    return account.balance - fees + 0.001 * sum(h * h for h in account.history)


class Inventory:
    def __init__(self, stock, reorder_at, batch):
        self.stock = stock
        self.reorder_at = reorder_at
        self.batch = batch
        self.on_order = 0.0
        self.lost = 0.0

    def serve(self, demand):
        sold = min(self.stock, demand)
        self.lost += demand - sold
        self.stock -= sold
        return sold

    def step(self, demand, price):
        self.stock += self.on_order
        self.on_order = 0.0
        revenue = price * self.serve(demand)
        if self.stock < self.reorder_at:
            self.on_order = self.batch
        return revenue - 0.1 * self.stock


@program(
    lambda: [
        (10.0, 4.0, [3.0, 5.5, 6.0, 2.0, 1.5], 2.5),
        (10.0, 4.0, [], 2.5),
        (1.0, 2.0, [9.0], 3.0),
    ],
    argnums=(0, 2, 3),
)
def inventory_profit(stock, reorder_at, demands, price):
    """A store that reorders when it runs low and loses what it cannot serve."""
    shop = Inventory(stock, reorder_at, batch=6.0)
    profit = 0.0
    for d in demands:
        profit += shop.step(d, price)
    return profit - 0.5 * shop.lost


class PID:
    """A controller with an integral that is clamped and a derivative of the error."""

    def __init__(self, kp, ki, kd, limit=5.0):
        self.kp, self.ki, self.kd = kp, ki, kd
        self.limit = limit
        self.integral = 0.0
        self.previous = None

    def __call__(self, error, dt):
        self.integral += error * dt
        self.integral = max(-self.limit, min(self.limit, self.integral))
        slope = 0.0 if self.previous is None else (error - self.previous) / dt
        self.previous = error
        return self.kp * error + self.ki * self.integral + self.kd * slope


@program(lambda: [(2.0, 0.5, 0.1, 25), (0.5, 30.0, 0.0, 40), (2.0, 0.5, 0.1, 0)], argnums=(0, 1, 2))
def pid_cost(kp, ki, kd, steps):
    """The squared tracking error of a first-order plant under control."""
    pid = PID(kp, ki, kd)
    dt, y, cost = 0.05, 0.0, 0.0
    for k in range(steps):
        error = 1.0 - y
        u = pid(error, dt)
        y += dt * (u - y)
        cost += error * error * dt
    return cost + y * pid.integral


class Polynomial:
    """Coefficients from the constant upwards, with the operators one expects."""

    def __init__(self, *coefficients):
        self.c = list(coefficients)

    def __call__(self, x):
        total = 0.0
        for c in reversed(self.c):
            total = total * x + c
        return total

    def __add__(self, other):
        if not isinstance(other, Polynomial):
            other = Polynomial(other)
        n = max(len(self.c), len(other.c))
        pad = lambda c: c + [0.0] * (n - len(c))
        return Polynomial(*(a + b for a, b in zip(pad(self.c), pad(other.c))))

    __radd__ = __add__

    def __neg__(self):
        return Polynomial(*[-c for c in self.c])

    def __sub__(self, other):
        return self + -other

    def __mul__(self, other):
        if isinstance(other, (int, float)):
            return Polynomial(*[other * c for c in self.c])
        out = [0.0] * (len(self.c) + len(other.c) - 1)
        for i, a in enumerate(self.c):
            for j, b in enumerate(other.c):
                out[i + j] += a * b
        return Polynomial(*out)

    __rmul__ = __mul__

    def derivative(self):
        return Polynomial(*[k * c for k, c in enumerate(self.c)][1:])


@program(lambda: [(0.5, -1.0, 2.0, 1.3), (0.0, 1.0, 0.5, -0.4)], argnums=(0, 1, 2, 3))
def polynomial_algebra(a, b, c, x):
    """Sums, products and a derivative by operator methods."""
    p = Polynomial(a, b, c)
    q = 3 * p * Polynomial(b, 1.0) - p.derivative()
    r = 1.5 + q * a
    return r(x) + q.derivative()(0.5 * x)


class Vec3:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, o):
        return Vec3(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vec3(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, k):
        return Vec3(k * self.x, k * self.y, k * self.z)

    def __iadd__(self, o):
        self.x += o.x
        self.y += o.y
        self.z += o.z
        return self

    def dot(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z

    def cross(self, o):
        return Vec3(
            self.y * o.z - self.z * o.y,
            self.z * o.x - self.x * o.z,
            self.x * o.y - self.y * o.x,
        )

    @property
    def length(self):
        return math.sqrt(self.dot(self))

    def unit(self):
        return self * (1 / self.length)


@program(lambda: [(1.2, 0.3, 0.5, 12), (-0.5, 2.0, 0.1, 0)], argnums=(0, 1, 2))
def charged_particle(vx, vz, field, steps):
    """A particle in a magnetic field with drag: its position is changed in place."""
    position = Vec3(0.0, 0.0, 0.0)
    velocity = Vec3(vx, 0.1, vz)
    b = Vec3(0.0, field, 1.0)
    for _ in range(steps):
        force = velocity.cross(b) - velocity * (0.1 * velocity.length)
        velocity += force * 0.05
        position += velocity * 0.05
    return position.length**2 + velocity.unit().dot(b)


@program(
    lambda: [
        (0.0, 0.0, 5.0, 1.5),
        (0.4, -0.3, 3.0, 1.0),
        (2.0, 2.0, 5.0, 0.5),
        (0.0, 0.1, -5.0, 1.5),
    ],
    argnums=(0, 1, 2, 3),
)
def sphere_hit(px, py, distance, radius):
    """A ray through a pixel against a sphere: shaded where it hits, sky where it misses."""
    ray = Vec3(px, py, 1.0).unit()
    center = Vec3(0.0, 0.1, distance)
    b = ray.dot(center)
    disc = b * b - center.dot(center) + radius * radius
    if disc < 0:
        return 0.5 * (ray.y + 1.0)
    t = b - math.sqrt(disc)
    if t <= 0:
        return 0.0 * b
    normal = (ray * t - center).unit()
    light = Vec3(0.5, 1.0, -1.0).unit()
    return max(0.1, normal.dot(light)) / (1 + 0.1 * t)
